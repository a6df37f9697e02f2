"""What is drawn, in the units of the page: the same shapes for print and for the web."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Stroke:
    """A line or the edge of a field."""

    colour: str
    width: float
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Path:
    """Lines through points, closed and filled where it has a fill."""

    points: tuple[tuple[float, float], ...]
    stroke: Stroke | None = None
    fill: str = ""
    closed: bool = False


@dataclass(frozen=True)
class Box:
    """An upright rectangle with its upper left corner at x, y; ``status`` hatches it."""

    x: float
    y: float
    width: float
    height: float
    fill: str = ""
    stroke: Stroke | None = None
    status: str = ""


@dataclass(frozen=True)
class Words:
    """One line of text, its baseline at y."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False
    halo: bool = False


Shape = Path | Box | Words


@dataclass(frozen=True)
class Figure:
    """A figure that can be chosen: where it is, what is said of it, and its shapes."""

    x: float
    y: float
    said: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Drawing:
    """All shapes of a chart at one width.

    Attributes
    ----------
    width, height : float
        Units of the page: points in print, pixels on the web. y grows downwards.
    under, over : tuple of shapes
        What lies below the figures that can be chosen, and above them.
    figures : tuple of Figure
        The figures that can be chosen, in the order of reading.
    """

    width: float
    height: float
    under: tuple[Shape, ...]
    figures: tuple[Figure, ...]
    over: tuple[Shape, ...]
