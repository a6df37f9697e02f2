"""Whether a table covers the whole of England, by the number of its areas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.areas import find

if TYPE_CHECKING:
    import pandas as pd

_WORDS: Final = {"lsoas": "LSOAs", "authorities": "upper-tier authorities"}
_FEWEST: Final = 0.95  # of the authorities in an earlier year: some were made or divided since


def shortfall(frame: pd.DataFrame, whole: Mapping[str, int]) -> str:
    """Return how many areas of England a table has, in words; empty when it has all."""
    for level, number in whole.items():
        for about, there, latest in _counts(frame, level):
            if there < (number if latest else _FEWEST * number):
                return f"{there:,} of England's {number:,} {_WORDS[level]}{about}"
    return ""


def _counts(frame: pd.DataFrame, level: str) -> Iterator[tuple[str, int, bool]]:
    """Yield how many areas of a level a table has: what, how many, and if the latest."""
    # The latest year comes first, so that a message names it before any other.
    if level == "lsoas":
        yield "", int(frame["lsoa_code"].nunique()), True
        return
    rows = frame[_authorities(frame)]
    years = "base_year" if "base_year" in frame.columns else "year"
    if years not in frame.columns:
        yield "", int(rows["area_code"].nunique()), True
        return
    by = [*(["indicator"] if "indicator" in frame.columns else []), years]
    if rows.empty:
        yield "", 0, True
        return
    there = rows.groupby(by, sort=True)["area_code"].nunique().iloc[::-1]
    last = rows.groupby(by[:-1])[years].max() if by[:-1] else rows[years].max()
    for key, number in there.items():
        *indicator, year = key if isinstance(key, tuple) else (key,)
        newest = last[indicator[0]] if indicator else last
        about = f" in {' '.join(map(str, [*indicator, year]))}"
        yield about, int(number), bool(year == newest)


def _authorities(frame: pd.DataFrame) -> pd.Series:
    """Return which rows are of upper-tier authorities, past ones among them."""
    if "area_level" in frame.columns:
        return frame["area_level"] == "authority"
    known = {code: find(code) for code in frame["area_code"].unique()}
    upper = {code for code, place in known.items() if place and place.level == "authority"}
    return frame["area_code"].isin(upper)
