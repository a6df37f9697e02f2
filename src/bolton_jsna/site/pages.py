"""The pages of a site, each as text by its address; the same figures give the same text."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.catalogue.indicators import Indicator, dictionary
from bolton_jsna.charts import _web as charts_web
from bolton_jsna.core import wording
from bolton_jsna.core.areas import ENGLAND, Area
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.core.naming import name_key
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.core.states import MEANINGS
from bolton_jsna.core.version import __version__
from bolton_jsna.measures.indicator_limits import with_limits
from bolton_jsna.measures.panel import between, panel_notes, rank_text
from bolton_jsna.sentences import profile_words
from bolton_jsna.sentences.describe import describe
from bolton_jsna.site import _csvw, profile_page

if TYPE_CHECKING:
    import pandas as pd

_Subjects = Mapping[str, Sequence[str]]
"""The names of indicators by subject."""
_IN_SHORT: Final = ("figure", "usual", "trend")
"""The sentences of an indicator that are main points of an area."""
_MAIN: Final = ("referrals", "cpp_started", "cpp_at_31_march", "cin_at_31_march", "cla_at_31_march")
"""The indicators that the main points of an area are about, if it has figures of them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteFigures:
    """What a site is made from: national tables of published figures.

    Attributes
    ----------
    title : str
    places : sequence of Area
        The authorities that have pages.
    profile, indicators, neighbours, sources : DataFrame
        The national tables ``profile``, ``indicators``, ``neighbour_comparison`` and ``sources``.
    documents : mapping of str to sequence of (str, str)
        For the code of an authority the names and addresses of files next to its page.
    """

    title: str
    places: Sequence[Area]
    profile: pd.DataFrame
    indicators: pd.DataFrame
    neighbours: pd.DataFrame
    sources: pd.DataFrame
    documents: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Part:
    """A section of a page of figures: a chart if there is one, and the table behind it.

    The first ``numbers`` columns after that of names are numbers; the rest is text.
    """

    title: str
    caption: str
    heads: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    file: str
    chart: Any = ""
    subtitle: str = ""
    numbers: int = 99


def area_folder(place: Area) -> str:
    """Return the folder of the pages of an area, which stays when its figures change.

    Examples
    --------
    >>> from bolton_jsna.core.areas import area
    >>> area_folder(area("Bristol"))
    'areas/e06000023-bristol-city-of'
    """
    return f"areas/{place.code.lower()}-{name_key(place.name).replace(' ', '-')}"


def site_pages(given: SiteFigures) -> Iterator[tuple[str, str]]:
    """Return each file of a site by its address: pages, tables, style and scripts."""
    subjects = _subjects(given)
    yield from _assets(given, subjects)
    yield "index.html", _page(given, "home.html", given.title, areas=_areas(given),
                              subjects=_listed(subjects))  # fmt: skip
    yield "about/index.html", _about(given)
    for place in given.places:
        panel = given.profile[given.profile["area_code"] == place.code].reset_index(drop=True)
        if len(panel):
            yield from _area(given, place, panel)
    for listed in subjects.values():
        for name in listed:
            yield from _indicator(given, name)


def _subjects(given: SiteFigures) -> _Subjects:
    """Return the indicators of which an area of the site has a figure, by subject."""
    found: dict[str, list[str]] = {}
    shown = given.profile.drop_duplicates("indicator")
    for subject, name in zip(shown["subject"], shown["indicator"], strict=True):
        found.setdefault(str(subject), []).append(str(name))
    return found


def _listed(subjects: _Subjects) -> list[tuple[str, list[dict[str, str]]]]:
    """Return the indicators with their pages, by subject."""
    return [(subject, [_linked(each) for each in names]) for subject, names in subjects.items()]


def _linked(name: str) -> dict[str, str]:
    return {"title": _fact(name).title, "address": f"indicators/{_slug(name)}/index.html"}


def _areas(given: SiteFigures) -> list[dict[str, str]]:
    return [
        {"name": each.name, "address": f"{area_folder(each)}/index.html"}
        for each in sorted(given.places, key=lambda each: each.name)
    ]


def _slug(name: str) -> str:
    return name.replace("_", "-")


def _fact(name: str) -> Indicator:
    return dictionary()[name]


def _assets(given: SiteFigures, subjects: _Subjects) -> Iterator[tuple[str, str]]:
    """Return the style and the scripts, among them the index of the search."""
    index = [[each["name"], each["address"]] for each in _areas(given)]
    shown = [each for _, part in _listed(subjects) for each in part]
    index += [[each["title"], each["address"]] for each in shown]
    for place in given.places:
        own = given.profile.loc[given.profile["area_code"] == place.code, "indicator"]
        index += [
            [f"{place.name}: {_fact(each).title}", f"{area_folder(place)}/{_slug(each)}/index.html"]
            for each in own
        ]
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    yield "assets/index.js", f"window.siteIndex={text};\n"
    for name in ("site.css", "search.js"):
        yield f"assets/{name}", _file(f"assets/{name}")
    yield "assets/profile.css", profile_page.part_style()
    yield "assets/chart.css", charts_web.part_style()
    yield "assets/chart.js", charts_web.part_script()


def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@functools.cache
def _templates() -> Any:
    from jinja2 import DictLoader, Environment, StrictUndefined

    names = ("base.html", "home.html", "area.html", "figure.html", "about.html")
    loader = DictLoader({name: _file(f"templates/{name}") for name in names})
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


def _page(
    given: SiteFigures,
    template: str,
    title: str,
    *,
    depth: int = 0,
    crumbs: Sequence[tuple[str, str]] = (),
    sources: Sequence[str] = (),
    **values: Any,
) -> str:
    text: str = (
        _templates()
        .get_template(template)
        .render(
            title=title,
            site=given.title,
            up="../" * depth,
            crumbs=crumbs,
            sources=sources,
            version=__version__,
            dated=_dated(given),
            **values,
        )
    )
    return text + "\n"


def _dated(given: SiteFigures) -> str:
    """Return the newest release that the figures are from, as a year."""
    years = re.findall(r"@(\d{4})", " ".join(given.sources["source"].astype(str)))
    return max(years, default="")


def _attributions(given: SiteFigures, *tables: pd.DataFrame) -> list[str]:
    """Return the licence lines of the sources of some rows, each once."""
    used = {
        part
        for table in tables
        for each in table["source"].dropna().unique()
        for part in str(each).split(SEPARATOR)
    }
    rows = given.sources[given.sources["source"].isin(used)]
    return list(
        dict.fromkeys(
            f"{each.title} ({each.publisher}): {each.vintage or each.edition}. {each.attribution}"
            for each in rows.itertuples()
        )
    )


def _about(given: SiteFigures) -> str:
    return _page(
        given,
        "about.html",
        "About the figures",
        depth=1,
        crumbs=[("Home", "index.html")],
        sources=_attributions(given, given.profile),
        meanings=[*profile_words.MEANINGS],
        states=[(name.replace("_", " ").capitalize(), text) for name, text in MEANINGS.items()],
    )


def _area(given: SiteFigures, place: Area, panel: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Return the page of an area with its table, and the pages of its indicators."""
    from markupsafe import Markup

    folder = area_folder(place)
    sources = _attributions(given, panel)
    first, cautions = _main_points(panel)
    yield (
        f"{folder}/index.html",
        _page(
            given,
            "area.html",
            place.name,
            depth=2,
            crumbs=[("Home", "index.html")],
            sources=sources,
            lead=f"{len(panel)} indicators, each in its latest year, compared with England, "
            f"{wording.with_article(place.region)} and statistical neighbours.",
            sentences=first,
            cautions=cautions,
            indicators=[
                {"title": _fact(each).title, "local": f"{_slug(each)}/index.html"}
                for each in panel["indicator"]
            ],
            files=list(given.documents.get(place.code, ())),
            table=Markup(profile_page.profile_table(panel)),  # noqa: S704 (escaped where it is made)
            meanings=[*profile_words.MEANINGS, *panel_notes(panel)],
        ),
    )
    title = f"{place.name}: profile"
    key = ("area_code", "indicator")
    yield from _table(f"{folder}/profile.csv", panel, title=title, sources=sources, key=key)
    for row in panel.to_dict(orient="records"):
        yield from _area_indicator(given, place, row)


def _main_points(panel: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return what may be said of the main indicators, and the cautions that go with it."""
    points, cautions = [], dict[str, None]()
    for name in _MAIN:
        rows = panel[panel["indicator"] == name]
        if rows.empty:
            continue
        found = describe(rows).sentences
        points.append(" ".join(each.text for each in found if each.kind in _IN_SHORT))
        cautions |= {each.text: None for each in found if each.kind == "caution"}
    return [each for each in points if each], list(cautions)


def _table(
    path: str, table: pd.DataFrame, *, title: str, sources: Sequence[str], key: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Return a table as CSV and its description."""
    yield path, _csvw.as_csv(table)
    yield (
        f"{path}-metadata.json",
        _csvw.metadata(table, file=path.rpartition("/")[2], title=title, sources=sources, key=key),
    )


def _area_indicator(
    given: SiteFigures, place: Area, row: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Return the page of one indicator of an area: its years, and its neighbours."""
    name = str(row["indicator"])
    fact, folder = _fact(name), f"{area_folder(place)}/{_slug(name)}"
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
    sources = _attributions(given, years, near)
    panel = given.profile
    one = panel[(panel["area_code"] == place.code) & (panel["indicator"] == name)]
    found = describe(one).sentences
    yield (
        f"{folder}/index.html",
        _page(
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
            links=[(f"{fact.title} in all areas", f"../../../indicators/{_slug(name)}/index.html")],
        ),
    )
    title = f"{fact.title}: {place.name}"
    facts: dict[str, Any] = {"sources": sources, "key": ("area_code", "year")}
    yield from _table(f"{folder}/years.csv", years, title=f"{title}, by year", **facts)
    if len(near):
        listed = near.rename(columns={"rate": "value"})
        yield from _table(f"{folder}/neighbours.csv", listed, title=f"{title}, neighbours", **facts)


def _cell(row: Mapping[str, Any], unit: str) -> str:
    return wording.stated(float("nan") if row["value"] != row["value"] else row["value"], unit,
                          str(row["status"]))  # fmt: skip


def _years(place: Area, fact: Indicator, years: pd.DataFrame) -> _Part:
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
    return _Part(
        "Over the years",
        f"{fact.title} in {place.name}, {unit_words(unit)}",
        ["Period", place.name, "95% interval", *others],
        rows,
        "years",
        chart,
    )


def _neighbours(place: Area, fact: Indicator, near: pd.DataFrame) -> _Part:
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
    return _Part(
        "Among statistical neighbours",
        f"{fact.title}, {fact.when(int(near['year'].iloc[0]))}, {unit_words(unit)}",
        ["Area", "Rate", "95% interval"],
        rows,
        "neighbours",
        chart,
        "Areas that the Department for Education finds similar.",
    )


def _indicator(given: SiteFigures, name: str) -> Iterator[tuple[str, str]]:
    """Return the page of an indicator: all areas of the site, by name."""
    fact, folder = _fact(name), f"indicators/{_slug(name)}"
    panel = given.profile[given.profile["indicator"] == name].sort_values("area_name")
    unit = str(panel["unit"].iloc[0])
    codes = {each.code: each for each in given.places}
    rows = [
        {
            "name": row["area_name"],
            "link": f"../../{area_folder(codes[row['area_code']])}/{_slug(name)}/index.html",
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
    sources = _attributions(given, panel)
    yield (
        f"{folder}/index.html",
        _page(
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
                _Part(
                    "Areas",
                    f"{fact.title}, {unit_words(unit)}",
                    [
                        *("Area", "Figure", "95% interval", "Period", "Compared with England"),
                        *("Rank among neighbours", "Trend"),
                    ],
                    rows,
                    "areas",
                )
            ],
            note=fact.note,
            links=[],
        ),
    )
    key = ("area_code", "indicator")
    yield from _table(f"{folder}/areas.csv", panel, title=fact.title, sources=sources, key=key)


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
