"""Many comparisons: Benjamini and Hochberg's own example, and what adjusting must not do."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.measures.multiple_testing import adjust_p_values, benjamini_hochberg

THROMBOLYSIS = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
    *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]
P_VALUES = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=30)


def test_thrombolysis():
    """Benjamini and Hochberg 1995, section 3.2: the four smallest of 15 stand at q = 0.05."""
    adjusted = benjamini_hochberg(THROMBOLYSIS)
    assert (adjusted <= 0.05).tolist() == [True] * 4 + [False] * 11
    # 0.0095 * 15 / 4, under 0.05 as the paper says: "0.013 = 4/15 * 0.05".
    assert adjusted[3] == pytest.approx(0.035625)
    assert (np.array(THROMBOLYSIS) * 15 <= 0.05).sum() == 3  # Bonferroni, as the paper says


@given(P_VALUES)
def test_as_scipy(p_values):
    stats = pytest.importorskip("scipy.stats")
    adjusted = benjamini_hochberg(p_values)
    known = [p for p in p_values if p is not None]
    assert np.isnan(adjusted).tolist() == [p is None for p in p_values]
    if known:
        expected = stats.false_discovery_control(known)
        assert adjusted[~np.isnan(adjusted)] == pytest.approx(expected, rel=1e-12)


@given(P_VALUES, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_p_never_falls(p_values, random):
    adjusted = benjamini_hochberg(p_values)
    order = list(range(len(p_values)))
    random.shuffle(order)
    turned = benjamini_hochberg([p_values[at] for at in order])
    assert np.array_equal(turned, adjusted[order], equal_nan=True)
    given_p = np.array(p_values, dtype=float)
    known = ~np.isnan(given_p)
    assert (adjusted[known] >= given_p[known]).all()
    assert (adjusted[known] <= 1).all()
    ranked = adjusted[known][np.argsort(given_p[known], kind="stable")]
    assert (np.diff(ranked) >= 0).all()


def test_families_are_adjusted_by_themselves():
    frame = pd.DataFrame(
        {
            "year": [2024, 2025, 2024, 2025, 2024],
            "p": [0.01, 0.01, 0.04, None, 0.03],
        },
        index=[4, 4, 2, 1, 0],
    )
    before = frame.copy(deep=True)
    adjusted = adjust_p_values(frame, by=["year"])
    pd.testing.assert_frame_equal(frame, before)
    assert adjusted.index.tolist() == [4, 4, 2, 1, 0]
    assert adjusted["p_adjusted"].tolist() == pytest.approx(
        [0.03, 0.01, 0.04, np.nan, 0.04], nan_ok=True
    )
    assert adjust_p_values(frame, into="q")["q"].tolist() == pytest.approx(
        [0.02, 0.02, 0.04, np.nan, 0.04], nan_ok=True
    )


def test_nothing_to_adjust():
    assert benjamini_hochberg([]).tolist() == []
    assert np.isnan(benjamini_hochberg([None, None])).all()


def test_rejections():
    with pytest.raises(UsageError, match=r"p_values holds 1.2; expected numbers from 0 to 1"):
        benjamini_hochberg([0.1, 1.2])
    with pytest.raises(UsageError, match="2 p-values and 1 families"):
        benjamini_hochberg([0.1, 0.2], families=[1])
    with pytest.raises(SchemaError, match=r"no column 'p', 'year'. It has 'q'"):
        adjust_p_values(pd.DataFrame({"q": [0.1]}), by=["year"])


def test_a_p_value_without_a_family_is_rejected_not_left_unadjusted():
    with pytest.raises(UsageError, match=r"2 p-values have no family"):
        benjamini_hochberg([0.01, 0.04], families=[np.nan, np.nan])
