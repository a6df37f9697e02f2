"""Tables, rates, comparisons and maps for the safeguarding chapter of a JSNA.

Every public name is imported when it is first used, so that ``import bolton_jsna`` is light.

Examples
--------
>>> import bolton_jsna as jsna
>>> jsna.area("Bolton").dfe_number
350
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_ROOMS = {
    "bolton_jsna.areas": ("Area", "area", "areas", "register"),
    "bolton_jsna.errors": (
        "AreaNotFoundError",
        "BoltonJsnaError",
        "MissingDataError",
        "SchemaError",
        "SourceError",
        "UsageError",
        "VintageError",
    ),
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}
_MODULES = ("tables",)

if TYPE_CHECKING:
    from bolton_jsna import tables as tables
    from bolton_jsna.areas import Area, area, areas, register
    from bolton_jsna.errors import (
        AreaNotFoundError,
        BoltonJsnaError,
        MissingDataError,
        SchemaError,
        SourceError,
        UsageError,
        VintageError,
    )

__all__ = sorted([*_HOMES, *_MODULES, "__version__"])  # noqa: PLE0605 (a list, sorted once)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    elif name in _MODULES:
        value = importlib.import_module(f"bolton_jsna.{name}")
    else:
        raise AttributeError(f"module 'bolton_jsna' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
