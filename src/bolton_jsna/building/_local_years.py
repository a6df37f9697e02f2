"""The years ending 31 March that local records cover."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from bolton_jsna.core import timestamps
from bolton_jsna.core.errors import MissingDataError
from bolton_jsna.core.years import reporting_year_days

if TYPE_CHECKING:
    import pandas as pd

GRACE: Final = dt.timedelta(days=31)
"""The first or last days of a year may have no referral."""

LONG_GRACE: Final = dt.timedelta(days=92)
"""So long before the end of a complete year the last plan may have begun or ended."""


def last_day(records: pd.DataFrame, kind: str | None = None) -> dt.date | None:
    """Return the last day on which something happened; None if there is no record."""
    # A future day on which a plan is to end is not an event.
    if kind is not None:
        records = records[records["kind"] == kind]
    today = timestamps.now().date() + dt.timedelta(days=1)
    days = [
        found.max().date()
        for name in ("date", "end_date")
        if len(found := records[name].dropna()[lambda each: each.dt.date <= today])
    ]
    return max(days, default=None)


def year_covered(records: pd.DataFrame, *, until: dt.date | None = None) -> int:
    """Return the last year ending 31 March that local records reach the end of."""
    days = [day + GRACE for day in [last_day(records)] if day] + ([until] if until else [])
    reached = max(days)
    return reached.year if reached >= reporting_year_days(reached.year)[1] else reached.year - 1


def complete_years(records: pd.DataFrame, *, until: dt.date | None = None) -> range:
    """Return the years ending 31 March that local records cover in full."""
    # An extract is seldom complete before its first referral: plans that ended are not in it.
    referred = records.loc[records["kind"] == "referral", "date"]
    first = (referred if len(referred) else records["date"]).min().date()
    year: int = first.year
    while reporting_year_days(year)[0] + GRACE < first:
        year += 1
    return range(year, year_covered(records, until=until) + 1)


def check_records_reach(records: pd.DataFrame, year: int, *, until: dt.date | None) -> None:
    """Make sure that records reach the end of a year."""
    end, last = reporting_year_days(year)[1], year_covered(records, until=until)
    if year <= last or (until is not None and until >= end):
        return
    years = complete_years(records, until=until)
    span = f"{years[0]} to {years[-1]}" if len(years) > 1 else f"{years[0]}" if years else "none"
    raise MissingDataError(
        f"The local records reach the year ending 31 March {last}, not {year}. In a complete year, "
        f"the last event is within {GRACE.days} days of its end. Complete years in them: {span}. "
        "Use one of these (year= or --year), or give a later extract. If the extract is later and "
        "nothing has happened since, give the day up to which it is complete: records_to= or "
        f"--records-to {end.isoformat()}."
    )
