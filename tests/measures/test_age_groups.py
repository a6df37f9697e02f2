"""Age bands by name: those of DfE and of the chapter of 2012, every child in one of them."""

import gzip

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.errors import UsageError
from bolton_jsna.measures.age_groups import NAMES, banded, bands_of, closed
from bolton_jsna.measures.denominators import match_populations
from bolton_jsna.measures.event_counts import count_events, linked_counts
from bolton_jsna.measures.event_dimensions import usual_levels


def named(ages, bands):
    found = banded(pd.Series(ages, dtype="Int64"), bands_of(bands), unknown="Not known")
    return found.tolist()


def test_the_bands_of_dfe_are_those_of_its_release():
    assert list(jsna.DFE_BANDS) == ["Under 1", "1 to 4", "5 to 9", "10 to 15", "16 and over"]
    assert usual_levels("age_band") == ["Unborn", *jsna.DFE_BANDS]
    assert named([-1, 0, 1, 4, 5, 9, 10, 15, 16, 17, 18, 24, None], "dfe") == [
        *("Unborn", "Under 1", "1 to 4", "1 to 4", "5 to 9", "5 to 9", "10 to 15", "10 to 15"),
        *("16 and over",) * 4,
        "Not known",
    ]


@pytest.mark.reference
def test_dfe_names_its_age_groups_so(reference):
    path = reference / "safeguarding_2024" / "a7_cin_by_age_gender_ethnicity_2015_to_2024.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig") as stream:
        words = set(pd.read_csv(stream, dtype=str)["characteristic_type"])
    for name in usual_levels("age_band"):
        assert {name, f"{name} year", f"{name} years", name.replace(" and", " years and")} & words


def test_a_child_of_16_is_in_the_last_band_of_the_chapter_of_2012():
    assert list(jsna.CHAPTER_2012_BANDS) == ["Under 5", "5-16", "16+"]
    assert named([-1, 0, 4, 5, 15, 16, 17, 18, None], "chapter_2012") == [
        *("Unborn", "Under 5", "Under 5", "5-16", "5-16", "16+", "16+", "16+", "Not known"),
    ]


@pytest.mark.reference
def test_the_chapter_of_2012_counted_a_child_of_16_so(reference):
    """Its 56 per cent aged "5-16" are DfE's 131 of 236 children aged 5 to 15, before any of 16."""
    table = pd.read_csv(
        reference / "safeguarding" / "cin_2011_12_SFR27-2012ud.csv", dtype=str, encoding="latin-1"
    )
    row = table[table.eq("Bolton").any(axis="columns")].iloc[0]
    aged = sum(
        int(row[f"CPPat310312{sex}{ages}yrs"])
        for sex in ("Male", "Female")
        for ages in ("5-9", "10-15")
    )
    # The chapter prints 236 children on a plan in March 2012, and 56 per cent aged "5-16".
    assert (aged, round(100 * aged / 236)) == (131, 56)


@pytest.mark.parametrize("name", NAMES)
@given(age=st.integers(-1, 40))
def test_every_age_is_in_one_band(name, age):
    (band,) = named([age], name)
    assert band in {"Unborn", *bands_of(name)}
    spans = bands_of(name).values()
    assert sum(first <= age <= (age if last is None else last) for first, last in spans) == (
        age >= 0
    )


def test_an_age_in_none_of_the_bands_is_not_called_unknown():
    assert named([3, 18, None], {"0-4": (0, 4), "5-17": (5, 17)}) == [
        *("0-4", "Other ages", "Not known"),
    ]


@pytest.mark.parametrize(
    ("bands", "message"),
    [
        ("dfe2", "bands='dfe2' is not known.*Did you mean 'dfe'"),
        ({}, "has no age band"),
        ({"x": (5, 4)}, "'x' ends before it begins: 5 to 4"),
        ({"0-4": (0, 4), "5-16": (5, 16), "16-17": (16, 17)}, "'5-16' and '16-17' overlap at age"),
        ({"16+": (16, None), "18+": (18, None)}, r"'16\+' and '18\+' overlap at age 18"),
    ],
)
def test_bands_that_cannot_be_counted_by(bands, message):
    with pytest.raises(UsageError, match=message):
        bands_of(bands)
    with pytest.raises(UsageError, match=message):
        usual_levels("age_band", bands)


@pytest.fixture(scope="module")
def laid():
    return jsna.load_local_records().records


@pytest.mark.parametrize("event", ["referrals", "cpp_started", "cpp_at_31_march"])
@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_both_sets_count_everybody_once(laid, event, year):
    every = {
        name: count_events(laid, event, years=[year], by=["age_band"], bands=name)
        .set_index("age_band")["count"]
        .to_dict()
        for name in NAMES
    }
    dfe, chapter = every["dfe"], every["chapter_2012"]
    assert sum(dfe.values()) == sum(chapter.values())
    assert chapter["16+"] == dfe["16 and over"]
    assert chapter["5-16"] == dfe["5 to 9"] + dfe["10 to 15"]
    assert chapter["Under 5"] == dfe["Under 1"] + dfe["1 to 4"]
    given = count_events(laid, event, years=[year], by=["age_band"], bands=jsna.CHAPTER_2012_BANDS)
    assert given.set_index("age_band")["count"].to_dict() == chapter


def test_linked_tables_take_the_name_of_a_set(laid):
    (table,) = linked_counts(
        laid, "referrals", years=[2025], tables=[["age_band", "year"]], bands="chapter_2012"
    ).values()
    assert {"Under 5", "5-16", "16+"} < set(table["age_band"])


def people(ages=range(18)):
    return pd.DataFrame(
        {
            "area_code": "W1",
            "year": 2024,
            "sex": "persons",
            "ages": [str(age) for age in ages],
            "age": pd.array(ages, dtype="Int64"),
            "population": [age + 1 for age in ages],
            "status": "value",
        }
    )


@pytest.mark.parametrize("ages", [range(18), range(91)])
@pytest.mark.parametrize(("bands", "last"), [("dfe", "16 and over"), ("chapter_2012", "16+")])
def test_16_and_over_is_divided_by_children_of_16_and_17(ages, bands, last):
    """Whether or not the populations have adults."""
    counts = pd.DataFrame(
        {"area_code": "W1", "year": 2025, "age_band": [*bands_of(bands), "Unborn", "All"]}
    ).assign(count=1)
    found = match_populations(counts, people(ages), bands=bands).set_index("age_band")
    assert found.loc[last, "population"] == 17 + 18
    assert found.loc[[*bands_of(bands)], "population"].sum() == found.loc["All", "population"]
    assert found.loc["Unborn", "population_status"] == "not_applicable"


def test_a_band_past_the_ages_of_the_populations_has_none():
    counts = pd.DataFrame(
        {"area_code": ["W1"], "year": [2025], "age_band": ["16 and over"], "count": [1]}
    )
    found = match_populations(counts, people(), ages=(0, 15))
    assert found["population_status"].tolist() == ["not_applicable"]
    assert closed(jsna.DFE_BANDS, 15).keys() == set(jsna.DFE_BANDS) - {"16 and over"}


@pytest.mark.parametrize(
    "bands", ["dfe", jsna.DFE_BANDS, list(jsna.DFE_BANDS), list(jsna.DFE_BANDS)[::-1]]
)
def test_a_standard_for_children_ends_at_17(bands):
    """Adults of the standard would outweigh the children."""
    found = jsna.standard_population(bands=bands, split=True).set_index("age_band")["standard"]
    # European Standard Population 2013: 1,000 under 1, 4,000 aged 1 to 4, then 5,500 by five years.
    assert found.to_dict() == {
        "Under 1": 1_000,
        "1 to 4": 4_000,
        "5 to 9": 5_500,
        "10 to 15": 6_600,
        "16 and over": 2_200,
    }


def test_plans_by_age_are_standardised_from_the_counts(laid):
    """From counts to a rate, with the labels as they come."""
    counts = count_events(laid, "cpp_at_31_march", years=[2025], by=["age_band", "year"])
    rows = match_populations(counts.assign(area_code="W1"), people().assign(population=1_000))
    standard = jsna.standard_population(bands=rows["age_band"].unique(), split=True)
    found = jsna.directly_standardised_rates(
        rows, by="area_code", standard=standard, per=10_000
    ).iloc[0]
    weights = standard.set_index("age_band")["standard"]
    rates = rows.set_index("age_band").eval("count / population").astype(float)
    assert found["rate"] == pytest.approx(10_000 * (rates * weights).sum() / weights.sum())
    assert found["count"] == 319
