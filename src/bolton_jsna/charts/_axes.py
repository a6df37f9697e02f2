"""The words and lines of axes, and the words to the side of rows."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Literal

from bolton_jsna.charts._field import LEADING, Frame, text_colour, width_of, wrap
from bolton_jsna.charts._shapes import Path, Shape, Stroke, Words
from bolton_jsna.charts._spec import Bar, ChartSpec, Dot, Side, StateMark
from bolton_jsna.drawing import palettes


def axes_shapes(
    spec: ChartSpec, frame: Frame, width: float, *, names: Mapping[str, list[str]]
) -> list[Shape]:
    """Return the words of the axes and the line that figures stand on."""
    size, ink = frame.size, palettes.line("text")
    shapes: list[Shape] = []
    muted = palettes.line("muted")
    for at, line in enumerate(wrap(spec.y.label, width, size)):
        shapes.append(Words(0, size * (1 + at * LEADING), line, size, muted))
    for value, text in spec.y.ticks:
        shapes += _name(names.get(text, [text]), value, frame, bold=_is_subject(spec, value))
    shapes += _sides(spec, frame)
    base = Stroke(palettes.line("axis"), size / 10)
    shapes.append(Path(((frame.left, frame.bottom), (frame.right, frame.bottom)), base))
    if spec.y.categories:
        zero = frame.across(min(max(0.0, spec.x.low), spec.x.high))
        shapes += [Path(((zero, top), (zero, end)), base) for top, end in frame.uprights()]
    for at, lines in enumerate(_x_texts(spec, frame)):
        x = frame.across(spec.x.ticks[at][0])
        tick = ((x, frame.bottom), (x, frame.bottom + size * 0.3))
        shapes.append(Path(tick, base))
        shapes += [
            Words(x, frame.bottom + size * (1.4 + row * LEADING), line, size, ink, "middle")
            for row, line in enumerate(lines)
        ]
    if spec.x.label:
        rows = max((len(each) for each in _x_texts(spec, frame)), default=1)
        y = frame.bottom + size * (1.4 + rows * LEADING + 0.25)
        shapes += [
            Words(
                (frame.left + frame.right) / 2,
                y + at * size * LEADING,
                line,
                size,
                palettes.line("muted"),
                "middle",
            )
            for at, line in enumerate(wrap(spec.x.label, width * 0.9, size))
        ]
    return shapes


def _name(lines: Sequence[str], value: float, frame: Frame, *, bold: bool) -> list[Words]:
    """Return the words of a tick of y: to the left of its place, or above its row."""
    size, ink = frame.size, palettes.line("text")
    middle, step = frame.down(value), frame.size * LEADING
    x, first = frame.left - size * 0.5, middle - (len(lines) - 1) * step / 2 + size * 0.35
    if frame.stacked:
        x, first = (
            frame.left + size * 0.3,
            middle - frame.row / 2 - (len(lines) - 1) * step - size * 0.1,
        )
    anchor: Literal["start", "end"] = "start" if frame.stacked else "end"
    return [
        Words(x, first + at * step, line, size, ink, anchor, bold=bold, halo=frame.stacked)
        for at, line in enumerate(lines)
    ]


def _sides(spec: ChartSpec, frame: Frame) -> list[Words]:
    """Return the words to the right of rows in columns, and the headings of the columns."""
    size = frame.size
    muted = palettes.line("muted")
    found = [
        Words(end, frame.top - size * 0.5, text, size, muted, "end")
        for end, text in zip(frame.sides, spec.side_headings, strict=False)
    ]
    for mark in spec.marks:
        if isinstance(mark, Side):
            y = frame.down(mark.at) + size * 0.35
            for at, (end, text) in enumerate(zip(frame.sides, mark.texts, strict=False)):
                bold = mark.role == "subject" and at == 0
                found.append(Words(end, y, text, size, text_colour(mark.role), "end", bold=bold))
    return found


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
    halves = [width_of(text, frame.size) / 2 + frame.size * 0.2 for text in texts]
    # Every second, third, ... from the last, which must be readable: it is the latest year.
    for step in range(1, len(texts) + 1):
        kept = range(len(texts) - 1, -1, -step)
        if all(
            places[one] + halves[one] <= places[other] - halves[other]
            for other, one in itertools.pairwise(kept)
        ):
            return [[text] if at in kept else [] for at, text in enumerate(texts)]
    return [[] for _ in texts]


def below(spec: ChartSpec, frame: Frame, width: float) -> float:
    """Return the height of the words below the field."""
    rows = max((len(each) for each in _x_texts(spec, frame)), default=1)
    label = len(wrap(spec.x.label, width * 0.9, frame.size)) if spec.x.label else 0
    return frame.size * (0.9 + (rows + label) * LEADING + (0.25 if label else 0))
