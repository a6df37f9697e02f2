"""Formulas of a workbook that have no result.

A script writes formulas but does not calculate them. A spreadsheet does, when it opens and saves
the workbook. Until then the cells are empty, and a plan that ended would be counted as open.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO, Final

from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.core.sniffing import kind_of

_BOOK: Final = "xl/workbook.xml"
_LINKS: Final = "xl/_rels/workbook.xml.rels"
_PIECE: Final = 2**22
# Bytes of a cell: a formula has up to 8,192 characters, a text up to 32,767.
_LONGEST: Final = 2**18
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\s([^<>]*)>")
_LINK: Final = re.compile(rb"<(?:\w+:)?Relationship\s([^<>]*)>")
_ID: Final = re.compile(rb"""\b(?:\w+:)?id\s*=\s*["']([^"']*)["']""")
_TARGET: Final = re.compile(rb"""\bTarget\s*=\s*["']([^"']*)["']""")
_LINK_ID: Final = re.compile(rb"""\bId\s*=\s*["']([^"']*)["']""")
_CELL: Final = re.compile(
    rb"<(?:\w+:)?c\b([^<>]*)>\s*<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f\s*>)\s*"
    rb"(?:<(?:\w+:)?v\b[^<>]*/>|<(?:\w+:)?v\b[^<>]*>([^<]*)</(?:\w+:)?v\s*>)?\s*</(?:\w+:)?c\s*>"
)
_WHERE: Final = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_TEXT: Final = re.compile(rb"""\bt\s*=\s*["']str["']""")
# Set by a writer that has not calculated: the results of xlsxwriter are all 0.
_UNCALCULATED: Final = re.compile(rb"""\bfullCalcOnLoad\s*=\s*["'](?:1|true)["']""")


def reject_uncalculated(
    content: bytes, name: str, *, sheet: int, start: int, places: Sequence[int]
) -> None:
    """Reject a sheet with formulas that have no result in the columns wanted."""
    if kind_of(content) != "zip":
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = _part(archive, sheet)
        if part is None:
            return
        uncalculated = _UNCALCULATED.search(archive.read(_BOOK)) is not None
        with archive.open(part) as file:
            found = _without_results(file, start, set(places), uncalculated=uncalculated)
    if found:
        columns = sorted(found, key=lambda letters: _place(letters.encode()))
        raise SourceError(
            f"{name!r} has {sum(found.values()):,} formulas without a result in sheet {sheet + 1}, "
            f"column {some(columns)}: a script wrote them, and nothing has calculated them. Open "
            "the workbook in a spreadsheet and save it, then use it again."
        )


def _part(archive: zipfile.ZipFile, sheet: int) -> str | None:
    """Return the file of the zip that holds a sheet; None where it is not found."""
    there = set(archive.namelist())
    if not {_BOOK, _LINKS} <= there:
        return None
    targets = {}
    for link in _LINK.findall(archive.read(_LINKS)):
        own, target = _LINK_ID.search(link), _TARGET.search(link)
        if own and target:
            path = target[1].decode("utf-8", errors="replace")
            targets[own[1]] = posixpath.normpath(posixpath.join("/xl", path)).lstrip("/")
    sheets = _SHEET.findall(archive.read(_BOOK))
    own = _ID.search(sheets[sheet]) if sheet < len(sheets) else None
    part = targets.get(own[1]) if own else None
    return part if part in there else None


def _without_results(
    file: IO[bytes], start: int, places: set[int], *, uncalculated: bool
) -> dict[str, int]:
    """Return how many formulas of each wanted column, by its letters, have no result."""
    empty: Counter[str] = Counter()
    zeros: Counter[str] = Counter()
    done: set[str] = set()
    for cell in _formulas(file):
        where = _WHERE.search(cell[1])
        if where is None or int(where[2]) <= start or _place(where[1]) not in places:
            continue
        letters = where[1].decode()
        value = (cell[2] or b"").strip()
        if not value:
            # A formula may result in an empty text, which Excel marks as text.
            empty[letters] += uncalculated or cell[2] is None or not _TEXT.search(cell[1])
        elif uncalculated and value == b"0":
            zeros[letters] += 1
        else:
            done.add(letters)
    for letters, count in zeros.items():
        empty[letters] += 0 if letters in done else count
    return {letters: count for letters, count in empty.items() if count}


def _formulas(file: IO[bytes]) -> Iterator[re.Match[bytes]]:
    """Yield the cells with formulas."""
    held = b""
    while piece := file.read(_PIECE):
        held += piece
        end = max(held.rfind(b"</c>"), held.rfind(b":c>")) + 4
        if end < 4:
            held = held[-_LONGEST:]
            continue
        if b"<f" in held or b":f" in held:
            yield from _CELL.finditer(held, 0, end)
        held = held[end:]


def _place(letters: bytes) -> int:
    """Return the place of a column from 0 by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
