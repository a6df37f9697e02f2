"""Statistical neighbours of both models: repeated headings, blanks, abolished authorities."""

import csv
import zipfile
from pathlib import Path

import pytest

from bolton_jsna.core.areas import area
from bolton_jsna.core.errors import SchemaError, SourceError, UsageError
from bolton_jsna.tables import neighbours
from bolton_jsna.tables.schemas import SCHEMAS

HEAD_2021 = "LA num,LA Name,LA number,GOInd,GOReg," + "SN{},SNP," * 10
HEAD_2021 = HEAD_2021.format(*range(1, 11))
HEAD_2025 = "old_la_code,la_name,region_ind,region_name," + ",".join(
    f"SN_{rank},SN_{rank}P" for rank in range(1, 11)
)
BOLTON = (382, 831, 332, 354, 353, 351, 372, 371, 340, 390)
DORSET = (893, 878, 916, 885, 933, 938, 865, 802, 935, 836)


def cells(numbers, word="Very Close"):
    return ",".join(f"{number},{word}" for number in numbers)


CSV_2021 = f"""{HEAD_2021}
350,Bolton,350,5,North West,{cells(BOLTON)},
{"," * 25}
,Old SNs:{"," * 24}
{"," * 25}
835,Dorset (Pre LG),835,7,South West,{cells(DORSET, " extremely close ")},
"""
CSV_2025 = f"""\ufeff{HEAD_2025}
350,Bolton,2,North West,{cells(BOLTON, "Somewhat close ")}
"""


def write(tmp_path: Path, text: str, name: str = "sn_2021.csv") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def test_the_model_of_2021_with_repeated_headings_and_old_authorities(tmp_path):
    table = neighbours.read(write(tmp_path, CSV_2021))
    assert list(table.columns) == SCHEMAS["statistical_neighbours"].names
    assert set(table["model"]) == {"2021"}
    assert set(table["source"]) == {"statistical_neighbours@2021"}
    bolton = table[table["area_code"] == "E08000001"]
    assert list(bolton["rank"]) == list(range(1, 11))
    assert list(bolton["neighbour_code"]) == [area(number).code for number in BOLTON]
    assert set(bolton["closeness"]) == {"Very close"}
    # Abolished authorities keep their own codes, as areas and as neighbours.
    dorset = table[table["area_code"] == "E10000009"]
    assert list(dorset["closeness"]) == ["Extremely close"] * 10
    assert dorset["neighbour_code"].iloc[9] == "E06000029"


def test_the_model_of_2025(tmp_path):
    table = neighbours.read(write(tmp_path, CSV_2025, "sn_2025.csv"))
    assert set(table["source"]) == {"statistical_neighbours@2025"}
    assert list(table["neighbour_name"].head(2)) == ["Kirklees", "Derby"]
    assert set(table["closeness"]) == {"Somewhat close"}


def test_the_workbook_has_two_rows_above_its_headings(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.Workbook()
    workbook.active.title = "Guidance"
    workbook.active.append(["Choose an authority"])
    sheet = workbook.create_sheet("LA SN Groups")
    sheet.append([chr(65 + column) for column in range(25)])
    sheet.append(list(range(1, 26)))
    for row in csv.reader(CSV_2021.splitlines()):
        sheet.append([int(cell) if cell.isdigit() else cell or None for cell in row])
    workbook.save(tmp_path / "tool_2021.xlsx")
    assert neighbours.read(tmp_path / "tool_2021.xlsx").equals(
        neighbours.read(write(tmp_path, CSV_2021))
    )


def test_the_model_asked_for_must_be_that_of_the_file(tmp_path):
    file = write(tmp_path, CSV_2025, "sn_2025.csv")
    assert len(neighbours.read(file, model="2025")) == 10
    with pytest.raises(
        SchemaError, match=r"is of the 2025 model, not of model='2021'. Load it with"
    ):
        neighbours.read(file, model="2021")
    with pytest.raises(UsageError, match=r"model='2024' is not known. Known: '2021', '2025'"):
        neighbours.read(file, model="2024")


ONE_2021 = f"{HEAD_2021}\n350,Bolton,350,5,North West,{cells(BOLTON)},\n"
WRONG = [
    (ONE_2021.replace("382,", "350,"), "has Bolton among its own neighbours"),
    (ONE_2021.replace("831,", "382,"), "Kirklees twice among the neighbours of Bolton"),
    (ONE_2021.replace("831,", "999,"), "unknown numbers: '999'"),
    (ONE_2021.replace("831,", ","), "unknown numbers: ''"),
    (ONE_2021.replace("831,", "x,"), "unknown numbers: 'x'"),
    (ONE_2021.replace("Very Close", "Near"), "has the closeness 'Near'"),
    (ONE_2021.replace("\n350,", "\nBolton,"), "has neighbours of 'Bolton' without a number"),
]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        *WRONG,
        (ONE_2021.replace("SN7,", "S7,"), "has no column 'sn7'. The 2021 layout has ten"),
        (CSV_2025.replace("SN_1,", "S1,"), "no row has the headings of any known edition"),
        (HEAD_2025, "but no authorities"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, text, message):
    with pytest.raises(SchemaError) as caught:
        neighbours.read(write(tmp_path, text))
    assert message in str(caught.value)
    assert "'sn_2021.csv'" in str(caught.value)


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_list_that_cannot_be_used_leaves_out_its_authority_and_no_other(
    tmp_path, caplog, text, message
):
    rest = CSV_2021.partition(",Old SNs:")[2]
    table = neighbours.read(write(tmp_path, f"{text},Old SNs:{rest}"))
    assert set(table["area_code"]) == {"E10000009"}
    assert message in caplog.text
    assert "left out" in caplog.text


@pytest.mark.parametrize(
    ("content", "message"),
    [("", "is empty"), ("<html>Gone</html>", "is a web page"), ("PK\x03\x04 torn", "is damaged")],
)
def test_bytes_that_are_no_table_are_refused(tmp_path, content, message):
    with pytest.raises(SourceError, match=message):
        neighbours.read(write(tmp_path, content))


def test_a_zip_is_opened(tmp_path):
    with zipfile.ZipFile(tmp_path / "sn_2025.zip", "w") as archive:
        archive.writestr("sn.csv", CSV_2025)
    assert len(neighbours.read(tmp_path / "sn_2025.zip")) == 10


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "model", "month", "authorities"),
    [
        ("New_Statistical_Neighbour_Groupings_April_2021.csv", "2021", "2021-04", 156),
        ("sn_model_2025_wide.csv", "2025", "2025-05", 153),
    ],
)
def test_the_published_files_agree_with_the_independent_long_form(
    reference, name, model, month, authorities
):
    folder = reference / "neighbours"
    table = neighbours.read(folder / name, model=model)
    assert table["area_code"].nunique() == authorities
    assert len(table) == 10 * authorities
    assert (table["area_code"] != table["neighbour_code"]).all()
    ours = {
        (row.area_code, row.rank): (row.neighbour_code, row.closeness)
        for row in table[["area_code", "rank", "neighbour_code", "closeness"]].itertuples()
    }
    with (folder / "dfe_statistical_neighbours_2021_2025_long.csv").open(
        encoding="utf-8", newline=""
    ) as lines:
        rows = [row for row in csv.DictReader(lines) if row["model"].startswith(month)]
    theirs = {
        (area(row["old_la_code"]).code, int(row["rank"])): (
            area(row["neighbour_old_la_code"]).code,
            row["closeness"],
        )
        for row in rows
    }
    assert len(rows) == len(theirs) == 10 * authorities
    assert ours == theirs


@pytest.mark.reference
def test_the_neighbours_of_bolton(reference):
    """DfE: April 2021 and May 2025 models."""
    folder = reference / "neighbours"
    old = neighbours.read(folder / "New_Statistical_Neighbour_Groupings_April_2021.csv")
    new = neighbours.read(folder / "sn_model_2025_wide.csv")
    first = {"2021": ["Kirklees", "Derby", "Dudley"], "2025": ["Rochdale", "Derby", "Oldham"]}
    for table in (old, new):
        bolton = table[table["area_name"] == "Bolton"]
        assert list(bolton["neighbour_name"].head(3)) == first[bolton["model"].iloc[0]]
        assert list(bolton["closeness"].head(3)) == ["Very close"] * 3
