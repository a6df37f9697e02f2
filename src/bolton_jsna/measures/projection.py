"""Expected numbers of the years ahead: rates carried on, projected children, past errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import pandas as pd

from bolton_jsna.core.errors import MissingDataError, UsageError, some
from bolton_jsna.measures._age_specific import age_rates
from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._demand_limits import (
    Record,
    Spread,
    at_least_chance,
    children_spread,
    national_spreads,
    spread_of,
    with_children,
)
from bolton_jsna.measures._demand_rows import NotProjected, Projected, as_table
from bolton_jsna.measures._demand_series import (
    FEW_CHILDREN,
    FEWEST_YEARS,
    DemandSeries,
    check_columns_of_rates,
    check_of_children,
    demand_series,
    reason_abolished,
    reasons_against,
)
from bolton_jsna.measures._frame_columns import whole_years
from bolton_jsna.measures._past_errors import (
    CHILDREN,
    FEWEST_AREAS,
    FIRST_YEAR,
    HIGHEST_LEVEL,
    LOWEST_LEVEL,
    Method,
    no_errors,
    past_errors,
)
from bolton_jsna.measures._projected_children import AreaChildren, projected_children

Scenario = Literal["constant", "towards_neighbours", "towards_england", "target"]
"""What may happen to the rate."""

LEVELS: Final = (0.5, 0.8, 0.95)
"""The levels of the intervals."""

LONGEST: Final = 30
"""The longest horizon in years."""

_PER: Final = 10_000

__all__ = [
    "CHILDREN",
    "FEWEST_YEARS",
    "FEW_CHILDREN",
    "LEVELS",
    "LONGEST",
    "RatePath",
    "Record",
    "Scenario",
    "check_of_children",
    "national_record",
    "projected_demand",
    "reason_abolished",
]


@dataclass(frozen=True)
class RatePath:
    """What happens to the rate of each area.

    Attributes
    ----------
    scenario : {"constant", "towards_neighbours", "towards_england", "target"}
        Its name.
    goals : mapping of str to float
        For each area the rate per 10,000 that it goes towards; none for ``constant``.
    half_way : int
        In how many years the rate is half-way to that of neighbours or England.
    by : int or None
        The year in which a target is reached.
    """

    scenario: Scenario = "constant"
    goals: Mapping[str, float] = field(default_factory=dict)
    half_way: int = 5
    by: int | None = None

    def factors(self, code: str, rate: float, last: int, horizon: int) -> Floats:
        """Return the rate of each year ahead over the last rate."""
        ahead = np.arange(1, horizon + 1)
        if self.scenario == "constant":
            return np.ones(horizon)
        if self.scenario == "target":
            if self.by is not None and self.by <= last:
                raise UsageError(
                    f"by={self.by} is not after {last}, the last year with a rate. Write a later "
                    f"year, such as by={last + 5}."
                )
            until = horizon if self.by is None else self.by - last
            way = np.minimum(ahead / until, 1.0)
        else:
            way = 1 - 0.5 ** (ahead / self.half_way)
        return np.asarray((self.goals[code] / _PER / rate) ** way, dtype=float)


def national_record(
    rates: pd.DataFrame, indicator: str, method: Method = "constant", *, last_only: bool = True
) -> pd.DataFrame:
    """Return the past errors of all authorities of a frame, no rows where these are too few."""
    check_columns_of_rates(rates)
    if "area_level" not in rates.columns:
        return no_errors()
    since = whole_years(rates, "year") >= FIRST_YEAR
    rows = rates[(rates["area_level"] == "authority") & since]
    if "indicator" in rows.columns:
        rows = rows[rows["indicator"] == indicator]
    if rows["area_code"].nunique() < FEWEST_AREAS:
        return no_errors()
    series = demand_series(rows, indicator)
    return past_errors(series, method, origins=[int(series.years[-1])] if last_only else None)


def projected_demand(
    rates: pd.DataFrame,
    projections: pd.DataFrame,
    *,
    indicator: str,
    path: RatePath,
    horizon: int,
    levels: Sequence[float] = LEVELS,
    rebase: bool = True,
    record: Record | None = None,
) -> pd.DataFrame:
    """Return expected numbers of the years ahead with limits; see ``project_demand``."""
    if not 1 <= horizon <= LONGEST:
        raise UsageError(f"horizon={horizon} is not valid. Write 1 to {LONGEST} years, such as 10.")
    asked = _levels(levels)
    by_age = age_rates(rates, indicator)
    children = projected_children(projections, by_age.bands)
    every = demand_series(by_age.frame, indicator)
    series = every.only(np.isin(every.codes, children.codes))
    # The years are those of all areas: an area that ends before the others has no last rate.
    last = int(every.years[-1])
    against = dict(zip(series.codes, reasons_against(series, last), strict=True))
    place = {code: at for at, code in enumerate(series.codes)}
    starts = series.counts[:, -1] if place else np.zeros(0)
    national = national_spreads(record, indicator, last, asked, horizon, counts=starts)
    extra = children_spread(record, asked, horizon)
    weights = by_age.last_rates(children.codes, np.full(len(children.codes), last))
    found: list[Projected | NotProjected] = []
    for at, (code, name) in enumerate(zip(children.codes, children.names, strict=True)):
        people = AreaChildren(children, at, weights[:, at], last, horizon)
        reason = against.get(code) if code in against else _not_in(every, code, name)
        reason = reason or people.reason() or _no_goal(path, code, name)
        if not reason and not rebase:
            reason = people.other_units(float(series.people[place[code], -1]))
        if reason:
            found.append(NotProjected(code, name, reason))
            continue
        spread = spread_of(series, place[code], national, asked, horizon)
        ends = _Ends(spread, extra, asked)
        found.append(_projected(series, place[code], people, path, ends, rebase=rebase))
    without = [each for each in found if isinstance(each, NotProjected)]
    if len(without) == len(found):
        others = len(without) - 1
        more = f" {others} more areas cannot be projected either." if others else ""
        raise MissingDataError(f"No projection of {indicator}: {without[0].reason}.{more}")
    return as_table(found, indicator=indicator, last=last, horizon=horizon, record=record)


@dataclass(frozen=True)
class _Ends:
    """What the limits of an area are made of: errors of rates, of children, and the levels."""

    spread: Spread
    children: Floats
    levels: tuple[float, ...]


def _projected(
    series: DemandSeries,
    at: int,
    people: AreaChildren,
    path: RatePath,
    ends: _Ends,
    *,
    rebase: bool,
) -> Projected:
    """Return the expected numbers of one area with their limits."""
    start, base = float(series.counts[at, -1]), float(series.people[at, -1])
    rate = start / base
    children = people.total(base, rebase=rebase)
    usual = people.expected(start, base, rebase=rebase)
    factor = path.factors(series.codes[at], rate, people.last, len(children))
    spread = ends.spread
    begun = np.array(start)
    whole = usual * np.exp(with_children(spread.logs, spread.middle, ends.children))
    # Errors of children are not errors of the rate.
    alone = usual * np.exp(spread.logs)
    return Projected(
        code=series.codes[at],
        name=people.name,
        scenario=path.scenario,
        start=start,
        start_children=base,
        count=usual * factor,
        usual=usual,
        children=children,
        limits=at_least_chance(whole, begun, usual, ends.levels),
        rate_limits=at_least_chance(alone, begun, usual, ends.levels) / children,
        levels=ends.levels,
        facts=spread.facts,
        past=_past(series, at, len(children)),
        basis=people.basis(rebase=rebase),
    )


def _past(series: DemandSeries, at: int, horizon: int) -> Floats:
    """Return what the last rate would have given for the last year, from each horizon before."""
    rates, children = series.rates[at], series.people[at, -1]
    found = np.full(horizon, np.nan)
    for ahead in range(1, min(horizon, len(rates) - 1) + 1):
        found[ahead - 1] = rates[-1 - ahead] * children
    return found


def _levels(levels: Sequence[float]) -> tuple[float, ...]:
    asked = tuple(levels)
    wrong = [each for each in asked if not LOWEST_LEVEL <= each <= HIGHEST_LEVEL]
    if wrong or not asked or len(set(asked)) < len(asked):
        raise UsageError(
            f"levels={asked!r} is not valid. Write different levels from {LOWEST_LEVEL} to "
            f"{HIGHEST_LEVEL}, which past errors have limits for, such as (0.5, 0.8, 0.95)."
        )
    return asked


def _not_in(series: DemandSeries, code: str, name: str) -> str:
    """Return that an area has projected children and no rates."""
    if name in series.names:
        other = series.codes[series.names.index(name)]
        return (
            f"{name} has the area_code {other!r} in rates and {code!r} in projections. Write the "
            "same code in both"
        )
    return (
        f"rates has no rows of {name}, which projections are of. It has "
        f"{some(series.names, most=8)}. Give rates and projections of the same area: "
        f"load_children_in_need({name!r})"
    )


def _no_goal(path: RatePath, code: str, name: str) -> str:
    if path.scenario == "constant" or code in path.goals:
        return ""
    return f"{name} has no rate to go towards in the scenario {path.scenario!r}"
