"""Labels to the right of a chart, moved apart so that none covers another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bolton_jsna.charts._field import Frame, text_colour
from bolton_jsna.charts._shapes import Path, Shape, Stroke, Words
from bolton_jsna.charts._spec import Role
from bolton_jsna.drawing import palettes

_LEADING: Final = 1.25
_APART: Final = 0.3


@dataclass(frozen=True)
class Label:
    """A text at a number of y, about a mark that ends at x; None: at the edge."""

    y: float
    text: str
    role: Role
    x: float | None


def placed(labels: Sequence[Label], wrapped: Mapping[str, list[str]], frame: Frame) -> list[Shape]:
    """Return labels as words, with a thin line to the mark of one that had to move."""
    order = sorted(labels, key=lambda each: frame.down(each.y))
    size = frame.size
    heights = [len(wrapped[each.text]) * size * _LEADING for each in order]
    wanted = [frame.down(each.y) for each in order]
    middles = spread(wanted, heights, size * _APART, frame.top, frame.bottom)
    shapes: list[Shape] = []
    for each, height, goal, middle in zip(order, heights, wanted, middles, strict=True):
        left = frame.right + size * 0.7
        begin = frame.right if each.x is None else frame.across(each.x)
        if abs(middle - goal) > size * 0.4 or begin < frame.right - size:
            stroke = Stroke(palettes.line("axis"), size / 20)
            shapes.append(Path(((begin + size * 0.35, goal), (left - size * 0.15, middle)), stroke))
        first = middle - height / 2 + size * 0.95
        shapes += [
            Words(
                left,
                first + at * size * _LEADING,
                line,
                size,
                text_colour(each.role),
                bold=each.role == "subject",
            )
            for at, line in enumerate(wrapped[each.text])
        ]
    return shapes


def spread(
    wanted: Sequence[float], heights: Sequence[float], apart: float, top: float, bottom: float
) -> list[float]:
    """Return middles near the wanted ones, in their order, so that no two overlap."""
    # Groups that touch are moved as one to the mean of what they want (pool adjacent violators).
    groups: list[tuple[list[int], float]] = []
    for at, goal in enumerate(wanted):
        group, middle = [at], goal
        while (
            groups and _end(groups[-1], heights, apart) > middle - _tall(group, heights, apart) / 2
        ):
            before, other = groups.pop()
            middle = (other * len(before) + middle * len(group)) / (len(before) + len(group))
            group = before + group
        groups.append((group, middle))
    found = [0.0] * len(wanted)
    for group, middle in groups:
        tall = _tall(group, heights, apart)
        start = min(max(middle - tall / 2, top), max(bottom - tall, top))
        for at in group:
            found[at] = start + heights[at] / 2
            start += heights[at] + apart
    return found


def _tall(group: Sequence[int], heights: Sequence[float], apart: float) -> float:
    return sum(heights[at] for at in group) + apart * (len(group) - 1)


def _end(group: tuple[list[int], float], heights: Sequence[float], apart: float) -> float:
    places, middle = group
    return middle + _tall(places, heights, apart) / 2 + apart
