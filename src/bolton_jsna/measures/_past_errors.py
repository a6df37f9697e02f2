"""How far past projections of rates were out: errors by horizon and size, and their quantiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from bolton_jsna.measures._arrays import Flags, Floats
from bolton_jsna.measures._demand_series import DemandSeries

FIRST_YEAR: Final = 2013
"""The first year of the series that DfE publishes anew with each release."""

FEWEST_AREAS: Final = 100
"""The fewest authorities from which a national record is made."""

FEWEST_ORIGINS: Final = 2
"""The fewest past years from which a horizon counts as measured."""

FEWEST_ERRORS: Final = 30
"""The fewest errors of a class of size and horizon whose quantiles are used."""

FARTHEST: Final = 12
"""The longest horizon of a record, in years."""

CLASSES: Final = 3
"""How many classes of size there are: thirds of the authorities by their count."""

_TAIL: Final = (0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25)
PROBABILITIES: Final = (*_TAIL, 0.5, *(round(1 - each, 3) for each in reversed(_TAIL)))
"""The probabilities whose quantiles a record holds: those of levels from 0.5, and the median."""

LOWEST_LEVEL: Final = 0.5
HIGHEST_LEVEL: Final = 0.98
"""The levels that intervals have; these quantiles have no limits for higher ones."""

QUANTILES: Final = tuple(f"q{each * 1000:03.0f}" for each in PROBABILITIES)
"""The columns of the quantiles, named by their probability in thousandths."""

MEDIAN: Final = "q500"
"""The column of the median."""

COLUMNS: Final = (
    *("indicator", "origin", "horizon", "size", "count_from"),
    *("origins", "first_origin", "last_target", "errors", "median_error", "p90_error"),
    *QUANTILES,
)
"""The columns of a table of past errors, one row per origin, horizon and class of size."""

CHILDREN: Final = "children_0_17"
"""The indicator of the errors of projected changes of children."""

_DAMPING: Final = 0.8
_TREND_YEARS: Final = 5


def constant(rates: Floats, at: int, farthest: int) -> Floats:
    """Return the rates of each horizon and area if the last rate goes on."""
    return np.tile(rates[:, at], (farthest, 1))


def mean3(rates: Floats, at: int, farthest: int) -> Floats:
    """Return the rates of each horizon and area if the mean of the last three goes on."""
    last = rates[:, max(0, at - 2) : at + 1]
    mean = last.mean(axis=1) if last.shape[1] > 2 else last[:, -1] * np.nan
    return np.tile(mean, (farthest, 1))


def damped_trend(rates: Floats, at: int, farthest: int) -> Floats:
    """Return the rates of each horizon and area if the trend of five years goes on, damped."""
    # Gardner and McKenzie 1985 (Management Science 31: 1237-1246): each year adds less of the
    # log-linear trend, by a constant factor.
    last = rates[:, max(0, at - _TREND_YEARS + 1) : at + 1]
    if last.shape[1] < _TREND_YEARS:
        return np.full((farthest, len(rates)), np.nan)
    steps = np.arange(_TREND_YEARS) - (_TREND_YEARS - 1) / 2
    slope = np.log(last) @ steps / (steps**2).sum()
    added = np.cumsum(_DAMPING ** np.arange(1, farthest + 1))
    return np.asarray(last[:, -1] * np.exp(added[:, None] * slope), dtype=float)


Method = Literal["constant", "mean3", "damped_trend"]

METHODS: Final[Mapping[Method, Callable[[Floats, int, int], Floats]]] = {
    "constant": constant,
    "mean3": mean3,
    "damped_trend": damped_trend,
}
"""The rules by which past rates are carried on."""


class Prediction(NamedTuple):
    """What a method would have said from an origin for a later year, and what there was.

    Arrays have a value for each area, missing where there is none: ``expected`` and ``observed``
    counts, and the count at the origin, ``start``.
    """

    origin: int
    horizon: int
    start: Floats
    expected: Floats
    observed: Floats

    @property
    def errors(self) -> Floats:
        """Log of observed over expected."""
        return np.asarray(np.log(self.observed / self.expected), dtype=float)


def predictions(
    series: DemandSeries, method: Method = "constant", *, farthest: int = FARTHEST
) -> Iterator[Prediction]:
    """Return every past prediction of a method, with the children that there were."""
    rates = series.rates
    counts = np.where(series.counts > 0, series.counts, np.nan)
    for at, origin in enumerate(series.years):
        ahead = METHODS[method](rates, at, farthest)
        for horizon in range(1, min(farthest, len(series.years) - 1 - at) + 1):
            children = series.people[:, at + horizon]
            yield Prediction(
                int(origin),
                horizon,
                counts[:, at],
                ahead[horizon - 1] * children,
                counts[:, at + horizon],
            )


def size_classes(counts: Floats) -> Floats:
    """Return the counts at which classes of size begin and end, thirds of those known."""
    inner = np.quantile(counts[~np.isnan(counts)], [each / CLASSES for each in range(1, CLASSES)])
    return np.concatenate([[0.0], inner, [np.inf]])


def past_errors(
    series: DemandSeries, method: Method = "constant", *, origins: Iterable[int] | None = None
) -> pd.DataFrame:
    """Return the errors that were known at each origin, by horizon and class of size."""
    # At an origin the errors of targets after it are not known yet.
    series = series.since(FIRST_YEAR)
    # A year that few areas have, such as one that only a snapshot adds, is not a national one.
    many = (series.counts > 0).sum(axis=0) >= FEWEST_AREAS / 2
    series = replace(series, counts=np.where(many, series.counts, np.nan))
    made = list(predictions(series, method))
    rows: list[dict[str, Any]] = []
    for origin in series.years.tolist() if origins is None else origins:
        counts = series.counts[:, series.at(origin)]
        if (counts > 0).sum() < FEWEST_AREAS:
            continue
        edges = size_classes(np.where(counts > 0, counts, np.nan))
        known = [each for each in made if each.origin + each.horizon <= origin]
        for size in range(CLASSES):
            between = (float(edges[size]), float(edges[size + 1]))
            rows += _by_horizon(known, series.indicator, origin, size + 1, between)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def no_errors() -> pd.DataFrame:
    """Return a table of past errors without rows."""
    return pd.DataFrame(columns=list(COLUMNS))


def _by_horizon(
    known: list[Prediction], indicator: str, origin: int, size: int, between: tuple[float, float]
) -> Iterator[dict[str, Any]]:
    """Return the rows of a class of size, whose limits never get narrower with the horizon."""
    widest: Floats | None = None
    for horizon in range(1, FARTHEST + 1):
        each = [one for one in known if one.horizon == horizon]
        pairs = [one.errors[in_class(one.start, between)] for one in each]
        errors = np.concatenate([*pairs, np.empty(0)])
        errors = errors[~np.isnan(errors)]
        used = [
            one.origin for one, part in zip(each, pairs, strict=True) if (~np.isnan(part)).any()
        ]
        if len(used) < FEWEST_ORIGINS or len(errors) < FEWEST_ERRORS:
            return
        widest = _not_nearer(_quantiles(errors), widest)
        yield {
            "indicator": indicator,
            "origin": origin,
            "horizon": horizon,
            "size": size,
            "count_from": between[0],
            "origins": len(used),
            "first_origin": min(used),
            "last_target": max(used) + horizon,
            **_measured(errors, widest),
        }


def _quantiles(errors: Floats) -> Floats:
    # Positions (n + 1)p: of n past errors and the next, each place is equally likely (Vovk et al.
    # 2005).
    return np.asarray(np.quantile(errors, PROBABILITIES, method="weibull"), dtype=float)


def _not_nearer(found: Floats, before: Floats | None) -> Floats:
    """Return quantiles that are as far out as those before, the median as it is."""
    if before is None:
        return found
    sides = np.sign(np.array(PROBABILITIES) - 0.5)
    farther = np.where(sides < 0, np.minimum(found, before), np.maximum(found, before))
    return np.where(sides == 0, found, farther)


def _measured(errors: Floats, quantiles: Floats) -> dict[str, Any]:
    """Return the columns of the errors of one row."""
    missed = np.abs(np.expm1(errors)) * 100
    return {
        "errors": len(errors),
        "median_error": float(np.median(missed)),
        "p90_error": float(np.quantile(missed, 0.9)),
        **dict(zip(QUANTILES, quantiles.tolist(), strict=True)),
    }


def past_errors_of_children(errors: pd.DataFrame) -> pd.DataFrame:
    """Return the errors of projected changes of children as a table of past errors.

    ``errors`` are those of one base, as of
    :func:`bolton_jsna.measures._children_errors.children_errors`. One base is one origin.
    The errors are known at the last mid-year that has an estimate.
    """
    base = int(errors["base_year"].unique().item())
    last = base + int(errors["horizon"].max())
    widest: Floats | None = None
    rows: list[dict[str, Any]] = []
    for horizon, part in errors.groupby("horizon", sort=True):
        found = part["error"].to_numpy(dtype=float)
        if len(found) < FEWEST_ERRORS:
            break
        # The errors of one base share its median, which moves with the horizon: it is their spread
        # around it that does not get narrower.
        median = float(np.median(found))
        widest = _not_nearer(_quantiles(found - median), widest)
        rows.append(
            {
                "indicator": CHILDREN,
                "origin": last,
                "horizon": int(horizon),
                "size": 1,
                "count_from": 0.0,
                "origins": 1,
                "first_origin": base,
                "last_target": base + int(horizon),
                **_measured(found, widest + median),
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def in_class(counts: Floats, between: tuple[float, float]) -> Flags:
    """Return which counts are in a class of size; its upper end belongs to it."""
    return np.asarray((counts > between[0]) & (counts <= between[1]))


class Quantiles(NamedTuple):
    """Quantiles of errors by horizon, and what they rest on.

    ``table`` has a row for each horizon from 1 and a column for each of :data:`PROBABILITIES`;
    ``measured`` is the last horizon that past errors have, after which the spread grows with the
    square root of the horizon.
    """

    table: Floats
    measured: int

    def limits(self, levels: Iterable[float]) -> Floats:
        """Return lower and upper limits of log ratios, shape (levels, 2, horizons)."""
        asked = [((1 - level) / 2, (1 + level) / 2) for level in levels]
        return np.array(
            [
                [[np.interp(each, PROBABILITIES, row) for row in self.table] for each in pair]
                for pair in asked
            ]
        )

    @property
    def middle(self) -> Floats:
        """The median error of each horizon."""
        return self.table[:, PROBABILITIES.index(0.5)]


def quantiles_of(rows: pd.DataFrame, horizon: int) -> Quantiles:
    """Return quantiles of one origin and class up to a horizon, extrapolated where not measured."""
    table = rows.sort_values("horizon")[list(QUANTILES)].to_numpy(dtype=float)
    measured = len(table)
    if horizon <= measured:
        return Quantiles(table[:horizon], measured)
    ahead = np.arange(measured + 1, horizon + 1)
    last = table[-1]
    # A limit that lies on the other side of no error does not move towards it.
    grown = _not_nearer(last * np.sqrt(ahead / measured)[:, None], last)
    grown[:, PROBABILITIES.index(0.5)] = last[PROBABILITIES.index(0.5)]
    return Quantiles(np.concatenate([table, grown]), measured)
