"""The chapter as a Word file: the same document and template give the same bytes."""

from __future__ import annotations

import io
from typing import Any

from bolton_jsna.chapter.document import Document
from bolton_jsna.chapter.word._base import base_parts
from bolton_jsna.chapter.word._body import Body
from bolton_jsna.chapter.word._pages import write_pages
from bolton_jsna.chapter.word._place import Place, make_place, without_unused
from bolton_jsna.chapter.word._properties import (
    without_outside,
    without_thumbnail,
    write_language,
    write_properties,
    write_settings,
)
from bolton_jsna.chapter.word._styles import Styles
from bolton_jsna.chapter.word._template import opened, template_parts
from bolton_jsna.core.packed import packed, unpacked


def to_docx(document: Document, *, template: bytes | None = None, template_name: str = "") -> bytes:
    """Return a chapter as the bytes of a Word file.

    Parameters
    ----------
    template : bytes, optional
        A .docx or .dotx file of the council: its styles, page, headers, footers and logo are kept.
        The chapter replaces its body, or stands where a paragraph of it is ``[chapter]``.
    template_name : str, optional
        The name of that file, for messages.

    Raises
    ------
    SourceError
        If the template is damaged, has a password or macros, shows what is kept elsewhere, or has
        no style Title, Heading 1 to 3 or Caption.
    """
    word, styles, place, _ = _prepared(template, template_name)
    title = document.title
    if document.mark and document.mark.lower() not in title.lower():
        title = f"{document.mark}: {title}"
    Body(word, styles, place).write(document, title)
    write_pages(word, document, styles)
    write_properties(word, document, title)
    made = io.BytesIO()
    word.save(made)
    return packed(unpacked(made.getvalue()))


def template_remarks(template: bytes, template_name: str = "") -> list[str]:
    """Return what the author must know of a template, such as a style that is added to it.

    Raises
    ------
    SourceError
        As ``to_docx``, so that a template can be checked before a chapter is made.
    """
    return _prepared(template, template_name)[-1]


def _prepared(template: bytes | None, name: str) -> tuple[Any, Styles, Place, list[str]]:
    """Return the document that the chapter is written into, its styles, the place and remarks."""
    if template is not None:
        name = name or "template"
    parts = base_parts() if template is None else template_parts(template, name)
    word = opened(parts, name)
    styles = Styles(word, name if template is not None else "")
    place = make_place(word, styles.of("title"), name)
    without_unused(word)
    without_thumbnail(word)
    remarks = [*styles.remarks, *place.remarks, *write_settings(word)]
    without_outside(word, name)
    write_language(styles)
    return word, styles, place, remarks
