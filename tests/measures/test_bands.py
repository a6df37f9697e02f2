"""Quartile bands: polarity, ties, and whether the interval leaves the band certain."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.measures.bands import quartile_bands


def rates(values, reach=0.5, **more):
    values = np.array(values, dtype=float)
    return pd.DataFrame({"rate": values, "lower": values - reach, "upper": values + reach} | more)


def test_low_is_good_high_is_good_and_neither():
    """13 areas, so that the quartiles of Excel's QUARTILE.INC are values: 3, 6 and 9."""
    low = quartile_bands(rates(range(13)), polarity="low")
    assert "".join(low["band"]) == "AAAABBBCCCDDD"
    high = quartile_bands(rates(range(13)), polarity="high")
    assert "".join(high["band"]) == "DDDCCCBBBAAAA"
    neither = quartile_bands(rates(range(13)), polarity="none")
    assert "".join(neither["band"]) == "1111222333444"


def test_the_cuts_are_given():
    found = quartile_bands(rates(range(13)), polarity="low").set_index("band")
    assert found.loc["B", ["band_from", "band_to"]].drop_duplicates().to_numpy().tolist() == [
        [3, 6]
    ]
    assert np.isnan(found.loc["A", "band_from"]).all()
    assert np.isnan(found.loc["D", "band_to"]).all()
    turned = quartile_bands(rates(range(13)), polarity="high").set_index("band")
    assert turned.loc["B", ["band_from", "band_to"]].drop_duplicates().to_numpy().tolist() == [
        [6, 9]
    ]
    assert np.isnan(turned.loc["A", "band_to"]).all()
    assert (turned.loc["A", "band_from"] == 9).all()


def test_a_band_is_certain_where_its_whole_interval_lies_in_it():
    frame = rates(range(13), reach=1.2)
    found = quartile_bands(frame, polarity="low")
    row = found.iloc[3]  # on the cut between A and B
    assert (row["band"], row["band_best"], row["band_worst"]) == ("A", "A", "B")
    assert not row["band_certain"]
    assert found["band_certain"].tolist() == [True, True] + [False] * 9 + [True, True]
    high = quartile_bands(frame, polarity="high")
    assert (high.loc[9, "band_best"], high.loc[9, "band_worst"]) == ("A", "B")
    assert quartile_bands(rates(range(13), reach=0), polarity="low")["band_certain"].all()


def test_england_is_placed_without_setting_the_cuts():
    frame = rates([*range(13), 1_000], area_level=["authority"] * 13 + ["country"])
    found = quartile_bands(frame, polarity="low", among="authority")
    assert "".join(found["band"]) == "AAAABBBCCCDDDD"
    apart = quartile_bands(frame, polarity="low")
    assert apart["band_to"].iloc[0] == found["band_to"].iloc[0]
    assert apart["band_reason"].iloc[-1] == "1 areas have a rate; quarters need 12"


def test_areas_without_a_rate_and_sets_too_small():
    frame = rates([*range(12), np.nan, 1, 2], year=[2025] * 13 + [2024] * 2)
    found = quartile_bands(frame, polarity="none")
    assert found["band"].notna().tolist() == [True] * 12 + [False] * 3
    assert found["band_reason"].tolist()[12:] == [
        "there is no rate",
        *["2 areas have a rate; quarters need 12"] * 2,
    ]
    assert found["band_certain"].isna().tolist()[12:] == [True] * 3


@given(
    st.lists(st.integers(0, 30), min_size=12, max_size=40), st.sampled_from(["low", "high", "none"])
)
def test_better_rates_are_never_in_a_worse_band(values, polarity):
    frame = rates(values)
    before = frame.copy(deep=True)
    found = quartile_bands(frame, polarity=polarity)
    pd.testing.assert_frame_equal(frame, before)
    ordered = found.sort_values("rate", ascending=polarity != "high")
    assert ordered["band"].astype("string").is_monotonic_increasing
    assert (found["band_best"].astype(str) <= found["band"].astype(str)).all()
    assert (found["band"].astype(str) <= found["band_worst"].astype(str)).all()
    # At least a quarter of the areas is in the best band: ties go to the better one.
    assert (found["band"].isin(["A", "1"])).mean() >= 0.25


@given(st.lists(st.integers(0, 30), min_size=12, max_size=40), st.randoms(use_true_random=False))
def test_order_does_not_matter(values, random):
    frame = rates(values)
    order = list(frame.index)
    random.shuffle(order)
    found = quartile_bands(frame, polarity="low")
    pd.testing.assert_frame_equal(
        quartile_bands(frame.loc[order], polarity="low"), found.loc[order]
    )


def test_rejections():
    with pytest.raises(UsageError, match=r"polarity='bad' is not known"):
        quartile_bands(rates([1]), polarity="bad")
    with pytest.raises(UsageError, match=r"fewest=3 is less than one area for each quarter"):
        quartile_bands(rates([1]), polarity="low", fewest=3)
    with pytest.raises(SchemaError, match=r"no column 'lower_95'"):
        quartile_bands(rates([1]), polarity="low", lower="lower_95")
