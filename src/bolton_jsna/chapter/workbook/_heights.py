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
_BOLD: Final = 1.25
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
    widths = [each.width for each in sheet.headings]
    made.append(max(_height(each.name, each.width, TEXT, _BOLD) for each in sheet.headings))
    for row in sheet.rows:
        cells = zip(row, widths, strict=True)
        made.append(max(_height(each.text, width, TEXT) for each, width in cells))
    return made


def _height(text: str, width: int, size: int, wider: float = 1.0) -> float:
    letters = max(int(width * TEXT / size / wider), 1)
    return max(len(textwrap.wrap(text, letters)), 1) * round(size * _SPACING, 1)
