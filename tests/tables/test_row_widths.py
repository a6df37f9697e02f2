"""A comma in a cell without quotation marks moves a row: it is rejected by its number."""

import pytest

from bolton_jsna.cli.check_records import check_records
from bolton_jsna.core.errors import SchemaError
from bolton_jsna.tables import _files
from bolton_jsna.tables.local import counts as local_counts
from bolton_jsna.tables.local import records as local_records

OVERFULL = "more cells than headings (a comma in a cell that is not in quotation marks?)"
COUNTS = "WD24CD,Ward,Year,Referrals\n"
PLANS = "Child ID,CP plan start,Notes,CP plan end,Postcode\n"


@pytest.fixture
def write(tmp_path):
    def _write(text):
        path = tmp_path / "extract.csv"
        path.write_text(text)
        return path

    return _write


def rejected(found):
    return dict(found.rejects[["row", "reason"]].itertuples(index=False, name=None))


def test_a_thousand_with_a_comma_is_not_one(write):
    text = f"{COUNTS}E05014818,A,2025,1,164\nE05014819,B,2025,978\n"
    found = local_counts.read(write(text))
    assert found.counts["count"].tolist() == [978]
    assert rejected(found) == {2: OVERFULL}


def test_a_name_with_a_comma_does_not_move_the_counts_of_two_events(write):
    text = "WD24CD,Ward,Plans started,Plans\nE05014826,Heaton, Lostock,14,17\nE05014818,A,6,9\n"
    found = local_counts.read(write(text), year=2025)
    assert found.counts["count"].tolist() == [6, 9]
    assert list(rejected(found)) == [2]
    assert OVERFULL in rejected(found)[2]


def test_an_ended_plan_does_not_become_open(write):
    rows = "a,01/08/2023,Neglect, home,06/02/2024,BL1 1AP\nb,02/08/2023,Neglect,07/02/2024,BL1 1AP"
    found = local_records.read(write(f"{PLANS}{rows}\n"))
    assert found.records["child_id"].tolist() == ["b"]
    assert found.records["end_date"].notna().all()
    assert rejected(found)[2].startswith(OVERFULL)


def test_every_row_may_be_moved(write):
    # As R writes a table with the names of its rows: one heading fewer than cells.
    text = "Child ID,Date,Postcode\n1,a,13/05/2024,BL1 1AP\n2,b,14/05/2024,BL1 1AP\n"
    found = local_records.read(write(text), kind="referrals")
    assert found.records.empty
    assert len(found.rejects) == 2


def test_empty_cells_and_columns_without_a_heading_are_accepted(write):
    rows = "a,01/08/2023,,06/02/2024,BL1 1AP,,\nb,02/08/2023,,07/02/2024,BL1 1AP\n"
    assert local_records.read(write(PLANS + rows)).rejects.empty
    unnamed = PLANS.replace("\n", ",\n") + "a,01/08/2023,,06/02/2024,BL1 1AP,seen\n"
    assert local_records.read(write(unnamed)).rejects.empty


def test_a_heading_that_is_empty_does_not_hide_a_moved_row():
    from bolton_jsna.tables._row_widths import Overfull

    rows = [["h", "i", ""], ["1", "2"], ["1", "2"], ["1", "x", "2"]]
    found = Overfull(rows[0])
    assert list(found.watched(rows, 1)) == rows
    assert found.of([2, 3, 4]).tolist() == [False, False, True]


def test_a_moved_row_whose_last_cell_is_empty(write):
    rows = "a,01/08/2023,Neglect, home,06/02/2024,\nb,02/08/2023,Neglect,07/02/2024,BL1 1AP\n"
    found = local_records.read(write(PLANS + rows + rows.replace("a,", "c,").replace("b,", "d,")))
    assert found.records["child_id"].tolist() == ["b", "d"]
    assert found.rejects["row"].tolist() == [2, 4]
    text = COUNTS.replace("\n", ",Note\n") + "E05014818,A,2025,1,164,\nE05014819,B,2025,978,\n"
    counts = local_counts.read(write(text + "E05014820,C,2025,12,\n"))
    assert counts.counts["count"].tolist() == [978, 12]
    assert rejected(counts) == {2: OVERFULL}


def table(path):
    return _files.found_table(path, lambda cells: "lsoa" in cells, expected="a table").frame


def test_a_published_table_with_a_moved_row_is_reported(write, caplog):
    path = write("Title\n\nLSOA,Name,People\nE01004817,Bolton 001A,1500\nE01004818,B, C,1,600\n")
    assert len(table(path)) == 2
    assert "more cells than headings in 1 rows (row 5)" in caplog.text


def test_a_published_table_with_empty_cells_at_the_end_is_read(write, caplog):
    path = write("LSOA,People\nE01004817,1500,,\nE01004818,1600,\n")
    assert len(table(path)) == 2
    assert "more cells" not in caplog.text


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("WD24CD,Plans started, all,Plans,Referrals\nE05014818,20,16,190\n", 1),
        ("Bolton\nWD24CD;Ward; old;Year;Referrals\nE05014818;A;2025;190\n", 2),
        ("WD24CD,Ward, name,Sum, all,Year,Referrals\nE05014818,A,1,2025,190\n\n", 1),
    ],
)
def test_a_comma_in_a_heading_of_counts_is_told_with_its_row(write, text, row):
    path = write(text)
    with pytest.raises(SchemaError, match=rf"headings in row {row} .* in a heading moves"):
        local_counts.read(path, year=2025)
    with pytest.raises(SchemaError, match=rf"headings in row {row} and"):
        check_records(path, year=2025)


def test_a_comma_in_a_heading_of_records_is_told_with_its_row(write):
    text = "Child ID,CP plan start,Notes, free,Review,CP plan end,Postcode\n"
    row = "a,01/08/2023,x,01/12/2023,06/02/2024,BL1 1AP\n"
    with pytest.raises(SchemaError, match="7 headings in row 1 and 6 cells"):
        local_records.read(write(text + row))
    kept = local_records.read(write(text.replace("Notes, free", '"Notes, free"') + row))
    assert kept.records["end_date"].astype(str).tolist() == ["2024-02-06"]


@pytest.mark.parametrize(
    "text",
    [
        "WD24CD, Ward, Year, Referrals\nE05014818, A, 2025, 190\n",
        # Spreadsheets leave out what is empty at the end of rows.
        "WD24CD,Year,Referrals,Notes\nE05014818,2025,190\nE05014819,2025,191\n",
        "WD24CD,Year,Referrals, Notes\nE05014818,2025,190\nE05014819,2025,191,x\n",
    ],
)
def test_blanks_and_short_rows_are_no_moved_columns(write, text):
    assert local_counts.read(write(text)).counts["count"].iloc[0] == 190
