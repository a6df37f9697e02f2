"""NumberedNames on a printed map that do not collide: within the area, or a number and a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bolton_jsna.drawing.canvas import width_of, wrap

_SHARE: Final = 0.9  # of a name's box must lie in its own area
_GAP: Final = 0.03  # inches between labels
LABEL_LEADING: Final = 1.1


@dataclass(frozen=True)
class Label:
    """A label at the middle of its box, in inches; ``number`` when its name stands in the key."""

    text: str
    x: float
    y: float
    size: float
    number: int | None = None


def place(names: Sequence[str], shapes: Sequence[Any], *, size: float) -> tuple[Label, ...]:
    """Return where the names of areas are written."""
    # Greedy: largest areas first; for each the name in one, two or three lines is tried on a grid
    # of points of the area, the roomiest first.
    import shapely

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
                box = shapely.box(
                    point.x - width / 2,
                    point.y - height / 2,
                    point.x + width / 2,
                    point.y + height / 2,
                )
                share = box.intersection(shapes[at]).area / box.area
                if share < _SHARE or any(box.intersects(other) for other in taken):
                    continue
                # Fewer lines are read more easily, a centre in the middle looks calmer.
                score = share - 0.02 * len(lines) - 0.15 * point.distance(points[at][0])
                if best is None or score > best[0]:
                    best = (score, text, box)
        if best is not None:
            found[at] = best[1:]
            taken.append(best[2])
    told = []
    count = 0
    for at in range(len(shapes)):
        if at in found:
            text, box = found[at]
            told.append(Label(text, box.centroid.x, box.centroid.y, size))
        else:
            count += 1
            middle = points[at][0]
            told.append(Label(str(count), middle.x, middle.y, size, number=count))
    return tuple(told)


def _foldings(name: str, size: float) -> list[list[str]]:
    whole = width_of(name, size)
    tried = [wrap(name, whole / parts * 1.27, size) for parts in (1, 2, 3)]
    return [lines for at, lines in enumerate(tried) if lines not in tried[:at]]


def _points(shape: Any) -> list[Any]:
    """Return the roomiest point of an area, then a grid of points within it."""
    import shapely
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
