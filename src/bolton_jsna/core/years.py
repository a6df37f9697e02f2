"""Reporting years, and the mid-years of their denominators.

Children's social care is counted for the year ending 31 March. DfE divides by the mid-year
population estimate (30 June) of the year before: the year ending 31 March 2025 uses mid-2024.
"""

from __future__ import annotations

import datetime as dt

from bolton_jsna.core.errors import UsageError, short


def reporting_year_days(year: int) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the year ending 31 March ``year``."""
    if not dt.MINYEAR < year <= dt.MAXYEAR:
        raise UsageError(
            f"year={year!r} is not a year. Write one such as 2025, which ends on 31 March."
        )
    return dt.date(year - 1, 4, 1), dt.date(year, 3, 31)


def day_of(given: dt.date | str | None) -> dt.date | None:
    """Return the day up to which records are complete, from its text."""
    try:
        if isinstance(given, dt.datetime):  # of pandas too, whose missing time has no date
            given = f"{given:%Y-%m-%d}"
        return dt.date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        raise UsageError(
            f"records_to={short(given)!r} (--records-to) is not a day. Write one such as "
            "2025-03-31."
        ) from None


def reporting_year(day: dt.date) -> int:
    """Return the reporting year of a day: the year of the 31 March on which it ends."""
    return day.year + (day.month > 3)


def denominator_year(year: int) -> int:
    """Return the mid-year whose estimate divides the count of a reporting year."""
    return year - 1
