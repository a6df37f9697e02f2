"""Counts and people by group, put together row by row, with unknown groups apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.core.errors import SchemaError, UsageError, did_you_mean, some
from bolton_jsna.core.table_checks import reject_unlike_keys
from bolton_jsna.measures._aggregation import group_codes, group_rows
from bolton_jsna.measures._frame_columns import CODES, counted_codes, numbers, numeric
from bolton_jsna.tables import ethnic_groups

UNKNOWN: Final = "Not known"
"""The row of events whose group is not known."""


def by_group(
    frame: pd.DataFrame,
    group: str,
    column: str,
    status: str,
    *,
    keys: Sequence[str],
    main: bool,
    what: str,
) -> pd.DataFrame:
    """Return one row for each group: number and state, with unknown groups in one."""
    given = frame[group].astype(object)
    names = {each: _name(each, main=main) for each in given.unique()}
    total = [each for each, name in names.items() if name == ""]
    if total:
        raise UsageError(
            f"The {what} have {some(map(repr, total))} next to groups in {group!r}: everybody "
            "would be counted twice. Leave out the totals."
        )
    strange = [each for each, name in names.items() if name is None]
    if strange:
        raise UsageError(
            f"The {what} have {some(map(repr, strange))} in {group!r}, which is not an ethnic "
            "group that main_groups=True knows. Rename it, or give both tables the same groups."
        )
    if main:
        _no_whole_next_to_parts(names, what, group)
    own = f"{column}_status" if f"{column}_status" in frame.columns else status
    values = numbers(frame, column)
    codes = counted_codes(frame, own, values, column)
    named = frame[list(keys)].assign(_group=given.map(names).astype(object).to_numpy())
    unknown = named["_group"] == UNKNOWN
    # Labels as given: different ones are put together into a main group, but the same one twice is
    # another area or year.
    labels = given.astype(object).to_numpy()
    twice = (named.assign(_group=labels) if main else named).duplicated() & ~unknown
    if twice.any():
        again = named.assign(_group=labels)[twice].iloc[0].tolist()
        raise SchemaError(
            f"The {what} have more than one row for {some(again)}. Expected one for each group; "
            "name the columns that distinguish them in by=, or keep the rows of one area and year."
        )
    cells, places = group_rows(named, [*keys, "_group"])
    state = group_codes(codes, places, len(cells))
    total_of = np.bincount(places, np.where(numeric(codes), values, 0), minlength=len(cells))
    return cells.assign(_number=np.where(numeric(state), total_of, np.nan), _codes=state)


def _name(label: object, *, main: bool) -> str | None:
    """Return the name of a group: empty for a total, None if it is not known."""
    if not isinstance(label, str) or not label.strip():
        return UNKNOWN
    if label.strip().casefold() in ethnic_groups.TOTALS:
        return ""
    found = ethnic_groups.main_group(label)
    if found == ethnic_groups.NOT_STATED:
        return UNKNOWN
    return found if main else label.strip()


def _no_whole_next_to_parts(names: dict[Any, str | None], what: str, group: str) -> None:
    for each, name in names.items():
        parts = [one for one, other in names.items() if other == name and one != each]
        if name != UNKNOWN and parts and ethnic_groups.is_whole(str(each)):
            raise UsageError(
                f"The {what} have {each!r} next to its parts ({some(map(repr, parts))}) in "
                f"{group!r}: people would be counted twice. Leave out either."
            )


def joined(
    events: pd.DataFrame,
    people: pd.DataFrame,
    keys: Sequence[str],
    shared: Sequence[str],
    absent: str,
) -> pd.DataFrame:
    """Return every group of either table in each combination of the keys."""
    bare = set(events["_group"]) - set(people["_group"]) - {UNKNOWN}
    if bare:
        known = sorted(set(people["_group"]) - {UNKNOWN})
        first = min(bare)
        raise SchemaError(
            f"The people have no group {some(map(repr, sorted(bare)))}. They have "
            f"{some(known, most=20)}.{did_you_mean(first, known)} Give both tables the same "
            "groups, or put both into main ethnic groups with main_groups=True."
        )
    if len(events):
        _some_of_the_same(events, people, shared)
    people = people.rename(columns={"_number": "population", "_codes": "_people"})
    families = events[list(keys)].drop_duplicates() if keys else pd.DataFrame(index=[0])
    wanted = families.merge(people[["_group"]].drop_duplicates(), how="cross")
    unknown = events.loc[events["_group"] == UNKNOWN, [*keys, "_group"]]
    wanted = pd.concat([wanted, unknown], ignore_index=True).drop_duplicates()
    rows = wanted.merge(events, on=[*keys, "_group"], how="left").merge(
        people, on=[*shared, "_group"], how="left"
    )
    gone, none = rows["_codes"].isna(), CODES["not_available"]
    zero = gone & (absent == "zero")
    rows["count"] = rows.pop("_number").mask(zero, 0.0)
    rows["_codes"] = rows["_codes"].mask(zero, CODES["value"]).fillna(none).astype(np.int8)
    rows["_people"] = rows["_people"].fillna(none).astype(np.int8)
    if "persons" in rows.columns:
        rows["persons"] = rows["persons"].mask(zero, 0.0)
        rows["_children"] = (
            rows["_children"].mask(zero, CODES["value"]).fillna(none).astype(np.int8)
        )
    return rows


def _some_of_the_same(events: pd.DataFrame, people: pd.DataFrame, shared: Sequence[str]) -> None:
    """Reject people who are of none of the years, or the like, of the events."""
    for each in shared:
        reject_unlike_keys(
            events[each], people[each], column=each, here="the counts", there="the people"
        )
        if not events[each].isin(people[each]).any():
            raise SchemaError(
                f"The people have no row of {each} {some(events[each].unique(), most=3)}; they "
                f"have {some(people[each].unique(), most=3)}. Give people of the same {each}, or "
                f"leave the column {each!r} out of them to use them for every one."
            )
