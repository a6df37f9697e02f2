"""Large plain files read by column give the same tables and remarks as read row by row."""

import gzip

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.core.reading import limits
from bolton_jsna.tables import _files, _plain_text
from bolton_jsna.tables.reader_notes import gathered

HEAD = "Code,Name,2024\n"
NEVER = 2**40


def is_header(cells):
    return {"code", "name"} <= cells


def wanted(row):
    headings = [_files.heading(each) for each in row]
    place = headings.index("code") if is_header(set(headings)) else None
    return None if place is None else _plain_text.OneOf(place, frozenset({"A1", "B2"}))


def read(content, smallest, asked=None):
    """Return the tables of a file, or its error, with what is remarked."""
    with pytest.MonkeyPatch.context() as patch, gathered() as said:
        patch.setattr(_plain_text, "SMALLEST", smallest)
        patch.setattr(_files, "read_members", lambda *_, **__: {"x.csv": content})
        try:
            found = _files.found_tables(
                "x.csv", is_header, expected="a table", wanted=asked, whole_zip=True
            )
        except BoltonJsnaError as error:
            return str(error), said
    (one,) = found
    return (one.frame.to_dict("split"), one.above, one.sheet), said


def by_column(content, asked=None):
    return _plain_text.table(content, is_header, name="x.csv", wanted=asked) is not None


def same(content, asked=None):
    rows, columns = read(content, NEVER, asked), read(content, 0, asked)
    assert rows == columns
    return columns


CELLS = st.one_of(
    st.sampled_from(["", " ", "A1", " A1", "B2\t", "1,204", '"', "\u00a0x", "\ufeff", "é\u200b"]),
    st.sampled_from(['"a,b"', '"a\nb"', '"a""b"', '""', 'a"b', '"a" ', "\r", "\x1f1", "\0", "1;2"]),
    st.text(max_size=4),
)  # fmt: skip
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=8)
PLAIN = st.lists(st.lists(st.text("aA1B2 .é", max_size=3), min_size=3, max_size=3), max_size=9)


@given(
    rows=st.one_of(ROWS, PLAIN),
    end=st.sampled_from(["\n", "\r\n"]),
    head=st.sampled_from([HEAD, f"Title\n\n{HEAD}", "Code,Name,\n", "Code,Name,name\n", ""]),
    separator=st.sampled_from([",", "\t", ";"]),
    last=st.booleans(),
    filtered=st.booleans(),
    mark=st.booleans(),
)
def test_any_text_gives_the_same_table_by_column_and_by_row(  # noqa: PLR0917
    rows, end, head, separator, last, filtered, mark
):
    lines = [head.replace(",", separator).replace("\n", end)]
    lines += [separator.join(row) + end for row in rows]
    text = "".join(lines) if last else "".join(lines).rstrip("\r\n")
    content = text.encode("utf-8-sig" if mark else "utf-8", errors="replace")
    same(content, wanted if filtered else None)


@pytest.fixture(autouse=True)
def _any_size(monkeypatch):
    monkeypatch.setattr(_plain_text, "SMALLEST", 0)


@pytest.mark.parametrize(
    "text",
    [
        f'{HEAD}A1,"Bristol, City of",1\r\n"B2",x,2\n',
        f"{HEAD} A1 ,\u00a0x\u200b,1\n,,\n\nB2,y,2",
        f"A title,,\n,,\n{HEAD}A1,x,1\n",
        "Code\tName\t2024\nA1\tx, y\t1\n",
        "Code,Name,,2024\nA1,x,note,1\n,,only here,\n",
        "Code,Name,NAME\nA1,x,x\nB2,,y\n",
    ],
    ids=["quotes", "blanks", "title", "tabs", "no heading", "repeated"],
)
@pytest.mark.parametrize("asked", [None, wanted], ids=["all", "some"])
def test_a_plain_file_is_read_by_column(text, asked):
    assert by_column(text.encode(), asked)
    same(text.encode(), asked)


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}A1,x\n",
        f"{HEAD}A1,x,1,2\n",
        f'{HEAD}A1,"two\nlines",1\n',
        f'{HEAD}A1,"said ""no""",1\n',
        f'{HEAD}A1,5" tall,1\n',
        f'{HEAD}A1,"x,1\nB2,y",2\n',
        f"{HEAD}A1,x,1\rB2,y,2\n",
        f"{HEAD}A1,x\0,1\n",
        f"{HEAD}A1,{'x' * 140_000},1\n",
    ],
    ids=["short", "long", "lines", "marks", "inside", "open", "return", "nul", "long cell"],
)
def test_any_other_file_is_left_to_the_reader_of_rows(text):
    assert not by_column(text.encode())
    same(text.encode())


def test_the_text_of_windows_is_left_to_the_reader_of_rows():
    content = f"{HEAD}A1,Ynys Môn,1\n".encode("cp1252")
    assert same(content)[0][0]["data"] == [["A1", "Ynys Môn", "1"]]


@pytest.mark.parametrize(
    ("limit", "most"), [("ROWS", 50), ("CELLS", 100), ("OBJECTS", 20_000), ("COLUMNS", 2)]
)
def test_the_limits_hold_for_both(limit, most, monkeypatch):
    content = (HEAD + "".join(f"A{n},x{n},{n}\n" for n in range(100))).encode()
    assert by_column(content)
    monkeypatch.setattr(limits, limit, most)
    assert f"{most:,}" in same(content)[0]


def test_a_large_file_is_read_by_column_out_of_its_wrapping(tmp_path, monkeypatch):
    monkeypatch.undo()
    path = tmp_path / "a.csv.gz"
    rows = [(f"A{n}", "Bolton", str(n)) for n in range(6000)]
    path.write_bytes(gzip.compress((HEAD + "".join(",".join(r) + "\n" for r in rows)).encode()))
    monkeypatch.setattr(_files, "read_rows", None)
    found = _files.found_table(path, is_header, expected="a table")
    assert list(found.frame.itertuples(index=False, name=None)) == rows
    assert set(found.frame.dtypes) == {pd.Series([None]).dtype}
