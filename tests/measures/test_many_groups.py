"""Many groups at once give the figures of one group at a time, written out in plain words."""

import importlib.util

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.measures._dispersion import LEAST_AREAS, dispersion
from bolton_jsna.measures._funnel_counts import binomial_funnel, poisson_funnel

SAME = {"rtol": 1e-12, "atol": 1e-12}
# scipy 1.12 finds the inverse of a distribution to 1e-8, scipy 1.17 to 5e-11.
INVERSE = {"rtol": 1e-7, "atol": 1e-7}
seeds = st.integers(0, 2**31)


@pytest.fixture(scope="module")
def plain(root):
    """The measures as they read in the books."""
    spec = importlib.util.spec_from_file_location("plain", root / "benchmarks" / "plain.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@settings(max_examples=20, deadline=None)
@given(seeds, st.sampled_from([0.8, 0.95, 0.998]))
def test_exact_limits_are_those_that_halving_finds(plain, seed, level):
    generator = np.random.default_rng(seed)
    expected = 10 ** generator.uniform(-3, 6, 200)
    for ours, theirs in zip(
        poisson_funnel(expected, level, exact=True),
        plain.poisson_reach(expected, level),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, **INVERSE)
    totals = np.floor(10 ** generator.uniform(0, 5, 200))
    target = 10 ** generator.uniform(-3, -0.001, 200)
    for ours, theirs in zip(
        binomial_funnel(totals, target, level),
        plain.binomial_reach(totals, target, level),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, **INVERSE)


def test_exact_limits_at_the_ends():
    lower, upper = binomial_funnel(
        np.array([1.0, 5.0, 10.0, np.nan]), np.array([0.5, 0.001, 0.999, 0.5]), 0.95
    )
    assert lower[:2].tolist() == [0, 0]
    assert upper[[0, 2]].tolist() == [1, 10]
    assert np.isnan([lower[3], upper[3]]).all()
    lower, upper = poisson_funnel(np.array([1e-9, 3.0, np.nan]), 0.95, exact=True)
    assert lower[:2].tolist() == [0, 0]
    assert 0 < upper[0] < 1 < upper[1]
    assert np.isnan([lower[2], upper[2]]).all()


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_funnels_of_groups_are_those_of_each_by_itself(plain, seed):
    generator = np.random.default_rng(seed)
    sizes = generator.integers(1, 30, 8)
    rows = int(sizes.sum())
    frame = pd.DataFrame(
        {
            "group": np.repeat([f"group {at}" for at in range(8)], sizes),
            "count": generator.integers(1, 90, rows),
            "population": generator.integers(500, 9_000, rows),
        }
    ).sample(frac=1, random_state=seed % 1000, ignore_index=True)
    found = jsna.funnel_limits(frame, by="group")
    phi, tau_squared = plain.funnel_dispersions(frame, dispersion, LEAST_AREAS)
    np.testing.assert_allclose(found["phi"], phi, **SAME)
    np.testing.assert_allclose(found["tau_squared"], tau_squared, **SAME)
    assert found["phi"].isna().any() or (sizes >= LEAST_AREAS).all()


def quantiles(seed, groups):
    """Groups of 5 to 10 quantiles, in no order."""
    generator = np.random.default_rng(seed)
    rows = [
        {
            "area_code": group,
            "quantile": quantile,
            "rate": generator.uniform(5, 90),
            "error": generator.uniform(1, 9),
            "population": generator.integers(500, 9_000),
        }
        for group in range(groups)
        for quantile in range(generator.integers(5, 11))
    ]
    return pd.DataFrame(rows).sample(frac=1, random_state=seed % 1000, ignore_index=True)


def each(frame, one, **options):
    ordered = frame.sort_values("quantile").groupby("area_code", sort=False)
    columns = ["rate", "population", "error"]
    return {
        area: one(*rows[columns].to_numpy(dtype=float).T, 0.95, **options) for area, rows in ordered
    }


def slopes(frame, **options):
    return jsna.slope_index_of_inequality(
        frame, by=["area_code"], value="rate", standard_error="error", **options
    ).set_index("area_code")


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_slope_indices_are_those_of_each_group_by_itself(plain, seed):
    frame = quantiles(seed, 12)
    found, expected = slopes(frame), each(frame, plain.slope_index)
    names = ["sii", "sii_lower", "sii_upper", "rii", "rii_lower", "rii_upper"]
    for area, figures in expected.items():
        np.testing.assert_allclose(found.loc[area, names].astype(float), figures, **SAME)


@pytest.mark.parametrize("seed", [3, 14])
def test_simulated_limits_are_those_of_draws_of_ones_own(plain, seed):
    frame = quantiles(seed, 5)
    options = {"draws": 20_000, "seed": seed}
    found = slopes(frame, interval="simulation", confidence=[0.95, 0.998], **options)
    expected = each(frame, plain.simulated_slope, **options)
    names = ["sii_lower_95", "sii_upper_95", "rii_lower_95", "rii_upper_95"]
    for area, figures in expected.items():
        np.testing.assert_allclose(found.loc[area, names].astype(float), figures, rtol=1e-11)


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_populations_are_those_added_up_band_by_band(plain, seed):
    generator = np.random.default_rng(seed)
    codes = [f"E0500000{at}" for at in range(6)]
    people = pd.DataFrame(
        {
            "area_code": np.repeat(codes, 18),
            "sex": "persons",
            "year": 2024,
            "age": np.tile(np.arange(18), 6),
            "population": generator.integers(0, 90, 108),
            "status": np.where(generator.random(108) < 0.1, "modelled", "value"),
        }
    ).assign(ages=lambda rows: rows["age"].astype(str))
    # An age that is missing leaves its band without a number.
    people = people.sample(frac=0.97, random_state=seed % 1000)
    bands = {"0-4": (0, 4), "5-9": (5, 9), "10-17": (10, 17)}
    keys = pd.MultiIndex.from_product([codes, bands], names=["area_code", "age_band"])
    counts = keys.to_frame(index=False).assign(year=2025, count=1)
    found = jsna.match_populations(counts, people, bands=bands)
    expected = plain.populations(people, bands)
    for row in found.itertuples():
        number, state = expected.get((row.area_code, row.age_band), (np.nan, "not_available"))
        np.testing.assert_equal(row.population, number)
        assert row.population_status == state
