"""Recent trends: figures of statsmodels, Fingertips' rule, how often a word is wrong, gaps."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.measures.rates import crude_rates
from bolton_jsna.measures.trend import recent_trends


def series(counts, population=50_000, *, area="a", last=2025, **more):
    """Rows of one area, the last count in the last year; None is suppressed."""
    frame = pd.DataFrame(
        {
            "area_code": area,
            "year": range(last - len(counts) + 1, last + 1),
            "count": pd.array(counts, dtype="Int64"),
            "population": population,
        }
    )
    frame["status"] = np.where(frame["count"].isna(), "suppressed", "value")
    return frame.assign(**more)


def trend(counts, population=50_000, **options):
    return recent_trends(series(counts, population), **options).iloc[0]


def fingertips(frame):
    """The published rule in plain words: weights, slope, chi-square, slopes without one year."""
    rates = crude_rates(frame)
    weight = (3.92 / (rates["upper"] - rates["lower"])).to_numpy() ** 2

    def slope(keep):
        x, y, w = np.arange(1, 6)[keep], rates["rate"].to_numpy()[keep], weight[keep]
        bottom = w.sum() * (w * x**2).sum() - (w * x).sum() ** 2
        top = w.sum() * (w * x * y).sum() - (w * x).sum() * (w * y).sum()
        return top / bottom, w.sum() / bottom

    whole, variance = slope(np.full(5, True))
    every = [whole, *(slope(np.arange(5) != gone)[0] for gone in range(5))]
    signs = {0 if abs(one) < 1e-9 else np.sign(one) for one in every}
    called = whole**2 / variance > 9.54953570608324 and len(signs) == 1
    return whole, ("increasing" if whole > 0 else "decreasing") if called else None


@settings(max_examples=60)
@given(st.lists(st.integers(1, 2_000), min_size=5, max_size=5))
def test_the_rule_of_fingertips(counts):
    """OHID, public health technical guidance, Fingertips trend markers (9.5495: 99.8 per cent)."""
    slope, direction = fingertips(series(counts))
    found = trend(counts, test="ohid")
    # Fingertips takes 1.96 for the 95 per cent; here it is 1.95996.
    assert found["slope"] == pytest.approx(slope, rel=1e-9, abs=1e-9)
    if abs(found["trend_p"] - 0.002) > 1e-5:
        assert found["direction"] == (direction or "no_significant_change")


def test_the_older_name_of_the_marker_is_accepted():
    frame = series([300, 320, 310, 390, 500])
    named, older = recent_trends(frame, test="ohid"), recent_trends(frame, test="weighted")
    pd.testing.assert_frame_equal(older, named)
    assert named["trend_test"].tolist() == ["ohid"]


def test_one_odd_year_makes_no_trend():
    """The last year alone lifts the line; without it the slope turns, so nothing is called."""
    found = trend([500, 490, 480, 470, 900], test="ohid")
    assert found["trend_p"] < 0.002
    assert not found["trend_steady"]
    assert found["direction"] == "no_significant_change"
    assert trend([500, 490, 480, 470, 900])["direction"] == "no_significant_change"


def statsmodels_line(counts, population):
    """Quasi-Poisson by statsmodels: slope, error (dispersion not below 1), dispersion."""
    api = pytest.importorskip("statsmodels.api")
    years = len(counts)
    model = api.GLM(
        np.asarray(counts, dtype=float),
        api.add_constant(np.arange(years) - (years - 1) / 2),
        family=api.families.Poisson(),
        offset=np.log(population),
    )
    fit = model.fit(scale="X2", tol=1e-13, maxiter=200)
    wider = np.sqrt(max(fit.scale, 1) / fit.scale)
    return fit.params[1], fit.bse[1] * wider, fit.scale


@pytest.mark.parametrize("points", [3, 5, 9])
def test_the_default_is_quasi_poisson_with_students_t(points):
    """Oracle: statsmodels, GLM Poisson with scale="X2" and t quantiles of scipy."""
    generator = np.random.default_rng(points)
    seen = set()
    for most in (6, 30, 400, 9_000) * 6:
        population = generator.integers(20_000, 90_000, points)
        by_chance = generator.poisson(most * population / population.mean())
        counts = by_chance if generator.random() < 0.5 else generator.integers(0, most, points)
        counts[1] += 1
        slope, error, dispersion = statsmodels_line(counts, population)
        found = trend(counts, population, points=points)
        reach = stats.t.ppf(0.975, points - 2) * error
        p = 2 * stats.t.sf(abs(slope) / error, points - 2)
        assert found["trend_p"] == pytest.approx(p, rel=1e-6)
        assert found["trend_dispersion"] == pytest.approx(dispersion, rel=1e-6)
        rates = counts / population
        called = p < 0.05 and (rates[-1] > rates[0]) == (slope > 0)
        assert found["direction"] == (
            "no_significant_change" if not called else "increasing" if slope > 0 else "decreasing"
        )
        limits = [slope, slope - reach, slope + reach]
        percent = [found[f"trend_percent{name}"] for name in ("", "_lower", "_upper")]
        assert percent == pytest.approx(100 * np.expm1((points - 1) * np.array(limits)), rel=1e-5)
        lines = np.exp(np.outer(limits, np.arange(points)))
        lines *= 10_000 * counts.sum() / (lines * population).sum(axis=1, keepdims=True)
        slopes = [found[name] for name in ("slope", "slope_lower", "slope_upper")]
        a_year = (lines[:, -1] - lines[:, 0]) / (points - 1)
        assert slopes == pytest.approx(a_year, rel=1e-5, abs=1e-7)
        seen.add(dispersion < 1)
    assert seen == {True, False}


def test_years_that_vary_less_than_chance_are_judged_by_chance():
    """Years on a line: the dispersion is zero, and the error that of a Poisson regression."""
    api = pytest.importorskip("statsmodels.api")
    counts = [100, 110, 121, 133, 146]
    model = api.GLM(counts, api.add_constant(np.arange(5.0)), family=api.families.Poisson())
    found = trend(counts)
    assert found["trend_dispersion"] < 0.01
    t = model.fit(tol=1e-13, maxiter=200).tvalues[1]
    assert found["trend_p"] == pytest.approx(2 * stats.t.sf(abs(t), 3), rel=1e-6)
    # With 15 events, five years on a line may be chance; with 1,500 they are not.
    assert trend([1, 2, 3, 4, 5])["direction"] == "no_significant_change"
    assert trend([1, 2, 3, 4, 5], test="regression")["direction"] == "no_significant_change"
    assert trend([100, 200, 300, 400, 500])["direction"] == "increasing"
    assert trend([100, 200, 300, 400, 500], test="regression")["direction"] == "increasing"


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 3_000), min_size=5, max_size=5),
    st.lists(st.integers(5_000, 90_000), min_size=5, max_size=5),
    st.integers(2, 40),
    st.sampled_from(["quasi_poisson", "regression", "ohid", "chi_square"]),
)
def test_years_turned_round_and_people_multiplied(counts, population, times, test):
    """Turned round, a rise is as large a fall; twice the people is half the rate, no other p."""
    found = trend(counts, population, test=test)
    turned = trend(counts[::-1], population[::-1], test=test)
    more = trend(counts, [times * each for each in population], test=test)
    for other in (turned, more):
        for name in ("trend_p", "trend_dispersion"):
            assert other[name] == pytest.approx(found[name], rel=1e-6, abs=1e-9, nan_ok=True)
    opposite = {"increasing": "decreasing", "decreasing": "increasing"}
    assert turned["direction"] == opposite.get(found["direction"], found["direction"])
    assert more["direction"] == found["direction"]
    assert turned["slope"] == pytest.approx(-found["slope"], rel=1e-6, abs=1e-9, nan_ok=True)
    assert more["slope"] * times == pytest.approx(found["slope"], rel=1e-6, abs=1e-9, nan_ok=True)
    assert more["change_p"] == pytest.approx(found["change_p"], rel=1e-9)
    if test == "quasi_poisson" and not np.isnan(found["slope"]):
        outside = found["slope_lower"] > 0 or found["slope_upper"] < 0
        assert outside == (found["trend_p"] < 0.05)
        assert outside >= (found["direction"] != "no_significant_change")


@pytest.mark.parametrize("test", ["quasi_poisson", "regression"])
def test_a_fall_needs_a_last_rate_below_the_first(test):
    """Years between that fall do not make it true that the rate fell from 2017 to 2025."""
    middle = [1_300, 1_200, 1_100, 1_000, 900, 800, 700]
    found = trend([1_000, *middle, 1_000], points=9, test=test)
    assert found["trend_p"] < 0.05
    assert found["direction"] == "no_significant_change"
    assert found["trend_note"] == (
        "the line has a direction, but the rates of 2017 and 2025 do not confirm it: no trend is "
        "reported"
    )
    below = trend([1_000, *middle, 990], points=9, test=test)
    assert (below["direction"], below["trend_note"]) == ("decreasing", "")


@pytest.mark.parametrize(
    ("counts", "note"),
    [
        ([0, 0, 0, 0, 500], "all events are in 2025, the last year: one year shows no trend"),
        ([7, 0, 0, 0, 0], "all events are in 2021, the first year: one year shows no trend"),
        ([0, 0, 0, 0, 0], "no events in any of the years"),
        ([0, 0, 9, 0, 0], ""),
        ([0, 0, 0, 1, 2_000_000], ""),
        ([2_000_000, 1, 0, 0, 0], ""),
    ],
)
def test_years_without_events(counts, note):
    found = trend(counts)
    assert found["trend_note"] == note
    assert (found["trend_status"], found["points_used"]) == ("value", 5)
    if note:
        assert (found["direction"], found["trend_p"]) == ("no_significant_change", 1)
        assert np.isnan(found["slope"])
    else:
        assert found["slope_lower"] <= found["slope"] <= found["slope_upper"]
        assert abs(found["slope"]) <= max(found["rate_first"], found["rate_last"])


def flat(generator, mean, ratio, years, areas):
    """Rows of areas whose rate stands still: negative binomial, variance ``ratio`` times mean."""
    size = mean / (ratio - 1)
    counts = generator.negative_binomial(size, size / (size + mean), (areas, years))
    return pd.DataFrame(
        {
            "area_code": np.repeat([f"a{n}" for n in range(areas)], years),
            "year": np.tile(np.arange(2026 - years, 2026), areas),
            "count": counts.ravel(),
            "population": 50_000,
        }
    )


@pytest.mark.parametrize("ratio", [5, 23])
def test_a_rate_that_stands_still_is_seldom_called(ratio):
    """5 per cent is asked for; the marker of Fingertips calls 15 per cent and more of these."""
    frame = flat(np.random.default_rng(ratio), 300, ratio, 13, 4_000)
    found = recent_trends(frame)
    assert 0.02 < (found["direction"] != "no_significant_change").mean() < 0.08
    assert 0.03 < (found["change_verdict"] != "similar").mean() < 0.08
    marker = recent_trends(frame, test="ohid")
    assert (marker["direction"] != "no_significant_change").mean() > 0.12
    assert found["change_beyond_chance"].mean() > 0.3


def test_published_series_in_random_order_are_seldom_called():
    """The package's own extract: years without order have no trend and no unusual last change."""
    generator = np.random.default_rng(3)
    known = jsna.load_children_in_need(
        indicators=["referrals", "cpp_started", "cpp_at_31_march", "cin_at_31_march"]
    ).dropna(subset=["count", "population"])
    known = known[(known["area_level"] == "authority") & (known["status"] == "value")]
    drawn = pd.concat([known.assign(draw=n) for n in range(20)], ignore_index=True)
    keys = ["draw", "area_code", "indicator"]
    order = drawn.assign(_by=generator.random(len(drawn))).sort_values([*keys, "_by"])
    order["year"] = drawn.sort_values([*keys, "year"])["year"].to_numpy()
    found, marker = (recent_trends(order, by=keys, test=t) for t in ("quasi_poisson", "ohid"))
    judged = found["direction"] != "not_compared"
    assert judged.sum() > 1_200
    assert 0.03 < (found["direction"][judged] != "no_significant_change").mean() < 0.08
    assert 0.03 < (found["change_verdict"][judged] != "similar").mean() < 0.08
    assert (marker["direction"][judged] != "no_significant_change").mean() > 0.2
    assert (marker["trend_note"].str.contains("too often")).mean() > 0.4


def test_the_marker_of_fingertips_is_noted_where_years_vary_more_than_chance():
    counts = [4_000, 4_400, 4_100, 4_700, 4_900]
    for test in ("ohid", "chi_square"):
        found = trend(counts, test=test)
        assert found["direction"] == "increasing"
        times = float(f"{found['trend_dispersion']:.0f}")
        assert times > 10
        assert found["trend_note"] == (
            f"the years vary {times:g} times as much as chance in the counts would make them: "
            "this test reports a trend too often"
        )
        assert trend([400, 410, 396, 405, 421], test=test)["trend_note"] == ""
    assert trend(counts)["trend_note"] == ""


def test_chi_square_is_the_score_test_of_poisson_regression():
    api = pytest.importorskip("statsmodels.api")
    generator = np.random.default_rng(9)
    for _ in range(20):
        counts = generator.integers(5, 400, 5)
        population = generator.integers(20_000, 90_000, 5)
        fit = api.GLM(
            counts, np.ones((5, 1)), family=api.families.Poisson(), offset=np.log(population)
        ).fit()
        score = fit.score_test(exog_extra=np.arange(5.0)[:, None])
        found = trend(counts, population, test="chi_square")
        assert found["trend_p"] == pytest.approx(float(np.squeeze(score[1])), rel=1e-6)


def test_regression_is_weighted_least_squares():
    api = pytest.importorskip("statsmodels.api")
    counts = [300, 340, 290, 390, 400]
    rates = crude_rates(series(counts))
    fit = api.WLS(
        rates["rate"],
        api.add_constant(np.arange(5.0)),
        weights=(rates["upper"] - rates["lower"]) ** -2.0,
    ).fit()
    found = trend(counts, test="regression")
    assert found["slope"] == pytest.approx(fit.params.iloc[1])
    assert found["trend_p"] == pytest.approx(fit.pvalues.iloc[1])
    assert [found["slope_lower"], found["slope_upper"]] == pytest.approx(
        fit.conf_int().iloc[1].tolist()
    )


def test_bolton_plans():
    """DfE 2025: 57.7 per 10,000 at 31 March 2021, 42.2 in 2025, 44.7 the year before."""
    plans = jsna.load_children_in_need("Bolton", indicators="cpp_at_31_march")
    found = jsna.recent_trends(plans, polarity="low").iloc[0]
    assert (round(found["rate_first"], 1), round(found["rate_last"], 1)) == (57.7, 42.2)
    assert (found["direction"], found["marker"]) == ("decreasing", "getting_better")
    assert found["change"] == pytest.approx(42.196 - 44.704, abs=1e-3)
    assert found["change_verdict"] == "similar"


@pytest.mark.parametrize(
    ("polarity", "marker"), [("low", "getting_worse"), ("high", "getting_better"), ("none", None)]
)
def test_better_or_worse(polarity, marker):
    found = trend([100, 200, 300, 400, 500], polarity=polarity)
    assert found["direction"] == "increasing"
    assert (found["marker"] if marker else None) == marker
    assert pd.isna(found["marker"]) == (marker is None)
    flat = trend([100] * 5, polarity=polarity)
    assert (flat["direction"], pd.isna(flat["marker"])) == ("no_significant_change", True)


def plain_change(counts, people, level=0.95):
    """The change on the year in plain words, one pair of years at a time."""
    z = []
    for y1, y2, n1, n2 in zip(counts, counts[1:], people, people[1:], strict=False):
        share = n2 / (n1 + n2)
        spread = (y1 + y2) * share * (1 - share)
        z.append((y2 - (y1 + y2) * share) / spread**0.5 if y1 + y2 else 0)
    *earlier, last = z
    scale = max(1, sum(each**2 for each in earlier) / len(earlier)) ** 0.5
    return 2 * stats.t.sf(abs(last) / scale, len(earlier))


@settings(max_examples=60)
@given(st.lists(st.integers(0, 900), min_size=5, max_size=14), st.integers(0, 9))
def test_the_change_on_the_year_next_to_the_usual_change(counts, seed):
    people = np.random.default_rng(seed).integers(20_000, 90_000, len(counts))
    found = trend(counts, people)
    assert found["change_earlier"] == len(counts) - 2
    assert found["change_p"] == pytest.approx(plain_change(counts, people), rel=1e-9)
    rates = crude_rates(series(counts, people))["rate"]
    assert found["change"] == rates.iloc[-1] - rates.iloc[-2]
    apart = found["change_verdict"] != "similar"
    assert apart == (found["change_p"] < 0.05)
    if counts[-1] + counts[-2]:
        assert apart == (abs(found["change"]) > found["change_usual"])
        assert apart == (found["change_lower"] > 0 or found["change_upper"] < 0)
    if counts[-2]:
        ratio = [found[f"change_ratio{name}"] for name in ("_lower", "", "_upper")]
        assert ratio == sorted(ratio)
        assert apart == (ratio[0] > 1 or ratio[2] < 1)


def test_a_usual_change_is_no_news_though_it_exceeds_chance():
    swings = [4_000, 4_600, 4_100, 4_700, 4_000, 4_500, 4_000]
    found = trend(swings)
    assert (found["change_verdict"], found["change_beyond_chance"]) == ("similar", True)
    steady = trend([4_000, 4_060, 3_990, 4_050, 4_010, 4_020, 3_500])
    assert (steady["change_verdict"], steady["change_beyond_chance"]) == ("lower", True)


def test_all_years_of_the_frame_show_what_is_usual_and_later_ones_do_not():
    counts = [200, 700, 150, 600, 300, 310, 305, 300, 312, 450, 900]
    swings, last5 = trend(counts[:-1]), trend(counts[5:-1])
    assert (swings["change_earlier"], last5["change_earlier"]) == (8, 3)
    assert (swings["change_verdict"], last5["change_verdict"]) == ("similar", "higher")
    pd.testing.assert_series_equal(
        trend(counts, last=2024), recent_trends(series(counts[:-1], last=2024)).iloc[0]
    )
    long = trend([100, 101] * 20 + [150])
    assert long["change_earlier"] == 19


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([300, 400], "0 earlier changes from one year to the next to compare with; "),
        ([300, 310, 400], "1 earlier change from one year to the next to compare with; "),
        ([3, None, 300, None, 300, 310, 400], "1 earlier change from one year to the next to "),
        ([300, 310, 310, 400], "2 earlier changes from one year to the next to compare with; "),
        ([300, 310, 0, 400], "2 earlier changes from one year to the next to compare with; "),
    ],
)
def test_too_few_earlier_changes(counts, reason):
    """The change is there, and nothing is said of it."""
    found = trend(counts)
    assert (found["change_verdict"], found["change_status"]) == ("not_compared", "value")
    assert found["change_reason"].startswith(reason)
    assert "expected 3 or more" in found["change_reason"]
    assert found["change"] == pytest.approx((counts[-1] - counts[-2]) / 5)
    assert np.isnan(found[["change_lower", "change_usual", "change_p"]].astype(float)).all()
    assert found["change_beyond_chance"]
    assert ("there is no ratio" in found["change_reason"]) == (counts[-2] == 0)


def test_recurring_events_widen_slope_and_change():
    """Years that vary by chance only: the variance over the count is the least dispersion."""
    frame = series([300, 310, 318, 331, 352])
    frame["v"] = frame["count"] * 1.44
    for test in ("quasi_poisson", "ohid"):
        plain, wide = (
            recent_trends(frame, test=test, count_variance=v).iloc[0] for v in (None, "v")
        )
        assert wide["slope"] == pytest.approx(plain["slope"])
        for low, high in (("slope_lower", "slope_upper"), ("change_lower", "change_upper")):
            assert wide[high] - wide[low] == pytest.approx(
                1.2 * (plain[high] - plain[low]), rel=0.01
            )
    chi = [
        recent_trends(frame, test="chi_square", count_variance=v).iloc[0]["trend_p"]
        for v in (None, "v")
    ]
    assert chi[0] < chi[1]
    # Years that vary more than that are judged by what they vary.
    wild = series([300, 410, 318, 431, 352])
    wild["v"] = wild["count"] * 1.44
    wild_p = [recent_trends(wild, count_variance=v).iloc[0]["trend_p"] for v in (None, "v")]
    assert wild_p[0] == wild_p[1]


def test_a_variance_that_is_missing_leaves_no_verdict():
    frame = series([300, 310, 318, 331, 352])
    frame["v"] = frame["count"] * 1.44
    for year, change in ((2022, "similar"), (2025, "not_compared")):
        frame_ = frame.assign(v=frame["v"].where(frame["year"] != year))
        found = recent_trends(frame_, count_variance="v").iloc[0]
        assert (found["direction"], found["trend_status"]) == ("not_compared", "not_available")
        assert found["trend_reason"] == f"no variance of the count for {year}"
        assert np.isnan(found["slope"])
        assert found["change_verdict"] == change
    assert found["change_reason"] == "no variance of the count for 2025"


def test_a_year_without_a_rate_is_named_and_no_trend_is_made():
    frame = pd.concat(
        [
            series([1, 2, None, 4, 5], area="hidden"),
            series([1, 2, 3, 4, 5], area="late", last=2024),
            series([1, 2, 3, 4, 5], area="fine"),
        ]
    )
    found = recent_trends(frame).set_index("area_code")
    assert found["trend_status"].tolist() == ["suppressed", "not_available", "value"]
    assert found["trend_reason"].tolist() == [
        "4 of 5 years have a rate; none for 2023",
        "4 of 5 years have a rate; none for 2025",
        "",
    ]
    assert found["direction"].tolist()[:2] == ["not_compared", "not_compared"]
    assert found["slope"].isna().tolist() == [True, True, False]
    assert found["change_status"].tolist() == ["value", "not_available", "value"]
    assert found.loc["late", "change_reason"] == "no rate for 2025"
    assert found.loc["late", "change_verdict"] == "not_compared"
    earlier = recent_trends(frame, last=2024, points=3).set_index("area_code")
    assert earlier["trend_status"].tolist() == ["suppressed", "value", "value"]


def test_no_events_in_the_year_before():
    found = trend([5, 5, 5, 4, 0, 40])
    assert (found["change_verdict"], found["change_status"]) == ("higher", "value")
    assert found["change_reason"] == "no events in 2024: there is no ratio"
    assert np.isnan(found["change_ratio"])
    assert found["change"] == pytest.approx(8)
    both = trend([5, 5, 5, 4, 0, 0])
    assert (both["change_verdict"], both["change"]) == ("similar", 0)
    assert both["change_reason"] == "no events in 2024 and 2025: no ratio and no limits"
    nothing = trend([0] * 5, test="chi_square")
    assert (nothing["direction"], nothing["trend_p"]) == ("no_significant_change", 1)


@settings(max_examples=25)
@given(
    st.lists(st.lists(st.integers(0, 500), min_size=5, max_size=8), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_series_and_order_do_not_touch_one_another(several, random):
    frame = pd.concat(
        [series(counts, area=f"a{n}") for n, counts in enumerate(several)], ignore_index=True
    )
    before = frame.copy(deep=True)
    together = recent_trends(frame).set_index("area_code")
    pd.testing.assert_frame_equal(frame, before)
    order = list(frame.index)
    random.shuffle(order)
    turned = recent_trends(frame.loc[order]).set_index("area_code")
    pd.testing.assert_frame_equal(turned.loc[together.index], together)
    for n, counts in enumerate(several):
        alone = recent_trends(series(counts, area=f"a{n}")).set_index("area_code")
        pd.testing.assert_frame_equal(alone, together.loc[[f"a{n}"]])
    lined = together["slope"].notna()
    assert (together["trend_note"] == "").tolist() == lined.tolist()
    together = together[lined]
    assert (together["slope_lower"] <= together["slope"]).all()
    assert (together["slope"] <= together["slope_upper"]).all()
    wider = recent_trends(frame, confidence=0.998).set_index("area_code")[lined]
    assert (wider["slope_lower"] < together["slope_lower"]).all()


def test_slope_and_verdict_do_not_hang_on_the_level_of_the_limits():
    """Rates are weighed by their 95 per cent limits; exact limits of few events are lopsided."""
    for test in ("ohid", "regression", "quasi_poisson"):
        usual, wider = (
            trend([0, 0, 9, 44, 176], test=test, confidence=level) for level in (0.95, 0.998)
        )
        assert (wider["slope"], wider["trend_p"]) == (usual["slope"], usual["trend_p"])
        assert wider["slope_lower"] < usual["slope_lower"]


def test_rejections():
    twice = pd.concat([series([1, 2, 3]), series([1])])
    with pytest.raises(SchemaError, match=r"series of a has 2 rows for one year; expected one"):
        recent_trends(twice)
    with pytest.raises(UsageError, match=r"points=2 is not valid: a trend needs 3 years"):
        trend([1, 2], points=2)
    with pytest.raises(UsageError, match=r"test='kendall' is not known"):
        trend([1, 2, 3], test="kendall")
    with pytest.raises(UsageError, match=r"confidence=95"):
        trend([1, 2, 3], certainty=95)


def test_a_row_without_a_year_is_not_dropped_in_silence():
    frame = series([1, 2, 3, 4, 5]).astype({"year": float})
    frame.loc[0, "year"] = np.nan
    with pytest.raises(UsageError, match=r"1 rows have no whole number in 'year'"):
        recent_trends(frame)
