"""Projected children of each area by mid-year, as tables of areas by years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bolton_jsna.core.age_bands import Ages
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.table_checks import check_table
from bolton_jsna.core.years import denominator_year
from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._frame_columns import need
from bolton_jsna.measures._people_by_age import ages_there, people_of

CHILDREN: Final[Mapping[Any, Ages]] = {"0-17": (0, 17)}
"""The one band of rates of all children."""


@dataclass(frozen=True)
class ProjectedChildren:
    """Projected children in age bands.

    Attributes
    ----------
    codes : tuple of str
        The areas.
    names : tuple of str
        Their names.
    bands : tuple
        The labels of the age bands.
    years : ndarray of int, shape (years,)
        Consecutive mid-years.
    people : ndarray of float, shape (bands, areas, years)
        Missing where the table has none.
    base_year : int or None
        The mid-year that the projection starts from.
    source : str
        Where it is from.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    bands: tuple[Any, ...]
    years: NDArray[np.int64]
    people: Floats
    base_year: int | None
    source: tuple[str, ...]

    def at(self, year: int) -> Floats:
        """Return the people of a mid-year by bands and areas, missing outside the years."""
        place = year - int(self.years[0])
        if not 0 <= place < len(self.years):
            return np.full(self.people.shape[:2], np.nan)
        found: Floats = self.people[:, :, place]
        return found


def projected_children(
    frame: pd.DataFrame, bands: Mapping[Any, Ages] = CHILDREN
) -> ProjectedChildren:
    """Return the projected people of bands from a table by single year of age or by bands."""
    check_table(frame)
    need(frame, ["area_code", "year", "population"], options="projections=", what="projections")
    if frame.empty:
        raise UsageError(
            "projections has no rows. Load those of the area: "
            "load_population_projections('Bolton')."
        )
    base = _one_base(frame)
    if "sex" in frame.columns and len(frame["sex"].unique()) > 1:
        frame = frame[frame["sex"] == "persons"]
    people = people_of(frame.drop(columns=_texts_apart(frame)), bands)
    absent = [band for band in bands if band not in set(people["band"])]
    if absent:
        raise SchemaError(
            f"projections has no people aged {some(absent)}. It has the ages "
            f"{ages_there(frame)}. Load all ages of children: "
            "load_population_projections('Bolton', ages=(0, 17))."
        )
    codes = tuple(map(str, frame["area_code"].unique()))
    first, last = int(people["year"].min()), int(people["year"].max())
    table = np.full((len(bands), len(codes), last - first + 1), np.nan)
    place = {code: at for at, code in enumerate(codes)}
    order = {band: at for at, band in enumerate(bands)}
    table[
        people["band"].map(order).to_numpy(dtype=int),
        people["place"].map(place).to_numpy(dtype=int),
        (people["year"] - first).to_numpy(dtype=int),
    ] = people["population"].to_numpy(dtype=float)
    firsts = frame.drop_duplicates("area_code")
    names = firsts["area_name"] if "area_name" in frame.columns else firsts["area_code"]
    source = firsts["source"] if "source" in frame.columns else [""] * len(codes)
    return ProjectedChildren(
        codes,
        tuple(map(str, names)),
        tuple(bands),
        np.arange(first, last + 1),
        table,
        base,
        tuple(map(str, source)),
    )


def _one_base(frame: pd.DataFrame) -> int | None:
    """Return the base year; projections of two are not one table."""
    if "base_year" not in frame.columns:
        return None
    found = frame["base_year"].dropna().unique()
    if len(found) > 1:
        raise UsageError(
            f"projections has the bases {some(sorted(found))}; expected one. Keep one, such as "
            f"projections[projections['base_year'] == {max(found)}]."
        )
    return int(found[0]) if len(found) else None


def _texts_apart(frame: pd.DataFrame) -> list[str]:
    # A projection without states is modelled; the base year is checked above.
    return [name for name in ("base_year", "area_name", "source") if name in frame.columns]


@dataclass(frozen=True)
class AreaChildren:
    """The children of one area in the years that a projection is of.

    ``weights`` are the rates of the bands, ``last`` is the last year with a rate and ``horizon``
    the number of years after it. The children of a year are those of the mid-year before.
    """

    every: ProjectedChildren
    at: int
    weights: Floats
    last: int
    horizon: int

    @property
    def _ahead(self) -> Floats:
        """The projected people by bands and years ahead."""
        years = range(self.last + 1, self.last + self.horizon + 1)
        return np.stack([self.every.at(denominator_year(year))[:, self.at] for year in years], 1)

    @property
    def _now(self) -> Floats:
        """The projected people by bands of the mid-year of the last rate."""
        found: Floats = self.every.at(denominator_year(self.last))[:, self.at]
        return found

    def reason(self) -> str:
        """Return why the children of the years are not known, empty if they are."""
        name, years = self.every.names[self.at], self.every.years
        now = denominator_year(self.last)
        if now < years[0]:
            return (
                f"the projection of {name} starts in {years[0]}, after the denominator of the last "
                f"rate (mid-{now}). Load a projection with an earlier base: "
                f"load_population_projections({name!r}, base_year={now}), or give later rates"
            )
        end = denominator_year(self.last + self.horizon)
        if end > years[-1]:
            most = int(years[-1]) - now
            if most < 1:
                return (
                    f"the projection of {name} ends in {years[-1]}, and children of mid-{now + 1} "
                    "and later are needed. Load a projection with a later base"
                )
            return (
                f"the projection of {name} ends in {years[-1]}, and a horizon of {self.horizon} "
                f"years needs mid-{end}. Choose horizon={most} at most (--years {most})"
            )
        if not (self._now > 0).all() or not (self._ahead >= 0).all():
            return f"projections has no children of {name} in some years or ages"
        if not np.isfinite(self.weights).all():
            return f"a rate by age of {name} in {self.last} is hidden or not available"
        return ""

    def total(self, base: float, *, rebase: bool) -> Floats:
        """Return all children of each year, by default the estimate carried on by the change."""
        ahead = self._ahead.sum(axis=0)
        return np.asarray(base * ahead / self._now.sum() if rebase else ahead, dtype=float)

    def expected(self, start: float, base: float, *, rebase: bool) -> Floats:
        """Return the number of events of each year if the last rate of each band goes on."""
        ahead = self.weights @ self._ahead
        if rebase:
            return np.asarray(start * ahead / (self.weights @ self._now), dtype=float)
        rates = self.weights if len(self.weights) > 1 else np.array([start / base])
        return np.asarray(rates @ self._ahead, dtype=float)

    def basis(self, *, rebase: bool) -> str:
        """Return in words which children the numbers are of."""
        bands = ", by age band" if len(self.every.bands) > 1 else ""
        base = "" if self.every.base_year is None else f" {self.every.base_year}-based"
        now = denominator_year(self.last)
        if rebase:
            return f"estimate of mid-{now} with the change of the{base} projection{bands}"
        return f"the{base} projection as published{bands}".replace("the  ", "the ")
