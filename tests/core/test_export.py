"""No cell that is written runs as a formula, and private files are private from the start."""

import os

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.building import _outputs
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.core.export import (
    NOT_FOR_PUBLICATION,
    inert,
    inert_text,
    mark_tables,
    write_private,
)

FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "=cmd|' /C calc'!A0", "-A1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_formula_is_left(text):
    assert inert_text(text) == "'" + text
    assert inert_text(inert_text(text)) == "'" + text


@pytest.mark.parametrize("text", ["-1", "-1.5", "+3", "-", "--", "", "Police", "1-2", "'=x"])
def test_numbers_and_words_are_left_alone(text):
    assert inert_text(text) == text


@given(st.text(max_size=8))
def test_what_is_written_is_a_number_or_begins_harmlessly(text):
    made = inert_text(text)
    try:
        float(made)
    except ValueError:
        assert not made.lstrip().startswith(("=", "+", "-", "@")) or not made.strip().strip("-")
    assert "\r" not in made


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_csv_and_xlsx_of_a_build_hold_no_formula(tmp_path, dtype):
    frame = pd.DataFrame({"source": pd.Series([*FORMULAS, "Police"], dtype=dtype), "n": -1.5})
    frame["=head"] = None
    written = _outputs.write_tables({"t": frame}, tmp_path)
    again = pd.read_csv(written[1], dtype=str, keep_default_na=False)
    assert again["source"].tolist() == [*("'" + each for each in FORMULAS), "Police"]
    assert list(again.columns) == ["source", "n", "'=head"]
    assert again["n"].eq("-1.5").all()
    inert(frame).to_excel(tmp_path / "t.xlsx", index=False)
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "t.xlsx").active for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_a_carriage_return_begins_no_row(tmp_path):
    frame = pd.DataFrame({"source": ["Police\r=1+1", "\r\n=1+1"], "n": [1, 2]})
    written = _outputs.write_tables({"t": frame}, tmp_path)
    text = written[1].read_bytes()
    assert b"\r" not in text
    again = pd.read_csv(written[1])
    assert again["source"].tolist() == ["Police\n=1+1", "'\n=1+1"]


def test_a_table_without_formulas_is_not_copied():
    frame = pd.DataFrame({"source": ["Police", None], "n": [1, 2]})
    assert inert(frame) is frame


def test_every_row_of_an_unprotected_table_says_so():
    given = pd.DataFrame({"count": [1, 2]})
    made = mark_tables({"t": given})["t"]
    assert made["publication"].eq(NOT_FOR_PUBLICATION).all()
    assert list(given.columns) == ["count"]


def test_a_private_file_is_private_and_whole(tmp_path):
    before = os.umask(0)
    try:
        path = write_private("x", tmp_path / "x.csv")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["x.csv"]
    with pytest.raises(BoltonJsnaError, match="cannot be written"):
        write_private("x", tmp_path / "none" / "x.csv")
