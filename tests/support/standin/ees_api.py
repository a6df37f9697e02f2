"""The public data API of Explore education statistics, over the rows of the released CSVs."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from typing import Any

from standin.server import Answer, Request

_LEVEL = {"National": "NAT", "Regional": "REG", "Local authority": "LA"}
_CODE = {"NAT": "country_code", "REG": "region_code", "LA": "new_la_code"}
_NAME = {"NAT": "country_name", "REG": "region_name", "LA": "la_name"}
_HEAD = 11  # columns before the indicators, the category among them


def short(text: str) -> str:
    """An id of five characters, case-sensitive as the API's."""
    return hashlib.sha256(text.encode()).hexdigest()[:5].swapcase()


def _title(world: Any, request: Request) -> str | None:
    from standin import ees

    chosen = request.path.split("/")[3]
    known = {ees.identity("api", title): title for title in ees.FILES}
    return known.get(chosen) if world.options.get("ees_enabled") else None


def _rows(world: Any, title: str) -> list[dict[str, str]]:
    from standin import ees

    return ees.rows_of(world, title, world.release)


def _place(row: dict[str, str], level: str) -> str:
    return short(row[_CODE[level]] + row["old_la_code"] * (level == "LA"))


def _data_set(world: Any, request: Request) -> Answer:
    title = _title(world, request)
    if title is None:
        return _error(404, "Not Found")
    if world.fault("withdrawn", request.path):
        facts = {
            "status": "Withdrawn",
            "supersedingDataSetId": "another",
            "latestVersion": None,
        }
        return _json({"title": title, **facts})
    version = f"1.{world.revision('children_in_need')}"
    return _json({"title": title, "status": "Published", "latestVersion": {"version": version}})


def _meta(world: Any, request: Request) -> Answer:
    title = _title(world, request)
    if title is None:
        return _error(404, "Not Found")
    rows = _rows(world, title)
    options: dict[str, dict[str, dict[str, str]]] = {"NAT": {}, "REG": {}, "LA": {}}
    for row in rows:
        level = _LEVEL[row["geographic_level"]]
        place = {
            "id": _place(row, level),
            "label": row[_NAME[level]],
            "code": row[_CODE[level]],
            **({"oldCode": row["old_la_code"]} if level == "LA" else {}),
        }
        options[level][place["id"]] = place
    category = rows[0]["category"]
    return _json(
        {
            "filters": [
                {
                    "id": short("category"),
                    "column": "category",
                    "label": "Category",
                    "options": [{"id": short(category), "label": category}],
                }
            ],
            "indicators": [
                {"id": short(each), "column": each, "label": each} for each in list(rows[0])[_HEAD:]
            ],
            "geographicLevels": [{"code": c, "label": n} for n, c in _LEVEL.items()],
            "locations": [
                {"level": {"code": level, "label": level}, "options": list(places.values())}
                for level, places in options.items()
            ],
            "timePeriods": [],
        }
    )


def _query(world: Any, request: Request) -> Answer:
    title = _title(world, request)
    if title is None:
        return _error(404, "Not Found")
    asked = json.loads(request.body or b"{}")
    columns = {short(each): each for each in list(_rows(world, title)[0])[_HEAD:]}
    unknown = [each for each in asked.get("indicators", ()) if each not in columns]
    if unknown:
        return _error(400, "There are validation errors with the request.", unknown)
    if asked.get("sorts") and world.options.get("ees_unsorted"):
        return _error(400, "There are validation errors.", ["sorts"], code="SortFieldsNotFound")
    kept, warnings = _kept(_rows(world, title), asked.get("criteria") or {})
    if asked.get("sorts"):
        kept.sort(key=lambda row: row["la_name"])
        kept.sort(key=lambda row: row["time_period"], reverse=True)
    size = min(asked.get("pageSize", 1000), world.options.get("ees_page", 10_000))
    page = asked.get("page", 1)
    start = page - 1
    if page > 1 and world.fault("duplicate_page", request.path):
        start = 0
    if page > 1 and world.fault("missing_page", request.path):
        start = page
    if not kept:
        said = "The query did not match any results. You may need to refine your criteria."
        warnings.append({"code": "QueryNoResults", "message": said})
    paging = {"page": page, "pageSize": size, "totalResults": len(kept)}
    results = [_result(row, columns) for row in kept[start * size : (start + 1) * size]]
    paging["totalPages"] = -(-len(kept) // size)
    return _json({"paging": paging, "results": results, "warnings": warnings})


def routes(world: Any) -> list[tuple[str, re.Pattern[str], Any]]:
    one = r"/ees_api/data-sets/[\w-]+"
    return [
        ("GET", re.compile(one), functools.partial(_data_set, world)),
        ("GET", re.compile(f"{one}/meta"), functools.partial(_meta, world)),
        ("POST", re.compile(f"{one}/query"), functools.partial(_query, world)),
    ]


def _kept(
    rows: list[dict[str, str]], criteria: dict[str, Any]
) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """Rows of the criteria; what is unknown is a warning and matches nothing."""
    warnings: list[dict[str, Any]] = []
    for facet in criteria.get("and", [criteria] if criteria else []):
        if levels := facet.get("geographicLevels", {}).get("in"):
            rows = [row for row in rows if _LEVEL[row["geographic_level"]] in levels]
        if periods := facet.get("timePeriods", {}).get("in"):
            years = {each["period"] for each in periods if each["code"] == "RY"}
            if lost := [each for each in periods if each["period"] not in _years(rows)]:
                warnings.append(_lost("TimePeriodsNotFound", "time periods", lost))
            rows = [row for row in rows if row["time_period"] in years]
        if places := facet.get("locations", {}).get("in"):
            codes = {each["code"] for each in places}
            there = {row[_CODE[level]] for row in rows for level in _CODE}
            if lost := [each for each in places if each["code"] not in there]:
                warnings.append(_lost("LocationsNotFound", "locations", lost))
            rows = [row for row in rows if row[_CODE[_LEVEL[row["geographic_level"]]]] in codes]
    return list(rows), warnings


def _years(rows: list[dict[str, str]]) -> set[str]:
    return {row["time_period"] for row in rows}


def _lost(code: str, what: str, items: list[Any]) -> dict[str, Any]:
    message = f"One or more {what} could not be found."
    return {"code": code, "message": message, "path": "criteria", "detail": {"items": items}}


def _result(row: dict[str, str], columns: dict[str, str]) -> dict[str, Any]:
    level = _LEVEL[row["geographic_level"]]
    above = {"NAT": ("NAT",), "REG": ("NAT", "REG"), "LA": ("NAT", "REG", "LA")}[level]
    return {
        "timePeriod": {"code": "RY", "period": row["time_period"]},
        "geographicLevel": level,
        "locations": {each: _place(row, each) for each in above},
        "filters": {short("category"): short(row["category"])},
        "values": {key: row[name] for key, name in columns.items()},
    }


def _json(content: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(content).encode())


def _error(
    status: int,
    title: str,
    items: list[str] | None = None,
    code: str = "IndicatorsNotFound",
) -> Answer:
    content: dict[str, Any] = {"title": title, "status": status}
    if items:
        said = "One or more could not be found."
        content["errors"] = [{"code": code, "message": said, "detail": {"items": items}}]
    return _json(content, status)
