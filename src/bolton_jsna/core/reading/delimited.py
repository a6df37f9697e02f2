"""Text files as rows of cells, within the limits, held once in memory."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Final

from bolton_jsna.core.errors import SourceError
from bolton_jsna.core.reading import limits

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark is the beginning of this one.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PIECE: Final = 2**20

WIDE: Final = ("utf-16", "utf-32")
"""Encodings that are converted to UTF-8 before their bytes are searched."""


def encoding_of(content: bytes) -> str:
    r"""Return the encoding: by the byte-order mark, else UTF-8 if valid, else Windows-1252."""
    # Publishers write UTF-8 now and wrote Windows-1252 before.
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name if name in WIDE or _is_utf8(content) else "cp1252"
    return "utf-8" if _is_utf8(content) else "cp1252"


def as_utf8(content: bytes) -> bytes:
    r"""Return text as UTF-8 without a mark, whichever of the known encodings it is in."""
    encoding = encoding_of(content)
    if encoding == "utf-8":
        return content
    if encoding == "utf-8-sig":
        return content.removeprefix(codecs.BOM_UTF8)
    return content.decode(encoding, errors="replace").encode("utf-8")


def _is_utf8(content: bytes) -> bool:
    # In pieces: the text of a large file takes up to four times its bytes.
    decoder = codecs.getincrementaldecoder("utf-8")()
    whole = memoryview(content)
    try:
        for at in range(0, len(whole), _PIECE):
            decoder.decode(whole[at : at + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def checked(content: bytes, encoding: str, name: str) -> tuple[bytes, str]:
    """Return text within the limits of lines, with its encoding; UTF-16 and UTF-32 as UTF-8."""
    if encoding in WIDE:
        content, encoding = as_utf8(content), "utf-8"
    lines = max(content.count(b"\n"), content.count(b"\r"))
    limits.check(name, lines, limits.ROWS, "rows")
    at = 0
    while len(content) - at > limits.LINE:
        end = at + limits.LINE
        found = max(content.rfind(b"\n", at, end), content.rfind(b"\r", at, end))
        if found < 0:
            raise limits.exceeded(name, "a line of more than", limits.LINE, "bytes")
        at = found + 1
    return content, encoding


class Lines:
    """The lines of checked text for the csv module, which joins those of a quoted cell.

    The reader of rows calls :meth:`taken` after each. Between two calls the text is limited,
    because a row of millions of lines would fill the memory before it is complete.
    """

    def __init__(self, content: bytes, encoding: str, name: str) -> None:
        self._stream = io.TextIOWrapper(
            io.BytesIO(content), encoding=encoding, errors="replace", newline=""
        )
        self._name = name
        self._given = 0
        self._held: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._stream:
            self._given += len(line)
            self._held.append(line)
            if self._given > limits.RECORD:
                what = "rows or quoted cells of more than"
                raise limits.exceeded(self._name, what, limits.RECORD, "characters")
            yield line

    def taken(self) -> list[str]:
        """Start counting again, and return the lines since the last call."""
        self._given = 0
        held, self._held = self._held, []
        return held


def strict(lines: Lines, *, delimiter: str, name: str) -> Iterator[list[str]]:
    """Yield the rows of a table of text, and reject a quote that takes in whole rows."""
    # A quote that is not closed makes one cell of all that follows, up to the next quote. Every
    # line of that cell then has as many cells as a row, which a real text of several lines has not.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    width = number = 0
    while True:
        why = ""
        try:
            row = next(reader, None)
        except csv.Error as error:
            row, why = [], _why(str(error))
        number += 1
        if row is None:
            return
        held = lines.taken()
        if not why and len(held) > 1 and _takes_in_rows(row, held, delimiter, width):
            why = "a quoted cell holds whole rows"
        if why:
            raise SourceError(
                f"{name!r} cannot be read from row {number} on: {why}. Look there for a quotation "
                'mark (") that is opened and not closed, or is inside a cell. Delete it, '
                "or write it twice inside a quoted cell."
            )
        width = len(row) if any(row) else width
        yield row


def _why(error: str) -> str:
    if "field larger" in error:
        return "a cell is longer than any table has"
    if "new-line" in error:
        return "a line ends in an unusual way"
    return "a quoted cell does not end" if "unexpected end" in error else "text follows a quote"


def _takes_in_rows(row: list[str], held: list[str], delimiter: str, width: int) -> bool:
    """Return whether each line of a quoted cell has as many cells as a row."""
    filled = [line for line in held if line.strip()]
    if width < 2 or any(line.count(delimiter) != width - 1 for line in filled):
        return False
    return any(delimiter in cell for cell in row if "\n" in cell or "\r" in cell)


def rows(content: bytes, *, name: str, delimiter: str, encoding: str) -> Iterator[list[str]]:
    """Yield the rows of a table of text, of any length."""
    content, encoding = checked(content, encoding, name)
    lines = Lines(content, encoding, name)
    cells = 0
    for row in strict(lines, delimiter=delimiter, name=name):
        cells += len(row)
        if len(row) > limits.COLUMNS or cells > limits.CELLS:
            limits.check(name, len(row), limits.COLUMNS, "columns")
            limits.check(name, cells, limits.CELLS, "cells")
        yield row
