"""The cells of linked tables and the sums that link them.

A cell is a set of dimensions with their values, without ``All``: the ward total of a table by
ward and year is the same cell as the ward total of a table by ward and category.
"""

from __future__ import annotations

import itertools
import numbers
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from bolton_jsna.core.errors import SchemaError, UsageError, short
from bolton_jsna.core.table_checks import check_columns, check_table
from bolton_jsna.disclosure.dimensions import KNOWN, ColumnRoles

if TYPE_CHECKING:
    import pandas as pd

_LARGEST: Final = 1e15
"""The largest count; the solver computes with numbers that are not exact beyond it."""

Frames: TypeAlias = "pd.DataFrame | Mapping[str, pd.DataFrame] | None"
"""One table, several tables by name, or no table."""

CellKey = tuple[tuple[str, str], ...]
DimensionSet = frozenset[str]

ALL: Final = "All"
"""The value of a dimension in the row of a total."""

_MARGINS: Final = frozenset({"all", "total", "totals", "grand total", "sum", "overall"})

Role = Literal["current", "earlier", "public", "unpublished"]
"""Written now, written earlier, published by someone else, or never written."""


@dataclass(frozen=True)
class LinkedTable:
    """One table of one release: its cells, sorted by key, and the row of each."""

    # Sorted, because secondary suppression must not depend on the order of the rows.

    name: str
    role: Role
    release: str
    dimensions: tuple[str, ...]
    rows: tuple[int, ...]
    keys: tuple[CellKey, ...]
    counts: tuple[int | None, ...]

    @cached_property
    def shown(self) -> dict[CellKey, int]:
        """The counts that are not missing, by cell."""
        pairs = zip(self.keys, self.counts, strict=True)
        return {key: count for key, count in pairs if count is not None}

    @cached_property
    def hidden(self) -> set[CellKey]:
        """The cells whose count is missing."""
        return set(self.keys) - set(self.shown)


@dataclass(frozen=True)
class Sum:
    """A cell that is the total of other cells in one table."""

    release: str
    total: CellKey
    parts: tuple[CellKey, ...]
    group: tuple[str, DimensionSet, DimensionSet] = field(compare=False)


COUNTED: Final = "Give one row per combination of dimensions with its count."
"""The advice for a table that has no counts."""


def tables_by_name(tables: Frames, option: str = "") -> dict[str, pd.DataFrame]:
    """Return tables by name; a single frame gets an empty name, and None no table in an option."""
    if tables is None and not option:
        return {}
    every = dict(tables) if isinstance(tables, Mapping) else {"": tables}
    for name, table in every.items():
        check_table(table, f"Table {name!r}" if name else option or "The table")
    return every


def rows_never_zero(table: pd.DataFrame) -> set[int]:
    """Return the rows that are there only if there are any: ``at_least`` is 1."""
    if "at_least" not in table.columns:
        return set()
    return {row for row, least in enumerate((table["at_least"] == 1).tolist()) if least is True}


def linked_tables(
    tables: Frames, columns: ColumnRoles, role: Role = "current"
) -> list[LinkedTable]:
    """Return the cells of several long tables."""
    return [
        cells
        for name, table in tables_by_name(tables).items()
        for cells in linked_tables_of(name, table, columns, role=role)
    ]


def linked_tables_of(
    name: str,
    table: pd.DataFrame,
    columns: ColumnRoles = KNOWN,
    *,
    role: Role = "current",
) -> list[LinkedTable]:
    """Return the cells of a long table, one part for each value of a column ``release``."""
    called = f"Table {name!r}" if name else "The table"
    check_columns(table, ["count"], called, advice=COUNTED)
    columns.derived(table, called)
    dimensions = columns.dimensions_of(table)
    values = [list(map(_text, table[each].tolist())) for each in dimensions]
    for dimension, column in zip(dimensions, values, strict=True):
        if None in column:
            raise SchemaError(
                f"{called} has {column.count(None)} rows without {dimension!r}. Write the name of "
                f"the group of unknowns, or {ALL!r} in the row of a total."
            )
        _reject_other_margin_names(dimension, column, called)
    keys = [
        tuple(sorted(pair for pair in zip(dimensions, row, strict=True) if pair[1] != ALL))
        for row in (zip(*values, strict=True) if dimensions else [()] * len(table))
    ]
    counts = [_whole_number(value, called) for value in table["count"].tolist()]
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, release in enumerate(table.get("release", [""] * len(table))):
        rows_of[str(release)].append(row)
    found = []
    for release, rows in sorted((rows_of or {"": []}).items()):
        rows.sort(key=keys.__getitem__)
        own = tuple(keys[row] for row in rows)
        if len(set(own)) < len(own):
            repeated = next(key for key in own if own.count(key) > 1)
            raise SchemaError(
                f"{called} has two rows for {cell_text(repeated)}. Add up the counts of each "
                "combination first."
            )
        own_counts = tuple(counts[row] for row in rows)
        found.append(LinkedTable(name, role, release, dimensions, tuple(rows), own, own_counts))
    return found


def _reject_other_margin_names(dimension: str, values: Iterable[str | None], called: str) -> None:
    """Reject a total under another name: it would be read as one group among others."""
    for value in values:
        if value != ALL and value is not None and value.strip().casefold() in _MARGINS:
            raise SchemaError(
                f"{called} has the value {value!r} in {dimension!r}. The row of a total must have "
                f"{ALL!r} there, or it is read as one more group: rename it."
            )


def _text(value: object) -> str | None:
    import pandas as pd

    if pd.isna(value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _whole_number(value: Any, called: str) -> int | None:
    if _text(value) is None:
        return None
    number: Any = value
    if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal):
        raise UsageError(
            f"A count must be a whole number; {called.lower()} has {short(repr(value))}. Turn text "
            "into numbers first, and leave an unknown count missing."
        )
    if not 0 <= number <= _LARGEST:
        expected = "zero or more" if number < 0 else f"at most {_LARGEST:g}"
        raise UsageError(f"A count must be {expected}; {called.lower()} has {value}.")
    if number != int(number):
        raise UsageError(f"A count must be a whole number; {called.lower()} has {value}.")
    return int(number)


def cell_text(key: CellKey) -> str:
    """Return the name of a cell for a message."""
    return ", ".join(f"{name}={value}" for name, value in key) or "the grand total"


def dimension_set(key: CellKey) -> DimensionSet:
    """Return the dimensions of a cell."""
    return frozenset(name for name, _ in key)


def separate_releases(linked: Sequence[LinkedTable]) -> list[LinkedTable]:
    """Give tables that disagree about a cell different releases."""
    # Two tables of the same records agree about every cell that both show. If they do not, one
    # was made from other records, such as a later extract.
    known: dict[tuple[str, int], dict[CellKey, int]] = {}
    roles: dict[tuple[str, int], set[Role]] = {}
    done = []
    for table in linked:
        shown = table.shown
        for number in itertools.count():
            place = (table.release, number)
            seen = known.setdefault(place, {})
            before = roles.setdefault(place, set())
            # A table that shows nothing joins a release of its own role only.
            fits = bool(shown) or not before or table.role in before
            if fits and all(seen.get(key, count) == count for key, count in shown.items()):
                before.add(table.role)
                seen.update(shown)
                done.append(replace(table, release=f"{table.release}#{number}"))
                break
    return done


def sums_of(
    linked: Iterable[LinkedTable],
    public: tuple[str, ...] | None = None,
    *,
    known: Iterable[CellKey] = (),
) -> list[Sum]:
    """Return every sum that links the cells of the tables."""
    listed = list(linked)
    wanted = {dimension_set(key) for table in listed for key in table.keys}
    wanted |= {dimension_set(key) for key in known}
    full = {frozenset(table.dimensions) for table in listed}
    wanted |= {one & other for one, other in itertools.combinations(full, 2)}
    if public is not None:
        wanted |= {
            frozenset(subset)
            for number in range(len(public) + 1)
            for subset in itertools.combinations(public, number)
        }
    return list(dict.fromkeys(each for table in listed for each in _sums_of_table(table, wanted)))


def _sums_of_table(table: LinkedTable, wanted: set[DimensionSet]) -> Iterable[Sum]:
    cells: dict[DimensionSet, dict[CellKey, None]] = defaultdict(dict)
    for key in table.keys:
        cells[dimension_set(key)][key] = None
    finest = [shape for shape in cells if not any(shape < other for other in cells)]
    # Sorted, because sets have another order in every process.
    for shape in sorted(wanted, key=sorted):
        for fine in finest:
            if shape < fine:
                for key in list(cells[fine]):
                    cells[shape][_restricted(key, shape)] = None
    for shape, finer in _steps(list(cells)):
        groups: dict[CellKey, list[CellKey]] = defaultdict(list)
        for key in cells[finer]:
            groups[_restricted(key, shape)].append(key)
        for key, parts in groups.items():
            if key in cells[shape]:
                yield Sum(table.release, key, tuple(sorted(parts)), (table.name, shape, finer))


def _steps(shapes: list[DimensionSet]) -> Iterable[tuple[DimensionSet, DimensionSet]]:
    """Return each set of dimensions with the next finer ones."""
    for shape, finer in itertools.permutations(shapes, 2):
        if shape < finer and not any(shape < other < finer for other in shapes):
            yield shape, finer


def _restricted(key: CellKey, shape: DimensionSet) -> CellKey:
    return tuple(pair for pair in key if pair[0] in shape)
