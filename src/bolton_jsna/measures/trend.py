"""Recent trends: the direction of the last years with a test, and the change on the year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from bolton_jsna.errors import SchemaError, UsageError, choice, some
from bolton_jsna.measures.grouping import group_codes, group_rows
from bolton_jsna.measures.intervals import confidence_level
from bolton_jsna.measures.pairs import difference_limits, ratio_limits
from bolton_jsna.measures.rates import crude_rates
from bolton_jsna.measures.ratios import text
from bolton_jsna.measures.rows import (
    CODES,
    labels,
    need,
    numbers,
    numeric,
    state_codes,
    state_text,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

Test = Literal["weighted", "chi_square", "regression"]
Polarity = Literal["low", "high", "none"]

DIRECTIONS: Final = ("decreasing", "no_significant_change", "increasing", "not_compared")
MARKERS: Final = ("getting_better", "getting_worse")
FEWEST: Final = 3
_NOUGHT: Final = 1e-12
_WEIGHING: Final = 0.95
_WIDTHS: Final = 1.959963984540054
"""The level of the limits that weigh a rate, and their distance from it in standard errors."""


class _Series(NamedTuple):
    """One row per group, one column per year, oldest first; missing without a number."""

    events: NDArray[np.float64]
    people: NDArray[np.float64]
    rate: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    variance: NDArray[np.float64]
    error: NDArray[np.float64]


class _Slopes(NamedTuple):
    """Slope of each group per year, the reach of one standard error, p, and its steadiness."""

    slope: NDArray[np.float64]
    error: NDArray[np.float64]
    reach: float
    p: NDArray[np.float64]
    steady: NDArray[np.bool_]


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
    certainty: float = 0.998,
    test: Test = "weighted",
    polarity: Polarity = "none",
    status: str = "status",
    count_variance: str | None = None,
) -> pd.DataFrame:
    """Return the direction of each area's last years with a test, and the change on the year.

    Parameters
    ----------
    frame : DataFrame
        One row per area, indicator and year. It is not changed.
    by : sequence of str, optional
        The columns that tell series apart. By default those of ``area_code``, ``area_name``,
        ``area_level`` and ``indicator`` that there are.
    year : str, default "year"
        The column of whole years.
    points : int, default 5
        How many consecutive years, 3 or more.
    last : int, optional
        The year they end with; by default the latest of the frame, the same for every series.
    count, population, status, count_variance : str
        The columns of events, people, the count's state and, where events recur within a child,
        the variance of the count.
    per : float, default 10 000
        The number of people the rates, slopes and changes are for.
    confidence : float, default 0.95
        Level of the limits of slope and change, and of the verdict on the change.
    certainty : float, default 0.998
        The direction is called when p < 1 - certainty.
    test : {"weighted", "chi_square", "regression"}, default "weighted"
        ``weighted``: line through the rates weighted by their error, as the trend markers of
        Fingertips. ``chi_square``: chi-square for trend of counts with their populations, one
        degree of freedom. ``regression``: the weighted line with the scatter of the years around
        it, Student's t with two degrees of freedom fewer than points; it asks most, and allows
        for years that differ by more than chance.
    polarity : {"low", "high", "none"}, default "none"
        What is good; with ``none`` a direction is neither better nor worse.

    Returns
    -------
    DataFrame, one row per series
        ``first_year``, ``last_year``, ``points``, ``points_used`` (years with a rate),
        ``rate_first``, ``rate_last``, ``slope`` (a year, per ``per`` people) with limits,
        ``trend_p``, ``trend_steady`` (the slope keeps its sign without any one year),
        ``direction`` (decreasing, no_significant_change, increasing, not_compared), ``marker``
        (getting_better, getting_worse; missing without direction or polarity), ``trend_status``,
        ``trend_reason``; ``change`` of the last year on the one before with limits,
        ``change_ratio`` with limits, ``change_p``, ``change_verdict`` (lower, similar, higher,
        not_compared), ``change_status`` and ``change_reason``.

    Raises
    ------
    SchemaError
        When a column is not there, or a series has several rows for one year.
    UsageError
        When ``points``, a level or another option cannot be meant, or a row has no whole year.

    Notes
    -----
    OHID, Fingertips trend markers (public health technical guidance): the last five values, none
    missing, weights of one over the squared standard error (the width of the 95 per cent limits
    over 3.92), chi-square of the slope over its error, 99.8 per cent, and the sign of the slope
    unchanged when any one value is left out. The same rule of the sign is kept for all tests here.
    Chi-square for trend: Armitage 1955; Breslow and Day 1987, section 3. With counts in the
    thousands small changes pass such a test; ``regression`` guards against that. Change on the
    year: exact or logarithmic ratio and Zou and Donner's difference, as :func:`rate_ratios`.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> plans = jsna.load_children_in_need("Bolton", indicators="cpp_at_31_march")
    >>> found = jsna.recent_trends(plans).loc[0]
    >>> int(found["first_year"]), int(found["last_year"]), found["direction"]
    (2021, 2025, 'decreasing')
    """
    import numpy as np
    import pandas as pd

    level, certain = confidence_level(confidence), confidence_level(certainty)
    choice("test", test, ("weighted", "chi_square", "regression"))
    choice("polarity", polarity, ("low", "high", "none"))
    if points < FEWEST:
        raise UsageError(f"points={points} cannot be meant: a trend needs {FEWEST} years or more.")
    if by is None:
        usual = ("area_code", "area_name", "area_level", "indicator")
        by = [name for name in usual if name in frame.columns]
    need(frame, [year, *by], options="year= and by=")
    rates, weighing = (
        crude_rates(
            frame,
            count=count,
            population=population,
            per=per,
            confidence=each,
            status=status,
            count_variance=count_variance,
        )
        for each in (level, _WEIGHING)
    )
    years = numbers(frame, year)
    if not (years == np.round(years)).all():
        odd = int((years != np.round(years)).sum())
        raise UsageError(
            f"{odd} rows have no whole number in {year!r}. Give each its year, or leave them out."
        )
    end = int(np.nanmax(years)) if last is None and len(frame) else last or 0
    if by:
        keys, places = group_rows(frame, by)
    else:
        keys, places = pd.DataFrame(index=range(1)), np.zeros(len(frame), dtype=np.intp)
    names = [count, population, "rate", "lower", "upper", count_variance or count]
    # The limits that weigh a rate are of one level, whatever is asked for the slope.
    error = (numbers(weighing, "upper") - numbers(weighing, "lower")) / (2 * _WIDTHS)
    codes = state_codes(rates, status)
    usable = numeric(codes)
    series = _Series(
        *(
            _laid(np.where(usable, values, np.nan), places, years - end, points, keys)
            for values in (*(numbers(rates, name) for name in names), error)
        )
    )
    laid = _laid(codes.astype(float), places, years - end, points, keys)
    states = np.where(np.isnan(laid), CODES["not_available"], laid).astype(np.int8)
    out = keys.copy()
    out["first_year"], out["last_year"], out["points"] = end - points + 1, end, points
    used = (~np.isnan(series.rate)).sum(axis=1)
    out["points_used"] = used
    out["rate_first"], out["rate_last"] = series.rate[:, 0], series.rate[:, -1]
    found = _trend(series, test, level)
    whole = used == points
    called = whole & (found.p < 1 - certain) & found.steady
    turn = np.where(~whole, 3, np.where(called, 1 + np.sign(np.nan_to_num(found.slope)), 1))
    out["slope"] = found.slope
    out["slope_lower"] = found.slope - found.reach * found.error
    out["slope_upper"] = found.slope + found.reach * found.error
    out["trend_p"] = found.p
    out["trend_steady"] = pd.array(found.steady, dtype="boolean")
    out.loc[~whole, "trend_steady"] = pd.NA
    out["direction"] = labels(turn.astype(int), DIRECTIONS, out.index)
    better = {"low": 0, "high": 2, "none": -9}[polarity]
    marked = np.select([~called | (polarity == "none"), turn == better], [-1, 0], 1)
    out["marker"] = labels(marked, MARKERS, out.index)
    out["trend_status"] = state_text(_whole(states, whole), out.index)
    out["trend_reason"] = text(_lacking(series.rate, end, whole), out.index)
    return pd.concat([out, _change(series, states, level, out.index, end)], axis=1)


def _whole(states: NDArray[np.int8], able: NDArray[np.bool_]) -> NDArray[np.int8]:
    """State of what rests on several years: hidden where one is, as with sums."""
    import numpy as np

    places = np.repeat(np.arange(len(states)), states.shape[1])
    found = group_codes(states.ravel(), places, len(states))
    lacking = np.where(numeric(found), CODES["not_available"], found)
    return np.where(able, found, lacking).astype(np.int8)


def _laid(
    values: NDArray[np.float64],
    places: NDArray[np.intp],
    back: NDArray[np.float64],
    points: int,
    keys: pd.DataFrame,
) -> NDArray[np.float64]:
    """Lay values out by series and year; ``back`` is 0 in the last year, -1 in the one before."""
    import numpy as np

    table = np.full((len(keys), points), np.nan)
    inside = (back <= 0) & (back > -points)
    cell = places[inside] * points + (back[inside] + points - 1).astype(int)
    if len(np.unique(cell)) < len(cell):
        counted = np.bincount(cell)
        first = int(np.flatnonzero(counted > 1)[0])
        key = keys.iloc[first // points].tolist()
        raise SchemaError(
            f"The series of {some(key)} has {counted[first]} rows for one year; expected one. Give "
            "the rows of one release, or name what tells them apart with by=[...]."
        )
    table.flat[cell] = values[inside]
    return table


def _trend(series: _Series, test: Test, level: float) -> _Slopes:
    import numpy as np
    from scipy import special

    points = series.rate.shape[1]
    when = np.arange(points, dtype=float)
    z = special.ndtri(1 - (1 - level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = series.error**-2.0
        slope, spread = _line(weight, series.rate, when)
        error, reach = np.sqrt(1 / spread), z
        others = [np.delete(when, each).astype(int) for each in range(points)]
        without = [_line(weight[:, o], series.rate[:, o], when[o])[0] for o in others]
        every = np.array([slope, *without])
        # A slope that is nought but for rounding has no sign to keep.
        flat = np.abs(every) <= _NOUGHT * np.nan_to_num(series.rate).max(axis=1)
        steady = np.abs(np.where(flat, 0, np.sign(every)).sum(axis=0)) == points + 1
        if test == "chi_square":
            p = _chi_square(series, when)
        elif test == "regression":
            centre = (weight * when).sum(1) / weight.sum(1)
            middle = (weight * series.rate).sum(1) / weight.sum(1)
            fitted = middle[:, None] + slope[:, None] * (when - centre[:, None])
            residual = (weight * (series.rate - fitted) ** 2).sum(1) / (points - 2)
            error = error * np.sqrt(residual)
            reach = special.stdtrit(points - 2, 1 - (1 - level) / 2)
            p = 2 * special.stdtr(points - 2, -np.abs(slope / error))
        else:
            p = 2 * special.ndtr(-np.abs(slope / error))
    return _Slopes(slope, error, float(reach), p, steady)


def _line(
    weight: NDArray[np.float64], rate: NDArray[np.float64], when: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slopes of weighted lines, and the weighted spread of the years that they rest on."""
    total = weight.sum(axis=1, keepdims=True)
    apart = when - (weight * when).sum(axis=1, keepdims=True) / total
    spread = (weight * apart**2).sum(axis=1)
    return (weight * apart * rate).sum(axis=1) / spread, spread


def _chi_square(series: _Series, when: NDArray[np.float64]) -> NDArray[np.float64]:
    """P of the score test for trend: given all events, they fall as the people do."""
    import numpy as np
    from scipy import special

    events = series.events.sum(axis=1)
    share = series.people / series.people.sum(axis=1, keepdims=True)
    centre = (share * when).sum(axis=1)
    score = (series.events * when).sum(axis=1) - events * centre
    # Events that recur within a child vary more, by their variance over their number.
    variance = series.variance.sum(axis=1) * ((share * when**2).sum(axis=1) - centre**2)
    p: NDArray[np.float64] = special.chdtrc(1, score**2 / variance)
    return np.where(events > 0, p, np.where(np.isnan(events), np.nan, 1.0))


def _lacking(rate: NDArray[np.float64], end: int, whole: NDArray[np.bool_]) -> NDArray[Any]:
    import numpy as np

    points = rate.shape[1]
    reasons = np.full(len(rate), "", dtype=object)
    for number in np.flatnonzero(~whole):
        gone = [end - points + 1 + at for at in np.flatnonzero(np.isnan(rate[number]))]
        have = points - len(gone)
        reasons[number] = f"{have} of {points} years have a rate; none for {some(gone, most=9)}"
    return reasons


def _change(
    series: _Series, codes: NDArray[np.int8], level: float, index: pd.Index, end: int
) -> pd.DataFrame:
    """Compare the last year with the one before."""
    import numpy as np
    import pandas as pd

    now, before = (
        tuple(each[:, at] for each in (series.rate, series.lower, series.upper)) for at in (-1, -2)
    )
    change, lower, upper = difference_limits(now, before)
    able = ~np.isnan(change)
    ratio = ratio_limits(
        np.where(able, series.events[:, -1], np.nan),
        np.where(able, series.people[:, -1], 1),
        np.where(able, series.events[:, -2], np.nan),
        np.where(able, series.people[:, -2], 1),
        confidence=level,
        variance=_factor(series, -1),
        other_variance=_factor(series, -2),
    )
    none = able & (series.events[:, -2] == 0)
    apart = ratio.p < (1 - level) * (1 - 1e-12)
    turn = np.select([~able, apart & (change > 0), apart], [3, 2, 0], 1)
    lacking = [
        some([end - 1 + at for at in (0, 1) if np.isnan(rates[at - 2])]) for rates in series.rate
    ]
    reasons = np.array([f"no rate for {years}" for years in lacking], dtype=object)
    said = np.select(
        [~able, none], [reasons, f"no events in {end - 1}: there is no ratio"], ""
    ).astype(object)
    return pd.DataFrame(
        {
            "change": change,
            "change_lower": lower,
            "change_upper": upper,
            "change_ratio": ratio.ratio,
            "change_ratio_lower": np.where(none, np.nan, ratio.lower),
            "change_ratio_upper": np.where(none, np.nan, ratio.upper),
            "change_p": ratio.p,
            "change_verdict": labels(turn, ("lower", "similar", "higher", "not_compared"), index),
            "change_status": state_text(_whole(codes[:, -2:], able), index),
            "change_reason": text(said, index),
        },
        index=index,
    )


def _factor(series: _Series, at: int) -> NDArray[np.float64]:
    """Variance of a year's counts over the counts; a count of zero has none to widen."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(series.events[:, at] > 0, series.variance[:, at] / series.events[:, at], 1)
