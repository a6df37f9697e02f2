"""Older subnational projections, by their headings. Every figure here is made up."""

import zipfile

import pytest

import bolton_jsna as jsna
from bolton_jsna.catalogue import dataset
from bolton_jsna.core.errors import MissingDataError, SchemaError
from bolton_jsna.tables import population
from old_workbook import old_workbook

AREAS = {"E08000001": "Bolton", "E08000002": "Bury"}
AGES = ("0", "1", "2", "3", "90 and over")
LAST = {2011: 2021, 2012: 2037, 2014: 2039, 2016: 2041}


def lines(headings, base, facts):
    """A made-up table: 100 people of an age in the base year, and one more each year."""
    years = range(base, LAST[base] + 1)
    found = [f"{headings},{','.join(map(str, years))}"]
    for code, name in AREAS.items():
        for age in AGES:
            people = ",".join(f"{100 + year - base}" for year in years)
            found.append(f"{code},{name},{facts}{age},{people}")
    return "\n".join(found) + "\n"


OF_2012 = lines("areacode,areaname,component,sex,AgeGroup", 2012, "Population,persons,")
OF_2014 = lines("AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP", 2014, "Population,persons,")
OF_2016 = lines("AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP", 2016, "Population,persons,")


def of_2011(component="Population - persons", first=100.0, title=""):
    """The rows of a made-up sheet of the interim projections."""
    years = [float(year) for year in range(2011, 2022)]
    rows = [[title or "Interim 2011-based subnational population projections"], []]
    rows.append(["Code", "Area", "Age group", *years])
    for code, name in AREAS.items():
        rows += [[code, name, age, *(first + at for at in range(11))] for age in AGES]
    return {component: [*rows, [], ["Source: made up"]]}


def workspace_with(tmp_path, name, content):
    folder = tmp_path / "data" / "raw" / "population_projections"
    folder.mkdir(parents=True, exist_ok=True)
    body = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(body)
    return tmp_path


@pytest.mark.parametrize(
    ("base", "name", "content"),
    [
        (2011, "persons2011snpp.xls", old_workbook(of_2011())),
        (2012, "2012 SNPP Population persons.csv", OF_2012),
        (2014, "2014 SNPP Population persons.csv", OF_2014),
        (2016, "2016 SNPP Population persons.csv", OF_2016),
        # Without the base year in its name, an edition is found by its years.
        (2012, "persons.csv", OF_2012),
        (2016, "persons.csv", OF_2016),
    ],
)
def test_each_older_edition_from_a_workspace(tmp_path, base, name, content, caplog):
    workspace = workspace_with(tmp_path, name, content)
    found = jsna.load_population_projections(
        ["Bolton", "Bury"], base_year=base, ages=(0, 3), workspace=workspace
    )
    assert found["base_year"].unique().tolist() == [base]
    assert found["variant"].unique().tolist() == ["interim" if base == 2011 else "principal"]
    assert found["sex"].unique().tolist() == ["persons"]
    assert found["source"].unique().tolist() == [f"population_projections@{base}"]
    assert (found["year"].min(), found["year"].max()) == (base, LAST[base])
    sums = found[found["area_code"] == "E08000001"].groupby("year")["population"].sum()
    assert (sums[base], sums[base + 5]) == (400, 420)
    assert "has not been tried on a published file" in caplog.text


def test_editions_in_one_workspace_stay_apart(tmp_path):
    workspace_with(tmp_path, "2012 SNPP Population persons.csv", OF_2012)
    workspace_with(tmp_path, "persons2011snpp.xls", old_workbook(of_2011(first=50.0)))
    workspace = workspace_with(tmp_path, "2016 SNPP Population persons.csv", OF_2016)
    sums = {
        base: jsna.load_population_projections(
            ages=(0, 3), years=2020, base_year=base, workspace=workspace
        )["population"].sum()
        for base in (2011, 2012, 2016)
    }
    assert sums == {2011: 4 * 59, 2012: 4 * 108, 2016: 4 * 104}
    newest = jsna.load_population_projections("Bury", ages=(0, 3), workspace=workspace)
    assert newest["base_year"].unique().tolist() == [2016]
    with pytest.raises(MissingDataError, match="base years 2011, 2012, 2016"):
        jsna.load_population_projections("Bury", ages=(0, 3), base_year=2014, workspace=workspace)


def test_a_zip_of_an_old_workbook_and_of_a_file_for_each_sex(tmp_path):
    path = tmp_path / "syoa_2011i_persons.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("persons2011snpp.xls", old_workbook(of_2011()))
    assert set(population.read_projections(path)["base_year"]) == {2011}
    path = tmp_path / "snppz1population.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for sex in ("females", "males"):
            text = lines("areacode,areaname,AgeGroup", 2012, "")
            archive.writestr(f"2012 SNPP Population {sex}.csv", text)
    found = population.read_projections(path)
    assert set(found["base_year"]) == {2012}
    persons = found[(found["sex"] == "persons") & (found["year"] == 2012)]
    assert persons["population"].unique().tolist() == [200]


def test_other_components_of_a_workbook_are_not_populations(tmp_path):
    path = tmp_path / "persons2011snpp.xls"
    path.write_bytes(old_workbook(of_2011("Deaths - persons", 5.0) | of_2011()))
    found = population.read_projections(path)
    assert found.loc[found["year"] == 2011, "population"].unique().tolist() == [100]


def test_a_table_without_its_sex_is_rejected(tmp_path):
    path = tmp_path / "2012 SNPP.csv"
    path.write_text(lines("areacode,areaname,AgeGroup", 2012, ""), encoding="utf-8")
    with pytest.raises(SchemaError, match=r"no column 'SEX'.*Add the one that it is of"):
        population.read_projections(path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "2014 SNPP Population persons.csv",
            OF_2012,
            "begins with 2012, before the base year 2014",
        ),
        (
            "2012 SNPP Population persons.csv",
            OF_2014,
            "ends with 2039, but 2012-based .* with 2037",
        ),
        (
            "persons.csv",
            OF_2012.replace(",2012,2013", ",x,y"),
            "begins with 2014, as 2014-based .* ends with 2037, as 2012-based",
        ),
    ],
)
def test_years_of_another_edition_are_rejected(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match=message):
        population.read_projections(path)


def test_the_last_year_names_the_edition_of_a_table_that_begins_later(tmp_path):
    path = tmp_path / "persons.csv"
    path.write_text(OF_2012.replace(",2012,", ",x,"), encoding="utf-8")
    assert set(population.read_projections(path)["base_year"]) == {2012}


def test_figures_in_thousands_are_rejected(tmp_path):
    path = tmp_path / "persons2011snpp.xls"
    path.write_bytes(old_workbook(of_2011(title="Interim 2011-based projections, thousands")))
    with pytest.raises(SchemaError, match="figures in thousands by its title"):
        population.read_projections(path)


def test_a_missing_older_edition_names_what_to_do(tmp_path):
    with pytest.raises(MissingDataError) as raised:
        jsna.load_population_projections(base_year=2012, workspace=tmp_path)
    assert "It cannot be fetched" in str(raised.value)
    assert "data/raw/population_projections/" in str(raised.value)


def test_the_catalogue_has_the_years_of_each_edition():
    facts = dataset("population_projections").facts
    assert {base: each["last"] for base, each in facts.items()} == {
        **{str(base): last for base, last in LAST.items()},
        "2018": 2043,
        "2022": 2047,
    }
    untried = {base for base, each in facts.items() if each.get("by_headings")}
    assert untried == {"2011", "2012", "2014", "2016"}
