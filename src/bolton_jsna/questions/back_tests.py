"""How wrong projections of past years were, with the tables that they need loaded."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from bolton_jsna.core.areas import DEFAULT_AREA
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import MissingDataError
from bolton_jsna.core.table_checks import check_table
from bolton_jsna.loaders.arguments import Folder, Place
from bolton_jsna.measures.backtest import (
    FIRST_TESTED,
    DemandBacktest,
    Interval,
    Method,
    outcomes_of,
    summarised,
)
from bolton_jsna.measures.projection import FEW_CHILDREN, national_record
from bolton_jsna.questions._demand_record import embedded, rows_for

_BY: Final = ["method", "interval", "horizon"]
_METHODS: Final[tuple[Method, ...]] = ("constant", "mean3", "damped_trend")
_OTHERS: Final[tuple[Interval, ...]] = ("poisson", "random_walk")


@checked
def backtest_demand(
    rates: pd.DataFrame | None = None,
    *,
    indicator: str = "referrals",
    area: Place = DEFAULT_AREA,
    workspace: Folder = None,
) -> DemandBacktest:
    """Return how wrong projections of past years were, for all authorities and for one area.

    Parameters
    ----------
    rates : DataFrame, optional
        Counts and children by area and year, as :func:`project_demand` takes them; by default
        those that are available. With all authorities in it, the record is worked out from it;
        otherwise it is that of the snapshot.
    indicator : str, default "referrals"
        The indicator in ``rates``.
    area : place, default "Bolton"
        The area whose own misses are shown.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.

    Returns
    -------
    DemandBacktest
        ``.table`` (all authorities, by method, interval and horizon), ``.by_origin`` (the same
        for each year that projections are made from), ``.misses`` (the area's own) and
        ``.sentences``.

    Raises
    ------
    MissingDataError
        When there are no rates of the area, or none that can be tested.
    UsageError, SchemaError
        When the indicator is not in the rates, or rows are not one for each area and year.

    Notes
    -----
    A projection from a year (the origin) knows only errors whose target year lies at or before
    that year. The children of the target year are those that there were, so that the errors are
    those of the rate. Methods: ``constant`` (the last rate goes on), ``mean3`` (the mean of three
    years), ``damped_trend`` (five years' log-linear trend that fades by a fifth each year, Gardner
    and McKenzie 1985). Intervals: ``past_errors``; ``poisson`` (chance in the count only);
    ``random_walk`` (yearly changes of the area itself, normal). Score: Gneiting and Raftery 2007.

    Examples
    --------
    >>> found = backtest_demand(indicator="referrals", area="Bolton")
    >>> found.misses.query("origin == 2020 and horizon == 3")[["year", "observed"]]
        year  observed
    62  2023    5542.0
    """
    here = area_of(area)
    every = rows_for(here, indicator, workspace) if rates is None else rates
    check_table(every)
    national: dict[Method, pd.DataFrame] = {
        name: national_record(every, indicator, name, last_only=False) for name in _METHODS
    }
    usual: dict[Method, pd.DataFrame] = {"constant": national["constant"]}
    if all(map(len, national.values())):
        parts = [_tested(every, indicator, national, "past_errors")]
        parts += [_tested(every, indicator, usual, each) for each in _OTHERS]
        outcomes = pd.concat(parts, ignore_index=True)
        table = summarised(outcomes, _BY)
        by_origin = summarised(outcomes, [*_BY, "origin"])
    else:
        tests = embedded("tests")
        tests = tests[tests["indicator"] == indicator].drop(columns=["indicator", "source"])
        pooled = tests["origin"].isna()
        table = tests[pooled].drop(columns="origin").reset_index(drop=True)
        by_origin = tests[~pooled].drop(columns="origins").reset_index(drop=True)
        usual = {"constant": embedded("errors").query("indicator == @indicator")}
    misses = _misses(every, indicator, usual, here.code)
    if misses.empty:
        raise MissingDataError(
            f"rates has no two years of {indicator} of {here.name} with numbers above zero. "
            "Expected a row for each year: load_children_in_need gives them."
        )
    return DemandBacktest(table, by_origin, misses, indicator, here.name)


def _tested(
    rates: pd.DataFrame, indicator: str, errors: dict[Method, pd.DataFrame], interval: Interval
) -> pd.DataFrame:
    """Return the outcomes of all authorities from the years that have a record."""
    origins = {int(each) for table in errors.values() for each in table["origin"]}
    return outcomes_of(
        rates[rates["area_level"] == "authority"],
        errors,
        indicator=indicator,
        interval=interval,
        origins=[each for each in origins if each >= FIRST_TESTED],
    )


def _misses(
    rates: pd.DataFrame, indicator: str, errors: dict[Method, pd.DataFrame], code: str
) -> pd.DataFrame:
    """Return an area's own past projections and what there was."""
    rates = rates[rates["area_code"] == code]
    if "indicator" in rates.columns:
        rates = rates[rates["indicator"] == indicator]
    if rates.empty:
        return rates
    found = outcomes_of(rates, errors, indicator=indicator)
    if rates["population"].astype(float).max() < FEW_CHILDREN:
        # There limits are from the area's own series, as in regions: not those of the record.
        limits = [each for each in found.columns if each.startswith(("lower_", "upper_"))]
        found[limits] = np.nan
    drop = ["area_code", "area_name", "indicator", "method", "interval"]
    return found.drop(columns=drop, errors="ignore")
