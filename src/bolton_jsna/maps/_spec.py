"""What a map says, apart from how it is drawn: the same for the web and for print.

A ``MapSpec`` holds the areas with their shapes and one layer or more; a layer holds the classes,
the legend with its counts, how each area is painted, and what is told of each area. The functions
here are pure: frames in, a specification out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from bolton_jsna.core.errors import UsageError, VintageError, some
from bolton_jsna.drawing.classes import Classes
from bolton_jsna.drawing.palettes import Paint

if TYPE_CHECKING:
    import geopandas as gpd

LANGUAGE = "en-GB"
ILLUSTRATIVE = "Illustrative local data"


@dataclass(frozen=True)
class Place:
    """An area of the map: its code and name."""

    code: str
    name: str


@dataclass(frozen=True)
class Entry:
    """A line of the legend: key, printed label, paint, and how many areas it holds."""

    key: str
    label: str
    paint: Paint
    count: int


@dataclass(frozen=True)
class Mark:
    """What is drawn over the colours of some areas: its key among the marks, label and areas."""

    key: str
    label: str
    marked: tuple[bool, ...]

    @property
    def count(self) -> int:
        """How many areas are marked."""
        return sum(self.marked)


@dataclass(frozen=True)
class Reading:
    """What is told of one area: "IDACI score", "0.691"; the status when it is no plain value.

    ``of`` names the measure that an interval, a count or a verdict belongs to.
    """

    label: str
    text: str
    status: str = "value"
    of: str = field(default="", repr=False)


@dataclass(frozen=True)
class Scale:
    """A measure of a layer: its label, its unit, its classes."""

    label: str
    unit: str
    classes: Classes

    @property
    def heading(self) -> str:
        """Label and unit, as a legend or a table is headed."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


@dataclass(frozen=True)
class Layer:
    """One picture over the areas.

    Attributes
    ----------
    title : str
        Its short name.
    kind : {"single", "bivariate"}
        One measure, or x and y together.
    scales : tuple of Scale
        One measure, or x and y.
    entries : tuple of Entry
        The legend: classes from low to high (bivariate: row by row of y, each from low to high
        x, keys ``cell-<x>-<y>``), then the states.
    painted : tuple of str
        The key of the entry of each area, in the order of the areas.
    readings : tuple of tuple of Reading
        What is told of each area: the measures, then further details.
    notes : tuple of str
        How the classes were made, and what else must be known.
    description : str
        The picture in words.
    marks : tuple of Mark
        What is drawn over the colours: not significantly different, low reliability.
    source : str
        Short name of the source, told with each area.
    illustrative : bool
        Whether the figures of this layer are made up.
    """

    title: str
    kind: Literal["single", "bivariate"]
    scales: tuple[Scale, ...]
    entries: tuple[Entry, ...]
    painted: tuple[str, ...]
    readings: tuple[tuple[Reading, ...], ...]
    notes: tuple[str, ...]
    description: str
    marks: tuple[Mark, ...] = ()
    source: str = ""
    illustrative: bool = False

    @property
    def paints(self) -> tuple[Paint, ...]:
        """How each area is painted."""
        by_key = {entry.key: entry.paint for entry in self.entries}
        return tuple(by_key[key] for key in self.painted)

    @property
    def labels(self) -> tuple[str, ...]:
        """The legend's label of each area: its class, cell or state."""
        by_key = {entry.key: entry.label for entry in self.entries}
        return tuple(by_key[key] for key in self.painted)


@dataclass(frozen=True)
class MapSpec:
    """A whole map.

    Attributes
    ----------
    title, subtitle : str
        What stands above it.
    places : tuple of Place
        The areas, ordered by name.
    shapes : GeoSeries
        Their polygons in EPSG:27700, in the same order.
    layers : tuple of Layer
        One or more pictures.
    notes, sources : tuple of str
        Lines below the map.
    illustrative : bool
        Whether figures are made up and the face must say so.
    language : str
        Language tag of the text.
    """

    title: str
    subtitle: str
    places: tuple[Place, ...]
    shapes: gpd.GeoSeries = field(repr=False, compare=False)
    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    illustrative: bool = False
    language: str = LANGUAGE

    @property
    def description(self) -> str:
        """The map in words, for those who do not see it."""
        made_up = f"{ILLUSTRATIVE}. " if self.illustrative else ""
        return made_up + " ".join(layer.description for layer in self.layers)


def count_of(count: int) -> str:
    """Return a count of areas in words."""
    return f"{count:,} area{'' if count == 1 else 's'}"


def lines(text: Any) -> tuple[str, ...]:
    """Return one text, or several, as a tuple of lines, each once."""
    given = [] if text is None else [text] if isinstance(text, str) else list(text)
    wrong = [line for line in given if not isinstance(line, str)]
    if wrong:
        raise UsageError(f"Notes and sources are lines of text; found {some(wrong)}.")
    return tuple(dict.fromkeys(line for line in given if line.strip()))


def combine(*specs: MapSpec, title: str = "", subtitle: str = "") -> MapSpec:
    """Return one map with the layers of several over the same areas.

    Parameters
    ----------
    *specs : MapSpec
        Maps of the same areas; the shapes of the first are drawn.
    title, subtitle : str
        What stands above; those of the first map when both are left out.

    Raises
    ------
    UsageError
        When there is no map.
    VintageError
        When the maps do not show the same areas.

    Examples
    --------
    >>> combine()
    Traceback (most recent call last):
    bolton_jsna.core.errors.UsageError: There are no maps to combine. Give at least one.
    """
    if not specs:
        raise UsageError("There are no maps to combine. Give at least one.")
    first = specs[0]
    here = {place.code for place in first.places}
    for other in specs[1:]:
        apart = here ^ {place.code for place in other.places}
        if apart:
            raise VintageError(
                f"The maps do not show the same areas: {some(sorted(apart))} are only on one of "
                "them. Draw all layers over the same boundaries."
            )
        if [place.code for place in other.places] != [place.code for place in first.places]:
            named = {place.code: place.name for place in first.places}
            differ = [p.name for p in other.places if p.name != named[p.code]]
            raise VintageError(
                f"The maps name the same areas differently ({some(differ)}), so their order "
                "differs. Draw all layers over the same boundaries."
            )
    return replace(
        first,
        title=title or first.title,
        subtitle=subtitle or ("" if title else first.subtitle),
        layers=tuple(layer for spec in specs for layer in spec.layers),
        notes=lines([note for spec in specs for note in spec.notes]),
        sources=lines([source for spec in specs for source in spec.sources]),
        illustrative=any(spec.illustrative for spec in specs),
    )
