"""Local events of a chapter: counted by ward and by group, small numbers hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bolton_jsna.building import tallying
from bolton_jsna.building.covered import last_year, reach
from bolton_jsna.building.crossings import Told, counted_across
from bolton_jsna.building.gathering import Ingredients
from bolton_jsna.building.tallying import BY_WARD, GROUPS, LOCAL_EVENTS, Linked
from bolton_jsna.disclosure.linked import suppress, unprotected
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule
from bolton_jsna.measures.event_counts import ALL, ELSEWHERE, usual_levels
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
    """

    year: int
    rule: SuppressionRule | None
    tables: Mapping[Event, Linked]
    repeats: Mapping[Event, float | None]
    unlike: Mapping[Event, tuple[int, ...]] = field(default_factory=dict)

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

    Returns
    -------
    LocalCounts or None
        None when there are no local records.

    Raises
    ------
    MissingDataError
        When there is no record that can be used, none in that year, or none in a known ward.
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
    asked = year if year is not None else last_year(made_from.local, made_from.counted)
    assert asked is not None  # noqa: S101 (there is a file)
    reach(made_from.local, asked)
    counted: dict[Event, Linked] = {}
    unlike: dict[Event, tuple[int, ...]] = {}
    repeats: dict[Event, float | None] = dict.fromkeys(LOCAL_EVENTS, 1.0)
    for event in tallying.events_held(made_from):
        years, unlike[event] = tallying.years_held(made_from, event, asked)
        if made_from.local is not None:
            records = made_from.local.records
            groups = () if wards_only else GROUPS
            counted[event] = tallying.from_records(made_from, records, event, years, groups)
            events = events_of(records, event, asked)
        else:
            counted[event] = tallying.from_counts(made_from, event, years)
            events = None
        repeats[event] = tallying.repeats_of(made_from, event, asked, events)
    tallying.refuse_nothing(made_from, counted, asked)
    if rule is None:
        tables = _left_open(counted, reason)
    else:
        before = told or Told({})
        tables = {
            event: _protected(made_from, event, each, rule, before)
            for event, each in counted.items()
        }
    return LocalCounts(asked, rule, tables, repeats, unlike)


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
            [_all_or_none(name, each[name]) for each in found if name in each], ignore_index=True
        )
        for name in tables
    }


def _all_or_none(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Hide all groups of the authority where any is hidden; wards are left as they are.

    DfE publishes the authority's children by age, sex and category and hides small counts in its
    own way: of two tables of the same counts that hide different ones, each may show what the other
    hides. Nobody else publishes counts by ward. The rows are then those of the census, as a row
    that is there only for what occurred would tell that it did.
    """
    import pandas as pd

    if name == BY_WARD or not table["count"].isna().any():
        return table
    group = str(table.columns[0])
    total = table[table[group] == ALL]
    levels = usual_levels(group)
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
