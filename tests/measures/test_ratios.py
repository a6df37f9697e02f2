"""Rates compared with a reference: one row has ratio, difference, p, state and reason."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.core.states import MEANINGS, NUMERIC
from bolton_jsna.measures._rate_ratio_limits import ratio_limits
from bolton_jsna.measures.ratios import matched, rate_ratios

LIMITS = ["ratio", "ratio_lower", "ratio_upper", "difference", "difference_lower", "p"]


@st.composite
def tables(draw):
    """Rows of two years with every state, and a reference that may lack a year or a number."""
    rows = draw(st.integers(0, 10))
    states = draw(st.lists(st.sampled_from(sorted(MEANINGS)), min_size=rows, max_size=rows))
    counts = [draw(st.integers(0, 3_000)) if state in NUMERIC else None for state in states]
    frame = pd.DataFrame(
        {
            "area_code": [f"a{number}" for number in range(rows)],
            "year": draw(st.lists(st.sampled_from([2024, 2025]), min_size=rows, max_size=rows)),
            "count": pd.array(counts, dtype="Int64"),
            "population": pd.array(
                [draw(st.one_of(st.none(), st.integers(0, 90_000))) for _ in range(rows)],
                dtype="Int64",
            ),
            "status": pd.array(states, dtype=object),
        }
    )
    years = draw(st.lists(st.sampled_from([2024, 2025]), unique=True))
    their_states = [draw(st.sampled_from(sorted(MEANINGS))) for _ in years]
    reference = pd.DataFrame(
        {
            "year": pd.array(years, dtype="Int64"),
            "count": pd.array(
                [draw(st.integers(0, 90_000)) if s in NUMERIC else None for s in their_states],
                dtype="Int64",
            ),
            "population": pd.array([1_000_000] * len(years), dtype="Int64"),
            "status": pd.array(their_states, dtype=object),
        }
    )
    return frame, reference


@given(tables())
def test_no_state_turns_into_another_and_each_gap_has_a_reason(both):
    frame, reference = both
    before = frame.copy(deep=True), reference.copy(deep=True)
    found = rate_ratios(frame, reference)
    pd.testing.assert_frame_equal(frame, before[0])
    pd.testing.assert_frame_equal(reference, before[1])
    theirs = reference.set_index("year")
    for row in found.itertuples():
        if row.status not in NUMERIC:
            assert row.ratio_status == row.status
        elif row.year not in theirs.index:
            assert row.ratio_status == "not_available"
        elif theirs.loc[row.year, "status"] not in NUMERIC:
            assert row.ratio_status == theirs.loc[row.year, "status"]
        elif theirs.loc[row.year, "count"] == 0:
            assert row.ratio_status == "not_applicable"
            assert row.difference == row.rate
            assert row.p == row.p
        else:
            modelled = "modelled" in (row.status, theirs.loc[row.year, "status"])
            assert row.ratio_status == ("modelled" if modelled else "value")
        assert np.isnan(row.ratio) == (row.ratio_status not in NUMERIC)
        assert (row.ratio_reason == "") == (row.ratio_status in NUMERIC)


@given(tables(), st.randoms(use_true_random=False))
def test_order_does_not_matter(both, random):
    frame, reference = both
    order = list(frame.index)
    random.shuffle(order)
    found = rate_ratios(frame, reference)
    turned = rate_ratios(frame.loc[order], reference.iloc[::-1])
    pd.testing.assert_frame_equal(turned, found.loc[order])


def rows(count, population=75_599, **more):
    return pd.DataFrame({"count": [count], "population": [population]} | more)


def test_bolton_and_england_2025():
    """DfE 2025: 319 plans of 75,599 children (42.2) against 49,420 of 12,183,016 (40.6)."""
    (found,) = rate_ratios(rows(319), rows(49_420, 12_183_016)).itertuples()
    assert found.ratio == pytest.approx(42.196 / 40.565, rel=1e-4)
    assert found.difference == pytest.approx(42.196 - 40.565, abs=1e-3)
    assert found.ratio_lower < 1 < found.ratio_upper
    assert found.difference_lower < 0 < found.difference_upper
    assert found.ratio_method == "Log-normal"
    assert found.benchmark_count == 49_420


def test_several_levels_in_order():
    frame = rows(319, area_code=["E08000001"])
    found = rate_ratios(frame, rows(49_420, 12_183_016), confidence=[0.95, 0.998])
    assert found.columns[found.columns.get_loc("benchmark_count") :].tolist() == [
        *("benchmark_count", "benchmark_population", "benchmark_rate", "ratio"),
        *("ratio_lower_95", "ratio_upper_95", "ratio_lower_99_8", "ratio_upper_99_8"),
        *("difference", "difference_lower_95", "difference_upper_95"),
        *("difference_lower_99_8", "difference_upper_99_8"),
        *("p", "ratio_method", "ratio_status", "ratio_reason"),
    ]
    again = rate_ratios(found, rows(49_420, 12_183_016), confidence=[0.95, 0.998])
    pd.testing.assert_frame_equal(again, found)


def test_small_counts_are_exact():
    (found,) = rate_ratios(rows(4, 900), rows(49_420, 12_183_016)).itertuples()
    exact = ratio_limits([4], [900], [49_420], [12_183_016], method="exact")
    assert found.ratio_method == "Exact conditional"
    assert (found.ratio_lower, found.ratio_upper) == (exact.lower[0], exact.upper[0])


def test_zero_is_a_value_with_an_upper_limit():
    (found,) = rate_ratios(rows(0, 9_000), rows(500, 100_000)).itertuples()
    assert (found.ratio, found.ratio_lower, found.ratio_status) == (0, 0, "value")
    assert 0 < found.ratio_upper < 1


def test_recurring_events_widen_ratio_and_difference():
    frame, england = rows(3_803, v=[5_476.32]), rows(632_800, 12_183_016, v=[911_232.0])
    plain = rate_ratios(frame, england).iloc[0]
    wide = rate_ratios(frame, england, count_variance="v").iloc[0]
    assert wide["ratio"] == plain["ratio"]
    spread = [np.log(f["ratio_upper"] / f["ratio_lower"]) for f in (wide, plain)]
    assert spread[0] == pytest.approx(1.2 * spread[1])
    reach = [f["difference_upper"] - f["difference_lower"] for f in (wide, plain)]
    assert reach[0] == pytest.approx(1.2 * reach[1])


def test_reference_rows_are_found_by_what_they_share():
    frame = pd.DataFrame(
        {
            "indicator": ["a", "b", "a"],
            "year": pd.array([2024, 2024, 2025], dtype="Int64"),
            "count": [10, 20, 30],
            "population": 1_000,
        }
    )
    england = pd.DataFrame(
        {
            "indicator": ["b", "a"],
            "year": [2024, 2024],
            "count": [200, 100],
            "population": [20_000, 10_000],
        }
    )
    found = rate_ratios(frame, england)
    assert found["benchmark_count"].tolist()[:2] == [100, 200]
    assert found["ratio_reason"].tolist() == [
        "",
        "",
        "no row of the benchmark has the same indicator, year",
    ]
    by_indicator = rate_ratios(frame, england, on=["indicator"])
    assert by_indicator["benchmark_count"].tolist() == [100, 200, 100]


def test_a_missing_key_is_a_value_like_any_other():
    """Rows of all ages have no single age; they meet the reference's row of all ages."""
    ages = pd.array([None, 5, 6], dtype="Int64")
    frame = pd.DataFrame({"age": ages, "count": 10, "population": 1_000})
    england = pd.DataFrame(
        {"age": pd.array([5, None], dtype="Int64"), "count": [50, 80], "population": 10_000}
    )
    found = rate_ratios(frame, england)
    assert found["benchmark_count"].tolist()[:2] == [80, 50]
    assert found["ratio_status"].tolist() == ["value", "value", "not_available"]


def test_snapshot_needs_no_more_than_the_frame():
    plans = jsna.load_children_in_need(["Bolton", "England"], indicators="cpp_at_31_march")
    bolton, england = (plans[plans["area_name"] == name] for name in ("Bolton", "England"))
    found = jsna.rate_ratios(bolton, england)
    assert found["ratio_status"].eq("value").all()
    assert found["ratio"].tolist() == pytest.approx(
        (found["rate"] / found["benchmark_rate"]).tolist()
    )


def test_rejections():
    twice = pd.concat([rows(1, year=[2025]), rows(2, year=[2025])])
    with pytest.raises(SchemaError, match=r"several rows for year 2025; expected one\. Give the"):
        rate_ratios(rows(1, year=[2025]), twice)
    with pytest.raises(SchemaError, match=r"reference has 2 rows and no column to join on"):
        rate_ratios(rows(1), twice.drop(columns="year"))
    with pytest.raises(SchemaError, match=r"frame has no column 'year' to join on"):
        rate_ratios(rows(1), twice, on=["year"])
    with pytest.raises(SchemaError, match=r"has no column 'population'"):
        rate_ratios(rows(1), rows(1).drop(columns="population"))
    with pytest.raises(UsageError, match=r"method='fast' is not known"):
        rate_ratios(rows(1), rows(1), method="fast")


def test_a_row_joins_its_own_combination_only():
    years = pd.DataFrame({"year": [2024, 2025], "indicator": ["plans", "referrals"]})
    rows = pd.DataFrame({"year": [2024, 2024, 2025], "indicator": ["referrals", "plans", "plans"]})
    assert matched(rows, years, ["year", "indicator"]).tolist() == [-1, 0, -1]


def test_nothing_is_compared_with_a_benchmark_without_events():
    ours = pd.DataFrame({"count": [12], "population": [3000]})
    found = rate_ratios(ours, pd.DataFrame({"count": [0], "population": [9000]})).iloc[0]
    assert found[["ratio_lower", "ratio_upper"]].isna().all()
    assert found["ratio_status"] == "not_applicable"
    assert "no events" in found["ratio_reason"]
