"""What a chart shows, before anything is drawn: axes, marks, words and the data behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import pandas as pd

Role = Literal[
    "subject",
    "other",
    "england",
    "region",
    "reference",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
]
"""What a mark stands for; its colour, dash and shape follow from it (``palettes.toml``)."""

DotShape = Literal["circle", "square", "diamond", "triangle", "triangle_down"]

PARTS: Final[tuple[Role, ...]] = ("first", "second", "third", "fourth", "fifth", "sixth")
"""The roles of the parts of a whole, in their order: at most six colours."""


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes
    ----------
    label : str
        What it measures, with its unit; empty for categories that speak for themselves.
    low, high : float
        Its ends in the numbers of the data; categories are at 0, 1, 2, ... from the left or top.
    ticks : tuple of (float, str)
        Where there is a tick, and its text.
    categories : bool
        Whether the ticks are names, which are wrapped and not left out.
    grid : bool
        Whether lines go across the chart at the ticks.
    """

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    categories: bool = False
    grid: bool = False


@dataclass(frozen=True)
class Line:
    """A line through points; None, for a figure without a number, breaks it."""

    points: tuple[tuple[float, float] | None, ...]
    role: Role
    dashed: bool = False
    label: str = ""
    over: bool = False
    """Whether it lies over bars, with a white edge."""


@dataclass(frozen=True)
class Band:
    """The area between two lines: an interval, or what is usual. Points are (x, low, high)."""

    points: tuple[tuple[float, float, float], ...]
    role: Role
    strength: Literal["light", "middle", "strong"] = "light"
    label: str = ""


@dataclass(frozen=True)
class Whisker:
    """An interval of one figure, along x or y at a place on the other axis."""

    at: float
    low: float
    high: float
    along: Literal["x", "y"]
    role: Role
    over: bool = False
    """Whether it lies over a bar, with a white edge."""


@dataclass(frozen=True)
class Dot:
    """One figure. ``said`` is what a reader hears and sees when it is chosen."""

    x: float
    y: float
    role: Role
    said: str
    shape: DotShape = "circle"
    hollow: bool = False
    label: str = ""


@dataclass(frozen=True)
class Bar:
    """A bar at a place of the categories, from one number to another along x or y."""

    at: float
    start: float
    end: float
    along: Literal["x", "y"]
    role: Role
    said: str
    thickness: float = 0.7
    text: str = ""
    text_at: Literal["middle", "start"] = "middle"


@dataclass(frozen=True)
class StateMark:
    """A figure without a number: a hatched field across the chart with the state's sign.

    It begins at the edge of the field, or at ``start`` where it follows bars.
    """

    at: float
    along: Literal["x", "y"]
    status: str
    said: str
    thickness: float = 0.7
    role: Role = "other"
    start: float | None = None
    back: bool = False
    """Whether it lies to the left of its start."""
    place: int = 0
    """How many states are before it at the same start."""


@dataclass(frozen=True)
class Side:
    """Words to the right of a row of categories, one for each column."""

    at: float
    texts: tuple[str, ...]
    role: Role = "subject"


@dataclass(frozen=True)
class Rule:
    """A line across the whole chart at a number of one axis; its name is on one side of it."""

    at: float
    axis: Literal["x", "y"]
    role: Role
    dashed: bool = True
    label: str = ""
    side: Literal["auto", "left", "right"] = "auto"


@dataclass(frozen=True)
class Text:
    """Words at a place of the chart, such as the name of a column of figures."""

    x: float
    y: float
    text: str
    role: Role = "other"
    anchor: Literal["start", "middle", "end"] = "middle"
    bold: bool = False


Mark = Line | Band | Whisker | Dot | Bar | StateMark | Side | Rule | Text


@dataclass(frozen=True)
class LegendEntry:
    """One line of the legend: a sample of a mark, and what it means."""

    mark: Literal["line", "dashed", "band", "dot", "hollow", "bar", "state", "whisker"]
    role: Role
    text: str
    strength: Literal["light", "middle", "strong"] = "light"
    shape: DotShape = "circle"
    status: str = ""


@dataclass(frozen=True)
class ChartSpec:
    """A chart.

    Attributes
    ----------
    kind : str
        Such as ``"trend"``.
    title : str
        What is shown.
    subtitle : str
        Measure, unit, place and time.
    x, y : Axis
        The axes. The first category of y is at the top.
    marks : tuple of marks
        In the order in which they are drawn.
    legend : tuple of LegendEntry
        What is not labelled where it is.
    notes, sources : tuple of str
        Sentences below the chart, and its sources.
    description : str
        The text alternative: kind of chart, what it shows and the main numbers, from the data.
    data : DataFrame
        Every figure of the chart, as its CSV and its table have it. Not compared.
    headings : mapping-like tuple of (str, str)
        The columns of the table and their headings, in order.
    rows_tall : int
        How many rows of categories y has, 0 for a number: the height follows from it.
    illustrative : bool
        Whether figures are made up.
    digits : int or None
        How many decimals the numbers of the table have; None: as many as show how they differ.
    side_headings : tuple of str
        What the columns of words to the right of the rows are.
    """

    kind: str
    title: str
    subtitle: str
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    legend: tuple[LegendEntry, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    description: str
    data: pd.DataFrame
    headings: tuple[tuple[str, str], ...]
    rows_tall: int = 0
    illustrative: bool = False
    side_headings: tuple[str, ...] = ()
    digits: int | None = None

    __hash__ = None  # type: ignore[assignment]  # a frame has no hash
