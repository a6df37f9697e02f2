"""The workbook as an Excel file, written with gptables."""

from __future__ import annotations

import datetime as dt
import io
import warnings
from typing import Any, Final

from bolton_jsna.chapter.document import Document
from bolton_jsna.chapter.workbook._book import COVER, COVER_WIDTH, Book, Entry, Sheet
from bolton_jsna.chapter.workbook._guarded import guarded, restored
from bolton_jsna.chapter.workbook._heights import (
    SUBTITLE,
    TEXT,
    TITLE,
    cover_heights,
    heights,
)
from bolton_jsna.chapter.workbook._sheets import book_of
from bolton_jsna.chapter.workbook._xlsx_parts import with_language, with_styles
from bolton_jsna.core.packed import packed, unpacked

_MADE: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001  # the file format has no time zone
"""When the file says that it was made: always the same, so that its bytes are too."""
_FOOTER: Final = "Page &P of &N"
_LONGEST_FOOTER: Final = 255
_A4: Final = 9
_WIDTH: Final = 1.2
"""The width of a letter of 12 points, in the letters of Excel, which have 11."""
_RUNS: Final = ("=", "+", "-", "@")

_TOP: Final = {"valign": "top"}
_THEME: Final[dict[str, Any]] = {
    "global": {"font_name": "Arial", "font_size": TEXT, "text_wrap": True, **_TOP},
    "cover_title": {"bold": True, "font_size": TITLE},
    "cover_subtitle": {"bold": True, "font_size": SUBTITLE},
    "title": {"bold": True, "font_size": TITLE},
    "column_heading": {"bold": True, "bottom": 1},
    "description_order": ["instructions", "legend"],
}


def to_xlsx(document: Document) -> bytes:
    """Return the workbook of a document as an Excel file."""
    book = book_of(document)
    made = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with warnings.catch_warnings():
        # gptables uses options of pandas that newer versions warn of, and leaves a file open.
        for each in (DeprecationWarning, FutureWarning, ResourceWarning):
            warnings.filterwarnings("ignore", category=each)
        import gptables

        whole = gptables.GPWorkbook(made, options)
        whole.set_theme(gptables.Theme({**_THEME}))
        whole.set_properties(
            {
                "title": book.title,
                "subject": book.subject,
                "author": book.author,
                "created": _MADE,
            }
        )
        _write_cover(whole, book)
        for sheet in book.sheets:
            _write_sheet(whole, sheet, book.footer)
        whole.close()
    parts = {name: restored(part) for name, part in unpacked(made.getvalue()).items()}
    return packed(with_styles(with_language(parts)))


def _add_sheet(whole: Any, name: str, footer: str) -> Any:
    sheet = whole.add_worksheet(name)
    sheet.add_write_handler(str, _write_text)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    text = f"&L{footer.replace('&', '&&')}&R{_FOOTER}"
    sheet.set_footer(text if len(text) <= _LONGEST_FOOTER else f"&R{_FOOTER}")
    return sheet


def _write_text(sheet: Any, row: int, column: int, text: str, *style: Any) -> Any:
    """Write a text as it is: never a formula, a number or a link."""
    return sheet.write_string(row, column, text, *style)


def _write_cover(whole: Any, book: Book) -> None:
    import gptables

    sheet = _add_sheet(whole, COVER, book.footer)
    sheet.write_cover(
        gptables.Cover(
            title=guarded(book.cover.title),
            intro=[guarded(each) for each in book.cover.introduction],
            about=[guarded(each) for each in book.cover.about],
            cover_label=COVER,
            width=COVER_WIDTH * _WIDTH,
        )
    )
    for row, height in enumerate(cover_heights(book.cover)):
        sheet.set_row(row, height)


def _write_sheet(whole: Any, given: Sheet, footer: str) -> None:
    import gptables
    import pandas as pd

    sheet = _add_sheet(whole, given.name, footer)
    frame = pd.DataFrame(
        [[_written(each) for each in row] for row in given.rows],
        columns=[guarded(each.name) for each in given.headings],
        dtype=object,
    )
    legend: list[str] = [
        f"[{each.text}](internal:'{each.sheet}'!A1)" if each.sheet else guarded(each.text)
        for each in given.lines
    ]
    sheet.write_gptable(
        gptables.GPTable(
            table=frame,
            table_name=given.table,
            title=guarded(given.title),
            subtitles=[guarded(each) for each in given.warnings],
            instructions=guarded(given.instructions),
            legend=legend,
            index_columns={},
            additional_formatting=_formats(given),
        ),
        auto_width=False,
    )
    for at, each in enumerate(given.headings):
        sheet.set_column(at, at, each.width * _WIDTH)
    for row, height in enumerate(heights(given)):
        sheet.set_row(row, height)
    sheet.repeat_rows(given.top)
    # Labels such as "2" in a column of texts are no mistake, so Excel need not mark them as one.
    sheet.ignore_errors({"number_stored_as_text": f"{given.first}:{given.last}"})


def _written(entry: Entry) -> Any:
    if entry.sheet:
        return {entry.text: f"internal:'{entry.sheet}'!A1"}
    return guarded(entry.text) if entry.number is None else entry.number


def _formats(given: Sheet) -> list[dict[str, Any]]:
    """Return the number formats and sides of the columns."""
    made: list[dict[str, Any]] = []
    for at, each in enumerate(given.headings):
        style: dict[str, Any] = {"align": "right" if each.kind == "number" else "left"}
        if at and each.kind != "number":
            # Room after a number, which stands at the right side of its column.
            style["indent"] = 1
        if each.kind != "text":
            style["num_format"] = number_format(each.kind, each.decimals)
        texts = [row[at].text for row in given.rows if row[at].number is None]
        if any(each.startswith(_RUNS) for each in texts):
            # A text like a formula stays a text when someone edits its cell.
            style["quote_prefix"] = True
        made.append({"column": {"columns": [at], "format": style, "include_names": True}})
    return made


def number_format(kind: str, decimals: int) -> str:
    """Return how Excel prints a number of a column."""
    if kind == "label":
        return "0"
    return "#,##0." + "0" * decimals if decimals else "#,##0"
