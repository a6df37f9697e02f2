"""Boundaries and lookups of the ONS Open Geography Portal (ArcGIS feature services)."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bolton_jsna.core.areas import Area, district_codes
from bolton_jsna.core.errors import SourceError, UsageError, some
from bolton_jsna.services import (
    Fetched,
    StoredCopy,
    Wanted,
    _arcgis_alternatives,
    _arcgis_layers,
    _arcgis_query,
    endpoints,
)
from bolton_jsna.services._arcgis_layers import PortalLayer
from bolton_jsna.services._arcgis_query import SERVICE, Feature, NoLayerError, PortalTable
from bolton_jsna.services._csv_file import write_csv
from bolton_jsna.services.http import Session
from bolton_jsna.services.redaction import shown

_DISTRICT: Final = r"(?:lad|ltla)\d\dcd"
_UPPER: Final = r"(?:ctyua|utla)\d\dcd"
_SHOWN_FIELDS: Final = r"[a-z]+\d\d(?:cd|nm)"
_BRITISH_GRID, _DEGREES = 27700, 4326


@dataclass(frozen=True)
class _Plan:
    """Where the rows are, and the lookup that finds those of an authority."""

    layer: PortalLayer
    table: PortalTable
    way: PortalTable | None
    area: Area | None
    crs: int | None


def fetch(
    wanted: Wanted, session: Session, folder: Path, known: StoredCopy | None = None
) -> Fetched:
    """Fetch boundaries as one GeoJSON, or a lookup as one CSV, of an area or of all areas."""
    # ONS Open Geography Portal, Open Government Licence v3.0. A county is found by its districts,
    # past and present.
    layer = _layer(wanted)
    try:
        table = _arcgis_query.opened(session, layer)
        way = _way(session, layer, table, wanted.area)
    except NoLayerError as error:
        raise SourceError(f"{error} {_instead(session, wanted)}") from error
    crs = int(wanted.ask.get("crs", _BRITISH_GRID)) if layer.shapes else None
    stamp = _stamp(table, way, wanted.area, crs)
    address = shown(endpoints.resolve(SERVICE, table.path))
    name = _name(wanted)
    if known is not None and stamp and known.stamp == stamp:
        return Fetched(path=None, name=name, address=address, stamp=stamp)
    found, notes = _rows(session, _Plan(layer, table, way, wanted.area, crs))
    passed: list[str] = []
    while not found and way is not None:
        # The codes of authorities change: the lookup of another year may fit the same layer.
        passed.append(way.service)
        try:
            other = _way(session, layer, table, wanted.area, passed)
        except SourceError:
            break
        found, notes = _rows(session, _Plan(layer, table, other, wanted.area, crs))
        way, stamp = other or way, _stamp(table, other, wanted.area, crs)
    if not found:
        absent = _arcgis_alternatives.absent(session, layer, table, way, wanted)
        raise SourceError(f"{absent} {_instead(session, wanted)}")
    path = folder / name
    if layer.shapes:
        notes += _write_shapes(path, found, crs or _BRITISH_GRID)
    else:
        _write_table(path, found)
    return Fetched(
        path=path, name=name, address=address, stamp=stamp, rows=len(found), notes=tuple(notes)
    )


def _instead(session: Session, wanted: Wanted) -> str:
    return _arcgis_alternatives.elsewhere(wanted, functools.partial(_has, session))


def _has(session: Session, wanted: Wanted) -> bool:
    """Report whether the portal has rows for a request."""
    layer = _layer(wanted)
    try:
        table = _arcgis_query.opened(session, layer)
        asked = _way(session, layer, table, wanted.area) or table
    except NoLayerError:
        return False
    return any(
        _arcgis_query.count(session, asked, clause) for clause in _clauses(asked, wanted.area)
    )


def _layer(wanted: Wanted) -> PortalLayer:
    ask = wanted.ask
    try:
        if ask.get("kind") == "lookup":
            layer = _arcgis_layers.lookup(str(ask["of"]), str(ask["to"]))
        else:
            layer = _arcgis_layers.boundaries(
                ask.get("kind", ""),
                int(ask.get("year", 0)),
                resolution=ask.get("resolution", "BGC"),
            )
    except (UsageError, KeyError, ValueError) as error:
        raise SourceError(
            f"The catalogue's entry of {wanted.dataset} {wanted.edition} for arcgis is not valid: "
            f"{error} Known kinds: wards, lsoas, lookup. Correct the catalogue."
        ) from error
    if not ask.get("service"):
        return layer
    return replace(layer, names=(str(ask["service"]), *layer.names))


def _way(
    session: Session,
    layer: PortalLayer,
    table: PortalTable,
    area: Area | None,
    passed: Sequence[str] = (),
) -> PortalTable | None:
    """Return the lookup from an authority to the codes of a layer, if one is needed."""
    if area is None or table.field(_DISTRICT) or table.field(_UPPER):
        return None
    troubles, asked = [], True
    for of, to in layer.through:
        try:
            way = _arcgis_query.opened(session, _arcgis_layers.lookup(of, to))
        except SourceError as error:
            troubles.append(str(error))
            asked = asked and isinstance(error, NoLayerError)
            continue
        if way.service in passed:
            continue
        if way.field(f"{layer.field}cd") and way.field(_DISTRICT):
            return way
        troubles.append(f"{way.service} has no {layer.field}CD next to the code of a district.")
    # That there is no lookup is certain only if the portal could be asked.
    kind = NoLayerError if asked else SourceError
    raise kind(
        f"The {layer.title} of the Open Geography Portal ({table.service}) have no codes of "
        f"authorities, and no lookup from {area} to them was found: "
        f"{' '.join(troubles) or 'the catalogue has none.'}"
    )


def _rows(session: Session, plan: _Plan) -> tuple[list[Feature], list[str]]:
    """Return rows in order of their codes, and notes for the user."""
    layer, table, way, area, crs = plan.layer, plan.table, plan.way, plan.area, plan.crs
    fields = list(table.fields)
    if layer.shapes:
        fields = [each for each in fields if re.fullmatch(_SHOWN_FIELDS, each, re.IGNORECASE)]
    own = str(table.field(f"{layer.field}cd"))
    if way is None:
        found = _of_clauses(session, table, _clauses(table, area), fields, crs)
        return sorted(found, key=lambda each: str(each["properties"][own])), []
    code, district = str(way.field(f"{layer.field}cd")), str(way.field(_DISTRICT))
    links = _of_clauses(session, way, _clauses(way, area), [code, district], None)
    authority = {each["properties"][code]: each["properties"][district] for each in links}
    found = _of_clauses(session, table, _arcgis_query.conditions(own, authority), fields, crs)
    for each in found:
        each["properties"][district.upper()] = authority.get(each["properties"][own])
    missing = sorted(set(authority) - {each["properties"][own] for each in found})
    notes = [f"{district.upper()} comes from {way.service}"]
    if missing:
        notes.append(f"{way.service} names {some(missing)}, which {table.service} does not have")
    return sorted(found, key=lambda each: str(each["properties"][own])), notes


def _clauses(table: PortalTable, area: Area | None) -> list[str]:
    """Return the conditions for the rows of an authority, or for all rows."""
    if area is None:
        return ["1=1"]
    district, upper = table.field(_DISTRICT), table.field(_UPPER)
    codes = district_codes(area) if district else area.codes
    return _arcgis_query.conditions(str(district or upper), codes)


def _of_clauses(
    session: Session,
    table: PortalTable,
    clauses: list[str],
    fields: list[str],
    crs: int | None,
) -> list[Feature]:
    return [
        row
        for clause in clauses
        for row in _arcgis_query.rows(session, table, clause, fields=fields, crs=crs)
    ]


def _stamp(table: PortalTable, way: PortalTable | None, area: Area | None, crs: int | None) -> str:
    marks = [table.mark, *([way.mark] if way else [])]
    if not all(marks):
        return ""
    return " ".join([*marks, area.code if area else "all", *([f"EPSG:{crs}"] if crs else [])])


def _name(wanted: Wanted) -> str:
    ask = wanted.ask
    place = wanted.area.code if wanted.area else "all"
    if ask["kind"] == "lookup":
        return _safe(f"{ask['of']}_{ask['to']}_{place}.csv")
    resolution = str(ask.get("resolution", "BGC")).lower()
    return _safe(f"{ask['kind']}_{ask['year']}_{resolution}_{place}.geojson")


def _safe(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name)


def _write_shapes(path: Path, found: list[Feature], crs: int) -> list[str]:
    """Write GeoJSON with its CRS; correct the CRS if the service sent degrees instead."""
    notes = []
    first = next(filter(None, (_first_point(each["geometry"]) for each in found)), None)
    if first and crs == _BRITISH_GRID and abs(first[0]) <= 180 and abs(first[1]) <= 90:
        crs = _DEGREES
        notes.append("the service sent degrees (EPSG:4326) although metres were asked for")
    collection = {
        "type": "FeatureCollection",
        "name": path.stem,
        "crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{_authority(crs)}"}},
        "features": [{"type": "Feature", **each} for each in found],
    }
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text, encoding="utf-8")
    return notes


def _authority(crs: int) -> str:
    # As EPSG:4326 the axes would be latitude before longitude; GeoJSON has longitude first.
    return "OGC:1.3:CRS84" if crs == _DEGREES else f"EPSG::{crs}"


def _first_point(geometry: Any) -> tuple[float, float] | None:
    """Return the first corner of a shape; None if there is something else in its place."""
    node = geometry.get("coordinates") if isinstance(geometry, dict) else None
    # Only lists: a letter of a text is a text again, without end.
    while isinstance(node, list) and node:
        match node:
            case [int() | float() as x, int() | float() as y, *_]:
                return x, y
        node = node[0]
    return None


def _write_table(path: Path, found: list[Feature]) -> None:
    rows = [each["properties"] for each in found]
    write_csv(path, list(dict.fromkeys(name for row in rows for name in row)), rows)
