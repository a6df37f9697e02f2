"""A sheet of paper in inches: text that is wrapped by its true width, boxes, patterns."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.drawing import palettes
from bolton_jsna.drawing.palettes import Paint

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FONT: Final = "DejaVu Sans"
"""Comes with matplotlib, so that a map looks the same on every machine."""

LEADING: Final = 1.3
_HATCHES: Final = {
    "none": None,
    "diagonal": "//////",
    "crossed": "xxxxxx",
    "dots": "......",
    "horizontal": "------",
    "lines": "||||||",
}


class Sheet:
    """A figure whose one axes is measured in inches from the lower left corner.

    Parameters
    ----------
    width, height : float
        Inches.
    """

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self.figure: Figure = Figure(figsize=(width, height), facecolor=palettes.line("page"))
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
            # Data may hold a dollar sign, which must not begin a formula.
            "parse_math": False,
            **options,
        }
        return self.axes.text(x, y, text, fontsize=size, family=FONT, **given)

    def block(self, x: float, y: float, lines: Sequence[str], size: float, **options: Any) -> float:
        """Write lines from the top ``y`` down and return where the next thing may begin."""
        if not lines:
            return y
        self.text(x, y, "\n".join(lines), size, **options)
        return y - height_of(lines, size)

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


def fill(paint: Paint) -> dict[str, Any]:
    """Return how a patch is filled: the pattern takes the colour of an edge that is not drawn."""
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


# Every map of a build breaks the same names, notes and sources, word by word.
@functools.lru_cache(maxsize=10_000)
def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width in inches of one line of text of a size in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(family=FONT, weight="bold" if bold else "normal", size=size)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width) / 72


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Return text broken into lines of at most a width in inches; a long word stands alone."""
    # On a screen letters are fitted to its dots, which makes small ones up to a tenth wider.
    spare = 1.1 if size < 8 else 1.06
    told: list[str] = []
    for word in text.split():
        longer = f"{told[-1]} {word}" if told else word
        if told and width_of(longer, size, bold=bold) * spare <= width:
            told[-1] = longer
        else:
            told.append(word)
    return told
