"""A sheet is read as the kind of event that its name or title says."""

import openpyxl
import pytest

from bolton_jsna.cli.check_records import check_lines, check_records
from bolton_jsna.core.errors import SchemaError
from bolton_jsna.tables.local import records as local_records

HEADINGS = ["Child ID", "Start date", "Postcode"]
ROW = ["a", "13/05/2024", "BL1 1AP"]


def book(path, **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


@pytest.fixture
def both(tmp_path):
    plans, referrals = [HEADINGS, ROW], [HEADINGS, ["b", *ROW[1:]], ["c", *ROW[1:]]]
    return book(tmp_path / "x.xlsx", CP_plans=plans, Referrals=referrals)


@pytest.mark.parametrize(
    ("kind", "children", "other"), [("plans", ["a"], (2,)), ("referrals", ["b", "c"], (1,))]
)
def test_a_sheet_of_the_other_kind_is_left_and_reported(both, kind, children, other):
    found = local_records.read(both, kind=kind)
    assert found.records["child_id"].tolist() == children
    assert found.reading.sheets_other == found.reading.sheets_left == other
    lines = check_lines(check_records(both, kind=kind))
    assert f"another kind, by number: {other[0]}." in lines


def test_without_a_kind_each_sheet_is_what_its_name_says(both):
    records = local_records.read(both).records
    assert records["kind"].tolist() == ["plan", "referral", "referral"]


def test_a_title_says_it_too_and_headings_before_it(tmp_path):
    titled = [["Referrals to social care"], HEADINGS, ROW]
    headed = [["Child ID", "CP plan start date", "Postcode"], ["b", *ROW[1:]]]
    path = book(tmp_path / "x.xlsx", A=titled, Referrals=headed)
    records = local_records.read(path).records
    assert dict(zip(records["child_id"], records["kind"], strict=True)) == {
        "a": "referral",
        "b": "plan",
    }


def test_sheets_whose_names_say_nothing_or_both_are_read_as_asked(tmp_path):
    path = book(
        tmp_path / "x.xlsx",
        **{"2023-24": [HEADINGS, ROW], "Referrals_and_CP_plans": [HEADINGS, ["b", *ROW[1:]]]},
    )
    found = local_records.read(path, kind="plans")
    assert found.records["child_id"].tolist() == ["a", "b"]
    assert found.reading.sheets_other == ()
    with pytest.raises(SchemaError, match="no column for kind"):
        local_records.read(path)
