"""The description of a table as CSV on the Web says what the table has."""

import csv
import io
import json

import pandas as pd
import pytest

from bolton_jsna.site import _csvw

TABLE = pd.DataFrame(
    {
        "area_code": ["E08000001", "E92000001"],
        "area_name": ["Bolton", "=HYPERLINK(1)"],
        "year": pd.array([2025, 2025], dtype="Int64"),
        "count": pd.array([3803, None], dtype="Int64"),
        "value": [503.0123456789012, float("nan")],
        "status": ["value", "suppressed"],
        "_private": ["x", "y"],
    }
)


def described() -> dict:
    return json.loads(
        _csvw.metadata(TABLE, file="t.csv", title="A title", sources=["DfE"], key=("area_code",))
    )


def test_the_columns_are_those_of_the_file_in_order_with_their_types() -> None:
    rows = list(csv.DictReader(io.StringIO(_csvw.as_csv(TABLE))))
    listed = described()["tableSchema"]["columns"]
    assert [each["name"] for each in listed] == list(rows[0])
    assert "_private" not in rows[0]
    types = {each["name"]: each["datatype"] for each in listed}
    assert (types["year"], types["value"], types["status"]) == ("integer", "number", "string")
    for row in rows:
        for name, kind in types.items():
            if row[name] and kind != "string":
                {"integer": int, "number": float}[kind](row[name])
    assert rows[0]["value"] == "503.0123456789012"
    assert rows[1]["count"] == rows[1]["value"] == ""


def test_no_cell_runs_as_a_formula() -> None:
    assert "'=HYPERLINK" in _csvw.as_csv(TABLE)


def test_it_has_what_the_standard_asks_for() -> None:
    found = described()
    assert found["@context"][0] == "http://www.w3.org/ns/csvw"
    assert found["url"] == "t.csv"
    assert found["tableSchema"]["primaryKey"] == ["area_code"]
    required = [each["name"] for each in found["tableSchema"]["columns"] if each["required"]]
    assert required == ["area_code"]
    assert all(each["dc:description"] for each in found["tableSchema"]["columns"])


@pytest.mark.parametrize("name", ["value", "status", "lower", "period"])
def test_each_column_that_pages_have_is_described(name: str) -> None:
    assert name in _csvw._MEANINGS
