"""Expected numbers through the public call: by hand, and advice that works when it is followed."""

import re
import statistics

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError
from bolton_jsna.questions import _demand_record
from bolton_jsna.questions.projections import demand_of, usable_years

BOLTON, ENGLAND, CUMBRIA = "E08000001", "E92000001", "E10000006"


def rates(counts, *, last=2025, people=1000, code=BOLTON, name="Bolton", **columns):
    """Counts of consecutive years up to a last one."""
    years = list(range(last + 1 - len(counts), last + 1))
    facts = {"area_code": code, "area_name": name, "indicator": "referrals"}
    return pd.DataFrame(
        {**facts, "year": years, "count": counts, "population": people, "status": "value"} | columns
    )


def children(first=2024, last=2030, code=BOLTON, name="Bolton", base=2022):
    """Projected children: 1,800 in 2024, and 18 more each year."""
    return pd.DataFrame(
        [
            {
                "area_code": code,
                "area_name": name,
                "base_year": base,
                "year": year,
                "age": age,
                "population": 100.0 + (year - 2024),
            }
            for year in range(first, last + 1)
            for age in range(18)
        ]
    )


def england(count, people=1000):
    return rates([count] * 4, people=people, code=ENGLAND, name="England")


def project(frame, projections=None, **options):
    options = {"indicator": "referrals", "horizon": 2} | options
    return pd.DataFrame(
        jsna.project_demand(frame, children() if projections is None else projections, **options)
    )


def advised(error, frame, name="rates"):
    """The rows that the advice of a message keeps."""
    (rule,) = re.findall(rf"{name}\[{name}\['(?:year|base_year)'\] [<>=]+ \d+\]", str(error))
    return eval(rule, {name: frame})  # noqa: S307 (the library's own advice)


# 100 of 1,000 children in 2025; children grow by 1 and 2 per cent.
FOUR = rates([90, 110, 100, 100])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [101.0, 102.0]),
        ({"scenario": "target", "target": 250}, [101 * 0.25**0.5, 102 * 0.25]),
        ({"scenario": "target", "target": 500, "by": 2026}, [50.5, 51.0]),
        ({"scenario": "target", "target": 250, "by": 2029}, [101 * 0.25**0.25, 102 * 0.5]),
        ({"scenario": "towards_england", "half_way": 1}, [101 * 0.5**0.5, 102 * 0.5**0.75]),
        (
            {"scenario": "towards_england"},
            [101 * 0.5 ** (1 - 0.5**0.2), 102 * 0.5 ** (1 - 0.5**0.4)],
        ),
    ],
)
def test_expected_numbers_of_each_scenario_by_hand(options, expected):
    frame = pd.concat([FOUR, england(50)], ignore_index=True)
    found = project(frame, **options)
    assert found["count"].tolist() == pytest.approx(expected)
    assert found["children"].tolist() == pytest.approx([1010, 1020])
    assert found["rate"].tolist() == pytest.approx(
        [1e4 * expected[0] / 1010, 1e4 * expected[1] / 1020]
    )


def test_the_goal_is_the_median_of_the_neighbours():
    """Five of ten neighbours are enough; with fewer there is no median of them."""
    near = jsna.load_statistical_neighbours("Bolton")["neighbour_code"].tolist()
    others = [
        rates([count] * 4, code=code, name=code)
        for code, count in zip(near, [20, 30, 400, 500, 40], strict=False)
    ]
    hidden = [rates([np.nan] * 4, code=code, name=code, status="suppressed") for code in near[5:]]
    frame = pd.concat([FOUR, *others, *hidden], ignore_index=True)
    found = project(frame, scenario="towards_neighbours", half_way=2)
    # The median of 20, 30, 40, 400 and 500 is 40, where 100 is now.
    assert found["count"].iloc[1] == pytest.approx(102 * 0.4**0.5)
    frame.loc[frame["area_code"] == near[0], ["count", "status"]] = [np.nan, "suppressed"]
    with pytest.raises(MissingDataError, match="Bolton has no rate to go towards"):
        project(frame, scenario="towards_neighbours")


def test_rates_of_neighbours_and_england_are_loaded_where_the_frame_has_none():
    own = jsna.load_children_in_need("Bolton", indicators="referrals")
    projected = jsna.load_population_projections("Bolton")
    every = jsna.load_children_in_need(indicators="referrals", years=[2025])
    every["rate"] = every["count"] / every["population"] * 10_000
    by_code = every.set_index("area_code")["rate"]
    near = jsna.load_statistical_neighbours("Bolton")["neighbour_code"]
    goals = {
        "towards_england": by_code[ENGLAND],
        "towards_neighbours": statistics.median(by_code[near]),
    }
    for scenario, goal in goals.items():
        found = project(own, projected, scenario=scenario, horizon=5, half_way=5)
        half = np.sqrt(by_code[BOLTON] * goal)
        assert found["rate"].iloc[-1] == pytest.approx(half)


def test_limits_are_the_same_in_each_scenario_and_never_narrower_than_chance():
    own = jsna.load_children_in_need("Bolton", indicators="referrals")
    projected = jsna.load_population_projections("Bolton")
    usual = project(own, projected, horizon=10)
    limits = [name for name in usual.columns if name.startswith(("lower", "upper", "rate_"))]
    assert len(limits) == 12
    for options in (
        {"scenario": "target", "target": 300},
        {"scenario": "towards_england"},
        {"scenario": "towards_neighbours"},
    ):
        other = project(own, projected, horizon=10, **options)
        pd.testing.assert_frame_equal(other[limits], usual[limits])
        assert other["count"].tolist() != usual["count"].tolist()
        assert other["interval_basis"].str.contains("no record of its own").all()
    # England has no record of authorities, and a constant series no yearly changes: only chance in
    # the counts is left.
    nation = children(code=ENGLAND, name="England")
    still = project(england(100), nation, horizon=1, levels=(0.95,))
    width = float((still["upper_95"] - still["lower_95"]).iloc[0])
    # 2 x 1.96 standard deviations of a count whose rate is known from 100 events.
    assert width >= 2 * 1.96 * np.sqrt(101 * 2) * 0.95
    assert still["interval_from"].iloc[0] == "own_series"


def test_two_years_are_too_few_and_a_third_is_enough():
    with pytest.raises(MissingDataError, match=r"2 years .* Expected 3 consecutive years or more"):
        project(FOUR.tail(2))
    assert len(project(FOUR.tail(3))) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"count": 0}, "in 2021 is 0"),
        ({"count": np.nan, "status": "suppressed"}, "in 2021 is suppressed"),
        ({"count": np.nan, "status": "not_available"}, "in 2021 is not available"),
    ],
)
def test_a_year_without_a_ratio_is_named_and_the_advice_works(change, words):
    frame = rates([90.0, 95.0, 90.0, 110.0, 100.0, 100.0])
    for column, value in change.items():
        frame.loc[frame["year"] == 2021, column] = value
    with pytest.raises(MissingDataError, match=words) as caught:
        project(frame)
    later = project(advised(caught.value, frame))
    assert later["count"].tolist() == pytest.approx([101, 102])


def test_a_year_without_a_row_is_named_and_the_advice_works():
    frame = rates([90, 95, 90, 110, 100, 100]).query("year != 2021")
    with pytest.raises(MissingDataError, match="in 2021 is missing") as caught:
        project(frame)
    assert len(project(advised(caught.value, frame))) == 2


def test_a_hidden_last_year_is_not_passed_over_silently():
    frame = rates([90.0, 95.0, 90.0, 110.0, 100.0])
    frame.loc[frame["year"] == 2025, ["count", "status"]] = [np.nan, "suppressed"]
    with pytest.raises(MissingDataError, match="in 2025 is suppressed") as caught:
        project(frame)
    earlier = project(advised(caught.value, frame), children(first=2023))
    assert earlier["last_year"].tolist() == [2024, 2024]
    assert earlier["year"].tolist() == [2025, 2026]


def test_a_break_of_the_definition_is_named_and_the_advice_works():
    frame = rates([90, 100] * 6 + [100]).assign(indicator="assessments")
    with pytest.raises(
        MissingDataError, match="definition of assessments changed in 2015"
    ) as caught:
        project(frame, indicator="assessments")
    after = project(advised(caught.value, frame), indicator="assessments")
    assert after["count"].tolist() == pytest.approx([101, 102])


def test_an_abolished_authority_is_named_with_those_that_followed_it():
    """Its series ends, so it cannot be taken for one of today next to an area that goes on."""
    gone = rates([500, 510, 520], last=2022, code=CUMBRIA, name="Cumbria")
    frame = pd.concat([FOUR, gone], ignore_index=True)
    with pytest.raises(MissingDataError, match=r"Cumbria was abolished in 2023 and .*Westmorland"):
        project(frame, children(first=2021, code=CUMBRIA, name="Cumbria"))


def test_a_merger_shows_in_the_children_and_the_advice_works():
    frame = rates([800, 800, 900, 900, 900], people=[60_000, 60_000, 75_000, 75_500, 76_000])
    with pytest.raises(
        MissingDataError, match=r"from 60,000 .* as if the area were merged"
    ) as caught:
        project(frame)
    (first,) = re.findall(r"the years from (\d+) on", str(caught.value))
    found = project(frame[frame["year"] >= int(first)])
    assert found["count"].tolist() == pytest.approx([909, 918])


@pytest.mark.parametrize(
    ("projections", "words"),
    [
        (children(code="E08000002", name="Bury"), "no rows of Bury, which projections are of"),
        (children(last=2023, first=2020), "ends in 2023"),
        (children(first=2025), "starts in 2025, after the denominator"),
        (children().iloc[:0], "projections has no rows"),
        (children().query("age < 16"), "projections has no people aged"),
    ],
)
def test_children_of_other_areas_years_or_ages_are_named(projections, words):
    with pytest.raises((MissingDataError, SchemaError, UsageError), match=words):
        project(FOUR, projections)


def test_a_horizon_beyond_the_projection_has_advice_that_works():
    with pytest.raises(MissingDataError, match="Choose horizon=") as caught:
        project(FOUR, horizon=9)
    (most,) = re.findall(r"horizon=(\d+) at most", str(caught.value))
    assert len(project(FOUR, horizon=int(most))) == int(most)
    with pytest.raises(MissingDataError, match="Choose horizon="):
        project(FOUR, horizon=int(most) + 1)


def test_two_bases_are_not_one_projection_and_the_advice_works():
    both = pd.concat([children(), children(base=2018)], ignore_index=True)
    with pytest.raises(UsageError, match="the bases 2018, 2022") as caught:
        project(FOUR, both)
    assert len(project(FOUR, advised(caught.value, both, "projections"))) == 2


def test_several_rows_a_year_are_named_with_their_releases():
    twice = pd.concat([FOUR.assign(release=2024), FOUR.assign(release=2025)], ignore_index=True)
    with pytest.raises(SchemaError, match=r"has 2 rows for 2022 \(releases 2024, 2025\)"):
        project(twice)
    assert len(project(twice.query("release == 2025"))) == 2


def test_of_several_areas_one_that_cannot_be_projected_keeps_its_reason():
    bury = rates([0, 20, 30, 40], code="E08000002", name="Bury")
    frame = pd.concat([FOUR, bury], ignore_index=True)
    both = pd.concat([children(), children(code="E08000002", name="Bury")], ignore_index=True)
    found = project(frame, both).set_index("area_name")
    assert set(found.loc["Bolton", "status"]) == {"modelled"}
    assert set(found.loc["Bury", "status"]) == {"not_available"}
    assert found.loc["Bury", "count"].isna().all()
    assert found.loc["Bury", "reason"].str.contains("Bury in 2022 is 0").all()
    assert found.loc["Bolton", "count"].tolist() == pytest.approx([101, 102])


@pytest.mark.parametrize(
    ("indicator", "words"),
    [("neet", "'neet' is in the unit 'per cent'"), ("injuries_0_to_14", "of children aged 0-14")],
)
def test_figures_of_other_people_are_not_projected_with_all_children(indicator, words):
    """Also where a frame does not name its unit."""
    with pytest.raises(UsageError, match=words):
        project(FOUR.assign(indicator=indicator), indicator=indicator)
    with pytest.raises(UsageError, match=words):
        demand_of("Bolton", indicator)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"horizon": 0}, "Write 1 to 30 years"),
        ({"horizon": 31}, "Write 1 to 30 years"),
        ({"target": 400}, "does not go with scenario='constant'"),
        ({"scenario": "target", "target": 400, "half_way": 3}, "half_way= does not go with"),
        ({"scenario": "target"}, "Expected a number above 0 per 10,000"),
        ({"scenario": "target", "target": -1}, "Expected a number above 0 per 10,000"),
        ({"scenario": "target", "target": 400, "by": 2025}, "by=2025 is not after 2025"),
        ({"scenario": "towards_england", "half_way": 0}, "Write 1 year or more"),
        ({"levels": (0.3,)}, "different levels from 0.5 to 0.98"),
        ({"indicator": "plans"}, "rates has no rows of 'plans'. It has referrals"),
    ],
)
def test_options_that_are_not_valid(options, words):
    frame = pd.concat([FOUR, england(50)], ignore_index=True)
    with pytest.raises(UsageError, match=words):
        project(frame, **options)


def test_the_same_inputs_give_the_same_bytes_and_are_not_changed():
    frame, projected = FOUR.copy(), children()
    before = frame.copy(), projected.copy()
    texts = [project(frame, projected).to_csv() for _ in range(2)]
    shuffled = frame.sample(frac=1, random_state=1)
    texts.append(project(shuffled, projected.sample(frac=1, random_state=2)).to_csv())
    assert texts[0] == texts[1] == texts[2]
    pd.testing.assert_frame_equal(frame, before[0])
    pd.testing.assert_frame_equal(projected, before[1])


def test_rows_of_a_combined_authority_have_the_state_of_their_counts(monkeypatch):
    """The state of a sum's rate is another thing than that of its count."""
    place = jsna.area("Greater Manchester")
    sums = rates([5000] * 3, code=place.code, name=place.name, status="not_available")
    sums = sums.assign(count_status="value", value=np.nan)
    monkeypatch.setattr(_demand_record, "load_indicators", lambda *_, **__: sums)
    every = _demand_record.rows_for(place, "referrals", None)
    assert every["status"].notna().all()
    own = every[every["area_code"] == place.code]
    assert own["status"].tolist() == ["value"] * 3
    assert own["count"].tolist() == [5000] * 3
    assert "Bolton" in set(every["area_name"])


def test_the_years_up_to_a_gap_are_left_out_and_named():
    frame = rates([90.0, 95.0, 90.0, 110.0, 100.0, 100.0])
    frame.loc[frame["year"] == 2021, ["count", "status"]] = [np.nan, "suppressed"]
    kept, words = usable_years(frame, BOLTON)
    assert kept["year"].tolist() == [2022, 2023, 2024, 2025]
    assert words == "Years up to 2021 are left out, because there is no figure of 2021."
    # A gap at the end is not left out: it is an error, above.
    assert usable_years(frame.query("year <= 2021"), BOLTON)[1] == ""
