"""Two or three printed maps side by side: one legend where they have the same classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bolton_jsna.errors import UsageError, choice
from bolton_jsna.maps import palettes, paper
from bolton_jsna.maps.key import Key, Names
from bolton_jsna.maps.picture import MOST_NAMES, Picture, draw_picture, lay_out
from bolton_jsna.maps.printing import (
    FORMATS,
    MARGIN,
    PART,
    Lines,
    Size,
    foot_of,
    heading_of,
    write_lines,
)
from bolton_jsna.maps.spec import ILLUSTRATIVE, Entry, Layer, MapSpec, Mark, combine

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BETWEEN: Final = 0.25
_SAME: Final = "All maps have the same classes: equal colours are equal figures."


def draw_beside(
    specs: Sequence[MapSpec],
    *,
    title: str = "",
    subtitle: str = "",
    size: Size = "page",
    labels: bool | None = None,
) -> Figure:
    """Return the first layers of two or three maps side by side.

    Parameters
    ----------
    specs : sequence of MapSpec
        Maps of the same areas.
    title, subtitle : str
        What stands above them all.
    size, labels
        As in :func:`draw`.

    Raises
    ------
    UsageError
        When the size is unknown, or there are not two maps, or three where the size has room.
    VintageError
        When they show different areas.

    Examples
    --------
    >>> draw_beside([])
    Traceback (most recent call last):
    bolton_jsna.errors.UsageError: 0 maps side by side: expected 2 or 3 (size='column' holds 2).
    """
    choice("size", size, FORMATS)
    form = FORMATS[size]
    if len(specs) not in ((2,) if size == "column" else (2, 3)):
        raise UsageError(
            f"{len(specs)} maps side by side: expected 2 or 3 (size='column' holds 2)."
        )
    scale = form.scale
    same = _same(specs)
    every = combine(*specs, title=title or " and ".join(spec.title for spec in specs))
    every = replace(every, subtitle=subtitle, notes=(*((_SAME,) if same else ()), *every.notes))
    named = len(every.places) <= MOST_NAMES if labels is None else labels
    inner = form.width - 2 * MARGIN
    wide = (inner - _BETWEEN * (len(specs) - 1)) / len(specs)
    heading, foot = heading_of(every, inner, scale), foot_of(every, inner, scale)
    heads = [_head(spec, wide, scale) for spec in specs]
    head = max(sum(part.height for part in each) for each in heads) + 0.06
    above = sum(part.height for part in heading) + PART
    below = sum(part.height for part in foot) + PART
    spare = form.height - above - head - below - 2 * MARGIN
    pictures, band = _fitted(specs, wide, inner, spare, scale, named=named, same=same)
    tallest = max(picture.height for picture in pictures)
    height = above + head + tallest + PART + band.height + below + 2 * MARGIN
    sheet = paper.Sheet(form.width, max(form.height, height))
    top = write_lines(sheet, heading, sheet.height - MARGIN) - PART
    for at, spec in enumerate(specs):
        left = MARGIN + at * (wide + _BETWEEN)
        write_lines(sheet, heads[at], top, left=left)
        draw_picture(sheet, spec, pictures[at], left=left, top=top - head, scale=scale)
    band.draw(sheet, top - head - tallest - PART)
    write_lines(sheet, foot, MARGIN + below - PART)
    sheet.figure.spec = every  # type: ignore[attr-defined]
    return sheet.figure


class _Notes:
    """Notes in the width that the legend leaves."""

    def __init__(self, notes: Sequence[str], width: float, size: float) -> None:
        self.size = size
        self.lines = [line for note in notes for line in paper.wrap(note, width, size)]
        self.height = paper.height_of(self.lines, size)

    def draw(self, sheet: paper.Sheet, left: float, top: float) -> None:
        """Draw them with their upper left corner there."""
        sheet.block(left, top, self.lines, self.size, color=palettes.line("muted"))


@dataclass(frozen=True)
class _Band:
    """What stands below the maps: the legends and the numbered names, each with its place."""

    parts: tuple[tuple[float, float, Key | Names | _Notes], ...]
    height: float

    def draw(self, sheet: paper.Sheet, top: float) -> None:
        """Draw each part in its place below the top."""
        for left, down, part in self.parts:
            part.draw(sheet, left, top - down)


def _fitted(
    specs: Sequence[MapSpec],
    wide: float,
    inner: float,
    spare: float,
    scale: float,
    *,
    named: bool,
    same: bool,
) -> tuple[list[Picture], _Band]:
    """Lay maps and band out in the room there is; more numbers make a higher band."""
    room = max(spare, wide * 0.6) if spare > 0 else 0.0
    while True:
        pictures = [lay_out(spec, wide, room, scale, named=named, keyed=False) for spec in specs]
        # The areas and their names are the same, and so are their numbers.
        band = _band(specs, pictures[0].numbered, wide, inner, scale, same=same)
        left = spare - PART - band.height
        if spare <= 0 or room <= max(left, wide * 0.36) + 0.01:
            return pictures, band
        room = max(left, wide * 0.36)


def _band(
    specs: Sequence[MapSpec],
    numbered: Sequence[str],
    wide: float,
    inner: float,
    scale: float,
    *,
    same: bool,
) -> _Band:
    small = 6.2 * scale
    if same:
        half = (inner - _BETWEEN) / 2
        layer, counts = _merged(specs)
        key = Key(replace(layer, notes=()), min(half, 3.3 * scale), scale, counts)
        names = Names(numbered, half, small)
        notes = _Notes(layer.notes, half, small)
        right = MARGIN + half + _BETWEEN
        parts = ((MARGIN, 0.0, key), (right, 0.0, names), (right, names.height, notes))
        return _Band(parts, max(key.height, names.height + notes.height))
    names = Names(numbered, inner, small)
    keys = [Key(spec.layers[0], wide, scale) for spec in specs]
    return _Band(
        (
            (MARGIN, 0.0, names),
            *((MARGIN + at * (wide + _BETWEEN), names.height, key) for at, key in enumerate(keys)),
        ),
        names.height + max(key.height for key in keys),
    )


def _merged(specs: Sequence[MapSpec]) -> tuple[Layer, dict[str, str]]:
    """Return one layer with the entries of all, and the counts of each map in their order."""
    layers = [spec.layers[0] for spec in specs]
    every: dict[str, Entry | Mark] = {}
    counts: dict[str, list[int]] = {}
    for at, layer in enumerate(layers):
        lines: list[Entry | Mark] = [*layer.entries, *layer.marks]
        for line in lines:
            every.setdefault(line.key, line)
            counts.setdefault(line.key, [0] * len(layers))[at] = line.count
    entries = sorted(
        (line for line in every.values() if isinstance(line, Entry)),
        key=lambda line: line.key.startswith("state-"),
    )
    marks = tuple(line for line in every.values() if isinstance(line, Mark))
    notes = tuple(dict.fromkeys(note for layer in layers for note in layer.notes))
    made_up = all(layer.illustrative for layer in layers)
    merged = replace(
        layers[0], entries=tuple(entries), marks=marks, notes=notes, illustrative=made_up
    )
    texts = {
        key: f"{' and '.join(f'{count:,}' for count in each)} areas" for key, each in counts.items()
    }
    return merged, texts


def _head(spec: MapSpec, width: float, scale: float) -> list[Lines]:
    """The heading of one of several maps; it says which of them is made up."""
    size = 8.5 * scale
    found = [Lines(paper.wrap(spec.title, width, size, bold=True), size, bold=True)]
    small = [each for each in (spec.subtitle, ILLUSTRATIVE if spec.illustrative else "") if each]
    return found + [
        Lines(paper.wrap(line, width, 7 * scale), 7 * scale, colour="muted") for line in small
    ]


def _same(specs: Sequence[MapSpec]) -> bool:
    """Whether the maps show one measure each, in the same classes and colours."""
    layers = [spec.layers[0] for spec in specs]
    told = {
        (
            layer.scales[0].heading,
            layer.scales[0].classes.breaks,
            tuple(
                (entry.label, entry.paint)
                for entry in layer.entries
                if entry.key.startswith("class-")
            ),
        )
        for layer in layers
    }
    return len(told) == 1 and {layer.kind for layer in layers} == {"single"}
