"""How wide the columns of a table are, so that no word is broken."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from bolton_jsna.chapter.document import Table

SIZES: Final = (18, 17, 16)
"""Sizes of type that are tried, in half points: no smaller than 8 points."""
_CELL: Final = 230
"""The space next to the text of a cell, in twentieths of a point."""
_LONGEST_WORD: Final = 0.4
"""The part of a page that a word may claim: addresses are broken."""
_WIDER: Final = 0.7
"""The part of a page from which on a table is made as wide as the page."""

# The widths of DejaVu Sans, which is wider than most typefaces, in parts of the size of type.
_NARROW: Final = dict.fromkeys("ijl.,:;'|!()[]/ -ftr", 0.42)
_WIDE: Final = dict.fromkeys("mwMW@%", 1.0)
_DIGIT: Final = 0.64
_CAPITAL: Final = 0.75
_OTHER: Final = 0.63
_BOLD: Final = 1.1
_MANY: Final = 7
"""From so many columns on, a table whose rows are high is shown across."""
_MOST_LINES: Final = 4
_WORDS: Final = re.compile(r"[^\s-]+-?|-")


@dataclass(frozen=True)
class Widths:
    """The widths of columns in twentieths of a point, with the size of type in half points."""

    columns: tuple[int, ...]
    size: int
    fits: bool


def widths_of(table: Table, width: int) -> Widths:
    """Return the widths of the columns of a table on a page of a width.

    The largest size of type is taken at which every word fits; if it fits at none, the words of
    the widest columns are broken at the smallest size, and ``fits`` is false.
    """
    found = []
    for size in SIZES:
        least, best = _needed(table, width, size)
        if sum(least) <= width:
            found.append(Widths(_shared(least, best, width), size, fits=True))
    low = [each for each in found if _lines(table, each) <= _MOST_LINES]
    if found and (low or len(table.columns) < _MANY):
        return (low or found)[0]
    if found:
        return replace(found[-1], fits=False)
    least, _ = _needed(table, width, SIZES[-1])
    scaled = tuple(each * width // sum(least) for each in least)
    return Widths(scaled, SIZES[-1], fits=False)


def _lines(table: Table, widths: Widths) -> int:
    """Return how many lines the longest text of a table takes."""
    longest = 0
    for at, width in enumerate(widths.columns):
        room = max(width - _CELL, 1)
        for row in table.rows:
            longest = max(longest, -(-_length(row[at].text, widths.size) // room))
    return longest


def _needed(table: Table, width: int, size: int) -> tuple[list[int], list[int]]:
    """Return the least width of each column, for its longest word, and the best."""
    least, best = [], []
    most = int(width * _LONGEST_WORD)
    for at, column in enumerate(table.columns):
        texts = [row[at].text for row in table.rows]
        head = _length(column.name, size, _BOLD)
        words = max((_longest_word(each, size) for each in texts), default=0)
        words = max(words, _longest_word(column.name, size, _BOLD))
        if column.kind == "number":
            # A number is not broken at its spaces or hyphens.
            words = max([words, *(_length(each, size) for each in texts)])
        whole = max((_length(each, size) for each in texts), default=0)
        least.append(min(words, most) + _CELL)
        # A heading may take two lines.
        best.append(max(least[-1], min(max(whole, int(head * 0.6)), width) + _CELL))
    return least, best


def _shared(least: list[int], best: list[int], width: int) -> tuple[int, ...]:
    """Share the width of a page among the columns of a table."""
    wanted = sum(best)
    if wanted > width:
        over = [more - less for more, less in zip(best, least, strict=True)]
        free = width - sum(least)
        return tuple(
            less + free * each // max(sum(over), 1) for less, each in zip(least, over, strict=True)
        )
    whole = width if wanted >= _WIDER * width else int(wanted * 1.1)
    more = (min(whole, width) - wanted) // len(best)
    return tuple(each + more for each in best)


def _longest_word(text: str, size: int, heavy: float = 1.0) -> int:
    return max((_length(each, size, heavy) for each in _WORDS.findall(text)), default=0)


def _length(text: str, size: int, heavy: float = 1.0) -> int:
    parts = (
        _NARROW.get(each)
        or _WIDE.get(each)
        or (_DIGIT if each.isdigit() else _CAPITAL if each.isupper() else _OTHER)
        for each in text
    )
    return int(sum(parts) * heavy * size * 10) + 1
