"""A folder of mixed files, or a release's whole zip: what is needed is read, the rest is named."""

import gzip
import json
import logging
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.ingest import raw_provenance
from bolton_jsna.ingest import raw_tables as raw
from command_line import command

AREA = "time_period,time_identifier,geographic_level,country_code,country_name,region_code,"
AREA += "region_name,old_la_code,new_la_code,la_name,category"
ENGLAND = "Reporting year,National,E92000001,England,,,,,,x"
PLACES = {"E08000001": (350, "Bolton"), "E08000005": (354, "Rochdale"), "E08000002": (351, "Bury")}


def of(code: str) -> str:
    number, name = PLACES[code]
    place = f"E12000002,North West,{number},{code},{name},x"
    return f"Reporting year,Local authority,E92000001,England,{place}"


def figures(heading: str, *counts: int, extra: str = "", more: str = "") -> str:
    """A file of three authorities and England."""
    lines = [f"{AREA}{extra},{heading}", f"2025,{ENGLAND}{more},620000"]
    lines += [f"2025,{of(code)}{more},{n}" for code, n in zip(PLACES, counts, strict=True)]
    return "\n".join(lines) + "\n"


C1 = figures("referral_count", 3811, 2700, 1500)
CLOSURE = figures("Lessons,unknown,RC1_Music", 1, 2, 3).replace("620000", "9,9,9")
CLOSURE = "\n".join(
    f"{line},0,0" if line.endswith(("1", "2", "3")) else line for line in CLOSURE.splitlines()
)
DURATION = figures("Lessons,3_months_or_less", 1, 2, 3).replace(",620000", ",9,9")
DURATION = "\n".join(f"{line},4" if line[-1] in "123" else line for line in DURATION.splitlines())
BY_AGE = (
    "time_period,geographic_level,country_code,country_name,characteristic,CPP_At31\n"
    "2025,National,E92000001,England,Unborn,5\n2025,National,E92000001,England,0 to 4,9\n"
)
ABSENCE = f"{AREA},sess_overall_percent\n202425,{of('E08000001')},7.1\n"
NOTES = "Data guidance\n\nThis release has figures of children in need.\n"
NO_USE = {
    "b6_reason_for_closure.csv": CLOSURE,
    "b5_duration.csv": DURATION,
    "a5_plans_by_age.csv": BY_AGE,
    "absence_la.csv": ABSENCE,
    "data-guidance.txt": NOTES,
    "PROVENANCE.csv": "file,rows\nc1.csv,4\n",
}


def lay(workspace: Path, dataset: str, files: dict[str, str]) -> Path:
    folder = workspace / "data" / "raw" / dataset
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        content = text.encode()
        (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return folder


def referrals(workspace: Path, place: str = "Bolton", **options: object) -> dict[int, object]:
    frame = jsna.load_children_in_need(
        place, indicators="referrals", workspace=workspace, **options
    )
    return dict(zip(frame["year"], frame["count"], strict=True))


def said(workspace: Path, dataset: str = "children_in_need") -> str:
    return " ".join(raw.remarks(dataset, workspace))


# ---------------------------------------------------------------- files of no use
@pytest.mark.parametrize("name", NO_USE)
def test_a_file_of_no_use_is_passed_over_by_name(tmp_path, caplog, name):
    lay(tmp_path, "children_in_need", {"c1_2025.csv": C1, name: NO_USE[name]})
    assert referrals(tmp_path) == {2025: 3811}
    for words in (said(tmp_path), caplog.text):
        assert f"1 file is not needed there and skipped: {name}" in words
        assert "1 file is used: c1_2025.csv" in words


def test_the_whole_release_may_be_there_loose_or_as_its_zip(tmp_path):
    whole = {"data/c1_2025.csv": C1, **{f"data/{name}": text for name, text in NO_USE.items()}}
    loose = lay(tmp_path / "loose", "children_in_need", {})
    for name, text in whole.items():
        (loose / name).parent.mkdir(exist_ok=True)
        (loose / name).write_text(text, encoding="utf-8")
    folder = lay(tmp_path / "zipped", "children_in_need", {})
    with zipfile.ZipFile(folder / "release.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in whole.items():
            archive.writestr(name, text)
        archive.writestr("__MACOSX/data/._c1_2025.csv", "x")
    first, second = (
        jsna.load_children_in_need("Bolton", workspace=tmp_path / each)
        for each in ("loose", "zipped")
    )
    assert first.equals(second)
    assert referrals(tmp_path / "zipped") == {2025: 3811}
    assert "release.zip/data/c1_2025.csv" in said(tmp_path / "zipped")
    assert "6 files are not needed" in said(tmp_path / "zipped")
    found = jsna.sources(first[first["indicator"] == "referrals"], workspace=tmp_path / "zipped")
    assert found["file"].tolist()[0] == "release.zip"


def test_the_command_line_names_what_it_passed_over(tmp_path):
    lay(tmp_path, "children_in_need", {"c1_2025.csv": C1, **NO_USE})
    done = command("build", "--workspace", tmp_path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3,811 in all" in done.stdout
    for name in (*NO_USE, "c1_2025.csv"):
        assert name in done.stdout
        assert name in done.stderr


@pytest.mark.parametrize("content", ["", "<html><body>Not found</body></html>", "PK\x03\x04 torn"])
def test_a_damaged_file_of_no_name_that_is_needed_is_passed_over(tmp_path, content):
    lay(tmp_path, "children_in_need", {"c1_2025.csv": C1, "notes.csv": content})
    assert referrals(tmp_path) == {2025: 3811}
    assert "notes.csv cannot be read and is skipped" in said(tmp_path)
    lay(tmp_path, "children_in_need", {"d5_2026.csv": content})
    with pytest.raises(jsna.SourceError, match=r"'d5_2026\.csv'"):
        referrals(tmp_path)


def test_a_needed_file_that_is_not_understood_is_not_passed_over(tmp_path):
    """Its figures would come from an older file without a word."""
    lay(tmp_path, "children_in_need", {"b1_x.csv": figures("At31_episodes", 1, 2, 3)})
    lay(tmp_path, "children_in_need", {"c1_2026.csv": figures("referrals_made", 1, 2, 3)})
    with pytest.raises(jsna.SchemaError, match=r"'c1_2026\.csv' .*referrals_made"):
        referrals(tmp_path)


def test_a_folder_with_nothing_of_use_is_refused(tmp_path):
    lay(tmp_path, "children_in_need", NO_USE)
    with pytest.raises(jsna.SchemaError, match=r"no row has the headings|none of the figures"):
        referrals(tmp_path)


def test_totals_of_a_file_that_is_broken_down_are_read(tmp_path):
    rows = [
        f"2025,{of('E08000001')},{sex},{n}" for sex, n in (("Total", 9), ("Boys", 5), ("Girls", 4))
    ]
    text = "\n".join([f"{AREA},sex,referral_count", *rows])
    lay(tmp_path, "children_in_need", {"c1_2025.csv": text})
    assert referrals(tmp_path) == {2025: 9}
    assert "broken down by 'sex'" in said(tmp_path)


@pytest.mark.parametrize(
    "dataset",
    [
        *("idaci", "lookup", "statistical_neighbours", "postcodes", "ward_boundaries"),
        *("population_projections", "population_estimates"),
    ],
)
def test_the_folder_of_every_dataset_may_be_mixed(tmp_path, dataset):
    lay(tmp_path, dataset, {"notes.txt": NOTES, "absence_la.csv": ABSENCE, **TABLES[dataset]})
    (table,) = [raw.table(dataset, tmp_path)]
    assert table is not None
    assert "2 files are not needed" in said(tmp_path, dataset)


IDACI = (
    "LSOA code (2021),Local Authority District code (2024),"
    "Income Deprivation Affecting Children Index (IDACI) Score (rate),"
    "Income Deprivation Affecting Children Index (IDACI) Rank (where 1 is most deprived)\n"
)
LSOAS = "E01004768,E08000001,0.5,900\nE01004769,E08000001,0.4,9000\nE01004771,E08000001,0.3,20000\n"
HEAD_SN = "old_la_code,la_name," + ",".join(f"SN_{n},SN_{n}P" for n in range(1, 11))
NEAR = ",".join(f"{n},Close" for n in (350, 353, 383, 357, 831, 332, 335, 372, 381, 382))
RING = [[-2.4, 53.5], [-2.3, 53.5], [-2.3, 53.6], [-2.4, 53.5]]
WARD = {
    "type": "Feature",
    "properties": {"WD24CD": "E05999001", "WD24NM": "Ward 1"},
    "geometry": {"type": "Polygon", "coordinates": [RING]},
}
LAYER = {"type": "FeatureCollection", "features": [WARD]}
WIDE = "AREA_CODE,AREA_NAME,SEX,AGE_GROUP"
TABLES = {
    "idaci": {"mine.csv": IDACI + LSOAS},
    "lookup": {"lu.csv": "LSOA21CD,WD24CD\nE01004768,E05014818\n"},
    "statistical_neighbours": {"sn_2025.csv": f"{HEAD_SN}\n354,Rochdale,{NEAR}\n"},
    "ward_boundaries": {"wards.geojson": json.dumps(LAYER)},
    "population_projections": {"snpp.csv": f"{WIDE},2022,2047\nE08000001,Bolton,P,7,1,2\n"},
    "population_estimates": {"mye.csv": f"{WIDE},2023,2024\nE08000001,Bolton,P,7,1,2\n"},
    "postcodes": {"pcd_2025.csv": "pcds,lsoa21cd\nBL1 1AP,E01004768\n"},
}


def test_the_zip_of_the_indices_is_read_and_an_edition_without_ranks_passed_over(tmp_path):
    head, rank = IDACI.rsplit(",", 1)
    cells = [line.rsplit(",", 1) for line in LSOAS.splitlines()]
    ranks = f"{head.rsplit(',', 1)[0]},{rank}" + "".join(
        f"{a.rsplit(',', 1)[0]},{b}\n" for a, b in cells
    )
    scores = f"{head}\n" + "".join(f"{a}\n" for a, _ in cells)
    old = scores.replace("(2021)", "(2011)").replace("(2024)", "(2019)")
    folder = lay(tmp_path, "idaci", {"File_5_IoD2019_Scores.csv": old})
    with zipfile.ZipFile(folder / "IoD2025.zip", "w") as archive:
        archive.writestr("File_1_IoD2025_Index.csv", "LSOA code (2021),Rank\nE01004768,1\n")
        archive.writestr("File_3_IoD2025.csv", ranks)
        archive.writestr("File_5_IoD2025.csv", scores)
    table = raw.table("idaci", tmp_path)
    assert table is not None
    assert table["edition"].unique().tolist() == [2025]
    assert table[["idaci_score", "idaci_rank"]].to_numpy().tolist() == [
        [0.5, 900],
        [0.4, 9000],
        [0.3, 20000],
    ]
    words = said(tmp_path, "idaci")
    assert "skipped: IoD2025.zip/File_1_IoD2025_Index.csv" in words
    assert "no column of the IDACI rank for 2019" in words


# ---------------------------------------------------------------- no wider than the fault
def test_an_authority_and_year_that_contradict_each_other_stop_no_other(tmp_path, caplog):
    lay(tmp_path, "children_in_need", {"c1_a.csv": C1, "c1_b.csv": C1.replace(",2700", ",2701")})
    assert referrals(tmp_path) == {2025: 3811}
    assert referrals(tmp_path, "Bury") == {2025: 1500}
    row = jsna.load_children_in_need("Rochdale", indicators="referrals", workspace=tmp_path).iloc[0]
    assert (pd.isna(row["count"]), row["status"]) == (True, "not_available")
    assert (
        "contradict each other in 1 rows (('E08000005', 2025, 'referrals', '2025'))" in caplog.text
    )


def test_two_rows_of_a_file_that_disagree_stop_no_other(tmp_path, caplog):
    again = C1 + f"2025,{of('E08000005')},2701\n"
    lay(tmp_path, "children_in_need", {"c1_2025.csv": again})
    assert referrals(tmp_path) == {2025: 3811}
    row = jsna.load_children_in_need("Rochdale", indicators="referrals", workspace=tmp_path).iloc[0]
    assert row["status"] == "not_available"
    assert "two rows for E08000005 in 2025 with different referrals" in caplog.text


def test_an_area_and_a_marker_that_are_not_known_stop_no_other(tmp_path, caplog):
    odd = C1.replace("354,E08000005,Rochdale", "999,E08000999,Boltonia").replace(",1500", ",~")
    lay(tmp_path, "children_in_need", {"c1_2025.csv": odd + "\nSource: DfE\n2,see the notes\n"})
    assert referrals(tmp_path) == {2025: 3811}
    assert "Boltonia" in caplog.text
    assert "holds '~'" in caplog.text
    row = jsna.load_children_in_need("Bury", indicators="referrals", workspace=tmp_path).iloc[0]
    assert row["status"] == "not_available"


def test_lookups_that_contradict_each_other_leave_out_the_authority(tmp_path, caplog):
    head = "LSOA21CD,WD24CD,LAD24CD\n"
    bury = "".join(f"E0100500{n},E05000681,E08000002\n" for n in range(9))
    one, two = (f"{head}{bury}E01004803,{ward},E08000001\n" for ward in ("E05014818", "E05014819"))
    lay(tmp_path, "lookup", {"a.csv": one, "b.csv": two})
    table = raw.table("lookup", tmp_path)
    assert set(table["area_code"]) == {"E08000002"}
    assert "Their rows of lookup@lsoa21-ward24 E08000001 are left out" in caplog.text


# ---------------------------------------------------------------- rows, not the file
def test_wards_without_their_authority_are_placed_or_named(tmp_path):
    wards = jsna.load_boundaries("Bolton")
    codes = wards["area_code"].tolist()

    def layer(year, named):
        plain = (
            wards[["geometry"]].to_crs(4326).assign(**{f"WD{year}CD": named, f"WD{year}NM": "x"})
        )
        lay(tmp_path, "ward_boundaries", {f"w{year}.geojson": plain.to_json()})

    layer(23, codes[1:] + codes[:1])
    drawn = jsna.load_boundaries("Bolton", workspace=tmp_path)
    assert drawn["area_name"].unique().tolist() == ["x"]
    assert len(drawn) == 20
    layer(22, [f"E0500{number}" for number in range(1000, 1020)])
    for place, year in (("Bolton", 2022), ("Bury", 2023)):
        with pytest.raises(
            jsna.MissingDataError, match=r"has 20 wards of .* without their authority"
        ):
            jsna.load_boundaries(place, year=year, workspace=tmp_path)
    text = "LSOA21CD,WD22CD,LAD22CD\nE01004766,E05001000,E08000001\n"
    lay(tmp_path, "lookup", {"l.csv": text})
    assert len(jsna.load_boundaries("Bolton", year=2022, workspace=tmp_path)) == 1


def test_wards_of_another_authority_are_not_taken_for_nobodys(tmp_path):
    wards = jsna.load_boundaries("Bolton")[["geometry"]].to_crs(4326)
    wards["WD24CD"] = [f"E0500{number}" for number in range(1000, 1020)]
    lay(tmp_path, "ward_boundaries", {"w.geojson": wards.to_json()})
    held = jsna.load_boundaries("Bolton", year=2024, workspace=tmp_path)
    assert held["authority_code"].unique().tolist() == ["E08000001"]


def idaci_of(tmp_path: Path, text: str) -> pd.DataFrame:
    lay(tmp_path, "idaci", {"mine.csv": text})
    table = raw.table("idaci", tmp_path)
    assert table is not None
    return table


@pytest.mark.parametrize(
    "odd",
    [
        '\nSource: MHCLG\n"Notes: 1, 2"\n',
        "\nNote 1,see the guidance\n",
        "England,E92000001,0.2,\n",
        "Total,,,999\n",
    ],
)
def test_a_footnote_or_total_under_idaci_is_passed_over(tmp_path, caplog, odd):
    found = idaci_of(tmp_path, IDACI + LSOAS + odd)
    assert found["idaci_rank"].tolist() == [900, 9000, 20000]
    assert [each for each in caplog.records if each.levelno == logging.WARNING]


@pytest.mark.parametrize("marker", [":", "*", "x", "n/a", "[x]"])
def test_a_marker_in_place_of_a_figure_is_one_figure_missing(tmp_path, caplog, marker):
    found = idaci_of(tmp_path, IDACI + LSOAS.replace("9000", marker).replace("0.3", marker))
    assert found["idaci_rank"].fillna(0).tolist() == [900, 0, 20000]
    assert found["idaci_score"].fillna(0).tolist() == [0.5, 0.4, 0]
    assert repr(marker) in caplog.text


def test_columns_of_blanks_are_as_if_they_were_not_there(tmp_path):
    decile = "Income Deprivation Affecting Children Index (IDACI) Decile (where 1 is most deprived)"
    head = IDACI.strip() + f",{decile},LSOA name (2021),,\n"
    found = idaci_of(tmp_path, head + LSOAS.replace("\n", ",,,,\n"))
    assert found["idaci_decile"].tolist() == [1, 3, 6]
    assert found["lsoa_name"].isna().all()


def test_a_file_that_names_no_edition_is_passed_over_beside_one_that_does(tmp_path):
    bare = IDACI.replace("Local Authority District code (2024)", "District")
    lay(tmp_path, "idaci", {"mine.csv": IDACI + LSOAS, "deciles.csv": bare + LSOAS})
    table = raw.table("idaci", tmp_path)
    assert table is not None
    assert table["idaci_rank"].tolist() == [900, 9000, 20000]
    assert "1 file is not needed there and skipped: deciles.csv" in said(tmp_path, "idaci")


def test_a_workbook_of_two_editions_is_named_as_the_source_of_both(tmp_path):
    old = (IDACI + LSOAS).replace("(2021)", "(2011)").replace("(2024)", "(2019)")
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, text in {"New": IDACI + LSOAS, "Old": old}.items():
        sheet = made.create_sheet(name)
        for line in text.splitlines():
            sheet.append(line.split(","))
    made.save(lay(tmp_path, "idaci", {}) / "both.xlsx")
    found = raw_provenance.sources({"idaci@2019", "idaci@2025"}, "idaci", tmp_path)
    assert {(each.edition, each.file, each.rows) for each in found} == {
        ("2019", "both.xlsx", 3),
        ("2025", "both.xlsx", 3),
    }


# ---------------------------------------------------------------- what is published
@pytest.mark.reference
def test_every_file_of_the_reference_folders_mixed_is_read_or_named(reference, tmp_path):
    folder = lay(tmp_path, "children_in_need", {})
    put = set()
    for each in ("safeguarding", "safeguarding_2024", "wider"):
        for path in (reference / each).iterdir():
            name = path.name if path.name not in put else f"{each}_{path.name}"
            (folder / name).write_bytes(path.read_bytes())
            put.add(name)
    frame = jsna.load_children_in_need("Bolton", workspace=tmp_path)
    newest = frame[frame["year"] == 2025].set_index("indicator")["count"]
    assert newest[["referrals", "cpp_at_31_march", "cin_at_31_march"]].tolist() == [3803, 319, 2184]
    assert {2010, 2013, 2025} <= set(frame["year"])
    words = said(tmp_path)
    assert {name for name in put if name not in words} == set()
