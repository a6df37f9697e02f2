"""Events that recur within a child."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.measures.rates import crude_rates
from bolton_jsna.measures.recurrent_events import event_frequencies, repeated_event_variance

RECORDS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["c1", "c2", "c3", None])), max_size=40
)


@given(RECORDS)
def test_variance_is_the_sum_of_squares_of_each_childs_events(records):
    frame = pd.DataFrame(records, columns=["area", "child_id"])
    found = event_frequencies(frame, by="area").set_index("area")
    for area, row in found.iterrows():
        children = [child for where, child in records if where == area]
        squares = sum(children.count(child) ** 2 for child in {*children} - {None})
        unknown = children.count(None)
        assert row["count"] == len(children)
        assert row["persons"] == len({*children} - {None}) + unknown
        assert row["count_variance"] == squares + unknown
        assert row["unidentified"] == unknown
        assert row["count_variance"] >= row["count"]
    assert set(found.index) == {area for area, _ in records}


def test_order_of_records_makes_no_difference():
    frame = pd.DataFrame({"area": list("abab"), "child_id": ["x", "x", "x", "y"]})
    there = event_frequencies(frame, by="area").set_index("area").sort_index()
    back = event_frequencies(frame.iloc[::-1], by="area").set_index("area").sort_index()
    pd.testing.assert_frame_equal(there, back)
    assert there["count_variance"].tolist() == [4, 2]


@given(st.integers(1, 3_000), st.integers(0, 5_000))
def test_the_least_variance_is_the_least_and_geometric_is_more(persons, more):
    """With two counts alone, any spread of whole events over children has at least this much."""
    frame = pd.DataFrame({"count": [persons + more], "persons": [persons]})
    least = repeated_event_variance(frame, spread="least")["count_variance"].item()
    spread = repeated_event_variance(frame)["count_variance"].item()
    even = np.full(persons, (persons + more) // persons)
    even[: (persons + more) % persons] += 1
    assert least == pytest.approx((even.astype(float) ** 2).sum())
    assert spread >= least * (1 - 1e-12)
    uneven = np.ones(persons)
    uneven[0] += more
    assert least <= (uneven**2).sum() * (1 + 1e-12)


def test_geometric_is_the_mean_square_of_a_geometric_number():
    """A chance of 1/5 of a further event after each: mean 1.25, mean square 1.875."""
    chances = 0.8 * 0.2 ** np.arange(60)
    square = (chances * np.arange(1, 61) ** 2).sum()
    found = repeated_event_variance(pd.DataFrame({"count": [1_250], "persons": [1_000]}))
    assert found["count_variance"].item() == pytest.approx(1_000 * square)


def test_one_event_each_leaves_limits_as_they_are():
    frame = pd.DataFrame({"count": [40, 0, None], "persons": [40, 0, None], "population": 900})
    known = repeated_event_variance(frame)
    assert known["count_variance"].tolist()[:2] == [40, 0]
    assert np.isnan(known["count_variance"][2])
    wide, plain = crude_rates(known, count_variance="count_variance"), crude_rates(frame)
    np.testing.assert_allclose(wide[["lower", "upper"]], plain[["lower", "upper"]], rtol=1e-12)


@pytest.mark.reference
def test_referrals_per_child_that_dfe_publishes(reference):
    """Every authority of 2013 to 2025 with both counts: the two spreads differ little."""
    file = (
        reference
        / "safeguarding"
        / ("c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv.gz")
    )
    rows = pd.read_csv(file, dtype=str)
    rows = rows[(rows["geographic_level"] == "Local authority")]
    for name in ("referral_count", "referral_child_count"):
        rows[name] = pd.to_numeric(rows[name], errors="coerce")
    rows = rows[rows["referral_child_count"] > 0]
    options = {"count": "referral_count", "persons": "referral_child_count"}
    wide = repeated_event_variance(rows, **options)["count_variance"] / rows["referral_count"]
    least = repeated_event_variance(rows, spread="least", **options)["count_variance"]
    least = least / rows["referral_count"]
    assert len(rows) > 1_900
    assert wide.median() == pytest.approx(1.22, abs=0.05)
    assert (wide >= least * (1 - 1e-12)).all()
    assert (wide / least).quantile(0.9) < 1.05


@pytest.mark.parametrize(
    ("frame", "options", "error", "message"),
    [
        ({"count": [1]}, {}, SchemaError, "no column 'persons'"),
        ({"count": [5], "persons": [6]}, {}, UsageError, "5 events of 6 children are not possible"),
        ({"count": [5], "persons": [0]}, {}, UsageError, "5 events of 0 children are not possible"),
        ({"count": [5], "persons": [5]}, {"spread": "poisson"}, UsageError, "spread='poisson'"),
    ],
)
def test_rejections(frame, options, error, message):
    with pytest.raises(error, match=message):
        repeated_event_variance(pd.DataFrame(frame), **options)


def test_rejections_of_records():
    with pytest.raises(SchemaError, match="no column 'child_id'"):
        event_frequencies(pd.DataFrame({"area": ["a"]}), by="area")
