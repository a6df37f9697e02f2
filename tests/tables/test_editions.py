"""A file's edition is told by what it says of itself, where its headings do not tell it."""

import csv

import pytest

from bolton_jsna import catalogue, snapshot
from bolton_jsna.core.areas import area
from bolton_jsna.core.errors import SchemaError
from bolton_jsna.tables import boundaries, children_in_need, idaci, lookups, neighbours, population

OLD_HEADINGS = ["LA num", "LA Name", "LA number", "GOInd", "GOReg"]
OLD_HEADINGS += [cell for rank in range(1, 11) for cell in (f"SN{rank}", "SNP")]
NEW_HEADINGS = ["old_la_code", "la_name", "region_ind", "region_name"]
NEW_HEADINGS += [cell for rank in range(1, 11) for cell in (f"SN_{rank}", f"SN_{rank}P")]
# Lists that are of no model.
LEEDS = (340, 351, 353, 354, 355, 356, 357, 358, 359, 370)


def bolton_of(model):
    """Bolton's neighbours as the snapshot has them."""
    near = snapshot.read(f"statistical_neighbours@{model}")["neighbour_code"]
    return [area(code).dfe_number for code in near]


def rows_of(*lists, headings=OLD_HEADINGS):
    own = 5 if headings is OLD_HEADINGS else 4
    rows = [headings]
    for number, near in lists:
        first = [number, area(number).name, number, 1, "North West"][:own]
        rows.append([*first, *(cell for each in near for cell in (each, "Close"))])
    return rows


def as_csv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def as_workbook(path, sheets):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def models(path, **options):
    return sorted(set(neighbours.read(path, **options)["model"]))


# ---------------------------------------------------------------- statistical neighbours
@pytest.mark.parametrize("headings", [OLD_HEADINGS, NEW_HEADINGS])
@pytest.mark.parametrize("model", ["2021", "2025"])
def test_a_list_that_is_known_tells_the_model_whatever_the_headings(tmp_path, headings, model):
    rows = rows_of((350, bolton_of(model)), (383, LEEDS), headings=headings)
    assert models(as_csv(tmp_path / "list.csv", rows)) == [model]
    assert models(as_workbook(tmp_path / "tool.xlsx", {"LA SN Groups": rows})) == [model]
    other = {"2021": "2025", "2025": "2021"}[model]
    with pytest.raises(SchemaError, match=f"is of the {model} model, not of model='{other}'"):
        neighbours.read(tmp_path / "list.csv", model=other)


@pytest.mark.parametrize("model", ["2021", "2025"])
def test_title_sheet_cover_and_name_tell_the_model(tmp_path, model):
    rows = rows_of((383, LEEDS))
    title = [[f"Statistical neighbours, May {model}"], [], *rows]
    assert models(as_workbook(tmp_path / "a.xlsx", {"SN": title})) == [model]
    assert models(as_workbook(tmp_path / "b.xlsx", {f"SN model {model}": rows})) == [model]
    cover = [["Local authority interactive tool"], [f"Version of {model}"]]
    assert models(as_workbook(tmp_path / "c.xlsx", {"Cover": cover, "SN": rows})) == [model]
    assert models(as_csv(tmp_path / f"New_Groupings_April_{model}.csv", rows)) == [model]


def test_the_model_can_be_given_for_a_file_without_it(tmp_path):
    path = as_csv(tmp_path / "neighbours.csv", rows_of((383, LEEDS)))
    with pytest.raises(SchemaError, match=r"model .* is not known.*2021 and 2025.*model="):
        neighbours.read(path)
    assert models(path, model="2025") == ["2025"]
    assert models(path, model="2021") == ["2021"]
    # What the message advises.
    assert models(path.rename(tmp_path / "statistical_neighbours_2025.csv")) == ["2025"]


NEWER = (874, 373, 331, 889, 355, 335, 357, 372, 831, 382)


@pytest.mark.parametrize("headings", [OLD_HEADINGS, NEW_HEADINGS])
@pytest.mark.parametrize("near", [NEWER, bolton_of("2025")])
def test_an_unknown_model_is_rejected(tmp_path, near, headings):
    rows = rows_of((350, near), headings=headings)
    title = [["Statistical neighbours model, May 2027"], *rows]
    for path in (
        as_csv(tmp_path / "sn_model_2027_wide.csv", rows),
        as_csv(tmp_path / "list.csv", title),
        as_workbook(tmp_path / "a.xlsx", {"SN": title}),
        as_workbook(tmp_path / "b.xlsx", {"SN 2027": rows}),
        as_workbook(tmp_path / "c.xlsx", {"SN 2027": rows, "SN 2029": rows}),
    ):
        for model in (None, "2025"):
            with pytest.raises(SchemaError, match=r"has 2027 .* not a known model .*2021 and 2025"):
                neighbours.read(path, model=model)


@pytest.mark.parametrize("number", [350, 351, 353, 354, 359])
def test_a_new_list_under_the_headings_of_2025_is_not_taken_for_2025(tmp_path, number, caplog):
    path = as_csv(tmp_path / "list.csv", rows_of((number, NEWER), headings=NEW_HEADINGS))
    with pytest.raises(SchemaError, match="are not those of 2021 or 2025"):
        neighbours.read(path)
    assert models(path.rename(tmp_path / "list_2025.csv")) == ["2025"]
    assert "are not those of this model in the catalogue" in caplog.text


def test_a_year_of_the_tool_or_of_the_download_is_no_model(tmp_path):
    rows = rows_of((350, bolton_of("2025")))
    assert models(as_csv(tmp_path / "LAIT_2027.csv", rows)) == ["2025"]
    assert models(as_csv(tmp_path / "neighbours_2027-01-31.csv", rows)) == ["2025"]
    cover = [["Local authority interactive tool"], ["Version of 2027"]]
    assert models(as_workbook(tmp_path / "a.xlsx", {"Cover": cover, "SN": rows})) == ["2025"]


def test_a_file_that_contradicts_itself_about_its_model_is_rejected(tmp_path):
    rows = rows_of((350, bolton_of("2025")))
    words = "contradicts itself.*Bolton's list is of 2025, the name of the file is of 2021"
    with pytest.raises(SchemaError, match=words):
        neighbours.read(as_csv(tmp_path / "Groupings_April_2021.csv", rows))


def test_a_workbook_with_a_sheet_for_each_model_has_both(tmp_path):
    sheets = {
        "SN 2021": rows_of((350, bolton_of("2021"))),
        "SN 2025": rows_of((350, bolton_of("2025"))),
    }
    path = as_workbook(tmp_path / "LAIT_2025.xlsx", sheets)
    assert models(path) == ["2021", "2025"]
    assert models(path, model="2025") == ["2025"]


def test_the_lists_by_which_models_are_known_are_those_of_the_snapshot():
    for model, facts in catalogue.dataset("statistical_neighbours").facts.items():
        assert list(bolton_of(model)) == facts["lists"]["350"]


# ---------------------------------------------------------------- IDACI
INDEX = "Income Deprivation Affecting Children Index (IDACI)"
RANK = f"{INDEX} Rank (where 1 is most deprived)"
HEADINGS = {
    2019: f"LSOA code (2011),Local Authority District code (2019),{RANK}",
    2025: f"LSOA code (2021),Local Authority District code (2024),{RANK}",
}
RANKS = {
    2019: {"E01004766": 14006, "E01004767": 13829, "E01004850": 3460},
    2025: {"E01004766": 8162, "E01004767": 9172, "E01004850": 2784},
}


def indices(path, headings, ranks, *, title=""):
    rows = [f"{code},E08000001,{rank}" for code, rank in RANKS[ranks].items()]
    path.write_text(title + "\n".join([HEADINGS[headings], *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("edition", "other"), [(2019, 2025), (2025, 2019)])
def test_idaci_of_one_edition_under_the_headings_of_another_is_rejected(tmp_path, edition, other):
    path = indices(tmp_path / "idaci.csv", edition, edition)
    assert set(idaci.read(path)["edition"]) == {edition}
    words = f"headings of {edition}, but the ranks of {other} for E01004766"
    with pytest.raises(SchemaError, match=words):
        idaci.read(indices(tmp_path / "mixed.csv", edition, other))


@pytest.mark.parametrize(("edition", "other"), [(2019, 2025), (2025, 2019)])
def test_name_and_title_of_idaci_are_held_against_its_headings(tmp_path, edition, other):
    indices(tmp_path / f"File_7_IoD{edition}.csv", edition, edition)
    assert len(idaci.read(tmp_path / f"File_7_IoD{edition}.csv")) == 3
    with pytest.raises(SchemaError, match=f"contradicts itself.*the name of the file {other}"):
        idaci.read(indices(tmp_path / f"File_7_IoD{other}.csv", edition, edition))
    title = f"Indices of Deprivation {other}\n\n"
    with pytest.raises(SchemaError, match=f"contradicts itself.*the title {other}"):
        idaci.read(indices(tmp_path / "a.csv", edition, edition, title=title))


@pytest.mark.parametrize(
    "name",
    [
        "2019_IoD_File_7.csv",
        "File_7_(2019).csv",
        "File 7 2019.csv",
        "2019 indices.csv",
        "ID-2019.csv",
    ],
)
def test_an_edition_is_understood_however_it_is_named(tmp_path, name):
    with pytest.raises(SchemaError, match=r"contradicts itself.*the name of the file 2019"):
        idaci.read(indices(tmp_path / name, 2025, 2025))
    title = "English Indices of Deprivation (2019): File 7\n\n"
    with pytest.raises(SchemaError, match=r"contradicts itself.*the title 2019"):
        idaci.read(indices(tmp_path / "a.csv", 2025, 2025, title=title))


def test_a_later_edition_under_known_headings_is_unknown(tmp_path):
    for name in ("File_7_IoD2030.csv", "2030_IoD_File_7.csv", "IMD_2031.csv"):
        with pytest.raises(SchemaError, match="of an unknown edition"):
            idaci.read(indices(tmp_path / name, 2025, 2025))
    title = "English Indices of Deprivation 2030\n\n"
    with pytest.raises(SchemaError, match="unknown edition: the title has 2030"):
        idaci.read(indices(tmp_path / "a.csv", 2025, 2025, title=title))


@pytest.mark.parametrize(
    "name", ["IDACI_2026-03-01.csv", "idaci_20260301.csv", "IDACI 2021 LSOAs.csv", "2026 Q1.csv"]
)
def test_days_and_years_of_areas_name_no_edition(tmp_path, name):
    assert len(idaci.read(indices(tmp_path / name, 2025, 2025))) == 3


def test_headings_of_idaci_that_contradict_each_other_are_refused(tmp_path):
    path = indices(tmp_path / "a.csv", 2025, 2025)
    path.write_text(path.read_text(encoding="utf-8").replace("(2021)", "(2011)"), encoding="utf-8")
    with pytest.raises(SchemaError, match="districts of 2024 2025, LSOAs of 2011 2015 or 2019"):
        idaci.read(path)


def test_the_ranks_by_which_editions_are_known_are_those_of_the_snapshot():
    from bolton_jsna.tables.idaci import _editions

    for edition in (2019, 2025):
        held = snapshot.read(f"idaci@{edition}").set_index("lsoa_code")["idaci_rank"]
        known = _editions.EDITIONS[edition].ranks
        assert len(known) > 1
        assert {code: held[code] for code in known} == known


# ---------------------------------------------------------------- lookups, boundaries, postcodes
@pytest.mark.parametrize(
    ("heading", "code", "words"),
    [
        ("LSOA11CD,WD24CD", "E01033769,E05014818", "came into force in 2021"),
        ("LSOA21CD,WD22CD", "E01004766,E05014818", "came into force in 2023"),
        ("LSOA21CD,WD24CD", "E01004766,E05000650", "ended in 2022"),
        ("LSOA21CD,WD24CD", "E01004766,E05016000", "came into force in 2025"),
        ("LSOA01CD,LSOA11CD", "E01004766,E01035000", "came into force in 2021"),
    ],
)
def test_codes_of_another_year_than_their_heading_are_refused(tmp_path, heading, code, words):
    path = tmp_path / "lookup.csv"
    path.write_text(f"{heading}\n{code}\n", encoding="utf-8")
    with pytest.raises(SchemaError, match=words):
        lookups.read(path)


def test_the_name_of_a_lookup_or_layer_is_held_against_its_headings(tmp_path):
    text = "LSOA21CD,WD24CD\nE01004766,E05014818\n"
    for name in ("LSOA_(2021)_to_Electoral_Ward_(2024)_Best_Fit.csv", "lsoa21_to_wd24_25.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert len(lookups.read(tmp_path / name)) == 1
    for name in ("LSOA_(2011)_to_Ward_(2024).csv", "LSOA21_WD22.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(SchemaError, match="by its name, but those of"):
            lookups.read(tmp_path / name)
    wards = snapshot.read("ward_boundaries@2023")
    wards = wards.rename(columns={"area_code": "WD23CD", "area_name": "WD23NM"})
    layer = wards[["WD23CD", "WD23NM", "geometry"]].to_crs(4326)
    layer.to_file(tmp_path / "Wards_(May_2023).geojson")
    assert len(boundaries.read(tmp_path / "Wards_(May_2023).geojson")) == 20
    layer.to_file(tmp_path / "Wards_December_2022.geojson")
    with pytest.raises(SchemaError, match="wards of 2022 by its name, but those of 2023"):
        boundaries.read(tmp_path / "Wards_December_2022.geojson")
    layer.rename(columns={"WD23CD": "WD22CD"}).to_file(tmp_path / "wards.geojson")
    with pytest.raises(SchemaError, match="came into force in 2023"):
        boundaries.read(tmp_path / "wards.geojson")


def test_postcodes_have_the_edition_in_the_name_of_the_file(tmp_path):
    path = tmp_path / "ONSPD_MAY_2022.csv"
    path.write_text("pcds,lsoa11cd\nBL1 1AP,E01004766\n", encoding="utf-8")
    assert set(lookups.read_postcodes(path)["source"]) == {"postcodes@2022"}
    path.write_text("pcds,lsoa11cd\nBL1 1AP,E01035000\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="came into force in 2021"):
        lookups.read_postcodes(path)


# ---------------------------------------------------------------- projections
def projection(path, years, per_age):
    """Bolton's children: the whole number of each year parted evenly among 18 ages."""
    lines = [f"AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP,{','.join(map(str, years))}"]
    for age in range(18):
        figures = ",".join(str(per_age[year] / 18) for year in years)
        lines.append(f"E08000001,Bolton,Population,persons,{age},{figures}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


OF_2018 = {2022: 69_092, 2025: 68_927, 2030: 66_989}
OF_2022 = {2022: 72_493, 2025: 71_800, 2030: 67_881}


def base_years(path, **options):
    return set(population.read_projections(path, **options)["base_year"])


def test_a_projection_without_its_first_years_is_known_by_name_or_figures(tmp_path):
    made_up = dict.fromkeys(OF_2018, 50_000)
    assert base_years(projection(tmp_path / "a.csv", [2025, 2030], OF_2018)) == {2018}
    assert base_years(projection(tmp_path / "a.csv", [2022, 2030], OF_2022)) == {2022}
    assert base_years(projection(tmp_path / "2018-based.csv", [2022, 2030], made_up)) == {2018}
    assert base_years(projection(tmp_path / "snpp_2018based.csv", [2025], OF_2018)) == {2018}
    assert base_years(projection(tmp_path / "b.csv", [2022, 2030], made_up)) == {2022}


def test_a_projection_that_contradicts_its_name_is_rejected(tmp_path):
    path = projection(tmp_path / "2022snpppopulation.csv", [2022, 2030], OF_2018)
    with pytest.raises(SchemaError, match="the name of the file 2022, Bolton's children 2018"):
        population.read_projections(path)
    path = projection(tmp_path / "2024-based.csv", [2022, 2030], dict.fromkeys(OF_2018, 50_000))
    with pytest.raises(SchemaError, match="begins with 2022, before the base year 2024"):
        population.read_projections(path)


# ---------------------------------------------------------------- children in need
def test_a_release_with_another_year_in_its_name_is_rejected(tmp_path):
    head = "time_period,geographic_level,old_la_code,new_la_code,la_name,CPP_start,CPP_At31"
    path = tmp_path / "d1_child_protection_plans_2013_to_2024.csv"
    path.write_text(f"{head}\n2025,Local authority,350,E08000001,Bolton,12,30\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="rows of 2025, but its name has the release 2024"):
        children_in_need.read(path)
    assert set(children_in_need.read(path, release=2025)["release"]) == {"2025"}


# ---------------------------------------------------------------- estimates or a projection
WIDE = "AREA_CODE,AREA_NAME,SEX,AGE_GROUP,{},{}\nE08000002,Bury,persons,7,10,11\n"


@pytest.mark.parametrize("years", [(2022, 2047), (2022, 2030)])
def test_a_projection_is_not_read_as_estimates(tmp_path, years):
    path = tmp_path / "population.csv"
    path.write_text(WIDE.format(*years), encoding="utf-8")
    assert len(population.read_projections(path)) == 2
    assert "base_year" in population.read(path).columns
    with pytest.raises(SchemaError, match="is a projection of populations"):
        population.read_estimates(path)


@pytest.mark.parametrize(
    ("name", "years"),
    [
        ("MYE_2024.csv", (2023, 2024)),
        ("mid-year_estimates.csv", (2023, 2024)),
        ("x.csv", ("population_2023", "population_2024")),
    ],
)
def test_estimates_are_not_read_as_a_projection(tmp_path, name, years):
    path = tmp_path / name
    path.write_text(WIDE.format(*years), encoding="utf-8")
    assert len(population.read_estimates(path)) == 2
    with pytest.raises(SchemaError, match="is population estimates"):
        population.read_projections(path)


def test_two_different_sheets_of_one_model_are_rejected(tmp_path):
    one, two = (rows_of((350, bolton_of("2025")), (383, near)) for near in (LEEDS, LEEDS[::-1]))
    path = as_workbook(tmp_path / "same.xlsx", {"SN 2025": one, "SN 2025 again": one})
    assert len(neighbours.read(path)) == 20
    path = as_workbook(tmp_path / "unlike.xlsx", {"SN 2025": one, "SN 2025 old": two})
    with pytest.raises(SchemaError, match="two different sheets of the 2025 model"):
        neighbours.read(path)
