"""Protected tables after earlier ones: what is written again, and what would reveal a count.

If a count becomes small, or is no longer small, from one release to the next, an intruder who
assumes that few records changed knows it from the release that shows it. So a set of counts is
written again only if the same counts are hidden as before.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.disclosure._linked_tables import CellKey, linked_tables_of
from bolton_jsna.disclosure.dimensions import ColumnRoles

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

IfCrossed = Literal["hold", "hide", "stop"]
CROSSING_OPTIONS: Final[tuple[IfCrossed, ...]] = ("hold", "hide", "stop")
"""What to do if a count crosses the threshold of the rule between two releases."""

Unit = tuple[tuple[str, str], ...]
"""Rows of a table with the same public dimensions, such as a year, are protected together."""


@dataclass(frozen=True)
class _TableUnits:
    """The rows of a table by unit and by key: their place, and whether the count is hidden."""

    table: pd.DataFrame
    dimensions: frozenset[str]
    units: Mapping[Unit, Mapping[CellKey, tuple[int, bool]]]
    public: frozenset[str]

    def pattern(self, unit: Unit) -> dict[CellKey, bool]:
        """Return the rows of a unit, and which are hidden."""
        return {key: hidden for key, (_, hidden) in self.units[unit].items()}

    def fully_hidden(self, unit: Unit) -> bool:
        """Return whether nothing of a unit is shown except public totals."""
        return all(
            hidden
            for key, hidden in self.pattern(unit).items()
            if not {name for name, _ in key} <= self.public
        )


def follow_earlier(
    tables: Mapping[str, pd.DataFrame],
    earlier: Mapping[str, pd.DataFrame],
    *,
    public: Iterable[str],
    columns: ColumnRoles,
    if_told: IfCrossed,
    reopened: Collection[str] = (),
) -> dict[str, pd.DataFrame]:
    """Return protected tables as they may be written after earlier ones."""
    if not earlier:
        return dict(tables)
    public = frozenset(public)
    now = {name: _units(name, table, columns, public) for name, table in tables.items()}
    before = {name: _units(name, table, columns, public) for name, table in earlier.items()}
    _warn_of_unrelated_tables(now, before)
    affected = {
        unit: None
        for name, own in now.items()
        for unit in own.units
        if _crossed(own, unit, before, reopened=name in reopened)
    }
    if affected and if_told == "stop":
        places = [
            " ".join([name, *(value for _, value in unit)]).strip() or "in the table"
            for unit in affected
            for name in sorted(now)
        ]
        raise UsageError(
            "Counts have become small, or are no longer small, since they were last written: "
            f"{some(places)}. Anyone who has both releases would know them. Keep the figures "
            'written earlier (if_told="hold"), hide these figures (if_told="hide"), or publish '
            "later."
        )
    done = dict(tables)
    # New figures of one table, or a new total, next to earlier ones reveal what changed: so every
    # table of the unit is held.
    for unit in affected:
        for name in sorted(now):
            for each in [unit] if unit in now[name].units else now[name].units:
                own = _units(name, done[name], columns, public)
                last = _last_table(own, each, before)
                if if_told == "hide" or last is None:
                    done[name] = _hide_unit(own, each, columns)
                else:
                    done[name] = _keep_figures(own, before[last], each, name=last, columns=columns)
    return done


def _warn_of_unrelated_tables(
    now: Mapping[str, _TableUnits], before: Mapping[str, _TableUnits]
) -> None:
    """Log which earlier tables have no cell in common with the new ones."""
    current = {key for own in now.values() for unit in own.units.values() for key in unit}
    for name, own in before.items():
        if current and not current & {key for unit in own.units.values() for key in unit if key}:
            _log.warning(
                "The earlier table %r has no row in common with the new tables, so it is not "
                "used. Give dimensions and their values the same names in both.",
                name,
            )


def _units(
    name: str, table: pd.DataFrame, columns: ColumnRoles, public: frozenset[str]
) -> _TableUnits:
    dimensions = frozenset(columns.dimensions_of(table))
    rows = [
        (key, place, count is None)
        for cells in linked_tables_of(name, table, columns)
        for key, place, count in zip(cells.keys, cells.rows, cells.counts, strict=True)
    ]
    units: dict[Unit, dict[CellKey, tuple[int, bool]]] = defaultdict(dict)
    # A total over a public dimension links the counts of all its values.
    separate = all(public & dimensions <= {each for each, _ in key} for key, _, _ in rows)
    for key, place, hidden in rows:
        unit = tuple(pair for pair in key if pair[0] in public) if separate else ()
        units[unit][key] = (place, hidden)
    return _TableUnits(table, dimensions, dict(units), public)


def _last_table(own: _TableUnits, unit: Unit, before: Mapping[str, _TableUnits]) -> str | None:
    """Return the name of the last earlier table by the same dimensions that shows the unit."""
    # If none shows it, the last one in which it is fully hidden.
    names = [
        name
        for name in reversed([*before])
        if before[name].dimensions == own.dimensions and unit in before[name].units
    ]
    shown = (name for name in names if not before[name].fully_hidden(unit))
    return next(shown, names[0] if names else None)


def _crossed(
    now: _TableUnits, unit: Unit, before: Mapping[str, _TableUnits], *, reopened: bool
) -> bool:
    """Return whether other counts are hidden than in the earlier tables."""
    last = _last_table(now, unit, before)
    if last is not None and _differs(now, before[last], unit, reopened=reopened):
        return True
    # The same cells in tables by other dimensions.
    cells: dict[CellKey, bool] = {}
    for earlier in before.values():
        if earlier.dimensions == now.dimensions:
            continue
        for each in earlier.units:
            if not earlier.fully_hidden(each):
                cells.update(earlier.pattern(each))
    return any(cells.get(key, hidden) != hidden for key, hidden in now.pattern(unit).items())


def _differs(now: _TableUnits, before: _TableUnits, unit: Unit, *, reopened: bool) -> bool:
    # A unit that was fully hidden because its sum is too small stays hidden: if it were shown
    # again, that would reveal how small the sum was.
    pattern, then = now.pattern(unit), before.pattern(unit)
    if pattern == then:
        return False
    if reopened and before.fully_hidden(unit):
        return not any(pattern.values()) and set(pattern) == set(then)
    return True


def _hide_unit(own: _TableUnits, unit: Unit, columns: ColumnRoles) -> pd.DataFrame:
    """Hide all counts of a unit, also its totals."""
    import pandas as pd

    places = [place for place, _ in own.units[unit].values()]
    nothing = pd.DataFrame({"count": pd.array([None] * len(places), dtype="Int64")})
    return _replace_figures(own.table, places, nothing.assign(status="suppressed"), columns)


def _keep_figures(
    own: _TableUnits, before: _TableUnits, unit: Unit, *, name: str, columns: ColumnRoles
) -> pd.DataFrame:
    """Replace the figures of a unit by those written earlier, with their date."""
    import numpy as np
    import pandas as pd

    mine, table = own.units[unit], own.table
    old = dict(sorted(before.units[unit].items(), key=lambda each: each[1]))
    figures = before.table.iloc[[place for place, _ in old.values()]].reset_index(drop=True)
    dates = figures["as_of"] if "as_of" in figures else pd.Series(pd.NA, index=figures.index)
    figures["as_of"] = dates.astype("string").fillna(name or "an earlier release")
    figures["status"] = np.where(figures["count"].isna(), "suppressed", "value")
    if set(old) == set(mine):
        return _replace_figures(table, [mine[key][0] for key in old], figures, columns)
    kept = table.drop(index=table.index[[place for place, _ in mine.values()]])
    more = figures[[column for column in table.columns if column in figures]]
    joined = pd.concat([kept.astype(object), more.astype(object)], ignore_index=True)
    joined = joined.astype(
        {column: kind for column, kind in table.dtypes.items() if kind != "bool"}
    )
    return _replace_figures(joined, [*range(len(kept), len(joined))], figures, columns)


def _replace_figures(
    table: pd.DataFrame, places: list[int], figures: pd.DataFrame, columns: ColumnRoles
) -> pd.DataFrame:
    """Return a table with other figures in some rows, and no value from the old ones."""
    import pandas as pd

    out = table.copy()
    own = ("count", "status", *(name for name in ("as_of",) if name in figures))
    kinds: dict[str, Any] = {"count": "Int64", "as_of": "string"}
    for name in (*own, *columns.derived(table)):
        old = out[name].tolist() if name in out else [pd.NA] * len(out)
        new = figures[name].tolist() if name in figures else [pd.NA] * len(places)
        for place, value in zip(places, new, strict=True):
            old[place] = value
        out[name] = pd.array(old, dtype=kinds[name]) if name in kinds else old
    return out
