"""Rates compared with a reference: ratio and difference with limits, p and state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import column_names
from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.core.table_checks import check_cells, check_table, reject_unlike_keys
from bolton_jsna.measures._arrays import Array, Codes, Flags, Floats, Positions
from bolton_jsna.measures._frame_columns import (
    CODES,
    STATES,
    events_and_people,
    labels,
    need,
    numbers,
    numeric,
    state_codes,
    state_text,
    text_column,
)
from bolton_jsna.measures._intervals import confidence_levels
from bolton_jsna.measures._rate_ratio_limits import (
    METHODS,
    RatioMethod,
    difference_limits,
    ratio_limits,
)
from bolton_jsna.measures._units import reject_shares
from bolton_jsna.measures.rates import RateColumns, crude_rates
from bolton_jsna.measures.recurrent_events import REPEATS_TEXT, UNKNOWN, Recurrence

KEYS: Final = ("indicator", "year", "sex", "ages", "age")
"""Columns that a row and its reference must share, where both frames have them."""

_NO_EVENTS: Final = "the benchmark has no events: there is no ratio"
_NO_VARIANCE: Final = "the variance of the count is not known: no limits and no p"
_OWN: Final = {state: f"the row's own rate is {state}" for state in STATES}
_THEIRS: Final = {state: f"the benchmark is {state}" for state in STATES}


@dataclass(frozen=True)
class Reference:
    """What each row is compared with, one entry per row."""

    count: Floats
    population: Floats
    codes: Codes
    """States, as positions in :data:`bolton_jsna.measures._frame_columns.STATES`."""
    recurring: Recurrence | None
    """How its events recur within people; None where nothing is known of it."""
    reason: Array
    """Why a row has nothing to be compared with; empty where it has."""


@checked
def rate_ratios(
    frame: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    on: Sequence[str] | None = None,
    count: str = "count",
    population: str = "population",
    per: float = 10_000,
    confidence: float | list[float] | tuple[float, ...] = 0.95,
    method: RatioMethod = "auto",
    status: str = "status",
    count_variance: str | None = None,
    persons: str | None = "persons",
) -> pd.DataFrame:
    """Add the ratio and the difference of each row's rate and a reference rate, with limits and p.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area, year or group. It is not changed.
    reference : DataFrame
        The rows to compare with: one for each combination of ``on`` (England of every year), or
        one row for all.
    on : sequence of str, optional
        The columns that a row and its reference share. By default those of ``indicator``,
        ``year``, ``sex``, ``ages`` and ``age`` that both frames have.
    count, population : str
        The columns of events and of people at risk, in both frames.
    per : float, default 10 000
        The number of people the rates and their difference are for.
    confidence : float or sequence of float, default 0.95
        One level gives ``ratio_lower``; several give ``ratio_lower_95``, ``ratio_lower_99_8``
        and so on.
    method : {"auto", "exact", "mid_p", "log"}, default "auto"
        See :func:`bolton_jsna.measures._rate_ratio_limits.ratio_limits`: exact below 100 events, by
        logarithms from there on; ``mid_p`` is less cautious than exact.
    status : str, default "status"
        The column of the count's state.
    count_variance : str, optional
        A column of both frames: the variance of the count where events recur within a child. It
        widens the limits of the ratio and of the difference; a row without one has neither.
    persons : str, optional
        The column of the different children behind the count, used in each frame that has it: see
        :func:`bolton_jsna.crude_rates`.

    Returns
    -------
    DataFrame, shape (n, k + 16 or more)
        The columns of :func:`bolton_jsna.crude_rates`, then ``benchmark_count``,
        ``benchmark_population``, ``benchmark_rate``, ``ratio`` with limits, ``difference`` (per
        ``per`` people) with limits, ``p`` (that the rates are equal), ``ratio_method`` (which shows
        whether children counted several times are allowed for), ``ratio_status`` and
        ``ratio_reason`` (why there is no ratio, or none with limits; empty where there is). A
        reference without events has no ratio (``not_applicable``) and still a difference.

    Raises
    ------
    SchemaError
        When a column is not there, or the reference has several rows for one combination.
    UsageError
        When a count is negative, a state is not known, an option is not valid, or rows are shares
        (``unit`` is ``per cent``).

    Notes
    -----
    Ratio: exact conditional (Przyborowski and Wilenski 1940), mid-p, or logarithms (Rothman,
    Greenland and Lash 2008). Difference: Zou and Donner 2008 from the limits of the two rates.
    The two counts are taken as independent: an area that is part of its reference is compared
    as slightly too similar; see ``without_own`` of :func:`bolton_jsna.compare_with_benchmark`.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> plans = jsna.load_children_in_need(["Bolton", "England"], indicators="cpp_at_31_march")
    >>> bolton = plans[plans["area_name"] == "Bolton"]
    >>> england = plans[plans["area_name"] == "England"]
    >>> found = jsna.rate_ratios(bolton, england).set_index("year").loc[2025]
    >>> found[["ratio", "ratio_lower", "ratio_upper", "p"]].astype(float).round(3).tolist()
    [1.04, 0.932, 1.161, 0.483]
    """
    reject_shares(frame)
    columns = RateColumns(count, population, status, count_variance, persons)
    return compared_with_rows(
        frame, reference, on, columns, per=per, confidence=confidence, method=method
    )


def compared_with_rows(
    frame: pd.DataFrame,
    reference: pd.DataFrame,
    on: Sequence[str] | None,
    columns: RateColumns,
    **options: Any,
) -> pd.DataFrame:
    """Compare each row with the row of the reference that it shares the columns ``on`` with."""
    keys = shared_keys(frame, reference, on)
    variance = [columns.count_variance] if columns.count_variance else []
    wanted = [columns.count, columns.population, *variance]
    need(reference, wanted, options="count=, population= and count_variance=")
    place = matched(frame, reference, keys)
    absent = f"no row of the benchmark has the same {', '.join(keys)}"
    reason = np.where(place >= 0, "", absent).astype(object)
    given = replace(reference_at(reference, place, columns), reason=reason)
    return compared(frame, given, columns, **options)


def reference_at(reference: pd.DataFrame, place: Positions, columns: RateColumns) -> Reference:
    """Return the rows of a reference at some places; place -1 is no row."""
    counts, people, codes = events_and_people(
        reference, columns.count, columns.population, columns.status
    )
    known = columns.recurrence(reference, counts)
    if known is not None:
        variance = np.append(known.variance, np.nan)[place]
        known = Recurrence(variance, np.append(known.repeats, np.int8(0))[place])
    return Reference(
        count=np.append(counts, np.nan)[place],
        population=np.append(people, np.nan)[place],
        codes=np.append(codes, CODES["not_available"])[place].astype(np.int8),
        recurring=known,
        reason=np.full(len(place), "", dtype=object),
    )


def compared(
    frame: pd.DataFrame,
    reference: Reference,
    columns: RateColumns,
    *,
    per: float,
    confidence: float | list[float] | tuple[float, ...],
    method: RatioMethod,
) -> pd.DataFrame:
    """Compare each row with its entry of the reference; the work of :func:`rate_ratios`."""
    levels = confidence_levels(confidence)
    out = columns.rates(frame, per=per, confidence=confidence)
    codes, reasons = _states(state_codes(out, columns.status), reference)
    able = (reasons == "").astype(bool)
    others = _reference_rates(reference, able, out.index, per=per, confidence=confidence)
    nothing = able & (reference.count == 0)
    sides = {
        "events": np.where(able, numbers(out, columns.count), np.nan),
        "people": np.where(able, numbers(out, columns.population), 1.0),
        "other_events": others["count"].to_numpy(),
        "other_people": np.where(able, reference.population, 1.0),
    }
    ours = columns.recurrence(frame, numbers(out, columns.count))
    repeats = np.zeros(len(frame), dtype=np.int8)
    for name, known, events in (
        ("variance", ours, sides["events"]),
        ("other_variance", reference.recurring, sides["other_events"]),
    ):
        if known is not None:
            sides[name] = known.factor(events)
            repeats = np.maximum(repeats, known.repeats)
    if (ours is None) != (reference.recurring is None):
        # Known for one side only: repeats are not fully allowed for.
        repeats = np.where(repeats > 0, UNKNOWN, repeats)
    new: dict[str, Any] = {
        "benchmark_count": others["count"],
        "benchmark_population": others["population"],
        "benchmark_rate": others["rate"],
    }
    for level, ending in levels.items():
        found = ratio_limits(**sides, confidence=level, method=method)
        new.setdefault("ratio", found.ratio)
        new[f"ratio_lower{ending}"] = np.where(nothing, np.nan, found.lower)
        new[f"ratio_upper{ending}"] = np.where(nothing, np.nan, found.upper)
    for ending in levels.values():
        names = ("rate", f"lower{ending}", f"upper{ending}")
        difference, lower, upper = difference_limits(
            tuple(out[name].to_numpy() for name in names),
            tuple(others[name].to_numpy() for name in names),
        )
        new.setdefault("difference", difference)
        new[f"difference_lower{ending}"] = lower
        new[f"difference_upper{ending}"] = upper
    how = np.select([found.method == name for name in METHODS], range(len(METHODS)), -1)
    words = [name + ending for ending in REPEATS_TEXT for name in METHODS.values()]
    how = np.where(how < 0, -1, how + len(METHODS) * repeats)
    reasons[nothing] = _NO_EVENTS
    reasons[able & ~nothing & np.isnan(found.p)] = _NO_VARIANCE
    codes[nothing] = CODES["not_applicable"]
    new["p"] = found.p
    new["ratio_method"] = labels(how, words, out.index)
    new["ratio_status"] = state_text(codes, out.index)
    new["ratio_reason"] = text_column(reasons, out.index)
    kept = out.drop(columns=[name for name in new if name in out.columns])
    return pd.concat([kept, pd.DataFrame(new, index=out.index)], axis=1)


def shared_keys(
    frame: pd.DataFrame, reference: pd.DataFrame, on: Sequence[str] | None
) -> list[str]:
    """Return the columns that join rows to their reference, checked."""
    check_table(frame)
    check_table(reference, "The reference")
    for what, table in (("The frame", frame), ("The reference", reference)):
        check_cells(table, KEYS if on is None else column_names("on", on), what)
    if on is None:
        return [name for name in KEYS if name in frame.columns and name in reference.columns]
    on = column_names("on", on)
    for what, table in (("frame", frame), ("reference", reference)):
        missing = [name for name in on if name not in table.columns]
        if missing:
            raise SchemaError(
                f"The {what} has no column {some(map(repr, missing))} to join on. It has "
                f"{some(map(repr, table.columns), most=20, like=missing)}."
            )
    return on


def matched(frame: pd.DataFrame, reference: pd.DataFrame, keys: Sequence[str]) -> Positions:
    """Return for each row the position of its reference row, -1 where there is none."""
    if not keys:
        if len(reference) != 1:
            raise SchemaError(
                f"The reference has {len(reference)} rows and no column to join on; "
                "expected one row. Name the columns to join on with on=[...]."
            )
        return np.zeros(len(frame), dtype=np.intp)
    ours, theirs = np.zeros(len(frame), dtype=np.intp), np.zeros(len(reference), dtype=np.intp)
    strange = np.zeros(len(frame), dtype=bool)
    for key in keys:
        # Each value is a digit of one number; a missing one is a value like any other.
        code, found = pd.factorize(reference[key])
        other = pd.Index(found).get_indexer(frame[key])
        other = np.where(frame[key].isna(), len(found), other)
        if (other < 0).any():
            reject_unlike_keys(frame[key], found, column=key, there="the reference")
        strange |= other < 0
        theirs = theirs * (len(found) + 1) + np.where(code < 0, len(found), code)
        ours = ours * (len(found) + 1) + other
    order = np.argsort(theirs, kind="stable")
    in_order = theirs[order]
    twice = np.flatnonzero(np.diff(in_order) == 0)
    if len(twice):
        first = reference[list(keys)].to_numpy()[order[twice[0]]]
        named = ", ".join(f"{key} {value}" for key, value in zip(keys, first, strict=True))
        raise SchemaError(
            f"The reference has several rows for {named}; expected one. Give the rows of one area "
            "and one release, or name the columns that differ with on=[...]."
        )
    if not len(order):
        return np.full(len(frame), -1, dtype=np.intp)
    at = np.minimum(np.searchsorted(in_order, ours), len(order) - 1)
    return np.where(~strange & (in_order[at] == ours), order[at], -1)


def _reference_rates(
    reference: Reference, able: Flags, index: pd.Index, **options: Any
) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "count": np.where(able, reference.count, np.nan),
            "population": np.where(able, reference.population, np.nan),
        },
        index=index,
    )
    if reference.recurring is not None:
        frame["variance"] = np.where(able, reference.recurring.variance, np.nan)
        options["count_variance"] = "variance"
    return crude_rates(frame, **options)


def _states(own: Codes, reference: Reference) -> tuple[Codes, Array]:
    """State of each comparison, and the reason where there is none."""
    counted, theirs = numeric(own), numeric(reference.codes)
    compared_with = (reference.reason == "").astype(bool)
    modelled = CODES["modelled"]
    either = (own == modelled) | (reference.codes == modelled)
    codes = np.select(
        [~counted, ~compared_with | ~theirs, either], [own, reference.codes, modelled], 0
    ).astype(np.int8)
    reasons = np.select(
        [~counted, ~compared_with, ~theirs],
        [
            np.array([_OWN[state] for state in STATES], dtype=object)[own],
            reference.reason,
            np.array([_THEIRS[state] for state in STATES], dtype=object)[reference.codes],
        ],
        "",
    ).astype(object)
    return codes, reasons
