"""The legend of a web page: classes with counts, the table of two measures, the states."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from bolton_jsna.core.area_codes import AreaWords
from bolton_jsna.drawing.palettes import Paint, mark, text_colour
from bolton_jsna.maps._spec import ILLUSTRATIVE, LegendEntry, MapLayer, Mark

_MARKS: Final = {
    "diagonal": '<path d="M-1 1l2-2M0 8l8-8M7 9l2-2" stroke="{line}" stroke-width="1.6"/>',
    "crossed": '<path d="M0 0l8 8M0 8l8-8" stroke="{line}" stroke-width="1.1"/>',
    "dots": '<circle cx="4" cy="4" r="1.4" fill="{line}"/>',
    "horizontal": '<path d="M0 4h8" stroke="{line}" stroke-width="1.3"/>',
    "lines": '<path d="M4 0v8" stroke="{line}" stroke-width="1.3"/>',
}
# Marks have a light and a dark line and no background, so that they are visible on every class.
_STROKES: Final = (
    '<path d="{0}" stroke="{{fill}}" stroke-width="2"/>'
    '<path d="{0}" stroke="{{line}}" stroke-width=".9"/>'
)
_RING: Final = (
    '<circle cx="{0}" cy="{0}" r="1.9" fill="{{fill}}" stroke="{{line}}" stroke-width=".9"/>'
)
_OVER: Final = {
    "hatch": _STROKES.format("M-3 7l6 6M-1-1l12 12M7-3l6 6"),
    "lines": _STROKES.format("M5 0v10"),
    "crossed": _STROKES.format("M0 0l10 10M0 10l10-10"),
    "rings": _RING.format(4) + _RING.format(12),
}
_TILE: Final = {"hatch": 10, "lines": 10, "crossed": 10, "rings": 16}
_GROUND: Final = "#c9c9c9"
STEPS: Final = {2: ("Low", "High"), 3: ("Low", "Middle", "High")}


def swatch_fill(entry: LegendEntry) -> str:
    """Return the fill of an entry: its colour, or its pattern from :func:`patterns`."""
    return entry.paint.fill if entry.paint.pattern == "none" else f"url(#pattern-{entry.key})"


def patterns(layers: Sequence[MapLayer]) -> str:
    """Return the patterns of the states in the layers, for use as ``url(#...)``."""
    paints = {
        entry.key: entry.paint
        for layer in layers
        for entry in layer.entries
        if entry.paint.pattern != "none"
    }
    marks = dict.fromkeys(mark.key for layer in layers for mark in layer.marks)
    if not paints and not marks:
        return ""
    drawn = "".join(_pattern(key, paint) for key, paint in paints.items())
    drawn += "".join(_over(key) for key in marks)
    return (
        '<svg width="0" height="0" style="position:absolute" aria-hidden="true" focusable="false">'
        f"<defs>{drawn}</defs></svg>"
    )


def legend(layer: MapLayer, at: int) -> str:
    """Return the legend of a layer as HTML; at first only that of the first layer is visible."""
    hidden = " hidden" if at else ""
    notes = "".join(f'<p class="small">{escape(note)}</p>' for note in layer.notes)
    if layer.kind == "bivariate":
        states = _entries([e for e in layer.entries if e.key.startswith("state-")], layer.areas)
        inside = _crossed(layer) + states
    else:
        inside = _entries(layer.entries, layer.areas)
    marks = [(mark, _GROUND, f"url(#mark-{mark.key})") for mark in layer.marks]
    dated = f'<p class="dated">{escape(layer.subtitle)}</p>' if layer.subtitle else ""
    inside = dated + inside + _list_of(marks, layer.areas)
    if layer.illustrative:
        inside += f'<p class="made-up">{escape(ILLUSTRATIVE)}: made up</p>'
    return (
        f'<section id="legend-{at}" class="legend" aria-labelledby="legend-title-{at}"{hidden}>'
        f'<h2 id="legend-title-{at}">{escape(layer.heading)}</h2>{inside}{notes}</section>'
    )


def _pattern(key: str, paint: Paint) -> str:
    mark = _MARKS[paint.pattern].format(line=paint.line)
    return (
        f'<pattern id="pattern-{escape(key)}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{paint.fill}"/>{mark}</pattern>'
    )


def _over(key: str) -> str:
    paint = mark(key)
    size = _TILE[paint.pattern]
    drawn = _OVER[paint.pattern].format(fill=paint.fill, line=paint.line)
    return (
        f'<pattern id="mark-{escape(key)}" width="{size}" height="{size}" '
        f'patternUnits="userSpaceOnUse">{drawn}</pattern>'
    )


def _entries(entries: Sequence[LegendEntry], areas: AreaWords) -> str:
    return _list_of([(entry, "", swatch_fill(entry)) for entry in entries], areas)


def _list_of(lines: Sequence[tuple[LegendEntry | Mark, str, str]], areas: AreaWords) -> str:
    """Return lines of swatch, label and count; the swatch of a mark has a background."""
    box = '<rect x=".5" y=".5" width="31" height="20" fill="{}" stroke="#3d3d3d"/>'
    items = "".join(
        '<li><svg viewBox="0 0 32 21" aria-hidden="true" focusable="false">'
        f"{box.format(ground) if ground else ''}{box.format(fill)}</svg>"
        f"<span>{escape(line.label)}</span> "
        f'<span class="count">{areas.count(line.count)}</span></li>'
        for line, ground, fill in lines
    )
    return f"<ul>{items}</ul>" if items else ""


def _unbroken(label: str) -> str:
    """Return a label that wraps only before "under"."""
    parts = label.replace(" to under ", " to|under ").split("|")
    return " ".join(f'<span class="whole">{escape(part)}</span>' for part in parts)


def _crossed(layer: MapLayer) -> str:
    """Return the square legend: x to the right, y upwards, the number of areas in each cell."""
    x, y = layer.scales
    columns, rows = len(x.classes), len(y.classes)
    cells = {entry.key: entry for entry in layer.entries}
    body = ""
    for row in reversed(range(rows)):
        body += (
            f'<tr><th scope="row" class="up"><b>{STEPS[rows][row]}</b> '
            f"{_unbroken(y.classes.labels[row])}</th>"
        )
        for column in range(columns):
            entry = cells[f"cell-{column}-{row}"]
            fill = entry.paint.fill
            body += (
                f'<td style="background:{fill};color:{text_colour(fill)}"><b>{entry.count:,}</b>'
                f"{layer.areas.one if entry.count == 1 else layer.areas.many}</td>"
            )
        body += "</tr>"
    heads = "".join(
        f'<th scope="col"><b>{STEPS[columns][at]}</b> {_unbroken(x.classes.labels[at])}</th>'
        for at in range(columns)
    )
    return (
        '<table class="cross"><caption class="hidden">Colours by class of both measures, with '
        f"the number of {layer.areas.many}</caption>"
        f'<thead><tr><th class="axis" colspan="{columns + 1}" scope="colgroup">'
        f'<span aria-hidden="true">\N{UPWARDS ARROW}</span> {escape(y.heading)}</th></tr></thead>'
        f'<tbody>{body}</tbody><tfoot><tr><td class="corner"></td>{heads}</tr><tr>'
        f'<td class="corner"></td><th class="axis" colspan="{columns}" scope="colgroup">'
        f'{escape(x.heading)} <span aria-hidden="true">\N{RIGHTWARDS ARROW}</span></th></tr>'
        "</tfoot></table>"
    )
