"""Children of wards and LSOAs of a year: published, or scaled to the authority's estimate."""

import csv
import json
import logging
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.building._reader_notes import map_notes
from bolton_jsna.building.inputs import gather

LSOAS = jsna.load_idaci("Bolton")["lsoa_code"].tolist()
AGES = [str(age) for age in range(18)]
load = jsna.load_population_estimates


def lay(workspace: Path, name: str, rows: list[list[object]]) -> None:
    folder = workspace / "data" / "raw" / "population_estimates"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def lay_lsoas(workspace: Path, *years: int, total: int, codes: list[str] = LSOAS) -> None:
    """Lay ONS estimates by LSOA of some mid-years: the first LSOAs take the larger share."""
    each = spread(total, len(codes))
    rows = [[year, code, "x", *here] for year in years for code, here in zip(codes, each)]  # noqa: B905
    head = ["mid_year", "lsoa21_code", "lsoa21_name", "aged_0_to_17"]
    lay(workspace, f"sape_{years[-1]}.csv", [head, *rows])


def spread(total: int, number: int) -> list[list[int]]:
    weights = [place + 1 for place in range(number)]
    found = [total * weight // sum(weights) for weight in weights]
    found[0] += total - sum(found)
    return [[each] for each in found]


def lay_single_years(workspace: Path, year: int) -> None:
    """Lay estimates by LSOA and single year of age: 10 of each age, 20 where the age is odd."""
    rows = [[year, code, "x", *[10 + 10 * (age % 2) for age in range(18)]] for code in LSOAS]
    lay(workspace, "syoa.csv", [["mid_year", "lsoa21_code", "lsoa21_name", *AGES], *rows])


def lay_authority(workspace: Path, year: int, people: list[int]) -> None:
    """Lay ONS's estimates of Bolton by single year of age."""
    head = ["AREA_CODE", "AREA_NAME", "COMPONENT", "SEX", "AGE_GROUP", year]
    rows = [
        ["E08000001", "Bolton", "Population", "persons", age, number]
        for age, number in enumerate(people)
    ]
    lay(workspace, "mye.csv", [head, *rows])


def test_the_latest_year_of_the_authority_is_given_by_default(tmp_path: Path) -> None:
    for level, areas in (("ward", 20), ("lsoa", 177)):
        found = load("Bolton", level=level, workspace=tmp_path)
        assert len(found) == areas
        assert found["year"].unique().tolist() == [2024]
        assert found["base_year"].unique().tolist() == [2022]
        assert found["status"].unique().tolist() == ["modelled"]
        assert found["population"].sum() == pytest.approx(75_599, rel=1e-12)
        named = {each for text in found["source"] for each in text.split("; ")}
        assert {"idaci@2025", "population_projections@2022", "population_estimates@2024"} <= named


def test_each_year_asked_for_adds_up_to_the_authoritys_estimate(tmp_path: Path) -> None:
    years = [2013, 2022, 2024]
    own = load("Bolton", years=years, workspace=tmp_path).set_index("year")["population"]
    found = load("Bolton", level="ward", years=years, workspace=tmp_path)
    assert found.groupby("year").size().to_dict() == dict.fromkeys(years, 20)
    sums = found.groupby("year")["population"].sum().to_dict()
    assert sums == pytest.approx(own.to_dict(), rel=1e-12)
    shares = [
        rows["population"].to_numpy() / rows["population"].sum()
        for _, rows in found.groupby("year")
    ]
    assert shares[0] == pytest.approx(shares[2])


@pytest.mark.parametrize(("years", "named"), [(2011, "mid-2011"), ([2024, 2031], "mid-2031")])
def test_a_year_without_an_estimate_of_the_authority_is_named(tmp_path, years, named) -> None:
    with pytest.raises(
        jsna.MissingDataError, match=rf"the estimate of Bolton .* at {named}\."
    ) as got:
        load("Bolton", level="ward", years=years, workspace=tmp_path)
    assert "in data/raw/population_estimates/" in str(got.value)
    assert "It has mid-2012" in str(got.value)


def test_a_year_further_away_than_was_tested_is_warned_of(tmp_path: Path, caplog) -> None:
    with caplog.at_level(logging.WARNING, logger="bolton_jsna"):
        load("Bolton", level="lsoa", years=[2019, 2024], workspace=tmp_path)
        assert caplog.messages == []
        load("Bolton", level="lsoa", years=2018, workspace=tmp_path)
    (said,) = caplog.messages
    assert "at mid-2018 have the spread of mid-2022, 4 years away" in said
    assert "tested over 3 years" in said


def test_estimates_of_another_year_are_scaled_to_the_year(tmp_path: Path) -> None:
    lay_lsoas(tmp_path, 2023, total=70_000)
    found = load("Bolton", level="lsoa", workspace=tmp_path).set_index("area_code")
    assert (found["status"] == "modelled").all()
    assert found["year"].unique().tolist() == [2024]
    assert found["base_year"].unique().tolist() == [2023]
    assert found["population"].sum() == pytest.approx(75_599, rel=1e-12)
    given = pd.Series([each[0] for each in spread(70_000, 177)], index=LSOAS)
    expected = given * 75_599 / 70_000
    assert found["population"].to_dict() == pytest.approx(expected.to_dict())
    assert found["source"].unique().tolist() == [
        "population_estimates@2023; population_estimates@2024"
    ]


def test_of_several_years_the_nearest_is_scaled_and_of_two_the_newer(tmp_path: Path) -> None:
    lay_lsoas(tmp_path, 2019, 2021, 2023, total=70_000)
    found = load("Bolton", level="lsoa", years=[2018, 2022, 2024], workspace=tmp_path)
    bases = found.groupby("year")["base_year"].unique().map(list).to_dict()
    assert bases == {2018: [2019], 2022: [2023], 2024: [2023]}


@pytest.mark.parametrize("total", [75_599, 75_599 + 88, 75_599 - 88])
def test_estimates_of_the_year_itself_stay_as_they_are(tmp_path: Path, total: int) -> None:
    """Half a person of rounding for each of 177 LSOAs is 88.5."""
    lay_lsoas(tmp_path, 2024, total=total)
    found = load("Bolton", level="lsoa", workspace=tmp_path)
    assert (found["status"] == "value").all()
    assert found["base_year"].unique().tolist() == [2024]
    assert found["population"].tolist() == [each[0] for each in spread(total, 177)]
    wards = load("Bolton", level="ward", workspace=tmp_path)
    assert (wards["status"] == "value").all()
    assert wards["population"].sum() == total


@pytest.mark.parametrize("total", [75_599 + 89, 72_000])
def test_estimates_of_the_year_of_another_issue_are_scaled(tmp_path: Path, total: int) -> None:
    lay_lsoas(tmp_path, 2024, total=total)
    found = load("Bolton", level="lsoa", workspace=tmp_path)
    assert (found["status"] == "modelled").all()
    assert (found["base_year"] == found["year"]).all()
    assert found["population"].sum() == pytest.approx(75_599, rel=1e-12)


def test_estimates_of_a_year_that_the_authority_does_not_have_are_given_as_published(
    tmp_path: Path,
) -> None:
    lay_lsoas(tmp_path, 2025, total=76_000)
    found = load("Bolton", level="lsoa", years=2025, workspace=tmp_path)
    assert found["status"].unique().tolist() == ["value"]
    assert found["population"].sum() == 76_000
    latest = load("Bolton", level="lsoa", workspace=tmp_path)
    assert latest[["year", "base_year"]].drop_duplicates().to_numpy().tolist() == [[2024, 2025]]


def test_single_years_of_age_are_scaled_by_age(tmp_path: Path) -> None:
    lay_single_years(tmp_path, 2023)
    people = [4_000 + age for age in range(18)]
    lay_authority(tmp_path, 2024, people)
    found = load("Bolton", level="lsoa", workspace=tmp_path)
    by_age = found.groupby("age")["population"].sum()
    assert by_age.tolist() == pytest.approx(people, rel=1e-12)
    assert (found["status"] == "modelled").all()
    wards = load("Bolton", level="ward", workspace=tmp_path)
    assert wards.groupby("age")["population"].sum().tolist() == pytest.approx(people, rel=1e-12)


def test_single_years_of_age_are_scaled_by_the_total_where_the_authority_has_no_ages(
    tmp_path: Path,
) -> None:
    lay_single_years(tmp_path, 2023)
    found = load("Bolton", level="lsoa", workspace=tmp_path)
    by_age = found.groupby("age")["population"].sum()
    assert by_age.sum() == pytest.approx(75_599, rel=1e-12)
    assert by_age[1] / by_age[0] == pytest.approx(2)


def test_ages_divide_the_band_of_the_whole_where_the_authority_has_both(tmp_path: Path) -> None:
    lay_single_years(tmp_path, 2023)
    lay_authority(tmp_path, 2024, [1_000] * 9 + [3_000] * 9)
    head = [
        "time_period",
        "time_identifier",
        "geographic_level",
        "country_code",
        "country_name",
        "region_code",
        "region_name",
        "old_la_code",
        "new_la_code",
        "la_name",
        "age_group",
        "population_estimate",
    ]
    place = [
        "Local authority",
        "E92000001",
        "England",
        "E12000002",
        "North West",
        350,
        "E08000001",
        "Bolton",
    ]
    row = [2024, "Reporting year", *place, "Children aged 0 to 17 years", 72_000]
    lay(tmp_path, "dfe.csv", [head, row])
    found = load("Bolton", level="lsoa", workspace=tmp_path)
    by_age = found.groupby("age")["population"].sum()
    assert by_age.tolist() == pytest.approx([2_000] * 9 + [6_000] * 9)


def test_estimates_that_lack_lsoas_are_not_scaled_up(tmp_path: Path, caplog) -> None:
    """As a file by LSOAs of 2011 where some were split since."""
    lay_lsoas(tmp_path, 2023, total=70_000, codes=LSOAS[:170])
    with caplog.at_level(logging.WARNING, logger="bolton_jsna"):
        found = load("Bolton", level="lsoa", workspace=tmp_path)
    assert found["base_year"].unique().tolist() == [2022]
    assert found["source"].str.startswith("idaci@2025").all()
    assert "mid-2023" in caplog.text
    assert "found 170 LSOAs" in caplog.text


@pytest.mark.parametrize("cell", ["", "c"])
def test_estimates_with_a_missing_number_are_not_scaled(tmp_path: Path, caplog, cell) -> None:
    """The others would be scaled up to make good for the one that is missing."""
    rows = [[2023, code, "x", 400] for code in LSOAS[:-1]] + [[2023, LSOAS[-1], "x", cell]]
    lay(tmp_path, "x.csv", [["mid_year", "lsoa21_code", "lsoa21_name", "aged_0_to_17"], *rows])
    with caplog.at_level(logging.WARNING, logger="bolton_jsna"):
        found = load("Bolton", level="lsoa", workspace=tmp_path)
    assert found["base_year"].unique().tolist() == [2022]
    assert "mid-2023 are not scaled to mid-2024 for Bolton: 1 have no number" in caplog.text


BURY = ["E01004912", "E01004913"]


def add_file(workspace: Path, dataset: str, name: str, *rows: str) -> None:
    folder = workspace / "data" / "raw" / dataset
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join(rows) + "\n")


def add_bury(workspace: Path) -> None:
    """Add IDACI and estimates of two LSOAs of Bury."""
    index = "Income Deprivation Affecting Children Index (IDACI)"
    head = "LSOA code (2021),LSOA name (2021),Local Authority District code (2024),"
    head += f"{index} Score (rate),{index} Rank (where 1 is most deprived)"
    rows = [f"{code},Bury 001A,E08000002,0.{9 - at},{at + 1}" for at, code in enumerate(BURY)]
    add_file(workspace, "idaci", "File_7_IoD2025.csv", head, *rows)
    lay_lsoas(workspace, 2024, total=300, codes=BURY)


def add_lookup(workspace: Path, year: int) -> None:
    """Add the lookup of the two LSOAs of Bury to one ward each."""
    rows = [f"{code},E0501{year - 2000}{at:02d},E08000002" for at, code in enumerate(BURY)]
    head = f"LSOA21CD,WD{year - 2000}CD,LAD{year - 2000}CD"
    add_file(workspace, "lookup", f"lookup_{year}.csv", head, *rows)


def ward_year(workspace: Path) -> str:
    return str(jsna.load_lookup("Bury", workspace=workspace)["to_geography"].unique().item())


def test_wards_are_those_of_the_lookup_if_there_is_one_only(tmp_path: Path) -> None:
    add_bury(tmp_path)
    add_lookup(tmp_path, 2025)
    wards = load("Bury", level="ward", years=[2024], workspace=tmp_path)
    assert wards["area_code"].tolist() == ["E05012500", "E05012501"]
    assert ward_year(tmp_path) == "ward25"


def test_the_wards_of_a_lookup_are_by_default_those_with_boundaries(tmp_path: Path) -> None:
    add_bury(tmp_path)
    with pytest.raises(jsna.MissingDataError, match=r"has lsoa21 to ward23 of Bury\."):
        ward_year(tmp_path)
    for year in (2022, 2024):
        add_lookup(tmp_path, year)
    assert ward_year(tmp_path) == "ward24"
    square = [[-2.3, 53.5], [-2.2, 53.5], [-2.2, 53.6], [-2.3, 53.5]]
    shape = {"type": "Polygon", "coordinates": [square]}
    facts = {"WD22CD": "E05012200", "WD22NM": "A", "LAD22CD": "E08000002"}
    feature = {"type": "Feature", "properties": facts, "geometry": shape}
    layer = {"type": "FeatureCollection", "features": [feature]}
    add_file(tmp_path, "ward_boundaries", "wards_2022.geojson", json.dumps(layer))
    assert ward_year(tmp_path) == "ward22"
    # The year of the catalogue comes first, as long as boundaries do not speak for another.
    add_lookup(tmp_path, 2023)
    assert ward_year(tmp_path) == "ward22"
    (tmp_path / "data" / "raw" / "ward_boundaries" / "wards_2022.geojson").unlink()
    assert ward_year(tmp_path) == "ward23"


def test_bands_that_make_up_the_ages_are_used(tmp_path: Path) -> None:
    bands = ["aged_0_to_4", "aged_5_to_9", "aged_10_to_15", "aged_16_to_17"]
    head = ["mid_year", "lsoa21_code", "lsoa21_name", *bands]
    lay(tmp_path, "x.csv", [head, *[[2023, code, "x", 100, 100, 120, 40] for code in LSOAS]])
    lay_authority(tmp_path, 2024, [4_000] * 18)
    found = load("Bolton", level="lsoa", workspace=tmp_path)
    by_band = found.groupby("ages")["population"].sum().to_dict()
    expected = {"0-4": 20_000, "5-9": 20_000, "10-15": 24_000, "16-17": 8_000}
    assert by_band == pytest.approx(expected)


def test_a_table_of_a_part_of_the_ages_does_not_stand_for_all(tmp_path: Path) -> None:
    """Ages 0 to 15 were once added up as if they were all children."""
    lay_authority(tmp_path, 2024, [4_000] * 16)
    own = load("Bolton", years=2024, workspace=tmp_path)
    assert own["population"].tolist() == [75_599]
    found = load("Bolton", level="lsoa", workspace=tmp_path)
    assert found["population"].sum() == pytest.approx(75_599, rel=1e-12)
    young = load("Bolton", ages=(0, 15), years=2024, workspace=tmp_path)
    assert young["population"].sum() == 64_000


def test_a_newer_issue_of_the_authoritys_estimate_is_the_one_that_counts(tmp_path: Path) -> None:
    head = ["AREA_CODE", "AREA_NAME", "COMPONENT", "SEX", "AGE_GROUP"]
    place = ["E08000001", "Bolton", "Population", "persons"]
    for last, each in ((2023, 4_000), (2024, 4_100)):
        years = list(range(2022, last + 1))
        rows = [[*place, age, *[each] * len(years)] for age in range(18)]
        lay(tmp_path, f"mye_{last}.csv", [[*head, *years], *rows])
    own = load("Bolton", years=2022, workspace=tmp_path)
    assert own["population"].sum() == 18 * 4_100
    found = load("Bolton", level="lsoa", years=2022, workspace=tmp_path)
    assert found["population"].sum() == pytest.approx(18 * 4_100, rel=1e-12)


def test_a_chapter_divides_by_the_children_of_its_own_year() -> None:
    for year, total in ((None, 75_599), (2024, 74_266), (2023, 72_655)):
        made_from = gather("Bolton", BuildOptions(year=year))
        children = made_from.children
        assert children["year"].unique().tolist() == [(year or 2025) - 1]
        assert children["population"].sum() == pytest.approx(total, rel=1e-12)


class Local:
    """Local counts of a year, as far as the notes about children need them."""

    def __init__(self, year: int) -> None:
        self.year, self.events, self.doubts, self.accepted = year, ("referrals",), (), ""
        self.waiting, self.repeats = (), {"referrals": 1.0}

    def unplaced(self, _event: str) -> int:
        return 0

    def total(self, _event: str) -> None:
        return None


def said(workspace: Path | None, year: int) -> list[str]:
    made_from = gather("Bolton", BuildOptions(workspace=workspace, year=year))
    return map_notes(made_from, Local(year), "referrals")


def test_the_notes_say_what_the_wards_children_are_and_how_far_out() -> None:
    (note,) = said(None, 2025)
    assert note == (
        "Children aged 0-17 by ward are modelled: the spread between wards is that of mid-2022 "
        "(children aged 0-15 in the Indices of Deprivation), scaled so that wards add up to the "
        "authority's estimate of mid-2024 (75,599). In a test on 215 wards of Greater Manchester, "
        "such figures were 2.4% out on average after 2 years, and 1 ward in 20 was out by more "
        "than 5.7%. Intervals of ward rates do not include this."
    )
    assert "2.8% out" not in note
    assert "1.8% out on average when carried back 1 year" in said(None, 2022)[0]
    assert "1.1% out on average in the same year" in said(None, 2023)[0]
    far = said(None, 2015)[0]
    assert "carried back 3 years" in far
    assert "Here it is 8 years, so a ward may be further out." in far


def test_the_notes_tell_estimates_of_another_year_from_those_of_another_issue(
    tmp_path: Path,
) -> None:
    lay_lsoas(tmp_path, 2021, total=70_000)
    (note,) = said(tmp_path, 2025)
    assert "mid-2021 (ONS estimates by LSOA)" in note
    assert "3.1% out on average after 3 years" in note
    assert "more than 7.4%" in note
    lay_lsoas(tmp_path, 2024, total=75_000)
    (note,) = said(tmp_path, 2025)
    assert "the ONS estimates by LSOA of mid-2024, scaled so that" in note
    assert note.endswith(
        "(75,599). The two are of different issues. How far out a ward may be was not tested."
    )


def test_published_children_need_no_note(tmp_path: Path) -> None:
    lay_lsoas(tmp_path, 2024, total=75_599)
    assert said(tmp_path, 2025) == []


def test_a_year_whose_estimate_is_not_out_yet_takes_the_latest_and_says_so() -> None:
    notes = said(None, 2026)
    assert notes[0] == (
        "There is no estimate of children at mid-2025 yet, so ward rates of 2026 are per child at "
        "mid-2024."
    )
    assert "estimate of mid-2024 (75,599)" in notes[1]


def test_single_years_put_in_by_hand_stay_modelled_in_a_chapter(tmp_path: Path) -> None:
    """Once they were added up to a published number, and the note about them was gone."""
    lay_single_years(tmp_path, 2023)
    children = gather("Bolton", BuildOptions(workspace=tmp_path)).children
    assert len(children) == 177
    assert children["status"].unique().tolist() == ["modelled"]
    assert children["ages"].unique().tolist() == ["0-17"]
    assert children["population"].sum() == pytest.approx(75_599, rel=1e-12)


def test_the_children_behind_the_authoritys_rate_win_over_another_issue(tmp_path: Path) -> None:
    """An older table of estimates in the workspace does not part the wards from the authority."""
    lay_authority(tmp_path, 2024, [4_000] * 18)
    made_from = gather("Bolton", BuildOptions(workspace=tmp_path))
    assert made_from.estimates[2024] == 75_599
    assert made_from.children["population"].sum() == pytest.approx(75_599, rel=1e-12)
