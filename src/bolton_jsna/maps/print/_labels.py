"""Names on a printed map: in the area, next to the map, or a number and a list of names."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from bolton_jsna.core.errors import UsageError
from bolton_jsna.drawing.canvas import width_of

CLEAR: Final = 0.035
"""Inches between a name and any line."""
LABEL_LEADING: Final = 1.15
_FARTHEST: Final = 0.6
"""Inches from a name next to the map to its area."""
_NEAR: Final = 1.0
"""Inches from a number to its area within which a place is looked for first."""
_MOST_OVER: Final = 40
"""More numbers over lines than this hide the map."""
_MOST_LINES: Final = 4
_MOST_WORDS: Final = 12
"""A longer name has no room in any area."""
_STEPS: Final = 20
"""Places to try across an area and down it."""
_HINTING: Final = 1.06
"""Screens fit letters to pixels, which makes small letters wider."""

_Floats = NDArray[np.float64]
_Point = tuple[float, float]


@dataclass(frozen=True)
class Label:
    """A name, or its number in the list of names, in inches.

    ``box`` is the west, south, east and north of the text. ``leader`` is a line from inside the
    area to the text if this is not in the area. ``plate`` is whether it needs a background,
    because it lies over lines.
    """

    lines: tuple[str, ...]
    box: tuple[float, float, float, float]
    size: float
    number: int | None = None
    leader: tuple[_Point, _Point] | None = None
    plate: bool = False


@dataclass(frozen=True)
class _Text:
    """A text in lines with its width and height in inches."""

    lines: tuple[str, ...]
    size: float
    wide: float
    high: float


class _Sheet:
    """The areas, and the places of the map that are taken by labels."""

    def __init__(self, shapes: Sequence[Any], width: float) -> None:
        # Corners that no eye sees are left out, which saves most of the time.
        self.shapes = shapely.simplify(np.asarray(shapes, dtype=object), CLEAR / 9)
        self.insides = shapely.buffer(self.shapes, -CLEAR, quad_segs=2)
        self.middles = [_middle(shape) for shape in self.shapes]
        self.all = shapely.buffer(shapely.union_all(self.shapes), CLEAR, quad_segs=2)
        self.tree = shapely.STRtree(self.shapes)
        shapely.prepare([*self.insides, self.all])
        _, _, east, north = shapely.total_bounds(self.shapes).tolist()
        spare = max(width - east, 0) / 2
        self.least, self.most = (-spare, 0.0), (east + spare, north)
        self.plates: set[int] = set()
        self.boxes: dict[int, _Floats] = {}
        self.leaders: dict[int, Any] = {}

    def inside(self, at: int, texts: Sequence[_Text]) -> _Text | None:
        """Place one of the texts in its area near the middle; None if there is no room."""
        inside, middle = self.insides[at], self.middles[at]
        if inside.is_empty:
            return None
        points = _points(inside, middle)
        best: tuple[float, _Text, _Floats] | None = None
        for text in texts:
            boxes = self._free(_around(points, text))
            boxes = boxes[shapely.contains(inside, shapely.box(*boxes.T))]
            if len(boxes):
                away = np.linalg.norm((boxes[:, :2] + boxes[:, 2:]) / 2 - middle, axis=1)
                # Fewer lines are easier to read, and a name near the middle looks better.
                score = -0.02 * len(text.lines) - 0.15 * away
                if best is None or score.max() > best[0]:
                    best = (float(score.max()), text, boxes[score.argmax()])
        if best is None:
            return None
        self.boxes[at] = best[2]
        return best[1]

    def outside(self, at: int, texts: Sequence[_Text]) -> _Text | None:
        """Place one of the texts next to the map, with a line that crosses no other area."""
        shape = self.shapes[at]
        west, south, east, north = np.array(shape.bounds) + np.array([-1, -1, 1, 1]) * _FARTHEST
        across, up = np.arange(west, east, 0.05), np.arange(south, north, 0.05)
        points = np.column_stack([each.ravel() for each in np.meshgrid(across, up)])
        points = points[shapely.disjoint(self.all, shapely.points(points))]
        if not len(points):
            return None
        start = shapely.buffer(shape, -2 * CLEAR, quad_segs=2)
        if start.is_empty:
            return None
        best: tuple[float, _Text, _Floats, Any] | None = None
        for text in texts:
            boxes = self._free(_around(points, text))
            boxes = boxes[shapely.disjoint(self.all, shapely.box(*boxes.T))]
            lines = shapely.shortest_line(start, shapely.box(*boxes.T))
            near = shapely.length(lines) < _FARTHEST
            boxes, lines = boxes[near], lines[near]
            kept = self._clear(lines)
            crossing, crossed = self.tree.query(lines, predicate="intersects")
            kept[crossing[crossed != at]] = False
            if kept.any():
                boxes, lines = boxes[kept], lines[kept]
                cost = shapely.length(lines) + 0.03 * len(text.lines)
                if best is None or cost.min() < best[0]:
                    first = cost.argmin()
                    best = (float(cost.min()), text, boxes[first], lines[first])
        if best is None:
            return None
        self.boxes[at], self.leaders[at] = best[2:]
        return best[1]

    def over(self, at: int, text: _Text) -> bool:
        """Place a number with a background over lines; return whether there is room."""
        middle, reach = self.middles[at], np.subtract(self.most, self.least).max()
        others = np.delete(self.middles, at, axis=0)
        far, turns = np.arange(0, reach, 0.05), np.linspace(0, 2 * np.pi, 24, endpoint=False)
        away, turn = (each.ravel() for each in np.meshgrid(far, turns, indexing="ij"))
        every = np.column_stack([np.cos(turn), np.sin(turn)]) * away[:, None] + middle
        # Most numbers have a place nearby, so places further away are looked at only if needed.
        for points in (every[away < _NEAR], every[away >= _NEAR]):
            boxes = self._free(_around(points, text))
            hidden = shapely.box(*boxes.T)
            lines = shapely.shortest_line(shapely.Point(middle), hidden)
            # It is best over the middle of its area, then outside all, but over no other middle.
            length = shapely.length(lines)
            inside = (others > boxes[:, None, :2]) & (others < boxes[:, None, 2:])
            off = np.linalg.norm((boxes[:, :2] + boxes[:, 2:]) / 2 - middle, axis=1)
            over = 0.2 + 0.3 * shapely.intersects(self.all, hidden)
            cost = off + (length > 0) * over + 2 * np.any(np.all(inside, axis=2), axis=1)
            # A line may pass beneath the background of another number, but under no name.
            cost += ~self._clear(lines)
            cost = np.where(self._clear(lines, of_names=True), cost, np.inf)
            if len(cost) and np.isfinite(cost.min()):
                break
        else:
            return False
        first = cost.argmin()
        self.boxes[at] = boxes[first]
        self.plates.add(at)
        if length[first]:
            self.leaders[at] = lines[first]
        return True

    def _free(self, boxes: _Floats) -> _Floats:
        """Return the boxes that are on the sheet and touch no label or line of a label."""
        kept = (boxes[:, :2] >= self.least).all(axis=1) & (boxes[:, 2:] <= self.most).all(axis=1)
        boxes = boxes[kept]
        if self.boxes and len(boxes):
            taken = np.array([*self.boxes.values()])
            apart = (boxes[:, None, :2] > taken[:, 2:] + CLEAR) | (
                boxes[:, None, 2:] < taken[:, :2] - CLEAR
            )
            boxes = boxes[np.all(np.any(apart, axis=2), axis=1)]
        return boxes[_away_from(shapely.box(*boxes.T), self.leaders.values(), CLEAR)]

    def _clear(self, lines: Any, *, of_names: bool = False) -> NDArray[np.bool_]:
        """Return which lines cross no label and no other line, or no name."""
        boxes = [
            shapely.box(*box)
            for at, box in self.boxes.items()
            if not (of_names and at in self.plates)
        ]
        kept = _away_from(lines, boxes, CLEAR)
        return kept if of_names else kept & _away_from(lines, self.leaders.values(), 0.0)


def _away_from(shapes: Any, others: Iterable[Any], distance: float) -> NDArray[np.bool_]:
    """Return which shapes are further than a distance from all others."""
    kept = np.ones(len(shapes), dtype=bool)
    tree = shapely.STRtree([*others])
    near, _ = tree.query(shapes, predicate="dwithin", distance=distance)
    kept[near] = False
    return kept


def place(
    names: Sequence[str], shapes: Sequence[Any], *, size: float, larger: float, width: float
) -> tuple[Label, ...]:
    """Return where the names of areas are written; none touches a line or another name.

    They are of a size in points in their areas, and larger next to the map. ``width`` is that of
    the place for the map in inches.
    """
    for aside in (True, False):
        found = _placed(names, _Sheet(shapes, width), size, larger if aside else None)
        if found is not None:
            return found
    raise UsageError(
        f"There is no room for the names of all {len(names)} areas, not even as numbers. Give "
        "labels=False, or draw fewer areas."
    )


def _placed(
    names: Sequence[str], sheet: _Sheet, size: float, larger: float | None
) -> tuple[Label, ...] | None:
    """Return labels, with names next to the map if these have a size; None if one has no room."""
    found: dict[int, _Text] = {}
    largest = np.argsort(-shapely.area(sheet.shapes), kind="stable").tolist()
    for put, points in ((sheet.inside, size), (sheet.outside, larger)):
        for at in largest:
            if at not in found and points is not None:
                ways = [_text(lines, points) for lines in _foldings(names[at], points)]
                if (text := put(at, ways)) is not None:
                    found[at] = text
    # Numbers are in the order of the list, so they are known only now.
    counted = itertools.count(1)
    numbers = {at: next(counted) for at in range(len(names)) if at not in found}
    texts = {at: _text((str(number),), size, bold=True) for at, number in numbers.items()}
    found |= {at: text for at, text in texts.items() if sheet.inside(at, [text]) is not None}
    over = sorted(texts.keys() - found.keys())
    if len(over) > _MOST_OVER or not all(sheet.over(at, texts[at]) for at in over):
        return None
    found |= {at: texts[at] for at in over}
    return tuple(
        Label(
            found[at].lines,
            tuple(map(float, sheet.boxes[at])),  # type: ignore[arg-type]
            found[at].size,
            numbers.get(at),
            tuple(sheet.leaders[at].coords) if at in sheet.leaders else None,
            at in sheet.plates,
        )
        for at in range(len(names))
    )


def _around(points: _Floats, text: _Text) -> _Floats:
    """Return the west, south, east and north of a text with its middle at each point."""
    half = np.array([text.wide, text.high]) / 2
    return np.column_stack([points - half, points + half])


def _text(lines: Sequence[str], size: float, *, bold: bool = False) -> _Text:
    wide = max((width_of(line, size, bold=bold) for line in lines), default=0.0) * _HINTING
    return _Text(tuple(lines), size, wide, ((len(lines) - 1) * LABEL_LEADING + 1.1) * size / 72)


def _foldings(name: str, size: float) -> list[list[str]]:
    """Return a name in one line and more, each as narrow as it can be."""
    words = name.split()
    if len(words) > _MOST_WORDS:
        return [[name]]
    found = []
    for number in range(1, min(len(words), _MOST_LINES) + 1):
        tried = [
            [" ".join(words[low:high]) for low, high in itertools.pairwise((0, *cuts, len(words)))]
            for cuts in itertools.combinations(range(1, len(words)), number - 1)
        ]
        found.append(min(tried, key=lambda lines: max(width_of(line, size) for line in lines)))
    return found


def _middle(shape: Any) -> _Point:
    """Return the point of an area with the most room around it."""
    from shapely.ops import polylabel

    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    west, south, east, north = largest.bounds
    middle = polylabel(largest, tolerance=max(east - west, north - south) / 100)
    return float(middle.x), float(middle.y)


def _points(inside: Any, middle: _Point) -> _Floats:
    """Return the middle of an area, then a grid of points inside it."""
    west, south, east, north = inside.bounds
    across, up = (np.linspace(low, high, _STEPS) for low, high in ((west, east), (south, north)))
    x, y = (each.ravel() for each in np.meshgrid(across, up))
    held = shapely.contains_xy(inside, x, y)
    return np.vstack([middle, np.column_stack([x[held], y[held]])])
