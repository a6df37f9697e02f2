"""The body of the chapter in Word: its title, contents, and blocks in order."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Final

from bolton_jsna.chapter.document import (
    LEVELS,
    Block,
    Bullets,
    Document,
    Figure,
    Paragraph,
    Section,
    Table,
)
from bolton_jsna.chapter.word._contents import contents_of
from bolton_jsna.chapter.word._figures import picture_of
from bolton_jsna.chapter.word._place import Place, continued, landscape, room_of
from bolton_jsna.chapter.word._styles import Styles
from bolton_jsna.chapter.word._tables import table_of
from bolton_jsna.chapter.word._text import list_of, paragraph_of
from bolton_jsna.chapter.word._widths import widths_of
from bolton_jsna.chapter.word._xml import (
    bookmark,
    field,
    name_of,
    paragraph,
    run,
)

_ILLUSTRATIVE: Final = "Illustrative figures"
_FRONT: Final = (
    "Some figures of this chapter are illustrative: they are made up and describe no real child. "
    "Their captions name them."
)


class Body:
    """What is written into a place of a document."""

    def __init__(self, word: Any, styles: Styles, place: Place) -> None:
        self._part = word.part
        self._styles = styles
        self._place = place
        self._room = room_of(place.section)
        self._turned = landscape(place.section)
        self._made: list[Any] = []
        self._marks = _highest(word.element, name_of("bookmarkStart"), name_of("id"))
        self._pictures = max(
            _highest(part.element, name_of("wp:docPr"), "id")
            for part in word.part.package.iter_parts()
            if hasattr(part, "element")
        )
        self._numbers: dict[str, int] = {}
        self._sections = False

    def write(self, chapter: Document, title: str) -> None:
        """Write a chapter with its title."""
        self._numbers = {each.key: at for at, each in enumerate(chapter.tables(), start=1)}
        figures = enumerate(chapter.figures(), start=1)
        self._numbers.update({each.key: at for at, each in figures})
        headings = list(chapter.headings())
        names = [f"_Toc{at:09}" for at in range(1, len(headings) + 1)]
        self._front(chapter, title)
        if not self._place.contents:
            entries = [
                (min(level, LEVELS), mark, section.title)
                for (level, section), mark in zip(headings, names, strict=True)
            ]
            self._made.append(contents_of(entries, self._styles))
        for at, ((level, section), mark) in enumerate(zip(headings, names, strict=True)):
            self._heading(level, section, mark, new_page=at == 0 and not self._place.contents)
            for block in section.blocks:
                self._block(block)
        self._close()
        self._put()

    def _front(self, chapter: Document, title: str) -> None:
        of = self._styles.of
        if not self._place.titled:
            self._made.append(paragraph(of("title"), run(title), keep=True))
        if chapter.subtitle and not self._place.titled:
            self._made.append(paragraph(of("subtitle"), run(chapter.subtitle), keep=True))
        line = f"{chapter.author}. Figures to {chapter.dated}."
        self._made.append(paragraph(of("normal"), run(line)))
        if chapter.illustrative:
            words = [run("Caution: ", bold=True), run(_FRONT)]
            self._made.append(paragraph(of("chapter caution"), *words))

    def _heading(self, level: int, section: Section, mark: str, *, new_page: bool) -> None:
        style = self._styles.of(f"heading {min(level, LEVELS)}")
        words = self._bookmark(mark, run(section.title))
        self._made.append(paragraph(style, *words, keep=True, new_page=new_page))

    def _block(self, block: Block) -> None:
        if isinstance(block, Paragraph):
            self._made.append(paragraph_of(block, self._styles, self._part))
        elif isinstance(block, Bullets):
            self._made += list_of(block, self._styles, self._part)
        elif isinstance(block, Table):
            self._table(block)
        else:
            self._figure(block)

    def _table(self, given: Table) -> None:
        widths = widths_of(given, self._room.width)
        turned = room_of(self._turned).width
        wide = not widths.fits and turned > self._room.width
        if wide:
            self._break(self._first_copy())
            widths = widths_of(given, turned)
        self._made.append(self._caption(given, "Table"))
        lines = [f"{sign} means {_lower(meaning)}." for sign, meaning in given.signs]
        notes = self._below([" ".join(lines), *given.notes], given.sources)
        self._made.append(table_of(given, widths, self._styles, followed=bool(notes)))
        self._made += notes
        if wide:
            self._break(copy.deepcopy(self._turned))

    def _figure(self, given: Figure) -> None:
        number = self._numbers[given.key]
        self._pictures += 1
        picture = picture_of(given, number, self._pictures, self._room, self._part)
        style = self._styles.of("chapter figure")
        self._made.append(paragraph(style, picture, keep=True))
        self._made.append(self._caption(given, "Figure"))
        at = self._numbers[given.table]
        shown = field(rf"REF {_mark('Table', at)} \h", [run(f"Table {at}")])
        notes = self._below([given.subtitle, *given.notes], given.sources)
        words = [run(f"{_sentence(given.subtitle)} "), run("The figures are in "), *shown, run(".")]
        first = paragraph(self._styles.of("chapter note"), *words, keep=len(notes) > 1)
        self._made += [first, *notes[1:]]

    def _caption(self, given: Table | Figure, kind: str) -> Any:
        number = self._numbers[given.key]
        label = self._bookmark(
            _mark(kind, number),
            run(f"{kind} "),
            *field(rf"SEQ {kind} \* ARABIC", [run(str(number))]),
        )
        words = f": {given.title}"
        if given.illustrative:
            words += f"{'' if words.endswith('.') else '.'} {_ILLUSTRATIVE}"
        return paragraph(self._styles.of("caption"), *label, run(words), keep=True)

    def _below(self, notes: Sequence[str], sources: Sequence[str]) -> list[Any]:
        """Return notes, then one line of sources, all on the page of what they explain."""
        texts = [(self._styles.of("chapter note"), each) for each in notes if each.strip()]
        if sources:
            words = " ".join(_sentence(each) for each in sources)
            words = words if words.lower().startswith("source") else f"Source: {words}"
            texts.append((self._styles.of("chapter source"), words))
        return [
            paragraph(style, run(text), keep=at < len(texts))
            for at, (style, text) in enumerate(texts, start=1)
        ]

    def _bookmark(self, name: str, *children: Any) -> list[Any]:
        self._marks += 1
        return bookmark(name, self._marks, *children)

    def _first_copy(self) -> Any:
        """Return the section of the place, for what stands before the first turned page."""
        first = not self._sections
        self._sections = True
        return copy.deepcopy(self._place.section) if first else continued(self._place.section)

    def _break(self, section: Any) -> None:
        """End a section before the headings that stand last, which go with what follows."""
        at = len(self._made)
        while at and self._made[at - 1].find(f"{name_of('pPr')}/{name_of('keepNext')}") is not None:
            at -= 1
        if at and _section(self._made[at - 1]) is not None:
            return
        if not at or self._made[at - 1].tag != name_of("p"):
            self._made.insert(at, paragraph(self._styles.of("chapter table text")))
            at += 1
        self._made[at - 1].get_or_add_pPr().append(section)

    def _close(self) -> None:
        """Let the last section of the document be that of the last page."""
        if not self._sections:
            return
        last, own = self._made[-1], self._place.section
        section = _section(last)
        now = continued(own)
        before = self._place.before
        ends = before is None or own in (
            before,
            _section(before),
        )
        if section is not None and ends:
            section.getparent().remove(section)
            now = section
        own.getparent().replace(own, now)

    def _put(self) -> None:
        """Put what was made into the document."""
        before = self._place.before
        if before is not None and before.getparent() is None:
            before = None
        if before is None:
            before = self._place.body.find(name_of("sectPr"))
        for each in self._made:
            if before is None:
                self._place.body.append(each)
            else:
                before.addprevious(each)


def _section(element: Any) -> Any:
    """Return the properties of the section that a paragraph ends, or None."""
    return element.find(f"{name_of('pPr')}/{name_of('sectPr')}")


def _mark(kind: str, number: int) -> str:
    return f"_Ref{kind}{number}"


def _highest(element: Any, tag: str, name: str) -> int:
    found = [each.get(name, "") for each in element.iter(tag)]
    return max((int(each) for each in found if each.isdigit()), default=0)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")


def _sentence(text: str) -> str:
    return text if text.rstrip().endswith((".", "!", "?")) else f"{text.rstrip()}."
