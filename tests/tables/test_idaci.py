"""IDACI in the files of four editions."""

import gzip
import zipfile

import numpy as np
import pytest

from bolton_jsna.core.errors import SchemaError, SourceError
from bolton_jsna.tables import idaci

INDEX = "Income Deprivation Affecting Children Index (IDACI)"
AREA = "LSOA code ({0}),LSOA name ({0}),Local Authority District code ({1})"
RANKS = (
    f"{INDEX} Rank (where 1 is most deprived),"
    f"{INDEX} Decile (where 1 is most deprived 10% of LSOAs)"
)
AREA_2019 = AREA.format(2011, 2019)
AREA_2025 = AREA.format(2021, 2024)
SCORE = f"{INDEX} Score (rate)"
FILE_3 = (
    f"{AREA_2019},{RANKS}\n"
    "E01004766,Bolton 005A,E08000001,14006.00,5.00\n"
    "E01008234,Barnsley 001A,E08000038,1.00,1.00\n"
)
FILE_5 = (
    f"{AREA_2019},{SCORE}\n"
    "E01008234,Barnsley 001A,E08000038,0.5\n"
    "E01004766,Bolton 005A,E08000001,0.150\n"
)
FILE_6 = (
    f"{AREA_2019},Total population: mid 2015 (excluding prisoners),"
    '"Dependent Children aged 0-15: mid 2015 (excluding prisoners)"\n'
    "E01004766,Bolton 005A,E08000001,1616.00,270.00\n"
    'E01008234,Barnsley 001A,E08000038,1616.00,"1,270.00"\n'
)
FILE_7_2025 = (
    f"{AREA_2025},{SCORE},{RANKS},Dependent Children aged 0-15: mid 2022\n"
    "E01004766,Bolton 005A,E08000001,0.496,8162,3,294\n"
)
OLD = (
    "LSOA CODE,PRE 2009 LA CODE,PRE 2009 LA NAME,POST 2009 LA CODE,POST 2009 LA NAME,IMD SCORE,"
    "RANK OF IMD SCORE (where 1 is most deprived),IDACI score,"
    "Rank of IDACI (where 1 is most deprived),IDAOPI score,"
    "Rank of IDAOPI (where 1 is most deprived)\n"
    "E01004766,00BL,Bolton,00BL,Bolton,20.1,5000,0.15,3248,0.2,1\n"
    "E01012212,00EH,Darlington,00EH,Darlington UA,20.1,5000,0.15,3249,0.2,1\n"
    "E01024853,30UD,Burnley,30UD,Burnley,20.1,5000,0.01,32482,0.2,1\n"
)


def write(folder, name, text, encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return path


def test_the_files_of_2019_are_joined_on_the_lsoa(tmp_path):
    paths = [
        write(tmp_path, "File_3.csv", "\ufeff" + FILE_3),
        write(tmp_path, "File_5.csv", FILE_5),
        write(tmp_path, "File_6.csv", FILE_6),
    ]
    frame = idaci.read(*paths).set_index("lsoa_code")
    assert frame.loc["E01004766"].to_dict() == {
        "lsoa_name": "Bolton 005A",
        "area_code": "E08000001",
        "idaci_score": 0.15,
        "idaci_rank": 14006,
        "idaci_decile": 5,
        "children_0_15": 270,
        "edition": 2019,
        "lsoa_year": 2011,
        "source": "idaci@2019",
    }
    # Barnsley's second code leads to the register's.
    assert frame.loc["E01008234", "area_code"] == "E08000016"
    assert frame.loc["E01008234", "children_0_15"] == 1270
    without = idaci.read(paths[0], paths[2])
    assert without["idaci_score"].isna().all()


def test_editions_are_told_by_their_headings_and_stacked(tmp_path):
    new = write(tmp_path, "a.csv", FILE_7_2025)
    old = write(tmp_path, "b.csv", FILE_3)
    frame = idaci.read(new, old)
    assert frame["edition"].tolist() == [2025, 2019, 2019]
    assert frame["lsoa_year"].tolist() == [2021, 2011, 2011]
    districts_of_2013 = FILE_3.replace("(2019)", "(2013)")
    assert set(idaci.read(write(tmp_path, "c.csv", districts_of_2013))["edition"]) == {2015}


def test_the_table_of_2010(tmp_path, caplog):
    caplog.set_level("INFO")
    frame = idaci.read(write(tmp_path, "1871702.csv", OLD))
    assert frame["idaci_decile"].tolist() == [1, 2, 10]
    assert frame["lsoa_year"].unique().tolist() == [2001]
    assert frame["area_code"].fillna("").tolist() == ["E08000001", "E06000005", ""]
    assert frame["lsoa_name"].isna().all()
    assert "no code for the districts Burnley" in caplog.text


def test_workbooks_open_with_covers_and_wrappings_do_not_matter(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["English indices of deprivation 2025"])
    sheet = book.create_sheet("IoD2025 IDACI")
    sheet.append(["Table of ranks"])
    header, row = FILE_7_2025.splitlines()
    sheet.append(header.split(","))
    sheet.append([float(c) if c[0].isdigit() else c for c in row.split(",")])
    book.save(tmp_path / "a.xlsx")
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(FILE_7_2025.encode("utf-8-sig")))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("File_7.csv", FILE_7_2025)
    frames = [idaci.read(tmp_path / name) for name in ("a.xlsx", "a.csv.gz", "a.zip")]
    assert frames[0].equals(frames[1])
    assert frames[1].equals(frames[2])
    assert frames[0]["idaci_rank"].tolist() == [8162]


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        ([""], SourceError, "is empty"),
        (["<!DOCTYPE html><html>"], SourceError, "is a web page"),
        (["a,b\n1,2\n"], SchemaError, "is not a table of IDACI .*no row has the headings"),
        ([FILE_5], SchemaError, "no column of the IDACI rank for 2019.*Add File 3"),
        ([FILE_3.replace(" (2019)", " (2030)")], SchemaError, "is of an unknown edition"),
        (
            [FILE_3.replace("14006", "99999")],
            SchemaError,
            "rank 99999 .* is not possible",
        ),
        (
            [FILE_3.replace("14006.00", "140.5")],
            SchemaError,
            "rank 140.5 .* is not possible",
        ),
        ([FILE_3.replace("14006.00", "")], SchemaError, "rank nan of E01004766 is not possible"),
        ([FILE_3.replace("14006.00", "*")], SchemaError, "'idaci_rank' has '\\*'"),
        ([FILE_3.replace("5.00", "6.00")], SchemaError, "decile 6 of E01004766 does not follow"),
        ([FILE_3.replace("E01008234", "E01004766")], SchemaError, "LSOAs more than once"),
        ([FILE_3.replace("E01008234", "95AA")], SchemaError, "'95AA'"),
        ([FILE_3, FILE_5.replace("E01008234", "E01008235")], SchemaError, "in one only"),
        ([FILE_3, FILE_6.replace("Bolton 005A", "Bury 1")], SchemaError, "disagree on lsoa_name"),
        (
            [FILE_7_2025.replace("0.496", "49.6")],
            SchemaError,
            "holds 49.6.*not percentages",
        ),
        ([OLD.replace("POST 2009 LA NAME", "X")], SchemaError, "no column 'POST 2009 LA NAME'"),
    ],
)
def test_bad_input_has_one_clear_error(tmp_path, texts, error, message):
    paths = [write(tmp_path, f"{n}.csv", text) for n, text in enumerate(texts)]
    with pytest.raises(error, match=message):
        idaci.read(*paths)


def many(scores=None, ranks=None, codes=None, heads=AREA_2025):
    """A made-up file of 100 LSOAs whose scores fall as their ranks rise."""
    ranks = ranks or [100 + 300 * n for n in range(100)]
    scores = scores or [round(0.9 - 0.008 * n, 3) for n in range(100)]
    codes = codes or [f"E0100{4800 + n}" for n in range(100)]
    last = 33755 if heads == AREA_2025 else 32844
    rows = [
        f"{code},A,E08000001,{score},{rank},{-(-rank * 10 // last)}"
        for code, score, rank in zip(codes, scores, ranks, strict=True)
    ]
    return "\n".join([f"{heads},{SCORE},{RANKS}", *rows, ""])


def test_scores_of_another_edition_are_not_taken_for_those_of_the_ranks(tmp_path):
    good = [round(0.9 - 0.008 * n, 3) for n in range(100)]
    moved = [good[(7 * n) % 100] for n in range(100)]
    percent_off = [*good[:50], *reversed(good[50:])]
    for scores in (moved, percent_off, good[::-1], [0.496] * 100):
        path = write(tmp_path, "a.csv", many(scores))
        with pytest.raises(SchemaError, match="the scores do not follow the ranks"):
            idaci.read(path)
    only_ranks = many().replace(SCORE, "Other")
    only_scores = many(moved).replace("Rank (", "Other (").replace("Decile (", "Others (")
    paths = [write(tmp_path, "a.csv", only_ranks), write(tmp_path, "b.csv", only_scores)]
    with pytest.raises(SchemaError, match=r"'a.csv' and 'b.csv': the scores do not follow"):
        idaci.read(*paths)


def test_one_score_that_cannot_be_of_its_rank_is_left_out_with_its_rank(tmp_path, caplog):
    scores = [round(0.9 - 0.008 * n, 3) for n in range(100)]
    frame = idaci.read(write(tmp_path, "a.csv", many([*scores[:50], 0.9, *scores[51:]])))
    assert frame["idaci_score"].isna().sum() == frame["idaci_rank"].isna().sum() == 1
    assert "E01004850 has the score 0.9 and the rank 15100 (1 cases)" in caplog.text
    # Rounding ties many scores, and a pair may be turned by it.
    rounded = [round(each, 2) for each in scores]
    assert idaci.read(write(tmp_path, "b.csv", many(rounded)))["idaci_score"].notna().all()
    scores[30], scores[31] = 0.656, 0.657
    assert idaci.read(write(tmp_path, "c.csv", many(scores)))["idaci_score"].notna().all()


def test_a_cell_that_cannot_be_right_is_one_cell_missing(tmp_path, caplog):
    lines = many().splitlines()
    lines = [f"{lines[0]},Dependent Children aged 0-15: mid 2022", *(f"{x},300" for x in lines[1:])]
    lines[1] = lines[1].replace(",0.9,", ",1.9,")
    lines[2] = lines[2].replace(",300", ",-300") if lines[2].count(",300") == 1 else lines[2]
    lines[3] = lines[3].replace(",E08000001,", ",,")
    lines[4] = lines[4].replace(",E08000001,", ",Bolton,").replace(",300", ",3.5")
    lines[5] = lines[5].replace(",E08000001,", ",n/a,")
    lines[6] = lines[6].replace(",1600,1,", ",1600,0,")
    frame = idaci.read(write(tmp_path, "a.csv", "\n".join(lines) + "\n"))
    assert len(frame) == 100
    missing = frame[["idaci_score", "area_code", "children_0_15"]].isna()
    assert missing.sum().tolist() == [1, 2, 2]
    assert frame["area_code"].dropna().unique().tolist() == ["E08000001"]
    assert frame["idaci_decile"].notna().all()
    for words in ("holds 1.9", "holds -300, 3.5", "district code '', 'n/a'", "holds 0."):
        assert words in caplog.text
    many_wrong = "\n".join(line.replace(",300", ",-300") for line in lines)
    with pytest.raises(SchemaError, match="Expected numbers of children, 0 or more"):
        idaci.read(write(tmp_path, "b.csv", many_wrong))


def book(path, **sheets):
    """Write a workbook of sheets given as CSV; a sheet whose name begins with Draft is hidden."""
    import openpyxl

    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, text in sheets.items():
        sheet = made.create_sheet(name)
        sheet.sheet_state = "hidden" if name.startswith("Draft") else "visible"
        for line in text.splitlines():
            sheet.append([float(c) if c[:1].isdigit() else c for c in line.split(",")])
    made.save(path)
    return path


def cut(text, first, last):
    head, *rows = text.splitlines()
    return "\n".join([head, *rows[first:last], ""])


def test_every_visible_sheet_is_read_and_no_hidden_one(tmp_path, caplog):
    whole = idaci.read(write(tmp_path, "a.csv", many()))
    low = many([round(0.5 * (0.9 - 0.008 * n), 3) for n in range(100)])
    path = book(tmp_path / "b.xlsx", Draft=low, A=cut(many(), 0, 60), B=cut(many(), 60, 100))
    assert idaci.read(path).equals(whole)
    assert "has hidden sheets, which are not read: 'Draft'" in caplog.text
    scores = many().replace("Rank (", "Other (").replace("Decile (", "Others (")
    path = book(tmp_path / "c.xlsx", Scores=scores, Ranks=many().replace(SCORE, "Other"))
    assert idaci.read(path).equals(whole)
    path = book(tmp_path / "d.xlsx", New=many(), Old=many(heads=AREA_2019))
    assert idaci.read(path)["edition"].value_counts().to_dict() == {2025: 100, 2019: 100}
    with pytest.raises(SchemaError, match=r"sheet A' and 'e\.xlsx, sheet B' disagree"):
        idaci.read(book(tmp_path / "e.xlsx", A=low, B=many()))


def test_files_with_the_same_columns_add_their_lsoas(tmp_path, caplog):
    whole = idaci.read(write(tmp_path, "a.csv", many()))
    parts = [(0, 60), (60, 100)], [(0, 100), (20, 30)], [(20, 30), (0, 100)], [(0, 60), (50, 100)]
    for number, cuts in enumerate(parts):
        paths = [
            write(tmp_path, f"{number}_{first}.csv", cut(many(), first, last))
            for first, last in cuts
        ]
        frame = idaci.read(*paths).sort_values("lsoa_code", ignore_index=True)
        assert frame.equals(whole)
    assert not caplog.records
    other = write(tmp_path, "b.csv", cut(many().replace("E01004850,A,", "E01004850,B,"), 40, 60))
    frame = idaci.read(tmp_path / "a.csv", other)
    assert set(whole["lsoa_code"]) - set(frame["lsoa_code"]) == {"E01004850"}
    assert "disagree on lsoa_name of E01004850: A and B (1 cases)" in caplog.text


def test_a_damaged_zip_and_latin_1(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(SourceError, match=r"'a\.zip' is damaged"):
        idaci.read(tmp_path / "a.zip")
    named = write(tmp_path, "a.csv", FILE_7_2025.replace("Bolton 005A", "Bôlton"), "cp1252")
    assert idaci.read(named)["lsoa_name"].tolist() == ["Bôlton"]


# Published files. Not for this reader: a cut with deciles only (no rank, no district), and the
# summaries by district.
REFUSED = {
    "iod2015_idaci_decile_england_lsoa11.csv.gz": "edition of .* is not known",
    "iod_idaci_lad_summaries_2015_2019_2025.csv": "is not a table of IDACI",
}
# The supplement to File 3: alone it has neither rank nor score.
PARTS = {"File_6_-_IoD2019_Population_Denominators.csv.gz"}
READ = {
    "File_3_-_IoD2019_Supplementary_Indices_-_IDACI_and_IDAOPI.csv.gz": (2019, 32_844),
    "File_3_IoD2025_Supplementary_Indices_IDACI_and_IDAOPI.xlsx": (2025, 33_755),
    "iod2019_idaci_bolton_lsoa11.csv": (2019, 177),
    "iod2019_idaci_england_lsoa11.csv.gz": (2019, 32_844),
    "iod2025_idaci_bolton_lsoa21.csv": (2025, 177),
    "iod2025_idaci_england_lsoa21.csv.gz": (2025, 33_755),
}


@pytest.mark.reference
def test_every_published_file_is_read_or_named(reference):
    found = {path.name for path in (reference / "idaci").iterdir()}
    assert found == {"PROVENANCE.csv"} | set(REFUSED) | PARTS | set(READ)


@pytest.mark.reference
@pytest.mark.parametrize("name", REFUSED)
def test_files_of_another_kind_are_refused(reference, name):
    with pytest.raises(SchemaError, match=REFUSED[name]):
        idaci.read(reference / "idaci" / name)


# MHCLG: Bolton's LSOAs in the most deprived 5, 10, 15 and 20 per cent of England.
MOST_DEPRIVED = {2019: [14, 31, 42, 57], 2025: [18, 35, 52, 68]}


@pytest.mark.reference
@pytest.mark.parametrize("name", READ)
def test_published_ranks_and_deciles(reference, name):
    edition, rows = READ[name]
    frame = idaci.read(reference / "idaci" / name)
    assert len(frame) == rows
    assert frame["edition"].unique().tolist() == [edition]
    last = idaci.LSOAS[edition]
    assert (frame["idaci_decile"] == np.ceil(frame["idaci_rank"] * 10 / last)).all()
    bolton = frame[frame["area_code"] == "E08000001"]
    assert len(bolton) == 177
    shares = [int((bolton["idaci_rank"] <= last * share / 100).sum()) for share in (5, 10, 15, 20)]
    assert shares == MOST_DEPRIVED[edition]


@pytest.mark.reference
def test_ties_in_the_published_ranks(reference):
    new = idaci.read(reference / "idaci" / "iod2025_idaci_england_lsoa21.csv.gz")
    old = idaci.read(reference / "idaci" / "iod2019_idaci_england_lsoa11.csv.gz")
    assert new["idaci_rank"].nunique() == 33_719
    assert old["idaci_rank"].nunique() == 32_687


@pytest.mark.reference
def test_file_3_and_file_6_give_what_file_7_has_but_the_score(reference):
    folder = reference / "idaci"
    joined = idaci.read(
        folder / "File_3_-_IoD2019_Supplementary_Indices_-_IDACI_and_IDAOPI.csv.gz",
        folder / "File_6_-_IoD2019_Population_Denominators.csv.gz",
    ).set_index("lsoa_code")
    whole = idaci.read(folder / "iod2019_idaci_england_lsoa11.csv.gz").set_index("lsoa_code")
    assert joined["idaci_score"].isna().all()
    rest = joined.columns.drop("idaci_score")
    assert joined[rest].equals(whole.loc[joined.index, rest])


@pytest.mark.reference
def test_child_weighted_scores_of_bolton(reference):
    # MHCLG: Bolton's average IDACI score 0.219 in 2019 and 0.481 in 2025.
    folder = reference / "idaci"
    frame = idaci.read(
        folder / "iod2019_idaci_bolton_lsoa11.csv", folder / "iod2025_idaci_bolton_lsoa21.csv"
    )
    weighted = frame["idaci_score"] * frame["children_0_15"].astype(float)
    by_edition = weighted.groupby(frame["edition"]).sum()
    children = frame.groupby("edition")["children_0_15"].sum().astype(float)
    assert (by_edition / children).round(3).to_dict() == {2019: 0.219, 2025: 0.481}
