"""An area compared with its statistical neighbours in one call, tables loaded."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from pathlib import Path
from typing import overload

import pandas as pd

from bolton_jsna.core.areas import DEFAULT_AREA, ENGLAND
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import MissingDataError, UsageError, some
from bolton_jsna.loaders import load_children_in_need, load_statistical_neighbours
from bolton_jsna.loaders.arguments import Place, names_asked, years_asked
from bolton_jsna.loaders.safeguarding import NEIGHBOURS_MODEL, fetch_figures
from bolton_jsna.measures.comparison import NeighbourComparison, neighbour_comparison
from bolton_jsna.tables.children_in_need import check_indicator


@overload
def compare_with_neighbours(
    area: Place = ...,
    indicator: str = ...,
    *,
    year: int | None = ...,
    model: str | int = ...,
    confidence: float = ...,
    workspace: str | Path | None = ...,
) -> NeighbourComparison: ...
@overload
def compare_with_neighbours(
    area: Place = ...,
    indicator: list[str] | tuple[str, ...] = ...,
    *,
    year: int | Sequence[int] | None = ...,
    model: str | int = ...,
    confidence: float = ...,
    workspace: str | Path | None = ...,
) -> pd.DataFrame: ...
@overload
def compare_with_neighbours(
    area: Place = ...,
    indicator: str | Sequence[str] = ...,
    *,
    year: Sequence[int],
    model: str | int = ...,
    confidence: float = ...,
    workspace: str | Path | None = ...,
) -> pd.DataFrame: ...
@checked
def compare_with_neighbours(
    area: Place = DEFAULT_AREA,
    indicator: str | Sequence[str] = "referrals",
    *,
    year: int | Sequence[int] | None = None,
    model: str | int = NEIGHBOURS_MODEL,
    confidence: float = 0.95,
    workspace: str | Path | None = None,
) -> NeighbourComparison | pd.DataFrame:
    """Compare an area with its statistical neighbours, its region and England.

    Parameters
    ----------
    area : place, default "Bolton"
        An authority by name, code or number.
    indicator : str or sequence of str, default "referrals"
        ``referrals``, ``cpp_started``, ``cpp_at_31_march``, ``cin_at_31_march`` or another that
        the available data have; or several.
    year : int or sequence of int, optional
        Year ending 31 March, or several; by default the latest that the area has of each indicator.
    model : str or int, default "2025"
        Year of DfE's model of statistical neighbours.
    confidence : float, default 0.95
        Level of the intervals and of the verdicts.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.

    Returns
    -------
    NeighbourComparison or DataFrame
        For one indicator and one year ``.table``, one row per area, and ``.summary``; see
        :func:`bolton_jsna.measures.comparison.neighbour_comparison`. For several of either a row
        for each indicator and year, whose columns are those of ``.summary``.

    Raises
    ------
    MissingDataError
        When the neighbours, or the figures of an indicator or year that was asked for, are not
        available; the message names them.
    AreaNotFoundError, UsageError
        When the area, the indicator or the model is not known, or no indicator or year is named.

    Notes
    -----
    DfE statistical neighbours; rates per 10,000 children aged 0-17 on the mid-year estimate of
    the year before.

    Examples
    --------
    >>> found = compare_with_neighbours("Bolton", "referrals", year=2025, model="2021")
    >>> {name: round(found.summary[name], 2) for name in ("mean", "median", "pooled")}
    {'mean': 534.33, 'median': 527.69, 'pooled': 531.27}
    >>> rows = compare_with_neighbours("Bolton", ["referrals", "cpp_started"], year=[2024, 2025])
    >>> rows[["indicator", "year", "rate", "mean", "against_neighbours"]].round(1)
         indicator  year   rate   mean against_neighbours
    0    referrals  2024  509.9  628.6            similar
    1    referrals  2025  503.0  605.0            similar
    2  cpp_started  2024   66.5   68.5            similar
    3  cpp_started  2025   53.0   64.5            similar
    """
    here = area_of(area)
    indicators = names_asked("indicator", indicator)
    if indicators is None:
        raise UsageError("indicator=None names no indicator. Name one, such as 'referrals'.")
    for each in indicators:
        check_indicator("indicator", each)
    years = years_asked(year, "year")
    near = load_statistical_neighbours(here, model=model, workspace=workspace)
    wanted = {here.code, here.region_code, ENGLAND, *near["neighbour_code"]}
    fetch_figures(sorted(wanted), indicators=indicators, workspace=workspace)
    everyone = load_children_in_need(indicators=indicators, workspace=workspace)
    rows = everyone[everyone["area_code"].isin(wanted)]
    own = rows[rows["area_code"] == here.code].groupby("indicator")["year"].agg(set).to_dict()
    pairs = [
        (name, each)
        for name in dict.fromkeys(indicators)
        for each in (dict.fromkeys(years or ()) or [max(own.get(name, [int(rows["year"].max())]))])
    ]
    absent = [f"{name} {each}" for name, each in pairs if each not in own.get(name, ())]
    if absent:
        raise MissingDataError(
            f"There are no figures of {here.name} for {some(absent)} (years ending 31 March). "
            + "; ".join(f"{name} has {some(sorted(own[name]), most=20)}" for name in own)
            + ". Leave these out, or fetch them: bolton-jsna refresh --area NAME."
        )
    found = [
        neighbour_comparison(
            rows, near, place=here, indicator=name, year=each, confidence=confidence
        )
        for name, each in pairs
    ]
    if isinstance(indicator, str) and (year is None or isinstance(year, Integral)):
        return found[0]
    return pd.DataFrame([each.summary for each in found])
