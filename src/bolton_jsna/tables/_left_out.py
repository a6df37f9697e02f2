"""Leave wrong rows out of a table, or reject the file if there are too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from bolton_jsna.tables.reader_notes import leave_out

if TYPE_CHECKING:
    import pandas as pd

    _Rows = TypeVar("_Rows", pd.DataFrame, pd.Series)


def without(
    rows: _Rows, wrong: pd.Series, problem: str, advice: str = "", *, what: str = "rows"
) -> _Rows:
    """Return the rows that are not wrong; the problem is logged, or raised as a SchemaError."""
    leave_out(int(wrong.sum()), len(wrong), said=problem, advice=advice, what=what)
    return rows[~wrong]
