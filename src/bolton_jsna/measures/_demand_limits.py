"""Limits of projected numbers: past errors of the rate and of children, and chance in counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import special

from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._demand_series import DemandSeries
from bolton_jsna.measures._past_errors import MEDIAN, QUANTILES, quantiles_of

PAST_ERRORS: Final = "past_errors"
EXTRAPOLATED: Final = "past_errors_extrapolated"
OWN_SERIES: Final = "own_series"


@dataclass(frozen=True)
class Record:
    """What is known of the errors of past projections.

    Attributes
    ----------
    errors : DataFrame
        Errors of rates by indicator, origin, horizon and size, with the columns of
        :data:`bolton_jsna.measures._past_errors.COLUMNS`.
    children : DataFrame
        Errors of projected changes of children by horizon, with the same columns.
    tests : DataFrame
        How often intervals held, one row per indicator and horizon: ``held_80`` (per cent of
        outcomes in the 80 per cent interval) and ``origins``.
    source : str
        Where these are from.
    """

    errors: pd.DataFrame
    children: pd.DataFrame
    tests: pd.DataFrame
    source: str = ""


@dataclass(frozen=True)
class Spread:
    """The errors of one area's projection at each horizon, and what they rest on.

    Attributes
    ----------
    logs : ndarray of float, shape (levels, 2, horizons)
        Limits of log ratios of the number to the expected one, children's errors left out.
    middle : ndarray of float, shape (horizons,)
        Median of these log ratios.
    facts : list of dict
        For each horizon ``interval_from``, ``origins``, ``errors``, ``median_error`` and others.
    """

    logs: Floats
    middle: Floats
    facts: list[dict[str, Any]]


def national_spreads(
    record: Record | None,
    indicator: str,
    last: int,
    levels: Sequence[float],
    horizon: int,
    *,
    counts: Floats,
) -> list[tuple[float, Spread]]:
    """Return the spreads of authorities by size: the count above which each is used, ascending.

    Of these, those that the last ``counts`` need.
    """
    # Of the errors that were known at the last year with a rate.
    if record is None:
        return []
    rows = record.errors[record.errors["indicator"] == indicator]
    rows = rows[rows["origin"] <= last]
    rows = rows[rows["origin"] == rows["origin"].max()]
    edges = np.sort(rows["count_from"].unique().astype(float))
    classes = np.searchsorted(edges, counts) - 1
    return [
        (float(edges[at]), _from_record(rows[rows["count_from"] == edges[at]], levels, horizon))
        for at in np.unique(classes[classes >= 0])
    ]


def spread_of(
    series: DemandSeries,
    at: int,
    national: Sequence[tuple[float, Spread]],
    levels: Sequence[float],
    horizon: int,
) -> Spread:
    """Return the spread of an area's errors: the national record's, else its own series'."""
    # England and regions are larger than any authority, and their errors smaller.
    if series.levels[at] == "authority":
        below = [spread for edge, spread in national if edge < series.counts[at, -1]]
        if below:
            return below[-1]
    return _from_series(series, at, levels, horizon)


def _from_record(rows: pd.DataFrame, levels: Sequence[float], horizon: int) -> Spread:
    """Return the spread of a class of size; longer horizons than were measured are extrapolated."""
    rows = rows.sort_values("horizon")
    found = quantiles_of(rows, horizon)
    listed = rows.to_dict(orient="records")
    facts = []
    for ahead in range(1, horizon + 1):
        row = listed[min(ahead, found.measured) - 1]
        beyond = ahead > found.measured
        facts.append(
            {
                "interval_from": EXTRAPOLATED if beyond else PAST_ERRORS,
                "measured": found.measured,
                "origins": int(row["origins"]),
                "first_origin": int(row["first_origin"]),
                "last_target": int(row["last_target"]),
                "errors": int(row["errors"]),
                # What was measured at another horizon is not the error at this one.
                "median_error": np.nan if beyond else float(row["median_error"]),
                "p90_error": np.nan if beyond else float(row["p90_error"]),
            }
        )
    return Spread(found.limits(levels), found.middle, facts)


def _from_series(series: DemandSeries, at: int, levels: Sequence[float], horizon: int) -> Spread:
    """Return the spread of a random walk with the yearly changes of the series itself."""
    # Mean square of n changes around no change, so Student's t with n degrees of freedom.
    rates = series.rates[at]
    rates = rates[~np.isnan(rates)]
    changes = np.diff(np.log(rates))
    spread = np.sqrt((changes**2).mean())
    ahead = np.arange(1, horizon + 1)
    reach = special.stdtrit(len(changes), (1 + np.array(levels)) / 2)[:, None, None]
    logs = reach * np.array([-1.0, 1.0])[None, :, None] * spread * np.sqrt(ahead)
    fact = {
        "interval_from": OWN_SERIES,
        "measured": 0,
        "origins": len(changes),
        "first_origin": int(series.years[-1]) - len(changes),
        "last_target": int(series.years[-1]),
        "errors": len(changes),
        "median_error": np.nan,
        "p90_error": np.nan,
    }
    return Spread(logs, np.zeros(horizon), [dict(fact) for _ in ahead])


def children_spread(record: Record | None, levels: Sequence[float], horizon: int) -> Floats:
    """Return how far projected changes of children were out, shape (levels, 2, horizons)."""
    # Distances from their median: one base does not show whether its median is usual.
    if record is None or record.children.empty:
        return np.zeros((len(levels), 2, horizon))
    names = list(QUANTILES)
    away = record.children.copy()
    away[names] = away[names].sub(away[MEDIAN], axis="index")
    return np.asarray(np.abs(quantiles_of(away, horizon).limits(levels)), dtype=float)


def with_children(logs: Floats, middle: Floats, children: Floats) -> Floats:
    """Return limits of log ratios with the errors of children, taken as independent."""
    away = logs - middle
    side = np.array([-1.0, 1.0])[:, None]
    # Both limits may lie on one side of the median only at a level of nearly nothing.
    own = np.maximum(side * away, 0)
    return np.asarray(middle + side * np.hypot(own, children), dtype=float)


def at_least_chance(
    limits: Floats, start: Floats, expected: Floats, levels: Sequence[float]
) -> Floats:
    """Return limits of counts that are as wide as chance in them, shape (levels, 2, ...)."""
    # Gamma-Poisson: the rate is known from ``start`` events with Jeffreys' prior, so the count to
    # come is negative binomial around the expected one.
    shape = np.broadcast_to(start + 0.5, expected.shape)
    spread = np.sqrt(expected + expected**2 / shape)
    wide = limits.copy()
    for place, level in enumerate(levels):
        tail = (1 - level) / 2
        # No quantile lies farther out than this (Cantelli's inequality), so that the exact one,
        # which takes long, is needed for few.
        farthest = spread * np.sqrt((1 - tail) / tail)
        for side, probability in enumerate((tail, 1 - tail)):
            near = np.abs(limits[place, side] - expected) < farthest + 1
            parts = (each[near] for each in (shape, expected))
            found = _chance(probability, *parts)
            closer = np.minimum if side == 0 else np.maximum
            wide[place, side][near] = closer(limits[place, side][near], found)
    return wide


def _chance(probability: float, shape: Floats, expected: Floats) -> Floats:
    """Return a quantile of counts around expected ones whose rates are known from others."""
    return np.asarray(
        np.ceil(special.nbdtrik(probability, shape, shape / (shape + expected))), dtype=float
    )
