"""The date of a map: from its title, its labels, or the columns of the figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import geopandas as gpd
import pandas as pd

_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_WHOLE: Final = re.compile(r"((?:19|20)\d\d)(?:\.0|[/-]\d{2,4})?")
_COLUMNS: Final = {"year": ("Year", "Years"), "edition": ("Edition", "Editions")}


def dated(
    subtitle: str, *, title: str, labels: Sequence[str], frame: pd.DataFrame, joined: pd.DataFrame
) -> str:
    """Return a subtitle with the date of the figures, if it is known and the title has none."""
    if any(map(_YEAR.search, (title, subtitle))):
        return subtitle
    date = _of_columns(joined, [each for each in _columns(frame) if each in joined.columns])
    if not date and any(map(_YEAR.search, labels)):
        date = " and ".join(labels)
    return ", ".join(filter(None, (subtitle, date)))


def _columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns with the year or edition of the figures, not of their shapes."""
    # A frame that was made from boundaries has the year of these.
    sources = frame["source"].dropna().astype(str) if "source" in frame.columns else None
    if isinstance(frame, gpd.GeoDataFrame) and (
        sources is None or sources.str.contains("boundaries@").any()
    ):
        return []
    return [str(each) for each in frame.columns if str(each).casefold() in _COLUMNS]


def _of_columns(joined: pd.DataFrame, columns: Iterable[str]) -> str:
    parts = []
    for column in columns:
        texts = sorted(set(joined[column].dropna().astype(str).str.strip()))
        if not texts or not all(map(_WHOLE.fullmatch, texts)):
            continue
        ends = dict.fromkeys(each.removesuffix(".0") for each in (texts[0], texts[-1]))
        parts.append(f"{_COLUMNS[column.casefold()][len(ends) - 1]}: {' to '.join(ends)}")
    return ", ".join(parts)
