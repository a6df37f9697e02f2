"""Events that recur within a child: how much more they vary than events that do not.

A child referred three times in a year is three referrals, but not three independent ones. The
variance of a count is then the sum of the squares of the events of each child.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.measures._aggregation import group_rows
from bolton_jsna.measures._arrays import Codes, Floats
from bolton_jsna.measures._frame_columns import CODES, need, numbers, numeric, state_codes

Spread = Literal["geometric", "least"]

PERSONS: Final = "persons"
"""The column that is used where a frame has it; any other name must be there."""

ONCE: Final = 0
"""Each person is counted once: there is nothing to allow for."""
ALLOWED: Final = 1
"""Events recur within a person, and limits allow for it."""
UNKNOWN: Final = 2
"""Events may recur within a person, and how often is not known."""

REPEATS_TEXT: Final = ("", ", repeated events", ", repeats not allowed for")
"""What the name of a method ends with in each of the three cases."""


@dataclass(frozen=True)
class Recurrence:
    """How events recur within people, an entry per row.

    Attributes
    ----------
    variance : ndarray of float, shape (n,)
        The variance of each count; the count itself where nothing recurs or it is not known.
    repeats : ndarray of int8, shape (n,)
        :data:`ONCE`, :data:`ALLOWED` or :data:`UNKNOWN`.
    """

    variance: Floats
    repeats: Codes

    def factor(self, events: Floats) -> Floats:
        """Return the variance over the count; a count of zero has none to widen."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(events > 0, self.variance / events, 1.0)
        return np.where(np.isnan(self.variance), np.nan, found)


def recurrence(
    frame: pd.DataFrame, events: Floats, *, count_variance: str | None, persons: str | None
) -> Recurrence | None:
    """Return how the events of each row recur: from a column of variances, or one of persons."""
    if count_variance:
        need(frame, [count_variance], options="count_variance=")
        variance = numbers(frame, count_variance)
        not_below_count(variance, events, count_variance)
        return Recurrence(variance, np.full(len(events), ALLOWED, dtype=np.int8))
    if persons not in (None, PERSONS):
        need(frame, [persons], options="persons=")
    if persons is None or persons not in frame.columns:
        return None
    people = numbers(frame, persons)
    once = np.zeros(len(events), dtype=bool)
    if (status := f"{persons}_status") in frame.columns:
        # A row from a join of tables may have no state: its children are not known.
        known = frame.assign(**{status: frame[status].astype(object).fillna("not_available")})
        codes = state_codes(known, status)
        once = codes == CODES["not_applicable"]
        people = np.where(numeric(codes), people, np.nan)
    # More persons than events is a contradiction; zero events show nothing about repeats.
    able = ~once & (people > 0) & (people <= events)
    mean = np.where(able, events / np.where(able, people, 1), 1.0)
    repeats = np.select([once, able], [ONCE, ALLOWED], UNKNOWN).astype(np.int8)
    return Recurrence(events * (2 * mean - 1), repeats)


def not_below_count(variance: Floats, events: Floats, column: str) -> None:
    """Reject variances that are less than their counts: events that may recur vary more."""
    short = variance < events * (1 - 1e-9)
    if short.any():
        raise UsageError(
            f"Column {column!r} holds {variance[short][0]:g} for a count of {events[short][0]:g}. "
            "The variance of events that may recur is at least the count: use event_frequencies "
            "or repeated_event_variance."
        )


@checked
def event_frequencies(
    records: pd.DataFrame, *, by: str | Sequence[str], person: str = "child_id"
) -> pd.DataFrame:
    """Count events, the children they happened to and the variance of the count, by group.

    Parameters
    ----------
    records : DataFrame, shape (n, k)
        One row per event.
    by : str or sequence of str
        The columns that define the groups, such as the ward, or the ward and the age band.
    person : str, default "child_id"
        The column that identifies the child of an event.

    Returns
    -------
    DataFrame, shape (g, number of ``by`` + 4)
        One row per group in order of first appearance: the ``by`` columns, ``count`` (events),
        ``persons`` (different children), ``count_variance`` (the sum over children of the square
        of their events) and ``unidentified`` (events whose child is not known, each taken to be
        another child's).

    Raises
    ------
    SchemaError
        When a column is not there.
    UsageError
        When ``by`` names no column.

    Notes
    -----
    Var(O) is the sum over k of k squared times the number of children with k events: OHID's
    extension of Dobson et al. 1991 to events that are not independent; Stukel et al. 1994. A child
    with events in two groups is counted in each, and the groups are taken as independent.
    Unidentified events make the variance too small; report how many there are.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> from bolton_jsna.measures.events import events_of
    >>> records = jsna.load_local_records().records
    >>> referrals = events_of(records, "referrals", 2025)
    >>> found = jsna.event_frequencies(referrals.assign(area_code="E08000001"), by="area_code")
    >>> found[["count", "persons", "count_variance", "unidentified"]].iloc[0].tolist()
    [3803, 3425, 4595, 0]
    >>> children = jsna.load_children_in_need("Bolton", indicators="referrals", years=[2025])
    >>> rates = jsna.crude_rates(
    ...     children.merge(found[["area_code", "count_variance"]], on="area_code"),
    ...     count_variance="count_variance",
    ... )
    >>> rates[["rate", "lower", "upper", "method"]].round(1)
        rate  lower  upper                 method
    0  503.0  485.6  520.9  Byar, repeated events
    """
    need(records, [person], options="person=")
    keys, places = group_rows(records, by)
    known = records[person].notna().to_numpy()
    each = records[[person]].reset_index(drop=True)[known].assign(_group=places[known])
    events = each.groupby(["_group", person], observed=True).size()
    group = events.index.get_level_values("_group").to_numpy()
    groups = len(keys)
    unidentified = np.bincount(places[~known], minlength=groups)
    squares = np.bincount(group, weights=events.to_numpy() ** 2.0, minlength=groups)
    return keys.assign(
        count=np.bincount(places, minlength=groups),
        persons=np.bincount(group, minlength=groups) + unidentified,
        count_variance=squares.astype(int) + unidentified,
        unidentified=unidentified,
    )


@checked
def repeated_event_variance(
    frame: pd.DataFrame,
    *,
    count: str = "count",
    persons: str = "persons",
    spread: Spread = "geometric",
) -> pd.DataFrame:
    """Add the variance of counts of events from the number of children they happened to.

    For published tables that give both, as DfE does with ``referral_count`` and
    ``referral_child_count``.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area and year. It is not changed.
    count, persons : str
        The columns of events and of the different children they happened to.
    spread : {"geometric", "least"}, default "geometric"
        How events are assumed to be spread over children, if only the mean is known. ``geometric``:
        after each event the chance of another is the same. ``least``: as evenly as whole
        numbers allow, which gives the least variance that the two counts admit.

    Returns
    -------
    DataFrame, shape (n, k + 1)
        The columns of ``frame`` and ``count_variance``, missing where a count is missing.

    Raises
    ------
    SchemaError
        When a column is not there or holds text.
    UsageError
        When there are more children than events, events without children, or ``spread`` is
        neither of the two.

    Notes
    -----
    With m = O/P events per child, a geometric number of events from one up has the mean square
    m(2m - 1), so Var(O) = O(2m - 1), which :func:`bolton_jsna.crude_rates` takes for a column
    ``persons``. The least is a(f + 1)^2 + (P - a)f^2 with f the whole part of
    m and a = O - fP. At the 1.06 to 1.21 referrals per child of nine in ten rows that DfE publishes
    (2013 to 2025, half above 1.11) the two differ by less than 6 per cent of the variance. Records
    of your own give the variance itself: see :func:`event_frequencies`.

    Examples
    --------
    >>> import pandas as pd, bolton_jsna as jsna
    >>> published = pd.DataFrame({"count": [2_369], "persons": [2_232], "population": [71_000]})
    >>> known = jsna.repeated_event_variance(published)
    >>> known["count_variance"].round(1).tolist()
    [2659.8]
    >>> rates = jsna.crude_rates(known, count_variance="count_variance")
    >>> rates[["rate", "lower", "upper"]].round(1).iloc[0].tolist()
    [333.7, 319.6, 348.2]
    """
    choice("spread", spread, ("geometric", "least"))
    need(frame, [count, persons], options="count= and persons=")
    events, people = numbers(frame, count), numbers(frame, persons)
    wrong = (people > events) | ((people == 0) & (events > 0))
    if wrong.any():
        raise UsageError(
            f"{int(wrong.sum())} rows such as {events[wrong][0]:g} events of "
            f"{people[wrong][0]:g} children are not possible: each child has one event or more. "
            f"Check that {count!r} and {persons!r} are not swapped, and are of the same year."
        )
    with np.errstate(invalid="ignore"):
        mean = np.where(people > 0, events / np.where(people > 0, people, 1), people)
        if spread == "geometric":
            variance = events * (2 * mean - 1)
        else:
            fewer = np.floor(mean)
            more = events - fewer * people
            variance = more * (fewer + 1) ** 2 + (people - more) * fewer**2
    return frame.assign(count_variance=np.where(events == 0, 0.0, variance))
