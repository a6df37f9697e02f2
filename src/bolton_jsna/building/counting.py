"""Local events of a chapter: counted by ward and by group, small numbers hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bolton_jsna.building import contradictions, groups, tallying
from bolton_jsna.building.acceptance import Acceptance
from bolton_jsna.building.covered import last_year, reach
from bolton_jsna.building.crossings import Told, counted_across
from bolton_jsna.building.doubts import Doubt, doubts
from bolton_jsna.building.gathering import Ingredients
from bolton_jsna.building.tallying import BY_WARD, GROUPS, LOCAL_EVENTS, Linked
from bolton_jsna.disclosure.linked import suppress, unprotected
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule
from bolton_jsna.measures.event_counts import ALL, ELSEWHERE
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
    """

    year: int
    rule: SuppressionRule | None
    tables: Mapping[Event, Linked]
    repeats: Mapping[Event, float | None]
    unlike: Mapping[Event, tuple[int, ...]] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    accepted: str = ""
    hidden_whole: tuple[str, ...] = ()

    @property
    def events(self) -> tuple[Event, ...]:
        """The events that there are records of."""
        return tuple(self.tables)

    def wards(self, event: Event) -> pd.DataFrame:
        """Return ``area_code``, ``count`` and ``status`` of the chapter's year by ward."""
        table = self._of_year(event)
        wards = table[~table["area_code"].isin([ALL, ELSEWHERE])]
        return wards[["area_code", "count", "status"]].reset_index(drop=True)

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
) -> LocalCounts | None:
    """Count local events by ward and group, and hide the small counts.

    Parameters
    ----------
    made_from : Ingredients
    year : int, optional
        Year ending 31 March; the last one that the records reach the end of by default. Earlier
        years are counted beside it where the records are whole.
    rule : SuppressionRule or None, default LOCAL
        The rule; None leaves small counts open.
    told : Told, optional
        What earlier builds told: what was hidden stays hidden.
    wards_only : bool, default False
        Leave the groups of the authority out.
    reason : str
        Why small counts are left open, without a rule.
    accept : Acceptance, optional
        Why totals that are not DfE's, or many rejected rows, are right all the same. Without it
        counts are not held against DfE's.

    Returns
    -------
    LocalCounts or None
        None when there are no local records.

    Raises
    ------
    MissingDataError
        When there is no record that can be used, none in that year, or none in a known ward; or
        when the file does not reach the end of the year.
    BoltonJsnaError
        When totals are not near DfE's, or many rows are refused, and nobody says why that is right.
    UsageError
        When the year is none of the calendar, counts that are added up already are hidden or lack
        a ward, or small counts are to be left open without a reason.

    Examples
    --------
    >>> from bolton_jsna.building.gathering import gather
    >>> found = local_counts(gather("Bolton"))
    >>> found.total("referrals"), int(found.wards("referrals")["count"].min())
    (3803, 63)
    """
    if made_from.local is None and made_from.counted is None:
        return None
    true = count(made_from, year=year, wards_only=wards_only)
    found = doubts_of(made_from, true) if accept is not None else []
    accepted = accept.check(found) if accept is not None else ""
    said: list[str] = []
    if rule is None:
        tables = _left_open(true.tables, reason)
    else:
        before = told or Told({})
        tables = {}
        for event, each in true.tables.items():
            merged, about = groups.joined(made_from, event, each, rule)
            tables[event] = _protected(made_from, event, merged, rule, before)
            said += about
    return LocalCounts(
        true.year, rule, tables, true.repeats, true.unlike, tuple(found), accepted, tuple(said)
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
    """Count the local events of a year and those before it that the file holds whole.

    Raises
    ------
    MissingDataError, UsageError
        As :func:`local_counts`.
    """
    own, until = (made_from.local, made_from.counted), made_from.until
    asked = year if year is not None else last_year(*own, until=until)
    assert asked is not None  # noqa: S101 (there is a file)
    contradictions.refuse(made_from, asked)
    reach(*own, asked, until=until)
    counted: dict[Event, Linked] = {}
    unlike: dict[Event, tuple[int, ...]] = {}
    repeats: dict[Event, float | None] = dict.fromkeys(LOCAL_EVENTS, 1.0)
    for event in tallying.events_held(made_from):
        years, unlike[event] = tallying.years_held(made_from, event, asked)
        if made_from.local is not None:
            records = made_from.local.records
            wanted = () if wards_only else GROUPS
            counted[event] = tallying.from_records(made_from, records, event, years, wanted)
            events = events_of(records, event, asked)
        else:
            counted[event] = tallying.from_counts(made_from, event, years)
            events = None
        repeats[event] = tallying.repeats_of(made_from, event, asked, events)
    tallying.refuse_nothing(made_from, counted, asked)
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
    made_from: Ingredients, event: Event, tables: Linked, rule: SuppressionRule, told: Told
) -> Linked:
    import pandas as pd

    found = []
    for year in sorted({year for table in tables.values() for year in table["year"]}):
        before = of_year(told.of(event), year)
        crossed = told.countable if made_from.local is not None else ()
        old, pieces = (
            counted_across(crossed, made_from.local.records, event, year, made_from.lookup)
            if made_from.local is not None
            else ({}, {})
        )
        # What is out of old wards cannot be hidden any more.
        out = {
            name: table[table["count"].notna()]
            for name, table in before.items()
            if set(old) & set(table.columns)
        }
        strange = {each.dimension for each in told.crossings} - set(old)
        also = {
            **{name: each for name, each in before.items() if not strange & set(each.columns)},
            **of_year(told.sticky.get(event, {}), year),
        }
        found.append(
            suppress(
                {**of_year(tables, year), **old},
                rule=rule,
                public_totals=out or None,
                unpublished=pieces or None,
                also=also or None,
            )
        )
    return {
        name: pd.concat(
            [_all_or_none(event, name, each[name]) for each in found if name in each],
            ignore_index=True,
        )
        for name in tables
    }


def _all_or_none(event: Event, name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Hide all groups of the authority where any is hidden; wards are left as they are.

    Small ones were joined with others before. Where that was not enough, or what was told before
    hides more, the rows are those of the public list: others would tell what occurred.
    """
    import pandas as pd

    group = str(table.columns[0])
    total = table[table[group] == ALL]
    if name == BY_WARD or (len(total) < len(table) and not table["count"].isna().any()):
        return table
    levels = groups.tree_of(event, group).rows
    hidden = pd.DataFrame({group: levels, "year": total["year"].iloc[0]}).assign(
        count=pd.array([None] * len(levels), dtype="Int64"), status="suppressed"
    )
    return pd.concat([hidden, total], ignore_index=True)


def _left_open(counted: Mapping[Event, Linked], reason: str) -> dict[Event, Linked]:
    places = [(event, name) for event, each in counted.items() for name in each]
    every = {f"{event} {name}": counted[event][name] for event, name in places}
    marked = unprotected(every, reason=reason)
    return {
        event: {name: marked[f"{event} {name}"] for name in tables}
        for event, tables in counted.items()
    }
