"""Words that all kinds of chart share: titles, numbers, legends of states."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.charts._spec import LegendEntry
from bolton_jsna.core import wording
from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.states import LABELS, SIGNS


def number(value: float, decimals: int = 1) -> str:
    """Return a number as readers see it; a small one is not written as zero."""
    text = f"{value:,.{decimals}f}"
    # 0.004 with one decimal would be 0.0, which is another number.
    return f"{value:.1g}" if value and not float(text.replace(",", "")) else text


def lower_first(text: str) -> str:
    """Return a text as it is inside a sentence."""
    return text[:1].lower() + text[1:]


def decimals(values: Iterable[float]) -> int:
    """Return how many decimals numbers of a size need."""
    largest = max((abs(float(each)) for each in values if pd.notna(each)), default=0.0)
    return 3 if 0 < largest < 1 else 1 if largest < 1000 else 0


def short(value: float) -> str:
    """Return a number for a place with little room: whole from 100."""
    return number(value, 0 if abs(value) >= 99.95 or value == 0 else 1)


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


def level(confidence: float) -> str:
    """Return the level of an interval as text, such as 95%."""
    if not 0 < confidence < 1:
        raise UsageError(
            f"confidence={confidence:g} is not the level of an interval. Write a share under 1, "
            "such as 0.95."
        )
    return f"{100 * confidence:g}%"


def period(frame: pd.DataFrame) -> str:
    """Return what a year of the one indicator of a frame is, such as "years ending 31 March"."""
    found = set(frame["indicator"].dropna()) if "indicator" in frame.columns else set()
    known = dictionary().get(str(*found)) if len(found) == 1 else None
    if known is None:
        return ""
    return re.sub(r"\byear\b", "years", known.period, count=1)


def breaks_of(frame: pd.DataFrame, first: int, last: int) -> dict[int, str]:
    """Return what changed in the one indicator of a frame, by the first year after it."""
    found = set(frame["indicator"].dropna()) if "indicator" in frame.columns else set()
    known = dictionary().get(str(*found)) if len(found) == 1 else None
    if known is None:
        return {}
    return {year: text for year, text in known.breaks.items() if first < year <= last}


def year_of(frame: pd.DataFrame) -> str:
    """Return the one year of a frame as text, empty without or with several."""
    found = frame["year"].dropna().unique() if "year" in frame.columns else []
    return str(int(found[0])) if len(found) == 1 and is_number(found[0]) else ""


def when(frame: pd.DataFrame) -> str:
    """Return the period of the one year of a frame in words, empty without or with several."""
    year = year_of(frame)
    found = set(frame["indicator"].dropna()) if "indicator" in frame.columns else set()
    known = dictionary().get(str(*found)) if len(found) == 1 else None
    return known.when(int(year)) if known is not None and year else year


def areas(order: Sequence[str], roles: Mapping[str, str], *, most: int) -> str:
    """Return the areas of a chart as its subtitle names them."""
    others = [each for each in order if roles[each] == "other"]
    if len(others) <= most:
        return wording.listed(order)
    named = [each for each in order if roles[each] != "other"]
    return wording.listed([*named, f"{len(others)} other areas"])


def sentence(*parts: str) -> str:
    """Return what there is of some phrases, with commas between them."""
    return ", ".join(each for each in parts if each)


def twin(
    table: pd.DataFrame, headings: Mapping[str, str]
) -> tuple[pd.DataFrame, tuple[tuple[str, str], ...]]:
    """Return the columns of the table of a chart that a frame has, and their headings."""
    there = {name: text for name, text in headings.items() if name in table.columns}
    return table[list(there)], tuple(there.items())


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
    return " ".join(f"{each[:1].upper()}{each[1:].rstrip('.')}." for each in texts if each)


def source_line(sources: Sequence[str]) -> str:
    """Return the sources of a chart as one line, empty without any."""
    if not sources:
        return ""
    each = dict.fromkeys(each.removeprefix("Source: ") for each in sources)
    return f"Source: {' '.join(each)}"
