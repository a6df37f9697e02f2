"""Draw maps: what a map says, its classes and colours, for the web and for print.

Every public name is imported when it is first used, so that folium and matplotlib are loaded
only by who draws.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_ROOMS = {
    "bolton_jsna.maps.classes": (
        "Classes",
        "applied",
        "classify",
    ),
    "bolton_jsna.maps.crossing": ("bivariate_spec",),
    "bolton_jsna.maps.interactive": (
        "bivariate_map",
        "choropleth_map",
        "layered_map",
    ),
    "bolton_jsna.maps.pictures": (
        "choropleth_spec",
        "shared_classes",
    ),
    "bolton_jsna.maps.saving": (
        "save_map",
        "spec_of",
    ),
    "bolton_jsna.maps.spec": (
        "MapSpec",
        "combine",
    ),
    "bolton_jsna.maps.static": (
        "save_figure",
        "static_bivariate",
        "static_choropleth",
        "static_side_by_side",
    ),
    "bolton_jsna.maps.uncertainty": ("Uncertainty",),
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}

if TYPE_CHECKING:
    from bolton_jsna.maps.classes import Classes, applied, classify
    from bolton_jsna.maps.crossing import bivariate_spec
    from bolton_jsna.maps.interactive import bivariate_map, choropleth_map, layered_map
    from bolton_jsna.maps.pictures import choropleth_spec, shared_classes
    from bolton_jsna.maps.saving import save_map, spec_of
    from bolton_jsna.maps.spec import MapSpec, combine
    from bolton_jsna.maps.static import (
        save_figure,
        static_bivariate,
        static_choropleth,
        static_side_by_side,
    )
    from bolton_jsna.maps.uncertainty import Uncertainty

__all__ = [
    "Classes",
    "MapSpec",
    "Uncertainty",
    "applied",
    "bivariate_map",
    "bivariate_spec",
    "choropleth_map",
    "choropleth_spec",
    "classify",
    "combine",
    "layered_map",
    "save_figure",
    "save_map",
    "shared_classes",
    "spec_of",
    "static_bivariate",
    "static_choropleth",
    "static_side_by_side",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bolton_jsna.maps' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
