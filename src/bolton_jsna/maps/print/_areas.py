"""The areas of a printed map: shapes, marks, names, scale bar, and the list of numbered names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely.affinity import affine_transform, translate

from bolton_jsna.drawing import canvas, hatching, palettes
from bolton_jsna.maps._spec import MapLayer, MapSpec
from bolton_jsna.maps.print import _labels as naming
from bolton_jsna.maps.print._legend import NumberedNames

MOST_NAMES: Final = 40
HALO: Final = "halo"
"""The SVG id of the light edge around a name, drawn beneath it."""


@dataclass(frozen=True)
class MapLayout:
    """The areas in inches with their names, the scale bar and the numbered names below."""

    width: float
    zoom: float
    shapes: list[Any]
    placed: tuple[naming.Label, ...]
    numbered: tuple[str, ...]
    key: NumberedNames
    bar: float

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
        """Height of all of it in inches."""
        return self.up + self.bar + self.key.height


def lay_out_areas(
    spec: MapSpec, width: float, room: float, scale: float, *, named: bool, keyed: bool = True
) -> MapLayout:
    """Arrange the areas as large as the height allows; a longer list of names leaves less."""
    west, south, east, north = spec.shapes.total_bounds
    names = [place.name for place in spec.places]
    bar, below = 0.3 * scale, 0.0
    while True:
        zoom = width / (east - west)
        if room > 0:
            zoom = min(zoom, max(room - bar - below, room / 2) / (north - south))
        shapes = _on_paper(spec, zoom)
        placed = naming.place(names, shapes, size=6.2 * scale) if named else ()
        numbered = tuple(
            f"{label.number}  {name}"
            for label, name in zip(placed, names, strict=False)
            if label.number is not None
        )
        key = NumberedNames(numbered if keyed else (), width, 6.2 * scale)
        found = MapLayout(width, zoom, shapes, placed, numbered, key, bar)
        if room <= 0 or found.height <= room or key.height <= below:
            return found
        below = key.height


def draw_areas(
    page: canvas.Canvas,
    spec: MapSpec,
    layout: MapLayout,
    *,
    left: float,
    top: float,
    scale: float,
) -> None:
    """Draw areas, marks, names, scale bar and numbers with their upper left corner there."""
    base = top - layout.up
    origin = (left + (layout.width - layout.across) / 2, base)
    _draw_shapes(page, spec.layers[0], [translate(shape, *origin) for shape in layout.shapes])
    _names(page, layout.placed, spec.layers[0], origin)
    bar = (left, base - layout.bar + 0.12 * scale)
    _scale_bar(page, layout.zoom, bar, layout.width, scale)
    layout.key.draw(page, left, base - layout.bar)


def _on_paper(spec: MapSpec, zoom: float) -> list[Any]:
    """Return the shapes in inches, with the lower left corner of all of them at 0, 0."""
    west, south, _, _ = spec.shapes.total_bounds
    by = [zoom, 0, 0, zoom, -west * zoom, -south * zoom]
    return [affine_transform(shape, by) for shape in spec.shapes]


def _draw_shapes(page: canvas.Canvas, layer: MapLayer, shapes: Sequence[Any]) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    borders = []
    for mark in layer.marks:
        for shape, marked in zip(shapes, mark.marked, strict=True):
            if marked:
                hatching.draw(page, mark.key, shape)
    for shape, paint in zip(shapes, layer.paints, strict=True):
        rings = _rings(shape)
        path = Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))
        page.axes.add_patch(PathPatch(path, **canvas.fill(paint), zorder=2))
        borders += rings
    fine = len(shapes) > MOST_NAMES
    for colour, width in (("casing", 1.0 if fine else 1.7), ("border", 0.3 if fine else 0.5)):
        page.axes.add_collection(
            LineCollection(
                borders,
                colors=palettes.line(colour),
                linewidths=width,
                zorder=3,
                joinstyle="round",
                capstyle="round",
            )
        )


def _rings(shape: Any) -> list[Any]:
    return [
        np.asarray(ring.coords)[:, :2]
        for part in shapely.get_parts(shape)
        for ring in (part.exterior, *part.interiors)
    ]


def _names(
    page: canvas.Canvas,
    placed: Sequence[naming.Label],
    layer: MapLayer,
    origin: tuple[float, float],
) -> None:
    from matplotlib.patheffects import Stroke

    marked = [any(marks) for marks in zip(*(m.marked for m in layer.marks), strict=True)]
    for at, (label, paint) in enumerate(zip(placed, layer.paints, strict=False)):
        # Over a pattern a name needs a plain background.
        plain = paint.pattern == "none" and not (marked and marked[at])
        ground = paint.fill if plain else "#ffffff"
        options: dict[str, Any] = {
            "ha": "center",
            "va": "center",
            "linespacing": naming.LABEL_LEADING,
            "weight": "bold" if label.number is not None else "normal",
        }
        where = (label.x + origin[0], label.y + origin[1], label.text, label.size)
        if not plain:
            page.text(
                *where,
                **options,
                zorder=6,
                bbox={"boxstyle": "square,pad=0.12", "fc": ground, "ec": "none"},
            )
            continue
        # The halo is drawn separately: an SVG has text with an effect as outlines, not as text.
        halo = page.text(*where, **options, zorder=5, gid=HALO)
        halo.set_path_effects([Stroke(linewidth=2.2, foreground=ground)])
        page.text(*where, **options, color=palettes.text_colour(ground), zorder=6)


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
    page.text(end + 0.06, y + tick / 2, text, 6.5 * scale, va="center")
