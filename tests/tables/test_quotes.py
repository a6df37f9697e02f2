"""A stray quote makes one cell of many rows: the file is rejected, and the row named."""

import pytest

from bolton_jsna.core.errors import SourceError
from bolton_jsna.ingest import _validate
from bolton_jsna.tables import _text_rows
from bolton_jsna.tables.local import counts as local_counts
from bolton_jsna.tables.local import records as local_records

HEAD = "Child ID,Referral date,Postcode,Age\n"


def extract(tmp_path, rows, head=HEAD, end=""):
    path = tmp_path / "extract.csv"
    path.write_text(head + "\n".join(rows) + "\n" + end, encoding="utf-8")
    return path


def two_hundred():
    return [f"A{n},03/05/2024,BL1 1AP,{n % 17}" for n in range(200)]


STRAY = {
    "an unclosed quote at the beginning of a cell": {99: '"A99,03/05/2024,BL1 1AP,7'},
    "one in the last column": {99: 'A99,03/05/2024,BL1 1AP,"7'},
    "one that a quoted cell closes": {99: '"A99,03/05/2024,BL1 1AP,7', 120: 'A,"03/05/2024",B,7'},
    "one that another stray one closes": {
        99: 'A99,03/05/2024,"BL1 1AP,7',
        150: 'A150,03/05/2024,BL1 1AP",7',
    },
    "the same in rows next to each other": {
        99: 'A99,03/05/2024,"BL1 1AP,7',
        100: 'A100,03/05/2024,BL1 1AP",7',
    },
    "text after a quoted cell": {99: '"A99"x,03/05/2024,BL1 1AP,7'},
}


@pytest.mark.parametrize("what", STRAY)
def test_an_extract_with_a_stray_quote_is_rejected_with_its_row(tmp_path, what):
    rows = two_hundred()
    for at, row in STRAY[what].items():
        rows[at] = row
    with pytest.raises(SourceError, match="cannot be read from row 101 on") as caught:
        local_records.read(extract(tmp_path, rows))
    assert not any(word in str(caught.value) for word in ("A99", "BL1", "03/05"))


def test_a_large_extract_names_the_row_too(tmp_path):
    rows = two_hundred() * 60
    rows[99] = '"A99,03/05/2024,BL1 1AP,7'
    with pytest.raises(SourceError, match="cannot be read from row 101 on"):
        local_records.read(extract(tmp_path, rows))
    # Also where it stands among the rows in which headings are looked for.
    rows[2] = '"A2,03/05/2024,BL1 1AP,7'
    with pytest.raises(SourceError, match="cannot be read from row 4 on"):
        local_records.read(extract(tmp_path, rows))


def test_quoted_cells_of_several_lines_are_read(tmp_path):
    rows = [
        'A1,03/05/2024,BL1 1AP,7,"1 High Street\nBolton"',
        'A2,03/05/2024,BL1 1AP,7,"1, High Street,\nBolton,\n\nLancashire"',
        'A3,03/05/2024,BL1 1AP,7,"said ""no"",\nthen yes"',
        'A4,03/05/2024,BL1 1AP,7,5" tall',
        '"A5","03/05/2024","BL1 1AP","7",""',
        'A6,03/05/2024,BL1 1AP,7,"a\r\nb"',
    ]
    head = 'Child ID,"Referral\ndate",Postcode,Age,"Notes, if\nany"\n'
    found = local_records.read(extract(tmp_path, rows, head=head))
    assert (len(found.records), len(found.rejects)) == (6, 0)


def test_counts_and_published_tables_are_read_as_strictly(tmp_path):
    rows = [f"E0501{4818 + n},2025,{n + 9}" for n in range(20)]
    rows[9] = '"' + rows[9]
    path = extract(tmp_path, rows, head="WD24CD,Year,Referrals\n")
    with pytest.raises(SourceError, match="cannot be read from row 11 on"):
        local_counts.read(path)
    with pytest.raises(SourceError, match="cannot be read from row 11 on"):
        _text_rows.read_rows(path.read_bytes(), name="published.csv")
    with pytest.raises(SourceError, match="cannot be read from row 11 on"):
        _validate.check(path, what="the counts")
