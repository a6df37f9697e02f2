"""Layers of authorities and districts as ONS publishes them, with shapes that are made up."""

import json
from collections.abc import Iterable
from pathlib import Path

from bolton_jsna.core.areas import area, districts_in_force

SIDE = 0.1
"""Degrees of a square."""


def write_layer(
    workspace: Path, parts: Iterable[tuple[str, str]], *, kind: str = "LAD", year: int = 2024
) -> Path:
    """Put a layer of squares, one for each code and name, into a workspace."""
    head = f"{kind}{year % 100}"
    features = []
    for at, (code, name) in enumerate(parts):
        left, bottom = -3 + SIDE * (at % 10), 52 + SIDE * (at // 10)
        right, top = left + SIDE, bottom + SIDE
        ring = [[left, bottom], [right, bottom], [right, top], [left, top], [left, bottom]]
        rounded = [[round(each, 5) for each in corner] for corner in ring]
        features.append(
            {
                "type": "Feature",
                "properties": {f"{head}CD": code, f"{head}NM": name},
                "geometry": {"type": "Polygon", "coordinates": [rounded]},
            }
        )
    folder = workspace / "data" / "raw" / "authority_boundaries"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind}_MAY_{year}_UK_BUC.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def districts(*places: str) -> list[tuple[str, str]]:
    """The districts of counties, and other authorities as they are."""
    found = []
    for place in map(area, places):
        below = sorted(districts_in_force(place))
        found += [(code, f"District {code[-3:]}") for code in below] or [(place.code, place.name)]
    return found
