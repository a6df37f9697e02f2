"""From frames to specifications: one measure by class, or two measures crossed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bolton_jsna.errors import UsageError, some
from bolton_jsna.maps import palettes, readings
from bolton_jsna.maps.classes import Classes, Method, classify
from bolton_jsna.maps.joining import join
from bolton_jsna.maps.spec import Entry, Layer, MapSpec, Place, Scale, lines
from bolton_jsna.states import LABELS, NUMERIC

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_RULE: Final = (
    "A class includes its lower bound and not its upper; values are classed as they are printed."
)
_STEPS: Final = {1: ("all",), 2: ("low", "high"), 3: ("low", "middle", "high")}


def choropleth_spec(
    frame: pd.DataFrame,
    column: str,
    *,
    boundaries: gpd.GeoDataFrame | None = None,
    title: str = "",
    subtitle: str = "",
    label: str = "",
    unit: str = "",
    method: Method = "quantile",
    classes: int | Classes = 5,
    breaks: Sequence[float] | None = None,
    decimals: int | None = None,
    palette: str | Sequence[str] = "blue",
    status: str | None = None,
    details: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] = (),
    illustrative: bool = False,
    allow_missing: bool = False,
) -> MapSpec:
    """Return what a choropleth of one column says.

    The parameters are those of :func:`bolton_jsna.maps.interactive.choropleth_map`.

    Returns
    -------
    MapSpec
        One layer; areas ordered by name.

    Raises
    ------
    UsageError, SchemaError, VintageError
        As :func:`bolton_jsna.maps.interactive.choropleth_map`.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> wards = gpd.GeoDataFrame(
    ...     {"area_code": ["E05000001", "E05000002"], "rate": [10.0, 30.0]},
    ...     geometry=[shapely.box(4e5, 4e5, 4.1e5, 4.1e5), shapely.box(4.1e5, 4e5, 4.2e5, 4.1e5)],
    ...     crs="EPSG:27700",
    ... )
    >>> spec = choropleth_spec(wards, "rate", classes=2)
    >>> [(entry.label, entry.count) for entry in spec.layers[0].entries]
    [('10 to under 30', 1), ('30', 1)]
    """
    details = dict(details or {})
    joined = join(
        frame, boundaries, columns=(column, *details, *_given(status)), allow_missing=allow_missing
    )
    measure = readings.measure(joined, column, status)
    found = _classes(measure, method, classes, breaks, decimals)
    scale = Scale(label or _words(column), unit, found)
    colours = palettes.colours(palette, len(found))
    places = found.of(measure.numbers)
    painted = tuple(
        f"state-{state}" if place is None else f"class-{place}"
        for place, state in zip(places, measure.states, strict=True)
    )
    entries = tuple(
        Entry(f"class-{at}", text, palettes.Paint(colours[at]), painted.count(f"class-{at}"))
        for at, text in enumerate(found.labels)
    )
    extra = readings.details(joined, details, measure.states)
    layer = Layer(
        title=scale.label,
        kind="single",
        scales=(scale,),
        entries=(*entries, *_state_entries(painted)),
        painted=painted,
        readings=tuple(
            (reading, *more)
            for reading, more in zip(readings.told(scale, measure), extra, strict=True)
        ),
        notes=(f"{found.note}. {_RULE}", *readings.modelled(scale.label, measure)),
        description=_describe(scale, measure, _names(joined)),
    )
    return _spec(
        joined,
        layer,
        title=title,
        subtitle=subtitle,
        notes=notes,
        sources=sources,
        illustrative=illustrative,
    )


def bivariate_spec(
    frame: pd.DataFrame,
    x: str,
    y: str,
    *,
    boundaries: gpd.GeoDataFrame | None = None,
    title: str = "",
    subtitle: str = "",
    x_label: str = "",
    y_label: str = "",
    x_unit: str = "",
    y_unit: str = "",
    method: Method = "quantile",
    classes: int = 3,
    x_breaks: Sequence[float] | None = None,
    y_breaks: Sequence[float] | None = None,
    x_decimals: int | None = None,
    y_decimals: int | None = None,
    palette: str = "blue_orange",
    x_status: str | None = None,
    y_status: str | None = None,
    details: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] = (),
    illustrative: bool = False,
    allow_missing: bool = False,
) -> MapSpec:
    """Return what a map of two crossed columns says.

    The parameters are those of :func:`bolton_jsna.maps.interactive.bivariate_map`.

    Returns
    -------
    MapSpec
        One layer with a cell of the legend for every pair of classes, empty ones too.

    Raises
    ------
    UsageError, SchemaError, VintageError
        As :func:`bolton_jsna.maps.interactive.bivariate_map`.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> wards = gpd.GeoDataFrame(
    ...     {"area_code": ["E05000001", "E05000002"], "idaci": [0.1, 0.5], "rate": [10.0, 30.0]},
    ...     geometry=[shapely.box(4e5, 4e5, 4.1e5, 4.1e5), shapely.box(4.1e5, 4e5, 4.2e5, 4.1e5)],
    ...     crs="EPSG:27700",
    ... )
    >>> layer = bivariate_spec(wards, "idaci", "rate", classes=2).layers[0]
    >>> [(entry.key, entry.count) for entry in layer.entries]
    [('cell-0-0', 1), ('cell-1-0', 0), ('cell-0-1', 0), ('cell-1-1', 1)]
    """
    if classes not in (2, 3):
        raise UsageError(f"classes={classes!r}: a bivariate map has 2 or 3 classes to a side.")
    details = dict(details or {})
    needed = (x, y, *details, *_given(x_status), *_given(y_status))
    joined = join(frame, boundaries, columns=needed, allow_missing=allow_missing)
    across, up = readings.measure(joined, x, x_status), readings.measure(joined, y, y_status)
    scales = (
        Scale(x_label or _words(x), x_unit, _side(across, method, classes, x_breaks, x_decimals)),
        Scale(y_label or _words(y), y_unit, _side(up, method, classes, y_breaks, y_decimals)),
    )
    states = tuple(
        readings.worse(one, other) for one, other in zip(across.states, up.states, strict=True)
    )
    painted = tuple(
        f"state-{state}" if state not in NUMERIC else f"cell-{i}-{j}"
        for state, i, j in zip(
            states,
            scales[0].classes.of(across.numbers),
            scales[1].classes.of(up.numbers),
            strict=True,
        )
    )
    extra = readings.details(joined, details, states)
    layer = Layer(
        title=f"{scales[0].label} and {scales[1].label}",
        kind="bivariate",
        scales=scales,
        entries=(*_cells(scales, palette, painted), *_state_entries(painted)),
        painted=painted,
        readings=tuple(
            (one, other, *more)
            for one, other, more in zip(
                readings.told(scales[0], across), readings.told(scales[1], up), extra, strict=True
            )
        ),
        notes=(
            *_methods(scales),
            _RULE,
            *readings.modelled(scales[0].label, across),
            *readings.modelled(scales[1].label, up),
        ),
        description=_describe_cells(scales, painted, _names(joined)),
    )
    return _spec(
        joined,
        layer,
        title=title,
        subtitle=subtitle,
        notes=notes,
        sources=sources,
        illustrative=illustrative,
    )


def _spec(
    joined: gpd.GeoDataFrame,
    layer: Layer,
    *,
    title: str,
    subtitle: str,
    notes: Sequence[str],
    sources: Sequence[str],
    illustrative: bool,
) -> MapSpec:
    return MapSpec(
        title=title or layer.title,
        subtitle=subtitle,
        places=tuple(
            Place(str(code), str(name))
            for code, name in zip(joined["area_code"], joined["area_name"], strict=True)
        ),
        shapes=joined.geometry,
        layers=(layer,),
        notes=lines(notes),
        sources=lines(sources),
        illustrative=bool(illustrative),
    )


def _given(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _words(column: str) -> str:
    return column.replace("_", " ").strip().capitalize()


def _names(joined: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in joined["area_name"]]


def _classes(
    measure: readings.Measure,
    method: Method,
    classes: int | Classes,
    breaks: Sequence[float] | None,
    decimals: int | None,
) -> Classes:
    if isinstance(classes, Classes):
        if breaks is not None:
            raise UsageError("classes= holds breaks already: leave out breaks=.")
        breaks, decimals = classes.breaks, classes.decimals
        if not breaks:
            raise UsageError("The classes given have no break: there is nothing to compare by.")
    if breaks is not None:
        return classify(measure.numbers, method="fixed", breaks=breaks, decimals=decimals)
    return classify(measure.numbers, method=method, k=classes, decimals=decimals)  # type: ignore[arg-type]


def _side(
    measure: readings.Measure,
    method: Method,
    classes: int,
    breaks: Sequence[float] | None,
    decimals: int | None,
) -> Classes:
    if breaks is not None and len(breaks) not in (1, 2):
        raise UsageError(
            f"A side of a bivariate map has 1 or 2 breaks (2 or 3 classes); found {some(breaks)}."
        )
    return _classes(measure, method, classes, breaks, decimals)


def _state_entries(painted: Sequence[str]) -> tuple[Entry, ...]:
    return tuple(
        Entry(key, LABELS[state], palettes.state(state), painted.count(key))
        for state in readings.PRECEDENCE
        if (key := f"state-{state}") in painted
    )


def _cells(scales: tuple[Scale, Scale], palette: str, painted: Sequence[str]) -> tuple[Entry, ...]:
    columns, rows = (len(scale.classes) for scale in scales)
    if columns == 1 or rows == 1:
        flat = scales[0 if columns == 1 else 1].label
        raise UsageError(
            f"{flat!r} has one class only, as its values are equal: nothing to cross. Draw a "
            "choropleth of the other measure, or give breaks."
        )
    colours = palettes.grid(palette, columns, rows)
    (x_scale, y_scale) = scales
    return tuple(
        Entry(
            f"cell-{i}-{j}",
            f"{x_scale.label} {_STEPS[columns][i]}, {y_scale.label} {_STEPS[rows][j]}",
            palettes.Paint(colours[j][i]),
            painted.count(f"cell-{i}-{j}"),
        )
        for j in range(rows)
        for i in range(columns)
    )


def _methods(scales: tuple[Scale, Scale]) -> tuple[str, ...]:
    one, other = (scale.classes.note for scale in scales)
    if one == other:
        return (f"Both measures: {one[:1].lower()}{one[1:]}.",)
    return tuple(f"{scale.label}: {scale.classes.note}." for scale in scales)


def _describe(scale: Scale, measure: readings.Measure, names: list[str]) -> str:
    told = sorted(
        (number, name)
        for number, name in zip(measure.numbers, names, strict=True)
        if not math.isnan(number)
    )
    (low, lowest), (high, highest) = told[0], told[-1]
    text = scale.classes.text
    return (
        f"Map of {len(names)} areas by {scale.heading} in {len(scale.classes)} classes, from "
        f"{text(low)} ({lowest}) to {text(high)} ({highest}).{readings.gaps(measure.states)}"
    )


def _describe_cells(scales: tuple[Scale, Scale], painted: Sequence[str], names: list[str]) -> str:
    columns, rows = (len(scale.classes) for scale in scales)
    top = f"cell-{columns - 1}-{rows - 1}"
    high = [name for name, key in zip(names, painted, strict=True) if key == top]
    states = [key.removeprefix("state-") for key in painted]
    listed = some(high, most=6) if high else "none"
    return (
        f"Map of {len(names)} areas by {scales[0].heading} and {scales[1].heading}, "
        f"{columns} by {rows} classes. High on both: {listed}.{readings.gaps(states)}"
    )
