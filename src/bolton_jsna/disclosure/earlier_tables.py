"""Tables that were written before: what goes out again, and what would tell of a small count.

Where a count crosses the line between small and not small from one release to the next, whoever
believes that few records changed knows it from the release that shows it. A line of counts goes
out again only where it hides what it hid before.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.disclosure._linked_tables import Key, sheets_of
from bolton_jsna.disclosure.dimensions import Columns

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

IfTold = Literal["hold", "hide", "stop"]
IF_TOLD: Final[tuple[IfTold, ...]] = ("hold", "hide", "stop")

Unit = tuple[tuple[str, str], ...]
"""What holds together: the rows of a table that have the same public dimensions, such as a year."""


@dataclass(frozen=True)
class _Lines:
    """The rows of a table by unit, and by key: where they are and whether the count is hidden."""

    table: pd.DataFrame
    dimensions: frozenset[str]
    units: Mapping[Unit, Mapping[Key, tuple[int, bool]]]

    def pattern(self, unit: Unit) -> dict[Key, bool]:
        """Return which rows of a unit there are, and which are hidden."""
        return {key: hidden for key, (_, hidden) in self.units[unit].items()}

    def is_whole(self, unit: Unit, public: frozenset[str]) -> bool:
        """Say whether nothing of a unit is shown but what is public."""
        return all(
            hidden
            for key, (_, hidden) in self.units[unit].items()
            if not {name for name, _ in key} <= public
        )


def settled(
    tables: Mapping[str, pd.DataFrame],
    earlier: Mapping[str, pd.DataFrame],
    *,
    public: Iterable[str],
    columns: Columns,
    if_told: IfTold,
    reopened: Collection[str] = (),
) -> dict[str, pd.DataFrame]:
    """Return protected tables as they may go out after earlier ones."""
    public = frozenset(public)
    now = {name: _lines(name, table, columns, public) for name, table in tables.items()}
    before = {name: _lines(name, table, columns, public) for name, table in earlier.items()}
    _warn_of_strangers(now, before)
    told: dict[Unit, set[str]] = defaultdict(set)
    for name, lines in now.items():
        for unit in lines.units:
            last = _last(lines, unit, before, public)
            crossed = last is not None and _crossed(
                lines, before[last], unit, public, reopened=name in reopened
            )
            if crossed or _crossed_elsewhere(lines, unit, before, public):
                # New figures of one table, or a new total, beside earlier ones tell what changed.
                told[unit] |= set(now)
    if told and if_told == "stop":
        places = [
            " ".join([name, *(value for _, value in unit)]).strip() or "in the table"
            for unit in told
            for name in sorted(told[unit])
        ]
        raise UsageError(
            "Counts have become small, or are no longer small, since they were last written: "
            f"{some(places)}. Whoever has both releases would know them. Keep the figures written "
            'earlier (if_told="hold"), hide these lines (if_told="hide"), or publish later.'
        )
    done = dict(tables)
    for unit, names in told.items():
        for name in sorted(names):
            for each in [unit] if unit in now[name].units else now[name].units:
                lines = _lines(name, done[name], columns, public)
                last = _last(lines, each, before, public)
                if if_told == "hide" or last is None:
                    done[name] = _hidden(lines, each, columns)
                else:
                    done[name] = _held(lines, before[last], each, called=last, columns=columns)
    return done


def _warn_of_strangers(now: Mapping[str, _Lines], before: Mapping[str, _Lines]) -> None:
    """Say which earlier tables have no cell in common with those of now."""
    mine = {key for lines in now.values() for unit in lines.units.values() for key in unit}
    for name, lines in before.items():
        if mine and not mine & {key for unit in lines.units.values() for key in unit if key}:
            _log.warning(
                "The earlier table %r has no row in common with the tables of now, so nothing of "
                "it is followed. Give dimensions and their values the same names in both.",
                name,
            )


def _lines(name: str, table: pd.DataFrame, columns: Columns, public: frozenset[str]) -> _Lines:
    dimensions = frozenset(columns.dimensions_of(table))
    rows = [
        (key, place, count is None)
        for sheet in sheets_of(name, table, columns)
        for key, place, count in zip(sheet.keys, sheet.rows, sheet.counts, strict=True)
    ]
    units: dict[Unit, dict[Key, tuple[int, bool]]] = defaultdict(dict)
    # A margin over a public dimension ties what lies under its values together.
    apart = all(public & dimensions <= {each for each, _ in key} for key, _, _ in rows)
    for key, place, hidden in rows:
        unit = tuple(pair for pair in key if pair[0] in public) if apart else ()
        units[unit][key] = (place, hidden)
    return _Lines(table, dimensions, dict(units))


def _last(
    lines: _Lines, unit: Unit, before: dict[str, _Lines], public: frozenset[str]
) -> str | None:
    """Name the last earlier table by the same dimensions that shows part of a unit."""
    # Failing that the last one that holds it, hidden whole.
    found = None
    for name in reversed(before):
        if before[name].dimensions == lines.dimensions and unit in before[name].units:
            if not before[name].is_whole(unit, public):
                return name
            found = found or name
    return found


def _crossed(
    now: _Lines, before: _Lines, unit: Unit, public: frozenset[str], *, reopened: bool
) -> bool:
    """Say whether a count became small, or is no longer small, by what is hidden then and now."""
    # A line that was hidden whole as its sum left too little stays so: shown again it would tell
    # how little that was.
    pattern, then = now.pattern(unit), before.pattern(unit)
    if pattern == then:
        return False
    if reopened and before.is_whole(unit, public):
        return not any(pattern.values()) and set(pattern) == set(then)
    return True


def _crossed_elsewhere(
    lines: _Lines, unit: Unit, before: Mapping[str, _Lines], public: frozenset[str]
) -> bool:
    """Say whether a cell is shown now that a table by other dimensions hid, or reversed."""
    cells: dict[Key, bool] = {}
    for earlier in before.values():
        if earlier.dimensions == lines.dimensions:
            continue
        for each in earlier.units:
            if not earlier.is_whole(each, public):
                cells.update(earlier.pattern(each))
    return any(cells.get(key, hidden) != hidden for key, hidden in lines.pattern(unit).items())


def _hidden(lines: _Lines, unit: Unit, columns: Columns) -> pd.DataFrame:
    """Hide a unit whole, its totals too."""
    import pandas as pd

    places = [place for place, _ in lines.units[unit].values()]
    nothing = pd.DataFrame({"count": pd.array([None] * len(places), dtype="Int64")})
    return _put(lines.table, places, nothing.assign(status="suppressed"), columns)


def _held(
    lines: _Lines, before: _Lines, unit: Unit, *, called: str, columns: Columns
) -> pd.DataFrame:
    """Put the figures written earlier in the place of a unit, with the date they are of."""
    import numpy as np
    import pandas as pd

    mine, table = lines.units[unit], lines.table
    old = dict(sorted(before.units[unit].items(), key=lambda each: each[1]))
    figures = before.table.iloc[[place for place, _ in old.values()]].reset_index(drop=True)
    dates = figures["as_of"] if "as_of" in figures else pd.Series(pd.NA, index=figures.index)
    figures["as_of"] = dates.astype("string").fillna(called or "an earlier release")
    figures["status"] = np.where(figures["count"].isna(), "suppressed", "value")
    if set(old) == set(mine):
        return _put(table, [mine[key][0] for key in old], figures, columns)
    gone = [place for place, _ in mine.values()]
    kept = table.drop(index=table.index[gone])
    more = figures[[name for name in table.columns if name in figures]]
    whole = pd.concat([kept.astype(object), more.astype(object)], ignore_index=True)
    whole = whole.astype({name: kind for name, kind in table.dtypes.items() if kind != "bool"})
    return _put(whole, [*range(len(kept), len(whole))], figures, columns)


def _put(
    table: pd.DataFrame, places: list[int], figures: pd.DataFrame, columns: Columns
) -> pd.DataFrame:
    """Return a table with other figures in some rows, and nothing that comes from the old ones."""
    import pandas as pd

    out = table.copy()
    own = ("count", "status", *(name for name in ("as_of",) if name in figures))
    for name in (*own, *columns.derived(table)):
        old = out[name].tolist() if name in out else [pd.NA] * len(out)
        new = figures[name].tolist() if name in figures else [pd.NA] * len(places)
        for place, value in zip(places, new, strict=True):
            old[place] = value
        kind = "Int64" if name == "count" else "string" if name == "as_of" else None
        out[name] = pd.array(old, dtype=kind) if kind else old
    return out
