"""Lookups of areas and directories of postcodes."""

import zipfile

import pytest

from bolton_jsna.core.errors import SchemaError, SourceError, UsageError
from bolton_jsna.tables import lookups

TO_WARD = (
    "\ufeffLSOA21CD,LSOA21NM,LSOA21NMW,WD24CD,WD24NM,WD24NMW,LAD24CD,LAD24NM,ObjectId\n"
    "E01004766,Bolton 005A, ,E05014818,Astley Bridge, ,E08000001,Bolton,1\n"
    "E01008234,Barnsley 001A, ,E05000999,Central, ,E08000038,Barnsley,2\n"
)
SPLIT = (
    "LSOA11CD,LSOA11NM,CHGIND,LSOA21CD,LSOA21NM,LAD22CD\n"
    "E01004766,Bolton 005A,U,E01004766,Bolton 005A,E08000001\n"
    "E01004767,Bolton 005B,S,E01033001,Bolton 005F,E08000001\n"
    "E01004767,Bolton 005B,S,E01033002,Bolton 005G,E08000001\n"
    "E01004768,Bolton 005C,M,E01033003,Bolton 005H,E08000001\n"
    "E01004769,Bolton 005D,M,E01033003,Bolton 005H,E08000001\n"
    "E01004770,Bolton 005E,X,E01033004,Bolton 005I,E08000001\n"
)
OUTPUT_AREAS = (
    "oa21cd,lsoa21cd,lsoa21nm,msoa21cd,msoa21nm,lad22cd,lad22nm\n"
    "E00024141,E01004771,Bolton 003C,E02000986,Bolton 003,E08000001,Bolton\n"
)


def write(folder, name, text, encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return path


def test_a_best_fit_lookup_of_wards(tmp_path):
    frame = lookups.read(write(tmp_path, "a.csv", TO_WARD))
    assert frame.iloc[0].fillna("").to_dict() == {
        "from_code": "E01004766",
        "from_name": "Bolton 005A",
        "to_code": "E05014818",
        "to_name": "Astley Bridge",
        "from_geography": "lsoa21",
        "to_geography": "ward24",
        "method": "best_fit",
        "share": "",
        "area_code": "E08000001",
        "source": "lookup@lsoa21-ward24",
    }
    # Barnsley's second code leads to the register's.
    assert frame["area_code"].tolist() == ["E08000001", "E08000016"]


@pytest.mark.parametrize(
    ("title", "to", "message"),
    [
        ("LSOA (2021) to Ward (December 2022) best fit lookup", None, "wards of 2022"),
        ("Lookup of LSOAs to wards as at May 2023", None, "wards of 2023"),
        ("LSOA 2011 to WD24", None, "lsoas of 2011"),
        ("LSOA21 to LAD23", "authority24", "authorities of 2023"),
        ("Local Authority Districts (April 2023)", "authority24", "authorities of 2023"),
    ],
)
def test_the_title_and_the_sheet_must_be_of_the_years_of_the_headings(tmp_path, title, to, message):
    text = TO_WARD.removeprefix("\ufeff")
    with pytest.raises(SchemaError, match=f"has the {message} by its title, but those of"):
        lookups.read(write(tmp_path, "a.csv", f"{title}\n{text}"), to=to)
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = title[:31]
    for row in text.splitlines():
        book.active.append(row.split(","))
    book.save(tmp_path / "a.xlsx")
    if len(title) <= 31:
        with pytest.raises(SchemaError, match=f"has the {message} by its sheet"):
            lookups.read(tmp_path / "a.xlsx", to=to)


def test_a_title_of_the_same_years_is_read(tmp_path):
    title = "LSOA (2021) to Electoral Ward (May 2024) to LAD (2024) Best Fit Lookup in EW"
    frame = lookups.read(write(tmp_path, "a.csv", f"{title}\n{TO_WARD.lstrip(chr(0xFEFF))}"))
    assert set(frame["to_geography"]) == {"ward24"}


def test_where_to_is_chosen(tmp_path):
    path = write(tmp_path, "a.csv", TO_WARD)
    frame = lookups.read(path, to="authority24")
    assert frame["to_code"].tolist() == ["E08000001", "E08000016"]
    assert frame["method"].unique().tolist() == ["exact"]
    with pytest.raises(SchemaError, match=r"has no lookup to ward23. It has .*ward24"):
        lookups.read(path, to="ward23")
    with pytest.raises(UsageError, match=r"to='wards' is not known.*ward24"):
        lookups.read(path, to="wards")


def test_an_lsoa_that_was_split_has_a_row_for_each_part(tmp_path):
    frame = lookups.read(write(tmp_path, "a.csv", SPLIT))
    assert len(frame) == 6
    assert frame["from_code"].tolist().count("E01004767") == 2
    assert frame["to_code"].tolist().count("E01033003") == 2
    assert frame["method"].tolist() == ["exact"] * 5 + ["best_fit"]
    assert frame["share"].isna().all()
    assert set(frame["source"]) == {"lookup@lsoa11-lsoa21"}


def test_output_areas_in_lower_case(tmp_path):
    path = write(tmp_path, "a.csv", OUTPUT_AREAS)
    frame = lookups.read(path)
    assert (frame["to_geography"][0], frame["method"][0]) == ("lsoa21", "exact")
    assert frame["from_name"].isna().all()
    assert lookups.read(path, to="msoa21")["to_code"].tolist() == ["E02000986"]


def test_workbook_zip_and_latin_1(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Notes"])
    sheet = book.create_sheet("LSOA21_WD24_LAD24_EW_LU_V2")
    for line in TO_WARD.removeprefix("\ufeff").splitlines():
        sheet.append(line.split(","))
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("lookup.csv", TO_WARD)
    assert lookups.read(tmp_path / "a.xlsx").equals(lookups.read(tmp_path / "a.zip"))
    text = TO_WARD.removeprefix("\ufeff").replace("Central", "Môr")
    assert lookups.read(write(tmp_path, "b.csv", text, "cp1252"))["to_name"][1] == "Môr"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", SourceError, "is empty"),
        ("<html></html>", SourceError, "is a web page"),
        ("a,b\n1,2\n", SchemaError, "is not a lookup of areas.*no row has the headings"),
        ("LSOA21CD,LSOA21NM\nE01004766,Bolton 005A\n", SchemaError, "is not a lookup"),
        ("pcds,oa11cd,lsoa11cd\nBL1 1AP,E00024141,E01004771\n", SchemaError, "read_postcodes"),
        (TO_WARD.replace("E01008234", "E01004766"), SchemaError, "more than one ward"),
        (TO_WARD.replace("E05000999", ""), SchemaError, "has codes that are not valid"),
        (TO_WARD.replace("E01008234", "95AA01"), SchemaError, "'95AA01'"),
    ],
)
def test_bad_input_has_one_clear_error(tmp_path, text, error, message):
    with pytest.raises(error, match=message):
        lookups.read(write(tmp_path, "a.csv", text))


def test_a_damaged_zip(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 cut short")
    for read in (lookups.read, lookups.read_postcodes):
        with pytest.raises(SourceError, match=r"'a\.zip' is damaged"):
            read(tmp_path / "a.zip")


def test_postcodes_of_ons(tmp_path):
    text = (
        "pcd7,pcd8,pcds,dointr,doterm,oa21cd,lsoa11cd,lsoa21cd,wd24cd\n"
        "BL1 1AA,BL1  1AA,bl11aa,199606,200102,E00171673,E01033217,E01033999,E05014832\n"
        "BL1 1AB,BL1  1AB,BL1 1AB,199606,,E00171673,,,\n"
    )
    frame = lookups.read_postcodes(write(tmp_path, "PCD_MAY_2022_UK_LU.csv", text))
    assert frame["postcode"].tolist() == ["BL1 1AA", "BL1 1AB"]
    assert frame["lsoa_code"].fillna("").tolist() == ["E01033999", ""]
    assert frame["ward_code"].fillna("").tolist() == ["E05014832", ""]
    assert set(frame["source"]) == {"postcodes@2022"}
    given = lookups.read_postcodes(write(tmp_path, "a.csv", text))
    assert set(given["source"]) == {"postcodes@unknown"}


def test_code_point_open_comes_without_headings(tmp_path):
    areas = '"E92000001","E19000001","E18000002","","E08000001"'
    text = (
        f'"BL1 1AP",10,371951,409081,{areas},"E05014832"\n"BL1 1AQ",10,371842,409132,{areas},""\n'
    )
    frame = lookups.read_postcodes(write(tmp_path, "bl.csv", text))
    assert frame["postcode"].tolist() == ["BL1 1AP", "BL1 1AQ"]
    assert frame["ward_code"].fillna("").tolist() == ["E05014832", ""]
    assert frame["lsoa_code"].isna().all()
    assert set(frame["source"]) == {"postcodes@unknown"}


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", SourceError, "is empty"),
        (TO_WARD, SchemaError, "is not a directory of postcodes"),
        ("pcds,oa11cd\nBL1 1AP,E00024141\n", SchemaError, "neither an LSOA nor a ward"),
        ("pcds,lsoa21cd\nBolton,E01004771\n", SchemaError, "'pcds' has 'Bolton'; expected"),
        (
            "pcds,lsoa21cd\nBL1 1AP,E01004771\nBL1 1AP,E01004772\n",
            SchemaError,
            "in more than one place: 'BL1 1AP'",
        ),
        ("pcds,lsoa21cd\nBL1 1AP,[c]\n", SchemaError, r"'\[c\]'; expected codes"),
        ("pcds,wd24cd\nBL1 1AP,Halliwell\n", SchemaError, "'Halliwell'"),
    ],
)
def test_bad_postcodes_have_one_clear_error(tmp_path, text, error, message):
    with pytest.raises(error, match=message):
        lookups.read_postcodes(write(tmp_path, "a.csv", text))


# Published files: (from, to, rows, methods).
LOOKUPS = {
    "bolton_oa21_lsoa21_msoa21.csv": ("oa21", "lsoa21", 910, {"exact"}),
    "gm_lsoa01_to_lsoa11_exactfit.csv": ("lsoa01", "lsoa11", 1679, {"exact", "best_fit"}),
    "gm_lsoa11_to_lsoa21_exactfit.csv": ("lsoa11", "lsoa21", 1705, {"exact"}),
    "gm_lsoa11_to_wd19_bestfit.csv": ("lsoa11", "ward19", 1673, {"best_fit"}),
    "gm_lsoa21_to_wd22_bestfit.csv": ("lsoa21", "ward22", 1702, {"best_fit"}),
    "gm_lsoa21_to_wd24_bestfit.csv": ("lsoa21", "ward24", 1702, {"best_fit"}),
}
POSTCODES = {
    "bolton_postcodes_codepoint_may2025.csv.gz": 7292,
    "bolton_postcodes_lsoa11_may2022.csv.gz": 9869,
}
# Registers of authorities and of ward names, which no reader of rows is for.
OTHER_FILES = {
    "PROVENANCE.csv",
    "bolton_ward_names_by_year.csv",
    "england_lad_all_codes.csv",
    "england_upper_tier_la.csv",
}


@pytest.mark.reference
def test_every_published_table_is_read_or_named(reference):
    found = {path.name for path in (reference / "geography").iterdir()}
    tables = {name for name in found if not name.endswith(".geojson")}
    assert tables == set(LOOKUPS) | set(POSTCODES) | OTHER_FILES


@pytest.mark.reference
@pytest.mark.parametrize("name", sorted(OTHER_FILES))
def test_registers_are_refused(reference, name):
    for read in (lookups.read, lookups.read_postcodes):
        with pytest.raises(SchemaError, match="is not a"):
            read(reference / "geography" / name)


@pytest.mark.reference
@pytest.mark.parametrize("name", LOOKUPS)
def test_published_lookups(reference, name):
    start, goal, rows, methods = LOOKUPS[name]
    frame = lookups.read(reference / "geography" / name)
    assert len(frame) == rows
    assert set(frame["from_geography"]) == {start}
    assert set(frame["to_geography"]) == {goal}
    assert set(frame["method"]) == methods
    if goal.startswith("ward"):
        bolton = frame[frame["area_code"] == "E08000001"]
        assert len(bolton) == 177
        assert bolton["to_code"].nunique() == 20


@pytest.mark.reference
def test_the_wards_of_bolton_changed_in_2023(reference):
    folder = reference / "geography"
    old = lookups.read(folder / "gm_lsoa21_to_wd22_bestfit.csv").query("area_code == 'E08000001'")
    new = lookups.read(folder / "gm_lsoa21_to_wd24_bestfit.csv").query("area_code == 'E08000001'")
    assert not set(old["to_code"]) & set(new["to_code"])
    assert new["to_code"].min() == "E05014818"
    assert new["to_code"].max() == "E05014837"


@pytest.mark.reference
def test_the_lsoas_of_bolton_are_those_of_2011(reference):
    frame = lookups.read(reference / "geography" / "gm_lsoa11_to_lsoa21_exactfit.csv")
    bolton = frame[frame["area_code"] == "E08000001"]
    assert len(bolton) == 177
    assert (bolton["from_code"] == bolton["to_code"]).all()


@pytest.mark.reference
@pytest.mark.parametrize("name", POSTCODES)
def test_published_postcodes(reference, name):
    frame = lookups.read_postcodes(reference / "geography" / name)
    assert len(frame) == POSTCODES[name]
    assert frame["postcode"].is_unique
    assert frame["source"].unique().tolist() == [f"postcodes@{name[-11:-7]}"]
