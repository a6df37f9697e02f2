"""The years that the authority's own file holds, and how far it reaches."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import MissingDataError, UsageError, some
from bolton_jsna.core.years import reporting_year_days

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.tables.local.counts import LocalCounts
    from bolton_jsna.tables.local.records import LocalRecords

GRACE: Final = dt.timedelta(days=31)
"""The first or last days of a year may have no referral."""

LONG_GRACE: Final = dt.timedelta(days=92)
"""Where the file reaches a year's end, so much earlier may the last plan have begun or ended."""

_RULE: Final = f"The last event must lie {GRACE.days} days before the end of a year or later"


def last_day(records: pd.DataFrame, kind: str | None = None) -> dt.date | None:
    """Return the last day on which something happened; None where there is no record."""
    # A day to come on which a plan is to end is no event.
    if kind is not None:
        records = records[records["kind"] == kind]
    today = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    days = [
        found.max().date()
        for name in ("date", "end_date")
        if len(found := records[name].dropna()[lambda each: each.dt.date <= today])
    ]
    return max(days, default=None)


def year_covered(records: pd.DataFrame, *, until: dt.date | None = None) -> int:
    """Return the last year ending 31 March that local records reach the end of."""
    # A month's grace is given, as the last days of March may have no referral.
    days = [day + GRACE for day in [last_day(records)] if day] + ([until] if until else [])
    reached = max(days)
    return reached.year if reached >= reporting_year_days(reached.year)[1] else reached.year - 1


def whole_years(records: pd.DataFrame, *, until: dt.date | None = None) -> range:
    """Return the years ending 31 March that local records cover in full."""
    # An extract is seldom whole before its first referral: plans that ended are not in it.
    referred = records.loc[records["kind"] == "referral", "date"]
    first = (referred if len(referred) else records["date"]).min().date()
    year: int = first.year
    while reporting_year_days(year)[0] + GRACE < first:
        year += 1
    return range(year, year_covered(records, until=until) + 1)


def known_until(
    local: LocalRecords | None, records_to: dt.date | None, today: dt.date | None = None
) -> dt.date | None:
    """Return the day up to which the records are whole, as a person or the file says."""
    if records_to is None:
        return None if local is None else _said(local)
    if local is None:
        raise UsageError("records_to (--records-to) is for records; counts name their years.")
    today = today or dt.datetime.now(dt.UTC).date()
    last = last_day(local.records)
    if records_to > today or (last is not None and last > records_to):
        where = "after today" if records_to > today else "before the last event of the records"
        raise UsageError(
            f"records_to={records_to.isoformat()} (--records-to) lies {where}. Give the day up to "
            "which the records are whole: that on which the extract was made, or the last it holds."
        )
    return records_to


def _said(local: LocalRecords) -> dt.date | None:
    """Return the day at which a file says that it was drawn, if no record contradicts it."""
    last, day = last_day(local.records), local.reading.claims.until
    if local.reading.until is not None or day is None or last is None:
        return local.reading.until
    return day if last <= day <= dt.datetime.now(dt.UTC).date() else None


def last_year(
    local: LocalRecords | None, counted: LocalCounts | None, *, until: dt.date | None = None
) -> int | None:
    """Return the last year ending 31 March that the authority's file covers; None without one."""
    own = local or counted
    if own is None:
        return None
    table = counted.counts if counted is not None else local.records if local is not None else None
    if table is None or table.empty:
        expected = "area and year" if counted is not None else "referral or plan"
        raise MissingDataError(
            f"The local {'counts' if counted is not None else 'records'} have no row that can be "
            f"used; {len(own.rejects)} were refused ({some(own.rejects['reason'].unique())}). "
            f"Expected one row per {expected}."
        )
    if counted is not None:
        return int(table["year"].max())
    return year_covered(table, until=until)


def reach(
    local: LocalRecords | None,
    counted: LocalCounts | None,
    year: int,
    *,
    until: dt.date | None = None,
) -> None:
    """Make sure that the authority's own file reaches the end of the year asked for."""
    # Plans that are open would otherwise be carried into any year to come. The last event lies at
    # most :data:`GRACE` before the end of the year, or the file (``reading.until``) or the user
    # says up to which day it is whole. Of counts the year is there.
    if counted is not None:
        years = sorted(set(counted.counts["year"].tolist()))
        if year not in years:
            raise MissingDataError(
                f"The local counts are of {some(years, most=10)}; {year} was asked for. Ask for "
                "one of these years (year= or --year), or give counts of that one."
            )
        return
    if local is None or local.records.empty:
        return
    records = local.records
    end = reporting_year_days(year)[1]
    if until is not None and until >= end:
        return
    last = year_covered(records, until=until)
    if year > last:
        raise MissingDataError(
            f"The local records reach the year ending 31 March {last}; {year} was asked for. "
            f"{_RULE}. {_whole(records, until)} Ask for one of them (year= or --year), or give a "
            "later extract. If the extract is later and nothing has happened since, say up to "
            f"which day it is whole: records_to= or --records-to {end.isoformat()}."
        )


def _whole(records: pd.DataFrame, until: dt.date | None) -> str:
    years = whole_years(records, until=until)
    if not years:
        return "They hold no year whole."
    span = str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"
    return f"Whole years in them: {span}."


def begins_late(local: LocalRecords | None, year: int) -> bool:
    """Say whether the first referral lies well after the first day of a year."""
    if local is None:
        return False
    referred = local.records.loc[local.records["kind"] == "referral", "date"]
    return bool(len(referred) and referred.min().date() > reporting_year_days(year)[0] + GRACE)


def ends_early(local: LocalRecords | None, kind: str, year: int) -> bool:
    """Say whether nothing of a kind happened in the last :data:`LONG_GRACE` of a year."""
    if local is None:
        return False
    day = last_day(local.records, kind)
    return day is not None and day + LONG_GRACE < reporting_year_days(year)[1]
