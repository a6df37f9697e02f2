"""What an intruder knows of each cell before any sum is used."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.table_checks import check_columns
from bolton_jsna.disclosure._linked_tables import (
    COUNTED,
    CellKey,
    LinkedTable,
    Role,
    Sum,
    rows_never_zero,
)
from bolton_jsna.disclosure.dimensions import ColumnRoles
from bolton_jsna.disclosure.rules import SuppressionRule

if TYPE_CHECKING:
    import pandas as pd

ReleaseCell = tuple[str, CellKey]
"""A release and a cell."""

PER: Final = 10_000
"""The base of a rate if there is no column ``per``."""

READABLE: Final = ("rate", "population", "per", "at_least", "at_most")
"""Columns next to a hidden count that the intruder can use."""


@dataclass
class IntruderKnowledge:
    """Limits of cells; which are hidden, shown, exactly known, in fully hidden sums, never zero."""

    lower: dict[ReleaseCell, float] = field(default_factory=dict)
    upper: dict[ReleaseCell, float] = field(default_factory=dict)
    hidden: dict[ReleaseCell, None] = field(default_factory=dict)
    shown: dict[ReleaseCell, None] = field(default_factory=dict)
    exact: dict[ReleaseCell, int] = field(default_factory=dict)
    in_hidden_sums: set[ReleaseCell] = field(default_factory=set)
    never_zero: set[ReleaseCell] = field(default_factory=set)


def intruder_knowledge(
    given: Mapping[Role, Mapping[str, pd.DataFrame]],
    linked: Sequence[LinkedTable],
    sums: Sequence[Sum],
    rule: SuppressionRule,
    floor: int,
) -> IntruderKnowledge:
    """Return what is known of each cell."""
    known = IntruderKnowledge(in_hidden_sums=_in_fully_hidden_sums(linked, sums))
    for cells in linked:
        table = given[cells.role][cells.name]
        limits, stated = _stated_limits(table, cells), _rows_with_stated_minimum(table)
        current = cells.role == "current"
        never_zero = rows_never_zero(table)
        levels = table["area_level"].tolist() if "area_level" in table.columns else None
        for row, key, count in zip(cells.rows, cells.keys, cells.counts, strict=True):
            place = (cells.release, key)
            if row in never_zero:
                known.never_zero.add(place)
            if count is None:
                if current:
                    known.hidden[place] = None
                least, most = limits[row]
                if row not in stated and place not in known.in_hidden_sums:
                    least = max(least, float(floor))
            else:
                level = None if levels is None else str(levels[row])
                behind = (count, count) if cells.role == "public" else rule.behind(count, level)
                least, most = map(float, behind)
                if cells.role == "earlier" and limits[row][1] < math.inf:
                    least, most = limits[row]
                known.shown[place] = None
                if least == most:
                    known.exact[place] = count
                if rule.controlled and current:
                    known.hidden[place] = None
            known.lower[place] = max(known.lower.get(place, 0.0), least)
            known.upper[place] = min(known.upper.get(place, math.inf), most)
    return known


def _in_fully_hidden_sums(linked: Sequence[LinkedTable], sums: Sequence[Sum]) -> set[ReleaseCell]:
    """Return the cells of sums whose parts are all hidden (they may be zero), and hidden totals."""
    hidden = {(cells.release, key) for cells in linked for key in cells.hidden}
    found: set[ReleaseCell] = set()
    for each in sums:
        parts = {(each.release, part) for part in each.parts}
        if parts <= hidden:
            found |= parts | ({(each.release, each.total)} & hidden)
    return found


def reject_undeclared_figures(tables: Mapping[str, pd.DataFrame], columns: ColumnRoles) -> None:
    """Reject numbers next to hidden counts that nobody declared and the intruder cannot use."""
    for name, table in tables.items():
        check_columns(table, ["count"], f"Table {name!r}" if name else "The table", advice=COUNTED)
        hidden = table["count"].isna()
        allowed = {*READABLE, "method"} - (set() if "population" in table.columns else {"rate"})
        for column in columns.derived(table):
            number = 0 if column in allowed else int((hidden & table[column].notna()).sum())
            if number:
                raise UsageError(
                    f"Column {column!r}{f' of table {name!r}' if name else ''} has figures in "
                    f"{number} rows whose count is hidden, and they may reveal it. Write what "
                    "suppress() returns, which hides them too; give the limits that they reveal "
                    "as at_least and at_most; or name the column in keep= if it does not come "
                    "from the counts."
                )


def _stated_limits(table: pd.DataFrame, cells: LinkedTable) -> dict[int, tuple[float, float]]:
    """Return the limits of the count of each row from its rate and its stated limits."""
    found: dict[int, tuple[float, float]] = {}
    columns = {name: table[name].tolist() for name in READABLE if name in table.columns}
    digits = max((_decimals(value) for value in columns.get("rate", [])), default=0)
    for row in cells.rows:
        least, most = 0.0, math.inf
        rate = _number(columns, "rate", row)
        population = _number(columns, "population", row)
        if rate is not None and population is not None:
            per = _number(columns, "per", row) or PER
            half = 0.5 * 10.0**-digits
            least = math.ceil((rate - half) * population / per - 1e-9)
            most = math.floor((rate + half) * population / per + 1e-9)
        at_least, at_most = (_number(columns, name, row) for name in ("at_least", "at_most"))
        least = least if at_least is None else max(least, at_least)
        most = most if at_most is None else min(most, at_most)
        found[row] = (max(least, 0.0), most)
    return found


def _rows_with_stated_minimum(table: pd.DataFrame) -> set[int]:
    """Return the rows with a stated least value of a hidden count."""
    if "at_least" not in table.columns:
        return set()
    return {row for row, stated in enumerate(table["at_least"].notna().tolist()) if stated}


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
