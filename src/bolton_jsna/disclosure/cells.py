"""The cells of linked tables and the sums that tie them together.

A cell is a set of dimensions with their values, ``All`` left out: the ward total of a table by
ward and year is the same cell as the ward total of a table by ward and category.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.errors import SchemaError, UsageError, some

if TYPE_CHECKING:
    import pandas as pd

Key = tuple[tuple[str, str], ...]
Shape = frozenset[str]

ALL: Final = "All"
"""What a dimension holds in the row of a margin."""

BESIDE: Final = frozenset(
    {
        "area_level",
        "at_least",
        "at_most",
        "count",
        "illustrative",
        "largest",
        "lower",
        "method",
        "per",
        "population",
        "population_status",
        "population_year",
        "publication",
        "rate",
        "release",
        "source",
        "status",
        "upper",
    }
)
"""Columns that are no dimension, and so are those whose name ends in ``_name``."""


@dataclass(frozen=True)
class Sheet:
    """One table of one release: its cells in order, and the row of each.

    What is hidden beside small counts must not hang on the order of the rows.
    """

    name: str
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


def dimensions_of(table: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns of a long table that are dimensions.

    Examples
    --------
    >>> import pandas as pd
    >>> dimensions_of(pd.DataFrame(columns=["ward", "ward_name", "year", "count", "status"]))
    ('ward', 'year')
    """
    names = [str(name) for name in table.columns]
    return tuple(name for name in names if name not in BESIDE and not name.endswith("_name"))


def named(tables: pd.DataFrame | Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables by name; a lone frame has an empty name."""
    return dict(tables) if isinstance(tables, Mapping) else {"": tables}


def sheets_of(name: str, table: pd.DataFrame, release: str = "") -> list[Sheet]:
    """Read the cells of a long table, one sheet for each value of a column ``release``.

    Raises
    ------
    SchemaError
        When there is no column ``count``, a dimension is missing in a row, or a combination of
        dimensions has two rows.
    UsageError
        When a count is negative or no whole number.
    """
    called = f"Table {name!r}" if name else "The table"
    if "count" not in table.columns:
        raise SchemaError(
            f"{called} has no column 'count'; it has {some(table.columns, most=12)}. Give one row "
            "per combination of dimensions with its count."
        )
    dimensions = dimensions_of(table)
    values = [list(map(_text, table[each].tolist())) for each in dimensions]
    for dimension, column in zip(dimensions, values, strict=True):
        if None in column:
            raise SchemaError(
                f"{called} has {column.count(None)} rows without {dimension!r}. Name the group of "
                f"the unknown, or write {ALL!r} in a margin."
            )
    keys = [
        tuple(sorted(pair for pair in zip(dimensions, row, strict=True) if pair[1] != ALL))
        for row in (zip(*values, strict=True) if dimensions else [()] * len(table))
    ]
    counts = [_whole(value, called) for value in table["count"].tolist()]
    releases = (
        [f"{release}{value}" for value in table["release"].tolist()]
        if "release" in table.columns
        else [release] * len(table)
    )
    found: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(releases):
        found[each].append(place)
    made = []
    for each, places in sorted((found or {release: []}).items()):
        places.sort(key=keys.__getitem__)
        seen = [keys[place] for place in places]
        if len(set(seen)) < len(seen):
            twice = next(key for key in seen if seen.count(key) > 1)
            raise SchemaError(
                f"{called} has two rows for {_words(twice)}. Add up the counts of each "
                "combination first."
            )
        made.append(
            Sheet(
                name,
                each,
                dimensions,
                tuple(places),
                tuple(seen),
                tuple(counts[place] for place in places),
            )
        )
    return made


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
    if value < 0:
        raise UsageError(f"A count is zero or more; {called.lower()} holds {value}.")
    if value != int(value):
        raise UsageError(f"A count is a whole number; {called.lower()} holds {value}.")
    return int(value)


def _words(key: Key) -> str:
    return ", ".join(f"{name}={value}" for name, value in key) or "the grand total"


def shape_of(key: Key) -> Shape:
    """Return the dimensions of a cell."""
    return frozenset(name for name, _ in key)


def releases_apart(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Give tables that disagree about a cell different releases.

    Two tables of the same records agree about every cell that both show; where they do not, one
    was made from other records, such as a later extract.
    """
    from dataclasses import replace

    known: dict[tuple[str, int], dict[Key, int]] = {}
    done = []
    for sheet in sheets:
        shown = {
            key: count
            for key, count in zip(sheet.keys, sheet.counts, strict=True)
            if count is not None
        }
        for number in itertools.count():
            seen = known.setdefault((sheet.release, number), {})
            if all(seen.get(key, count) == count for key, count in shown.items()):
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
    """Return every sum that ties the cells of linked tables together.

    Parameters
    ----------
    sheets : iterable of Sheet
    public : tuple of str, optional
        Dimensions whose totals are known though no table may hold them.
    known : iterable of tuple
        Cells that are known though no table may hold them.

    Returns
    -------
    list of Sum
        A margin as the sum over each dimension that it leaves out; where two tables share
        dimensions, the margins that they have in common although neither prints them.
    """
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
