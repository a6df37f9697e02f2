"""Questions that load their own tables: an area beside its neighbours in one call."""

from __future__ import annotations

from pathlib import Path

from bolton_jsna.areas import DEFAULT_AREA, ENGLAND, Area
from bolton_jsna.areas import area as area_of
from bolton_jsna.loaders import load_children_in_need, load_statistical_neighbours
from bolton_jsna.loaders.children import fetch_figures
from bolton_jsna.measures.comparison import NeighbourComparison, neighbour_comparison


def compare_with_neighbours(
    area: str | int | Area = DEFAULT_AREA,
    indicator: str = "referrals",
    *,
    year: int | None = None,
    model: str | int = "2025",
    confidence: float = 0.95,
    workspace: str | Path | None = None,
) -> NeighbourComparison:
    """Compare an area with its statistical neighbours, its region and England.

    Parameters
    ----------
    area : place, default "Bolton"
        An authority by name, code or number.
    indicator : str, default "referrals"
        ``referrals``, ``cpp_started``, ``cpp_at_31_march``, ``cin_at_31_march`` or another that
        the data at hand have.
    year : int, optional
        Year ending 31 March; the latest by default.
    model : str or int, default "2025"
        Year of DfE's model of statistical neighbours.
    confidence : float, default 0.95
        Level of the intervals and of the verdict.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.

    Returns
    -------
    NeighbourComparison
        ``.table``, one row per area, and ``.summary``; see
        :func:`bolton_jsna.measures.comparison.neighbour_comparison`.

    Raises
    ------
    MissingDataError
        When the neighbours or the figures are not to be had.
    AreaNotFoundError, UsageError
        When the area, the indicator or the model is not known.

    Notes
    -----
    DfE statistical neighbours; rates per 10,000 children aged 0-17 on the mid-year estimate of
    the year before.

    Examples
    --------
    >>> found = compare_with_neighbours("Bolton", "referrals", year=2025, model="2021")
    >>> {name: round(found.summary[name], 2) for name in ("mean", "median", "pooled")}
    {'mean': 534.33, 'median': 527.69, 'pooled': 531.27}
    """
    here = area_of(area)
    near = load_statistical_neighbours(here, model=model, workspace=workspace)
    wanted = {here.code, here.region_code, ENGLAND, *near["neighbour_code"]}
    fetch_figures(sorted(wanted), indicators=indicator, workspace=workspace)
    everyone = load_children_in_need(indicators=indicator, workspace=workspace)
    rows = everyone[everyone["area_code"].isin(wanted)]
    if year is None:
        own = rows.loc[rows["area_code"] == here.code, "year"]
        year = int(own.max()) if len(own) else int(rows["year"].max())
    return neighbour_comparison(
        rows, near, place=here, indicator=indicator, year=year, confidence=confidence
    )
