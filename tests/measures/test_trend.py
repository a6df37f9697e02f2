"""Recent trends: the rule of Fingertips, tests of other libraries, gaps that are said."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.errors import SchemaError, UsageError
from bolton_jsna.measures.rates import crude_rates
from bolton_jsna.measures.ratios import rate_ratios
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
    found = trend(counts)
    # Fingertips takes 1.96 for the 95 per cent; here it is 1.95996.
    assert found["slope"] == pytest.approx(slope, rel=1e-9, abs=1e-9)
    if abs(found["trend_p"] - 0.002) > 1e-5:
        assert found["direction"] == (direction or "no_significant_change")


def test_one_odd_year_makes_no_trend():
    """The last year alone lifts the line; without it the slope turns, so nothing is called."""
    found = trend([500, 490, 480, 470, 900])
    assert found["trend_p"] < 0.002
    assert not found["trend_steady"]
    assert found["direction"] == "no_significant_change"


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
    counts = [300, 320, 310, 390, 400]
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


def test_the_change_on_the_year_is_that_of_rate_ratios():
    frame = series([300, 320, 310, 40, 60])
    found = recent_trends(frame).iloc[0]
    now, before = frame[frame["year"] == 2025], frame[frame["year"] == 2024]
    ratio = rate_ratios(now, before, on=[]).iloc[0]
    for name in ("ratio", "ratio_lower", "ratio_upper", "p"):
        assert found[f"change_{name}"] == ratio[name]
    for name, theirs in (("change", "difference"), ("change_lower", "difference_lower")):
        assert found[name] == ratio[theirs]


def test_recurring_events_widen_slope_and_change():
    frame = series([300, 320, 310, 400, 600])
    frame["v"] = frame["count"] * 1.44
    plain, wide = recent_trends(frame).iloc[0], recent_trends(frame, count_variance="v").iloc[0]
    assert wide["slope"] == pytest.approx(plain["slope"])
    for low, high in (("slope_lower", "slope_upper"), ("change_lower", "change_upper")):
        assert wide[high] - wide[low] == pytest.approx(1.2 * (plain[high] - plain[low]))
    spread = [np.log(f["change_ratio_upper"] / f["change_ratio_lower"]) for f in (wide, plain)]
    assert spread[0] == pytest.approx(1.2 * spread[1])
    chi = [
        recent_trends(frame, test="chi_square", count_variance=v).iloc[0]["trend_p"]
        for v in (None, "v")
    ]
    assert chi[0] < chi[1]


def test_a_year_without_a_rate_is_said_and_no_trend_is_made():
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
    found = trend([5, 5, 5, 0, 40])
    assert (found["change_verdict"], found["change_status"]) == ("higher", "value")
    assert found["change_reason"] == "no events in 2024: there is no ratio"
    assert np.isnan(found["change_ratio"])
    assert found["change"] == pytest.approx(8)
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
    assert (together["slope_lower"] <= together["slope"]).all()
    assert (together["slope"] <= together["slope_upper"]).all()
    wider = recent_trends(frame, confidence=0.998).set_index("area_code")
    assert (wider["slope_lower"] < together["slope_lower"]).all()


def test_slope_and_verdict_do_not_hang_on_the_level_of_the_limits():
    """Rates are weighed by their 95 per cent limits; exact limits of few events are lopsided."""
    usual, wider = trend([0, 0, 9, 44, 176]), trend([0, 0, 9, 44, 176], confidence=0.998)
    assert (wider["slope"], wider["trend_p"]) == (usual["slope"], usual["trend_p"])
    assert wider["slope_lower"] < usual["slope_lower"]


def test_refusals():
    twice = pd.concat([series([1, 2, 3]), series([1])])
    with pytest.raises(SchemaError, match=r"series of a has 2 rows for one year; expected one"):
        recent_trends(twice)
    with pytest.raises(UsageError, match=r"points=2 cannot be meant: a trend needs 3 years"):
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
