"""Expected numbers and their limits, by hand and as properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bolton_jsna import MissingDataError, UsageError
from bolton_jsna.measures._past_errors import COLUMNS, PROBABILITIES, QUANTILES
from bolton_jsna.measures.projection import RatePath, Record, projected_demand

CODE = "E06000001"


def rates(counts=(90, 110, 100), people=1000, first=2023, **columns):
    """Counts of consecutive years."""
    years = range(first, first + len(counts))
    return pd.DataFrame(
        {
            "area_code": CODE,
            "area_name": "Place",
            "area_level": "authority",
            "indicator": "referrals",
            "year": list(years),
            "count": list(counts),
            "population": people,
            **columns,
        }
    )


def children(by_year, code=CODE):
    """Projected children by single year of age, as many at each age."""
    return pd.DataFrame(
        [
            {
                "area_code": code,
                "area_name": "Place",
                "year": year,
                "age": age,
                "population": n / 18,
            }
            for year, n in by_year.items()
            for age in range(18)
        ]
    ).assign(base_year=2022, variant="principal")


GROWING = children({2024: 900, 2025: 990, 2026: 1080})


def project(frame, projections=GROWING, path=None, **options):
    """A projection of two years without a record, unless options say otherwise."""
    options = {"horizon": 2, "record": None} | options
    return projected_demand(
        frame, projections, indicator="referrals", path=path or RatePath(), **options
    )


def record(spread, horizons=2, children_spread=None):
    """A record whose errors are normal with a spread that grows with the horizon."""
    z = stats.norm.ppf(PROBABILITIES)

    def rows(indicator, each):
        return [
            {
                **dict.fromkeys(COLUMNS, 1),
                "indicator": indicator,
                "origin": 2025,
                "horizon": horizon,
                "count_from": 0.0,
                "origins": 9,
                "errors": 500,
                **dict(zip(QUANTILES, z * each * horizon, strict=True)),
            }
            for horizon in range(1, horizons + 1)
        ]

    errors = pd.DataFrame(rows("referrals", spread), columns=list(COLUMNS))
    young = rows("children_0_17", children_spread) if children_spread else []
    tests = pd.DataFrame(
        {"indicator": ["referrals"], "horizon": [1], "held_80": [83.0], "origins": [9]}
    )
    return Record(errors, pd.DataFrame(young, columns=list(COLUMNS)), tests)


def test_the_last_rate_times_the_children_by_hand():
    """100 of 1,000 children; the projection grows from 900 to 990 and 1,080."""
    found = project(rates())
    assert found["year"].tolist() == [2026, 2027]
    assert found["children"].tolist() == pytest.approx([1100, 1200])
    assert found["count"].tolist() == pytest.approx([110, 120])
    assert found["rate"].tolist() == pytest.approx([1000, 1000])
    assert found["change_children"].tolist() == pytest.approx([10, 20])
    assert set(found["label"]) == {"projection, not a forecast of need"}
    assert set(found["status"]) == {"modelled"}


def test_projected_children_as_they_are_when_asked_for():
    """Without a new base the published projection is used, and the table says so."""
    found = project(rates(), rebase=False)
    assert found["children"].tolist() == pytest.approx([990, 1080])
    assert found["count"].tolist() == pytest.approx([99, 108])
    assert found["children_basis"].iloc[0] == "the 2022-based projection as published"


def test_paths_of_the_rate_by_hand():
    """Half-way on the log scale after so many years; a target is reached in its year."""
    half = RatePath("towards_england", {CODE: 400.0}, half_way=1)
    # The rate is 1,000: half-way to 400 is the root of 400,000, then half of the rest.
    expected = [1000 * 0.4**0.5, 1000 * 0.4**0.75]
    assert project(rates(), path=half)["rate"].tolist() == pytest.approx(expected)
    target = RatePath("target", {CODE: 250.0}, by=2027)
    assert project(rates(), path=target)["rate"].tolist() == pytest.approx([500, 250])


def test_limits_are_those_of_the_last_rate_in_each_scenario():
    """A scenario has no record of its own."""
    usual = project(rates(), record=record(0.2))
    other = project(rates(), path=RatePath("target", {CODE: 250.0}), record=record(0.2))
    limits = [name for name in usual.columns if "lower" in name or "upper" in name]
    pd.testing.assert_frame_equal(usual[limits], other[limits])
    assert "no record of its own" in other["interval_basis"].iloc[0]
    assert "no record of its own" not in usual["interval_basis"].iloc[0]


def test_limits_by_hand_from_a_record():
    """Quantiles of normal errors, and the square root of the years beyond the record."""
    later = children({2024 + each: 900 for each in range(9)})
    frame = rates(counts=(9000, 11000, 10000), people=20_000)
    found = project(frame, later, horizon=8, record=record(0.1))
    z = stats.norm.ppf(0.9)
    assert found["upper_80"].iloc[0] == pytest.approx(10000 * np.exp(0.1 * z))
    assert found["lower_80"].iloc[1] == pytest.approx(10000 * np.exp(-0.2 * z))
    assert found["upper_80"].iloc[7] == pytest.approx(10000 * np.exp(0.2 * 2 * z))
    assert found["interval_from"].tolist() == ["past_errors"] * 2 + ["past_errors_extrapolated"] * 6
    assert found["held_80"].iloc[0] == 83
    assert found["held_80"].iloc[1:].isna().all()


def test_errors_of_children_widen_the_number_and_not_the_rate():
    """Independent errors add up as squares."""
    frame = rates(counts=(9000, 11000, 10000), people=20_000)
    alone = project(frame, record=record(0.3))
    both = project(frame, record=record(0.3, children_spread=0.4))
    z = stats.norm.ppf(0.9)
    assert both["upper_80"].iloc[0] == pytest.approx(11000 * np.exp(0.5 * z))
    assert alone["upper_80"].iloc[0] == pytest.approx(11000 * np.exp(0.3 * z))
    assert both["rate_upper_80"].tolist() == alone["rate_upper_80"].tolist()


@settings(max_examples=25)
@given(st.integers(1, 400), st.sampled_from([0.5, 0.8, 0.95]))
def test_limits_are_never_narrower_than_chance_in_the_counts(count, level):
    """Even where past errors were nothing."""
    found = project(rates(counts=(count, count, count)), record=record(1e-9), levels=(level,))
    name = f"{level * 100:g}"
    expected = found["count"].iloc[0]
    low, high = stats.poisson.ppf([(1 - level) / 2, (1 + level) / 2], expected)
    assert found[f"lower_{name}"].iloc[0] <= low
    assert found[f"upper_{name}"].iloc[0] >= high


@settings(max_examples=25)
@given(st.lists(st.integers(1, 3000), min_size=3, max_size=12))
def test_intervals_lie_in_one_another(counts):
    """Higher levels and longer horizons are wider, also from an area's own series."""
    flat = children({2024: 900, 2025: 900, 2026: 900})
    found = project(rates(counts=counts, people=5000, first=2026 - len(counts)), flat)
    ends = [
        found[f"{side}_{each}"]
        for side, each in (
            ("lower", 95),
            ("lower", 80),
            ("lower", 50),
            ("upper", 50),
            ("upper", 80),
            ("upper", 95),
        )
    ]
    for narrow, wide in zip(ends[1:], ends, strict=False):
        assert (wide <= narrow + 1e-9).all()
    assert found["lower_80"].iloc[1] <= found["lower_80"].iloc[0] + 1e-9
    assert found["upper_80"].iloc[1] >= found["upper_80"].iloc[0] - 1e-9


def test_an_own_series_has_students_t_and_few_years_are_wide():
    """Two changes of 10 and -10 per cent: t with two degrees of freedom."""
    found = project(
        rates(counts=(90000, 99000, 90000), people=1e6), children({2024: 9, 2025: 9, 2026: 9})
    )
    spread = np.log(1.1)
    assert found["upper_80"].iloc[0] == pytest.approx(90000 * np.exp(stats.t.ppf(0.9, 2) * spread))
    assert found["upper_80"].iloc[1] == pytest.approx(
        90000 * np.exp(stats.t.ppf(0.9, 2) * spread * np.sqrt(2))
    )
    assert set(found["interval_from"]) == {"own_series"}


def test_rates_by_age_follow_the_ages_of_the_children():
    """Twice as many older children: their events double, and the rate of all changes."""
    ages = {"0-9": (10, 1000), "10-17": (40, 800)}
    frame = pd.concat(
        [
            rates(counts=(count,) * 3, people=people).assign(age_band=band)
            for band, (count, people) in ages.items()
        ]
    )
    projected = GROWING.assign(
        population=lambda rows: np.where(
            rows["age"] < 10, 100, np.where(rows["year"] == 2024, 100, 200)
        )
    )
    found = project(frame, projected)
    assert found["count"].iloc[0] == pytest.approx(90)
    assert found["children"].iloc[0] == pytest.approx(2600)
    assert found["change_ages"].iloc[0] > 0
    assert found["change_rate"].iloc[0] == pytest.approx(0, abs=1e-9)
    parts = found[["change_children", "change_ages", "change_rate"]].sum(axis=1)
    assert parts.tolist() == pytest.approx(found["change"].tolist())
    assert "by age band" in found["children_basis"].iloc[0]


def test_what_the_method_would_have_said_before():
    """90, 110, 100 of as many children: a year before it would have said 110."""
    found = project(rates())
    assert found["past_year"].tolist() == [2024, 2023]
    assert found["past_count"].tolist() == pytest.approx([110, 90])
    assert found["last_count"].tolist() == [100, 100]


@pytest.mark.parametrize(
    ("bands", "message"),
    [
        (["0-9", "12-17"], "together are the ages 0 to 17"),
        (["0-9", "5-17"], "overlap at age 5"),
        (["0-9", "Unborn"], "Unborn"),
    ],
)
def test_age_bands_that_are_not_all_children(bands, message):
    """A gap or an overlap would give the rate another denominator."""
    frame = pd.concat([rates().assign(age_band=band) for band in bands])
    with pytest.raises(UsageError, match=message):
        project(frame)


@pytest.mark.parametrize(
    ("frame", "projections", "message"),
    [
        (rates(counts=(90, 100), first=2024), GROWING, r"2 years of referrals .* 3 consecutive"),
        (rates(counts=(90, 0, 100)), GROWING, "in 2024 is 0.*there is none until 2027"),
        (rates((90, 0, 9, 9, 9), first=2021), GROWING, r"2022 is 0.*rates\['year'\] > 2022"),
        (rates(), children({2025: 900, 2026: 900, 2027: 900}), "starts in 2025, after the denomin"),
        (rates(), children({2024: 900, 2025: 900}), "Choose horizon=1 at most"),
        (
            rates(),
            children({2024: 9, 2025: 9, 2026: 9}, "E06000002"),
            "Place has the area_code 'E06000001' in rates and 'E06000002' in projections",
        ),
        (
            rates(),
            children({2024: 9, 2025: 9, 2026: 9}, "E06000002").assign(area_name="Other"),
            "no rows of Other",
        ),
        (
            rates(counts=(5000,) * 3).assign(population=[15000, 15000, 18000]),
            GROWING,
            "go from 15,000 in the rate of 2024 to 18,000 in that of 2025",
        ),
    ],
)
def test_series_that_cannot_be_projected(frame, projections, message):
    """The message says what was found and what to do."""
    with pytest.raises(MissingDataError, match=message):
        project(frame, projections)


def test_a_hidden_year_is_not_skipped():
    """Nor is the last year, from which a projection would otherwise silently start earlier."""
    for year in (2023, 2024, 2025):
        frame = rates(counts=(80, 90, 110, 100), first=2022)
        frame["status"] = np.where(frame["year"] == year, "suppressed", "value")
        frame["count"] = frame["count"].astype(float).mask(frame["year"] == year)
        with pytest.raises(MissingDataError, match=f"in {year} is suppressed"):
            project(frame)
