"""Words that all kinds of chart share: titles, numbers, legends of states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.charts._spec import LegendEntry
from bolton_jsna.core.states import LABELS, SIGNS


def number(value: float, decimals: int = 1) -> str:
    """Return a number as readers see it."""
    return f"{value:,.{decimals}f}"


def short(value: float) -> str:
    """Return a number for a place with little room: whole from 100."""
    return number(value, 0 if abs(value) >= 99.95 or value == 0 else 1)


def level(confidence: float) -> str:
    """Return what a legend calls intervals of a level."""
    return f"{confidence * 100:g}% interval"


def interval(lower: float, upper: float, decimals: int = 1) -> str:
    """Return an interval as it follows a number, empty where there is none."""
    if pd.isna(lower) or pd.isna(upper):
        return ""
    return f" ({number(lower, decimals)} to {number(upper, decimals)})"


def indicator_of(frame: pd.DataFrame) -> str:
    """Return the title of the one indicator of a frame, empty without or with several."""
    if "indicator" not in frame.columns:
        return ""
    found = frame["indicator"].dropna().unique()
    if len(found) != 1:
        return ""
    known = dictionary().get(str(found[0]))
    return str(found[0]).replace("_", " ").capitalize() if known is None else known.title


def state_entries(rows: Iterable[dict[str, Any]]) -> list[LegendEntry]:
    """Return the legend of the states without a number that rows have."""
    there = {str(row["status"]) for row in rows} & set(SIGNS)
    return [
        LegendEntry("state", "other", f"{SIGNS[each]} {LABELS[each].lower()}", status=each)
        for each in SIGNS
        if each in there
    ]


def listed(texts: Sequence[str]) -> str:
    """Return texts as sentences, one after the other."""
    return " ".join(f"{each.rstrip('.')}." for each in texts if each)


def source_line(sources: Sequence[str]) -> str:
    """Return the sources of a chart as one line, empty without any."""
    if not sources:
        return ""
    return f"Source: {' '.join(each.removeprefix('Source: ') for each in sources)}"
