"""Sums of several areas: every part counted once, and no part hidden in the sum."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.areas import area
from bolton_jsna.core.states import MEANINGS, NUMERIC

TEN = area("Greater Manchester").members


def table(counts, states=None, codes=TEN, **more):
    """A count for each code, with its state."""
    states = states or ["value"] * len(codes)
    numbers = [
        count if state in NUMERIC else None for count, state in zip(counts, states, strict=True)
    ]
    frame = pd.DataFrame(
        {
            "area_code": list(codes),
            "area_name": [area(code).name for code in codes],
            "area_level": "authority",
            "year": 2025,
            "indicator": "referrals",
            "count": pd.array(numbers, dtype="Int64"),
            "population": pd.array([1000] * len(codes), dtype="Int64"),
            "status": states,
        }
    )
    return frame.assign(**more)


@given(st.lists(st.sampled_from([*MEANINGS]), min_size=10, max_size=10), st.randoms())
def test_a_sum_is_of_all_parts_or_has_the_state_of_the_part_without_a_number(states, random):
    counts = [random.randrange(100) for _ in TEN]
    frame = table(counts, states)
    shuffled = frame.sample(frac=1, random_state=random.randrange(1000))
    total = jsna.sum_areas(shuffled, "Greater Manchester").iloc[0]
    there = [state for state in states if state != "not_applicable"]
    assert total["parts"] == len(there)
    assert total["parts_used"] == sum(state in NUMERIC for state in states)
    if there and set(there) <= NUMERIC:
        expected = [n for n, state in zip(counts, states, strict=True) if state in NUMERIC]
        assert total["count"] == sum(expected)
        assert total["status"] in NUMERIC
    else:
        assert pd.isna(total["count"])
        assert total["status"] not in NUMERIC
    for state in ("suppressed", "low"):
        if state in there:
            assert total["status"] == state
            break


@given(st.permutations(range(10)), st.integers(1, 9))
def test_sums_of_sums_are_the_sum_of_all(order, cut):
    frame = table([3 * at + 1 for at in range(10)])
    first, second = ([TEN[at] for at in part] for part in (order[:cut], order[cut:]))
    both = [int(jsna.sum_areas(frame, part)["count"].iloc[0]) for part in (first, second)]
    assert sum(both) == int(jsna.sum_areas(frame, "Greater Manchester")["count"].iloc[0])


def test_an_area_without_a_row_is_a_missing_part():
    frame = table(range(10)).iloc[1:]
    total = jsna.sum_areas(frame, "Greater Manchester").iloc[0]
    assert (total["status"], total["parts"], total["parts_used"]) == ("not_available", 10, 9)
    assert pd.isna(total["count"])
    # The children are missing too, not those of nine.
    assert pd.isna(total["population"])


def test_a_year_that_one_area_lacks_has_no_sum_and_the_others_have():
    frame = pd.concat([table(range(10)), table(range(10), year=2024).iloc[:9]])
    found = jsna.sum_areas(frame, "Greater Manchester").set_index("year")
    assert found["status"].to_dict() == {2025: "value", 2024: "not_available"}
    assert found.loc[2025, "count"] == 45


def test_the_population_is_added_where_a_count_is_hidden():
    frame = table(range(10), ["suppressed"] + ["value"] * 9)
    total = jsna.sum_areas(frame, "Greater Manchester").iloc[0]
    assert (total["status"], total["population"]) == ("suppressed", 10_000)
    assert jsna.crude_rates(pd.DataFrame([total]))["status"].tolist() == ["suppressed"]


def test_old_and_new_codes_of_an_area_are_one_area_and_two_rows_of_it_are_rejected():
    codes = ["E08000038", "E08000017", "E08000018", "E08000039"]
    frame = table([1, 2, 3, 4], codes=codes)
    assert jsna.sum_areas(frame, "South Yorkshire")["count"].tolist() == [10]
    twice = pd.concat([frame, frame.iloc[:1].assign(area_code="E08000016")])
    with pytest.raises(jsna.SchemaError, match="2 rows repeat an area and indicator, year"):
        jsna.sum_areas(twice, "South Yorkshire")


def test_an_area_named_twice_is_counted_once():
    frame = table(range(10))
    total = jsna.sum_areas(frame, ["Greater Manchester", "Bolton", 350])
    assert total["count"].tolist() == [45]
    assert total["area_code"].tolist() == ["E47000001"]


def test_a_list_has_the_codes_of_its_areas_unless_it_is_a_known_group():
    frame = table(range(10))
    some = jsna.sum_areas(frame, ["Bolton", "Bury"]).iloc[0]
    assert (some["area_name"], some["area_level"]) == ("Bolton, Bury", "group of authorities")
    assert some["area_code"] == "E08000001+E08000002"
    assert jsna.sum_areas(frame, ["Bolton", "Bury"], name="North")["area_name"].tolist() == [
        "North"
    ]
    assert jsna.sum_areas(frame, list(TEN))["area_code"].tolist() == ["E47000001"]
    four = jsna.sum_areas(frame, ["Bolton", "Bury", "Wigan", "Salford"])
    assert four["area_name"].tolist() == ["Bolton, Bury, Wigan and 1 more"]


@pytest.mark.parametrize("places", ["England", "North West", ["Bolton", "North West"]])
def test_rounded_counts_of_england_and_regions_are_not_added(places):
    with pytest.raises(jsna.UsageError, match="of England and of regions are rounded"):
        jsna.sum_areas(table(range(10)), places)


def test_no_area_and_no_row_are_errors():
    frame = table(range(10))
    with pytest.raises(jsna.UsageError, match=r"areas=\[\] names no area"):
        jsna.sum_areas(frame, [])
    with pytest.raises(jsna.MissingDataError, match=r"no row of Leeds in 'area_code' \(10 rows"):
        jsna.sum_areas(frame, "Leeds")
    with pytest.raises(jsna.SchemaError, match="no column 'area_code'"):
        jsna.sum_areas(frame.drop(columns="area_code"), "Leeds")


def test_published_rates_and_shares_are_never_averaged():
    shares = table(range(10), published_rate=50.0, rate=1.0, lower=0.5).drop(
        columns=["count", "status"]
    )
    total = jsna.sum_areas(shares, "Greater Manchester").iloc[0]
    assert (total["status"], total["parts_used"]) == ("not_available", 0)
    assert pd.isna(total["count"])
    assert total["population"] == 10_000
    assert not {"published_rate", "rate", "lower"} & {*total.index}


def test_values_are_worked_out_again_in_their_unit():
    """The table of indicators: value, unit and the states of count and value."""
    frame = table([10 * at for at in range(10)], count_status="value", value=99.0, unit="per cent")
    parts = [
        frame,
        frame.assign(indicator="rate", unit="per 10,000"),
        frame.assign(indicator="caseload", unit="cases per worker"),
        frame.assign(indicator="all", unit="number"),
        # Published as a percentage alone.
        frame.assign(
            indicator="share",
            count=pd.array([pd.NA] * 10, dtype="Int64"),
            count_status="not_applicable",
        ),
    ]
    found = jsna.sum_areas(pd.concat(parts), "Greater Manchester").set_index("indicator")
    assert found["value"].to_dict() == pytest.approx(
        {"referrals": 4.5, "rate": 450.0, "caseload": np.nan, "all": 450.0, "share": np.nan},
        nan_ok=True,
    )
    assert found["status"].tolist() == ["value", "value", "not_available", "value", "not_available"]
    assert found["count_status"].tolist() == ["value"] * 4 + ["not_available"]
    assert found["count"].tolist()[:4] == [450] * 4


def test_ages_sexes_and_breakdowns_stay_apart():
    frame = pd.concat(
        [table(range(10), ages=ages, breakdown=what) for ages in ("0-4", "5-9") for what in "ab"]
    )
    found = jsna.sum_areas(frame, "Greater Manchester")
    assert found[["ages", "breakdown", "count"]].to_numpy().tolist() == [
        [ages, what, 45] for ages in ("0-4", "5-9") for what in "ab"
    ]


def test_a_column_that_is_not_known_is_asked_for():
    frame = pd.concat([table(range(10), phase=each) for each in ("Primary", "Secondary")])
    with pytest.raises(jsna.SchemaError, match=r"Name the columns that .* by=\['phase'\]"):
        jsna.sum_areas(frame, "Greater Manchester")
    found = jsna.sum_areas(frame, "Greater Manchester", by="phase")
    assert found["phase"].tolist() == ["Primary", "Secondary"]


def test_populations_without_counts_are_added():
    people = table(range(10), ages="0-17", population=[1.5] * 10).drop(columns="count")
    people["population_status"] = "value"
    hidden = people.assign(status=["modelled"] + ["value"] * 9).drop(columns="population_status")
    total = jsna.sum_areas(hidden, "Greater Manchester").iloc[0]
    assert (total["population"], total["status"]) == (15.0, "modelled")
    assert "count" not in total.index


@pytest.mark.reference
def test_greater_manchester_in_published_files(reference, tmp_path):
    """The ten authorities' referrals of 2025 (DfE) and people of 2011 (ONS), added by hand here."""
    names = {
        "children_in_need": "safeguarding/"
        "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv.gz",
        "population_estimates": "population/mye_la_syoa_sex_2000_2023.csv.gz",
    }
    for folder, name in names.items():
        target = tmp_path / "data" / "raw" / folder / (reference / name).name
        target.parent.mkdir(parents=True)
        target.write_bytes((reference / name).read_bytes())
    raw = pd.read_csv(reference / names["children_in_need"], dtype=str, low_memory=False)
    ours = raw[raw["new_la_code"].isin(TEN) & (raw["time_period"] == "2025")]
    expected = ours["referral_count"].astype(int).sum()
    found = jsna.load_children_in_need(
        ["Greater Manchester", "Bolton"], indicators="referrals", years=2025, workspace=tmp_path
    )
    assert found["area_name"].tolist() == ["Bolton", "Greater Manchester"]
    assert found["count"].tolist() == [3803, expected]
    assert found["published_rate_status"].tolist()[1] == "not_available"
    assert found["parts_used"].tolist() == [1, 10]
    people = jsna.load_population_estimates(
        "Greater Manchester", ages=(0, 90), years=2011, workspace=tmp_path
    )
    raw = pd.read_csv(reference / names["population_estimates"])
    ours = raw[raw["AREA_CODE"].isin(TEN) & (raw["AGE_GROUP"].str.lower() != "all ages")]
    ours = ours[ours["SEX"].isin(["males", "females"])]
    assert people["population"].sum() == ours["2011"].sum()
    assert set(people["area_level"]) == {"combined authority"}


def test_an_authority_is_compared_with_the_rest_of_its_group():
    frame = table([10 * at + 10 for at in range(10)])
    both = pd.concat([frame, jsna.sum_areas(frame, "Greater Manchester")])
    found = jsna.compare_with_benchmark(both, "Greater Manchester").set_index("area_name")
    assert found.loc["Bolton", "benchmark"] == "the rest of Greater Manchester"
    assert found.loc["Bolton", "ratio"] == pytest.approx((10 / 1000) / (540 / 9000))
    whole = jsna.compare_with_benchmark(both, "Greater Manchester", without_own=False)
    assert whole["ratio"].iloc[0] == pytest.approx((10 / 1000) / (550 / 10000))


def test_a_loader_names_the_authorities_that_are_missing(tmp_path):
    with pytest.raises(jsna.MissingDataError, match=r"Bury, Manchester, Stockport, Trafford"):
        jsna.load_children_in_need("Greater Manchester", years=2025, workspace=tmp_path)
    with pytest.raises(jsna.MissingDataError, match=r"base year any.*--area Bury"):
        jsna.load_population_projections("Greater Manchester", workspace=tmp_path)
    with pytest.raises(jsna.UsageError, match="Greater Manchester is a combined authority"):
        jsna.load_statistical_neighbours("Greater Manchester", workspace=tmp_path)
