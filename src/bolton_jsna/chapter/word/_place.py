"""Where the chapter goes in a document: instead of the body, or where ``[chapter]`` stands."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Final

from bolton_jsna.chapter.word._xml import attribute, name_of, node
from bolton_jsna.core.errors import SourceError, short

MARK: Final = "[chapter]"

_OF_BODY: Final = frozenset(
    [
        "image",
        "hyperlink",
        "oleObject",
        "package",
        "chart",
        "chartEx",
        "diagramData",
        "diagramLayout",
        "diagramColors",
        "diagramQuickStyle",
        "diagramDrawing",
        "aFChunk",
        "subDocument",
        "video",
        "audio",
        "media",
        "control",
        "ink",
        "header",
        "footer",
    ]
)
"""Kinds of parts that only the body of a document refers to, by name."""
_COMMENTS: Final = frozenset(
    ["comments", "commentsExtended", "commentsIds", "commentsExtensible", "people"]
)
_REFERENCES: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass(frozen=True, eq=False)
class Place:
    """A place in the body of a document.

    Attributes
    ----------
    before : element or None
        What the chapter goes before; None for the end of the body.
    section : element
        The properties of the section (page, margins) that the chapter is in.
    titled, contents : bool
        Whether the document has a title or a table of contents already.
    """

    body: Any
    before: Any
    section: Any
    titled: bool = False
    contents: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Room:
    """The space for text on a page, in twentieths of a point."""

    width: int
    height: int


def make_place(document: Any, title_style: str, name: str = "") -> Place:
    """Return the place for the chapter; without ``[chapter]``, the body is taken away."""
    body = document.element.body
    marks = [each for each in body.iter(name_of("p")) if _plain(_own_words(each)) == MARK]
    if not marks:
        _no_other_mark(document, name)
        return _emptied(document, name)
    found = marks[0]
    if len(marks) > 1 or found.getparent() is not body:
        problem = (
            f"{len(marks)} paragraphs {MARK}"
            if len(marks) > 1
            else f"{MARK} inside a table, a box, a content control or a field"
        )
        raise SourceError(
            f"The template {short(name)!r} has {problem}; the chapter goes in one place. Write "
            f"{MARK} once, in a paragraph of its own outside tables and boxes."
        )
    section = _section_after(found, body)
    before = found.getnext()
    if found.find(f"{name_of('pPr')}/{name_of('sectPr')}") is None:
        body.remove(found)
    else:
        before = found
        for each in found.findall(name_of("r")):
            found.remove(each)
    styles = [attribute(each, "val") for each in body.iter(name_of("pStyle"))]
    codes = [each.text or "" for each in body.iter(name_of("instrText"))]
    codes += [attribute(each, "instr") for each in body.iter(name_of("fldSimple"))]
    return Place(
        body,
        before,
        section,
        titled=title_style in styles,
        contents=any(each.split()[:1] == ["TOC"] for each in codes),
        remarks=_left_over(body, name),
    )


def room_of(section: Any) -> Room:
    """Return the space for text of a section; where it says nothing, that of Word."""
    size, margins = section.find(name_of("pgSz")), section.find(name_of("pgMar"))

    def number(element: Any, name: str, otherwise: int) -> int:
        try:
            return abs(int(float(attribute(element, name))))
        except ValueError:
            return otherwise

    sides = [number(margins, name, 1440) for name in ("left", "right")]
    ends = [number(margins, name, 1440) for name in ("top", "bottom")]
    width = number(size, "w", 12240) - sum(sides) - number(margins, "gutter", 0)
    columns = section.find(name_of("cols"))
    count = max(number(columns, "num", 1), 1)
    width = (width - (count - 1) * number(columns, "space", 720)) // count
    return Room(max(width, 2880), max(number(size, "h", 15840) - sum(ends), 2880))


def landscape(section: Any) -> Any:
    """Return the section with its pages turned."""
    made = continued(section)
    size = made.find(name_of("pgSz"))
    if size is None:
        size = node("pgSz", w=12240, h=15840)
        made.insert_element_before(size, *_AFTER_SIZE)
    wide, high = attribute(size, "w"), attribute(size, "h")
    size.set(name_of("w"), high)
    size.set(name_of("h"), wide)
    size.set(name_of("orient"), "landscape")
    return made


def continued(section: Any) -> Any:
    """Return a section that follows another on a new page: no first page, numbers go on."""
    made = copy.deepcopy(section)
    for tag in ("type", "titlePg"):
        for each in made.findall(name_of(tag)):
            made.remove(each)
    for each in made.findall(name_of("pgNumType")):
        each.attrib.pop(name_of("start"), None)
    made.insert_element_before(node("type", val="nextPage"), "w:pgSz", *_AFTER_SIZE)
    return made


_AFTER_SIZE: Final = tuple(
    f"w:{each}"
    for each in [
        "pgMar",
        "paperSrc",
        "pgBorders",
        "lnNumType",
        "pgNumType",
        "cols",
        "formProt",
        "vAlign",
        "noEndnote",
        "titlePg",
        "textDirection",
        "bidi",
        "rtlGutter",
        "docGrid",
        "printerSettings",
        "sectPrChange",
    ]
)


def without_unused(document: Any) -> None:
    """Take away the parts that only the former body of a template referred to."""
    body = document.element.body
    used = {
        value
        for each in document.element.iter()
        for key, value in each.attrib.items()
        if key.startswith(_REFERENCES)
    }
    commented = next(body.iter(name_of("commentReference")), None) is not None
    rels = document.part.rels
    for identity, each in list(rels.items()):
        kind = each.reltype.rpartition("/")[2]
        unused = kind in _OF_BODY and identity not in used
        if unused or (kind in _COMMENTS and not commented):
            del rels[identity]


def _left_over(body: Any, name: str) -> tuple[str, ...]:
    """Return what the author must know of changes and comments in a body that is kept."""
    kinds = {
        "tracked changes": ("ins", "del", "moveFrom", "moveTo", "pPrChange", "rPrChange"),
        "comments": ("commentReference",),
    }
    found = [
        what
        for what, tags in kinds.items()
        if any(next(body.iter(name_of(each)), None) is not None for each in tags)
    ]
    if not found:
        return ()
    return (
        f"The template {short(name)!r} has {' and '.join(found)} in its body, with the names of "
        "who made them, and the chapter has them, too. In Word, use Review to accept or reject "
        "changes and to delete comments, and save the template.",
    )


def _emptied(document: Any, name: str) -> Place:
    """Return the place for a chapter that replaces the body of a document."""
    body = document.element.body
    sections = list(body.iter(name_of("sectPr")))
    sections = [each for each in sections if each.getparent().tag != name_of("sectPrChange")]
    last = sections[-1] if sections else node("sectPr")
    # A section without a header of a kind has that of the section before.
    kept: dict[tuple[str, str], Any] = {}
    for section in sections:
        for each in section:
            if each.tag in (name_of("headerReference"), name_of("footerReference")):
                kept[each.tag, attribute(each, "type")] = each
    for each in reversed(list(kept.values())):
        last.insert(0, each)
    pictures = any(
        next(body.iter(tag), None) is not None
        for tag in (name_of("wp:inline"), name_of("wp:anchor"), name_of("pict"))
    )
    for each in list(body):
        body.remove(each)
    body.append(last)
    remarks = (
        (
            f"The template {short(name)!r} has pictures in its body, which the chapter replaces. "
            f"To keep the body, write {MARK} in a paragraph where the chapter goes.",
        )
        if pictures
        else ()
    )
    return Place(body, last, last, remarks=remarks)


def _section_after(element: Any, body: Any) -> Any:
    """Return the properties of the section that an element of the body is in."""
    while element is not None:
        if element.tag == name_of("sectPr"):
            return element
        own = element.find(f"{name_of('pPr')}/{name_of('sectPr')}")
        if own is not None:
            return own
        element = element.getnext()
    made = node("sectPr")
    body.append(made)
    return made


def _plain(text: str) -> str:
    return "".join(text.split()).lower()


def _no_other_mark(document: Any, name: str) -> None:
    """Make sure that the mark is nowhere else: without it, the chapter would replace the body."""
    pages = [
        each.target_part.element
        for each in document.part.rels.values()
        if each.reltype.rpartition("/")[2] in ("header", "footer") and not each.is_external
    ]
    for part in (document.element.body, *pages):
        for each in part.iter(name_of("p")):
            words = _own_words(each)
            if MARK in _plain(words):
                raise SourceError(
                    f"The template {short(name)!r} has {MARK} in {short(words)!r}. To have the "
                    f"chapter there, write {MARK} in a paragraph of its own in the body. To "
                    "replace the body, take it out."
                )


def _own_words(paragraph: Any) -> str:
    """Return the text of a paragraph, without that of boxes in it."""
    runs = paragraph.xpath("./w:r/w:t | ./w:ins/w:r/w:t | ./w:hyperlink/w:r/w:t")
    return "".join(each.text or "" for each in runs).strip()
