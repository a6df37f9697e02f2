"""Numbers in sentences: rounded once, to as many decimals as the figure can bear."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from bolton_jsna.core.errors import SchemaError, short, some

_WHOLE_FROM: Final = 100
"""Figures from here on have no decimals, smaller ones have one."""

_MOST: Final = 6


def number(value: Any) -> float:
    """Return a value of a table as a number, or as missing."""
    if value is None or (missing := pd.isna(value)) is True or not isinstance(missing, bool):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        raise SchemaError(
            f"result has {short(repr(value))} in place of a number. Give the table as the function "
            "that made it returns it."
        ) from None


def year_of(value: Any) -> int:
    """Return a year of a table."""
    found = number(value)
    if math.isnan(found) or found != round(found):
        raise SchemaError(
            f"result has {short(repr(value))} in place of a year. Give each row its year, such as "
            "2025."
        )
    return int(found)


def text_of(value: Any) -> str:
    """Return a value of a table as text, empty where it is missing."""
    if value is None or (isinstance(missing := pd.isna(value), bool) and missing):
        return ""
    return str(value)


def decimals(value: float, apart: Iterable[tuple[float, float]] = ()) -> int:
    """Return how many decimals a figure and those next to it have.

    ``apart`` are pairs that words call different: they must not be printed as equal. A figure above
    zero is not printed as zero.
    """
    places = 0 if abs(value) >= _WHOLE_FROM else 1
    pairs = [each for each in apart if not any(map(math.isnan, each)) and each[0] != each[1]]
    while places < _MOST and (
        (value and float(f"{value:.{places}f}") == 0)
        or any(f"{one:.{places}f}" == f"{two:.{places}f}" for one, two in pairs)
    ):
        places += 1
    return places


def shown(value: float, places: int) -> str:
    """Return a number as text, without a minus before zero."""
    text = f"{value:,.{places}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def counted(value: float) -> str:
    """Return a count as text; one that is estimated may have a fraction, which is left out."""
    return f"{value:,.0f}"


def level_text(level: float) -> str:
    """Return a confidence level as text."""
    return f"{level * 100:.10g}%"


def known_word(column: str, value: Any, known: Iterable[str]) -> str:
    """Return a word of a verdict, which must be a known one."""
    word = text_of(value)
    if word not in known:
        raise SchemaError(
            f"result has {short(repr(value))} in the column {column!r}. Known: {some(known)}."
        )
    return word
