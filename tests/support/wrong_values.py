"""Smallest calls of every public function with their arguments by name, and values that are wrong.

``CALLS`` gives each function with arguments that work; ``values`` gives what a notebook may hold by
mistake in place of any of them.
"""

import datetime as dt
import functools
import inspect
import io
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

import bolton_jsna as jsna
import face
from bolton_jsna import maps, tables
from bolton_jsna.core.errors import BoltonJsnaError


class ReachedError(BoltonJsnaError):
    """All arguments were accepted, and the work that is left out here would begin."""


class _CaughtError(Exception):
    def __init__(self, arguments):
        self.arguments = arguments


def _of_face(name: str) -> dict[str, Any]:
    """The arguments with which the registry calls a function."""
    whole = getattr(jsna, name)
    signature = inspect.signature(whole)

    @functools.wraps(whole)
    def caught(*args, **kwargs):
        raise _CaughtError(dict(signature.bind(*args, **kwargs).arguments))

    jsna.__dict__[name] = caught
    try:
        face.CALLS[name]()()
    except _CaughtError as found:
        return found.arguments
    finally:
        del jsna.__dict__[name]
    raise AssertionError(name)


@functools.cache
def _spec() -> Any:
    return maps.choropleth_spec(face.wards(), "rate", boundaries=face.shapes())


@functools.cache
def _map() -> Any:
    return jsna.choropleth_map(face.wards(), "rate", boundaries=face.shapes())


@functools.cache
def _figure() -> Any:
    return jsna.static_choropleth(face.wards(), "rate", boundaries=face.shapes())


_BY_HAND: dict[str, tuple[Callable[[], Callable[..., Any]], Callable[[Path], dict[str, Any]]]] = {
    "SuppressionRule": (
        lambda: jsna.SuppressionRule,
        lambda _: {"name": "own", "threshold": 5, "width": 6},
    ),
    "Uncertainty": (lambda: jsna.Uncertainty, lambda _: {}),
    "area": (lambda: jsna.area, lambda _: {"place": "Bolton"}),
    "build": (lambda: jsna.build, lambda folder: {"workspace": folder}),
    "check_records": (lambda: jsna.check_records, lambda folder: {"path": _records(folder)}),
    "compare_with_neighbours": (lambda: jsna.compare_with_neighbours, lambda _: {}),
    "funnel_lines": (lambda: jsna.funnel_lines, lambda _: {"target": 40, "largest": 5000}),
    "idaci_profile": (lambda: jsna.idaci_profile, lambda _: {}),
    "layered_map": (lambda: jsna.layered_map, lambda _: {"maps": (_map(),)}),
    "load_boundaries": (lambda: jsna.load_boundaries, lambda _: {}),
    "load_children_in_need": (lambda: jsna.load_children_in_need, lambda _: {"areas": "Bolton"}),
    "indicators": (lambda: jsna.indicators, lambda _: {}),
    "load_idaci": (lambda: jsna.load_idaci, lambda _: {}),
    "load_indicators": (
        lambda: jsna.load_indicators,
        lambda _: {"areas": "Bolton", "indicators": "referrals"},
    ),
    "load_local_records": (
        lambda: jsna.load_local_records,
        lambda folder: {"path": _records(folder)},
    ),
    "load_lookup": (lambda: jsna.load_lookup, lambda _: {}),
    "load_population_estimates": (lambda: jsna.load_population_estimates, lambda _: {}),
    "load_population_projections": (lambda: jsna.load_population_projections, lambda _: {}),
    "load_statistical_neighbours": (lambda: jsna.load_statistical_neighbours, lambda _: {}),
    "maps.applied": (
        lambda: maps.applied,
        lambda _: {"classes": maps.classify([1, 2, 3, 4, 5, 6]), "values": [1, 2, 3]},
    ),
    "maps.bivariate_spec": (
        lambda: maps.bivariate_spec,
        lambda _: {"frame": face.wards(), "x": "idaci", "y": "rate", "boundaries": face.shapes()},
    ),
    "maps.choropleth_spec": (
        lambda: maps.choropleth_spec,
        lambda _: {"frame": face.wards(), "column": "rate", "boundaries": face.shapes()},
    ),
    "maps.classify": (lambda: maps.classify, lambda _: {"values": [1, 2, 3, 4, 5, 6]}),
    "maps.combine": (lambda: maps.combine, lambda _: {"specs": (_spec(),)}),
    "maps.spec_of": (lambda: maps.spec_of, lambda _: {"map": _map()}),
    "profile": (lambda: jsna.profile, lambda _: {"indicators": ["referrals"]}),
    "population_profile": (lambda: jsna.population_profile, lambda _: {}),
    "refresh": (lambda: jsna.refresh, lambda folder: {"workspace": folder}),
    "save_figure": (
        lambda: jsna.save_figure,
        lambda folder: {"figure": _figure(), "path": folder / "map.png"},
    ),
    "save_map": (
        lambda: jsna.save_map,
        lambda folder: {"map": _map(), "path": folder / "map.html"},
    ),
    "standard_population": (lambda: jsna.standard_population, lambda _: {}),
    "static_side_by_side": (
        lambda: jsna.static_side_by_side,
        lambda _: {"figures": (_figure(), _figure())},
    ),
    **{
        f"tables.{each}.read": (
            lambda each=each: getattr(tables, each).read,
            lambda folder: {"path": _records(folder)},
        )
        for each in tables.__all__
        if hasattr(getattr(tables, each), "read")
    },
    "build_many": (
        lambda: jsna.build_many,
        lambda folder: {"areas": "Bolton", "workspace": folder, "tables_only": True},
    ),
    "write_site": (
        lambda: jsna.write_site,
        lambda folder: {"areas": "Bolton", "workspace": folder},
    ),
    "write_chapter": (lambda: jsna.write_chapter, lambda folder: {"workspace": folder}),
}


def _records(folder: Path) -> Path:
    path = folder / "records.csv"
    if not path.exists():
        face.file_of_records().to_csv(path, index=False)
    return path


NAMES = sorted({*face.CALLS, *_BY_HAND})


def call(name: str, folder: Path) -> tuple[Callable[..., Any], dict[str, Any]]:
    """A public function and arguments that it takes."""
    if name in _BY_HAND:
        function, arguments = _BY_HAND[name]
        return function(), arguments(folder)
    return getattr(jsna, name), _of_face(name)


def run(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Call a function with its arguments by name."""
    args, kwargs = [], dict(arguments)
    for each in inspect.signature(function).parameters.values():
        if each.kind is each.VAR_POSITIONAL:
            # Those before it cannot be named then.
            args = [kwargs.pop(n) for n in list(arguments) if n != each.name and n == "path"]
            args += kwargs.pop(each.name, ())
    return function(*args, **kwargs)


def _no_geometry() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"area_code": face.WARDS})


VALUES: dict[str, Callable[[Path], Any]] = {
    "None": lambda _: None,
    "whole number": lambda _: 3,
    "fraction": lambda _: 3.5,
    "True": lambda _: True,
    "text": lambda _: "x",
    "empty text": lambda _: "",
    "bytes": lambda _: b"x",
    "object": lambda _: object(),
    "empty list": lambda _: [],
    "empty dict": lambda _: {},
    "list of text": lambda _: ["x"],
    "list of lists": lambda _: [["x"], ["y"]],
    "list of None": lambda _: [None],
    "list of numbers": lambda _: [3, 2],
    "tuple": lambda _: (1, "x"),
    "dict": lambda _: {"x": 1},
    "dict of frames": lambda _: {"x": pd.DataFrame({"y": [1]})},
    "set": lambda _: {"x"},
    "generator": lambda _: (each for each in ("x", "y")),
    "function": lambda _: len,
    "class": lambda _: str,
    "module": lambda _: np,
    "empty frame": lambda _: pd.DataFrame(),
    "frame without columns": lambda _: pd.DataFrame(index=range(3)),
    "series": lambda _: pd.Series([1, 2, 3], name="x"),
    "series of text": lambda _: pd.Series(["x", "y"]),
    "no geometry": lambda _: _no_geometry(),
    "array": lambda _: np.array([1.0, 2.0]),
    "table of numbers": lambda _: np.zeros((2, 2)),
    "array of one": lambda _: np.array(3),
    "number of NumPy": lambda _: np.float64(0.5),
    "NaN": lambda _: float("nan"),
    "NA": lambda _: pd.NA,
    "NaT": lambda _: pd.NaT,
    "infinite": lambda _: float("inf"),
    "negative": lambda _: -3,
    "zero": lambda _: 0,
    "huge": lambda _: 10**30,
    "complex": lambda _: 3j,
    "date": lambda _: dt.date(2025, 3, 31),
    "timestamp": lambda _: pd.Timestamp("2025-03-31"),
    "Path": lambda folder: folder / "missing" / "file.csv",
    "folder": lambda folder: folder,
    "text of a folder": str,
    "file": lambda _: io.StringIO("x"),
    "text of lines": lambda _: "a\nb\0c",
    "long text": lambda _: "x" * 5000,
}


def misspelt(hint: Any) -> Iterator[str]:
    """Options with a letter too few, of the words that a hint allows."""
    for each in typing.get_args(hint):
        if isinstance(each, str) and len(each) > 3:
            yield each[:-1]
            return
        yield from misspelt(each)
