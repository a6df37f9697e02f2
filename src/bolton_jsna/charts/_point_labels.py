"""The names of single dots, put where they cover neither another name nor a dot."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from bolton_jsna.charts._field import Frame, text_colour, width_of
from bolton_jsna.charts._shapes import Box, Path, Shape, Stroke, Words
from bolton_jsna.charts._spec import Dot, Line, Mark, Whisker
from bolton_jsna.drawing import palettes

_Area = tuple[float, float, float, float]
"""Left, top, right, bottom."""

_WAYS: Final = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))
_REACHES: Final = (0.55, 1.5, 2.6, 4.0)
"""How far from its dot a name may be, for a size of 1."""


def dot_names(marks: Sequence[Mark], frame: Frame, boxes: Sequence[Box]) -> list[Shape]:
    """Return the names of dots, with a thin line to the dot of one that had to move away.

    ``boxes`` are fields that names may not cover.

    A name for which there is no place is left out: the table of the chart has it.
    """
    size = frame.size
    dots = [mark for mark in marks if isinstance(mark, Dot)]
    taken = [_round(frame.across(each.x), frame.down(each.y), size * 0.42) for each in dots]
    taken += [(each.x, each.y, each.x + each.width, each.y + each.height) for each in boxes]
    named = [each for each in dots if each.label]
    thin = [area for mark in marks for area in _along(mark, frame)]
    shapes: list[Shape] = []
    for each in sorted(named, key=lambda dot: dot.role != "subject"):
        bold = each.role == "subject"
        wide = width_of(each.label, size, bold=bold)
        # A name may lie on a line or whisker, with a white edge, but on nothing else.
        found = _place(each, wide, frame, taken, dots, thin=thin)
        found = found or _place(each, wide, frame, taken, dots)
        if found is None:
            continue
        area, reach = found
        taken.append(area)
        x, y = frame.across(each.x), frame.down(each.y)
        if reach > _REACHES[0]:
            end = (min(max(x, area[0]), area[2]), min(max(y, area[1]), area[3]))
            away = math.dist((x, y), end)
            share = min(size * 0.45 / away, 1.0) if away else 1.0
            begin = (x + (end[0] - x) * share, y + (end[1] - y) * share)
            shapes.append(Path((begin, end), Stroke(palettes.line("axis"), size / 20)))
        anchor: Literal["start"] = "start"
        base = area[3] - size * 0.25
        ink = text_colour(each.role)
        shapes.append(Words(area[0], base, each.label, size, ink, anchor, bold=bold, halo=True))
    return shapes


def _place(
    dot: Dot,
    wide: float,
    frame: Frame,
    taken: Sequence[_Area],
    dots: Sequence[Dot],
    *,
    thin: Sequence[_Area] = (),
) -> tuple[_Area, float] | None:
    """Return the first free place for a name, nearest first, and its distance."""
    for area, reach in _ways(dot, wide, frame):
        inside = (
            area[0] >= frame.left
            and area[2] <= frame.right
            and area[1] >= frame.top - frame.size
            and area[3] <= frame.bottom
        )
        if not inside or any(_touch(area, each) for each in (*taken, *thin)):
            continue
        close = reach == _REACHES[0]
        if _is_nearest(dot, area, frame, dots) if close else not _crosses(dot, area, frame, taken):
            return area, reach
    return None


def _is_nearest(dot: Dot, area: _Area, frame: Frame, dots: Sequence[Dot]) -> bool:
    """Return whether no other dot is as close to a name, so that it is read as that of its dot."""
    away = {id(each): _distance(area, frame.across(each.x), frame.down(each.y)) for each in dots}
    own = away.pop(id(dot))
    return all(own + frame.size * 0.3 < each for each in away.values())


def _distance(area: _Area, x: float, y: float) -> float:
    """Return how far a place is from an area."""
    return math.dist((x, y), (min(max(x, area[0]), area[2]), min(max(y, area[1]), area[3])))


def _crosses(dot: Dot, area: _Area, frame: Frame, taken: Sequence[_Area]) -> bool:
    """Return whether the thin line from a dot to its name would cross another name or dot."""
    x, y = frame.across(dot.x), frame.down(dot.y)
    end = (min(max(x, area[0]), area[2]), min(max(y, area[1]), area[3]))
    steps = [at / 12 for at in range(13)]
    points = [(x + (end[0] - x) * step, y + (end[1] - y) * step) for step in steps]
    others = [each for each in taken if not _holds(each, (x, y))]
    return any(_holds(each, point) for each in others for point in points)


def _holds(area: _Area, point: tuple[float, float]) -> bool:
    return area[0] <= point[0] <= area[2] and area[1] <= point[1] <= area[3]


def _ways(dot: Dot, wide: float, frame: Frame) -> Iterator[tuple[_Area, float]]:
    x, y, size = frame.across(dot.x), frame.down(dot.y), frame.size
    tall = size * 1.15
    for reach in _REACHES:
        for right, down in _WAYS:
            gap = reach * size * (0.8 if right and down else 1.0)
            left = x + right * gap - {1: 0.0, 0: wide / 2, -1: wide}[right]
            top = y + down * gap - {1: 0.0, 0: tall / 2, -1: tall}[down]
            yield (left, top, left + wide, top + tall), reach


def _along(mark: Mark, frame: Frame) -> list[_Area]:
    """Return small areas along a whisker or a line."""
    if isinstance(mark, Whisker) and mark.along == "y":
        x = frame.across(mark.at)
        return [(x - 1, frame.down(mark.high), x + 1, frame.down(mark.low))]
    if not isinstance(mark, Line):
        return []
    points = [(frame.across(x), frame.down(y)) for x, y in filter(None, mark.points)]
    found = []
    for one, other in itertools.pairwise(points):
        steps = max(1, round(math.dist(one, other) / frame.size * 2))
        for at in range(steps + 1):
            share = at / steps
            x, y = (a + (b - a) * share for a, b in zip(one, other, strict=True))
            found.append(_round(x, y, frame.size * 0.1))
    return found


def _round(x: float, y: float, half: float) -> _Area:
    return x - half, y - half, x + half, y + half


def _touch(one: _Area, other: _Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
