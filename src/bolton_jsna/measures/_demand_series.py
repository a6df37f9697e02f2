"""Yearly counts and children of each area, as tables of areas by years."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bolton_jsna.catalogue.indicators import RATE, dictionary
from bolton_jsna.core.area_codes import level_of
from bolton_jsna.core.areas import find
from bolton_jsna.core.comparable_rows import one_subject
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.states import LABELS
from bolton_jsna.core.wording import listed
from bolton_jsna.measures._arrays import Codes, Flags, Floats
from bolton_jsna.measures._frame_columns import (
    CODES,
    STATES,
    counts_and_people,
    need,
    numeric,
    whole_years,
)
from bolton_jsna.measures._units import reject_shares

FEWEST_YEARS: Final = 3
"""The fewest years of a series that is projected."""

_CHILDREN: Final = "children aged 0-17"

_MERGED: Final = 0.10
"""A larger change of the children in a year than any authority had that kept its borders."""

_FEW_CHILDREN: Final = 10_000
"""With fewer children, as in the City of London, a year can change them by more than that."""


@dataclass(frozen=True)
class DemandSeries:
    """Counts of one indicator and the children they are out of, areas by years.

    Attributes
    ----------
    indicator : str
        The indicator.
    codes, names, levels : tuple of str
        The areas.
    years : ndarray of int, shape (years,)
        Consecutive years.
    counts, people : ndarray of float, shape (areas, years)
        Missing where there is no number.
    states : ndarray of int8, shape (areas, years)
        The state of each count, -1 without a row.
    """

    indicator: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    levels: tuple[str, ...]
    years: NDArray[np.int64]
    counts: Floats
    people: Floats
    states: Codes

    @property
    def rates(self) -> Floats:
        """Events per child; missing where the count is zero or not known."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.counts > 0, self.counts / self.people, np.nan)

    def at(self, year: int) -> int:
        """Return the column of a year."""
        return int(year - self.years[0])

    def since(self, year: int) -> DemandSeries:
        """Return the series from a year on."""
        first = max(0, self.at(year))
        return replace(
            self,
            years=self.years[first:],
            counts=self.counts[:, first:],
            people=self.people[:, first:],
            states=self.states[:, first:],
        )

    def only(self, keep: Flags) -> DemandSeries:
        """Return the series of some areas."""
        return replace(
            self,
            codes=tuple(itertools.compress(self.codes, keep)),
            names=tuple(itertools.compress(self.names, keep)),
            levels=tuple(itertools.compress(self.levels, keep)),
            counts=self.counts[keep],
            people=self.people[keep],
            states=self.states[keep],
        )

    def last_years(self) -> NDArray[np.int64]:
        """Return the last year of each area that has a row."""
        there = self.states >= 0
        last = there.shape[1] - 1 - np.argmax(there[:, ::-1], axis=1)
        found: NDArray[np.int64] = self.years[last]
        return found


def check_of_children(indicator: str) -> None:
    """Reject an indicator of the dictionary that is not a rate of all children."""
    known = dictionary().get(indicator)
    if known is None or (known.unit == RATE and known.denominator == _CHILDREN):
        return
    of = f" (of {known.denominator})" if known.denominator else ""
    raise UsageError(
        f"{indicator!r} is in the unit {known.unit!r}{of}. Expected a rate {RATE} {_CHILDREN}, "
        "because numbers are projected with these children. bolton-jsna indicators lists the unit "
        "of each; jsna.profile and bolton-jsna profile have trends of shares."
    )


def check_columns_of_rates(frame: pd.DataFrame) -> None:
    """Reject a frame without the columns of rates."""
    need(frame, ["area_code", "year", "count", "population"], options="rates=", what="rates")


def demand_series(frame: pd.DataFrame, indicator: str) -> DemandSeries:
    """Return the series of one indicator from rows of children in need or of indicators."""
    check_of_children(indicator)
    check_columns_of_rates(frame)
    reject_shares(frame)
    if "indicator" in frame.columns:
        there = frame["indicator"].dropna().unique()
        frame = frame[frame["indicator"] == indicator]
        if frame.empty:
            raise UsageError(
                f"rates has no rows of {indicator!r}. It has "
                f"{some(there, most=12, like=indicator)}. Name one of these with indicator=, or "
                f"give rows of {indicator!r}, which load_indicators may have."
            )
    if "unit" in frame.columns and set(frame["unit"].dropna()) - {RATE}:
        raise UsageError(
            f"rates has rows in {some(sorted(set(frame['unit'].dropna())))}; expected {RATE!r}. "
            "Only rates of children can be projected with the children."
        )
    if "breakdown" in frame.columns:
        frame = frame[frame["breakdown"].isna() | (frame["breakdown"] == "total")]
        if frame.empty:
            raise UsageError(
                f"rates has parts of {indicator!r} only, and no row whose breakdown is 'total'. "
                "Give the rows of the whole."
            )
    frame = frame.reset_index(drop=True)
    places, codes = pd.factorize(frame["area_code"])
    if (places < 0).any():
        raise SchemaError(
            f"{int((places < 0).sum())} rows of rates have no area_code. Give each row its area, "
            "or leave it out."
        )
    years = whole_years(frame, "year")
    one_subject(frame, places, to="project", by=["area_code"], apart=("year", "release", "source"))
    _one_row_each(frame, places, years, codes)
    state = next((name for name in ("count_status", "status") if name in frame.columns), None)
    given = frame if state is None else frame.assign(status=frame[state])
    events, people, states = counts_and_people(given, "count", "population", "status", None)
    first, last = int(years.min()), int(years.max())
    shape = (len(codes), last - first + 1)
    if shape[1] > 200:
        raise UsageError(
            f"rates has the years {first} to {last}. Expected at most 200 years, such as 2013 to "
            "2025: look for a wrong year."
        )
    counts, children = np.full(shape, np.nan), np.full(shape, np.nan)
    found = np.full(shape, -1, dtype=np.int8)
    cells = (places, years - first)
    usable = numeric(states) & (people > 0)
    counts[cells] = np.where(usable, events, np.nan)
    children[cells] = np.where(people > 0, people, np.nan)
    # A count without its denominator has no rate.
    found[cells] = np.where(numeric(states) & ~usable, CODES["not_available"], states)
    firsts = frame.drop_duplicates("area_code").set_index("area_code").reindex(codes)
    names = firsts["area_name"] if "area_name" in frame.columns else pd.Series(codes, codes)
    levels = (
        firsts["area_level"].astype(object)
        if "area_level" in frame.columns
        else pd.Series([level_of(str(each)) for each in codes], codes, dtype=object)
    )
    return DemandSeries(
        indicator,
        tuple(map(str, codes)),
        tuple(map(str, names)),
        tuple(map(str, levels)),
        np.arange(first, last + 1),
        counts,
        children,
        found,
    )


def _one_row_each(
    frame: pd.DataFrame, places: NDArray[np.intp], years: NDArray[np.int64], codes: pd.Index
) -> None:
    twice = pd.DataFrame({"place": places, "year": years}).duplicated().to_numpy()
    if not twice.any():
        return
    at = int(np.flatnonzero(twice)[0])
    again = (places == places[at]) & (years == years[at])
    releases = frame.loc[again, "release"].unique() if "release" in frame.columns else []
    of = f" (releases {some(releases)})" if len(releases) > 1 else ""
    raise SchemaError(
        f"{codes[places[at]]} has {int(again.sum())} rows for {years[at]}{of}; expected one row "
        "for each area and year. Give the rows of one release, or add up the parts first."
    )


def reasons_against(series: DemandSeries) -> list[str]:
    """Return for each area why its series cannot be projected, empty if it can."""
    latest = int(series.last_years().max()) if len(series.codes) else 0
    return [_reason(series, at, latest) for at in range(len(series.codes))]


def _reason(series: DemandSeries, at: int, latest: int) -> str:
    """Return why the series of one area cannot be projected."""
    there, known = series.states[at] >= 0, ~np.isnan(series.counts[at])
    if not known.any():
        return f"{series.names[at]} has no figure of {series.indicator} in any year"
    # Years before the first figure are not part of the series.
    began = int(np.argmax(known))
    ended = len(there) - 1 - int(np.argmax(there[::-1]))
    of_years = (_bad_year(series, at, year) for year in range(began, ended + 1))
    return (
        _ended(series, at, int(series.years[ended]), latest)
        or next(filter(None, of_years), "")
        or _too_short(series, at, series.years[began : ended + 1])
        or _merged(series, at, began, ended)
        or _of_two_definitions(series, began, ended)
    )


def _ended(series: DemandSeries, at: int, last: int, latest: int) -> str:
    """Return that a series does not go on to the last year."""
    name, place = series.names[at], find(series.codes[at])
    if place is not None and place.until is not None:
        heirs = [each.name for code in place.successors if (each := find(code)) is not None]
        followed = f" and {listed(heirs)} followed it" if heirs else ""
        return (
            f"{name} was abolished in {place.until}{followed}, so its series does not go on. "
            "Project an authority of today"
        )
    if last < latest:
        return (
            f"the last row of {name} is of {last}, and other areas have {latest}. Give all areas "
            "the same last year"
        )
    return ""


def _too_short(series: DemandSeries, at: int, years: NDArray[np.int64]) -> str:
    if len(years) >= FEWEST_YEARS:
        return ""
    return (
        f"{series.names[at]} has {len(years)} year{'s' if len(years) > 1 else ''} of "
        f"{series.indicator} ({listed([str(each) for each in years])}). Expected "
        f"{FEWEST_YEARS} consecutive years or more"
    )


def _merged(series: DemandSeries, at: int, began: int, ended: int) -> str:
    """Return that the children of an area change as only those of another area do."""
    people = series.people[at, began : ended + 1]
    jumps = np.flatnonzero(np.abs(np.diff(np.log(people))) > _MERGED)
    if people[-1] < _FEW_CHILDREN or not len(jumps):
        return ""
    step = int(jumps[-1])
    before, after = series.years[began + step], series.years[began + step + 1]
    return (
        f"the children of {series.names[at]} go from {people[step]:,.0f} in the rate of {before} "
        f"to {people[step + 1]:,.0f} in that of {after}, as if the area were merged or the "
        "denominator another one. Give rates of one area on one denominator: the years from "
        f"{after} on"
    )


def _bad_year(series: DemandSeries, at: int, year: int) -> str:
    """Return why a year breaks a series."""
    name, indicator, count = series.names[at], series.indicator, series.counts[at, year]
    when, last = int(series.years[year]), int(series.years[-1])
    if count > 0:
        return ""
    if when == last:
        advice = f"Project from the years before it: rates[rates['year'] < {when}]"
    elif last - when >= FEWEST_YEARS:
        advice = f"Project from the years after it: rates[rates['year'] > {when}]"
    else:
        advice = (
            f"The years after it are fewer than the {FEWEST_YEARS} that a projection needs, so "
            f"there is none until {when + FEWEST_YEARS}"
        )
    if count == 0:
        return (
            f"{indicator} of {name} in {when} is 0. Errors are measured as ratios, and there is no "
            f"ratio to 0. {advice}"
        )
    code = int(series.states[at, year])
    state = "missing" if code < 0 else LABELS[STATES[code]].lower()
    return f"{indicator} of {name} in {when} is {state}; expected a number in each year. {advice}"


def _of_two_definitions(series: DemandSeries, began: int, ended: int) -> str:
    """Return that the definition changed within the years of a series."""
    known = dictionary().get(series.indicator)
    breaks: Mapping[int, str] = {} if known is None else known.breaks
    for when, text in sorted(breaks.items(), reverse=True):
        if series.years[began] < when <= series.years[ended]:
            return (
                f"the definition of {series.indicator} changed in {when}: {text} Rates before and "
                f"after are not one series. Give the years from {when} on: "
                f"rates[rates['year'] >= {when}]"
            )
    return ""
