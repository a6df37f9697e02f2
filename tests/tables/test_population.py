"""Projections and estimates in every layout in which they are published."""

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from bolton_jsna.core.errors import MissingDataError, SchemaError, SourceError, UsageError
from bolton_jsna.tables import population

AGES = [*map(str, range(90)), "90 and over"]
WIDE = "AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP,2022,2023"


def write(folder, name, text, encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def wide_rows(code="E08000001", name="Bolton", sex="persons", total=None):
    rows = [f"{code},{name} ,Population,{sex},{age} ,10,20.5," for age in AGES]
    printed = total or ("910", "1865.5")
    return [*rows, f"{code},{name},Population,{sex},All ages,{','.join(printed)},"]


def wide(folder, rows, name="2022snpppopulationsyoamigcat23.csv"):
    return write(folder, name, "\n".join([f"\ufeff{WIDE},", *rows, ",,,,,,,"]) + "\r\n")


def test_the_wide_table_of_projections(tmp_path):
    frame = population.read_projections(wide(tmp_path, wide_rows()))
    assert len(frame) == 91 * 2
    assert frame["base_year"].unique().tolist() == [2022]
    assert frame["variant"].unique().tolist() == ["migration category"]
    assert frame["source"].unique().tolist() == ["population_projections@2022"]
    assert frame["area_name"].unique().tolist() == ["Bolton"]
    assert frame["age"].max() == 90
    assert frame.groupby("year")["population"].sum().to_dict() == {2022: 910.0, 2023: 1865.5}


def test_areas_and_ages_are_chosen_early(tmp_path):
    path = wide(tmp_path, wide_rows() + wide_rows("E08000038", "Barnsley"))
    frame = population.read_projections(path, areas="E08000016", ages=(0, 17))
    # Barnsley has had two codes; one of them is the register's.
    assert set(frame["area_code"]) == {"E08000016"}
    assert (frame["age"].min(), frame["age"].max(), len(frame)) == (0, 17, 36)
    with pytest.raises(MissingDataError, match=r"has no row of the areas E08000002"):
        population.read_projections(path, areas=["E08000002"])
    with pytest.raises(UsageError, match=r"ages=\(17, 0\) is not a range"):
        population.read_projections(path, ages=(17, 0))


def test_persons_are_added_only_from_both_sexes(tmp_path):
    males, females = wide_rows(sex="males"), wide_rows(sex="females")
    both = population.read_projections(wide(tmp_path, males + females))
    persons = both[both["sex"] == "persons"]
    assert len(both) == 3 * 91 * 2
    assert persons["population"].sum() == 2 * (910 + 1865.5)
    assert set(population.read_projections(wide(tmp_path, males))["sex"]) == {"males"}


def test_the_zip_of_three_files(tmp_path):
    path = tmp_path / "2018snpppopulation.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for sex in ("females", "males", "persons"):
            text = "\n".join([WIDE, *wide_rows(sex=sex)])
            archive.writestr(f"2018 SNPP Population {sex}.csv", text)
    frame = population.read_projections(path)
    assert frame["sex"].value_counts().to_dict() == {"females": 182, "males": 182, "persons": 182}
    assert set(frame["variant"]) == {"principal"}


@pytest.mark.parametrize("name", ["2022snpppopulationsyoa5yr.csv", "x.csv"])
def test_the_variant_is_in_the_name_of_the_file(tmp_path, name):
    path = wide(tmp_path, wide_rows(), name)
    variant = "five-year migration" if "5yr" in name else "principal"
    assert set(population.read_projections(path)["variant"]) == {variant}


def test_rounding_may_part_ages_from_their_total_but_no_more(tmp_path):
    near = wide(tmp_path, wide_rows(total=("945", "1900")))
    assert len(population.read_projections(near)) == 182
    far = wide(tmp_path, wide_rows(total=("956", "1865")))
    with pytest.raises(SchemaError, match=r"do not sum to 'All ages' in 1 cases.*E08000001"):
        population.read_projections(far)


def test_an_area_without_figures_is_left_out_and_a_gap_is_refused(tmp_path, caplog):
    empty = [f"E06000060,Bucks,Population,persons,{age},,:" for age in AGES]
    frame = population.read_projections(wide(tmp_path, wide_rows() + empty))
    assert set(frame["area_code"]) == {"E08000001"}
    assert "areas without figures are left out: E06000060" in caplog.text
    gap = wide_rows()
    gap[3] = gap[3].replace(",10,", ",:,")
    with pytest.raises(SchemaError, match="has no figure for E08000001 persons 2022 age 3"):
        population.read_projections(wide(tmp_path, gap))


def test_bands_are_no_single_years(tmp_path):
    path = wide(tmp_path, ["E08000001,Bolton,Population,persons,0-4,1,2"], name="bands.csv")
    with pytest.raises(SchemaError, match=r"age bands \(0-4\).*Z1"):
        population.read_projections(path)
    assert population.read_estimates(path)["ages"].tolist() == ["0-4", "0-4"]


TITLE = "2018-based subnational population projections"


def titled(folder, title, name="table.csv"):
    text = "\n".join([title, f"{WIDE},", *wide_rows("E08000010", "Wigan")])
    return write(folder, name, text + "\n")


@pytest.mark.parametrize(
    "title", [TITLE, "Population projections: based on mid-2018 estimates", "SNPP 2018, Z1"]
)
def test_a_title_of_projections_is_no_title_of_estimates(tmp_path, title):
    from bolton_jsna.core.errors import OtherTableError

    path = titled(tmp_path, title)
    with pytest.raises(OtherTableError, match=r"is a projection of populations by .* title"):
        population.read_estimates(path)
    assert set(population.read(path)["base_year"]) == {2018}


def test_the_title_names_the_base_year(tmp_path):
    path = titled(tmp_path, TITLE)
    assert set(population.read_projections(path)["source"]) == {"population_projections@2018"}
    with pytest.raises(SchemaError, match="the name of the file 2022, the title 2018"):
        population.read_projections(titled(tmp_path, TITLE, "2022snpp.csv"))


def test_a_title_of_two_base_years_is_a_question(tmp_path):
    path = titled(tmp_path, "2022-based projections, which replace the 2018-based")
    with pytest.raises(SchemaError, match=r"the title 2018 and 2022\. Expected one base year"):
        population.read_projections(path)
    named = path.rename(tmp_path / "2022-based.csv")
    assert set(population.read_projections(named)["base_year"]) == {2022}


def test_a_title_of_estimates_is_no_title_of_a_projection(tmp_path):
    from bolton_jsna.core.errors import OtherTableError

    path = titled(tmp_path, "Mid-year population estimates. For projections see table 2.")
    assert population.read_estimates(path)["population"].sum() == 910 + 1865.5
    with pytest.raises(OtherTableError, match="is population estimates"):
        population.read_projections(path)
    with pytest.raises(SchemaError, match="its name estimates, its title projection"):
        population.read_estimates(titled(tmp_path, TITLE, "mye_2023.csv"))


def test_the_sheet_and_the_member_of_a_zip_are_titles_too(tmp_path):
    from bolton_jsna.core.errors import OtherTableError

    text = "\n".join([WIDE, *(row.rstrip(",") for row in wide_rows())])
    path = tmp_path / "table.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("2018snpp_persons.csv", text)
    with pytest.raises(OtherTableError, match="is a projection"):
        population.read_estimates(path)
    assert set(population.read_projections(path)["base_year"]) == {2018}


def test_known_figures_of_a_projection_are_no_estimates(tmp_path):
    from bolton_jsna.core.errors import OtherTableError

    ages = [0] * 17
    rows = [
        f"E08000001,Bolton,Population,persons,{age},{first},{last}"
        for age, (first, last) in enumerate(zip([*ages, 67670], [*ages, 69092], strict=True))
    ]
    head = WIDE.replace("2022,2023", "2018,2022")
    path = write(tmp_path, "table.csv", "\n".join([head, *rows]))
    with pytest.raises(OtherTableError, match="is a projection"):
        population.read_estimates(path)
    # The first year of a projection is the estimate.
    path = write(tmp_path, "table.csv", "\n".join([head.replace("2022", "2017"), *rows]))
    assert len(population.read_estimates(path)) == 36


PROJECTED = """"PROJECTED_YEAR_NAME","GEOGRAPHY_CODE","GEOGRAPHY_NAME","GENDER","C_AGE",\
"MEASURES","OBS_VALUE","OBS_STATUS"
"2022","E08000001","Bolton","0","101","20100",3632,"A"
"2022","E08000001","Bolton","0","101","20301",1.2,"A"
"2022","E08000001","Bolton","0","191","20100",2000,"A"
"2022","E08000001","Bolton","0","200","20100",5632,"A"
"2023","E08000001","Bolton","0","101","20100",3340,"A"
"2022","E06000060","Nowhere","0","101","20100",,"Q"
"""


def test_projections_of_nomis(tmp_path):
    path = write(tmp_path, "NM_2006_1.data.csv", PROJECTED)
    frame = population.read(path)
    assert frame["age"].tolist() == [0, 90, 0]
    assert frame["population"].tolist() == [3632.0, 2000.0, 3340.0]
    assert frame["base_year"].unique().tolist() == [2022]
    named = path.rename(tmp_path / "2018-based.csv")
    given = population.read_projections(named)
    assert set(given["source"]) == {"population_projections@2018"}
    with pytest.raises(SchemaError, match="begins with 2022, before the base year 2024"):
        population.read_projections(named.rename(tmp_path / "2024-based.csv"))


def test_a_cut_answer_of_nomis_is_refused(tmp_path):
    text = '"DATE","GEOGRAPHY_CODE","GENDER","C_AGE","OBS_VALUE","RECORD_COUNT"\n'
    path = write(tmp_path, "a.csv", text + '"2024","E01004766","0","101",12,71162\n')
    with pytest.raises(SchemaError, match=r"has 1 of 71,162 records.*RecordOffset"):
        population.read_estimates(path)


def test_estimates_of_nomis_keep_what_is_not_available(tmp_path):
    text = (
        "DATE_NAME\tGEOGRAPHY_CODE\tGENDER_NAME\tC_AGE_NAME\tOBS_VALUE\n"
        "2024\tE01004766\tMale\tAge 0\t5\n2024\tE01004766\tFemale\tAge 0\t\n"
        "2024\tE01004766\tMale\tAged 90+\t0\n2024\tE01004766\tFemale\tAged 90+\t3\n"
        "2024\tE02000984\tMale\tAge 0\t50\n2024\tE05014818\tMale\tAge 0\t50\n"
    )
    frame = population.read_estimates(write(tmp_path, "NM_2014_1.data.tsv", text))
    lsoa = frame[frame["area_level"] == "lsoa"].set_index(["sex", "ages"])
    assert lsoa.loc[("females", "0"), "status"] == "not_available"
    assert lsoa.loc[("persons", "0"), "status"] == "not_available"
    assert lsoa.loc[("persons", "90+"), "population"] == 3
    assert lsoa.loc[("males", "90+"), "status"] == "value"
    # An MSOA is none of the levels of the table; a male alone makes no persons.
    assert set(frame["area_level"]) == {"lsoa", "ward"}
    assert frame.loc[frame["area_level"] == "ward", "sex"].tolist() == ["males"]
    assert frame["area_name"].tolist()[0] == "E01004766"


def test_a_table_without_its_year_is_rejected(tmp_path):
    text = '"GEOGRAPHY_CODE"\t"GENDER"\t"C_AGE"\t"OBS_VALUE"\n"E08000001"\t"1"\t"101"\t1910\n'
    path = write(tmp_path, "a.tsv", text)
    with pytest.raises(SchemaError, match=r"has no year.*GEOGRAPHY_CODE.*date_name"):
        population.read_estimates(path)


DFE = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,"
    "region_name,old_la_code,new_la_code,la_name,age_group,population_estimate\n"
    "2024,Reporting year,National,E92000001,England,,,,,,Children aged 0 to 17 years,12183016\n"
    "2024,Reporting year,Regional,E92000001,England,E12000002,North West,,,,"
    "Children aged 0 to 17 years,x\n"
    "2023,Reporting year,Local authority,E92000001,England,E12000002,North West,350,E08000001,"
    "Bolton,Children aged 0 to 17 years,75000\n"
)


def test_the_denominators_of_dfe(tmp_path):
    frame = population.read(write(tmp_path, "dfe.csv", DFE))
    assert frame["area_level"].tolist() == ["country", "region", "authority"]
    assert frame["ages"].unique().tolist() == ["0-17"]
    assert frame["age"].isna().all()
    assert frame["status"].tolist() == ["value", "not_available", "value"]
    assert frame["source"].unique().tolist() == ["population_estimates@2024"]
    assert len(population.read_estimates(write(tmp_path, "d.csv", DFE), areas="E08000001")) == 1


def test_bands_that_overlap_are_chosen_by_the_range(tmp_path):
    text = (
        "mid_year,lsoa11_code,lsoa11_name,all_ages,aged_0_to_4,aged_0_to_15,aged_0_to_17\n"
        "2020,E01004766,Bolton 005A,1632,86,264,292\n"
    )
    path = write(tmp_path, "a.csv", text)
    assert population.read_estimates(path)["ages"].tolist() == ["0-4", "0-15", "0-17"]
    exact = population.read_estimates(path, ages=(0, 17))
    assert exact[["ages", "population"]].to_numpy().tolist() == [["0-17", 292.0]]
    assert population.read_estimates(path, ages=(0, 16))["ages"].tolist() == ["0-4", "0-15"]
    with pytest.raises(MissingDataError, match="no ages within 1-3"):
        population.read_estimates(path, ages=(1, 3))


def test_the_small_area_workbook_has_a_sheet_a_year(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Contents"
    ages = [f"{sex}{age}" for sex in "FM" for age in range(91)]
    for year in (2023, 2024):
        sheet = book.create_sheet(f"Mid-{year} LSOA 2021")
        sheet.append(["Lower layer Super Output Area population estimates"])
        sheet.append([])
        sheet.append(["LAD 2023 Code", "LAD 2023 Name", "LSOA 2021 Code", "LSOA 2021 Name"])
        sheet.append(
            ["LAD 2023 Code", "LAD 2023 Name", "LSOA 2021 Code", "LSOA 2021 Name", "Total", *ages]
        )
        sheet.append(["E08000001", "Bolton", "E01004766", "Bolton 005A", 364, *[2] * 182])
    path = tmp_path / "sapelsoasyoa.xlsx"
    book.save(path)
    frame = population.read_estimates(path, ages=(0, 17))
    assert frame.groupby(["year", "sex"])["population"].sum().to_dict() == {
        (year, sex): 72.0 if sex == "persons" else 36.0
        for year in (2023, 2024)
        for sex in ("females", "males", "persons")
    }
    assert set(frame["area_name"]) == {"Bolton 005A"}


def test_the_detailed_table_of_estimates(tmp_path):
    text = (
        "ladcode23,laname23,country,sex,age,population_2022,population_2023\n"
        "E08000001,Bolton,E,1,0,10,11\nE08000001,Bolton,E,2,0,12,13\n"
    )
    frame = population.read_estimates(write(tmp_path, "myeb1.csv", text))
    persons = frame[frame["sex"] == "persons"]
    assert persons["population"].tolist() == [22.0, 24.0]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", SourceError, "is empty"),
        ("<!doctype html><html></html>", SourceError, "is a web page"),
        ("a,b\n1,2\n", SchemaError, "is not a table of populations"),
        (f"{WIDE}\nE08000001,Bolton,Population,persons,young,1,2\n", SchemaError, "'young'"),
        (f"{WIDE}\nE08000001,Bolton,Population,other,0,1,2\n", SchemaError, "'other'"),
        (f"{WIDE}\nE08000001,Bolton,Population,persons,0,1,many\n", SchemaError, "'many'"),
        (f"{WIDE}\nE08000001,Bolton,Population,persons,0,1,nan\n", SchemaError, "not finite"),
        (f"{WIDE}\nE08000001,Bolton,Population,persons,0,1,-2\n", SchemaError, "population"),
        (WIDE + "\nE08000001,Bolton,P,persons,0,1,2\n" * 2, MissingDataError, "has no row"),
        (
            f"{WIDE}\nE08000001,Bolton,,persons,0,1,2\nE08000001,Bolton,,persons,0,1,3",
            SchemaError,
            "has two figures of the same sex and age for E08000001",
        ),
        (DFE.replace("2024,Rep", "x,Rep"), SchemaError, "'time_period' has 'x'"),
        (DFE.replace("region_code", "rc"), SchemaError, "has no column 'region_code'"),
    ],
)
def test_bad_input_has_one_clear_error(tmp_path, text, error, message):
    with pytest.raises(error, match=message):
        population.read(write(tmp_path, "a.csv", text))


def test_latin_1_is_read(tmp_path):
    text = "mid_year,lsoa11_code,lsoa11_name,aged_0_to_17\n2020,W01000001,Ynys Môn 007C,5\n"
    frame = population.read(write(tmp_path, "a.csv", text, encoding="cp1252"))
    assert frame["area_name"].tolist() == ["Ynys Môn 007C"]


# Published files. Census tables are no mid-year estimates and have no reader here.
OTHER_FILES = {
    "PROVENANCE.csv",
    "census1981_2021_population_by_sex_and_age_group_la_gm.csv.gz",
    "census2021_ons_ethnic_population_la.csv.gz",
    "census2021_ons_ethnic_population_nat.csv.gz",
    "census2021_ons_ethnic_population_reg.csv.gz",
    "census2021_population_by_sex_and_age_la_gm.csv.gz",
    "census2021_population_ethnic_group_la_gm.csv.gz",
}
READ = {
    "dfe_ons_mid-year_population_estimates_0_17_2012_to_2024.csv.gz": ("estimates", 2132),
    "mye_la_syoa_sex_2000_2023.csv.gz": ("estimates", 24 * 24),
    "sape_lsoa11_child_bands_persons_2017_2019_2020_england.csv.gz": ("estimates", 98_532),
    "sape_lsoa11_syoa_persons_2017_2019_2020_bolton_comparators.csv.gz": (
        "estimates",
        12_237 * 18,
    ),
    "snpp_2018based_principal_la_syoa_sex_2018_2043.csv.gz": ("projections", 26 * 3 * 18),
    "snpp_2022based_migcat23_bolton_persons_age0_25.csv": ("projections", 26 * 18),
}


@pytest.mark.reference
def test_every_published_file_is_read_or_named(reference):
    found = {path.name for path in (reference / "population").iterdir()}
    assert found == OTHER_FILES | set(READ)


@pytest.mark.reference
@pytest.mark.parametrize("name", sorted(OTHER_FILES - {"PROVENANCE.csv"}))
def test_a_census_table_is_refused(reference, name):
    with pytest.raises(SchemaError, match="is not a table of populations"):
        population.read(reference / "population" / name)


@pytest.mark.reference
@pytest.mark.parametrize("name", [n for n in READ if not n.startswith(("mye", "snpp"))])
def test_published_estimates_of_children(reference, name):
    frame = population.read(reference / "population" / name, ages=(0, 17))
    assert len(frame) == READ[name][1]
    # DfE prints x for authorities abolished in 2019 and 2021, in the years after.
    missing = frame[frame["status"] == "not_available"]
    assert set(missing["area_code"]) <= {"E06000028", "E06000029", "E10000009"}
    assert set(frame["status"]) <= {"value", "not_available"}


@pytest.mark.reference
def test_dfe_denominator_of_bolton_at_mid_2024(reference):
    # DfE, Children in need 2025 release: Bolton, children aged 0 to 17 at mid-2024.
    name = "dfe_ons_mid-year_population_estimates_0_17_2012_to_2024.csv.gz"
    frame = population.read_estimates(reference / "population" / name, areas="E08000001")
    by_year = frame.set_index("year")["population"]
    assert by_year[2024] == 75_599
    assert by_year[2022] == 72_655


@pytest.mark.reference
def test_2018_based_projection(reference):
    # ONS 2018-based SNPP: England 55,977,178 in 2018; Bolton 285,372 (285,373 when summed from
    # rounded ages).
    name = "snpp_2018based_principal_la_syoa_sex_2018_2043.csv.gz"
    frame = population.read(reference / "population" / name, areas=["E92000001", "E08000001"])
    assert len(frame) == 2 * 3 * 91 * 26
    totals = frame[frame["sex"] == "persons"].groupby(["area_code", "year"])["population"].sum()
    assert totals["E92000001", 2018] == 55_977_178
    assert totals["E92000001", 2043] == 61_744_098
    assert totals["E08000001", 2018] == pytest.approx(285_372, abs=1)
    by_sex = frame.pivot_table(
        index=["area_code", "year", "age"], columns="sex", values="population"
    )
    assert (by_sex["females"] + by_sex["males"] == by_sex["persons"]).all()


@pytest.mark.reference
def test_the_whole_2018_based_projection_is_read(reference):
    name = "snpp_2018based_principal_la_syoa_sex_2018_2043.csv.gz"
    frame = population.read_projections(reference / "population" / name)
    assert len(frame) == 88_044 * 91 // 92 * 26


@pytest.mark.reference
def test_2022_based_projection_starts_from_the_estimate(reference):
    # ONS 2022-based SNPP, migration category variant: Bolton 0-17 at mid-2022, before revision.
    name = "snpp_2022based_migcat23_bolton_persons_age0_25.csv"
    frame = population.read(reference / "population" / name, ages=(0, 17))
    assert len(frame) == READ[name][1]
    assert frame.loc[frame["year"] == 2022, "population"].sum() == pytest.approx(72_493)
    assert set(frame["variant"]) == {"migration category"}


@pytest.mark.reference
def test_estimates_by_single_year_equal_the_denominators(reference):
    # The folder's PROVENANCE: 0-17 totals equal DfE's exactly for all authorities 2012 to 2021.
    folder = reference / "population"
    options = {"areas": "E08000001", "ages": (0, 17)}
    wide = population.read(folder / "mye_la_syoa_sex_2000_2023.csv.gz", **options)
    persons = wide[wide["sex"] == "persons"].groupby("year")["population"].sum()
    name = "dfe_ons_mid-year_population_estimates_0_17_2012_to_2024.csv.gz"
    dfe = population.read(folder / name, **options).set_index("year")["population"]
    for year in range(2012, 2022):
        assert persons[year] == dfe[year]


@pytest.mark.reference
def test_a_recorded_answer_of_nomis(reference, tmp_path):
    path = Path(reference).parent / "recorded" / "nomis_NM_2002_1_data.tsv.gz"
    if not path.is_file():
        pytest.skip("no recorded answers beside the published files")
    # The answer has no year. Its figures are those of mid-2011.
    answer = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    answer.assign(DATE_NAME="2011").to_csv(tmp_path / "nomis.csv", index=False)
    frame = population.read_estimates(tmp_path / "nomis.csv")
    published = frame[frame["sex"] != "persons"]
    assert len(published) == 71_162
    bolton = frame[frame["area_code"] == "E08000001"].set_index(["sex", "age"])["population"]
    assert bolton["persons"].sum() == 277_296
    name = "mye_la_syoa_sex_2000_2023.csv.gz"
    table = population.read(reference / "population" / name, areas="E08000001")
    same_year = table[table["year"] == 2011].set_index(["sex", "age"])["population"]
    assert (bolton - same_year).abs().max() <= 2


def test_rows_of_metropolitan_counties_are_of_their_combined_authority(tmp_path):
    """ONS lists Greater Manchester as E11000001; its combined authority is E47000001."""
    lines = ["AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP,2011"]
    for code in ("E11000001", "E47000001", "E08000001", "E11000004"):
        lines += [f"{code},x,Population,persons,{age},10" for age in range(18)]
    path = tmp_path / "MYEB_2011.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    found = population.read_estimates(path).drop_duplicates("area_code")
    assert dict(zip(found["area_code"], found["area_level"], strict=True)) == {
        "E47000001": "combined authority",
        "E08000001": "authority",
        "E11000007": "metropolitan county",
    }
