"""Years pooled: sums of events over sums of people, and no sum over a hidden year."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.measures.pooling import pool_years


def years(counts, *, first=2021, area="E1", population=1000, **columns):
    span = range(first, first + len(counts))
    return pd.DataFrame(
        {
            "area_code": area,
            "year": list(span),
            "count": pd.array(counts, dtype="Int64"),
            "population": population,
            **columns,
        }
    )


def test_the_last_three_years():
    found = pool_years(years([1, 2, 3, 4, 5]))
    assert found.to_dict("records") == [
        {
            "area_code": "E1",
            "year": 2025,
            "years": "2023 to 2025",
            "count": 12,
            "population": 3000,
            "status": "value",
            "parts": 3,
            "parts_used": 3,
        }
    ]
    assert jsna.crude_rates(found, per=1000)["rate"].tolist() == pytest.approx([4])


def test_every_run_of_years():
    found = pool_years(years([1, 2, 3, 4, 5]), ends="every")
    assert found["years"].tolist() == ["2021 to 2023", "2022 to 2024", "2023 to 2025"]
    assert found["count"].tolist() == [6, 9, 12]


def test_a_hidden_year_makes_no_sum_and_its_state_is_kept():
    frame = years([1, 2, None, 4, 5], status=["value", "value", "suppressed", "value", "value"])
    found = pool_years(frame, ends="every", years=2)
    assert found["status"].tolist() == ["value", "suppressed", "suppressed", "value"]
    assert found["count"].isna().tolist() == [False, True, True, False]
    assert found["parts_used"].tolist() == [2, 1, 1, 2]


def test_a_year_without_a_row_is_not_a_shorter_pool():
    frame = years([1, 2, 3]).drop(index=1)
    other = years([4, 5, 6], area="E2")
    found = pool_years(pd.concat([frame, other]))
    assert found["status"].tolist() == ["not_available", "value"]
    assert found["count"].isna().tolist() == [True, False]


def test_missing_without_a_status_is_not_available():
    assert pool_years(years([1, None, 3]))["status"].tolist() == ["not_available"]


@settings(max_examples=25)
@given(st.lists(st.integers(0, 500), min_size=4, max_size=8), st.integers(2, 4))
def test_pools_are_sums_of_their_years(counts, width):
    found = pool_years(years(counts), years=width, ends="every")
    expected = [sum(counts[at : at + width]) for at in range(len(counts) - width + 1)]
    assert found["count"].tolist() == expected
    assert found["population"].tolist() == [1000 * width] * len(expected)


def test_pooling_bolton_is_adding_its_published_counts():
    plans = jsna.load_children_in_need("Bolton", indicators="cpp_started", years=[2023, 2024, 2025])
    before = plans.copy(deep=True)
    found = pool_years(plans, by=["area_code", "indicator"])
    assert found["count"].tolist() == [plans["count"].sum()]
    pd.testing.assert_frame_equal(plans, before)


def test_rejections():
    with pytest.raises(UsageError, match="years=1 is not valid"):
        pool_years(years([1, 2, 3]), years=1)
    with pytest.raises(UsageError, match=r"years 2021, 2022, fewer than years=3"):
        pool_years(years([1, 2]))
    with pytest.raises(UsageError, match="years none"):
        pool_years(years([1, 2]).iloc[:0])
    with pytest.raises(SchemaError, match=r"repeat a series and year \(2021.*it has area_code"):
        pool_years(pd.concat([years([1, 2, 3]), years([1, 2, 3])]))
    with pytest.raises(SchemaError, match="no column 'indicator'"):
        pool_years(years([1, 2, 3]), by=["indicator"])
    with pytest.raises(UsageError, match="ends='all' is not known"):
        pool_years(years([1, 2, 3]), ends="all")
