"""Patterns over the colours of a printed map: lines and rings, cut to the area."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from bolton_jsna.drawing import palettes

if TYPE_CHECKING:
    from bolton_jsna.drawing.canvas import Canvas

_STEP: Final = 0.075  # inches between lines
_APART: Final = 0.11  # and between rings


def draw(page: Canvas, key: str, shape: Any, *, zorder: float = 2.5) -> None:
    """Draw a mark over a shape in inches on the page."""
    # Not a hatch of matplotlib, which has one colour: a light line beneath a dark one is visible on
    # every class.
    paint = palettes.mark(key)
    if paint.pattern == "rings":
        _rings(page, paint, shape, zorder)
        return
    from matplotlib.collections import LineCollection

    parts = _lines(shape, upright=paint.pattern == "lines")
    for colour, width in ((paint.fill, 1.7), (paint.line, 0.6)):
        page.axes.add_collection(
            LineCollection(parts, colors=colour, linewidths=width, zorder=zorder, capstyle="butt")
        )


def _lines(shape: Any, *, upright: bool) -> list[Any]:
    """Return the parts of parallel lines inside a shape; all shapes share the lines."""
    west, south, east, north = shape.bounds
    # Slanting lines fall to the right, because the lines of suppressed areas rise.
    slant, step = (0, _STEP) if upright else (1, _STEP * math.sqrt(2))
    first = math.ceil((west + slant * south) / step)
    last = math.floor((east + slant * north) / step)
    every = [
        shapely.LineString([(at * step - slant * y, y) for y in (south, north)])
        for at in range(first, last + 1)
    ]
    cut = shapely.intersection(np.array(every, dtype=object), shape)
    return [
        np.asarray(part.coords)
        for part in shapely.get_parts(cut)
        if part.geom_type == "LineString" and not part.is_empty
    ]


def _rings(page: Canvas, paint: palettes.Paint, shape: Any, zorder: float) -> None:
    west, south, east, north = shape.bounds
    inside = shape.buffer(-0.025)
    shapely.prepare(inside)
    points = [
        ((column + row % 2 / 2) * _APART, row * _APART)
        for row in range(math.ceil(south / _APART), math.floor(north / _APART) + 1)
        for column in range(math.floor(west / _APART), math.floor(east / _APART) + 1)
    ]
    held = [point for point in points if inside.contains(shapely.Point(point))]
    if not held:
        held = [tuple(shape.representative_point().coords[0])]
    page.axes.plot(
        [x for x, _ in held],
        [y for _, y in held],
        linestyle="none",
        marker="o",
        markersize=2.3,
        markerfacecolor=paint.fill,
        markeredgecolor=paint.line,
        markeredgewidth=0.55,
        zorder=zorder,
    )
