"""A chart laid out at one width: margins from the words, then every mark in units of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bolton_jsna.charts import _style
from bolton_jsna.charts._axes import axes_shapes, below
from bolton_jsna.charts._field import (
    LEADING,
    Frame,
    frame_of,
    names_of,
    narrow,
    text_colour,
    width_of,
    wrap,
)
from bolton_jsna.charts._labels import Label, placed
from bolton_jsna.charts._point_labels import dot_names
from bolton_jsna.charts._rule_labels import rule_labels
from bolton_jsna.charts._shapes import Box, Drawing, Figure, Path, Shape, Stroke, Words
from bolton_jsna.charts._spec import (
    Band,
    Bar,
    ChartSpec,
    Dot,
    Line,
    Mark,
    Rule,
    StateMark,
    Text,
    Whisker,
)
from bolton_jsna.core.states import SIGNS
from bolton_jsna.drawing import palettes


def laid_out(spec: ChartSpec, width: float, *, size: float) -> Drawing:
    """Return the shapes of a chart at a width, its text of a size; both in units of the page."""
    names, stacked = names_of(spec, width, size)
    ends = _end_labels(spec)
    room = 0.34 if narrow(width, size) else 0.3
    wrapped = {text: wrap(text, room * width, size) for text in {each.text for each in ends}}
    frame = frame_of(spec, width, size, names=names, stacked=stacked, ends=wrapped)
    under: list[Shape] = [*_grid(frame), *_marks_under(spec.marks, frame)]
    figures = _figures(spec.marks, frame)
    states = [box for each in figures for box in _boxes(each) if box.status]
    over = [
        *dot_names(spec.marks, frame, states),
        *_marks_over(spec.marks, frame),
        *_rule_names(spec, frame),
        *axes_shapes(spec, frame, width, names=names),
    ]
    over += placed(ends, wrapped, frame)
    height = frame.bottom + below(spec, frame, width)
    return Drawing(width, height, tuple(under), tuple(figures), tuple(over))


def _end_labels(spec: ChartSpec) -> list[Label]:
    """Return the labels that stand to the right of the field."""
    found = []
    for mark in spec.marks:
        if isinstance(mark, Line) and mark.label:
            last = [each for each in mark.points if each is not None]
            if last:
                found.append(Label(last[-1][1], mark.label, mark.role, last[-1][0]))
        if isinstance(mark, Rule) and mark.axis == "y" and mark.label:
            found.append(Label(mark.at, mark.label, mark.role, None))
        if isinstance(mark, Band) and mark.label and mark.points:
            x, low, high = mark.points[-1]
            found.append(Label((low + high) / 2, mark.label, mark.role, x))
    return found


def _grid(frame: Frame) -> list[Shape]:
    stroke = Stroke(palettes.line("grid"), frame.size / 16)
    shapes: list[Shape] = []
    if frame.y.grid:
        for value, _ in frame.y.ticks:
            y = frame.down(value)
            shapes.append(Path(((frame.left, y), (frame.right, y)), stroke))
    if frame.x.grid:
        for value, _ in frame.x.ticks:
            x = frame.across(value)
            shapes += [Path(((x, top), (x, end)), stroke) for top, end in frame.uprights()]
    return shapes


def _marks_under(marks: Sequence[Mark], frame: Frame) -> list[Shape]:
    """Return bands, then lines, rules and whiskers, in their order."""
    shapes: list[Shape] = []
    for mark in marks:
        if isinstance(mark, Band):
            upper = [(frame.across(x), frame.down(high)) for x, _, high in mark.points]
            lower = [(frame.across(x), frame.down(low)) for x, low, _ in reversed(mark.points)]
            fill = _style.tint(mark.role, mark.strength)
            # A white edge parts bands that lie on each other.
            edge = Stroke(palettes.line("page"), frame.size / 16)
            shapes.append(Path((*upper, *lower), edge, fill, closed=True))
    for mark in marks:
        if isinstance(mark, Rule):
            shapes += _rule(mark, frame)
        elif isinstance(mark, Line) and not mark.over:
            shapes += _line(mark, frame)
        elif isinstance(mark, Whisker) and not mark.over:
            shapes += _whisker(mark, frame)
    return shapes


def _marks_over(marks: Sequence[Mark], frame: Frame) -> list[Shape]:
    """Return whiskers of bars, names of dots and free words."""
    shapes: list[Shape] = []
    for mark in marks:
        if isinstance(mark, Text):
            shapes.append(
                Words(
                    frame.across(mark.x),
                    frame.down(mark.y) + frame.size * 0.35,
                    mark.text,
                    frame.size,
                    text_colour(mark.role),
                    mark.anchor,
                    bold=mark.bold,
                    halo=True,
                )
            )
        if isinstance(mark, Whisker) and mark.over:
            shapes += _whisker(mark, frame)
        if isinstance(mark, Line) and mark.over:
            shapes += _line(mark, frame)
    return shapes


def _rule_names(spec: ChartSpec, frame: Frame) -> list[Words]:
    """Return the name of each rule across x above it."""
    size = frame.size
    labels = rule_labels(spec, frame.left, frame.right, frame.limit, size)
    return [
        Words(
            each.x,
            frame.top - size * (0.45 + LEADING * each.row),
            each.text,
            size,
            text_colour(each.role),
        )
        for each in labels
    ]


def _rule(mark: Rule, frame: Frame) -> list[Path]:
    dash = (frame.size * 0.45, frame.size * 0.3) if mark.dashed else ()
    stroke = Stroke(_style.colour(mark.role), frame.size / 8, dash)
    if mark.axis == "y":
        y = frame.down(mark.at)
        return [Path(((frame.left, y), (frame.right, y)), stroke)]
    x = frame.across(mark.at)
    return [Path(((x, top), (x, end)), stroke) for top, end in frame.uprights()]


def _line(mark: Line, frame: Frame) -> list[Path]:
    wide = frame.size / (4.5 if mark.role in _style.WIDE else 8)
    dash = (frame.size * 0.45, frame.size * 0.3) if mark.dashed else ()
    stroke = Stroke(_style.colour(mark.role), wide, dash)
    parts: list[list[tuple[float, float]]] = [[]]
    for point in mark.points:
        if point is None:
            parts.append([])
        else:
            parts[-1].append((frame.across(point[0]), frame.down(point[1])))
    runs = [tuple(each) for each in parts if len(each) > 1]
    edge = Stroke(palettes.line("page"), wide + frame.size / 5)
    edges = [Path(each, edge) for each in runs] if mark.over else []
    return [*edges, *(Path(each, stroke) for each in runs)]


def _whisker(mark: Whisker, frame: Frame) -> list[Path]:
    ink = palettes.line("text") if mark.over else _style.colour(mark.role)
    stroke = Stroke(ink, frame.size / 7)
    cap = frame.size * 0.28
    if mark.along == "x":
        y = frame.down(mark.at)
        ends = (frame.across(mark.low), frame.across(mark.high))
        lines = [((ends[0], y), (ends[1], y)), *(((x, y - cap), (x, y + cap)) for x in ends)]
    else:
        x = frame.across(mark.at)
        ends = (frame.down(mark.low), frame.down(mark.high))
        lines = [((x, ends[0]), (x, ends[1])), *(((x - cap, y), (x + cap, y)) for y in ends)]
    paths = [Path(each, stroke) for each in lines]
    if mark.over:
        edge = Stroke(palettes.line("page"), frame.size / 3)
        paths = [*(Path(each, edge) for each in lines), *paths]
    return paths


def _figures(marks: Sequence[Mark], frame: Frame) -> list[Figure]:
    """Return the marks that can be chosen; states on the axis that would meet are stacked."""
    found = []
    taken: list[Box] = []
    for mark in marks:
        figure = _figure(mark, frame)
        if isinstance(mark, StateMark) and mark.along == "y" and figure is not None:
            while any(_meet(box, other) for box in _boxes(figure) for other in taken):
                figure = _raised(figure, -frame.size * 2.0)
            taken += _boxes(figure)
        if figure is not None:
            found.append(figure)
    return found


def _boxes(figure: Figure) -> list[Box]:
    return [each for each in figure.shapes if isinstance(each, Box)]


def _meet(one: Box, other: Box) -> bool:
    return (
        abs(one.y - other.y) < one.height
        and one.x < other.x + other.width
        and other.x < one.x + one.width
    )


def _raised(figure: Figure, by: float) -> Figure:
    """Return a figure at another height."""
    shapes = tuple(
        replace(each, y=each.y + by) for each in figure.shapes if isinstance(each, Box | Words)
    )
    return Figure(figure.x, figure.y + by, figure.said, shapes)


def _figure(mark: Mark, frame: Frame) -> Figure | None:
    """Return a mark that can be chosen; None for the others."""
    if isinstance(mark, Dot):
        x, y = frame.across(mark.x), frame.down(mark.y)
        size = frame.size * (0.72 if mark.role in ("subject", *_style.WIDE) else 0.58)
        return Figure(
            x, y, mark.said, _style.dot(x, y, size, mark.role, mark.shape, hollow=mark.hollow)
        )
    if isinstance(mark, Bar):
        return _bar(mark, frame)
    if isinstance(mark, StateMark):
        return _state(mark, frame)
    return None


def _slot(at: float, thickness: float, along: str, frame: Frame) -> tuple[float, float]:
    """Return where a bar begins across its direction, and how thick it is."""
    place = frame.down if along == "x" else frame.across
    one, other = place(at - thickness / 2), place(at + thickness / 2)
    return min(one, other), abs(other - one)


def _bar(mark: Bar, frame: Frame) -> Figure:
    begin, thick = _slot(mark.at, mark.thickness, mark.along, frame)
    if mark.along == "x":
        ends = sorted((frame.across(mark.start), frame.across(mark.end)))
        box = Box(ends[0], begin, ends[1] - ends[0], thick)
    else:
        ends = sorted((frame.down(mark.start), frame.down(mark.end)))
        box = Box(begin, ends[0], thick, ends[1] - ends[0])
    ink = _style.colour(mark.role)
    # A white edge parts neighbouring bars, whatever their colours.
    edge = Stroke(palettes.line("page"), frame.size / 12)
    shapes: list[Shape] = [Box(box.x, box.y, box.width, box.height, ink, edge)]
    if mark.text and fits(mark.text, box, frame.size):
        middle, base = box.x + box.width / 2, box.y + box.height / 2 + frame.size * 0.35
        if mark.text_at == "start" and mark.along == "y":
            base = box.y + box.height - frame.size * 0.5
        ink = palettes.text_colour(ink)
        shapes.append(Words(middle, base, mark.text, frame.size, ink, "middle"))
    return Figure(box.x + box.width / 2, box.y + box.height / 2, mark.said, tuple(shapes))


def fits(text: str, box: Box, size: float) -> bool:
    """Return whether a text has room inside a bar."""
    return width_of(text, size) + size * 0.5 <= box.width and size * 1.15 <= box.height


def _state(mark: StateMark, frame: Frame) -> Figure:
    begin, thick = _slot(mark.at, mark.thickness, mark.along, frame)
    sign = SIGNS[mark.status]
    middle = begin + thick / 2
    if mark.along == "x":
        # Next to the axis or after the bars before it, and not as long as a bar: it has no length.
        wide = width_of(sign, frame.size) + frame.size
        left = frame.left if mark.start is None else frame.across(mark.start)
        left += wide * (-1 if mark.back else mark.place)
        box = Box(left, begin, wide, thick, status=mark.status)
        x, y = left + wide / 2, middle
    else:
        # On the axis and not as high as a figure: it has no height.
        wide = max(thick, width_of(sign, frame.size) + frame.size * 0.3)
        tall = frame.size * 1.9
        left = max(min(middle - wide / 2, frame.right - wide), frame.left)
        box = Box(left, frame.bottom - tall, wide, tall, status=mark.status)
        x, y = left + wide / 2, frame.bottom - tall / 2
    words = Words(
        x, y + frame.size * 0.35, sign, frame.size, palettes.line("text"), "middle", halo=True
    )
    return Figure(x, y, mark.said, (box, words))
