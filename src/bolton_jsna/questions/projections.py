"""Expected numbers of the years ahead, with the tables that they need loaded."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from bolton_jsna.core.areas import DEFAULT_AREA, ENGLAND
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.core.table_checks import check_table
from bolton_jsna.loaders import (
    load_population_projections,
    load_statistical_neighbours,
)
from bolton_jsna.loaders.arguments import Folder, Place
from bolton_jsna.measures.demand_text import DemandProjection
from bolton_jsna.measures.projection import (
    LEVELS,
    RatePath,
    Scenario,
    projected_demand,
)
from bolton_jsna.questions._demand_record import record_of, rows_for, rows_of
from bolton_jsna.tables.schemas import text_dtype

_HALF: Final = 0.5
_PER: Final = 10_000
_HALF_WAY: Final = 5
"""In how many years a rate is half-way to that of neighbours or England."""


@checked
def project_demand(
    rates: pd.DataFrame,
    projections: pd.DataFrame,
    *,
    indicator: str,
    scenario: Scenario = "constant",
    horizon: int = 10,
    levels: Sequence[float] = LEVELS,
    target: float | None = None,
    by: int | None = None,
    half_way: int | None = None,
    rebase: bool = True,
    workspace: Folder = None,
) -> DemandProjection:
    """Project a number of events or children, with intervals from the method's own past errors.

    Parameters
    ----------
    rates : DataFrame
        Counts and children aged 0-17 by area and year, as :func:`load_children_in_need` and
        :func:`load_indicators` give them: ``area_code``, ``year``, ``count``, ``population``,
        and ``indicator``, ``status``, ``area_level`` where the frame has them. A row for each age
        band (``age_band`` or ``ages``, together the ages 0 to 17) makes the projection
        age-specific. With all authorities in it, past errors are worked out from it; otherwise
        those of the snapshot are used.
    projections : DataFrame
        Projected children as :func:`load_population_projections` gives them; its areas are the
        ones that are projected.
    indicator : str
        The indicator in ``rates``, such as ``"referrals"``, or a name of your own.
    scenario : {"constant", "towards_neighbours", "towards_england", "target"}
        ``constant``: the last rate goes on. ``towards_neighbours`` and ``towards_england``: the
        rate is half-way to the median of the statistical neighbours, or to England's, in
        ``half_way`` years. ``target``: the rate reaches ``target`` in the year ``by``.
    horizon : int, default 10
        How many years after the last rate, 1 to 30.
    levels : sequence of float, default (0.5, 0.8, 0.95)
        The levels of the intervals, 0.5 to 0.98.
    target : float, optional
        A rate per 10,000 children, for the scenario ``target`` only.
    by : int, optional
        The year in which the target is reached; by default the last of the horizon.
    half_way : int, optional
        Years until the rate is half-way, for ``towards_neighbours`` and ``towards_england``; by
        default 5.
    rebase : bool, default True
        Apply the projected change of children to the estimate that the last rate is based on.
        False takes the projected children as they are.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``, for the rates of neighbours and England where
        ``rates`` does not have them.

    Returns
    -------
    DataFrame, one row per area and year
        ``area_code``, ``area_name``, ``indicator``, ``last_year``, ``year``, ``horizon``,
        ``scenario`` and

        - expected: ``count`` (not rounded), ``rate`` per 10,000, ``children``;
        - limits of the number, ``lower_50`` to ``upper_95``, and of the rate,
          ``rate_lower_50`` to ``rate_upper_95``: always those of the last rate going on;
        - the change from the last count: ``change``, of which ``change_children``,
          ``change_ages`` (age-specific rates only) and ``change_rate``;
        - what the limits rest on: ``interval_from`` (``past_errors``,
          ``past_errors_extrapolated``, ``own_series``), ``interval_basis`` in words,
          ``measured_years``, ``origins``, ``first_origin``, ``last_target``, ``errors``;
        - the record: ``median_error`` and ``p90_error`` (per cent, authorities of similar size),
          ``held_80`` (per cent of outcomes in the 80 per cent interval) of ``tested_origins``
          past years, and ``past_count``: what the method would have said in ``past_year`` for
          ``last_year``, when there were ``last_count``;
        - ``children_basis``, ``label``, ``status`` (``modelled``), ``reason``, ``source``.

        Of several areas, one that cannot be projected has the state ``not_available`` and its
        ``reason``.

    Raises
    ------
    MissingDataError
        When no area can be projected: fewer than three years, a year that is hidden, missing or
        zero, a change of definition or of area within the years, or children of other areas or
        years. The message says what to do.
    UsageError
        When an option is not valid, or goes with another scenario.
    SchemaError
        When a column is missing or an area has several rows for one year.

    Notes
    -----
    The expected number is the rate of the scenario times the projected children of the mid-year
    before. Limits are quantiles of the log ratio of observed to expected numbers of past
    projections of authorities of similar size over as many years (Vovk et al. 2005; Smith 1987),
    not centred on the expected number, never narrower than chance in the counts (gamma-Poisson),
    combined with past errors of projected children (Keilman 1999; one base only). Longer
    horizons than were measured: the spread grows with the square root of the years. England,
    regions and figures without a national record: a random walk with the yearly changes of the
    series, Student's t. How often intervals held is in ``docs/methods/projection.md``. Parts of
    the change: Kitagawa 1955. A projection shows what would happen if past patterns went on. It
    is not a forecast of need.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> rates = jsna.load_children_in_need("Bolton")
    >>> children = jsna.load_population_projections("Bolton")
    >>> found = project_demand(rates, children, indicator="referrals", horizon=3)
    >>> found[["year", "count", "rate", "children"]].round(1)
       year   count   rate  children
    0  2026  3776.8  503.0   75077.9
    1  2027  3739.6  503.0   74338.8
    2  2028  3697.4  503.0   73500.4
    """
    check_table(rates)
    check_table(projections)
    path = _path(
        rates,
        projections,
        indicator=indicator,
        scenario=scenario,
        target=target,
        by=by,
        half_way=half_way,
        workspace=workspace,
    )
    record = record_of(rates, indicator)
    found = projected_demand(
        rates,
        projections,
        indicator=indicator,
        path=path,
        horizon=horizon,
        levels=levels,
        rebase=rebase,
        record=record,
    )
    sources = _sources(rates, projections, found, record.source)
    return DemandProjection(found.assign(source=sources).astype({"source": text_dtype()}))


def _sources(
    rates: pd.DataFrame, projections: pd.DataFrame, found: pd.DataFrame, record: str
) -> list[str]:
    """Return the sources of each row: the area's rates and children, and the record."""
    of: dict[str, list[str]] = {}
    for frame in (rates, projections):
        if "source" not in frame.columns:
            continue
        named = "indicator" in frame.columns
        ours = frame["indicator"].isin(found["indicator"].unique()) if named else slice(None)
        for code, text in frame.loc[ours, ["area_code", "source"]].drop_duplicates().to_numpy():
            of.setdefault(code, []).extend(str(text).split(SEPARATOR))
    made = {
        code: SEPARATOR.join(dict.fromkeys([*of.get(code, ()), *record.split(SEPARATOR)]))
        for code in found["area_code"].unique()
    }
    return [made[code] for code in found["area_code"]]


def _path(
    rates: pd.DataFrame,
    projections: pd.DataFrame,
    *,
    indicator: str,
    scenario: Scenario,
    target: float | None,
    by: int | None,
    half_way: int | None,
    workspace: Folder,
) -> RatePath:
    """Return what happens to the rates, with the rates that they go towards."""
    _check_options(scenario, target=target, by=by, half_way=half_way)
    there = projections.get("area_code", [])
    codes = list(dict.fromkeys(map(str, there)))
    if scenario == "target":
        return RatePath(scenario, dict.fromkeys(codes, float(target or 0)), by=by)
    if scenario == "constant":
        return RatePath()
    years = half_way or _HALF_WAY
    if scenario == "towards_england":
        england = _rates_of(rates, [ENGLAND], indicator, workspace)
        goals = dict.fromkeys(codes, england[ENGLAND]) if ENGLAND in england else {}
        return RatePath(scenario, goals, years)
    goals = {}
    for code in codes:
        near = load_statistical_neighbours(code, workspace=workspace)["neighbour_code"].tolist()
        found = _rates_of(rates, near, indicator, workspace)
        if len(found) >= _HALF * len(near):
            goals[code] = statistics.median(found.values())
    return RatePath(scenario, goals, years)


def _check_options(scenario: Scenario, **given: float | None) -> None:
    """Reject options that are missing, not valid, or go with another scenario."""
    own = {"constant": [], "target": ["target", "by"]}.get(scenario, ["half_way"])
    wrong = [f"{name}=" for name, value in given.items() if value is not None and name not in own]
    if wrong:
        raise UsageError(
            f"{' and '.join(wrong)} does not go with scenario={scenario!r}. target= and by= go "
            "with 'target', half_way= with 'towards_neighbours' and 'towards_england'."
        )
    target, years = given["target"], given["half_way"]
    if scenario == "target" and not (target is not None and 0 < target <= _PER):
        raise UsageError(
            f"target={target!r} is not a rate. Expected a number above 0 per 10,000 children, such "
            "as target=450."
        )
    if years is not None and years < 1:
        raise UsageError(f"half_way={years!r} is not valid. Write 1 year or more, such as 5.")


def _rates_of(
    rates: pd.DataFrame, codes: Sequence[str], indicator: str, workspace: Folder
) -> dict[str, float]:
    """Return the last rates per 10,000 of areas: those of the frame, else those that are loaded."""
    if not set(codes) <= set(map(str, rates["area_code"])):
        rates = rows_of(indicator, workspace)
    rows = rates[rates["area_code"].isin(codes)]
    if "indicator" in rows.columns:
        rows = rows[rows["indicator"] == indicator]
    rows = rows[rows["year"] == rows["year"].max()]
    state = rows["status"] if "status" in rows.columns else pd.Series("value", rows.index)
    rows = rows[state.isin(NUMERIC) & rows["count"].notna() & (rows["population"] > 0)]
    return {
        str(code): _PER * float(count) / float(people)
        for code, count, people in zip(
            rows["area_code"], rows["count"], rows["population"], strict=True
        )
    }


@checked
def demand_of(
    area: Place = DEFAULT_AREA,
    indicator: str = "referrals",
    *,
    scenario: Scenario = "constant",
    horizon: int = 10,
    target: float | None = None,
    by: int | None = None,
    half_way: int | None = None,
    workspace: Folder = None,
) -> DemandProjection:
    """Return the projection of an area from the rates and children that are available."""
    here = area_of(area)
    return demand_from(
        rows_for(here, indicator, workspace),
        load_population_projections(here, workspace=workspace),
        here.code,
        indicator=indicator,
        scenario=scenario,
        horizon=horizon,
        target=target,
        by=by,
        half_way=half_way,
        workspace=workspace,
    )


def demand_from(
    every: pd.DataFrame, projections: pd.DataFrame, code: str, *, indicator: str, **options: Any
) -> DemandProjection:
    """Return the projection of an area from rows of all areas and its projected children."""
    rates, left_out = usable_years(every, code)
    found = project_demand(rates, projections, indicator=indicator, **options)
    return DemandProjection(found.assign(left_out=left_out))


def usable_years(rates: pd.DataFrame, code: str) -> tuple[pd.DataFrame, str]:
    """Return rates without the years of an area up to its last gap, and a sentence on them."""
    own = rates[rates["area_code"] == code].sort_values("year")
    known = own["status"].isin(NUMERIC) & (own["count"] > 0) & (own["population"] > 0)
    first = own.loc[known, "year"].min()
    gaps = own[~known & (own["year"] > first)] if known.any() else own.iloc[:0]
    # A gap at the end leaves no rate to carry on, and a projection from before it would hide it.
    if gaps.empty or gaps["year"].max() == own["year"].max():
        return rates, ""
    last = int(gaps["year"].max())
    kept = rates[(rates["area_code"] != code) | (rates["year"] > last)]
    return kept, f"Years up to {last} are left out, because there is no figure of {last}."
