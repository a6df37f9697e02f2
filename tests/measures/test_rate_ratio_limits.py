"""Two counts side by side: printed figures, other libraries, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bolton_jsna.core.errors import UsageError
from bolton_jsna.measures._rate_ratio_limits import EXACT_BELOW, difference_limits, ratio_limits

COUNTS = st.integers(0, 400)
PEOPLE = st.integers(1, 2_000_000)


def one(x, m, y, n, **options):
    found = ratio_limits([x], [m], [y], [n], **options)
    return tuple(each[0] for each in found)


def test_breast_cancer_and_fluoroscopy():
    """Boice and Monson 1977 in Rothman, Greenland and Lash; Stata's `iri 41 15 28010 19017`.

    Printed: ratio 1.855759, exact 95 per cent 1.005684 to 3.6093, mid-p two-sided 0.0355.
    """
    ratio, lower, upper, _, method = one(41, 28_010, 15, 19_017)
    assert round(ratio, 6) == 1.855759
    assert round(lower, 6) == 1.005684
    assert round(upper, 4) == 3.6093
    assert method == "exact"
    assert round(one(41, 28_010, 15, 19_017, method="mid_p")[3], 4) == 0.0355


@given(COUNTS, PEOPLE, COUNTS, PEOPLE)
def test_exact_is_the_binomial_test(x, m, y, n):
    """scipy's binomial test and Clopper and Pearson's limits of the share, turned into a ratio."""
    stats = pytest.importorskip("scipy.stats")
    if x + y == 0:
        return
    ratio, lower, upper, p, _ = one(x, m, y, n, method="exact")
    limits = stats.binomtest(x, x + y, m / (m + n)).proportion_ci(0.95, method="exact")
    binomial = stats.binom(x + y, m / (m + n))
    expected = min(1, 2 * min(binomial.cdf(x), binomial.sf(x - 1)))
    assert p == pytest.approx(expected, rel=1e-7, abs=1e-300)
    if limits.low < 1 - 1e-6:
        assert lower == pytest.approx(limits.low / (1 - limits.low) * n / m, rel=1e-6)
    if y and limits.high < 1 - 1e-6:
        assert upper == pytest.approx(limits.high / (1 - limits.high) * n / m, rel=1e-6)
    assert np.isnan(ratio) == (y == 0)


@pytest.mark.parametrize(("method", "theirs"), [("exact", "exact-cond"), ("mid_p", "cond-midp")])
def test_p_is_that_of_statsmodels(method, theirs):
    """statsmodels' mid-p counts every outcome as unlikely, ours doubles the tail: one side only."""
    rates = pytest.importorskip("statsmodels.stats.rates")
    generator = np.random.default_rng(3)
    for _ in range(60):
        x, y = generator.integers(1, 80, 2)
        m, n = generator.integers(5_000, 90_000, 2)
        p = one(x, m, y, n, method=method)[3]
        larger = "larger" if x / m > y / n else "smaller"
        tail = rates.test_poisson_2indep(x, m, y, n, method=theirs, alternative=larger).pvalue
        assert p == pytest.approx(min(1, 2 * tail), rel=1e-8)


def test_log_limits_are_those_of_statsmodels():
    rates = pytest.importorskip("statsmodels.stats.rates")
    generator = np.random.default_rng(4)
    for _ in range(60):
        x, y = generator.integers(EXACT_BELOW, 900_000, 2)
        m, n = generator.integers(9_000, 12_000_000, 2)
        for level in (0.95, 0.998):
            _, lower, upper, _, method = one(x, m, y, n, confidence=level)
            theirs = rates.confint_poisson_2indep(
                x, m, y, n, method="wald-log", compare="ratio", alpha=1 - level
            )
            assert (lower, upper) == pytest.approx(theirs, rel=1e-9)
            assert method == "log"


@given(COUNTS, PEOPLE, COUNTS, PEOPLE, st.sampled_from(["auto", "exact", "mid_p", "log"]))
def test_limits_bracket_the_ratio_and_widen_with_confidence(x, m, y, n, method):
    ratio, lower, upper, p, _ = one(x, m, y, n, method=method)
    _, wider_lower, wider_upper, same_p, _ = one(x, m, y, n, method=method, confidence=0.998)
    assert wider_lower <= lower <= upper <= wider_upper
    assert p == same_p
    assert 0 <= p <= 1
    if y:
        assert lower <= ratio * (1 + 1e-9)
        assert ratio <= upper * (1 + 1e-9)
    else:
        assert np.isinf(upper)
    assert (lower == 0) == (x == 0)


@given(
    st.tuples(COUNTS, PEOPLE, COUNTS, PEOPLE),
    st.sampled_from(["auto", "exact", "mid_p", "log"]),
    st.sampled_from([0.9, 0.95, 0.998]),
)
def test_p_and_limits_tell_the_same(pair, method, level):
    x, m, y, n = pair
    _, lower, upper, p, _ = one(x, m, y, n, method=method, confidence=level)
    if abs(p - (1 - level)) > 1e-9:
        assert (p < 1 - level) == (lower > 1 or upper < 1)


@given(COUNTS, PEOPLE, COUNTS, PEOPLE, st.sampled_from(["auto", "exact", "mid_p", "log"]))
def test_turned_over_the_ratio_turns_over(x, m, y, n, method):
    _, lower, upper, p, _ = one(x, m, y, n, method=method)
    _, turned_lower, turned_upper, turned_p, _ = one(y, n, x, m, method=method)
    assert turned_p == pytest.approx(p, rel=1e-8)
    if lower > 0:
        assert turned_upper == pytest.approx(1 / lower, rel=1e-8)
    if np.isfinite(upper):
        assert turned_lower == pytest.approx(1 / upper, rel=1e-8)


@given(COUNTS, PEOPLE, COUNTS, PEOPLE)
def test_mid_p_is_less_cautious_than_exact(x, m, y, n):
    _, lower, upper, p, _ = one(x, m, y, n, method="exact")
    _, mid_lower, mid_upper, mid, _ = one(x, m, y, n, method="mid_p")
    assert lower <= mid_lower * (1 + 1e-9)
    assert mid_upper <= upper * (1 + 1e-9)
    assert mid <= p


def test_at_the_threshold_logs_and_exact_differ_by_less_than_one_per_cent():
    exact = one(EXACT_BELOW, 50_000, 400_000, 12_000_000, method="exact")
    logs = one(EXACT_BELOW, 50_000, 400_000, 12_000_000)
    assert logs[4] == "log"
    assert one(EXACT_BELOW - 1, 50_000, 400_000, 12_000_000)[4] == "exact"
    assert logs[1] == pytest.approx(exact[1], rel=0.012)
    assert logs[2] == pytest.approx(exact[2], rel=0.012)


def test_recurring_events_widen_the_limits():
    plain = one(400, 9_000, 800, 20_000)
    wide = one(400, 9_000, 800, 20_000, variance=1.44, other_variance=1.44)
    assert wide[4] == "log"
    assert np.log(wide[2] / wide[0]) == pytest.approx(1.2 * np.log(plain[2] / plain[0]))
    assert one(12, 9_000, 80, 20_000, variance=1.2)[4] == "log"
    assert one(0, 9_000, 80, 20_000, variance=1.2)[4] == "exact"


def test_missing_is_missing():
    found = ratio_limits([5, np.nan], [10, 10], [5, 5], [10, 10])
    assert found.method.tolist() == ["exact", ""]
    assert np.isnan([found.ratio[1], found.lower[1], found.upper[1], found.p[1]]).all()


RATES = st.floats(0, 1_000)


@given(st.tuples(RATES, RATES, RATES), st.tuples(RATES, RATES, RATES))
def test_differences_keep_the_reach_of_both(first, second):
    """Zou and Donner: no narrower than the wider of the two, no wider than both together."""
    rate, below, above = first
    other, other_below, other_above = second
    one_rate = (rate, rate - below, rate + above)
    other_rate = (other, other - other_below, other + other_above)
    difference, lower, upper = difference_limits(one_rate, other_rate)
    assert difference == rate - other
    slack = 1e-9 * (1 + abs(rate) + abs(other))
    reach = difference - lower
    assert max(below, other_above) - slack <= reach <= below + other_above + slack
    turned = difference_limits(other_rate, one_rate)
    assert turned[1] == pytest.approx(-upper)


def test_a_rate_that_is_known_leaves_the_limits_of_the_other():
    difference, lower, upper = difference_limits((42.2, 37.7, 47.1), (40.6, 40.6, 40.6))
    assert (difference, lower, upper) == pytest.approx((1.6, -2.9, 6.5))


def test_rejections():
    with pytest.raises(UsageError, match="events is zero or more; found -1"):
        one(-1, 10, 5, 10)
    with pytest.raises(UsageError, match="needs people at risk; found 0"):
        one(1, 10, 5, 0)
    with pytest.raises(UsageError, match="variance over its count is above zero; found 0"):
        one(1, 10, 5, 10, variance=0)
    with pytest.raises(UsageError, match=r"method='exakt' is not known.*Did you mean 'exact'"):
        one(1, 10, 5, 10, method="exakt")


@pytest.mark.parametrize(("x", "y"), [(500, 100), (100, 500), (0, 90), (90, 0), (3, 4)])
def test_mid_p_keeps_its_digits_in_far_tails(x, y):
    seen = stats.binom.pmf(x, x + y, 0.5) / 2
    tails = (stats.binom.cdf(x - 1, x + y, 0.5) + seen, stats.binom.sf(x, x + y, 0.5) + seen)
    found = ratio_limits([x], [1_000], [y], [1_000], method="mid_p").p[0]
    assert found == pytest.approx(2 * min(tails), rel=1e-9, abs=0)
