"""The legend of a printed map: classes or the square of two measures, states, numbered names."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import shapely

from bolton_jsna.drawing import canvas, hatching, palettes
from bolton_jsna.maps._spec import ILLUSTRATIVE, LegendEntry, MapLayer, Mark, count_of
from bolton_jsna.maps.html.legend import STEPS

_GROUND: Final = "#c9c9c9"  # behind the swatch of a mark: no class has this colour

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
        self.size, self.small = 7.2 * scale, 6.2 * scale
        self.parts: list[tuple[float, _Draw | None]] = []
        if layer.kind == "bivariate":
            self._add_square()
            self._add_entries([e for e in layer.entries if e.key.startswith("state-")])
        else:
            self._add_text(layer.heading, self.size * 1.1, bold=True)
            self._add(0.03)
            self._add_entries(layer.entries)
        self._add(-0.03)
        self._add_entries(layer.marks)
        if layer.illustrative:
            self._add_text(f"{ILLUSTRATIVE}: made up", self.size, bold=True)
        for note in layer.notes:
            self._add(0.03)
            self._add_text(note, self.small, colour="muted")
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

    def _add_text(
        self, text: str, size: float, *, bold: bool = False, colour: str = "text"
    ) -> None:
        block = canvas.wrapped(text, self.width, size, bold=bold, colour=colour)
        self._add(block.height, block.draw)

    def _add_entries(self, entries: Sequence[LegendEntry | Mark]) -> None:
        box, high = 0.3 * self.scale, 0.16 * self.scale
        counts = [self.counts.get(entry.key, count_of(entry.count)) for entry in entries]
        widest = max((canvas.width_of(text, self.small) for text in counts), default=0)
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
            page.text(left + box + 0.08, middle, "\n".join(lines), self.size, va="center")
            style = {"ha": "right", "va": "center", "color": palettes.line("muted")}
            page.text(left + self.width, middle, count, self.small, **style)

        return draw

    def _add_square(self) -> None:
        """Add the square legend: x to the right, y upwards, the number of areas in each cell."""
        x, y = self.layer.scales
        columns, rows = len(x.classes), len(y.classes)
        self._add_text(y.heading, self.size, bold=True)
        self._add(0.03)
        arrow = 0.14 * self.scale
        steps = [
            _folded(step, label, 0.62 * self.scale, self.small)
            for step, label in zip(STEPS[rows], y.classes.labels, strict=True)
        ]
        side = max(canvas.width_of(line, self.small) for lines in steps for line in lines) + 0.06
        cell = min((self.width - arrow - side) / columns, 0.46 * self.scale)
        heads = [
            _folded(step, label, cell * 0.98, self.small)
            for step, label in zip(STEPS[columns], x.classes.labels, strict=True)
        ]
        below = canvas.height_of(max(heads, key=len), self.small) + 0.05

        def draw(page: canvas.Canvas, left: float, top: float) -> None:
            corner, bottom = left + arrow + side, top - cell * rows
            self._draw_cells(page, cell, corner, bottom)
            for row, lines in enumerate(steps):
                place = (corner - 0.05, bottom + (row + 0.5) * cell, "\n".join(lines))
                page.text(*place, self.small, ha="right", va="center", linespacing=1.15)
            for column, lines in enumerate(heads):
                place = (corner + (column + 0.5) * cell, bottom - 0.04, "\n".join(lines))
                page.text(*place, self.small, ha="center", linespacing=1.15)
            page.arrow((left + 0.05, bottom), (left + 0.05, top))
            foot = bottom - below - 0.05
            page.arrow((corner, foot), (corner + cell * columns, foot))

        self._add(cell * rows, draw)
        self._add(below)
        self._add(0.11)
        self._add_text(x.heading, self.size, bold=True)
        self._add_text("Numbers in the square: areas", self.small, colour="muted")
        self._add(0.06)

    def _draw_cells(self, page: canvas.Canvas, cell: float, left: float, bottom: float) -> None:
        columns, rows = (range(len(scale.classes)) for scale in self.layer.scales)
        cells = {entry.key: entry for entry in self.layer.entries}
        style = {"ha": "center", "va": "center", "weight": "bold"}
        for column, row in itertools.product(columns, rows):
            entry = cells[f"cell-{column}-{row}"]
            x, y = left + column * cell, bottom + row * cell
            page.box(x, y, cell, cell, entry.paint)
            colour = palettes.text_colour(entry.paint.fill)
            count = f"{entry.count:,}"
            page.text(x + cell / 2, y + cell / 2, count, self.size, color=colour, **style)


class NumberedNames:
    """The names for the numbers on the map, in columns.

    Parameters
    ----------
    numbered : sequence of str
        Such as "1  Halliwell".
    width : float
        Inches.
    size : float
        Points.
    """

    def __init__(self, numbered: Sequence[str], width: float, size: float) -> None:
        self.numbered, self.size = list(numbered), size
        widest = max((canvas.width_of(text, size) for text in self.numbered), default=width)
        self.columns = max(1, min(int(width / (widest + 0.2)), len(self.numbered)))
        self.width = width / self.columns
        self.each = -(-len(self.numbered) // self.columns) if self.numbered else 0
        self.height = canvas.height_of([""] * self.each, size) + 0.08 if self.numbered else 0.0

    def draw(self, page: canvas.Canvas, left: float, top: float) -> None:
        """Draw them with their upper left corner there."""
        for column in range(self.columns if self.numbered else 0):
            part = self.numbered[column * self.each : (column + 1) * self.each]
            canvas.TextBlock(part, self.size).draw(page, left + column * self.width, top)


def _folded(step: str, label: str, width: float, size: float) -> list[str]:
    if " to under " in label and canvas.width_of(label, size) > width:
        low, _, high = label.partition(" to under ")
        folded = [f"{low} to", f"under {high}"]
        if canvas.width_of(folded[1], size) > width:
            folded = [f"{low} to", "under", high]
        return [step, *folded]
    return [step, *canvas.wrap(label, width, size)]
