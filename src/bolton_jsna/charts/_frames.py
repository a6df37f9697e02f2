"""What charts read from a frame: columns, states, the area in question, units and sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from bolton_jsna.charts._words import interval, number
from bolton_jsna.core.areas import ENGLAND, find
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.states import LABELS, NUMERIC
from bolton_jsna.core.table_checks import as_numbers, check_columns, check_table

STATUS: Final = "status"
_MADE_UP: Final = source_id("local_records", "illustrative")


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


def illustrative_of(table: pd.DataFrame, asked: bool) -> bool:
    """Return whether a chart shows figures that are made up: asked for, or by its columns."""
    made_up = "illustrative" in table.columns and table["illustrative"].eq(True).any()
    sources = table["source"].dropna() if "source" in table.columns else ()
    return bool(asked or made_up or any(_MADE_UP in str(each) for each in sources))


@dataclass(frozen=True)
class Measure:
    """The columns of a figure and its limits; limits that a frame does not have are None."""

    value: str
    lower: str | None = None
    upper: str | None = None

    @classmethod
    def of(cls, table: pd.DataFrame, value: str, lower: str, upper: str) -> Measure:
        """Return the columns that a frame has; its limits become numbers."""
        if lower not in table.columns or upper not in table.columns:
            return cls(value)
        for name in (lower, upper):
            table[name] = pd.Series(as_numbers(table[name]), index=table.index)
        return cls(value, lower, upper)

    def limits(self, row: Mapping[str, Any]) -> tuple[float, float] | None:
        """Return the limits of the figure of a row, None where there are none."""
        if self.lower is None or self.upper is None:
            return None
        low, high = row.get(self.lower), row.get(self.upper)
        return None if pd.isna(low) or pd.isna(high) else (float(low), float(high))  # type: ignore[arg-type]

    def written(self, row: Mapping[str, Any]) -> str:
        """Return the figure of a row with its interval, as readers see it."""
        limits = self.limits(row)
        return number(row[self.value]) + (interval(*limits) if limits else "")

    def numbers(self, table: pd.DataFrame) -> list[float]:
        """Return every number of a frame that a chart needs room for."""
        names = [each for each in (self.value, self.lower, self.upper) if each is not None]
        return [float(each) for name in names for each in table[name].dropna()]


def one_each(table: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    """Reject a frame with several rows for one mark of the chart."""
    twice = table.duplicated(list(columns))
    if twice.any():
        row = table[twice].iloc[0]
        raise SchemaError(
            f"{some(str(row[each]) for each in columns)} has several rows; expected one for "
            f"each {what}. Choose one indicator, area and year: "
            "frame[frame['indicator'] == ...]."
        )


def only_one(table: pd.DataFrame, column: str) -> str:
    """Return the one value of a column as text, empty without or with several."""
    found = table[column].dropna().unique().tolist() if column in table.columns else []
    return str(found[0]) if len(found) == 1 else ""


def figures(
    table: pd.DataFrame, columns: Iterable[tuple[str, str]]
) -> tuple[pd.DataFrame, tuple[tuple[str, str], ...]]:
    """Return the columns that a frame has of those named, and their headings."""
    there = tuple((name, text) for name, text in columns if name in table.columns)
    return table[[name for name, _ in there]].reset_index(drop=True), there


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
