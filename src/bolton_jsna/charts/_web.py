"""A chart for the web: one page with the drawing, its table and its words, which loads nothing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from html import escape
from importlib import resources
from typing import Any, Final

import pandas as pd

from bolton_jsna.charts import _layout
from bolton_jsna.charts._legend import legend_shapes
from bolton_jsna.charts._shapes import Box, Shape, Words
from bolton_jsna.charts._spec import ChartSpec
from bolton_jsna.charts._words import decimals, source_line
from bolton_jsna.core.export import inert
from bolton_jsna.core.states import LABELS, SIGNS
from bolton_jsna.drawing import palettes

_WIDE: Final = 760.0
_NARROW: Final = 350.0
_SIZE: Final = 14.0
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
_ILLUSTRATIVE: Final = "Illustrative figures"
_KEYS: Final = "Use the arrow keys to go through the figures."


def page(spec: ChartSpec) -> str:
    """Return a chart as a page of HTML; the same specification gives the same text."""
    title = escape(spec.title)
    return f"""<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{title}</title>
<style>{part_style()}</style>
</head>
<body>
<a class="skip" href="#table">Skip the chart and go to the table</a>
<main>
{figure(spec, heading="h1")}
</main>
<script>{part_script()}</script>
</body>
</html>
"""


def inline(spec: ChartSpec) -> str:
    """Return a chart as notebooks show it: without script, its table folded up."""
    return f"<style>{_asset('chart.css')}</style>{figure(spec, heading='p')}"


def part(spec: ChartSpec, key: str) -> str:
    """Return the drawing of a chart as a part of a longer page, whose ids begin with the key.

    The page has :func:`part_style` and :func:`part_script` once, and shows title and sources.
    """
    drawings = "".join(
        _svg(spec, width, name, mark=f"{key}-{name}", words=f"{key}-words")
        for width, name in ((_WIDE, "wide"), (_NARROW, "narrow"))
    )
    return f"""<div class="jsna-chart">
<p class="keys" hidden>{_KEYS}</p>
{drawings}
<p class="said" role="status"></p>
<details class="in-words"><summary>The chart in words</summary>
<p id="{key}-words">{escape(spec.description)}</p></details>
</div>"""


def part_style() -> str:
    """Return the style of all charts of a page."""
    return _asset("chart.css")


def part_script() -> str:
    """Return the script of all charts of a page."""
    return f'(function () {{\n"use strict";\n{_asset("chart.js")}}}());'


def figure(spec: ChartSpec, *, heading: str) -> str:
    """Return the figure of a page: heading, drawing for wide and narrow pages, table, notes."""
    badge = f'<p class="badge">{_ILLUSTRATIVE}</p>' if spec.illustrative else ""
    drawings = "".join(
        _svg(spec, width, name, mark=f"{name}-{spec.kind}")
        for width, name in ((_WIDE, "wide"), (_NARROW, "narrow"))
    )
    return f"""<figure class="jsna-chart">
<figcaption>{badge}<{heading} class="title">{escape(spec.title)}</{heading}>
<p class="subtitle">{escape(spec.subtitle)}</p></figcaption>
<p class="keys" hidden>{_KEYS}</p>
{drawings}
<p class="said" role="status"></p>
<p class="description">{escape(spec.description)}</p>
<details id="table" class="twin"><summary>The figures as a table</summary>
<div class="scroll" role="region" aria-label="Table: {escape(spec.title)}" tabindex="0">
{_table(spec)}</div>
<p><a class="download" download="{escape(spec.kind)}.csv" href="{_data_address(spec)}">\
Download the table (CSV)</a></p></details>
{_list(spec.notes, "notes")}
{_list(filter(None, [source_line(spec.sources)]), "sources")}
</figure>"""


def _svg(spec: ChartSpec, width: float, name: str, *, mark: str, words: str = "") -> str:
    """Return the drawing at one width; the page shows one of two. Its ids begin with the mark."""
    drawing = _layout.laid_out(spec, width, size=_SIZE)
    legend = legend_shapes(spec.legend, width, size=_SIZE)
    tall = drawing.height + legend.height
    described = f' aria-describedby="{words}"' if words else ""
    figures = "".join(
        f'<g class="item" role="img" tabindex="-1" aria-label="{escape(each.said)}">'
        f"<title>{escape(each.said)}</title>{_shapes(each.shapes, name)}</g>"
        for each in drawing.figures
    )
    return (
        f'<svg class="{name}" viewBox="0 0 {width:g} {tall:.1f}" role="group" '
        f'aria-label="Chart: {escape(spec.title)}"{described} xmlns="http://www.w3.org/2000/svg">'
        f"{_patterns(spec, mark)}"
        f'<g aria-hidden="true">{_shapes(legend.under, mark)}</g>'
        f'<g transform="translate(0 {legend.height:.1f})">'
        f'<g aria-hidden="true">{_shapes(drawing.under, mark)}</g>'
        f'<g class="items">{figures.replace(f"#{name}-state", f"#{mark}-state")}</g>'
        f'<g aria-hidden="true" class="words">{_shapes(drawing.over, mark)}</g></g></svg>'
    )


def _patterns(spec: ChartSpec, mark: str) -> str:
    """Return the hatching of the states that the chart has."""
    there = {getattr(each, "status", "") for each in (*spec.marks, *spec.legend)} - {""}
    made = []
    for status in sorted(there):
        paint = palettes.state(status)
        lines = {
            "diagonal": '<path d="M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4"/>',
            "crossed": '<path d="M0,8 l8,-8 M0,0 l8,8"/>',
            "dots": '<circle cx="4" cy="4" r="1"/>',
            "horizontal": '<path d="M0,4 h8"/>',
            "none": "",
        }[paint.pattern]
        made.append(
            f'<pattern id="{mark}-state-{status}" width="8" height="8" '
            f'patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="{paint.fill}"/>'
            f'<g stroke="{paint.line}" fill="none" stroke-width="1">{lines}</g></pattern>'
        )
    return f"<defs>{''.join(made)}</defs>" if made else ""


def _shapes(shapes: Iterable[Shape], mark: str) -> str:
    return "".join(_shape(each, mark) for each in shapes)


def _shape(shape: Shape, mark: str) -> str:
    if isinstance(shape, Words):
        halo = ' class="halo"' if shape.halo else ""
        bold = ' font-weight="bold"' if shape.bold else ""
        anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
        return (
            f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size:g}" '
            f'fill="{shape.colour}"{anchor}{bold}{halo}>{escape(shape.text)}</text>'
        )
    if isinstance(shape, Box):
        fill = f"url(#{mark}-state-{shape.status})" if shape.status else shape.fill or "none"
        edge = _stroke(shape.stroke) if shape.stroke else ""
        edge = f' stroke="{palettes.line("axis")}" stroke-width="1"' if shape.status else edge
        return (
            f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" '
            f'height="{shape.height:.1f}" fill="{fill}"{edge}/>'
        )
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
    edge = _stroke(shape.stroke) if shape.stroke else ""
    if shape.closed:
        return f'<polygon points="{points}" fill="{shape.fill or "none"}"{edge}/>'
    return f'<polyline points="{points}" fill="none"{edge}/>'


def _stroke(stroke: Any) -> str:
    dash = (
        f' stroke-dasharray="{" ".join(f"{each:g}" for each in stroke.dash)}"'
        if stroke.dash
        else ""
    )
    return (
        f' stroke="{stroke.colour}" stroke-width="{stroke.width:.2f}" stroke-linejoin="round"{dash}'
    )


def _table(spec: ChartSpec) -> str:
    """Return every figure of the chart as a table."""
    # Words begin at the left of their column, numbers end at its right.
    kinds = [
        ' class="text"' if any(isinstance(each, str) for each in spec.data[name]) else ""
        for name, _ in spec.headings
    ]
    heads = "".join(
        f'<th scope="col"{kind}>{escape(text)}</th>'
        for (_, text), kind in zip(spec.headings, kinds, strict=True)
    )
    rows, cells = [], shown(spec)
    for row in cells:
        first, *others = row
        made = "".join(
            f"<td{kind}>{escape(each)}</td>" for each, kind in zip(others, kinds[1:], strict=True)
        )
        rows.append(f'<tr><th scope="row">{escape(first)}</th>{made}</tr>')
    there = {each for row in cells for each in row}
    signs = ", ".join(
        f"{sign} {LABELS[status].lower()}" for status, sign in SIGNS.items() if sign in there
    )
    return (
        f"<table><caption>{escape(spec.title)}. {escape(spec.subtitle)}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        + (f"<p>{signs}</p>" if signs else "")
    )


def shown(spec: ChartSpec) -> list[list[str]]:
    """Return the rows of the table as text: numbers rounded, states by their sign."""
    names = [name for name, _ in spec.headings]
    digits = {
        name: max(decimals(spec.data[name]), 1) if spec.digits is None else spec.digits
        for name in names
        if spec.data[name].dtype.kind == "f"
    }
    return [
        [_cell(row[name], _state_of(row, name), digits.get(name, 1)) for name in names]
        for row in spec.data.to_dict(orient="records")
    ]


def _state_of(row: dict[Hashable, Any], name: str) -> Any:
    """Return the state of a column of a row: its own, as ``england_status``, or the row's."""
    return row.get(f"{name.partition('_')[0]}_status", row.get("status"))


def _cell(value: Any, status: Any, digits: int) -> str:
    if isinstance(value, str):
        return LABELS.get(value, value) if value in LABELS else value
    if value is None or pd.isna(value):
        return SIGNS.get(str(status), SIGNS["not_available"])
    if isinstance(value, float):
        return f"{value:,.{digits}f}"
    return str(value)


def csv(spec: ChartSpec) -> str:
    """Return every figure of the chart as CSV, in full precision."""
    return str(inert(spec.data).to_csv(index=False, lineterminator="\n"))


def _data_address(spec: ChartSpec) -> str:
    from urllib.parse import quote

    return f"data:text/csv;charset=utf-8,{quote(csv(spec))}"


def _list(texts: Iterable[str], name: str) -> str:
    listed = "".join(f"<li>{escape(each)}</li>" for each in texts)
    return f'<ul class="{name}">{listed}</ul>' if listed else ""


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
