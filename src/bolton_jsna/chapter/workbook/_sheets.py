"""The sheets of a workbook from the document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from bolton_jsna.chapter.document import MADE_UP, Cell, Column, Document, Paragraph, Table
from bolton_jsna.chapter.workbook._book import (
    CONTENTS,
    NOTES,
    Book,
    Entry,
    Heading,
    Line,
    Sheet,
)
from bolton_jsna.chapter.workbook._cover import cover_of
from bolton_jsna.chapter.workbook._names import sheet_name, table_name
from bolton_jsna.chapter.workbook._text import lines, plain, source_lines
from bolton_jsna.core.states import NUMERIC, SIGNS

_LABEL: Final = re.compile(r"0|[1-9]\d{0,3}")
"""A number that names something, such as a year or an age, and so has no comma."""
_FIRST_WIDTH: Final = (50, 64)
_TEXT_WIDTH: Final = (16, 60)
_NUMBER_WIDTH: Final = (14, 24)
"""The narrowest and the widest column. Titles stand in the first one, so it is wide."""

_EMPTY: Final = Cell(SIGNS["not_available"], status="not_available")
_ONE_TABLE: Final = "This sheet contains one table"


def book_of(document: Document) -> Book:
    """Return the workbook of a document."""
    noted = _noted_tables(document)
    notes = dict.fromkeys(note for _, its_notes in noted for note in its_notes)
    numbers = {note: number for number, note in enumerate(notes, 1)}
    taken = {CONTENTS.casefold(), NOTES.casefold()}
    sheets = [
        _table_sheet(document, number, table, [numbers[each] for each in its_notes], taken)
        for number, (table, its_notes) in enumerate(noted, 1)
    ]
    front = []
    if sheets:
        front.append(_contents_sheet(document, noted, sheets, notes=bool(notes)))
    if notes:
        front.append(_notes_sheet(document, numbers, noted))
    return Book(
        title=plain(document.title),
        subject=plain(document.subject),
        author=plain(document.author),
        footer=plain(document.footer),
        version=plain(document.version),
        cover=cover_of(document, notes=bool(notes)),
        sheets=(*front, *sheets),
    )


def _noted_tables(document: Document) -> list[tuple[Table, tuple[str, ...]]]:
    """Return each table with its notes, and the notes and cautions of the section it is in."""
    # A reader who has the workbook alone needs the cautions too.
    found = []
    for _, section in document.headings():
        shared = [
            each.text
            for each in section.blocks
            if isinstance(each, Paragraph) and each.role in ("note", "caution")
        ]
        found += [
            (each, lines([*each.notes, *shared]))
            for each in section.blocks
            if isinstance(each, Table)
        ]
    return found


def _titled(number: int, table: Table) -> str:
    return f"Table {number}: {plain(table.title)}"


def _table_sheet(
    document: Document, number: int, table: Table, notes: Sequence[int], taken: set[str]
) -> Sheet:
    names = [plain(each.name) for each in table.columns]
    if len({each.casefold() for each in names}) < len(names) or not all(names):
        raise ValueError(
            f"The table {table.key!r} has the headings {names}. Expected headings that are not "
            "empty and differ in more than capitals: change them in its columns."
        )
    shape = f"{len(table.rows)} {'row' if len(table.rows) == 1 else 'rows'}"
    found = [f"The table has {shape}. Its columns are: {', '.join(names)}."]
    if not table.rows:
        # A marked table needs a row.
        table = replace(table, rows=(tuple(_EMPTY for _ in names),))
    if table.signs:
        found.append("Signs in the table:")
        found += [f"{sign} {meaning}" for sign, meaning in table.signs]
    found += source_lines(table.sources)
    labels = [_is_labels(table, at) for at in range(len(names))]
    return Sheet(
        name=sheet_name(number, table.key),
        table=table_name(table.key, taken),
        title=" ".join([_titled(number, table), *(f"[note {each}]" for each in notes)]),
        warnings=lines([document.mark, MADE_UP if table.illustrative else ""]),
        instructions=f"{_ONE_TABLE}. Notes are on the sheet {NOTES}."
        if notes
        else f"{_ONE_TABLE}.",
        lines=(*map(Line, lines(found)), Line(f"Back to {CONTENTS}", CONTENTS)),
        headings=tuple(
            _heading(column, [row[at].text for row in table.rows], first=at == 0, label=labels[at])
            for at, column in enumerate(table.columns)
        ),
        rows=tuple(
            tuple(_entry(cell, label) for cell, label in zip(row, labels, strict=True))
            for row in table.rows
        ),
    )


def _is_labels(table: Table, at: int) -> bool:
    """Return whether a column of texts has years or ages, which are numbers in a workbook."""
    cells = [row[at] for row in table.rows if not row[at].status]
    return (
        table.columns[at].kind == "text"
        and bool(cells)
        and all(_LABEL.fullmatch(each.text) for each in cells)
    )


def _entry(cell: Cell, label: bool) -> Entry:
    if label and not cell.status:
        return Entry(cell.text, float(cell.text))
    number = cell.value if not cell.status or cell.status in NUMERIC else None
    return Entry(plain(cell.text), number)


def _heading(column: Column, texts: Sequence[str], *, first: bool, label: bool) -> Heading:
    narrowest, widest = _NUMBER_WIDTH if column.kind == "number" or label else _TEXT_WIDTH
    if first:
        narrowest, widest = _FIRST_WIDTH
    words = max((len(each) for each in column.name.split()), default=0)
    longest = max([words, len(column.name) // 2 + 2, *map(len, texts)])
    kind: Literal["text", "number", "label"] = "label" if label else column.kind
    width = min(max(int(longest * 1.15) + 3, narrowest), widest)
    return Heading(plain(column.name), kind, column.decimals, width)


def _contents_sheet(
    document: Document,
    noted: Sequence[tuple[Table, tuple[str, ...]]],
    sheets: Sequence[Sheet],
    *,
    notes: bool,
) -> Sheet:
    rows = [
        (Entry(sheet.name, sheet=sheet.name), Entry(_titled(number, table)))
        for number, ((table, _), sheet) in enumerate(zip(noted, sheets, strict=True), 1)
    ]
    if notes:
        rows.insert(0, (Entry(NOTES, sheet=NOTES), Entry("Notes to the tables")))
    return Sheet(
        name=CONTENTS,
        table="contents",
        title="Contents",
        warnings=lines([document.mark]),
        instructions=f"{_ONE_TABLE}, with links to the sheets that follow.",
        lines=(),
        headings=(Heading("Sheet", "text", 0, 40), Heading("Table", "text", 0, 90)),
        rows=tuple(rows),
    )


def _notes_sheet(
    document: Document,
    numbers: Mapping[str, int],
    noted: Sequence[tuple[Table, tuple[str, ...]]],
) -> Sheet:
    rows = []
    for note, number in numbers.items():
        used = [f"Table {at}" for at, (_, notes) in enumerate(noted, 1) if note in notes]
        rows.append((Entry(str(number), float(number)), Entry(note), Entry(", ".join(used))))
    return Sheet(
        name=NOTES,
        table="notes",
        title="Notes",
        warnings=lines([document.mark]),
        instructions=f"{_ONE_TABLE}.",
        lines=(
            Line("The titles of the tables name these notes, such as [note 1]."),
            Line(f"Back to {CONTENTS}", CONTENTS),
        ),
        headings=(
            Heading("Note number", "label", 0, 24),
            Heading("Note", "text", 0, 72),
            Heading("Tables with this note", "text", 0, 30),
        ),
        rows=tuple(rows),
    )
