"""The specification of a choropleth: one measure by class."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import pandas as pd

from bolton_jsna.core.area_codes import AreaWords, words_for
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.drawing import palettes
from bolton_jsna.drawing.attribution import attributions
from bolton_jsna.drawing.classes import Classes, Method, applied, classify
from bolton_jsna.maps import _categories, _values
from bolton_jsna.maps._dates import dated
from bolton_jsna.maps._joining import join, need
from bolton_jsna.maps._options import BivariateOptions, ChoroplethOptions, takes
from bolton_jsna.maps._spec import (
    LegendEntry,
    MapArea,
    MapLayer,
    MapSpec,
    MeasureScale,
    unique_texts,
)
from bolton_jsna.maps._uncertainty import Uncertainty, compared, describe_uncertainty
from bolton_jsna.sentences import map_words

MUTED: Final = "similar"


@takes(ChoroplethOptions)
def choropleth_spec(options: ChoroplethOptions) -> MapSpec:
    """Return the specification of a choropleth of one column.

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
    return one_measure(options)


def one_measure(options: ChoroplethOptions) -> MapSpec:
    """Return the specification of a choropleth."""
    details, uncertainty = dict(options.details or {}), options.uncertainty
    joined = join(
        options.frame,
        options.boundaries,
        columns=named(options.column, *details, *columns_of(uncertainty), options.status),
        drawn=(options.column,),
        allow_missing=options.allow_missing,
        code=options.code,
        unmatched=options.unmatched,
    )
    label = options.label or words(options.column)
    categories = _categories.read(joined[options.column], options.column)
    if categories is not None:
        layer = _categories.category_layer(joined, categories, options, label, details)
        return map_of(joined, layer, options, ())
    count = uncertainty.count if uncertainty else None
    measure = _values.measure(joined, options.column, options.status, count)
    classes = classes_of(measure, options.method, options.classes, options.breaks, options.decimals)
    scale = MeasureScale(label, options.unit, classes)
    scale, areas = compared(scale, uncertainty), words_for(joined["area_code"])
    colours = palettes.colours(options.palette, len(classes))
    if classes.method == "deciles":
        # The first decile is the most deprived: it has the darkest colour.
        colours = colours[::-1]
    drawn = [state in NUMERIC for state in measure.states]
    certainty = describe_uncertainty(joined, scale, measure, uncertainty, drawn=drawn, areas=areas)
    painted = tuple(
        f"state-{state}" if number is None else f"class-{number}"
        for number, state in zip(classes.of(measure.numbers), measure.states, strict=True)
    )
    if uncertainty is not None and uncertainty.similar == "muted" and certainty.verdicts:
        painted = tuple(
            MUTED if verdict == "similar" and key.startswith("class-") else key
            for key, verdict in zip(painted, certainty.verdicts, strict=True)
        )
    entries = [
        LegendEntry(key := f"class-{at}", text, palettes.Paint(colours[at]), painted.count(key))
        for at, text in enumerate(classes.labels)
    ]
    if uncertainty is not None and MUTED in painted:
        label = f"Not significantly different from {uncertainty.heading(scale)}"
        entries.append(LegendEntry(MUTED, label, palettes.state(MUTED), painted.count(MUTED)))
    modelled = _values.modelled(scale.label, measure, areas)
    values = (
        [(value,) for value in _values.value_texts(scale, measure)],
        certainty.area_values,
        _values.details(joined, details, measure.states, drawn={options.column: measure}),
    )
    layer = MapLayer(
        title=scale.label,
        kind="single",
        scales=(scale,),
        entries=(*entries, *_values.state_entries(painted)),
        painted=painted,
        area_values=_values.side_by_side(*values),
        notes=(
            *class_notes(classes, areas),
            *certainty.notes,
            *modelled,
        ),
        description=_describe(scale, measure, names(joined), areas)
        + map_words.verdicts(
            certainty.verdicts, uncertainty.benchmark_label if uncertainty else "", areas
        ),
        marks=certainty.marks,
        source=options.source,
        illustrative=bool(options.illustrative),
        areas=areas,
    )
    return map_of(joined, layer, options, modelled)


def class_notes(classes: Classes, areas: AreaWords) -> tuple[str, ...]:
    """Return how classes were made, and which class a value on a break is in."""
    if classes.method == "deciles":
        return (f"{classes.note}. {map_words.DECILES}",)
    note = method_in_words(classes, areas)
    return (f"{note}. {map_words.CLASS_RULE}" if len(classes) > 1 else f"{note}.",)


def method_in_words(classes: Classes, areas: AreaWords) -> str:
    """Return how classes were made, with the areas by their name."""
    return classes.note.replace("equally many areas", f"equally many {areas.many}")


def map_of(
    joined: gpd.GeoDataFrame,
    layer: MapLayer,
    options: ChoroplethOptions | BivariateOptions,
    modelled: Sequence[str] = (),
) -> MapSpec:
    """Return the map of one layer; printed with it is the note given, or else the first of all."""
    title, note = options.title or layer.title, options.note.strip()
    return MapSpec(
        title=title,
        subtitle=dated(
            options.subtitle,
            title=title,
            labels=[scale.label for scale in layer.scales],
            frame=options.frame,
            joined=joined,
        ),
        places=tuple(map(MapArea, map(str, joined["area_code"]), names(joined))),
        shapes=joined.geometry,
        layers=(layer,),
        notes=unique_texts((note, *unique_texts(options.notes))),
        sources=unique_texts(options.sources)
        or unique_texts(attributions(options.frame, options.boundaries)),
        illustrative=layer.illustrative,
        left_out=tuple(joined.attrs.get("left_out", ())),
        note=note or next(iter((*modelled, *unique_texts(options.notes))), ""),
    )


def named(*columns: str | None) -> tuple[str, ...]:
    """Return the columns that have a name."""
    return tuple(column for column in columns if column is not None)


def columns_of(uncertainty: Uncertainty | None) -> tuple[str, ...]:
    """Return the columns that uncertainty needs."""
    return () if uncertainty is None else uncertainty.columns


def words(column: str) -> str:
    """Return the name of a column as a label."""
    text = column.replace("_", " ").strip().capitalize()
    return re.sub(
        r"\b(idaci|imd|lsoa)(?=s?\b)", lambda found: found[0].upper(), text, flags=re.IGNORECASE
    )


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
    """Return the classes of a measure: by a method, by own breaks, or those of another map."""
    if isinstance(classes, Classes):
        if breaks is not None:
            raise UsageError("The classes given already have breaks: leave out breaks=.")
        if not classes.breaks:
            raise UsageError("The classes given have no breaks. Leave out classes= or give others.")
        return applied(classes, measure.numbers)
    if breaks is not None:
        by: Method = method if method == "published" else "fixed"
        return classify(measure.numbers, method=by, breaks=breaks, decimals=decimals)
    return classify(measure.numbers, method=method, k=classes, decimals=decimals)


@checked
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
        Give them to each map as ``classes=``.

    Raises
    ------
    SchemaError
        If a column is missing or not numeric.
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
    need(frame, tuple(columns), "The frame")
    found = [_values.measure(frame, column, None) for column in columns]
    numbers = tuple(number for each in found for number in each.numbers)
    every = _values.Measure(numbers, tuple(state for each in found for state in each.states))
    return classes_of(every, method, classes, breaks, decimals)


def _describe(
    scale: MeasureScale, measure: _values.Measure, names: list[str], areas: AreaWords
) -> str:
    ordered = sorted(
        (number, name)
        for number, name in zip(measure.numbers, names, strict=True)
        if not math.isnan(number)
    )
    (low, lowest), (high, highest) = ordered[0], ordered[-1]
    text = scale.classes.text
    return map_words.one_measure(
        areas,
        len(names),
        scale.quoted,
        classes=len(scale.classes),
        lowest=(text(low), lowest),
        highest=(text(high), highest),
    ) + _values.gaps(measure.states)
