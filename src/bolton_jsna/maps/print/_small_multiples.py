"""Two to six printed maps side by side, with one legend if they have the same classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.drawing import canvas
from bolton_jsna.drawing.canvas import TextBlock
from bolton_jsna.maps._options import Size
from bolton_jsna.maps._spec import ILLUSTRATIVE, LegendEntry, MapLayer, MapSpec, Mark, combine
from bolton_jsna.maps.print._areas import MOST_NAMES, MapLayout, draw_areas, lay_out_areas
from bolton_jsna.maps.print._labels import Label
from bolton_jsna.maps.print._legend import NumberedNames, PrintedLegend
from bolton_jsna.maps.print._page import (
    FORMATS,
    MARGIN,
    SPACE,
    TEXT_GAP,
    footer_blocks,
    heading_blocks,
    height_of,
    write_blocks,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST: Final = 6
MOST_LEGENDS: Final = 4
"""More maps than this must have one legend."""
_MOST_COUNTED: Final = 3
"""The legend of more maps than this has no counts."""

_BETWEEN: Final = 0.25
_GAP: Final = 0.16
"""Inches between a map and a legend next to it."""
_SAME: Final = {
    "single": "All maps have the same classes: equal colours are equal figures.",
    "categories": "All maps have the same categories in the same colours.",
}
_SMALLER: Final = 0.85
"""The size of text with four maps, and again with more; in a column only once."""
_A4: Final = 247 / 25.4
"""The height in inches of the text of an A4 page, for rows of maps in a column."""


def draw_side_by_side(
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
        raise UsageError(
            f"{len(specs)} maps side by side: expected 2 to {MOST}. Make several figures."
        )
    same = _same_classes(specs)
    if len(specs) > MOST_LEGENDS and not same:
        raise UsageError(
            f"{len(specs)} maps with a legend each: expected 2 to {MOST_LEGENDS}. Give all the "
            "same classes= (shared_classes) so that they have one legend, or make two figures."
        )
    across = 2 if size == "column" else len(specs) if len(specs) <= MOST_LEGENDS else 3
    down = -(-len(specs) // across)
    roomy = across == 2 and not same and size != "column"
    steps = (across * down > 3) + (across * down > MOST_LEGENDS) + roomy
    # No text is smaller than on a single map in a column.
    small = max(form.scale * _SMALLER**steps, 1.0)
    every = combine(*specs, title=title or " and ".join(spec.title for spec in specs))
    notes = (*((_SAME[specs[0].layers[0].kind],) if same else ()), *every.notes)
    every = replace(every, subtitle=subtitle, notes=notes)
    inner = form.width - 2 * MARGIN
    heading = heading_blocks(every, inner, form.scale)
    foot = footer_blocks(every, inner, form.scale)
    above, below = height_of(heading), height_of(foot)
    most = _A4 if size == "column" and down > 1 else form.height
    around = above + below + 2 * MARGIN
    # Legends are next to their maps if these are larger that way, else below them.
    arranged = [
        _Arrangement.of(
            specs, across, inner, small, most - around, same=same, labels=labels, next_to=next_to
        )
        for next_to in ((False, True) if roomy else (False,))
    ]
    best = min(arranged, key=lambda each: (max(each.height, most - around), -each.layout.zoom))
    page = canvas.Canvas(form.width, max(form.height, round(around + best.height, 4)))
    top = write_blocks(page, heading, page.height - MARGIN) - SPACE
    best.draw(page, top)
    write_blocks(page, foot, MARGIN + below - SPACE)
    page.figure.spec = every  # type: ignore[attr-defined]
    return page.figure


@dataclass(frozen=True)
class _Arrangement:
    """Rows of maps with their legends next to or below them, and what is below all maps."""

    rows: Sequence[_Row]
    layout: MapLayout
    band: _Band
    scale: float
    wide: float
    _: KW_ONLY
    next_to: bool

    @classmethod
    def of(
        cls,
        specs: Sequence[MapSpec],
        across: int,
        inner: float,
        scale: float,
        most: float,
        *,
        same: bool,
        labels: bool | None,
        next_to: bool,
    ) -> _Arrangement:
        """Return maps of a width in all that fit a height, if they can."""
        wide = (inner - _BETWEEN * (across - 1)) / across
        legend = 0.0 if same else min(2.35 * scale, wide * 0.4) if next_to else wide
        mixed = len({spec.illustrative for spec in specs}) > 1
        cells = [_Cell(spec, wide, scale, legend, mixed=mixed) for spec in specs]
        rows = [
            _Row(cells[at : at + across], next_to=next_to) for at in range(0, len(cells), across)
        ]
        shared = _SharedLayout(
            specs,
            wide - legend - _GAP if next_to else wide,
            inner,
            scale,
            same=same,
            labels=labels,
            rows=len(rows),
        )
        layout, band = shared.fitted(most - sum(row.height for row in rows))
        return cls(rows, layout, band, scale, wide, next_to=next_to)

    @property
    def height(self) -> float:
        """Inches."""
        maps = sum(row.height + max(self.layout.height, row.least) for row in self.rows)
        return maps + SPACE + self.band.height

    def draw(self, page: canvas.Canvas, top: float) -> None:
        """Draw all of it below the top."""
        layout = self.layout
        for row in self.rows:
            under = top - row.head
            for at, cell in enumerate(row.cells):
                left = MARGIN + at * (self.wide + _BETWEEN)
                write_blocks(page, cell.head, top, left=left)
                draw_areas(page, cell.spec, layout, left=left, top=under, scale=self.scale)
                if cell.legend is not None and self.next_to:
                    cell.legend.draw(page, left + layout.width + _GAP, under)
                elif cell.legend is not None:
                    cell.legend.draw(page, left, under - layout.height - SPACE)
            top -= row.height + max(layout.height, row.least)
        self.band.draw(page, top - SPACE)


class _Cell:
    """One map of the page: its heading, and its legend if it has its own."""

    def __init__(
        self, spec: MapSpec, width: float, scale: float, legend: float, *, mixed: bool
    ) -> None:
        self.spec = spec
        self.head = _cell_heading(spec, width, scale, mixed=mixed)
        self.legend = PrintedLegend(spec.layers[0], legend, scale) if legend else None


class _Row:
    """The maps of one row, its height in inches without the areas, and the least of these."""

    def __init__(self, cells: Sequence[_Cell], *, next_to: bool) -> None:
        self.cells = cells
        self.head = max(sum(block.height for block in cell.head) for cell in cells) + 0.06
        legends = [cell.legend.height for cell in cells if cell.legend is not None]
        below = not next_to and bool(legends)
        self.height = self.head + (max(legends) + 3 * SPACE if below else SPACE)
        self.least = max(legends, default=0.0) if next_to else 0.0


@dataclass(frozen=True)
class _Band:
    """The legend and numbered names below the maps, each with its place."""

    parts: tuple[tuple[float, float, PrintedLegend | NumberedNames], ...]
    height: float

    def draw(self, page: canvas.Canvas, top: float) -> None:
        """Draw each part in its place below the top."""
        for left, down, part in self.parts:
            part.draw(page, left, top - down)


@dataclass(frozen=True)
class _SharedLayout:
    """The widths in inches in which maps and the band below them are laid out."""

    specs: Sequence[MapSpec]
    wide: float
    inner: float
    scale: float
    _: KW_ONLY
    same: bool
    labels: bool | None
    rows: int

    def fitted(self, spare: float) -> tuple[MapLayout, _Band]:
        """Return maps and band that fit the height; more numbers make a higher band."""
        # The areas and their names are the same, so one layout serves all maps.
        first, wide = self.specs[0], self.wide
        named = len(first.places) <= MOST_NAMES if self.labels is None else self.labels
        room = max(spare / self.rows, wide * 0.6) if spare > 0 else 0.0
        known: dict[float, tuple[Label, ...]] = {}
        while True:
            across = self.inner if not self.same else (self.inner - _BETWEEN) / 2
            layout = lay_out_areas(
                first, wide, room, self.scale, named=named, key_width=across, known=known
            )
            band = self._band(layout.key)
            left = (spare - SPACE - band.height) / self.rows
            if spare <= 0 or room <= max(left, wide * 0.36) + 0.01:
                return layout, band
            room = max(left, wide * 0.36)

    def _band(self, names: NumberedNames) -> _Band:
        if not self.same:
            return _Band(((MARGIN, 0.0, names),), names.height)
        half = (self.inner - _BETWEEN) / 2
        layer, counts = _merged(self.specs)
        legend = PrintedLegend(layer, min(half, 3.3 * self.scale), self.scale, counts)
        parts = ((MARGIN, 0.0, legend), (MARGIN + half + _BETWEEN, 0.0, names))
        return _Band(parts, max(legend.height, names.height))


def _merged(specs: Sequence[MapSpec]) -> tuple[MapLayer, dict[str, str]]:
    """Return one layer with the entries of all maps, and the counts of each map in order."""
    # The counts of many maps are a row of numbers that nobody can compare.
    layers = [spec.layers[0] for spec in specs]
    every: dict[str, LegendEntry | Mark] = {}
    labels: dict[str, list[str]] = {}
    counts: dict[str, list[int]] = {}
    for at, layer in enumerate(layers):
        entries: tuple[LegendEntry | Mark, ...] = (*layer.entries, *layer.marks)
        for each in entries:
            every.setdefault(each.key, each)
            labels.setdefault(each.key, []).append(each.label)
            counts.setdefault(each.key, [0] * len(layers))[at] = each.count
    classes = [each for each in every.values() if isinstance(each, LegendEntry)]
    classes.sort(key=lambda each: each.key.startswith("state-"))
    merged = replace(
        layers[0],
        entries=tuple(classes),
        marks=tuple(
            replace(line, label=_shared_label(line.key, labels[line.key]))
            for line in every.values()
            if isinstance(line, Mark)
        ),
        notes=tuple(dict.fromkeys(note for layer in layers for note in layer.notes)),
        illustrative=all(layer.illustrative for layer in layers),
    )
    return merged, {
        key: f"{_listed(numbers)} {layers[0].areas.many}" if len(layers) <= _MOST_COUNTED else ""
        for key, numbers in counts.items()
    }


def _shared_label(key: str, labels: Sequence[str]) -> str:
    """Return the label of a mark that is true of all maps."""
    if len(set(labels)) == 1:
        return labels[0]
    # How many of low reliability do not differ either is that of one map; "others" fits them all.
    if key == "small":
        return labels[0].partition(";")[0]
    return next((each for each in labels if each.startswith("Others")), labels[0])


def _listed(numbers: Sequence[int]) -> str:
    """Return numbers as a list, such as "1, 2 and 3"."""
    texts = [f"{number:,}" for number in numbers]
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def _cell_heading(spec: MapSpec, width: float, scale: float, *, mixed: bool) -> list[TextBlock]:
    """Return the heading of one map; it shows whether it is made up if not all are."""
    made_up = ILLUSTRATIVE if mixed and spec.illustrative else ""
    title = canvas.wrapped(spec.title, width, 8.5 * scale, bold=True, gap=TEXT_GAP)
    return [title] + [
        canvas.wrapped(text, width, 7 * scale, colour="muted", gap=TEXT_GAP)
        for text in (spec.subtitle, made_up)
        if text
    ]


def _same_classes(specs: Sequence[MapSpec]) -> bool:
    """Return whether all maps show one measure in the same classes and colours."""
    layers = [spec.layers[0] for spec in specs]
    found = {
        (
            layer.heading,
            tuple(scale.classes.breaks for scale in layer.scales),
            tuple(
                (entry.label, entry.paint)
                for entry in layer.entries
                if entry.key.startswith("class-")
            ),
        )
        for layer in layers
    }
    return len(found) == 1 and {layer.kind for layer in layers} <= set(_SAME)
