"""A map as one page of HTML that loads nothing from the network.

All data passes :func:`html.escape` or is JSON in which no tag can begin; the script of the page
sets only text, never markup. The page's policy also forbids connections and event handlers in
markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from importlib import resources
from typing import Any, Final

from bolton_jsna.core.states import NUMERIC
from bolton_jsna.maps._spec import ILLUSTRATIVE, MapLayer, MapSpec
from bolton_jsna.maps.html import _leaflet, _outlines
from bolton_jsna.maps.html.legend import legend, patterns, swatch_fill

MAP_NAME: Final = "bolton_jsna_map"
"""The name of the Leaflet map in the page's script."""

_CLASS: Final = "Class on the map"
_SHORT: Final = 30  # letters of a cell that is not wrapped
_HINT: Final = (
    "Point at an area, tap it, or move through the areas with Tab or the arrow keys. Press Enter "
    "to keep an area here, Escape to release it."
)


def page(spec: MapSpec, *, script: str = "", style: str = "", tiles: bool = False) -> str:
    """Return a map as HTML; the same specification gives the same text."""
    columns = _columns(spec)
    title = escape(spec.title)
    badge = f'<p class="badge">{escape(_made_up(spec))}</p>' if spec.illustrative else ""
    under = [text for text in (spec.subtitle, *spec.left_out) if text]
    subtitle = "".join(f'<p class="subtitle">{escape(text)}</p>' for text in under)
    legends = "".join(legend(layer, at) for at, layer in enumerate(spec.layers))
    return f"""<!DOCTYPE html>
<html lang="{escape(spec.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_policy(tiles=tiles)}">
<title>{title}</title>
<style>{_leaflet.style()}</style>
<style>{_asset("page.css")}{style}</style>
</head>
<body>
<a class="skip" href="#table">Skip the map and go to the table</a>
{patterns(spec.layers)}
<header>{badge}<h1>{title}</h1>{subtitle}</header>
<main>
<form id="tools" class="tools" role="search">
<div class="find"><label for="find">Find an area</label>
<input id="find" type="search" list="areas" autocomplete="off">
<datalist id="areas">{"".join(f'<option value="{escape(p.name)}">' for p in spec.places)}</datalist>
<button type="submit">Find</button> <span id="found" role="status"></span></div>
{_switch(spec.layers)}
</form>
<div class="stage">
<div id="map" style="--shape:{_aspect(spec)}" role="group" aria-label="Map: {title}"
aria-describedby="words"></div>
<div id="print" class="print" aria-hidden="true"></div>
<div>
<section id="panel" class="panel" aria-live="polite" aria-label="Chosen area"><p class="hint">
{escape(_HINT)}</p></section>
{legends}
</div>
</div>
<section id="table" class="after" tabindex="-1">
<h2>The figures</h2>
<p id="words">{escape(spec.description)}</p>
<p class="actions"><button type="button" id="download">Download the table (CSV)</button></p>
<div class="scroll" role="region" aria-labelledby="caption" tabindex="0">
{_table(spec, columns)}
</div>
</section>
</main>
<footer>{_list("Notes", spec.notes)}
{_list("Sources and licence", spec.sources)}</footer>
<script type="application/json" id="map-data">{_data(spec, columns, tiles=tiles)}</script>
<script>{_leaflet.script()}</script>
<script>{_asset("page.js")}</script>{_extra(script)}
</body>
</html>
"""


def file_stem(title: str) -> str:
    """Return a title as the name of a file, without extension."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:80] or "map"


def _made_up(spec: MapSpec) -> str:
    """Return the badge of made-up figures, with the layers if not all are made up."""
    some = [layer.title for layer in spec.layers if layer.illustrative]
    every = len(some) in (0, len(spec.layers))
    return ILLUSTRATIVE if every else f"{ILLUSTRATIVE}: {'; '.join(some)}"


def _aspect(spec: MapSpec) -> float:
    """Return the width of the areas divided by their height, within limits of a page."""
    west, south, east, north = spec.shapes.total_bounds
    return round(min(max(float((east - west) / (north - south)), 0.7), 2.2), 2)


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _policy(*, tiles: bool) -> str:
    return (
        f"connect-src 'none'; img-src data:{' https:' if tiles else ''}; font-src 'none'; "
        "media-src 'none'; object-src 'none'; frame-src 'none'; worker-src 'none'; "
        "form-action 'none'; base-uri 'none'; style-src 'unsafe-inline'; "
        "script-src-elem 'unsafe-inline'; script-src-attr 'none'"
    )


def _extra(script: str) -> str:
    if not script.strip():
        return ""
    safe = re.sub(r"</(?=script)", r"<\\/", script, flags=re.IGNORECASE)
    return f"\n<script>{safe}</script>"


def _json(value: Any) -> str:
    """Return JSON in which no tag, comment or entity can begin."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _data(spec: MapSpec, columns: Sequence[_TableColumn], *, tiles: bool) -> str:
    layers = []
    for at, layer in enumerate(spec.layers):
        keys = [entry.key for entry in layer.entries]
        layers.append(
            {
                "entries": [swatch_fill(entry) for entry in layer.entries],
                "painted": [keys.index(key) for key in layer.painted],
                "columns": _columns_of(columns, at),
                "source": f"Source: {layer.source}" if layer.source else "",
                "made": f"{ILLUSTRATIVE}." if layer.illustrative else "",
                "marks": [
                    {
                        "fill": f"url(#mark-{mark.key})",
                        "areas": [n for n, marked in enumerate(mark.marked) if marked],
                    }
                    for mark in layer.marks
                ],
            }
        )
    made_up = (f"{_made_up(spec)}.",) if spec.illustrative else ()
    return _json(
        {
            "name": MAP_NAME,
            "tiles": tiles,
            "file": file_stem(spec.title),
            "hint": _HINT,
            "lost": "No area has this name.",
            "foot": [spec.title, *made_up, *spec.left_out, *spec.notes, *spec.sources],
            "codes": [place.code for place in spec.places],
            "bounds": _outlines.bounds(spec.shapes),
            "layers": layers,
            "shapes": _outlines.packed(spec.shapes),
        }
    )


@dataclass(frozen=True)
class _TableColumn:
    """A column of the table: its heading, cells, whether they are numbers, and its layers."""

    heading: str
    texts: tuple[str, ...]
    numeric: bool
    short: dict[int, tuple[int, str]] = field(default_factory=dict)
    """For each layer that shows it: its place among the values, and its label there."""


def _columns_of(columns: Sequence[_TableColumn], layer: int) -> list[tuple[int, str]]:
    """Return the columns of a layer in its own order, with their labels in the panel."""
    # They come after area and code.
    shown = [
        (column.short[layer][0], at, column.short[layer][1])
        for at, column in enumerate(columns, 2)
        if layer in column.short
    ]
    return [(at, label) for _, at, label in sorted(shown)]


def _columns(spec: MapSpec) -> list[_TableColumn]:
    """Return the columns of the table; a column that several layers show is there once."""
    found: dict[tuple[str, tuple[str, ...]], _TableColumn] = {}
    several = len(spec.layers) > 1
    measures = {scale.label for layer in spec.layers for scale in layer.scales}
    measures |= {layer.title for layer in spec.layers if layer.kind == "categories"}
    for at, layer in enumerate(spec.layers):
        every = list(zip(*layer.area_values, strict=True))
        for place, values in enumerate(every):
            label, of = values[0].label, values[0].of
            whole = f"{of}: {label[:1].lower()}{label[1:]}" if of else label
            heading = whole if len(measures) > 1 else label
            texts = tuple(value.text for value in values)
            numeric = _numeric(texts, [value.status for value in values])
            column = found.setdefault((heading, texts), _TableColumn(heading, texts, numeric))
            column.short[at] = (place, whole if layer.kind == "bivariate" else label)
        if layer.kind == "categories":  # the category is the value itself
            continue
        heading = f"Class: {layer.title}" if several else _CLASS
        column = found.setdefault(
            (heading, layer.labels), _TableColumn(heading, layer.labels, False)
        )
        column.short[at] = (len(every), _CLASS)
    return list(found.values())


def _numeric(texts: Sequence[str], statuses: Sequence[str]) -> bool:
    shown = [text for text, status in zip(texts, statuses, strict=True) if status in NUMERIC]
    number = r"[\N{MINUS SIGN}-]?[\d,]+(\.\d+)?( \(modelled\))?"
    return bool(shown) and all(re.fullmatch(number, text) for text in shown)


def _table(spec: MapSpec, columns: Sequence[_TableColumn]) -> str:
    marks = [f' class="{kind}"' if (kind := _kind(column)) else "" for column in columns]
    heads = "".join(
        f'<th scope="col"{mark}>{escape(column.heading)}</th>'
        for column, mark in zip(columns, marks, strict=True)
    )
    rows = "\n".join(
        f'<tr><th scope="row">{escape(place.name)}</th><td>{escape(place.code)}</td>'
        + "".join(
            f"<td{mark}>{escape(column.texts[at])}</td>"
            for column, mark in zip(columns, marks, strict=True)
        )
        + "</tr>"
        for at, place in enumerate(spec.places)
    )
    badge = _made_up(spec)
    made_up = f" ({badge[:1].lower()}{badge[1:]})" if spec.illustrative else ""
    return (
        f'<table id="figures" class="figures"><caption id="caption">{escape(spec.title)}{made_up}'
        f'</caption><thead><tr><th scope="col">Area</th><th scope="col">Code</th>{heads}</tr>'
        f"</thead><tbody>\n{rows}\n</tbody></table>"
    )


def _kind(column: _TableColumn) -> str:
    if column.numeric:
        return "number"
    if column.heading.startswith("Class"):
        return "class"
    return "short" if max(map(len, column.texts)) <= _SHORT else ""


def _switch(layers: Sequence[MapLayer]) -> str:
    if len(layers) < 2:
        return ""
    buttons = "".join(
        f'<label><input type="radio" name="layer" value="{at}"{" checked" if not at else ""}> '
        f"{escape(layer.title)}</label>"
        for at, layer in enumerate(layers)
    )
    return f"<fieldset><legend>Show</legend>{buttons}</fieldset>"


def _list(heading: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>{escape(heading)}</h2><ul>{items}</ul>"
