"""The text and the Word template that the authors put into the folder of the chapter."""

from __future__ import annotations

import dataclasses
import logging
import os
from pathlib import Path
from typing import Final

from bolton_jsna.building import paths
from bolton_jsna.chapter.materials import OwnText
from bolton_jsna.core import atomic, untrusted
from bolton_jsna.core.errors import SourceError, UsageError, WorkspaceError, short

_log = logging.getLogger(__name__)

_MOST_TEXT: Final = 2**20
_PLAIN_TEXT: Final = ("", ".txt", ".text", ".markdown", ".mdown", ".mkd", ".mdx")


def own_text(folder: Path) -> OwnText:
    """Return the paragraphs of the authors by section."""
    from bolton_jsna.chapter.contents import TITLES
    from bolton_jsna.chapter.own_text import read_own_text

    texts, remarks = {}, []
    for path in _files_of(folder / paths.OWN_TEXT):
        name = (paths.OWN_TEXT / path.name).as_posix()
        if path.suffix.lower() == ".md":
            texts[name] = _text(path, name)
        else:
            remarks.append(_not_read(path, name))
    own = read_own_text(texts, TITLES)
    return dataclasses.replace(own, remarks=(*remarks, *own.remarks))


def put_guide(folder: Path) -> None:
    """Put a file that says how to write own text where it goes, unless something is there."""
    from bolton_jsna.chapter.own_text_guide import guide

    path = folder / paths.GUIDE
    if os.path.lexists(path):
        return
    try:
        atomic.write(path, guide(), within=folder)
    except WorkspaceError as error:  # the chapter is made, and this file only helps
        _log.info("no %s: %s", path, error)


def _files_of(place: Path) -> list[Path]:
    """Return what is in the folder of own text, apart from what programs leave there."""
    if not os.path.lexists(place):
        return []
    try:
        found = sorted(place.iterdir())
    except OSError as error:
        raise SourceError(
            f"{paths.OWN_TEXT.as_posix()} cannot be read: {error.strerror or error}. Expected a "
            "folder with your text in files that end in .md. Move away what is there, or let the "
            "user of this program read it."
        ) from error
    passed_over = {paths.GUIDE.name.lower(), "desktop.ini", "thumbs.db"}
    return [
        each
        for each in found
        if not each.name.startswith((".", "~")) and each.name.lower() not in passed_over
    ]


def _not_read(path: Path, name: str) -> str:
    """Return why a file next to own text is not in the chapter, and what to do."""
    if path.is_dir():
        what = "it is a folder. Put the files of it that end in .md one folder up"
    elif path.suffix.lower() in _PLAIN_TEXT:
        stem = path.name.removesuffix(path.suffix)
        stem = stem if stem.lower().endswith(".md") else f"{stem}.md"
        what = f"its name does not end in .md. Rename it to {short(stem)}"
    else:
        what = (
            "it is not a text file that ends in .md. Copy its text into Notepad and save that in "
            "the same folder, with a name such as services.md, encoding UTF-8"
        )
    return f"{short(name)} is not read: {what}."


def _text(path: Path, name: str) -> str:
    # A link could lead to any file of this user, whose text would then be published.
    try:
        return untrusted.read_bytes(path, most=_MOST_TEXT).decode("utf-8-sig")
    except untrusted.UntrustedError as error:
        raise SourceError(
            f"{name} cannot be read: {error}. Expected a text file (Markdown, UTF-8)."
        ) from error
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{name} is not UTF-8 text (byte {error.start}). Save it again as UTF-8: in Notepad, "
            "Save as, Encoding: UTF-8."
        ) from error


def template(folder: Path) -> bytes | None:
    """Return the template in the folder of the chapter, or None."""
    path = folder / paths.TEMPLATE
    try:
        return untrusted.read_bytes(path, most=64 * 2**20)
    except FileNotFoundError:
        return None
    except untrusted.UntrustedError as error:
        raise SourceError(
            f"{paths.TEMPLATE.as_posix()} cannot be read: {error}. Put a Word template (.docx) "
            "there, or take it away."
        ) from error


def template_remarks(content: bytes, name: str) -> tuple[str, ...]:
    """Return what was added to a template or left out of it; an error if it cannot be used."""
    from bolton_jsna.chapter.word import docx

    return tuple(docx.template_remarks(content, name))


def keep_template(given: Path, folder: Path) -> None:
    """Copy a template to the folder of the chapter, unless another one is there."""
    try:
        content = given.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The template {str(given)!r} cannot be read: {error.strerror or error}. Name a Word "
            "file (.docx or .dotx)."
        ) from error
    template_remarks(content, str(given))  # a damaged one must not be kept
    place = folder / paths.TEMPLATE
    if place.exists() and place.resolve() != given.resolve() and place.read_bytes() != content:
        raise UsageError(
            f"{paths.TEMPLATE.as_posix()} is another template than {str(given)!r}. Move it away to "
            "use the new one, or leave out the template to use the one that is there."
        )
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(place, content)
