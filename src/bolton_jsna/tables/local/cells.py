"""An extract as columns of text: delimiters, encodings, sheets, headings in two rows.

A column is kept as its distinct texts and a code per row, so that a million rows take the time and
memory of their distinct values. No message quotes a cell.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import itertools
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import SourceError
from bolton_jsna.core.naming import trimmed
from bolton_jsna.core.reading import delimited, limits, opening
from bolton_jsna.core.reading.isolated import IsolatedReader
from bolton_jsna.core.sniffing import FIRST_BYTES, is_text, kind_of
from bolton_jsna.tables import _files
from bolton_jsna.tables._row_widths import BEYOND, Overfull, reject_cut_heading

if TYPE_CHECKING:
    import numpy as np

DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
"""The delimiters that can be read, with their names."""

_LOOK: Final = 60
_EXACT: Final = 1e16
_CHUNK: Final = 1_000
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_LAST: Final[dict[tuple[str, str, int, int], IsolatedReader]] = {}

Recognise = Callable[[Sequence[str]], int]
"""Returns how many cells of a row are known headings."""


@dataclass(frozen=True, eq=False)
class Coded:
    """One column: its distinct texts and, for each row, the number of its text.

    Attributes
    ----------
    codes : ndarray of int32, shape (rows,)
    texts : list of str
    """

    codes: np.ndarray
    texts: list[str]

    def take(self, results: Sequence[Any] | np.ndarray, dtype: Any = None) -> np.ndarray:
        """Return for each row the result for its text."""
        import numpy as np

        found = np.asarray(results, dtype=dtype)
        if not len(found):
            return np.zeros(len(self.codes), dtype=dtype)
        picked: np.ndarray = found[self.codes]
        return picked

    def values(self) -> np.ndarray:
        """Return the text of each row."""
        return self.take(self.texts, object)

    def where(self, holds: Callable[[str], object]) -> np.ndarray:
        """Return the rows whose text meets a condition."""
        return self.take([bool(holds(text)) for text in self.texts], bool)

    def map(self, meaning: Callable[[str], str | None]) -> Coded:
        """Return the column with every text replaced by its meaning, blank if it has none."""
        return Coded(self.codes, [meaning(text) or "" for text in self.texts])

    def pick(self, rows: np.ndarray) -> Coded:
        """Return the column of some of the rows."""
        return Coded(self.codes[rows], self.texts)


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet or file with a row of headings.

    Attributes
    ----------
    number : int
        The sheet's number in its workbook from 1, because its name may be that of a person; 0 for
        a file without sheets.
    header : list of str
        The headings in their places; those in two rows are joined.
    rows : callable
        From the places wanted: the number of each row and the columns at these places. Rows
        are counted from 1 at the top of the file or sheet; empty ones are skipped. In a
        delimited file, ``BEYOND`` is the place of a column with a text in each row that has more
        cells than headings.
    how : str
        The format, for the report.
    hidden : bool
        Whether the sheet is hidden in its workbook.
    titles : tuple of str
        Its name and the text above the headings; not for messages.
    """

    number: int
    header: list[str]
    rows: Callable[[Sequence[int]], tuple[np.ndarray, dict[int, Coded]]]
    how: str
    hidden: bool = False
    titles: tuple[str, ...] = ()


def sheets(content: bytes, name: str, recognise: Recognise) -> list[Sheet]:
    """Return the sheets of a file that have a row of headings."""
    kind = kind_of(content)
    if kind == "parquet":
        return [_parquet(content, name)]
    if kind in {"zip", "old office"}:
        return _workbook(content, name, recognise)
    return _csv(content, name, recognise)


def content_of(path: Path) -> bytes:
    """Return the bytes of an extract, out of its gzip or zip wrapping."""
    # An old or password-protected workbook is not a zip, whatever its name.
    if kind_of(opening.start(path, FIRST_BYTES)) == "old office":
        return opening.content(path)
    try:
        return _files.read_bytes(path, member=r"\.(csv|txt|tsv|xml)$")
    except SourceError as error:
        if "password" in str(error) or "encrypted" in str(error):
            failure = f"{path.name!r} is a password-protected zip file. Extract the file from it."
        else:
            failure = str(error)
    # Outside of the handler, so that nothing of a file comes with the error.
    raise SourceError(failure)


def _csv(content: bytes, name: str, recognise: Recognise) -> list[Sheet]:
    encoding = delimited.encoding_of(content)
    if not is_text(content):
        raise SourceError(
            f"{name!r} is not text. Expected CSV, XLSX, Parquet or XML. Check what it is."
        )
    encoded = {"utf-8-sig": "UTF-8 with its mark", "utf-8": "UTF-8"}.get(encoding, encoding)
    content, encoding = delimited.checked(content, encoding, name)
    tops = {delimiter: _top(content, encoding, name, delimiter) for delimiter in DELIMITERS}
    wide = {each for each, top in tops.items() if max(map(len, top), default=0) > limits.COLUMNS}
    headers = {each: _header(top, recognise) for each, top in tops.items() if each not in wide}
    scores = {each: recognise(header) for each, (_, header, _) in headers.items()}
    # Of several with the same score the first is taken.
    delimiter = max(scores, key=scores.__getitem__, default="")
    if scores.get(delimiter, 0) < 2:
        if wide:
            raise limits.exceeded(name, "more than", limits.COLUMNS, "columns")
        return []
    top = tops[delimiter]
    place, header, deep = headers[delimiter]
    start = place + 1 + deep
    if not deep:
        reject_cut_heading(top, place, name)

    def rows(places: Sequence[int]) -> tuple[np.ndarray, dict[int, Coded]]:
        lines = delimited.Lines(content, encoding, name)
        overfull = Overfull(header)
        found = overfull.watched(delimited.strict(lines, delimiter=delimiter, name=name), start)
        numbers, columns = encode(found, start, places, name=name)
        return numbers, {**columns, BEYOND: Coded(overfull.of(numbers).astype("int32"), ["", "x"])}

    how = f"CSV, {DELIMITERS[delimiter]} between cells, {encoded}"
    return [Sheet(0, header, rows, how, titles=_above(top, place))]


def overfull(columns: dict[int, Coded], rows: int) -> np.ndarray:
    """Return which rows have more cells than headings."""
    import numpy as np

    return columns[BEYOND].codes > 0 if BEYOND in columns else np.zeros(rows, dtype=bool)


def _above(top: list[list[str]], place: int) -> tuple[str, ...]:
    """Return the text above the headings, one per row."""
    return tuple(" ".join(cell for cell in row if cell.strip()) for row in top[:place])


def _top(content: bytes, encoding: str, name: str, delimiter: str) -> list[list[str]]:
    """Return the first rows, as read with a delimiter that may not be the file's."""
    lines = csv.reader(delimited.Lines(content, encoding, name), delimiter=delimiter)
    top: list[list[str]] = []
    # With the wrong delimiter a row may exceed the csv module's limits.
    with contextlib.suppress(csv.Error):
        top.extend(itertools.islice(lines, _LOOK))
    return top


def _workbook(content: bytes, name: str, recognise: Recognise) -> list[Sheet]:
    if kind_of(content) == "old office" and _ENCRYPTED in content:
        raise protected(name)
    book = _opened(
        "serve",
        content,
        name,
        damaged="is a workbook that cannot be opened",
        advice="Delete what is far below or next to the table, and save it as XLSX or CSV.",
    )
    names, _ = book.ask(ask="names")
    hidden = set(names["hidden"])
    found = [_sheet(book, number, recognise) for number in range(len(names["names"]))]
    return [
        replace(
            each,
            hidden=each.number - 1 in hidden,
            titles=(str(names["names"][each.number - 1]), *each.titles),
        )
        for each in found
        if each is not None
    ]


def protected(name: str) -> SourceError:
    """Return the error of a password-protected file."""
    return SourceError(
        f"{name!r} is protected by a password. Open it, save a copy without the password in a "
        "folder that only you can read, and use the copy."
    )


def _sheet(book: IsolatedReader, number: int, recognise: Recognise) -> Sheet | None:
    facts, _ = book.ask(ask="top", sheet=number, rows=_LOOK)
    place, header, deep = _header(facts["rows"], recognise)
    if recognise(header) < 2:
        return None

    rows = functools.partial(_rows, book, sheet=number, start=place + 1 + deep)
    return Sheet(number + 1, header, rows, "workbook", titles=_above(facts["rows"], place))


def _parquet(content: bytes, name: str) -> Sheet:
    file = _opened(
        "serve_parquet",
        content,
        name,
        damaged="is a damaged Parquet file, or one that cannot be opened",
        advice="Write it again.",
    )
    facts, _ = file.ask(ask="names")
    rows = functools.partial(_rows, file)
    return Sheet(0, [str(each) for each in facts["names"]], rows, "Parquet")


def _opened(task: str, content: bytes, name: str, *, damaged: str, advice: str) -> IsolatedReader:
    """Return the process that reads a file: the last one if it is the same file again."""
    # An extract is first asked whether it holds counts, then read: so it is parsed once.
    key = (task, name, len(content), hash(content))
    last = _LAST.popitem() if _LAST else None
    if last is not None and last[0] == key:
        return last[1]
    if last is not None:
        last[1].close()
    task = f"bolton_jsna.tables._workbooks:{task}"
    _LAST[key] = IsolatedReader(task, content, name=name, damaged=damaged, advice=advice)
    return _LAST[key]


def _rows(
    file: IsolatedReader, places: Sequence[int], **part: int
) -> tuple[np.ndarray, dict[int, Coded]]:
    from bolton_jsna.tables import _workbooks

    # The same rows are not read again.
    _LAST.clear()
    return _workbooks.unpacked(*file.ask(ask="rows", places=list(places), **part))


def _header(top: list[list[str]], recognise: Recognise) -> tuple[int, list[str], bool]:
    """Return the place of the headings, the headings, and whether they take up two rows."""
    # Two rows are joined if the upper is a row of groups, as merged cells leave it: a group is
    # above its first column and applies to those next to it, and "Child" above "ID" means "Child
    # ID". If the two together are not a known heading, the lower is used alone.
    for place, row in enumerate(top):
        upper = [trimmed(cell) for cell in row]
        alone = recognise(upper)
        below = [trimmed(cell) for cell in top[place + 1]] if place + 1 < len(top) else []
        joined = _joined(upper, below, recognise)
        together = recognise(joined)
        if together > max(alone, recognise(below)) and together >= 2:
            return place, joined, True
        if alone >= 2:
            return place, upper, False
    return 0, [], False


def _joined(upper: list[str], below: list[str], recognise: Recognise) -> list[str]:
    found = []
    group = ""
    for place in range(max(len(upper), len(below))):
        over = upper[place] if place < len(upper) else ""
        under = below[place] if place < len(below) else ""
        if over:
            # A heading is not a group of headings.
            group = "" if recognise([over]) else over
        choices = (f"{group} {under}" if group and under else over, under, over)
        found.append(next((each for each in choices if each and recognise([each])), under or over))
    return found


class _Codes(dict[Any, int]):
    """Give every new value the next number."""

    def __missing__(self, value: Any) -> int:
        self[value] = number = len(self)
        return number


def encode(
    lines: Iterable[Sequence[Any]],
    start: int,
    places: Sequence[int],
    *,
    name: str = "",
) -> tuple[np.ndarray, dict[int, Coded]]:
    """Return the numbers of the rows after the headings, and the columns wanted."""
    import numpy as np

    width = max(places, default=0) + 1
    tables = {place: _Codes() for place in places}
    codes = {place: array("i") for place in places}
    numbers: list[np.ndarray] = []
    lines = itertools.islice(lines, start, None)
    number = start + 1
    while chunk := list(itertools.islice(lines, _CHUNK)):
        if max(map(len, chunk)) > limits.COLUMNS:
            raise limits.exceeded(name, "more than", limits.COLUMNS, "columns")
        if min(map(len, chunk)) < width:
            chunk = [[*row, *[""] * (width - len(row))] for row in chunk]
        columns = list(zip(*chunk, strict=False))
        # Only rows whose first wanted cell is empty can be empty.
        empty = [
            at
            for at, cell in enumerate(columns[places[0]])
            if not (cell and str(cell).strip()) and not "".join(map(str, chunk[at])).strip()
        ]
        kept = np.arange(number, number + len(chunk), dtype="int64")
        if empty:
            kept = np.delete(kept, empty)
            columns = list(zip(*(chunk[at - number] for at in kept), strict=False))
        number += len(chunk)
        if len(kept):
            numbers.append(kept)
            for place in places:
                codes[place].extend(map(tables[place].__getitem__, columns[place]))
            if sum(map(len, tables.values())) > limits.VALUES:
                raise limits.exceeded(name, "more than", limits.VALUES, "different values")
    found = {
        place: merged(
            np.array(codes[place], dtype="int32"), [text_of(each) for each in tables[place]]
        )
        for place in places
    }
    check_text(found, name)
    return np.concatenate(numbers) if numbers else np.zeros(0, dtype="int64"), found


def check_text(columns: dict[int, Coded], name: str) -> None:
    """Reject a column that would fill the memory once each row has its own text."""
    import numpy as np

    for column in columns.values():
        sizes = np.fromiter(map(len, column.texts), dtype="int64", count=len(column.texts))
        if len(sizes) and int(sizes[column.codes].sum()) > limits.TEXT:
            raise limits.exceeded(name, "a column of more than", limits.TEXT, "characters")


def merged(codes: np.ndarray, texts: list[str]) -> Coded:
    """Return a column whose texts are distinct: stripping may have made some equal."""
    import numpy as np

    again = _Codes()
    new = np.fromiter(map(again.__getitem__, texts), dtype="int32", count=len(texts))
    return Coded(new[codes] if len(new) else codes, list(again))


def text_of(value: Any) -> str:
    """Return a cell as stripped text, whole numbers without ".0"."""
    if isinstance(value, str):
        # Excel's way to write a text that looks like a number; not a formula.
        plain = trimmed(value)
        if plain.startswith('="') and plain.endswith('"') and plain.count('"') == 2:
            return trimmed(plain[2:-1])
        return plain
    if value is None or value != value:  # noqa: PLR0124 (not a number)
        return ""
    if isinstance(value, float) and value.is_integer():
        # Digits beyond the precision of a number are not in the file.
        return str(int(value)) if abs(value) < _EXACT else repr(value)
    return trimmed(str(value))
