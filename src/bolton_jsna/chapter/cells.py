"""Tables of the document from tables of a build: rounded, with the sign of each state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.chapter.citations import KEYS, row_ids
from bolton_jsna.chapter.document import Cell, Column, Table
from bolton_jsna.core.states import NUMERIC, SIGNS
from bolton_jsna.drawing.attribution import attributions

if TYPE_CHECKING:
    import pandas as pd

_NOT_APPLICABLE: Final = "not_applicable"


def number(value: Any, decimals: int = 0, status: str | None = None) -> Cell:
    """Return the cell of a number, or of the state that it has instead of one."""
    import pandas as pd

    missing = bool(pd.isna(value))
    state = status or ("not_available" if missing else "value")
    if state not in NUMERIC:
        return Cell(SIGNS[state], status=state)
    if missing:
        return Cell(SIGNS["not_available"], status="not_available")
    rounded = round(float(value), decimals) + 0.0
    return Cell(f"{rounded:,.{decimals}f}", rounded, state)


def words(text: Any) -> Cell:
    """Return the cell of a text; an empty one has the sign of "not applicable"."""
    import pandas as pd

    if text is None or pd.isna(text) or not str(text).strip():
        return Cell(SIGNS[_NOT_APPLICABLE], status=_NOT_APPLICABLE)
    return Cell(str(text).strip())


def table_of(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    key: str,
    title: str,
    table: str = "",
    statuses: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] | None = None,
) -> Table:
    """Return a table of the document from rows of a table of the build.

    ``columns`` are the columns shown, by the name that they have in the frame; ``statuses`` name
    the column with the state of each, by default ``<name>_status``, then ``status``. ``table`` is
    the table of the build whose ids the rows get.
    """
    rows = []
    states = {name: _state_column(frame, name, statuses or {}) for name in columns}
    for row in frame.to_dict(orient="records"):
        cells = []
        for name, column in columns.items():
            if column.kind == "text":
                cells.append(words(row[name]))
            else:
                state = states[name]
                cells.append(number(row[name], column.decimals, row[state] if state else None))
        rows.append(tuple(cells))
    illustrative = "illustrative" in frame.columns and bool(frame["illustrative"].any())
    return Table(
        key=key,
        title=title,
        columns=tuple(columns.values()),
        rows=tuple(rows),
        ids=tuple(row_ids(table, frame)) if table in KEYS else (),
        notes=tuple(notes),
        sources=tuple(dict.fromkeys(attributions(frame) if sources is None else sources)),
        illustrative=illustrative,
    )


def _state_column(frame: pd.DataFrame, name: str, given: Mapping[str, str]) -> str:
    """Return the column with the state of a number, or an empty text."""
    for each in (given.get(name, ""), f"{name}_status", "status"):
        if each and each in frame.columns:
            return each
    return ""
