"""What projections from past years would have said, and what there was."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from scipy import special

from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._backtest_text import (
    FEWEST_TESTED,
    backtest_sentences,
    backtest_table,
)
from bolton_jsna.measures._demand_limits import at_least_chance
from bolton_jsna.measures._demand_series import DemandSeries, demand_series
from bolton_jsna.measures._intervals import level_suffix
from bolton_jsna.measures._past_errors import (
    FIRST_YEAR,
    Method,
    Prediction,
    in_class,
    predictions,
    quantiles_of,
)
from bolton_jsna.tables.schemas import text_dtype

__all__ = [
    "FEWEST_TESTED",
    "FIRST_TESTED",
    "DemandBacktest",
    "Interval",
    "Method",
    "outcomes_of",
    "summarised",
]

Interval = Literal["past_errors", "poisson", "random_walk"]

_FACTS: Final = (
    *("area_code", "area_name", "indicator", "method", "interval", "origin", "horizon", "year"),
    *("expected", "observed", "error"),
)

SCORED: Final = 0.8
"""The level whose interval score is given."""

FIRST_TESTED: Final = FIRST_YEAR + 3
"""The first year whose intervals are tested: before it hardly any error was known."""


def outcomes(
    series: DemandSeries,
    errors: pd.DataFrame,
    *,
    method: Method = "constant",
    interval: Interval = "past_errors",
    origins: Iterable[int] | None = None,
    farthest: int = 10,
    levels: Sequence[float] = (0.5, 0.8, 0.95),
) -> pd.DataFrame:
    """Return past projections with their limits and what there was, one row each.

    ``errors`` are those of the same method by origin: limits of an origin rest on errors whose
    target year lies at or before it.
    """
    wanted = None if origins is None else set(origins)
    tables = {int(origin): part for origin, part in errors.groupby("origin")}
    parts = []
    for each in predictions(series, method, farthest=farthest):
        if wanted is not None and each.origin not in wanted:
            continue
        there = np.flatnonzero(~np.isnan(each.errors))
        if not len(there):
            continue
        limits, extrapolated = _limits(series, each, interval, tables.get(each.origin), levels)
        columns: dict[str, object] = {
            "area_code": [series.codes[at] for at in there],
            "area_name": [series.names[at] for at in there],
            "indicator": series.indicator,
            "method": method,
            "interval": interval,
            "origin": each.origin,
            "horizon": each.horizon,
            "year": each.origin + each.horizon,
            "expected": each.expected[there],
            "observed": each.observed[there],
            "error": 100 * np.expm1(each.errors[there]),
        }
        values = limits[:, :, there].reshape(-1, len(there))
        columns |= dict(zip(_limit_names(levels), values, strict=True))
        columns["extrapolated"] = extrapolated[there]
        parts.append(pd.DataFrame(columns))
    names = [*_FACTS, *_limit_names(levels), "extrapolated"]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=float) for name in names})
    table = pd.concat(parts, ignore_index=True)[names]
    texts = ("area_code", "area_name", "indicator", "method", "interval")
    return table.astype(dict.fromkeys(texts, text_dtype()))


def _limit_names(levels: Sequence[float]) -> list[str]:
    return [f"{word}_{level_suffix(each)}" for each in levels for word in ("lower", "upper")]


def _limits(
    series: DemandSeries,
    each: Prediction,
    interval: Interval,
    known: pd.DataFrame | None,
    levels: Sequence[float],
) -> tuple[Floats, Floats]:
    """Return limits of the counts, shape (levels, 2, areas), and which were extrapolated."""
    shape = (len(levels), 2, len(series.codes))
    extrapolated = np.zeros(shape[2], dtype=bool)
    if interval == "poisson":
        ends = [[(1 - level) / 2, (1 + level) / 2] for level in levels]
        found = [[np.ceil(special.pdtrik(p, each.expected)) for p in pair] for pair in ends]
        return np.array(found), extrapolated
    if interval == "random_walk":
        return _random_walk(series, each, levels), extrapolated
    limits = np.full(shape, np.nan)
    if known is None:
        return limits, extrapolated
    # England and regions are larger than any authority, and their errors smaller.
    authorities = np.array([level == "authority" for level in series.levels])
    edges = [*sorted(known["count_from"].unique()), np.inf]
    for edge, end in itertools.pairwise(edges):
        of_size = in_class(each.start, (edge, end)) & authorities
        table = quantiles_of(known[known["count_from"] == edge], each.horizon)
        logs = table.limits(levels)[:, :, -1]
        limits[:, :, of_size] = np.exp(logs)[:, :, None] * each.expected[of_size]
        extrapolated[of_size] = each.horizon > table.measured
    return at_least_chance(limits, each.start, each.expected, levels), extrapolated


def _random_walk(series: DemandSeries, each: Prediction, levels: Sequence[float]) -> Floats:
    """Return normal limits from the yearly changes of each area's own rate up to the origin."""
    logs = np.log(series.rates[:, : series.at(each.origin) + 1])
    changes = np.diff(logs, axis=1)
    there = (~np.isnan(changes)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(np.nansum(changes**2, axis=1) / there)
    reach = special.ndtri((1 + np.array(levels)) / 2)[:, None] * spread * np.sqrt(each.horizon)
    return np.stack([each.expected * np.exp(-reach), each.expected * np.exp(reach)], axis=1)


def summarised(found: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return misses, the shares of intervals that held, and scores, by some columns.

    Projections without limits, from years with too few errors known, are left out.
    ``median_error`` and ``p90_error`` are of the miss in either direction, per cent; ``held_80``
    is the share of outcomes in the 80 per cent interval, per cent; ``score`` is the mean interval
    score (Gneiting and Raftery 2007) of that interval, per cent of the expected number.
    """
    names = [each.removeprefix("lower_") for each in found.columns if each.startswith("lower_")]
    found = found[found[f"lower_{level_suffix(SCORED)}"].notna()]
    work = found[[*by, "origin"]].copy() if "origin" not in by else found[list(by)].copy()
    work["_missed"] = found["error"].abs()
    for name in names:
        low, high = found[f"lower_{name}"], found[f"upper_{name}"]
        held = (found["observed"] >= low) & (found["observed"] <= high)
        work[f"held_{name}"] = 100.0 * held
    work["score"] = 100 * _score(found) / found["expected"]
    work["_extrapolated"] = 100.0 * found["extrapolated"]
    groups = work.groupby(list(by), sort=True)
    made: dict[str, pd.Series] = {}
    if "origin" not in by:
        made["origins"] = groups["origin"].nunique()
    made["projections"] = groups["_missed"].size()
    made["median_error"] = groups["_missed"].median()
    made["p90_error"] = groups["_missed"].quantile(0.9)
    made |= {f"held_{name}": groups[f"held_{name}"].mean() for name in names}
    made["score"] = groups["score"].mean()
    made["extrapolated"] = groups["_extrapolated"].mean()
    return pd.DataFrame(made).reset_index()


def _score(found: pd.DataFrame) -> pd.Series:
    """Return the interval score: the width, and a penalty for what lies outside."""
    name = level_suffix(SCORED)
    low, high, seen = found[f"lower_{name}"], found[f"upper_{name}"], found["observed"]
    outside = (low - seen).clip(lower=0) + (seen - high).clip(lower=0)
    return high - low + 2 / (1 - SCORED) * outside


@dataclass(frozen=True)
class DemandBacktest:
    """How wrong projections of past years were.

    Attributes
    ----------
    table : DataFrame
        All authorities: one row per ``method``, ``interval`` and ``horizon``, with ``origins``
        (past years that projections are made from), ``projections``, ``median_error`` and
        ``p90_error`` (per cent, in either direction), ``held_50``, ``held_80``, ``held_95`` (the
        share of outcomes in these intervals, per cent), ``score`` (mean interval score of the 80
        per cent interval, per cent of the expected number: lower is better) and ``extrapolated``
        (per cent of intervals whose horizon was longer than the record of its day).
    by_origin : DataFrame
        The same for each ``origin``.
    misses : DataFrame
        The area itself, ``constant`` only: one row per ``origin`` and ``horizon``, with ``year``,
        ``expected``, ``observed``, ``error`` (per cent) and the limits as they would have been,
        missing in the areas that the record has no limits of (regions, England, fewer than 10,000
        children).
    indicator, area : str
        What it is of.
    """

    table: pd.DataFrame
    by_origin: pd.DataFrame
    misses: pd.DataFrame
    indicator: str
    area: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """The record in words: all authorities, then the area's own misses."""
        return backtest_sentences(self.table, self.misses)

    def __repr__(self) -> str:
        return backtest_table(self.indicator, self.area, self.table, self.misses).to_text()

    def _repr_html_(self) -> str:
        return backtest_table(self.indicator, self.area, self.table, self.misses).to_html()


def outcomes_of(
    rates: pd.DataFrame,
    errors: Mapping[Method, pd.DataFrame],
    *,
    indicator: str,
    area_code: str | None = None,
    interval: Interval = "past_errors",
    origins: Iterable[int] | None = None,
) -> pd.DataFrame:
    """Return past projections of rows of rates by every method that errors are given for."""
    series = demand_series(rates, indicator)
    if area_code is not None:
        series = series.only(np.isin(series.codes, [area_code]))
    wanted = None if origins is None else list(origins)
    parts = [
        outcomes(series, table, method=method, interval=interval, origins=wanted)
        for method, table in errors.items()
    ]
    return pd.concat(parts, ignore_index=True)
