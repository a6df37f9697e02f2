"""Local events of a chapter: counted by ward and by group, small numbers hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bolton_jsna.building import _contradictions, _groups, _local_counts
from bolton_jsna.building._acceptance import Acceptance
from bolton_jsna.building._local_counts import BY_WARD, GROUPS, LOCAL_EVENTS, Linked
from bolton_jsna.building._local_doubts import Doubt, doubts
from bolton_jsna.building._local_years import last_year, reach
from bolton_jsna.building._successive_releases import (
    Line,
    all_or_none,
    followed,
    hidden_lines,
    in_order_of,
    refusal,
)
from bolton_jsna.building._ward_changes import Told, counted_across
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.disclosure.earlier_tables import IfCrossed
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule
from bolton_jsna.disclosure.suppress import suppress, unprotected
from bolton_jsna.measures.event_labels import ALL, ELSEWHERE
from bolton_jsna.measures.events import Event, events_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LocalCounts:
    """Local events by ward and by group, and what stands beside them.

    Attributes
    ----------
    year : int
        Year ending 31 March of the chapter.
    rule : SuppressionRule or None
        The rule by which small counts are hidden; None where they are left open.
    tables : Mapping of str to Mapping of str to DataFrame
        For each event that the authority's file holds its linked tables as they are written:
        dimensions, ``count``, ``status``.
        The total of a year is the row whose other dimension holds ``All``.
    repeats : Mapping of str to float or None
        The variance of the count over the count in the whole authority: above 1 where events
        recur within a child, None where that is not known. One figure for all wards, so that it
        tells of no ward.
    unlike : Mapping of str to tuple of int
        Earlier years left out, as their total is not near the one that DfE published.
    doubts : tuple of Doubt
        What was accepted of the year.
    accepted : str
        Why.
    hidden_whole : tuple of str
        Which groups of the authority are not shown, in which years, and why.
    waiting : tuple of Line
        Lines that do not show the new figures, as these and what was written earlier would tell of
        a small count: they show the earlier ones (column ``as_of``) or are hidden whole.
    """

    year: int
    rule: SuppressionRule | None
    tables: Mapping[Event, Linked]
    repeats: Mapping[Event, float | None]
    unlike: Mapping[Event, tuple[int, ...]] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    accepted: str = ""
    hidden_whole: tuple[str, ...] = ()
    waiting: tuple[Line, ...] = ()

    def without(self, lines: Sequence[Line]) -> LocalCounts:
        """Return the counts with some lines hidden whole."""
        return replace(
            self,
            tables=hidden_lines(self.tables, lines),
            waiting=tuple(sorted({*self.waiting, *lines})),
        )

    @property
    def events(self) -> tuple[Event, ...]:
        """The events that there are records of."""
        return tuple(self.tables)

    def wards(self, event: Event) -> pd.DataFrame:
        """Return ``area_code``, ``count`` and ``status`` of the chapter's year by ward."""
        table = self._of_year(event)
        wards = table[~table["area_code"].isin([ALL, ELSEWHERE])]
        return wards[["area_code", "count", "status"]].reset_index(drop=True)

    def dated(self, event: Event) -> str:
        """Return of which day the ward figures of the year are, if they are not the new ones."""
        table = self._of_year(event)
        days = table["as_of"].dropna() if "as_of" in table.columns else ()
        return str(max(days)) if len(days) else ""

    def total(self, event: Event) -> int | None:
        """Return the events of the whole authority in the year; None where hidden or not known."""
        return self._count(event, ALL) if event in self.tables else None

    def unplaced(self, event: Event) -> int | None:
        """Return the events without a known ward; None where they must not be told."""
        return self._count(event, ELSEWHERE)

    def _of_year(self, event: Event) -> pd.DataFrame:
        table = self.tables[event][BY_WARD]
        return table[table["year"] == self.year]

    def _count(self, event: Event, place: str) -> int | None:
        table = self._of_year(event)
        row = table[table["area_code"] == place]
        if row.empty:
            return 0
        return None if row["count"].isna().iloc[0] else int(row["count"].iloc[0])


def local_counts(
    made_from: Ingredients,
    *,
    year: int | None = None,
    rule: SuppressionRule | None = LOCAL,
    told: Told | None = None,
    wards_only: bool = False,
    reason: str = "",
    accept: Acceptance | None = None,
    if_told: IfCrossed = "hold",
) -> LocalCounts | None:
    """Count local events by ward and group, and hide the small counts."""
    if made_from.local is None and made_from.counted is None:
        return None
    true = count(made_from, year=year, wards_only=wards_only)
    found = doubts_of(made_from, true) if accept is not None else []
    accepted = accept.check(found) if accept is not None else ""
    said: list[str] = []
    waiting: list[Line] = []
    if rule is None:
        tables = _left_open(true.tables, reason)
    else:
        before = told or Told({})
        tables = {}
        for event, each in true.tables.items():
            merged = _groups.joined(made_from, event, each, rule)
            tables[event], lines = _protected(
                made_from, event, merged, rule, before, if_told=if_told
            )
            waiting += lines
            waits = {(line.table, line.year) for line in lines}
            said += _groups.not_shown(made_from, event, tables[event], waits)
    if waiting and if_told == "stop":
        raise BoltonJsnaError(refusal(waiting))
    return LocalCounts(
        true.year,
        rule,
        tables,
        true.repeats,
        true.unlike,
        tuple(found),
        accepted,
        tuple(said),
        tuple(sorted(waiting)),
    )


@dataclass(frozen=True)
class Counted:
    """The true counts of a file, none of them protected; fields as of :class:`LocalCounts`."""

    year: int
    tables: Mapping[Event, Linked]
    unlike: Mapping[Event, tuple[int, ...]]
    repeats: Mapping[Event, float | None]

    def totals(self) -> dict[Event, int]:
        """Return the events of the whole authority in the year."""
        found: dict[Event, int] = {}
        for event, tables in self.tables.items():
            table = tables[BY_WARD]
            here = table[(table["year"] == self.year) & (table["area_code"] == ALL)]
            found[event] = int(here["count"].sum())
        return found

    def years(self, event: Event) -> tuple[int, ...]:
        """Return the years that an event is counted in."""
        return tuple(sorted({int(year) for year in self.tables[event][BY_WARD]["year"]}))


def count(made_from: Ingredients, *, year: int | None = None, wards_only: bool = False) -> Counted:
    """Count the local events of a year and those before it that the file holds whole."""
    own, until = (made_from.local, made_from.counted), made_from.until
    asked = year if year is not None else last_year(*own, until=until)
    assert asked is not None  # noqa: S101 (there is a file)
    _contradictions.refuse(made_from, asked)
    reach(*own, asked, until=until)
    counted: dict[Event, Linked] = {}
    unlike: dict[Event, tuple[int, ...]] = {}
    repeats: dict[Event, float | None] = dict.fromkeys(LOCAL_EVENTS, 1.0)
    for event in _local_counts.events_held(made_from):
        years, unlike[event] = _local_counts.years_held(made_from, event, asked)
        if made_from.local is not None:
            records = made_from.local.records
            wanted = () if wards_only else GROUPS
            counted[event] = _local_counts.from_records(made_from, records, event, years, wanted)
            events = events_of(records, event, asked)
        else:
            counted[event] = _local_counts.from_counts(made_from, event, years)
            events = None
        repeats[event] = _local_counts.repeats_of(made_from, event, asked, events)
    _local_counts.refuse_nothing(made_from, counted, asked)
    return Counted(asked, counted, unlike, repeats)


def doubts_of(made_from: Ingredients, counted: Counted) -> list[Doubt]:
    """Return why the counts of the year may be wrong."""
    return doubts(made_from, counted.totals(), counted.year)


def of_year(tables: Linked, year: int) -> dict[str, pd.DataFrame]:
    """Return the rows of a year of linked tables: no sum ties them to those of another year."""
    return {
        name: rows for name, table in tables.items() if len(rows := table[table["year"] == year])
    }


def _protected(
    made_from: Ingredients,
    event: Event,
    tables: Linked,
    rule: SuppressionRule,
    told: Told,
    *,
    if_told: IfCrossed,
) -> tuple[Linked, list[Line]]:
    """Return the tables of an event as they are written, and the lines that wait."""
    import pandas as pd

    found: list[dict[str, pd.DataFrame]] = []
    waiting: list[Line] = []
    for year in sorted({year for table in tables.values() for year in table["year"]}):
        before = of_year(told.of(event), year)
        old, pieces = (
            counted_across(told.countable, made_from.local.records, event, year, made_from.lookup)
            if made_from.local is not None
            else ({}, {})
        )
        comparable = {name: table for name, table in before.items() if told.comparable(table)}
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
            {**of_year(tables, year), **old},
            rule=rule,
            public_totals=out or None,
            unpublished=pieces or None,
            also=comparable if rule.controlled else None,
            dimensions=[each.dimension for each in told.crossings],
        )
        made = {
            name: all_or_none(event, name, in_order_of(rows, made[name]))
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
    places = [(event, name) for event, each in counted.items() for name in each]
    every = {f"{event} {name}": counted[event][name] for event, name in places}
    marked = unprotected(every, reason=reason)
    return {
        event: {name: marked[f"{event} {name}"] for name in tables}
        for event, tables in counted.items()
    }
