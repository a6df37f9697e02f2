"""Formulas that nothing has calculated are rejected, not read as empty cells."""

import io
import zipfile

import openpyxl
import pytest

from bolton_jsna.core.errors import SourceError
from bolton_jsna.tables.local import counts as local_counts
from bolton_jsna.tables.local import records as local_records

PLANS = ["Child ID", "CP plan start", "CP plan end", "Postcode", "Reviewed by"]
ROW = ["a", "2023-08-01", "2024-02-06", "BL1 1AP", "x"]


def book(path, *sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, rows in enumerate(sheets):
        sheet = made.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def changed(path, old, new):
    """Write the workbook again with another text in its XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as have, zipfile.ZipFile(out, "w") as made:
        for name in have.namelist():
            made.writestr(name, have.read(name).replace(old, new))
    path.write_bytes(out.getvalue())
    return path


@pytest.fixture
def plans(tmp_path):
    rows = [PLANS, ROW, [*ROW[:2], "=DATE(2024,2,6)", *ROW[3:]]]
    rows[2][0] = "b"
    return book(tmp_path / "x.xlsx", rows)


def test_an_end_that_nothing_has_calculated_does_not_leave_a_plan_open(plans):
    with pytest.raises(SourceError, match=r"1 formulas without a result in sheet 1, column C: "):
        local_records.read(plans)


@pytest.mark.parametrize(
    "result", [b"", b"<v></v>", b"<v />", b"<v/>", b"<v>0</v>"], ids=["none", "v", "v /", "v/", "0"]
)
def test_however_it_is_written(plans, result):
    changed(plans, b"</f><v />", b"</f>" + result)
    changed(plans, b"</f><v/>", b"</f>" + result)
    changed(plans, b"</f><v></v>", b"</f>" + result)
    with pytest.raises(SourceError, match="column C"):
        local_records.read(plans)


def test_a_formula_with_a_result_is_read(plans):
    changed(plans, b"</f><v />", b"</f><v>45328</v>")
    changed(plans, b"</f><v/>", b"</f><v>45328</v>")
    changed(plans, b"</f><v></v>", b"</f><v>45328</v>")
    found = local_records.read(plans)
    assert found.records["end_date"].astype(str).tolist() == ["2024-02-06", "2024-02-06"]


def test_a_formula_that_results_in_an_empty_text_is_read(plans):
    for old in (b"<v />", b"<v/>"):
        changed(plans, b"</f>" + old, b"</f><v></v>")
    changed(plans, b'r="C3"', b'r="C3" t="str"')
    changed(plans, b"fullCalcOnLoad", b"x")
    found = local_records.read(plans)
    assert found.records["end_date"].isna().tolist() == [False, True]


def test_only_what_is_read_matters(tmp_path):
    rows = [PLANS, [*ROW[:4], "=1+1"]]
    path = book(tmp_path / "x.xlsx", [["Note", "Sum"], ["x", "=1+1"]], rows)
    assert len(local_records.read(path).records) == 1


def test_the_right_sheet_and_column_of_a_workbook(tmp_path):
    titled = [[], [None, *PLANS], [None, *ROW[:2], "=DATE(2024,2,6)", *ROW[3:]]]
    path = book(tmp_path / "x.xlsx", [PLANS, ROW], titled)
    with pytest.raises(SourceError, match="1 formulas without a result in sheet 2, column D:"):
        local_records.read(path)


def test_counts_that_nothing_has_calculated(tmp_path):
    rows = [["Ward code", "Year", "Referrals"], ["E05014818", 2025, "=300+3"]]
    with pytest.raises(SourceError, match="column C"):
        local_counts.read(book(tmp_path / "x.xlsx", rows))
