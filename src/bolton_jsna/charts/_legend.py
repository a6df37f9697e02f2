"""The legend of a chart: samples of marks and what they mean, in rows."""

from __future__ import annotations

from collections.abc import Sequence

from bolton_jsna.charts import _style
from bolton_jsna.charts._field import width_of, wrap
from bolton_jsna.charts._shapes import Box, Drawing, Path, Shape, Stroke, Words
from bolton_jsna.charts._spec import LegendEntry
from bolton_jsna.drawing import palettes


def legend_shapes(entries: Sequence[LegendEntry], width: float, *, size: float) -> Drawing:
    """Return a legend as a drawing of a width, its text of a size."""
    shapes: list[Shape] = []
    sample, gap, row = size * 2.2, size * 0.6, size * 1.7
    x, y = 0.0, 0.0
    for entry in entries:
        room = width - sample - gap
        lines = wrap(entry.text, room, size)
        wide = sample + gap + max(width_of(each, size) for each in lines)
        if x and x + wide > width:
            x, y = 0.0, y + row
        shapes += _sample(entry, x, y + row / 2, sample, size)
        shapes += [
            Words(
                x + sample + gap,
                y + row / 2 + size * 0.35 + at * size * 1.3,
                line,
                size,
                palettes.line("text"),
            )
            for at, line in enumerate(lines)
        ]
        y += (len(lines) - 1) * size * 1.3
        x += wide + size * 1.6
    height = y + row + size * 0.5 if entries else 0.0
    return Drawing(width, height, tuple(shapes), (), ())


def _sample(entry: LegendEntry, x: float, y: float, width: float, size: float) -> Sequence[Shape]:
    """Return a sample of a mark, its middle at y."""
    ink = _style.colour(entry.role)
    if entry.mark in ("line", "dashed"):
        wide = size / (4.5 if entry.role in _style.WIDE else 8)
        dash = (size * 0.45, size * 0.3) if entry.mark == "dashed" else ()
        return [Path(((x, y), (x + width, y)), Stroke(ink, wide, dash))]
    if entry.mark == "band":
        fill = _style.tint(entry.role, entry.strength)
        edge = Stroke(palettes.line("axis"), size / 24)
        return [Box(x, y - size * 0.5, width, size, fill, edge)]
    if entry.mark == "bar":
        return [Box(x, y - size * 0.5, width, size, ink)]
    if entry.mark == "state":
        return [Box(x, y - size * 0.5, width, size, status=entry.status)]
    if entry.mark == "whisker":
        stroke = Stroke(ink, size / 7)
        cap = size * 0.28
        ends = [((at, y - cap), (at, y + cap)) for at in (x, x + width)]
        return [Path(((x, y), (x + width, y)), stroke), *(Path(each, stroke) for each in ends)]
    hollow = entry.mark == "hollow"
    return _style.dot(x + width / 2, y, size * 0.72, entry.role, entry.shape, hollow=hollow)
