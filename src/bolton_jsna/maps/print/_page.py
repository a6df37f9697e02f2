"""The page of a printed map: heading, areas, names, scale bar, legend, one note, sources."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import choice
from bolton_jsna.drawing import canvas
from bolton_jsna.drawing.canvas import TextBlock
from bolton_jsna.maps._options import Size
from bolton_jsna.maps._spec import ILLUSTRATIVE, MapSpec
from bolton_jsna.maps.print._areas import MOST_NAMES, draw_areas, lay_out_areas
from bolton_jsna.maps.print._inset import inset_of
from bolton_jsna.maps.print._legend import PrintedLegend
from bolton_jsna.maps.print._sources import source_line
from bolton_jsna.maps.print._text import BODY, SMALL

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class _Format:
    """Width and least height in inches, and the size of text relative to a column."""

    width: float
    height: float
    scale: float


FORMATS: Final[dict[str, _Format]] = {
    "column": _Format(160 / 25.4, 0, 1.0),
    "page": _Format(277 / 25.4, 190 / 25.4, 1.15),
    "slide": _Format(40 / 3, 7.5, 1.4),
}
MARGIN: Final = 0.12
_GAP: Final = 0.16
SPACE: Final = 0.12
TEXT_GAP: Final = 0.04


def draw(
    spec: MapSpec, *, size: Size = "column", labels: bool | None = None, inset: str = ""
) -> Figure:
    """Return the first layer of a map as a figure with its specification as ``.spec``."""
    choice("size", size, FORMATS)
    form = FORMATS[size]
    scale = form.scale
    named = len(spec.places) <= MOST_NAMES if labels is None else labels
    inner = form.width - 2 * MARGIN
    least = 2.35 if spec.layers[0].kind == "bivariate" else 2.05
    legend_width = min(max(least * scale, inner * 0.26), inner * 0.42)
    heading, foot = heading_blocks(spec, inner, scale), footer_blocks(spec, inner, scale)
    legend = PrintedLegend(spec.layers[0], legend_width, scale)
    enlarged = inset_of(spec, inset, legend_width, scale)
    side = legend.height + (0.0 if enlarged is None else _GAP + enlarged.height)
    above, below = height_of(heading), height_of(foot)
    room = form.height - above - below - 2 * MARGIN
    wide = inner - legend_width - _GAP
    arranged = functools.partial(lay_out_areas, spec, wide, room, scale, named=named, known={})
    # The list of names is below the legend, below the map, or below both.
    layouts = [
        arranged(key_width=legend_width),
        arranged(key_width=wide, below=True),
        arranged(key_width=inner, below=True),
    ]
    heights = [
        max(layouts[0].height, side + _GAP + layouts[0].key.height),
        max(layouts[1].height, side),
        max(layouts[2].up + layouts[2].bar, side) + layouts[2].key.height,
    ]
    # It goes where the page stays lower, or the map gets larger.
    best = min((0, 1, 2), key=lambda at: (max(heights[at], room), -layouts[at].zoom))
    layout, height = (
        layouts[best],
        max(form.height, round(above + heights[best] + below + 2 * MARGIN, 4)),
    )
    page = canvas.Canvas(form.width, height)
    top = write_blocks(page, heading, height - MARGIN) - SPACE
    right = form.width - MARGIN - legend_width
    origin = draw_areas(page, spec, layout, left=MARGIN, top=top, scale=scale)
    legend.draw(page, right, top)
    if enlarged is not None:
        corner = tuple(spec.shapes.total_bounds[:2])
        place = (right, top - legend.height - _GAP)
        enlarged.draw(page, *place, main=layout, origin=origin, west_south=corner)
    under = layout.up + layout.bar
    numbers = (
        (right, top - side - _GAP),
        (MARGIN, top - under),
        (MARGIN, top - max(under, side)),
    )[best]
    layout.key.draw(page, *numbers)
    write_blocks(page, foot, MARGIN + below - SPACE)
    page.figure.spec = spec  # type: ignore[attr-defined]
    repeated = _repeated(spec, foot, inner, scale)
    page.figure.repeated = (repeated[0] / height, repeated[1] / height)
    return page.figure


def heading_blocks(spec: MapSpec, width: float, scale: float) -> list[TextBlock]:
    """Return the text above a map."""
    found = _words_above(spec, width, scale)
    if spec.illustrative:
        # Below the words: a document that has them in a caption shows the rest, with the badge.
        found.append(TextBlock([ILLUSTRATIVE], 8 * scale, badge=True, gap=0.12))
    return found + [
        canvas.wrapped(text, width, 8.5 * scale, colour="muted", gap=TEXT_GAP)
        for text in spec.left_out
    ]


def _words_above(spec: MapSpec, width: float, scale: float) -> list[TextBlock]:
    found = [canvas.wrapped(spec.title, width, 12 * scale, bold=True, gap=TEXT_GAP)]
    if spec.subtitle:
        found.append(
            canvas.wrapped(spec.subtitle, width, 8.5 * scale, colour="muted", gap=TEXT_GAP)
        )
    return found


def _repeated(
    spec: MapSpec, foot: list[TextBlock], width: float, scale: float
) -> tuple[float, float]:
    """Return the inches at the top and foot that have nothing but title, notes and sources."""
    above = sum(each.height for each in _words_above(spec, width, scale))
    # A note that the other notes do not have stays with the map.
    below = foot[1:] if spec.note and spec.note not in spec.notes else foot
    return above + MARGIN / 2, sum(each.height for each in below) + MARGIN


def footer_blocks(spec: MapSpec, width: float, scale: float) -> list[TextBlock]:
    """Return the text below a map: one note and one line of sources."""
    return [
        canvas.wrapped(text, width, size * scale, colour=colour, gap=TEXT_GAP)
        for text, size, colour in (
            (spec.note, BODY, "text"),
            (source_line(spec.sources), SMALL, "muted"),
        )
        if text
    ]


def height_of(blocks: Sequence[TextBlock]) -> float:
    """Return the height of blocks and the space below them in inches."""
    return sum(block.height for block in blocks) + SPACE


def write_blocks(
    page: canvas.Canvas, blocks: Sequence[TextBlock], top: float, *, left: float = MARGIN
) -> float:
    """Write blocks from the top down and return the top of the space below them."""
    for block in blocks:
        block.draw(page, left, top)
        top -= block.height
    return top
