"""Concentration index: how unevenly events fall over people ordered by deprivation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import column_names
from bolton_jsna.core.comparable_rows import one_row_each
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.measures._aggregation import group_codes, groups_or_whole
from bolton_jsna.measures._arrays import Array
from bolton_jsna.measures._frame_columns import (
    CODES,
    counts_and_people,
    labels,
    need,
    numbers,
    numeric,
    state_text,
    text_column,
)
from bolton_jsna.measures._intervals import confidence_levels
from bolton_jsna.measures.recurrent_events import not_below_count

FEWEST: Final = 3
METHOD: Final = "Normal, variance of the mean ridit"


@checked
def concentration_index(
    frame: pd.DataFrame,
    rank: str = "quantile",
    *,
    by: Sequence[str] = (),
    count: str = "count",
    population: str = "population",
    confidence: float | list[float] | tuple[float, ...] = 0.95,
    status: str = "status",
    count_variance: str | None = None,
) -> pd.DataFrame:
    """Return the concentration index of events over people ordered by deprivation.

    Parameters
    ----------
    frame : DataFrame
        One row per deprivation group or small area. It is not changed.
    rank : str, default "quantile"
        The column that orders the rows, the most deprived lowest: a decile, or ``idaci_rank``.
        Rows of one rank are taken as one.
    by : sequence of str, default ()
        An index for each combination of these columns.
    count, population, status : str
        The columns of events, people and the count's state.
    confidence : float or sequence of float, default 0.95
        Level of the limits.
    count_variance : str, optional
        The column of each count's variance where events recur within a child, as
        :func:`event_frequencies` gives it. Limits are then wider, and
        ``concentration_method`` shows it.

    Returns
    -------
    DataFrame, one row per combination of ``by``
        ``groups`` (ranks), ``count``, ``population``, ``concentration`` (-1 to 1) with limits,
        ``concentration_method``, ``concentration_status`` and ``concentration_reason``.
        Below 0: more among the most deprived, the sign that the World Bank uses.

    Raises
    ------
    SchemaError
        When a column is not there.
    UsageError
        When a count or population is negative, a variance is less than its count, or an option
        is not valid.

    Notes
    -----
    Twice the covariance of rate and fractional rank over the mean rate: Wagstaff, Paci and van
    Doorslaer 1991; O'Donnell et al. 2008, ch. 8. For counts this is 2 R - 1 with R the mean
    fractional rank (ridit) of the events. Its variance is the sum of V (ridit - R)^2 over O^2, V
    the variance of each count (the count itself where events are independent). People are taken
    as known.

    Examples
    --------
    Births and deaths under five by wealth in India, 1982 to 1992 (O'Donnell et al. 2008, table
    8.1): the index is -0.1694.

    >>> import pandas as pd
    >>> births = pd.Series([29_939, 28_776, 26_528, 24_689, 19_739])
    >>> rates = pd.Series([154.7, 152.9, 119.5, 86.9, 54.3])
    >>> india = pd.DataFrame(
    ...     {"quantile": range(1, 6), "count": births * rates / 1_000, "population": births}
    ... )
    >>> concentration_index(india)["concentration"].round(4).tolist()
    [-0.1694]

    Referrals in illustrative local records over Bolton's LSOAs by their IDACI rank:

    >>> import bolton_jsna as jsna
    >>> from bolton_jsna.measures.events import events_of
    >>> referrals = events_of(jsna.load_local_records().records, "referrals", 2025)
    >>> lsoas = jsna.load_idaci("Bolton")
    >>> children = jsna.load_population_estimates("Bolton", level="lsoa", years=[2024])
    >>> children = children.set_index("area_code")["population"]  # aged 0-17, as the referrals
    >>> lsoas["population"] = lsoas["lsoa_code"].map(children)
    >>> tally = referrals["lsoa_code"].value_counts()
    >>> lsoas["count"] = lsoas["lsoa_code"].map(tally).fillna(0).astype(int)
    >>> found = concentration_index(lsoas, rank="idaci_rank")
    >>> found["concentration"].lt(0).tolist(), found["groups"].tolist()
    ([True], [176])
    """
    levels = confidence_levels(confidence)
    by = column_names("by", by)
    need(frame, [rank, count, population, *by], options="rank=, count=, population= and by=")
    order = numbers(frame, rank)
    if np.isnan(order).any():
        raise UsageError(
            f"{int(np.isnan(order).sum())} rows have no {rank!r}: their place among the others is "
            "not known. Leave them out and report how many."
        )
    if "count" in by or "population" in by:
        raise SchemaError(f"{some(by)} cannot be named in by=: the sums have these names.")
    events, people, codes = counts_and_people(frame, count, population, status, None)
    events = np.where(numeric(codes), events, np.nan)
    keys, places = groups_or_whole(frame, by)
    one_row_each(frame, places, to="measure inequality", by=by)
    variance = events
    if count_variance:
        need(frame, [count_variance], options="count_variance=")
        variance = numbers(frame, count_variance)
        not_below_count(variance, events, count_variance)
    found = _indices(places, order, events, people, variance, groups=len(keys))
    out = keys.copy()
    out["groups"], out["count"], out["population"] = found.ranks, found.events, found.people
    parts = np.bincount(places, minlength=len(out))
    used = np.bincount(places[~np.isnan(events + people)], minlength=len(out))
    few, none, hidden = found.ranks < FEWEST, found.events == 0, used < parts
    empty = found.people == 0
    good = ~(few | none | hidden | empty)
    out["concentration"] = np.where(good, found.value, np.nan)
    for level, ending in levels.items():
        reach = special.ndtri(1 - (1 - level) / 2) * found.error
        lower, upper = np.maximum(found.value - reach, -1), np.minimum(found.value + reach, 1)
        out[f"concentration_lower{ending}"] = np.where(good, lower, np.nan)
        out[f"concentration_upper{ending}"] = np.where(good, upper, np.nan)
    hidden_reasons = [
        f"{u} of {p} rows have a count and people" for u, p in zip(used, parts, strict=True)
    ]
    method = METHOD + (", repeated events" if count_variance else "")
    known = good & ~np.isnan(found.error)
    out["concentration_method"] = labels(np.where(known, 0, -1), [method], out.index)
    # If a row is hidden, the index is hidden, as with sums.
    whole = group_codes(codes, places, len(out))
    missing = np.where(numeric(whole), CODES["not_available"], whole)
    states = np.where(
        hidden, missing, np.where(good, whole, np.int8(CODES["not_applicable"]))
    ).astype(np.int8)
    reasons = np.select(
        [hidden, few, empty, none],
        [
            np.array(hidden_reasons, dtype=object),
            f"an index needs {FEWEST} groups",
            "there are no people",
            "no events: there is nothing to measure",
        ],
        "",
    )
    out["concentration_status"] = state_text(states, out.index)
    out["concentration_reason"] = text_column(reasons.astype(object), out.index)
    return out


class _Found(NamedTuple):
    """One entry per group: ranks, sums, the index and its standard error."""

    ranks: Array
    events: Array
    people: Array
    value: Array
    error: Array


def _indices(
    places: Array, order: Array, events: Array, people: Array, variance: Array, *, groups: int
) -> _Found:
    """Indices of all groups at once; a missing number runs through the sums of its group."""
    sorting = np.lexsort((order, places))
    group, rank = places[sorting], order[sorting]
    new = np.r_[True, (group[1:] != group[:-1]) | (rank[1:] != rank[:-1])][: len(group)]
    step = np.cumsum(new) - 1
    size = int(new.sum())
    owner = group[new]
    fell = np.bincount(step, weights=events[sorting], minlength=size)
    lived = np.bincount(step, weights=people[sorting], minlength=size)
    spread = np.bincount(step, weights=variance[sorting], minlength=size)
    ranks = np.bincount(owner, minlength=groups)
    total = np.bincount(owner, weights=fell, minlength=groups)
    everyone = np.bincount(owner, weights=lived, minlength=groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = lived / everyone[owner]
        part = fell / total[owner]
        # A fresh sum for each group, so that one's missing number is not the next one's.
        through = [np.cumsum(each) for each in np.split(share, np.cumsum(ranks)[:-1])]
        ridit = np.concatenate(through) - share / 2 if through else share
        mean = np.bincount(owner, weights=part * ridit, minlength=groups)
        apart = spread * (ridit - mean[owner]) ** 2
        error = 2 * np.sqrt(np.bincount(owner, weights=apart, minlength=groups)) / total
    return _Found(ranks, total, everyone, 2 * mean - 1, error)
