"""The field of the marks: its margins from the words round it, and the places of its rows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bolton_jsna.charts import _style
from bolton_jsna.charts._rule_labels import rule_labels
from bolton_jsna.charts._spec import Axis, ChartSpec, Side
from bolton_jsna.drawing import canvas, palettes

LEADING: Final = 1.3
_NARROW: Final = 480
"""Below this width names take a larger share of it."""

_LONG: Final = 3
"""Names of as many lines stand above their rows where the page is narrow."""

_MOST_BESIDE: Final = 0.62
"""Names and words next to the rows that take more than this of a narrow page stand above."""

_MOST_FOLDED: Final = 0.4
"""Words next to the rows that take more than this of a narrow page stand below the names."""

_ROW: Final = 1.75
"""The height of the marks of a row, for a size of 1."""


@dataclass(frozen=True)
class Frame:
    """The field of the marks in units of the page, and how numbers become places in it.

    Attributes
    ----------
    left, top, right, bottom : float
        Its edges.
    x, y : Axis
        The axes.
    size : float
        The size of the text.
    rows : tuple of float
        The middles of the rows of categories, empty without rows.
    row : float
        The height that the marks of a row have.
    stacked : bool
        Whether the names of rows stand above them.
    sides : tuple of float
        Where each column of words to the right ends.
    limit : float
        How far the names of rules may reach to the right.
    """

    left: float
    top: float
    right: float
    bottom: float
    x: Axis
    y: Axis
    size: float
    rows: tuple[float, ...] = ()
    row: float = 0.0
    stacked: bool = False
    sides: tuple[float, ...] = ()
    limit: float = 0.0

    def across(self, value: float) -> float:
        """Return the place of a number of x."""
        share = (value - self.x.low) / (self.x.high - self.x.low)
        return self.left + share * (self.right - self.left)

    def uprights(self) -> list[tuple[float, float]]:
        """Return where lines go from top to bottom: not through names that stand above rows."""
        if not self.stacked:
            return [(self.top, self.bottom)]
        half = self.row * 0.42
        return [(middle - half, middle + half) for middle in self.rows]

    def down(self, value: float) -> float:
        """Return the place of a number of y; the first category is at the top."""
        if self.rows:
            if not -0.5 < value < len(self.rows) - 0.5:
                return self.top if value < 0 else self.bottom
            at = min(max(math.floor(value + 0.5), 0), len(self.rows) - 1)
            return self.rows[at] + (value - at) * self.row
        share = (value - self.y.low) / (self.y.high - self.y.low)
        if not self.y.categories:
            share = 1 - share
        return self.top + share * (self.bottom - self.top)


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Return text in lines of at most a width in units of the page."""
    return canvas.wrap(text, width / 72, size, bold=bold)


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in units of the page."""
    return canvas.width_of(text, size, bold=bold) * 72


def text_colour(role: str) -> str:
    """Return the colour of words about a role: its own where it is dark enough to read."""
    ink = _style.colour(role)  # type: ignore[arg-type]
    return ink if palettes.contrast(ink, palettes.line("page")) >= 4.5 else palettes.line("text")


def narrow(width: float, size: float) -> bool:
    """Return whether a page is that of a telephone."""
    return width < _NARROW * size / 14


def names_of(spec: ChartSpec, width: float, size: float) -> tuple[dict[str, list[str]], bool]:
    """Return the names of the categories of y in lines, and whether they stand above the rows."""
    if not spec.y.categories:
        return {}, False
    small = narrow(width, size)
    texts = [text for _, text in spec.y.ticks]
    names = {text: wrap(text, (0.4 if small else 0.34) * width, size) for text in texts}
    lines = [line for each in names.values() for line in each]
    taken = max((width_of(each, size) for each in lines), default=0.0)
    taken += sum(_side_widths(spec, size)) + size * (1 + len(spec.side_headings))
    tight = any(len(each) >= _LONG for each in names.values()) or taken > _MOST_BESIDE * width
    if small and tight and spec.rows_tall:
        room = width - 2 * size
        folded = _folded(spec, width, size)
        return {
            text: [*wrap(text, room, size, bold=True), *folded.get(at, ())]
            for at, text in spec.y.ticks
        }, True
    return names, False


def _folded(spec: ChartSpec, width: float, size: float) -> dict[float, list[str]]:
    """Return the words to the side of rows as lines below their names, if they are too wide."""
    if sum(_side_widths(spec, size)) < _MOST_FOLDED * width:
        return {}
    found = {}
    for mark in spec.marks:
        if isinstance(mark, Side):
            pairs = itertools.zip_longest(spec.side_headings, mark.texts, fillvalue="")
            texts = [" ".join(pair).strip() for pair in pairs]
            whole = "; ".join(texts)
            fits = width_of(whole, size) <= width - 3 * size
            found[mark.at] = (
                [whole] if fits else [line for each in texts for line in wrap(each, width, size)]
            )
    return found


def frame_of(
    spec: ChartSpec,
    width: float,
    size: float,
    *,
    names: Mapping[str, list[str]],
    stacked: bool,
    ends: Mapping[str, list[str]],
) -> Frame:
    """Return the field that the words of the axes, at its side and at the ends of lines leave."""
    texts = [line for lines in names.values() for line in lines]
    texts = [] if stacked else texts or [text for _, text in spec.y.ticks]
    # The name of the area in question is bold.
    bold = spec.y.categories
    wide = (width_of(each, size, bold=bold) for each in texts)
    left = max(wide, default=-size * 0.5) + size * 0.8
    # A tick at the left end has half of its text outside of the field.
    first = spec.x.ticks[0][1] if spec.x.ticks and not spec.x.categories else ""
    left = max(left, width_of(first, size) / 2 + size * 0.2)
    words = [line for lines in ends.values() for line in lines]
    right = max((width_of(each, size, bold=True) for each in words), default=0)
    last = spec.x.ticks[-1][1] if spec.x.ticks and not spec.x.categories else ""
    right = max(right + (size * 1.1 if right else 0), width_of(last, size) / 2 + size * 0.3)
    columns = _side_widths(spec, size)
    if stacked and _folded(spec, width, size):
        columns = []
    if columns:
        right = max(right, sum(columns) + size * len(columns))
    heights = _heights(spec, size, names, stacked=stacked)
    tall = sum(heights) or max((width - left - right) * 0.5, size * 16)
    edge = width - right
    limit = edge if columns else width
    rows = len({each.row for each in rule_labels(spec, left, edge, limit, size)})
    heads = max(rows, bool(columns))
    above = size * (0.8 + LEADING * (heads + len(wrap(spec.y.label, width, size))))
    lasts = [edge + sum(columns[: at + 1]) + size * (at + 1) for at in range(len(columns))]
    return Frame(
        left,
        above,
        edge,
        above + tall,
        spec.x,
        spec.y,
        size,
        _middles(heights, above, size, stacked=stacked),
        min(heights, default=0.0) if not stacked else size * _ROW,
        stacked,
        tuple(lasts),
        limit,
    )


def _side_widths(spec: ChartSpec, size: float) -> list[float]:
    """Return the width of each column of words to the right of the field."""
    rows = [spec.side_headings, *(each.texts for each in spec.marks if isinstance(each, Side))]
    if not any(rows):
        return []
    count = max(len(each) for each in rows)
    return [
        max(width_of(row[at], size, bold=True) for row in rows if at < len(row))
        for at in range(count)
    ]


def _heights(
    spec: ChartSpec, size: float, names: Mapping[str, list[str]], *, stacked: bool
) -> list[float]:
    """Return the height of each row of categories of y; empty where y is a number."""
    if not spec.rows_tall:
        return []
    lines = [len(names.get(text, [""])) for _, text in spec.y.ticks]
    lines += [1] * (spec.rows_tall - len(lines))
    if stacked:
        return [each * size * LEADING + size * (_ROW + 0.3) for each in lines]
    least = size * max(_ROW, 6 / spec.rows_tall)
    return [max(each * size * LEADING + size * 0.41, least) for each in lines]


def _middles(
    heights: Sequence[float], top: float, size: float, *, stacked: bool
) -> tuple[float, ...]:
    """Return the middle of the marks of each row."""
    found = []
    for each in heights:
        top += each
        found.append(top - size * _ROW / 2 if stacked else top - each / 2)
    return tuple(found)
