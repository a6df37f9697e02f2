"""Names on a printed map without overlaps: inside the area, or a number and a list."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely

from bolton_jsna.drawing.canvas import width_of, wrap

_SHARE: Final = 0.9  # of a name's box must lie in its own area
_GAP: Final = 0.03  # inches between labels
LABEL_LEADING: Final = 1.1


@dataclass(frozen=True)
class Label:
    """A label with its middle in inches; ``number`` if its name is in the list of names."""

    text: str
    x: float
    y: float
    size: float
    number: int | None = None


def place(names: Sequence[str], shapes: Sequence[Any], *, size: float) -> tuple[Label, ...]:
    """Return where the names of areas are written."""
    # Greedy: the largest areas first; for each, the name in one, two or three lines is tried on a
    # grid of points of the area, the point with the most room first.
    found: dict[int, tuple[str, Any]] = {}
    taken: list[Any] = []
    points = [_points(shape) for shape in shapes]
    # Numbers need their place too: a name may not cover the middle of another small area.
    for at in sorted(range(len(shapes)), key=lambda n: -shapes[n].area):
        best: tuple[float, str, Any] | None = None
        for lines in _foldings(names[at], size):
            text = "\n".join(lines)
            width = max(width_of(line, size) for line in lines) + _GAP
            height = len(lines) * size * LABEL_LEADING / 72 + _GAP
            for point in points[at]:
                x, y = point.x - width / 2, point.y - height / 2
                box = shapely.box(x, y, point.x + width / 2, point.y + height / 2)
                share = box.intersection(shapes[at]).area / box.area
                if share < _SHARE or any(box.intersects(other) for other in taken):
                    continue
                # Fewer lines are easier to read, and a name near the middle looks better.
                score = share - 0.02 * len(lines) - 0.15 * point.distance(points[at][0])
                if best is None or score > best[0]:
                    best = (score, text, box)
        if best is not None:
            found[at] = best[1:]
            taken.append(best[2])
    labels = []
    numbers = itertools.count(1)
    for at in range(len(shapes)):
        text, box = found.get(at, ("", None))
        number = next(numbers) if box is None else None
        middle = points[at][0] if box is None else box.centroid
        labels.append(Label(text or str(number), middle.x, middle.y, size, number))
    return tuple(labels)


def _foldings(name: str, size: float) -> list[list[str]]:
    whole = width_of(name, size)
    tried = [wrap(name, whole / parts * 1.27, size) for parts in (1, 2, 3)]
    return [lines for at, lines in enumerate(tried) if lines not in tried[:at]]


def _points(shape: Any) -> list[Any]:
    """Return the point of an area with the most room, then a grid of points inside it."""
    from shapely.ops import polylabel

    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    west, south, east, north = largest.bounds
    middle = polylabel(largest, tolerance=max(east - west, north - south) / 100)
    steps = 14
    grid = [
        shapely.Point(west + (east - west) * i / steps, south + (north - south) * j / steps)
        for i in range(1, steps)
        for j in range(1, steps)
    ]
    return [middle, *(point for point in grid if largest.contains(point))]
