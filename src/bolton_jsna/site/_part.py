"""A section of a page of figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Part:
    """A section of a page of figures: a chart if there is one, and the table behind it.

    The first ``numbers`` columns after that of names are numbers; the rest is text.
    """

    title: str
    caption: str
    heads: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    file: str
    chart: Any = ""
    subtitle: str = ""
    numbers: int = 99
    sentences: Sequence[str] = ()
    cautions: Sequence[str] = ()
