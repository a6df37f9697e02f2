"""The arguments of the map functions as values: each list of names and defaults is here once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, ParamSpec, TypeVar

import geopandas as gpd
import pandas as pd

from bolton_jsna.core import collecting
from bolton_jsna.core.argument_types import bound, check_arguments
from bolton_jsna.drawing.classes import Classes, Method
from bolton_jsna.maps._joining import Unmatched
from bolton_jsna.maps._uncertainty import Uncertainty

Breaks = Sequence[float] | Literal["benchmark"] | None
Size = Literal["column", "page", "slide"]

_P = ParamSpec("_P")
_Options = TypeVar("_Options")
_Result = TypeVar("_Result")


@dataclass(frozen=True, eq=False)
class ChoroplethOptions:
    """The arguments of ``choropleth_spec``; ``choropleth_map`` describes them."""

    frame: pd.DataFrame
    column: str
    _: KW_ONLY
    boundaries: gpd.GeoDataFrame | None = None
    title: str = ""
    subtitle: str = ""
    label: str = ""
    unit: str = ""
    method: Method = "quantile"
    classes: int | Classes = 5
    breaks: Sequence[float] | None = None
    decimals: int | None = None
    palette: str | Sequence[str] | None = None
    status: str | None = None
    uncertainty: Uncertainty | None = None
    details: Mapping[str, str] | None = None
    note: str = ""
    notes: Sequence[str] = ()
    sources: Sequence[str] = ()
    source: str = ""
    illustrative: bool = False
    allow_missing: bool = False
    code: str | None = None
    unmatched: Unmatched = "error"


@dataclass(frozen=True, eq=False, kw_only=True)
class ChoroplethMapOptions(ChoroplethOptions):
    """The arguments of ``choropleth_map``."""

    lines: gpd.GeoDataFrame | None = None
    postcodes: pd.DataFrame | None = None
    tiles: Any = None
    attribution: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class StaticChoroplethOptions(ChoroplethOptions):
    """The arguments of ``static_choropleth``."""

    size: Size = "column"
    labels: bool | None = None
    inset: str = ""


@dataclass(frozen=True, eq=False)
class BivariateOptions:
    """The arguments of ``bivariate_spec``; ``bivariate_map`` describes them."""

    frame: pd.DataFrame
    x: str
    y: str
    _: KW_ONLY
    boundaries: gpd.GeoDataFrame | None = None
    title: str = ""
    subtitle: str = ""
    label: str = ""
    x_label: str = ""
    y_label: str = ""
    x_unit: str = ""
    y_unit: str = ""
    method: Method = "quantile"
    classes: int = 3
    x_breaks: Breaks = None
    y_breaks: Breaks = None
    x_decimals: int | None = None
    y_decimals: int | None = None
    palette: str = "blue_orange"
    x_status: str | None = None
    y_status: str | None = None
    x_uncertainty: Uncertainty | None = None
    y_uncertainty: Uncertainty | None = None
    details: Mapping[str, str] | None = None
    note: str = ""
    notes: Sequence[str] = ()
    sources: Sequence[str] = ()
    source: str = ""
    illustrative: bool = False
    allow_missing: bool = False
    code: str | None = None
    unmatched: Unmatched = "error"


@dataclass(frozen=True, eq=False, kw_only=True)
class BivariateMapOptions(BivariateOptions):
    """The arguments of ``bivariate_map``."""

    lines: gpd.GeoDataFrame | None = None
    postcodes: pd.DataFrame | None = None
    tiles: Any = None
    attribution: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class StaticBivariateOptions(BivariateOptions):
    """The arguments of ``static_bivariate``."""

    size: Size = "column"
    labels: bool | None = None


def takes(
    options: Callable[_P, _Options],
) -> Callable[[Callable[[_Options], _Result]], Callable[_P, _Result]]:
    """Let a function of options be called with the options as its arguments."""

    def decorate(function: Callable[[_Options], _Result]) -> Callable[_P, _Result]:
        returned = inspect.signature(function).return_annotation
        signature = inspect.signature(options).replace(return_annotation=returned)

        @functools.wraps(function)
        def called(*args: _P.args, **kwargs: _P.kwargs) -> _Result:
            given = bound(signature, function.__name__, args, kwargs)
            check_arguments(options, given)
            with collecting.paused():
                return function(options(*given.args, **given.kwargs))

        called.__signature__ = signature  # type: ignore[attr-defined]
        return called

    return decorate
