"""Past projections and their scores: by hand, and what they must not know."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bolton_jsna.measures._demand_series import DemandSeries
from bolton_jsna.measures._past_errors import COLUMNS, PROBABILITIES, QUANTILES, past_errors
from bolton_jsna.measures.backtest import outcomes, summarised


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


def record(origin, *spreads, count_from=0.0):
    """Errors known at an origin: the quantile p is spread times (p - 0.5), by horizon."""
    rows = [
        {
            **dict.fromkeys(COLUMNS, 1),
            "indicator": "referrals",
            "origin": origin,
            "horizon": horizon,
            "count_from": count_from,
            **dict(zip(QUANTILES, spread * (np.array(PROBABILITIES) - 0.5), strict=True)),
        }
        for horizon, spread in enumerate(spreads, start=1)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def tried(observed, low=80.0, high=120.0, **columns):
    """Projections of 100, with limits that are the same at each level."""
    limits = {
        f"{word}_{level}": value
        for level in (50, 80, 95)
        for word, value in (("lower", low), ("upper", high))
    }
    table = pd.DataFrame({"observed": observed, "expected": 100.0, **limits, **columns})
    table["error"] = table["observed"] - 100
    return table.assign(**{"extrapolated": False, "origin": 2016, "horizon": 1} | columns)


def test_interval_scores_by_hand():
    """A width of 40; outside, ten times the distance (2 over 0.2) is added."""
    found = summarised(tried([100.0, 130.0, 75.0, 120.0], horizon=[1, 2, 3, 4]), ["horizon"])
    assert found["score"].tolist() == pytest.approx([40, 140, 90, 40])
    # Per cent of the expected number.
    double = tried([130.0]).assign(expected=200.0)
    assert summarised(double, ["horizon"])["score"].tolist() == pytest.approx([70])


def test_scores_are_those_of_scoringrules(oracle):
    rules = oracle("scoringrules")
    rng = np.random.default_rng(4)
    low = rng.uniform(50, 100, 200)
    high = low + rng.uniform(0, 60, 200)
    seen = rng.uniform(30, 180, 200)
    table = tried(seen, low, high, horizon=np.arange(200))
    expected = rules.interval_score(seen, low, high, 0.2)
    assert summarised(table, ["horizon"])["score"].to_numpy() == pytest.approx(expected)


def test_shares_that_held_and_misses_by_hand():
    """Limits belong to the interval: 80, 100 and 120 are within, 79 and 150 are not."""
    found = summarised(tried([79.0, 80.0, 100.0, 120.0, 150.0]), ["horizon"]).iloc[0]
    assert (found["held_50"], found["held_80"], found["held_95"]) == (60, 60, 60)
    assert (found["origins"], found["projections"]) == (1, 5)
    assert found["median_error"] == 20
    # Misses 0, 20, 20, 21, 50: the ninth tenth lies 0.6 of the way from the fourth to the last.
    assert found["p90_error"] == pytest.approx(21 + 0.6 * 29)


def test_years_are_pooled_or_apart():
    table = tried([100.0, 130.0, 130.0], origin=[2016, 2016, 2017])
    assert summarised(table, ["horizon"])[["origins", "held_80"]].to_numpy().tolist() == [
        [2, pytest.approx(100 / 3)]
    ]
    apart = summarised(table, ["origin", "horizon"])
    assert apart["held_80"].tolist() == [50, 0]
    assert "origins" not in apart.columns


def test_projections_without_limits_count_for_nothing():
    """A year with too few errors known has not been tested."""
    table = tried([100.0, 300.0], [80.0, np.nan], [120.0, np.nan], origin=[2017, 2016])
    found = summarised(table, ["horizon"]).iloc[0]
    assert (found["origins"], found["projections"], found["held_80"]) == (1, 1, 100)
    assert found["median_error"] == 0


def test_limits_of_an_origin_by_hand():
    """The last rate times the children that there were, times exp of the quantiles."""
    given_ = series([[10_000, 12_000, 9_000]], [[50_000, 50_000, 100_000]])
    found = outcomes(given_, record(2013, 0.5, 1.0), origins=[2013])
    assert found[["origin", "horizon", "year"]].to_numpy().tolist() == [
        [2013, 1, 2014],
        [2013, 2, 2015],
    ]
    assert found["expected"].tolist() == [10_000, 20_000]
    assert found["observed"].tolist() == [12_000, 9_000]
    assert found["error"].tolist() == pytest.approx([20, -55])
    # Quantile 0.1 is 0.4 of the spread below.
    assert found["lower_80"].tolist() == pytest.approx(
        [10_000 * np.exp(-0.2), 20_000 * np.exp(-0.4)]
    )
    assert found["upper_80"].tolist() == pytest.approx([10_000 * np.exp(0.2), 20_000 * np.exp(0.4)])
    assert not found["extrapolated"].any()


def test_beyond_the_record_limits_are_marked():
    found = outcomes(series([[10_000] * 4]), record(2013, 0.5), origins=[2013])
    assert found["extrapolated"].tolist() == [False, True, True]
    assert found["upper_80"].tolist() == pytest.approx(
        (10_000 * np.exp(0.2 * np.sqrt([1, 2, 3]))).tolist()
    )


def test_classes_of_size_have_their_own_limits():
    errors = pd.concat([record(2013, 0.5), record(2013, 0.1, count_from=5_000.0)])
    found = outcomes(series([[5_000, 1], [5_001, 1]]), errors, origins=[2013])
    assert (found["upper_80"] / found["expected"]).tolist() == pytest.approx(
        np.exp([0.2, 0.04]).tolist()
    )


@pytest.mark.parametrize("count", [1, 7, 40])
def test_limits_are_as_wide_as_chance_in_small_counts(count):
    """Without any error: negative binomial, the rate known from that many events."""
    found = outcomes(series([[count, 1]]), record(2013, 0.0), origins=[2013]).iloc[0]
    shape = count + 0.5
    for level in (0.5, 0.8, 0.95):
        ends = stats.nbinom.ppf([(1 - level) / 2, (1 + level) / 2], shape, shape / (shape + count))
        names = [f"{word}_{round(100 * level)}" for word in ("lower", "upper")]
        assert found[names].tolist() == pytest.approx(ends.tolist())


def test_poisson_limits_and_the_random_walk_by_hand():
    given_ = series([[100, 200, 100, 50]])
    none = record(2013)
    poisson = outcomes(given_, none, interval="poisson", origins=[2015]).iloc[0]
    assert [poisson["lower_95"], poisson["upper_95"]] == stats.poisson.ppf(
        [0.025, 0.975], 100
    ).tolist()
    walk = outcomes(given_, none, interval="random_walk", origins=[2014]).set_index("horizon")
    # One change, a doubling; two years ahead the spread is root two times as wide.
    z = stats.norm.ppf(0.9)
    assert walk.loc[1, "upper_80"] == pytest.approx(200 * 2**z)
    assert walk.loc[2, "lower_80"] == pytest.approx(200 * 2 ** (-z * np.sqrt(2)))


def test_without_a_record_there_are_no_limits_and_without_years_no_rows():
    found = outcomes(series([[10, 20, 30]]), record(2015, 0.5))
    assert len(found) == 3
    assert found["lower_80"].isna().all()
    assert summarised(found, ["horizon"]).empty
    empty = outcomes(series([[10, 20, 30]]), record(2013, 0.5), origins=[2015])
    assert empty.empty
    assert empty.columns.tolist() == found.columns.tolist()
    assert summarised(empty, ["horizon"]).empty


@settings(max_examples=10)
@given(st.integers(0, 2**32), st.integers(2016, 2018))
def test_limits_know_nothing_of_later_counts(seed, origin):
    rng = np.random.default_rng(seed)
    counts = np.round(np.exp(rng.normal(4, 1, (120, 1)) + rng.normal(0, 0.3, (120, 7)))) + 1
    changed = counts.copy()
    changed[:, origin - 2013 + 1 :] *= 5
    made = [
        outcomes(given_, past_errors(given_), origins=[origin], farthest=3)
        for given_ in (series(counts), series(changed))
    ]
    names = [name for name in made[0].columns if name not in {"observed", "error"}]
    pd.testing.assert_frame_equal(made[0][names], made[1][names])
    assert made[0]["lower_80"].notna().all()
    assert (made[1]["observed"] == 5 * made[0]["observed"]).all()
