"""Shapes as short lists of numbers for a page: degrees with five decimals."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

DECIMALS: Final = 5
"""Decimals of a degree: about a metre. Equal corners stay equal, so borders stay shared."""

Ring = list[int]


def packed(shapes: gpd.GeoSeries) -> list[list[list[Ring]]]:
    """Return polygons as whole numbers: the first corner, then the difference to each next one."""
    parts, of_shape = shapely.get_parts(shapes.to_crs("EPSG:4326").to_numpy(), return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    corners, of_ring = shapely.get_coordinates(rings, return_index=True)
    whole = np.rint(corners * 10**DECIMALS).astype(np.int64)
    found: list[list[list[Ring]]] = [[] for _ in range(len(shapes))]
    part = -1
    for number, ring in zip(of_part, np.split(whole, _starts(of_ring)), strict=True):
        outline = number != part
        if outline:
            part = number
            found[of_shape[part]].append([])
        distinct = _corners(ring)
        # A hole that is too small after rounding is left out; an outline is always kept.
        if outline or len(distinct) > 2:
            found[of_shape[part]][-1].append(_steps(distinct))
    return found


def _starts(owners: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.flatnonzero(np.diff(owners)) + 1


def bounds(shapes: gpd.GeoSeries) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the south-west and north-east corner as (latitude, longitude) in degrees."""
    west, south, east, north = (
        round(float(each), DECIMALS) for each in shapes.to_crs("EPSG:4326").total_bounds
    )
    return (south, west), (north, east)


def _corners(whole: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    moved = np.ones(len(whole), dtype=bool)
    moved[1:] = (whole[1:] != whole[:-1]).any(axis=1)
    distinct = whole[moved]
    closed = len(distinct) > 1 and (distinct[0] == distinct[-1]).all()
    return distinct[:-1] if closed else distinct


def _steps(corners: np.ndarray[Any, Any]) -> Ring:
    steps = corners.copy()
    steps[1:] -= corners[:-1]
    return list(steps.ravel().tolist())
