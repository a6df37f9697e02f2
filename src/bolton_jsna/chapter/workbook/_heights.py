"""How high the rows of a sheet are, so that all wrapped text shows."""

from __future__ import annotations

import textwrap
from typing import Final

from bolton_jsna.chapter.workbook._book import COVER_WIDTH, Cover, Sheet

TITLE: Final = 16
SUBTITLE: Final = 14
TEXT: Final = 12
"""Sizes of the letters, in points."""

_SPACING: Final = 1.35
"""The height of a line, in sizes of its letters."""
_SAFE: Final = 0.88
"""How much of a width is counted on: letters of other fonts are wider than those of Arial."""
_INDENT: Final = 2
"""The room before a text in a later column, in letters."""
_BOLD: Final = 1.15
"""How much wider bold letters are."""


def cover_heights(cover: Cover) -> list[float]:
    """Return the heights of the rows of a cover, in points."""
    made = [_height(cover.title, COVER_WIDTH, TITLE, _BOLD)]
    for texts in (cover.introduction, cover.about):
        made.append(_height("A heading", COVER_WIDTH, SUBTITLE))
        made += [_height(each, COVER_WIDTH, TEXT) for each in texts]
    return made


def heights(sheet: Sheet) -> list[float]:
    """Return the heights of the rows of a sheet, in points."""
    first = sheet.headings[0].width
    above = [*sheet.warnings, sheet.instructions, *(each.text for each in sheet.lines)]
    made = [
        _height(sheet.title, first, TITLE, _BOLD),
        *(_height(each, first, TEXT) for each in above),
    ]
    widths = [
        each.width - (_INDENT if at and each.kind != "number" else 0)
        for at, each in enumerate(sheet.headings)
    ]
    heads = zip(sheet.headings, widths, strict=True)
    made.append(max(_height(each.name, width, TEXT, _BOLD) for each, width in heads))
    for row in sheet.rows:
        cells = zip(row, widths, strict=True)
        made.append(max(_height(each.text, width, TEXT) for each, width in cells))
    return made


def _height(text: str, width: int, size: int, wider: float = 1.0) -> float:
    letters = max(int(width * _SAFE * TEXT / size / wider), 1)
    return max(len(textwrap.wrap(text, letters)), 1) * round(size * _SPACING, 1)
