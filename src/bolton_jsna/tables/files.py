"""How a published file becomes text: zips, marks, encodings, cover sheets, and files that lie.

One place that opens what publishers write. A reader asks for rows or a frame of text and meets
one kind of trouble only: ``SourceError``, which names the file, what was found and what to do.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna import names as _names
from bolton_jsna.errors import SchemaError, SourceError, some

if TYPE_CHECKING:
    import pandas as pd

Rows = list[list[str]]

heading = _names.heading
"""How headings are compared: one space, no case."""

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_WORKBOOK_MEMBER = "xl/workbook.xml"
# zipfile raises RuntimeError for a file under a password.
_DAMAGE = (
    OSError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
)


def read_bytes(path: str | Path, *, member: str = r"\.csv$") -> bytes:
    """Return the bytes of a published file, out of its gzip or zip wrapping.

    Parameters
    ----------
    path : str or Path
        The file. A zip must hold exactly one file whose name matches ``member``; a workbook
        (.xlsx) is itself a zip and is returned whole.
    member : str
        Regular expression, case-insensitive, for the file wanted out of a zip.

    Raises
    ------
    SourceError
        When the file is not there, is empty, is damaged, or is a web page.

    Examples
    --------
    >>> read_bytes("no-such-file.csv")
    Traceback (most recent call last):
    bolton_jsna.errors.SourceError: There is no file 'no-such-file.csv'. ...
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise SourceError(
            f"There is no file {path.name!r}. Looked in {path.parent}. Check the path given."
        ) from None
    except OSError as error:
        raise SourceError(f"{path.name!r} cannot be read: {error.strerror or error}.") from error
    try:
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        elif content.startswith(_ZIP) or (path.suffix.lower() in {".zip", ".xlsx"} and content):
            content = _from_zip(content, path.name, member)
    except _DAMAGE as error:
        raise _damaged(path.name, error) from error
    return _checked(content, path.name)


def read_members(path: str | Path, *, member: str = r"\.csv$") -> dict[str, bytes]:
    """Return the bytes of every wanted file of a zip, or of the one file, by name.

    ONS puts the projections of females, males and persons in one zip as three files.

    Parameters
    ----------
    path : str or Path
        The file, as for :func:`read_bytes`; a zip may hold several wanted files.
    member : str
        Regular expression, case-insensitive, for the files wanted out of a zip.

    Raises
    ------
    SourceError
        As :func:`read_bytes`; also when a zip holds no wanted file.

    Examples
    --------
    >>> read_members("no-such-file.zip")
    Traceback (most recent call last):
    bolton_jsna.errors.SourceError: There is no file 'no-such-file.zip'. ...
    """
    path = Path(path)
    if path.suffix.lower() != ".zip" or not path.is_file():
        return {path.name: read_bytes(path, member=member)}
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = _wanted(archive.namelist(), member)
            found = {name: archive.read(name) for name in wanted}
            names = archive.namelist()
    except _DAMAGE as error:
        if not path.stat().st_size:
            return {path.name: read_bytes(path, member=member)}
        raise _damaged(path.name, error) from error
    if not found:
        raise SourceError(
            f"{path.name!r} holds no file that matches {member!r}. It holds: {some(names)}. "
            "Check that it is the right download."
        )
    return {name: _checked(content, name) for name, content in found.items()}


def _checked(content: bytes, name: str) -> bytes:
    if not content.strip():
        raise SourceError(
            f"{name!r} is empty. Expected a table; a service that answers 200 with an empty "
            "body leaves such a file. Download it again."
        )
    start = content[:2000].removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise SourceError(
            f"{name!r} is a web page, not data: expected a table. The address has moved or "
            "answered with an error page; download the file again from its landing page."
        )
    return content


def _damaged(name: str, error: Exception) -> SourceError:
    return SourceError(
        f"{name!r} is damaged: expected a zip, gzip or workbook, but {error}. Download it again."
    )


def _wanted(names: Sequence[str], member: str) -> list[str]:
    # A zip made on a Mac holds a shadow of each file, of the same name with "._" before it.
    return [
        each
        for each in names
        if re.search(member, each, re.IGNORECASE) and not each.startswith("__MACOSX/")
    ]


def _from_zip(content: bytes, name: str, member: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        if _WORKBOOK_MEMBER in names:
            return content
        wanted = _wanted(names, member)
        if len(wanted) != 1:
            raise SourceError(
                f"{name!r} holds {len(wanted)} files that match {member!r}; expected one. "
                f"It holds: {some(names)}. Take the one you need out of the zip."
            )
        return archive.read(wanted[0])


def decode(content: bytes) -> str:
    r"""Return the text of a CSV: UTF-8 with or without its mark, else Windows Latin-1.

    Publishers write UTF-8 now and wrote Windows-1252 before; a file that is not valid UTF-8
    is the latter.

    Examples
    --------
    >>> decode(b"\xef\xbb\xbfa,b"), decode(b"caf\xe9")
    ('a,b', 'café')
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Five bytes are undefined in Windows-1252: they become the replacement character.
        return content.decode("cp1252", errors="replace")


def is_workbook(content: bytes) -> bool:
    """Say whether bytes are an Excel workbook (.xlsx).

    Examples
    --------
    >>> is_workbook(b"area,count")
    False
    """
    return content.startswith(_ZIP)


def read_rows(content: bytes, *, name: str) -> Rows:
    r"""Return the cells of a CSV as stripped text, ragged rows as they are.

    A table parted by tabs, as Nomis writes ``.data.tsv``, is known by its first line.

    Raises
    ------
    SourceError
        When the text is no CSV (a NUL byte, an endless quoted cell).

    Examples
    --------
    >>> read_rows(b"a, b\n1,2\n", name="x.csv")
    [['a', 'b'], ['1', '2']]
    """
    text = decode(content)
    if "\x00" in text[:4000]:
        raise SourceError(f"{name!r} is not text: expected a CSV. Check what kind of file it is.")
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = "\t" if "\t" in first and "," not in first else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [[cell.strip() for cell in row] for row in lines]
    except csv.Error as error:
        raise SourceError(f"{name!r} is not a CSV that can be read: {error}.") from error


def read_sheets(content: bytes, *, name: str) -> dict[str, Rows]:
    """Return the sheets of a workbook as rows of stripped text, whole numbers without ".0".

    Raises
    ------
    SourceError
        When the workbook is damaged or protected.
    """
    import python_calamine

    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
        return {
            sheet: [
                [_cell(value) for value in row]
                for row in workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            ]
            for sheet in workbook.sheet_names
        }
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise SourceError(
            f"{name!r} is a workbook that cannot be opened: {error}. Download it again, or save "
            "it as CSV."
        ) from error


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def table_with(
    path: str | Path,
    is_header: Callable[[set[str]], bool],
    *,
    expected: str,
    member: str = r"\.csv$",
) -> pd.DataFrame:
    """Return the table of a published CSV or workbook as a frame of text.

    The heading row is found by what it holds, never by its place: workbooks open with cover
    sheets and notes, and some CSVs with titles. Repeated headings get ``.1``, ``.2`` and so on;
    columns without a heading and rows without a cell are dropped.

    Parameters
    ----------
    path : str or Path
        A CSV, gzipped CSV, zip with one CSV, or XLSX.
    is_header : callable
        Says whether a set of compared headings (see :func:`heading`) is the heading row.
    expected : str
        What the table should be, for the message.
    member : str
        Which file of a zip to take.

    Returns
    -------
    pandas.DataFrame
        Text cells, empty text where a cell is empty; columns as the publisher wrote them, with
        spaces collapsed.

    Raises
    ------
    SourceError
        As :func:`read_bytes`.
    SchemaError
        When no row is the heading row; the message has the nearest thing to one.
    """
    path = Path(path)
    contents = {path.name: read_bytes(path, member=member)}
    return next(iter(_tables(contents, is_header, name=path.name, expected=expected).values()))


def tables_with(
    path: str | Path,
    is_header: Callable[[set[str]], bool],
    *,
    expected: str,
    member: str = r"\.csv$",
) -> dict[str, pd.DataFrame]:
    """Return every table of a published file by the name of its sheet or file.

    As :func:`table_with`, for workbooks with a sheet a year and zips with a file a sex. Sheets
    and files without the heading row (covers, notes) are passed over.

    Parameters
    ----------
    path, is_header, expected, member
        As for :func:`table_with`; a zip may hold several files that match ``member``.

    Returns
    -------
    dict of str to pandas.DataFrame
        At least one table of text.

    Raises
    ------
    SourceError
        As :func:`read_members`.
    SchemaError
        When no sheet or file has the heading row.
    """
    path = Path(path)
    contents = read_members(path, member=member)
    return _tables(contents, is_header, name=path.name, expected=expected)


def _tables(
    contents: dict[str, bytes],
    is_header: Callable[[set[str]], bool],
    *,
    name: str,
    expected: str,
) -> dict[str, pd.DataFrame]:
    sheets: dict[str, Rows] = {}
    for file, content in contents.items():
        if is_workbook(content):
            sheets |= read_sheets(content, name=file)
        else:
            sheets[file] = read_rows(content, name=file)
    found = {}
    for sheet, rows in sheets.items():
        for number, row in enumerate(rows[:60]):
            if is_header({heading(cell) for cell in row if cell}):
                found[sheet] = _frame(row, rows[number + 1 :])
                break
    if found:
        return found
    start = next((row for rows in sheets.values() for row in rows if any(row)), [])
    raise SchemaError(
        f"{name!r} is not {expected}: no row has the headings of any known edition. "
        f"It begins: {some(filter(None, start), most=8)}."
    )


def _frame(header: Sequence[str], rows: Rows) -> pd.DataFrame:
    import pandas as pd

    seen: dict[str, int] = {}
    names: list[str] = []
    for cell in header:
        name = " ".join(cell.replace("\ufeff", "").split())
        repeats = seen.get(name, 0)
        seen[name] = repeats + 1
        names.append(f"{name}.{repeats}" if name and repeats else name)
    keep = [position for position, name in enumerate(names) if name]
    width = len(names)
    body = (row + [""] * (width - len(row)) for row in rows if any(row))
    return pd.DataFrame(
        [[row[position] for position in keep] for row in body],
        columns=[names[position] for position in keep],
        dtype=object,
    )
