"""Populations matched to counts whose age bands, areas or years are written in another way."""

import logging

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError
from bolton_jsna.measures.denominators import match_populations


def people(labels=range(18), column="ages", **more):
    """Return as many people as a band has ages, at mid-2024."""
    return pd.DataFrame(
        {
            "area_code": "W1",
            "year": 2024,
            column: [*labels],
            "population": [_size(each) for each in labels],
        }
    ).assign(**more)


def _size(label):
    first, _, last = str(label).partition("-")
    return int(last) - int(first) + 1 if last else 1


def counts(*bands, **more):
    rows = {"area_code": "W1", "year": 2025, "age_band": [*bands], "count": 1}
    return pd.DataFrame(rows).assign(**more)


SPELLED = [
    ["Under 1", "1 to 4", "5 to 9", "10 to 15", "16 and over"],
    ["<1", "1-4", "5\u20139", "10-15", "16+"],
    ["0", "01-04", "05-09", "10-15", "16-17"],
    list(pd.IntervalIndex.from_breaks([0, 1, 5, 10, 16, 18], closed="left")),
]


@pytest.mark.parametrize("bands", SPELLED)
@pytest.mark.parametrize("there", [range(18), ["0", "1-4", "5-9", "10-15", "16-17", "0-17"]])
@pytest.mark.parametrize("column", ["ages", "age_band"])
def test_bands_are_read_in_the_usual_spellings(bands, there, column):
    found = match_populations(counts(*bands), people(there, column))
    assert found["population"].tolist() == [1, 4, 5, 6, 2]


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (["0", "1-4", "5-9", "10-14", "15-17"], 5),
        (["0-4", "5-9"], 5),
        (["0", "1", "2-4", "0-17"], 5),
        (["0-2", "3-5"], None),
    ],
)
def test_finer_bands_are_added_up_and_no_band_is_cut(there, expected):
    rows = match_populations(
        counts("0-4", "All"), pd.concat([people(there), people(["0-17"])]).drop_duplicates("ages")
    )
    assert rows["population"].tolist()[1] == 18
    if expected is None:
        assert rows["population_status"].tolist()[0] == "not_available"
    else:
        assert rows["population"].tolist()[0] == expected


def test_areas_with_other_bands_are_each_added_up():
    both = pd.concat([people(["0-4", "5-17"]), people(range(18), area_code="W2")])
    rows = pd.concat([counts("5-17"), counts("5-17", area_code="W2")])
    assert match_populations(rows, both)["population"].tolist() == [13, 13]


def test_a_hidden_part_hides_the_band_and_a_whole_row_does_not():
    parts = people(["0", "1-4"], status=["value", "suppressed"])
    hidden = match_populations(counts("0-4"), parts)
    assert hidden["population_status"].tolist() == ["suppressed"]
    assert hidden["population"].isna().all()
    whole = pd.concat([parts, people(["0-4"], status="value")])
    assert match_populations(counts("0-4"), whole)["population"].tolist() == [5]


def test_a_band_of_adults_is_divided_by_all_ages():
    there = people([*range(90), "90+"])
    found = match_populations(counts("0-17", "18-64", "65+", "All"), there)
    assert found["population"].tolist() == [18, 47, 26, 91]
    children = match_populations(counts("0-15", "16+", "All"), there)
    assert children["population"].tolist() == [16, 2, 18]
    adults = match_populations(counts("0-15", "16+"), there, ages=(0, 200))
    assert adults["population"].tolist() == [16, 75]


def test_the_age_90_is_90_and_over_unless_there_are_older_ages():
    rows = counts("18-89", "90+")
    assert match_populations(rows, people(range(91), "age"))["population"].tolist() == [72, 1]
    older = match_populations(rows, people([*range(95), "95+"]))
    assert older["population"].tolist()[1] == 6


def test_rows_of_no_band_have_no_population():
    rows = counts("0-17", "Unborn", "Not known", "Other ages")
    states = match_populations(rows, people())["population_status"].tolist()
    assert states == ["value", *["not_applicable"] * 3]


def test_an_area_and_a_year_for_all_rows_need_no_column():
    rows = counts("0-17").drop(columns=["area_code", "year"])
    found = match_populations(rows, people(), year=2025)
    assert found.iloc[0][["area_code", "year", "population"]].tolist() == ["W1", 2025, 18]
    with pytest.raises(SchemaError, match=r"add year= .* count with by=\['age_band', 'year'\]"):
        match_populations(rows, people())
    with pytest.raises(SchemaError, match="populations of one area; these have 2"):
        match_populations(rows, pd.concat([people(), people(area_code="W2")]), year=2025)
    with pytest.raises(UsageError, match=r"these have the years 2025\. Leave out year="):
        match_populations(counts("0-17"), people(), year=2024)
    assert match_populations(counts("0-17"), people(), year=2025)["population"].tolist() == [18]


@pytest.mark.parametrize(
    ("rows", "there", "error", "message"),
    [
        (
            counts("0-4"),
            people(["0-17"]),
            MissingDataError,
            "by the ages 0-17, and the counts by 0-4",
        ),
        (counts("0-17", area_code="W9"), people(), MissingDataError, "counts are of W9, .* of W1"),
        (counts("0-17", sex="male"), people(), MissingDataError, "are of persons, .* of males"),
        (counts("0-17", year=2021), people(), MissingDataError, "mid-2020 .* nearest=True"),
        (counts("0-4", "3-9"), people(), UsageError, "'0-4' and '3-9' overlap at age 3"),
        (counts("0-4", "x"), people(), UsageError, "'x' is not an age band"),
        (counts("5-16"), people(), UsageError, "'5-16' holds the ages 5 to 15 in bands='chapter_"),
        (counts("0-4"), people().assign(ages="x"), SchemaError, "have 'x' in 'ages'"),
        (counts("0-4"), people().drop(columns="ages"), SchemaError, "no column 'age_band', 'ages'"),
        (
            counts("0-4"),
            pd.concat([people(), people()]),
            SchemaError,
            "repeat the people of another",
        ),
    ],
)
def test_what_does_not_fit_is_named(rows, there, error, message):
    with pytest.raises(error, match=message):
        match_populations(rows, there)


@pytest.mark.parametrize("heading", ["ages", "age", "age_group", "Age band", "Age group"])
def test_counts_by_age_under_another_heading_are_not_divided_by_everybody(heading):
    rows = counts("0-4", "5-17").rename(columns={"age_band": heading})
    assert match_populations(rows, people())["population"].tolist() == [5, 13]
    with pytest.raises(SchemaError, match="expected one"):
        match_populations(rows.assign(ages="0-4", AGE="0-4"), people())


def test_counts_by_sex_are_read_in_the_words_of_both_tables():
    both = pd.concat([people(sex="Female"), people(sex="M"), people(sex="Persons")])
    rows = counts(*["0-17"] * 4, Gender=["female", "Males", "All", "Not known"])
    found = match_populations(rows, both)
    assert found["population"].tolist()[:3] == [18, 18, 18]
    assert found["population_status"].tolist()[3] == "not_applicable"


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"sex": "x"}, UsageError, "counts have the sex 'x'; expected 'female'"),
        ({"year": "2024-25"}, SchemaError, "number: '2024-25'; expected the year ending 31 March"),
        ({"year": ["2025", "all years"]}, SchemaError, "number: 'all years'"),
    ],
)
def test_a_value_that_is_not_understood_is_no_unknown_child(changed, error, message):
    with pytest.raises(error, match=message):
        match_populations(counts("0-4", "5-17").assign(**changed), people())
    with pytest.raises(SchemaError, match="populations have the sex 'x'"):
        match_populations(counts("0-4"), people(sex="x"))
    text = counts("0-4", "5-17", year="2025")
    assert match_populations(text, people())["population"].tolist() == [5, 13]


def test_advice_on_persons_and_sexes_goes_both_ways():
    by_sex = pd.concat([people(sex="females"), people(sex="males")])
    with pytest.raises(MissingDataError, match="Give populations of all persons"):
        match_populations(counts("0-17"), by_sex)
    with pytest.raises(MissingDataError, match="count without 'sex' in by="):
        match_populations(counts("0-17", sex="female"), people())


def test_advice_on_a_year_without_populations_works(caplog):
    rows = pd.concat([counts("0-17"), counts("0-17", year=2023)])
    with caplog.at_level(logging.WARNING):
        found = match_populations(rows, people())
    assert found["population_status"].tolist() == ["value", "not_available"]
    assert "mid-2022" in caplog.text
    assert "nearest=True" in caplog.text
    near = match_populations(rows, people(), nearest=True)
    assert near["population_year"].tolist() == [2024, 2024]
    assert near["population"].tolist() == [18, 18]


def test_counts_of_smaller_areas_are_not_divided_by_the_one_area_of_the_populations():
    lsoas = counts("0-17", "0-17").rename(columns={"area_code": "lsoa_code"})
    lsoas["lsoa_code"] = ["L1", "L2"]
    there = people(area_code="L1")
    found = match_populations(lsoas, there)
    assert found["population_status"].tolist() == ["value", "not_available"]
    with pytest.raises(MissingDataError, match="counts are of L1, L2, the populations of W1"):
        match_populations(lsoas, people())
    for heading in ("ward_code", "Ward", "area_name", "LSOA21CD code"):
        with pytest.raises(SchemaError, match="Name the column with the codes"):
            match_populations(lsoas.rename(columns={"lsoa_code": heading}), people())


@pytest.mark.parametrize("ages", [(17, 0), (0, 1.5), (0,), (-1, 4)])
def test_what_is_no_range_of_ages_is_rejected(ages):
    with pytest.raises(UsageError, match=r"is not a range of ages|such as .0, 17."):
        match_populations(counts("0-4"), people(), ages=ages)
    assert match_populations(counts("All"), people(), ages=[0, 9])["population"].tolist() == [10]


def test_bands_by_name_must_be_those_of_the_counts():
    own = {"young": (0, 9), "old": (10, None)}
    found = match_populations(counts("young", "old"), people(), bands=own)
    assert found["population"].tolist() == [10, 8]
    with pytest.raises(UsageError, match=r"have the age band '0-4'; bands= has 'young', 'old'"):
        match_populations(counts("0-4"), people(), bands=own)


def test_projections_are_scaled_to_the_estimates():
    """So that a rate by age is a rate of the same children as the crude rate."""
    rows = counts(*jsna.DFE_BANDS, "All", area_code="E08000001")
    projections = jsna.load_population_projections("Bolton")
    estimates = jsna.load_population_estimates("Bolton")
    plain = match_populations(rows, projections)
    found = match_populations(rows, projections, totals=estimates)
    assert found["population"].iloc[-1] == pytest.approx(75_599)
    assert found["population"].iloc[:-1].sum() == pytest.approx(75_599)
    assert (found["population"] / plain["population"]).nunique() <= 6
    assert (found["population"] / plain["population"]).std() == pytest.approx(0, abs=1e-12)
    assert set(found["population_status"]) == {"modelled"}
    with pytest.raises(MissingDataError, match="mid-2022 to mid-2047"):
        match_populations(rows, projections, totals=estimates[estimates["year"] < 2022])


def test_years_added_up_are_not_divided_by_the_children_of_one():
    rows = pd.DataFrame(
        {
            "kind": "referral",
            "child_id": ["a", "b", "c"],
            "date": pd.to_datetime(["2022-05-01", "2023-05-01", "2024-05-01"]),
            "age": [3, 7, 8],
        }
    )
    bands = ["0-4", "5-9"]
    added = jsna.count_events(rows, "referrals", years=[2023, 2025], by="age_band", bands=bands)
    assert added["year"].tolist() == ["2023, 2025"] * 2
    added = jsna.count_events(
        rows, "referrals", years=[2023, 2024, 2025], by="age_band", bands=bands
    )
    assert added["year"].unique().tolist() == ["2023 to 2025"]
    there = pd.concat([people(year=year) for year in (2022, 2023, 2024)])
    for given, options in [
        (added, {}),
        (added, {"year": 2025}),
        (added.rename(columns={"year": "years"}), {"year": 2025}),
        (added.rename(columns={"year": "years"}).assign(year=2025), {}),
    ]:
        with pytest.raises(SchemaError, match=r"several years added up.*by=\['age_band', 'year'\]"):
            match_populations(given, there, **options)
    by = ["age_band", "year"]
    yearly = jsna.count_events(rows, "referrals", years=[2023, 2024, 2025], by=by, bands=bands)
    matched = match_populations(yearly, there)
    pooled = jsna.pool_years(matched, by=["area_code", "age_band"])
    assert pooled[["count", "population"]].to_numpy().tolist() == [[1, 15], [2, 15]]


def test_the_columns_of_a_table_are_not_taken_for_dimensions():
    rows = pd.DataFrame({"age": ["0-4"], "referrals": [1]})
    with pytest.raises(SchemaError, match=r"together, give the counts of each year\.$"):
        match_populations(rows, people())
    assert match_populations(rows, people(), year=2025)["population"].tolist() == [5]
