"""What the openers of files and the reader of markers make of files that lie."""

import gzip
import io
import zipfile

import pandas as pd
import pytest

from bolton_jsna.core.errors import SchemaError, SourceError
from bolton_jsna.tables import _files, _markers

EXPECTED = "a table of areas"


def is_header(cells):
    return {"area", "count"} <= cells


def table(path, **options):
    return _files.found_table(path, is_header, expected=EXPECTED, **options).frame


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def zipped(folder, name, members):
    path = folder / name
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def workbook(folder, name, sheets):
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / name
    book.save(path)
    return path


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffArea ,Count,\r\n Bolton,1,\r\n,,\r\n",
        "Title of the table\n\nArea,Count\nBolton,1\n",
        "Area\tCount\nBolton\t1\n",
        gzip.compress(b"Area,Count\nBolton,1\n"),
    ],
    ids=["mark and blanks", "title above", "tabs", "gzip"],
)
def test_one_table_in_many_wrappings(tmp_path, content):
    frame = table(write(tmp_path, "a.csv", content))
    assert frame.to_dict("list") == {"Area": ["Bolton"], "Count": ["1"]}


def test_windows_latin_1_is_understood(tmp_path):
    frame = table(write(tmp_path, "a.csv", "Area,Count\nYnys Môn “x”,1\n".encode("cp1252")))
    assert frame["Area"].tolist() == ["Ynys Môn “x”"]


def test_short_and_long_rows_and_repeated_headings(tmp_path):
    frame = table(write(tmp_path, "a.csv", "Area,Count,SNP,SNP\nBolton\nBury,1,Close,Far,4\n"))
    assert list(frame.columns) == ["Area", "Count", "SNP", "SNP.1"]
    assert frame.to_numpy().tolist() == [["Bolton", "", "", ""], ["Bury", "1", "Close", "Far"]]


def test_a_workbook_is_read_past_its_cover(tmp_path):
    path = workbook(
        tmp_path,
        "a.xlsx",
        {
            "Cover": [["Contents"], ["See notes"]],
            "Table": [["Some title"], [None], ["Area", "Count"], ["Bolton", 3916.0], ["Bury", 0.5]],
        },
    )
    assert table(path)["Count"].tolist() == ["3916", "0.5"]
    found = _files.found_tables(path, is_header, expected=EXPECTED, whole_zip=True)
    assert [each.sheet for each in found] == ["Table"]


def test_the_files_of_a_zip_are_told_apart(tmp_path):
    one = "Area,Count\nBolton,1\n"
    shadow = {"__MACOSX/._a.csv": "\x00", "a.csv": one, "readme.txt": "x"}
    assert len(table(zipped(tmp_path, "one.zip", shadow))) == 1
    two = zipped(tmp_path, "two.zip", {"f.csv": one, "m.csv": one})
    found = _files.found_tables(two, is_header, expected=EXPECTED, whole_zip=True)
    assert [each.sheet for each in found] == ["f.csv", "m.csv"]
    with pytest.raises(SourceError, match=r"'two\.zip' holds 2 files .* expected one"):
        table(two)
    none = zipped(tmp_path, "none.zip", {"readme.txt": "x"})
    with pytest.raises(SourceError, match=r"holds no file that matches .*readme\.txt"):
        _files.read_members(none)


def damaged_zip():
    """The same bytes at any time of day: they are part of the names of tests."""
    buffer = io.BytesIO()
    member = zipfile.ZipInfo("a.csv")
    member.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, "Area,Count\n" + "Bolton,1\n" * 500)
    return buffer.getvalue()[:60]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "'a.csv' is empty"),
        ("a.zip", b"", "'a.zip' is empty"),
        ("a.csv", b" \r\n ", "'a.csv' is empty"),
        ("a.csv", b"\xef\xbb\xbf\n<!DOCTYPE html><html>moved</html>", "is a web page, not data"),
        ("a.zip", b"<html>404</html>", "'a.zip' is damaged"),
        ("a.zip", damaged_zip(), "'a.zip' is damaged"),
        ("a.xlsx", damaged_zip(), "'a.xlsx' is damaged"),
        ("a.csv.gz", gzip.compress(b"Area,Count\n" * 500, mtime=0)[:30], "is damaged"),
        ("a.csv", b"PK\x03\x04 no zip", "is damaged"),
        ("a.csv", b"\xd0\xcf\x11\xe0\x00\x00\x00", "is not text"),
    ],
)
@pytest.mark.parametrize("read", [_files.found_table, _files.found_tables])
def test_a_file_that_is_no_table_says_so(tmp_path, name, content, message, read):
    with pytest.raises(SourceError, match=message):
        read(write(tmp_path, name, content), is_header, expected=EXPECTED)


def test_a_table_of_another_kind_is_named_and_nothing_of_it_is_quoted(tmp_path):
    """Records of children in the wrong folder are such a table, with headings or without."""
    path = write(tmp_path, "a.csv", "Smith,Jane,female,BL1 1AP\nHalliwell,1,2,3\n")
    with pytest.raises(SchemaError, match=r"'a.csv' is not a table of areas.*no row has") as caught:
        table(path)
    assert not [each for each in ("Smith", "Jane", "BL1", "Halliwell") if each in str(caught.value)]


def test_markers_are_states_and_never_zero():
    cells = pd.Series(["1,204", "0", "c", "x", "z", "u", "k", ":", "", None, " 7 "])
    value, status = _markers.numbers(cells, column="count", name="a.csv")
    assert value.fillna(-1).tolist() == [1204, 0, -1, -1, -1, -1, -1, -1, -1, -1, 7]
    assert status.tolist() == [
        "value",
        "value",
        "suppressed",
        "not_available",
        "not_applicable",
        "low",
        "rounds_to_zero",
        "not_available",
        "not_available",
        "not_available",
        "value",
    ]


def test_an_old_x_hides_children_and_a_new_one_does_not():
    cells = pd.Series(["x", ".."])
    _, old = _markers.numbers(cells, meanings=_markers.OLD_WIDE, column="count", name="a.csv")
    _, new = _markers.numbers(cells, column="count", name="a.csv")
    assert old.tolist() == ["suppressed", "not_available"]
    assert new.tolist() == ["not_available", "not_available"]


def test_an_unknown_marker_is_refused():
    with pytest.raises(SchemaError, match=r"'a.csv': column 'count' holds '\?\?'"):
        _markers.numbers(pd.Series(["1", "??"]), column="count", name="a.csv")
