"""Slope and relative index of inequality: the gap from the most to the least deprived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np
import pandas as pd
from scipy import special

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import column_names, is_number, is_whole
from bolton_jsna.core.comparable_rows import one_row_each
from bolton_jsna.core.errors import SchemaError, UsageError, choice, some
from bolton_jsna.measures._aggregation import group_codes, groups_or_whole
from bolton_jsna.measures._arrays import Array, Codes, Floats
from bolton_jsna.measures._frame_columns import (
    CODES,
    counted_codes,
    labels,
    need,
    numbers,
    numeric,
    state_codes,
    state_text,
    text_column,
)
from bolton_jsna.measures._intervals import confidence_levels
from bolton_jsna.measures._slope_draws import Draws, FittedLines, Groups, simulated_limits
from bolton_jsna.measures.rates import RateColumns

Interval = Literal["analytic", "simulation", "regression"]
SlopeWeights = Literal["population", "inverse_variance"]

FEWEST: Final = 5
MOST: Final = 100

_NO_RATIO: Final = "the line is not above zero at the least deprived end: no relative index"


@checked
def slope_index_of_inequality(
    frame: pd.DataFrame,
    quantile: str = "quantile",
    *,
    by: Sequence[str] = (),
    count: str = "count",
    population: str = "population",
    value: str | None = None,
    standard_error: str | None = None,
    per: float = 10_000,
    confidence: float | list[float] | tuple[float, ...] = 0.95,
    weights: SlopeWeights = "population",
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
        The weight of each group in the regression.
    interval : {"analytic", "simulation", "regression"}, default "analytic"
        ``analytic``: sampling error of the groups' rates carried through the regression; Fieller's
        limits for the relative index. ``simulation``: the same by ``draws`` seeded draws, as
        OHID. ``regression``: scatter of the groups around the line, Student's t with two degrees
        of freedom fewer than groups.
    draws, seed : int
        The number of draws of the simulation, and their seed.
    fewest : int, default 5
        Fewer groups than this have no index.
    count_variance : str, optional
        The column of each count's variance where events recur within a child, as
        :func:`event_frequencies` or :func:`repeated_event_variance` give it: the groups' errors
        are then wider. Not with ``value``, which has its own error.

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
        When an option is not valid, or a count's variance is less than the count.

    Notes
    -----
    Weighted least squares of the value on the cumulative population midpoint (ridit): Preston,
    Haines and Pamuk 1981; Mackenbach and Kunst 1997; Low and Low 2004; OHID technical guide.
    The relative index is that of Kunst and Mackenbach; its limits, Hayes and Berry 2002 (Fieller).
    Every group of the combination must have a rate: with a hidden group there is no index. The
    index assumes a straight line: look at the rates before you use it.

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
    levels = confidence_levels(confidence)
    choice("weights", weights, ("population", "inverse_variance"))
    choice("interval", interval, ("analytic", "simulation", "regression"))
    if not is_number(fewest) or not 3 <= fewest <= MOST:
        raise UsageError(f"fewest={fewest} is not valid; expected a number from 3 to {MOST}.")
    for name, given, least in (("draws", draws, 1), ("seed", seed, 0)):
        if not is_whole(given) or given < least:
            raise UsageError(f"{name}={given!r} is not a whole number, {least} or more.")
    by = column_names("by", by)
    _check_inputs(value, standard_error, count_variance, weights, interval)
    need(frame, [quantile, population, *by], options="quantile=, population= and by=")
    if value is None:
        values, errors, codes = _rates(
            frame, RateColumns(count, population, status, count_variance, persons=None), per
        )
    else:
        values, errors, codes = _given(frame, value, standard_error, status)
    order, people = numbers(frame, quantile), numbers(frame, population)
    keys, places = groups_or_whole(frame, by)
    one_row_each(frame, places, to="measure inequality", by=by)
    sorting = np.lexsort((order, places))
    _once(order[sorting], places[sorting], keys)
    sizes = np.bincount(places, minlength=len(keys))
    states, reasons = _states_and_reasons(
        Groups(people, values, errors), codes, order, places, sizes, (fewest, interval, weights)
    )
    new = {"population": np.full(len(keys), np.nan)}
    able = reasons == ""
    starts = np.cumsum(sizes) - sizes
    for size in np.unique(sizes[able]):
        at = np.flatnonzero(able & (sizes == size))
        rows = sorting[starts[at][:, None] + np.arange(size)]
        groups = Groups(people[rows], values[rows], errors[rows])
        lines = _fit(groups, weights)
        found = {"population": groups.people.sum(axis=1)}
        found |= _limits(groups, lines, levels, interval, Draws(draws, seed))
        for name, each in found.items():
            new.setdefault(name, np.full(len(keys), np.nan))[at] = each
    allowed = count_variance is not None and interval != "regression"
    method = interval + (", repeated events" if allowed else "")
    out = keys.assign(quantiles=sizes)
    names = ["population"]
    for index in ("sii", "rii"):
        limits = (f"{index}_{side}{end}" for end in levels.values() for side in ("lower", "upper"))
        names += [index, *limits]
    for name in names:
        out[name] = new.get(name, np.full(len(keys), np.nan))
    reasons[able & np.isnan(out["rii"].to_numpy())] = _NO_RATIO
    out["sii_method"] = labels(np.where(out["sii"].isna(), -1, 0), [method], out.index)
    out["sii_status"], out["sii_reason"] = (
        state_text(states, out.index),
        text_column(reasons, out.index),
    )
    return out


def _check_inputs(
    value: str | None,
    standard_error: str | None,
    count_variance: str | None,
    weights: SlopeWeights,
    interval: Interval,
) -> None:
    """Reject a value or an error that does not go with the others."""
    if (value is None) != (standard_error is None) and not (value and interval == "regression"):
        raise UsageError("Give value= and standard_error= together, or neither and count=.")
    if value is not None and standard_error is None and weights == "inverse_variance":
        raise UsageError("weights='inverse_variance' needs standard_error= as well as value=.")
    if value is not None and count_variance:
        raise UsageError(
            "count_variance= goes with count=. For value=, give standard_error= instead."
        )


def _given(
    frame: pd.DataFrame, value: str, standard_error: str | None, status: str
) -> tuple[Floats, Floats, Codes]:
    """Value of each group as it is given, its standard error and its state."""
    need(
        frame,
        [value, *([standard_error] if standard_error else [])],
        options="value= and standard_error=",
    )
    error = numbers(frame, standard_error) if standard_error else np.full(len(frame), np.nan)
    values = numbers(frame, value, least=None)
    codes = counted_codes(frame, status, values, value)
    return np.where(numeric(codes), values, np.nan), error, codes


def _rates(frame: pd.DataFrame, columns: RateColumns, per: float) -> tuple[Floats, Floats, Codes]:
    """Rate of each group from its count, its standard error and its state."""
    rates = replace(columns, count_variance=None).rates(frame, per=per)
    # From the limits, so that a group without events has an error too (as OHID).
    width = rates["upper"].to_numpy() - rates["lower"].to_numpy()
    error = width / (2 * special.ndtri(0.975))
    rate = rates["rate"].to_numpy()
    events = np.where(np.isnan(rate), np.nan, numbers(frame, columns.count))
    known = columns.recurrence(frame, events)
    if known is not None:
        # The width is multiplied, not the limits: a lower limit cut off at zero would narrow it.
        error *= np.sqrt(known.factor(events))
    return rate, error, state_codes(rates, columns.status)


def _once(order: Array, places: Array, keys: pd.DataFrame) -> None:
    """Reject a group with two rows of one quantile; the rows are in order."""
    twice = np.flatnonzero((np.diff(order) == 0) & (np.diff(places) == 0))
    if len(twice):
        key = keys.iloc[places[twice[0]]].tolist()
        where = f" of {some(key)}" if key else ""
        raise SchemaError(
            f"Group {order[twice[0]]:g}{where} occurs more than once; expected one row for each. "
            "Add up the parts first, or name the columns that differ with by=[...]."
        )


def _states_and_reasons(  # noqa: PLR0917 (one call, all by position)
    rows: Groups,
    codes: Codes,
    order: Array,
    places: Array,
    sizes: Array,
    options: tuple[float, Interval, SlopeWeights],
) -> tuple[Codes, Array]:
    """State of each group, and why it has no index; the reason is empty where it has one."""
    fewest, interval, weights = options
    able = ~np.isnan(rows.value) & (rows.people > 0)
    if interval != "regression":
        able &= ~np.isnan(rows.error)
    if weights == "inverse_variance":
        able &= rows.error > 0
    number = np.bincount(places[able], minlength=len(sizes))
    unplaced = np.bincount(places[np.isnan(order)], minlength=len(sizes))
    # If a group is hidden, the index is hidden, as with sums.
    whole = group_codes(codes, places, len(sizes))
    shown = numeric(whole)
    reasons = np.full(len(sizes), "", dtype=object)
    states = whole.copy()
    few = (sizes < fewest) | (sizes > MOST)
    states[few] = CODES["not_applicable"]
    for at in np.flatnonzero(few):
        reasons[at] = f"there are {sizes[at]} groups; {fewest} to {MOST} make an index"
    missing = number < sizes
    states[missing] = np.where(shown, CODES["not_available"], whole)[missing]
    for at in np.flatnonzero(missing):
        reasons[at] = f"{number[at]} of {sizes[at]} groups have a rate"
        reasons[at] += " and an error" if shown[at] and interval != "regression" else ""
    states[unplaced > 0] = CODES["not_available"]
    for at in np.flatnonzero(unplaced):
        reasons[at] = f"{unplaced[at]} rows have no deprivation group"
    return states, reasons


def _fit(groups: Groups, weights: SlopeWeights) -> FittedLines:
    """Weighted regression on the ridit, as coefficients by which each value enters the ends."""

    def total(values: Array) -> Array:
        return np.asarray(values.sum(axis=1, keepdims=True))

    share = groups.people / total(groups.people)
    ridit = np.cumsum(share, axis=1) - share / 2
    weight = share
    if weights == "inverse_variance":
        weight = groups.error**-2.0 / total(groups.error**-2.0)
    centre = total(weight * ridit)
    slope = weight * (ridit - centre) / total(weight * (ridit - centre) ** 2)
    most = weight - centre * slope
    least = weight + (1 - centre) * slope
    fitted = total(most * groups.value) * (1 - ridit) + total(least * groups.value) * ridit
    residual = total(weight * (groups.value - fitted) ** 2) / (share.shape[1] - 2)
    return FittedLines(most, least, residual / weight)


def _limits(
    groups: Groups,
    lines: FittedLines,
    levels: Mapping[float, str],
    interval: Interval,
    draws: Draws,
) -> dict[str, Array]:
    """Indices and limits, an entry for each group."""
    most = (lines.most * groups.value).sum(axis=1)
    least = (lines.least * groups.value).sum(axis=1)
    above = np.where(least > 0, least, np.nan)
    found = {"sii": most - least, "rii": most / above}
    tails = {(1 - level) / 2: ending for level, ending in levels.items()}
    drawn = interval == "simulation"
    simulated = simulated_limits(groups, lines, list(tails), draws) if drawn else {}
    for tail, ending in tails.items():
        if drawn:
            slope_limits, ratio_limits = simulated[tail]
        else:
            by_scatter = interval == "regression"
            variance = lines.scatter if by_scatter else groups.error**2
            freedom = groups.value.shape[1] - 2
            reach = special.stdtrit(freedom, 1 - tail) if by_scatter else special.ndtri(1 - tail)
            error = np.sqrt(((lines.most - lines.least) ** 2 * variance).sum(axis=1))
            slope_limits = (most - least) + np.array([[-1], [1]]) * reach * error
            ratio_limits = _fieller(most, above, lines, variance, reach)
        found[f"sii_lower{ending}"], found[f"sii_upper{ending}"] = slope_limits
        found[f"rii_lower{ending}"], found[f"rii_upper{ending}"] = ratio_limits
    return found


def _fieller(most: Array, least: Array, lines: FittedLines, variance: Array, reach: float) -> Array:
    """Limits of the ratio of two correlated estimates; missing if they are unbounded."""
    var_most = (lines.most**2 * variance).sum(axis=1)
    var_least = (lines.least**2 * variance).sum(axis=1)
    both = (lines.most * lines.least * variance).sum(axis=1)
    below = least**2 - reach**2 * var_least
    below = np.where(below > 0, below, np.nan)
    middle = most * least - reach**2 * both
    root = np.sqrt(np.maximum(middle**2 - (most**2 - reach**2 * var_most) * below, 0.0))
    return np.asarray((middle + np.array([[-1], [1]]) * root) / below)
