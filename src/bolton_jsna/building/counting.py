"""Local events of a chapter: counted by ward and by group, small numbers hidden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bolton_jsna.building.crossings import Told, counted_across
from bolton_jsna.building.gathering import Ingredients
from bolton_jsna.building.releases import BY_WARD, Linked
from bolton_jsna.disclosure.linked import suppress, unprotected
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule
from bolton_jsna.errors import MissingDataError, UsageError, some
from bolton_jsna.measures.event_counts import ALL, ELSEWHERE, linked_counts, usual_levels
from bolton_jsna.measures.events import Event, events_of
from bolton_jsna.measures.repeated import event_frequencies
from bolton_jsna.years import reporting_year_days

if TYPE_CHECKING:
    import pandas as pd

LOCAL_EVENTS: Final[dict[Event, str]] = {"referrals": "referrals", "cpp_at_31_march": "plans"}
"""The local events of the ward profile and the beginning of their columns."""

GROUPS: Final = ("age_band", "sex", "ethnic_group", "category", "referral_source")
"""What the authority's events are counted by beside the ward, where the records say it."""

TOTALS_APART: Final = 0.05
"""How far the local records may lie from DfE's count of the same year before that is said."""

_REPEATS_FROM: Final = 50
"""Events in the authority from which their repetition within a child can be told and used."""

_RECUR_FROM: Final = 10
"""Children with several events from which that is used."""

_GRACE: Final = dt.timedelta(days=31)
"""The first or last days of a year may have no referral."""


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
    repeats : Mapping of str to float
        The variance of the count over the count in the whole authority: above 1 where events
        recur within a child. One figure for all wards, so that it tells of no ward.
    unlike : Mapping of str to tuple of int
        Earlier years left out, as their total is not near the one that DfE published.
    """

    year: int
    rule: SuppressionRule | None
    tables: Mapping[Event, Linked]
    repeats: Mapping[Event, float]
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


def year_covered(records: pd.DataFrame) -> int:
    """Return the last year ending 31 March that local records reach the end of.

    A month's grace is given, as the last days of March may have no referral.

    Parameters
    ----------
    records : DataFrame
        The ``local_records`` table.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> year_covered(jsna.load_local_records().records)
    2025
    """
    reached: dt.date = records["date"].max().date() + _GRACE
    year = reached.year
    return year if reached >= reporting_year_days(year)[1] else year - 1


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
    asked = year if year is not None else _last_year(made_from)
    counted: dict[Event, Linked] = {}
    unlike: dict[Event, tuple[int, ...]] = {}
    repeats: dict[Event, float] = dict.fromkeys(LOCAL_EVENTS, 1.0)
    for event in _events_held(made_from):
        years, unlike[event] = _years(made_from, event, asked)
        if made_from.local is not None:
            records = made_from.local.records
            groups = () if wards_only else GROUPS
            counted[event] = _from_records(made_from, records, event, years, groups)
            repeats[event] = _repeats(events_of(records, event, asked))
        else:
            counted[event] = _from_counts(made_from, event, years)
    _something(made_from, counted, asked)
    if rule is None:
        tables = _left_open(counted, reason)
    else:
        before = told or Told({})
        tables = {
            event: _protected(made_from, event, each, rule, before)
            for event, each in counted.items()
        }
    return LocalCounts(asked, rule, tables, repeats, unlike)


def _events_held(made_from: Ingredients) -> list[Event]:
    """Return the events that the authority's file holds at all: others are not nought."""
    if made_from.counted is not None:
        held = set(made_from.counted.counts["event"])
        return [event for event in LOCAL_EVENTS if event in held]
    assert made_from.local is not None  # noqa: S101 (asked by the caller)
    kinds = set(made_from.local.records["kind"])
    return [
        event for event in LOCAL_EVENTS if ("referral" if event == "referrals" else "plan") in kinds
    ]


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


def _last_year(made_from: Ingredients) -> int:
    if made_from.counted is not None:
        return int(made_from.counted.counts["year"].max())
    assert made_from.local is not None  # noqa: S101 (asked by the caller)
    records = made_from.local.records
    if records.empty:
        rejects = made_from.local.rejects
        raise MissingDataError(
            f"The local records have no row that can be used; {len(rejects)} were refused "
            f"({some(rejects['reason'].unique())}). Expected one row per referral or plan."
        )
    return year_covered(records)


def _years(made_from: Ingredients, event: Event, asked: int) -> tuple[list[int], tuple[int, ...]]:
    """Return the years to count, and those left out as their totals are not DfE's.

    An extract is seldom whole before its first referral: plans that ended are not in it.
    """
    totals = _totals_before(made_from, event, asked)
    figures = made_from.children_in_need
    own = figures[
        (figures["area_code"] == made_from.place.code) & (figures["indicator"] == event)
    ].dropna(subset=["count"])
    published = dict(zip(own["year"].tolist(), own["count"].tolist(), strict=True))
    near = [
        each
        for each, total in totals.items()
        if published.get(each) and abs(total / published[each] - 1) < TOTALS_APART
    ]
    return [*near, asked], tuple(each for each in totals if each not in near)


def _totals_before(made_from: Ingredients, event: Event, asked: int) -> dict[int, int]:
    if made_from.counted is not None:
        counts = made_from.counted.counts
        found = counts[(counts["event"] == event) & (counts["year"] < asked)]
        sums = found.groupby("year")["count"].sum()
        return {int(year): int(count) for year, count in sums.items()}
    assert made_from.local is not None  # noqa: S101 (asked by the caller)
    records = made_from.local.records
    referred = records.loc[records["kind"] == "referral", "date"]
    dates = referred if len(referred) else records["date"]
    first = dates.min().date()
    years = range(first.year, asked)
    whole = [each for each in years if reporting_year_days(each)[0] + _GRACE >= first]
    return {each: len(events_of(records, event, each)) for each in whole}


def _from_records(
    made_from: Ingredients,
    records: pd.DataFrame,
    event: Event,
    years: list[int],
    wanted: Sequence[str],
) -> Linked:
    groups = [
        group
        for group in wanted
        if not (group == "referral_source" and event != "referrals")
        and records[{"age_band": "age", "ethnic_group": "ethnicity"}.get(group, group)]
        .notna()
        .any()
    ]
    found = linked_counts(
        records,
        event,
        years=years,
        tables=[["area_code", "year"], *([group, "year"] for group in groups)],
        lookup=made_from.lookup,
    )
    return {name: _by_year(table) for name, table in found.items()}


def _by_year(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the sums over years, and a row of the unplaced where there are none."""
    place = table.columns[0]
    nobody = (table[place] == ELSEWHERE) & (table["count"] == 0)
    return table[(table["year"] != ALL) & ~nobody].reset_index(drop=True)


def _from_counts(made_from: Ingredients, event: Event, years: list[int]) -> Linked:
    """Return the table by ward of counts that were added up before."""
    import pandas as pd

    assert made_from.counted is not None  # noqa: S101 (asked by the caller)
    counts = made_from.counted.counts
    counts = counts[(counts["event"] == event) & counts["year"].isin(years)]
    hidden = int(counts["count"].isna().sum())
    if hidden:
        raise UsageError(
            f"{hidden} of the local counts are hidden already. Give true counts, zero where there "
            "is none: what must be hidden beside them can be told from true counts only."
        )
    lookup = made_from.lookup
    wards = sorted(set(lookup["to_code"]))
    homes = dict(zip(lookup["from_code"], lookup["to_code"], strict=True))
    code = counts["area_code"].astype(object)
    place = code.where(code.isin(wards), code.map(homes)).fillna(ELSEWHERE)
    tally = counts.assign(area_code=place).groupby(["area_code", "year"])["count"].sum()
    if len(counts):
        lacking = [ward for ward in wards for year in years if (ward, year) not in tally.index]
        if lacking:
            raise UsageError(
                f"The local counts have no row for {some(dict.fromkeys(lacking))} in every year "
                f"from {min(years)} to {max(years)}. Give one for each ward, or for its LSOAs, "
                "zero where there is none."
            )
    rows = [
        (area, year, int(tally.get((area, year), 0)))
        for year in years
        for area in (*wards, ELSEWHERE)
    ]
    table = pd.DataFrame(rows, columns=["area_code", "year", "count"])
    total = table.groupby("year", as_index=False)["count"].sum().assign(area_code=ALL)
    return {BY_WARD: _by_year(pd.concat([table, total[table.columns]], ignore_index=True))}


def _something(made_from: Ingredients, counted: Mapping[Event, Linked], year: int) -> None:
    """Refuse a year without events, or without one in a known ward."""
    found = placed = 0
    for tables in counted.values():
        table = tables[BY_WARD]
        here = table[table["year"] == year].set_index("area_code")["count"]
        found += int(here[ALL])
        placed += int(here[ALL]) - int(here.get(ELSEWHERE, 0))
    if not found:
        raise MissingDataError(
            f"The local records have no referral and no plan in the year ending 31 March {year}. "
            "Name the year that they cover with year= or --year."
        )
    if not placed:
        raise MissingDataError(
            f"None of the {found} local records that count in the year ending 31 March {year} "
            f"lies in a known ward of {made_from.place.name}, so every ward would seem to have "
            "none. Give lsoa_code (LSOAs of "
            f"{made_from.lookup['from_geography'].iloc[0]}), or lay a directory of postcodes in "
            "data/raw/postcodes/."
        )


def _repeats(events: pd.DataFrame) -> float:
    """Return how many times the count its variance is: 1 where no child has several events.

    To a tenth, and 1 where few children have several: limits of rates tell it to whoever divides,
    and the exact figure would tell how many children there are.
    """
    again = int((events["child_id"].value_counts() > 1).sum())
    if len(events) < _REPEATS_FROM or again < _RECUR_FROM:
        return 1.0
    every = event_frequencies(events.assign(everyone="all"), by="everyone").iloc[0]
    return round(float(every["count_variance"] / every["count"]), 1)
