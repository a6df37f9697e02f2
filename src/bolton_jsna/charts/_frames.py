"""What charts read from a frame: columns, states, the area in question, units and sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.charts._spec import Role
from bolton_jsna.charts._words import interval, number
from bolton_jsna.core.areas import DEFAULT_AREA, ENGLAND, find
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.states import LABELS, NUMERIC
from bolton_jsna.core.table_checks import check_columns, check_table
from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._frame_columns import counted_codes, numeric, state_text
from bolton_jsna.measures._frame_columns import numbers as as_floats

STATUS: Final = "status"
_MADE_UP: Final = source_id("local_records", "illustrative")


def read(
    frame: pd.DataFrame,
    columns: Sequence[str],
    numbers: Sequence[str],
    *,
    chart: str,
    limits: Sequence[str] = (),
    optional: Sequence[str] = (),
) -> pd.DataFrame:
    """Return a frame with the columns of a chart, checked: numbers as floats, a state for each.

    The first of ``numbers`` is the figure that ``status`` is about. A row without a number has
    none in the other columns of numbers (its ``limits`` and ``optional``, those that the frame may
    have) either.
    """
    optional = [*limits, *optional]
    check_table(frame)
    if frame.empty:
        raise SchemaError(
            f"The frame for {chart} has no rows. Expected one row for each figure of the chart: "
            "look at what was selected before."
        )
    check_columns(frame, [*columns, *numbers], "The frame", advice="Name the columns as options.")
    value = numbers[0]
    names = [*numbers, *(each for each in optional if each in frame.columns)]
    made = {name: as_floats(frame, name, least=None) for name in dict.fromkeys(names)}
    codes = counted_codes(frame, STATUS, made[value], value)
    known = numeric(codes)
    if limits and set(limits) <= made.keys():
        _limits_hold(made[value], *(made[name] for name in limits), names=[value, *limits])
    table = frame.reset_index(drop=True)
    for name, values in made.items():
        # A number that came with a hidden figure is not carried to the table of the chart.
        own = name == value or name in optional
        table[name] = np.where(known, values, np.nan) if own else values
    return table.assign(**{STATUS: state_text(codes, table.index)})


def _limits_hold(value: Floats, low: Floats, high: Floats, *, names: Sequence[str]) -> None:
    """Reject limits that do not hold their figure: other columns, or another unit."""
    # Limits may be rounded more than the figure.
    spare = 0.05 + 1e-6 * np.abs(value)
    outside = (value < low - spare) | (value > high + spare)
    if outside.any():
        at = int(np.flatnonzero(outside)[0])
        raise UsageError(
            f"{names[0]!r} is {value[at]:g} in row {at + 1}, and its limits {names[1]!r} and "
            f"{names[2]!r} are {low[at]:g} and {high[at]:g}. Expected the figure between its "
            "limits: name the columns that belong to it, in the same unit."
        )


@dataclass(frozen=True)
class Measure:
    """The columns of a figure and its limits; limits that a frame does not have are None."""

    value: str
    lower: str | None = None
    upper: str | None = None

    @classmethod
    def of(cls, table: pd.DataFrame, value: str, lower: str, upper: str) -> Measure:
        """Return those of the columns that a frame has."""
        if lower not in table.columns or upper not in table.columns:
            return cls(value)
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


def in_sequence(table: pd.DataFrame, column: str) -> list[str]:
    """Return the values of a column as text: in the order of categories, else of the frame."""
    values = table[column]
    if isinstance(values.dtype, pd.CategoricalDtype):
        there = set(values.dropna())
        return [str(each) for each in values.cat.categories if each in there]
    return list(dict.fromkeys(values.astype(str)))


def only_one(table: pd.DataFrame, column: str) -> str:
    """Return the one value of a column as text, empty without or with several."""
    found = table[column].dropna().unique().tolist() if column in table.columns else []
    return str(found[0]) if len(found) == 1 else ""


def has_number(row: dict[str, Any], value: str) -> bool:
    """Return whether a row has a number to draw."""
    return row[STATUS] in NUMERIC and pd.notna(row[value])


def subject_of(table: pd.DataFrame, area: str, subject: str | None) -> str:
    """Return the name of the area in question: as asked for, Bolton, or the first local one."""
    names = table[area].astype(str)
    if subject is not None:
        if subject not in set(names):
            raise UsageError(
                f"subject={subject!r} is not in {area!r}. It has "
                f"{some(names.unique(), most=12, like=subject)}. Name one of these."
            )
        return subject
    if "role" in table.columns and (own := names[table["role"] == "area"]).size:
        return str(own.iloc[0])
    if (names == DEFAULT_AREA).any():
        return DEFAULT_AREA
    above = names.eq("England")
    if "area_code" in table.columns:
        above |= table["area_code"].map(lambda code: is_england(code) or is_region(code))
    return str(names[~above].iloc[0] if not above.all() else names.iloc[0])


def in_order(table: pd.DataFrame, area: str, subject: str) -> list[str]:
    """Return the names of areas: the one in question, England, regions, others by name."""
    codes = table["area_code"] if "area_code" in table.columns else table[area]
    level = {
        name: 0
        if name == subject
        else 1
        if is_england(code) or name == "England"
        else 2
        if is_region(code)
        else 3
        for name, code in zip(table[area].astype(str), codes, strict=True)
    }
    return sorted(level, key=lambda name: (level[name], name))


def by_place(order: Sequence[str]) -> Callable[[pd.Series], pd.Series]:
    """Return the key by which rows are sorted: areas in an order, years as they are."""
    place = {name: at for at, name in enumerate(order)}
    return lambda each: each if each.dtype.kind in "iuf" else each.astype(str).map(place)


def role_of(table: pd.DataFrame, area: str, name: str, subject: str) -> Role:
    """Return what the marks of an area stand for."""
    if name == subject:
        return "subject"
    code = name
    if "area_code" in table.columns:
        code = str(table.loc[table[area].astype(str) == name, "area_code"].iloc[0])
    if is_england(code) or name == "England":
        return "england"
    return "region" if is_region(code) else "other"


def one_row_each(table: pd.DataFrame, area: str, year: str = "") -> None:
    """Reject a table with several rows of an area, or of an area and year."""
    twice = table.duplicated([area, year] if year else [area])
    if twice.any():
        row = table[twice].iloc[0]
        when = f" for {row[year]}" if year else ""
        raise SchemaError(
            f"{row[area]} has several rows{when}; expected one for each area"
            f"{' and year' if year else ''}. Choose one indicator"
            f"{'' if year else ' and year'}: frame[frame['indicator'] == ...]."
        )


def made_up(table: pd.DataFrame, *, illustrative: bool) -> bool:
    """Return whether figures are made up: by the option, a row of the table, or its source."""
    marked = "illustrative" in table.columns and table["illustrative"].eq(True).any()
    sources = table["source"].dropna() if "source" in table.columns else ()
    return bool(illustrative or marked or any(_MADE_UP in str(each) for each in sources))


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
