"""Errors of past projections of children, compared with the estimates made later."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from bolton_jsna.core.areas import find
from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.measures._frame_columns import need, text_column, whole_years
from bolton_jsna.measures._people_by_age import ages_there, people_of

COLUMNS: Final = ["area_code", "base_year", "horizon", "error"]
_CHILDREN: Final = {"0-17": (0, 17)}


def children_errors(projected: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return how far projected changes in children aged 0-17 were from the estimated changes.

    Parameters
    ----------
    projected : DataFrame
        Projections as of ``load_population_projections``, of one or more base years and of one
        variant each: ``area_code``, ``base_year``, ``year``, the ages and ``population``.
    estimates : DataFrame
        Mid-year estimates as of ``load_population_estimates``: ``area_code``, ``year``, the ages,
        ``population`` and, if there is one, ``status``. Best of one issue: where the estimates of
        the base year and of a later year are of two issues, the error holds the revision too.

    Returns
    -------
    DataFrame
        ``area_code``, ``base_year``, ``horizon`` (years after the base, 1 or more) and ``error``:
        log(E(b+h) / E(b)) - log(P(b+h) / P(b)), where E is the estimate, P the projection, b the
        base year and h the horizon. It is above 0 where children grew in number by more than was
        projected. There is a row for each authority of the register whose estimates and
        projections of both years are there under one code, are numbers and are above zero.

    Raises
    ------
    SchemaError
        When a table has no children aged 0-17, or has the same people twice.

    Notes
    -----
    The error is of the change, not of the number: P(b) is the estimate of the base year as it was
    then, and later revisions of that estimate are not an error of the projection. Modelled
    estimates are not used: an error is against a published figure. Counties are used; districts
    are not, because their children are those of their county.
    """
    need(projected, ["area_code", "base_year", "year", "population"], options="the loader's names")
    need(estimates, ["area_code", "year", "population"], options="the loader's names")
    table = projected.assign(base_year=whole_years(projected, "base_year"))
    observed = _children(estimates, "estimates", {"value"})
    parts = [
        _of_base(_children(rows, f"projections of {base}", {"value", "modelled"}), observed, base)
        for base, rows in table.groupby("base_year")
    ]
    if not parts:
        return pd.DataFrame({each: pd.Series(dtype=float) for each in COLUMNS})
    out = pd.concat(parts, ignore_index=True)
    codes = text_column(out["area_code"].to_numpy(), out.index)
    return out.assign(area_code=codes).sort_values(COLUMNS[:3], ignore_index=True)


def _of_base(projected: pd.Series, observed: pd.Series, base: int) -> pd.DataFrame:
    """Return the errors of the projections of one base year."""
    both = pd.DataFrame({"projected": projected, "observed": observed}).dropna().reset_index()
    then = both[both["year"] == base]
    later = both[both["year"] > base].merge(then, on="area_code", suffixes=("", "_base"))
    observed_change = np.log(later["observed"] / later["observed_base"])
    projected_change = np.log(later["projected"] / later["projected_base"])
    return pd.DataFrame(
        {
            "area_code": later["area_code"],
            "base_year": base,
            "horizon": later["year"] - base,
            "error": observed_change - projected_change,
        }
    )


def _children(table: pd.DataFrame, what: str, states: set[str]) -> pd.Series:
    """Return the children of each authority and year, from the states that count."""
    codes = table["area_code"].unique()
    places = {code: place for code in codes if (place := find(code)) is not None}
    authorities = [code for code, place in places.items() if place.level == "authority"]
    rows = table[table["area_code"].isin(authorities)]
    found = people_of(rows, _CHILDREN)
    found = found[found["sex"] == "persons"]
    if found.empty and len(rows):
        raise SchemaError(
            f"The {what} do not have all children aged 0-17 of any authority, of both sexes "
            f"together. They have the ages {ages_there(rows)}. Load them with ages=(0, 17)."
        )
    if found.empty and len(table):
        raise SchemaError(
            f"The {what} have no authority of the register; they have {some(map(str, codes))}. "
            "Load them by authority."
        )
    kept = found[found["status"].isin(states) & (found["population"] > 0)]
    years = kept["year"].astype(int)
    return pd.Series(
        kept["population"].to_numpy(dtype=float),
        index=pd.MultiIndex.from_arrays([kept["place"], years], names=["area_code", "year"]),
    )
