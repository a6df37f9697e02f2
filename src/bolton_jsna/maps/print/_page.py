"""The page of a printed map: heading, areas, names, scale bar, legend, notes, sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import choice
from bolton_jsna.drawing import canvas
from bolton_jsna.drawing.canvas import TextBlock
from bolton_jsna.maps._options import Size
from bolton_jsna.maps._spec import ILLUSTRATIVE, MapSpec
from bolton_jsna.maps.print._areas import MOST_NAMES, draw_areas, lay_out_areas
from bolton_jsna.maps.print._legend import PrintedLegend

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


def draw(spec: MapSpec, *, size: Size = "column", labels: bool | None = None) -> Figure:
    """Return the first layer of a map as a figure with its specification as ``.spec``."""
    choice("size", size, FORMATS)
    form = FORMATS[size]
    scale = form.scale
    named = len(spec.places) <= MOST_NAMES if labels is None else labels
    inner = form.width - 2 * MARGIN
    legend_width = min(max(2.05 * scale, inner * 0.26), inner * 0.42)
    heading, foot = heading_blocks(spec, inner, scale), footer_blocks(spec, inner, scale)
    legend = PrintedLegend(spec.layers[0], legend_width, scale)
    above, below = height_of(heading), height_of(foot)
    room = form.height - above - below - 2 * MARGIN
    layout = lay_out_areas(spec, inner - legend_width - _GAP, room, scale, named=named)
    height = max(form.height, above + max(layout.height, legend.height) + below + 2 * MARGIN)
    page = canvas.Canvas(form.width, height)
    top = write_blocks(page, heading, height - MARGIN) - SPACE
    draw_areas(page, spec, layout, left=MARGIN, top=top, scale=scale)
    legend.draw(page, form.width - MARGIN - legend_width, top)
    write_blocks(page, foot, MARGIN + below - SPACE)
    page.figure.spec = spec  # type: ignore[attr-defined]
    return page.figure


def heading_blocks(spec: MapSpec, width: float, scale: float) -> list[TextBlock]:
    """Return the text above a map."""
    found = []
    if spec.illustrative:
        found.append(TextBlock([ILLUSTRATIVE], 8 * scale, badge=True, gap=0.12))
    found.append(canvas.wrapped(spec.title, width, 12 * scale, bold=True, gap=TEXT_GAP))
    found += [
        canvas.wrapped(text, width, 8.5 * scale, colour="muted", gap=TEXT_GAP)
        for text in (spec.subtitle, *spec.left_out)
        if text
    ]
    return found


def footer_blocks(spec: MapSpec, width: float, scale: float) -> list[TextBlock]:
    """Return the text below a map."""
    return [
        canvas.wrapped(text, width, 6.2 * scale, colour="muted", gap=TEXT_GAP)
        for text in (*spec.notes, *spec.sources)
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
