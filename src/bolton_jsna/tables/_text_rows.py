"""Text files as rows of stripped text, each different text held once, within the limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from bolton_jsna.core import naming as _names
from bolton_jsna.core.errors import SourceError
from bolton_jsna.core.reading import delimited, limits
from bolton_jsna.core.sniffing import is_text

Rows = list[list[str]]
Wanted = Callable[[Sequence[str]], Callable[[Sequence[str]], bool] | None]
"""Given a row of headings, returns which rows below it are wanted; None for any other row."""

FIRST: Final = 60
"""How many of the first rows may be the row of headings."""

# Bytes of memory of a row, a cell and a text.
ROW: Final = 200
CELL: Final = 24
TEXT: Final = 160


def read_rows(content: bytes, *, name: str, wanted: Wanted | None = None) -> Rows:
    r"""Return the cells of a CSV as stripped text, in rows of any length."""
    # The cells of rows that are not wanted are left empty to save memory.
    encoding = delimited.encoding_of(content)
    if not is_text(content):
        raise SourceError(f"{name!r} is not text: expected a CSV. Check what kind of file it is.")
    delimiter = separator_of(content, encoding)
    lines = delimited.rows(content, name=name, delimiter=delimiter, encoding=encoding)
    return list(held(emptied(lines, wanted) if wanted is not None else lines, name))


def emptied(rows: Iterable[list[str]], wanted: Wanted) -> Iterator[list[str]]:
    """Yield all rows, those that are not wanted without text."""
    empty: dict[int, list[str]] = {}
    keep: Callable[[Sequence[str]], bool] | None = None
    for number, row in enumerate(rows):
        if keep is None:
            keep = wanted(row) if number < FIRST else None
        elif not keep(row):
            yield empty.setdefault(len(row), [""] * len(row))
            continue
        yield row


def separator_of(content: bytes, encoding: str) -> str:
    """Return what separates the cells of a text: a comma, a tab or a semicolon."""
    # The first line shows whether the separator is a tab, as in Nomis's ``.data.tsv``, or a
    # semicolon, as Excel writes where a comma is the decimal mark.
    start = content[:4000].decode(encoding, errors="replace")
    first = start.lstrip("\r\n").split("\n", 1)[0]
    # A title may have semicolons: they must be the more frequent in the first rows too.
    semicolons = first.count(";") > 1 and start.count(";") > start.count(",")
    separators = ["\t"] * ("\t" in first) + [";"] * semicolons
    return separators[0] if separators and "," not in first else ","


def heading_row(rows: Rows, is_header: Callable[[set[str]], bool]) -> int | None:
    """Return the position of the row of headings."""
    first = enumerate(rows[:FIRST])
    heading = _names.heading
    return next((at for at, row in first if is_header(set(map(heading, filter(None, row))))), None)


class _Texts(dict[str, str]):
    """Each different text once, without blanks at its ends, and the memory that they need."""

    size = 0

    def __missing__(self, cell: str) -> str:
        # A text that is known is stripped already: most cells need no work.
        text = _names.trimmed(cell)
        if text not in self:
            self[text] = text
            self.size += TEXT + len(text)
        return self[text]


def held(rows: Iterable[list[str]], name: str) -> Iterator[list[str]]:
    """Yield rows stripped, each different text held once, within the limit of memory."""
    known, size = _Texts(), 0
    text = known.__getitem__
    for row in rows:
        found = [*map(text, row)] if any(row) else row
        size += ROW + CELL * len(row)
        if size + known.size > limits.OBJECTS:
            what = "cells that need more than"
            raise limits.exceeded(name, what, limits.OBJECTS, "bytes of memory")
        yield found
