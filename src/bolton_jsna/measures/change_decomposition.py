"""How much of a change in numbers is children, how much their ages, and how much the rate."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.table_checks import check_table
from bolton_jsna.core.years import one_year
from bolton_jsna.measures._aggregation import group_codes, group_rows
from bolton_jsna.measures._arrays import Array, Floats, Positions
from bolton_jsna.measures._frame_columns import (
    CODES,
    events_and_people,
    labels,
    need,
    numeric,
    state_text,
    whole_years,
)
from bolton_jsna.measures._units import reject_shares
from bolton_jsna.measures.age_groups import spans_of

_BY: Final = ("area_code", "area_name", "area_level", "indicator")
_WITHOUT: Final = "a year or an age band has no number"
_AGES: Final = ("age_band", "ages")


@checked
def decompose_change(
    rates: pd.DataFrame,
    *,
    first: int,
    last: int,
    count: str = "count",
    population: str = "population",
    status: str = "status",
) -> pd.DataFrame:
    """Divide the change of a number between two years into children, their ages, and the rate.

    Parameters
    ----------
    rates : DataFrame
        Counts and people, a row for each area, year and, where the frame has ``age_band`` or
        ``ages``, age band. Other years are left aside.
    first, last : int
        The two years.
    count, population, status : str
        The columns of events, of people and of the count's state.

    Returns
    -------
    DataFrame, one row per area and indicator
        ``first_year``, ``last_year``, ``count_first``, ``count_last``, ``change`` and its parts,
        which add up to it: ``change_children`` (more or fewer people), ``change_ages`` (other
        shares of the age bands; 0 without age bands) and ``change_rate`` (other rates at the same
        ages), all in events; ``status`` and ``reason``. Without a number in one of the years,
        or in one of its age bands, there are no parts, and none if the definition changed between
        the years.

    Raises
    ------
    SchemaError
        When a column is missing, or an area has several rows for a year and age band.
    UsageError
        When neither year is in the frame, the years are the same, or rows are shares in per cent.

    Notes
    -----
    Kitagawa 1955 (Journal of the American Statistical Association 50: 1168-1194), with numbers
    in place of rates: each part is taken at the mean of the two years of the others. A part shows
    arithmetic, not a cause. The parts have no interval: chance in the counts is in the change of
    the rate.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> referrals = jsna.load_children_in_need("Bolton", indicators="referrals")
    >>> found = decompose_change(referrals, first=2020, last=2025)
    >>> found[["change", "change_children", "change_rate"]].round(0)
       change  change_children  change_rate
    0  -404.0            255.0       -659.0
    """
    check_table(rates)
    reject_shares(rates)
    ends = (one_year("first", first), one_year("last", last))
    if ends[0] >= ends[1]:
        raise UsageError(f"first={first} is not before last={last}. Write the earlier year first.")
    need(rates, ["year", count, population], options="rates=", what="rates")
    years = whole_years(rates, "year")
    absent = [each for each in ends if each not in years]
    if absent:
        raise UsageError(
            f"rates has no rows of {some(absent)}. It has "
            f"{some(sorted(set(years.tolist())), most=20)}: name two of these."
        )
    rows = rates.assign(year=years)[np.isin(years, ends)].reset_index(drop=True)
    by = [name for name in _BY if name in rows.columns]
    keys, places = group_rows(rows.assign(_all="all"), by or ["_all"])
    events, people, codes = events_and_people(rows, count, population, status)
    ages = next((name for name in _AGES if name in rows.columns), None)
    bands = np.zeros(len(rows), dtype=np.intp)
    number = 1
    if ages is not None:
        spans_of(rows[ages].unique())
        bands, found = pd.factorize(rows[ages])
        number = len(found)
    year = (rows["year"].to_numpy() == ends[1]).astype(int)
    _once(rows, keys, places, bands, year)
    shape = (len(keys), number, 2)
    counts, persons = np.full(shape, np.nan), np.full(shape, np.nan)
    usable = numeric(codes)
    counts[places, bands, year] = np.where(usable, events, np.nan)
    persons[places, bands, year] = np.where(usable, people, np.nan)
    out = keys.drop(columns="_all", errors="ignore")
    out["first_year"], out["last_year"] = ends
    parts = _parts(counts, persons)
    for name, values in parts.items():
        out[name] = values
    broken = _of_two_definitions(out, ends)
    for name in ("change", "change_children", "change_ages", "change_rate"):
        out.loc[broken != "", name] = np.nan
    missing = out["change"].isna().to_numpy()
    state = group_codes(codes, places, len(keys))
    state = np.where(missing & numeric(state), CODES["not_available"], state).astype(np.int8)
    out["status"] = state_text(state, out.index)
    words = (_WITHOUT, "", *dict.fromkeys(broken))
    place = np.array([words.index(each, 1) for each in broken])
    out["reason"] = labels(np.where(missing & (broken == ""), 0, place), words, out.index)
    return out


def _of_two_definitions(rows: pd.DataFrame, ends: tuple[int, int]) -> Array:
    """Return for each row that its definition changed between the years, empty if it did not."""
    if "indicator" not in rows.columns:
        return np.full(len(rows), "", dtype=object)
    texts = []
    for name in rows["indicator"]:
        known = dictionary().get(name)
        when = [] if known is None else [each for each in known.breaks if ends[0] < each <= ends[1]]
        texts.append(f"the definition of {name} changed in {max(when)}" if when else "")
    return np.array(texts, dtype=object)


def _once(
    rows: pd.DataFrame, keys: pd.DataFrame, places: Positions, bands: Positions, year: Positions
) -> None:
    twice = pd.DataFrame({"place": places, "band": bands, "year": year}).duplicated().to_numpy()
    if twice.any():
        at = int(np.flatnonzero(twice)[0])
        raise SchemaError(
            f"{some(keys.iloc[places[at]])} has several rows for {rows['year'].iloc[at]}; expected "
            "one for each area, year and age band. Give the rows of one release, or add up the "
            "parts first."
        )


def _parts(counts: Floats, people: Floats) -> dict[str, Floats]:
    """Return the change and its parts of each group; arrays have groups, bands and two years."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = counts / people
        whole = people.sum(axis=1)
        shares = people / whole[:, None, :]
    middle_rate, middle_share = rates.mean(axis=2), shares.mean(axis=2)
    middle_people = people.mean(axis=2)
    first, last = counts.sum(axis=1).T
    return {
        "count_first": first,
        "count_last": last,
        "change": last - first,
        "change_children": (whole[:, 1] - whole[:, 0]) * (middle_rate * middle_share).sum(axis=1),
        "change_ages": whole.mean(axis=1)
        * (middle_rate * (shares[:, :, 1] - shares[:, :, 0])).sum(axis=1),
        "change_rate": (middle_people * (rates[:, :, 1] - rates[:, :, 0])).sum(axis=1),
    }
