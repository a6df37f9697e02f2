"""Patterns over the colours of a printed map: lines and rings, cut to the area."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from bolton_jsna.drawing import palettes

if TYPE_CHECKING:
    from bolton_jsna.drawing.canvas import Canvas

_STEP: Final = 0.1  # inches between lines
_APART: Final = 0.13  # and between rings
_RING: Final = 2.6  # points across a ring
_SLANTS: Final = {"hatch": (1,), "lines": (0,), "crossed": (1, -1)}
"""The directions of the lines: 1 falls to the right, because those of suppressed areas rise."""


def draw(page: Canvas, key: str, shape: Any, *, zorder: float = 2.5) -> None:
    """Draw a mark over a shape in inches on the page."""
    # Not a hatch of matplotlib, which has one colour: a light line beneath a dark one is visible on
    # every class.
    paint = palettes.mark(key)
    if paint.pattern == "rings":
        _rings(page, paint, shape, zorder)
        return
    from matplotlib.collections import LineCollection

    parts = [part for slant in _SLANTS[paint.pattern] for part in _lines(shape, slant)]
    for colour, width in ((paint.fill, 1.5), (paint.line, 0.55)):
        page.axes.add_collection(
            LineCollection(parts, colors=colour, linewidths=width, zorder=zorder, capstyle="butt")
        )


def _lines(shape: Any, slant: int) -> list[Any]:
    """Return the parts of parallel lines inside a shape; all shapes share the lines."""
    west, south, east, north = shape.bounds
    step = _STEP * math.hypot(1, slant)
    ends = [x + slant * y for x in (west, east) for y in (south, north)]
    at = np.arange(math.ceil(min(ends) / step), math.floor(max(ends) / step) + 1) * step
    y = np.array([south, north])
    every = shapely.linestrings(
        np.stack([at[:, None] - slant * y, np.broadcast_to(y, (len(at), 2))], axis=-1)
    )
    return [
        np.asarray(part.coords)
        for part in shapely.get_parts(shapely.intersection(every, shape))
        if part.geom_type == "LineString" and not part.is_empty
    ]


def _rings(page: Canvas, paint: palettes.Paint, shape: Any, zorder: float) -> None:
    west, south, east, north = shape.bounds
    inside = shape.buffer(-_RING / 72)
    rows = np.arange(math.ceil(south / _APART), math.floor(north / _APART) + 1)
    columns = np.arange(math.floor(west / _APART), math.floor(east / _APART) + 1)
    row, column = (each.ravel() for each in np.meshgrid(rows, columns))
    x, y = (column + row % 2 / 2) * _APART, row * _APART
    held = shapely.contains_xy(inside, x, y)
    if not held.any():
        x, y = (np.array([each]) for each in shape.representative_point().coords[0])
        held = np.array([True])
    page.axes.plot(
        x[held],
        y[held],
        linestyle="none",
        marker="o",
        markersize=_RING,
        markerfacecolor=paint.fill,
        markeredgecolor=paint.line,
        markeredgewidth=0.6,
        zorder=zorder,
    )
