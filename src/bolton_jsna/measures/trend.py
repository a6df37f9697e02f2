"""Recent trends: whether the last years rose or fell, and the change on the year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.comparable_rows import one_subject
from bolton_jsna.core.errors import SchemaError, UsageError, choice, some
from bolton_jsna.core.table_checks import check_table
from bolton_jsna.core.years import one_year
from bolton_jsna.measures._aggregation import group_codes, groups_or_whole
from bolton_jsna.measures._arrays import Codes, Flags, Floats, Positions
from bolton_jsna.measures._frame_columns import (
    CODES,
    labels,
    need,
    numbers,
    numeric,
    state_codes,
    state_text,
    text_column,
)
from bolton_jsna.measures._intervals import confidence_level
from bolton_jsna.measures._trend_lines import (
    Slopes,
    YearSeries,
    chi_square,
    log_linear,
    quasi_poisson,
    regression,
    steady_sign,
    weighted,
    yearly_change,
)
from bolton_jsna.measures._trend_reasons import (
    BY_CHANCE,
    change_reasons,
    trend_notes,
    trend_reasons,
)
from bolton_jsna.measures._units import reject_shares
from bolton_jsna.measures._yearly_change import last_change
from bolton_jsna.measures.bands import Polarity
from bolton_jsna.measures.rates import RateColumns

Test = Literal["quasi_poisson", "regression", "ohid", "chi_square", "weighted"]

DIRECTIONS: Final = ("decreasing", "no_significant_change", "increasing", "not_compared")
MARKERS: Final = ("getting_better", "getting_worse")
FEWEST: Final = 3
MOST: Final = 100
CERTAINTY: Final = {"quasi_poisson": 0.95, "regression": 0.95, "ohid": 0.998, "chi_square": 0.998}
"""The tests, and the default certainty of a direction with each."""

_LINEAR: Final = {"regression": regression, "ohid": weighted, "chi_square": chi_square}
_WEIGHING: Final = 0.95
_WIDTHS: Final = 1.959963984540054
"""The level of the limits from which a rate's weight is taken, and their distance in errors."""
_EARLIEST: Final = 20
"""The usual change is estimated from at most this many years."""


@checked
def recent_trends(
    frame: pd.DataFrame,
    *,
    by: Sequence[str] | None = None,
    year: str = "year",
    points: int = 5,
    last: int | None = None,
    count: str = "count",
    population: str = "population",
    per: float = 10_000,
    confidence: float = 0.95,
    certainty: float | None = None,
    test: Test = "quasi_poisson",
    polarity: Polarity = "none",
    status: str = "status",
    count_variance: str | None = None,
    persons: str | None = "persons",
) -> pd.DataFrame:
    """Return whether each area's rate rose or fell over the last years, and the change on the year.

    Both are judged by how much the years of the series vary, not by chance in the counts alone.
    The words are about the years named ("fell between 2021 and 2025"). They are not a forecast:
    after a reported fall, the next year falls again no more often than after any other year.

    Parameters
    ----------
    frame : DataFrame
        One row per area, indicator and year. It is not changed. Give all years that you have: the
        years before the window show what change from one year to the next is usual.
    by : sequence of str, optional
        The columns that define a series. By default those of ``area_code``, ``area_name``,
        ``area_level`` and ``indicator`` that there are.
    year : str, default "year"
        The column of whole years.
    points : int, default 5
        How many consecutive years the trend is of, 3 or more.
    last : int, optional
        The year they end with; by default the latest of the frame, the same for every series.
    count, population, status, count_variance : str
        The columns of events, people, the count's state and, where events recur within a child,
        the variance of the count.
    persons : str, optional
        The column of the different children behind the count, used where the frame has it: see
        :func:`bolton_jsna.crude_rates`.
    per : float, default 10 000
        The number of people the rates, slopes and changes are for.
    confidence : float, default 0.95
        Level of the limits of slope and change, and of the verdict on the change.
    certainty : float, optional
        The direction is reported when p < 1 - certainty and the last rate lies on the same side
        of the first as on the line. By default 0.95 for ``quasi_poisson`` and
        ``regression``, 0.998 for ``ohid`` and ``chi_square``.
    test : {"quasi_poisson", "regression", "ohid", "chi_square"}, default "quasi_poisson"
        ``quasi_poisson``: log-linear line, its error from the scatter of the years around it (not
        below chance in the counts), Student's t with points - 2 degrees of freedom.
        ``regression``: line through the rates weighted by their error, error and t likewise.
        ``ohid``: the trend marker of Fingertips (``weighted`` is its older name here), the same
        weighted line with chance in the counts only. ``chi_square``: chi-square for trend of counts
        with their populations, one degree of freedom, chance only. The last two report a trend far
        too often where years vary by more than chance: see ``trend_note``.
    polarity : {"low", "high", "none"}, default "none"
        Which direction is good; with ``none`` neither is better.

    Returns
    -------
    DataFrame, one row per series
        The trend: ``first_year``, ``last_year``, ``points``, ``points_used`` (years with a rate),
        ``rate_first``, ``rate_last``, ``slope`` (a year, per ``per`` people) with limits,
        ``trend_percent`` (change from the first year to the last on the log-linear line, in per
        cent, with any test) with limits, ``trend_test``, ``trend_p``, ``trend_dispersion`` (how
        many times as much as chance the years vary around the line; about 1 is chance),
        ``trend_steady`` (the slope keeps its sign without any one year), ``direction`` (decreasing:
        it fell between the first year and the last; no_significant_change; increasing: it rose
        between them; not_compared), ``marker`` (getting_better, getting_worse: the same years by
        the polarity; missing without direction or polarity), ``trend_note`` (when the test is not
        reliable, or why there is no line), ``trend_status``, ``trend_reason``.

        The change on the year: ``change`` of the last year on the one before with limits,
        ``change_usual`` (the usual change from one year to the next is within plus or minus this),
        ``change_earlier`` (the number of earlier changes that this rests on), ``change_ratio`` with
        limits, ``change_p``, ``change_verdict`` (lower or higher: larger than usual for the series;
        similar; not_compared), ``change_beyond_chance`` (whether it exceeds chance in two Poisson
        counts, which is not whether it is unusual), ``change_status``, ``change_reason``.

    Raises
    ------
    SchemaError
        When a column is not there, or a series has several rows for one year.
    UsageError
        When ``points``, a level or another option is not valid, a row has no whole year, or rows
        are shares (``unit`` is ``per cent``), which :func:`bolton_jsna.profile` has trends of.

    Notes
    -----
    Quasi-Poisson: McCullagh and Nelder 1989, sections 4.5 and 6.2; the dispersion is Pearson's, not
    below 1, nor below variance over count where events recur. ``slope`` is then the difference of
    the last and first rates on that line over the years between. Of published series whose five
    years are put in random order it reports a trend in 4 to 5 per cent, the marker of Fingertips in
    26 to 43 (``docs/methods/comparison.md``).

    OHID, Fingertips trend markers (public health technical guidance): the last five values, none
    missing, weights of one over the squared standard error (the width of the 95 per cent limits
    over 3.92), chi-square of the slope over its error, 99.8 per cent, and the sign of the slope
    unchanged when any one value is left out. ``chi_square`` keeps that rule of the sign too; the
    others do not need it. Chi-square for trend: Armitage 1955; Breslow and Day 1987, section 3.

    Change on the year: :func:`bolton_jsna.measures._yearly_change.last_change`. It needs three
    earlier changes, and looks back 20 years, or over the window where that is longer.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> plans = jsna.load_children_in_need("Bolton", indicators="cpp_at_31_march")
    >>> found = jsna.recent_trends(plans).loc[0]
    >>> int(found["first_year"]), int(found["last_year"]), found["direction"]
    (2021, 2025, 'decreasing')
    >>> found["change_verdict"], int(found["change_earlier"])
    ('similar', 11)
    """
    test = "ohid" if test == "weighted" else test
    choice("test", test, CERTAINTY)
    level = confidence_level(confidence)
    certain = confidence_level(CERTAINTY[test] if certainty is None else certainty)
    choice("polarity", polarity, ("low", "high", "none"))
    if not FEWEST <= points <= MOST:
        raise UsageError(
            f"points={points!r} is not valid: a trend needs {FEWEST} years or more, {MOST} at most."
        )
    if last is not None:
        last = one_year("last", last)
    check_table(frame)
    reject_shares(frame)
    if by is None:
        usual = ("area_code", "area_name", "area_level", "indicator")
        by = [name for name in usual if name in frame.columns]
    need(frame, [year, *by], options="year= and by=")
    columns = RateColumns(count, population, status, count_variance, persons)
    rates = columns.rates(frame, per=per, confidence=_WEIGHING)
    years = numbers(frame, year)
    if not (years == np.round(years)).all():
        odd = int((years != np.round(years)).sum())
        raise UsageError(
            f"{odd} rows have no whole number in {year!r}. Give each its year, or leave them out."
        )
    end = int(np.nanmax(years)) if last is None and len(frame) else last or 0
    keys, places = groups_or_whole(frame, by)
    one_subject(frame, places, to="follow over the years", by=by, apart=(year, "year", "release"))
    back = years - end
    # The years before the window show what change is usual.
    span = max(points, min(_EARLIEST, int(-back.min(initial=0))) + 1)
    cells = _cells(places, back, span, keys)
    codes = state_codes(rates, status)
    usable = numeric(codes)
    # The limits that weigh a rate have one level, whatever level the slope has.
    error = (numbers(rates, "upper") - numbers(rates, "lower")) / (2 * _WIDTHS)
    values = [numbers(rates, name) for name in (count, population, "rate")]
    known = columns.recurrence(frame, values[0])
    values += [error, values[0] if known is None else known.variance]
    every = YearSeries(
        *(_table(np.where(usable, each, np.nan), cells, len(keys), span) for each in values)
    )
    filled = _table(codes.astype(float), cells, len(keys), span)
    states = np.where(np.isnan(filled), CODES["not_available"], filled).astype(np.int8)
    asked = _Asked(test, level, certain, polarity, per, end)
    trend = _trend(
        keys, YearSeries(*(each[:, -points:] for each in every)), states[:, -points:], asked
    )
    return pd.concat([trend, _change(every, states[:, -2:], asked, trend.index)], axis=1)


class _Asked(NamedTuple):
    """The options of a call, checked."""

    test: str
    level: float
    certain: float
    polarity: Polarity
    per: float
    end: int


def _cells(places: Positions, back: Floats, span: int, keys: pd.DataFrame) -> Positions:
    """Return the cell of each row in a table of series by year, -1 outside it."""
    # ``back`` is 0 in the last year, -1 in the one before.
    inside = (back <= 0) & (back > -span)
    cells = np.full(len(places), -1)
    cells[inside] = places[inside] * span + (back[inside] + span - 1).astype(int)
    counted = np.bincount(cells[inside])
    if (counted > 1).any():
        first = int(np.flatnonzero(counted > 1)[0])
        key = keys.iloc[first // span].tolist()
        raise SchemaError(
            f"The series of {some(key)} has {counted[first]} rows for one year; expected one. Give "
            "the rows of one release, or name the columns that differ with by=[...]."
        )
    return cells


def _table(values: Floats, cells: Positions, series: int, span: int) -> Floats:
    """Return values by series and year, missing if there is no row."""
    table = np.full((series, span), np.nan)
    inside = cells >= 0
    table.flat[cells[inside]] = values[inside]
    return table


def _trend(keys: pd.DataFrame, window: YearSeries, states: Codes, asked: _Asked) -> pd.DataFrame:
    """The columns of the trend, one row per series."""
    points = window.rate.shape[1]
    whole: Flags = np.logical_not(np.isnan(window.error).any(axis=1))
    # A series with a gap has no slope, not even that of its other years.
    full = YearSeries(*(np.where(whole[:, None], each, np.nan) for each in window))
    events = full.events.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        repeats = np.where(events == 0, 1.0, full.variance.sum(axis=1) / events)
    line = log_linear(full.events, full.people)
    logs = quasi_poisson(full, line, repeats)
    found = logs if asked.test == "quasi_poisson" else _LINEAR[asked.test](full)
    steady = steady_sign(full)
    called = whole & (found.p < 1 - asked.certain)
    # "Fell between two years" needs a lower rate in the second, too: a long window may have a line
    # that falls and ends that do not.
    ends_agree = np.sign(window.rate[:, -1] - window.rate[:, 0]) == np.sign(found.slope)
    against = called & ~ends_agree & (asked.test not in BY_CHANCE)
    called &= steady if asked.test in BY_CHANCE else ends_agree
    turn = np.where(~whole, 3, np.where(called, 1 + np.sign(np.nan_to_num(found.slope)), 1))
    out = keys.copy()
    out["first_year"], out["last_year"] = asked.end - points + 1, asked.end
    out["points"], out["points_used"] = points, (~np.isnan(window.rate)).sum(axis=1)
    out["rate_first"], out["rate_last"] = window.rate[:, 0], window.rate[:, -1]
    ends = ("", "_lower", "_upper")
    straight, curved = _limits(found, asked.level), _limits(logs, asked.level)
    if asked.test == "quasi_poisson":
        straight = [asked.per * yearly_change(full.events, full.people, each) for each in curved]
    for name, each in zip(ends, straight, strict=True):
        out[f"slope{name}"] = each
    with np.errstate(over="ignore"):
        for name, each in zip(ends, curved, strict=True):
            out[f"trend_percent{name}"] = 100 * np.expm1((points - 1) * each)
    out["trend_test"] = asked.test
    out["trend_p"], out["trend_dispersion"] = found.p, line.dispersion
    out["trend_steady"] = pd.array(steady, dtype="boolean")
    out.loc[~whole, "trend_steady"] = pd.NA
    out["direction"] = labels(turn.astype(int), DIRECTIONS, out.index)
    better = {"low": 0, "high": 2, "none": -9}[asked.polarity]
    marked = np.select([~called | (asked.polarity == "none"), turn == better], [-1, 0], 1)
    out["marker"] = labels(marked, MARKERS, out.index)
    excess = line.dispersion / repeats
    # As much scatter as chance alone makes in fewer than 1 of 20 series.
    more = excess > special.chdtri(points - 2, 0.05) / (points - 2)
    out["trend_note"] = text_column(
        trend_notes(
            window,
            whole,
            np.where(more, excess, 0.0),
            against,
            test=asked.test,
            end=asked.end,
        ),
        out.index,
    )
    out["trend_status"] = state_text(_state(states, whole), out.index)
    out["trend_reason"] = text_column(trend_reasons(window, asked.end), out.index)
    return out


def _limits(found: Slopes, level: float) -> list[Floats]:
    """Slopes and their limits."""
    tail = 1 - (1 - level) / 2
    # Older scipy has no quantile of t with infinite degrees of freedom.
    known = found.degrees < np.inf
    reach = special.stdtrit(found.degrees, tail) if known else special.ndtri(tail)
    reach = reach * found.error
    return [found.slope, found.slope - reach, found.slope + reach]


def _state(states: Codes, able: Flags) -> Codes:
    """Return the state of a figure of several years: hidden if one year is, as with sums."""
    places = np.repeat(np.arange(len(states)), states.shape[1])
    found = group_codes(states.ravel(), places, len(states))
    missing = np.where(numeric(found), CODES["not_available"], found)
    return np.where(able, found, missing).astype(np.int8)


def _change(every: YearSeries, states: Codes, asked: _Asked, index: pd.Index) -> pd.DataFrame:
    """The columns of the change on the year, one row per series."""
    found = last_change(
        every.events, every.people, every.variance, per=asked.per, level=asked.level
    )
    able, compared = ~np.isnan(found.change), ~np.isnan(found.p)
    apart = found.p < (1 - asked.level) * (1 - 1e-12)
    turn = np.select([~compared, apart & (found.change > 0), apart], [3, 2, 0], 1)
    beyond = pd.array(found.chance_p < (1 - asked.level) * (1 - 1e-12), dtype="boolean")
    beyond[np.isnan(found.chance_p)] = pd.NA
    return pd.DataFrame(
        {
            "change": found.change,
            "change_lower": found.change - found.usual,
            "change_upper": found.change + found.usual,
            "change_usual": found.usual,
            "change_earlier": found.earlier,
            "change_ratio": found.ratio,
            "change_ratio_lower": found.ratio_lower,
            "change_ratio_upper": found.ratio_upper,
            "change_p": found.p,
            "change_verdict": labels(turn, ("lower", "similar", "higher", "not_compared"), index),
            "change_beyond_chance": beyond,
            "change_status": state_text(_state(states, able), index),
            "change_reason": text_column(change_reasons(every, found.earlier, asked.end), index),
        },
        index=index,
    )
