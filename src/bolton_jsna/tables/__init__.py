"""Readers: bytes in, tidy tables with states and sources out; one module per subject.

A subject is imported when it is first used: ``bolton_jsna.tables.idaci.read(path)``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bolton_jsna.tables import boundaries as boundaries
    from bolton_jsna.tables import children_in_need as children_in_need
    from bolton_jsna.tables import idaci as idaci
    from bolton_jsna.tables import lookups as lookups
    from bolton_jsna.tables import neighbours as neighbours
    from bolton_jsna.tables import population as population
    from bolton_jsna.tables import schemas as schemas
    from bolton_jsna.tables.local import records as local_records

__all__ = [
    "boundaries",
    "children_in_need",
    "idaci",
    "local_records",
    "lookups",
    "neighbours",
    "population",
    "schemas",
]


_ELSEWHERE = {"local_records": "local.records"}


def __getattr__(name: str) -> Any:
    if name in __all__:
        return importlib.import_module(f"bolton_jsna.tables.{_ELSEWHERE.get(name, name)}")
    raise AttributeError(f"module 'bolton_jsna.tables' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
