"""The workbook as an OpenDocument spreadsheet, written with odfdo."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from bolton_jsna.chapter.document import Document
from bolton_jsna.chapter.workbook import _ods_parts as parts
from bolton_jsna.chapter.workbook._book import (
    ABOUT,
    COVER,
    COVER_WIDTH,
    INTRODUCTION,
    Book,
    Entry,
    Heading,
    Sheet,
)
from bolton_jsna.chapter.workbook._heights import cover_heights, heights
from bolton_jsna.chapter.workbook._sheets import book_of
from bolton_jsna.core.packed import packed

_MADE: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001  # as in the Excel file
_WIDTH: Final = 0.088
"""The width of a letter of 12 points, in inches."""


def to_ods(document: Document) -> bytes:
    """Return the workbook of a document as an OpenDocument spreadsheet."""
    book = book_of(document)
    decimals = [each.decimals for sheet in book.sheets for each in sheet.headings]
    return packed(
        {
            "mimetype": parts.TYPE.encode(),
            "META-INF/manifest.xml": parts.manifest(),
            "content.xml": _content(book),
            "styles.xml": parts.styles(book.footer, max(decimals, default=0)),
            "settings.xml": parts.settings([COVER, *(each.name for each in book.sheets)]),
            "meta.xml": _meta(book),
        }
    )


def _content(book: Book) -> bytes:
    """Return the part of the file with the sheets."""
    import odfdo

    part: Any = odfdo.Document("spreadsheet").get_part("content.xml")
    shapes = _Shapes()
    sheets = [_cover(book, shapes), *(_sheet(each, shapes) for each in book.sheets)]
    # The template of odfdo has a sheet, fonts and styles of its own.
    for tag in ("office:font-face-decls", "office:automatic-styles"):
        part.get_element(f"//{tag}").clear()
    automatic = part.get_element("//office:automatic-styles")
    for style in shapes.styles():
        automatic.append(odfdo.Element.from_tag(style))
    body = part.body
    body.clear()
    for each in sheets:
        body.append(each)
    if book.sheets:
        body.append(_ranges(book))
    return _serialised(part)


def _meta(book: Book) -> bytes:
    """Return the part of the file that says what it is."""
    import odfdo

    part: Any = odfdo.Document("spreadsheet").get_part("meta.xml")
    part.get_element("//office:meta").clear()
    part.set_title(book.title)
    part.set_subject(book.subject)
    part.set_initial_creator(book.author)
    part.set_creator(book.author)
    part.set_language(parts.LANGUAGE)
    part.set_creation_date(_MADE)
    part.set_generator(f"bolton-jsna {book.version}")
    return _serialised(part)


def _serialised(part: Any) -> bytes:
    """Return a part in the version of the format that the other parts have."""
    # Programs reject a file whose parts differ in it.
    part.root.set_attribute("office:version", parts.VERSION)
    return bytes(part.serialize())


class _Shapes:
    """The widths and heights of a workbook, each with a style."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, float], str] = {}

    def name(self, kind: str, size: float) -> str:
        """Return the style of a column or row of a size."""
        return self._names.setdefault((kind, size), f"{kind}{len(self._names) + 1}")

    def styles(self) -> list[str]:
        """Return the styles, and that of the sheets."""
        made = [parts.SHEET_STYLE]
        for (kind, size), name in self._names.items():
            made.append(parts.shape_style(kind, name, size))
        return made


def _table(name: str, widths: list[int], shapes: _Shapes) -> Any:
    import odfdo

    table = odfdo.Element.from_tag("table:table")
    table.set_attribute("table:name", name)
    table.set_attribute("table:style-name", "sheet")
    for each in widths:
        column = odfdo.Element.from_tag("table:table-column")
        column.set_attribute("table:style-name", shapes.name("column", round(each * _WIDTH, 3)))
        column.set_attribute("table:default-cell-style-name", "Default")
        table.append(column)
    return table


def _row(cells: list[Any], height: float, shapes: _Shapes) -> Any:
    import odfdo

    row = odfdo.Element.from_tag("table:table-row")
    row.set_attribute("table:style-name", shapes.name("row", height))
    for each in cells:
        row.append(each)
    return row


def _cell(text: str, style: str, number: float | None = None, sheet: str = "") -> Any:
    import odfdo

    cell = odfdo.Element.from_tag("table:table-cell")
    cell.set_attribute("table:style-name", style)
    cell.set_attribute("office:value-type", "string" if number is None else "float")
    if number is not None:
        cell.set_attribute("office:value", f"{number:.15g}")
    paragraph = odfdo.Paragraph("" if sheet else text)
    if sheet:
        paragraph.append(odfdo.Link(f"#'{sheet}'.A1", text=text))
    cell.append(paragraph)
    return cell


def _cover(book: Book, shapes: _Shapes) -> Any:
    cover = book.cover
    lines = [(cover.title, "Heading_20_1"), (INTRODUCTION, "Heading_20_2")]
    lines += [(each, "Text") for each in cover.introduction]
    lines += [(ABOUT, "Heading_20_2"), *((each, "Text") for each in cover.about)]
    table = _table(COVER, [COVER_WIDTH], shapes)
    for (text, style), height in zip(lines, cover_heights(cover), strict=True):
        table.append(_row([_cell(text, style)], height, shapes))
    return table


def _sheet(given: Sheet, shapes: _Shapes) -> Any:
    import odfdo

    table = _table(given.name, [each.width for each in given.headings], shapes)
    above = [_cell(given.title, "Heading_20_1")]
    above += [_cell(each, "Text") for each in (*given.warnings, given.instructions)]
    above += [
        _cell(each.text, "Link" if each.sheet else "Text", sheet=each.sheet) for each in given.lines
    ]
    high = iter(heights(given))
    for each in above:
        table.append(_row([each], next(high), shapes))
    header = odfdo.Element.from_tag("table:table-header-rows")
    names = [_cell(each.name, _style("Column", at, each)) for at, each in enumerate(given.headings)]
    header.append(_row(names, next(high), shapes))
    table.append(header)
    for entries in given.rows:
        cells = [
            _data_cell(entry, at, heading)
            for at, (entry, heading) in enumerate(zip(entries, given.headings, strict=True))
        ]
        table.append(_row(cells, next(high), shapes))
    return table


def _style(what: str, at: int, heading: Heading) -> str:
    """Return the style of a cell by the side of its column at which it stands."""
    if heading.kind == "number":
        return f"{what}_20_right"
    return f"{what}_20_later" if at else what


def _data_cell(entry: Entry, at: int, heading: Heading) -> Any:
    if entry.sheet:
        return _cell(entry.text, "Link", sheet=entry.sheet)
    if entry.number is None:
        return _cell(entry.text, _style("Text", at, heading))
    if heading.kind == "label":
        return _cell(entry.text, f"{_style('Label', at, heading)}", entry.number)
    return _cell(entry.text, f"Number_20_{heading.decimals}", entry.number)


def _ranges(book: Book) -> Any:
    """Return the tables by name, so that programs know where each begins and ends."""
    import odfdo

    ranges = odfdo.Element.from_tag("table:database-ranges")
    for each in book.sheets:
        one = odfdo.Element.from_tag("table:database-range")
        one.set_attribute("table:name", each.table)
        one.set_attribute(
            "table:target-range-address", f"'{each.name}'.{each.first}:'{each.name}'.{each.last}"
        )
        one.set_attribute("table:contains-header", "true")
        one.set_attribute("table:display-filter-buttons", "false")
        ranges.append(one)
    return ranges
