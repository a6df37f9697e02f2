"""The sheet of a printed map: heading, areas, names, scale bar, legend, notes, sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from bolton_jsna.errors import UsageError, choice
from bolton_jsna.maps import palettes, paper
from bolton_jsna.maps.key import Key
from bolton_jsna.maps.picture import MOST_NAMES, draw_picture, lay_out
from bolton_jsna.maps.spec import ILLUSTRATIVE, Entry, MapSpec, combine

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Size = Literal["column", "page", "slide"]


@dataclass(frozen=True)
class _Format:
    """Width and least height in inches, and how much larger than in a column text is."""

    width: float
    height: float
    scale: float


FORMATS: Final[dict[str, _Format]] = {
    "column": _Format(160 / 25.4, 0, 1.0),
    "page": _Format(277 / 25.4, 190 / 25.4, 1.15),
    "slide": _Format(40 / 3, 7.5, 1.4),
}
_MARGIN: Final = 0.12
_GAP: Final = 0.16
_PART: Final = 0.12
_BETWEEN: Final = 0.25


def draw(spec: MapSpec, *, size: Size = "column", labels: bool | None = None) -> Figure:
    """Return the first layer of a map as a figure; it carries its specification as ``.spec``.

    Parameters
    ----------
    spec : MapSpec
        What the map says.
    size : {"column", "page", "slide"}
        Format. It grows in height where notes or the legend need it; nothing is cut off.
    labels : bool, optional
        Whether to write the names of the areas.

    Raises
    ------
    UsageError
        When there is no such size.

    Examples
    --------
    >>> draw(None, size="poster")
    Traceback (most recent call last):
    bolton_jsna.errors.UsageError: size='poster' is not known. Known: 'column', 'page', 'slide'.
    """
    choice("size", size, FORMATS)
    form = FORMATS[size]
    scale = form.scale
    named = len(spec.places) <= MOST_NAMES if labels is None else labels
    inner = form.width - 2 * _MARGIN
    key_width = min(max(2.05 * scale, inner * 0.26), inner * 0.42)
    heading, foot = _heading(spec, inner, scale), _foot(spec, inner, scale)
    key = Key(spec.layers[0], key_width, scale)
    above = sum(part.height for part in heading) + _PART
    below = sum(part.height for part in foot) + _PART
    room = form.height - above - below - 2 * _MARGIN
    picture = lay_out(spec, inner - key_width - _GAP, room, scale, named=named)
    height = max(form.height, above + max(picture.height, key.height) + below + 2 * _MARGIN)
    sheet = paper.Sheet(form.width, height)
    top = _write(sheet, heading, height - _MARGIN) - _PART
    draw_picture(sheet, spec, picture, left=_MARGIN, top=top, scale=scale)
    key.draw(sheet, form.width - _MARGIN - key_width, top)
    _write(sheet, foot, _MARGIN + below - _PART)
    sheet.figure.spec = spec  # type: ignore[attr-defined]
    return sheet.figure


def draw_beside(
    specs: Sequence[MapSpec],
    *,
    title: str = "",
    subtitle: str = "",
    size: Size = "page",
    labels: bool | None = None,
) -> Figure:
    """Return the first layers of two or three maps side by side, each over its own legend.

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
    every = combine(*specs, title=title or " and ".join(spec.title for spec in specs))
    every = replace(every, subtitle=subtitle, notes=(*_same(specs), *every.notes))
    named = len(every.places) <= MOST_NAMES if labels is None else labels
    inner = form.width - 2 * _MARGIN
    wide = (inner - _BETWEEN * (len(specs) - 1)) / len(specs)
    heading, foot = _heading(every, inner, scale), _foot(every, inner, scale)
    heads = [_head(spec, wide, scale) for spec in specs]
    keys = [Key(spec.layers[0], wide, scale) for spec in specs]
    head = max(sum(part.height for part in each) for each in heads) + 0.06
    above = sum(part.height for part in heading) + _PART
    below = sum(part.height for part in foot) + _PART
    legend = max(key.height for key in keys)
    room = form.height - above - head - legend - _PART - below - 2 * _MARGIN
    # Where a sheet of fixed height has too little room beside its notes, it grows.
    room = max(room, wide * 0.6) if form.height else 0.0
    pictures = [lay_out(spec, wide, room, scale, named=named) for spec in specs]
    tallest = max(picture.height for picture in pictures)
    height = max(form.height, above + head + tallest + _PART + legend + below + 2 * _MARGIN)
    sheet = paper.Sheet(form.width, height)
    top = _write(sheet, heading, height - _MARGIN) - _PART
    for at, spec in enumerate(specs):
        left = _MARGIN + at * (wide + _BETWEEN)
        _write(sheet, heads[at], top, left=left)
        draw_picture(sheet, spec, pictures[at], left=left, top=top - head, scale=scale)
        keys[at].draw(sheet, left, top - head - tallest - _PART)
    _write(sheet, foot, _MARGIN + below - _PART)
    sheet.figure.spec = every  # type: ignore[attr-defined]
    return sheet.figure


def _head(spec: MapSpec, width: float, scale: float) -> list[_Lines]:
    """The heading of one of several maps; it says which of them is made up."""
    size = 8.5 * scale
    found = [_Lines(paper.wrap(spec.title, width, size, bold=True), size, bold=True)]
    small = [each for each in (spec.subtitle, ILLUSTRATIVE if spec.illustrative else "") if each]
    return found + [
        _Lines(paper.wrap(line, width, 7 * scale), 7 * scale, colour="muted") for line in small
    ]


def _same(specs: Sequence[MapSpec]) -> tuple[str, ...]:
    """Say that the maps have the same classes, where they do."""
    told = {
        tuple((entry.label, entry.paint) for entry in spec.layers[0].entries if _is_class(entry))
        for spec in specs
    }
    breaks = {spec.layers[0].scales[0].classes.breaks for spec in specs}
    kinds = {spec.layers[0].kind for spec in specs}
    same = len(told) == len(breaks) == 1 and kinds == {"single"}
    return ("All maps have the same classes: equal colours are equal figures.",) if same else ()


def _is_class(entry: Entry) -> bool:
    return entry.key.startswith("class-")


@dataclass(frozen=True)
class _Lines:
    """Wrapped lines and how they are written."""

    lines: list[str]
    size: float
    bold: bool = False
    colour: str = "text"
    badge: bool = False

    @property
    def height(self) -> float:
        return paper.height_of(self.lines, self.size) + (0.12 if self.badge else 0.04)


def _heading(spec: MapSpec, width: float, scale: float) -> list[_Lines]:
    title, sub = 12 * scale, 8.5 * scale
    found = []
    if spec.illustrative:
        found.append(_Lines([ILLUSTRATIVE], 8 * scale, bold=True, badge=True))
    found.append(_Lines(paper.wrap(spec.title, width, title, bold=True), title, bold=True))
    if spec.subtitle:
        found.append(_Lines(paper.wrap(spec.subtitle, width, sub), sub, colour="muted"))
    return found


def _foot(spec: MapSpec, width: float, scale: float) -> list[_Lines]:
    size = 6.2 * scale
    return [
        _Lines(paper.wrap(line, width, size), size, colour="muted")
        for line in (*spec.notes, *spec.sources)
    ]


def _write(
    sheet: paper.Sheet, parts: Sequence[_Lines], top: float, *, left: float = _MARGIN
) -> float:
    for part in parts:
        if part.badge:
            sheet.text(
                left + 0.06,
                top - 0.04,
                part.lines[0],
                part.size,
                weight="bold",
                color="#ffffff",
                bbox={"boxstyle": "square,pad=0.3", "fc": palettes.line("badge"), "ec": "none"},
            )
        else:
            sheet.block(
                left,
                top,
                part.lines,
                part.size,
                weight="bold" if part.bold else "normal",
                color=palettes.line(part.colour),
            )
        top -= part.height
    return top
