"""The specification of a bivariate map: two measures crossed."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bolton_jsna.core.area_codes import AreaWords, words_for
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.drawing import palettes
from bolton_jsna.maps import _values
from bolton_jsna.maps._choropleth import (
    classes_of,
    columns_of,
    map_of,
    method_in_words,
    named,
    names,
    words,
)
from bolton_jsna.maps._joining import join
from bolton_jsna.maps._options import BivariateOptions, Breaks, takes
from bolton_jsna.maps._spec import LegendEntry, MapLayer, MapSpec, Mark, MeasureScale
from bolton_jsna.maps._uncertainty import Uncertainty, compared, describe_uncertainty
from bolton_jsna.sentences import map_words

_FIRST: Final = ("small", "similar_both", "similar", "similar_x")
"""The marks by precedence: an area has the first of those that fit it."""
_NEITHER: Final = "Both measures: not significantly different"
_NONE: Final = Mark("similar_both", _NEITHER, ())
_STEPS: Final = {1: ("all",), 2: ("low", "high"), 3: ("low", "middle", "high")}


@takes(BivariateOptions)
def bivariate_spec(options: BivariateOptions) -> MapSpec:
    """Return the specification of a map of two crossed columns.

    The parameters are those of :func:`bolton_jsna.maps.html.interactive.bivariate_map`.

    Returns
    -------
    MapSpec
        One layer with a cell of the legend for every pair of classes, empty ones too.

    Raises
    ------
    UsageError, SchemaError, VintageError
        As :func:`bolton_jsna.maps.html.interactive.bivariate_map`.

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
    return two_measures(options)


@dataclass(frozen=True)
class _Side:
    """The options of the measure of one side of the legend."""

    name: str
    column: str
    label: str
    unit: str
    breaks: Breaks
    decimals: int | None
    status: str | None
    uncertainty: Uncertainty | None

    @property
    def count(self) -> str | None:
        """The column of the counts that the measure is made from, if it is known."""
        return self.uncertainty.count if self.uncertainty else None

    def scale(self, measure: _values.Measure, options: BivariateOptions) -> MeasureScale:
        """Return the measure with its classes."""
        breaks = self._breaks()
        if options.method == "deciles":
            raise UsageError(
                "Deciles make ten classes, but each side of a bivariate map must have 2 or 3. "
                "Give another method."
            )
        if breaks is not None and len(breaks) not in (1, 2):
            raise UsageError(
                "Each side of a bivariate map must have 1 or 2 breaks (2 or 3 classes); found "
                f"{some(breaks)}."
            )
        classes = classes_of(measure, options.method, options.classes, breaks, self.decimals)
        scale = MeasureScale(self.label or words(self.column), self.unit, classes)
        return compared(scale, self.uncertainty)

    def _breaks(self) -> Sequence[float] | None:
        if not isinstance(self.breaks, str):
            return self.breaks
        benchmark = self.uncertainty.benchmark if self.uncertainty else None
        if self.breaks != "benchmark" or benchmark is None:
            raise UsageError(
                f"{self.name}_breaks={self.breaks!r}: give breaks such as [519.4], or 'benchmark' "
                f"together with {self.name}_uncertainty=Uncertainty(benchmark=519.4)."
            )
        return [benchmark]

    def method(self, scale: MeasureScale, areas: AreaWords) -> str:
        """Return how the classes were made, as the middle of a sentence."""
        if self.uncertainty is not None and self.breaks == "benchmark":
            return f"break at the figure of {self.uncertainty.heading(scale)}"
        note = method_in_words(scale.classes, areas)
        return f"{note[:1].lower()}{note[1:]}"


def _sides(options: BivariateOptions) -> tuple[_Side, _Side]:
    o = options
    sides = (
        _Side("x", o.x, o.x_label, o.x_unit, o.x_breaks, o.x_decimals, o.x_status, o.x_uncertainty),
        _Side("y", o.y, o.y_label, o.y_unit, o.y_breaks, o.y_decimals, o.y_status, o.y_uncertainty),
    )
    for side in sides:
        if side.uncertainty is not None and side.uncertainty.similar == "muted":
            raise UsageError(
                f"{side.name}_uncertainty has similar='muted', which is not possible on a "
                "bivariate map: it would hide the other measure. Use similar='hatched' or 'plain'."
            )
    return sides


def two_measures(options: BivariateOptions) -> MapSpec:
    """Return the specification of a bivariate map."""
    if options.classes not in (2, 3):
        raise UsageError(
            f"classes={options.classes!r}: each side of a bivariate map must have 2 or 3 classes."
        )
    details, sides = dict(options.details or {}), _sides(options)
    columns = named(
        *(side.column for side in sides),
        *details,
        *(column for side in sides for column in columns_of(side.uncertainty)),
        *(side.status for side in sides),
    )
    joined = join(
        options.frame,
        options.boundaries,
        columns=columns,
        drawn=(options.x, options.y),
        allow_missing=options.allow_missing,
        code=options.code,
        unmatched=options.unmatched,
    )
    x, y = (_values.measure(joined, side.column, side.status, side.count) for side in sides)
    scales = (sides[0].scale(x, options), sides[1].scale(y, options))
    states = tuple(map(_values.worse, x.states, y.states))
    drawn, areas = [state in NUMERIC for state in states], words_for(joined["area_code"])
    certainty = [
        describe_uncertainty(
            joined,
            scale,
            measure,
            side.uncertainty,
            drawn=drawn,
            areas=areas,
            mark=mark,
            prefix=f"{scale.label}: ",
        )
        for side, scale, measure, mark in zip(
            sides, scales, (x, y), ("similar_x", "similar"), strict=True
        )
    ]
    painted = tuple(
        f"cell-{i}-{j}" if state in NUMERIC else f"state-{state}"
        for state, i, j in zip(
            states, scales[0].classes.of(x.numbers), scales[1].classes.of(y.numbers), strict=True
        )
    )
    values = (
        [(value,) for value in _values.value_texts(scales[0], x)],
        [(value,) for value in _values.value_texts(scales[1], y)],
        *(each.area_values for each in certainty),
        _values.details(joined, details, states, drawn={options.x: x, options.y: y}),
    )
    modelled = [
        note
        for scale, measure in zip(scales, (x, y), strict=True)
        for note in _values.modelled(scale.label, measure, areas)
    ]
    layer = MapLayer(
        title=options.label or f"{scales[0].label} and {scales[1].label}",
        kind="bivariate",
        scales=scales,
        entries=(*_cells(scales, options.palette, painted), *_values.state_entries(painted)),
        painted=painted,
        area_values=_values.side_by_side(*values),
        notes=(
            *_methods(sides, scales, areas),
            *(() if max(len(scale.classes) for scale in scales) == 1 else (map_words.CLASS_RULE,)),
            *(note for each in certainty for note in each.notes),
            *modelled,
        ),
        description=_describe_cells(scales, painted, names(joined), areas),
        marks=_marks([mark for each in certainty for mark in each.marks]),
        source=options.source,
        illustrative=bool(options.illustrative),
        areas=areas,
    )
    return map_of(joined, layer, options, modelled)


def _marks(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Return the marks of both measures, at most one on an area: low reliability comes first."""
    found: dict[str, Mark] = {}
    for each in marks:
        before = found.get(each.key, each).marked
        marked = tuple(map(operator.or_, before, each.marked))
        found[each.key] = Mark(each.key, each.label, marked)
    if {"similar_x", "similar"} <= set(found):
        both = tuple(map(operator.and_, found["similar_x"].marked, found["similar"].marked))
        found = {"similar_both": Mark("similar_both", _NEITHER, both), **found}
    taken = (False,) * len(marks[0].marked) if marks else ()
    shown: dict[str, Mark] = {}
    for key in sorted(found, key=_FIRST.index):
        marked = tuple(
            one and not other for one, other in zip(found[key].marked, taken, strict=True)
        )
        taken = tuple(map(operator.or_, taken, marked))
        label = found[key].label
        if key in ("similar_x", "similar") and any(found.get("similar_both", _NONE).marked):
            label += ", this measure only"
        shown[key] = replace(found[key], label=label, marked=marked)
    return tuple(shown[key] for key in reversed(_FIRST) if key in shown and shown[key].count)


def _cells(
    scales: tuple[MeasureScale, MeasureScale], palette: str, painted: Sequence[str]
) -> tuple[LegendEntry, ...]:
    columns, rows = (len(scale.classes) for scale in scales)
    if columns == 1 or rows == 1:
        flat = scales[0 if columns == 1 else 1].label
        raise UsageError(
            f"{flat!r} has only one class because its values are equal, so the two measures "
            "cannot be crossed. Draw a choropleth of the other measure, or give breaks."
        )
    colours = palettes.grid(palette, columns, rows)
    x_scale, y_scale = scales
    return tuple(
        LegendEntry(
            f"cell-{i}-{j}",
            f"{x_scale.label} {_STEPS[columns][i]}, {y_scale.label} {_STEPS[rows][j]}",
            palettes.Paint(colours[j][i]),
            painted.count(f"cell-{i}-{j}"),
        )
        for j in range(rows)
        for i in range(columns)
    )


def _methods(
    sides: tuple[_Side, _Side], scales: tuple[MeasureScale, MeasureScale], areas: AreaWords
) -> tuple[str, ...]:
    x, y = (side.method(scale, areas) for side, scale in zip(sides, scales, strict=True))
    if x == y:
        return (f"Both measures: {x}.",)
    return (f"{scales[0].label}: {x}.", f"{scales[1].label}: {y}.")


def _describe_cells(
    scales: tuple[MeasureScale, MeasureScale],
    painted: Sequence[str],
    names: list[str],
    areas: AreaWords,
) -> str:
    columns, rows = (len(scale.classes) for scale in scales)
    top = f"cell-{columns - 1}-{rows - 1}"
    high = [name for name, key in zip(names, painted, strict=True) if key == top]
    states = [key.removeprefix("state-") for key in painted]
    return map_words.two_measures(
        areas,
        len(names),
        (scales[0].quoted, scales[1].quoted),
        classes=(columns, rows),
        high=high,
    ) + _values.gaps(states)
