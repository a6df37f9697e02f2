"""The colours of the maps, read from ``palettes.toml``: facts as data, checked by tests."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final, Literal

from bolton_jsna.core.errors import UsageError, choice, some

Pattern = Literal["none", "diagonal", "crossed", "dots", "horizontal", "hatch", "lines", "rings"]
Kind = Literal["sequential", "diverging", "many", "bivariate"]

MOST_CLASSES: Final = 7
"""More classes than this are told apart only by a palette made for it."""
MOST_PUBLISHED: Final = 10
"""Deciles and published breaks may have this many, in colours that change in hue too."""
FEW: Final = "blue"
MANY: Final = "deciles"


@dataclass(frozen=True)
class Paint:
    """How an area is filled.

    Attributes
    ----------
    fill : str
        ``#rrggbb``.
    pattern : {"none", "diagonal", "crossed", "dots", "horizontal"}
        What is drawn over the fill.
    line : str
        The colour of the pattern, or of the outline of what is left white; empty for a class.
    """

    fill: str
    pattern: Pattern = "none"
    line: str = ""


def names(kind: Kind = "sequential") -> tuple[str, ...]:
    """Return the names of the palettes of a kind."""
    choice("kind", kind, ("sequential", "diverging", "many", "bivariate"))
    return tuple(_data()[kind])


def colours(palette: str | Sequence[str] | None, classes: int) -> tuple[str, ...]:
    """Return the colours of that many classes, lowest first."""
    # Neighbouring classes differ by at least 10 (up to five classes) or 7 (six to ten) in
    # CIEDE2000 to normal, protanope, deuteranope and tritanope eyes; sequential palettes darken
    # evenly.
    if not 1 <= classes <= MOST_PUBLISHED:
        raise UsageError(
            f"classes={classes}: a map shows 1 to {MOST_CLASSES} classes, or {MOST_PUBLISHED} of "
            "deciles and published breaks, since more cannot be told apart by colour. Use fewer."
        )
    if palette is None:
        palette = FEW if classes <= MOST_CLASSES else MANY
    if not isinstance(palette, str):
        return _own(palette, classes)
    plain = palette.removesuffix("_r")
    known = {name: found for kind in _OF_ONE for name, found in _data()[kind].items()}
    choice("palette", plain, known)
    found = known[plain].get(str(classes))
    if found is None and classes > MOST_CLASSES:
        raise UsageError(
            f"The palette {palette!r} tells at most {MOST_CLASSES} classes apart; the map has "
            f"{classes}. Use palette={MANY!r} or leave it out."
        )
    if found is None:
        # Seven classes and fewer of a palette for many, and one class of a diverging one.
        found = _data()["sequential"][FEW][str(classes)]
    return tuple(reversed(found)) if palette.endswith("_r") else tuple(found)


def grid(palette: str, columns: int, rows: int) -> tuple[tuple[str, ...], ...]:
    """Return the colours of a bivariate legend: row by row of y, each from low to high x."""
    choice("palette", palette, _data()["bivariate"])
    for side in (columns, rows):
        choice("classes of a bivariate map", side, (1, 2, 3))
    cells = _data()["bivariate"][palette]["grid"]
    places = {1: (0,), 2: (0, 2), 3: (0, 1, 2)}
    return tuple(tuple(cells[y][x] for x in places[columns]) for y in places[rows])


def state(status: str) -> Paint:
    """Return how a state without a number is painted."""
    choice("status", status, _data()["states"])
    return Paint(**_data()["states"][status])


def line(name: str) -> str:
    """Return the colour of borders, text and the like."""
    choice("name", name, _data()["lines"])
    return str(_data()["lines"][name])


def threshold(kind: str) -> float:
    """Return the smallest CIEDE2000 difference that the palettes of a kind keep."""
    choice("kind", kind, _data()["thresholds"])
    return float(_data()["thresholds"][kind])


def mark(name: str) -> Paint:
    """Return how a mark is drawn over the classes: its pattern, light and dark, on no ground."""
    choice("mark", name, _data()["marks"])
    return Paint(**_data()["marks"][name])


def _own(palette: Sequence[str], classes: int) -> tuple[str, ...]:
    bad = [each for each in palette if not re.fullmatch(r"#[0-9a-fA-F]{6}", str(each))]
    if bad:
        raise UsageError(f"Colours of a palette are written '#rrggbb'; found {some(bad)}.")
    if len(palette) < classes:
        raise UsageError(f"The map has {classes} classes and the palette {len(palette)} colours.")
    return tuple(palette[:classes])


_OF_ONE: Final = ("sequential", "diverging", "many")


@functools.cache
def _data() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("palettes.toml").read_text("utf-8")
    return tomllib.loads(text)
