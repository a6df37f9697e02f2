"""The colours of maps and charts, read from ``palettes.toml``."""

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

MOST_CLASSES: Final = 7
"""More classes than this need a palette made for many classes."""
MOST_PUBLISHED: Final = 10
"""The most classes of deciles and published breaks, in colours that also change in hue."""
MOST_CATEGORIES: Final = 6
"""More colours than this without an order look too similar."""
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
        The pattern over the fill.
    line : str
        The colour of the pattern, or of the outline of a white area; empty for a class.
    """

    fill: str
    pattern: Pattern = "none"
    line: str = ""


def colours(palette: str | Sequence[str] | None, classes: int) -> tuple[str, ...]:
    """Return the colours of a number of classes, lowest class first."""
    # Neighbouring classes differ by at least 10 (up to five classes) or 7 (six to ten) in
    # CIEDE2000 with normal vision, protanopia, deuteranopia and tritanopia; sequential palettes
    # darken evenly.
    if not 1 <= classes <= MOST_PUBLISHED:
        raise UsageError(
            f"classes={classes}: a map can have 1 to {MOST_CLASSES} classes, or {MOST_PUBLISHED} "
            "with deciles or published breaks, because the colours of more classes look too "
            "similar. Use fewer."
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
            f"The palette {palette!r} has colours for at most {MOST_CLASSES} classes; the map has "
            f"{classes}. Use palette={MANY!r} or leave it out."
        )
    if found is None:
        # Up to seven classes of a palette for many, and one class of a diverging palette.
        found = _data()["sequential"][FEW][str(classes)]
    return tuple(reversed(found)) if palette.endswith("_r") else tuple(found)


def category_colours(palette: str | Sequence[str] | None, count: int) -> tuple[str, ...]:
    """Return the colours of categories, which have no order."""
    if isinstance(palette, str):
        raise UsageError(
            f"palette={palette!r} runs from low to high; categories need colours without an "
            "order. Leave it out, or give a list of one colour for each category, such as "
            "['#2073bc', '#f0e442']."
        )
    return _own(_data()["categories"]["usual"]["colours"] if palette is None else palette, count)


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
    return Paint(**_named("states", status))


def line(name: str) -> str:
    """Return the colour of borders, text and the like."""
    return str(_named("lines", name))


def role(name: str) -> str:
    """Return the colour of a mark of a chart by what it stands for."""
    return str(_named("roles", name))


def mark(name: str) -> Paint:
    """Return the paint of a mark over the classes: a pattern with a light and a dark colour."""
    return Paint(**_named("marks", name))


def linear_rgb(colour: str) -> tuple[float, ...]:
    """Return the linear red, green and blue, 0 to 1, of a colour ``#rrggbb``."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours by WCAG 2.2, 1 to 21."""
    dark, light = sorted(
        sum(weight * part for weight, part in zip(_LUMINANCE, linear_rgb(colour), strict=True))
        for colour in (one, other)
    )
    return (light + 0.05) / (dark + 0.05)


def text_colour(fill: str) -> str:
    """Return black or white, whichever has more contrast with a fill; at least 4.5 to 1."""
    return max(("#000000", "#ffffff"), key=lambda each: contrast(each, fill))


def _own(palette: Sequence[str], classes: int) -> tuple[str, ...]:
    bad = [each for each in palette if not re.fullmatch(r"#[0-9a-fA-F]{6}", str(each))]
    if bad:
        raise UsageError(f"Colours of a palette must have the form '#rrggbb'; found {some(bad)}.")
    if len(palette) < classes:
        raise UsageError(
            f"The map has {classes} classes but the palette only {len(palette)} colours. Give one "
            "colour for each class."
        )
    return tuple(palette[:classes])


_OF_ONE: Final = ("sequential", "diverging", "many")
_LUMINANCE: Final = (0.2126729, 0.7151522, 0.0721750)  # relative luminance of linear RGB


def _named(kind: str, name: str) -> Any:
    choice(f"one of the {kind}", name, _data()[kind])
    return _data()[kind][name]


@functools.cache
def _data() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("palettes.toml").read_text("utf-8")
    return tomllib.loads(text)
