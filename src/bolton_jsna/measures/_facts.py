"""Facts kept as TOML: age bands, standard populations, errors of ward populations."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any


@functools.cache
def facts(name: str) -> dict[str, Any]:
    """Return the content of one file."""
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text("utf-8"))
