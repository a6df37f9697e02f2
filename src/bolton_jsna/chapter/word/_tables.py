"""Tables of the chapter: real ones, with a row of headings that repeats on each page."""

from __future__ import annotations

import re
from typing import Any, Final

from bolton_jsna.chapter.document import Table
from bolton_jsna.chapter.word._styles import Styles
from bolton_jsna.chapter.word._widths import SIZES, Widths
from bolton_jsna.chapter.word._xml import node, paragraph, plain, run

_YEAR: Final = re.compile(r"(19|20)\d\d")
_LABEL: Final = re.compile(r"[\d,]+|\[[a-z]+\]")
_TOGETHER: Final = 14
"""Tables of up to so many rows stay on one page."""
_LAST: Final = 2
"""Rows of a longer table that stay with the notes below it."""
_NARROW: Final = 255
"""The most characters of a caption in the properties of a table."""


def table_of(given: Table, widths: Widths, styles: Styles, *, followed: bool) -> Any:
    """Return a table of Word; notes that follow it stay on its page."""
    properties = node(
        "tblPr",
        node("tblStyle", val=styles.table),
        node("tblW", w=sum(widths.columns), type="dxa"),
        node("tblLayout", type="fixed"),
        node(
            "tblLook",
            val="0420",
            firstRow=1,
            lastRow=0,
            firstColumn=0,
            lastColumn=0,
            noHBand=0,
            noVBand=1,
        ),
        node("tblCaption", val=plain(given.title)[:_NARROW]),
        node("tblDescription", val=plain(given.description)),
    )
    grid = node("tblGrid", *(node("gridCol", w=each) for each in widths.columns))
    cells = [[each.name for each in given.columns]]
    cells += [[each.text for each in row] for row in given.rows]
    count = len(cells)
    kept = [count <= _TOGETHER or at == 0 or at >= count - _LAST for at in range(count)]
    kept[-1] = followed
    rows = [
        _row(texts, given, widths, styles, head=at == 0, keep=kept[at])
        for at, texts in enumerate(cells)
    ]
    return node("tbl", properties, grid, *rows)


def _row(
    texts: list[str], given: Table, widths: Widths, styles: Styles, *, head: bool, keep: bool
) -> Any:
    style = styles.of("chapter table text")
    size = 0 if widths.size == SIZES[0] else widths.size
    cells = [
        node(
            "tc",
            node("tcPr", node("tcW", w=width, type="dxa")),
            paragraph(style, run(text, size=size), keep=keep, right=_is_right(given, at)),
        )
        for at, (text, width) in enumerate(zip(texts, widths.columns, strict=True))
    ]
    properties = node("trPr", node("cantSplit"), node("tblHeader") if head else None)
    return node("tr", properties, *cells)


def _is_right(given: Table, at: int) -> bool:
    """Return whether a column stands at the right: of numbers, also where they are labels."""
    if given.columns[at].kind == "number":
        return True
    texts = [row[at].text for row in given.rows]
    years = all(_YEAR.fullmatch(each) for each in texts)
    return bool(texts) and not years and all(_LABEL.fullmatch(each) for each in texts)
