"""Sums by group: a group with a hidden part has no sum, only a state."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from bolton_jsna.core.arguments import column_names
from bolton_jsna.core.comparable_rows import one_subject
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.measures._arrays import Codes, Flags, Positions
from bolton_jsna.measures._frame_columns import (
    CODES,
    both_codes,
    counted_codes,
    need,
    numbers,
    numeric,
    people_and_codes,
    state_text,
)


def group_numbers(frame: pd.DataFrame, by: Sequence[str]) -> Positions:
    """Return the number of each row's group: rows alike in the columns ``by`` share one."""
    if not by:
        return np.zeros(len(frame), dtype=np.intp)
    # The labels of the rows may repeat or have the names of columns.
    plain = frame[list(by)].reset_index(drop=True)
    groups = plain.groupby(list(by), sort=False, observed=True, dropna=False)
    return np.asarray(groups.ngroup())


def group_rows(frame: pd.DataFrame, by: str | Sequence[str]) -> tuple[pd.DataFrame, Positions]:
    """Return the groups of a frame and the group of each row."""
    names = column_names("by", by)
    if not names or len(set(names)) < len(names):
        raise UsageError(f"by={by!r} must name one or more different columns.")
    need(frame, names, options="by=")
    places = group_numbers(frame, names)
    first = np.full(places.max() + 1 if len(places) else 0, -1)
    # Written from the last row to the first, so that the first row of each group stays.
    first[places[::-1]] = np.arange(len(places))[::-1]
    return frame[names].iloc[first].reset_index(drop=True), places


def groups_or_whole(frame: pd.DataFrame, by: Sequence[str]) -> tuple[pd.DataFrame, Positions]:
    """Return the groups of a frame and the group of each row; one group if ``by`` is empty."""
    if by:
        return group_rows(frame, by)
    return pd.DataFrame(index=range(1)), np.zeros(len(frame), dtype=np.intp)


def group_codes(codes: Codes, places: Positions, groups: int) -> Codes:
    """Return the state of each group's sum from the states of its parts."""

    def any_part(state: str) -> Flags:
        return np.asarray(np.bincount(places[codes == CODES[state]], minlength=groups) > 0)

    there = np.bincount(places[codes != CODES["not_applicable"]], minlength=groups) > 0
    unknown = any_part("not_available") | any_part("rounds_to_zero")
    chosen: Codes = np.select(
        [~there, any_part("suppressed"), any_part("low"), unknown, any_part("modelled")],
        [CODES[s] for s in ("not_applicable", "suppressed", "low", "not_available", "modelled")],
        CODES["value"],
    ).astype(np.int8)
    return chosen


def add_up(
    frame: pd.DataFrame,
    by: str | Sequence[str],
    *,
    sums: Sequence[str] = ("count", "population"),
    also: Sequence[str] = (),
    status: str = "status",
    population_status: str | None = None,
    apart: Collection[str] = (),
) -> pd.DataFrame:
    """Add up columns by group, with the state of each group and how many parts it rests on."""
    if not sums:
        raise UsageError("sums= names no column to add up. Name one or more, such as ['count'].")
    need(frame, [*sums, *also], options="count=, population= and the like")
    keys, places = group_rows(frame, by)
    one_subject(frame, places, by=by, apart=apart, series=True)
    both = [name for name in (*sums, *also) if name in keys.columns]
    if both:
        raise UsageError(f"{some(map(repr, both))} cannot be both added up and named in by=.")
    columns = {name: numbers(frame, name) for name in sums}
    codes = counted_codes(frame, status, columns[sums[0]], sums[0])
    if population_status:
        need(frame, [population_status], options="population_status=")
    for name in sums[1:]:
        columns[name], known = people_and_codes(frame, name, population_status)
        codes = both_codes(codes, known)
    groups = len(keys)
    there = codes != CODES["not_applicable"]
    state = group_codes(codes, places, groups)
    out = keys.copy()
    for position, (name, values) in enumerate(columns.items()):
        used = values if position else np.where(numeric(codes), values, np.nan)
        total = np.bincount(places[there], weights=used[there], minlength=groups).astype(float)
        total[np.bincount(places[there], minlength=groups) == 0] = np.nan
        if position == 0:
            total[~numeric(state)] = np.nan
        whole = pd.api.types.is_integer_dtype(frame[name].dtype)
        out[name] = pd.array(total, dtype="Int64") if whole else total
    for name in also:
        out[name] = np.bincount(
            places[there], weights=numbers(frame, name)[there], minlength=groups
        ).astype(float)
    out[status] = state_text(state, out.index)
    out["parts"] = np.bincount(places[there], minlength=groups)
    out["parts_used"] = np.bincount(places[numeric(codes)], minlength=groups)
    return out
