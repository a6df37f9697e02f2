"""Published files as frames of text: unpacked, decoded, with their headings found.

All readers open files here. A file that cannot be used raises ``SourceError``, or ``SchemaError``
if it has no such table; both name the file, what was found and what to do.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.core import naming as _names
from bolton_jsna.core.errors import OtherTableError, SourceError, some
from bolton_jsna.core.reading import limits, opening
from bolton_jsna.core.reading.isolated import IsolatedReader
from bolton_jsna.core.sniffing import is_text, kind_of
from bolton_jsna.tables import _plain_text, _text_rows
from bolton_jsna.tables._repeated_headings import numbered, reject_different_columns
from bolton_jsna.tables._row_widths import Overfull
from bolton_jsna.tables._text_rows import Rows, Wanted, read_rows
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd

heading = _names.heading
"""The form in which headings are compared: one space, no case."""

_CSV = r"\.csv$"
_WORKBOOK_MEMBER = "xl/workbook.xml"
_START = 60_000
_COVER_ROWS = 20


@dataclass(frozen=True)
class Found:
    """The table of a published file, and the text around it.

    Attributes
    ----------
    frame : DataFrame
        The table, as text.
    sheet : str
        The name of its sheet, or of the file.
    above : str
        The text above the headings: the title.
    cover : str
        The names and the first rows of the other sheets.
    """

    frame: pd.DataFrame
    sheet: str
    above: str = ""
    cover: str = ""


def read_bytes(path: str | Path, *, member: str = _CSV) -> bytes:
    """Return the bytes of a published file, out of its gzip or zip wrapping."""
    path = Path(path)
    content = opening.content(path)
    kind = kind_of(content)
    if kind == "gzip":
        content = opening.gunzipped(content, path.name)
    elif kind == "zip" or (path.suffix.lower() in {".zip", ".xlsx"} and content):
        content = _from_zip(content, path.name, member)
    return _checked(content, path.name)


def read_members(path: str | Path, *, member: str = _CSV) -> dict[str, bytes]:
    """Return the bytes of every wanted file of a zip, or of the one file, by name."""
    # ONS puts the projections of females, males and persons in one zip as three files.
    path = Path(path)
    if path.suffix.lower() != ".zip":
        return {path.name: read_bytes(path, member=member)}
    content = opening.content(path)
    if not content:
        return {path.name: _checked(content, path.name)}
    found = opening.members(content, path.name, lambda each: _wanted(each, member))
    if not found:
        raise SourceError(
            f"{path.name!r} holds no file that matches {member!r}. It holds: "
            f"{some(opening.names_of(content, path.name))}. Check that it is the right download."
        )
    return {name: _checked(part, name) for name, part in found.items()}


def _checked(content: bytes, name: str) -> bytes:
    if not content.strip():
        raise SourceError(
            f"{name!r} is empty. Expected a table. A service may send an empty file without an "
            "error. Download it again."
        )
    if kind_of(content) == "web page":
        raise SourceError(
            f"{name!r} is a web page, not data. Expected a table. The address has changed or "
            "returned an error page; download the file again from the publisher's page."
        )
    return content


def _wanted(name: str, member: str) -> bool:
    # A zip made on a Mac also has a hidden file "._name" for each file.
    return bool(re.search(member, name, re.IGNORECASE)) and not name.startswith("__MACOSX/")


def _from_zip(content: bytes, name: str, member: str) -> bytes:
    names = opening.names_of(content, name)
    if _WORKBOOK_MEMBER in names:
        opening.check_zip(content, name)
        return content
    wanted = [each for each in names if _wanted(each, member)]
    if len(wanted) != 1:
        raise SourceError(
            f"{name!r} holds {len(wanted)} files that match {member!r}; expected one. "
            f"It holds: {some(names)}. Take the one you need out of the zip."
        )
    return opening.members(content, name, lambda each: each == wanted[0])[wanted[0]]


def read_sheets(content: bytes, *, name: str) -> dict[str, Rows]:
    """Return the sheets of a workbook as rows of stripped text, whole numbers without ".0"."""
    # Hidden sheets are skipped with a remark: a user does not see what they hold. The others are
    # read in another process, because a small workbook can fill the memory.
    book = IsolatedReader(
        "bolton_jsna.tables._workbooks:serve",
        content,
        name=name,
        damaged="is a workbook that cannot be opened",
        advice="Download it again, or save it as CSV.",
    )
    try:
        names, _ = book.ask(ask="names")
        found: dict[str, Rows] = {}
        cells = 0
        hidden = set(names["hidden"])
        for number, sheet in enumerate(names["names"]):
            if number in hidden:
                continue
            facts, _ = book.ask(ask="all", sheet=number, most=limits.CELLS - cells)
            cells += int(facts["cells"])
            found[str(sheet)] = list(_text_rows.held(facts["rows"], name))
    finally:
        book.close()
    if hidden:
        titles = some(repr(str(names["names"][number])) for number in sorted(hidden))
        remark(
            f"{name!r} has hidden sheets, which are not read: {titles}. To have one read, show it "
            "in the workbook (right-click a tab, Unhide), look at it, and save."
        )
    return found


def first_headings(path: Path, is_header: Callable[[set[str]], bool]) -> list[str] | None:
    """Return the headings of a CSV from its first bytes; None if these do not show them."""
    # Identifies a file without reading all of it: most of a mixed folder is of no use.
    start = opening.start(path, _START)
    if kind_of(start) == "gzip":
        try:
            start = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, _START)
        except zlib.error:
            return None
    if not is_text(start):
        return None
    whole, _, _ = start.rpartition(b"\n")
    try:
        rows = read_rows(whole, name=path.name)
    except SourceError:
        return None
    at = _text_rows.heading_row(rows, is_header)
    return None if at is None else rows[at]


def found_table(
    path: str | Path,
    is_header: Callable[[set[str]], bool],
    *,
    expected: str,
    member: str = _CSV,
    wanted: Wanted | None = None,
) -> Found:
    """Return the one table of a published file, on one or more sheets, with its surroundings."""
    # The heading row is found by its words: workbooks begin with cover sheets and notes, and some
    # CSVs with titles. Repeated headings get ``.1``, ``.2`` and so on; columns without a heading
    # and empty rows are dropped. Sheets with the same headings are one table.
    import pandas as pd

    found = found_tables(path, is_header, expected=expected, member=member, wanted=wanted)
    names = {heading(each): each for each in found[0].frame.columns}
    same: list[Found] = []
    other: list[Found] = []
    for each in found:
        (same if set(map(heading, each.frame.columns)) == set(names) else other).append(each)
    if other:
        remark(
            f"{Path(path).name!r} has sheets with other headings than its first table, which are "
            f"not read: {some(repr(each.sheet) for each in other)}. Save each as a file to have it "
            "read."
        )
    if len(same) == 1:
        return same[0]
    frames = [each.frame.rename(columns=lambda head: names[heading(head)]) for each in same]
    # Rows of a sheet that is there twice are dropped; rows that differ are for the reader to judge.
    whole = pd.concat(frames, ignore_index=True).drop_duplicates(ignore_index=True)
    return replace(
        found[0],
        frame=whole,
        sheet=" ".join(each.sheet for each in same),
        above=" ".join(dict.fromkeys(each.above for each in same if each.above)),
    )


def found_tables(
    path: str | Path,
    is_header: Callable[[set[str]], bool],
    *,
    expected: str,
    member: str = _CSV,
    repeated: Collection[str] = (),
    wanted: Wanted | None = None,
    whole_zip: bool = False,
) -> list[Found]:
    """Return every table of a published file, one for each sheet or text file."""
    # For files whose edition is in a title, a sheet name or a cover sheet, for workbooks with a
    # sheet for each year and, with ``whole_zip``, zips with a file for each sex.
    path = Path(path)
    if whole_zip:
        contents = read_members(path, member=member)
    else:
        contents = {path.name: read_bytes(path, member=member)}
    sheets: dict[str, Rows] = {}
    plain: dict[str, pd.DataFrame] = {}
    workbooks = {"zip", "old office"}
    texts = {file for file, content in contents.items() if kind_of(content) not in workbooks}
    for file, content in contents.items():
        if file not in texts:
            sheets |= read_sheets(content, name=file)
        elif by_column := _plain_text.table(content, is_header, name=file, wanted=wanted):
            sheets[file], plain[file] = by_column.first, by_column.frame
        else:
            sheets[file] = read_rows(content, name=file, wanted=wanted)
    headers = {sheet: _text_rows.heading_row(rows, is_header) for sheet, rows in sheets.items()}
    found = [
        _found(sheets, sheet, at, plain.get(sheet), is_text=sheet in texts, repeated=repeated)
        for sheet, at in headers.items()
        if at is not None
    ]
    if not found:
        # The first row is not quoted: in a wrong file it may be the record of a child.
        raise OtherTableError(
            f"{path.name!r} is not {expected}: no row has the headings of any known edition. Look "
            "at its first rows, and at the folder that it is in."
        )
    skipped = [sheet for sheet, at in headers.items() if at is None and sheet in texts]
    if skipped:
        remark(f"{path.name!r} holds files that are not needed here and skipped: {some(skipped)}.")
    return found


def _found(
    sheets: dict[str, Rows],
    sheet: str,
    header: int,
    plain: pd.DataFrame | None,
    *,
    is_text: bool,
    repeated: Collection[str],
) -> Found:
    rows = sheets[sheet]
    if is_text and plain is None:
        _remark_moved(rows, header, sheet)
    covers = {other: rows[:_COVER_ROWS] for other, rows in sheets.items() if other != sheet}
    return Found(
        _frame(rows[header], rows[header + 1 :], plain, name=sheet, repeated=repeated),
        sheet,
        above=_words(rows[:header]),
        cover=" ".join(f"{other} {_words(first)}" for other, first in covers.items()),
    )


def _remark_moved(rows: Rows, header: int, name: str) -> None:
    """Report the rows of a CSV with cells beyond the last heading, moved there by a comma."""
    overfull = Overfull(rows[header])
    for _ in overfull.watched(rows, header + 1):
        pass
    numbers = range(1, len(rows) + 1)
    moved = [each for each, much in zip(numbers, overfull.of(numbers), strict=True) if much]
    if moved:
        remark(
            f"{name!r} has more cells than headings in {len(moved):,} rows (row {some(moved)}): "
            "what is beyond the last heading is left out. If it is not a note, a comma in a cell "
            "without quotation marks has moved the figures of the row: correct it, or download "
            "the file again."
        )


def _words(rows: Rows) -> str:
    return " ".join(cell for row in rows for cell in row if cell)


def _frame(
    header: Sequence[str],
    rows: Rows,
    plain: pd.DataFrame | None,
    *,
    name: str,
    repeated: Collection[str],
) -> pd.DataFrame:
    import pandas as pd

    names, again = numbered(header)
    keep = [position for position, name in enumerate(names) if name]
    if plain is None:
        width = len(names)
        body = (row + [""] * (width - len(row)) for row in rows if any(row))
        cells = itemgetter(*keep) if len(keep) > 1 else lambda row: [row[at] for at in keep]
        frame = pd.DataFrame([*map(cells, body)], columns=keep, dtype=object)
    else:
        frame = plain[keep]
    frame.columns = pd.Index([names[position] for position in keep])
    reject_different_columns(frame, again, name=name, usual=repeated)
    return frame
