"""The table of a page: the columns of all layers, and what a layer shows of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from bolton_jsna.core.states import NUMERIC
from bolton_jsna.maps._spec import MapLayer, MapSpec, made_up
from bolton_jsna.maps.html.legend import STEPS

_CLASS: Final = "Class on the map"
_SHORT: Final = 30  # letters of a cell that is not wrapped


@dataclass(frozen=True)
class TableColumn:
    """A column of the table: its heading, cells, whether they are numbers, and its layers."""

    heading: str
    texts: tuple[str, ...]
    numeric: bool
    short: dict[int, tuple[int, str]] = field(default_factory=dict)
    """For each layer that shows it: its place among the values, and its label there."""
    printed: tuple[str, ...] = ()
    """The cells on paper, where they are shorter: empty texts where they are not."""


def columns_of(columns: Sequence[TableColumn], layer: int) -> list[tuple[int, str]]:
    """Return the columns of a layer in its own order, with their labels in the panel."""
    # They come after area and code.
    shown = [
        (column.short[layer][0], at, column.short[layer][1])
        for at, column in enumerate(columns, 2)
        if layer in column.short
    ]
    return [(at, label) for _, at, label in sorted(shown)]


def columns_for(spec: MapSpec) -> list[TableColumn]:
    """Return the columns of the table; a column that several layers show is there once."""
    found: dict[tuple[str, tuple[str, ...]], TableColumn] = {}
    several = len(spec.layers) > 1
    measures = {scale.label for layer in spec.layers for scale in layer.scales}
    measures |= {layer.title for layer in spec.layers if layer.kind == "categories"}
    for at, layer in enumerate(spec.layers):
        every = list(zip(*layer.area_values, strict=True))
        for place, values in enumerate(every):
            label, of = values[0].label, values[0].of
            within = label.lower().startswith(of.lower())
            whole = label if within else f"{of}: {label[:1].lower()}{label[1:]}"
            heading = whole if len(measures) > 1 else label
            texts = tuple(value.text for value in values)
            numeric = _numeric(texts, [value.status for value in values])
            column = found.setdefault((heading, texts), TableColumn(heading, texts, numeric))
            column.short[at] = (place, whole if layer.kind == "bivariate" else label)
        if layer.kind == "categories":  # the category is the value itself
            continue
        heading = f"Class: {layer.title}" if several else _CLASS
        column = found.setdefault(
            (heading, layer.labels),
            TableColumn(heading, layer.labels, False, printed=_in_steps(layer)),
        )
        column.short[at] = (len(every), _CLASS)
    return list(found.values())


def _numeric(texts: Sequence[str], statuses: Sequence[str]) -> bool:
    shown = [text for text, status in zip(texts, statuses, strict=True) if status in NUMERIC]
    number = r"[\N{MINUS SIGN}-]?[\d,]+(\.\d+)?( \((modelled|estimated children)\))?"
    return bool(shown) and all(re.fullmatch(number, text) for text in shown)


def table(spec: MapSpec, columns: Sequence[TableColumn]) -> str:
    """Return the table as HTML, a row for each area."""
    marks = [f' class="{kind}"' if (kind := _kind(column)) else "" for column in columns]
    heads = "".join(
        f'<th scope="col"{mark}>{escape(column.heading)}</th>'
        for column, mark in zip(columns, marks, strict=True)
    )
    rows = "\n".join(
        f'<tr><th scope="row">{escape(place.name)}</th><td>{escape(place.code)}</td>'
        + "".join(
            f"<td{mark}{_on_paper(column, at)}>{escape(column.texts[at])}</td>"
            for column, mark in zip(columns, marks, strict=True)
        )
        + "</tr>"
        for at, place in enumerate(spec.places)
    )
    badge = made_up(spec)
    labelled = f" ({badge[:1].lower()}{badge[1:]})" if spec.illustrative else ""
    named = capital(spec.layers[0].areas.one)
    return (
        f'<table id="figures" class="figures"><caption id="caption">{escape(spec.title + labelled)}'
        f'</caption><thead><tr><th scope="col">{escape(named)}</th><th scope="col">Code</th>'
        f"{heads}</tr></thead><tbody>\n{rows}\n</tbody></table>"
    )


def _in_steps(layer: MapLayer) -> tuple[str, ...]:
    """Return the classes of two measures in short, such as "Low / high"; empty texts for states."""
    if layer.kind != "bivariate":
        return ()
    steps = [STEPS[len(scale.classes)] for scale in layer.scales]
    cells = {
        f"cell-{x}-{y}": f"{across} / {up.lower()}"
        for x, across in enumerate(steps[0])
        for y, up in enumerate(steps[1])
    }
    return tuple(cells.get(key, "") for key in layer.painted)


def _on_paper(column: TableColumn, at: int) -> str:
    short = column.printed[at] if column.printed else ""
    return f' data-short="{short}"' if short else ""


def _kind(column: TableColumn) -> str:
    if column.numeric:
        return "number"
    if column.heading.startswith("Class"):
        return "class"
    return "short" if max(map(len, column.texts)) <= _SHORT else ""


def capital(text: str) -> str:
    """Return a text with a capital first letter."""
    return f"{text[:1].upper()}{text[1:]}"
