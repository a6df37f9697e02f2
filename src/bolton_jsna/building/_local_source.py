"""Where the local events of a build come from: nowhere, records of children, or counts by area."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from bolton_jsna import snapshot
from bolton_jsna.building import _group_counts, _local_counts, _local_years
from bolton_jsna.building._local_counts import EVENT_KINDS, LOCAL_EVENTS, Linked
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.core import timestamps
from bolton_jsna.core.areas import Area
from bolton_jsna.core.errors import MissingDataError, UsageError, choice, some
from bolton_jsna.core.years import reporting_year_days
from bolton_jsna.loaders import load_local_records
from bolton_jsna.measures.events import Event, ages_estimated, events_of
from bolton_jsna.tables import schemas
from bolton_jsna.tables.local import count_areas, counts, group_counts, layouts
from bolton_jsna.tables.local.layouts import HOME
from bolton_jsna.tables.local.sheets import ReadReport
from bolton_jsna.tables.local.values import KINDS

if TYPE_CHECKING:
    import pandas as pd


def _empty(*columns: str) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=columns, dtype=object)


def _no_records() -> pd.DataFrame:
    return schemas.typed(_empty(), schemas.SCHEMAS["local_records"].columns)


@dataclass(frozen=True, eq=False, repr=False)
class LocalSource:
    """The authority's own events; without arguments there are none.

    Attributes
    ----------
    kind : {"none", "records", "counts"}
        Records have a row per event, counts a row per area. The table of the other is empty.
    groups : DataFrame or None
        Counts by age band or category of the whole authority; ``counts`` are then its totals.
    rejects : DataFrame
        Rows of the file that could not be used, with reasons.
    reading : ReadReport
        How the file was read.
    rows, remarks : DataFrame or None
        The row of each record, and remarks on rows that are used.
    postcodes : tuple of str
        Sources of the postcodes by which homes were looked up.
    from_file : bool
        Whether the user gave a file.
    until : date or None
        Day up to which the records are complete, if the user or the file states it.
    """

    kind: Literal["none", "records", "counts"] = "none"
    records: pd.DataFrame = field(default_factory=_no_records)
    counts: pd.DataFrame = field(default_factory=lambda: _empty("event", "year", "count"))
    groups: pd.DataFrame | None = None
    rejects: pd.DataFrame = field(default_factory=lambda: _empty("row", "reason"))
    reading: ReadReport = field(default_factory=ReadReport)
    rows: pd.DataFrame | None = None
    remarks: pd.DataFrame | None = None
    postcodes: tuple[str, ...] = ()
    from_file: bool = False
    until: dt.date | None = None

    @property
    def illustrative(self) -> bool:
        """Whether the records are made up."""
        return bool(self.records["illustrative"].any())

    @property
    def by_lsoa(self) -> bool:
        """Whether events can be counted again by other areas."""
        return self.kind == "records"

    @property
    def homeless(self) -> bool:
        """Whether no record or count has a home, as in Ofsted's lists and the census."""
        if self.groups is not None:
            return True
        homes = self.records[list(HOME)]
        return bool(len(homes) and homes.isna().all(axis=None))

    @property
    def kinds(self) -> set[str]:
        """The kinds of event in the file: referral, plan or both."""
        return {EVENT_KINDS[event] for event in self.counts["event"]} | set(self.records["kind"])

    @property
    def events(self) -> list[Event]:
        """The events that the file holds; the others are not zero but unknown."""
        held = {*self.records["kind"], *self.counts["event"]}
        return [event for event in LOCAL_EVENTS if held & {event, EVENT_KINDS[event]}]

    def totals_before(self, event: Event, year: int) -> dict[int, int]:
        """Return the total of an event in each complete year before another."""
        if self.kind == "counts":
            rows = self.counts[(self.counts["event"] == event) & (self.counts["year"] < year)]
            sums = rows.groupby("year")["count"].sum()
            return {int(each): int(count) for each, count in sums.items()}
        complete = _local_years.complete_years(self.records, until=self.until)
        return {each: len(events_of(self.records, event, each)) for each in complete if each < year}

    def tables(
        self, event: Event, years: list[int], lookup: pd.DataFrame, groups: Sequence[str]
    ) -> Linked:
        """Return the counts of an event by ward and, from records, by each of some groups."""
        if self.groups is not None:
            return _group_counts.tables(self.groups, event, years)
        if self.kind == "counts":
            return _local_counts.tables_of_counts(self.counts, event, years, lookup)
        tables = _local_counts.tables_of_records(self.records, event, years, lookup, groups)
        return _local_counts.without_wards(tables) if self.homeless else tables

    def complete_to(self, records_to: dt.date | None) -> LocalSource:
        """Return the source with the day up to which the user or the file says it is complete."""
        last, stated = _local_years.last_day(self.records), self.reading.claims.until
        today = timestamps.now().date()
        if records_to is None:
            until = self.reading.until
            if until is None and stated is not None and last is not None:
                until = stated if last <= stated <= today else None
            return replace(self, until=until)
        if self.kind != "records":
            raise UsageError("records_to (--records-to) is for records; counts name their years.")
        if records_to > today or (last is not None and last > records_to):
            where = "after today" if records_to > today else "before the last event of the records"
            raise UsageError(
                f"records_to={records_to.isoformat()} (--records-to) is {where}. Give the day up "
                "to which the records are complete: the day of the extract, or the last day in it."
            )
        return replace(self, until=records_to)

    def last_year(self) -> int | None:
        """Return the last year ending 31 March that the file covers; None without events."""
        if self.kind == "none":
            return None
        table, expected = (
            (self.counts, "area and year")
            if self.kind == "counts"
            else (self.records, "referral or plan")
        )
        if table.empty:
            raise MissingDataError(
                f"The local {self.kind} have no usable row; {len(self.rejects)} were rejected "
                f"({some(self.rejects['reason'].unique())}). Expected one row per {expected}."
            )
        if self.kind == "counts":
            return int(table["year"].max())
        return _local_years.year_covered(table, until=self.until)

    def check_year(self, year: int) -> None:
        """Make sure that the file reaches the end of a year."""
        # Open plans would otherwise be counted in any later year.
        if self.kind == "counts":
            years = sorted(set(self.counts["year"].tolist()))
            if year not in years:
                raise MissingDataError(
                    f"The local counts are of {some(years, most=10)}, not of {year}. Use one of "
                    "these years (year= or --year), or give counts of that year."
                )
        elif not self.records.empty:
            _local_years.check_records_reach(self.records, year, until=self.until)

    def begins_late(self, year: int) -> bool:
        """Return whether the first referral is well after the first day of a year."""
        dates = self.records.loc[self.records["kind"] == "referral", "date"]
        limit = reporting_year_days(year)[0] + _local_years.GRACE
        return bool(len(dates) and dates.min().date() > limit)

    def ends_early(self, event: Event, year: int) -> bool:
        """Return whether nothing happened in the last months of a year that may be incomplete."""
        end = reporting_year_days(year)[1]
        if self.until is not None and self.until >= end:
            return False
        day = _local_years.last_day(self.records, EVENT_KINDS[event])
        return day is not None and day + _local_years.LONG_GRACE < end

    def ages_estimated(self, years: Sequence[int]) -> bool:
        """Return whether any age of a child on a plan at 31 March is an estimate."""
        at_march = ((events_of(self.records, "cpp_at_31_march", year), year) for year in years)
        return any(ages_estimated(events, year).any() for events, year in at_march)

    @property
    def plans_have_no_end(self) -> bool:
        """Whether there are plans and none has an end date."""
        plans = self.records[self.records["kind"] == "plan"]
        return bool(len(plans) and plans["end_date"].isna().all())

    @property
    def category_is_latest(self) -> bool:
        """Whether the heading of the category of plans says that it is the latest."""
        headings = self.reading.headings
        taken = {**headings.get("rows", {}), **headings.get("plan", {})}.get("category", "")
        return any(word in taken.casefold() for word in ("latest", "current"))


def read_local(
    place: Area, options: BuildOptions, *, lookup: pd.DataFrame | None = None, whole: bool = True
) -> LocalSource:
    """Read the authority's records or counts; without a file, the illustrative records if any."""
    path, columns = options.local_records, options.columns
    mapped = "child_id" in layouts.mapping(columns).columns
    if path is not None and not mapped and counts.are_counts(path):
        names = None if lookup is None else count_areas.names_of(lookup)
        event = _event_of(options.kind)
        found = counts.read(path, event=event, year=options.year, whole=whole, names=names)
        if lookup is not None:
            found = count_areas.of_place(found, lookup, place.name)
        return LocalSource(
            "counts",
            counts=found.counts,
            rejects=found.rejects,
            reading=found.reading,
            from_file=True,
        )
    if path is not None and not mapped and group_counts.are_group_counts(path):
        by_group = group_counts.read(path, event=_event_of(options.kind), year=options.year)
        every = by_group.counts
        sums = _group_counts.totals(every)
        reading = by_group.reading
        return LocalSource("counts", counts=sums, groups=every, reading=reading, from_file=True)
    if path is None and not snapshot.covers(place):
        return LocalSource()
    own = load_local_records(path, kind=options.kind, columns=columns, workspace=options.workspace)
    last = options.to_year
    if path is None and last is not None and last < _local_years.complete_years(own.records)[0]:
        return LocalSource()  # the illustrative records begin later
    return LocalSource("records", **vars(own), from_file=path is not None)


def _event_of(kind: str | None) -> str | None:
    """Return the event of counts whose file does not name it."""
    if kind is None:
        return None
    choice("kind", kind, KINDS)
    return "referrals" if KINDS[kind] == "referral" else "cpp_at_31_march"
