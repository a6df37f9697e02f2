"""Funnels: duality with intervals, published dispersion, and another library."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.measures._dispersion import dispersion, winsorised_share
from bolton_jsna.measures._funnel_counts import binomial_funnel, poisson_funnel
from bolton_jsna.measures._intervals import count_limits, proportion_limits
from bolton_jsna.measures.funnel import funnel_limits
from bolton_jsna.measures.funnel_lines import funnel_lines

LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.998, 0.9999])

# Colditz et al. 1994 (JAMA 271: 698-702), the thirteen trials of BCG vaccine: cases and people
# without the disease among the vaccinated, then among the others.
BCG = np.array(
    [
        *((4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13_536, 248, 12_619)),
        *((33, 5_036, 47, 5_761), (180, 1_361, 372, 1_079), (8, 2_537, 10, 619)),
        *((505, 87_886, 499, 87_892), (29, 7_470, 45, 7_232), (17, 1_699, 65, 1_600)),
        *((186, 50_448, 141, 27_197), (5, 2_493, 3, 2_338), (27, 16_886, 29, 17_825)),
    ],
    dtype=float,
)


def bcg():
    """Log relative risks and their standard errors."""
    cases, others, controls, rest = BCG.T
    effects = np.log(cases / (cases + others) * (controls + rest) / controls)
    variance = 1 / cases - 1 / (cases + others) + 1 / controls - 1 / (controls + rest)
    return effects, np.sqrt(variance)


def test_dispersion_of_the_bcg_trials():
    """Published for this table: Q 152.233 on 12 degrees, DerSimonian and Laird tau squared 0.3088
    (Viechtbauer 2010, Journal of Statistical Software 36(3), with method DL)."""
    effects, errors = bcg()
    pooled = np.average(effects, weights=errors**-2)
    found = dispersion(effects, errors, target=pooled, winsorise=0)
    assert found.areas == 13
    assert found.phi * 13 == pytest.approx(152.233, abs=5e-4)
    assert found.tau_squared == pytest.approx(0.3088, abs=5e-5)


def test_dispersion_is_that_of_dersimonian_and_laird():
    meta = pytest.importorskip("statsmodels.stats.meta_analysis")
    generator = np.random.default_rng(2)
    effects, errors = generator.normal(0, 1, 60), generator.uniform(0.2, 2, 60)
    pooled = np.average(effects, weights=errors**-2)
    theirs = meta.combine_effects(effects, errors**2, method_re="chi2").tau2
    ours = dispersion(effects, errors, target=pooled, winsorise=0).tau_squared
    assert ours == pytest.approx(max(theirs, 0), rel=1e-9)


@settings(max_examples=40)
@given(st.lists(st.floats(-50, 50), min_size=10, max_size=60), st.floats(0, 0.45))
def test_winsorising_draws_in_the_ends_and_never_adds(effects, share):
    plain = dispersion(effects, np.ones(len(effects)), target=0, winsorise=0)
    drawn = dispersion(effects, np.ones(len(effects)), target=0, winsorise=share)
    z = np.clip(effects, *np.quantile(effects, [share, 1 - share]))
    left = winsorised_share(share)
    assert drawn.phi * left == pytest.approx(np.mean(z**2), rel=1e-9, abs=1e-12)
    if np.quantile(effects, share) <= 0 <= np.quantile(effects, 1 - share):
        assert drawn.phi * left <= plain.phi * (1 + 1e-12)
    assert drawn.tau_squared >= 0
    published = dispersion(
        effects, np.ones(len(effects)), target=0, winsorise=share, consistent=False
    )
    assert published.phi == pytest.approx(np.mean(z**2), rel=1e-9, abs=1e-12)


def test_winsorising_leaves_the_mean_square_that_it_should():
    """Against normal draws: .1 at each end leaves .679 of the mean square."""
    z = np.random.default_rng(1).normal(size=1_000_000)
    for share in (0.01, 0.1, 0.25):
        ends = np.quantile(z, [share, 1 - share])
        assert winsorised_share(share) == pytest.approx(np.mean(np.clip(z, *ends) ** 2), abs=0.005)


@pytest.mark.parametrize("kind", ["multiplicative", "additive"])
def test_about_five_per_cent_of_areas_like_the_others_lie_outside(kind):
    """Plain winsorising left 10 to 16 per cent outside, for areas of unlike sizes."""
    generator = np.random.default_rng(3)
    years, areas = 150, 60
    people = 20_000 * np.exp(generator.normal(0, 0.8, (years, areas)))
    if kind == "additive":
        counts = generator.poisson(people * 0.02 * generator.gamma(25, 1 / 25, people.shape))
    else:
        counts = generator.negative_binomial(people * 0.02 / 2, 1 / 3)
    frame = pd.DataFrame(
        {
            "year": np.repeat(np.arange(years), areas),
            "count": counts.ravel(),
            "population": people.ravel(),
        }
    )
    found = funnel_limits(frame, overdispersion=kind, by="year", confidence=0.95)
    outside = (found["funnel_verdict"] != "similar").mean()
    assert 0.035 <= outside <= 0.06


def test_the_variance_between_areas_is_where_phi_is_what_chance_leaves():
    """Paule and Mandel 1982, of winsorised scores."""
    generator = np.random.default_rng(5)
    errors = generator.uniform(0.2, 2, 80)
    effects = generator.normal(0, np.sqrt(errors**2 + 0.5))
    found = dispersion(effects, errors, target=0)
    again = dispersion(effects, np.sqrt(errors**2 + found.tau_squared), target=0)
    assert again.phi == pytest.approx(79 / 80)
    assert again.tau_squared == pytest.approx(0, abs=1e-6)


def test_equal_areas_have_no_variance_between_them():
    found = dispersion([5.0] * 12, [0.3] * 12, target=5)
    assert (found.phi, found.tau_squared) == (0, 0)


@given(st.floats(0.01, 3_000), LEVELS)
def test_a_count_is_outside_just_where_its_interval_leaves_out_the_target(expected, level):
    counts = np.unique(np.clip(np.rint(expected + np.arange(-90, 91)), 0, None))
    lower, upper = (float(limit[0]) for limit in poisson_funnel(np.array([expected]), level))
    low, high = count_limits(counts, level)
    np.testing.assert_array_equal(counts > upper, low > expected)
    np.testing.assert_array_equal(counts < lower, high < expected)


@given(st.floats(0.01, 400), LEVELS)
def test_exact_limits_leave_the_tails_they_should(expected, level):
    from scipy import special

    lower, upper = (
        float(limit[0]) for limit in poisson_funnel(np.array([expected]), level, exact=True)
    )
    tail = (1 - level) / 2
    assert special.gammainc(upper, expected) == pytest.approx(tail, rel=1e-6)
    if lower:
        assert special.gammaincc(lower + 1, expected) == pytest.approx(tail, rel=1e-6)
    else:
        assert np.exp(-expected) >= tail


@given(st.integers(1, 500), st.floats(0.02, 0.98), LEVELS)
def test_exact_binomial_limits_are_those_of_the_test(total, share, level):
    from scipy import stats

    lower, upper = (
        float(limit[0]) for limit in binomial_funnel(np.array([total]), np.array([share]), level)
    )
    tail = (1 - level) / 2
    counts = np.arange(total + 1)
    at_most, at_least = (
        stats.binom.cdf(counts, total, share),
        stats.binom.sf(counts - 1, total, share),
    )
    clear = np.abs(at_most - tail) > 1e-9
    np.testing.assert_array_equal((counts < lower)[clear], (at_most < tail)[clear])
    clear = np.abs(at_least - tail) > 1e-9
    np.testing.assert_array_equal((counts > upper)[clear], (at_least < tail)[clear])


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(401, 9_000)), min_size=2, max_size=20),
    st.sampled_from(["rate", "ratio", "proportion"]),
    st.sampled_from(["interval", "exact", "normal"]),
    st.randoms(use_true_random=False),
)
def test_limits_bracket_the_target_and_ignore_the_order(rows, statistic, limits, random):
    frame = pd.DataFrame(rows, columns=["events", "whole"])
    frame["whole"] = frame["whole"] / (20 if statistic == "ratio" else 1)
    options = {
        "statistic": statistic,
        "limits": limits,
        "count": "events",
        "denominator": "whole",
        "target": 1 if statistic == "ratio" else None,
    }
    found = funnel_limits(frame, **options)
    order = list(frame.index)
    random.shuffle(order)
    back = funnel_limits(frame.loc[order], **options).loc[frame.index]
    pd.testing.assert_frame_equal(found, back, rtol=1e-9)
    if frame["events"].sum():
        assert (found["funnel_lower_99_8"] <= found["funnel_lower_95"] + 1e-9).all()
        assert (found["funnel_lower_95"] <= found["funnel_target"] + 1e-9).all()
        assert (found["funnel_target"] <= found["funnel_upper_95"] + 1e-9).all()
        assert (found["funnel_upper_95"] <= found["funnel_upper_99_8"] + 1e-9).all()


def random_areas(seed, size=300):
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame({"area": range(size), "population": generator.integers(800, 60_000, size)})
    frame["count"] = generator.poisson(frame["population"] * generator.gamma(30, 1e-4, size))
    frame["rate"] = frame["count"] / frame["population"] * 10_000
    return frame[frame["count"] > 0].reset_index(drop=True)


VERDICTS = {
    "Not significant": ("similar", "similar"),
    "High (0.025)": ("higher", "similar"),
    "High (0.001)": ("higher", "higher"),
    "Low (0.025)": ("lower", "similar"),
    "Low (0.001)": ("lower", "lower"),
}


def verdicts(frame):
    return list(zip(frame["funnel_verdict_95"], frame["funnel_verdict_99_8"], strict=True))


def test_verdicts_are_those_of_phstatsmethods(oracle):
    """A development comparison, for crude rates, ratios and proportions."""
    methods = oracle("PHStatsMethods")
    frame = random_areas(9)
    theirs = methods.assign_funnel_significance(
        frame.copy(), "count", "rate", "population", "rate", "crude", 10_000
    )
    assert verdicts(funnel_limits(frame)) == [VERDICTS[each] for each in theirs["significance"]]
    assert theirs["significance"].nunique() == 5
    frame["expected"] = frame["population"] * frame["count"].sum() / frame["population"].sum()
    theirs = methods.assign_funnel_significance(frame.copy(), "count", "ratio", "expected")
    ours = funnel_limits(frame, statistic="ratio", count="count")
    assert verdicts(ours) == [VERDICTS[each] for each in theirs["significance"]]
    theirs = methods.assign_funnel_significance(frame.copy(), "count", "proportion", "population")
    ours = funnel_limits(frame, statistic="proportion", denominator="population")
    assert verdicts(ours) == [VERDICTS[each] for each in theirs["significance"]]


def test_lines_are_those_of_phstatsmethods(oracle):
    """Proportions at 1e-9; theirs of rates and ratios are halved to 1e-7 only."""
    methods = oracle("PHStatsMethods")
    frame = random_areas(10, 40)
    names = {
        f"funnel_{side}_{ending}": f"{side}_{sigmas}s_limit"
        for side in ("lower", "upper")
        for ending, sigmas in (("95", 2), ("99_8", 3))
    }
    levels = [2 * p - 1 for p in (0.975, 0.999)]
    theirs = methods.calculate_funnel_limits(frame.copy(), "count", "proportion", 100, "population")
    target = theirs["baseline"][0]
    for row in theirs.iloc[::9].itertuples():
        (ours,) = (
            funnel_lines(
                target=target,
                smallest=row.Population,
                largest=row.Population * 2,
                points=2,
                statistic="proportion",
                confidence=levels,
            )
            .iloc[:1]
            .to_dict("records")
        )
        for mine, other in names.items():
            assert ours[mine] == pytest.approx(getattr(row, other), rel=1e-9, abs=1e-12)
    theirs = methods.calculate_funnel_limits(
        frame.copy(),
        "count",
        "rate",
        10_000,
        "population",
        rate="rate",
        rate_type="crude",
        years_of_data=1,
    )
    target = theirs["baseline"][0]
    for row in theirs.iloc[::9].itertuples():
        for side, ending, sigmas in (
            ("lower", "95", 2),
            ("upper", "95", 2),
            ("lower", "99_8", 3),
            ("upper", "99_8", 3),
        ):
            people = getattr(row, f"{side}_{sigmas}s_population_1_year")
            ours = funnel_lines(
                target=target, smallest=people, largest=people * 2, points=2, limits="exact"
            )
            expected = getattr(row, f"{side}_{sigmas}s_limit")
            assert ours[f"funnel_{side}_{ending}"][0] == pytest.approx(expected, rel=1e-5)


def test_normal_limits_are_the_formula_of_spiegelhalter_2005():
    z = NormalDist().inv_cdf(0.975)
    frame = pd.DataFrame({"count": [30, 10], "denominator": [100, 100]})
    found = funnel_limits(frame, statistic="proportion", limits="normal", confidence=0.95)
    reach = z * np.sqrt(0.2 * 0.8 / 100) * 100
    np.testing.assert_allclose(found["funnel_target"], 20)
    np.testing.assert_allclose(found["funnel_upper"], 20 + reach)
    np.testing.assert_allclose(found["funnel_lower"], 20 - reach)
    np.testing.assert_allclose(found["funnel_z"], [2.5, -2.5])
    assert found["funnel_verdict"].tolist() == ["higher", "lower"]


def test_proportions_are_outside_just_where_wilson_leaves_out_the_target():
    generator = np.random.default_rng(12)
    frame = pd.DataFrame({"denominator": generator.integers(5, 900, 400)})
    frame["count"] = generator.binomial(frame["denominator"], 0.15)
    found = funnel_limits(frame, statistic="proportion", target=15, confidence=0.95)
    lower, upper = proportion_limits(frame["count"], frame["denominator"])
    np.testing.assert_array_equal(found["funnel_verdict"] == "higher", lower > 0.15)
    np.testing.assert_array_equal(found["funnel_verdict"] == "lower", upper < 0.15)


@pytest.mark.parametrize("scale", ["natural", "root"])
@pytest.mark.parametrize("statistic", ["rate", "ratio", "proportion"])
def test_overdispersion_widens(statistic, scale):
    frame = random_areas(11)
    options = {"statistic": statistic, "count": "count", "denominator": "population"}
    if statistic == "ratio":
        frame["population"] = frame["population"] * 0.003
    options |= {"scale": scale, "confidence": 0.95}
    plain = funnel_limits(frame, limits="normal", **options)
    for overdispersion in ("multiplicative", "additive"):
        wide = funnel_limits(frame, overdispersion=overdispersion, **options)
        assert (wide["funnel_upper"] > plain["funnel_upper"]).all()
        assert (wide["funnel_lower"] <= plain["funnel_lower"]).all()
        assert len(set(wide["phi"])) == 1
        assert wide["phi"][0] > 1
        assert wide["tau_squared"][0] > 0
        assert overdispersion in wide["funnel_method"][0]
        outside = (wide["funnel_verdict"] != "similar").mean()
        assert outside < (plain["funnel_verdict"] != "similar").mean()
    # Rates vary by a gamma of shape 30: a coefficient of variation of 18 per cent.
    found = funnel_limits(frame, overdispersion="additive", winsorise=0, **options)
    if scale == "natural" and statistic == "rate":
        assert np.sqrt(found["tau_squared"][0]) == pytest.approx(0.003 / np.sqrt(30), rel=0.15)


def test_states_and_groups():
    frame = pd.DataFrame(
        {
            "year": [2024] * 3 + [2025] * 3,
            "count": [10, 20, None, 40, 5, 3],
            "population": [1_000, 1_000, 1_000, 2_000, None, 0],
            "status": ["value", "modelled", "suppressed", "value", "value", "value"],
        },
        index=[5, 5, 6, 7, 8, 9],
    )
    found = funnel_limits(frame, by="year", overdispersion="additive")
    assert found.index.tolist() == [5, 5, 6, 7, 8, 9]
    assert found["status"].tolist() == [
        *("value", "modelled", "suppressed", "value", "not_available", "not_applicable")
    ]
    assert found["funnel_target"].tolist() == [150, 150, 150, 200, 200, 200]
    # Two areas tell nothing of the spread between areas.
    assert found["phi"].isna().all()
    assert set(found["funnel_verdict_95"]) == {"not_compared"}
    plain = funnel_limits(frame, by="year")
    assert plain["funnel_verdict_95"].tolist() == [
        *("similar", "similar", "not_compared", "similar", "not_compared", "not_compared")
    ]
    assert plain["rate"].isna().tolist() == [False, False, True, False, True, True]


def test_no_events_anywhere_is_nothing_to_compare():
    found = funnel_limits(pd.DataFrame({"count": [0, 0], "population": [10, 20]}))
    assert found["rate"].tolist() == [0, 0]
    assert found["status"].tolist() == ["value", "value"]
    assert set(found["funnel_verdict_95"]) == {"not_compared"}


def test_ratios_as_they_come_from_standardising():
    """Columns observed and expected of indirectly_standardised_ratios feed the funnel."""
    from bolton_jsna.measures.indirect import indirectly_standardised_ratios

    reference = pd.DataFrame({"age_band": ["0", "1"], "count": [10, 20], "population": 1_000})
    rows = pd.DataFrame(
        {"area": list("aabb"), "age_band": list("0101"), "count": [9, 9, 3, None]}
    ).assign(population=300, status=["value", "value", "value", "suppressed"])
    ratios = indirectly_standardised_ratios(rows, reference, by="area")
    found = funnel_limits(ratios, statistic="ratio")
    assert found["ratio"].tolist()[0] == pytest.approx(2)
    assert found["funnel_target"].tolist() == [1, 1]
    assert found["status"].tolist() == ["value", "suppressed"]
    assert found["funnel_verdict_95"].tolist() == ["higher", "not_compared"]


def test_inputs_are_not_changed():
    frame = random_areas(1, 20)
    before = frame.copy(deep=True)
    funnel_limits(frame, overdispersion="multiplicative")
    pd.testing.assert_frame_equal(frame, before)


ROW = {"count": [1], "population": [9], "denominator": [9]}


@pytest.mark.parametrize(
    ("frame", "options", "error", "message"),
    [
        (ROW, {"statistic": "mean"}, UsageError, "statistic='mean' is not known"),
        (ROW, {"limits": "wald"}, UsageError, "limits='wald' is not known"),
        (ROW, {"overdispersion": "phi"}, UsageError, "overdispersion='phi' is not known"),
        (ROW, {"scale": "log"}, UsageError, "scale='log' is not known"),
        (ROW, {"limits": "exact", "scale": "root"}, UsageError, "Exact limits cannot allow"),
        (ROW, {"winsorise": 0.5}, UsageError, "winsorise=0.5 is not a share"),
        (ROW, {"target": 0}, UsageError, "target=0 is not valid"),
        (ROW, {"statistic": "proportion", "target": 100}, UsageError, "below 1"),
        (ROW, {"statistic": "ratio"}, SchemaError, "no column 'observed'"),
        (
            {"count": [10], "denominator": [9]},
            {"statistic": "proportion"},
            UsageError,
            "more 'count' than 'denominator'",
        ),
    ],
)
def test_rejections(frame, options, error, message):
    with pytest.raises(error, match=message):
        funnel_limits(pd.DataFrame(frame), **options)


def test_england_is_not_in_a_funnel_of_its_authorities():
    rows = random_areas(1, 12).assign(area_level=["country", *["authority"] * 11])
    with pytest.raises(UsageError, match=r"cannot be used together to draw a funnel"):
        funnel_limits(rows)
    assert funnel_limits(rows, by="area_level")["funnel_target"].nunique() == 2


def test_a_row_without_limits_has_no_method_and_a_reason():
    rows = pd.DataFrame(
        {"count": [5, None, 4], "population": [90, 80, 0], "status": ["value", "low", "value"]}
    )
    found = funnel_limits(rows)
    assert found["funnel_method"].notna().tolist() == [True, False, False]
    reasons = found["funnel_reason"].fillna("").tolist()
    assert reasons == ["", "no figure: low reliability", "no figure: not applicable"]
    few = funnel_limits(rows, overdispersion="additive")
    assert few["funnel_reason"].iloc[0].startswith("fewer than 10 areas: ")
    none = funnel_limits(rows.assign(count=[0, None, 0]))
    assert none["funnel_reason"].iloc[0] == "no target: nobody or everybody has the event"
