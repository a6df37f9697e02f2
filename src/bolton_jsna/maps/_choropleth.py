"""From frames to specifications: one measure by class."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.states import LABELS
from bolton_jsna.drawing import palettes
from bolton_jsna.drawing.classes import Classes, Method, applied, classify
from bolton_jsna.maps import _values
from bolton_jsna.maps._joining import join, need
from bolton_jsna.maps._spec import Entry, Layer, MapSpec, Place, Scale, lines
from bolton_jsna.maps._uncertainty import Uncertainty, told

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

RULE: Final = (
    "A class includes its lower bound and not its upper; values are classed as they are printed."
)
_DECILES: Final = "Decile 1 is the most deprived tenth."
MUTED: Final = "similar"


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
    palette: str | Sequence[str] | None = None,
    status: str | None = None,
    uncertainty: Uncertainty | None = None,
    details: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] = (),
    source: str = "",
    illustrative: bool = False,
    allow_missing: bool = False,
) -> MapSpec:
    """Return what a choropleth of one column says.

    The parameters are those of :func:`bolton_jsna.maps.html.interactive.choropleth_map`.

    Returns
    -------
    MapSpec
        One layer; areas ordered by name.

    Raises
    ------
    UsageError, SchemaError, VintageError
        As :func:`bolton_jsna.maps.html.interactive.choropleth_map`.

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
    sure = uncertainty.columns if uncertainty is not None else ()
    joined = join(
        frame,
        boundaries,
        columns=(column, *details, *sure, *given(status)),
        allow_missing=allow_missing,
    )
    measure = _values.measure(joined, column, status)
    found = classes_of(measure, method, classes, breaks, decimals)
    scale = Scale(label or words(column), unit, found)
    colours = palettes.colours(palette, len(found))
    if found.method == "deciles":
        # The first decile is the most deprived: the most need is the darkest.
        colours = tuple(reversed(colours))
    certain = told(joined, scale, measure, uncertainty)
    muted = uncertainty is not None and uncertainty.similar == "muted"
    painted = tuple(
        f"state-{state}"
        if place is None
        else MUTED
        if muted and verdict == "similar"
        else f"class-{place}"
        for place, state, verdict in zip(
            found.of(measure.numbers),
            measure.states,
            certain.verdicts or ("",) * len(joined),
            strict=True,
        )
    )
    entries = tuple(
        Entry(f"class-{at}", text, palettes.Paint(colours[at]), painted.count(f"class-{at}"))
        for at, text in enumerate(found.labels)
    )
    if uncertainty is not None and MUTED in painted:
        heading = f"Not significantly different from {uncertainty.heading(scale)}"
        quiet = Entry(MUTED, heading, palettes.state(MUTED), painted.count(MUTED))
        entries = (*entries, quiet)
    extra = _values.details(joined, details, measure.states, drawn={column: measure})
    layer = Layer(
        title=scale.label,
        kind="single",
        scales=(scale,),
        entries=(*entries, *state_entries(painted)),
        painted=painted,
        readings=tuple(
            (reading, *sure, *more)
            for reading, sure, more in zip(
                _values.told(scale, measure), certain.readings, extra, strict=True
            )
        ),
        notes=(
            f"{found.note}. {RULE if found.method != 'deciles' else _DECILES}",
            *certain.notes,
            *_values.modelled(scale.label, measure),
        ),
        description=_describe(scale, measure, names(joined))
        + _values.similar_in_words(
            certain.verdicts, uncertainty.benchmark_label if uncertainty else ""
        ),
        marks=certain.marks,
        source=source,
        illustrative=bool(illustrative),
    )
    return spec(
        joined,
        layer,
        title=title,
        subtitle=subtitle,
        notes=notes,
        sources=sources,
    )


def spec(
    joined: gpd.GeoDataFrame,
    layer: Layer,
    *,
    title: str,
    subtitle: str,
    notes: Sequence[str],
    sources: Sequence[str],
) -> MapSpec:
    """Return the map of one layer."""
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
        illustrative=layer.illustrative,
    )


def given(name: str | None) -> tuple[str, ...]:
    """Return a column that was named, if one was."""
    return () if name is None else (name,)


def words(column: str) -> str:
    """Return the name of a column as a label."""
    return column.replace("_", " ").strip().capitalize()


def names(joined: gpd.GeoDataFrame) -> list[str]:
    """Return the names of the areas."""
    return [str(name) for name in joined["area_name"]]


def classes_of(
    measure: _values.Measure,
    method: Method,
    classes: int | Classes,
    breaks: Sequence[float] | None,
    decimals: int | None,
) -> Classes:
    """Return the classes of a measure: found, by own breaks, or those of another map."""
    if isinstance(classes, Classes):
        if breaks is not None:
            raise UsageError("classes= holds breaks already: leave out breaks=.")
        if not classes.breaks:
            raise UsageError("The classes given have no break: there is nothing to compare by.")
        return applied(classes, measure.numbers)
    if breaks is not None:
        by: Method = method if method == "published" else "fixed"
        return classify(measure.numbers, method=by, breaks=breaks, decimals=decimals)
    return classify(measure.numbers, method=method, k=classes, decimals=decimals)


def shared_classes(
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    method: Method = "quantile",
    classes: int = 5,
    breaks: Sequence[float] | None = None,
    decimals: int | None = None,
) -> Classes:
    """Return classes made from several columns together, for maps that are compared.

    Parameters
    ----------
    frame : DataFrame
        One row per area; each column may have its ``<column>_status`` or share ``status``.
    columns : sequence of str
        The measures, in one unit, such as the rate of two years.
    method, classes, breaks, decimals
        As in :func:`bolton_jsna.maps.html.interactive.choropleth_map`.

    Returns
    -------
    Classes
        To be given to each map as ``classes=``.

    Raises
    ------
    SchemaError
        When a column is missing or not a number.
    UsageError
        As :func:`bolton_jsna.drawing.classes.classify`.

    Examples
    --------
    >>> import pandas as pd
    >>> rates = pd.DataFrame({"area_code": ["E05000001", "E05000002"], "rate_2024": [10, 20],
    ...                       "rate_2025": [30, 40]})
    >>> shared_classes(rates, ["rate_2024", "rate_2025"], classes=2).labels
    ('10 to under 30', '30 to 40')
    """
    need(frame, ("area_code", *columns), "The frame")
    found = [_values.measure(frame, column, None) for column in columns]
    numbers = tuple(number for each in found for number in each.numbers)
    every = _values.Measure(numbers, tuple(state for each in found for state in each.states))
    return classes_of(every, method, classes, breaks, decimals)


def state_entries(painted: Sequence[str]) -> tuple[Entry, ...]:
    """Return the entries of the states that areas are in, the gravest first."""
    return tuple(
        Entry(key, LABELS[state], palettes.state(state), painted.count(key))
        for state in _values.PRECEDENCE
        if (key := f"state-{state}") in painted
    )


def _describe(scale: Scale, measure: _values.Measure, names: list[str]) -> str:
    told = sorted(
        (number, name)
        for number, name in zip(measure.numbers, names, strict=True)
        if not math.isnan(number)
    )
    (low, lowest), (high, highest) = told[0], told[-1]
    text = scale.classes.text
    return (
        f"Map of {len(names)} areas by {scale.heading} in {len(scale.classes)} classes, from "
        f"{text(low)} ({lowest}) to {text(high)} ({highest}).{_values.gaps(measure.states)}"
    )
