"""The legend of a printed map: classes or the square of two measures, states, numbered names."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import shapely

from bolton_jsna.drawing import canvas, hatching, palettes
from bolton_jsna.maps._spec import LegendEntry, MapLayer, Mark, MeasureScale
from bolton_jsna.maps.print._text import BODY

_GROUND: Final = "#c9c9c9"  # behind the swatch of a mark: no class has this colour

STEPS: Final = {2: ("Low", "High"), 3: ("Low", "Middle", "High")}
_LEFT: Final = "\N{BLACK LEFT-POINTING TRIANGLE}"
_DOWN: Final = "\N{BLACK DOWN-POINTING TRIANGLE}"
"""Point at the figure compared with: from the right at y, from above at x."""
_TIGHT: Final = 1.2
"""The leading of the labels of the square."""
_MOST_COLUMNS: Final = 5
_NARROWEST: Final = 0.16
"""Inches of a column of names, for each point of the size."""
_BETWEEN: Final = 0.2
"""Inches between columns of names."""

_Draw = Callable[[canvas.Canvas, float, float], None]
"""Draws a part of the legend with its upper left corner at a place of the page."""


class PrintedLegend:
    """A legend whose height is known before it is drawn.

    Parameters
    ----------
    layer : MapLayer
        Classes or cells, states and their counts.
    width : float
        Inches.
    scale : float
        The size of text relative to a column.
    counts : mapping of str to str, optional
        Shown with each entry instead of its count, such as the counts of several maps.
    """

    def __init__(
        self, layer: MapLayer, width: float, scale: float, counts: Mapping[str, str] | None = None
    ) -> None:
        self.layer, self.width, self.scale = layer, width, scale
        self.counts = dict(counts or {})
        self.size = BODY * scale
        self.parts: list[tuple[float, _Draw | None]] = []
        if layer.kind == "bivariate":
            self._add_square()
            self._add_entries([e for e in layer.entries if e.key.startswith("state-")])
        else:
            measure = layer.scales[0] if layer.scales else None
            self._add_heading(layer.heading, measure)
            self._add(0.05 * scale)
            self._add_entries(layer.entries)
        self._add(-0.03)
        self._add_entries(layer.marks)
        self._add_benchmarks()
        self.height = sum(height for height, _ in self.parts)

    def draw(self, page: canvas.Canvas, left: float, top: float) -> None:
        """Draw it with its upper left corner there."""
        for height, draw in self.parts:
            if draw is not None:
                draw(page, left, top)
            top -= height

    def _add(self, height: float, draw: _Draw | None = None) -> None:
        """Add a part below the others; without a function it is empty space."""
        self.parts.append((height, draw))

    def _add_text(self, text: str) -> None:
        block = canvas.wrapped(text, self.width, self.size)
        self._add(block.height, block.draw)

    def _add_heading(self, heading: str, scale: MeasureScale | None) -> None:
        """Add a heading; the unit of a measure begins a line if both do not fit one."""
        lines = canvas.wrap(heading, self.width, self.size, bold=True)
        if len(lines) > 1 and scale is not None and scale.unit:
            lines = [
                line
                for text in (scale.label, f"({scale.unit})")
                for line in canvas.wrap(text, self.width, self.size, bold=True)
            ]
        block = canvas.TextBlock(lines, self.size, bold=True)
        self._add(block.height, block.draw)

    def _add_entries(self, entries: Sequence[LegendEntry | Mark]) -> None:
        box, high = 0.3 * self.scale, 0.16 * self.scale
        counts = [
            self.counts.get(entry.key, self.layer.areas.count(entry.count)) for entry in entries
        ]
        widest = max((canvas.width_of(text, self.size) for text in counts), default=0)
        room = self.width - box - 0.08 - widest - 0.06
        for entry, count in zip(entries, counts, strict=True):
            lines = canvas.wrap(entry.label, room, self.size)
            tall = max(canvas.height_of(lines, self.size), high)
            self._add(tall + 0.05 * self.scale, self._entry(entry, lines, tall, count))
        self._add(0.03)

    def _entry(
        self, entry: LegendEntry | Mark, lines: Sequence[str], tall: float, count: str
    ) -> _Draw:
        box, high = 0.3 * self.scale, 0.16 * self.scale

        def draw(page: canvas.Canvas, left: float, top: float) -> None:
            middle = top - tall / 2
            corner = (left, middle - high / 2)
            if isinstance(entry, Mark):
                page.box(*corner, box, high, palettes.Paint(_GROUND))
                swatch = shapely.box(*corner, left + box, middle + high / 2)
                hatching.draw(page, entry.key, swatch, zorder=1.5)
            else:
                page.box(*corner, box, high, entry.paint)
            page.text(left + box + 0.08, middle, lines, self.size, va="center")
            page.text(
                left + self.width,
                middle,
                count,
                self.size,
                va="center",
                ha="right",
                color=palettes.line("muted"),
            )

        return draw

    def _add_benchmarks(self) -> None:
        """Add the figure that areas are compared with, and what shows it at the square."""
        scales = [scale for scale in self.layer.scales if scale.benchmark is not None]
        labels = [entry.label for entry in self.layer.entries]
        labels += [mark.label for mark in self.layer.marks]
        for scale, sign in zip(self.layer.scales, (_DOWN, _LEFT), strict=False):
            if scale.benchmark is None:
                continue
            text = scale.benchmark.text
            if self.layer.kind == "bivariate":
                of = f"{scale.label}: " if len(scales) > 1 else ""
                beyond = _beyond(scale)
                self._add_text(f"{of}{text}: {beyond}" if beyond else f"{sign} {of}{text}")
            elif not any(text in label for label in labels):
                self._add_text(f"For comparison: {text}")

    def _add_square(self) -> None:
        """Add the square legend: x to the right, y upwards, the number of areas in each cell."""
        x, y = self.layer.scales
        columns, rows = len(x.classes), len(y.classes)
        self._add_heading(y.heading, y)
        self._add(0.05)
        arrow, right = 0.14 * self.scale, 0.12 * self.scale
        steps = [
            _folded(step, label, 0.66 * self.scale, self.size)
            for step, label in zip(STEPS[rows], y.classes.labels, strict=True)
        ]
        side = max(canvas.width_of(line, self.size) for lines in steps for line in lines) + 0.06
        cell = min((self.width - arrow - side - right) / columns, 0.48 * self.scale)
        heads = [
            _folded(step, label, cell * 0.98, self.size)
            for step, label in zip(STEPS[columns], x.classes.labels, strict=True)
        ]
        tallest = max(canvas.height_of(lines, self.size) for lines in steps) + 0.03
        tall = max(cell, tallest)
        below = canvas.height_of(max(heads, key=len), self.size) + 0.05

        def draw(page: canvas.Canvas, left: float, top: float) -> None:
            corner, bottom = left + arrow + side, top - tall * rows
            self._draw_cells(page, (cell, tall), corner, bottom)
            for row, lines in enumerate(steps):
                place = (corner - 0.05, bottom + (row + 0.5) * tall, lines)
                page.text(*place, self.size, ha="right", va="center", leading=_TIGHT)
            for column, lines in enumerate(heads):
                place = (corner + (column + 0.5) * cell, bottom - 0.02, lines)
                page.text(*place, self.size, ha="center", leading=_TIGHT)
            page.arrow((left + 0.05, bottom), (left + 0.05, top))
            foot = bottom - below - 0.05
            page.arrow((corner, foot), (corner + cell * columns, foot))
            if (at := place_of(y)) is not None:
                page.pointer(corner + cell * columns, bottom + at * tall, right * 0.8, sign="left")
            if (at := place_of(x)) is not None:
                page.pointer(corner + at * cell, top, right * 0.8, sign="down")

        self._add(0.12 * self.scale if place_of(x) is not None else 0.0)
        self._add(tall * rows, draw)
        self._add(below)
        self._add(0.13)
        self._add_heading(x.heading, x)
        self._add(0.04)
        self._add_text(self._about_square())
        self._add(0.06)

    def _about_square(self) -> str:
        """Return what the numbers count, and among which areas a figure is low or high."""
        areas, drawn = self.layer.areas, sum(key.startswith("cell-") for key in self.layer.painted)
        of = f"these {areas.count(drawn)}" if drawn != 1 else f"this {areas.one}"
        return f"Numbers in the square: {areas.many}. {_low_for_whom(self.layer.scales, of)}"

    def _draw_cells(
        self, page: canvas.Canvas, size: tuple[float, float], left: float, bottom: float
    ) -> None:
        columns, rows = (range(len(scale.classes)) for scale in self.layer.scales)
        cells = {entry.key: entry for entry in self.layer.entries}
        style: dict[str, Any] = {"ha": "center", "va": "center", "weight": "bold"}
        wide, tall = size
        for column, row in itertools.product(columns, rows):
            entry = cells[f"cell-{column}-{row}"]
            x, y = left + column * wide, bottom + row * tall
            page.box(x, y, wide, tall, entry.paint)
            colour = palettes.text_colour(entry.paint.fill)
            count = f"{entry.count:,}"
            page.text(x + wide / 2, y + tall / 2, count, self.size, color=colour, **style)


class NumberedNames:
    """The names for the numbers on the map, in columns whose lines are level.

    Parameters
    ----------
    numbered : sequence of tuple of int and str
        Such as (1, "Halliwell").
    width : float
        Inches.
    size : float
        Points.
    """

    def __init__(self, numbered: Sequence[tuple[int, str]], width: float, size: float) -> None:
        self.size, self.line = size, canvas.height_of([""], size)
        self.indent = canvas.width_of("00 ", size, bold=True)
        # As few lines as there can be: more columns are narrower, so that long names are folded.
        self.columns: list[list[tuple[int, list[str]]]] = []
        for number in range(1, min(len(numbered), _MOST_COLUMNS) + 1):
            room = (width + _BETWEEN) / number - _BETWEEN - self.indent
            longest = max(
                canvas.width_of(word, size) for _, name in numbered for word in name.split() or [""]
            )
            if number > 1 and room < max(longest * 1.1, _NARROWEST * size):
                break
            found = _in_columns(numbered, number, room, size)
            if not self.columns or _rows(found) < _rows(self.columns):
                self.columns = found
        self.width = (width + _BETWEEN) / max(len(self.columns), 1)
        self.height = _rows(self.columns) * self.line + 0.06 if numbered else 0.0

    def draw(self, page: canvas.Canvas, left: float, top: float) -> None:
        """Draw them with their upper left corner there."""
        for column, names in enumerate(self.columns):
            x, y = left + column * self.width, top
            for number, lines in names:
                for at, line in enumerate(lines):
                    y -= self.line
                    if at == 0:
                        style: dict[str, Any] = {"weight": "bold", "ha": "right"}
                        right = x + self.indent * 0.75
                        page.text(right, y, str(number), self.size, va="baseline", **style)
                    page.text(x + self.indent, y, line, self.size, va="baseline")


def _in_columns(
    numbered: Sequence[tuple[int, str]], columns: int, room: float, size: float
) -> list[list[tuple[int, list[str]]]]:
    """Return names folded to a width in columns with about as many names each."""
    names = [(number, canvas.wrap(name, room, size) or [""]) for number, name in numbered]
    each = -(-len(names) // columns)
    return [names[at : at + each] for at in range(0, len(names), each)]


def _rows(columns: Sequence[Sequence[tuple[int, list[str]]]]) -> int:
    """Return the lines of the longest column."""
    return max((sum(len(lines) for _, lines in column) for column in columns), default=0)


def place_of(scale: MeasureScale) -> float | None:
    """Return where the figure compared with is on an axis of classes of equal length, if it is."""
    if scale.benchmark is None or _beyond(scale):
        return None
    classes, figure = scale.classes, scale.benchmark.figure
    number = sum(each <= figure for each in classes.breaks)
    ends = (classes.lowest, *classes.breaks, classes.highest)
    low, high = ends[number], ends[number + 1]
    if low is not None and high is not None and high <= low:
        return number + 0.5  # a class of one value
    if low is None or high is None:
        # An open class has no length: a figure on its break is at its end, others in its middle.
        return number if figure == low else number + 0.5
    # A figure that is printed like an outer bound can be a little beyond it.
    return number + min(max((figure - low) / (high - low), 0.0), 1.0)


def _beyond(scale: MeasureScale) -> str:
    """Return "above all classes" or "below all classes" for a figure that no class holds."""
    if scale.benchmark is None:
        return ""
    # Values are classed as they are printed.
    classes = scale.classes
    figure = round(scale.benchmark.figure, classes.decimals)
    if classes.highest is not None and figure > classes.highest:
        return "above all classes"
    return "below all classes" if classes.lowest is not None and figure < classes.lowest else ""


def _low_for_whom(scales: Sequence[MeasureScale], of: str) -> str:
    """Return among which areas, or compared with what, a figure is low or high."""
    phrases = [_low_in_words(scale, of) for scale in scales]
    if len(set(phrases)) == 1:
        return phrases[0]
    parts = zip(scales, phrases, strict=True)
    return " ".join(f"{scale.label}: {text[:1].lower()}{text[1:]}" for scale, text in parts)


def _low_in_words(scale: MeasureScale, of: str) -> str:
    classes, known = scale.classes, scale.benchmark
    steps, total = len(classes), sum(classes.counts)
    if classes.method in ("fixed", "published"):
        if known is not None and classes.breaks == (round(known.figure, classes.decimals),):
            return f"Low is under {known.text}."
        return "Low and high: under and over fixed breaks."
    alike = all(
        each > 1 and abs(each - total / steps) <= max(1, total / 10) for each in classes.counts
    )
    if classes.method == "quantile" and alike:
        words, share = {2: ("Low, high", "half"), 3: ("Low, middle, high", "third")}[steps]
        return f"{words}: about a {share} each of {of}."
    return f"Low and high: among {of}."


def _folded(step: str, label: str, width: float, size: float) -> list[str]:
    width /= 1.06  # screens make small letters wider
    if " to under " in label and canvas.width_of(label, size) > width:
        low, _, high = label.partition(" to under ")
        folded = [f"{low} to", f"under {high}"]
        if canvas.width_of(folded[1], size) > width:
            folded = [f"{low} to", "under", high]
        return [step, *folded]
    return [step, *canvas.wrap(label, width, size)]
