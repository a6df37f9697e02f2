"""Local events of a chapter: counted by ward and by group, small numbers hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bolton_jsna.building import _contradictions, _groups, _local_counts
from bolton_jsna.building._local_counts import BY_WARD, GROUPS, LOCAL_EVENTS, Linked
from bolton_jsna.building._local_doubts import Doubt, doubts
from bolton_jsna.building._options import DEFAULT, BuildOptions
from bolton_jsna.building._successive_releases import (
    Line,
    all_or_none,
    followed,
    hidden_lines,
    in_order_of,
    stop_message,
)
from bolton_jsna.building._ward_changes import NOTHING_EARLIER, EarlierCounts, counts_by_old_ward
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.disclosure.earlier_tables import IfCrossed
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule
from bolton_jsna.disclosure.suppress import suppress, unprotected
from bolton_jsna.measures.event_dimensions import ALL, ELSEWHERE
from bolton_jsna.measures.events import Event

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TrueCounts:
    """Local events by ward and by group; without arguments there are none.

    Attributes
    ----------
    year : int
        Year ending 31 March of the chapter.
    tables : dict of str to Mapping of str to DataFrame
        For each event in the authority's file its linked tables: dimensions and ``count``. The
        total of a year is the row whose other dimension is ``All``.
    unlike : dict of str to tuple of int
        Earlier years left out because their total is not near the one that DfE published.
    repeats : dict of str to float or None
        The variance of the count over the count in the whole authority: above 1 if events recur
        within a child, None if not known. One figure for all wards, so that it reveals none.
    """

    year: int = 0
    tables: dict[Event, Linked] = field(default_factory=dict)
    unlike: dict[Event, tuple[int, ...]] = field(default_factory=dict)
    repeats: dict[Event, float | None] = field(default_factory=dict)

    @property
    def events(self) -> tuple[Event, ...]:
        """The events that are counted."""
        return tuple(self.tables)

    def totals(self) -> dict[Event, int]:
        """Return the events of the whole authority in the year."""
        return {event: self.total(event) or 0 for event in self.tables}

    def total(self, event: Event) -> int | None:
        """Return the events of the whole authority in the year; None if hidden or not known."""
        return self._count(event, ALL) if event in self.tables else None

    def unplaced(self, event: Event) -> int | None:
        """Return the events without a known ward; None if hidden."""
        return self._count(event, ELSEWHERE)

    def years(self, event: Event) -> tuple[int, ...]:
        """Return the years that an event is counted in."""
        return tuple(sorted({int(year) for year in self.tables[event][BY_WARD]["year"]}))

    def _of_year(self, event: Event) -> pd.DataFrame:
        table = self.tables[event][BY_WARD]
        return table[table["year"] == self.year]

    def _count(self, event: Event, place: str) -> int | None:
        table = self._of_year(event)
        row = table[table["area_code"] == place]
        if row.empty:
            return 0
        return None if row["count"].isna().iloc[0] else int(row["count"].iloc[0])


@dataclass(frozen=True)
class ProtectedCounts(TrueCounts):
    """Local events as they are written: small numbers hidden, with a column ``status``.

    Attributes
    ----------
    rule : SuppressionRule or None
        The rule by which small counts are hidden; None if they are left open.
    doubts, accepted : tuple of Doubt, str
        The doubts about the year that were accepted, and the reason.
    hidden_whole : tuple of str
        Sentences on the groups that are not shown.
    waiting : tuple of Line
        Lines that do not show the new figures, because these and the earlier ones together would
        reveal a small count: they show the earlier ones (column ``as_of``) or are hidden whole.
    """

    rule: SuppressionRule | None = LOCAL
    doubts: tuple[Doubt, ...] = ()
    accepted: str = ""
    hidden_whole: tuple[str, ...] = ()
    waiting: tuple[Line, ...] = ()

    def without(self, lines: Sequence[Line]) -> ProtectedCounts:
        """Return the counts with some lines hidden whole."""
        return replace(
            self,
            tables=dict(hidden_lines(self.tables, lines)),
            waiting=tuple(sorted({*self.waiting, *lines})),
        )

    def wards(self, event: Event) -> pd.DataFrame:
        """Return ``area_code``, ``count`` and ``status`` of the chapter's year by ward."""
        table = self._of_year(event)
        wards = table[~table["area_code"].isin([ALL, ELSEWHERE])]
        return wards[["area_code", "count", "status"]].reset_index(drop=True)

    def dated(self, event: Event) -> str:
        """Return the date of the ward figures of the year; empty if they are the new ones."""
        table = self._of_year(event)
        days = table["as_of"].dropna() if "as_of" in table.columns else ()
        return str(max(days)) if len(days) else ""


def local_counts(
    made_from: Ingredients,
    options: BuildOptions = DEFAULT,
    earlier: EarlierCounts = NOTHING_EARLIER,
) -> ProtectedCounts:
    """Count local events by ward and group, and hide the small counts."""
    if made_from.local.kind == "none":
        return ProtectedCounts()
    true = count(made_from, options)
    found = doubts_of(made_from, true) if options.accept is not None else []
    accepted = options.accept.check(found) if options.accept is not None else ""
    rule, tables, not_shown, waiting = options.hiding, {}, [], []
    if rule is None:
        tables = _left_open(true.tables, options.unprotected)
    else:
        for event, each in true.tables.items():
            merged = _groups.joined(made_from, event, each, rule)
            tables[event], lines = _protected(
                made_from, event, merged, rule, earlier, if_told=options.if_told
            )
            waiting += lines
            waits = {(line.table, line.year) for line in lines}
            not_shown += _groups.not_shown(made_from, event, tables[event], waits)
    if waiting and options.if_told == "stop":
        raise BoltonJsnaError(stop_message(waiting))
    return ProtectedCounts(
        true.year,
        tables,
        true.unlike,
        true.repeats,
        rule,
        tuple(found),
        accepted,
        tuple(not_shown),
        tuple(sorted(waiting)),
    )


def count(made_from: Ingredients, options: BuildOptions = DEFAULT) -> TrueCounts:
    """Count the local events of a year and of the earlier years that the file has complete."""
    local = made_from.local
    year = options.year if options.year is not None else local.last_year()
    assert year is not None  # noqa: S101 (there is a file)
    _contradictions.check_claims(made_from, year)
    local.check_year(year)
    groups = () if options.wards_only else GROUPS
    found = TrueCounts(year, {}, {}, dict.fromkeys(LOCAL_EVENTS, 1.0))
    for event in local.events:
        years, found.unlike[event] = _local_counts.years_counted(made_from, event, year)
        tables = local.tables(event, years, made_from.lookup, groups)
        found.tables[event] = {n: _groups.completed(each, event) for n, each in tables.items()}
        found.repeats[event] = _local_counts.repeats_of(made_from, event, year)
    _local_counts.check_any(made_from, found)
    return found


def doubts_of(made_from: Ingredients, counted: TrueCounts) -> list[Doubt]:
    """Return why the counts of the year may be wrong."""
    return doubts(made_from, counted.totals(), counted.year)


def of_year(tables: Linked, year: int) -> dict[str, pd.DataFrame]:
    """Return the rows of a year of linked tables: no sum ties them to those of another year."""
    return {
        name: rows for name, table in tables.items() if len(rows := table[table["year"] == year])
    }


def with_least(table: pd.DataFrame) -> pd.DataFrame:
    """Return counts with the least value that everyone knows: a row of events without a ward."""
    # That row is there only if there are any.
    return table.assign(at_least=(table.iloc[:, 0] == ELSEWHERE).map({True: 1, False: None}))


def _protected(
    made_from: Ingredients,
    event: Event,
    tables: Linked,
    rule: SuppressionRule,
    earlier: EarlierCounts,
    *,
    if_told: IfCrossed,
) -> tuple[Linked, list[Line]]:
    """Return the tables of an event as they are written, and the lines that wait."""
    import pandas as pd

    found: list[dict[str, pd.DataFrame]] = []
    waiting: list[Line] = []
    for year in sorted({year for table in tables.values() for year in table["year"]}):
        before = of_year(earlier.of(event), year)
        old, pieces = counts_by_old_ward(
            earlier.countable, made_from.local.records, event, year, made_from.lookup
        )
        comparable = {name: table for name, table in before.items() if earlier.comparable(table)}
        # What is out of old wards cannot be hidden any more.
        out = {
            name: table[table["count"].notna()]
            for name, table in before.items()
            if set(old) & set(table.columns)
        }
        if rule.rounding > 1 and not rule.controlled:
            # The total is printed rounded, but DfE publishes it as it is.
            ward = of_year(tables, year)[BY_WARD]
            out["total"] = ward.loc[ward["area_code"] == ALL, ["year", "count"]]
        made = suppress(
            {name: with_least(each) for name, each in {**of_year(tables, year), **old}.items()},
            rule=rule,
            public_totals=out or None,
            unpublished=pieces or None,
            also=comparable if rule.controlled else None,
            dimensions=[each.dimension for each in earlier.ward_changes],
        )
        made = {
            name: all_or_none(event, name, in_order_of(rows, made[name].drop(columns="at_least")))
            for name, rows in of_year(tables, year).items()
        }
        done, lines = followed(event, made, comparable, if_told=if_told)
        found.append(done)
        waiting += lines
    whole = {
        name: pd.concat([each[name] for each in found if name in each], ignore_index=True)
        for name in tables
    }
    return whole, waiting


def _left_open(counted: Mapping[Event, Linked], reason: str) -> dict[Event, Linked]:
    every = {
        f"{event} {name}": each
        for event, tables in counted.items()
        for name, each in tables.items()
    }
    marked = unprotected(every, reason=reason)
    return {
        event: {name: marked[f"{event} {name}"] for name in tables}
        for event, tables in counted.items()
    }
