"""Tables of the page, each with its CSV."""

from __future__ import annotations

import csv
import io
from html import escape
from typing import Final
from urllib.parse import quote

from bolton_jsna.chapter.document import MADE_UP, Cell, Column, Table
from bolton_jsna.chapter.page._numbers import Numbers
from bolton_jsna.chapter.page._text import lines, sources
from bolton_jsna.core.export import inert_text

_BYTE_ORDER_MARK: Final = "\ufeff"
"""Excel reads a CSV as UTF-8 only if it begins with it."""

_ON_ONE_SHEET: Final = 14
"""The most rows that are kept on one sheet of paper."""


def table(given: Table, numbers: Numbers) -> str:
    """Return a table: caption above, then rows, signs, notes, sources and the CSV."""
    # Roles are written out because the narrow page shows rows as blocks, which would end the table
    # for a screen reader.
    key = f"table-{escape(given.key)}"
    made_up = f' <span class="made-up">{MADE_UP}</span>' if given.illustrative else ""
    whole = " whole" if len(given.rows) <= _ON_ONE_SHEET else ""
    heads = "".join(
        f'<th scope="col" role="columnheader"{_kind(each)}>{escape(each.name)}</th>'
        for each in given.columns
    )
    rows = "\n".join(_row(row, given.columns) for row in given.rows)
    number = numbers.numbers[given.key]
    signs = lines((f"{sign} {meaning}" for sign, meaning in given.signs), "sign")
    # The title stands above the place that scrolls, so that all of it is always in view.
    return f"""<div class="table{whole}" id="{key}">
<p class="caption" id="{key}-caption"><span class="title">Table {number}: {escape(given.title)}\
</span>{made_up}</p>
<div class="scroll" role="region" aria-labelledby="{key}-caption" tabindex="0">
<table role="table" aria-labelledby="{key}-caption">
<thead role="rowgroup"><tr role="row">{heads}</tr></thead>
<tbody role="rowgroup">
{rows}
</tbody>
</table>
</div>
{signs}{lines(given.notes, "remark")}{sources(given.sources)}\
<p class="actions">{download(given, numbers, f"Table {number}")}</p>
</div>"""


def download(given: Table, numbers: Numbers, name: str) -> str:
    """Return the link that saves a table as CSV, with its name in the text of the link."""
    address = quote(as_csv(given, mark=numbers.mark))
    return (
        f'<a download="{escape(given.key)}.csv" href="data:text/csv;charset=utf-8,{address}">'
        f"Download {name} (CSV)</a>"
    )


def as_csv(given: Table, *, mark: str = "") -> str:
    """Return a table as CSV: numbers as they are printed, without commas, and signs of states."""
    # A file is passed on without its page: its rows say what is written above them in the page.
    said = {"publication": mark, "illustrative": MADE_UP if given.illustrative else ""}
    more = {name: text for name, text in said.items() if text}
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([*more, *(inert_text(each.name) for each in given.columns)])
    for row in given.rows:
        cells = (_plain(*each) for each in zip(row, given.columns, strict=True))
        writer.writerow([*more.values(), *cells])
    return _BYTE_ORDER_MARK + written.getvalue()


def _plain(cell: Cell, column: Column) -> str:
    if cell.value is None:
        return inert_text(cell.text)
    return f"{cell.value:.{column.decimals}f}"


def _kind(column: Column) -> str:
    return ' class="number"' if column.kind == "number" else ""


def _row(row: tuple[Cell, ...], columns: tuple[Column, ...]) -> str:
    first, *others = row
    cells = "".join(
        f'<td role="cell"{_kind(column)} data-head="{escape(column.name)}">{escape(cell.text)}</td>'
        for cell, column in zip(others, columns[1:], strict=True)
    )
    return (
        f'<tr role="row"><th scope="row" role="rowheader"{_kind(columns[0])}>'
        f"{escape(first.text)}</th>{cells}</tr>"
    )
