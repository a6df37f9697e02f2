"""The year that the authority's own file covers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from bolton_jsna.errors import MissingDataError, some
from bolton_jsna.years import reporting_year, reporting_year_days

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.tables.local_counts import LocalCounts
    from bolton_jsna.tables.local_records import LocalRecords

GRACE: Final = dt.timedelta(days=31)
"""The first or last days of a year may have no referral."""


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
    reached: dt.date = records["date"].max().date() + GRACE
    year = reached.year
    return year if reached >= reporting_year_days(year)[1] else year - 1


def last_year(local: LocalRecords | None, counted: LocalCounts | None) -> int | None:
    """Return the last year ending 31 March that the authority's file covers; None without one.

    Raises
    ------
    MissingDataError
        When no row of it can be used.
    """
    if counted is not None:
        return int(counted.counts["year"].max())
    if local is None:
        return None
    records = local.records
    if records.empty:
        raise MissingDataError(
            f"The local records have no row that can be used; {len(local.rejects)} were refused "
            f"({some(local.rejects['reason'].unique())}). Expected one row per referral or plan."
        )
    return year_covered(records)


def reach(local: LocalRecords | None, year: int) -> None:
    """Make sure that some record, or the end of one, lies in the year asked for or after it.

    Plans that are open would otherwise be carried into any year to come.

    Raises
    ------
    MissingDataError
        With the last year that the records reach.
    """
    if local is None or local.records.empty:
        return
    days = [local.records[name].max() for name in ("date", "end_date")]
    last = max(reporting_year(day) for day in days if day == day)  # noqa: PLR0124 (no day)
    if year > last:
        raise MissingDataError(
            f"The local records reach the year ending 31 March {last}; {year} was asked for. Ask "
            f"for {last} (year= or --year), or give a later extract."
        )
