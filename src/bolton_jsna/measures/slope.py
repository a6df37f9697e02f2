"""Slope and relative index of inequality: the gap from the most to the least deprived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from bolton_jsna.errors import SchemaError, UsageError, choice, some
from bolton_jsna.measures.grouping import group_codes, group_rows, one_level
from bolton_jsna.measures.intervals import confidence_levels, level_suffix
from bolton_jsna.measures.rates import crude_rates
from bolton_jsna.measures.ratios import text
from bolton_jsna.measures.repeated import recurrence
from bolton_jsna.measures.rows import (
    STATES,
    counted_codes,
    labels,
    need,
    numbers,
    numeric,
    state_codes,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

Interval = Literal["analytic", "simulation", "regression"]
Weights = Literal["population", "inverse_variance"]

FEWEST: Final = 5
MOST: Final = 100

_NO_RATIO: Final = "the line is not above zero at the least deprived end: no relative index"


class _Group(NamedTuple):
    """The quantiles of one group in order, most deprived first."""

    people: NDArray[Any]
    value: NDArray[Any]
    error: NDArray[Any]
    codes: NDArray[Any]


class _Draws(NamedTuple):
    """How many draws a simulation takes, and from where."""

    number: int
    seed: int

    def of(self, group: _Group) -> NDArray[Any]:
        import numpy as np

        # Each group's draws begin anew, so that its limits do not depend on the others.
        noise = np.random.default_rng(self.seed).standard_normal((self.number, len(group.value)))
        drawn: NDArray[Any] = group.value + noise * group.error
        return drawn


class _Line(NamedTuple):
    """A fitted line: how much each value enters its two ends, and the values' own scatter."""

    most: NDArray[Any]
    least: NDArray[Any]
    scatter: NDArray[Any]
    """Variance of each value as the regression sees it: residual variance over the weight."""


def slope_index_of_inequality(
    frame: pd.DataFrame,
    *,
    quantile: str = "quantile",
    by: Sequence[str] = (),
    count: str = "count",
    population: str = "population",
    value: str | None = None,
    standard_error: str | None = None,
    per: float = 10_000,
    confidence: float | list[float] | tuple[float, ...] = 0.95,
    weights: Weights = "population",
    interval: Interval = "analytic",
    draws: int = 100_000,
    seed: int = 0,
    fewest: int = FEWEST,
    status: str = "status",
    count_variance: str | None = None,
) -> pd.DataFrame:
    """Return the slope and the relative index of inequality over ordered groups.

    Parameters
    ----------
    frame : DataFrame
        One row per deprivation group, 1 most deprived, as :func:`rates_by_deprivation` gives.
    quantile : str, default "quantile"
        The column of the groups' order.
    by : sequence of str, default ()
        An index for each combination of these columns (year, indicator, area).
    count, population, status : str
        The columns of events, people and the count's state: rates and their errors are made here.
    value, standard_error : str, optional
        Instead of ``count``: any value (a standardised rate, a mean) and its standard error.
    per : float, default 10 000
        The number of people the rates, and so the slope index, are for.
    confidence : float or sequence of float, default 0.95
        Level of the limits.
    weights : {"population", "inverse_variance"}, default "population"
        What each group counts for in the regression.
    interval : {"analytic", "simulation", "regression"}, default "analytic"
        ``analytic``: sampling error of the groups' rates carried through the regression; Fieller's
        limits for the relative index. ``simulation``: the same by ``draws`` seeded draws, as
        OHID. ``regression``: scatter of the groups around the line, Student's t with two degrees
        of freedom fewer than groups.
    draws, seed : int
        Of the simulation.
    fewest : int, default 5
        Fewer groups than this have no index.
    count_variance : str, optional
        The column of each count's variance where events recur within a child, as
        :func:`event_frequencies` or :func:`repeated_event_variance` give it: the groups' errors
        are the wider by it. Not with ``value``, whose error is given.

    Returns
    -------
    DataFrame, one row per combination of ``by``
        ``quantiles`` (groups used), ``population``, ``sii`` with limits (the fitted value at the
        most deprived end less that at the least deprived end, in the unit of the rate), ``rii``
        with limits (the first over the second), ``sii_method`` (with "repeated events" where the
        limits allow for them), ``sii_status`` (suppressed where a group is) and ``sii_reason``.
        Above 0 (and ``rii`` above 1): more among the most deprived.

    Raises
    ------
    SchemaError
        When a column is not there, or a group occurs twice.
    UsageError
        When an option cannot be meant, or a count's variance is less than the count.

    Notes
    -----
    Weighted least squares of the value on the cumulative population midpoint (ridit): Preston,
    Haines and Pamuk 1981; Mackenbach and Kunst 1997; Low and Low 2004; OHID technical guide.
    The relative index is that of Kunst and Mackenbach; its limits, Hayes and Berry 2002 (Fieller).
    Every group of the combination must have a rate: over a hidden part there is no index. The
    ridit needs whole groups, and a straight line: look at the rates before using the index.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> from bolton_jsna.measures.events import events_of
    >>> referrals = events_of(jsna.load_local_records().records, "referrals", 2025)
    >>> lsoas = jsna.load_idaci("Bolton")
    >>> children = jsna.load_population_estimates("Bolton", level="lsoa", years=[2024])
    >>> children = children.set_index("area_code")["population"]  # aged 0-17, as the referrals
    >>> lsoas["population"] = lsoas["lsoa_code"].map(children)
    >>> tally = referrals["lsoa_code"].value_counts()
    >>> lsoas["count"] = lsoas["lsoa_code"].map(tally).fillna(0).astype(int)
    >>> deciles = jsna.rates_by_deprivation(lsoas)
    >>> found = jsna.slope_index_of_inequality(deciles)
    >>> found[["quantiles", "sii", "rii"]].round(1).values.tolist()
    [[10.0, 493.7, 3.0]]
    """
    import numpy as np
    import pandas as pd

    levels = confidence_levels(confidence)
    choice("weights", weights, ("population", "inverse_variance"))
    choice("interval", interval, ("analytic", "simulation", "regression"))
    if not 3 <= fewest <= MOST:
        raise UsageError(f"fewest={fewest} cannot be meant: a slope needs 3 groups, or more.")
    _meant(value, standard_error, count_variance, weights, interval)
    need(frame, [quantile, population, *by], options="quantile=, population= and by=")
    endings = ["" if len(levels) == 1 else f"_{level_suffix(level)}" for level in levels]
    if value is None:
        values, errors, codes = _rates(frame, count, population, per, status, count_variance)
    else:
        values, errors, codes = _given(frame, value, standard_error, status)
    order, people = numbers(frame, quantile), numbers(frame, population)
    if by:
        keys, places = group_rows(frame, by)
    else:
        keys, places = pd.DataFrame(index=range(1)), np.zeros(len(frame), dtype=np.intp)
    one_level(frame, places, to="measure inequality")
    rows = []
    for number in range(len(keys)):
        own = np.flatnonzero(places == number)
        own = own[np.argsort(order[own], kind="stable")]
        _once(order[own], keys.iloc[number].tolist())
        group = _Group(people[own], values[own], errors[own], codes[own])
        row: dict[str, Any] = _refusal(group, order[own], fewest, interval, weights)
        row["quantiles"] = len(own)
        if not row["sii_reason"]:
            line = _fit(group, weights)
            row["population"] = group.people.sum()
            for level, ending in zip(levels, endings, strict=True):
                row |= _limits(group, line, level, ending, interval, _Draws(draws, seed))
            if np.isnan(row["rii"]):
                row["sii_reason"] = _NO_RATIO
        rows.append(row)
    allowed = count_variance is not None and interval != "regression"
    return _table(keys, rows, endings, interval + (", repeated events" if allowed else ""))


def _meant(
    value: str | None,
    standard_error: str | None,
    count_variance: str | None,
    weights: Weights,
    interval: Interval,
) -> None:
    """Refuse a value or an error that does not go with the others."""
    if (value is None) != (standard_error is None) and not (value and interval == "regression"):
        raise UsageError("Give value= and standard_error= together, or neither and count=.")
    if value is not None and standard_error is None and weights == "inverse_variance":
        raise UsageError("weights='inverse_variance' needs standard_error= beside value=.")
    if value is not None and count_variance:
        raise UsageError(
            "count_variance= is of count=; the error of value= is given by standard_error=."
        )


def _given(
    frame: pd.DataFrame, value: str, standard_error: str | None, status: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int8]]:
    """Value of each group as it is given, its standard error and its state."""
    import numpy as np

    need(frame, [value, *([standard_error] if standard_error else [])], options="value=")
    error = numbers(frame, standard_error) if standard_error else np.full(len(frame), np.nan)
    values = numbers(frame, value, least=None)
    codes = counted_codes(frame, status, values, value)
    return np.where(numeric(codes), values, np.nan), error, codes


def _rates(  # noqa: PLR0917 (one call, all by position)
    frame: pd.DataFrame,
    count: str,
    population: str,
    per: float,
    status: str,
    count_variance: str | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int8]]:
    """Rate of each group from its count, its standard error and its state."""
    import numpy as np
    from scipy import special

    rates = crude_rates(
        frame, count=count, population=population, per=per, status=status, persons=None
    )
    # From the limits, so that a group without events has an error too (as OHID).
    width = rates["upper"].to_numpy() - rates["lower"].to_numpy()
    error = width / (2 * special.ndtri(0.975))
    rate = rates["rate"].to_numpy()
    events = np.where(np.isnan(rate), np.nan, numbers(frame, count))
    known = recurrence(frame, events, count_variance=count_variance, persons=None)
    if known is not None:
        # The width is multiplied, not the limits: a lower one cut off at zero would narrow it.
        error *= np.sqrt(known.factor(events))
    return rate, error, state_codes(rates, status)


def _once(order: NDArray[Any], key: Sequence[object]) -> None:
    import numpy as np

    twice = order[1:][np.diff(order) == 0]
    if len(twice):
        where = f" of {some(key)}" if key else ""
        raise SchemaError(
            f"Group {twice[0]:g}{where} occurs more than once; expected one row for each. Add up "
            "the parts first, or name what tells them apart with by=[...]."
        )


def _refusal(
    group: _Group, order: NDArray[Any], fewest: int, interval: Interval, weights: Weights
) -> dict[str, Any]:
    """State and reason of a group without an index; the reason is empty where there is one."""
    import numpy as np

    able = ~np.isnan(group.value) & (group.people > 0)
    if interval != "regression":
        able &= ~np.isnan(group.error)
    if weights == "inverse_variance":
        able &= group.error > 0
    # A group that is hidden leaves an index that is hidden, as with sums.
    whole = group_codes(group.codes, np.zeros(len(order), dtype=np.intp), 1)
    shown = bool(numeric(whole)[0])
    state, reason = STATES[whole[0]], ""
    if np.isnan(order).any():
        state, reason = "not_available", f"{np.isnan(order).sum()} rows have no deprivation group"
    elif not able.all():
        state = "not_available" if shown else state
        reason = f"{able.sum()} of {len(order)} groups have a rate"
        reason += " and an error" if shown and interval != "regression" else ""
    elif not fewest <= len(order) <= MOST:
        state = "not_applicable"
        reason = f"there are {len(order)} groups; {fewest} to {MOST} make an index"
    return {"sii_status": state, "sii_reason": reason}


def _fit(group: _Group, weights: Weights) -> _Line:
    """Weighted regression on the ridit, as coefficients by which each value enters the ends."""
    import numpy as np

    share = group.people / group.people.sum()
    ridit = np.cumsum(share) - share / 2
    weight = share
    if weights == "inverse_variance":
        weight = group.error**-2.0 / (group.error**-2.0).sum()
    centre = (weight * ridit).sum()
    slope = weight * (ridit - centre) / (weight * (ridit - centre) ** 2).sum()
    most = weight - centre * slope
    least = weight + (1 - centre) * slope
    fitted = (most * group.value).sum() * (1 - ridit) + (least * group.value).sum() * ridit
    residual = (weight * (group.value - fitted) ** 2).sum() / (len(share) - 2)
    return _Line(most, least, residual / weight)


def _limits(  # noqa: PLR0917 (one call, all by position)
    group: _Group, line: _Line, level: float, ending: str, interval: Interval, draws: _Draws
) -> dict[str, float]:
    import numpy as np
    from scipy import special

    most, least = (line.most * group.value).sum(), (line.least * group.value).sum()
    tail = (1 - level) / 2
    slope_limits, ratio_limits = np.full((2, 2), np.nan)
    if interval == "simulation":
        drawn = draws.of(group)
        high, low = drawn @ line.most, drawn @ line.least
        slope_limits = np.quantile(high - low, [tail, 1 - tail])
        if (low > 0).mean() > 1 - tail:
            ratio_limits = np.quantile(high / low, [tail, 1 - tail])
    else:
        by_scatter = interval == "regression"
        variance = line.scatter if by_scatter else group.error**2
        freedom = len(group.value) - 2
        reach = special.stdtrit(freedom, 1 - tail) if by_scatter else special.ndtri(1 - tail)
        error = np.sqrt(((line.most - line.least) ** 2 * variance).sum())
        slope_limits = most - least + np.array([-1, 1]) * reach * error
        ratio_limits = _fieller(most, least, line, variance, reach)
    found = {"sii": most - least, "rii": most / least if least > 0 else np.nan}
    found[f"sii_lower{ending}"], found[f"sii_upper{ending}"] = slope_limits
    found[f"rii_lower{ending}"], found[f"rii_upper{ending}"] = ratio_limits
    return found


def _fieller(
    most: float, least: float, line: _Line, variance: NDArray[Any], reach: float
) -> NDArray[Any]:
    """Limits of the ratio of two estimates that vary together; none where they are unbounded."""
    import numpy as np

    var_most = (line.most**2 * variance).sum()
    var_least = (line.least**2 * variance).sum()
    both = (line.most * line.least * variance).sum()
    below = least**2 - reach**2 * var_least
    if least <= 0 or below <= 0:
        return np.full(2, np.nan)
    middle = most * least - reach**2 * both
    root = np.sqrt(max(middle**2 - (most**2 - reach**2 * var_most) * below, 0.0))
    limits: NDArray[Any] = (middle + np.array([-1, 1]) * root) / below
    return limits


def _table(
    keys: pd.DataFrame, rows: list[dict[str, Any]], endings: Sequence[str], method: str
) -> pd.DataFrame:
    import numpy as np

    limits = [f"{n}{e}" for e in endings for n in ("sii_lower", "sii_upper")]
    relative = [f"{n}{e}" for e in endings for n in ("rii_lower", "rii_upper")]
    names = ["population", "sii", *limits, "rii", *relative]
    out = keys.copy()
    out["quantiles"] = [row["quantiles"] for row in rows]
    for name in names:
        out[name] = np.array([row.get(name, np.nan) for row in rows], dtype=float)
    able = out["sii"].notna().to_numpy()
    out["sii_method"] = labels(np.where(able, 0, -1), [method], out.index)
    for name in ("sii_status", "sii_reason"):
        words = np.array([row.get(name, "") for row in rows], dtype=object)
        out[name] = text(words, out.index)
    return out
