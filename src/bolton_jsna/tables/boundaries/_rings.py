"""Make polygons from rings of corners, for every format of boundaries, and repair them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import SourceError
from bolton_jsna.core.reading import limits
from bolton_jsna.core.reading.isolated import IsolatedReader
from bolton_jsna.core.reading.worker import Answers

if TYPE_CHECKING:
    import numpy as np


AREAS: Final = ("Polygon", "MultiPolygon")
"""The kinds of shape that boundaries have."""

_SMALL: Final = 500
_RING: Final = 20


@dataclass
class BoundaryLayer:
    """A layer as it is in a file.

    Attributes
    ----------
    columns : dict of str to list
        The facts of each shape, by column.
    shapes : list
        Polygons and multipolygons, None where a feature has no shape; the name of its kind
        (``"Point"``) where it has one without an area.
    crs : int or None
        The EPSG number of the coordinate system, None if the file has none. Coordinates in
        degrees are longitude before latitude.
    """

    columns: dict[str, list[Any]] = field(default_factory=dict)
    shapes: list[Any] = field(default_factory=list)
    crs: int | None = None


def polygon(rings: Sequence[np.ndarray], name: str) -> Any:
    """Return the polygon of an outer ring and its holes."""
    import shapely

    made = [_closed(each, name) for each in rings if len(each)]
    return shapely.Polygon(made[0], made[1:]) if made else shapely.Polygon()


def _closed(ring: np.ndarray, name: str) -> np.ndarray:
    import numpy as np

    if not np.isfinite(ring).all() or (np.abs(ring) > 1e9).any():
        raise SourceError(
            f"{name!r} has coordinates that are not a place on the earth. Download it again."
        )
    if (ring[0] != ring[-1]).any():
        ring = np.vstack([ring, ring[:1]])
    if len(ring) < 4:
        raise SourceError(
            f"{name!r} has a ring of {len(ring) - 1} corners. Expected at least three; download it "
            "again."
        )
    return ring


def united(polygons: Sequence[Any]) -> Any:
    """Return one polygon as it is, several as a multipolygon."""
    import shapely

    filled = [each for each in polygons if not each.is_empty]
    return filled[0] if len(filled) == 1 else shapely.MultiPolygon(filled)


def size(rings: int, corners: int) -> int:
    """Return the size of rings in corners; a ring without corners needs memory too."""
    return _RING * rings + corners


def fits(size: int, name: str) -> None:
    """Reject a layer with more corners than any real one."""
    if size > limits.POINTS:
        raise limits.exceeded(name, "more than", limits.POINTS, "corners")


def counted(features: int, columns: int, corners: int, name: str) -> None:
    """Reject a layer with more shapes, cells or corners than any real one."""
    if features > limits.FEATURES:
        raise limits.exceeded(name, "more than", limits.FEATURES, "shapes")
    if features * columns > limits.CELLS:
        raise limits.exceeded(name, "more than", limits.CELLS, "cells")
    fits(corners, name)


def repaired(shapes: Sequence[Any], name: str) -> list[Any]:
    """Return invalid shapes made valid: their parts that have an area."""
    # The lines of a ring may cross each other as often as the square of their number, so rings of
    # many corners are repaired in a separate process.
    import shapely

    if int(shapely.get_num_coordinates(shapes).sum()) <= _SMALL:
        return [_valid(each) for each in shapes]
    repair = IsolatedReader(
        "bolton_jsna.tables.boundaries._rings:serve",
        b"",
        name=name,
        damaged="has shapes whose lines cross each other too often to be repaired",
        advice="Download it again, or repair it in a GIS first.",
    )
    try:
        return [_repaired(each, repair) for each in shapes]
    finally:
        repair.close()


def _repaired(shape: Any, repair: IsolatedReader) -> Any:
    import shapely

    _, (found,) = repair.ask(shape=shapely.to_wkb(shape, hex=True))
    return shapely.from_wkb(found)


def serve(content: bytes, name: str) -> Answers:  # noqa: ARG001 (as every task of the child)
    """Return the function that repairs shapes, in the process of ``reading.isolated``."""
    import shapely

    def answer(asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        return {}, [shapely.to_wkb(_valid(shapely.from_wkb(asked["shape"])))]

    return answer


def _valid(shape: Any) -> Any:
    import shapely

    made = shapely.make_valid(shape)
    if made.geom_type in AREAS:
        return made
    parts = [each for each in shapely.get_parts(made) if "Polygon" in each.geom_type]
    return shapely.union_all(parts) if parts else made
