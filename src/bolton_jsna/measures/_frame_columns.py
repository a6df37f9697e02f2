"""Columns, numbers and states that measures read from a frame, as arrays."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.errors import SchemaError, UsageError, choice, short, some
from bolton_jsna.core.states import MEANINGS, NUMERIC
from bolton_jsna.core.table_checks import (
    as_numbers,
    check_columns,
    check_table,
    how_to_make_numbers,
)
from bolton_jsna.measures._arrays import Array, Codes, Flags, Floats
from bolton_jsna.tables.schemas import text_dtype

STATES: Final = tuple(MEANINGS)
"""The states in order; a column of states is handled as positions in this tuple."""

LARGEST: Final = 1e15
"""The largest number of a column: with larger ones sums and squares are no longer right."""

LAST_YEAR: Final = 9999
"""The last year that a date can have."""

CODES: Final[dict[str, int]] = {state: code for code, state in enumerate(STATES)}
"""The position of each state."""


def need(
    frame: pd.DataFrame, columns: Sequence[str], *, options: str, what: str = "The frame"
) -> None:
    """Reject anything but a frame that has each of these columns once."""
    by_name = "area_code" in columns and bool({"code=", "area="} & {*re.findall(r"\w+=", options)})
    names = " For areas by name, join_areas(frame) gives a column of codes." if by_name else ""
    check_columns(frame, columns, what, advice=f"Name the columns with {options}.{names}")


def numbers(frame: pd.DataFrame, column: str, *, least: float | None = 0.0) -> Floats:
    """Return a column as numbers, missing as not-a-number."""
    check_table(frame)
    given = frame[column]
    if isinstance(given.dtype, pd.CategoricalDtype):
        given = given.astype(object)
    if pd.api.types.is_datetime64_any_dtype(given.dtype) or given.dtype.kind in "mM":
        if given.dtype.kind == "m":
            raise SchemaError(
                f"Column {column!r} holds durations; expected numbers. For days, use "
                f"frame[{column!r}].dt.days."
            )
        raise SchemaError(
            f"Column {column!r} holds dates ({some(given.dropna().unique(), most=1)}); expected "
            f"numbers. For the year of a date, use frame[{column!r}].dt.year."
        )
    try:
        values: Array = as_numbers(given)
    except ValueError as error:
        raise SchemaError(
            f"Column {column!r} holds {error}. {how_to_make_numbers(given, column, 'status')}"
        ) from error
    wrong = np.abs(values) > LARGEST
    if least is not None:
        wrong |= values < least
    if wrong.any():
        expected = "a number" if least is None else "zero or more" if least == 0 else f">= {least}"
        if (values[wrong] >= (-np.inf if least is None else least)).any():
            expected += f", {LARGEST:g} at most"
        raise UsageError(f"Column {column!r} holds {values[wrong][0]:g}; expected {expected}.")
    return values


def whole_years(frame: pd.DataFrame, column: str) -> NDArray[np.int64]:
    """Return a column of years as whole numbers."""
    years = numbers(frame, column, least=None)
    odd = ~(years == np.round(years)) | (np.abs(years) > LAST_YEAR)
    if odd.any():
        raise SchemaError(
            f"{int(odd.sum())} rows have no whole number in {column!r} "
            f"({some(np.unique(years[odd]), most=3)}). Give each its year, such as 2025, or leave "
            "them out and report how many."
        )
    return years.astype(np.int64)


def state_codes(frame: pd.DataFrame, column: str) -> Codes:
    """Return a column of states as positions in :data:`STATES`."""
    need(frame, [column], options="status=")
    places, found = pd.factorize(frame[column])
    for state in found:
        choice(column, state, STATES)
    if (places < 0).any():
        choice(column, None, STATES)
    order = np.array([CODES[state] for state in found], dtype=np.int8)
    return order[places] if len(order) else np.zeros(len(places), dtype=np.int8)


def counted_codes(frame: pd.DataFrame, status: str, values: Floats, column: str) -> Codes:
    """Return the state of each row's number, as positions in :data:`STATES`."""
    missing = np.isnan(values)
    if status not in frame.columns:
        # A new name is for the states that are made here; one letter from a column it is a slip.
        near = difflib.get_close_matches(status, map(str, frame.columns), n=1, cutoff=0.9)
        if near:
            raise SchemaError(
                f"The frame has no column {status!r}, which status= names. Did you mean "
                f"{near[0]!r}?"
            )
        return np.where(missing, CODES["not_available"], CODES["value"]).astype(np.int8)
    codes = state_codes(frame, status)
    contradicts = missing & numeric(codes)
    if contradicts.any():
        raise UsageError(
            f"{int(contradicts.sum())} rows have the state 'value' or 'modelled' but no "
            f"{column!r}. Give them the state that explains why (not_available, suppressed, ...)."
        )
    return codes


def numeric(codes: Codes) -> Flags:
    """Return which states come with a number."""
    return np.asarray(np.array([state in NUMERIC for state in STATES])[codes])


def tally_states(codes: Codes) -> dict[str, int]:
    """Return how many rows are in each state that occurs."""
    found, times = np.unique(codes, return_counts=True)
    return {STATES[each]: int(number) for each, number in zip(found, times, strict=True)}


def people_and_codes(
    frame: pd.DataFrame, population: str, status: str | None
) -> tuple[Floats, Codes]:
    """Return the people of each row and their state: value, modelled or not available."""
    people = numbers(frame, population)
    if status is None and f"{population}_status" in frame.columns:
        status = f"{population}_status"
    codes = state_codes(frame, status) if status else np.zeros(len(people), dtype=np.int8)
    people = np.where(numeric(codes), people, np.nan)
    codes[np.isnan(people)] = CODES["not_available"]
    return people, codes


def both_codes(first: Codes, second: Codes) -> Codes:
    """Return the state of a figure made from two: its first hidden state, else modelled."""
    either = np.where(
        (first == CODES["modelled"]) | (second == CODES["modelled"]), CODES["modelled"], 0
    )
    return np.select([~numeric(first), ~numeric(second)], [first, second], either).astype(np.int8)


def counts_and_people(
    frame: pd.DataFrame, count: str, population: str, status: str, population_status: str | None
) -> tuple[Floats, Floats, Codes]:
    """Return two columns of numbers and the state of a figure made from both."""
    events = numbers(frame, count)
    people, known = people_and_codes(frame, population, population_status)
    return events, people, both_codes(counted_codes(frame, status, events, count), known)


def events_and_people(
    frame: pd.DataFrame,
    count: str,
    population: str,
    status: str,
    population_status: str | None = None,
) -> tuple[Floats, Floats, Codes]:
    """Return events, people and the state of the rate of each row, as arrays of shape (n,)."""
    need(frame, [count, population], options="count= and population=")
    if population_status:
        need(frame, [population_status], options="population_status=")
    events, people, codes = counts_and_people(frame, count, population, status, population_status)
    codes[numeric(codes) & (people == 0)] = CODES["not_applicable"]
    return events, people, codes


def state_text(codes: Codes, index: pd.Index) -> pd.Series:
    """Return positions in :data:`STATES` as a column of text."""
    dtype = text_dtype()
    # Taking from a short array of the right type is many times faster than casting the column.
    words = np.array(STATES, dtype=object) if dtype is object else pd.array(STATES, dtype=dtype)
    return pd.Series(words.take(codes), index=index)


def labels(places: Array, words: Sequence[str], index: pd.Index) -> pd.Series:
    """Return a column of text, one of ``words`` by its position in each row, -1 for missing."""
    return pd.Series(pd.array(words, dtype="string").take(places, allow_fill=True), index=index)


def text_column(words: Array, index: pd.Index) -> pd.Series:
    """Return an array of text as a column of the type that the tables use."""
    places, found = pd.factorize(words)
    dtype = text_dtype()
    values = found if dtype is object else pd.array(found, dtype=dtype)
    return pd.Series(values.take(places), index=index, dtype=dtype)


def positive(name: str, value: float) -> None:
    """Reject an option that is not a positive number."""
    if not is_number(value) or not 0 < value < math.inf:
        raise UsageError(
            f"{name}={short(repr(value))} is not a number of people. Write {name}=10_000 or "
            "another number above zero."
        )
