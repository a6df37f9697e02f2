"""matplotlib with its defaults and this library's, whatever the user or current folder sets."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")

# Text stays text, and files have no date and no random identifiers.
_SETTINGS: Final[dict[str, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "bolton_jsna",
    "pdf.fonttype": 42,
    "hatch.linewidth": 0.7,
}
_USERS: Final = ("backend", "backend_fallback", "interactive", "toolbar", "webagg.port")
"""Settings of windows, which do not affect files."""


def own_drawing(draw: Callable[_P, _T]) -> Callable[_P, _T]:
    """Make a function draw with this library's settings only."""

    @functools.wraps(draw)
    def drawn(*args: _P.args, **options: _P.kwargs) -> _T:
        with _settings():
            return draw(*args, **options)

    return drawn


@contextlib.contextmanager
def _settings() -> Iterator[None]:
    import_matplotlib()
    import matplotlib as mpl

    with warnings.catch_warnings():
        # Some settings are deprecated; here they only get their defaults.
        warnings.simplefilter("ignore", mpl.MatplotlibDeprecationWarning)
        defaults: Any = {
            name: value for name, value in dict.items(mpl.rcParamsDefault) if name not in _USERS
        }
        held = mpl.rc_context(defaults | _SETTINGS)
        held.__enter__()
    try:
        yield
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", mpl.MatplotlibDeprecationWarning)
            held.__exit__(None, None, None)


def import_matplotlib() -> None:
    """Import matplotlib without reading a ``matplotlibrc`` of the current folder or the user."""
    # It reads one when it is imported, that of the current folder first, and this cannot be turned
    # off; a damaged file ends the program, and a pipe blocks it forever.
    if "matplotlib" in sys.modules:
        return
    found = importlib.util.find_spec("matplotlib")
    if found is None or not found.submodule_search_locations:
        return
    data = Path(found.submodule_search_locations[0]) / "mpl-data"
    before = os.environ.get("MATPLOTLIBRC")
    in_the_way = Path("matplotlibrc").exists()
    os.environ["MATPLOTLIBRC"] = str(data / "matplotlibrc")
    try:
        with contextlib.chdir(data) if in_the_way else contextlib.nullcontext():
            importlib.import_module("matplotlib")
    finally:
        if before is None:
            del os.environ["MATPLOTLIBRC"]
        else:
            os.environ["MATPLOTLIBRC"] = before
