"""Proportions and means: published figures, states, properties, and another library."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.core.states import MEANINGS, NUMERIC
from bolton_jsna.measures._intervals import proportion_limits
from bolton_jsna.measures.proportions import means, proportions

LEVELS = st.floats(0.5, 0.9999)


@st.composite
def parts(draw):
    totals = draw(st.lists(st.integers(1, 5_000), min_size=1, max_size=20))
    return [(draw(st.integers(0, total)), total) for total in totals]


@pytest.mark.parametrize(
    ("count", "total", "lower", "upper"),
    [
        # Newcombe 1998, Statistics in Medicine 17: 857-872, table I, method 3 (score).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_limits_of_newcombe_1998(count, total, lower, upper):
    found = proportion_limits([count], [total])
    assert [round(float(limit[0]), 4) for limit in found] == [lower, upper]


@given(parts(), LEVELS)
def test_limits_are_the_roots_of_the_score_test(rows, level):
    """At each limit the count lies z standard errors away, if it lies within (0, 1)."""
    from scipy.special import ndtri

    counts, totals = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    z = ndtri((1 + level) / 2)
    for limit, sign in zip(proportion_limits(counts, totals, level), (1, -1), strict=True):
        error = np.sqrt(limit * (1 - limit) / totals)
        np.testing.assert_allclose(limit + sign * z * error, counts / totals, atol=1e-7)


@given(parts(), LEVELS, LEVELS)
def test_limits_bracket_and_widen_with_confidence(rows, one, other):
    low, high = sorted((one, other))
    counts, totals = zip(*rows, strict=True)
    narrow = proportion_limits(counts, totals, low)
    wide = proportion_limits(counts, totals, high)
    share = np.array(counts) / np.array(totals)
    assert (narrow[0] <= share + 1e-12).all()
    assert (share <= narrow[1] + 1e-12).all()
    assert (wide[0] <= narrow[0] + 1e-12).all()
    assert (wide[1] >= narrow[1] - 1e-12).all()
    assert ((wide[0] >= 0) & (wide[1] <= 1)).all()


@given(parts(), LEVELS)
def test_those_with_and_those_without_mirror_each_other(rows, level):
    counts, totals = (np.array(each) for each in zip(*rows, strict=True))
    lower, upper = proportion_limits(counts, totals, level)
    without = proportion_limits(totals - counts, totals, level)
    np.testing.assert_allclose(lower, 1 - without[1], atol=1e-9)
    np.testing.assert_allclose(upper, 1 - without[0], atol=1e-9)


@pytest.mark.parametrize("state", sorted(MEANINGS))
def test_no_state_becomes_another(state):
    frame = pd.DataFrame({"count": [3], "denominator": [10], "status": [state]})
    (row,) = proportions(frame).itertuples()
    assert row.status == state
    assert np.isnan([row.proportion, row.lower, row.upper]).all() == (state not in NUMERIC)
    assert pd.isna(row.method) == (state not in NUMERIC)


def test_denominators_that_are_none():
    frame = pd.DataFrame({"count": [0, 0, 5], "denominator": [0, None, 5]})
    found = proportions(frame)
    assert found["status"].tolist() == ["not_applicable", "not_available", "value"]
    assert found["proportion"].isna().tolist() == [True, True, False]
    assert found["upper"].tolist()[2] == 100


def test_groups_add_up_first():
    frame = pd.DataFrame(
        {
            "area": list("aab"),
            "count": [1, 2, None],
            "denominator": [10, 20, 30],
            "status": ["value", "value", "suppressed"],
        }
    )
    found = proportions(frame, by="area", confidence=[0.95, 0.998])
    assert found["proportion"].tolist()[0] == 10
    assert found["status"].tolist() == ["value", "suppressed"]
    assert found["parts_used"].tolist() == [2, 0]
    assert {"lower_95", "upper_95", "lower_99_8", "upper_99_8"} <= set(found.columns)


@pytest.mark.parametrize("level", [0.95, 0.998])
def test_proportions_are_those_of_phstatsmethods(oracle, level):
    """A development comparison at 1e-9; by design ours keep a row whose denominator is zero."""
    methods = oracle("PHStatsMethods")
    generator = np.random.default_rng(4)
    totals = generator.integers(1, 4_000, 200)
    frame = pd.DataFrame(
        {
            "area": [f"a{number:03}" for number in range(200)],
            "count": [0, totals[1], *generator.binomial(totals[2:], generator.random(198))],
            "denominator": totals,
        }
    )
    theirs = methods.ph_proportion(
        frame.copy(), "count", "denominator", "area", confidence=level, multiplier=100
    ).sort_values("area", ignore_index=True)
    ours = proportions(frame, confidence=level)
    (lower,) = [name for name in theirs.columns if name.startswith("lower")]
    (upper,) = [name for name in theirs.columns if name.startswith("upper")]
    np.testing.assert_allclose(ours["proportion"], theirs["Value"], rtol=1e-12)
    np.testing.assert_allclose(ours["lower"], theirs[lower], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours["upper"], theirs[upper], rtol=1e-9)


def test_mean_of_a_textbook_sample():
    """Student 1908, the extra sleep of ten patients: mean 2.33, 95 per cent 0.90 to 3.76."""
    extra = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    (row,) = means(pd.DataFrame({"drug": "b", "value": extra}), by="drug").itertuples()
    assert row.mean == pytest.approx(2.33)
    assert (round(row.lower, 2), round(row.upper, 2)) == (0.90, 3.76)
    assert (row.method, row.status, row.parts, row.parts_used) == ("Student's t", "value", 10, 10)


@pytest.mark.parametrize("level", [0.95, 0.998])
def test_means_are_those_of_phstatsmethods(oracle, level):
    methods = oracle("PHStatsMethods")
    generator = np.random.default_rng(5)
    frame = pd.DataFrame(
        {"area": generator.choice(list("abcdef"), 300), "value": generator.normal(40, 12, 300)}
    )
    theirs = methods.ph_mean(frame.copy(), "value", "area", confidence=level)
    ours = means(frame, by="area", confidence=level).sort_values("area", ignore_index=True)
    (lower,) = [name for name in theirs.columns if name.startswith("lower")]
    (upper,) = [name for name in theirs.columns if name.startswith("upper")]
    np.testing.assert_allclose(ours["mean"], theirs["Value"], rtol=1e-12)
    np.testing.assert_allclose(ours["lower"], theirs[lower], rtol=1e-9)
    np.testing.assert_allclose(ours["upper"], theirs[upper], rtol=1e-9)


def test_a_group_with_a_value_missing_has_no_mean_unless_asked():
    frame = pd.DataFrame(
        {
            "area": list("aaabbc"),
            "value": [1.0, 3.0, None, None, None, 5.0],
            "status": [*("value", "value", "low"), "suppressed", "not_available", "value"],
        }
    )
    strict = means(frame, by="area")
    assert strict["status"].tolist() == ["low", "suppressed", "value"]
    assert strict["mean"].isna().tolist() == [True, True, False]
    assert strict["parts_used"].tolist() == [2, 0, 1]
    some = means(frame, by="area", missing="leave_out")
    assert some["mean"].tolist()[0] == 2
    assert some["status"].tolist() == ["value", "suppressed", "value"]
    # A single value has a mean and no interval.
    assert pd.isna(some["method"][2])
    assert np.isnan(some["lower"][2])


@pytest.mark.parametrize(
    ("frame", "options", "error", "message"),
    [
        ({"count": [1]}, {}, SchemaError, "no column 'denominator'"),
        ({"count": [3], "denominator": [2]}, {}, UsageError, "1 rows have more 'count' than"),
        ({"count": [-3], "denominator": [2]}, {}, UsageError, "'count' holds -3"),
        ({"count": [1], "denominator": [2]}, {"per": 0}, UsageError, "per=0"),
        ({"count": [1], "denominator": [2]}, {"confidence": 95}, UsageError, "confidence=95"),
    ],
)
def test_rejections(frame, options, error, message):
    with pytest.raises(error, match=message):
        proportions(pd.DataFrame(frame), **options)


def test_rejections_of_arrays_and_means():
    with pytest.raises(UsageError, match="3 of 2 is not a proportion"):
        proportion_limits([3], [2])
    frame = pd.DataFrame({"area": ["a"], "value": [np.inf]})
    with pytest.raises(UsageError, match="'value' holds inf; expected a number"):
        means(frame, by="area")
    with pytest.raises(UsageError, match="missing='skip' is not known"):
        means(frame, by="area", missing="skip")


def test_england_and_its_areas_are_not_averaged():
    rows = pd.DataFrame({"area_level": ["country", "authority"], "year": 2025, "value": [1.0, 2]})
    with pytest.raises(UsageError, match=r"cannot be used together to average"):
        means(rows, by="year")
