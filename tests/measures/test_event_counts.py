"""Events counted whole: zeros, the unknown, margins, children once, and the areas of each year."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError, VintageError
from bolton_jsna.measures.denominators import match_populations
from bolton_jsna.measures.event_counts import DIMENSIONS, count_events, linked_counts
from bolton_jsna.measures.event_dimensions import AGE_BANDS, ALL, ELSEWHERE, NOT_KNOWN, OTHER_WORDS
from bolton_jsna.tables import schemas

LSOAS = [f"E0199{ward}{part:03d}" for ward in (1, 2, 3) for part in (1, 2)]
LOOKUP = pd.DataFrame({"from_code": LSOAS, "to_code": [f"W{code[5]}" for code in LSOAS]})


def records(rows):
    frame = pd.DataFrame(rows)
    for name in ("date", "end_date"):
        days = frame[name] if name in frame else [None] * len(frame)
        frame[name] = pd.to_datetime(pd.Series(days), format="ISO8601").astype("datetime64[ns]")
    frame["illustrative"] = False
    if "kind" not in frame:
        frame["kind"] = "referral"
    return schemas.typed(frame, schemas.SCHEMAS["local_records"].columns)


@pytest.fixture(scope="module")
def laid():
    return jsna.load_local_records().records


@pytest.fixture(scope="module")
def bolton():
    return jsna.load_lookup("Bolton")


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_every_dimension_adds_up_to_the_published_total(laid, bolton, year):
    published = jsna.load_children_in_need("Bolton", indicators="referrals", years=[year])
    total = int(published["count"].iloc[0])
    for name in DIMENSIONS:
        table = count_events(laid, "referrals", years=[year], by=[name], lookup=bolton)
        assert table["count"].sum() == total, name


def test_children_referred_in_the_year_are_those_published(laid):
    # c1, 2025 release: children referred in Bolton in the year ending 31 March 2025.
    table = count_events(laid, "referrals", years=[2025], by=["year"], of="children")
    assert table["count"].tolist() == [3425]


def test_all_wards_and_zeros_are_there():
    frame = records(
        [
            {"child_id": "a", "date": "2024-05-01", "lsoa_code": LSOAS[0], "age": 0},
            {"child_id": "b", "date": "2024-05-01", "lsoa_code": "E01000001", "age": 17},
            {"child_id": "c", "date": "2023-05-01", "lsoa_code": LSOAS[5], "age": -1},
            {"child_id": "d", "date": "2023-05-01", "lsoa_code": None},
        ]
    )
    table = count_events(
        frame, "referrals", years=[2024, 2025], by=["area_code", "year"], lookup=LOOKUP
    )
    assert table["area_code"].tolist() == ["W1", "W2", "W3", ELSEWHERE] * 2
    assert table["count"].tolist() == [0, 0, 1, 1, 1, 0, 0, 1]
    ages = count_events(frame, "referrals", years=[2024, 2025], by=["age_band"])
    assert ages["age_band"].tolist() == ["Unborn", *AGE_BANDS, NOT_KNOWN]
    assert ages["count"].tolist() == [1, 1, 0, 0, 0, 1, 1]


def test_a_child_is_counted_once_a_year_at_the_first_event():
    frame = records(
        [
            {"child_id": "a", "date": "2024-09-01", "lsoa_code": LSOAS[0]},
            {"child_id": "a", "date": "2024-05-01", "lsoa_code": LSOAS[2]},
            {"child_id": "a", "date": "2025-05-01", "lsoa_code": LSOAS[0]},
        ]
    )
    table = count_events(frame, "referrals", years=[2025, 2026], lookup=LOOKUP, of="children")
    assert table[table["count"] > 0].to_numpy().tolist() == [["W2", 2025, 1], ["W1", 2026, 1]]


def test_each_year_takes_the_areas_of_its_own_geography():
    old = pd.DataFrame({"from_code": LSOAS, "to_code": [f"OLD{code[5]}" for code in LSOAS]})
    frame = records(
        [
            {"child_id": "a", "date": "2022-09-01", "lsoa_code": LSOAS[0]},
            {"child_id": "b", "date": "2023-09-01", "lsoa_code": LSOAS[0]},
        ]
    )
    table = count_events(frame, "referrals", years=[2023, 2024], lookup={2017: old, 2023: LOOKUP})
    counted = table[table["count"] > 0]
    # Wards that came into being in May 2023 are those of the year ending 31 March 2024.
    assert counted[["area_code", "year"]].to_numpy().tolist() == [["OLD1", 2023], ["W1", 2024]]
    assert len(table) == 8


def test_free_text_with_few_children_is_not_printed():
    rows = [
        {"child_id": str(n), "date": "2024-05-01", "referral_source": word}
        for n, word in enumerate(["Police"] * 3 + ["Mrs Smith"] * 9 + ["Local panel"] * 10)
    ]
    table = count_events(records(rows), "referrals", years=[2025], by=["referral_source"])
    named = table[["referral_source", "count"]].to_numpy().tolist()
    assert named == [["Police", 3], ["Local panel", 10], [OTHER_WORDS, 9]]
    # A table of one year names it; one of several years added up cannot.
    assert table.columns.tolist() == ["referral_source", "year", "count"]
    assert table["year"].tolist() == [2025] * 3


features = st.fixed_dictionaries(
    {
        "child_id": st.sampled_from("abcdef"),
        "date": st.dates(pd.Timestamp("2023-04-01").date(), pd.Timestamp("2025-03-31").date()),
        "lsoa_code": st.sampled_from([*LSOAS, "E01000001", None]),
        "age": st.sampled_from([-1, 0, 5, 16, None]),
        "sex": st.sampled_from(["female", "male", "unknown", None]),
        "ethnicity": st.sampled_from(["Pakistani", "White British", None]),
    }
)


@given(
    st.lists(features, min_size=1, max_size=30),
    st.lists(
        st.sampled_from(["area_code", "year", "age_band", "sex", "ethnic_group"]),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    st.sampled_from(["events", "children"]),
)
def test_margins_are_the_sums_of_their_parts(rows, by, of):
    frame = records([{**row, "date": row["date"].isoformat()} for row in rows])
    held = sorted({each.year + (each.month > 3) for each in frame["date"]})
    try:
        table = count_events(
            frame, "referrals", years=held, by=by, lookup=LOOKUP, of=of, margins=True
        )
    except VintageError:
        return
    assert not table.duplicated(by).any()
    inner = table[(table[by] != ALL).all(axis="columns")]
    years = (frame["date"].dt.year + frame["date"].dt.month.ge(4)).astype(int)
    expected = (
        len(frame)
        if of == "events"
        else len(frame.assign(year=years).drop_duplicates(["child_id", "year"]))
    )
    assert inner["count"].sum() == expected
    for size in range(1, len(by) + 1):
        for summed in itertools.combinations(by, size):
            kept = [name for name in by if name not in summed]
            here = (table[list(summed)] == ALL).all(axis="columns")
            here &= (table[kept] != ALL).all(axis="columns")
            margin = table[here]
            if not kept:
                assert margin["count"].tolist() == [expected]
                continue
            sums = inner.groupby(kept)["count"].sum()
            assert margin.set_index(kept)["count"].to_dict() == sums.to_dict()


def test_tables_that_are_linked_share_their_margins(laid, bolton):
    found = linked_counts(
        laid,
        "referrals",
        years=[2024, 2025],
        tables=[["area_code", "year"], ["category", "year"], ["area_code"]],
        lookup=bolton,
    )
    by_ward, by_category, wards = found.values()
    first = by_ward[by_ward["area_code"] == ALL].set_index("year")["count"].to_dict()
    second = by_category[by_category["category"] == ALL].set_index("year")["count"].to_dict()
    assert first == second
    over = by_ward[by_ward["year"] == ALL].set_index("area_code")["count"].to_dict()
    assert over == wards.set_index("area_code")["count"].to_dict()


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"by": ["ward"]}, UsageError, r"by='ward' is not known"),
        ({"by": []}, UsageError, "names no dimension"),
        ({"by": ["sex", "sex"]}, UsageError, "or one twice"),
        ({"years": []}, UsageError, "is not a year or years"),
        ({"of": "people"}, UsageError, "of='people' is not known"),
        ({}, UsageError, "Counting by area_code needs lookup="),
        ({"lookup": {}}, UsageError, "lookup= is empty"),
        ({"lookup": pd.concat([LOOKUP, LOOKUP])}, UsageError, "go to several areas"),
        ({"by": ["age_band"], "bands": {"x": (5, 4)}}, UsageError, "ends before it begins"),
    ],
)
def test_what_is_not_valid_is_rejected(given, error, message):
    frame = records([{"child_id": "a", "date": "2024-05-01", "lsoa_code": LSOAS[0]}])
    with pytest.raises(error, match=message):
        count_events(frame, "referrals", **({"years": [2025]} | given))


def test_records_of_other_lsoas_than_the_lookup_are_rejected():
    frame = records([{"child_id": "a", "date": "2024-05-01", "lsoa_code": "E01000001"}])
    with pytest.raises(VintageError, match="1 of 1 events of 2025 have an LSOA"):
        count_events(frame, "referrals", years=[2025], lookup=LOOKUP)
    with pytest.raises(SchemaError, match="The records have no column child_id"):
        count_events(frame.drop(columns="child_id"), "referrals", years=[2025], by=["sex"])


def populations(years=(2023, 2024), ages=range(18), sexes=("persons", "females", "males")):
    return pd.DataFrame(
        [
            {
                "area_code": area,
                "year": year,
                "sex": sex,
                "ages": str(age),
                "age": age,
                "population": (2 if sex == "persons" else 1) * (age + 1) * (1 + (area == "W2")),
                "status": "value",
            }
            for area in ("W1", "W2")
            for year in years
            for sex in sexes
            for age in ages
        ]
    ).astype({"age": "Int64"})


def test_populations_match_area_age_sex_and_the_mid_year_before():
    counts = pd.DataFrame(
        {
            "area_code": ["W1", "W2", ALL, "W1", "W1", "W3", "W1"],
            "year": [2025, 2025, 2025, 2025, ALL, 2025, 2026],
            "age_band": ["1 to 4", ALL, "Under 1", "Unborn", "Under 1", "Under 1", "Under 1"],
            "sex": ["female", ALL, ALL, ALL, ALL, ALL, ALL],
            "count": 1,
        }
    )
    found = match_populations(counts, populations())
    # Ages 1 to 4 of W1's girls: 2 + 3 + 4 + 5; all 18 ages of W2: 2 x 2 x 171.
    assert found["population"].iloc[:3].tolist() == [14, 684, 6]
    assert found["population"].iloc[3:].isna().all()
    assert found["population_status"].tolist() == [
        *["value"] * 3,
        "not_applicable",
        "not_applicable",
        "not_available",
        "not_available",
    ]
    assert found["population_year"].iloc[0] == 2024
    near = match_populations(counts, populations(), nearest=True)
    assert near["population"].iloc[6] == 2
    assert near["population_year"].iloc[6] == 2024


def test_a_band_with_an_age_missing_has_no_population():
    counts = pd.DataFrame({"area_code": ["W1", "W2"], "year": 2025, "count": 1})
    people = populations().query("area_code == 'W2' or age < 17")
    found = match_populations(counts, people)
    assert found["population_status"].tolist() == ["not_available", "value"]
    assert np.isnan(found["population"].iloc[0])


def test_groups_without_a_population_are_not_divided_by_everybody():
    counts = pd.DataFrame(
        {"area_code": ["W1"], "year": [2025], "ethnic_group": ["Mixed"], "count": [1]}
    )
    with pytest.raises(UsageError, match="every group would be divided by all children"):
        match_populations(counts, populations())
    with pytest.raises(SchemaError, match="table of counts has no column 'area_code'"):
        match_populations(counts.drop(columns="area_code"), populations())


@pytest.mark.parametrize("event", ["referrals", "cpp_started"])
def test_years_that_the_records_do_not_reach_are_named_and_are_no_zeros(event):
    held = jsna.load_local_records().records
    with pytest.raises(
        MissingDataError, match=r"to count for 2012, 2031 .* run from 20\d\d to 2025"
    ):
        count_events(held, event, years=[2012, 2025, 2031], by=["sex"])


def test_plans_before_the_first_and_after_the_last_end_are_no_zeros():
    held = jsna.load_local_records(kind="plans").records
    with pytest.raises(MissingDataError, match="to count for 2010"):
        count_events(held, "cpp_at_31_march", years=[2010], by=["sex"])
    ended = held[held["end_date"].notna()]
    with pytest.raises(MissingDataError, match=r"2031 .*they run from 20\d\d to 2025"):
        count_events(ended, "cpp_at_31_march", years=[2031], by=["sex"])
    with pytest.raises(MissingDataError, match="hold no referral"):
        count_events(held, "referrals", years=2025, by=["sex"])


def test_what_is_not_a_year_or_not_a_list_of_tables_is_named():
    held = jsna.load_local_records().records
    one = count_events(held, "referrals", years=2025, by=["sex"])
    assert one["count"].sum() == 3803
    with pytest.raises(UsageError, match="years holds a value of the type str"):
        count_events(held, "referrals", years=["2025"], by=["sex"])
    with pytest.raises(UsageError, match="tables holds a value of the type str"):
        jsna.linked_counts(held, "referrals", years=2025, tables=["age_band", "year"])
    with pytest.raises(UsageError, match="event='referals'"):
        count_events(held, "referals", years=2025)


@pytest.mark.parametrize("age", ["Ann Other", 3.5, 10**400, float("inf"), 10_000])
def test_an_age_that_is_not_a_whole_number_is_rejected_and_not_named(age):
    frame = records([{"child_id": "a", "date": "2024-05-01", "age": 3}]).astype({"age": object})
    frame.loc[0, "age"] = age
    with pytest.raises(SchemaError, match=r"'age' of .*leave the cell empty") as error:
        count_events(frame, "referrals", years=2025, by="age_band")
    assert "Ann" not in str(error.value)


@pytest.mark.parametrize("column", ["from_code", "to_code"])
def test_a_lookup_without_a_code_is_rejected(column):
    frame = records([{"child_id": "a", "date": "2024-05-01", "lsoa_code": LSOAS[0]}])
    bare = LOOKUP.astype(object)
    bare.loc[0, column] = None
    with pytest.raises(SchemaError, match="1 rows of the lookup have no code"):
        count_events(frame, "referrals", years=2025, lookup=bare)
