"""Shares compared with another, placed among others and followed over the years."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bolton_jsna.measures._shares import enough_cases, log_odds, quasi_binomial, share_p


def p_of(k, n, other_k, other_n, **options):
    (found,) = share_p(*(np.array([float(each)]) for each in (k, n, other_k, other_n)), **options)
    return found


@pytest.mark.parametrize("cells", [(3, 20, 50, 600), (10, 12, 300, 900), (0, 30, 500, 10_000)])
def test_few_cases_are_compared_exactly(cells):
    k, n, other_k, other_n = cells
    chance = stats.hypergeom(n + other_n, k + other_k, n)
    expected = min(1, 2 * min(chance.cdf(k), chance.sf(k - 1)))
    assert p_of(*cells) == pytest.approx(expected, rel=1e-9)


def test_many_cases_have_the_score_test():
    """Re-referrals of Bolton and England in 2025: 778 of 3,803 and 142,900 of 632,830."""
    table = [[778, 3_803 - 778], [142_900, 632_830 - 142_900]]
    expected = stats.chi2_contingency(table, correction=False)[1]
    assert p_of(778, 3_803, 142_900, 632_830) == pytest.approx(expected, rel=1e-9)
    # Cases that recur within a child make it larger.
    wider = p_of(778, 3_803, 142_900, 632_830, spread=1.35)
    z = stats.norm.isf(expected / 2)
    assert wider == pytest.approx(2 * stats.norm.sf(z / np.sqrt(1.35)), rel=0.01)


shares = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(shares, shares)
def test_p_is_the_same_from_the_other_side_and_for_those_without_the_property(one, other):
    p = p_of(*one, *other)
    assert 0 <= p <= 1
    assert p_of(*other, *one) == pytest.approx(p, rel=1e-6, abs=1e-12)
    without = [(n - k, n) for k, n in (one, other)]
    assert p_of(*without[0], *without[1]) == pytest.approx(p, rel=1e-6, abs=1e-12)


def test_a_share_without_cases_or_with_a_gap_is_not_compared():
    assert np.isnan(p_of(0, 0, 3, 10))
    assert np.isnan(p_of(np.nan, 10, 3, 10))


@given(shares)
def test_log_odds_are_finite_also_for_none_and_all(share):
    part, whole = (np.array([float(each)]) for each in share)
    odds, variance = log_odds(part, whole)
    assert np.isfinite(odds).all()
    assert (variance > 0).all()
    turned, same = log_odds(whole - part, whole)
    assert turned == pytest.approx(-odds)
    assert same == pytest.approx(variance)


def test_a_group_needs_as_many_cases_with_and_without_as_areas():
    whole = np.full(5, 30.0)
    assert enough_cases(np.array([5.0, 0, 0, 0, 0]), whole)
    assert not enough_cases(np.array([4.0, 0, 0, 0, 0]), whole)
    assert not enough_cases(np.array([30.0, 30, 30, 30, 26]), whole)
    assert enough_cases(np.array([30.0, 30, 30, 30, 25]), whole)


SERIES = [
    ([180, 205, 190, 240, 260], [900, 950, 880, 1_000, 990]),
    ([3, 0, 2, 4, 9], [40, 44, 39, 41, 60]),
    ([95, 96, 99, 99, 98], [100, 100, 100, 100, 100]),
]


@pytest.mark.parametrize(("part", "whole"), SERIES)
def test_the_line_is_that_of_a_quasi_binomial_regression(part, whole):
    part, whole = np.array(part, dtype=float), np.array(whole, dtype=float)
    design = sm.add_constant(np.arange(5.0))
    outcome = np.column_stack([part, whole - part])
    fitted = sm.GLM(outcome, design, family=sm.families.Binomial()).fit(tol=1e-12)
    dispersion = fitted.pearson_chi2 / 3
    error = fitted.bse[1] * np.sqrt(max(dispersion, 1))
    found = quasi_binomial(part[None], whole[None])
    assert found.slope[0] == pytest.approx(fitted.params[1], rel=1e-6)
    assert found.dispersion[0] == pytest.approx(dispersion, rel=1e-6)
    expected = 2 * stats.t.sf(abs(fitted.params[1]) / error, 3)
    assert found.p[0] == pytest.approx(expected, rel=1e-6)


def test_series_do_not_change_each_other_and_gaps_have_no_line():
    part = np.array([each for each, _ in SERIES], dtype=float)
    whole = np.array([each for _, each in SERIES], dtype=float)
    part[1, 2] = np.nan
    together = quasi_binomial(part, whole)
    assert np.isnan(together.p[1])
    for at in (0, 2):
        alone = quasi_binomial(part[at : at + 1], whole[at : at + 1])
        assert together.p[at] == pytest.approx(alone.p[0], rel=1e-9)


@pytest.mark.parametrize(
    "part", [[0, 0, 0, 0, 0], [0, 0, 0, 0, 9], [9, 0, 0, 0, 0], [50] * 5, [50, 50, 50, 50, 41]]
)
def test_one_year_alone_shows_no_trend(part):
    found = quasi_binomial(np.array([part], dtype=float), np.full((1, 5), 50.0))
    assert found.p[0] == 1
    assert np.isnan(found.slope[0])


def test_shares_that_no_line_describes_have_none():
    found = quasi_binomial(np.array([[0, 0, 25, 50, 50]], dtype=float), np.full((1, 5), 50.0))
    assert np.isnan([found.p[0], found.slope[0]]).all()


@given(st.lists(st.tuples(st.integers(0, 60), st.just(60)), min_size=5, max_size=5))
def test_the_line_turns_with_the_years_and_with_the_property(cells):
    part, whole = (np.array([each], dtype=float) for each in zip(*cells, strict=True))
    found = quasi_binomial(part, whole)
    back = quasi_binomial(part[:, ::-1], whole[:, ::-1])
    without = quasi_binomial(whole - part, whole)
    for other in (back, without):
        assert np.isnan(found.p[0]) == np.isnan(other.p[0])
        if np.isfinite(found.slope[0]) and abs(found.slope[0]) < 5:
            assert other.slope[0] == pytest.approx(-found.slope[0], abs=1e-6)
            assert other.p[0] == pytest.approx(found.p[0], abs=1e-6)
