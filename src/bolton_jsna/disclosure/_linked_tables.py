"""The cells of linked tables and the sums that tie them together.

A cell is a set of dimensions with their values, ``All`` left out: the ward total of a table by
ward and year is the same cell as the ward total of a table by ward and category.
"""

from __future__ import annotations

import itertools
import math
import numbers
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from bolton_jsna.core.errors import SchemaError, UsageError, short
from bolton_jsna.core.table_checks import check_columns, check_table
from bolton_jsna.disclosure.dimensions import KNOWN, Columns

if TYPE_CHECKING:
    import pandas as pd

Frames: TypeAlias = "pd.DataFrame | Mapping[str, pd.DataFrame] | None"
"""A table, tables by name, or none."""

Key = tuple[tuple[str, str], ...]
Shape = frozenset[str]

ALL: Final = "All"
"""What a dimension holds in the row of a margin."""

_MARGINS: Final = frozenset({"all", "total", "totals", "grand total", "sum", "overall"})

Role = Literal["current", "earlier", "public", "unpublished"]
"""What a table is: to be written now, written earlier, known from elsewhere, never written."""


@dataclass(frozen=True)
class Sheet:
    """One table of one release: its cells in order, and the row of each.

    What is hidden beside small counts must not hang on the order of the rows.
    """

    name: str
    role: Role
    release: str
    dimensions: tuple[str, ...]
    rows: tuple[int, ...]
    keys: tuple[Key, ...]
    counts: tuple[int | None, ...]


@dataclass(frozen=True)
class Sum:
    """A cell that is the sum of others, as one table has it."""

    release: str
    whole: Key
    parts: tuple[Key, ...]
    group: tuple[str, Shape, Shape] = field(compare=False)


COUNTED: Final = "Give one row per combination of dimensions with its count."
"""What to do with a table that has no counts."""


def named(tables: Frames) -> dict[str, pd.DataFrame]:
    """Return tables by name; a lone frame has an empty name, and None is no table."""
    if tables is None:
        return {}
    every = dict(tables) if isinstance(tables, Mapping) else {"": tables}
    for name, table in every.items():
        check_table(table, f"Table {name!r}" if name else "The table")
    return every


def sheets_of(
    name: str,
    table: pd.DataFrame,
    columns: Columns = KNOWN,
    *,
    role: Role = "current",
) -> list[Sheet]:
    """Read the cells of a long table, one sheet for each value of a column ``release``."""
    called = f"Table {name!r}" if name else "The table"
    check_columns(table, ["count"], called, advice=COUNTED)
    columns.derived(table, called)
    dimensions = columns.dimensions_of(table)
    values = [list(map(_text, table[each].tolist())) for each in dimensions]
    for dimension, column in zip(dimensions, values, strict=True):
        if None in column:
            raise SchemaError(
                f"{called} has {column.count(None)} rows without {dimension!r}. Name the group of "
                f"the unknown, or write {ALL!r} in a margin."
            )
        _refuse_margins(dimension, column, called)
    keys = [
        tuple(sorted(pair for pair in zip(dimensions, row, strict=True) if pair[1] != ALL))
        for row in (zip(*values, strict=True) if dimensions else [()] * len(table))
    ]
    counts = [_whole(value, called) for value in table["count"].tolist()]
    releases = (
        list(map(str, table["release"].tolist()))
        if "release" in table.columns
        else [""] * len(table)
    )
    found: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(releases):
        found[each].append(place)
    made = []
    for each, places in sorted((found or {"": []}).items()):
        places.sort(key=keys.__getitem__)
        seen = [keys[place] for place in places]
        if len(set(seen)) < len(seen):
            twice = next(key for key in seen if seen.count(key) > 1)
            raise SchemaError(
                f"{called} has two rows for {words_of(twice)}. Add up the counts of each "
                "combination first."
            )
        made.append(
            Sheet(
                name,
                role,
                each,
                dimensions,
                tuple(places),
                tuple(seen),
                tuple(counts[place] for place in places),
            )
        )
    return made


def _refuse_margins(dimension: str, values: Iterable[str | None], called: str) -> None:
    """Refuse a margin under another name: it would be taken for one group among others."""
    for value in values:
        if value != ALL and value is not None and value.strip().casefold() in _MARGINS:
            raise SchemaError(
                f"{called} has the value {value!r} in {dimension!r}. The row of a total holds "
                f"{ALL!r} there, so that it is known to be the sum of the others: rename it."
            )


def _text(value: object) -> str | None:
    import pandas as pd

    if pd.isna(value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _whole(value: Any, called: str) -> int | None:
    if _text(value) is None:
        return None
    number: Any = value
    if isinstance(value, bool) or not isinstance(value, numbers.Number):
        raise UsageError(
            f"A count is a whole number; {called.lower()} holds {short(repr(value))}. Turn text "
            "into numbers first, and leave a count that is not known missing."
        )
    if not 0 <= number < math.inf:
        raise UsageError(f"A count is zero or more; {called.lower()} holds {value}.")
    if number != int(number):
        raise UsageError(f"A count is a whole number; {called.lower()} holds {value}.")
    return int(number)


def words_of(key: Key) -> str:
    """Name a cell in a message."""
    return ", ".join(f"{name}={value}" for name, value in key) or "the grand total"


def shape_of(key: Key) -> Shape:
    """Return the dimensions of a cell."""
    return frozenset(name for name, _ in key)


def releases_apart(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Give tables that disagree about a cell different releases."""
    # Two tables of the same records agree about every cell that both show; where they do not, one
    # was made from other records, such as a later extract.
    from dataclasses import replace

    known: dict[tuple[str, int], dict[Key, int]] = {}
    roles: dict[tuple[str, int], set[Role]] = {}
    done = []
    for sheet in sheets:
        shown = {
            key: count
            for key, count in zip(sheet.keys, sheet.counts, strict=True)
            if count is not None
        }
        for number in itertools.count():
            place = (sheet.release, number)
            seen = known.setdefault(place, {})
            there = roles.setdefault(place, set())
            # What shows nothing is not known to be of the records of another time.
            of_its_time = bool(shown) or not there or sheet.role in there
            if of_its_time and all(seen.get(key, count) == count for key, count in shown.items()):
                there.add(sheet.role)
                seen.update(shown)
                done.append(replace(sheet, release=f"{sheet.release}#{number}"))
                break
    return done


def sums_of(
    sheets: Iterable[Sheet],
    public: tuple[str, ...] | None = None,
    *,
    known: Iterable[Key] = (),
) -> list[Sum]:
    """Return every sum that ties the cells of linked tables together."""
    listed = list(sheets)
    shapes = {shape_of(key) for sheet in listed for key in sheet.keys}
    shapes |= {shape_of(key) for key in known}
    whole = {frozenset(sheet.dimensions) for sheet in listed}
    wanted = shapes | {one & other for one, other in itertools.combinations(whole, 2)}
    if public is not None:
        wanted |= {
            frozenset(some_of)
            for number in range(len(public) + 1)
            for some_of in itertools.combinations(public, number)
        }
    found: dict[Sum, None] = {}
    for sheet in listed:
        for each in _sums_of_sheet(sheet, wanted):
            found[each] = None
    return list(found)


def _sums_of_sheet(sheet: Sheet, wanted: set[Shape]) -> Iterable[Sum]:
    cells: dict[Shape, dict[Key, None]] = defaultdict(dict)
    for key in sheet.keys:
        cells[shape_of(key)][key] = None
    finest = [shape for shape in cells if not any(shape < other for other in cells)]
    # Sets come in another order in every process.
    for shape in sorted(wanted, key=sorted):
        for fine in finest:
            if shape < fine:
                for key in list(cells[fine]):
                    cells[shape][_restricted(key, shape)] = None
    for shape in cells:
        yield from _sums_of_shape(sheet, shape, cells)


def _sums_of_shape(
    sheet: Sheet, shape: Shape, cells: Mapping[Shape, Mapping[Key, None]]
) -> Iterable[Sum]:
    above = [other for other in cells if shape < other]
    for finer in above:
        if any(other < finer for other in above):
            continue
        groups: dict[Key, list[Key]] = defaultdict(list)
        for key in cells[finer]:
            groups[_restricted(key, shape)].append(key)
        for key, parts in groups.items():
            if key in cells[shape]:
                yield Sum(sheet.release, key, tuple(sorted(parts)), (sheet.name, shape, finer))


def _restricted(key: Key, shape: Shape) -> Key:
    return tuple(pair for pair in key if pair[0] in shape)
