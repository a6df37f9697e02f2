"""The styles of a document, by their built-in names, whatever the language of the Word."""

from __future__ import annotations

import copy
from typing import Any, Final

from bolton_jsna.chapter.word._base import base_xml
from bolton_jsna.chapter.word._xml import attribute, name_of, node
from bolton_jsna.core.errors import SourceError, short

_SHOWN: Final = {
    "title": "Title",
    "heading 1": "Heading 1",
    "heading 2": "Heading 2",
    "heading 3": "Heading 3",
    "caption": "Caption",
}
"""Styles that a template must have, and what Word calls them."""
_ADDED: Final = {
    "subtitle": "Subtitle",
    "list bullet": "List Bullet",
    "list number": "List Number",
}
"""Styles that are added to a template without them, with a remark."""
_PLAIN: Final = ("normal table", "table grid", "table normal")
TABLE: Final = "chapter table"


class Styles:
    """The styles of a document; one that is missing is added from the base document.

    Attributes
    ----------
    remarks : list of str
        What was added, for the author.
    """

    def __init__(self, document: Any, name: str = "") -> None:
        self._styles = document.styles.element
        self._numbering = document.part.numbering_part.element
        self._found = {
            (attribute(each, "type"), _name(each)): each for each in reversed(self._all())
        }
        self.remarks: list[str] = []
        self._needed(name)
        added = [shown for each, shown in _ADDED.items() if ("paragraph", each) not in self._found]
        if added and name:
            self.remarks.append(
                f"The template {short(name)!r} has no style {' and no style '.join(added)}: a "
                "plain one was added to the chapter."
            )
        self._bullet = self._list("list bullet")
        self._number = self._list("list number")
        self.table = self._table(document, name)

    def of(self, name: str, kind: str = "paragraph") -> str:
        """Return the id of a style, by its name in any case."""
        wanted = (kind, name.lower())
        if wanted not in self._found:
            self._found[wanted] = self._add(*wanted)
        return attribute(self._found[wanted], "styleId")

    @property
    def defaults(self) -> list[Any]:
        """The style of plain paragraphs, and the defaults of the document."""
        normal = self._found.get(("paragraph", "normal"))
        return [
            each for each in (self._styles.find(name_of("docDefaults")), normal) if each is not None
        ]

    def bullets(self) -> tuple[int, int] | None:
        """Return the list and level of bullets, or None if the style has them itself."""
        return self._bullet if not self._own_list("list bullet") else None

    def new_numbers(self) -> tuple[int, int]:
        """Return a list whose numbers begin at 1, and its level."""
        like, level = self._number
        again = node("lvlOverride", node("startOverride", val=1), ilvl=level)
        return self._num(self._abstract(like), again), level

    def _all(self) -> list[Any]:
        return list(self._styles.findall(name_of("style")))

    def _needed(self, name: str) -> None:
        lost = [shown for each, shown in _SHOWN.items() if ("paragraph", each) not in self._found]
        if not lost:
            return
        listed = " and ".join(filter(None, (", ".join(lost[:-1]), lost[-1])))
        few = len(lost) == 1
        raise SourceError(
            f"The template {short(name)!r} has no style {listed}. The chapter needs the styles "
            f"{', '.join(_SHOWN.values())}, and Word keeps a style in a file only once it has been "
            f"used. Open the template in Word, write a paragraph in {'it' if few else 'each'} "
            "(Ctrl+Shift+S, then the name of the style) and save. Then delete "
            f"{'the paragraph' if few else 'the paragraphs'}, save the template again, and run "
            "this command again."
        )

    def _table(self, document: Any, name: str) -> str:
        """Return the style of tables: the template's, where it has one with a row of headings."""
        ids = {attribute(each, "styleId"): each for each in self._all()}
        used = [attribute(each, "val") for each in document.element.body.iter(name_of("tblStyle"))]
        known = [self._found.get(("table", TABLE)), *map(ids.get, used)]
        known += [each for each in self._all() if attribute(each, "default") in ("1", "true")]
        known += [each for each in self._all() if attribute(each, "customStyle") in ("1", "true")]
        for each in known:
            if each is None or attribute(each, "type") != "table" or _name(each) in _PLAIN:
                continue
            if any(
                attribute(part, "type") == "firstRow" for part in each.iter(name_of("tblStylePr"))
            ):
                return attribute(each, "styleId")
        if name:
            self.remarks.append(
                f"The template {short(name)!r} has no table style of its own with a row of "
                "headings: a plain one was added to the chapter. To use another, put a table in "
                "that style into the template."
            )
        return self.of(TABLE, "table")

    def _add(self, kind: str, name: str) -> Any:
        """Add a style of the base document."""
        from docx.oxml import parse_xml

        base = parse_xml(base_xml("styles"))
        found = next(
            each
            for each in base.findall(name_of("style"))
            if (attribute(each, "type"), _name(each)) == (kind, name)
        )
        made = copy.deepcopy(found)
        wanted = attribute(made, "styleId")
        taken = {attribute(each, "styleId") for each in self._all()}
        while wanted in taken:
            wanted += "X"
        made.set(name_of("styleId"), wanted)
        made.attrib.pop(name_of("default"), None)
        for tag in ("basedOn", "next", "link"):
            for each in made.findall(name_of(tag)):
                other = self._same(base, attribute(each, "val"))
                if other:
                    each.set(name_of("val"), other)
                else:
                    made.remove(each)
        for each in list(made.iter(name_of("numPr"))):
            each.getparent().remove(each)
        self._styles.append(made)
        return made

    def _same(self, base: Any, identity: str) -> str:
        """Return the id here of a style of the base document, or an empty text."""
        there = next(
            each
            for each in base.findall(name_of("style"))
            if attribute(each, "styleId") == identity
        )
        kind = attribute(there, "type")
        here = self._found.get((kind, _name(there)))
        if here is None and attribute(there, "default"):
            here = next(
                (
                    each
                    for each in self._all()
                    if attribute(each, "type") == kind
                    and attribute(each, "default") in ("1", "true")
                ),
                None,
            )
        return attribute(here, "styleId")

    def _own_list(self, name: str) -> int:
        """Return the list that a style of paragraphs names, itself or by those it is based on."""
        ids = {attribute(each, "styleId"): each for each in self._all()}
        style = self._found.get(("paragraph", name))
        for _ in range(len(ids)):
            if style is None:
                break
            number = style.find(f"{name_of('pPr')}/{name_of('numPr')}/{name_of('numId')}")
            if number is not None:
                value = attribute(number, "val")
                return int(value) if value.isdigit() else 0
            style = ids.get(attribute(style.find(name_of("basedOn")), "val"))
        return 0

    def _list(self, name: str) -> tuple[int, int]:
        """Return the list of a style and its level; one of the base document if it has none."""
        identity = self.of(name)
        number = self._own_list(name)
        abstract = self._abstract(number)
        if abstract is not None:
            for level in abstract.iter(name_of("lvl")):
                if attribute(level.find(name_of("pStyle")), "val") == identity:
                    return number, int(attribute(level, "ilvl") or 0)
            if abstract.find(name_of("lvl")) is not None:
                return number, 0
        from docx.oxml import parse_xml

        base = parse_xml(base_xml("numbering"))
        kind = "bullet" if name == "list bullet" else "decimal"
        found = next(
            each
            for each in base.iter(name_of("abstractNum"))
            if attribute(each.find(f".//{name_of('numFmt')}"), "val") == kind
        )
        made = copy.deepcopy(found)
        made.set(name_of("abstractNumId"), str(self._free("abstractNum", "abstractNumId")))
        for each in list(made.iter(name_of("pStyle"))):
            each.getparent().remove(each)
        first = self._numbering.find(name_of("num"))
        if first is None:
            self._numbering.append(made)
        else:
            first.addprevious(made)
        return self._num(made), 0

    def _abstract(self, number: int) -> Any:
        """Return what a list looks like, or None."""
        for each in self._numbering.findall(name_of("num")):
            if attribute(each, "numId") == str(number):
                wanted = attribute(each.find(name_of("abstractNumId")), "val")
                for other in self._numbering.findall(name_of("abstractNum")):
                    if attribute(other, "abstractNumId") == wanted:
                        return other
        return None

    def _num(self, abstract: Any, *children: Any) -> int:
        """Add a list that looks as another."""
        number = self._free("num", "numId")
        looks = node("abstractNumId", val=attribute(abstract, "abstractNumId"))
        made = node("num", looks, *children, numId=number)
        last = self._numbering.findall(name_of("num"))
        if last:
            last[-1].addnext(made)
        else:
            self._numbering.append(made)
        return number

    def _free(self, tag: str, name: str) -> int:
        used = [attribute(each, name) for each in self._numbering.findall(name_of(tag))]
        return max((int(each) for each in used if each.isdigit()), default=0) + 1


def _name(style: Any) -> str:
    return attribute(style.find(name_of("name")), "val").partition(",")[0].strip().lower()
