"""Tables, and the codes and years that join them: as expected, or rejected with the reason."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.naming import trimmed

if TYPE_CHECKING:
    import pandas as pd


def check_table(frame: Any, what: str = "The frame") -> None:
    """Refuse what is no DataFrame, and one with a column twice."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise UsageError(
            f"{what} is of the type {type(frame).__name__}; expected a DataFrame. Give a table, "
            "such as pandas.DataFrame(...)."
        )
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()].unique()
        raise SchemaError(
            f"{what} has the column {some(map(repr, twice))} more than once. Rename or drop all "
            "but one of them."
        )


def check_columns(
    frame: Any, wanted: Iterable[str], what: str = "The frame", *, advice: str = ""
) -> None:
    """Refuse what is no DataFrame, and one that lacks a column or has one twice."""
    check_table(frame, what)
    lacking = [name for name in wanted if name not in frame.columns]
    if lacking:
        said = (
            f"{what} has no column {some(map(repr, lacking))}. It has "
            f"{some(map(repr, frame.columns), most=20)}."
        )
        raise SchemaError(f"{said} {advice}".rstrip())


def without_blanks(codes: pd.Series) -> pd.Series:
    r"""Return codes without blanks at their ends, of which some do not show."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(codes):
        return codes
    blank = {
        each: trimmed(each)
        for each in codes.dropna().unique()
        if isinstance(each, str) and each != trimmed(each)
    }
    return codes.replace(blank) if blank else codes


def reject_unlike_keys(
    one: Any, other: Any, *, column: str, here: str = "the frame", there: str = "the other table"
) -> None:
    """Refuse keys that can never be equal: numbers in one table and text in the other."""
    ours, theirs = _kinds(one), _kinds(other)
    for kinds, where in ((ours, here), (theirs, there)):
        if len(kinds) > 1:
            raise SchemaError(
                f"{column!r} holds numbers ({some(kinds['numbers'], most=2)}) and text "
                f"({some(map(repr, kinds['text']), most=2)}) in {where}, which are never equal. "
                "Give all of it as one kind, such as astype(str), or astype(int) for years."
            )
    if ours and theirs and ours.keys() != theirs.keys():
        ((kind, mine),), ((another, its),) = ours.items(), theirs.items()
        raise SchemaError(
            f"{column!r} holds {kind} ({_shown(mine)}) in {here} and {another} ({_shown(its)}) in "
            f"{there}, which are never equal. Give both as one kind, such as astype(str), or "
            "astype(int) for years."
        )


def _shown(values: list[Any]) -> str:
    return some(values if not isinstance(values[0], str) else map(repr, values), most=2)


def _kinds(values: Any) -> dict[str, list[Any]]:
    import pandas as pd

    found: dict[str, list[Any]] = {}
    for each in pd.unique(pd.Series(values).dropna()):
        if isinstance(each, str):
            found.setdefault("text", []).append(each)
        elif isinstance(each, numbers.Number) and not isinstance(each, bool):
            found.setdefault("numbers", []).append(each)
    return found
