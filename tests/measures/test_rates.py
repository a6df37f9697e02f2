"""Rates carry their state: nothing hidden, unknown or meaningless becomes a number."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.core.states import MEANINGS, NUMERIC
from bolton_jsna.measures._intervals import count_limits
from bolton_jsna.measures.rates import crude_rates

WITHOUT_NUMBER = sorted(set(MEANINGS) - NUMERIC)


@st.composite
def tables(draw):
    """Frames with every state of the count and of the population."""
    rows = draw(st.integers(0, 12))
    states = draw(st.lists(st.sampled_from(sorted(MEANINGS)), min_size=rows, max_size=rows))
    counts = [draw(st.integers(0, 4_000)) if state in NUMERIC else None for state in states]
    people_states = draw(st.lists(st.sampled_from(sorted(MEANINGS)), min_size=rows, max_size=rows))
    people = [
        draw(st.one_of(st.none(), st.just(0), st.integers(1, 90_000))) if state in NUMERIC else None
        for state in people_states
    ]
    return pd.DataFrame(
        {
            "count": pd.array(counts, dtype="Int64"),
            "population": pd.array(people, dtype="Int64"),
            "status": pd.array(states, dtype=object),
            "people": pd.array(people_states, dtype=object),
        }
    )


def expected_state(row):
    if row.status not in NUMERIC:
        return row.status
    if pd.isna(row.population):
        return "not_available"
    if row.population == 0:
        return "not_applicable"
    return "modelled" if "modelled" in (row.status, row.people) else "value"


@given(tables())
def test_no_state_is_ever_turned_into_another(frame):
    before = frame.copy(deep=True)
    rates = crude_rates(frame, population_status="people")
    pd.testing.assert_frame_equal(frame, before)
    assert rates["status"].tolist() == [expected_state(row) for row in frame.itertuples()]
    numeric = rates["status"].isin(NUMERIC)
    for column in ("rate", "lower", "upper"):
        assert rates[column].notna().equals(numeric)
    assert rates["method"].notna().equals(numeric)
    used = rates[numeric]
    assert (used["lower"] <= used["rate"]).all()
    assert (used["rate"] < used["upper"]).all()
    assert rates["count"].equals(frame["count"])


@given(tables(), st.randoms(use_true_random=False))
def test_rates_do_not_depend_on_the_order_of_rows(frame, random):
    order = list(frame.index)
    random.shuffle(order)
    rates = crude_rates(frame)
    pd.testing.assert_frame_equal(crude_rates(frame.loc[order]), rates.loc[order])


@given(tables(), st.sampled_from([None, 10.0]), st.booleans())
def test_adding_up_commutes_with_rates(frame, rounded_to, recurring):
    """A group's rate is that of its sums; a group with a part missing has none and says so."""
    frame = frame.assign(side=["east", "west"] * (len(frame) // 2) + ["east"] * (len(frame) % 2))
    if recurring:
        frame["variance"] = frame["count"].astype(float) * 1.5
    options = {"rounded_to": rounded_to, "count_variance": "variance" if recurring else None}
    grouped = crude_rates(frame, by="side", population_status="people", **options)
    assert grouped["side"].tolist() == list(dict.fromkeys(frame["side"]))
    states = pd.Series([expected_state(row) for row in frame.itertuples()], dtype=object)
    for row in grouped.itertuples():
        own = (frame["side"] == row.side).to_numpy()
        # A part that cannot exist is not there; a population of zero is a part that adds none.
        there = own & (frame["status"] != "not_applicable").to_numpy()
        seen = set(states[there]) - {"not_applicable"}
        parts = frame[there]
        assert row.parts == len(parts)
        if seen <= NUMERIC and parts["population"].sum() > 0:
            assert row.parts_used == row.parts
            one = pd.DataFrame(
                {"count": [parts["count"].sum()], "population": [parts["population"].sum()]}
            )
            one["variance"] = one["count"] * 1.5
            alone = crude_rates(
                one,
                rounded_to=rounded_to and rounded_to * len(parts),
                count_variance=options["count_variance"],
            ).iloc[0]
            assert [row.rate, row.lower, row.upper] == pytest.approx(
                alone[["rate", "lower", "upper"]].tolist(), rel=1e-12
            )
            assert row.method == alone["method"]
        else:
            assert row.status not in NUMERIC
            assert np.isnan([row.rate, row.lower, row.upper]).all()


def test_a_group_with_a_hidden_part_is_no_sum():
    wards = pd.DataFrame(
        {
            "area_code": list("aaabbccd"),
            "count": [1, 2, None, 4, None, 0, None, None],
            "population": [100] * 8,
            "status": [
                *("value", "value", "suppressed", "value", "not_applicable"),
                *("modelled", "rounds_to_zero", "not_applicable"),
            ],
        }
    )
    found = crude_rates(wards, by="area_code").set_index("area_code")
    assert found["status"].to_dict() == {
        "a": "suppressed",
        "b": "value",
        "c": "not_available",
        "d": "not_applicable",
    }
    assert found["parts"].tolist() == [3, 1, 2, 0]
    assert found["parts_used"].tolist() == [2, 1, 1, 0]
    assert found["count"].isna().tolist() == [True, False, True, True]
    assert found.loc["b", ["count", "population", "rate"]].tolist() == [4, 100, 400]


def test_sums_of_snapshot_years_are_those_of_the_counts():
    """Bolton's referrals of 2024 and 2025 together, over the children of both years."""
    import bolton_jsna as jsna

    rows = jsna.load_children_in_need("Bolton", indicators="referrals", years=[2024, 2025])
    (pooled,) = crude_rates(rows, by=["area_code", "indicator"]).itertuples()
    assert pooled.count == rows["count"].sum()
    assert pooled.rate == pytest.approx(rows["count"].sum() / rows["population"].sum() * 10_000)
    assert (pooled.parts, pooled.parts_used) == (2, 2)


def test_limits_of_a_rounded_count_hold_for_every_count_that_rounds_to_it():
    """DfE rounds England and the regions to 10: 640 stands for 635 to 645."""
    rates = crude_rates(pd.DataFrame({"count": [640], "population": [10_000]}), rounded_to=10).iloc[
        0
    ]
    every = crude_rates(pd.DataFrame({"count": range(635, 646), "population": 10_000}))
    assert rates["rate"] == 640
    assert rates["lower"] == pytest.approx(every["lower"].min())
    assert rates["upper"] == pytest.approx(every["upper"].max())
    assert rates["method"] == "Byar, count rounded to 10"
    assert rates["status"] == "value"


def test_rounding_may_differ_by_row():
    frame = pd.DataFrame({"count": [640, 640, 0], "population": 10_000, "to": [10, None, 5]})
    plain, mixed = crude_rates(frame), crude_rates(frame, rounded_to="to")
    assert mixed["method"].tolist() == [
        "Byar, count rounded to 10",
        "Byar",
        "Exact Poisson, count rounded to 5",
    ]
    assert mixed.loc[1, ["lower", "upper"]].tolist() == plain.loc[1, ["lower", "upper"]].tolist()
    assert mixed.loc[2, "lower"] == 0
    assert mixed.loc[2, "upper"] == pytest.approx(crude_rates(frame.assign(count=2.5))["upper"][2])


@given(st.integers(0, 3_000), st.floats(1, 9))
def test_repeated_events_widen_the_limits_by_the_root_of_variance_over_count(count, times):
    frame = pd.DataFrame({"count": [count], "population": [5_000], "v": [count * times]})
    (plain,) = crude_rates(frame).itertuples()
    (wide,) = crude_rates(frame, count_variance="v").itertuples()
    factor = np.sqrt(times) if count else 1
    assert wide.rate == plain.rate
    assert wide.upper - wide.rate == pytest.approx(factor * (plain.upper - plain.rate))
    assert wide.lower == pytest.approx(
        max(wide.rate - factor * (plain.rate - plain.lower), 0), abs=1e-9
    )
    assert wide.method.endswith(", repeated events")


def test_a_row_without_a_variance_has_a_rate_and_no_limits():
    frame = pd.DataFrame({"count": [20, 20], "population": 100, "v": [30, None]})
    rates = crude_rates(frame, count_variance="v")
    assert rates["rate"].tolist() == [2_000, 2_000]
    assert rates["lower"].isna().tolist() == [False, True]
    assert rates["method"].isna().tolist() == [False, True]


def test_inputs_of_any_type_are_not_changed():
    frame = pd.DataFrame(
        {"count": [1.0, 2.0], "population": [10.0, 20.0], "known": ["value", "suppressed"]}
    )
    before = frame.copy(deep=True)
    rates = crude_rates(frame, population_status="known", by=["known"])
    rates.loc[:, "count"] = 99
    rates = crude_rates(frame, population_status="known")
    rates.loc[:, ["count", "population"]] = 99
    pd.testing.assert_frame_equal(frame, before)


def test_bolton_2025():
    """DfE 2025 release: 319 plans at 31 March and 3,803 referrals of 75,599 children aged 0-17."""
    rates = crude_rates(pd.DataFrame({"count": [3_803, 319], "population": [75_599, 75_599]}))
    assert rates["rate"].round(1).tolist() == [503.0, 42.2]
    assert rates["method"].tolist() == ["Byar", "Byar"]


def test_zero_is_a_value_with_an_upper_limit():
    (row,) = crude_rates(pd.DataFrame({"count": [0], "population": [10_000]})).itertuples()
    assert (row.rate, row.lower, row.status, row.method) == (0, 0, "value", "Exact Poisson")
    assert row.upper == pytest.approx(3.6889, abs=5e-5)


def test_the_method_changes_at_ten():
    rates = crude_rates(pd.DataFrame({"count": [9, 10], "population": 100}))
    assert rates["method"].tolist() == ["Exact Poisson", "Byar"]


@pytest.mark.parametrize("state", WITHOUT_NUMBER)
def test_a_number_left_in_a_hidden_row_makes_no_rate(state):
    frame = pd.DataFrame({"count": [4], "population": [100], "status": [state]})
    (row,) = crude_rates(frame).itertuples()
    assert row.status == state
    assert np.isnan([row.rate, row.lower, row.upper]).all()


def test_without_states_a_missing_count_is_not_available():
    rates = crude_rates(pd.DataFrame({"count": [1, None], "population": [10, 10]}))
    assert rates["status"].tolist() == ["value", "not_available"]


def test_several_levels_give_columns_with_the_level():
    frame = pd.DataFrame({"count": [319], "population": [75_599]})
    both = crude_rates(frame, confidence=[0.95, 0.998])
    assert both.columns.tolist() == [
        *("count", "population", "rate", "lower_95", "upper_95", "lower_99_8", "upper_99_8"),
        *("method", "status"),
    ]
    for level, ending in ((0.95, "95"), (0.998, "99_8")):
        one = crude_rates(frame, confidence=level)
        assert one["lower"].equals(both[f"lower_{ending}"].rename("lower"))
        assert one["upper"].equals(both[f"upper_{ending}"].rename("upper"))


def test_other_columns_units_and_index_are_kept():
    frame = pd.DataFrame(
        {"area": ["a", "b"], "events": [50, 5], "people": [1_000.5, 800.25]}, index=[3, 3]
    )
    rates = crude_rates(frame, count="events", population="people", per=1_000)
    assert rates.index.tolist() == [3, 3]
    assert rates["area"].tolist() == ["a", "b"]
    assert rates["rate"].tolist() == pytest.approx([50 / 1.0005, 5 / 0.80025])
    lower, _ = count_limits([50, 5])
    assert rates["lower"].tolist() == pytest.approx((lower / frame["people"] * 1_000).tolist())


def test_an_empty_frame_has_the_columns():
    frame = pd.DataFrame({"count": [], "population": [], "status": []})
    assert crude_rates(frame).columns.tolist() == [
        *("count", "population", "status", "rate", "lower", "upper", "method")
    ]


@pytest.mark.parametrize("level", [0.95, 0.998])
def test_rates_are_those_of_phstatsmethods(oracle, level):
    """OHID's Python package, a development comparison: counts of 1 and more, 1e-9 relative.

    By design ours differ where a count is 0 or a population is 0 (theirs reject the table) and
    where a count is missing (theirs name a method without a rate; ours name none and the state).
    """
    methods = oracle("PHStatsMethods")
    generator = np.random.default_rng(8)
    frame = pd.DataFrame(
        {
            "area": [f"a{number:03}" for number in range(240)],
            "count": [*range(1, 41), *generator.integers(10, 9_000, 200)],
            "population": generator.integers(9_000, 300_000, 240),
        }
    )
    theirs = methods.ph_rate(
        frame.copy(), "count", "population", "area", confidence=level, multiplier=10_000
    ).sort_values("area", ignore_index=True)
    ours = crude_rates(frame, confidence=level)
    lower, upper = (
        [name for name in theirs.columns if name.startswith(side)] for side in ("lower", "upper")
    )
    assert (len(lower), len(upper)) == (1, 1)
    np.testing.assert_allclose(ours["rate"], theirs["Value"], rtol=1e-12)
    np.testing.assert_allclose(ours["lower"], theirs[lower[0]], rtol=1e-9)
    np.testing.assert_allclose(ours["upper"], theirs[upper[0]], rtol=1e-9)
    assert (ours["method"] == "Byar").tolist() == (theirs["Method"] == "Byars").tolist()


@pytest.mark.parametrize(
    ("frame", "options", "error", "message"),
    [
        ({"population": [1]}, {}, SchemaError, r"no column 'count'\. It has 'population'"),
        ({"count": [1], "people": [1]}, {}, SchemaError, "no column 'population'"),
        (
            {"count": ["c"], "population": [1]},
            {},
            SchemaError,
            "'count' holds text that is not a number",
        ),
        ({"count": [-1], "population": [1]}, {}, UsageError, "'count' holds -1; expected zero"),
        ({"count": [1], "population": [-5]}, {}, UsageError, "'population' holds -5"),
        ({"count": [1], "population": [np.inf]}, {}, UsageError, "'population' holds inf"),
        (
            {"count": [None], "population": [1], "status": ["value"]},
            {},
            UsageError,
            "1 rows have the state 'value' or 'modelled' but no 'count'",
        ),
        (
            {"count": [1], "population": [1], "status": ["hidden"]},
            {},
            UsageError,
            "status='hidden' is not known",
        ),
        ({"count": [1], "population": [1], "status": [None]}, {}, UsageError, "status=None"),
        ({"count": [1], "population": [1]}, {"per": 0}, UsageError, "per=0 is not a number of"),
        ({"count": [1], "population": [1]}, {"confidence": 95}, UsageError, "confidence=95"),
        ({"count": [1], "population": [1]}, {"by": "side"}, SchemaError, "no column 'side'"),
        ({"count": [1], "population": [1]}, {"by": []}, UsageError, r"by=\[\] must name one"),
        ({"count": [1], "population": [1]}, {"by": "count"}, UsageError, "'count' cannot be both"),
        ({"count": [1], "population": [1]}, {"rounded_to": -5}, UsageError, "rounded_to=-5"),
        (
            {"count": [9], "population": [1], "v": [8]},
            {"count_variance": "v"},
            UsageError,
            "'v' holds 8 for a count of 9",
        ),
        (
            {"count": [1], "population": [1], "known": ["yes"]},
            {"population_status": "known"},
            UsageError,
            "known='yes' is not known",
        ),
        (
            {"count": [1], "population": [1]},
            {"population_status": "known"},
            SchemaError,
            "no column 'known'",
        ),
    ],
)
def test_rejections(frame, options, error, message):
    with pytest.raises(error, match=message):
        crude_rates(pd.DataFrame(frame), **options)


def test_england_and_its_areas_are_not_added_up():
    rows = pd.DataFrame(
        {
            "area_level": ["country", "authority", "authority"],
            "year": 2025,
            "count": [9, 4, 5],
            "population": [90, 40, 50],
        }
    )
    with pytest.raises(UsageError, match=r"levels 'country', 'authority' hold the same people"):
        crude_rates(rows, by="year")
    assert crude_rates(rows, by=["year", "area_level"])["count"].tolist() == [9, 9]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("<5", r"not a number: '<5'\. Leave cells without a number, such as '<5', empty"),
        ("1,200", r"not a number: '1,200'\. Convert .*\[%\u00a3, \]"),
        ("5%", r"not a number: '5%'\. Convert"),
        ("1,5", r"not a number: '1,5'\. Write .* such as '1\.5'\.$"),
        ("\u22125", r"Write numbers .* plain minus, such as '-5'\.$"),
        (10**400, "holds a number that is too large. Give one number in each cell"),
        (1j, "holds complex numbers"),
        ([1, 2], "holds a list .*expected one value in each cell"),
        (np.array([1, 2]), "holds a ndarray .*expected one value in each cell"),
    ],
)
def test_what_is_not_a_number_is_named_with_what_to_do(cell, message):
    frame = pd.DataFrame({"count": pd.Series([cell, 3], dtype=object), "population": 100})
    with pytest.raises(SchemaError, match=message):
        crude_rates(frame)


def test_the_advice_on_signs_works():
    frame = pd.DataFrame({"count": ["1,200", "\u00a33", 5], "population": 10_000})
    with pytest.raises(SchemaError) as error:
        crude_rates(frame)
    advised = str(error.value).partition("frame['count'] = ")[2].rstrip(".")
    assert list(eval(advised, {"pandas": pd, "frame": frame})) == [1200, 3, 5]  # noqa: S307


def test_a_count_that_no_float_can_hold_has_no_limits():
    with pytest.raises(UsageError, match="too large"):
        count_limits([10**400])
