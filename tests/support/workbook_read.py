"""A workbook as it is in its file, read alike from Excel and from OpenDocument."""

from __future__ import annotations

import functools
import io
import re
from dataclasses import dataclass, field

import openpyxl
from lxml import etree
from openpyxl.utils import range_boundaries

from bolton_jsna.core.packed import unpacked

ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
NAMES = {
    "office": f"{_OASIS}office:1.0",
    "table": f"{_OASIS}table:1.0",
    "text": f"{_OASIS}text:1.0",
    "style": f"{_OASIS}style:1.0",
    "number": f"{_OASIS}datastyle:1.0",
    "fo": f"{_OASIS}xsl-fo-compatible:1.0",
    "config": f"{_OASIS}config:1.0",
    "meta": f"{_OASIS}meta:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xlink": "http://www.w3.org/1999/xlink",
}


@dataclass
class ReadCell:
    value: str | float | None
    formula: bool = False
    link: str = ""
    font: str = ""
    size: float = 0.0
    italic: bool = False
    raised: bool = False
    wrapped: bool = False
    filled: bool = False
    heading: bool = False
    decimals: int | None = None
    commas: bool = False
    side: str = ""


@dataclass
class ReadSheet:
    name: str
    cells: dict[tuple[int, int], ReadCell] = field(default_factory=dict)
    tables: list[tuple[str, tuple[int, int, int, int]]] = field(default_factory=list)
    """Each table with its first row and column and its last, from 0."""
    header_rows: list[int] = field(default_factory=list)
    merged: bool = False
    hidden: bool = False
    frozen: bool = False
    filters: bool = False
    cursor: str = ""

    def text(self, row, column=0):
        cell = self.cells.get((row, column))
        return "" if cell is None or cell.value is None else str(cell.value)


@dataclass
class ReadBook:
    kind: str
    sheets: list[ReadSheet]
    title: str
    subject: str
    author: str
    language: str
    active: str
    parts: dict[str, bytes]


@functools.lru_cache(maxsize=8)
def read_workbook(content: bytes) -> ReadBook:
    """Return what a file has, by what is in it."""
    parts = unpacked(content)
    return _ods(parts) if parts.get("mimetype") == ODS else _xlsx(content, parts)


def _xlsx(content, parts):
    whole = openpyxl.load_workbook(io.BytesIO(content))
    sheets = []
    for each in whole.worksheets:
        sheet = ReadSheet(
            each.title,
            merged=bool(each.merged_cells.ranges),
            hidden=each.sheet_state != "visible"
            or any(one.hidden for one in each.row_dimensions.values())
            or any(one.hidden for one in each.column_dimensions.values()),
            frozen=each.freeze_panes is not None,
            filters=bool(each.auto_filter.ref)
            or any(one.autoFilter is not None for one in each.tables.values()),
            cursor=each.sheet_view.selection[0].activeCell,
        )
        for one in each.tables.values():
            first, top, last, bottom = range_boundaries(one.ref)
            sheet.tables.append((one.displayName, (top - 1, first - 1, bottom - 1, last - 1)))
            if [column.name for column in one.tableColumns] != [
                each.cell(top, at).value for at in range(first, last + 1)
            ]:
                sheet.tables.append(("headings that differ from those of the cells", (0, 0, 0, 0)))
        for row in each.iter_rows():
            for cell in row:
                if cell.value is not None or cell.has_style:
                    sheet.cells[cell.row - 1, cell.column - 1] = _xlsx_cell(cell)
        sheets.append(sheet)
    made = whole.properties
    return ReadBook(
        "xlsx",
        sheets,
        made.title or "",
        made.subject or "",
        made.creator or "",
        made.language or "",
        whole.active.title,
        parts,
    )


def _xlsx_cell(cell):
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = float(value)
    code = cell.number_format
    return ReadCell(
        value,
        formula=cell.data_type == "f",
        link=(cell.hyperlink.location or cell.hyperlink.target or "") if cell.hyperlink else "",
        font=cell.font.name,
        size=cell.font.sz,
        italic=bool(cell.font.i),
        raised=bool(cell.font.vertAlign),
        wrapped=bool(cell.alignment.wrap_text),
        filled=cell.fill.fill_type is not None,
        heading=cell.style.startswith("Heading"),
        decimals=None if code == "General" else len(code.partition(".")[2]),
        commas="#,##0" in code,
        side=cell.alignment.horizontal or "",
    )


def _q(name):
    short, _, tag = name.partition(":")
    return f"{{{NAMES[short]}}}{tag}"


def _ods(parts):
    content, styles, settings, meta = (
        etree.fromstring(parts[f"{each}.xml"]) for each in ("content", "styles", "settings", "meta")
    )
    found = {
        each.get(_q("style:name")): each
        for part in (styles, content)
        for each in part.iterfind(".//style:style", NAMES)
    }
    formats = {
        each.get(_q("style:name")): each.find("number:number", NAMES)
        for each in styles.iterfind(".//number:number-style", NAMES)
    }
    sheets = [
        _ods_sheet(each, found, formats) for each in content.iterfind(".//table:table", NAMES)
    ]
    for each in content.iterfind(".//table:database-range", NAMES):
        place = each.get(_q("table:target-range-address"))
        name, first, last = re.fullmatch(r"'(.+)'\.(\w+):'\1'\.(\w+)", place).groups()
        left, top, right, bottom = range_boundaries(f"{first}:{last}")
        sheet = next(one for one in sheets if one.name == name)
        sheet.tables.append(
            (each.get(_q("table:name")), (top - 1, left - 1, bottom - 1, right - 1))
        )
        sheet.filters |= each.get(_q("table:display-filter-buttons")) != "false"
    views = {
        each.get(_q("config:name")): {
            one.get(_q("config:name")): one.text
            for one in each.iterfind("config:config-item", NAMES)
        }
        for each in settings.iterfind(".//config:config-item-map-entry", NAMES)
    }
    for sheet in sheets:
        view = views.get(sheet.name, {})
        first = (view.get("CursorPositionX"), view.get("CursorPositionY")) == ("0", "0")
        sheet.cursor = "A1" if first else "elsewhere"
        sheet.frozen = any("Split" in each and view[each] not in ("0", "2") for each in view)
    return ReadBook(
        "ods",
        sheets,
        meta.findtext(".//dc:title", "", NAMES),
        meta.findtext(".//dc:subject", "", NAMES),
        meta.findtext(".//dc:creator", "", NAMES),
        meta.findtext(".//dc:language", "", NAMES),
        views.get(None, {}).get("ActiveTable", ""),
        parts,
    )


def _ods_sheet(table, found, formats):
    sheet = ReadSheet(table.get(_q("table:name")))
    rows = list(table.iter(_q("table:table-row")))
    for row, each in enumerate(rows):
        if each.getparent().tag == _q("table:table-header-rows"):
            sheet.header_rows.append(row)
        sheet.hidden |= each.get(_q("table:visibility")) is not None
        for column, cell in enumerate(each):
            repeated = _q("table:number-columns-repeated") in cell.attrib
            sheet.merged |= cell.tag != _q("table:table-cell") or any(
                "spanned" in one for one in cell.attrib
            )
            assert not repeated, "cells that are repeated are not read"
            sheet.cells[row, column] = _ods_cell(cell, found, formats)
    return sheet


def _ods_cell(cell, found, formats):
    words = "\n".join("".join(each.itertext()) for each in cell.iterfind("text:p", NAMES))
    number = cell.get(_q("office:value"))
    link = cell.find(".//text:a", NAMES)
    chain = []
    name = cell.get(_q("table:style-name"))
    names = []
    while name and name in found:
        names.append(name)
        chain.append(found[name])
        name = found[name].get(_q("style:parent-style-name"))

    def of(attribute, part="style:text-properties"):
        for each in chain:
            inside = each.find(part, NAMES)
            if inside is not None and inside.get(_q(attribute)) is not None:
                return inside.get(_q(attribute))
        return ""

    data = next(
        (
            each.get(_q("style:data-style-name"))
            for each in chain
            if _q("style:data-style-name") in each.attrib
        ),
        None,
    )
    form = formats.get(data)
    cell_part = "style:table-cell-properties"
    return ReadCell(
        (words or None) if number is None else float(number),
        formula=cell.get(_q("table:formula")) is not None,
        link="" if link is None else link.get(_q("xlink:href")),
        font=of("fo:font-family"),
        size=float(of("fo:font-size").removesuffix("pt") or 0),
        italic=of("fo:font-style") == "italic",
        raised=bool(of("style:text-position")),
        wrapped=of("fo:wrap-option", cell_part) == "wrap",
        filled=of("fo:background-color", cell_part) not in ("", "transparent"),
        heading=any(each.startswith("Heading") for each in names),
        decimals=None if form is None else int(form.get(_q("number:decimal-places"))),
        commas=form is not None and form.get(_q("number:grouping")) == "true",
        side={"end": "right", "start": "left"}.get(
            of("fo:text-align", "style:paragraph-properties"), ""
        ),
    )
