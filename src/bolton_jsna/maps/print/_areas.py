"""The areas of a printed map: shapes, marks, names, scale bar, and the list of numbered names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely.affinity import translate

from bolton_jsna.drawing import canvas, hatching, palettes
from bolton_jsna.maps._spec import MapLayer, MapSpec
from bolton_jsna.maps.print import _labels as naming
from bolton_jsna.maps.print._legend import NumberedNames
from bolton_jsna.maps.print._text import BODY, SMALL

MOST_NAMES: Final = 40
_SMALL: Final = 0.1
"""The inches across a typical area below which dark borders would hide its colour."""
_TINY: Final = 0.04
"""And those below which any border would."""
_SEAM: Final = 0.15
"""The points by which areas without borders overlap, so that no white line is between them."""
_LEADER: Final = 0.5
"""The width in points of the line from a number to its area."""


@dataclass(frozen=True)
class MapLayout:
    """The areas in inches with their names and the scale bar, and the numbered names."""

    width: float
    zoom: float
    shapes: list[Any]
    placed: tuple[naming.Label, ...]
    key: NumberedNames
    bar: float
    below: float

    @property
    def across(self) -> float:
        """Width of the areas in inches."""
        return float(max(shape.bounds[2] for shape in self.shapes))

    @property
    def up(self) -> float:
        """Height of the areas in inches."""
        return float(max(shape.bounds[3] for shape in self.shapes))

    @property
    def height(self) -> float:
        """Height of areas, scale bar, and the numbered names if they are below these."""
        return self.up + self.bar + self.below


def lay_out_areas(
    spec: MapSpec,
    width: float,
    room: float,
    scale: float,
    *,
    named: bool,
    key_width: float,
    below: bool = False,
    known: dict[float, tuple[naming.Label, ...]] | None = None,
) -> MapLayout:
    """Arrange the areas as large as the height allows; a longer list below leaves less."""
    # ``known`` are the names placed before, for each zoom.
    known = {} if known is None else known
    west, south, east, north = spec.shapes.total_bounds
    names = [place.name for place in spec.places]
    bar, taken = 0.32 * scale, 0.0
    while True:
        zoom = width / (east - west)
        if room > 0:
            zoom = min(zoom, max(room - bar - taken, room / 2) / (north - south))
        shapes = _on_paper(spec, zoom)
        if zoom not in known:
            sizes = {"size": SMALL * scale, "larger": BODY * scale}
            known[zoom] = naming.place(names, shapes, width=width, **sizes) if named else ()
        placed = known[zoom]
        numbered = [
            (label.number, name)
            for label, name in zip(placed, names, strict=False)
            if label.number is not None
        ]
        key = NumberedNames(numbered, key_width, BODY * scale)
        needed = key.height if below else 0.0
        if room <= 0 or needed <= taken:
            return MapLayout(width, zoom, shapes, placed, key, bar, needed)
        taken = needed


def draw_areas(
    page: canvas.Canvas,
    spec: MapSpec,
    layout: MapLayout,
    *,
    left: float,
    top: float,
    scale: float,
) -> tuple[float, float]:
    """Draw areas, marks, names, scale bar and numbers with their upper left corner there.

    Return the lower left corner of the shapes.
    """
    base = top - layout.up
    origin = (left + (layout.width - layout.across) / 2, base)
    draw_shapes(page, spec.layers[0], layout, origin)
    _names(page, layout.placed, spec.layers[0], origin)
    bar = (left, base - layout.bar + 0.12 * scale)
    _scale_bar(page, layout.zoom, bar, layout.width, scale)
    return origin


def _on_paper(spec: MapSpec, zoom: float) -> list[Any]:
    """Return the shapes in inches, with the lower left corner of all of them at 0, 0."""
    west, south, _, _ = spec.shapes.total_bounds
    return list(_moved(spec.shapes.to_numpy(), zoom, (-west * zoom, -south * zoom)))


def _moved(shapes: Any, zoom: float, by: tuple[float, float]) -> Any:
    """Return shapes made larger and then moved, all at once: a region has thousands."""
    return shapely.transform(shapes, lambda corners: corners * zoom + np.asarray(by))


def draw_shapes(
    page: canvas.Canvas, layer: MapLayer, layout: MapLayout, origin: tuple[float, float]
) -> None:
    """Draw the shapes of areas with their marks and borders, their lower left corner there."""
    from matplotlib.collections import LineCollection, PathCollection

    shapes = list(_moved(np.asarray(layout.shapes, dtype=object), 1, origin))
    for mark in layer.marks:
        for at, (shape, marked) in enumerate(zip(shapes, mark.marked, strict=True)):
            if marked:
                hatching.draw(page, mark.key, _around_name(shape, layout, at, origin))
    rings, owners = _rings(shapes)
    outlines = _outlines(rings, owners, len(shapes))
    seam = 0 if _borders(layout) else _SEAM
    # One collection for each paint: thousands of patches take twice as long to draw.
    for paint in dict.fromkeys(layer.paints):
        painted = [each for each, of in zip(outlines, layer.paints, strict=True) if of == paint]
        page.axes.add_collection(
            PathCollection(painted, **canvas.fill(paint, seam=seam), zorder=2), autolim=False
        )
    # Without borders a line is below the colours: it is seen where the areas end.
    for colour, width in _borders(layout) or [("muted", 0.8)]:
        page.axes.add_collection(
            LineCollection(
                rings,
                colors=palettes.line(colour),
                linewidths=width,
                zorder=1.5 if seam else 3,
                joinstyle="round",
                capstyle="round",
            ),
            autolim=False,
        )


def _borders(layout: MapLayout) -> list[tuple[str, float]]:
    """Return the lines between areas, thin enough to leave their colours in view."""
    if len(layout.shapes) <= MOST_NAMES:
        return [("casing", 1.7), ("border", 0.5)]
    across = float(np.sqrt(np.median(shapely.area(np.asarray(layout.shapes, dtype=object)))))
    if across >= _SMALL:
        return [("casing", 1.0), ("border", 0.3)]
    # Grey is visible on a light and on a dark colour.
    return [("muted", 0.15)] if across >= _TINY else []


def _around_name(shape: Any, layout: MapLayout, at: int, origin: tuple[float, float]) -> Any:
    """Return an area without the place of its name, which no mark may cross."""
    if not layout.placed or layout.placed[at].plate or layout.placed[at].leader is not None:
        return shape
    box = translate(shapely.box(*layout.placed[at].box), *origin)
    return shape.difference(box.buffer(naming.CLEAR / 2, join_style="mitre"))


def _rings(shapes: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """Return the corners of all rings, and the number of the shape that each belongs to."""
    parts, of_shape = shapely.get_parts(np.asarray(shapes, dtype=object), return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    corners, of_ring = shapely.get_coordinates(rings, return_index=True)
    starts = np.flatnonzero(np.diff(of_ring)) + 1
    return np.split(corners, starts), of_shape[of_part].tolist()


def _outlines(rings: list[Any], owners: list[int], many: int) -> list[Any]:
    """Return a path for each shape, with the holes in it."""
    from matplotlib.path import Path

    of_shape: list[list[Any]] = [[] for _ in range(many)]
    for ring, owner in zip(rings, owners, strict=True):
        of_shape[owner].append(ring)
    found = []
    for each in of_shape:
        codes = np.full(sum(map(len, each)), Path.LINETO, dtype=Path.code_type)
        ends = np.cumsum([len(ring) for ring in each])
        codes[ends - 1] = Path.CLOSEPOLY
        codes[[0, *ends[:-1]]] = Path.MOVETO
        found.append(Path(each[0] if len(each) == 1 else np.concatenate(each), codes))
    return found


def _names(
    page: canvas.Canvas,
    placed: Sequence[naming.Label],
    layer: MapLayer,
    origin: tuple[float, float],
) -> None:
    for label, paint in zip(placed, layer.paints, strict=False):
        box = translate(shapely.box(*label.box), *origin)
        ground = paint.fill
        if label.leader is not None:
            ground = palettes.line("page")
            _leader(page, [(x + origin[0], y + origin[1]) for x, y in label.leader])
        if label.plate:
            ground = palettes.line("page")
            _plate(page, box, ground, edge=palettes.line("border"))
        elif label.leader is None and paint.pattern != "none":
            _plate(page, box, ground)  # over a pattern a name needs a plain background
        page.text(
            box.centroid.x,
            box.centroid.y,
            label.lines,
            label.size,
            ha="center",
            va="center",
            leading=naming.LABEL_LEADING,
            weight="bold" if label.number is not None else "normal",
            color=palettes.text_colour(ground),
            zorder=6,
        )


def _plate(page: canvas.Canvas, box: Any, fill: str, *, edge: str = "none") -> None:
    """Draw a plain background for a name over lines."""
    from matplotlib.patches import Rectangle

    west, south, east, north = box.buffer(naming.CLEAR / 2, join_style="mitre").bounds
    page.add(
        Rectangle(
            (west, south), east - west, north - south, fc=fill, ec=edge, lw=_LEADER, zorder=5.5
        )
    )


def _leader(page: canvas.Canvas, line: Sequence[tuple[float, float]]) -> None:
    """Draw a line with a point at its start, which is in the area that a label belongs to."""
    x, y = zip(*line, strict=True)
    for name, width, size in (("casing", 1.6, 3.4), ("border", _LEADER, 2.2)):
        colour = palettes.line(name)
        page.axes.plot(x, y, color=colour, lw=width, zorder=5, solid_capstyle="butt")
        page.axes.plot(x[0], y[0], color=colour, marker="o", markersize=size, mew=0, zorder=5)


def _scale_bar(
    page: canvas.Canvas, zoom: float, at: tuple[float, float], width: float, scale: float
) -> None:
    """Draw a bar of 1, 2 or 5 times a power of ten metres, a fifth to a half of the map."""
    most = width * 0.3 / zoom
    power = 10.0 ** math.floor(math.log10(most))
    metres = max(step * power for step in (1, 2, 5) if step * power <= most)
    x, y = at
    end = x + metres * zoom
    tick = 0.05 * scale
    page.axes.plot(
        [x, x, end, end], [y + tick, y, y, y + tick], color=palettes.line("text"), lw=0.9
    )
    text = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    page.text(end + 0.06, y + tick / 2, text, BODY * scale, va="center")
