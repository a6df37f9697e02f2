"""Lines through the years of many series at once: quasi-Poisson, weighted, chi-square for trend."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy import special

from bolton_jsna.measures._arrays import Flags, Floats

_ZERO: Final = 1e-12
_ITERATIONS: Final = 100
_STEEPEST: Final = 200.0
"""No change of the logarithm in a year is as large: the range in which a slope is searched."""


class YearSeries(NamedTuple):
    """One row per series, one column per year, oldest first; missing without a number.

    ``rate`` is events per ``per`` people, ``error`` the standard error of the rate as its 95 per
    cent limits give it, ``variance`` the variance of the count (the count itself by default).
    """

    events: Floats
    people: Floats
    rate: Floats
    error: Floats
    variance: Floats


class LogLine(NamedTuple):
    """Log-linear lines: slope of the log rate a year, its Poisson variance, Pearson dispersion.

    All three are missing where a year is missing, where there are no events, and where all events
    are in the first or in the last year, which no line on the log scale describes.
    """

    slope: Floats
    variance: Floats
    dispersion: Floats


class Slopes(NamedTuple):
    """Slope of each series a year, its standard error, degrees of freedom, and p of no slope."""

    slope: Floats
    error: Floats
    degrees: float
    p: Floats


def log_linear(events: Floats, people: Floats) -> LogLine:
    """Return the log-linear Poisson line of each series, by maximum likelihood."""
    # Given the total of a series, its counts are multinomial with probabilities in proportion to
    # people times exp(slope times year): one equation in the slope, mean year of the events = mean
    # year under these probabilities. It is solved by Newton's method, kept between limits that
    # close in. McCullagh and Nelder 1989, sections 6.2 to 6.4 (Poisson and multinomial), 9.2
    # (dispersion).
    series, years = events.shape
    when = np.arange(years) - (years - 1) / 2
    slope, variance, dispersion = (np.full(series, np.nan) for _ in range(3))
    # A missing year makes both sums missing, and no comparison with them true.
    fits = np.flatnonzero((events[:, :-1].sum(axis=1) > 0) & (events[:, 1:].sum(axis=1) > 0))
    if not len(fits):
        return LogLine(slope, variance, dispersion)
    events, weight = events[fits], np.log(people[fits])
    total = events.sum(axis=1)
    centre = (events * when).sum(axis=1) / total
    found = np.zeros(len(fits))
    low, high = np.full(len(fits), -_STEEPEST), np.full(len(fits), _STEEPEST)
    open_ = np.arange(len(fits))
    for _ in range(_ITERATIONS):
        now = found[open_]
        _, mean, spread = _shares(weight[open_], now, when)
        gap = centre[open_] - mean
        low[open_] = np.where(gap >= 0, now, low[open_])
        high[open_] = np.where(gap <= 0, now, high[open_])
        with np.errstate(divide="ignore", invalid="ignore"):
            new = now + gap / spread
        inside = (new >= low[open_]) & (new <= high[open_])
        found[open_] = np.where(inside, new, (low[open_] + high[open_]) / 2)
        open_ = open_[np.abs(found[open_] - now) > 1e-12 * (1 + np.abs(now))]
        if not len(open_):
            break
    share, _, spread = _shares(weight, found, when)
    fitted = total[:, None] * share
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where(fitted > 0, (events - fitted) ** 2 / fitted, 0.0)
        slope[fits], variance[fits] = found, 1 / (total * spread)
    dispersion[fits] = apart.sum(axis=1) / (years - 2)
    return LogLine(slope, variance, dispersion)


def _shares(weight: Floats, slope: Floats, when: Floats) -> tuple[Floats, Floats, Floats]:
    """Share of the events that each year gets on a line, their mean year and its variance."""
    power = weight + slope[:, None] * when
    share = np.exp(power - power.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    mean = (share * when).sum(axis=1)
    return share, mean, (share * (when - mean[:, None]) ** 2).sum(axis=1)


def yearly_change(events: Floats, people: Floats, slope: Floats) -> Floats:
    """Return the yearly change of the rate of a log-linear line, from first year to last."""
    # The line of each series has the slope given and as many events as were counted.
    years = events.shape[1]
    known = np.flatnonzero(~np.isnan(slope))
    share, *_ = _shares(np.log(people[known]), slope[known], np.arange(years) - (years - 1) / 2)
    rate = events[known].sum(axis=1, keepdims=True) * share / people[known]
    change = np.full(len(slope), np.nan)
    change[known] = (rate[:, -1] - rate[:, 0]) / (years - 1)
    return change


def quasi_poisson(series: YearSeries, line: LogLine, least: Floats) -> Slopes:
    """Return log-linear slopes with the variation of the years around the line."""
    # ``least`` is the least dispersion of each series; ``slope`` is of the log rate. Where there
    # is no line, p is 1.
    error = np.sqrt(np.maximum(line.dispersion, least) * line.variance)
    degrees = series.events.shape[1] - 2.0
    p = _student(line.slope / error, degrees)
    whole = ~np.isnan(series.events).any(axis=1)
    return Slopes(line.slope, error, degrees, np.where(whole & np.isnan(p), 1.0, p))


def weighted(series: YearSeries) -> Slopes:
    """Return lines through the rates weighted by one over their squared error, as Fingertips."""
    when = np.arange(series.rate.shape[1], dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope, spread = _line(series.error**-2.0, series.rate, when)
        error = np.sqrt(1 / spread)
        return Slopes(slope, error, np.inf, 2 * special.ndtr(-np.abs(slope / error)))


def regression(series: YearSeries) -> Slopes:
    """Return the weighted lines with the scatter of the years around them, not below chance."""
    line = weighted(series)
    years = series.rate.shape[1]
    when = np.arange(years, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = series.error**-2.0
        total = weight.sum(axis=1)
        centre, middle = (weight * when).sum(1) / total, (weight * series.rate).sum(1) / total
        fitted = middle[:, None] + line.slope[:, None] * (when - centre[:, None])
        scatter = (weight * (series.rate - fitted) ** 2).sum(axis=1) / (years - 2)
        error = line.error * np.sqrt(np.maximum(scatter, 1))
        return Slopes(line.slope, error, years - 2.0, _student(line.slope / error, years - 2.0))


def chi_square(series: YearSeries) -> Slopes:
    """Return the weighted lines with p of the chi-square for trend of counts with their people."""
    when = np.arange(series.events.shape[1], dtype=float)
    events = series.events.sum(axis=1)
    share = series.people / series.people.sum(axis=1, keepdims=True)
    centre = (share * when).sum(axis=1)
    score = (series.events * when).sum(axis=1) - events * centre
    # Events that recur within a child vary more, by their variance over their number.
    variance = series.variance.sum(axis=1) * ((share * when**2).sum(axis=1) - centre**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = special.chdtrc(1, score**2 / variance)
    return weighted(series)._replace(
        p=np.where(events > 0, p, np.where(np.isnan(events), np.nan, 1.0))
    )


def steady_sign(series: YearSeries) -> Flags:
    """Return whether each weighted slope keeps its sign when any one year is left out."""
    years = series.rate.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = series.error**-2.0
        keeps = [np.arange(years), *(np.delete(np.arange(years), gone) for gone in range(years))]
        every = np.array(
            [_line(weight[:, o], series.rate[:, o], o.astype(float))[0] for o in keeps]
        )
        # A slope that is zero apart from rounding has no sign.
        flat = np.abs(every) <= _ZERO * np.nan_to_num(series.rate).max(axis=1)
        found: Flags = np.abs(np.where(flat, 0, np.sign(every)).sum(axis=0)) == years + 1
    return found


def _student(t: Floats, degrees: float) -> Floats:
    """P of Student's t, both sides."""
    return np.asarray(2 * special.stdtr(degrees, -np.abs(t)))


def _line(weight: Floats, rate: Floats, when: Floats) -> tuple[Floats, Floats]:
    """Slopes of weighted lines, and the weighted spread of the years that they rest on."""
    total = weight.sum(axis=1, keepdims=True)
    apart = when - (weight * when).sum(axis=1, keepdims=True) / total
    spread = (weight * apart**2).sum(axis=1)
    return (weight * apart * rate).sum(axis=1) / spread, spread
