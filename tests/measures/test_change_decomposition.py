"""The parts of a change add up to it, and each is what its name says."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna import SchemaError, UsageError, decompose_change


def by_age(first, last):
    """Counts and people by age band of two years."""
    rows = [
        {"area_code": "E06000001", "year": year, "age_band": band, "count": count, "population": n}
        for year, bands in ((2020, first), (2025, last))
        for band, (count, n) in bands.items()
    ]
    return pd.DataFrame(rows)


def test_a_change_of_all_children_by_hand():
    """Kitagawa's two parts: 100 of 1,000 children, then 150 of 1,200."""
    rates = pd.DataFrame(
        {
            "area_code": "E06000001",
            "year": [2020, 2025],
            "count": [100, 150],
            "population": [1000, 1200],
        }
    )
    row = decompose_change(rates, first=2020, last=2025).loc[0]
    assert row["change"] == 50
    # 200 more children at the mean rate of .1125; .025 more a child at the mean of 1,100 children.
    assert row["change_children"] == pytest.approx(22.5)
    assert row["change_rate"] == pytest.approx(27.5)
    assert row["change_ages"] == 0


def test_more_older_children_is_a_change_of_ages_and_not_of_rates():
    """Rates by age stay, and the share of the age with more events grows."""
    found = decompose_change(
        by_age({"0-9": (10, 1000), "10-17": (40, 1000)}, {"0-9": (5, 500), "10-17": (60, 1500)}),
        first=2020,
        last=2025,
    ).loc[0]
    assert found["change"] == 15
    assert found["change_ages"] == pytest.approx(15)
    assert found["change_children"] == pytest.approx(0)
    assert found["change_rate"] == pytest.approx(0)


numbers = st.tuples(st.integers(0, 500), st.integers(1, 5000))
bands = st.fixed_dictionaries({"0-4": numbers, "5-9": numbers, "10-17": numbers})


@given(bands, bands)
def test_parts_add_up_to_the_change(first, last):
    """Whatever the counts and people."""
    row = decompose_change(by_age(first, last), first=2020, last=2025).loc[0]
    parts = row["change_children"] + row["change_ages"] + row["change_rate"]
    assert parts == pytest.approx(row["change"], abs=1e-6)


def test_a_hidden_band_leaves_no_parts():
    """A hidden count is not taken as zero, nor worked out from the whole."""
    rates = by_age({"0-9": (10, 1000), "10-17": (40, 1000)}, {"0-9": (5, 500), "10-17": (60, 900)})
    rates["status"] = ["value", "suppressed", "value", "value"]
    rates["count"] = rates["count"].astype(float).mask(rates["status"] == "suppressed")
    row = decompose_change(rates, first=2020, last=2025).loc[0]
    assert row["status"] == "suppressed"
    assert np.isnan([row["change"], row["change_children"], row["change_rate"]]).all()
    assert np.isnan(row["count_first"])
    assert row["reason"] == "a year or an age band has no number"


def test_an_area_without_one_of_the_years_has_a_reason_and_others_keep_their_parts():
    """Areas are divided one by one."""
    whole = by_age({"0-17": (10, 1000)}, {"0-17": (20, 1000)})
    other = whole[whole["year"] == 2025].assign(area_code="E06000002")
    found = decompose_change(pd.concat([whole, other]), first=2020, last=2025)
    assert found["status"].tolist() == ["value", "not_available"]
    assert found["change"].iloc[0] == 10


@pytest.mark.parametrize(
    ("years", "message"),
    [
        ((2025, 2020), "first=2025 is not before last=2020"),
        ((2019, 2025), "no rows of 2019. It has 2020, 2025"),
    ],
)
def test_years_that_cannot_be_compared(years, message):
    """The message names the years that there are."""
    rates = by_age({"0-17": (10, 1000)}, {"0-17": (20, 1000)})
    with pytest.raises(UsageError, match=message):
        decompose_change(rates, first=years[0], last=years[1])


def test_two_releases_of_one_year_are_an_error():
    """A figure of two releases would be counted twice."""
    rates = by_age({"0-17": (10, 1000)}, {"0-17": (20, 1000)})
    with pytest.raises(SchemaError, match="several rows for 2020"):
        decompose_change(pd.concat([rates, rates.iloc[:1]]), first=2020, last=2025)
