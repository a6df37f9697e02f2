"""Explore education statistics: content API, data catalogue links and public data API.

Options of the world: ``ees_enabled`` (the data sets are in the public data API), ``ees_page`` (most
rows of an answer of the API), ``ees_unsorted`` (the API refuses to sort). Faults: ``no_link`` (the
stable link answers 404), ``next_data`` (the content API gives no ``data-content``: it is in the
page alone), ``duplicate_page`` and ``missing_page`` (of a query), ``withdrawn`` (of a data set).
"""

from __future__ import annotations

import csv
import functools
import io
import json
import re
import uuid
from typing import Any

from bolton_jsna.core.areas import Area
from standin.server import Answer, Request

CIN = "characteristics-of-children-in-need"
CLA = "children-looked-after-in-england-including-adoptions"
FIRST = 2013
_HEAD = ["time_period", "time_identifier", "geographic_level", "country_code", "country_name"]
_HEAD += ["region_code", "region_name", "old_la_code", "new_la_code", "la_name"]
# Title, slug, category and, by heading, the figure or the share of the first figure.
FILES: dict[str, tuple[str, str, dict[str, str | float]]] = {
    "B1 Children in need and episodes of need by local authority": (
        "b1_children_in_need",
        "Children in Need",
        {"At31_episodes": "cin_at_31_march", "Started_episodes": 0.9, "awaiting_assessment": 0.04},
    ),
    "C1 Referrals and re-referrals to children's social care services by local authority": (
        "c1_children_in_need_referrals_and_rereferrals",
        "Referrals and Re-referrals",
        {"referral_count": "referrals", "rereferral_count": "re_referrals"},
    ),
    "D3 Child protection plans which were a second or subsequent plan by local authority": (
        "d3_cpps_subsequent_plan",
        "Child Protection Plans which are a second or subsequent plan",
        {"CPP_start": "cpp_started", "CPP_subsequent": 0.2},
    ),
    "D5 Child protection plans at 31 March by duration by local authority": (
        "d5_cpps_at31march_by_duration",
        "Child Protection Plans by length of time",
        {"CPP_At31": "cpp_at_31_march", "3_months_or_less": 0.3, "2_years_or_more": 0.02},
    ),
}
CLA_TITLE = "CLA - number and rate per 10k children"
_CLA_ROWS = {
    "Children looked after on 31 March each year": "looked_after",
    "Children starting to be looked after each year": "looked_after_started",
    "Children ceasing to be looked after each year": "looked_after_ceased",
}


def identity(*names: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, names))))


def data_set_file(title: str) -> str:
    """The id of a data set file, which survives amendments and releases."""
    return identity("data set", title)


def version_of(world: Any, slug: str, year: int) -> str:
    """The id of a release's version: another one after each amendment."""
    return identity("release", slug, year, world.revision(_dataset(slug)))


def _dataset(slug: str) -> str:
    return "children_in_need" if slug == CIN else "children_looked_after"


def titles(slug: str) -> tuple[str, ...]:
    return tuple(FILES) if slug == CIN else (CLA_TITLE,)


def _places(world: Any) -> list[tuple[str, Area | None]]:
    found: list[tuple[str, Area | None]] = [("National", None)]
    found += [("Regional", each) for each in world.regions]
    return found + [("Local authority", a) for a in (*world.authorities, *world.abolished)]


def _head(world: Any, year: int, level: str, place: Area | None) -> list[str]:
    cells = [str(year), "Reporting year", level, "E92000001", "England", "", "", "", "", ""]
    if place is not None:
        cells[5:7] = [place.region_code, place.region]
    if place is not None and level == "Local authority":
        # Releases of 2025 on print Barnsley's new code.
        code = world.district_code(place.code, world.release)
        cells[7:10] = [str(place.dfe_number), code, place.name]
    return cells


_made: dict[tuple[Any, ...], bytes] = {}


def _csv(world: Any, title: str, last: int) -> bytes:
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    if title == CLA_TITLE:
        # The name before the code, as the release has it, and a byte-order mark.
        head = [*_HEAD[:8], "la_name", "new_la_code"]
        figures = ["population_estimate", "children_count", "rate_per_10000"]
        lines.writerow([*head, "population_type", *figures])
    else:
        _, category, columns = FILES[title]
        lines.writerow([*_HEAD, "category", *columns])
    for year in range(last, FIRST - 1, -1):
        for level, place in _places(world):
            code = place.code if place else "E92000001"
            cells = _head(world, year, level, place)
            if title == CLA_TITLE:
                cells[8:10] = cells[9:7:-1]
                for name, indicator in _CLA_ROWS.items():
                    lines.writerow([*cells, name, *_rated(world, indicator, code, year)])
                continue
            values: list[str] = []
            for share in columns.values():
                shown = world.printed(share, code, year) if isinstance(share, str) else values[0]
                if not isinstance(share, str) and shown.isdigit():
                    shown = str(round(int(shown) * share))
                values.append(shown)
            lines.writerow([*cells, category, *values])
    return out.getvalue().encode("utf-8-sig" if title == CLA_TITLE else "utf-8")


def _rated(world: Any, indicator: str, code: str, year: int) -> list[str]:
    count = world.printed(indicator, code, year)
    if not count.isdigit():
        return [count, count, count]
    children = world.children(code, year - 1)
    return [str(children), count, str(round(int(count) * 10_000 / children))]


def rows_of(world: Any, title: str, year: int) -> list[dict[str, str]]:
    text = file(world, title, year).decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def file(world: Any, title: str, year: int) -> bytes:
    """The CSV of a data set in the release of a year."""
    key = (title, year, world.release, *sorted(world.revisions.items()))
    if key not in _made:
        _made[key] = _csv(world, title, year)
    return _made[key]


def _data_content(world: Any, slug: str, year: int) -> dict[str, Any]:
    listed = []
    for title in titles(slug):
        body = file(world, title, year)
        listed.append(
            {
                "dataSetFileId": data_set_file(title),
                "fileId": identity("file", title, year, world.revision(_dataset(slug))),
                "subjectId": identity("subject", title, year),
                "title": title,
                "summary": "<p>As the title says.</p>",
                "publicApiDataSetId": None,
                "isApiEnabled": False,
                "meta": {
                    "filters": [],
                    "geographicLevels": ["Local authority", "National", "Regional"],
                    "indicators": [],
                    "numDataFileRows": body.count(b"\r\n") - 1,
                    "timePeriodRange": {"start": str(FIRST), "end": str(year)},
                },
            }
        )
    return {
        "releaseId": identity("release", slug, year),
        "releaseVersionId": version_of(world, slug, year),
        "dataSets": listed,
        "featuredTables": [],
        "supportingFiles": [{"fileId": identity("pdf"), "filename": "c1_notes.pdf"}],
    }


def _publication(world: Any, request: Request) -> Answer:
    slug = request.path.rpartition("/")[2]
    if slug not in {CIN, CLA}:
        return _not_found()
    year = str(world.release)
    latest = {"id": identity("release", slug, year), "slug": year, "title": year}
    return _json({"id": identity(slug), "title": slug, "latestRelease": latest})


def _contents(world: Any, request: Request) -> Answer:
    _, _, _, slug, _, year, _ = request.path.split("/")
    if slug not in {CIN, CLA} or year not in {str(world.release), str(world.release - 1)}:
        return _not_found()
    if world.fault("next_data", request.path):
        return Answer(200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html></html>")
    return _json(_data_content(world, slug, int(year)))


def _guidance(world: Any, request: Request) -> Answer:
    _, _, _, slug, year, _ = request.path.split("/")
    props = {"dataContent": _data_content(world, slug, int(year)), "releaseVersionSummary": {}}
    data = json.dumps({"props": {"pageProps": props}})
    page = f'<html><script id="__NEXT_DATA__" type="application/json">{data}</script></html>'
    return Answer(200, {"Content-Type": "text/html"}, page.encode())


def _by_version(world: Any, request: Request) -> Answer:
    _, _, _, version, _, chosen = request.path.split("/")
    for slug in (CIN, CLA):
        for year in (world.release, world.release - 1):
            if version != version_of(world, slug, year):
                continue
            for each in _data_content(world, slug, year)["dataSets"]:
                if each["fileId"] == chosen:
                    return _body(world, slug, each["title"], year)
    return _not_found()


def _by_link(world: Any, request: Request) -> Answer:
    chosen = request.path.split("/")[-2]
    known = [(slug, title) for slug in (CIN, CLA) for title in titles(slug)]
    found = {data_set_file(title): (slug, title) for slug, title in known}
    if chosen not in found or world.fault("no_link", request.path):
        return Answer(404, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html>404</html>")
    return _body(world, *found[chosen], world.release)


def routes(world: Any) -> list[tuple[str, re.Pattern[str], Any]]:
    content, site, release = "/ees_content", "/ees_site", r"publications/[\w-]+/releases/\w+"
    handlers = {
        rf"{content}/publications/[\w-]+": _publication,
        f"{content}/{release}/data-content": _contents,
        rf"{content}/releases/[\w-]+/files/[\w-]+": _by_version,
        rf"{site}/find-statistics/[\w-]+/\w+/data-guidance": _guidance,
        rf"{site}/data-catalogue/data-set/[\w-]+/csv": _by_link,
    }
    return [
        ("GET", re.compile(pattern), functools.partial(handler, world))
        for pattern, handler in handlers.items()
    ]


def _body(world: Any, slug: str, title: str, year: int) -> Answer:
    body = file(world, title, year)
    marks = {"ETag": world.etag(body), "Last-Modified": world.last_modified(_dataset(slug))}
    return Answer(200, {"Content-Type": "text/csv; charset=utf-8", **marks}, body)


def _json(content: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(content).encode())


def _not_found() -> Answer:
    kind = "https://tools.ietf.org/html/rfc9110#section-15.5.5"
    return _json({"title": "Not Found", "type": kind, "status": 404}, 404)
