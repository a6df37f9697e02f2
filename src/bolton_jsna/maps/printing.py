"""The sheet of a printed map: heading, areas, names, scale bar, legend, notes, sources."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from bolton_jsna.errors import choice
from bolton_jsna.maps import labels as naming
from bolton_jsna.maps import palettes, paper
from bolton_jsna.maps.key import Key, Names
from bolton_jsna.maps.legends import text_colour
from bolton_jsna.maps.spec import ILLUSTRATIVE, MapSpec

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Size = Literal["column", "page", "slide"]


@dataclass(frozen=True)
class _Format:
    """Width and least height in inches, and how much larger than in a column text is."""

    width: float
    height: float
    scale: float


FORMATS: Final[dict[str, _Format]] = {
    "column": _Format(160 / 25.4, 0, 1.0),
    "page": _Format(277 / 25.4, 190 / 25.4, 1.15),
    "slide": _Format(40 / 3, 7.5, 1.4),
}
MOST_NAMES: Final = 40
HALO: Final = "halo"
"""What marks the light edge around a name, drawn beneath it."""

_MARGIN: Final = 0.12
_GAP: Final = 0.16
_PART: Final = 0.12


def draw(spec: MapSpec, *, size: Size = "column", labels: bool | None = None) -> Figure:
    """Return the first layer of a map as a figure; it carries its specification as ``.spec``.

    Parameters
    ----------
    spec : MapSpec
        What the map says.
    size : {"column", "page", "slide"}
        Format. It grows in height where notes or the legend need it; nothing is cut off.
    labels : bool, optional
        Whether to write the names of the areas.

    Raises
    ------
    UsageError
        When there is no such size.

    Examples
    --------
    >>> draw(None, size="poster")
    Traceback (most recent call last):
    bolton_jsna.errors.UsageError: size='poster' is not known. Known: 'column', 'page', 'slide'.
    """
    choice("size", size, FORMATS)
    form = FORMATS[size]
    scale = form.scale
    named = len(spec.places) <= MOST_NAMES if labels is None else labels
    inner = form.width - 2 * _MARGIN
    key_width = min(max(2.05 * scale, inner * 0.26), inner * 0.42)
    heading, foot = _heading(spec, inner, scale), _foot(spec, inner, scale)
    key = Key(spec.layers[0], key_width, scale)
    above = sum(part.height for part in heading) + _PART
    below = sum(part.height for part in foot) + _PART
    room = form.height - above - below - 2 * _MARGIN
    picture = _picture(spec, inner - key_width - _GAP, room, scale, named=named)
    height = max(form.height, above + max(picture.height, key.height) + below + 2 * _MARGIN)
    sheet = paper.Sheet(form.width, height)
    top = _write(sheet, heading, height - _MARGIN) - _PART
    _draw_picture(sheet, spec, picture, top, scale)
    key.draw(sheet, form.width - _MARGIN - key_width, top)
    _write(sheet, foot, _MARGIN + below - _PART)
    sheet.figure.spec = spec  # type: ignore[attr-defined]
    return sheet.figure


@dataclass(frozen=True)
class _Picture:
    """The areas in inches with their names, the scale bar and the numbered names below."""

    width: float
    zoom: float
    shapes: list[Any]
    placed: tuple[naming.Label, ...]
    key: Names
    bar: float

    @property
    def across(self) -> float:
        return float(max(shape.bounds[2] for shape in self.shapes))

    @property
    def up(self) -> float:
        return float(max(shape.bounds[3] for shape in self.shapes))

    @property
    def height(self) -> float:
        return self.up + self.bar + self.key.height


def _picture(spec: MapSpec, width: float, room: float, scale: float, *, named: bool) -> _Picture:
    """Lay the areas out as large as the room allows; a longer key makes them smaller."""
    west, south, east, north = spec.shapes.total_bounds
    names = [place.name for place in spec.places]
    bar, below = 0.3 * scale, 0.0
    while True:
        zoom = width / (east - west)
        if room > 0:
            zoom = min(zoom, max(room - bar - below, room / 2) / (north - south))
        shapes = _on_paper(spec, zoom)
        placed = naming.place(names, shapes, size=6.2 * scale) if named else ()
        numbered = [
            f"{label.number}  {name}"
            for label, name in zip(placed, names, strict=False)
            if label.number is not None
        ]
        found = _Picture(width, zoom, shapes, placed, Names(numbered, width, 6.2 * scale), bar)
        if room <= 0 or found.height <= room or found.key.height <= below:
            return found
        below = found.key.height


def _draw_picture(
    sheet: paper.Sheet, spec: MapSpec, picture: _Picture, top: float, scale: float
) -> None:
    base = top - picture.up
    origin = (_MARGIN + (picture.width - picture.across) / 2, base)
    _areas(sheet, spec, picture.shapes, origin)
    _names(sheet, picture.placed, spec.layers[0].paints, origin)
    bar = (_MARGIN, base - picture.bar + 0.12 * scale)
    _scale_bar(sheet, picture.zoom, bar, picture.width, scale)
    picture.key.draw(sheet, _MARGIN, base - picture.bar)


@dataclass(frozen=True)
class _Lines:
    """Wrapped lines and how they are written."""

    lines: list[str]
    size: float
    bold: bool = False
    colour: str = "text"
    badge: bool = False

    @property
    def height(self) -> float:
        return paper.height_of(self.lines, self.size) + (0.12 if self.badge else 0.04)


def _heading(spec: MapSpec, width: float, scale: float) -> list[_Lines]:
    title, sub = 12 * scale, 8.5 * scale
    found = []
    if spec.illustrative:
        found.append(_Lines([ILLUSTRATIVE], 8 * scale, bold=True, badge=True))
    found.append(_Lines(paper.wrap(spec.title, width, title, bold=True), title, bold=True))
    if spec.subtitle:
        found.append(_Lines(paper.wrap(spec.subtitle, width, sub), sub, colour="muted"))
    return found


def _foot(spec: MapSpec, width: float, scale: float) -> list[_Lines]:
    size = 6.2 * scale
    return [
        _Lines(paper.wrap(line, width, size), size, colour="muted")
        for line in (*spec.notes, *spec.sources)
    ]


def _write(sheet: paper.Sheet, parts: Sequence[_Lines], top: float) -> float:
    for part in parts:
        if part.badge:
            sheet.text(
                _MARGIN + 0.06,
                top - 0.04,
                part.lines[0],
                part.size,
                weight="bold",
                color="#ffffff",
                bbox={"boxstyle": "square,pad=0.3", "fc": palettes.line("badge"), "ec": "none"},
            )
        else:
            sheet.block(
                _MARGIN,
                top,
                part.lines,
                part.size,
                weight="bold" if part.bold else "normal",
                color=palettes.line(part.colour),
            )
        top -= part.height
    return top


def _on_paper(spec: MapSpec, zoom: float) -> list[Any]:
    """Return the shapes in inches, the lower left corner of them all at 0, 0."""
    from shapely.affinity import affine_transform

    west, south, _, _ = spec.shapes.total_bounds
    by = [zoom, 0, 0, zoom, -west * zoom, -south * zoom]
    return [affine_transform(shape, by) for shape in spec.shapes]


def _areas(
    sheet: paper.Sheet, spec: MapSpec, shapes: Sequence[Any], origin: tuple[float, float]
) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.patches import PathPatch

    borders = []
    for shape, paint in zip(shapes, spec.layers[0].paints, strict=True):
        path, rings = _path(shape, origin)
        sheet.axes.add_patch(PathPatch(path, **paper.fill(paint), zorder=2))
        borders += rings
    fine = len(shapes) > MOST_NAMES
    for colour, width in (("casing", 1.0 if fine else 1.7), ("border", 0.3 if fine else 0.5)):
        sheet.axes.add_collection(
            LineCollection(
                borders,
                colors=palettes.line(colour),
                linewidths=width,
                zorder=3,
                joinstyle="round",
                capstyle="round",
            )
        )


def _path(shape: Any, origin: tuple[float, float]) -> tuple[Any, list[Any]]:
    import numpy as np
    import shapely
    from matplotlib.path import Path as Outline

    rings = [
        np.asarray(ring.coords)[:, :2] + np.asarray(origin)
        for part in shapely.get_parts(shape)
        for ring in (part.exterior, *part.interiors)
    ]
    codes = [
        [Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY] for ring in rings
    ]
    return Outline(np.concatenate(rings), np.concatenate(codes)), rings


def _names(
    sheet: paper.Sheet,
    placed: Sequence[naming.Label],
    paints: Sequence[palettes.Paint],
    origin: tuple[float, float],
) -> None:
    from matplotlib.patheffects import Stroke

    for label, paint in zip(placed, paints, strict=False):
        # Over a pattern a name needs a plain ground of its own.
        ground = paint.fill if paint.pattern == "none" else "#ffffff"
        options: dict[str, Any] = {
            "ha": "center",
            "va": "center",
            "linespacing": naming.LABEL_LEADING,
            "weight": "bold" if label.number is not None else "normal",
        }
        where = (label.x + origin[0], label.y + origin[1], label.text, label.size)
        # The halo is drawn apart: an SVG writes text with an effect as outlines, not as text.
        halo = sheet.text(*where, **options, zorder=5, gid=HALO)
        halo.set_path_effects([Stroke(linewidth=2.2, foreground=ground)])
        sheet.text(*where, **options, color=text_colour(ground), zorder=6)


def _scale_bar(
    sheet: paper.Sheet, zoom: float, at: tuple[float, float], width: float, scale: float
) -> None:
    """Draw a bar of 1, 2 or 5 times a power of ten metres, a fifth to a half of the map."""
    most = width * 0.3 / zoom
    power = 10.0 ** math.floor(math.log10(most))
    metres = max(step * power for step in (1, 2, 5) if step * power <= most)
    x, y = at
    end = x + metres * zoom
    tick = 0.05 * scale
    sheet.axes.plot(
        [x, x, end, end], [y + tick, y, y, y + tick], color=palettes.line("text"), lw=0.9
    )
    text = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    sheet.text(end + 0.06, y + tick / 2, text, 6.5 * scale, va="center")
