"""Errors of past projections: by hand, and what must hold of any of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bolton_jsna.measures._demand_limits import Record, children_spread
from bolton_jsna.measures._demand_series import DemandSeries, demand_series
from bolton_jsna.measures._past_errors import (
    COLUMNS,
    FARTHEST,
    FEWEST_ERRORS,
    METHODS,
    PROBABILITIES,
    QUANTILES,
    _not_nearer,
    _quantiles,
    in_class,
    past_errors,
    past_errors_of_children,
    predictions,
    quantiles_of,
)

LEVELS = (0.5, 0.8, 0.95)
few = settings(max_examples=20)


def series(counts, people=None, first=2013):
    """Counts of areas by years."""
    counts = np.asarray(counts, dtype=float)
    areas, years = counts.shape
    codes = tuple(f"E06{each:06}" for each in range(areas))
    children = np.full(counts.shape, 10_000.0) if people is None else np.asarray(people, float)
    return DemandSeries(
        "referrals",
        codes,
        codes,
        ("authority",) * areas,
        np.arange(first, first + years),
        counts,
        children,
        np.zeros(counts.shape, dtype=np.int8),
    )


def drawn(seed, areas=120, years=8):
    """Counts whose rates wander, with a few that are not known or zero."""
    rng = np.random.default_rng(seed)
    steps = np.cumsum(rng.normal(0.02, rng.uniform(0.01, 0.4), (areas, years)), axis=1)
    counts = np.round(np.exp(rng.uniform(2, 7, (areas, 1)) + steps))
    counts[rng.random(counts.shape) < 0.02] = np.nan
    counts[rng.random(counts.shape) < 0.01] = 0
    return series(counts, rng.uniform(5_000, 200_000, counts.shape))


def test_errors_by_hand():
    """40 small areas double each year, 40 stay, 40 large ones halve: each error is known."""
    size = np.repeat([10.0, 100.0, 1000.0], 40)[:, None]
    growth = np.repeat([2.0, 1.0, 0.5], 40)[:, None]
    found = past_errors(series(size * growth ** np.arange(3)), origins=[2015])

    # Counts of 2015 are 40, 100 and 250. A third of 119 steps is 39.67: edges lie two thirds and
    # one third of the way from one to the next.
    assert found.columns.tolist() == list(COLUMNS)
    assert found[["size", "horizon"]].to_numpy().tolist() == [[1, 1], [2, 1], [3, 1]]
    assert found["count_from"].tolist() == pytest.approx([0, 40 + 60 * 2 / 3, 100 + 150 / 3])
    # By the count at the origin: all that begin with 10 or 20, 100, and 500 or 1000.
    assert found["errors"].tolist() == [80, 80, 80]
    assert found["origins"].tolist() == [2, 2, 2]
    assert found["first_origin"].tolist() == [2013] * 3
    assert found["last_target"].tolist() == [2015] * 3
    for name in QUANTILES:
        assert found[name].tolist() == pytest.approx([np.log(2), 0, -np.log(2)])
    assert found["median_error"].tolist() == pytest.approx([100, 0, 50])
    assert found["p90_error"].tolist() == pytest.approx([100, 0, 50])


def test_quantiles_lie_at_n_plus_one_times_p():
    """39 errors 1, 2 ... 39: the quantile p is 40 p, and no farther than the last."""
    expected = [min(max(40 * each, 1), 39) for each in PROBABILITIES]
    assert _quantiles(np.arange(1.0, 40)).tolist() == pytest.approx(expected)


def test_the_median_is_the_one_of_its_horizon():
    before = np.linspace(-2.0, 2.0, 15)
    now = 0.5 * before - 0.1
    middle = PROBABILITIES.index(0.5)
    found = _not_nearer(now, before)
    assert found[middle] == now[middle] == -0.1
    assert found[:middle].tolist() == before[:middle].tolist()
    assert found[middle + 1 :].tolist() == before[middle + 1 :].tolist()


def test_too_few_authorities_years_or_errors_give_no_record():
    counts = drawn(1).counts
    assert past_errors(series(counts[:90])).empty
    assert past_errors(series(counts[:, :2])).empty
    # In 2015 there are two origins of one year, and one of two years.
    assert past_errors(series(counts), origins=[2015])["horizon"].tolist() == [1, 1, 1]
    # Of 40 small areas 15 have the year between: 30 errors; with 14 there are 28.
    for known, sizes in ((15, [1, 2, 3]), (14, [2, 3])):
        sparse = np.repeat([[10.0], [100.0], [1000.0]], 40, axis=0) * np.ones(3)
        sparse[known:40, 1] = np.nan
        made = past_errors(series(sparse), origins=[2015])
        assert made["size"].tolist() == sizes
        assert made["errors"].min() >= FEWEST_ERRORS == 30


def test_years_before_those_that_are_published_anew_are_left_out():
    whole = drawn(2)
    early = series(whole.counts, whole.people, first=2009)
    found = past_errors(early, origins=[2016])
    assert found["first_origin"].min() == 2013
    assert found["errors"].max() < 3 * 50


@few
@given(st.integers(0, 2**32), st.integers(2015, 2019), st.sampled_from(sorted(METHODS)))
def test_nothing_after_an_origin_is_known_to_it(seed, origin, method):
    whole = drawn(seed)
    later = whole.years > origin
    counts, people = whole.counts.copy(), whole.people.copy()
    counts[:, later] = np.nan_to_num(counts[:, later][::-1]) * 7 + 3
    people[:, later] /= 3
    changed = series(counts, people)
    pd.testing.assert_frame_equal(
        past_errors(whole, method, origins=[origin]), past_errors(changed, method, origins=[origin])
    )


@few
@given(st.integers(0, 2**32))
def test_quantiles_ascend_and_limits_never_get_nearer(seed):
    found = past_errors(drawn(seed), origins=[2020])
    for _, rows in found.groupby("size"):
        made = quantiles_of(rows, 2 * FARTHEST)
        assert (np.diff(made.table, axis=1) >= 0).all()
        limits = made.limits(LEVELS)
        assert (np.diff(limits[:, 0], axis=1) <= 1e-12).all()
        assert (np.diff(limits[:, 1], axis=1) >= -1e-12).all()
        assert (limits[:-1, 0] >= limits[1:, 0]).all()
        assert (limits[:-1, 1] <= limits[1:, 1]).all()


@few
@given(st.integers(0, 2**32), st.floats(0.01, 100))
def test_the_size_of_the_populations_does_not_matter(seed, factor):
    whole = drawn(seed)
    scaled = series(whole.counts, whole.people * factor)
    pd.testing.assert_frame_equal(past_errors(whole), past_errors(scaled), rtol=1e-6, atol=1e-9)


def test_beyond_the_record_the_spread_grows_with_the_square_root():
    z = np.array(PROBABILITIES) - 0.5
    rows = pd.DataFrame([z + 0.1, 2 * z + 0.1], columns=list(QUANTILES)).assign(horizon=[1, 2])
    made = quantiles_of(rows, 8)
    assert made.measured == 2
    low, high = made.limits([0.8])[0]
    assert low[1:].tolist() == pytest.approx([-0.7 * np.sqrt(each / 2) for each in range(2, 9)])
    assert high[1:].tolist() == pytest.approx([0.9 * np.sqrt(each / 2) for each in range(2, 9)])
    assert made.middle.tolist() == pytest.approx([0.1] * 8)


def test_a_limit_on_the_other_side_of_no_error_stays():
    rows = pd.DataFrame([np.linspace(0.1, 0.8, 15)], columns=list(QUANTILES)).assign(horizon=[1])
    low, high = quantiles_of(rows, 4).limits([0.98])[0]
    assert low.tolist() == pytest.approx([0.1] * 4)
    assert high.tolist() == pytest.approx([0.8, *(0.8 * np.sqrt([2, 3, 4]))])


def children(*spreads):
    """Errors of children: 39 areas, around -0.01 times the horizon."""
    parts = [
        pd.DataFrame({"horizon": at, "error": -0.01 * at + spread * np.arange(-19, 20) / 1000})
        for at, spread in enumerate(spreads, start=1)
    ]
    return pd.concat(parts).assign(base_year=2018, area_code="E06000001")


def test_errors_of_children_by_hand():
    """The median moves, and the spread around it does not get narrower."""
    found = past_errors_of_children(children(1, 2, 1.5))
    assert found["indicator"].unique().tolist() == ["children_0_17"]
    assert found["origin"].tolist() == [2021] * 3
    assert found["last_target"].tolist() == [2019, 2020, 2021]
    assert (
        found[["size", "count_from", "origins", "first_origin", "errors"]].to_numpy().tolist()
        == [[1, 0, 1, 2018, 39]] * 3
    )
    assert found["q500"].tolist() == pytest.approx([-0.01, -0.02, -0.03])
    # The tenth percentile is the fourth of 39: 16 from the middle.
    assert found["q100"].tolist() == pytest.approx([-0.026, -0.052, -0.062])
    assert found["q900"].tolist() == pytest.approx([0.006, 0.012, 0.002])
    assert found["median_error"].iloc[0] == pytest.approx(100 * np.expm1(0.01), rel=0.02)


def test_the_spread_of_children_is_around_their_median():
    record = Record(pd.DataFrame(), past_errors_of_children(children(1, 2, 1.5)), pd.DataFrame())
    lower, upper = children_spread(record, [0.8], 12)[0]
    assert lower[:3].tolist() == pytest.approx([0.016, 0.032, 0.032])
    assert upper.tolist() == pytest.approx(lower.tolist())
    assert lower[-1] == pytest.approx(0.032 * 2)


def test_errors_of_children_need_one_base_and_enough_areas():
    errors = children(1, 1)
    with pytest.raises(ValueError, match="size 1"):
        past_errors_of_children(pd.concat([errors, errors.assign(base_year=2016)]))
    few_areas = errors[(errors["horizon"] == 1) | (errors["error"] > 0)]
    assert past_errors_of_children(few_areas)["horizon"].tolist() == [1]


def test_methods_by_hand():
    rates = np.array([[1.0, 2.0, 4.0, 8.0, 16.0]])
    assert METHODS["constant"](rates, 4, 2).tolist() == [[16], [16]]
    assert METHODS["mean3"](rates, 4, 1)[0, 0] == pytest.approx(28 / 3)
    # The log doubles each year: 0.8 of a doubling, then 0.64 more.
    assert METHODS["damped_trend"](rates, 4, 2)[:, 0].tolist() == pytest.approx(
        [16 * 2**0.8, 16 * 2**1.44]
    )
    assert np.isnan(METHODS["mean3"](rates, 1, 1)).all()
    assert np.isnan(METHODS["damped_trend"](rates, 3, 1)).all()


def test_predictions_have_the_children_that_there_were():
    made = list(predictions(series([[10, 30, 0]], [[100, 200, 400]])))
    assert [(each.origin, each.horizon) for each in made] == [(2013, 1), (2013, 2), (2014, 1)]
    assert [each.expected[0] for each in made] == pytest.approx([20, 40, 60])
    assert made[0].errors[0] == pytest.approx(np.log(1.5))
    # There is no ratio to 0.
    assert np.isnan([made[1].errors[0], made[2].errors[0]]).all()


def test_the_upper_end_belongs_to_a_class():
    assert in_class(np.array([1.0, 2.0, 3.0, np.nan]), (1, 2)).tolist() == [
        False,
        True,
        False,
        False,
    ]


def test_a_year_that_few_areas_have_is_not_a_national_one():
    """A snapshot adds a year of a few areas to a national table: its errors are not pooled."""
    codes = [f"E06{at:06}" for at in range(120)]
    rows = [
        {
            "area_code": code,
            "year": year,
            "count": 100 + (7 * at + 13 * year) % 60,
            "population": 9e4,
        }
        for at, code in enumerate(codes)
        for year in range(2019, 2026)
        if year > 2019 or at < 15
    ]
    table = pd.DataFrame(rows).assign(area_level="authority")
    national = table[table["year"] > 2019]
    found, expected = (
        past_errors(demand_series(each, "own"), origins=[2025]) for each in (table, national)
    )
    pd.testing.assert_frame_equal(found, expected)
    assert len(found)
