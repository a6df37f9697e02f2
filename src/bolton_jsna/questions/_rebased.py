"""Projected changes applied to the newest estimate, and how far that is from the projection."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Final

from bolton_jsna.core.age_bands import Ages
from bolton_jsna.core.states import NUMERIC, state_of_sum
from bolton_jsna.questions._population_figures import ALL_AGES, NONE, Cell, Figures, joined

COLUMNS: Final = ["estimate_year", "estimate", "projected", "apart", "apart_status", "basis"]
"""Columns that a profile of projections has."""

_ROUNDING: Final = 0.5
"""How far the single years of a band may be from its figure, in persons a year of age."""


@dataclass(frozen=True)
class Newest:
    """The newest estimates of the areas and bands of projections.

    Attributes
    ----------
    projections, estimates : Figures
        The figures of both, the estimates of the projected years only.
    bands : tuple of (int, int)
        The bands of the table.
    """

    projections: Figures
    estimates: Figures
    bands: tuple[Ages, ...]

    @functools.cached_property
    def _years(self) -> dict[tuple[str, Ages], set[int]]:
        """The mid-years with both figures, by area and band."""
        found: dict[tuple[str, Ages], set[int]] = {}
        for (code, year, ages), cell in self.estimates.cells.items():
            projected = self.projections.get(code, year, ages)
            if cell.status in NUMERIC and projected.status in NUMERIC:
                found.setdefault((code, ages), set()).add(year)
        return found

    def year_of(self, code: str, ages: Ages) -> int | None:
        """Return the newest mid-year that has an estimate and a projection of a band."""
        return max(self._years.get((code, ages), ()), default=None)

    def shared_year(self, code: str, ages: Ages) -> int | None:
        """Return the newest mid-year of all bands of an area that have one, if this band has it."""
        known = (self._years.get((code, each), set()) for each in self.bands)
        shared = set.intersection(*(filter(None, known)), self._years.get((code, ages), set()))
        return max(shared, default=self.year_of(code, ages))

    @property
    def usual_year(self) -> int | None:
        """The newest mid-year to which a band of an area can be moved."""
        found = (self.shared_year(code, ages) for code, ages in self._years if ages in self.bands)
        return max((year for year in found if year is not None), default=None)

    def columns(self, code: str, ages: Ages, year: int | None) -> dict[str, Any]:
        """Return how far the estimate of a mid-year is from its projection."""
        estimate, projected = NONE, NONE
        if year is not None:
            estimate = self.estimates.get(code, year, ages)
            projected = self.projections.get(code, year, ages)
        state = state_of_sum((estimate.status, projected.status))
        apart = NONE.population
        if projected.population == 0:
            state = "not_applicable"
        elif state in NUMERIC:
            apart = 100 * (estimate.population / projected.population - 1)
        return {
            "estimate_year": year,
            "estimate": estimate.population,
            "projected": projected.population,
            "apart": apart,
            "apart_status": state,
        }

    def why(self, code: str, ages: Ages) -> str:
        """Return why a band has no estimate of a projected year, and how to get one."""
        newest = max((year for _, year, _ in self.estimates.cells), default=None)
        if newest is None:
            newest = min(year for _, year, _ in self.projections.cells)
        return self.estimates.why(code, newest, ages)


@dataclass(frozen=True)
class Rebased:
    """Projections whose change is applied to the newest estimate; used as figures are."""

    newest: Newest

    @property
    def places(self) -> dict[str, dict[str, Any]]:
        """The areas, as of the projections."""
        return self.newest.projections.places

    def get(self, code: str, year: int, ages: Ages) -> Cell:
        """Return a rebased figure, :data:`NONE` if its estimate or projection is missing."""
        if code == "":
            total = self._of_areas(year, ages)
            if total is not None:
                return total
        start = self.newest.shared_year(code, ages)
        projected = self.newest.projections.get(code, year, ages)
        if start is None or projected.status not in NUMERIC:
            return NONE
        then = self.newest.projections.get(code, start, ages)
        estimate = self.newest.estimates.get(code, start, ages)
        people, single = self._by_age(code, start, year, ages), " by single year of age"
        if people is None and then.population > 0:
            people, single = estimate.population * projected.population / then.population, ""
        if people is None:
            return NONE
        basis = (
            f"projected change from mid-{start}{single} (base {projected.base}), applied to the "
            f"estimate of mid-{start}"
        )
        source = joined([projected.source, estimate.source])
        return Cell(people, "modelled", source, projected.base, start, basis)

    def _by_age(self, code: str, start: int, year: int, ages: Ages) -> float | None:
        """Return the sum of the rebased single years of age, None if one is missing."""
        # So that the bands of a table add up whatever bands it has.
        figures = (
            (self.newest.estimates, start),
            (self.newest.projections, start),
            (self.newest.projections, year),
        )
        known = [each.single.get((code, when), {}) for each, when in figures]
        every = range(ages[0], ages[1] + 1)
        if any(age not in each for each in known for age in every):
            return None
        for each, (source, when) in zip(known, figures, strict=True):
            whole = source.get(code, when, ages).population
            if abs(sum(each[age] for age in every) - whole) > _ROUNDING * len(every):
                return None
        estimate, then, later = known
        if any(then[age] <= 0 for age in every):
            return None
        return sum(estimate[age] * later[age] / then[age] for age in every)

    def _of_areas(self, year: int, ages: Ages) -> Cell | None:
        """Return the sum of rebased areas of a total; None if they are not rebased alike."""
        members = [each.code for each in self.newest.projections.owners.get("", ())]
        cells = [self.get(code, year, ages) for code in members]
        first = next(iter(cells), NONE)
        alike = {(each.base, each.moved, each.basis) for each in cells}
        if first is NONE or len(alike) != 1:
            return None
        people = sum(each.population for each in cells)
        source = joined(each.source for each in cells)
        basis = f"sum of the areas: {first.basis}"
        return Cell(people, "modelled", source, first.base, first.moved, basis)

    def why(self, code: str, year: int, ages: Ages) -> str:
        """Return why a rebased figure is not available."""
        if self.newest.projections.get(code, year, ages).status not in NUMERIC:
            return self.newest.projections.why(code, year, ages)
        start = self.newest.shared_year(code, ages)
        if start is None:
            return self.newest.why(code, ages)
        named = self.places[code]["area_name"]
        return (
            f"The projection of {named} has no people of ages {ages[0]}-{ages[1]} in {start}, so "
            "that its change is not known. Use rebase=False."
        )


def newest_estimates(projections: Figures, wanted: Any, bands: list[Ages]) -> Newest:
    """Load the estimates of the areas, bands and years of projections."""
    options = {name: each for name, each in projections.options.items() if name != "base_year"}
    years = frozenset(year for _, year, _ in projections.cells)
    estimates = Figures("authority", "estimates", projections.total, options, only=years)
    estimates.gather(wanted, [each for each in bands if each != ALL_AGES], None)
    return Newest(projections, estimates, tuple(bands))
