"""Smoothing by empirical Bayes and the reliability of rates, against printed figures."""

import itertools
import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError, VintageError
from bolton_jsna.measures._intervals import count_limits
from bolton_jsna.measures.smoothing import HIDDEN, rate_reliability, smooth_rates
from bolton_jsna.measures.weights import weights_from_pairs


def areas(counts, populations, **columns):
    codes = [str(each) for each in range(len(counts))]
    return pd.DataFrame({"area_code": codes, "count": counts, "population": populations, **columns})


def line(n):
    codes = [str(each) for each in range(n)]
    pairs = pd.DataFrame({"area_code": codes[:-1], "neighbour_code": codes[1:]})
    return weights_from_pairs(pairs, codes=codes)


def test_two_areas_worked_by_hand():
    """Marshall 1991: m 0.02, s2 0.0001, A = 0.0001 - 0.02 / 1000 = 0.00008, C = 0.8."""
    found = smooth_rates(areas([10, 30], [1000, 1000]), per=1000)
    assert found["prior_rate"].tolist() == pytest.approx([20, 20])
    assert found["own_weight"].tolist() == pytest.approx([0.8, 0.8])
    assert found["smoothed_rate"].tolist() == pytest.approx([12, 28])
    assert found["smoothed_status"].tolist() == ["modelled", "modelled"]
    assert found["smoothed_reason"].isna().all()


def stl(oracle):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        libpysal = oracle("libpysal")
        path = libpysal.examples.get_path("stl_hom.csv")
        rows = pd.read_csv(path)
        held = libpysal.io.open(libpysal.examples.get_path("stl.gal"))
        weights = held.read()
        held.close()
    frame = areas(rows.iloc[:, 10].to_numpy(), rows.iloc[:, 13].to_numpy())
    pairs = [
        (str(int(a) - 1), str(int(b) - 1)) for a, near in weights.neighbors.items() for b in near
    ]
    table = pd.DataFrame(pairs, columns=["area_code", "neighbour_code"])
    return frame, weights_from_pairs(table, codes=frame["area_code"].tolist())


@pytest.mark.filterwarnings("ignore")
def test_homicide_around_st_louis_as_pysal_prints_it(oracle):
    """PySAL, esda.smoothing: Empirical_Bayes and Spatial_Empirical_Bayes, the first ten of 78."""
    frame, weights = stl(oracle)
    # In hundred-thousandths, as rates of homicides per person.
    whole = [2.36718950, 4.54539167, 4.78114019, 2.76907146, 6.58989323,
             3.66494122, 5.79952721, 2.03064590, 3.31152999, 3.02748380]  # fmt: skip
    near = [4.01485749, 3.62437513, 4.93034844, 5.09387329, 3.72735210,
            3.69333797, 5.40245456, 2.99806055, 3.73034109, 3.47270722]  # fmt: skip
    found = smooth_rates(frame, per=100_000)["smoothed_rate"]
    assert found[:10].to_numpy() == pytest.approx(whole, rel=1e-8)
    found = smooth_rates(frame, weights, per=100_000)["smoothed_rate"]
    assert found[:10].to_numpy() == pytest.approx(near, rel=1e-8)


counts = st.lists(st.integers(0, 300), min_size=3, max_size=30)


@settings(max_examples=30)
@given(counts, st.integers(0, 1_000), st.booleans())
def test_a_smoothed_rate_lies_between_its_own_and_the_prior_and_inside_its_limits(
    events, seed, spatial
):
    people = np.random.default_rng(seed).integers(300, 5_000, len(events))
    frame = areas(events, people)
    weights = line(len(events)) if spatial else None
    found = smooth_rates(frame, weights, per=1)
    own = frame["count"] / frame["population"]
    low, high = np.minimum(own, found["prior_rate"]), np.maximum(own, found["prior_rate"])
    slack = 1e-12
    assert (found["smoothed_rate"] >= low - slack).all()
    assert (found["smoothed_rate"] <= high + slack).all()
    assert found["own_weight"].between(0, 1).all()
    assert (found["smoothed_lower"] <= found["smoothed_rate"] + slack).all()
    assert (found["smoothed_rate"] <= found["smoothed_upper"] + slack).all()
    wide = smooth_rates(frame, weights, per=1, confidence=0.998)
    assert (wide["smoothed_lower"] <= found["smoothed_lower"] + slack).all()
    assert (wide["smoothed_upper"] >= found["smoothed_upper"] - slack).all()


@settings(max_examples=20)
@given(counts.filter(any), st.integers(0, 1_000))
def test_order_changes_nothing_and_smoothing_narrows_the_spread(events, seed):
    rng = np.random.default_rng(seed)
    frame = areas(events, rng.integers(300, 5_000, len(events)))
    weights = line(len(events))
    order = rng.permutation(len(events))
    for around in (None, weights):
        found = smooth_rates(frame, around)
        moved = smooth_rates(frame.iloc[order], around).sort_index()
        assert moved["smoothed_rate"].to_numpy() == pytest.approx(
            found["smoothed_rate"].to_numpy(), rel=1e-6, abs=1e-6
        )
    own = frame["count"] / frame["population"] * 10_000
    assert smooth_rates(frame)["smoothed_rate"].std() <= own.std() + 1e-9


def test_the_smaller_the_area_the_more_it_is_drawn():
    found = smooth_rates(areas([4, 40, 400, 20], [200, 2_000, 20_000, 2_000]))
    assert found["own_weight"].iloc[:3].is_monotonic_increasing
    assert found["smoothed_rate"].iloc[0] < found["smoothed_rate"].iloc[2]


def test_rates_that_vary_as_by_chance_become_the_common_rate():
    found = smooth_rates(areas([10, 10, 10], [1000, 1000, 1000]))
    assert found["smoothed_rate"].tolist() == pytest.approx([100, 100, 100])
    assert found["own_weight"].tolist() == [0, 0, 0]
    assert set(found["smoothed_reason"]) == {"rates vary no more than by chance"}
    # That the estimate of the spread is zero does not make the rates equal: limits are wider than
    # those of the common rate, and narrower than an area's own.
    lower, upper = (limit * 10 for limit in count_limits([30, 10]))
    assert lower[1] < found["smoothed_lower"][0] < lower[0] / 3
    assert upper[0] / 3 < found["smoothed_upper"][0] < upper[1]


def test_no_event_anywhere_around_is_a_rate_of_zero_with_an_upper_limit():
    frame = areas([0, 0, 0, 9, 30], [500, 500, 500, 500, 500])
    found = smooth_rates(frame, line(5))
    assert found.loc[0, "smoothed_rate"] == 0
    assert found.loc[0, "smoothed_upper"] > 0
    assert found.loc[0, "smoothed_reason"] == "no event among the areas it is smoothed with"
    assert found.loc[2, "smoothed_rate"] > 0


def test_without_any_event_nothing_is_given_for_a_common_rate_of_zero():
    areas = pd.DataFrame({"count": [0, 0, 0], "population": [500, 800, 700]})
    found = jsna.smooth_rates(areas)
    assert found[["exceedance_benchmark", "exceedance_probability"]].isna().all(axis=None)
    asked = jsna.smooth_rates(areas, benchmark=200)["exceedance_probability"]
    assert asked.between(0, 0.5).all()


def test_states_keep_their_state_and_take_no_part():
    frame = areas(
        [10, 99, 30, None, 5],
        [1000, 1000, 1000, 1000, 0],
        status=["value", "suppressed", "value", "not_available", "value"],
    )
    found = smooth_rates(frame, per=1000)
    assert found["smoothed_rate"][[0, 2]].tolist() == pytest.approx([12, 28])
    assert found["smoothed_status"].tolist() == [
        "modelled", "suppressed", "modelled", "not_available", "not_applicable",
    ]  # fmt: skip
    assert found["smoothed_reason"].tolist()[1] == "no rate: suppressed"
    hidden = found.loc[[1, 3, 4]]
    figures = ["smoothed_rate", "smoothed_lower", "smoothed_upper", "prior_rate", "own_weight"]
    assert hidden[figures].isna().all(axis=None)
    assert found["status"].tolist() == frame["status"].tolist()


def test_an_area_without_a_neighbour_keeps_its_own_rate_and_limits():
    frame = areas([10, 30, 7], [1000, 1000, 1000])
    weights = weights_from_pairs(
        pd.DataFrame({"area_code": ["0"], "neighbour_code": ["1"]}), codes=["0", "1", "2"]
    )
    found = smooth_rates(frame, weights)
    crude = jsna.crude_rates(frame)
    last = found.loc[2]
    assert last[["smoothed_rate", "smoothed_lower", "smoothed_upper"]].tolist() == pytest.approx(
        crude.loc[2, ["rate", "lower", "upper"]].tolist()
    )
    assert last["smoothed_reason"] == "no neighbour with a rate: its own rate"
    assert math.isnan(last["prior_rate"])


def test_a_missing_neighbour_leaves_the_others():
    """Area 1 of four in a line is hidden: 0 has no neighbour left, 2 and 3 have each other."""
    frame = areas([10, 5, 10, 30], [1000] * 4, status=["value", "suppressed", "value", "value"])
    found = smooth_rates(frame, line(4), per=1000)
    assert found["smoothed_rate"].tolist()[2:] == pytest.approx([12, 28])
    assert found["smoothed_rate"][0] == pytest.approx(10)
    assert found["smoothed_hidden"].tolist() == [1, pd.NA, 1, 0]
    assert found["smoothed_reason"].tolist() == [
        "no neighbour with a rate: its own rate", "no rate: suppressed", HIDDEN, pd.NA,
    ]  # fmt: skip


@settings(max_examples=30)
@given(counts, st.booleans())
def test_where_small_counts_are_hidden_the_prior_is_too_high_and_is_noted(events, spatial):
    """Of areas alike in people, the hidden ones have the lowest rates."""
    whole = areas(events, 1_000, status="value")
    hidden = whole["count"] < 5
    frame = whole.assign(
        count=whole["count"].mask(hidden), status=whole["status"].mask(hidden, "suppressed")
    )
    weights = line(len(events)) if spatial else None
    truth, found = smooth_rates(whole, weights), smooth_rates(frame, weights)
    drawn = found["prior_rate"].notna()
    touched = drawn & (found["smoothed_hidden"] > 0).fillna(False)
    says = found["smoothed_reason"].str.endswith(HIDDEN).fillna(False)
    assert (says == touched).all()
    assert (found["prior_rate"] >= truth["prior_rate"] - 1e-9)[touched].all()
    untouched = drawn & ~touched
    assert found["smoothed_rate"][untouched].to_numpy() == pytest.approx(
        truth["smoothed_rate"][untouched].to_numpy()
    )
    if not spatial:
        assert found["smoothed_hidden"].dropna().eq(hidden.sum()).all()


@pytest.mark.parametrize(
    ("state", "small"),
    [
        ("suppressed", True),
        ("low", True),
        ("rounds_to_zero", True),
        ("not_available", False),
        ("not_applicable", False),
    ],
)
def test_only_counts_that_are_missing_for_their_size_are_hidden(state, small):
    frame = areas([0, 0, None], 1_000, status=["value", "value", state])
    found = smooth_rates(frame)
    assert found["smoothed_hidden"].tolist()[:2] == [int(small)] * 2
    empty = "no event among the areas it is smoothed with"
    assert found["smoothed_reason"][0] == (f"{empty}; {HIDDEN}" if small else empty)


def test_the_frame_is_not_changed_and_an_empty_one_passes():
    frame = areas([10, 30], [1000, 1000])
    before = frame.copy(deep=True)
    smooth_rates(frame, line(2))
    rate_reliability(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert len(smooth_rates(frame.iloc[:0])) == 0


def test_rejections():
    frame = areas([10, 30], [1000, 1000])
    with pytest.raises(SchemaError, match="no column 'events'"):
        smooth_rates(frame, count="events")
    with pytest.raises(UsageError, match="expected zero or more"):
        smooth_rates(areas([-1, 3], [10, 10]))
    with pytest.raises(UsageError, match="per=0"):
        smooth_rates(frame, per=0)
    with pytest.raises(UsageError, match=r"confidence=\[.*expected a number"):
        smooth_rates(frame, confidence=[0.95, 0.998])
    with pytest.raises(VintageError, match="are not in the weights"):
        smooth_rates(frame.assign(area_code=["x", "y"]), line(2))
    with pytest.raises(SchemaError, match="has more than one row"):
        smooth_rates(frame.assign(area_code="0"), line(2))


@pytest.mark.parametrize(
    ("count", "cv", "grade"),
    [
        # 1 / sqrt(O) against the bounds of Statistics Canada, 16.5 and 33.3 per cent.
        (100, 0.1, "reliable"),
        (37, 37**-0.5, "reliable"),
        (36, 1 / 6, "caution"),
        (9, 1 / 3, "caution"),
        (8, 8**-0.5, "unreliable"),
        (1, 1.0, "unreliable"),
    ],
)
def test_coefficient_of_variation_and_its_grade(count, cv, grade):
    found = rate_reliability(pd.DataFrame({"count": [count]}))
    assert found["cv"].tolist() == pytest.approx([cv])
    assert found["reliability"].tolist() == [grade]


def test_zero_is_unreliable_a_state_is_neither_and_recurring_events_are_less_reliable():
    frame = pd.DataFrame({"count": [0, None, 100], "status": ["value", "suppressed", "value"]})
    found = rate_reliability(frame, dispersion=4)
    assert found["cv"].isna().tolist() == [True, True, False]
    assert found["reliability"].isna().tolist() == [False, True, False]
    assert found["reliability"].tolist()[::2] == ["unreliable", "caution"]
    assert found["cv"][2] == pytest.approx(0.2)


def test_rejections_of_reliability():
    frame = pd.DataFrame({"count": [1]})
    for low, high in itertools.product((0, 0.5), (0.4,)):
        with pytest.raises(UsageError, match="must be above 0 and below"):
            rate_reliability(frame, caution=low, unreliable=high)
    with pytest.raises(UsageError, match="dispersion=0"):
        rate_reliability(frame, dispersion=0)


def test_england_is_not_smoothed_with_its_authorities():
    rows = areas([5, 4, 9], [50, 40, 90], area_level=["authority", "authority", "country"])
    with pytest.raises(UsageError, match=r"cannot be used together to smooth rates"):
        smooth_rates(rows)


def drawn(people, rate, cv, rng):
    """Counts of areas whose rates vary as a gamma distribution, and the rates."""
    truth = rate * (rng.gamma(1 / cv**2, cv**2, len(people)) if cv else np.ones(len(people)))
    return areas(rng.poisson(people * truth), people), truth


@pytest.mark.parametrize(("people", "cv"), [(3_800, 0.1), (3_800, 0.3), (400, 0.3)])
def test_limits_hold_the_true_rates_of_few_wards_and_the_probability_means_what_it_says(people, cv):
    """Limits that take the spread as known hold .78 to .91 of true rates here."""
    rng = np.random.default_rng(8)
    held, probability, above = [], [], []
    for _ in range(60):
        frame, truth = drawn(np.linspace(0.7, 1.3, 20) * people, 0.05, cv, rng)
        found = smooth_rates(frame, per=1, benchmark=0.05)
        held.append((found["smoothed_lower"] <= truth) & (truth <= found["smoothed_upper"]))
        probability.append(found["exceedance_probability"])
        above.append(truth > 0.05)
    assert np.mean(held) >= 0.92
    probability, above = np.concatenate(probability), np.concatenate(above)
    for low, high in ((0.6, 0.8), (0.8, 0.9), (0.9, 1.0)):
        some = (probability >= low) & (probability < high)
        assert low - 0.08 <= above[some].mean() <= high + 0.08
    some = probability < 0.2
    assert above[some].mean() <= 0.2


def test_wide_limits_are_marked():
    rng = np.random.default_rng(4)
    people = np.full(40, 400.0)
    few = smooth_rates(drawn(people, 0.005, 0.3, rng)[0])
    assert set(few["smoothed_note"]) == {
        "limits are wide: fewer than 5 events in an area of median size"
    }
    alike = smooth_rates(drawn(people * 10, 0.01, 0, rng)[0])
    assert set(alike["smoothed_note"]) == {
        "limits are wide: areas differ little more than by chance"
    }
    apart = smooth_rates(drawn(people * 10, 0.05, 0.4, rng)[0])
    assert apart["smoothed_note"].isna().all()


def test_neighbours_that_are_no_more_alike_than_others_are_warned_of(caplog):
    rng = np.random.default_rng(4)
    mixed = areas(rng.permutation(np.repeat([20, 80], 10)), 1_000)
    found = smooth_rates(mixed, line(20))
    assert (
        found["smoothed_note"]
        .str.contains("there is no evidence that neighbours have similar")
        .all()
    )
    assert "there is no evidence that neighbours" in caplog.text
    caplog.clear()
    smooth = areas(np.repeat([20, 80], 10), 1_000)
    found = smooth_rates(smooth, line(20))
    assert not found["smoothed_note"].str.contains("neighbours").fillna(False).any()
    assert smooth_rates(mixed)["smoothed_note"].isna().all()
    assert caplog.text == ""


def test_the_benchmark_is_the_common_rate_or_the_one_asked_for():
    frame = areas([10, 30, 20, 0], [1_000, 1_000, 1_000, 0])
    found = smooth_rates(frame)
    assert found["exceedance_benchmark"].tolist()[:3] == pytest.approx([200] * 3)
    assert found.loc[3, ["exceedance_benchmark", "exceedance_probability"]].isna().all()
    low, high = (smooth_rates(frame, benchmark=each) for each in (50, 900))
    assert low["exceedance_probability"].iloc[:3].min() > 0.95
    assert high["exceedance_probability"].iloc[:3].max() < 0.05
    assert found["exceedance_probability"].iloc[:3].rank().tolist() == [1, 3, 2]
    with pytest.raises(UsageError, match="benchmark=-5 is not a rate above zero per 10000 people"):
        smooth_rates(frame, benchmark=-5)


@pytest.mark.parametrize(
    "counts",
    [
        [0, 0, 0],
        [1, 0, 0],
        [0] * 19 + [1],
        [5, 5, 5],
        [7],
        [3, 40],
        [50, 50, 50, 2_000],
        [10**6] * 3,
    ],
)
@pytest.mark.parametrize("spatial", [False, True])
def test_odd_sets_of_areas_have_finite_limits(counts, spatial):
    """No event, one event, one area, all alike, one huge: always limits around the rate."""
    people = np.full(len(counts), 500.0)
    people[-1] *= 200
    frame = areas(np.array(counts, dtype=float), people)
    found = smooth_rates(frame, line(len(counts)) if spatial else None, per=1)
    assert np.isfinite(found[["smoothed_lower", "smoothed_upper"]]).all(axis=None)
    assert (found["smoothed_lower"] <= found["smoothed_rate"] + 1e-12).all()
    assert (found["smoothed_rate"] <= found["smoothed_upper"] + 1e-12).all()
    assert (found["smoothed_lower"] < found["smoothed_upper"]).all()
    if sum(counts):
        assert found["exceedance_probability"].between(0, 1).all()


def test_limits_of_a_mixture_are_its_quantiles():
    """Against draws from the posterior: mean and shape by weight, then the rate."""
    from bolton_jsna.measures import _gamma_poisson

    events, people = np.array([0.0, 4, 9, 30]), np.array([300.0, 500, 400, 900])
    circles = _gamma_poisson._Circles(events, people, np.zeros(1, int), np.zeros(4, int))
    grid = _gamma_poisson._grid(circles, 41, 21)
    rng = np.random.default_rng(3)
    point = rng.choice(grid.weight.shape[1], 200_000, p=grid.weight[0])
    shape, mean = grid.shape[0, point, None], grid.mean[0, point, None]
    drawn_rates = rng.gamma(shape + events) / (shape / mean + people)
    found = _gamma_poisson.rate_posterior(events, people, None, level=0.9, benchmark=0.02)
    expected = np.quantile(drawn_rates, [0.05, 0.95], axis=0)
    assert found.lower[1:] == pytest.approx(expected[0, 1:], rel=0.03)
    assert found.upper == pytest.approx(expected[1], rel=0.03)
    assert found.exceeds == pytest.approx((drawn_rates > 0.02).mean(axis=0), abs=0.01)
