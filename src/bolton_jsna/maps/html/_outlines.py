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
    found = []
    for shape in shapes.to_crs("EPSG:4326"):
        polygons = []
        for polygon in shapely.get_parts(shape):
            rings = [polygon.exterior, *polygon.interiors]
            corners = [_corners(np.asarray(ring.coords)[:, :2]) for ring in rings]
            # A hole that is too small after rounding is left out; an outline is always kept.
            polygons.append(
                [_steps(each) for at, each in enumerate(corners) if not at or len(each) > 2]
            )
        found.append(polygons)
    return found


def bounds(shapes: gpd.GeoSeries) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the south-west and north-east corner as (latitude, longitude) in degrees."""
    west, south, east, north = (
        round(float(each), DECIMALS) for each in shapes.to_crs("EPSG:4326").total_bounds
    )
    return (south, west), (north, east)


def _corners(coordinates: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    whole: np.ndarray[Any, Any] = np.rint(coordinates * 10**DECIMALS).astype(int)
    moved = np.ones(len(whole), dtype=bool)
    moved[1:] = (whole[1:] != whole[:-1]).any(axis=1)
    distinct = whole[moved]
    closed = len(distinct) > 1 and (distinct[0] == distinct[-1]).all()
    return distinct[:-1] if closed else distinct


def _steps(corners: np.ndarray[Any, Any]) -> Ring:
    steps = np.diff(corners, axis=0, prepend=np.zeros((1, 2), dtype=int))
    return [int(each) for each in steps.ravel()]
