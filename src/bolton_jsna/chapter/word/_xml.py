"""Pieces of WordprocessingML: elements, runs, fields and bookmarks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAKS: Final = re.compile(r"[\t\r\n]+")


def node(name: str, /, *children: Any, **attributes: object) -> Any:
    """Return an element of the namespace ``w`` with children and attributes of it."""
    from docx.oxml import OxmlElement

    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(name_of(key), str(value))
    made.extend([each for each in children if each is not None])
    return made


def name_of(tag: str) -> str:
    """Return the full name of a tag or attribute of the namespace ``w``, or of one given."""
    from docx.oxml.ns import qn

    return str(qn(tag if ":" in tag else f"w:{tag}"))


def plain(text: str) -> str:
    """Return text without the characters that XML does not allow, on one line."""
    return _BREAKS.sub(" ", _NOT_XML.sub("", text))


def run(
    text: str, *, bold: bool = False, italic: bool = False, style: str = "", size: int = 0
) -> Any:
    """Return a run of text; ``size`` is in half points."""
    properties = []
    if style:
        properties.append(node("rStyle", val=style))
    if bold:
        properties += [node("b"), node("bCs")]
    if italic:
        properties += [node("i"), node("iCs")]
    if size:
        properties += [node("sz", val=size), node("szCs", val=size)]
    return node("r", node("rPr", *properties) if properties else None, _words("t", text))


def _words(tag: str, text: str) -> Any:
    made = node(tag)
    made.text = plain(text)
    made.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return made


def field(instruction: str, result: Iterable[Any]) -> list[Any]:
    """Return the runs of a field, with the result that is shown until Word works it out."""
    start, end = field_ends(instruction)
    return [*start, *result, end]


def field_ends(instruction: str) -> tuple[list[Any], Any]:
    """Return the runs that begin a field and the run that ends it."""
    start = [
        node("r", node("fldChar", fldCharType="begin")),
        node("r", _words("instrText", f" {instruction} ")),
        node("r", node("fldChar", fldCharType="separate")),
    ]
    return start, node("r", node("fldChar", fldCharType="end"))


def bookmark(name: str, number: int, *children: Any) -> list[Any]:
    """Return elements with a bookmark around them."""
    return [
        node("bookmarkStart", id=number, name=name),
        *children,
        node("bookmarkEnd", id=number),
    ]


def paragraph(
    style: str,
    *children: Any,
    keep: bool = False,
    new_page: bool = False,
    numbering: tuple[int, int] | None = None,
    right: bool = False,
) -> Any:
    """Return a paragraph of a style (its id).

    ``keep`` keeps it on the page of the next; ``numbering`` is a list and its level.
    """
    properties = [node("pStyle", val=style)] if style else []
    if keep:
        properties.append(node("keepNext"))
    if new_page:
        properties.append(node("pageBreakBefore"))
    if numbering:
        number, level = numbering
        properties.append(node("numPr", node("ilvl", val=level), node("numId", val=number)))
    if right:
        properties.append(node("jc", val="right"))
    return node("p", node("pPr", *properties) if properties else None, *children)


def words_of(element: Any) -> str:
    """Return the text of an element."""
    return "".join(each.text or "" for each in element.iter(name_of("t")))


def attribute(element: Any, name: str) -> str:
    """Return an attribute of the namespace ``w``, or an empty text."""
    return "" if element is None else str(element.get(name_of(name), ""))
