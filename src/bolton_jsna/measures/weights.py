"""Which areas are neighbours: contiguity of polygons, or pairs that the user gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.errors import SchemaError, UsageError, VintageError, choice, some
from bolton_jsna.core.known_areas import is_code
from bolton_jsna.core.table_checks import reject_unlike_keys, without_blanks
from bolton_jsna.geography import areal
from bolton_jsna.measures._arrays import Array, Positions
from bolton_jsna.measures._frame_columns import need

if TYPE_CHECKING:
    import geopandas as gpd
ContiguityRule = Literal["queen", "rook"]
Islands = Literal["leave", "nearest"]


@dataclass(frozen=True, eq=False)
class Weights:
    """Which areas are neighbours of which; being a neighbour is mutual.

    Attributes
    ----------
    codes : tuple of str, length n
        The areas, in the order of what they were made from.
    starts : ndarray of int, shape (n + 1,)
        Where each area's neighbours begin in ``neighbours`` (compressed sparse rows).
    neighbours : ndarray of int, shape (number of links,)
        Positions of neighbours in ``codes``, ascending within an area.
    rule : str
        ``queen``, ``rook`` or ``pairs``: how neighbours were found.
    joined : tuple of str
        Islands that were joined to their nearest area.
    """

    codes: tuple[str, ...]
    starts: NDArray[np.int64]
    neighbours: NDArray[np.int64]
    rule: str
    joined: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.codes)

    def __repr__(self) -> str:
        return (
            f"Weights({self.rule}: {len(self)} areas, {len(self.neighbours) // 2} pairs, "
            f"{len(self.islands)} islands)"
        )

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The number of neighbours of each area, shape (n,)."""
        return self.starts[1:] - self.starts[:-1]

    @property
    def islands(self) -> tuple[str, ...]:
        """The codes of areas without any neighbour."""
        return tuple(
            code for code, number in zip(self.codes, self.numbers, strict=True) if number == 0
        )

    def neighbours_of(self, code: str) -> tuple[str, ...]:
        """Return the codes of an area's neighbours.

        Raises
        ------
        UsageError
            When the code is not one of the areas.
        """
        if code not in self.codes:
            raise UsageError(f"{code!r} is not one of the {len(self)} areas ({some(self.codes)}).")
        place = self.codes.index(code)
        found = self.neighbours[self.starts[place] : self.starts[place + 1]]
        return tuple(self.codes[each] for each in found)

    def matrix(self) -> Any:
        """Return the links as a sparse matrix of ones, shape (n, n)."""
        from scipy import sparse

        ones = np.ones(len(self.neighbours))
        return sparse.csr_array((ones, self.neighbours, self.starts), shape=(len(self), len(self)))

    def table(self) -> pd.DataFrame:
        """Return one row per area and neighbour: ``area_code``, ``neighbour_code``."""
        codes = np.asarray(self.codes, dtype=object)
        own = np.repeat(codes, self.numbers)
        return pd.DataFrame({"area_code": own, "neighbour_code": codes[self.neighbours]})


@checked
def contiguity_weights(
    boundaries: gpd.GeoDataFrame,
    *,
    rule: ContiguityRule = "queen",
    code: str = "area_code",
    tolerance: float = 0.0,
    islands: Islands = "leave",
) -> Weights:
    """Find which polygons touch.

    Parameters
    ----------
    boundaries : GeoDataFrame, n rows
        One polygon or multipolygon per area.
    rule : {"queen", "rook"}
        ``queen``: areas that share a point or more. ``rook``: areas that share a line.
    code : str, default "area_code"
        The column that names the areas.
    tolerance : float, default 0
        For ``queen``: areas no farther apart than this are neighbours too, in the units of the
        coordinates (metres in EPSG:27700). It closes gaps between boundaries that
        were generalised separately.
    islands : {"leave", "nearest"}
        What to do with an area that touches none. ``leave``: it has no neighbour, and measures
        leave it out and list it. ``nearest``: it and the area nearest to it become neighbours.

    Returns
    -------
    Weights
        In the order of ``boundaries``.

    Raises
    ------
    SchemaError
        When there is no column of codes, a code is missing or repeated, or a shape is missing,
        empty or not a polygon.
    UsageError
        When an option is not known, or the tolerance is negative, used with ``rook``, or given
        for coordinates in degrees.

    Notes
    -----
    Contiguity after Cliff and Ord 1981. Candidates come from an STR-packed R-tree.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> weights = jsna.contiguity_weights(jsna.load_boundaries("Bolton", level="ward"))
    >>> weights
    Weights(queen: 20 areas, 43 pairs, 0 islands)
    >>> len(weights.neighbours_of("E05014818"))
    5
    """
    import shapely

    choice("rule", rule, ("queen", "rook"))
    choice("islands", islands, ("leave", "nearest"))
    codes, shapes = _polygons(boundaries, code)
    _fit(tolerance, rule, boundaries)
    tree = shapely.STRtree(shapes)
    if tolerance > 0:
        first, second = tree.query(shapes, predicate="dwithin", distance=tolerance)
    else:
        first, second = tree.query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    if rule == "rook":
        # The perimeter of an overlap counts as a shared line: neighbours that were generalised
        # separately overlap by slivers.
        lines = shapely.length(shapely.intersection(shapes[first], shapes[second])) > 0
        first, second = first[lines], second[lines]
    joined: tuple[str, ...] = ()
    if islands == "nearest" and len(codes) > 1:
        alone = np.setdiff1d(np.arange(len(codes)), np.concatenate([first, second]))
        found = tree.query_nearest(shapes[alone], exclusive=True, all_matches=False)
        first = np.concatenate([first, alone[found[0]]])
        second = np.concatenate([second, found[1]])
        joined = tuple(codes[each] for each in alone[found[0]])
    return _weights(codes, first, second, rule, joined)


@checked
def weights_from_pairs(
    pairs: pd.DataFrame,
    *,
    code: str = "area_code",
    neighbour: str = "neighbour_code",
    codes: tuple[str, ...] | list[str] | None = None,
) -> Weights:
    """Take neighbours from a table of pairs, as :meth:`Weights.table` writes them.

    Parameters
    ----------
    pairs : DataFrame
        One row per area and neighbour, each pair in one direction or in both.
    code, neighbour : str
        The columns.
    codes : sequence of str, optional
        All the areas, islands among them; by default those that the pairs name, sorted.

    Returns
    -------
    Weights
        Every pair is mutual, whichever way it was written.

    Raises
    ------
    SchemaError
        When a column or a code is missing, or a code of ``codes`` is repeated.
    UsageError
        When an area is its own neighbour, or a pair names an area that is not in ``codes``.

    Examples
    --------
    >>> import pandas as pd
    >>> ring = pd.DataFrame({"area_code": list("abcd"), "neighbour_code": list("bcda")})
    >>> weights_from_pairs(ring).neighbours_of("a")
    ('b', 'd')
    """
    need(pairs, [code, neighbour], options="code= and neighbour=")
    if pairs[[code, neighbour]].isna().any(axis=None):
        raise SchemaError(f"A code is missing in {code!r} or {neighbour!r}. Drop those rows.")
    own = pairs[code].astype(str).to_numpy(dtype=object)
    other = pairs[neighbour].astype(str).to_numpy(dtype=object)
    selves = own[own == other]
    if len(selves):
        raise UsageError(f"{some(pd.unique(selves))} is named as its own neighbour. Drop the pair.")
    named = tuple(sorted({*own, *other})) if codes is None else tuple(str(each) for each in codes)
    if len(set(named)) < len(named):
        raise SchemaError("codes= names an area twice. Name each area once.")
    index = pd.Index(named)
    first, second = index.get_indexer(own), index.get_indexer(other)
    unknown = [*own[first < 0], *other[second < 0]]
    if unknown:
        raise UsageError(
            f"The pairs name {some(dict.fromkeys(unknown))}, which codes= does not have. "
            "Add them to codes=, or drop the pairs."
        )
    return _weights(named, np.asarray(first), np.asarray(second), "pairs", ())


def places_in(weights: Weights, frame: pd.DataFrame, code: str) -> Positions:
    """Return where each row's area is in the weights, shape (number of rows,)."""
    repeated = frame.loc[frame[code].duplicated(), code]
    if len(repeated):
        raise SchemaError(
            f"{some(repeated.unique())} has more than one row. Give one row per area: one "
            "indicator and one year."
        )
    index = pd.Index(weights.codes, dtype=object)
    places: Positions = index.get_indexer(without_blanks(frame[code]).astype(object))
    unknown = frame.loc[np.asarray(places) < 0, code]
    if len(unknown):
        reject_unlike_keys(frame[code], list(weights.codes), column=code, there="the weights")
        names = " For areas by name, join_areas(frame) gives a column of codes."
        coded = any(map(is_code, unknown)) or not any(map(is_code, weights.codes))
        raise VintageError(
            f"{len(unknown)} of {len(frame)} areas ({some(unknown, most=3)}) are not in the "
            f"weights ({some(weights.codes, most=3)}). Make the weights from boundaries of the "
            f"same level and year, or drop those rows.{'' if coded else names}"
        )
    return places


def _weights(
    codes: tuple[str, ...], first: Array, second: Array, rule: str, joined: tuple[str, ...]
) -> Weights:
    """Make every pair mutual, once, in order."""
    size = max(len(codes), 1)
    both = np.unique(
        np.concatenate([first, second]).astype(np.int64) * size
        + np.concatenate([second, first]).astype(np.int64)
    )
    neighbours = both % size
    starts = np.zeros(len(codes) + 1, dtype=np.int64)
    np.cumsum(np.bincount(both // size, minlength=len(codes)), out=starts[1:])
    for array in (starts, neighbours):
        array.setflags(write=False)
    return Weights(codes, starts, neighbours, rule, joined)


def _polygons(boundaries: gpd.GeoDataFrame, code: str) -> tuple[tuple[str, ...], Array]:
    import shapely

    need(boundaries, [code], options="code=")
    if not hasattr(boundaries, "geometry"):
        raise SchemaError("The frame has no geometry. Give boundaries, as load_boundaries does.")
    if boundaries[code].isna().any() or boundaries[code].duplicated().any():
        repeated = boundaries.loc[boundaries[code].duplicated(), code]
        raise SchemaError(
            f"Each area needs one shape and a code; repeated or missing in {code!r}: "
            f"{some(repeated.unique())}. Dissolve the shapes by code first."
        )
    codes = tuple(str(each) for each in boundaries[code])
    shapes = np.asarray(areal(boundaries.geometry).to_numpy(), dtype=object)
    polygonal = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    if not polygonal.all():
        wrong = [codes[each] for each in np.flatnonzero(~polygonal)]
        raise SchemaError(
            f"{some(wrong)} has no polygon. Give boundaries in which each area is a polygon."
        )
    invalid = ~shapely.is_valid(shapes)
    if invalid.any():
        shapes = np.where(invalid, shapely.make_valid(shapes), shapes)
    return codes, shapes


def _fit(tolerance: float, rule: str, boundaries: gpd.GeoDataFrame) -> None:
    if not is_number(tolerance) or not 0 <= tolerance < float("inf"):
        raise UsageError(f"tolerance={tolerance!r} is not a distance; expected zero or more.")
    if tolerance and rule == "rook":
        raise UsageError(
            "rule='rook' needs a shared line: leave out tolerance=, or use rule='queen'."
        )
    if tolerance and boundaries.crs is not None and boundaries.crs.is_geographic:
        raise UsageError(
            f"The coordinates are degrees ({boundaries.crs.to_string()}), and tolerance= is a "
            "distance. Use to_crs(27700) first."
        )
