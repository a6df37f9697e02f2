"""The rules for workbooks that authors publish, each a check that returns what breaks it.

Each check takes the bytes of an Excel file or an OpenDocument spreadsheet.
"""

from __future__ import annotations

import io
import re
import zipfile

from workbook_read import ODS, read_workbook

SANS = {"arial", "calibri", "liberation sans", "helvetica", "verdana"}
FRONT = ("Cover", "Contents", "Notes")
_SIGN = re.compile(r"\[(?!note \d)[a-z]+\]")
_NOTE = re.compile(r"\[note (\d+)\]")
_NUMBER = re.compile(r"[-+]?[\d,]+(\.\d+)?%?")
_CELL = re.compile(r"[a-z]{1,3}\d+|r\d*|c\d*|r\d*c\d*", re.IGNORECASE)


def faults(content: bytes) -> list[str]:
    """Return everything that breaks a rule, with the name of the check."""
    return [f"{each.__name__}: {fault}" for each in CHECKS for fault in each(content)]


def _tables(content):
    """Return each sheet after the cover with the place of its one table, if it has one."""
    for sheet in read_workbook(content).sheets[1:]:
        if len(sheet.tables) == 1:
            yield sheet, sheet.tables[0][1]


def _data(content):
    """Return each cell below the headings of a table."""
    for sheet, (top, left, bottom, right) in _tables(content):
        for row in range(top + 1, bottom + 1):
            for column in range(left, right + 1):
                yield sheet, row, column, sheet.cells.get((row, column))


def order(content):
    """Cover, contents, notes, then the tables."""
    book = read_workbook(content)
    names = [each.name for each in book.sheets]
    found = [] if names[0] == FRONT[0] else [f"the first sheet is {names[0]}"]
    front = [each for each in names if each in FRONT]
    if names[: len(front)] != front or front != [each for each in FRONT if each in front]:
        found.append(f"the first sheets are {names[:3]}")
    if len(names) > 1 and "Contents" not in names:
        found.append("there are no contents")
    if book.sheets[0].tables:
        found.append("the cover has a table")
    return found


def layout(content):
    """A title in A1, and what a table needs above it."""
    found = []
    for sheet in read_workbook(content).sheets:
        if not sheet.text(0) or not sheet.cells[0, 0].heading:
            found.append(f"{sheet.name}: A1 is not a title")
        if any(column for _, column in sheet.cells) and not sheet.tables:
            found.append(f"{sheet.name}: there is more than text in column A, and no table")
    for sheet, (top, _, _, _) in _tables(content):
        above = [sheet.text(row) for row in range(top)]
        if not any("contains one table" in each for each in above[1:]):
            found.append(f"{sheet.name}: the number of tables is not said")
        if _NOTE.search(above[0]) and not any("Notes" in each for each in above[1:]):
            found.append(f"{sheet.name}: where the notes are is not said")
        if sheet.name not in FRONT and not above[0].startswith("Table "):
            found.append(f"{sheet.name}: the title has no number")
    return found


def alone(content):
    """The table begins in column A, and nothing is beside or below it."""
    found = []
    for sheet, (top, left, bottom, right) in _tables(content):
        if left:
            found.append(f"{sheet.name}: the table does not begin in column A")
        found += [
            f"{sheet.name}: something is beside or below the table: {row, column}"
            for row, column in sheet.cells
            if row > bottom or column > right or (row < top and column)
        ]
    return found


def marked_up(content):
    """One marked table a sheet, with a name and one row of headings."""
    names = set()
    found = [
        f"{each.name} has {len(each.tables)} marked tables: {each.tables}"
        for each in read_workbook(content).sheets[1:]
        if len(each.tables) != 1
    ]
    for sheet, (top, left, bottom, right) in _tables(content):
        name = sheet.tables[0][0]
        plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name) and not _CELL.fullmatch(name)
        if not plain or re.fullmatch(r"table_?\d*", name, re.IGNORECASE) or len(name) > 255:
            found.append(f"{sheet.name}: the table has the name {name!r}")
        if name.casefold() in names:
            found.append(f"{sheet.name}: the name {name!r} is there twice")
        names.add(name.casefold())
        headings = [sheet.text(top, column).strip() for column in range(left, right + 1)]
        if not all(headings) or len({each.casefold() for each in headings}) < len(headings):
            found.append(f"{sheet.name}: the headings are {headings}")
        if bottom <= top:
            found.append(f"{sheet.name}: the table has no rows")
    return found


def nothing_more(content):
    """Nothing merged, hidden, frozen, filtered, filled or blank; no pictures and no macros."""
    book = read_workbook(content)
    found = []
    for sheet in book.sheets:
        wrong = [each for each in ("merged", "hidden", "frozen", "filters") if getattr(sheet, each)]
        if wrong:
            found.append(f"{sheet.name}: {wrong}")
        filled = [where for where, each in sheet.cells.items() if each.filled]
        if filled:
            found.append(f"{sheet.name}: cells with a fill: {filled}")
        last = max(row for row, _ in sheet.cells)
        blank = [row for row in range(last) if not sheet.text(row)]
        if blank:
            found.append(f"{sheet.name}: blank rows {blank}")
    found += [
        f"the file has {each}"
        for each in book.parts
        if re.search(r"media/|drawing|vba|Pictures|Thumbnails|Basic|Scripts|Object", each)
    ]
    return found


def states_and_notes(content):
    """No empty cell; signs explained on the sheet; notes in titles and headings only."""
    book = read_workbook(content)
    found = [
        f"{sheet.name}: the cell {row, column} is empty"
        for sheet, row, column, cell in _data(content)
        if cell is None or cell.value is None or not str(cell.value).strip()
    ]
    known = set()
    for sheet, (top, _, bottom, _) in _tables(content):
        if sheet.name == "Notes":
            known = {int(sheet.cells[row, 0].value) for row in range(top + 1, bottom + 1)}
    named = set()
    for sheet, (top, _, _, right) in _tables(content):
        above = [sheet.text(row) for row in range(top)]
        if sheet.name not in FRONT:
            heads = [sheet.text(top, column) for column in range(right + 1)]
            named |= {int(each) for text in (above[0], *heads) for each in _NOTE.findall(text)}
        used = {
            cell.value
            for one, _, _, cell in _data(content)
            if one is sheet and cell is not None and _SIGN.fullmatch(str(cell.value))
        }
        explained = {each.split(" ")[0] for each in above if _SIGN.match(each)}
        if used - explained:
            found.append(f"{sheet.name}: signs without a meaning on the sheet: {used - explained}")
        if explained - used:
            found.append(f"{sheet.name}: signs that are not in the table: {explained - used}")
    if named != known:
        found.append(f"the notes are {sorted(known)}; those named are {sorted(named)}")
    found += [
        f"{sheet.name}: a note in the cell {row, column}"
        for sheet, row, column, cell in _data(content)
        if cell is not None and _NOTE.search(str(cell.value))
    ]
    found += [
        f"{sheet.name}: raised letters in {where}"
        for sheet in book.sheets
        for where, cell in sheet.cells.items()
        if cell.raised
    ]
    return found


def sheet_names(content):
    """Names of sheets differ, are short and are taken by every program."""
    names = [each.name for each in read_workbook(content).sheets]
    found = []
    if len({each.casefold() for each in names}) < len(names):
        found.append(f"names of sheets are there twice: {names}")
    return found + [
        f"the name {each!r} of a sheet"
        for each in names
        if len(each) > 31 or re.search(r"[\[\]:*?/\\']", each) or each.casefold() == "history"
    ]


def links(content):
    """Links say where they go and go there; the contents have one to each sheet."""
    sheets = {each.name: each for each in read_workbook(content).sheets}
    linked = [
        (sheet.name, str(cell.value), cell.link)
        for sheet in sheets.values()
        for cell in sheet.cells.values()
        if cell.link
    ]
    found = []
    for name, text, link in linked:
        place = re.search(r"'(.+)'[.!]A1$", link)
        if not place or place[1] not in sheets:
            found.append(f"{name}: the link goes to {link}")
        elif place[1] not in text and not re.search(r"[a-z]{3}", text):
            found.append(f"{name}: the link is called {text!r}")
        if re.search(r"https?:|www\.|^(here|link|click)\b", text):
            found.append(f"{name}: the link is called {text!r}")
    reached = {link for name, _, link in linked if name == "Contents"}
    return found + [
        f"the contents have no link to {name}"
        for name in list(sheets)[2:]
        if not any(f"'{name}'" in each for each in reached)
    ]


def letters(content):
    """Wrapped text, in letters without serifs of at least 10 points, none in italics."""
    found = []
    for sheet in read_workbook(content).sheets:
        for where, cell in sheet.cells.items():
            if cell.font.casefold() not in SANS or cell.size < 10 or cell.italic:
                found.append(f"{sheet.name} {where}: {cell.font} {cell.size} {cell.italic}")
            if isinstance(cell.value, str) and not cell.wrapped:
                found.append(f"{sheet.name} {where}: the text does not wrap")
    return found


def properties(content):
    """Title, subject, author and language; the cursor in the first cell of each sheet."""
    book = read_workbook(content)
    found = [
        f"the {each} of the file is empty"
        for each in ("title", "subject", "author")
        if not getattr(book, each)
    ]
    if book.language != "en-GB":
        found.append(f"the language is {book.language!r}")
    if book.title != book.sheets[0].text(0):
        found.append(f"the title of the file is {book.title!r}")
    if book.active != book.sheets[0].name:
        found.append(f"the file opens at {book.active!r}")
    return found + [
        f"{each.name}: the cursor is in {each.cursor}"
        for each in book.sheets
        if each.cursor != "A1"
    ]


def numbers(content):
    """Numbers are numbers with a format, rounded as they are printed, and nothing runs."""
    found = [
        f"{sheet.name} {where}: a formula"
        for sheet in read_workbook(content).sheets
        for where, cell in sheet.cells.items()
        if cell.formula
    ]
    for sheet, row, column, cell in _data(content):
        if cell is None or cell.value is None:
            continue
        at = f"{sheet.name} {row, column}"
        if isinstance(cell.value, str):
            if _NUMBER.fullmatch(cell.value.strip()) and not _labels(sheet, column):
                found.append(f"{at}: {cell.value!r} is a text")
        elif cell.decimals is None:
            found.append(f"{at}: the number {cell.value} has no format")
        elif round(cell.value, cell.decimals) != cell.value:
            found.append(f"{at}: {cell.value} is printed with {cell.decimals} decimals")
        elif abs(cell.value) >= 1000 and not cell.commas and not 1900 <= cell.value < 2100:
            found.append(f"{at}: {cell.value} has no comma")
        elif cell.commas and cell.side != "right":
            found.append(f"{at}: the number {cell.value} is not at the right")
    return found


def _labels(sheet, column):
    """Return whether a column has words, such as "1 (most deprived)", and no number."""
    _, (top, _, bottom, _) = sheet.tables[0]
    values = [sheet.cells[row, column].value for row in range(top + 1, bottom + 1)]
    words = [each for each in values if isinstance(each, str) and not _SIGN.fullmatch(each)]
    return len(words) == len(values) and not all(map(_NUMBER.fullmatch, words))


def open_document(content):
    """Real headings and marked tables in an OpenDocument file, and the type of the file first."""
    book = read_workbook(content)
    if book.kind != "ods":
        return []
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        first = whole.infolist()[0]
        stored = first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
        if not stored or whole.read("mimetype") != ODS:
            found.append("the type of the file is not first, and plain")
    for sheet, (top, _, _, _) in _tables(content):
        if sheet.header_rows != [top]:
            found.append(f"{sheet.name}: the header rows are {sheet.header_rows}, not {top}")
    versions = {
        match
        for part in book.parts.values()
        for match in re.findall(rb'(?:office|manifest):version="([\d.]+)"', part)
    }
    if len(versions) != 1:
        found.append(f"the parts have the versions {sorted(versions)}")
    if b'ShowZeroValues" config:type="boolean">true' not in book.parts["settings.xml"]:
        found.append("zeros would not show")
    if b"zero-values" not in book.parts["styles.xml"]:
        found.append("zeros would not print")
    if b'fo:language="en" fo:country="GB"' not in book.parts["styles.xml"]:
        found.append("the language of the text is not set")
    return found


def fixed(content):
    """Times inside the file are always the same."""
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        times = {each.date_time for each in whole.infolist()}
    return [] if times == {(1980, 1, 1, 0, 0, 0)} else [f"times in the file: {sorted(times)}"]


CHECKS = (
    order,
    layout,
    alone,
    marked_up,
    nothing_more,
    states_and_notes,
    sheet_names,
    links,
    letters,
    properties,
    numbers,
    open_document,
    fixed,
)
