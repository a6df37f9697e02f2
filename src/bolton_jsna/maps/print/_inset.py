"""Some areas of a printed map drawn larger in a frame, such as the boroughs of London."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bolton_jsna.core.areas import area, authorities_in
from bolton_jsna.core.errors import UsageError
from bolton_jsna.drawing import canvas, palettes
from bolton_jsna.maps._spec import MapSpec
from bolton_jsna.maps.print._areas import MapLayout, draw_shapes, lay_out_areas
from bolton_jsna.maps.print._text import BODY

_PAD: Final = 0.06
"""Inches between the frame and the areas in it."""


@dataclass(frozen=True)
class Inset:
    """The areas of a region, arranged for a frame of a width in inches."""

    name: str
    spec: MapSpec
    layout: MapLayout
    width: float
    scale: float

    @property
    def height(self) -> float:
        """Inches of the caption and the frame."""
        return self._caption + self.layout.up + 2 * _PAD

    @property
    def _caption(self) -> float:
        return canvas.height_of([self.name], BODY * self.scale) + 0.04

    def draw(
        self,
        page: canvas.Canvas,
        left: float,
        top: float,
        *,
        main: MapLayout,
        origin: tuple[float, float],
        west_south: tuple[float, float],
    ) -> None:
        """Draw the caption and the frame, and a frame around the same areas on the main map."""
        larger = self.layout.zoom / main.zoom
        text = f"{self.name}, {larger:.0f} times larger" if larger >= 2 else self.name
        page.text(left, top, text, BODY * self.scale)
        top -= self._caption
        height = self.layout.up + 2 * _PAD
        _frame(page, left, top - height, self.width, height)
        inner = left + (self.width - self.layout.across) / 2
        draw_shapes(page, self.spec.layers[0], self.layout, (inner, top - height + _PAD))
        west, south, east, north = self.spec.shapes.total_bounds
        x = origin[0] + (west - west_south[0]) * main.zoom
        y = origin[1] + (south - west_south[1]) * main.zoom
        _frame(page, x, y, (east - west) * main.zoom, (north - south) * main.zoom)


def inset_of(spec: MapSpec, region: str, width: float, scale: float) -> Inset | None:
    """Return the areas of a region as an inset; None if no region is named."""
    if not region:
        return None
    place = area(region)
    codes = {code for each in authorities_in(place) for code in each.codes}
    at = [number for number, each in enumerate(spec.places) if each.code in codes]
    if not at or len(at) == len(spec.places):
        raise UsageError(
            f"inset={region!r}: {len(at)} of the {len(spec.places)} areas of the map are in "
            f"{place.name}. Name a region of which some authorities are on the map, such as "
            "'London' on a map of England, or leave inset out."
        )
    layer = spec.layers[0]
    part = replace(
        layer,
        painted=tuple(layer.painted[each] for each in at),
        area_values=tuple(layer.area_values[each] for each in at),
        marks=tuple(
            replace(mark, marked=tuple(mark.marked[each] for each in at)) for mark in layer.marks
        ),
    )
    shown = replace(
        spec,
        places=tuple(spec.places[each] for each in at),
        shapes=spec.shapes.iloc[at].reset_index(drop=True),
        layers=(part,),
    )
    layout = lay_out_areas(shown, width - 2 * _PAD, 0, scale, named=False, key_width=0)
    return Inset(place.name, shown, layout, width, scale)


def _frame(page: canvas.Canvas, x: float, y: float, width: float, height: float) -> None:
    from matplotlib.patches import Rectangle

    line = palettes.line("border")
    page.add(Rectangle((x, y), width, height, fill=False, ec=line, lw=0.6, zorder=4))
