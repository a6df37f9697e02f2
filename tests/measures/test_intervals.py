"""Confidence limits against printed tables, an independent formula and another library."""

from math import sqrt
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import UsageError
from bolton_jsna.measures._intervals import (
    confidence_level,
    confidence_levels,
    count_limits,
    level_suffix,
)

COUNTS = st.lists(st.integers(0, 20_000), min_size=1, max_size=30)
LEVELS = st.floats(0.5, 0.9999)


@pytest.mark.parametrize(
    ("count", "lower", "upper"),
    [
        # Garwood 1936; Pearson and Hartley, Biometrika Tables for Statisticians, table 40.
        (0, 0.0, 3.6889),
        (1, 0.0253, 5.5716),
        (2, 0.2422, 7.2247),
        (3, 0.6187, 8.7673),
        (4, 1.0899, 10.2416),
        (5, 1.6235, 11.6683),
        (6, 2.2019, 13.0595),
        (7, 2.8144, 14.4227),
        (8, 3.4538, 15.7632),
        (9, 4.1154, 17.0848),
    ],
)
def test_exact_poisson_limits_of_the_printed_tables(count, lower, upper):
    found = count_limits([count])
    assert np.round(found[0], 4).tolist() == [lower]
    assert np.round(found[1], 4).tolist() == [upper]


@pytest.mark.parametrize(
    ("count", "lower", "upper"),
    [
        # The same tables at 95 per cent; Byar's approximation is good to 0.1 per cent or so.
        (10, 4.7954, 18.3904),
        (20, 12.2165, 30.8884),
        (30, 20.2409, 42.8269),
        (50, 37.1110, 65.9188),
        (100, 81.3640, 121.6273),
    ],
)
def test_byar_is_near_the_exact_limits(count, lower, upper):
    found = count_limits([count])
    assert found[0][0] == pytest.approx(lower, rel=2e-3)
    assert found[1][0] == pytest.approx(upper, rel=5e-4)


@given(st.integers(10, 100_000), LEVELS)
def test_byar_is_the_formula_of_breslow_and_day(count, level):
    """Breslow and Day 1987, page 69, written out with the standard library."""
    z = NormalDist().inv_cdf(1 - (1 - level) / 2)
    lower = count * (1 - 1 / (9 * count) - z / (3 * sqrt(count))) ** 3
    more = count + 1
    upper = more * (1 - 1 / (9 * more) + z / (3 * sqrt(more))) ** 3
    found = count_limits([count], level)
    assert found[0][0] == pytest.approx(lower, rel=1e-9)
    assert found[1][0] == pytest.approx(upper, rel=1e-9)


@given(st.integers(1, 9), LEVELS)
def test_exact_limits_leave_the_tails_they_should(count, level):
    """P(X >= O) at the lower limit and P(X <= O) at the upper are half of what is left over."""
    from scipy import stats

    lower, upper = count_limits([count], level)
    tail = (1 - level) / 2
    assert stats.poisson.sf(count - 1, lower[0]) == pytest.approx(tail, rel=1e-6)
    assert stats.poisson.cdf(count, upper[0]) == pytest.approx(tail, rel=1e-6)


@given(COUNTS, LEVELS)
def test_limits_bracket_the_count(counts, level):
    lower, upper = count_limits(counts, level)
    assert (lower >= 0).all()
    assert (lower <= counts).all()
    assert (upper > counts).all()
    assert (lower[np.array(counts) == 0] == 0).all()


@given(COUNTS, LEVELS, LEVELS)
def test_limits_widen_with_confidence(counts, one, other):
    low, high = sorted((one, other))
    narrow, wide = count_limits(counts, low), count_limits(counts, high)
    slack = 1e-9 * np.maximum(counts, 1)
    assert (wide[0] <= narrow[0] + slack).all()
    assert (wide[1] >= narrow[1] - slack).all()


@given(LEVELS)
def test_limits_grow_with_the_count_across_the_change_of_method(level):
    lower, upper = count_limits(np.arange(60), level)
    assert (np.diff(lower) > 0).all()
    assert (np.diff(upper) > 0).all()


@given(COUNTS, st.randoms(use_true_random=False))
def test_limits_do_not_depend_on_the_company(counts, random):
    order = list(range(len(counts)))
    random.shuffle(order)
    lower, upper = count_limits(counts)
    again = count_limits([counts[place] for place in order])
    np.testing.assert_array_equal(again[0], lower[order])
    np.testing.assert_array_equal(again[1], upper[order])
    alone = [count_limits([count]) for count in counts]
    np.testing.assert_array_equal(np.concatenate([each[0] for each in alone]), lower)


def test_missing_stays_missing_and_none_is_none():
    for counts in ([3, None], [3, np.nan], pd.Series([3, None], dtype="Int64")):
        lower, upper = count_limits(counts)
        assert np.isnan(lower).tolist() == np.isnan(upper).tolist() == [False, True]
    assert [len(limits) for limits in count_limits([])] == [0, 0]


def test_counts_are_not_changed():
    counts = np.array([0.0, 12.0])
    count_limits(counts)
    assert counts.tolist() == [0, 12]


@pytest.mark.parametrize("level", [0.95, 0.998])
def test_limits_are_those_of_phstatsmethods(oracle, level):
    """OHID's Python package (a development comparison, never a dependency), counts of 1 and more.

    By design ours differ at 0, which theirs reject, and ours are 0 to a proper upper limit.
    """
    methods = oracle("PHStatsMethods")
    generator = np.random.default_rng(20251124)
    counts = np.concatenate(
        [np.arange(1, 60), generator.integers(10, 3_000, 200), generator.integers(1, 10, 40)]
    )
    lower, upper = count_limits(counts, level)
    theirs = [
        (methods.byars_lower(int(count), level), methods.byars_upper(int(count), level))
        for count in counts
    ]
    np.testing.assert_allclose(lower, [each[0] for each in theirs], rtol=1e-9)
    np.testing.assert_allclose(upper, [each[1] for each in theirs], rtol=1e-9)


def test_levels():
    assert confidence_levels(0.95) == {0.95: ""}
    assert confidence_levels([0.95, 0.998]) == {0.95: "_95", 0.998: "_99_8"}
    assert confidence_level(0.998) == 0.998
    assert [level_suffix(level) for level in (0.9, 0.95, 0.998, 0.9999)] == [
        "90",
        "95",
        "99_8",
        "99_99",
    ]


@pytest.mark.parametrize(
    "wrong", [95, 1, 0, 0.4, -0.95, float("nan"), True, "0.95", None, [0.95, "x"]]
)
def test_levels_that_are_none(wrong):
    with pytest.raises(UsageError, match=r"not a level between 0\.5 and 1\. Write 95"):
        confidence_levels(wrong)


def test_levels_given_twice_or_not_at_all():
    for wrong in ([], [0.95, 0.95]):
        with pytest.raises(UsageError, match="must name one or more different levels"):
            confidence_levels(wrong)
    with pytest.raises(UsageError, match="names several levels; expected one"):
        count_limits([1], [0.95, 0.998])


def test_counts_that_are_none():
    with pytest.raises(UsageError, match="zero or more; found -3"):
        count_limits([2, -3])
    with pytest.raises(UsageError, match="infinite"):
        count_limits([np.inf])
