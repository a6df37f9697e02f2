"""Concentration index: a printed example, and what it must not depend on."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bolton_jsna.core.errors import UsageError
from bolton_jsna.measures.concentration import concentration_index


def people(counts, population=1_000, **more):
    frame = {
        "quantile": range(1, len(counts) + 1),
        "count": pd.array(counts, dtype="Float64"),
        "population": population,
    }
    return pd.DataFrame(frame | more)


def test_india():
    """O'Donnell et al. 2008, table 8.1: under-five deaths by wealth, -0.1694."""
    births = np.array([29_939, 28_776, 26_528, 24_689, 19_739])
    rates = np.array([154.7, 152.9, 119.5, 86.9, 54.3])
    found = concentration_index(people(births * rates / 1_000, births)).iloc[0]
    assert round(found["concentration"], 4) == -0.1694
    assert found["concentration_lower"] < -0.1694 < found["concentration_upper"]


def test_limits_hold_the_spread_of_drawn_events():
    """The error is that of events falling where they may: drawn again, they spread as it says."""
    population = np.array([3_000, 2_500, 2_000, 1_500, 1_000])
    chance = population * np.array([5, 4, 3, 2, 1])
    drawn = np.random.default_rng(2).multinomial(400, chance / chance.sum(), size=4_000)
    share = population / population.sum()
    ridit = share.cumsum() - share / 2
    spread = np.std(2 * drawn @ ridit / 400 - 1)
    found = concentration_index(people(chance / chance.sum() * 400, population)).iloc[0]
    width = found["concentration_upper"] - found["concentration_lower"]
    assert width / (2 * 1.959964) == pytest.approx(spread, rel=0.05)


COUNTS = st.lists(st.integers(0, 500), min_size=3, max_size=12).filter(any)


@settings(max_examples=40)
@given(COUNTS, st.integers(1, 50), st.randoms(use_true_random=False))
def test_order_scale_and_splitting_do_not_matter(counts, times, random):
    frame = people(counts)
    before = frame.copy(deep=True)
    found = concentration_index(frame).iloc[0]
    pd.testing.assert_frame_equal(frame, before)
    order = list(frame.index)
    random.shuffle(order)
    pd.testing.assert_series_equal(concentration_index(frame.loc[order]).iloc[0], found)
    more = people([count * times for count in counts], 1_000 * times)
    assert concentration_index(more)["concentration"].iloc[0] == pytest.approx(
        found["concentration"], abs=1e-12
    )
    halves = pd.concat([frame, frame]).assign(population=500)
    halves["count"] = halves["count"] / 2
    assert concentration_index(halves)["concentration"].iloc[0] == pytest.approx(
        found["concentration"], abs=1e-12
    )
    turned = people(counts[::-1])
    assert concentration_index(turned)["concentration"].iloc[0] == pytest.approx(
        -found["concentration"], abs=1e-12
    )
    assert -1 <= found["concentration"] <= 1


def test_evenly_spread_is_zero_and_all_among_the_most_deprived_is_negative():
    assert concentration_index(people([5] * 10))["concentration"].iloc[0] == pytest.approx(0)
    assert concentration_index(people([50, *[0] * 9]))["concentration"].iloc[0] == pytest.approx(
        -0.9
    )


def test_states():
    hidden = people([5, None, 5], year=2023, status=["value", "suppressed", "value"])
    none = people([0, 0, 0], year=2024, status="value")
    few = people([5, 5], year=2025, status="value")
    fine = people([5, 4, 3], year=2026, status="value")
    found = concentration_index(pd.concat([hidden, none, few, fine]), by=["year"])
    assert found["concentration_status"].tolist() == [
        *("suppressed", "not_applicable", "not_applicable", "value")
    ]
    assert found["concentration_reason"].tolist() == [
        "2 of 3 rows have a count and people",
        "no events: there is nothing to measure",
        "an index needs 3 groups",
        "",
    ]
    assert found["concentration"].notna().tolist() == [False, False, False, True]
    alone = concentration_index(fine).iloc[0]
    assert found["concentration"].iloc[3] == alone["concentration"]


def test_rejections():
    with pytest.raises(UsageError, match=r"1 rows have no 'quantile'"):
        concentration_index(people([1, 2, 3]).assign(quantile=[1, None, 3]))


def test_without_people_there_is_no_index():
    found = concentration_index(people([1, 2, 3]).assign(population=0)).iloc[0]
    assert found["concentration_status"] == "not_applicable"
    assert found["concentration_reason"] == "there are no people"


def test_recurring_events_widen_the_limits():
    """Children with two referrals each: limits are the root of two wider, the index is the same."""
    frame = people([50, 40, 30, 20, 10]).assign(variance=[100.0, 80, 60, 40, 20])
    plain = concentration_index(frame).iloc[0]
    often = concentration_index(frame, count_variance="variance").iloc[0]
    assert often["concentration"] == plain["concentration"]
    width = (one["concentration_upper"] - one["concentration_lower"] for one in (often, plain))
    assert next(width) / next(width) == pytest.approx(2**0.5)
    assert plain["concentration_method"] == "Normal, variance of the mean ridit"
    assert often["concentration_method"].endswith(", repeated events")


def test_limits_with_recurring_events_hold_the_spread_of_drawn_children():
    """Children drawn with one to three referrals each; limits without them are too narrow."""
    population = np.array([3_000, 2_500, 2_000, 1_500, 1_000])
    share = population / population.sum()
    ridit = share.cumsum() - share / 2
    rng = np.random.default_rng(6)
    children = rng.poisson(np.array([40, 35, 25, 15, 10]), (4_000, 5))
    ones = rng.binomial(children, 0.5)
    twos = rng.binomial(children - ones, 0.6)
    threes = children - ones - twos
    counts, variances = ones + 2 * twos + 3 * threes, ones + 4 * twos + 9 * threes
    spread = np.std(2 * counts @ ridit / counts.sum(axis=1) - 1)
    frame = people(counts.mean(axis=0), population, variance=variances.mean(axis=0))
    found = concentration_index(frame, count_variance="variance").iloc[0]
    width = found["concentration_upper"] - found["concentration_lower"]
    assert width / (2 * 1.959964) == pytest.approx(spread, rel=0.05)
    with pytest.raises(UsageError, match="at least the count"):
        concentration_index(frame.assign(variance=1), count_variance="variance")
