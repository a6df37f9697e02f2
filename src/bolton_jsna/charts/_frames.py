"""What charts read from a frame: columns, states, the area in question, units and sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pandas as pd

from bolton_jsna.core.areas import ENGLAND, find
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.states import LABELS, NUMERIC
from bolton_jsna.core.table_checks import as_numbers, check_columns, check_table

STATUS: Final = "status"


def read(
    frame: pd.DataFrame, columns: Sequence[str], numbers: Sequence[str], *, chart: str
) -> pd.DataFrame:
    """Return a frame with the columns of a chart, checked: numbers as floats, a state for each."""
    check_table(frame)
    if frame.empty:
        raise SchemaError(
            f"The frame for {chart} has no rows. Expected one row for each figure of the chart: "
            "look at what was selected before."
        )
    check_columns(frame, [*columns, *numbers], "The frame", advice="Name the columns as options.")
    made = {name: as_numbers(frame[name]) for name in numbers}
    table = frame.reset_index(drop=True).assign(
        **{name: pd.Series(values) for name, values in made.items()}
    )
    if STATUS not in table.columns:
        known = table[numbers[0]].notna()
        table[STATUS] = known.map({True: "value", False: "not_available"})
    return table


def has_number(row: dict[str, Any], value: str) -> bool:
    """Return whether a row has a number to draw."""
    return row[STATUS] in NUMERIC and pd.notna(row[value])


def subject_of(table: pd.DataFrame, area: str, subject: str | None) -> str:
    """Return the name of the area in question: the one asked for, else the first that is local."""
    names = table[area].astype(str)
    if subject is not None:
        if subject not in set(names):
            raise UsageError(
                f"subject={subject!r} is not in {area!r}. It has "
                f"{some(names.unique(), most=12, like=subject)}. Name one of these."
            )
        return subject
    above = names.eq("England")
    if "area_code" in table.columns:
        above |= table["area_code"].map(lambda code: is_england(code) or is_region(code))
    return str(names[~above].iloc[0] if not above.all() else names.iloc[0])


def state_said(name: str, status: str) -> str:
    """Return what is said of a figure without a number."""
    return f"{name}: {LABELS[status].lower()}"


def is_england(code: object) -> bool:
    """Return whether a code is that of England."""
    return str(code) == ENGLAND


def is_region(code: object) -> bool:
    """Return whether a code is that of a region of England."""
    found = find(str(code))
    return found is not None and found.level == "region"


def listed_states(rows: Iterable[dict[str, Any]], name: str) -> str:
    """Return which figures have no number and why, as a sentence; empty if all have."""
    by_state: dict[str, list[str]] = {}
    for row in rows:
        if row[STATUS] not in NUMERIC:
            by_state.setdefault(row[STATUS], []).append(str(row[name]))
    return "; ".join(
        f"{LABELS[state].lower()}: {some(names, most=6)}" for state, names in by_state.items()
    )
