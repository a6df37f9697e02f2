"""The section "At a glance"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.chapter.document import Block, Bullets, Paragraph, Section, Span, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts
from bolton_jsna.chapter.sections._demand_indicators import TABLE as _DEMAND
from bolton_jsna.chapter.sections._demand_indicators import expected
from bolton_jsna.core import wording
from bolton_jsna.sentences.describe import describe
from bolton_jsna.sentences.summary_lines import PROJECTION_APART

if TYPE_CHECKING:
    import pandas as pd

TITLES: Final = {"summary": "At a glance"}
_INDICATORS: Final = tuple(wording.INDICATORS)
_BANDS: Final = "children_by_age_band"
_EDITIONS: Final = "deprivation_by_edition"
_ALL_AGES: Final = "0-17"
_SHARE: Final = 10
_AHEAD: Final = 5
_CHANCE: Final = "more than chance"
"""In the sentence of a difference that is beyond chance."""
_PROJECTED: Final = "referrals"


def section(given: Materials) -> Section:
    """Return the section."""
    key = "summary"
    items = [
        paragraph(*spans)
        for spans in (
            *(_indicator(given, each) for each in _INDICATORS),
            _children(given),
            _ahead(given),
            _deprivation(given),
            _referrals_ahead(given),
        )
        if spans
    ]
    first: tuple[Block, ...] = (
        (Bullets(tuple(items)),)
        if items
        else (_parts.no_rows(given, "profile", "this chapter", datasets=["children_in_need"]),)
    )
    apart = any(_CHANCE in each.text for each in items)
    return Section(key, TITLES[key], (*first, *_to_know(given, compared=apart)))


def _indicator(given: Materials, indicator: str) -> list[Span]:
    """Return the figure of an indicator with what it is compared with."""
    rows = _parts.rows_of(given, "profile", indicator=indicator, area_code=given.place.code)
    if rows is None:
        return []
    return [
        _parts.said(each, "profile")
        for each in _parts.of_kind(describe(rows), "figure", "benchmark")
    ]


def _children(given: Materials) -> list[Span]:
    rows = _parts.rows_of(given, _BANDS, kind="estimate", age_band=_ALL_AGES, status="value")
    if rows is None:
        return []
    row = rows.iloc[0].to_dict()
    text = (
        f"{given.place.name} had {row['children']:,.0f} children aged 0-17 at mid-{row['year']} "
        "(estimate)."
    )
    return [_parts.cited(text, _BANDS, row)]


def _ahead(given: Materials) -> list[Span]:
    """Return the projected change of children to the first of the years ahead."""
    projected = _parts.rows_of(given, _BANDS, kind="projection", age_band=_ALL_AGES, status="value")
    if projected is None:
        return []
    estimate = _parts.rows_of(given, _BANDS, kind="estimate", age_band=_ALL_AGES)
    now = int(projected["base_year"].iloc[0])
    if estimate is not None:
        now = max(now, int(estimate["year"].iloc[0]))
    later = projected[projected["year"] > now].sort_values("year").head(1)
    spans = [
        _parts.cited(
            f"The {row['base_year']}-based projection has {_change(row)} children aged 0-17 at "
            f"mid-{row['year']} {_than(row)} at mid-{row['base_year']}. It is not a forecast.",
            _BANDS,
            row,
        )
        for row in later.to_dict(orient="records")
    ]
    if spans and estimate is not None:
        spans += _overtaken(projected, estimate.iloc[0].to_dict())
    return spans


def _overtaken(projected: pd.DataFrame, estimate: dict[str, Any]) -> list[Span]:
    """Return how far a later estimate is from what the projection has for its year."""
    same = projected[
        (projected["year"] == estimate["year"]) & (projected["year"] > projected["base_year"])
    ]
    counted = float(estimate["children"])
    return [
        _parts.cited(
            f"The estimate of mid-{row['year']} is {wording.apart(counted, row['children'])} "
            "what it has for that year.",
            _BANDS,
            row,
            estimate,
        )
        for row in same.to_dict(orient="records")
        if abs(row["children"] / counted - 1) >= PROJECTION_APART
    ]


def _change(row: dict[str, float]) -> str:
    return wording.apart(row["children"], row["base_children"], counted=True)


def _than(row: dict[str, float]) -> str:
    return "as" if _change(row) == "as many" else "than"


def _deprivation(given: Materials) -> list[Span]:
    """Return how many LSOAs are in England's most deprived tenth, in the newest edition."""
    rows = _parts.rows_of(given, _EDITIONS, share=_SHARE, status="value")
    if rows is None:
        return []
    row = rows.sort_values("edition").iloc[-1].to_dict()
    verb = "is" if row["lsoas_in_share"] == 1 else "are"
    text = (
        f"{row['lsoas_in_share']:,} of the {row['lsoas']:,} LSOAs of {given.place.name} "
        f"({row['percent_lsoas']:.1f} per cent) {verb} in England's most deprived "
        f"{row['share']} per cent by the index of deprivation of children (IDACI {row['edition']})."
    )
    return [_parts.cited(text, _EDITIONS, row)]


def _referrals_ahead(given: Materials) -> list[Span]:
    """Return the projected referrals some years ahead, with their interval."""
    rows = _parts.rows_of(
        given, _DEMAND, indicator=_PROJECTED, area_code=given.place.code, status="modelled"
    )
    if rows is None:
        return []
    near = rows[rows["horizon"] <= _AHEAD].sort_values("year").tail(1)
    return expected(near.reset_index(drop=True)) if len(near) else []


def _to_know(given: Materials, *, compared: bool) -> Iterator[Paragraph]:
    """Return what readers must know before the rest: made-up and hidden figures."""
    texts = [wording.NOT_UNUSUAL] if compared else []
    if given.illustrative:
        texts.append(
            "Figures by ward, age and category of referrals and plans are illustrative: they are "
            f"made up, and are no facts about {given.place.name}."
        )
    if given.rule:
        texts.append(given.rule)
    if _parts.hides(given):
        texts.append("A figure that is hidden has the sign [c].")
    texts.append("What these figures cannot say has a section of its own.")
    yield paragraph(*texts, role="caution")
