"""A canvas in inches for print: text wrapped by its true width, boxes, patterns."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from bolton_jsna.drawing import palettes
from bolton_jsna.drawing.palettes import Paint

FONT: Final = "DejaVu Sans"
"""Comes with matplotlib, so that a map looks the same on every computer."""

LEADING: Final = 1.34
_ASCENT: Final = 0.97
"""From the top of a line to its baseline, for a size of 1."""
_CENTRE: Final = 0.3
"""From the middle of a line to its baseline."""
_HATCHES: Final = {
    "none": None,
    "diagonal": "//////",
    "crossed": "xxxxxx",
    "dots": "......",
    "horizontal": "------",
    "lines": "||||||",
}


class Canvas:
    """A figure whose one axes is measured in inches from the lower left corner.

    Parameters
    ----------
    width, height : float
        Inches.
    """

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        from bolton_jsna.drawing.shown_figure import ShownFigure

        self.width, self.height = width, height
        self.figure = ShownFigure(figsize=(width, height), facecolor=palettes.line("page"))
        FigureCanvasAgg(self.figure)
        self.axes: Any = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(0, height)

    def text(
        self,
        x: float,
        y: float,
        lines: str | Sequence[str],
        size: float,
        *,
        va: Literal["top", "center", "baseline"] = "top",
        leading: float = LEADING,
        **options: Any,
    ) -> None:
        """Write a line or several at even distances: their top, middle or first baseline at y."""
        # Not one text of several lines: matplotlib puts them closer where no letter goes down.
        given = {
            "color": palettes.line("text"),
            # A dollar sign in the data must not begin a formula.
            "parse_math": False,
            **options,
        }
        lines = [lines] if isinstance(lines, str) else lines
        step = size * leading / 72
        down = {"top": _ASCENT * size / 72, "center": _CENTRE * size / 72, "baseline": 0.0}[va]
        if va == "center":
            down -= (len(lines) - 1) / 2 * step
        for at, line in enumerate(lines):
            where = (x, y - down - at * step)
            self.axes.text(*where, line, fontsize=size, family=FONT, va="baseline", **given)

    def add(self, artist: Any) -> None:
        """Draw a patch or a line; the limits are fixed, so its own are not worked out."""
        self.axes.add_artist(artist)

    def box(self, x: float, y: float, width: float, height: float, paint: Paint) -> None:
        """Draw a filled box with its lower left corner at x, y."""
        from matplotlib.patches import Rectangle

        self.add(Rectangle((x, y), width, height, **fill(paint)))
        self.add(Rectangle((x, y), width, height, fill=False, ec=palettes.line("border"), lw=0.6))

    def pointer(self, x: float, y: float, size: float, *, sign: Literal["left", "down"]) -> None:
        """Draw a triangle of a size in inches with its point there."""
        from matplotlib.patches import Polygon

        half = size / 2
        back = [(x + size, y + half), (x + size, y - half)]
        if sign == "down":
            back = [(x - half, y + size), (x + half, y + size)]
        colour = palettes.line("text")
        self.add(Polygon([(x, y), *back], facecolor=colour, edgecolor="none"))

    def arrow(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw an arrow between two points."""
        self.axes.annotate(
            "",
            xy=end,
            xytext=start,
            arrowprops={"arrowstyle": "-|>", "lw": 0.8, "color": palettes.line("text")},
        )


@dataclass(frozen=True)
class TextBlock:
    """Wrapped lines of text, their style, and the gap in inches below them."""

    lines: Sequence[str]
    size: float
    bold: bool = False
    colour: str = "text"
    badge: bool = False
    gap: float = 0.0

    @property
    def height(self) -> float:
        """Inches, with the gap below."""
        return height_of(self.lines, self.size) + self.gap

    def draw(self, page: Canvas, left: float, top: float) -> None:
        """Write the lines with their upper left corner there."""
        if self.badge:
            box = {"boxstyle": "square,pad=0.3", "fc": palettes.line("badge"), "ec": "none"}
            page.text(
                left + 0.06,
                top - 0.04,
                self.lines,
                self.size,
                weight="bold",
                color="#ffffff",
                bbox=box,
            )
        elif self.lines:
            page.text(
                left,
                top,
                self.lines,
                self.size,
                weight="bold" if self.bold else "normal",
                color=palettes.line(self.colour),
            )


def wrapped(
    text: str,
    width: float,
    size: float,
    *,
    bold: bool = False,
    colour: str = "text",
    gap: float = 0.0,
) -> TextBlock:
    """Return a text as a block of at most a width in inches."""
    return TextBlock(wrap(text, width, size, bold=bold), size, bold, colour, gap=gap)


def fill(paint: Paint, *, seam: float = 0) -> dict[str, Any]:
    """Return the fill of a patch: the pattern has the colour of an edge that is not drawn."""
    # Unless a seam in points is asked for: then the edge has the colour of the patch.
    return {
        "facecolor": paint.fill,
        "edgecolor": paint.fill if seam else paint.line or paint.fill,
        "linewidth": seam,
        "hatch": _HATCHES[paint.pattern],
    }


def height_of(lines: Sequence[str], size: float) -> float:
    """Return the height in inches of lines of a size in points."""
    return len(lines) * size * LEADING / 72


# Cached, because every map of a build wraps the same names, notes and sources.
@functools.lru_cache(maxsize=10_000)
def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width in inches of one line of text of a size in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(family=FONT, weight="bold" if bold else "normal", size=size)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width) / 72


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Return text in lines of at most a width in inches; a longer word is a line by itself."""
    # Screens fit letters to pixels, which makes small letters up to a tenth wider.
    spare = 1.1 if size < 8 else 1.06
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size, bold=bold) * spare <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
