"""Two to six printed maps side by side: one legend where they have the same classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.drawing import canvas, palettes
from bolton_jsna.maps._spec import ILLUSTRATIVE, Entry, Layer, MapSpec, Mark, combine
from bolton_jsna.maps.print._layout import MOST_NAMES, Picture, draw_picture, lay_out
from bolton_jsna.maps.print._legend import Key, Names
from bolton_jsna.maps.print._sheet import (
    FORMATS,
    MARGIN,
    PART,
    Lines,
    Size,
    foot_of,
    heading_of,
    write_lines,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST: Final = 6
MOST_LEGENDS: Final = 4
"""More maps than this have room for one legend only."""

_BETWEEN: Final = 0.25
_SAME: Final = "All maps have the same classes: equal colours are equal figures."
_SMALLER: Final = 0.85
"""How much smaller text is with four maps, and again with more; in a column but once."""
_A4: Final = 247 / 25.4
"""The height in inches of the text of an A4 page, which rows of maps in a column fill."""


def draw_beside(
    specs: Sequence[MapSpec],
    *,
    title: str = "",
    subtitle: str = "",
    size: Size = "page",
    labels: bool | None = None,
) -> Figure:
    """Return the first layers of two to six maps side by side."""
    choice("size", size, FORMATS)
    form = FORMATS[size]
    if not 2 <= len(specs) <= MOST:
        raise UsageError(f"{len(specs)} maps side by side: expected 2 to {MOST}.")
    same = _same(specs)
    if len(specs) > MOST_LEGENDS and not same:
        raise UsageError(
            f"{len(specs)} maps with a legend each: expected 2 to {MOST_LEGENDS}. Give all the "
            "same classes= (shared_classes) so that one legend serves them, or make two sheets."
        )
    across = 2 if size == "column" else len(specs) if len(specs) <= MOST_LEGENDS else 3
    scale = form.scale
    down = -(-len(specs) // across)
    steps = (across * down > 3) + (across * down > MOST_LEGENDS)
    small = scale * max(_SMALLER**steps, _SMALLER / scale)
    shared = () if same else _shared(specs)
    every = combine(*specs, title=title or " and ".join(spec.title for spec in specs))
    notes = (*((_SAME,) if same else ()), *shared, *every.notes)
    every = replace(every, subtitle=subtitle, notes=notes)
    named = len(every.places) <= MOST_NAMES if labels is None else labels
    inner = form.width - 2 * MARGIN
    wide = (inner - _BETWEEN * (across - 1)) / across
    heading, foot = heading_of(every, inner, scale), foot_of(every, inner, scale)
    mixed = len({spec.illustrative for spec in specs}) > 1
    cells = [_Cell(spec, wide, small, None if same else shared, mixed=mixed) for spec in specs]
    rows = [_Row(cells[at : at + across]) for at in range(0, len(cells), across)]
    above = sum(part.height for part in heading) + PART
    below = sum(part.height for part in foot) + PART
    most = _A4 if size == "column" and down > 1 else form.height
    fixed = above + below + sum(row.height for row in rows) + 2 * MARGIN
    picture, band = _fitted(
        specs, wide, inner, most - fixed, small, named=named, same=same, rows=down
    )
    tall = picture.height
    height = fixed + tall * down + PART + band.height
    sheet = canvas.Sheet(form.width, max(form.height, height))
    top = write_lines(sheet, heading, sheet.height - MARGIN) - PART
    for row in rows:
        under = top - row.head
        for at, cell in enumerate(row.cells):
            left = MARGIN + at * (wide + _BETWEEN)
            write_lines(sheet, cell.head, top, left=left)
            draw_picture(sheet, cell.spec, picture, left=left, top=under, scale=small)
            if cell.key is not None:
                cell.key.draw(sheet, left, under - tall - PART)
        top -= row.height + tall
    band.draw(sheet, top - PART)
    write_lines(sheet, foot, MARGIN + below - PART)
    sheet.figure.spec = every  # type: ignore[attr-defined]
    return sheet.figure


class _Cell:
    """One map of the sheet: what stands above it, and its legend where it has one of its own."""

    def __init__(
        self, spec: MapSpec, width: float, scale: float, told: Sequence[str] | None, *, mixed: bool
    ) -> None:
        self.spec = spec
        self.head = _head(spec, width, scale, mixed=mixed)
        self.key = None
        if told is not None:
            layer = spec.layers[0]
            notes = tuple(note for note in layer.notes if note not in told)
            self.key = Key(replace(layer, notes=notes), width, scale)


class _Row:
    """Maps of one row, and its height in inches without that of their pictures."""

    def __init__(self, cells: Sequence[_Cell]) -> None:
        self.cells = cells
        self.head = max(sum(part.height for part in cell.head) for cell in cells) + 0.06
        keys = [cell.key.height + 3 * PART for cell in cells if cell.key is not None]
        self.height = self.head + max(keys, default=PART)


class _Notes:
    """Notes in the width that the legend leaves."""

    def __init__(self, notes: Sequence[str], width: float, size: float) -> None:
        self.size = size
        self.lines = [line for note in notes for line in canvas.wrap(note, width, size)]
        self.height = canvas.height_of(self.lines, size)

    def draw(self, sheet: canvas.Sheet, left: float, top: float) -> None:
        """Draw them with their upper left corner there."""
        sheet.block(left, top, self.lines, self.size, color=palettes.line("muted"))


@dataclass(frozen=True)
class _Band:
    """What stands below the maps: the legends and the numbered names, each with its place."""

    parts: tuple[tuple[float, float, Key | Names | _Notes], ...]
    height: float

    def draw(self, sheet: canvas.Sheet, top: float) -> None:
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
    rows: int,
) -> tuple[Picture, _Band]:
    """Lay maps and band out in the room there is; more numbers make a higher band."""
    # The areas and their names are the same, and so one picture serves all maps.
    room = max(spare / rows, wide * 0.6) if spare > 0 else 0.0
    while True:
        picture = lay_out(specs[0], wide, room, scale, named=named, keyed=False)
        band = _band(specs, picture.numbered, inner, scale, same=same)
        left = (spare - PART - band.height) / rows
        if spare <= 0 or room <= max(left, wide * 0.36) + 0.01:
            return picture, band
        room = max(left, wide * 0.36)


def _band(
    specs: Sequence[MapSpec], numbered: Sequence[str], inner: float, scale: float, *, same: bool
) -> _Band:
    small = 6.2 * scale
    if not same:
        names = Names(numbered, inner, small)
        return _Band(((MARGIN, 0.0, names),), names.height)
    half = (inner - _BETWEEN) / 2
    layer, counts = _merged(specs)
    key = Key(replace(layer, notes=()), min(half, 3.3 * scale), scale, counts)
    names = Names(numbered, half, small)
    notes = _Notes(layer.notes, half, small)
    right = MARGIN + half + _BETWEEN
    parts = ((MARGIN, 0.0, key), (right, 0.0, names), (right, names.height, notes))
    return _Band(parts, max(key.height, names.height + notes.height))


def _shared(specs: Sequence[MapSpec]) -> tuple[str, ...]:
    """Return the notes of the legend that all maps have, which are told once for all."""
    first, *others = (spec.layers[0].notes for spec in specs)
    return tuple(note for note in first if all(note in notes for notes in others))


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
        key: f"{_listed([f'{count:,}' for count in each])} areas" for key, each in counts.items()
    }
    return merged, texts


def _listed(texts: Sequence[str]) -> str:
    """Return texts in a row, as "1, 2 and 3"."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def _head(spec: MapSpec, width: float, scale: float, *, mixed: bool) -> list[Lines]:
    """The heading of one of several maps; it says which of them is made up where not all are."""
    size = 8.5 * scale
    found = [Lines(canvas.wrap(spec.title, width, size, bold=True), size, bold=True)]
    small = [
        each
        for each in (spec.subtitle, ILLUSTRATIVE if mixed and spec.illustrative else "")
        if each
    ]
    return found + [
        Lines(canvas.wrap(line, width, 7 * scale), 7 * scale, colour="muted") for line in small
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
