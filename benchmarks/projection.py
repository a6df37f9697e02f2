"""Try projections of need on past years: misses, how often limits held, and scores.

    python benchmarks/projection.py FOLDER

FOLDER holds the published files that ``scripts/make_projection_record.py`` lists. Every authority
is projected from each year of 2016 to 2024 (children looked after from 2023), and compared with the
figures published later. Limits from an origin use only errors whose target year is the origin or an
earlier year: the errors of each origin are worked out again from figures cut at that origin, and
must be the same. Printed are, for each indicator:

1. coverage of the 50, 80 and 95 per cent limits, misses and interval scores by horizon, next to the
   scores of Poisson limits and of a random walk with the area's own changes, and the targets;
2. coverage of the 80 per cent limits by origin;
3. the last rate against the mean of three years and a damped trend, on the same projections;
4. limits from the area's own last 3, 5 and 8 years, used where there is no national record;
5. projections with projected children (2018-based) from 2019 to 2024, which is one base;
6. seconds for every authority, five indicators and ten years, next to a reading of the same rows.
"""

from __future__ import annotations

import functools
import io
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
from make_projection_record import (
    FARTHEST,
    FIRST_ORIGIN,
    LAST_ORIGIN,
    Published,
    errors_of,
    published,
)

from bolton_jsna.measures._demand_limits import Record, _from_series, at_least_chance
from bolton_jsna.measures._demand_series import DemandSeries, demand_series
from bolton_jsna.measures._past_errors import CHILDREN, past_errors, predictions
from bolton_jsna.measures.backtest import Interval, Method, outcomes, summarised
from bolton_jsna.measures.projection import RatePath, projected_demand

METHODS: tuple[Method, ...] = ("constant", "mean3", "damped_trend")
LEVELS = (0.5, 0.8, 0.95)
ORIGINS = range(FIRST_ORIGIN, LAST_ORIGIN)
TESTED = 5
"""Horizons beyond are shown, and nothing is claimed of them."""

TARGETS = {
    "referrals": (78, 88),
    "cin_at_31_march": (76, 90),
    "cpp_at_31_march": (70, 88),
    "cpp_started": (70, 88),
}
JUDGED = (1, 3)
OWN_YEARS = (3, 5, 8)
CASE = ["area_code", "origin", "horizon"]
FIRST_WITH_CHILDREN = 2019
LIMIT = 2.0


def cut(given: Published, series: DemandSeries, origin: int) -> DemandSeries:
    """Return the series made of the figures up to an origin and of nothing later."""
    rows = given.rates[
        (given.rates["indicator"] == series.indicator) & (given.rates["year"] <= origin)
    ]
    return demand_series(rows, series.indicator)


def prove_known(given: Published, series: DemandSeries, method: Method) -> int:
    """Check that the errors of each origin are those of figures cut there; return their number."""
    compared = 0
    for origin in (year for year in ORIGINS if year in series.years):
        whole = past_errors(series, method, origins=[origin])
        alone = past_errors(cut(given, series, origin), method, origins=[origin])
        order = ["size", "horizon"]
        pd.testing.assert_frame_equal(
            whole.sort_values(order, ignore_index=True),
            alone.sort_values(order, ignore_index=True),
            check_exact=False,
            rtol=1e-12,
        )
        compared += len(alone)
    return compared


def tried(
    series: DemandSeries, method: Method = "constant", interval: Interval = "past_errors"
) -> pd.DataFrame:
    """Return the past projections that have limits."""
    found = outcomes(
        series,
        past_errors(series, method),
        method=method,
        interval=interval,
        origins=ORIGINS,
        farthest=FARTHEST,
        levels=LEVELS,
    )
    return found[found["lower_80"].notna()]


def show(title: str, table: pd.DataFrame) -> None:
    """Print a table under its title."""
    print(f"\n{title}")
    print(table.to_string(index=False, na_rep="", float_format=lambda each: f"{each:.1f}"))


def by_horizon(series: DemandSeries) -> pd.DataFrame:
    """Return the summary by horizon, with the scores of other limits on the same projections."""
    ours = tried(series)
    table = summarised(ours, ["horizon"])
    cases = pd.MultiIndex.from_frame(ours[CASE])
    for interval in ("poisson", "random_walk"):
        other = tried(series, interval=interval)
        other = other[pd.MultiIndex.from_frame(other[CASE]).isin(cases)]
        found = summarised(other, ["horizon"]).set_index("horizon")
        table[f"score_{interval}"] = table["horizon"].map(found["score"])
        table[f"held_80_{interval}"] = table["horizon"].map(found["held_80"])
    measured = ours[~ours["extrapolated"].astype(bool)]
    found = summarised(measured, ["horizon"]).set_index("horizon")
    table["measured_origins"] = table["horizon"].map(found["origins"]).astype("Int64")
    table["measured_held_80"] = table["horizon"].map(found["held_80"])
    return table


def judge(indicator: str, table: pd.DataFrame) -> None:
    """Print whether the coverage of the 80 per cent limits lies in its target."""
    if indicator not in TARGETS:
        print("no target: too few years; nothing is claimed beyond one year")
        return
    lowest, highest = TARGETS[indicator]
    held = table.set_index("horizon")["held_80"]
    for horizon in JUDGED:
        word = "pass" if lowest <= held[horizon] <= highest else "FAIL"
        years = f"{horizon} year{'s' if horizon > 1 else ''}"
        print(f"{word}: {years}, {held[horizon]:.1f}, target {lowest} to {highest}")
    row = table.set_index("horizon").loc[TESTED]
    print(f"reported: {TESTED} years, {row['held_80']:.1f} from {row['origins']:.0f} origins")


def by_origin(series: DemandSeries) -> pd.DataFrame:
    """Return the coverage of the 80 per cent limits by origin and horizon."""
    found = summarised(tried(series), ["origin", "horizon"])
    found = found[found["horizon"] <= TESTED]
    return found.pivot_table(index="origin", columns="horizon", values="held_80").reset_index()


def same_projections(series: DemandSeries) -> pd.DataFrame:
    """Return misses and scores of three methods on the projections that all three have."""
    found = {each: tried(series, each) for each in METHODS}
    if any(each.empty for each in found.values()):
        return pd.DataFrame()
    indexes = [pd.MultiIndex.from_frame(each[CASE]) for each in found.values()]
    shared = functools.reduce(lambda left, right: left.intersection(right), indexes)
    parts = []
    for name, each in found.items():
        rows = each[pd.MultiIndex.from_frame(each[CASE]).isin(shared)]
        parts.append(summarised(rows, ["horizon"]).assign(method=name))
    table = pd.concat(parts)
    names = ["median_error", "p90_error", "score", "held_80"]
    wide = table.pivot_table(index=["horizon", "origins", "projections"], columns="method")[names]
    wide = wide.reindex(columns=list(METHODS), level=1)
    wide.columns = [f"{name} {method}" for name, method in wide.columns]
    return wide.reset_index()


def own_series(series: DemandSeries) -> pd.DataFrame:
    """Return the coverage of limits that know the area's own last years only."""
    parts = []
    for years in OWN_YEARS:
        made = list(_own(series, years))
        if not made:
            continue
        every = pd.concat(made)
        for name in ("held_50", "held_80", "held_95"):
            every[name] = 100.0 * every[name]
        parts.append(
            every.groupby("horizon")
            .agg(
                origins=("origin", "nunique"),
                projections=("origin", "size"),
                held_50=("held_50", "mean"),
                held_80=("held_80", "mean"),
                held_95=("held_95", "mean"),
                width_80=("width_80", "median"),
            )
            .reset_index()
            .assign(own_years=years)
        )
    names = ["own_years", "horizon", "origins", "projections"]
    return pd.concat(parts)[[*names, "held_50", "held_80", "held_95", "width_80"]]


def _own(series: DemandSeries, years: int) -> Iterator[pd.DataFrame]:
    """Yield whether limits from own years held, for each origin and horizon."""
    for each in predictions(series, farthest=TESTED):
        last = series.at(each.origin)
        if each.origin not in ORIGINS or last + 1 < years:
            continue
        first = int(series.years[last - years + 1])
        short = _upto(series, last).since(first)
        known = ~np.isnan(short.rates).any(axis=1) & ~np.isnan(each.errors)
        places = np.flatnonzero(known)
        if not len(places):
            continue
        logs = np.stack(
            [_from_series(short, at, LEVELS, each.horizon).logs[:, :, -1] for at in places], axis=-1
        )
        expected, seen = each.expected[places], each.observed[places]
        limits = at_least_chance(expected * np.exp(logs), each.start[places], expected, LEVELS)
        low, high = limits[:, 0], limits[:, 1]
        held = (seen >= low) & (seen <= high)
        yield pd.DataFrame(
            {
                "origin": each.origin,
                "horizon": each.horizon,
                "held_50": held[0],
                "held_80": held[1],
                "held_95": held[2],
                "width_80": 100 * (high[1] - low[1]) / expected,
            }
        )


def _upto(series: DemandSeries, last: int) -> DemandSeries:
    """Return a series up to a column."""
    return DemandSeries(
        series.indicator,
        series.codes,
        series.names,
        series.levels,
        series.years[: last + 1],
        series.counts[:, : last + 1],
        series.people[:, : last + 1],
        series.states[:, : last + 1],
    )


@dataclass(frozen=True)
class Children:
    """Projected children of the authorities that have rates, and the errors of both."""

    projections: pd.DataFrame
    record: Record
    without: Record


def children_of(given: Published) -> Children:
    """Return the 2018-based projections of children, with and without their errors."""
    errors = errors_of(given)
    rows = given.projections
    rows = rows[
        rows["area_code"].isin(given.rates["area_code"].unique())
        & (rows["sex"] == "persons")
        & (rows["age"] <= 17)
    ]
    theirs = errors[errors["indicator"] == CHILDREN]
    none = pd.DataFrame()
    return Children(rows, Record(errors, theirs, none), Record(errors, none, none))


def end_to_end(given: Published, children: Children, indicator: str) -> pd.DataFrame:
    """Return the coverage of whole projections, whose children are projected too."""
    rows = given.rates[given.rates["indicator"] == indicator]
    seen = rows.set_index(["area_code", "year"])["count"].astype(float)
    parts = []
    for origin in range(FIRST_WITH_CHILDREN, LAST_ORIGIN):
        past = rows[rows["year"] <= origin]
        if past["year"].nunique() < 3:
            continue
        for name, record in (("", children.record), ("_rate_only", children.without)):
            found = projected_demand(
                past,
                children.projections,
                indicator=indicator,
                path=RatePath(),
                horizon=min(TESTED, LAST_ORIGIN - origin),
                levels=LEVELS,
                record=record,
            )
            found = found[found["status"] == "modelled"]
            found = found[found["interval_from"] != "own_series"]
            keys = pd.MultiIndex.from_frame(found[["area_code", "year"]])
            observed = seen.reindex(keys).to_numpy()
            found = found.assign(observed=observed, origin=origin, kind=f"held{name}")
            parts.append(found[found["observed"] > 0])
    every = pd.concat(parts)
    every["missed"] = 100 * (every["observed"] / every["count"] - 1).abs()
    made = {}
    for level in (50, 80, 95):
        low, high = every[f"lower_{level}"], every[f"upper_{level}"]
        every[f"in_{level}"] = 100.0 * ((every["observed"] >= low) & (every["observed"] <= high))
        made[f"held_{level}"] = (f"in_{level}", "mean")
    whole = every[every["kind"] == "held"].groupby("horizon")
    table = whole.agg(
        origins=("origin", "nunique"),
        projections=("missed", "size"),
        median_error=("missed", "median"),
        **made,
    )
    alone = every[every["kind"] == "held_rate_only"].groupby("horizon")["in_80"].mean()
    return table.assign(held_80_without_children=alone).reset_index()


def fastest(call: Callable[[], object], rounds: int = 3) -> float:
    """Return the seconds of the fastest of some calls."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        spent.append(time.perf_counter() - began)
    return min(spent)


def speed(given: Published, children: Children) -> None:
    """Print the seconds of all projections of ten years, next to a reading of the same rows."""
    texts = [each.to_csv(index=False) for each in (given.rates, children.projections)]

    def project() -> Sequence[pd.DataFrame]:
        return [
            projected_demand(
                given.rates[given.rates["indicator"] == each.indicator],
                children.projections,
                indicator=each.indicator,
                path=RatePath(),
                horizon=10,
                record=children.record,
            )
            for each in given.series
        ]

    rows = sum(map(len, project()))
    ours = fastest(project)
    read = fastest(lambda: [pd.read_csv(io.StringIO(text)) for text in texts])
    print(
        f"\nspeed: {rows:,} rows, {len(given.series)} indicators, 10 years: {ours:.2f} s "
        f"(limit {LIMIT}); reading the rates and projections: {read:.2f} s; ratio {ours / read:.1f}"
    )


def main(folder: Path) -> None:
    """Print everything."""
    given = published(folder)
    compared = sum(prove_known(given, each, method) for each in given.series for method in METHODS)
    print(f"known at the origin: {compared:,} rows of errors are the same from figures cut there")
    children = children_of(given)
    for series in given.series:
        print(f"\n=== {series.indicator}")
        table = by_horizon(series)
        show("by horizon", table)
        judge(series.indicator, table)
        show("held_80 by origin", by_origin(series))
        same = same_projections(series)
        if len(same):
            show("the same projections by three methods", same)
        show("own years only, without a national record", own_series(series))
        whole = end_to_end(given, children, series.indicator)
        show("with projected children, one base (2018), not out of sample for children", whole)
    speed(given, children)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__)
        sys.exit(2)
    main(Path(sys.argv[1]))
