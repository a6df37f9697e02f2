"""LSOAs and wards of four authorities: Bolton as in the embedded snapshot, three made up."""

from __future__ import annotations

import csv
import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import Any

BOLTON, ROCHDALE, LANCASHIRE, BARNSLEY = "E08000001", "E08000005", "E10000017", "E08000016"


@dataclass(frozen=True)
class Lsoa:
    """An LSOA of 2021 (here the same as in 2011) with its best-fit wards."""

    code: str
    name: str
    district_code: str
    district_name: str
    authority_code: str
    ward_code: str  # 2023 and after
    ward_code_2022: str
    ward_name: str
    children: int  # aged 0-15, mid-2022
    geometry: dict[str, Any]  # GeoJSON, WGS84


@dataclass(frozen=True)
class Ward:
    """A ward as it was in one year."""

    code: str
    name: str
    district_code: str
    district_name: str
    authority_code: str
    geometry: dict[str, Any]  # GeoJSON, WGS84


@functools.cache
def lsoas() -> tuple[Lsoa, ...]:
    made = [*_bolton()]
    made += _invented("E08000005", "Rochdale", ROCHDALE, first=100, wards=8, x=389_000)
    for number, (code, name) in enumerate(_districts_of(LANCASHIRE)):
        x = 340_000 + 5_000 * number
        made += _invented(code, name, LANCASHIRE, first=200 + 10 * number, wards=2, x=x)
    made += _invented("E08000016", "Barnsley", BARNSLEY, first=400, wards=8, x=434_000)
    return tuple(made)


def number_of(text: str, below: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") % below


def snapshot_text(name: str) -> str:
    return resources.files("bolton_jsna.snapshot").joinpath(name).read_text(encoding="utf-8")


def snapshot_rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(snapshot_text(name).splitlines()))


@functools.cache
def _bolton() -> tuple[Lsoa, ...]:
    shapes = json.loads(snapshot_text("lsoas_2021.geojson"))["features"]
    geometry = {each["properties"]["area_code"]: each["geometry"] for each in shapes}
    children = {
        row["lsoa_code"]: int(row["children_0_15"]) for row in snapshot_rows("idaci_2025.csv")
    }
    rows = snapshot_rows("lookup_lsoa21_ward23.csv")
    wards = sorted({row["to_code"] for row in rows})
    return tuple(
        Lsoa(
            code=row["from_code"],
            name=row["from_name"],
            district_code=BOLTON,
            district_name="Bolton",
            authority_code=BOLTON,
            ward_code=row["to_code"],
            ward_code_2022=f"E05000{650 + wards.index(row['to_code']):03d}",
            ward_name=row["to_name"],
            children=children[row["from_code"]],
            geometry=geometry[row["from_code"]],
        )
        for row in rows
    )


def _districts_of(authority: str) -> list[tuple[str, str]]:
    text = resources.files("bolton_jsna.core").joinpath("districts.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return [(r["code"], r["name"]) for r in rows if r["authority_code"] == authority]


def _invented(
    district: str, name: str, authority: str, *, first: int, wards: int, x: int
) -> list[Lsoa]:
    """Wards of four square LSOAs (two for a county's districts) in a row of blocks."""
    each_ward = 2 if wards == 2 else 4
    made = []
    for ward in range(wards):
        for part in range(each_ward):
            number = len(made)
            west = x + 2_000 * ward + 1_000 * (part % 2)
            south = 410_000 + 1_000 * (part // 2)
            code = f"E019{first + number // 10:04d}{number % 10}"
            made.append(
                Lsoa(
                    code=code,
                    name=f"{name} {ward + 1:03d}{'ABCD'[part]}",
                    district_code=district,
                    district_name=name,
                    authority_code=authority,
                    ward_code=f"E0599{first + ward:04d}",
                    ward_code_2022=f"E0599{first + ward:04d}",
                    ward_name=f"{name} Ward {ward + 1}",
                    children=240 + number_of(code, 160),
                    geometry=_square(west, south, 1_000, 1_000),
                )
            )
    return made


@functools.cache
def wards_of_all(*, old: bool) -> tuple[Ward, ...]:
    real = {
        each["properties"]["area_code"]: each["geometry"]
        for each in json.loads(snapshot_text("wards_2023.geojson"))["features"]
    }
    found: dict[str, list[Lsoa]] = {}
    for each in lsoas():
        found.setdefault(each.ward_code, []).append(each)
    return tuple(
        Ward(
            code=parts[0].ward_code_2022 if old else code,
            name=parts[0].ward_name,
            district_code=parts[0].district_code,
            district_name=parts[0].district_name,
            authority_code=parts[0].authority_code,
            geometry=real.get(code) or _around([part.geometry for part in parts]),
        )
        for code, parts in found.items()
    )


def _square(west: float, south: float, width: float, height: float) -> dict[str, Any]:
    corners = [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]  # clockwise, as ArcGIS draws outer rings
    ring = [[west + width * i, south + height * j] for i, j in corners]
    grid = {"type": "Polygon", "coordinates": [ring]}
    return mapped(grid, transformer(27700, 4326), digits=6)


def _around(parts: list[dict[str, Any]]) -> dict[str, Any]:
    points = [
        transformer(4326, 27700)(*point) for part in parts for point in part["coordinates"][0]
    ]
    west, south = (round(min(p[i] for p in points), -3) for i in (0, 1))
    east, north = (round(max(p[i] for p in points), -3) for i in (0, 1))
    return _square(west, south, east - west, north - south)


def mapped(geometry: dict[str, Any], carry: Callable[..., Any], digits: int = 2) -> dict[str, Any]:
    def walk(node: Any) -> Any:
        if isinstance(node[0], int | float):
            return [round(each, digits) for each in carry(*node)]
        return [walk(each) for each in node]

    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"])}


@functools.cache
def transformer(source: int, target: int) -> Callable[..., Any]:
    import pyproj

    return pyproj.Transformer.from_crs(source, target, always_xy=True).transform
