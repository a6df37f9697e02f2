"""The legend of a printed map: swatches and counts, the crossed square, states, numbered names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bolton_jsna.drawing import canvas, hatching, palettes
from bolton_jsna.maps._spec import ILLUSTRATIVE, Entry, Layer, Mark, count_of
from bolton_jsna.maps.html.legend import STEPS

_GROUND: Final = "#c9c9c9"  # beneath the swatch of a mark: no class has it


class Key:
    """A legend that knows its height before it is drawn.

    Parameters
    ----------
    layer : Layer
        Classes or cells, states and their counts.
    width : float
        Inches.
    scale : float
        How much larger than in a column text is.
    counts : mapping of str to str, optional
        What is told of each entry in place of its count, such as those of several maps.
    """

    def __init__(
        self, layer: Layer, width: float, scale: float, counts: Mapping[str, str] | None = None
    ) -> None:
        self.layer, self.width, self.scale = layer, width, scale
        self.counts = dict(counts or {})
        self.size, self.small = 7.2 * scale, 6.2 * scale
        self.height = self._lay(None, 0.0, 0.0)

    def draw(self, sheet: canvas.Sheet, left: float, top: float) -> None:
        """Draw it with its upper left corner there."""
        self._lay(sheet, left, top)

    def _lay(self, sheet: canvas.Sheet | None, left: float, top: float) -> float:
        """Lay all parts out, drawing them where there is a sheet; return the height."""
        y = top
        layer = self.layer
        if layer.kind == "bivariate":
            y = self._square(sheet, left, y)
            y = self._entries(
                sheet, left, y, [e for e in layer.entries if e.key.startswith("state-")]
            )
        else:
            y = self._text(sheet, left, y, layer.scales[0].heading, self.size * 1.1, bold=True)
            y = self._entries(sheet, left, y - 0.03, layer.entries)
        y = self._entries(sheet, left, y + 0.03, layer.marks)
        if layer.illustrative:
            y = self._text(sheet, left, y, f"{ILLUSTRATIVE}: made up", self.size, bold=True)
        for note in layer.notes:
            y = self._text(sheet, left, y - 0.03, note, self.small, muted=True)
        return top - y

    def _text(
        self,
        sheet: canvas.Sheet | None,
        left: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        muted: bool = False,
    ) -> float:
        lines = canvas.wrap(text, self.width, size, bold=bold)
        if sheet is not None:
            sheet.block(
                left,
                y,
                lines,
                size,
                weight="bold" if bold else "normal",
                color=palettes.line("muted" if muted else "text"),
            )
        return y - canvas.height_of(lines, size)

    def _entries(
        self,
        sheet: canvas.Sheet | None,
        left: float,
        y: float,
        entries: Sequence[Entry] | Sequence[Mark],
    ) -> float:
        import shapely

        box, high = 0.3 * self.scale, 0.16 * self.scale
        told = {e.key: self.counts.get(e.key, count_of(e.count)) for e in entries}
        count = max((canvas.width_of(text, self.small) for text in told.values()), default=0)
        room = self.width - box - 0.08 - count - 0.06
        for entry in entries:
            lines = canvas.wrap(entry.label, room, self.size)
            tall = max(canvas.height_of(lines, self.size), high)
            if sheet is not None:
                middle = y - tall / 2
                corner = (left, middle - high / 2)
                if isinstance(entry, Mark):
                    sheet.box(*corner, box, high, palettes.Paint(_GROUND))
                    swatch = shapely.box(*corner, left + box, middle + high / 2)
                    hatching.draw(sheet, entry.key, swatch, zorder=1.5)
                else:
                    sheet.box(*corner, box, high, entry.paint)
                sheet.text(left + box + 0.08, middle, "\n".join(lines), self.size, va="center")
                sheet.text(
                    left + self.width,
                    middle,
                    told[entry.key],
                    self.small,
                    ha="right",
                    va="center",
                    color=palettes.line("muted"),
                )
            y -= tall + 0.05 * self.scale
        return y - 0.03

    def _square(self, sheet: canvas.Sheet | None, left: float, y: float) -> float:
        """The crossed legend: x to the right, y upwards, the number of areas in each cell."""
        x_scale, y_scale = self.layer.scales
        columns, rows = len(x_scale.classes), len(y_scale.classes)
        cells = {entry.key: entry for entry in self.layer.entries}
        y = self._text(sheet, left, y, y_scale.heading, self.size, bold=True) - 0.03
        arrow = 0.14 * self.scale
        texts = [
            _folded(STEPS[rows][at], y_scale.classes.labels[at], 0.62 * self.scale, self.small)
            for at in range(rows)
        ]
        side = max(canvas.width_of(line, self.small) for lines in texts for line in lines) + 0.06
        cell = min((self.width - arrow - side) / columns, 0.46 * self.scale)
        corner = left + arrow + side
        bottom = y - cell * rows
        heads = [
            _folded(STEPS[columns][at], x_scale.classes.labels[at], cell * 0.98, self.small)
            for at in range(columns)
        ]
        below = canvas.height_of(max(heads, key=len), self.small) + 0.05
        if sheet is not None:
            for column in range(columns):
                for row in range(rows):
                    entry = cells[f"cell-{column}-{row}"]
                    where = (corner + column * cell, bottom + row * cell)
                    sheet.box(*where, cell, cell, entry.paint)
                    sheet.text(
                        where[0] + cell / 2,
                        where[1] + cell / 2,
                        f"{entry.count:,}",
                        self.size,
                        ha="center",
                        va="center",
                        weight="bold",
                        color=palettes.text_colour(entry.paint.fill),
                    )
            for row in range(rows):
                sheet.text(
                    corner - 0.05,
                    bottom + (row + 0.5) * cell,
                    "\n".join(texts[row]),
                    self.small,
                    ha="right",
                    va="center",
                    linespacing=1.15,
                )
            for column in range(columns):
                sheet.text(
                    corner + (column + 0.5) * cell,
                    bottom - 0.04,
                    "\n".join(heads[column]),
                    self.small,
                    ha="center",
                    linespacing=1.15,
                )
            sheet.arrow((left + 0.05, bottom), (left + 0.05, y))
            sheet.arrow(
                (corner, bottom - below - 0.05), (corner + cell * columns, bottom - below - 0.05)
            )
        y = bottom - below - 0.11
        y = self._text(sheet, left, y, x_scale.heading, self.size, bold=True)
        y = self._text(sheet, left, y, "Numbers in the square: areas", self.small, muted=True)
        return y - 0.06


class Names:
    """Numbers of the map with the names they stand for, in columns.

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

    def draw(self, sheet: canvas.Sheet, left: float, top: float) -> None:
        """Draw them with their upper left corner there."""
        for column in range(self.columns if self.numbered else 0):
            part = self.numbered[column * self.each : (column + 1) * self.each]
            sheet.block(left + column * self.width, top, part, self.size)


def _folded(step: str, label: str, width: float, size: float) -> list[str]:
    if " to under " in label and canvas.width_of(label, size) > width:
        low, _, high = label.partition(" to under ")
        folded = [f"{low} to", f"under {high}"]
        if canvas.width_of(folded[1], size) > width:
            folded = [f"{low} to", "under", high]
        return [step, *folded]
    return [step, *canvas.wrap(label, width, size)]
