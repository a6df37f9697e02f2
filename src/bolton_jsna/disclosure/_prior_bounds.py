"""What an intruder knows of each cell before he looks at any sum."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.table_checks import check_columns
from bolton_jsna.disclosure._linked_tables import COUNTED, Key, Role, Sheet, Sum
from bolton_jsna.disclosure.dimensions import Columns
from bolton_jsna.disclosure.rules import SuppressionRule

if TYPE_CHECKING:
    import pandas as pd

Place = tuple[str, Key]
"""A release and a cell."""

PER: Final = 10_000
"""What a rate is per, where no column ``per`` says otherwise."""

READ: Final = ("rate", "population", "per", "at_least", "at_most")
"""Columns that the intruder reads beside a hidden count."""


@dataclass
class Known:
    """Limits of cells; those asked about, shown, known exactly, and hidden with all their line."""

    lower: dict[Place, float] = field(default_factory=dict)
    upper: dict[Place, float] = field(default_factory=dict)
    hidden: dict[Place, None] = field(default_factory=dict)
    shown: dict[Place, None] = field(default_factory=dict)
    exact: dict[Place, int] = field(default_factory=dict)
    whole: set[Place] = field(default_factory=set)


def known_of(
    given: Mapping[Role, Mapping[str, pd.DataFrame]],
    sheets: Sequence[Sheet],
    sums: Sequence[Sum],
    rule: SuppressionRule,
    floor: int,
) -> Known:
    """Return what is known of each cell."""
    whole = _in_whole_lines(sheets, sums)
    known = Known(whole=whole)
    for sheet in sheets:
        table = given[sheet.role][sheet.name]
        read, stated = _read(table, sheet), _stated(table)
        current = sheet.role == "current"
        levels = table["area_level"].tolist() if "area_level" in table.columns else None
        for row, key, count in zip(sheet.rows, sheet.keys, sheet.counts, strict=True):
            place = (sheet.release, key)
            if count is None:
                if current:
                    known.hidden[place] = None
                least, most = read.get(row, (0.0, math.inf))
                if row not in stated and place not in whole:
                    least = max(least, float(floor))
            else:
                level = None if levels is None else str(levels[row])
                behind = (count, count) if sheet.role == "public" else rule.behind(count, level)
                least, most = map(float, behind)
                if sheet.role == "earlier" and read.get(row, (0, math.inf))[1] < math.inf:
                    least, most = read[row]
                known.shown[place] = None
                if least == most:
                    known.exact[place] = count
                if rule.controlled and current:
                    known.hidden[place] = None
            known.lower[place] = max(known.lower.get(place, 0.0), least)
            known.upper[place] = min(known.upper.get(place, math.inf), most)
    return known


def _in_whole_lines(sheets: Sequence[Sheet], sums: Sequence[Sum]) -> set[Place]:
    """Return the hidden cells of lines hidden whole, which may be zero, and hidden totals."""
    hidden = {
        (sheet.release, key)
        for sheet in sheets
        for key, count in zip(sheet.keys, sheet.counts, strict=True)
        if count is None
    }
    found: set[Place] = set()
    for each in sums:
        places = {(each.release, part) for part in each.parts}
        if places <= hidden:
            found |= places | ({(each.release, each.whole)} & hidden)
    return found


def refuse_open(tables: Mapping[str, pd.DataFrame], columns: Columns) -> None:
    """Refuse numbers beside hidden counts that nobody can read and nobody declared."""
    for name, table in tables.items():
        called = f"Table {name!r}" if name else "The table"
        check_columns(table, ["count"], called, advice=COUNTED)
        hidden = table["count"].isna()
        readable = {*READ} if "population" in table.columns else {*READ} - {"rate"}
        for column in columns.derived(table):
            if column in readable or column == "method":
                continue
            open_ = int((hidden & table[column].notna()).sum())
            if open_:
                raise UsageError(
                    f"Column {column!r}{f' of table {name!r}' if name else ''} holds figures in "
                    f"{open_} rows whose count is hidden, and they may tell it. Write what "
                    "suppress() returns, which hides them too; give what they tell as at_least and "
                    "at_most; or name the column in keep= if it does not come from the counts."
                )


def _read(table: pd.DataFrame, sheet: Sheet) -> dict[int, tuple[float, float]]:
    """Return what a rate or stated limits tell of the counts of rows."""
    found: dict[int, tuple[float, float]] = {}
    columns = {name: table[name].tolist() for name in table.columns if name in READ}
    digits = max((_decimals(value) for value in columns.get("rate", [])), default=0)
    for row in sheet.rows:
        least, most = 0.0, math.inf
        rate = _number(columns, "rate", row)
        population = _number(columns, "population", row)
        if rate is not None and population is not None:
            per = _number(columns, "per", row) or PER
            half = 0.5 * 10.0**-digits
            least = math.ceil((rate - half) * population / per - 1e-9)
            most = math.floor((rate + half) * population / per + 1e-9)
        stated = _number(columns, "at_least", row), _number(columns, "at_most", row)
        least = max(least, stated[0] if stated[0] is not None else 0.0)
        most = min(most, stated[1] if stated[1] is not None else math.inf)
        found[row] = (least, most)
    return found


def _stated(table: pd.DataFrame) -> set[int]:
    """Return the rows of which it is said what a hidden count is at least."""
    if "at_least" not in table.columns:
        return set()
    return {row for row, there in enumerate(table["at_least"].notna().tolist()) if there}


def _number(columns: dict[str, list[Any]], name: str, row: int) -> float | None:
    import pandas as pd

    value = columns[name][row] if name in columns else None
    return None if value is None or pd.isna(value) else float(value)


def _decimals(value: Any) -> int:
    import pandas as pd

    if value is None or pd.isna(value):
        return 0
    text = repr(float(value))
    return 6 if "e" in text else min(6, len(text.partition(".")[2].rstrip("0")))
