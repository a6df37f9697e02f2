"""A map as one page of HTML that loads nothing from the network.

All data passes :func:`html.escape` or is JSON in which no tag can begin; the script of the page
sets only text, never markup. The page's policy also forbids connections and event handlers in
markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from importlib import resources
from typing import Any, Final

from bolton_jsna.drawing.palettes import text_colour
from bolton_jsna.maps._spec import ILLUSTRATIVE, MapLayer, MapSpec, made_up
from bolton_jsna.maps.html import _leaflet, _outlines, _search
from bolton_jsna.maps.html._table import TableColumn, capital, columns_for, columns_of, table
from bolton_jsna.maps.html.legend import legend, patterns, swatch_fill

MAP_NAME: Final = "bolton_jsna_map"
"""The name of the Leaflet map in the page's script."""

SCRIPTS: Final = ("map", "names", "search", "figures", "start")
"""The parts of the page's script; a later one uses what an earlier one defines."""


def page(spec: MapSpec, *, script: str = "", style: str = "", tiles: bool = False) -> str:
    """Return a map as HTML; the same specification gives the same text."""
    columns = columns_for(spec)
    areas = spec.layers[0].areas
    one = _search.with_article(areas)
    title = escape(spec.title)
    badge = f'<p class="badge">{escape(made_up(spec))}</p>' if spec.illustrative else ""
    under = [text for text in (spec.subtitle, *spec.left_out) if text]
    subtitle = "".join(f'<p class="subtitle">{escape(text)}</p>' for text in under)
    legends = "".join(legend(layer, at) for at, layer in enumerate(spec.layers))
    named = capital(_search.larger(spec).one)
    several = len(spec.layers) > 1
    more = " The table has the figures of the layer shown, the file those of all layers." * several
    return f"""<!DOCTYPE html>
<html lang="{escape(spec.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_policy(tiles=tiles)}">
<title>{title}</title>
<style>{_leaflet.style()}</style>
<style>{asset("page.css")}{style}</style>
</head>
<body>
<a class="skip" href="#table">Skip the map and go to the table</a>
{patterns(spec.layers)}
<header>{badge}<h1>{title}</h1>{subtitle}</header>
<main>
<div id="tools" class="tools{"" if len(spec.layers) > 1 else " one"}">
<form id="search" class="find" role="search"><label for="find">{_search.label(spec)}</label>
<div><input id="find" type="search" list="areas" autocomplete="off"> \
<button type="submit">Find</button></div>
<datalist id="areas"></datalist>
<p id="found" role="status"></p>
<p id="said" class="hidden" role="status"></p>
<label class="check"><input type="checkbox" id="names" checked> {named} names on the map</label>
<p id="fit" class="small" aria-hidden="true"></p>
</form>
{_switch(spec.layers)}
</div>
<div class="stage">
<div>
<div id="map" style="--shape:{_aspect(spec)}" role="group" aria-label="Map: {title}"
aria-describedby="words"></div>
<div id="print" class="print" aria-hidden="true"></div>
{_help(one, areas.many)}
</div>
<div class="side">
<section id="panel" class="panel" aria-label="Chosen {areas.one}">
<p class="hint">{escape(_hint(one))}</p></section>
{legends}
</div>
</div>
<section id="table" class="after" tabindex="-1">
<h2>The figures</h2>
{_words(spec)}
<p class="actions"><button type="button" id="download">Download the table (CSV)</button>{more}</p>
<p id="sorting" class="sorting" hidden><label for="by">Sort by</label> <select id="by"></select></p>
<div id="scroll" class="scroll" role="region" aria-labelledby="caption" tabindex="0">
{table(spec, columns)}
</div>
</section>
</main>
<footer>{_list("Notes", spec.notes)}
{_list("Sources and licence", spec.sources)}</footer>
<script type="application/json" id="map-data">{_data(spec, columns, tiles=tiles)}</script>
<script>{_leaflet.script()}</script>
<script>(function () {{
"use strict";
{"".join(asset(f"script/{name}.js") for name in SCRIPTS)}}}());</script>{_extra(script)}
</body>
</html>
"""


def file_stem(title: str) -> str:
    """Return a title as the name of a file, without extension."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:80] or "map"


def _aspect(spec: MapSpec) -> float:
    """Return the width of the areas divided by their height, within limits of a page."""
    west, south, east, north = spec.shapes.total_bounds
    return round(min(max(float((east - west) / (north - south)), 0.7), 2.2), 2)


def asset(name: str) -> str:
    """Return a file of this room as text."""
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


def as_json(value: Any) -> str:
    """Return JSON in which no tag, comment or entity can begin."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _data(spec: MapSpec, columns: Sequence[TableColumn], *, tiles: bool) -> str:
    layers = []
    for at, layer in enumerate(spec.layers):
        keys = [entry.key for entry in layer.entries]
        layers.append(
            {
                "entries": [swatch_fill(entry) for entry in layer.entries],
                "inks": [[text_colour(e.paint.fill), e.paint.fill] for e in layer.entries],
                "painted": [keys.index(key) for key in layer.painted],
                "columns": columns_of(columns, at),
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
    labelled = (f"{made_up(spec)}.",) if spec.illustrative else ()
    return as_json(
        {
            "name": MAP_NAME,
            "tiles": tiles,
            "file": file_stem(spec.title),
            "hint": _hint(_search.with_article(spec.layers[0].areas)),
            "say": _search.texts(spec),
            "foot": [spec.title, *labelled, *spec.left_out, *spec.notes, *spec.sources],
            "bounds": _outlines.bounds(spec.shapes),
            "layers": layers,
            "shapes": _outlines.packed(spec.shapes),
            "lines": [] if spec.lines is None else _outlines.packed(spec.lines.geometry),
            "lineNames": _search.names_of(spec),
            "postcodes": spec.postcodes,
        }
    )


def _switch(layers: Sequence[MapLayer]) -> str:
    """Return the choice of a layer: each with its measure, unit and time."""
    if len(layers) < 2:
        return ""
    buttons = "".join(
        f'<label><input type="radio" name="layer" value="{at}"{" checked" if not at else ""}>'
        f"<span>{escape(layer.title)} "
        f'<span class="small">{escape(layer.subtitle)}</span></span></label>'
        for at, layer in enumerate(layers)
    )
    return f'<fieldset><legend>Show</legend><div class="choices">{buttons}</div></fieldset>'


def _words(spec: MapSpec) -> str:
    """Return the map in words: a list if it has several layers."""
    if len(spec.layers) < 2:
        return f'<p id="words">{escape(spec.description)}</p>'
    items = "".join(
        f'<li id="words-{at}">{f"{ILLUSTRATIVE}. " if layer.illustrative else ""}'
        f"{escape(layer.description)}</li>"
        for at, layer in enumerate(spec.layers)
    )
    return f'<ul id="words" class="words">{items}</ul>'


def _hint(one: str) -> str:
    return f"Point at {one}, or tap it, to see its figures here."


def _help(one: str, many: str) -> str:
    """Return how the map is used, also without a mouse."""
    lines = (
        f"Point at {one} to see its figures. Click or tap it to keep them in view.",
        "With a keyboard: press Tab to reach the map. It is one stop for Tab.",
        f"Arrow keys go to the nearest of the {many} in that direction. Page Down and Page Up go "
        f"through the {many} in order of their names. Home and End go to the first and the last.",
        f"Enter keeps {one} in view. Escape releases it.",
        "Plus and minus on the map make it larger and smaller. More names appear on a larger map.",
    )
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<details class="help"><summary>How to use this map</summary><ul>{items}</ul></details>'


def _list(heading: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>{escape(heading)}</h2><ul>{items}</ul>"
