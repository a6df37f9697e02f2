"""The panel of indicators of an area in one call, tables loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.core.areas import DEFAULT_AREA, ENGLAND, Area
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import MissingDataError, UsageError, some
from bolton_jsna.core.years import one_year
from bolton_jsna.loaders import load_indicators, load_statistical_neighbours
from bolton_jsna.loaders.arguments import Folder, Place, names_asked
from bolton_jsna.loaders.indicators import check_indicators
from bolton_jsna.loaders.safeguarding import fetch_figures

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.measures.panel import Profile


@checked
def profile(
    area: Place = DEFAULT_AREA,
    *,
    year: int | None = None,
    indicators: str | Sequence[str] | None = None,
    workspace: Folder = None,
) -> Profile:
    """Return the panel of an area: each indicator with comparators, trend and tested verdicts.

    Parameters
    ----------
    area : place, default "Bolton"
        An authority, a region, England, or a combined authority such as ``"Greater Manchester"``,
        whose authorities are added up; by name, code or number.
    year : int, optional
        The year in which the periods end, such as 2025 for the year ending 31 March 2025 and the
        academic year 2024/25. By default the latest year of which anything is known of the area,
        also a count without its denominator or that a share does not apply. An
        indicator without a figure in a year that is named is ``not_available``.
    indicators : str or sequence of str, optional
        Names of the dictionary, which :func:`bolton_jsna.indicators` lists; by default all that
        the area has, but those of the parts of a whole, such as plans by category.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.

    Returns
    -------
    DataFrame, one row per indicator
        In the order of the dictionary, by subject: ``area_code``, ``area_name``, ``indicator``,
        ``title``, ``subject``, ``year``, ``period``, ``unit`` and

        - the figure: ``count``, ``population`` (the denominator that ``denominator`` names),
          ``value`` with 95 per cent limits ``lower`` and ``upper``, ``method``, ``status`` and
          ``published_value``;
        - those it is compared with: ``england`` and ``region`` with ``england_status``,
          ``region_status`` and ``region_name``; of the statistical neighbours
          ``neighbours_lowest``, ``neighbours_median``, ``neighbours_highest``,
          ``neighbours_used`` of ``neighbours_of``; ``rank`` of ``of`` (1 is the highest of the area
          and its neighbours, ties share the better place) and the usual range
          ``usual_lower`` to ``usual_upper``;
        - verdicts: ``against_england`` and ``against_region`` (without the area): ``lower``,
          ``similar``, ``higher`` by more than chance in the counts, or ``not_compared``;
          ``against_neighbours``: ``lower`` or ``higher`` outside of the usual range, else
          ``similar``, or ``not_available``; ``trend`` over ``trend_years``: ``decreasing``,
          ``no_significant_change``, ``increasing`` or ``not_compared``;
        - for each of the four its p-value and the one adjusted for the number of indicators, such
          as ``england_p`` and ``england_p_adjusted``; ``why`` has the reason for each missing
          verdict;
        - ``definition``, ``denominator``, ``note``, ``better`` (``lower``, ``higher`` or empty) and
          ``source``.

    Raises
    ------
    MissingDataError
        When the area has no figures, or none of a year or an indicator that was asked for.
    AreaNotFoundError, UsageError
        When the area or an indicator is not known, or an indicator has parts only.

    Notes
    -----
    Rates are compared as :func:`bolton_jsna.compare_with_neighbours`,
    :func:`bolton_jsna.compare_with_benchmark` and :func:`bolton_jsna.recent_trends` do. Shares
    have the tests of shares: Wilson's interval, the score test or the exact one, the prediction
    interval of the neighbours for log odds, and a quasi-binomial line of five years. How
    often each word is wrong is in ``docs/methods/claims.md``. Verdicts are each at 5 per cent;
    p-values are adjusted by Benjamini and Hochberg 1995. Figures that are published as a rate or
    share only, without counts, have no verdict. Neighbours: DfE's model of 2025.

    Examples
    --------
    >>> panel = profile("Bolton", indicators=["referrals", "re_referrals_within_12_months"])
    >>> panel[["indicator", "value", "england", "against_england"]].round(1)
                           indicator  value  england against_england
    0                      referrals  503.0    519.4         similar
    1  re_referrals_within_12_months   20.5     22.6           lower
    """
    from bolton_jsna.measures.panel import indicator_panel

    here = area_of(area)
    if year is not None:
        year = one_year("year", year)
    names = _names(indicators)
    near = neighbours_of(here, workspace=workspace)
    frame = figures_of(here, near, indicators=names, workspace=workspace)
    found = indicator_panel(frame, near, dictionary(), place=here, year=year)
    if year is not None and (found["status"] == "not_available").all():
        own = frame.loc[frame["area_code"] == here.code, "year"]
        there = some(sorted(own.unique()), most=20)
        raise MissingDataError(
            f"{here.name} has no figures for {year}. It has {there}. "
            "Name one of these, or leave year= out for the latest of each indicator."
        )
    return found


def _names(indicators: str | Sequence[str] | None) -> list[str] | None:
    """Return the indicators asked for, checked; None for all that are wholes."""
    known = dictionary()
    names = names_asked("indicators", indicators)
    if names is None:
        return None
    check_indicators(names)
    parts = [name for name in names if known[name].breakdown]
    if parts:
        raise UsageError(
            f"{some(parts)} has parts ({known[parts[0]].breakdown}) and no whole, so it has no row "
            f"in a profile. For the parts use load_indicators(indicators={parts[0]!r})."
        )
    return list(dict.fromkeys(names))


def wholes() -> list[str]:
    """Return the indicators of a profile: all but those of the parts of a whole."""
    return [name for name, each in dictionary().items() if not each.breakdown]


def neighbours_of(here: Area, *, workspace: Folder) -> pd.DataFrame | None:
    """Return the statistical neighbours of an area, None if it has none."""
    if here.level != "authority":
        return None
    try:
        return load_statistical_neighbours(here, workspace=workspace)
    except MissingDataError:
        # The City of London and abolished authorities have none, which the panel shows.
        return None


def every_figure(here: Area, near: pd.DataFrame | None, *, workspace: Folder) -> pd.DataFrame:
    """Return all indicators of all areas, after what is compared with an area is fetched."""
    fetch_figures(sorted(_compared(here, near)), workspace=workspace)
    return load_indicators(breakdown="total", workspace=workspace)


def _compared(here: Area, near: pd.DataFrame | None) -> set[str]:
    wanted = {here.code, here.region_code, ENGLAND} - {None, ""}
    return {str(each) for each in (*wanted, *([] if near is None else near["neighbour_code"]))}


def figures_of(
    here: Area,
    near: pd.DataFrame | None,
    *,
    indicators: Sequence[str] | None = None,
    every: pd.DataFrame | None = None,
    workspace: Folder = None,
) -> pd.DataFrame:
    """Return the indicators of an area, its neighbours, its region and England, out of all."""
    import pandas as pd

    names = wholes() if indicators is None else indicators
    wanted = _compared(here, near)
    there = every_figure(here, near, workspace=workspace) if every is None else every
    rows = there[there["area_code"].isin(wanted) & there["indicator"].isin(names)]
    own = set(rows.loc[rows["area_code"] == here.code, "indicator"])
    if own and set(indicators or ()) <= own:
        return rows
    # The sums of a combined authority, or what is fetched now; else the error names what is
    # missing and how to get it.
    mine = load_indicators(here, indicators=indicators, workspace=workspace)
    others = rows[rows["area_code"] != here.code]
    return pd.concat([others, mine[mine["indicator"].isin(names)]], ignore_index=True)
