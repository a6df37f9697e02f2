"""Tables as Parquet come back equal in every cell and type, or are not kept."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.ingest import _parquet_tables
from bolton_jsna.tables.schemas import text_dtype


def same(one, other):
    pd.testing.assert_frame_equal(one, other, check_exact=True, check_index_type="exact")


CELLS = {
    "text": st.one_of(st.none(), st.text(max_size=3)),
    "nan": st.one_of(st.just(float("nan")), st.sampled_from(["a", "é", ""])),
    "whole": st.one_of(st.none(), st.integers(-(2**62), 2**62)),
    "number": st.floats(),
    "flag": st.booleans(),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), max_size=6)


@given(rows=ROWS, alike=st.booleans(), counted=st.booleans())
def test_a_table_comes_back_equal_in_every_cell_and_type(rows, alike, counted):
    rows = [rows[0]] * len(rows) if alike and rows else rows
    frame = pd.DataFrame(rows, columns=list(CELLS), dtype=object)
    frame = frame.astype({"whole": "Int64", "number": float, "flag": bool})
    frame["typed"] = pd.Series(frame["text"], dtype=text_dtype())
    frame["small"] = pd.Series(range(len(frame)), dtype="int64")
    frame.index = frame.index if counted else frame.index[::-1] + 5
    back = _parquet_tables.unpacked(_parquet_tables.packed(frame, {}))
    same(frame, back)
    for name in ("text", "nan"):
        assert [type(each) for each in frame[name]] == [type(each) for each in back[name]]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [["x"]]}),
        pd.DataFrame({"a": ["x", 1]}, dtype=object),
        pd.DataFrame({"a": [None, float("nan")]}, dtype=object),
        pd.DataFrame({"a": [1 + 2j]}),
        pd.DataFrame({1: ["x"]}),
        pd.DataFrame({"a": [1]}, index=["x"]),
        pd.DataFrame({"a": pd.Categorical(["x"])}),
    ],
)
def test_a_table_that_would_come_back_in_another_way_is_not_kept(frame):
    with pytest.raises(_parquet_tables.NotKeptError):
        _parquet_tables.packed(frame, {})
