"""Which records count in a year, and where."""

import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.years import denominator_year, reporting_year_days
from bolton_jsna.measures.events import events_of


def records(*rows):
    """Frames of (kind, date, end date, LSOA)."""
    frame = pd.DataFrame(
        [(*row, *[None] * (4 - len(row))) for row in rows],
        columns=["kind", "date", "end_date", "lsoa_code"],
    )
    frame["date"] = pd.to_datetime(frame["date"], format="ISO8601").astype("datetime64[ns]")
    frame["end_date"] = pd.to_datetime(frame["end_date"], format="ISO8601").astype("datetime64[ns]")
    return frame


def test_referrals_of_a_year_run_from_1_april_to_31_march():
    frame = records(
        ("referral", "2024-03-31"),
        ("referral", "2024-04-01"),
        ("referral", "2025-03-31"),
        ("referral", "2025-04-01"),
        ("plan", "2024-06-01"),
    )
    assert events_of(frame, "referrals", 2025).index.tolist() == [1, 2]
    assert events_of(frame, "cpp_started", 2025).index.tolist() == [4]
    assert events_of(frame, "referrals", 2024).index.tolist() == [0]
    assert events_of(frame, "referrals", 2020).empty


def test_plans_at_31_march():
    """DfE children in need census guide: open at the end of the day."""
    frame = records(
        ("plan", "2024-05-01", None),  # open
        ("plan", "2019-05-01", None),  # open for long
        ("plan", "2025-03-31", None),  # begun on the day
        ("plan", "2024-05-01", "2025-04-01"),  # ended the day after
        ("plan", "2024-05-01", "2025-03-31"),  # ended on the day
        ("plan", "2024-05-01", "2025-03-30"),  # ended the day before
        ("plan", "2025-04-01", None),  # begun the day after
        ("referral", "2024-05-01", None),
    )
    assert events_of(frame, "cpp_at_31_march", 2025).index.tolist() == [0, 1, 2, 3]


def test_the_time_of_day_moves_no_event():
    frame = records(
        ("referral", "2025-03-31 17:45"),
        ("plan", "2025-03-31 09:00", None),
        ("plan", "2024-05-01", "2025-03-31 16:00"),
    )
    assert len(events_of(frame, "referrals", 2025)) == 1
    assert events_of(frame, "cpp_at_31_march", 2025).index.tolist() == [1]
    assert frame["date"].dt.hour.tolist() == [17, 9, 0]


@given(
    st.lists(
        st.dates(
            min_value=pd.Timestamp("2019-01-01").date(), max_value=pd.Timestamp("2026-12-31").date()
        ),
        max_size=20,
    )
)
def test_every_event_falls_in_one_year(days):
    frame = records(*[("referral", day) for day in days])
    years = [events_of(frame, "referrals", year).index.tolist() for year in range(2019, 2028)]
    assert sorted(itertools.chain(*years)) == frame.index.tolist()


def test_an_unknown_event_is_rejected():
    with pytest.raises(UsageError, match="event='referral' is not known"):
        events_of(records(("referral", "2025-01-01")), "referral", 2025)


def test_years():
    """DfE divides the year ending 31 March by the mid-year estimate of the year before."""
    first, last = reporting_year_days(2025)
    assert (first.isoformat(), last.isoformat()) == ("2024-04-01", "2025-03-31")
    assert denominator_year(2025) == 2024
