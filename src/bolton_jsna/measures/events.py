"""Counting events in local records: referrals in a year, plans open on a day, and ages then."""

from __future__ import annotations

from typing import Final, Literal, get_args

import pandas as pd

from bolton_jsna.core.errors import SchemaError, choice, some
from bolton_jsna.core.table_checks import as_numbers
from bolton_jsna.core.years import reporting_year_days

Event = Literal["referrals", "cpp_started", "cpp_at_31_march"]
EVENTS: Final = get_args(Event)

_UNBORN: Final = -1
_LARGEST: Final = 9_999
_MONTHS_SINCE_BIRTHDAY: Final = 6
"""A child whose age alone is known had its last birthday half a year ago, on average."""

_MONTHS_TO_BIRTH: Final = 5
"""An unborn child is born within 300 days: in five months, on average."""


def events_of(records: pd.DataFrame, event: Event, year: int) -> pd.DataFrame:
    """Return the local records that count as an event of a reporting year."""
    # DfE children in need census guide: a plan is counted at 31 March when it began on or before
    # that day and has no end date up to it.
    choice("event", event, EVENTS)
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


def ages_counted(events: pd.DataFrame, event: Event, year: int) -> pd.Series:
    """Return the age of each child on the day for which an event is counted."""
    # DfE counts the age of children on a plan at 31 March as at 31 March. It is the year less
    # ``birth_year_to_march``. Where a record has an age and no year of birth, it is estimated: the
    # birthday is taken to lie in the middle of the months that the age allows, half a year before
    # the plan began (five months after it for an unborn child). Such an age can be one year too
    # low or too high; :func:`ages_estimated` returns which they are.
    choice("event", event, EVENTS)
    if "age" not in events.columns:
        raise SchemaError(
            f"The records have no column 'age'. They have "
            f"{some(events.columns, most=20, like='age')}. Give the table local_records."
        )
    then = _whole(events, "age")
    if event != "cpp_at_31_march":
        return then
    born = _birth_years(events)
    months = events["date"].dt.year * 12 + events["date"].dt.month - 1
    unborn = (then == _UNBORN).fillna(value=False).astype(bool)
    middle = (months - _MONTHS_SINCE_BIRTHDAY).where(~unborn, months + _MONTHS_TO_BIRTH)
    # January to March are the months 0 to 2 of their year; April begins the next year to March.
    about = ((middle + 9) // 12).astype("Int64") - then.clip(lower=0)
    return (year - born.fillna(about)).clip(lower=_UNBORN)


def ages_estimated(events: pd.DataFrame, year: int) -> pd.Series:
    """Return which ages at 31 March are estimated from the age when the plan began."""
    day = pd.Timestamp(reporting_year_days(year)[1])
    earlier = events["date"].dt.normalize() < day
    return earlier & events["age"].notna() & _birth_years(events).isna()


def _birth_years(events: pd.DataFrame) -> pd.Series:
    """Return the years of birth to March; tables made before there was such a column have none."""
    if "birth_year_to_march" not in events.columns:
        return pd.Series(pd.NA, index=events.index, dtype="Int64")
    return _whole(events, "birth_year_to_march")


def _whole(events: pd.DataFrame, column: str) -> pd.Series:
    """Return a column of records as whole numbers; no cell of a record is named."""
    try:
        found = pd.Series(as_numbers(events[column]), index=events.index)
    except ValueError as error:
        raise SchemaError(
            f"{column!r} of the records holds {str(error).partition(':')[0]}; expected whole "
            "numbers. Correct the records, or leave the cell empty where it is not known."
        ) from None
    wrong = int((found.notna() & ((found % 1 != 0) | (found.abs() > _LARGEST))).sum())
    if wrong:
        raise SchemaError(
            f"{column!r} of {wrong} records is not a whole number up to {_LARGEST:,}. Give ages "
            "in completed years, and leave the cell empty where the age is not known."
        )
    return found.astype("Int64")
