"""The rows that areas are compared with: one area, a region, or neighbours pooled."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bolton_jsna.core.areas import ENGLAND, Area, area, register
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError, some
from bolton_jsna.core.table_checks import without_blanks
from bolton_jsna.measures._aggregation import group_numbers
from bolton_jsna.measures._arrays import Array, Flags, Positions
from bolton_jsna.measures._frame_columns import (
    CODES,
    STATES,
    numbers,
    numeric,
    text_column,
)
from bolton_jsna.measures.rates import RateColumns
from bolton_jsna.measures.ratios import Reference, matched, reference_at
from bolton_jsna.measures.recurrent_events import Recurrence

_SAME: Final = "this row is the benchmark"
_NO_REGION: Final = "the area has no region"
_NO_NEIGHBOURS: Final = "the neighbours given are not this area's"
_NOTHING_LEFT: Final = "without this area nothing is left of the benchmark"
_NONE: Final = "none of the neighbours has a rate for this"


@functools.cache
def _register() -> tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]:
    """Map every code to the register's, and these to the region and to the name."""
    every = register()
    canonical = {each: place.code for place in every for each in place.codes}
    regions = {place.code: place.region_code for place in every}
    return canonical, regions, {place.code: place.name for place in every}


def _canonical(codes: pd.Series) -> Array:
    canonical = _register()[0]
    places, found = pd.factorize(without_blanks(codes))
    known = pd.Series([canonical.get(each, each) for each in found] + [""], dtype=object)
    return np.asarray(known.to_numpy()[places])


def regions_of(codes: pd.Series) -> Array:
    """Return the code of the region of each area, empty for a country or one not known."""
    regions = _register()[1]
    return np.array([regions.get(each, "") for each in _canonical(codes)], dtype=object)


def is_own_region(benchmark: object) -> bool:
    """Return whether each area is to be compared with its own region."""
    return isinstance(benchmark, str) and benchmark.strip().lower() == "region"


_PLACE: Final = "the area"
"""The column of the benchmark's area, as a message names it."""


def benchmark_of_place(
    frame: pd.DataFrame,
    benchmark: str | int | Area,
    keys: Sequence[str],
    columns: RateColumns,
    *,
    code: str,
    without_own: bool,
) -> tuple[Reference, dict[str, Any]]:
    """Return rows of the frame to compare each with: one place's, or those of its region."""
    names = _register()[2]
    own, region = _canonical(frame[code]), regions_of(frame[code])
    by_region = is_own_region(benchmark)
    if by_region:
        # A region's own region is itself; Inner London's is London.
        wanted = np.where(region == "", own, region)
    else:
        wanted = np.full(len(frame), area(benchmark).code, dtype=object)
    there = np.isin(own, np.unique(wanted.astype(str)))
    if len(frame) and not there.any():
        what = "a region" if by_region else area(benchmark).name
        raise MissingDataError(
            f"The frame has no row of {what} to compare with. Load its rows together with those "
            "of the areas, or give them as benchmark=."
        )
    reference = frame[there]
    place = matched(
        frame[list(keys)].assign(**{_PLACE: wanted}),
        reference[list(keys)].assign(**{_PLACE: own[there]}),
        [*keys, _PLACE],
    )
    given = reference_at(reference, place, columns)
    reason = np.where(place >= 0, "", "the frame has no row of the benchmark for this").astype(
        object
    )
    reason[wanted == own] = _NO_REGION if by_region else _SAME
    if without_own:
        members = () if by_region else area(benchmark).members
        inside = (wanted == ENGLAND) | (region == wanted) | np.isin(own.astype(str), members)
        given, reason = _without_own(given, reason, frame, inside, columns)
    codes = np.where(wanted == own, CODES["not_applicable"], given.codes).astype(np.int8)
    named = {each: names.get(each, each) for each in pd.unique(wanted)}
    words = np.array([named[each] for each in wanted], dtype=object)
    if without_own:
        words = np.where(inside & (wanted != own), "the rest of " + words, words)
    return replace(given, codes=codes, reason=reason), {
        "benchmark": text_column(words, frame.index)
    }


def _without_own(
    given: Reference, reason: Array, frame: pd.DataFrame, inside: Flags, columns: RateColumns
) -> tuple[Reference, Array]:
    def less(values: Array, name: str) -> Array:
        return np.where(inside, values - numbers(frame, name), values)

    count, people = less(given.count, columns.count), less(given.population, columns.population)
    recurring = given.recurring
    own = columns.recurrence(frame)
    if recurring is not None and own is not None:
        # The variance of what is left is at least that of events that do not recur.
        left = np.where(inside, recurring.variance - own.variance, recurring.variance)
        recurring = Recurrence(np.maximum(left, count), recurring.repeats)
    gone = inside & ((count < 0) | (people <= 0)) & (reason == "")
    reason = np.where(gone, _NOTHING_LEFT, reason).astype(object)
    codes = np.where(gone, CODES["not_applicable"], given.codes).astype(np.int8)
    return Reference(count, people, codes, recurring, reason), reason


def neighbours_pooled(
    frame: pd.DataFrame, near: pd.DataFrame, keys: Sequence[str], columns: RateColumns, code: str
) -> tuple[Reference, dict[str, Any]]:
    """Return the pooled events and people of each area's neighbours, by combination of the keys."""
    models = near["model"].unique().tolist()
    if len(models) > 1:
        raise UsageError(
            f"Expected neighbours of one model; found models {some(models)}. Use "
            "load_statistical_neighbours(model=...)."
        )
    own, of, close = (
        _canonical(codes) for codes in (frame[code], near["area_code"], near["neighbour_code"])
    )
    # Positions among all areas named: an area, its list of neighbours, each neighbour.
    place, named = pd.factorize(np.concatenate([own, of, close]))
    here, of, close = np.split(place, [len(own), len(own) + len(of)])
    pairs = pd.DataFrame({"of": of, "near": close}).drop_duplicates()
    pairs = pairs[pairs["of"] != pairs["near"]]
    step = pairs.groupby("of").cumcount().to_numpy()
    listed = np.full((len(named), step.max(initial=0) + 1), -1)
    listed[pairs["of"], step] = pairs["near"]
    total = (listed >= 0).sum(axis=1)[here]

    rows = reference_at(frame, np.arange(len(frame)), columns)
    cell = group_numbers(frame, keys).astype(np.int64) * len(named) + here
    order = np.argsort(cell, kind="stable")
    _once(frame, cell, order, np.isin(here, pairs["near"]), [code, *keys])
    usable = numeric(rows.codes)
    known = rows.recurring
    variance = None if known is None else known.variance
    sums = np.zeros((4, len(frame)))
    repeats = np.zeros(len(frame), dtype=np.int8)
    modelled = np.zeros(len(frame), dtype=bool)
    search = (cell, cell - here, listed[here].T)
    for found, at in _each(*search, order[usable[order]]):
        for position, values in enumerate(
            (rows.count, rows.population, np.ones(len(frame)), variance)
        ):
            if values is not None:
                sums[position, found] += values[at]
        modelled[found] |= rows.codes[at] == CODES["modelled"]
        if known is not None:
            repeats[found] = np.maximum(repeats[found], known.repeats[at])

    ours, used = total > 0, sums[2]
    none_left = np.full(len(frame), CODES["not_available"])
    # The state that hides most is set last: a sum over a suppressed part is suppressed too.
    for state in ("low", "suppressed"):
        for found, _ in _each(*search, order[rows.codes[order] == CODES[state]]):
            none_left[found] = CODES[state]
    codes = np.select(
        [~ours, used == 0, modelled],
        [CODES["not_applicable"], none_left, CODES["modelled"]],
        CODES["value"],
    ).astype(np.int8)
    words = np.full(len(STATES), _NONE, dtype=object)
    words[CODES["suppressed"]] = f"{_NONE}: suppressed"
    words[CODES["low"]] = f"{_NONE}: low reliability"
    reason = np.select([~ours, used == 0], [_NO_NEIGHBOURS, words[none_left]], "").astype(object)
    sums[:, used == 0] = np.nan
    name = f"statistical neighbours pooled (model {models[0] if models else 'unknown'})"
    extra = {
        "benchmark": text_column(np.where(ours, name, "").astype(object), frame.index),
        "benchmark_used": pd.array(np.where(ours, np.nan_to_num(used), np.nan), dtype="Int64"),
        "benchmark_of": pd.array(np.where(ours, total, np.nan), dtype="Int64"),
    }
    spread = None if variance is None else Recurrence(sums[3], repeats)
    return Reference(sums[0], sums[1], codes, spread, reason), extra


def _each(
    cell: NDArray[np.int64], first: NDArray[np.int64], listed: Positions, order: Positions
) -> Iterator[tuple[Positions, Positions]]:
    """Yield rows and the row of one neighbour of each, one neighbour of every row at a time."""
    # ``order`` holds rows sorted by ``cell``. One neighbour at a time needs little memory.
    in_order = cell[order]
    for neighbour in listed if len(order) else ():
        wanted = first + neighbour
        at = order[np.minimum(np.searchsorted(in_order, wanted), len(order) - 1)]
        found = np.flatnonzero((neighbour >= 0) & (cell[at] == wanted))
        yield found, at[found]


def _once(
    frame: pd.DataFrame,
    cell: NDArray[np.int64],
    order: Positions,
    near: Flags,
    columns: Sequence[str],
) -> None:
    """Reject two rows of one neighbour: its events would be pooled twice."""
    kept = order[near[order]]
    twice = np.flatnonzero(np.diff(cell[kept]) == 0)
    if len(twice):
        first = frame[list(columns)].iloc[kept[twice[0]]]
        raise SchemaError(
            f"A neighbour has several rows for {some(f'{k} {v}' for k, v in first.items())}; "
            "expected one. Give the rows of one release, or name the columns that differ with "
            "on=[...]."
        )
