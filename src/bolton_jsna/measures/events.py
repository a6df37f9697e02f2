"""Counting events in local records: referrals in a year, plans open on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bolton_jsna.errors import UsageError, choice, some
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


def count_by_area(events: pd.DataFrame, lookup: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Count events by the area that a lookup assigns each LSOA to.

    Parameters
    ----------
    events : DataFrame
        Rows with ``lsoa_code``, as :func:`events_of` gives them.
    lookup : DataFrame
        A ``lookup`` table whose ``from_code`` are LSOAs, each going to one area.

    Returns
    -------
    counts : DataFrame
        ``area_code``, ``area_name``, ``count``: one row per area of the lookup, in order of
        code, zero where no event fell.
    unplaced : int
        Events whose LSOA is missing or not in the lookup.

    Raises
    ------
    UsageError
        When an LSOA goes to several areas: an event cannot be split.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> events = events_of(jsna.load_local_records().records, "referrals", 2025)
    >>> counts, unplaced = count_by_area(events, jsna.load_lookup("Bolton"))
    >>> len(counts), int(counts["count"].sum()) + unplaced
    (20, 3803)
    """
    several = lookup.loc[lookup["from_code"].duplicated(), "from_code"]
    if len(several):
        raise UsageError(
            f"{some(several.unique())} go to several areas, and an event falls in one. Use a "
            "best-fit lookup to one geography."
        )
    areas = lookup[["to_code", "to_name"]].drop_duplicates("to_code").sort_values("to_code")
    placed = events["lsoa_code"].map(lookup.set_index("from_code")["to_code"])
    counts = areas.rename(columns={"to_code": "area_code", "to_name": "area_name"})
    tally = placed.value_counts()
    counts["count"] = counts["area_code"].map(tally).fillna(0).astype("Int64")
    return counts.reset_index(drop=True), int(placed.isna().sum())
