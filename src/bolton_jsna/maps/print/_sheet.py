"""The sheet of a printed map: heading, areas, names, scale bar, legend, notes, sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from bolton_jsna.core.errors import choice
from bolton_jsna.drawing import canvas, palettes
from bolton_jsna.maps._spec import ILLUSTRATIVE, MapSpec
from bolton_jsna.maps.print._layout import MOST_NAMES, draw_picture, lay_out
from bolton_jsna.maps.print._legend import Key

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
MARGIN: Final = 0.12
_GAP: Final = 0.16
PART: Final = 0.12


def draw(spec: MapSpec, *, size: Size = "column", labels: bool | None = None) -> Figure:
    """Return the first layer of a map as a figure; it carries its specification as ``.spec``."""
    choice("size", size, FORMATS)
    form = FORMATS[size]
    scale = form.scale
    named = len(spec.places) <= MOST_NAMES if labels is None else labels
    inner = form.width - 2 * MARGIN
    key_width = min(max(2.05 * scale, inner * 0.26), inner * 0.42)
    heading, foot = heading_of(spec, inner, scale), foot_of(spec, inner, scale)
    key = Key(spec.layers[0], key_width, scale)
    above = sum(part.height for part in heading) + PART
    below = sum(part.height for part in foot) + PART
    room = form.height - above - below - 2 * MARGIN
    picture = lay_out(spec, inner - key_width - _GAP, room, scale, named=named)
    height = max(form.height, above + max(picture.height, key.height) + below + 2 * MARGIN)
    sheet = canvas.Sheet(form.width, height)
    top = write_lines(sheet, heading, height - MARGIN) - PART
    draw_picture(sheet, spec, picture, left=MARGIN, top=top, scale=scale)
    key.draw(sheet, form.width - MARGIN - key_width, top)
    write_lines(sheet, foot, MARGIN + below - PART)
    sheet.figure.spec = spec  # type: ignore[attr-defined]
    return sheet.figure


@dataclass(frozen=True)
class Lines:
    """Wrapped lines and how they are written."""

    lines: list[str]
    size: float
    bold: bool = False
    colour: str = "text"
    badge: bool = False

    @property
    def height(self) -> float:
        """Inches, with the air below."""
        return canvas.height_of(self.lines, self.size) + (0.12 if self.badge else 0.04)


def heading_of(spec: MapSpec, width: float, scale: float) -> list[Lines]:
    """Return what stands above a map."""
    title, sub = 12 * scale, 8.5 * scale
    found = []
    if spec.illustrative:
        found.append(Lines([ILLUSTRATIVE], 8 * scale, bold=True, badge=True))
    found.append(Lines(canvas.wrap(spec.title, width, title, bold=True), title, bold=True))
    if spec.subtitle:
        found.append(Lines(canvas.wrap(spec.subtitle, width, sub), sub, colour="muted"))
    return found


def foot_of(spec: MapSpec, width: float, scale: float) -> list[Lines]:
    """Return what stands below a map."""
    size = 6.2 * scale
    return [
        Lines(canvas.wrap(line, width, size), size, colour="muted")
        for line in (*spec.notes, *spec.sources)
    ]


def write_lines(
    sheet: canvas.Sheet, parts: Sequence[Lines], top: float, *, left: float = MARGIN
) -> float:
    """Write lines from the top down and return where the next thing may begin."""
    for part in parts:
        if part.badge:
            sheet.text(
                left + 0.06,
                top - 0.04,
                part.lines[0],
                part.size,
                weight="bold",
                color="#ffffff",
                bbox={"boxstyle": "square,pad=0.3", "fc": palettes.line("badge"), "ec": "none"},
            )
        else:
            sheet.block(
                left,
                top,
                part.lines,
                part.size,
                weight="bold" if part.bold else "normal",
                color=palettes.line(part.colour),
            )
        top -= part.height
    return top
