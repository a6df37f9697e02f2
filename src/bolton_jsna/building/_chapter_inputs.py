"""The text and the Word template that the authors put into the folder of the chapter."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bolton_jsna.building import paths
from bolton_jsna.chapter.materials import OwnText
from bolton_jsna.core import atomic, untrusted
from bolton_jsna.core.errors import SourceError, UsageError

_MOST_TEXT: Final = 2**20


def own_text(folder: Path) -> OwnText:
    """Return the paragraphs of the authors by section."""
    from bolton_jsna.chapter.contents import TITLES
    from bolton_jsna.chapter.own_text import read_own_text

    place = folder / paths.OWN_TEXT
    if not place.is_dir():
        return OwnText()
    texts = {}
    for path in sorted(place.iterdir()):
        if path.suffix.lower() == ".md" and not path.name.startswith((".", "~")):
            name = (paths.OWN_TEXT / path.name).as_posix()
            texts[name] = _text(path, name)
    return read_own_text(texts, TITLES)


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
