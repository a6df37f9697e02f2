"""Rows of the public data API of Explore education statistics, asked for page by page."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bolton_jsna.core.errors import SourceError, did_you_mean, some
from bolton_jsna.services.http import Session
from bolton_jsna.services.responses import Reply, StatusError

SERVICE: Final = "ees_api"
_PAGE: Final = 10_000
_PERIODS: Final = {
    "RY": "Reporting year",
    "AY": "Academic year",
    "FY": "Financial year",
    "CY": "Calendar year",
}
_LEVELS: Final = {"NAT": "National", "REG": "Regional", "LA": "Local authority"}
_PLACES: Final = {
    "NAT": ("country_code", "country_name"),
    "REG": ("region_code", "region_name"),
    "LA": ("new_la_code", "la_name"),
}


@dataclass(frozen=True)
class Meta:
    """What a data set is made of: ids by column for indicators and filters, places by id."""

    indicators: Mapping[str, str]
    filters: Mapping[str, tuple[str, Mapping[str, str]]]
    places: Mapping[str, Mapping[str, Mapping[str, Any]]]

    @property
    def levels(self) -> tuple[str, ...]:
        """The codes of the levels that have places."""
        return tuple(self.places)


def version(session: Session, data_set: str) -> str:
    """Return the latest version of a data set, such as ``2.1``."""
    answer = _answered(session.get(SERVICE, f"data-sets/{data_set}", accept=(404,)), data_set)
    latest = answer.get("latestVersion")
    number = latest.get("version") if isinstance(latest, Mapping) else None
    if not number:
        follower = answer.get("supersedingDataSetId")
        raise SourceError(
            f"Explore education statistics: the data set {data_set} is "
            f"{answer.get('status') or 'without a version'}"
            f"{f'; {follower} follows it' if follower else ''}. Correct the catalogue."
        )
    return str(number)


def meta(session: Session, data_set: str) -> Meta:
    """Return the indicators, filters and places of a data set."""
    answer = _answered(session.get(SERVICE, f"data-sets/{data_set}/meta", accept=(404,)), data_set)
    try:
        return Meta(
            indicators={each["column"]: each["id"] for each in answer["indicators"]},
            filters={
                each["column"]: (each["id"], {o["id"]: o["label"] for o in each["options"]})
                for each in answer["filters"]
            },
            places={
                each["level"]["code"]: {o["id"]: o for o in each["options"]}
                for each in answer["locations"]
            },
        )
    except (KeyError, TypeError) as error:
        raise SourceError(
            f"Explore education statistics: the data set {data_set} does not describe itself: "
            f"{error} is missing. It has "
            f"{some(answer, 8)}. The API may have changed; report it."
        ) from error


def rows(
    session: Session,
    data_set: str,
    criteria: Mapping[str, Any] | None,
    *,
    indicators: Sequence[str],
    sorts: Sequence[Mapping[str, str]] = (),
    page_size: int = _PAGE,
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Return every row of a query, and its warnings."""
    body: dict[str, Any] = {
        "criteria": dict(criteria) if criteria else None,
        "indicators": list(indicators),
        "sorts": list(sorts),
        "pageSize": page_size,
        "debug": False,
    }
    body = {name: value for name, value in body.items() if value is not None and value != []}
    trouble = ""
    for _ in range(3):
        try:
            found, warnings, trouble = _pages(session, data_set, body)
        except StatusError as error:
            if "SortFieldsNotFound" not in str(error) or not body.pop("sorts", None):
                raise
            # Every row is still counted and looked at for repeats.
            trouble = "could not be put in order"
            continue
        if not trouble:
            return found, warnings
    raise SourceError(
        f"Explore education statistics: the query of {data_set} {trouble}. Expected each row "
        f"once. What came is not stored; "
        "try again later."
    )


def table(
    session: Session, data_set: str, query: Mapping[str, Any], target: Path
) -> tuple[int, tuple[str, ...]]:
    """Write a query's rows in the shape of the CSVs of Explore education statistics."""
    facts = meta(session, data_set)
    columns = [str(each) for each in query.get("indicators") or facts.indicators]
    for each in columns:
        if each not in facts.indicators:
            raise SourceError(
                f"Explore education statistics: the data set {data_set} has no indicator {each!r}."
                f"{did_you_mean(each, facts.indicators)} It has {some(facts.indicators, 12)}."
            )
    sorts = [{"field": "timePeriod", "direction": "Desc"}]
    sorts += [{"field": f"location|{level}", "direction": "Asc"} for level in facts.levels]
    sorts += [{"field": f"filter|{key}", "direction": "Asc"} for key, _ in facts.filters.values()]
    found, warnings = rows(
        session,
        data_set,
        _criteria(query),
        indicators=[facts.indicators[each] for each in columns],
        sorts=sorts,
    )
    lines = [_line(row, facts, columns) for row in found]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(k for line in lines for k in line)))
        writer.writeheader()
        writer.writerows(lines)
    return len(lines), warnings


def _criteria(query: Mapping[str, Any]) -> dict[str, Any] | None:
    parts: list[dict[str, Any]] = []
    if query.get("levels"):
        parts.append({"geographicLevels": {"in": list(query["levels"])}})
    if query.get("places"):
        places = [str(each).split("|") for each in query["places"]]
        parts.append({"locations": {"in": [{"level": a, b: c} for a, b, c in places]}})
    if query.get("periods"):
        periods = [str(each).split("|") for each in query["periods"]]
        parts.append({"timePeriods": {"in": [{"period": a, "code": b} for a, b in periods]}})
    return {"and": parts} if parts else None


def _line(row: Mapping[str, Any], facts: Meta, columns: Iterable[str]) -> dict[str, str]:
    period, level = row.get("timePeriod") or {}, str(row.get("geographicLevel", ""))
    code = str(period.get("code", ""))
    line = {
        # An academic year "2023/2024" is printed 202324.
        "time_period": "".join(
            part if n == 0 else part[-2:]
            for n, part in enumerate(str(period.get("period", "")).split("/"))
        ),
        "time_identifier": _PERIODS.get(code, code),
        "geographic_level": _LEVELS.get(level, level),
    }
    line |= dict.fromkeys((name for pair in _PLACES.values() for name in pair), "")
    line["old_la_code"] = ""
    for each, key in (row.get("locations") or {}).items():
        place = facts.places.get(each, {}).get(key, {})
        for column, fact in zip(_PLACES.get(each, ()), ("code", "label"), strict=False):
            line[column] = str(place.get(fact) or "")
        if each == "LA":
            line["old_la_code"] = str(place.get("oldCode") or "")
    chosen = row.get("filters") or {}
    for column, (key, options) in facts.filters.items():
        line[column] = options.get(chosen.get(key, ""), "")
    values = row.get("values") or {}
    return line | {each: str(values.get(facts.indicators[each], "")) for each in columns}


def _pages(
    session: Session, data_set: str, body: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], tuple[str, ...], str]:
    """Return rows, warnings, and what is wrong with the rows, or nothing."""
    found: dict[str, dict[str, Any]] = {}
    warnings: dict[str, None] = {}
    page = 1
    while True:
        reply = session.post(
            SERVICE, f"data-sets/{data_set}/query", json={**body, "page": page}, accept=(400, 404)
        )
        answer = _answered(reply, data_set)
        listed, paging = answer.get("results"), answer.get("paging") or {}
        total = paging.get("totalResults")
        if not isinstance(listed, list) or not isinstance(total, int):
            return [], (), f"answered without results or paging ({some(answer, 6)})"
        warnings |= dict.fromkeys(_said(answer.get("warnings")))
        if total == 0:
            raise SourceError(
                f"Explore education statistics: the query of {data_set} matched no rows. The API "
                f"says (under status 200): "
                f"{' '.join(warnings) or 'nothing'} Check the places and years in the catalogue."
            )
        for row in listed:
            key = json.dumps({k: v for k, v in row.items() if k != "values"}, sort_keys=True)
            if key in found:
                return [], (), f"gave a row twice ({key[:200]})"
            found[key] = row
        if len(found) == total:
            return list(found.values()), tuple(warnings), ""
        if not listed or len(found) > total:
            return [], (), f"gave {len(found):,} of {total:,} rows"
        page += 1


def _answered(reply: Reply, data_set: str) -> dict[str, Any]:
    answer = reply.json()
    if not isinstance(answer, dict):
        raise SourceError(f"{reply.url} answered with a JSON {type(answer).__name__}.")
    if reply.status == 404:
        raise StatusError(
            f"Explore education statistics: the public data API has no data set {data_set} (404).",
            404,
        )
    if reply.status == 400:
        errors = " ".join(_said(answer.get("errors"))) or answer.get("title")
        raise StatusError(
            f"Explore education statistics: the public data API refused the query of {data_set} "
            f"(400): {errors} Correct "
            "the catalogue.",
            400,
        )
    return answer


def _said(messages: Any) -> list[str]:
    """Return errors or warnings as sentences: code, message, and what they are about."""
    said = []
    for each in messages if isinstance(messages, list) else ():
        if isinstance(each, dict) and each.get("code") != "DebugEnabled":
            items = (each.get("detail") or {}).get("items") or []
            about = f" ({some(items)})" if items else ""
            said.append(f"{each.get('code')}: {each.get('message')}{about}")
    return said
