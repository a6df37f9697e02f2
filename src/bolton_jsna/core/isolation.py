# ruff: noqa: PTH109, PTH120 (pathlib would be imported while the current folder is still first)
"""Keep the current folder, the environment and the user's settings from changing figures."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Final

_PREFIXES: Final = (
    "CPL_",
    "GDAL_",
    "GML_",
    "OGR_",
    "OSR_",
    "PANDAS_",
    "PROJ_",
    "PYOGRIO_",
    "SHAPE_",
    "VSI_",
)
"""Beginnings of variables that change how the libraries used here read or compute."""

_KEPT: Final = frozenset({"GDAL_DATA", "PROJ_DATA", "PROJ_LIB"})
"""Folders of an installation's own tables; conda sets these."""


def leave_current_folder_out() -> None:
    """Remove the current folder from the places that Python imports from."""
    # ``python -m bolton_jsna`` and an empty part of ``PYTHONPATH`` put it there: a ``pandas.py`` in
    # the folder of the records would be run in place of pandas. It stays where the library itself
    # is in the current folder, as in a checkout.
    home = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:  # it was deleted
        here = ""
    if here != home:
        sys.path[:] = [each for each in sys.path if each and os.path.realpath(each) != here]


def own_environment() -> dict[str, str]:
    """Remove variables that change how the libraries used here read from the environment."""
    return {
        name: os.environ.pop(name)
        for name in list(os.environ)
        if name.upper().startswith(_PREFIXES) and name.upper() not in _KEPT
    }


@contextlib.contextmanager
def own_settings() -> Iterator[None]:
    """Compute and read with the settings this library was tested with, then put the user's back."""
    taken = own_environment()
    try:
        import numpy as np
        import pandas as pd

        # Faster sums of other packages, where those are installed, differ in the last digits.
        options = ("compute.use_bottleneck", False, "compute.use_numexpr", False)
        with (
            pd.option_context(*options),
            np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"),
        ):
            yield
    finally:
        os.environ.update(taken)


def any_code_page() -> None:
    """Escape, as JSON does, what the code page of a pipe or a console cannot show."""
    import codecs
    import io
    import json

    def written_out(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeEncodeError):
            raise error
        return json.dumps(error.object[error.start : error.end])[1:-1], error.end

    codecs.register_error("written_out", written_out)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="written_out")
