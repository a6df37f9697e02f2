"""The panel of an area: each indicator with its interval, comparators, trend and verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from bolton_jsna.core.areas import ENGLAND, Area
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.measures._intervals import confidence_level
from bolton_jsna.measures._panel_claims import (
    Claim,
    Neighbours,
    Trend,
    against_place,
    among_neighbours,
    trends,
)
from bolton_jsna.measures._panel_rows import (
    NUMBER,
    Described,
    PanelRow,
    belong_together,
    counted,
    figure_of,
    panel_rows,
    state_of,
    table_of,
)
from bolton_jsna.measures._panel_text import (
    between,
    panel_notes,
    panel_reasons,
    panel_table,
    rank_text,
)
from bolton_jsna.measures.multiple_testing import benjamini_hochberg
from bolton_jsna.measures.rates import crude_rates
from bolton_jsna.tables.schemas import text_dtype

_WHOLE: Final = ("count", "neighbours_used", "neighbours_of", "rank", "of")
_NUMBERS: Final = (
    *("population", "value", "lower", "upper", "published_value", "england", "region"),
    *("neighbours_lowest", "neighbours_median", "neighbours_highest"),
    *("usual_lower", "usual_upper", "england_p", "england_p_adjusted", "region_p"),
    *("region_p_adjusted", "neighbours_p", "neighbours_p_adjusted", "trend_p", "trend_p_adjusted"),
)
COLUMNS: Final = (
    *("area_code", "area_name", "indicator", "title", "subject", "year", "period", "unit"),
    *("count", "population", "value", "lower", "upper", "method", "status", "published_value"),
    *("england", "england_status", "region", "region_status", "region_name"),
    *("neighbours_lowest", "neighbours_median", "neighbours_highest", "neighbours_used"),
    *("neighbours_of", "rank", "of", "usual_lower", "usual_upper"),
    *("against_england", "england_p", "england_p_adjusted"),
    *("against_region", "region_p", "region_p_adjusted"),
    *("against_neighbours", "neighbours_p", "neighbours_p_adjusted"),
    *("trend", "trend_years", "trend_p", "trend_p_adjusted", "why"),
    *("definition", "denominator", "note", "better", "source"),
)
"""The columns of a panel."""


__all__ = [
    "COLUMNS",
    "NUMBER",
    "Profile",
    "belong_together",
    "between",
    "indicator_panel",
    "panel_notes",
    "panel_reasons",
    "rank_text",
]


class Profile(pd.DataFrame):  # type: ignore[misc]  # pandas has no types
    """A panel as a frame, one row per indicator; a notebook shows it as a short table.

    Everything that is made from it is an ordinary frame.
    """

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    def __repr__(self) -> str:
        if not len(self) or any(name not in self.columns for name in COLUMNS):
            return str(super().__repr__())
        return panel_table(self).to_text()

    def _repr_html_(self) -> str | None:
        if not len(self) or any(name not in self.columns for name in COLUMNS):
            found: str | None = super()._repr_html_()
            return found
        return panel_table(self).to_html()


def indicator_panel(
    frame: pd.DataFrame,
    neighbours: pd.DataFrame | None,
    described: Mapping[str, Described],
    *,
    place: Area,
    year: int | None = None,
    confidence: float = 0.95,
) -> Profile:
    """Return the panel of an area from rows of the table of indicators."""
    # ``neighbours`` has the rows of the statistical_neighbours table of the area, or is None.
    # Every verdict is made at the level asked for, by itself; the p-values adjusted for the number
    # of indicators (Benjamini and Hochberg 1995) are next to them, as in compare_with_benchmark.
    confidence = confidence_level(confidence)
    near: list[str] = []
    if neighbours is not None:
        others = neighbours[neighbours["neighbour_code"] != place.code].sort_values("rank")
        near = list(dict.fromkeys(others["neighbour_code"]))
    region = "" if place.region_code == place.code else place.region_code or ""
    above = [code for code in (ENGLAND, region) if code and code != place.code]
    subjects = list(dict.fromkeys(each.subject for each in described.values()))
    order = sorted(described, key=lambda name: subjects.index(described[name].subject))
    rows = panel_rows(frame, place=place.code, compared=[*near, *above], order=order, year=year)
    options: dict[str, Any] = {"confidence": confidence}
    england = _against(rows, place, ENGLAND, described, **options)
    regional = _against(rows, place, region, described, without_own=True, **options)
    around = among_neighbours(rows, place.code, near, **options)
    lines = trends(rows, described, **options)
    limits = _limits(rows, place.code, described, confidence=confidence)
    judged = map(_Judged, limits, england, regional, around, lines)
    listed = [
        _row(row, each, place=place, region=region, entry=described[row.indicator])
        | {"source": _sources(row, neighbours)}
        for row, each in zip(rows, judged, strict=True)
    ]
    table = pd.DataFrame(listed, columns=[name for name in COLUMNS if "adjusted" not in name])
    for name in ("england", "region", "neighbours", "trend"):
        table[f"{name}_p_adjusted"] = benjamini_hochberg(table[f"{name}_p"].astype(float))
    table = table.astype(
        dict.fromkeys(_WHOLE, "Int64") | dict.fromkeys(_NUMBERS, float) | {"year": "Int64"}
    )
    texts = [name for name in COLUMNS if name not in (*_WHOLE, *_NUMBERS, "year")]
    return Profile(table[list(COLUMNS)].astype(dict.fromkeys(texts, text_dtype())))


class _Judged(NamedTuple):
    """The limits of a figure with their method, and the verdicts on it."""

    limits: tuple[float, float, str]
    england: Claim
    regional: Claim
    around: Neighbours
    trend: Trend


def _against(
    rows: Sequence[PanelRow],
    place: Area,
    other: str,
    described: Mapping[str, Described],
    **options: Any,
) -> list[Claim]:
    if not other or other == place.code:
        return [Claim() for _ in rows]
    return against_place(rows, place.code, other, described, **options)


def _row(
    row: PanelRow, judged: _Judged, *, place: Area, region: str, entry: Described
) -> dict[str, Any]:
    """Return one row of a panel."""
    england, regional, around, trend = judged[1:]
    own = row.areas.get(place.code)
    # The text of a period is that of the year: without a row of the year there is none.
    reasons = {
        "England": england.why,
        place.region or "region": regional.why,
        "neighbours": around.claim.why,
        "trend": trend.why,
    }
    whole, above = row.areas.get(ENGLAND), row.areas.get(region)
    compared = bool(region) and row.kind != "number"
    counts = own is not None and own["count_status"] in NUMERIC
    return {
        "area_code": place.code,
        "area_name": place.name,
        "indicator": row.indicator,
        "title": entry.title,
        "subject": entry.subject,
        "year": row.year,
        "period": "" if own is None else own["period"],
        "unit": row.unit,
        "count": own["count"] if own is not None and counts else pd.NA,
        "population": np.nan if own is None or pd.isna(own["population"]) else own["population"],
        "value": figure_of(own),
        "lower": judged.limits[0],
        "upper": judged.limits[1],
        "method": judged.limits[2],
        "status": state_of(own),
        "published_value": np.nan if own is None else own["published_value"],
        "england": figure_of(whole),
        "england_status": "not_applicable" if row.kind == "number" else state_of(whole),
        "region": figure_of(above),
        "region_status": state_of(above) if compared else "not_applicable",
        "region_name": place.region if region else "",
        "neighbours_lowest": around.lowest,
        "neighbours_median": around.median,
        "neighbours_highest": around.highest,
        "neighbours_used": around.used,
        "neighbours_of": around.of,
        "rank": pd.NA if around.rank is None else around.rank,
        "of": around.rank_of,
        "usual_lower": around.usual_lower,
        "usual_upper": around.usual_upper,
        "against_england": england.verdict,
        "england_p": england.p,
        "against_region": regional.verdict,
        "region_p": regional.p,
        "against_neighbours": around.claim.verdict,
        "neighbours_p": around.claim.p,
        "trend": trend.direction,
        "trend_years": trend.years,
        "trend_p": trend.p,
        "why": _why(reasons),
        "definition": entry.definition,
        "denominator": entry.denominator,
        "note": entry.note,
        "better": entry.better,
    }


def _why(reasons: Mapping[str, str]) -> str:
    """Return the reasons for missing verdicts; a reason that several share is given once."""
    by_text: dict[str, list[str]] = {}
    for name, text in reasons.items():
        if text:
            by_text.setdefault(text, []).append(name)
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in by_text.items())


def _limits(
    rows: Sequence[PanelRow], place: str, described: Mapping[str, Described], *, confidence: float
) -> list[tuple[float, float, str]]:
    """Return the limits of each of the area's own figures with their method."""
    found = [(float("nan"), float("nan"), "")] * len(rows)
    able = [
        at
        for at, row in enumerate(rows)
        if counted(row.areas.get(place), row.kind)
        and not (row.kind == "share" and belong_together(described[row.indicator].denominator))
    ]
    if able:
        table = table_of([rows[at].areas[place] for at in able])
        made = crude_rates(table, confidence=confidence)
        ends = zip(made["lower"], made["upper"], made["method"], strict=True)
        for at, (lower, upper, method) in zip(able, ends, strict=True):
            found[at] = (float(lower), float(upper), str(method))
    return found


def _sources(row: PanelRow, neighbours: pd.DataFrame | None) -> str:
    """Return the sources of a row and of all that it is compared with."""
    every = [*(each["source"] for each in row.areas.values())]
    every += [each["source"] for each in row.years.values() if each["year"] == row.year]
    if neighbours is not None and "source" in neighbours.columns:
        every += neighbours["source"].unique().tolist()
    parts = [part for each in every for part in str(each).split(SEPARATOR)]
    return SEPARATOR.join(dict.fromkeys(parts))
