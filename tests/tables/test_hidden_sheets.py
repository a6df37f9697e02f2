"""Hidden sheets are not counted."""

import openpyxl
import pytest

import bolton_jsna as jsna
from bolton_jsna.cli.check_records import check_lines
from bolton_jsna.core.errors import SchemaError
from bolton_jsna.tables import lookups
from bolton_jsna.tables.local import counts as local_counts
from bolton_jsna.tables.local import records as local_records

REFERRALS = [["Child ID", "Referral date", "Postcode"], ["a", "2024-05-03", "BL1 1AP"]]
OLD = [["Child ID", "Referral date", "Postcode"], ["b", "2023-05-03", "BL1 1AP"]]
COUNTS = [["WD24CD", "Year", "Referrals"], ["E05014818", 2025, 12]]


def book(path, *sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, (state, rows) in enumerate(sheets):
        sheet = made.create_sheet(f"Sheet {number}")
        sheet.sheet_state = state
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_of_records_is_reported_and_left(tmp_path, state):
    path = book(tmp_path / "x.xlsx", (state, OLD), ("visible", REFERRALS))
    found = local_records.read(path)
    assert found.records["child_id"].tolist() == ["a"]
    assert (found.reading.sheets, found.reading.sheets_hidden) == ((2,), (1,))
    lines = check_lines(jsna.check_records(path))
    assert "Hidden sheets that were not read, by number: 1." in lines


def test_what_is_hidden_alone_is_not_read(tmp_path):
    records = book(tmp_path / "x.xlsx", ("visible", [["Notes"]]), ("hidden", OLD))
    with pytest.raises(SchemaError, match=r"hidden sheets only \(by number: 2\)"):
        local_records.read(records)
    counts = book(tmp_path / "y.xlsx", ("visible", [["Notes"]]), ("hidden", COUNTS))
    with pytest.raises(SchemaError, match="hidden sheets only"):
        local_counts.read(counts)


def test_a_hidden_sheet_of_counts_is_reported_and_left(tmp_path):
    other = [COUNTS[0], ["E05014819", 2025, 9]]
    path = book(tmp_path / "x.xlsx", ("hidden", other), ("visible", COUNTS), ("visible", other))
    found = local_counts.read(path)
    assert found.counts["area_code"].tolist() == ["E05014818"]
    assert (found.reading.sheets_hidden, found.reading.sheets_left) == ((1,), (3,))
    notes = jsna.check_records(path).notes
    assert [note for note in notes if note.startswith("Hidden sheets")]
    assert [note for note in notes if note.startswith("Sheets with counts that were not read")]


def test_a_hidden_list_of_children_does_not_make_counts_records(tmp_path):
    assert local_counts.are_counts(
        book(tmp_path / "x.xlsx", ("visible", COUNTS), ("hidden", REFERRALS))
    )


def test_a_published_table_is_read_of_all_visible_sheets(tmp_path, caplog):
    heads = ["LSOA21CD", "WD24CD"]
    sheets = [("hidden", [heads, ["E01004768", "E05014999"]])]
    rows = (["E01004768", "E05014818"], ["E01004769", "E05014819"])
    sheets += [("visible", [heads, row]) for row in (*rows, rows[1])]
    frame = lookups.read(book(tmp_path / "x.xlsx", *sheets))
    assert frame["to_code"].tolist() == ["E05014818", "E05014819"]
    assert "has hidden sheets, which are not read: 'Sheet 0'" in caplog.text
    with pytest.raises(SchemaError, match=r"'y\.xlsx' is not"):
        lookups.read(book(tmp_path / "y.xlsx", ("visible", [["Notes"]]), sheets[0]))
