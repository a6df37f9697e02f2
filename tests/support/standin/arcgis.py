"""The Open Geography Portal: service list, layer descriptions and queries, as the contract says.

Options of the world: ``arcgis_page`` (most rows of an answer), ``arcgis_renamed`` (old name to
new), ``arcgis_place`` (service to number of its layer), ``arcgis_flag`` (``properties``, ``top`` or
``both``), ``arcgis_lower`` (fields in lower case), ``arcgis_degrees`` (outSR is not heeded),
``arcgis_undated`` (no ``editingInfo``), ``arcgis_codes`` (year to codes of districts and what they
are instead; of an empty one no row is left), ``arcgis_gone`` (services that are not there). Faults:
``row_cut``, ``duplicate_page``, ``missing_page``, ``wrong_count``, ``script_name`` (``name=``),
``edited`` (the layer changes between two pages).
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from standin.server import Answer, Request

RESOLUTIONS = ("BFC", "BFE", "BGC", "BSC")


@dataclass(frozen=True)
class Service:
    dataset: str  # whose revision moves the date of its last edit
    kind: str  # wards, lsoas, lookup
    year: int
    district: bool  # whether it has the district's code
    page: int = 2000
    of: str = ""
    to: str = ""


def services() -> dict[str, Service]:
    """Every service by its exact name."""
    found: dict[str, Service] = {}
    wards = functools.partial(Service, "ward_boundaries", "wards")
    for each in RESOLUTIONS:
        found[f"Wards_December_2022_Boundaries_UK_{each}"] = wards(2022, True, 1000)
        found[f"WD_MAY_2023_UK_{each}"] = wards(2023, True)
        found[f"Wards_December_2023_Boundaries_UK_{each}"] = wards(2023, False)
        if each != "BFC":
            found[f"Wards_May_2024_Boundaries_UK_{each}"] = wards(2024, False)
        found[f"WD_DEC_2025_UK_{each}"] = wards(2025, True)
    found["Wards_December_2024_Boundaries_UK_BGC"] = wards(2024, True)
    for each, version in (("BGC", 5), ("BSC", 4), ("BFC", 10), ("BFE", 10)):
        name = f"Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_{each}_V{version}"
        found[name] = Service("lsoa_boundaries", "lsoas", 2021, False)
    for name in (
        "LSOA_Dec_2011_Boundaries_Generalised_Clipped_BGC_EW_V3",
        "LSOA_2011_Boundaries_Super_Generalised_Clipped_BSC_EW_V4",
    ):
        found[name] = Service("lsoa_boundaries", "lsoas", 2011, False)
    lookup = functools.partial(Service, "lookup", "lookup", district=True, page=1000)
    for year, suffix in ((22, "_v3"), (23, ""), (24, ""), (25, "_v2")):
        name = f"LSOA21_WD{year}_LAD{year}_EW_LU{suffix}"
        found[name] = lookup(2000 + year, of="lsoa21", to=f"ward{year}")
        found[f"WD{year}_LAD{year}_UK_LU"] = lookup(2000 + year, of=f"ward{year}", to=f"lad{year}")
    found["LSOA11_LSOA21_LAD22_EW_LU_v5"] = lookup(2022, of="lsoa11", to="lsoa21")
    return found


def rows_of(world: Any, service: Service) -> list[tuple[dict[str, Any], Any]]:
    """Attributes and WGS84 geometry of every row, in order of the object id."""
    yy = service.year % 100
    made: list[tuple[dict[str, Any], Any]] = []

    def district(place: Any) -> dict[str, Any]:
        code = world.district_code(place.district_code, service.year)
        code = world.options.get("arcgis_codes", {}).get(service.year, {}).get(code, code)
        return {f"LAD{yy:02d}CD": code, f"LAD{yy:02d}NM": place.district_name}

    if service.kind == "wards" or service.of.startswith("ward"):
        for ward in world.wards(service.year):
            facts = {f"WD{yy}CD": ward.code, f"WD{yy}NM": ward.name, f"WD{yy}NMW": " "}
            made.append((facts | (district(ward) if service.district else {}), ward.geometry))
    elif service.kind == "lsoas":
        made += [
            ({f"LSOA{yy}CD": each.code, f"LSOA{yy}NM": each.name}, each.geometry)
            for each in world.lsoas
        ]
    else:
        for each in world.lsoas:
            facts = {"LSOA21CD": each.code, "LSOA21NM": each.name}
            if service.of == "lsoa11":
                facts = {"LSOA11CD": each.code, "LSOA11NM": each.name, **facts, "CHGIND": "U"}
            else:
                facts[f"WD{yy}CD"] = world.ward_code(each, service.year)
                facts[f"WD{yy}NM"] = each.ward_name
            made.append((facts | district(each), None))
    made = [row for row in made if row[0].get(f"LAD{yy:02d}CD") != ""]
    # Object ids have gaps and do not start at 1; rows do not lie in the order of their codes.
    made.sort(key=lambda row: str(row[0])[::-1])
    number = "FID" if service.kind == "wards" else "ObjectId"
    made = [({number: 7 + 3 * n, **facts}, shape) for n, (facts, shape) in enumerate(made)]
    if world.options.get("arcgis_lower"):
        made = [({k.lower(): v for k, v in facts.items()}, shape) for facts, shape in made]
    return made


def routes(world: Any) -> list[tuple[str, re.Pattern[str], Any]]:
    def listed(request: Request) -> Answer:
        names = [world.options.get("arcgis_renamed", {}).get(n, n) for n in services()]
        names = [each for each in names if each not in world.options.get("arcgis_gone", ())]
        every = [{"name": n, "type": "FeatureServer", "url": f"x/{n}"} for n in names]
        every.append({"name": names[0], "type": "MapServer", "url": "x"})
        return _json({"currentVersion": 11.4, "services": every})

    def described(request: Request) -> Answer:
        service = _service(world, request.path)
        if service is None:
            return _error(400, "Invalid URL", ["Invalid URL"])
        facts = rows_of(world, service)[0][0]
        number = next(iter(facts))
        fields = [
            {
                "name": name,
                "type": "esriFieldTypeOID" if name == number else "esriFieldTypeString",
                "alias": name,
            }
            for name in facts
        ]
        described: dict[str, Any] = {
            "name": "layer",
            "maxRecordCount": world.options.get("arcgis_page", service.page),
            "fields": fields,
            "objectIdField": number,
        }
        if not world.options.get("arcgis_undated"):
            edited = int(world.modified(service.dataset).timestamp() * 1000)
            described["editingInfo"] = {"dataLastEditDate": edited}
        return _json(described)

    def queried(request: Request) -> Answer:
        service = _service(world, request.path.removesuffix("/query"))
        if service is None:
            return _error(400, "Invalid URL", ["Invalid URL"])
        form = parse_qs(request.body.decode()) if request.method == "POST" else request.query
        asked = {name: values[0] for name, values in form.items()}
        return _query(world, service, request.path, asked)

    one = r"/arcgis/[^/]+/FeatureServer/\d+"
    return [
        ("GET", re.compile(r"/arcgis/?"), listed),
        ("GET", re.compile(one), described),
        ("", re.compile(f"{one}/query"), queried),
    ]


def _service(world: Any, path: str) -> Service | None:
    _, _, name, _, place = path.split("/")
    renamed = world.options.get("arcgis_renamed", {})
    if name in renamed or name in world.options.get("arcgis_gone", ()):
        return None
    name = {new: old for old, new in renamed.items()}.get(name, name)
    if int(place) != world.options.get("arcgis_place", {}).get(name, 0):
        return None
    return services().get(name)


def _query(world: Any, service: Service, path: str, asked: dict[str, str]) -> Answer:
    rows = rows_of(world, service)
    names = {name.casefold(): name for name in rows[0][0]}
    fields = asked.get("outFields", "")
    wanted = list(names.values()) if fields == "*" else [f for f in fields.split(",") if f]
    for each in [*wanted, *filter(None, [asked.get("orderByFields")])]:
        if each.casefold() not in names:
            return _invalid(f"'Invalid field: {each}' parameter is invalid")
    kept = _where(rows, names, asked.get("where", ""))
    if isinstance(kept, str):
        return _invalid(kept)
    if fault := world.fault("script_name", path):
        kept = [(_named(facts, fault.options["name"]), shape) for facts, shape in kept]
    if asked.get("returnCountOnly") == "true":
        return _json({"count": len(kept) + bool(world.fault("wrong_count", path))})
    number = next(iter(rows[0][0]))
    if asked.get("returnIdsOnly") == "true":
        ids = [facts[number] for facts, _ in kept]
        return _json({"objectIdFieldName": number, "objectIds": ids})
    chosen, more = _page(world, service, path, kept, asked)
    wanted = [names[each.casefold()] for each in wanted]
    chosen = [({name: facts[name] for name in wanted}, shape) for facts, shape in chosen]
    if asked.get("f") == "geojson":
        return _geojson(world, chosen, number, more=more, metres=asked.get("outSR") == "27700")
    return _json(
        {
            "objectIdFieldName": number,
            "fields": [{"name": each} for each in wanted],
            **({"exceededTransferLimit": True} if more else {}),
            "features": [{"attributes": facts} for facts, _ in chosen],
        }
    )


def _page(
    world: Any, service: Service, path: str, kept: list[Any], asked: dict[str, str]
) -> tuple[list[Any], bool]:
    """The rows of one answer, and whether there are more."""
    offset = int(asked.get("resultOffset", 0))
    if not asked.get("orderByFields") and offset:
        kept = [*reversed(kept)]  # without an order, none is promised
    most = world.options.get("arcgis_page", service.page)
    page = min(int(asked.get("resultRecordCount", most)), most)
    if offset and world.fault("duplicate_page", path):
        offset = 0
    if offset and world.fault("missing_page", path):
        offset += page
    if offset and world.fault("edited", path):
        kept = kept[:-1]
    chosen, more = kept[offset : offset + page], offset + page < len(kept)
    if world.fault("row_cut", path):
        chosen, more = chosen[: len(chosen) // 2], False
    return chosen, more


def _geojson(world: Any, chosen: list[Any], number: str, *, more: bool, metres: bool) -> Answer:
    metres = metres and not world.options.get("arcgis_degrees")
    features = [
        {
            "type": "Feature",
            "id": facts.get(number),
            "geometry": world.on_the_grid(shape) if metres and shape else shape,
            "properties": facts,
        }
        for facts, shape in chosen
    ]
    answer: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    flag = world.options.get("arcgis_flag", "properties")
    if more and flag in {"properties", "both"}:
        answer["properties"] = {"exceededTransferLimit": True}
    if more and flag in {"top", "both"}:
        answer["exceededTransferLimit"] = True
    return _json(answer)


def _where(
    rows: list[tuple[dict[str, Any], Any]], names: dict[str, str], where: str
) -> list[tuple[dict[str, Any], Any]] | str:
    if where == "1=1":
        return rows
    found = re.fullmatch(r"(\w+)\s*(=|IN|LIKE)\s*\(?((?:'(?:[^']|'')*',?)+)\)?", where)
    if not found:
        return "Unable to perform query. Please check your parameters."
    field, how, listed = found.groups()
    if field.casefold() not in names:
        return f"'Invalid field: {field}' parameter is invalid"
    name = names[field.casefold()]
    values = {each.replace("''", "'") for each in re.findall(r"'((?:[^']|'')*)'", listed)}
    if how == "LIKE":
        start = next(iter(values)).rstrip("%")
        return [row for row in rows if str(row[0][name]).startswith(start)]
    return [row for row in rows if row[0][name] in values]


def _named(facts: dict[str, Any], name: str) -> dict[str, Any]:
    return {k: name if re.fullmatch(r"(WD|LSOA)\d\dNM", k) else v for k, v in facts.items()}


def _json(content: Any) -> Answer:
    body = json.dumps(content, separators=(",", ":")).encode()
    return Answer(200, {"Content-Type": "application/json; charset=utf-8"}, body)


def _invalid(detail: str) -> Answer:
    return _error(400, "Cannot perform query. Invalid query parameters.", [detail])


def _error(code: int, message: str, details: list[str]) -> Answer:
    body = json.dumps({"error": {"code": code, "message": message, "details": details}})
    return Answer(200, {"Content-Type": "text/plain; charset=utf-8"}, body.encode())
