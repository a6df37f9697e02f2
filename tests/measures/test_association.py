"""Deprivation against events: printed correlations and ratios, dispersion, words."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize, special

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.measures._correlation import pearson, spearman
from bolton_jsna.measures._count_regression import fit_counts
from bolton_jsna.measures.association import CAUTION, deprivation_association

# Anscombe 1973, The American Statistician 27: 17-21, the first of the four sets.
ANSCOMBE_X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
ANSCOMBE_Y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]


def lsoas():
    """Bolton's LSOAs with the illustrative referrals."""
    frame = jsna.load_idaci("Bolton")
    children = jsna.load_population_estimates("Bolton", level="lsoa", years=[2024])
    people = frame["lsoa_code"].map(children.set_index("area_code")["population"])
    frame["population"] = people  # aged 0-17, as the referrals
    records = jsna.load_local_records().records
    counts = records[records["kind"] == "referral"].groupby("lsoa_code").size()
    return frame.assign(count=frame["lsoa_code"].map(counts).fillna(0))


def made_up(n=60, slope=0.5, alpha=0.0, seed=0):
    rng = np.random.default_rng(seed)
    score = rng.random(n)
    people = rng.integers(500, 3_000, n)
    mean = people * np.exp(-4 + slope * score)
    if alpha:
        mean = mean * rng.gamma(1 / alpha, alpha, n)
    return pd.DataFrame({"count": rng.poisson(mean), "population": people, "idaci_score": score})


def row(found, measure):
    return found.table.set_index("measure").loc[measure]


def test_pearson_of_anscombe_as_r_prints_it():
    """R, cor.test(anscombe$x1, anscombe$y1): 0.8164205, 0.4243912 to 0.9506933, p 0.00217."""
    found = pearson(ANSCOMBE_X, ANSCOMBE_Y)
    assert found.estimate == pytest.approx(0.8164205, abs=5e-8)
    assert (found.lower, found.upper) == pytest.approx((0.4243912, 0.9506933), abs=5e-8)
    assert found.p == pytest.approx(0.00217, abs=5e-6)


def test_spearman_is_pearson_of_mid_ranks_with_the_wider_error():
    """Bonett and Wright 2000: variance (1 + r^2 / 2) / (n - 3) on the scale of Fisher's z."""
    found = spearman(ANSCOMBE_X, ANSCOMBE_Y)
    assert found.estimate == pytest.approx(0.8181818, abs=5e-8)  # R, cor(method = "spearman")
    half = (math.atanh(found.upper) - math.atanh(found.lower)) / 2
    expected = special.ndtri(0.975) * math.sqrt((1 + found.estimate**2 / 2) / 8)
    assert half == pytest.approx(expected)
    tied = spearman([1, 2, 2, 3, 9, 9, 9, 10, 11, 12], range(10))
    ranks = [1, 2.5, 2.5, 4, 6, 6, 6, 8, 9, 10]
    assert tied.estimate == pytest.approx(np.corrcoef(ranks, range(10))[0, 1])


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=4, max_size=30),
    st.sampled_from([pearson, spearman]),
)
def test_limits_hold_the_correlation_widen_and_turn_with_the_sign(pairs, correlation):
    x, y = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    found = correlation(x, y)
    assume(not math.isnan(found.estimate))
    assert -1 <= found.lower <= found.estimate <= found.upper <= 1
    assert 0 <= found.p <= 1
    wide = correlation(x, y, 0.998)
    assert wide.lower <= found.lower
    assert wide.upper >= found.upper
    turned = correlation(-x, y)
    assert turned.estimate == pytest.approx(-found.estimate)
    assert turned.upper == pytest.approx(-found.lower)
    assert correlation(y, x).estimate == pytest.approx(found.estimate)


def test_correlations_that_cannot_be():
    assert pearson([1, 2, 3], [1, 2, 3]).reason == "3 areas; expected 4 or more"
    assert pearson([1, 1, 1, 1], [1, 2, 3, 4]).reason == "every area has the same value"
    assert spearman([1, 2, 3, 4], [2, 1, 4, 3]).reason == "limits are rough under 10 areas"
    perfect = pearson([1, 2, 3, 4], [2, 4, 6, 8])
    assert (perfect.estimate, perfect.lower, perfect.upper, perfect.p) == (1, 1, 1, 0)


def test_smoking_doctors_as_stata_prints_it():
    """Doll and Hill 1966; Stata, ir: 630 deaths in 142,247 and 101 in 39,220 years, 1.719823.

    Each group is given in two halves, for the model asks for four areas; the limits are exp(log
    ratio -+ z sqrt(1/630 + 1/101)).
    """
    frame = pd.DataFrame(
        {
            "count": [315, 315, 50.5, 50.5],
            "population": [71_123.5, 71_123.5, 19_610, 19_610],
            "idaci_score": [1, 1, 0, 0],
        }
    )
    found = deprivation_association(frame, step=1.0)
    ratio = row(found, "rate_ratio")
    assert ratio["estimate"] == pytest.approx(1.719823, abs=5e-7)
    half = special.ndtri(0.975) * math.sqrt(1 / 630 + 1 / 101)
    assert ratio["lower"] == pytest.approx(1.719823 * math.exp(-half), rel=1e-5)
    assert ratio["upper"] == pytest.approx(1.719823 * math.exp(half), rel=1e-5)
    assert ratio["method"] == "Poisson regression"
    assert found.summary["dispersion"] == pytest.approx(0, abs=1e-9)


def test_a_negative_binomial_is_the_greatest_of_its_likelihood():
    """Against a search of the NB2 likelihood written out (Cameron and Trivedi 2013, 3.28)."""
    frame = made_up(alpha=0.3, seed=4)
    y, people, x = (frame[c].to_numpy(float) for c in ("count", "population", "idaci_score"))

    def negative(parameters):
        a, b, log_alpha = parameters
        size = math.exp(-log_alpha)
        mean = people * np.exp(a + b * x)
        part = special.gammaln(y + size) - special.gammaln(size) - special.gammaln(y + 1)
        rest = size * np.log(size / (size + mean)) + y * np.log(mean / (size + mean))
        return -(part + rest).sum()

    best = optimize.minimize(negative, [-4, 0.5, -1], method="Nelder-Mead", tol=1e-10)
    fit = fit_counts(y, people, x, model="negative_binomial")
    assert fit.ratio == pytest.approx(math.exp(best.x[1]), rel=1e-4)
    assert fit.alpha == pytest.approx(math.exp(best.x[2]), rel=1e-3)
    assert fit.lower < fit.ratio < fit.upper
    assert fit.method == "Negative binomial regression"


def test_the_model_follows_the_dispersion():
    plain = deprivation_association(made_up(seed=1))
    assert plain.summary["model"] == "poisson"
    assert plain.summary["dispersion"] == pytest.approx(1, abs=0.4)
    assert plain.summary["overdispersion_p"] > 0.05
    scattered = deprivation_association(made_up(alpha=0.3, seed=1))
    assert scattered.summary["model"] == "negative_binomial"
    assert scattered.summary["dispersion"] > 3
    assert scattered.summary["overdispersion_p"] < 0.05
    assert scattered.summary["alpha"] == pytest.approx(0.3, abs=0.15)


def test_a_poisson_model_is_widened_by_its_dispersion():
    frame = made_up(alpha=0.3, seed=1)
    found = deprivation_association(frame, model="poisson", step=1.0)
    ratio = row(found, "rate_ratio")
    y, people, x = (frame[c].to_numpy(float) for c in ("count", "population", "idaci_score"))
    mean = people * np.exp(np.log(ratio["estimate"]) * x)
    mean *= y.sum() / mean.sum()
    centred = x - (mean @ x) / mean.sum()
    error = math.sqrt(found.summary["dispersion"] / (mean @ centred**2))
    half = special.stdtrit(len(y) - 2, 0.975) * error
    assert math.log(ratio["upper"] / ratio["estimate"]) == pytest.approx(half, rel=1e-6)
    assert ratio["method"] == "Poisson regression, widened by dispersion"


@settings(max_examples=25)
@given(st.integers(0, 200), st.floats(0.05, 20), st.floats(1.5, 100))
def test_the_ratio_goes_with_the_step_and_not_with_the_size_of_units(seed, step, scale):
    frame = made_up(n=25, seed=seed)
    one = row(deprivation_association(frame, model="poisson", step=1.0), "rate_ratio")
    other = row(deprivation_association(frame, model="poisson", step=step), "rate_ratio")
    assert math.log(other["estimate"]) == pytest.approx(
        step * math.log(one["estimate"]), rel=1e-6, abs=1e-9
    )
    larger = frame.assign(idaci_score=frame["idaci_score"] * scale)
    scaled = row(deprivation_association(larger, model="poisson", step=scale), "rate_ratio")
    assert scaled["estimate"] == pytest.approx(one["estimate"], rel=1e-6)
    assert scaled["p"] == pytest.approx(one["p"], rel=1e-4, abs=1e-9)


def test_ranks_and_deciles_are_turned_so_that_more_is_more_deprived():
    frame = lsoas()
    score = deprivation_association(frame)
    rank = deprivation_association(frame, deprivation="idaci_rank")
    assert score.summary["most_deprived"] == "high"
    assert rank.summary["most_deprived"] == "low"
    ours, theirs = row(score, "spearman"), row(rank, "spearman")
    assert ours["estimate"] == pytest.approx(theirs["estimate"], abs=0.01)
    assert ours["estimate"] > 0
    wrong_way = deprivation_association(frame, deprivation="idaci_rank", most_deprived="high")
    assert row(wrong_way, "spearman")["estimate"] == pytest.approx(-theirs["estimate"])
    decile = deprivation_association(frame, deprivation="idaci_decile")
    assert decile.summary["step"] == "one decile more deprived"
    assert row(decile, "rate_ratio")["estimate"] > 1


def test_a_step_of_a_decile_is_a_tenth_of_the_areas():
    """The rate doubles from each tenth of ten areas to the next."""
    frame = pd.DataFrame(
        {
            "count": [2.0**each * 10 for each in range(10)],
            "population": 100_000,
            "idaci_score": np.linspace(0.01, 0.7, 10) ** 2,
        }
    )
    found = deprivation_association(frame)
    assert row(found, "rate_ratio")["estimate"] == pytest.approx(2)
    assert found.summary["step"] == "one tenth of the areas more deprived"


def test_states_are_left_out_and_counted_in_words():
    frame = made_up(n=30, seed=3).assign(status="value")
    frame["count"] = frame["count"].astype("Int64")
    frame.loc[[0, 1], "status"] = "suppressed"
    frame.loc[2, ["count", "status"]] = [pd.NA, "not_available"]
    frame.loc[3, "population"] = 0
    frame.loc[4, "idaci_score"] = np.nan
    found = deprivation_association(frame, areas="wards")
    assert (found.summary["used"], found.summary["of"]) == (25, 30)
    assert found.summary["left_out"] == {
        "suppressed": 2, "not_available": 2, "not_applicable": 1,
    }  # fmt: skip
    assert (
        "5 of 30 wards are left out (2 suppressed, 2 not available, 1 not applicable)."
        in found.summary["sentence"]
    )
    alone = deprivation_association(frame.drop(index=range(5)), areas="wards")
    pd.testing.assert_frame_equal(found.table, alone.table)


def test_the_sentence_says_the_result_and_its_caution():
    found = deprivation_association(lsoas(), events="referrals", areas="LSOAs")
    ratio = row(found, "rate_ratio")
    sentence = found.summary["sentence"]
    assert sentence.startswith(
        f"Across 177 LSOAs, the rate of referrals is {ratio['estimate']:.2f} times as high (95% "
        f"interval {ratio['lower']:.2f} to {ratio['upper']:.2f}) for each step of one tenth of the "
        "LSOAs more deprived (Negative binomial regression; dispersion"
    )
    assert sentence.endswith(CAUTION)
    assert "areas, not families" in sentence
    level = deprivation_association(lsoas(), confidence=0.998)
    assert "(99.8% interval" in level.summary["sentence"]
    nothing = deprivation_association(made_up(slope=0.0, n=20, seed=8))
    assert "The interval includes 1" in nothing.summary["sentence"]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"count": [0, 0, 0, 0, 0]}, "no event in any area"),
        ({"idaci_score": [0.2] * 5}, "every area has the same deprivation"),
        ({"count": [None, None, 3, 4, 5]}, "3 areas; expected 4 or more"),
    ],
)
def test_what_cannot_be_computed_gives_the_reason(columns, reason):
    frame = pd.DataFrame(
        {
            "count": [1, 2, 3, 4, 5],
            "population": [100, 200, 300, 500, 900],
            "idaci_score": [0.1, 0.4, 0.2, 0.3, 0.6],
        }
    ).assign(**columns)
    found = deprivation_association(frame)
    ratio = row(found, "rate_ratio")
    assert (ratio["status"], ratio["reason"]) == ("not_applicable", reason)
    assert math.isnan(ratio["estimate"])
    assert f"no rate ratio of events can be given: {reason}." in found.summary["sentence"]
    assert found.summary["sentence"].endswith(CAUTION)


def test_events_in_the_most_deprived_area_only_have_no_ratio_or_a_huge_one_without_a_crash():
    frame = pd.DataFrame(
        {"count": [0, 0, 0, 0, 9], "population": 1000, "idaci_score": [0.1, 0.2, 0.3, 0.4, 0.5]}
    )
    for model in ("auto", "poisson", "negative_binomial"):
        ratio = row(deprivation_association(frame, model=model), "rate_ratio")
        assert ratio["status"] == "not_applicable" or ratio["estimate"] > 1


def test_the_frame_is_not_changed_and_the_order_does_not_matter():
    frame = lsoas()
    before = frame.copy(deep=True)
    one = deprivation_association(frame)
    two = deprivation_association(frame.iloc[::-1])
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(one.table, two.table, rtol=1e-4)


def test_rejections():
    frame = made_up()
    with pytest.raises(SchemaError, match="no column 'imd'"):
        deprivation_association(frame, deprivation="imd")
    with pytest.raises(UsageError, match="step=0 is neither 'decile' nor a number"):
        deprivation_association(frame, step=0)
    with pytest.raises(UsageError, match="step='quintile' is not known; expected a number"):
        deprivation_association(frame, step="quintile")
    with pytest.raises(UsageError, match="model='ols' is not known"):
        deprivation_association(frame, model="ols")
    with pytest.raises(UsageError, match="most_deprived='top' is not known"):
        deprivation_association(frame, most_deprived="top")
    with pytest.raises(UsageError, match="confidence"):
        deprivation_association(frame, confidence=95)
    with pytest.raises(UsageError, match="expected zero or more"):
        deprivation_association(frame.assign(count=-1))


def test_england_is_no_area_next_to_its_authorities():
    rows = made_up(12).assign(area_level=["country", *["authority"] * 11])
    with pytest.raises(UsageError, match=r"cannot be used together to look for an association"):
        deprivation_association(rows)


def by_fifths(column="idaci_quintile"):
    """Five areas a fifth; the rate rises by a fifth from each to the next more deprived."""
    fifth = np.repeat(np.arange(1, 6), 5)
    count = np.round(1_000 * 1.2 ** (5 - fifth))
    return pd.DataFrame({"count": count, "population": 100_000, column: fifth})


def test_quintiles_run_from_the_most_deprived_and_a_step_is_a_quintile():
    """Was: .82 times per decile more deprived, for a rate that rises with deprivation."""
    found = deprivation_association(by_fifths(), deprivation="idaci_quintile")
    assert row(found, "rate_ratio")["estimate"] == pytest.approx(1.2, abs=0.01)
    assert row(found, "spearman")["estimate"] > 0.9
    assert found.summary["most_deprived"] == "low"
    assert "1.20 times as high" in found.summary["sentence"]
    assert "for each step of one quintile more deprived" in found.summary["sentence"]
    assert "decile" not in found.summary["sentence"]


@pytest.mark.parametrize("column", ["quantile", "income_deprivation", "score_rank"])
def test_a_scale_without_a_known_direction_is_rejected(column):
    frame = by_fifths(column)
    with pytest.raises(UsageError, match="does not show which end is the most deprived"):
        deprivation_association(frame, deprivation=column)
    low = deprivation_association(frame, deprivation=column, most_deprived="low")
    assert row(low, "rate_ratio")["estimate"] > 1
    high = deprivation_association(frame, deprivation=column, most_deprived="high")
    assert row(high, "rate_ratio")["estimate"] < 1


def test_a_score_of_whole_numbers_is_no_decile():
    """Was: taken for deciles, as its values happened to be whole numbers from 1 to 10."""
    frame = by_fifths("imd_score").assign(imd_score=lambda rows: 11 - 2 * rows["imd_score"])
    found = deprivation_association(frame, deprivation="imd_score")
    assert found.summary["step"] == "one tenth of the areas more deprived"
    units = deprivation_association(frame, deprivation="imd_score", step=2)
    assert row(units, "rate_ratio")["estimate"] == pytest.approx(1.2, abs=0.01)
    assert "for each step of 2 of imd_score more deprived" in units.summary["sentence"]


def test_groups_are_whole_numbers_and_have_no_other_step():
    with pytest.raises(UsageError, match=r"holds 6; expected whole numbers from 1 to 5"):
        deprivation_association(by_fifths().assign(idaci_quintile=6), deprivation="idaci_quintile")
    with pytest.raises(UsageError, match="is not a step of 'idaci_quintile'"):
        deprivation_association(by_fifths(), deprivation="idaci_quintile", step="decile")


def test_limits_of_few_areas_are_students_and_hold_the_true_ratio():
    """Ten areas that vary beyond the line; with normal limits .89 of intervals held the ratio."""
    rng = np.random.default_rng(12)
    x, held, models = np.arange(10.0), [], set()
    for _ in range(400):
        people = rng.permutation(np.linspace(2_500, 5_200, 10))
        rate = 0.03 * np.exp(0.1 * (x - x.mean())) * rng.gamma(1 / 0.25, 0.25, 10)
        fit = fit_counts(rng.poisson(people * rate).astype(float), people, x)
        held.append(fit.lower <= math.exp(0.1) <= fit.upper)
        models.add(fit.model)
    assert models == {"poisson", "negative_binomial"}
    assert np.mean(held) >= 0.92


def test_it_shows_itself_as_a_short_table():
    frame = pd.DataFrame(
        {"count": [5, 9, 12, 20, 30], "population": [900, 1000, 1100, 1000, 1000]}
    ).assign(idaci_score=[0.1, 0.2, 0.3, 0.4, 0.5])
    found = deprivation_association(frame, events="plans <b>", areas="wards")
    ratio = found.table.set_index("measure").loc["rate_ratio"]
    shown, page = repr(found).splitlines(), found._repr_html_()
    assert shown[0] == "plans <b> and idaci_score: 5 of 5 wards"
    assert shown[1].split() == ["Measure", "Estimate", "95%", "interval", "p"]
    assert shown[2].split()[:3] == ["Rate", "ratio", f"{ratio['estimate']:.2f}"]
    assert found.summary["sentence"] in shown
    assert "plans &lt;b&gt;" in page
    assert page.count('scope="col"') == 4
    few = deprivation_association(frame.head(3))
    assert "Rate ratio: 3 areas; expected 4 or more." in repr(few)
    assert "nan" not in repr(few) + few._repr_html_()
