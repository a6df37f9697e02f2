"""The specification of a map: its content without the drawing, the same for web and print.

A ``MapSpec`` has the areas with their shapes and one or more layers; a layer has the classes, the
legend with its counts, the paint of each area, and the values shown for each area.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from bolton_jsna.core.area_codes import AreaWords
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import UsageError, VintageError, some
from bolton_jsna.core.states import LABELS
from bolton_jsna.drawing.classes import Classes
from bolton_jsna.drawing.palettes import Paint

if TYPE_CHECKING:
    import geopandas as gpd

LANGUAGE = "en-GB"
_AREAS = AreaWords()
ILLUSTRATIVE = "Illustrative local data"


@dataclass(frozen=True)
class MapArea:
    """An area of the map: its code and name."""

    code: str
    name: str


@dataclass(frozen=True)
class LegendEntry:
    """An entry of the legend: key, printed label, paint, and number of areas."""

    key: str
    label: str
    paint: Paint
    count: int


@dataclass(frozen=True)
class Mark:
    """A pattern over the colours of some areas: its key in the palettes, label and areas."""

    key: str
    label: str
    marked: tuple[bool, ...]

    @property
    def count(self) -> int:
        """How many areas are marked."""
        return sum(self.marked)


@dataclass(frozen=True)
class AreaValue:
    """A value shown for one area, such as "IDACI score", "0.691", with its state.

    ``of`` is the measure that an interval, a count or a verdict belongs to.
    """

    label: str
    text: str
    status: str = "value"
    of: str = field(default="", repr=False)


@dataclass(frozen=True)
class Benchmark:
    """A figure that areas are compared with, and its text, such as "England 2025 (519.4)"."""

    figure: float
    text: str


@dataclass(frozen=True)
class MeasureScale:
    """A measure of a layer: its label, its unit, its classes, and what it is compared with."""

    label: str
    unit: str
    classes: Classes
    benchmark: Benchmark | None = None

    @property
    def heading(self) -> str:
        """Label and unit, as the heading of a legend or a column."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def quoted(self) -> str:
        """Label and unit within a sentence, which can begin with a capital letter."""
        return quoted(self.label) + (f" ({self.unit})" if self.unit else "")


@dataclass(frozen=True)
class MapLayer:
    """One layer of the map.

    Attributes
    ----------
    title : str
        Its short name.
    kind : {"single", "bivariate", "categories"}
        One measure, x and y together, or words such as zones.
    scales : tuple of MeasureScale
        One measure, or x and y; none for categories.
    entries : tuple of LegendEntry
        The legend: classes from low to high (bivariate: row by row of y, each from low to high
        x, keys ``cell-<x>-<y>``), then the states.
    painted : tuple of str
        The key of the entry of each area, in the order of the areas.
    area_values : tuple of tuple of AreaValue
        The values shown for each area: the measures, then further details.
    notes : tuple of str
        How the classes were made, and other remarks.
    description : str
        The layer in words.
    marks : tuple of Mark
        Patterns over the colours: not significantly different, low reliability.
    source : str
        Short name of the source, shown with each area.
    illustrative : bool
        Whether the figures of this layer are made up.
    areas : AreaWords
        What the areas are called, such as "ward" and "wards".
    subtitle : str
        Measure, place and time, shown with the layer where the map has several.
    """

    title: str
    kind: Literal["single", "bivariate", "categories"]
    scales: tuple[MeasureScale, ...]
    entries: tuple[LegendEntry, ...]
    painted: tuple[str, ...]
    area_values: tuple[tuple[AreaValue, ...], ...]
    notes: tuple[str, ...]
    description: str
    marks: tuple[Mark, ...] = ()
    source: str = ""
    illustrative: bool = False
    areas: AreaWords = _AREAS
    subtitle: str = ""

    @property
    def heading(self) -> str:
        """The heading of the legend: the measure with its unit, or the title."""
        return self.scales[0].heading if self.kind == "single" else self.title

    @property
    def paints(self) -> tuple[Paint, ...]:
        """The paint of each area; under a mark it has no pattern, so that no area has two."""
        by_key = {entry.key: entry.paint for entry in self.entries}
        every = [by_key[key] for key in self.painted]
        return tuple(
            replace(paint, pattern="none", line="") if any(marks) else paint
            for paint, *marks in zip(every, *(mark.marked for mark in self.marks), strict=True)
        )

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
        Shown above it.
    places : tuple of MapArea
        The areas, ordered by name.
    shapes : GeoSeries
        Their polygons in EPSG:27700, in the same order.
    layers : tuple of MapLayer
        One or more layers.
    notes, sources : tuple of str
        Remarks, and sources with licence and attribution, whole.
    note : str
        The one note that is printed with the map; it is also the first of ``notes`` or of a layer.
    illustrative : bool
        Whether figures are made up; the map is then labelled as illustrative.
    left_out : tuple of str
        What of the table is not on the map, shown with the subtitle.
    language : str
        Language tag of the text.
    lines : GeoDataFrame or None
        Larger areas whose lines and names are drawn over the areas of a map for the web.
    postcodes : Mapping or None
        The postcodes by which a map for the web can be searched.
    """

    title: str
    subtitle: str
    places: tuple[MapArea, ...]
    shapes: gpd.GeoSeries = field(repr=False, compare=False)
    layers: tuple[MapLayer, ...]
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    illustrative: bool = False
    left_out: tuple[str, ...] = ()
    language: str = LANGUAGE
    note: str = ""
    lines: gpd.GeoDataFrame | None = field(default=None, repr=False, compare=False)
    postcodes: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        return f"MapSpec({self.title!r}: {self.description})"

    @property
    def description(self) -> str:
        """The map in words, for readers who cannot see it."""
        made_up = f"{ILLUSTRATIVE}. " if self.illustrative else ""
        return made_up + " ".join((*(layer.description for layer in self.layers), *self.left_out))


def made_up(spec: MapSpec) -> str:
    """Return the label of made-up figures, with the measures if not all layers are made up."""
    false = [_measures(layer) for layer in spec.layers if layer.illustrative]
    if len(false) in (0, len(spec.layers)):
        return ILLUSTRATIVE
    true = [name for each in spec.layers if not each.illustrative for name in _measures(each)]
    # One or both of two crossed measures can be made up: they are named only if it is known which.
    rest = [[name for name in names if name not in true] for names in false]
    alone = [names[0] for names in false if len(names) == 1]
    if all(len(names) == 1 or (names and set(names) <= set(alone)) for names in rest):
        return f"{ILLUSTRATIVE}: {'; '.join(unique_texts(name for each in rest for name in each))}"
    return f"{ILLUSTRATIVE} in {len(false)} of {len(spec.layers)} layers"


def _measures(layer: MapLayer) -> list[str]:
    """Return the names of what a layer shows."""
    return [scale.label for scale in layer.scales] or [layer.title]


def quoted(text: str) -> str:
    """Return a text in quotation marks."""
    return f"\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}"


def gap(label: str, state: str) -> AreaValue:
    """Return the value of an area without a number: its state."""
    return AreaValue(label, LABELS[state], state)


def unique_texts(text: Any) -> tuple[str, ...]:
    """Return one text, or several, as a tuple without repeats."""
    given = [] if text is None else [text] if isinstance(text, str) else list(text)
    wrong = [each for each in given if not isinstance(each, str)]
    if wrong:
        raise UsageError(f"Notes and sources must be text; found {some(wrong)}.")
    return tuple(dict.fromkeys(each for each in given if each.strip()))


@checked
def combine(*specs: MapSpec, title: str = "", subtitle: str = "") -> MapSpec:
    """Return one map with the layers of several over the same areas.

    Parameters
    ----------
    *specs : MapSpec
        Maps of the same areas; the shapes of the first are drawn.
    title, subtitle : str
        Shown above; those of the first map if both are left out.

    Raises
    ------
    UsageError
        If there is no map.
    VintageError
        If the maps do not show the same areas.

    Examples
    --------
    >>> combine()
    Traceback (most recent call last):
    bolton_jsna.core.errors.UsageError: There are no maps to combine. Give at least one.
    """
    if not specs:
        raise UsageError("There are no maps to combine. Give at least one.")
    first = specs[0]
    named = {place.code: place.name for place in first.places}
    for other in specs[1:]:
        apart = set(named) ^ {place.code for place in other.places}
        if apart:
            raise VintageError(
                f"The maps do not show the same areas: {some(sorted(apart))} are only on one of "
                "them. Draw all maps with the same boundaries."
            )
        if [place.code for place in other.places] != list(named):
            differ = [p.name for p in other.places if p.name != named[p.code]]
            raise VintageError(
                f"The maps have different names for the same areas ({some(differ)}), so their "
                "order differs. Draw all maps with the same boundaries."
            )
    return replace(
        first,
        title=title or first.title,
        subtitle=subtitle or ("" if title else first.subtitle),
        layers=tuple(
            replace(layer, subtitle=layer.subtitle or spec.subtitle)
            for spec in specs
            for layer in spec.layers
        ),
        notes=unique_texts(note for spec in specs for note in spec.notes),
        sources=unique_texts(source for spec in specs for source in spec.sources),
        illustrative=any(spec.illustrative for spec in specs),
        left_out=unique_texts(text for spec in specs for text in spec.left_out),
        note=" ".join(unique_texts(spec.note for spec in specs)),
        lines=next((spec.lines for spec in specs if spec.lines is not None), None),
        postcodes=next((spec.postcodes for spec in specs if spec.postcodes), None),
    )
