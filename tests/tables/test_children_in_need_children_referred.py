"""Children counted several times: the tidy table knows them, and limits allow for them."""

import logging

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError
from bolton_jsna.measures._intervals import count_limits
from bolton_jsna.tables import children_in_need
from bolton_jsna.tables.children_in_need.children_referred import (
    children_behind,
    counted_once,
    with_persons,
)


def rows(**columns):
    base = {"area_code": "E08000001", "area_level": "authority", "year": 2025, "release": "2025"}
    return pd.DataFrame({"status": "value", **base, **columns})


def rate(count, persons, **more):
    frame = pd.DataFrame({"count": [count], "population": [10_000], "persons": [persons], **more})
    return jsna.crude_rates(frame).iloc[0]


def test_bolton_2025_as_published():
    """DfE, C1 of the 2025 release: 3,803 referrals of 3,425 children."""
    found = jsna.load_children_in_need("Bolton", indicators="referrals", years=2025).iloc[0]
    assert (found["count"], found["persons"], found["persons_status"]) == (3803, 3425, "value")
    england = jsna.load_children_in_need("England", years=2025).set_index("indicator")
    assert england.loc["referrals", "persons"] == 557_810
    assert england.loc["re_referrals", "persons_status"] == "value"
    assert england.loc["cpp_at_31_march", "persons_status"] == "not_applicable"
    assert england.loc["cpp_started", "persons_status"] == "not_available"


def test_limits_are_those_of_a_geometric_number_of_events():
    found = rate(3803, 3425, population=[75_599])
    assert (round(found["lower"], 1), round(found["upper"], 1)) == (485.5, 521.0)
    _, high = count_limits(np.array([3803.0]), 0.95)
    wider = np.sqrt(2 * 3803 / 3425 - 1)
    expected = (3803 + wider * (high[0] - 3803)) / 7.5599
    assert found["upper"] == pytest.approx(expected)
    assert found["method"] == "Byar, repeated events"


@pytest.mark.parametrize(
    ("count", "persons", "status", "method"),
    [
        (30, 30, "value", "Byar, repeated events"),
        (30, None, "suppressed", "Byar, repeats not allowed for"),
        (30, None, "not_available", "Byar, repeats not allowed for"),
        (30, None, "not_applicable", "Byar"),
        (30, 40, "value", "Byar, repeats not allowed for"),
        (30, 0, "value", "Byar, repeats not allowed for"),
        (5, 4, "value", "Exact Poisson, repeated events"),
        (0, 0, "value", "Exact Poisson, repeats not allowed for"),
    ],
)
def test_the_method_says_what_is_allowed_for(count, persons, status, method):
    found = rate(count, persons, persons_status=[status])
    assert found["method"] == method
    plain = rate(count, None, persons_status=["not_applicable"])
    if "not allowed" in method or status == "not_applicable" or count == persons:
        assert (found["lower"], found["upper"]) == (plain["lower"], plain["upper"])
    else:
        assert found["upper"] - found["lower"] > plain["upper"] - plain["lower"]


def test_a_frame_without_the_column_is_as_before():
    frame = pd.DataFrame({"count": [30], "population": [1_000]})
    assert jsna.crude_rates(frame)["method"].tolist() == ["Byar"]
    with_them = frame.assign(persons=20)
    unlooked = jsna.crude_rates(with_them, persons=None)
    assert unlooked["method"].tolist() == ["Byar"]
    given_variance = with_them.assign(v=45.0)
    found = jsna.crude_rates(given_variance, count_variance="v")
    assert found["upper"].iloc[0] < jsna.crude_rates(with_them)["upper"].iloc[0]


def test_sums_add_the_variances_up_and_tell_of_an_unknown_part():
    frame = pd.DataFrame(
        {
            "half": ["a", "a", "b", "b", "c"],
            "count": [30, 60, 30, 60, 40],
            "population": 1_000,
            "persons": [20, 50, 20, None, None],
            "persons_status": ["value", "value", "value", "not_available", "not_applicable"],
        }
    )
    found = jsna.crude_rates(frame, by="half").set_index("half")
    assert found["method"].tolist() == [
        "Byar, repeated events",
        "Byar, repeats not allowed for",
        "Byar",
    ]
    variance = 30 * (2 * 1.5 - 1) + 60 * (2 * 1.2 - 1)
    plain = jsna.crude_rates(frame, by="half", persons=None).set_index("half").loc["a"]
    stretched = (found.loc["a", "upper"] - found.loc["a", "rate"]) / (
        plain["upper"] - plain["rate"]
    )
    assert stretched == pytest.approx(np.sqrt(variance / 90))


@given(
    st.integers(1, 5_000).flatmap(
        lambda count: st.tuples(st.just(count), st.integers(1, count), st.integers(1, count))
    )
)
def test_the_fewer_children_the_wider(counts):
    count, one, two = counts
    fewer, more = sorted((one, two))
    narrow, wide = rate(count, more), rate(count, fewer)
    assert wide["upper"] >= narrow["upper"]
    assert wide["lower"] <= narrow["lower"] <= narrow["rate"] <= narrow["upper"]


def test_ratios_allow_for_repeats_on_both_sides_and_show_it():
    own = pd.DataFrame({"count": [500], "population": [10_000], "persons": [400]})
    england = pd.DataFrame({"count": [46_000], "population": [1_000_000], "persons": [40_000]})
    both = jsna.rate_ratios(own, england, on=[]).iloc[0]
    factor = [2 * 500 / 400 - 1, 2 * 46_000 / 40_000 - 1]
    error = np.sqrt(factor[0] / 500 + factor[1] / 46_000)
    assert both["ratio_upper"] / both["ratio"] == pytest.approx(np.exp(1.959964 * error))
    assert both["ratio_method"] == "Log-normal, repeated events"
    one = jsna.rate_ratios(own, england.drop(columns="persons"), on=[]).iloc[0]
    assert one["ratio_method"] == "Log-normal, repeats not allowed for"
    none = jsna.rate_ratios(own, england, on=[], persons=None).iloc[0]
    assert none["ratio_method"] == "Log-normal"
    assert none["p"] < both["p"]


def test_plans_at_a_day_are_compared_as_exactly_as_before():
    """A child has one plan at 31 March: small counts keep the exact method."""
    frame = pd.DataFrame({"count": [12], "population": [1_000], "persons": [pd.NA]}).assign(
        persons_status="not_applicable"
    )
    found = jsna.rate_ratios(frame, frame.assign(count=900, population=100_000), on=[])
    assert found["ratio_method"].tolist() == ["Exact conditional"]


def test_children_above_events_are_a_state_and_are_logged(caplog):
    table = rows(
        indicator=["referrals", "referred_children"], count=pd.array([10, 12], dtype="Int64")
    )
    with caplog.at_level(logging.INFO):
        found = with_persons(table)
    assert pd.isna(found["persons"].iloc[0])
    assert found["persons_status"].tolist() == ["not_available", "not_applicable"]
    assert "more children than events" in caplog.text


def test_rounding_to_ten_may_put_children_above_events():
    table = rows(
        indicator=["referrals", "referred_children"], count=pd.array([1_000, 1_010], dtype="Int64")
    ).assign(area_level="region", area_code="E12000002")
    assert with_persons(table)["persons"].iloc[0] == 1_000
    far = table.assign(count=pd.array([1_000, 1_020], dtype="Int64"))
    assert with_persons(far)["persons_status"].iloc[0] == "not_available"


@pytest.mark.parametrize("state", ["suppressed", "not_available", "low", "rounds_to_zero"])
def test_hidden_children_keep_their_state(state):
    table = rows(
        indicator=["referrals", "referred_children"],
        count=pd.array([10, None], dtype="Int64"),
        status=["value", state],
    )
    assert with_persons(table)["persons_status"].iloc[0] == state


def test_children_come_from_the_same_release_only():
    table = rows(
        indicator=["referrals", "referred_children"], count=pd.array([10, 9], dtype="Int64")
    )
    table.loc[1, "release"] = "2024"
    assert with_persons(table)["persons_status"].iloc[0] == "not_available"
    # Whatever the index of the rows, and whatever was known before.
    table = table.set_axis([7, 7]).assign(persons=[8, None], persons_status=["value", "value"])
    assert with_persons(table)["persons"].iloc[0] == 8


def test_every_indicator_is_either_counted_once_or_has_children_or_has_none_known():
    known = set(children_in_need.indicators())
    assert set(children_behind()) <= known
    assert set(children_behind().values()) <= known
    assert counted_once() <= known
    assert not counted_once() & set(children_behind())


def test_a_file_of_dfe_has_the_children_next_to_the_referrals(tmp_path):
    path = tmp_path / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv"
    path.write_text(
        "time_period,geographic_level,old_la_code,new_la_code,region_code,region_name,la_name,"
        "referral_count,referral_child_count,rereferral_count,rereferral_child_count\n"
        "2025,Local authority,350,E08000001,E12000002,North West,Bolton,3803,3425,714,c\n",
        encoding="utf-8",
    )
    found = children_in_need.read(path).set_index("indicator")
    assert found.loc["referrals", "persons"] == 3425
    assert found.loc["re_referrals", "persons_status"] == "suppressed"
    assert jsna.crude_rates(found.assign(population=75_599))["method"].tolist()[-1].startswith("B")


def test_all_of_england_as_published(reference):
    """DfE, C1 2025: nine in ten rows have 1.06 to 1.21 referrals of a child."""
    path = reference / "safeguarding"
    found = children_in_need.read(
        path / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv.gz"
    )
    referrals = found[(found["indicator"] == "referrals") & (found["count"] > 0)]
    known = referrals[referrals["persons_status"] == "value"]
    assert len(known) / len(referrals) > 0.97
    each = (known["count"] / known["persons"]).astype(float)
    assert each.quantile([0.05, 0.95]).round(2).tolist() == [1.06, 1.21]
    assert (known["persons"] <= known["count"]).all()


def test_a_name_of_ones_own_must_be_there():
    frame = pd.DataFrame({"count": [30], "population": [1_000]})
    for function in (jsna.crude_rates, jsna.funnel_limits):
        with pytest.raises(SchemaError, match="no column 'childen'"):
            function(frame, persons="childen")
    found = jsna.crude_rates(frame.assign(kids=20), persons="kids")
    assert found["method"].tolist() == ["Byar, repeated events"]


def test_a_row_without_a_state_of_its_children_is_not_known():
    frame = pd.DataFrame({"count": [30, 30], "population": 1_000, "persons": [20, None]})
    frame["persons_status"] = ["value", None]
    found = jsna.crude_rates(frame)
    assert found["method"].tolist() == ["Byar, repeated events", "Byar, repeats not allowed for"]


def test_a_part_without_events_leaves_a_sum_as_it_is():
    frame = pd.DataFrame(
        {"side": "a", "count": [0, 30], "persons": [0, 20], "population": [1_000, 1_000]}
    )
    assert jsna.crude_rates(frame, by="side")["method"].tolist() == ["Byar, repeated events"]


def test_a_funnel_is_as_wide_as_the_intervals():
    """Outside just where the area's own interval leaves out the target, repeats allowed for."""
    rng = np.random.default_rng(3)
    counts = rng.poisson(60 * np.exp(rng.normal(0, 0.3, 400)))
    counts[:40] = rng.integers(0, 14, 40)
    frame = pd.DataFrame({"count": counts, "population": 1_000})
    frame["persons"] = np.maximum(1, (counts / rng.uniform(1, 2, 400)).astype(int)) * (counts > 0)
    rates = jsna.crude_rates(frame, per=1_000, confidence=[0.95, 0.998])
    found = jsna.funnel_limits(frame, per=1_000)
    target = found["funnel_target"].iloc[0]
    for level in ("95", "99_8"):
        outside = np.select(
            [rates[f"upper_{level}"] < target, rates[f"lower_{level}"] > target],
            ["lower", "higher"],
            "similar",
        )
        assert found[f"funnel_verdict_{level}"].tolist() == outside.tolist()
    assert set(found["funnel_method"]) == {
        "Byar, exact Poisson under 10, repeated events",
        "Byar, exact Poisson under 10, repeats not allowed for",
    }
    plain = jsna.funnel_limits(frame, per=1_000, persons=None)
    assert (found["funnel_upper_95"] >= plain["funnel_upper_95"] - 1e-6).all()


@pytest.mark.parametrize("limits", ["exact", "normal"])
def test_other_funnels_widen_too(limits):
    frame = pd.DataFrame({"count": [60, 60], "population": 1_000, "persons": [60, 30]})
    found = jsna.funnel_limits(frame, limits=limits, target=600)
    wide = found["funnel_upper_95"] - found["funnel_target"]
    assert wide.iloc[1] / wide.iloc[0] == pytest.approx(3**0.5)
    assert found["funnel_z"].iloc[0] == 0
    lines = jsna.funnel_lines(
        target=600, smallest=1_000, largest=2_000, points=2, limits=limits, repeats=3
    )
    assert lines["funnel_upper_95"].iloc[0] == pytest.approx(found["funnel_upper_95"].iloc[1])


def test_bolton_2025_is_inside_the_funnel_of_england():
    """Its interval (485.5 to 521.0) holds 519.4, and a funnel says the same."""
    frame = jsna.load_children_in_need("Bolton", indicators="referrals", years=2025)
    found = jsna.funnel_limits(frame, target=519.436).iloc[0]
    assert found["funnel_verdict_95"] == "similar"
    assert (
        jsna.funnel_limits(frame, target=519.436, persons=None)["funnel_verdict_95"][0] == "lower"
    )
