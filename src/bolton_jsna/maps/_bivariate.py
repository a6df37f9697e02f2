"""From frames to specifications: two measures crossed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.drawing import palettes
from bolton_jsna.drawing.classes import Classes, Method
from bolton_jsna.maps import _values
from bolton_jsna.maps._choropleth import RULE, classes_of, given, names, spec, state_entries, words
from bolton_jsna.maps._joining import join
from bolton_jsna.maps._spec import Entry, Layer, MapSpec, Mark, Scale
from bolton_jsna.maps._uncertainty import Uncertainty, told

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Breaks = Sequence[float] | Literal["benchmark"] | None
_STEPS: Final = {1: ("all",), 2: ("low", "high"), 3: ("low", "middle", "high")}


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
    x_breaks: Breaks = None,
    y_breaks: Breaks = None,
    x_decimals: int | None = None,
    y_decimals: int | None = None,
    palette: str = "blue_orange",
    x_status: str | None = None,
    y_status: str | None = None,
    x_uncertainty: Uncertainty | None = None,
    y_uncertainty: Uncertainty | None = None,
    details: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] = (),
    source: str = "",
    illustrative: bool = False,
    allow_missing: bool = False,
) -> MapSpec:
    """Return what a map of two crossed columns says.

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
    if classes not in (2, 3):
        raise UsageError(f"classes={classes!r}: a bivariate map has 2 or 3 classes to a side.")
    details = dict(details or {})
    sure = {"x": x_uncertainty, "y": y_uncertainty}
    for side, each in sure.items():
        if each is not None and each.similar == "muted":
            raise UsageError(
                f"{side}_uncertainty mutes areas, which a bivariate map cannot: the other measure "
                "would be lost. Use similar='hatched' or 'plain'."
            )
    columns = [name for each in sure.values() if each is not None for name in each.columns]
    needed = (x, y, *details, *columns, *given(x_status), *given(y_status))
    joined = join(frame, boundaries, columns=needed, allow_missing=allow_missing)
    across, up = _values.measure(joined, x, x_status), _values.measure(joined, y, y_status)
    x_cuts, y_cuts = _cuts(x_breaks, x_uncertainty, "x"), _cuts(y_breaks, y_uncertainty, "y")
    scales = (
        Scale(x_label or words(x), x_unit, _side(across, method, classes, x_cuts, x_decimals)),
        Scale(y_label or words(y), y_unit, _side(up, method, classes, y_cuts, y_decimals)),
    )
    certain = (
        told(
            joined,
            scales[0],
            across,
            x_uncertainty,
            mark="similar_x",
            prefix=f"{scales[0].label}: ",
        ),
        told(joined, scales[1], up, y_uncertainty, prefix=f"{scales[1].label}: "),
    )
    states = tuple(
        _values.worse(one, other) for one, other in zip(across.states, up.states, strict=True)
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
    parts = (
        _values.told(scales[0], across),
        _values.told(scales[1], up),
        certain[0].readings,
        certain[1].readings,
        _values.details(joined, details, states, drawn={x: across, y: up}),
    )
    layer = Layer(
        title=f"{scales[0].label} and {scales[1].label}",
        kind="bivariate",
        scales=scales,
        entries=(*_cells(scales, palette, painted), *state_entries(painted)),
        painted=painted,
        readings=tuple(
            (one, other, *first, *second, *more)
            for one, other, first, second, more in zip(*parts, strict=True)
        ),
        notes=(
            *_methods(scales, (x_breaks, y_breaks), (x_uncertainty, y_uncertainty)),
            RULE,
            *certain[0].notes,
            *certain[1].notes,
            *_values.modelled(scales[0].label, across),
            *_values.modelled(scales[1].label, up),
        ),
        description=_describe_cells(scales, painted, names(joined)),
        marks=_marks(certain[0].marks, certain[1].marks, painted),
        source=source,
        illustrative=bool(illustrative),
    )
    return spec(joined, layer, title=title, subtitle=subtitle, notes=notes, sources=sources)


def _cuts(breaks: Breaks, sure: Uncertainty | None, side: str) -> Sequence[float] | None:
    if not isinstance(breaks, str):
        return breaks
    if breaks != "benchmark" or sure is None or sure.benchmark is None:
        raise UsageError(
            f"{side}_breaks={breaks!r}: give breaks such as [519.4], or 'benchmark' together with "
            f"{side}_uncertainty=Uncertainty(benchmark=519.4)."
        )
    return [sure.benchmark]


def _side(
    measure: _values.Measure,
    method: Method,
    classes: int,
    breaks: Sequence[float] | None,
    decimals: int | None,
) -> Classes:
    if method == "deciles":
        raise UsageError("Deciles make ten classes; a bivariate map has 2 or 3 to a side.")
    if breaks is not None and len(breaks) not in (1, 2):
        raise UsageError(
            f"A side of a bivariate map has 1 or 2 breaks (2 or 3 classes); found {some(breaks)}."
        )
    return classes_of(measure, method, classes, breaks, decimals)


def _marks(across: Sequence[Mark], up: Sequence[Mark], painted: Sequence[str]) -> tuple[Mark, ...]:
    """Return the marks of both measures; an area of low reliability in either is marked once."""
    shown = [not key.startswith("state-") for key in painted]
    found: dict[str, Mark] = {}
    for each in (*across, *up):
        before = found[each.key].marked if each.key in found else (False,) * len(shown)
        marked = tuple(
            here and (one or other)
            for here, one, other in zip(shown, before, each.marked, strict=True)
        )
        found[each.key] = Mark(each.key, each.label, marked)
    return tuple(each for each in found.values() if each.count)


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


def _methods(
    scales: tuple[Scale, Scale],
    breaks: tuple[Breaks, Breaks],
    sure: tuple[Uncertainty | None, Uncertainty | None],
) -> tuple[str, ...]:
    told_by = tuple(
        f"broken at the figure of {each.heading(scale)}"
        if each is not None and broken == "benchmark"
        else f"{scale.classes.note[:1].lower()}{scale.classes.note[1:]}"
        for scale, broken, each in zip(scales, breaks, sure, strict=True)
    )
    if told_by[0] == told_by[1]:
        return (f"Both measures: {told_by[0]}.",)
    return tuple(f"{scale.label}: {note}." for scale, note in zip(scales, told_by, strict=True))


def _describe_cells(scales: tuple[Scale, Scale], painted: Sequence[str], names: list[str]) -> str:
    columns, rows = (len(scale.classes) for scale in scales)
    top = f"cell-{columns - 1}-{rows - 1}"
    high = [name for name, key in zip(names, painted, strict=True) if key == top]
    states = [key.removeprefix("state-") for key in painted]
    listed = some(high, most=6) if high else "none"
    return (
        f"Map of {len(names)} areas by {scales[0].heading} and {scales[1].heading}, "
        f"{columns} by {rows} classes. High on both: {listed}.{_values.gaps(states)}"
    )
