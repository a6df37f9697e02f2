"""The pages of one indicator: over the years, among neighbours, in all areas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bolton_jsna.catalogue.indicators import Indicator
from bolton_jsna.charts import _web as charts_web
from bolton_jsna.core import wording
from bolton_jsna.core.areas import ENGLAND, Area
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.measures.indicator_limits import with_limits
from bolton_jsna.measures.panel import between, rank_text
from bolton_jsna.sentences.describe import describe
from bolton_jsna.site._part import Part
from bolton_jsna.site._projected import projected_part
from bolton_jsna.site.frame import (
    SiteFigures,
    area_folder,
    attributions,
    fact_of,
    page,
    slug,
    table_files,
)

if TYPE_CHECKING:
    import pandas as pd


def area_indicator(
    given: SiteFigures, place: Area, row: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Return the page of one indicator of an area: its years, and its neighbours."""
    name = str(row["indicator"])
    fact, folder = fact_of(name), f"{area_folder(place)}/{slug(name)}"
    above = [place.code, ENGLAND, place.region_code]
    every = given.indicators
    rows = every[(every["indicator"] == name) & every["area_code"].isin(above)]
    rows = rows[rows["year"].isin(rows.loc[rows["area_code"] == place.code, "year"])]
    years = with_limits(rows.sort_values(["area_code", "year"]), fact.denominator)
    parts = [_years(place, fact, years)]
    near = given.neighbours
    near = near[(near["indicator"] == name) & (near["of_area"] == place.code)]
    if len(near):
        parts.append(_neighbours(place, fact, near))
    ahead = given.projected
    ahead = ahead[(ahead["indicator"] == name) & (ahead["area_code"] == place.code)]
    ahead = ahead[ahead["status"] == "modelled"]
    if len(ahead):
        parts.append(projected_part(place, fact, ahead, years))
    sources = attributions(given, years, near, ahead)
    panel = given.profile
    one = panel[(panel["area_code"] == place.code) & (panel["indicator"] == name)]
    found = describe(one).sentences
    yield (
        f"{folder}/index.html",
        page(
            given,
            "figure.html",
            f"{fact.title}: {place.name}",
            depth=3,
            crumbs=[("Home", "index.html"), (place.name, f"{area_folder(place)}/index.html")],
            sources=sources,
            definition=fact.definition,
            sentences=[each.text for each in found if each.kind != "caution"],
            cautions=[each.text for each in found if each.kind == "caution"],
            parts=parts,
            note=fact.note,
            links=[(f"{fact.title} in all areas", f"../../../indicators/{slug(name)}/index.html")],
        ),
    )
    title = f"{fact.title}: {place.name}"
    facts: dict[str, Any] = {"sources": sources, "key": ("area_code", "year")}
    yield from table_files(f"{folder}/years.csv", years, title=f"{title}, by year", **facts)
    if len(near):
        listed = near.rename(columns={"rate": "value"})
        yield from table_files(
            f"{folder}/neighbours.csv", listed, title=f"{title}, neighbours", **facts
        )
    if len(ahead):
        yield from table_files(
            f"{folder}/projected.csv", ahead, title=f"{title}, projected", **facts
        )


def _cell(row: Mapping[str, Any], unit: str) -> str:
    return wording.stated(float("nan") if row["value"] != row["value"] else row["value"], unit,
                          str(row["status"]))  # fmt: skip


def _years(place: Area, fact: Indicator, years: pd.DataFrame) -> Part:
    """Return the figures of an area by year, next to England and its region."""
    from markupsafe import Markup

    from bolton_jsna.charts.trend import chart_trend

    unit = str(years["unit"].iloc[0])
    others = [each for each in dict.fromkeys(years["area_name"]) if each != place.name]
    by_year: dict[int, dict[str, Mapping[str, Any]]] = {}
    for row in years.to_dict(orient="records"):
        by_year.setdefault(int(row["year"]), {})[str(row["area_name"])] = row
    rows = []
    for year in sorted(by_year, reverse=True):
        own = by_year[year][place.name]
        cells = [_cell(own, unit), between(own["lower"], own["upper"], unit) or "None"]
        cells += [
            _cell(by_year[year][each], unit) if each in by_year[year] else "Not available"
            for each in others
        ]
        rows.append({"name": fact.when(year), "cells": cells})
    chart: Any = ""
    if years["value"].notna().any():
        try:
            drawn = chart_trend(years, value="value", subject=place.name, label=_per(unit))
            chart = Markup(charts_web.part(drawn.spec, "years"))  # noqa: S704 (escaped there)
        except BoltonJsnaError:
            chart = ""  # the table has the figures
    return Part(
        "Over the years",
        f"{fact.title} in {place.name}, {unit_words(unit)}",
        ["Period", place.name, "95% interval", *others],
        rows,
        "years",
        chart,
    )


def _neighbours(place: Area, fact: Indicator, near: pd.DataFrame) -> Part:
    """Return the area among its statistical neighbours, the highest first."""
    from markupsafe import Markup

    from bolton_jsna.charts.neighbours import chart_neighbours

    unit = "per 10,000"
    order = near.assign(_at=near["rate"].astype(float)).sort_values(
        ["_at", "area_name"], ascending=[False, True], na_position="last"
    )
    rows = []
    for row in order.to_dict(orient="records"):
        shown = {"value": row["rate"], "status": row["status"]}
        cells = [_cell(shown, unit), between(row["lower"], row["upper"], unit) or "None"]
        rows.append({"name": row["area_name"], "cells": cells})
    chart: Any = ""
    try:
        drawn = chart_neighbours(near.drop(columns=["_at"], errors="ignore"), subject=place.name)
        chart = Markup(charts_web.part(drawn.spec, "neighbours"))  # noqa: S704 (escaped there)
    except BoltonJsnaError:
        chart = ""
    return Part(
        "Among statistical neighbours",
        f"{fact.title}, {fact.when(int(near['year'].iloc[0]))}, {unit_words(unit)}",
        ["Area", "Rate", "95% interval"],
        rows,
        "neighbours",
        chart,
        "Areas that the Department for Education finds similar.",
    )


def indicator_page(given: SiteFigures, name: str) -> Iterator[tuple[str, str]]:
    """Return the page of an indicator: all areas of the site, by name."""
    fact, folder = fact_of(name), f"indicators/{slug(name)}"
    panel = given.profile[given.profile["indicator"] == name].sort_values("area_name")
    unit = str(panel["unit"].iloc[0])
    codes = {each.code: each for each in given.places}
    rows = [
        {
            "name": row["area_name"],
            "link": f"../../{area_folder(codes[row['area_code']])}/{slug(name)}/index.html",
            "cells": [
                _cell(row, unit),
                between(row["lower"], row["upper"], unit) or "None",
                row["period"] or str(row["year"]),
                wording.whose(row["area_name"], row["against_england"]),
                rank_text(row) or "None",
                wording.TRENDS[row["trend"]],
            ],
        }
        for row in panel.to_dict(orient="records")
        if row["area_code"] in codes
    ]
    sources = attributions(given, panel)
    yield (
        f"{folder}/index.html",
        page(
            given,
            "figure.html",
            fact.title,
            depth=2,
            crumbs=[("Home", "index.html")],
            sources=sources,
            definition=fact.definition,
            sentences=[],
            cautions=[],
            parts=[
                Part(
                    "Areas",
                    f"{fact.title}, {unit_words(unit)}",
                    [
                        *("Area", "Figure", "95% interval", "Period", "Compared with England"),
                        *("Rank among neighbours", "Trend"),
                    ],
                    rows,
                    "areas",
                    numbers=2,
                )
            ],
            note=fact.note,
            links=[],
        ),
    )
    key = ("area_code", "indicator")
    yield from table_files(f"{folder}/areas.csv", panel, title=fact.title, sources=sources, key=key)


def unit_words(unit: str) -> str:
    """Return a unit as a caption has it.

    Examples
    --------
    >>> unit_words("per 10,000"), unit_words("%")
    ('per 10,000 children', 'per cent')
    """
    return {"per 10,000": "per 10,000 children", "%": "per cent"}.get(unit, unit)


def _per(unit: str) -> str:
    return unit_words(unit).capitalize()
