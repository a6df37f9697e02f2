"""Crude rates with intervals, method and state in one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import column_names, is_number
from bolton_jsna.core.errors import UsageError
from bolton_jsna.measures._aggregation import add_up
from bolton_jsna.measures._arrays import Flags, Floats
from bolton_jsna.measures._frame_columns import (
    events_and_people,
    labels,
    need,
    numbers,
    numeric,
    positive,
    state_text,
)
from bolton_jsna.measures._intervals import (
    BYAR,
    EXACT,
    EXACT_BELOW,
    confidence_levels,
    count_limits,
)
from bolton_jsna.measures._units import units_of
from bolton_jsna.measures.recurrent_events import (
    ALLOWED,
    REPEATS_TEXT,
    UNKNOWN,
    Recurrence,
    recurrence,
)


@checked
def crude_rates(
    frame: pd.DataFrame,
    *,
    count: str = "count",
    population: str = "population",
    per: float | None = None,
    confidence: float | list[float] | tuple[float, ...] = 0.95,
    status: str = "status",
    population_status: str | None = None,
    by: str | Sequence[str] | None = None,
    rounded_to: float | str | None = None,
    count_variance: str | None = None,
    persons: str | None = "persons",
) -> pd.DataFrame:
    """Add the crude rate of each row, its confidence limits, the method and the state.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area, year or group. It is not changed.
    count, population : str
        The columns of events and of people at risk.
    per : float, optional
        The number of people the rate is for. By default 10,000, or, in a frame with a column
        ``unit`` as :func:`load_indicators` gives it, what the unit of each row says; shares in
        ``per cent`` have Wilson's limits.
    confidence : float or sequence of float, default 0.95
        One level gives ``lower`` and ``upper``; several give ``lower_95``, ``upper_95``,
        ``lower_99_8``, ``upper_99_8`` and so on.
    status : str, default "status"
        The column of the count's state; ``count_status`` where the frame has that. Without it, a
        count that is missing is ``not_available`` and any other a ``value``.
    population_status : str, optional
        The column of the population's state; a modelled population makes a modelled rate. By
        default ``population_status`` (or the like) where the frame has it.
    by : str or sequence of str, optional
        Add up events and people by these columns first: one row per group, in order of first
        appearance, with ``parts`` (rows that could have a number) and ``parts_used``. A group
        with a hidden or missing part has no sum: it has no count and no rate, and the state of
        that part (``suppressed`` before ``low`` before ``not_available``). Rows of several
        indicators or levels are rejected, and so are rows of several years, unless they are of
        one area that ``by`` names.
    rounded_to : float or str, optional
        The number that counts were rounded to when published, 10 for England and the regions in
        DfE's releases, or the column with that number (0 or missing: not rounded). The
        limits then hold for every count that rounds to the published one; ``method`` shows it.
    count_variance : str, optional
        The column of the variance of the count where events recur within a child, as
        :func:`event_frequencies` and :func:`repeated_event_variance` give it. Limits are widened
        by it; a row without one has a rate and no limits.
    persons : str, optional
        The column of the different children behind the count, such as the children referred, as
        :func:`load_children_in_need` gives it. Where the frame has it, and no ``count_variance``
        is named, limits are widened for children counted several times. A state of
        ``not_applicable`` in ``persons_status`` means that each child is counted once. Where the
        children are not known, or contradict the count, limits are those of events that do not
        recur, and ``method`` shows it. None: do not look for it.

    Returns
    -------
    DataFrame, shape (n, k + 4 or more)
        The columns of ``frame`` (``status`` made or brought up to date), then ``rate`` (events
        per ``per`` people), the limits, and ``method`` (``Byar`` or ``Exact Poisson``, with
        ``repeated events`` where limits allow for children counted several times and ``repeats
        not allowed for`` where they should and cannot; empty where there is no rate). A count in
        a state without a number has no rate and keeps its state; a missing population gives
        ``not_available``, a population of zero ``not_applicable``. A count of zero gives a rate of
        zero with a proper upper limit. With ``by``, only the columns of the groups and of what was
        added up.

    Raises
    ------
    SchemaError
        When a column is not there or holds text.
    UsageError
        When a count or population is negative or infinite, a value is missing that its state
        calls a value, a state is not one of the states, a variance is less than its count, or
        ``per``, ``confidence``, ``by`` or ``rounded_to`` is not valid.

    Notes
    -----
    Byar's method for counts of ten and more, exact Poisson below: OHID technical guide;
    Breslow and Day 1987; Armitage and Berry 2002. The population is taken as known. Where events
    recur, the distance of each limit from the count is multiplied by the square root of variance
    over count (the extension of Dobson et al. 1991 that OHID uses; Stukel et al. 1994). From
    ``persons`` the variance is that of a geometric number of events per child: see
    :func:`repeated_event_variance`. Where repeats are much more uneven the limits hold the true
    rate less often: at least .926 in the shapes of ``docs/methods/claims.md``, .86 in the
    worst that was tried. For a count
    c rounded to b, the lower limit is that of c - b/2 and the upper that of c + b/2.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> plans = jsna.load_children_in_need("Bolton", indicators="cpp_at_31_march", years=[2025])
    >>> found = jsna.crude_rates(plans)[["count", "rate", "lower", "upper", "method", "status"]]
    >>> found.round(2)
       count  rate  lower  upper method status
    0    319  42.2  37.69  47.09   Byar  value

    Some children are referred more than once:

    >>> referrals = jsna.load_children_in_need("Bolton", indicators="referrals", years=[2025])
    >>> jsna.crude_rates(referrals)[["persons", "rate", "lower", "upper", "method"]].round(1)
       persons   rate  lower  upper                 method
    0     3425  503.0  485.5  521.0  Byar, repeated events

    Hidden counts stay hidden, and zero is a value:

    The rows of an indicator have its denominator and unit:

    >>> shares = jsna.load_indicators(
    ...     "Bolton", indicators="second_or_subsequent_plans", years=2025
    ... )
    >>> jsna.crude_rates(shares)[["rate", "lower", "upper", "unit", "method"]].round(1)
       rate  lower  upper      unit                          method
    0  30.7   26.4   35.4  per cent  Wilson, repeats not allowed for

    >>> import pandas as pd
    >>> wards = pd.DataFrame(
    ...     {"count": [0, None], "population": [1_200, 1_300], "status": ["value", "suppressed"]}
    ... )
    >>> jsna.crude_rates(wards)[["rate", "lower", "upper", "method", "status"]].round(2)
       rate  lower  upper         method      status
    0   0.0    0.0  30.74  Exact Poisson       value
    1   NaN    NaN    NaN           <NA>  suppressed
    """
    if per is not None:
        positive("per", per)
    levels = confidence_levels(confidence)
    need(frame, [count, population], options="count= and population=")
    need(frame, column_names("by", by), options="by=")
    if status == "status" and "count_status" in frame.columns:
        # The status of an indicator is that of its value, which may be published without a count.
        frame = frame.assign(status=frame["count_status"])
    if population_status is None and f"{population}_status" in frame.columns:
        population_status = f"{population}_status"
    units = units_of(frame, per, summed=by is not None)
    rounding = _rounding(frame, rounded_to)
    known = recurrence(frame, numbers(frame, count), count_variance=count_variance, persons=persons)
    if by is not None:
        frame, known, rounding = _added_up(
            frame,
            by,
            known,
            rounding,
            sums=[count, population],
            status=status,
            population_status=population_status,
        )
        population_status = None
        units = units.one_for(len(frame))
    events, people, codes = events_and_people(frame, count, population, status, population_status)
    units.reject_others(codes)
    usable = numeric(codes)
    if not usable.all():
        events = np.where(usable, events, np.nan)
        people = np.where(usable, people, np.nan)

    # Multiplied first, so that a rate is rounded once: 3 of 10 per 10 is 3.
    new: dict[str, Any] = {"rate": events * units.per / people}
    widening = None if known is None else np.sqrt(known.factor(events))
    for level, ending in levels.items():
        limits = widened_limits(events, level, rounding=rounding, widening=widening)
        low, high = units.limits(limits, (events, people), level, widening)
        new[f"lower{ending}"] = low * units.per / people
        new[f"upper{ending}"] = high * units.per / people
    methods = method_labels(events, usable, frame.index, rounding, known)
    new["method"] = units.methods(methods, events, people)
    new[status] = state_text(codes, frame.index)
    return frame.assign(**new)


def _added_up(
    frame: pd.DataFrame,
    by: str | Sequence[str],
    known: Recurrence | None,
    rounding: Floats | None,
    *,
    sums: list[str],
    status: str,
    population_status: str | None,
) -> tuple[pd.DataFrame, Recurrence | None, Floats | None]:
    """Return sums by groups, with how their events recur and what their counts were rounded to."""
    also: dict[str, Any] = {}
    if known is not None:
        also = {
            "_variance": known.variance,
            "_allowed": known.repeats == ALLOWED,
            # A part without events adds none that could recur.
            "_unknown": (known.repeats == UNKNOWN) & (numbers(frame, sums[0]) > 0),
        }
    if rounding is not None:
        also["_rounding"] = rounding
    frame = add_up(
        frame.assign(**also),
        by,
        sums=sums,
        also=list(also),
        status=status,
        population_status=population_status,
    )
    summed = {name: frame.pop(name).to_numpy() for name in also}
    if known is not None:
        repeats = np.where(summed["_unknown"] > 0, UNKNOWN, np.sign(summed["_allowed"]))
        known = Recurrence(summed["_variance"], repeats.astype(np.int8))
    return frame, known, summed.get("_rounding")


@dataclass(frozen=True)
class RateColumns:
    """The names of the columns that rates, and comparisons of rates, are made from."""

    count: str = "count"
    population: str = "population"
    status: str = "status"
    count_variance: str | None = None
    persons: str | None = "persons"

    def rates(self, frame: pd.DataFrame, **options: Any) -> pd.DataFrame:
        """Return the crude rates of a frame with these columns."""
        return crude_rates(frame, **vars(self), **options)

    def recurrence(self, frame: pd.DataFrame, events: Floats | None = None) -> Recurrence | None:
        """Return how the events of each row recur, by default those of the column of counts."""
        events = numbers(frame, self.count) if events is None else events
        return recurrence(frame, events, count_variance=self.count_variance, persons=self.persons)


def widened_limits(
    events: Floats, level: float, *, rounding: Floats | None = None, widening: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return the limits of counts, wider for rounding and for events that recur."""
    if rounding is None:
        lower, upper = count_limits(events, level)
    else:
        lower, _ = count_limits(np.maximum(events - rounding / 2, 0), level)
        _, upper = count_limits(events + rounding / 2, level)
    if widening is not None:
        lower = np.maximum(events + widening * (lower - events), 0)
        upper = events + widening * (upper - events)
    return lower, upper


def method_labels(
    events: Floats,
    usable: Flags,
    index: pd.Index,
    rounding: Floats | None = None,
    known: Recurrence | None = None,
) -> pd.Series:
    """Return the method of each row's limits as text, missing where there are none."""
    words = [word + ending for ending in REPEATS_TEXT for word in (BYAR, EXACT)]
    limited = usable if known is None else usable & ~np.isnan(known.variance)
    places = (events < EXACT_BELOW).astype(np.intp)
    if known is not None:
        places = places + 2 * known.repeats
    if rounding is not None:
        bases = np.unique(rounding[rounding > 0])
        step = len(words)
        words += [f"{word}, count rounded to {base:g}" for base in bases for word in words[:step]]
        more = step * (np.searchsorted(bases, rounding) + 1)
        places = np.where(rounding > 0, places + more, places)
    return labels(np.where(limited, places, -1), words, index)


def _rounding(frame: pd.DataFrame, rounded_to: float | str | None) -> Floats | None:
    if rounded_to is None:
        return None
    if isinstance(rounded_to, str):
        need(frame, [rounded_to], options="rounded_to=")
        return np.nan_to_num(numbers(frame, rounded_to))
    if not is_number(rounded_to) or not 0 <= rounded_to < np.inf:
        raise UsageError(
            f"rounded_to={rounded_to!r} is not valid. Write the number that counts were rounded "
            "to, such as 10, or the name of a column."
        )
    return np.full(len(frame), float(rounded_to))
