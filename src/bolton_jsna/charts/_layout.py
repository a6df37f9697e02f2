"""A chart laid out at one width: margins from the words, then every mark in units of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bolton_jsna.charts import _style
from bolton_jsna.charts._labels import Label, placed
from bolton_jsna.charts._shapes import Box, Drawing, Figure, Path, Shape, Stroke, Words
from bolton_jsna.charts._spec import (
    Axis,
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
from bolton_jsna.drawing import canvas, palettes

_LEADING: Final = 1.3
_NARROW: Final = 480
"""Below this width names take a larger share of it."""


@dataclass(frozen=True)
class Frame:
    """The field of the marks in units of the page, and how numbers become places in it."""

    left: float
    top: float
    right: float
    bottom: float
    x: Axis
    y: Axis
    size: float

    def across(self, value: float) -> float:
        """Return the place of a number of x."""
        share = (value - self.x.low) / (self.x.high - self.x.low)
        return self.left + share * (self.right - self.left)

    def down(self, value: float) -> float:
        """Return the place of a number of y; the first category is at the top."""
        share = (value - self.y.low) / (self.y.high - self.y.low)
        if not self.y.categories:
            share = 1 - share
        return self.top + share * (self.bottom - self.top)


def laid_out(spec: ChartSpec, width: float, *, size: float) -> Drawing:
    """Return the shapes of a chart at a width, its text of a size; both in units of the page."""
    names = _names(spec.y, width, size) if spec.y.categories else {}
    ends = _end_labels(spec)
    room = 0.3 if width >= _NARROW * size / 14 else 0.34
    wrapped = {text: wrap(text, room * width, size) for text in {each.text for each in ends}}
    frame = _frame(spec, width, size, names=names, ends=wrapped)
    under: list[Shape] = [*_grid(frame), *_marks_under(spec.marks, frame)]
    figures = [each for mark in spec.marks if (each := _figure(mark, frame)) is not None]
    over = [*_marks_over(spec.marks, frame), *_axes(spec, frame, width, names=names)]
    over += placed(ends, wrapped, frame)
    height = frame.bottom + _below(spec, frame, width)
    return Drawing(width, height, tuple(under), tuple(figures), tuple(over))


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Return text in lines of at most a width in units of the page."""
    return canvas.wrap(text, width / 72, size, bold=bold)


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in units of the page."""
    return canvas.width_of(text, size, bold=bold) * 72


def _names(axis: Axis, width: float, size: float) -> dict[str, list[str]]:
    """Return the names of the categories of y in lines."""
    share = 0.34 if width >= _NARROW * size / 14 else 0.4
    return {text: wrap(text, share * width, size) for _, text in axis.ticks}


def _frame(
    spec: ChartSpec,
    width: float,
    size: float,
    *,
    names: dict[str, list[str]],
    ends: dict[str, list[str]],
) -> Frame:
    """Return the field that the words of the axes and at the ends of lines leave."""
    texts = [line for lines in names.values() for line in lines]
    texts = texts or [text for _, text in spec.y.ticks]
    left = max((width_of(each, size) for each in texts), default=0) + size * 0.8
    # A tick at the left end has half of its text outside of the field.
    first = spec.x.ticks[0][1] if spec.x.ticks and not spec.x.categories else ""
    left = max(left, width_of(first, size) / 2 + size * 0.2)
    words = [line for lines in ends.values() for line in lines]
    right = max((width_of(each, size, bold=True) for each in words), default=0)
    last = spec.x.ticks[-1][1] if spec.x.ticks and not spec.x.categories else ""
    right = max(right + (size * 1.1 if right else 0), width_of(last, size) / 2 + size * 0.3)
    above = size * (2.1 if spec.y.label else 0.8)
    lines = [*names.values()]
    if spec.rows_tall:
        row = size * (max((len(each) for each in lines), default=1) * _LEADING + 0.7)
        tall = max(spec.rows_tall * row, size * 6)
    else:
        tall = max((width - left - right) * 0.58, size * 16)
    return Frame(left, above, width - right, above + tall, spec.x, spec.y, size)


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
            shapes.append(Path(((x, frame.top), (x, frame.bottom)), stroke))
    return shapes


def _marks_under(marks: Sequence[Mark], frame: Frame) -> list[Shape]:
    """Return bands, then lines, rules and whiskers, in their order."""
    shapes: list[Shape] = []
    for mark in marks:
        if isinstance(mark, Band):
            upper = [(frame.across(x), frame.down(high)) for x, _, high in mark.points]
            lower = [(frame.across(x), frame.down(low)) for x, low, _ in reversed(mark.points)]
            fill = _style.tint(mark.role, mark.strength)
            shapes.append(Path((*upper, *lower), None, fill, closed=True))
    for mark in marks:
        if isinstance(mark, Rule):
            shapes.append(_rule(mark, frame))
        elif isinstance(mark, Line):
            shapes += _line(mark, frame)
        elif isinstance(mark, Whisker):
            shapes += _whisker(mark, frame)
    return shapes


def _marks_over(marks: Sequence[Mark], frame: Frame) -> list[Shape]:
    """Return free words, and the name of each rule across x at its top."""
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
        if isinstance(mark, Dot) and mark.label:
            shapes.append(
                Words(
                    frame.across(mark.x) + frame.size * 0.6,
                    frame.down(mark.y) - frame.size * 0.35,
                    mark.label,
                    frame.size,
                    text_colour(mark.role),
                    "start",
                    bold=mark.role == "subject",
                    halo=True,
                )
            )
        if isinstance(mark, Rule) and mark.axis == "x" and mark.label:
            x = frame.across(mark.at)
            end = x > (frame.left + frame.right) / 2
            shapes.append(
                Words(
                    x + (-0.3 if end else 0.3) * frame.size,
                    frame.top - frame.size * 0.35,
                    mark.label,
                    frame.size,
                    text_colour(mark.role),
                    "end" if end else "start",
                )
            )
    return shapes


def text_colour(role: str) -> str:
    """Return the colour of words about a role: its own where it is dark enough to read."""
    ink = _style.colour(role)  # type: ignore[arg-type]
    return ink if palettes.contrast(ink, palettes.line("page")) >= 4.5 else palettes.line("text")


def _rule(mark: Rule, frame: Frame) -> Path:
    dash = (frame.size * 0.45, frame.size * 0.3) if mark.dashed else ()
    stroke = Stroke(_style.colour(mark.role), frame.size / 8, dash)
    if mark.axis == "y":
        y = frame.down(mark.at)
        return Path(((frame.left, y), (frame.right, y)), stroke)
    x = frame.across(mark.at)
    return Path(((x, frame.top), (x, frame.bottom)), stroke)


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
    return [Path(tuple(each), stroke) for each in parts if len(each) > 1]


def _whisker(mark: Whisker, frame: Frame) -> list[Path]:
    stroke = Stroke(_style.colour(mark.role), frame.size / 7)
    cap = frame.size * 0.28
    if mark.along == "x":
        y = frame.down(mark.at)
        ends = (frame.across(mark.low), frame.across(mark.high))
        bars = [((x, y - cap), (x, y + cap)) for x in ends]
        return [Path(((ends[0], y), (ends[1], y)), stroke), *(Path(each, stroke) for each in bars)]
    x = frame.across(mark.at)
    ends = (frame.down(mark.low), frame.down(mark.high))
    bars = [((x - cap, y), (x + cap, y)) for y in ends]
    return [Path(((x, ends[0]), (x, ends[1])), stroke), *(Path(each, stroke) for each in bars)]


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
        shapes.append(
            Words(
                box.x + box.width / 2,
                box.y + box.height / 2 + frame.size * 0.35,
                mark.text,
                frame.size,
                palettes.text_colour(ink),
                "middle",
            )
        )
    return Figure(box.x + box.width / 2, box.y + box.height / 2, mark.said, tuple(shapes))


def fits(text: str, box: Box, size: float) -> bool:
    """Return whether a text has room inside a bar."""
    return width_of(text, size) + size * 0.5 <= box.width and size * 1.15 <= box.height


def _state(mark: StateMark, frame: Frame) -> Figure:
    begin, thick = _slot(mark.at, mark.thickness, mark.along, frame)
    sign = SIGNS[mark.status]
    middle = begin + thick / 2
    if mark.along == "x":
        # Next to the axis and not as long as a bar: it has no length.
        wide = width_of(sign, frame.size) + frame.size
        box = Box(frame.left, begin, wide, thick, status=mark.status)
        x, y = frame.left + wide / 2, middle
    else:
        # On the axis and not as high as a figure: it has no height.
        wide = max(thick, width_of(sign, frame.size) + frame.size * 0.3)
        tall = frame.size * 1.9
        box = Box(middle - wide / 2, frame.bottom - tall, wide, tall, status=mark.status)
        x, y = middle, frame.bottom - tall / 2
    words = Words(
        x, y + frame.size * 0.35, sign, frame.size, palettes.line("text"), "middle", halo=True
    )
    return Figure(x, y, mark.said, (box, words))


def _axes(
    spec: ChartSpec, frame: Frame, width: float, *, names: dict[str, list[str]]
) -> list[Shape]:
    """Return the words of the axes and the line that figures stand on."""
    size, ink = frame.size, palettes.line("text")
    shapes: list[Shape] = []
    if spec.y.label:
        shapes.append(Words(0, size, spec.y.label, size, palettes.line("muted")))
    for value, text in spec.y.ticks:
        lines = names.get(text, [text])
        first = frame.down(value) - (len(lines) - 1) * size * _LEADING / 2 + size * 0.35
        shapes += [
            Words(
                frame.left - size * 0.5,
                first + at * size * _LEADING,
                line,
                size,
                ink,
                "end",
                bold=_is_subject(spec, value),
            )
            for at, line in enumerate(lines)
        ]
    base = Stroke(palettes.line("axis"), size / 10)
    shapes.append(Path(((frame.left, frame.bottom), (frame.right, frame.bottom)), base))
    if spec.y.categories:
        zero = frame.across(min(max(0.0, spec.x.low), spec.x.high))
        shapes.append(Path(((zero, frame.top), (zero, frame.bottom)), base))
    for at, lines in enumerate(_x_texts(spec, frame)):
        x = frame.across(spec.x.ticks[at][0])
        tick = ((x, frame.bottom), (x, frame.bottom + size * 0.3))
        shapes.append(Path(tick, base))
        shapes += [
            Words(x, frame.bottom + size * (1.4 + row * _LEADING), line, size, ink, "middle")
            for row, line in enumerate(lines)
        ]
    if spec.x.label:
        rows = max((len(each) for each in _x_texts(spec, frame)), default=1)
        y = frame.bottom + size * (1.4 + rows * _LEADING + 0.25)
        shapes += [
            Words(
                (frame.left + frame.right) / 2,
                y + at * size * _LEADING,
                line,
                size,
                palettes.line("muted"),
                "middle",
            )
            for at, line in enumerate(wrap(spec.x.label, width * 0.9, size))
        ]
    return shapes


def _is_subject(spec: ChartSpec, value: float) -> bool:
    """Return whether a category is that of the area in question, whose name is bold."""
    if not spec.y.categories:
        return False
    return any(
        mark.role == "subject" and (mark.y if isinstance(mark, Dot) else mark.at) == value
        for mark in spec.marks
        if isinstance(mark, Dot | Bar | StateMark)
    )


def _x_texts(spec: ChartSpec, frame: Frame) -> list[list[str]]:
    """Return the text of each tick of x in lines; numbers that would touch are left out."""
    texts = [text for _, text in spec.x.ticks]
    places = [frame.across(value) for value, _ in spec.x.ticks]
    if spec.x.categories:
        slot = (frame.right - frame.left) / max(len(texts), 1)
        return [wrap(text, slot * 0.94, frame.size) for text in texts]
    kept: list[list[str]] = [[] for _ in texts]
    # From the last, which must be readable: it is the latest year.
    before = float("inf")
    for at in reversed(range(len(texts))):
        half = width_of(texts[at], frame.size) / 2
        if places[at] + half + frame.size * 0.4 <= before:
            kept[at] = [texts[at]]
            before = places[at] - half
    return kept


def _below(spec: ChartSpec, frame: Frame, width: float) -> float:
    """Return the height of the words below the field."""
    rows = max((len(each) for each in _x_texts(spec, frame)), default=1)
    label = len(wrap(spec.x.label, width * 0.9, frame.size)) if spec.x.label else 0
    return frame.size * (0.9 + (rows + label) * _LEADING + (0.25 if label else 0))
