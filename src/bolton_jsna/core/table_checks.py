"""Checks of tables and of the codes and years that join them."""

from __future__ import annotations

import numbers
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from bolton_jsna.core.errors import SchemaError, UsageError, did_you_mean, short, some
from bolton_jsna.core.naming import trimmed

if TYPE_CHECKING:
    import pandas as pd

_SEVERAL: Final = (list, dict, set, np.ndarray)

_WITH_SIGNS: Final = re.compile(r"[-+]?\u00a3?(\d{1,3}(,\d{3})+|\d+)(\.\d+)? ?%?")
"""A number with commas between thousands, a sign of pounds or of per cent."""


_WITH_COMMA: Final = re.compile(r"[-+\u2212\u2013]?\d+([.,]\d+)?")
_MINUS: Final = {ord("\u2212"): "-", ord("\u2013"): "-"}
"""A number with a comma in the place of the point, or with a longer dash in that of the minus."""


def check_table(frame: Any, what: str = "The frame") -> None:
    """Reject a value that is not a DataFrame, and a frame with a column twice."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise UsageError(
            f"{what} is of the type {type(frame).__name__}; expected a DataFrame. Give a table, "
            "such as pandas.DataFrame(...)."
        )
    if frame.columns.nlevels > 1:
        raise SchemaError(
            f"{what} has {frame.columns.nlevels} rows of headings, such as "
            f"{some(map(repr, frame.columns), most=1)}; expected one. Join them: frame.columns = "
            "['_'.join(map(str, each)) for each in frame.columns]."
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
    """Reject a value that is not a DataFrame, and a frame without a column or with one twice."""
    check_table(frame, what)
    wanted = list(wanted)
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        message = (
            f"{what} has no column {some(map(repr, missing))}. It has "
            f"{some(map(repr, frame.columns), most=20, like=map(str, missing))}."
            f"{did_you_mean(str(missing[0]), map(str, frame.columns))}"
        )
        raise SchemaError(f"{message} {advice}".rstrip())
    check_cells(frame, wanted, what)


def check_cells(frame: Any, columns: Iterable[str], what: str = "The frame") -> None:
    """Reject lists and the like in the cells of those of the columns that a frame has."""
    import pandas as pd

    for name in columns:
        if name not in frame.columns or frame[name].dtype != object:
            continue
        if not pd.api.types.infer_dtype(frame[name]).startswith("mixed"):
            continue
        held = next((each for each in frame[name] if isinstance(each, _SEVERAL)), None)
        if held is not None:
            raise SchemaError(
                f"{what} holds a {type(held).__name__} ({short(repr(held))}) in {name!r}; expected "
                f"one value in each cell. For a row of each value, use frame.explode({name!r})."
            )


def as_numbers(values: pd.Series) -> Any:
    """Return values as an array of numbers, missing as not-a-number; else a ValueError.

    The error names what the values hold, such as ``text that is not a number: 'c', '<5'``.
    """
    import pandas as pd

    try:
        found = pd.to_numeric(values)
        if found.dtype.kind != "c":
            return found.to_numpy(dtype=float, na_value=float("nan"))
    except OverflowError:
        raise ValueError("a number that is too large") from None
    except (TypeError, ValueError):
        strange = _not_numbers(values)
        text = all(isinstance(each, str) for each in strange.values())
        what = "text that is not a number" if text else "values that are not numbers"
        raise ValueError(f"{what}: {some(strange)}") from None
    raise ValueError("complex numbers")


def how_to_make_numbers(values: pd.Series, column: str, status: str) -> str:
    """Return what to do with a column that holds other things than numbers."""
    strange = [each for each in _not_numbers(values).values() if isinstance(each, str)]
    signs = [each for each in strange if _WITH_SIGNS.fullmatch(each.strip())]
    points = [each for each in strange if each not in signs and _WITH_COMMA.fullmatch(each.strip())]
    others = [each for each in strange if each not in [*signs, *points]]
    steps = []
    if others:
        steps.append(
            f"Leave cells without a number, such as {short(repr(others[0]))}, empty and give the "
            f"reason in a column {status!r} (suppressed, not_available, ...)."
        )
    if points:
        steps.append(
            f"Write numbers such as {points[0]!r} with a point and a plain minus, such as "
            f"{points[0].strip().replace(',', '.').translate(_MINUS)!r}."
        )
    if signs:
        steps.append(
            f"Convert numbers such as {signs[0]!r}: frame[{column!r}] = pandas.to_numeric("
            f"frame[{column!r}].replace('[%\u00a3, ]', '', regex=True))."
        )
    return " ".join(steps) or "Give one number in each cell."


def _not_numbers(values: pd.Series) -> dict[str, Any]:
    """Return each value that is not a number, by its text."""
    import pandas as pd

    try:
        strange = values[pd.to_numeric(values, errors="coerce").isna() & values.notna()]
    except (OverflowError, TypeError):
        strange = values[[not isinstance(each, numbers.Number) for each in values]].dropna()
    return {repr(each): each for each in strange}


def without_blanks(codes: pd.Series) -> pd.Series:
    r"""Return codes without blanks at their ends, visible or not."""
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
    """Reject keys that can never be equal: numbers in one table and text in the other."""
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
