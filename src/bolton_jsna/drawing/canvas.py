"""A canvas in inches for print: text wrapped by its true width, boxes, patterns."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bolton_jsna.drawing import palettes
from bolton_jsna.drawing.palettes import Paint

FONT: Final = "DejaVu Sans"
"""Comes with matplotlib, so that a map looks the same on every computer."""

LEADING: Final = 1.3
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

    def text(self, x: float, y: float, text: str, size: float, **options: Any) -> Any:
        """Write one line or several; ``y`` is the top of the first line unless ``va`` is given."""
        given = {
            "va": "top",
            "color": palettes.line("text"),
            "linespacing": LEADING,
            # A dollar sign in the data must not begin a formula.
            "parse_math": False,
            **options,
        }
        return self.axes.text(x, y, text, fontsize=size, family=FONT, **given)

    def box(self, x: float, y: float, width: float, height: float, paint: Paint) -> None:
        """Draw a filled box with its lower left corner at x, y."""
        from matplotlib.patches import Rectangle

        self.axes.add_patch(Rectangle((x, y), width, height, **fill(paint)))
        self.axes.add_patch(
            Rectangle((x, y), width, height, fill=False, ec=palettes.line("border"), lw=0.6)
        )

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
                self.lines[0],
                self.size,
                weight="bold",
                color="#ffffff",
                bbox=box,
            )
        elif self.lines:
            page.text(
                left,
                top,
                "\n".join(self.lines),
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


def fill(paint: Paint) -> dict[str, Any]:
    """Return the fill of a patch: the pattern has the colour of an edge that is not drawn."""
    return {
        "facecolor": paint.fill,
        "edgecolor": paint.line or paint.fill,
        "linewidth": 0,
        "hatch": _HATCHES[paint.pattern],
    }


def height_of(lines: Sequence[str], size: float) -> float:
    """Return the height in inches of lines of a size in points."""
    # 1.03: a line of DejaVu Sans is a little higher than its size.
    return len(lines) * size * LEADING * 1.03 / 72


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
