"""Queries to a feature service of ArcGIS; incomplete answers are rejected."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from bolton_jsna.core.errors import SourceError, short, some
from bolton_jsna.services._arcgis_layers import PortalLayer, find
from bolton_jsna.services.http import Session
from bolton_jsna.services.responses import Reply

_log = logging.getLogger(__name__)

SERVICE: Final = "arcgis"
_PLACES: Final = (0, 1, 2)  # where a service has its only layer
_DEFAULT_PAGE: Final = 1000
# Some servers and proxies reject longer addresses: those requests are sent as a form.
_LONGEST_ADDRESS: Final = 1800
_CODES_AT_ONCE: Final = 200

Feature = dict[str, Any]


class NoLayerError(SourceError):
    """The portal works, but has no such layer."""


@dataclass(frozen=True)
class PortalTable:
    """One layer or table of a service.

    Attributes
    ----------
    service : str
        The name of the service.
    place : int
        The number of the layer.
    fields : tuple of str
        Its fields as written by the service.
    object_id : str
        The field that numbers its rows.
    page : int
        Most rows of one answer.
    edited : str
        When its data were last changed (milliseconds since 1970); empty if it is not known.
    """

    service: str
    place: int
    fields: tuple[str, ...]
    object_id: str
    page: int
    edited: str

    @property
    def path(self) -> str:
        """Its path below the service's base."""
        return f"{self.service}/FeatureServer/{self.place}"

    @property
    def mark(self) -> str:
        """Its version as one word; empty if it is not known when it was changed."""
        return f"{self.service}/{self.place}@{self.edited}" if self.edited else ""

    def field(self, pattern: str) -> str | None:
        """Return the first field that fits a pattern; capitals do not matter."""
        return next((f for f in self.fields if re.fullmatch(pattern, f, re.IGNORECASE)), None)


def opened(session: Session, layer: PortalLayer) -> PortalTable:
    """Return the service that has a layer: one of the known names, else one from the list."""
    tried: list[str] = []
    code = f"{layer.field}CD"
    for listed in (False, True):
        for name in find(layer, services(session)) if listed else layer.names:
            if name in tried:
                continue
            tried.append(name)
            table = described(session, name)
            if table is not None and table.field(code):
                if name not in layer.names:
                    _log.info("%s is now in %s", layer.title, name)
                return table
    raise NoLayerError(
        f"The Open Geography Portal has no {layer.title}: tried {some(tried, 6)}, and no other "
        f"service in its list fits. Expected a layer with {code}. If the portal has it under "
        "another name, add that to the catalogue (ask: service)."
    )


def services(session: Session) -> tuple[str, ...]:
    """Return the names of every feature service of the portal."""
    answer = _asked(session, "", {"f": "json"})
    listed = answer.get("services") or []
    names = tuple(
        str(each["name"]).rpartition("/")[2]
        for each in listed
        if isinstance(each, dict) and each.get("name") and each.get("type") == "FeatureServer"
    )
    if not names:
        raise SourceError(
            "The Open Geography Portal's list of services is empty. Expected some hundreds; try "
            "again later."
        )
    return names


def described(session: Session, name: str) -> PortalTable | None:
    """Return the only layer of a service, at 0, 1 or 2; None if there is no such service."""
    for place in _PLACES:
        answer = _asked(
            session, f"{name}/FeatureServer/{place}", {"f": "json"}, accept=(404,), missing=True
        )
        if not answer:
            continue
        fields = [each for each in answer.get("fields") or [] if isinstance(each, dict)]
        named = tuple(str(each["name"]) for each in fields if each.get("name"))
        numbered = answer.get("objectIdField") or next(
            (each["name"] for each in fields if each.get("type") == "esriFieldTypeOID"), ""
        )
        if not named or not numbered:
            raise SourceError(
                f"Open Geography Portal: the description of {name}/{place} has no fields or no "
                f"object id. It has {some(answer, 8)}. Try again later."
            )
        edited = (answer.get("editingInfo") or {}).get("dataLastEditDate")
        return PortalTable(
            service=name,
            place=place,
            fields=named,
            object_id=str(numbered),
            page=int(answer.get("maxRecordCount") or _DEFAULT_PAGE),
            edited=str(edited or ""),
        )
    return None


def conditions(field: str, codes: Iterable[str]) -> list[str]:
    """Return the ``where`` clauses that ask for codes, a few hundred at a time."""
    wanted = sorted(set(codes))
    return [
        f"{field} IN ({','.join(_quoted(code) for code in wanted[start : start + _CODES_AT_ONCE])})"
        for start in range(0, len(wanted), _CODES_AT_ONCE)
    ]


def rows(
    session: Session,
    table: PortalTable,
    where: str,
    *,
    fields: Sequence[str],
    crs: int | None = None,
) -> list[Feature]:
    """Return every row that fits a clause; their number must be the one that the service counts."""
    asked = {
        "where": where,
        "outFields": ",".join(dict.fromkeys([*fields, table.object_id])),
        "returnGeometry": "false" if crs is None else "true",
        "outSR": crs,
        "orderByFields": table.object_id,
        "resultRecordCount": table.page,
        "f": "json" if crs is None else "geojson",
    }
    for _ in range(2):  # a layer may be edited between two pages: once more from the start
        promised = count(session, table, where)
        found, trouble = _pages(session, table, asked, promised)
        if not trouble:
            return found
        _log.info("Open Geography Portal: %s: %s; asked again", table.service, trouble)
    raise SourceError(
        f"Open Geography Portal: {table.service}: {trouble}. Expected {promised:,} "
        "rows, each once. The answer was not stored. Try again later."
    )


def _pages(
    session: Session, table: PortalTable, asked: dict[str, Any], promised: int
) -> tuple[list[Feature], str]:
    """Return the rows of all pages of a query, or what is wrong with them."""
    found: dict[Any, Feature] = {}
    shapes = asked["f"] == "geojson"
    while True:
        answer = _asked(session, f"{table.path}/query", {**asked, "resultOffset": len(found)})
        page = answer.get("features")
        if not isinstance(page, list):
            return [], f"an answer has no features but {some(answer, 6)}"
        for each in page:
            feature = _feature(each, shapes=shapes)
            if feature is None:
                return [], "a feature has no attributes"
            number = feature["properties"].pop(table.object_id, each.get("id"))
            if number is None or number in found:
                row = f"the row {table.object_id}={number} was sent twice"
                return [], row if number is not None else f"a row has no {table.object_id}"
            found[number] = feature
        more = answer.get("exceededTransferLimit") or (answer.get("properties") or {}).get(
            "exceededTransferLimit"
        )
        if len(found) > promised:
            return [], f"it sent {len(found):,} rows"
        if len(found) == promised and not more:
            return [found[number] for number in sorted(found)], ""
        if not page:
            return [], f"it sent only {len(found):,} rows"


def _feature(row: Any, *, shapes: bool) -> Feature | None:
    given = row.get("properties" if shapes else "attributes") if isinstance(row, dict) else None
    if not isinstance(given, dict):
        return None
    # A missing name in Welsh is a single space.
    facts = {k: v.strip() if isinstance(v, str) else v for k, v in given.items()}
    return {"properties": facts, "geometry": row.get("geometry")}


def count(session: Session, table: PortalTable, where: str) -> int:
    """Return how many rows fit a clause, as the service counts them."""
    answer = _asked(
        session,
        f"{table.path}/query",
        {"where": where, "returnCountOnly": "true", "f": "json"},
    )
    counted = answer.get("count")
    if not isinstance(counted, int) or isinstance(counted, bool):
        raise SourceError(
            f"Open Geography Portal: the answer of {table.service} has no number of rows for "
            f"{where[:100]!r}. It has {some(answer, 6)}. Try again later."
        )
    return counted


def _asked(
    session: Session,
    path: str,
    params: dict[str, Any],
    *,
    accept: Sequence[int] = (),
    missing: bool = False,
) -> dict[str, Any]:
    """Return a JSON answer; raise errors sent with status 200; a missing layer is an empty dict."""
    given = {name: value for name, value in params.items() if value is not None}
    if len(path) + len(urlencode(given)) > _LONGEST_ADDRESS:
        reply = session.post(SERVICE, path, data=given, again=_passing)
    else:
        reply = session.get(SERVICE, path, params=given, accept=accept, again=_passing)
    if missing and reply.status == 404:
        return {}
    answer = reply.json()
    if not isinstance(answer, dict):
        raise SourceError(
            f"{reply.url} answered with a JSON {type(answer).__name__}. Expected an object."
        )
    error = answer.get("error")
    if error is None:
        return answer
    facts = error if isinstance(error, dict) else {"message": str(error)}
    if missing and facts.get("code") in {400, 404}:
        return {}
    details = some(filter(None, facts.get("details") or ()))
    said = short(facts.get("message") or "no message", 200)
    raise SourceError(
        f"Open Geography Portal answered {reply.status} with an error "
        f"{facts.get('code', '')} for {path}: {said} ({details}). A field or a service may have "
        "been renamed. The answer was not stored."
    )


def _passing(reply: Reply) -> str:
    """Return why a request is tried again: the service is busy, although the status is 200."""
    found = re.match(rb'\s*\{\s*"error"\s*:\s*\{[^}]*?"code"\s*:\s*(\d+)', reply.content[:2000])
    code = int(found[1]) if found else 0
    return f"error {code} with status 200" if code == 429 or code >= 500 else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
