"""Public names of a package: listed in its ``__init__.pyi``, imported when they are first used."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast


# Not the library ``lazy_loader``: what is imported before ``core.isolation`` has acted could be
# a file of the same name in the current folder.
def lazy_names(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package."""

    @functools.cache
    def homes() -> dict[str, tuple[str, str]]:
        import ast
        from importlib import resources

        stub = resources.files(package).joinpath("__init__.pyi").read_text(encoding="utf-8")
        return {
            alias.asname or alias.name: (home_of(node), alias.name)
            for node in ast.parse(stub).body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    def home_of(node: ast.ImportFrom) -> str:
        return ".".join(part for part in (package if node.level else "", node.module) if part)

    def get(name: str) -> Any:
        if name == "__all__":
            return names()
        if name not in homes():
            from bolton_jsna.core.errors import did_you_mean

            hint = did_you_mean(name, homes())
            raise AttributeError(f"module {package!r} has no attribute {name!r}.{hint}")
        home, inner = homes()[name]
        module = importlib.import_module(home)
        if home == package or not hasattr(module, inner):
            return importlib.import_module(f"{home}.{inner}")
        return getattr(module, inner)

    def names() -> list[str]:
        return sorted(homes())

    def everything() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes()})

    return get, everything
