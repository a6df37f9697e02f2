"""The pages of a site, each as text by its address; the same figures give the same text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bolton_jsna.charts import _web as charts_web
from bolton_jsna.core import wording
from bolton_jsna.core.areas import Area
from bolton_jsna.core.states import MEANINGS
from bolton_jsna.measures.panel import panel_notes
from bolton_jsna.sentences import profile_words
from bolton_jsna.sentences.describe import describe
from bolton_jsna.site import profile_page
from bolton_jsna.site._figure_pages import area_indicator, indicator_page
from bolton_jsna.site.frame import (
    SiteFigures,
    area_folder,
    attributions,
    fact_of,
    file_text,
    page,
    slug,
    table_files,
)

if TYPE_CHECKING:
    import pandas as pd

_Subjects = Mapping[str, Sequence[str]]
"""The names of indicators by subject."""
_IN_SHORT: Final = ("figure", "usual", "trend")
"""The sentences of an indicator that are main points of an area."""
_PAGE: Final = "index.html"
_MAIN: Final = ("referrals", "cpp_started", "cpp_at_31_march", "cin_at_31_march", "cla_at_31_march")
"""The indicators that the main points of an area are about, if it has figures of them."""


def site_pages(given: SiteFigures) -> Iterator[tuple[str, str]]:
    """Return each file of a site by its address: pages, tables, style and scripts."""
    subjects = _subjects(given)
    yield from _assets(given, subjects)
    yield "index.html", page(given, "home.html", given.title, areas=_areas(given),
                              subjects=_listed(subjects))  # fmt: skip
    yield "about/index.html", _about(given)
    for place in given.places:
        panel = given.profile[given.profile["area_code"] == place.code].reset_index(drop=True)
        if len(panel):
            yield from _area(given, place, panel)
    for listed in subjects.values():
        for name in listed:
            yield from indicator_page(given, name)


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
    return {"title": fact_of(name).title, "address": f"indicators/{slug(name)}/index.html"}


def _areas(given: SiteFigures) -> list[dict[str, str]]:
    return [
        {"name": each.name, "address": f"{area_folder(each)}/index.html"}
        for each in sorted(given.places, key=lambda each: each.name)
    ]


def _assets(given: SiteFigures, subjects: _Subjects) -> Iterator[tuple[str, str]]:
    """Return the style and the scripts, among them the index of the search."""
    index = [[each["name"], each["address"]] for each in _areas(given)]
    shown = [each for _, part in _listed(subjects) for each in part]
    index += [[each["title"], each["address"]] for each in shown]
    for place in given.places:
        own = given.profile.loc[given.profile["area_code"] == place.code, "indicator"]
        index += [
            [
                f"{place.name}: {fact_of(each).title}",
                f"{area_folder(place)}/{slug(each)}/index.html",
            ]
            for each in own
        ]
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    yield "assets/index.js", f"window.siteIndex={text};\n"
    for name in ("site.css", "search.js"):
        yield f"assets/{name}", file_text(f"assets/{name}")
    yield "assets/profile.css", profile_page.part_style()
    yield "assets/chart.css", charts_web.part_style()
    yield "assets/chart.js", charts_web.part_script()


def _about(given: SiteFigures) -> str:
    return page(
        given,
        "about.html",
        "About the figures",
        depth=1,
        crumbs=[("Home", "index.html")],
        sources=attributions(given, given.profile),
        meanings=[*profile_words.MEANINGS],
        states=[(name.replace("_", " ").capitalize(), text) for name, text in MEANINGS.items()],
    )


def _area(given: SiteFigures, place: Area, panel: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Return the page of an area with its table, and the pages of its indicators."""
    from markupsafe import Markup

    folder = area_folder(place)
    sources = attributions(given, panel)
    first, cautions = _main_points(panel)
    yield (
        f"{folder}/index.html",
        page(
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
                {"title": fact_of(each).title, "local": f"{slug(each)}/index.html"}
                for each in panel["indicator"]
            ],
            files=list(given.documents.get(place.code, ())),
            table=Markup(profile_page.profile_table(panel)),  # noqa: S704 (escaped where it is made)
            meanings=[*profile_words.MEANINGS, *panel_notes(panel)],
        ),
    )
    title = f"{place.name}: profile"
    key = ("area_code", "indicator")
    yield from table_files(f"{folder}/profile.csv", panel, title=title, sources=sources, key=key)
    for row in panel.to_dict(orient="records"):
        yield from area_indicator(given, place, row)


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
