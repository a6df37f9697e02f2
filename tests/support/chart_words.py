"""The words of a chart as they are laid out, and which of them overlap or leave the page."""

import itertools

from bolton_jsna.charts import _layout
from bolton_jsna.charts._legend import legend_shapes
from bolton_jsna.charts._print import _EDGE, _SIZE, WIDTH
from bolton_jsna.charts._shapes import Words

WIDTHS = {
    "print": ((WIDTH - 2 * _EDGE) * 72, _SIZE),
    "wide": (760.0, 14.0),
    "narrow": (350.0, 14.0),
}
"""The width of each page and the size of its text."""


def crossings(spec, page: str) -> list[str]:
    """What overlaps at a width, and what leaves the page."""
    width, size = WIDTHS[page]
    found = []
    for drawing in (
        _layout.laid_out(spec, width, size=size),
        legend_shapes(spec.legend, width, size=size),
    ):
        words = [(each.text, _box(each)) for each in words_of(drawing)]
        found += [
            f"{one[0]!r} and {other[0]!r}"
            for one, other in itertools.combinations(words, 2)
            if _overlap(one[1], other[1])
        ]
        found += [
            f"{text!r} leaves the page"
            for text, (left, top, right, bottom) in words
            if left < -1 or right > width + 1 or top < -1 or bottom > drawing.height + 1
        ]
    return found


def words_of(drawing) -> list[Words]:
    """The words of a drawing."""
    shapes = [*drawing.under, *drawing.over]
    shapes += [shape for each in drawing.figures for shape in each.shapes]
    return [each for each in shapes if isinstance(each, Words) and each.text]


def _box(words):
    wide = _layout.width_of(words.text, words.size, bold=words.bold)
    left = words.x - {"start": 0, "middle": wide / 2, "end": wide}[words.anchor]
    # The height of capitals and of what hangs below the line.
    return left, words.y - 0.72 * words.size, left + wide, words.y + 0.2 * words.size


def _overlap(one, other, slack=0.6):
    return (
        min(one[2], other[2]) - max(one[0], other[0]) > slack
        and min(one[3], other[3]) - max(one[1], other[1]) > slack
    )
