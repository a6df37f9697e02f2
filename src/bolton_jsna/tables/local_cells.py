"""How an extract becomes columns of text by value: delimiters, marks, sheets, headings of two rows.

A column is kept as its distinct texts and a code per row, so that a million rows are understood
in the time and memory of their distinct values. No message quotes a cell.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.errors import SourceError
from bolton_jsna.tables import files

if TYPE_CHECKING:
    import numpy as np

DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
"""The delimiters that are understood, with their names."""

_LOOK: Final = 60
_CHUNK: Final = 5_000
_PARQUET: Final = b"PAR1"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Recognise = Callable[[Sequence[str]], int]
"""Says how many cells of a row are known headings."""


@dataclass(frozen=True, eq=False)
class Coded:
    """One column: its distinct texts and, for each row, which of them it holds.

    Attributes
    ----------
    codes : ndarray of int32, shape (rows,)
    texts : list of str
    """

    codes: np.ndarray
    texts: list[str]

    def take(self, results: Sequence[Any] | np.ndarray, dtype: Any = None) -> np.ndarray:
        """Return for each row what was found for its text."""
        import numpy as np

        found = np.asarray(results, dtype=dtype)
        if not len(found):
            return np.zeros(len(self.codes), dtype=dtype)
        picked: np.ndarray = found[self.codes]
        return picked

    def pick(self, rows: np.ndarray) -> Coded:
        """Return the column of some of the rows."""
        return Coded(self.codes[rows], self.texts)


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet or file with a row of headings, before it is understood.

    Attributes
    ----------
    number : int
        The sheet's number in its workbook from 1, as its name may be that of a person; 0 for a
        file without sheets.
    header : list of str
        The headings in their places; those of two rows put together.
    rows : callable
        Given the places wanted, the number of each row and the columns at these places. Rows
        are counted from 1 at the top of the file or sheet; empty ones are passed over.
    how : str
        How the file is laid out, for the report.
    """

    number: int
    header: list[str]
    rows: Callable[[Sequence[int]], tuple[np.ndarray, dict[int, Coded]]]
    how: str


def sheets(content: bytes, name: str, recognise: Recognise) -> list[Sheet]:
    """Return the sheets of a file that have a row of headings.

    Parameters
    ----------
    content : bytes
        CSV with any of four delimiters in UTF-8, UTF-16 or Windows-1252; XLSX or XLS; Parquet.
    name : str
        The file, for messages.
    recognise : callable
        Says how many cells of a row are known headings. A row counts as headings when it has
        two: one alone could be a cell of a record, and these must not get into a message.

    Raises
    ------
    SourceError
        When the file is damaged, protected by a password or no table.
    """
    if content.startswith(_PARQUET):
        return [_parquet(content, name)]
    if files.is_workbook(content) or content.startswith(_OLD_OFFICE):
        return _workbook(content, name, recognise)
    return _csv(content, name, recognise)


def content_of(path: Path) -> bytes:
    """Return the bytes of an extract, out of its gzip or zip wrapping.

    Raises
    ------
    SourceError
        When the file is not there, empty, damaged, or a web page.
    """
    failure = ""
    try:
        # A workbook of old or under a password is no zip, whatever its name.
        with path.open("rb") as file:
            if file.read(len(_OLD_OFFICE)) == _OLD_OFFICE:
                return _OLD_OFFICE + file.read()
    except OSError:
        # Said better by the reader of files.
        pass
    try:
        return files.read_bytes(path, member=r"\.(csv|txt|tsv|xml)$")
    except SourceError as error:
        if "password" in str(error) or "encrypted" in str(error):
            failure = f"{path.name!r} is a zip protected by a password. Take the file out of it."
        else:
            failure = str(error)
    # Outside of the handler, so that nothing of a file comes with the error.
    raise SourceError(failure)


def _csv(content: bytes, name: str, recognise: Recognise) -> list[Sheet]:
    encoding = _encoding(content)
    if b"\x00" in content[:4000] and encoding != "utf-16":
        raise SourceError(
            f"{name!r} is not text: expected CSV, XLSX, Parquet or XML. Check what it is."
        )
    best: tuple[int, int, str, list[str], bool] | None = None
    for delimiter in DELIMITERS:
        # What a separator that is not the file's makes of it may exceed the csv module's limits.
        try:
            top = list(itertools.islice(_lines(content, encoding, delimiter), _LOOK))
        except csv.Error:
            continue
        place, header, deep = _header(top, recognise)
        score = recognise(header)
        if score >= 2 and (best is None or score > best[0]):
            best = (score, place, delimiter, header, deep)
    if best is None:
        return []
    _, place, delimiter, header, deep = best
    start = place + 1 + deep

    def rows(places: Sequence[int]) -> tuple[np.ndarray, dict[int, Coded]]:
        lines = _lines(content, encoding, delimiter)
        bad = False
        try:
            return _encode(lines, start, places)
        except csv.Error:
            bad = True
        if bad:
            raise SourceError(
                f"{name!r} is not a CSV that can be read to its end: a quoted cell does not end. "
                "Write it again."
            )
        raise AssertionError

    said = {"utf-8-sig": "UTF-8 with its mark", "utf-8": "UTF-8"}.get(encoding, encoding)
    return [Sheet(0, header, rows, f"CSV, {DELIMITERS[delimiter]} between cells, {said}")]


def _encoding(content: bytes) -> str:
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _lines(content: bytes, encoding: str, delimiter: str) -> Iterator[list[str]]:
    stream = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, errors="replace", newline="")
    return csv.reader(stream, delimiter=delimiter)


def _workbook(content: bytes, name: str, recognise: Recognise) -> list[Sheet]:
    import python_calamine

    failure = ""
    if content.startswith(_OLD_OFFICE) and _ENCRYPTED in content:
        failure = "protected"
    found: list[Sheet] = []
    if not failure:
        try:
            book = python_calamine.load_workbook(io.BytesIO(content))
            for number, sheet in enumerate(book.sheet_names, start=1):
                here = _sheet(book, sheet, number, recognise)
                if here is not None:
                    found.append(here)
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            failure = "protected" if "assword" in f"{type(error).__name__} {error}" else "damaged"
    if failure == "protected":
        raise SourceError(
            f"{name!r} is protected by a password. Open it, save a copy without the password in a "
            "folder that only you can read, and use that."
        )
    if failure:
        raise SourceError(
            f"{name!r} is a workbook that cannot be opened. Save it as XLSX or CSV again."
        )
    return found


def _sheet(book: Any, name: str, number: int, recognise: Recognise) -> Sheet | None:
    sheet = book.get_sheet_by_name(name)
    top = [[_text(cell) for cell in row] for row in itertools.islice(sheet.iter_rows(), _LOOK)]
    place, header, deep = _header(top, recognise)
    if recognise(header) < 2:
        return None

    def rows(places: Sequence[int]) -> tuple[np.ndarray, dict[int, Coded]]:
        return _encode(sheet.iter_rows(), place + 1 + deep, places)

    return Sheet(number, header, rows, "workbook")


def _parquet(content: bytes, name: str) -> Sheet:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = None
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        header = [str(each) for each in file.schema_arrow.names]
    except (OSError, ValueError, pa.ArrowException):
        file = None
    if file is None:
        # Outside of the handler: what pyarrow says may quote a cell.
        raise SourceError(f"{name!r} is a damaged Parquet file. Write it again.")

    def column(place: int) -> Coded | None:
        try:
            values = file.read(columns=[header[place]]).column(0).combine_chunks()
            coded = values.dictionary_encode()
            if isinstance(coded, pa.ChunkedArray):
                coded = coded.combine_chunks()
            codes = coded.indices.to_numpy(zero_copy_only=False)
            texts = [_text(each) for each in coded.dictionary.to_pylist()]
        except (OSError, ValueError, TypeError, pa.ArrowException):
            return None
        codes = np.where(np.isnan(codes), len(texts), codes) if codes.dtype.kind == "f" else codes
        return _merged(codes.astype("int32"), [*texts, ""])

    def rows(places: Sequence[int]) -> tuple[np.ndarray, dict[int, Coded]]:
        found = {place: column(place) for place in places}
        if any(each is None for each in found.values()):
            raise SourceError(f"{name!r} is a damaged Parquet file. Write it again.")
        kept = {place: each for place, each in found.items() if each is not None}
        return np.arange(2, 2 + file.metadata.num_rows, dtype="int64"), kept

    return Sheet(0, header, rows, "Parquet")


def _header(top: list[list[str]], recognise: Recognise) -> tuple[int, list[str], bool]:
    """Return the place of the headings, the headings, and whether they take up two rows.

    Two rows are put together where the upper is a row of groups, as merged cells leave it: a
    group stands over its first column and holds for those beside it, and "Child" over "ID" means
    "Child ID". Where the two together are no known heading, the lower stands alone.
    """
    for place, row in enumerate(top):
        upper = [cell.strip() for cell in row]
        alone = recognise(upper)
        below = [cell.strip() for cell in top[place + 1]] if place + 1 < len(top) else []
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
            # What is itself a heading is no group of headings.
            group = "" if recognise([over]) else over
        choices = (f"{group} {under}" if group and under else over, under, over)
        found.append(next((each for each in choices if each and recognise([each])), under or over))
    return found


class _Codes(dict[Any, int]):
    """Give every new value the next number."""

    def __missing__(self, value: Any) -> int:
        self[value] = number = len(self)
        return number


def _encode(
    lines: Iterable[Sequence[Any]], start: int, places: Sequence[int]
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
        if min(map(len, chunk)) < width:
            chunk = [[*row, *[""] * (width - len(row))] for row in chunk]
        columns = list(zip(*chunk, strict=False))
        # Whether a row is empty is asked only of those whose first wanted cell is.
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
    found = {
        place: _merged(
            np.array(codes[place], dtype="int32"), [_text(each) for each in tables[place]]
        )
        for place in places
    }
    return np.concatenate(numbers) if numbers else np.zeros(0, dtype="int64"), found


def _merged(codes: np.ndarray, texts: list[str]) -> Coded:
    """Return a column whose texts are distinct, as stripping may have made some equal."""
    import numpy as np

    again = _Codes()
    new = np.fromiter(map(again.__getitem__, texts), dtype="int32", count=len(texts))
    return Coded(new[codes] if len(new) else codes, list(again))


def _text(value: Any) -> str:
    if isinstance(value, str):
        # Excel's idiom for a text that looks like a number, which no one means as a formula.
        text = value.strip()
        if text.startswith('="') and text.endswith('"') and text.count('"') == 2:
            return text[2:-1].strip()
        return text
    if value is None or value != value:  # noqa: PLR0124 (not a number)
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
