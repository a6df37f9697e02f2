"""What spreadsheets do to ids, codes, homes, days and counts is told, never merged or guessed."""

import openpyxl
import pandas as pd
import pytest

from bolton_jsna.cli.check_records import check_records
from bolton_jsna.core.errors import SchemaError
from bolton_jsna.tables import _markers
from bolton_jsna.tables.local import counts as local_counts
from bolton_jsna.tables.local import records as local_records

SCIENTIFIC = "child id in scientific notation, with digits lost"
CUT = "child id of which a spreadsheet kept 15 digits"
DAY = "child id that a spreadsheet turned into a date"
FIVE_CHILDREN = ["A1", "A2", "A3", "A4", "A5"]


def read(folder, ids, *, date="13/05/2024", **columns):
    rows = {"Child ID": ids, "Date of referral": date, "Postcode": "BL1 1AP", **columns}
    path = folder / "x.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path, local_records.read(path)


def reasons(found):
    return found.rejects["reason"].value_counts().to_dict()


@pytest.mark.parametrize(
    ("lost", "reason"),
    [
        (["1.23457E+15", "1.23457E+15"], SCIENTIFIC),
        (["1.23E+15", "1.23e+15"], SCIENTIFIC),
        (["1,23457E+15", "1,23457E+15"], SCIENTIFIC),
        (["1E+05", "1.00E+05"], SCIENTIFIC),
        (["1234567890123450", "1234567890123460"], CUT),
        (["123456789012345000", "123456789012345000"], CUT),
        (["1-Feb", "01-Feb"], DAY),
        (["Mar-24", "2024-03-01 00:00:00"], DAY),
        (["#N/A", "#N/A"], "an error of a spreadsheet (#N/A, #REF!, ####) as child_id"),
        (["#REF!", "########"], "an error of a spreadsheet (#N/A, #REF!, ####) as child_id"),
    ],
)
def test_children_whose_ids_were_lost_are_not_one_child(tmp_path, lost, reason):
    path, found = read(tmp_path, [*FIVE_CHILDREN, *lost])
    assert found.records["child_id"].tolist() == FIVE_CHILDREN
    assert found.rejects["row"].tolist() == [7, 8]
    assert all(reason in each for each in found.rejects["reason"])
    # And the check says how many, without the ids.
    told = [each for each in check_records(path).findings if reason in each.what]
    assert [each.count for each in told] == [2]
    assert not any(each in str(told) for each in lost if not each.startswith("#"))


@pytest.mark.parametrize(
    "ids",
    [
        ["1E05", "E05014811", "5E11", "E5"],
        ["1234567890123456", "1234567890123450", "1234567890123467"],
        ["00123", "00456", "01000"],
        ["1", "20", "300"],
        ["A-1", "12-34", "1/2", "2024-0001"],
        ["#12", "M1F", "DEC1"],
    ],
)
def test_ids_that_are_whole_are_used_without_a_word(tmp_path, ids):
    _, found = read(tmp_path, ids)
    assert found.records["child_id"].tolist() == ids
    assert found.rejects.empty
    assert set(found.remarks["remark"]) <= {"no_age"}


@pytest.mark.parametrize(
    ("ids", "remark", "rows"),
    [
        (["00123", "00456", "789", "12"], "zeros", [4, 5]),
        (["00123", "123", "10000"], "zeros", [3]),
        (["1234.0", "1234", "5678.0"], "shown", [2, 4]),
        (["1,234", "1234", "5,678,901"], "shown", [2, 4]),
        (["12%", "12.5 %", "13"], "shown", [2, 3]),
    ],
)
def test_ids_that_may_have_been_changed_are_kept_apart_and_told(tmp_path, ids, remark, rows):
    path, found = read(tmp_path, ids)
    assert found.records["child_id"].tolist() == ids
    remarks = found.remarks[found.remarks["remark"] == remark]
    assert remarks["row"].tolist() == rows
    (told,) = [each for each in check_records(path).findings if "child id" in each.what]
    assert (told.count, told.used) == (len(rows), True)


def test_a_workbook_keeps_fifteen_digits(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Child ID", "Date of referral", "Postcode"])
    for each in (123456789012345, 1234567890123450, 12345678901234567890, 1234.0, "00123"):
        sheet.append([each, "03/05/2024", "BL1 1AP"])
    book.save(tmp_path / "x.xlsx")
    found = local_records.read(tmp_path / "x.xlsx")
    assert found.records["child_id"].tolist() == ["123456789012345", "1234", "00123"]
    assert found.rejects["row"].tolist() == [3, 4]
    told = {each.partition(" (")[0]: number for each, number in reasons(found).items()}
    assert told == {CUT: 1, SCIENTIFIC: 1}


def test_errors_in_other_cells_are_empty_cells_and_told(tmp_path):
    _, found = read(
        tmp_path,
        ["A1", "A2", "A3", "A4"],
        date=["03/05/2024", "#REF!", "########", "03/05/2024"],
        Postcode=["#N/A", "BL1 1AP", "BL1 1AP", "BL1 1AP"],
        Category=["N1", "N1", "N1", "#VALUE!"],
        Age=["7", "7", "7", "#DIV/0!"],
    )
    assert found.rejects["row"].tolist() == [3, 4]
    assert all("spreadsheet (#N/A, #REF!, ####) as date" in each for each in reasons(found))
    assert found.remarks.query("remark == 'error'")["row"].tolist() == [2, 5]
    assert found.records["category"].isna().tolist() == [False, True]
    assert found.records["postcode"].isna().tolist() == [True, False]
    assert found.records["age"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("45383", "2024-04-01"),
        ("45383.0", "2024-04-01"),
        ("45383.75", "2024-04-01"),
        ("2024-04-01 00:00:00", "2024-04-01"),
        ("01/04/2024 00:00", "2024-04-01"),
    ],
)
def test_days_as_spreadsheets_write_them(tmp_path, written, day):
    _, found = read(tmp_path, ["A1", "A2"], date=["30/04/2024", written])
    assert found.records["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-04-30", day]


@pytest.mark.parametrize("written", ["45,383", "4.5383E+04", "45383%", "4/31/2024 12:00:00 AM"])
def test_days_that_cannot_be_read_are_told(tmp_path, written):
    _, found = read(tmp_path, ["A1", "A2"], date=["30/04/2024", written])
    assert found.rejects["row"].tolist() == [3]


def test_homes_as_spreadsheets_write_them(tmp_path):
    homes = ["BL11AP", "bl1 1ap", "1.00E+05", "########", "E1", "BL1\N{NO-BREAK SPACE}1AP"]
    _, found = read(tmp_path, [f"A{at}" for at in range(6)], Postcode=homes)
    assert found.records["postcode"].fillna("-").tolist() == [
        *("BL1 1AP", "BL1 1AP", "-", "-", "-", "BL1 1AP")
    ]
    assert found.remarks.query("remark == 'bad_home'")["row"].tolist() == [4, 6]
    assert found.remarks.query("remark == 'error'")["row"].tolist() == [5]


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("1204", 1204),
        ("1,204", 1204),
        ("1 204", 1204),
        ("1\N{NO-BREAK SPACE}204", 1204),
        ("12.0", 12),
        ("1,5", None),
        ("12,04", None),
        ("12%", None),
        ("1.2E+03", None),
        ("########", None),
        ("#N/A", None),
        ("1.204", None),
    ],
)
def test_counts_as_spreadsheets_write_them(tmp_path, written, count):
    path = tmp_path / "x.csv"
    pd.DataFrame(
        {"Ward code": ["E05014818", "E05014819"], "Year": 2025, "Referrals": ["7", written]}
    ).to_csv(path, index=False)
    found = local_counts.read(path)
    assert found.counts["count"].tolist() == ([7] if count is None else [7, count])
    assert found.rejects["row"].tolist() == ([3] if count is None else [])


@pytest.mark.parametrize("cell", ["1,5", "12,04", "1,2345", "########", "#N/A", "12%"])
def test_a_published_figure_that_was_changed_is_refused(cell):
    with pytest.raises(SchemaError, match="column 'count' holds"):
        _markers.numbers(pd.Series(["1,204", cell]), column="count", name="x.csv")


def test_codes_of_areas_that_were_lost_are_told(tmp_path):
    path = tmp_path / "x.csv"
    codes = ["E05014811", "1.00E+05", "#REF!", "45383", "E05014812.0"]
    pd.DataFrame({"Ward code": codes, "Year": 2025, "Referrals": 7}).to_csv(path, index=False)
    found = local_counts.read(path)
    assert found.counts["area_code"].tolist() == ["E05014811"]
    assert found.rejects["row"].tolist() == [3, 4, 5, 6]
