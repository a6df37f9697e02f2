"""Standardised rates: published figures, an independent sum, properties, and another library."""

import contextlib
import io
import re
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.measures._intervals import count_limits
from bolton_jsna.measures.indirect import (
    indirectly_standardised_rates,
    indirectly_standardised_ratios,
)
from bolton_jsna.measures.rates import crude_rates
from bolton_jsna.measures.standardised import directly_standardised_rates

ESP_BANDS = [f"{low}-{low + 4}" for low in range(0, 90, 5)] + ["90+"]
# Fleiss 1981, table 14.4; Fay and Feuer 1997, table II: Down syndrome among births of order five
# and over, Michigan 1950-1964, by mother's age, standardised to all births.
DOWN = pd.DataFrame(
    {
        "area": "Michigan",
        "age_band": ["under 20", "20-24", "25-29", "30-34", "35-39", "40 and over"],
        "count": [0, 8, 63, 112, 262, 295],
        "population": [327, 30_666, 123_419, 149_919, 104_088, 34_392],
        "standard": [319_933, 931_318, 786_511, 488_235, 237_863, 61_313],
    }
)


@st.composite
def areas(draw):
    """Areas by age band, with the states and gaps that published tables have."""
    bands = draw(st.integers(1, 6))
    rows = []
    for area in range(draw(st.integers(1, 4))):
        for band in range(bands):
            state = draw(st.sampled_from(["value"] * 12 + ["suppressed", "modelled"]))
            count = None if state == "suppressed" else draw(st.integers(0, 60))
            rows.append((area, str(band), count, draw(st.integers(1, 900)), state))
    names = ["area", "age_band", "count", "population", "status"]
    weights = draw(st.lists(st.integers(1, 500), min_size=bands, max_size=bands))
    return pd.DataFrame(rows, columns=names), {str(b): w for b, w in enumerate(weights)}


def by_hand(rows, weights, per, level=0.95):
    """The rate and its limits written out, without arrays."""
    whole = sum(weights.values())
    rate = variance = events = 0.0
    for row in rows.itertuples():
        share = weights[row.age_band] / whole
        rate += share * row.count / row.population
        variance += share**2 * row.count / row.population**2
        events += row.count
    lower, upper = (float(limit[0]) for limit in count_limits([events], level))
    apart = sqrt(variance / events)
    low, high = rate + apart * (lower - events), rate + apart * (upper - events)
    return [rate * per, max(low, 0) * per, high * per]


def test_down_syndrome_of_fay_and_feuer_1997():
    """75.53 per 100,000; their gamma interval begins at 67.70 with the same variance."""
    from scipy.special import gammaincinv

    standard = DOWN[["age_band", "standard"]]
    (row,) = directly_standardised_rates(
        DOWN, by="area", standard=standard, per=100_000, method="dobson"
    ).itertuples()
    assert row.rate == pytest.approx(75.52901, abs=5e-6)
    assert (row.count, row.method, row.status) == (740, "Dobson, Byar", "value")
    lower, upper = (float(limit[0]) for limit in count_limits([740]))
    variance = 740 * ((row.upper - row.lower) / (upper - lower)) ** 2
    gamma = gammaincinv(row.rate**2 / variance, 0.025) * variance / row.rate
    assert gamma == pytest.approx(67.70212, abs=5e-5)
    # R, package dsrTest, method "gamma" of the same table: 67.70212 to 188.30017. A band of 327
    # births without an event, and much weight, decides on the upper limit.
    for method in ("fay_feuer", "auto"):
        (theirs,) = directly_standardised_rates(
            DOWN, by="area", standard=standard, per=100_000, method=method
        ).itertuples()
        assert (theirs.lower, theirs.upper) == pytest.approx((67.70212, 188.30017), abs=5e-5)
        assert theirs.method == "Fay and Feuer, gamma"


@given(areas())
def test_rates_are_the_sums_written_out(given_areas):
    frame, weights = given_areas
    found = directly_standardised_rates(
        frame, by="area", standard=weights, per=1_000, method="dobson"
    )
    assert found["area"].tolist() == frame["area"].unique().tolist()
    for row in found.itertuples():
        rows = frame[frame["area"] == row.area]
        hidden = int((rows["status"] == "suppressed").sum())
        if hidden:
            assert row.status == "suppressed"
            assert row.reason == f"{hidden} of {len(weights)} age bands suppressed"
            assert pd.isna(row.count)
            assert row.parts_used == row.parts - hidden
        elif rows["count"].sum() < 10:
            assert row.status == "low"
            assert row.reason.endswith("fewer than 10")
        else:
            assert row.status == ("modelled" if "modelled" in set(rows["status"]) else "value")
            assert pd.isna(row.reason)
            assert [row.rate, row.lower, row.upper] == pytest.approx(
                by_hand(rows, weights, 1_000), rel=1e-9, abs=1e-9
            )
            assert row.lower <= row.rate < row.upper
        if row.status not in NUMERIC:
            assert np.isnan([row.rate, row.lower, row.upper]).all()
            assert pd.isna(row.method)


@given(areas(), st.randoms(use_true_random=False))
def test_order_of_rows_and_size_of_the_standard_make_no_difference(given_areas, random):
    frame, weights = given_areas
    order = list(frame.index)
    random.shuffle(order)
    there = directly_standardised_rates(frame, by="area", standard=weights)
    larger = {band: weight * 7 for band, weight in reversed(weights.items())}
    back = directly_standardised_rates(frame.loc[order], by="area", standard=larger)
    back = back.set_index("area").loc[there["area"]].reset_index()
    pd.testing.assert_frame_equal(there, back, rtol=1e-12)


@given(st.lists(st.integers(0, 300), min_size=2, max_size=5), st.integers(50, 5_000))
def test_an_areas_own_people_as_standard_give_its_crude_rate(counts, people):
    frame = pd.DataFrame(
        {"area": "a", "age_band": range(len(counts)), "count": counts, "population": people}
    )
    standard = dict.fromkeys(range(len(counts)), people)
    (row,) = directly_standardised_rates(frame, by="area", standard=standard).itertuples()
    (crude,) = crude_rates(frame, by="area").itertuples()
    if row.status == "value":
        assert [row.rate, row.lower, row.upper] == pytest.approx(
            [crude.rate, crude.lower, crude.upper]
        )
    # Beside its own rates an area has as many events as expected.
    if sum(counts):
        (ratio,) = indirectly_standardised_ratios(frame, frame, by="area").itertuples()
        assert ratio.ratio == pytest.approx(1)


def test_limits_widen_with_confidence_and_with_recurring_events():
    standard = DOWN[["age_band", "standard"]]
    options = {"by": "area", "standard": standard, "method": "dobson"}
    found = directly_standardised_rates(DOWN, confidence=[0.95, 0.998], **options).iloc[0]
    assert found["lower_99_8"] < found["lower_95"] < found["rate"]
    assert found["rate"] < found["upper_95"] < found["upper_99_8"]
    often = DOWN.assign(variance=DOWN["count"] * 4)
    wide = directly_standardised_rates(often, count_variance="variance", **options).iloc[0]
    assert wide["rate"] - wide["lower"] == pytest.approx(2 * (found["rate"] - found["lower_95"]))
    assert wide["upper"] - wide["rate"] == pytest.approx(2 * (found["upper_95"] - found["rate"]))
    assert wide["method"] == "Dobson, Byar, repeated events"


def test_why_there_is_no_rate():
    frame = pd.DataFrame(
        [
            ("few", "0-4", 3, 100, "value"),
            ("few", "5-9", 6, 100, "value"),
            ("hidden", "0-4", None, 100, "suppressed"),
            ("hidden", "5-9", None, 100, "not_available"),
            ("short", "5-9", 90, 100, "value"),
            ("empty", "0-4", 0, 0, "value"),
            ("empty", "5-9", 90, 100, "value"),
            ("gone", "0-4", None, None, "not_applicable"),
            ("gone", "5-9", None, None, "not_applicable"),
            ("unknown", "0-4", 40, None, "value"),
            ("unknown", "5-9", 40, 100, "value"),
        ],
        columns=["area", "age_band", "count", "population", "status"],
    )
    found = directly_standardised_rates(
        frame, by="area", standard={"0-4": 50, "5-9": 55}
    ).set_index("area")
    assert found[["status", "reason"]].to_dict("index") == {
        "few": {"status": "low", "reason": "9 events, fewer than 10"},
        "hidden": {
            "status": "suppressed",
            "reason": "1 of 2 age bands suppressed, 1 of 2 age bands not available",
        },
        "short": {"status": "not_available", "reason": "1 of 2 age bands not given"},
        "empty": {"status": "not_available", "reason": "1 of 2 age bands without people"},
        "gone": {"status": "not_applicable", "reason": "2 of 2 age bands not applicable"},
        "unknown": {"status": "not_available", "reason": "1 of 2 age bands not available"},
    }
    assert found["rate"].isna().all()


def random_areas(size, generator):
    """Areas by the 19 bands of the ESP, ten events or more each."""
    frame = pd.DataFrame(
        {
            "area": np.repeat([f"E{number:08}" for number in range(size)], 19),
            "age_band": ESP_BANDS * size,
            "population": generator.integers(200, 9_000, 19 * size),
        }
    )
    frame["count"] = generator.poisson(frame["population"] * 0.01)
    return frame


@pytest.mark.parametrize("level", [0.95, 0.998])
def test_direct_rates_are_those_of_phstatsmethods(oracle, level):
    """A development comparison at 1e-9. By design ours reject a band without people by its row."""
    methods = oracle("PHStatsMethods")
    frame = random_areas(30, np.random.default_rng(6))
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = methods.ph_dsr(
            frame.copy(),
            "count",
            "population",
            "age_band",
            group_cols="area",
            confidence=level,
            multiplier=10_000,
        ).sort_values("area", ignore_index=True)
    ours = directly_standardised_rates(frame, by="area", confidence=level, method="dobson")
    (lower,) = [name for name in theirs.columns if name.startswith("lower")]
    (upper,) = [name for name in theirs.columns if name.startswith("upper")]
    np.testing.assert_allclose(ours["rate"], theirs["Value"], rtol=1e-9)
    np.testing.assert_allclose(ours["lower"], theirs[lower], rtol=1e-9)
    np.testing.assert_allclose(ours["upper"], theirs[upper], rtol=1e-9)
    assert ours["count"].tolist() == theirs["Total Count"].tolist()


def test_smr_of_doctors_of_bland():
    """Bland, An Introduction to Medical Statistics, 16.4: expected 4.4965, SMR 311."""
    ages = ["15-24", "25-34", "35-44", "45-54", "55-64"]
    per_thousand_million = [5_859, 13_050, 46_937, 161_503, 271_358]
    men = pd.DataFrame({"age_band": ages, "count": per_thousand_million, "population": 1e9})
    doctors = pd.DataFrame(
        {"group": "d", "age_band": ages, "population": [1_080, 12_860, 11_510, 10_330, 7_790]}
    )
    deaths = pd.DataFrame({"group": ["d"], "count": [14]})
    (row,) = indirectly_standardised_ratios(
        doctors, men, by="group", observed=deaths, base=100
    ).itertuples()
    assert row.expected == pytest.approx(4.4965, abs=2e-4)
    assert round(row.ratio) == 311
    # Exact limits of 14 are 7.65 and 23.49 (Pearson and Hartley, table 40).
    assert row.lower == pytest.approx(7.65 / 4.4966 * 100, rel=1e-3)
    assert row.upper == pytest.approx(23.49 / 4.4966 * 100, rel=1e-3)


@pytest.mark.parametrize("level", [0.95, 0.998])
def test_indirect_ratios_and_rates_are_those_of_phstatsmethods(oracle, level):
    methods = oracle("PHStatsMethods")
    generator = np.random.default_rng(7)
    frame = random_areas(30, generator)
    frame.loc[frame["area"] < "E00000004", "count"] = 0
    frame.loc[
        frame["area"].isin(["E00000001", "E00000002"]) & (frame["age_band"] < "15"), "count"
    ] = 1
    whole = frame.groupby("age_band", sort=False)[["count", "population"]].sum().reset_index()
    reference = whole.rename(columns={"count": "ref_count", "population": "ref_population"})
    options = {
        "group_cols": "area",
        "confidence": level,
        "ref_df": reference,
        "ref_join_left": "age_band",
        "ref_join_right": "age_band",
    }
    with_events = frame.groupby("area")["count"].transform("sum") > 0
    frame = frame[with_events].reset_index(drop=True)
    arguments = (frame.copy(), "count", "population", "ref_count", "ref_population")
    ratios = methods.ph_ISRatio(*arguments, **options).sort_values("area", ignore_index=True)
    rates = methods.ph_ISRate(*arguments, multiplier=10_000, **options)
    rates = rates.sort_values("area", ignore_index=True)
    ours = indirectly_standardised_ratios(frame, whole, by="area", confidence=level)
    per_head = indirectly_standardised_rates(frame, whole, by="area", confidence=level)
    for found, theirs, value in ((ours, ratios, "ratio"), (per_head, rates, "rate")):
        (lower,) = [name for name in theirs.columns if name.startswith("lower")]
        (upper,) = [name for name in theirs.columns if name.startswith("upper")]
        np.testing.assert_allclose(found["expected"], theirs["Expected"], rtol=1e-9)
        np.testing.assert_allclose(found[value], theirs["Value"], rtol=1e-9)
        np.testing.assert_allclose(found["lower"], theirs[lower], rtol=1e-9)
        np.testing.assert_allclose(found["upper"], theirs[upper], rtol=1e-9)
    assert {"Byar", "Exact Poisson"} == set(ours["method"])
    np.testing.assert_allclose(per_head["reference_rate"], rates["ref_rate"], rtol=1e-9)


def test_indirect_states_and_reasons():
    reference = pd.DataFrame({"age_band": ["0", "1"], "count": [10, 20], "population": 1_000})
    frame = pd.DataFrame(
        [
            ("zero", "0", 0, 100, "value"),
            ("zero", "1", 0, 100, "value"),
            ("hidden", "0", None, 100, "suppressed"),
            ("hidden", "1", 9, 100, "value"),
            ("empty", "0", 0, 0, "value"),
            ("empty", "1", 0, 0, "value"),
            ("short", "1", 3, 100, "value"),
        ],
        columns=["area", "age_band", "count", "population", "status"],
    )
    found = indirectly_standardised_ratios(frame, reference, by="area").set_index("area")
    assert found["status"].tolist() == ["value", "suppressed", "not_applicable", "not_available"]
    assert found["reason"].tolist()[1:] == [
        "1 of 2 age bands suppressed",
        "no events expected",
        "1 of 2 age bands not given",
    ]
    zero = found.loc["zero"]
    assert (zero["observed"], zero["ratio"], zero["lower"]) == (0, 0, 0)
    assert zero["expected"] == pytest.approx(3)
    assert zero["upper"] == pytest.approx(3.6889 / 3, rel=1e-4)
    # The total may be published where its parts are hidden.
    totals = pd.DataFrame(
        {"area": ["zero", "hidden"], "count": [None, 12], "status": ["suppressed", "value"]}
    )
    known = indirectly_standardised_ratios(frame, reference, by="area", observed=totals)
    assert known["status"].tolist() == [
        "suppressed",
        "value",
        "not_available",
        "not_available",
    ]
    assert known["ratio"][1] == pytest.approx(4)
    assert known["reason"][0] == "events of the group not known"


def test_recurring_events_widen_ratios_and_modelled_people_make_modelled_figures():
    rows = DOWN.assign(variance=DOWN["count"] * 2.25, known="modelled")
    options = {"by": "area", "population_status": "known"}
    plain = indirectly_standardised_ratios(rows, DOWN, **options).iloc[0]
    wide = indirectly_standardised_ratios(rows, DOWN, count_variance="variance", **options).iloc[0]
    assert wide["ratio"] - wide["lower"] == pytest.approx(1.5 * (1 - plain["lower"]))
    assert wide["upper"] - wide["ratio"] == pytest.approx(1.5 * (plain["upper"] - 1))
    assert (plain["method"], wide["method"]) == ("Byar", "Byar, repeated events")
    assert plain["status"] == wide["status"] == "modelled"
    totals = DOWN.groupby("area")[["count"]].sum().reset_index().assign(variance=740 * 2.25)
    again = indirectly_standardised_ratios(
        rows.drop(columns="count"), DOWN, observed=totals, count_variance="variance", **options
    ).iloc[0]
    assert again["lower"] == pytest.approx(wide["lower"])
    standard = DOWN[["age_band", "standard"]]
    direct = directly_standardised_rates(rows, standard=standard, **options).iloc[0]
    assert direct["status"] == "modelled"
    hidden = rows.assign(known=["suppressed"] + ["value"] * 5)
    direct = directly_standardised_rates(hidden, standard=standard, **options).iloc[0]
    assert direct["status"] == "not_available"
    assert direct["reason"] == "1 of 6 age bands not available"
    assert pd.isna(direct["population"])


def test_inputs_are_not_changed():
    before = DOWN.copy(deep=True)
    directly_standardised_rates(DOWN, by="area", standard=DOWN)
    indirectly_standardised_ratios(DOWN, DOWN, by="area")
    pd.testing.assert_frame_equal(DOWN, before)


ESP_ROWS = pd.DataFrame({"area": "a", "age_band": ESP_BANDS, "count": 5, "population": 9})


@pytest.mark.parametrize(
    ("frame", "options", "error", "message"),
    [
        (ESP_ROWS[1:], {}, UsageError, r"leave out ages of 'esp2013'"),
        (ESP_ROWS, {"standard": "esp2013_0_19"}, UsageError, "'20-24' goes beyond"),
        (ESP_ROWS, {"standard": "who"}, UsageError, "standard='who' is not known"),
        (ESP_ROWS, {"standard": {"0-4": 1}}, UsageError, "standard has no age band '5-9'"),
        (ESP_ROWS, {"standard": dict.fromkeys(ESP_BANDS, 0)}, UsageError, "needs people; found 0"),
        (pd.concat([ESP_ROWS, ESP_ROWS[:1]]), {}, SchemaError, "a has 2 rows of .* '0-4'"),
        (ESP_ROWS.assign(age_band=None), {}, SchemaError, "19 rows have no 'age_band'"),
        (ESP_ROWS.drop(columns="count"), {}, SchemaError, "no column 'count'"),
        (ESP_ROWS, {"by": "ward"}, SchemaError, "no column 'ward'"),
        (ESP_ROWS, {"per": -1}, UsageError, "per=-1"),
    ],
)
def test_rejections(frame, options, error, message):
    with pytest.raises(error, match=message):
        directly_standardised_rates(frame, **{"by": "area", **options})


@pytest.mark.parametrize(
    ("reference", "options", "error", "message"),
    [
        (ESP_ROWS[:3], {}, UsageError, "reference has no age band '15-19'"),
        (ESP_ROWS.assign(population=0), {}, UsageError, "no events or no people .* '0-4'"),
        (pd.concat([ESP_ROWS, ESP_ROWS]), {}, UsageError, "reference has the age band '0-4' twice"),
        (ESP_ROWS.drop(columns="count"), {}, SchemaError, "no column 'count'"),
        (
            ESP_ROWS,
            {"observed": pd.DataFrame({"area": ["a", "a"], "count": [1, 2]})},
            SchemaError,
            "observed= has more than one row of a",
        ),
        (ESP_ROWS, {"observed": ESP_ROWS[:1].assign(area="b")}, SchemaError, "groups .* as b"),
    ],
)
def test_rejections_of_a_reference(reference, options, error, message):
    with pytest.raises(error, match=message):
        indirectly_standardised_ratios(ESP_ROWS, reference, by="area", **options)


CHILDREN = {"0": 1_000, "1-4": 4_000, "5-9": 5_500, "10-15": 6_600, "16-17": 2_200}


def drawn_areas(people, events, size, seed):
    """Areas with one true rate and the same people, and that rate per person."""
    generator = np.random.default_rng(seed)
    rate = events / sum(people)
    frame = pd.DataFrame(
        {
            "area": np.repeat(np.arange(size), len(CHILDREN)),
            "age_band": [*CHILDREN] * size,
            "population": [*people] * size,
            "count": generator.poisson(np.tile(people, size) * rate),
        }
    )
    return frame, rate


@pytest.mark.parametrize("events", [20, 50, 100])
def test_limits_hold_the_true_rate_where_a_band_has_sixty_people(events):
    """Dobson's hold it in .62 to .85: most areas have no event where each weighs the most."""
    frame, rate = drawn_areas([2_000, 2_000, 2_000, 60, 2_000], events, 1_500, seed=events)
    options = {"by": "area", "standard": CHILDREN, "per": 1}
    found = directly_standardised_rates(frame, **options)
    found = found[found["status"] == "value"]
    assert set(found["method"]) == {"Fay and Feuer, gamma"}
    assert ((found["lower"] <= rate) & (rate <= found["upper"])).mean() >= 0.94
    dobson = directly_standardised_rates(frame, **options, method="dobson").dropna(subset="rate")
    assert set(dobson["method"]) == {"Dobson, Byar"}
    assert ((dobson["lower"] <= rate) & (rate <= dobson["upper"])).mean() < 0.9
    # It never gives less room above.
    assert (found["upper"] >= dobson["upper"]).all()


def test_dobsons_limits_stay_where_no_event_decides():
    frame, rate = drawn_areas([1_000, 2_500, 2_800, 3_100, 1_000], 100, 800, seed=1)
    found = directly_standardised_rates(frame, by="area", standard=CHILDREN, per=1)
    assert set(found["method"]) == {"Dobson, Byar"}
    assert ((found["lower"] <= rate) & (rate <= found["upper"])).mean() >= 0.935


def test_the_limits_are_chosen_by_what_one_event_moves():
    """Gamma where the largest weight over people is above a third of the standard error."""
    frame = pd.DataFrame(
        {"area": "a", "age_band": ["x", "y"], "count": [40, 0], "population": [1_000, 100]}
    )
    # The standard error is sqrt(40) (1 - w) / 1000, one event in y moves the rate by w / 100.
    share = 1 / (1 + 10 * 3 / sqrt(40))
    for weight, method in ((share * 0.99, "Dobson, Byar"), (share * 1.01, "Fay and Feuer, gamma")):
        (row,) = directly_standardised_rates(
            frame, by="area", standard={"x": 1 - weight, "y": weight}
        ).itertuples()
        assert row.method == method


def test_one_band_has_exact_poisson_limits_by_fay_and_feuer():
    frame = pd.DataFrame({"area": "a", "age_band": ["x"], "count": [12], "population": [1_000]})
    (row,) = directly_standardised_rates(
        frame, by="area", standard={"x": 1}, per=1_000, method="fay_feuer"
    ).itertuples()
    # Pearson and Hartley, table 40.
    assert (row.lower, row.upper) == pytest.approx((6.201, 20.96), abs=5e-3)
    wide = directly_standardised_rates(
        frame.assign(variance=24), by="area", standard={"x": 1}, method="fay_feuer",
        count_variance="variance", per=1_000,
    ).iloc[0]  # fmt: skip
    # Six children with two events each: limits of 6, twice.
    assert (wide["lower"], wide["upper"]) == pytest.approx((2 * 2.202, 2 * 13.06), abs=1e-2)
    assert wide["method"] == "Fay and Feuer, gamma, repeated events"
    with pytest.raises(UsageError, match="method='gamma' is not known"):
        directly_standardised_rates(frame, by="area", standard={"x": 1}, method="gamma")


def test_rates_shown_from_ten_events_on_are_too_high_on_average():
    """As the docs say: with ten events expected, what is not withheld averages .23 too high."""
    frame, rate = drawn_areas([1_000, 2_500, 2_800, 3_100, 1_000], 10, 2_000, seed=2)
    found = directly_standardised_rates(frame, by="area", standard=CHILDREN, per=1)
    assert found["rate"].mean() / rate == pytest.approx(1.23, abs=0.04)


OF_CHILDREN = jsna.standard_population(bands="dfe", split=True)


def of_children(*bands, **more):
    rows = {"area_code": "E08000001", "year": 2025, "age_band": [*bands]}
    return pd.DataFrame(rows).assign(count=20, population=1_000, **more)


@pytest.mark.parametrize(
    "bands",
    [
        ["Under 1", "1 to 4", "5 to 9", "10 to 15", "16 and over"],
        ["<1", "01-04", "5\u20139", "10-15", "16-17"],
        list(pd.IntervalIndex.from_breaks([0, 1, 5, 10, 16, 18], closed="left")),
    ],
)
@pytest.mark.parametrize("theirs", [[*jsna.DFE_BANDS], [0, "1-4", "5 to 9", "10-15", "16-17"]])
def test_bands_are_matched_by_their_ages_however_they_are_written(bands, theirs):
    standard = OF_CHILDREN.assign(age_band=theirs)
    rows = of_children(*bands).assign(count=[1, 9, 20, 30, 40])
    found = jsna.directly_standardised_rates(rows, standard=standard)
    weights = OF_CHILDREN["standard"].to_numpy()
    expected = 10 * (np.array([1, 9, 20, 30, 40]) * weights).sum() / weights.sum()
    assert found["rate"].tolist() == [pytest.approx(expected)]


def test_without_by_all_rows_are_one_group_that_keeps_what_they_share():
    rows = of_children(*jsna.DFE_BANDS)
    found = jsna.directly_standardised_rates(rows, standard=OF_CHILDREN)
    assert found[["area_code", "year"]].iloc[0].tolist() == ["E08000001", 2025]
    two = pd.concat([rows, rows.assign(year=2024)])
    with pytest.raises(SchemaError, match=r"has 2 rows of the age band 'Under 1'.*in by="):
        jsna.directly_standardised_rates(two, standard=OF_CHILDREN)
    ratio = jsna.indirectly_standardised_ratios(rows, rows)
    assert ratio[["area_code", "ratio"]].iloc[0].tolist() == ["E08000001", 1]
    with pytest.raises(UsageError, match=r"observed= has a row for each group"):
        jsna.indirectly_standardised_ratios(rows, rows, observed=rows)


@pytest.mark.parametrize(
    ("bands", "standard", "message"),
    [
        (["0-4", "5-17"], {"0": 1, "1-4": 2, "5-17": 3}, "Add up '0', '1-4' of the standard to"),
        (["0", "1-4", "5-17"], {"0-4": 1, "5-17": 3}, "Add up '0', '1-4' of the frame to '0-4'"),
        (["0-5", "6-17"], {"0-4": 1, "5-17": 3}, "'0-5' of the frame cuts '0-4', '5-17'"),
        (["0-4", "5-17"], {"0-4": 1}, "The standard has no band with the ages of '5-17'"),
        (["0-4", "Unborn"], {"0-4": 1}, r"Leave these rows out.*isin\(\['Unborn'\]\)"),
        (["0-4", "5-9", "15-19"], "esp2013_0_19", "leave out ages of 'esp2013_0_19': 10-14"),
        (["young", "old"], {"young": 1}, "no age band 'old'.*Write the bands the same way"),
    ],
)
def test_bands_that_do_not_fit_are_named_with_how_to_regroup_them(bands, standard, message):
    with pytest.raises(UsageError, match=message):
        jsna.directly_standardised_rates(of_children(*bands), standard=standard)


@pytest.mark.parametrize("bands", [[*jsna.DFE_BANDS], ["0-4", "5-15", "16-17"], ["0-9", "10-14"]])
def test_the_standard_that_a_message_advises_works(bands):
    rows = of_children(*bands)
    with pytest.raises(UsageError) as raised:
        jsna.directly_standardised_rates(rows)
    call = re.search(r"(standard_population\(.*?split=True\))", str(raised.value))[1]
    standard = eval(call, {"standard_population": jsna.standard_population})  # noqa: S307
    found = jsna.directly_standardised_rates(rows, standard=standard)
    assert found["rate"].tolist() == [pytest.approx(200)]
