"""Counting events in local records: referrals in a year, plans open on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bolton_jsna.errors import choice
from bolton_jsna.years import reporting_year_days

if TYPE_CHECKING:
    import pandas as pd

Event = Literal["referrals", "cpp_started", "cpp_at_31_march"]


def events_of(records: pd.DataFrame, event: Event, year: int) -> pd.DataFrame:
    """Return the local records that count as an event of a reporting year.

    Parameters
    ----------
    records : DataFrame
        The ``local_records`` table.
    event : {"referrals", "cpp_started", "cpp_at_31_march"}
        Referrals in the year, plans begun in the year, or plans open at the end of 31 March.
    year : int
        Year ending 31 March.

    Returns
    -------
    DataFrame
        The rows that count, with the columns of ``records``. A plan that ended on 31 March is
        not open at the end of that day.

    Raises
    ------
    UsageError
        When the event is none of the three.

    Notes
    -----
    DfE children in need census guide: a plan is counted at 31 March when it began on or before
    that day and has no end date up to it.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> records = jsna.load_local_records().records
    >>> len(events_of(records, "referrals", 2025)), len(events_of(records, "cpp_at_31_march", 2025))
    (3803, 319)
    """
    import pandas as pd

    choice("event", event, ("referrals", "cpp_started", "cpp_at_31_march"))
    first, last = (pd.Timestamp(day) for day in reporting_year_days(year))
    # An extract may carry the time of day, which must not move an event past midnight.
    began = records["date"].dt.normalize()
    if event == "cpp_at_31_march":
        ended = records["end_date"].dt.normalize()
        counted = (records["kind"] == "plan") & (began <= last) & (ended.isna() | (ended > last))
    else:
        kind = "referral" if event == "referrals" else "plan"
        counted = (records["kind"] == kind) & (began >= first) & (began <= last)
    return records[counted]
