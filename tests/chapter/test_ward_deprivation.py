"""Fifths of wards: intervals allow for children referred twice, and no sum is made in part."""

import numpy as np
import pandas as pd
import pytest

from bolton_jsna.chapter import ward_deprivation
from bolton_jsna.core.errors import UsageError


def rates(number=15, **changed):
    """Wards with 10 events in each 1,000 children, and with more the more deprived they are."""
    frame = pd.DataFrame(
        {
            "area_code": [f"E{each:08}" for each in range(number)],
            "area_name": [f"Ward {each}" for each in range(number)],
            "idaci_score": np.linspace(0.1, 0.7, number),
            "year": 2025,
            "count": pd.array(np.arange(10, 10 + number), dtype="Int64"),
            "population": 1_000.0,
            "status": "value",
            "illustrative": True,
            "source": "local_records@illustrative",
        }
    )
    return frame.assign(**changed)


def test_fifths_add_up_the_wards_from_the_most_deprived():
    fifths, slope = ward_deprivation.fifths_of(rates(), 1.0)
    assert fifths["quantile"].tolist() == [1, 2, 3, 4, 5]
    assert fifths["count"].tolist() == [69, 60, 51, 42, 33]
    assert fifths["rate"].tolist() == [230.0, 200.0, 170.0, 140.0, 110.0]
    # A straight line falls by 30 a fifth: 150 from one end to the other.
    assert slope["sii"].iloc[0] == pytest.approx(150.0)


def test_intervals_allow_for_children_counted_more_than_once():
    once, line = ward_deprivation.fifths_of(rates(), 1.0)
    twice, wider = ward_deprivation.fifths_of(rates(), 1.5)
    assert once["method"].unique().tolist() == ["Byar"]
    assert twice["method"].unique().tolist() == ["Byar, repeated events"]
    assert (twice["lower"] < once["lower"]).all()
    assert (twice["upper"] > once["upper"]).all()
    assert wider["sii_lower"].iloc[0] < line["sii_lower"].iloc[0]
    assert wider["sii"].iloc[0] == pytest.approx(line["sii"].iloc[0])


def test_repeats_that_are_not_known_are_named_in_the_method():
    fifths, _ = ward_deprivation.fifths_of(rates(), None)
    assert fifths["method"].unique().tolist() == ["Byar, repeats not allowed for"]


def test_one_hidden_ward_leaves_its_fifth_without_a_figure_and_all_without_a_slope():
    frame = rates()
    frame.loc[0, "count"] = pd.NA
    frame.loc[0, "status"] = "suppressed"
    for repeats in (1.0, 1.5, None):
        fifths, slope = ward_deprivation.fifths_of(frame, repeats)
        last = fifths.iloc[-1]
        assert last["status"] == "suppressed"
        assert pd.isna(last["count"])
        assert np.isnan([last["rate"], last["lower"], last["upper"]]).all()
        assert fifths["status"].tolist()[:4] == ["value"] * 4
        assert np.isnan(slope["sii"].iloc[0])


def test_a_ward_without_a_score_is_in_no_fifth():
    frame = rates(16)
    frame.loc[3, "idaci_score"] = np.nan
    fifths, _ = ward_deprivation.fifths_of(frame, 1.0)
    assert fifths["parts"].sum() == 15
    assert fifths["count"].sum() == frame["count"].sum() - 13


def test_too_few_wards_are_not_divided():
    with pytest.raises(UsageError, match=r"not divided into fifths: 14 areas have a value; 15"):
        ward_deprivation.fifths_of(rates(14), 1.0)


def test_the_association_is_about_the_wards_that_have_a_figure():
    frame = rates()
    frame.loc[:4, "count"] = pd.NA
    frame.loc[:4, "status"] = "suppressed"
    found = ward_deprivation.association_of(frame, "Referrals")
    assert (found.summary["used"], found.summary["of"]) == (10, 15)
    assert found.summary["events"] == "referrals"
