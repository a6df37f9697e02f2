"""The figures of a population profile that are available, and why others are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import pandas as pd

from bolton_jsna.core.age_bands import OPEN, Ages, read_band
from bolton_jsna.core.areas import Area, without_groups
from bolton_jsna.core.errors import MissingDataError
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.core.states import NUMERIC, state_of_sum
from bolton_jsna.loaders import load_population_estimates, load_population_projections
from bolton_jsna.measures.area_sums import sum_areas

LAST: Final = 90
"""Estimates have one figure for everybody of this age and over."""

ALL_AGES: Final = (0, LAST)
_CHILDREN: Final = (0, 17)
_FACTS: Final = ["area_code", "area_name", "area_level"]


@dataclass(frozen=True)
class Cell:
    """The people of an area, year and band, with their state and source.

    ``base`` is the base year of a projection, ``moved`` the mid-year of the estimate to which its
    change was applied, and ``basis`` is the same in words.
    """

    population: float
    status: str
    source: str
    base: int | None = None
    moved: int | None = None
    basis: str = ""


@dataclass
class Figures:
    """All figures that are available, by area, year and ages, and why others are not."""

    level: Literal["authority", "ward", "lsoa"]
    kind: str
    total: str | None
    options: Mapping[str, Any]
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    cells: dict[tuple[str, int, Ages], Cell] = field(default_factory=dict)
    owners: dict[str, tuple[Area, ...]] = field(default_factory=dict)
    first: MissingDataError | None = None
    reasons: dict[tuple[str, int, bool], str] = field(default_factory=dict)
    only: frozenset[int] | None = None
    single: dict[tuple[str, int], dict[int, float]] = field(default_factory=dict)
    bases: dict[str, int] = field(default_factory=dict)

    def gather(self, wanted: Sequence[Area], bands: list[Ages], years: list[int] | None) -> None:
        """Load all ages, then each band that is still missing."""
        for ages in (ALL_AGES, *bands):
            if self.level == "authority":
                self._of_areas(wanted, ages, bands, years)
            else:
                for year in years or (None,):
                    for each in wanted:
                        self._of_parts(each, ages, bands, year)

    def _of_areas(
        self, wanted: Sequence[Area], ages: Ages, bands: list[Ages], years: list[int] | None
    ) -> None:
        todo = [tuple(wanted)]
        while todo:
            group = todo.pop(0)
            absent = tuple(each for each in group if not self._has(each.code, ages, years))
            frame = self.load(absent, ages) if absent else None
            if frame is not None:
                self._add(frame, ages, bands)
            elif len(absent) > 1:
                todo += self._smaller(absent)
        for each in wanted:
            self._known(each.code, each.name, each.level, (each,))
        if self.total is not None:
            members = without_groups(wanted)
            self._known("", self.total, "", members)
            frame = None if self._has("", ages, years) else self.load(members, ages)
            if frame is not None:
                sums = sum_areas(frame, members, name=self.total)
                self.places[""]["area_level"] = sums["area_level"].iloc[0]
                self._add(sums.assign(area_code=""), ages, bands)

    def _smaller(self, areas: tuple[Area, ...]) -> list[tuple[Area, ...]]:
        """Return the groups in which areas are loaded that cannot be loaded together."""
        # Each time a table is read again. The base year of projections depends on the areas that
        # are loaded together, and that of one area must not depend on the order of the others.
        if self.kind == "projections":
            return [(each,) for each in areas]
        return [areas[: len(areas) // 2], areas[len(areas) // 2 :]]

    def _of_parts(self, place: Area, ages: Ages, bands: list[Ages], year: int | None) -> None:
        parts = [code for code, owners in self.owners.items() if place in owners]
        if parts and all(self._has(code, ages, None if year is None else [year]) for code in parts):
            return
        frame = self.load((place,), ages, year)
        if frame is None:
            return
        for code, name, kind in frame[_FACTS].drop_duplicates().itertuples(index=False):
            self._known(code, name, kind, (place,))
        self._add(frame, ages, bands)

    def load(
        self, places: tuple[Area, ...], ages: Ages, year: int | None = None
    ) -> pd.DataFrame | None:
        """Return the rows of some areas and ages; None, and the reason kept, if there are none."""
        try:
            if self.kind == "projections":
                return load_population_projections(
                    places, ages=ages, years=year, **self.options
                ).assign(status="modelled", ages=lambda frame: frame["age"].astype(str))
            return load_population_estimates(
                places, self.level, ages=ages, years=year, **self.options
            )
        except MissingDataError as error:
            self.first = self.first or error
            return None

    def _known(self, code: str, name: str, level: str, owners: tuple[Area, ...]) -> None:
        facts = dict(zip(_FACTS, (code or pd.NA, name, level), strict=True))
        self.places.setdefault(code, facts)
        self.owners.setdefault(code, owners)

    def _has(self, code: str, ages: Ages, years: list[int] | None) -> bool:
        """Return whether a band needs no table of its own."""
        if years is not None:
            return all((code, year, ages) in self.cells for year in years)
        # Children aged 0-17 are published for later years than other bands.
        return ages != _CHILDREN and any((key[0], key[2]) == (code, ages) for key in self.cells)

    def _add(self, frame: pd.DataFrame, whole: Ages, bands: list[Ages]) -> None:
        """Keep the sums of the bands that rows make up."""
        if self.only is not None:
            frame = frame[frame["year"].isin(self.only)]
        if self.kind == "projections":
            frame = self._of_one_base(frame)
        spans = {each: span_of(each) for each in frame["ages"].unique()}
        self._keep_single_years(frame, spans)
        widths = {each: last - first + 1 for each, (first, last) in spans.items()}
        for ages in dict.fromkeys((whole, *bands)):
            inside = [
                each for each, (first, last) in spans.items() if ages[0] <= first <= last <= ages[1]
            ]
            rows = frame[frame["ages"].isin(inside)]
            rows = rows.assign(_covered=rows["ages"].map(widths))
            groups = rows.groupby(["area_code", "year"], sort=False)
            covered = groups["_covered"].sum()
            sums = groups["population"].sum().to_dict()
            # Most tables have one state and source: a list of parts for each figure is slow.
            alike = len(rows[["status", "source"]].drop_duplicates()) == 1
            for code, year in covered.index[covered == ages[1] - ages[0] + 1]:
                key = (code, int(year), ages)
                if key not in self.cells:
                    part = rows.iloc[:1] if alike else groups.get_group((code, year))
                    self.cells[key] = _cell(part, sums[code, year], self.bases.get(code))

    def _of_one_base(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of the base year that an area was first found with."""
        # Years of two base years would make a growth that nobody projected.
        pairs = frame[["area_code", "base_year"]].drop_duplicates("area_code")
        for code, base in pairs.itertuples(index=False):
            self.bases.setdefault(code, int(base))
        return frame[frame["base_year"] == frame["area_code"].map(self.bases)]

    def _keep_single_years(self, frame: pd.DataFrame, spans: Mapping[Any, Ages]) -> None:
        single = {each: ages[0] for each, ages in spans.items() if ages[0] == ages[1]}
        rows = frame[frame["ages"].isin(list(single)) & frame["status"].isin(NUMERIC)]
        for (code, year), part in rows.groupby(["area_code", "year"], sort=False):
            known = self.single.setdefault((code, int(year)), {})
            found = zip(part["ages"].map(single), part["population"], strict=True)
            known.update({age: float(people) for age, people in found if age not in known})

    def get(self, code: str, year: int, ages: Ages) -> Cell:
        """Return a figure, :data:`NONE` if it is not available."""
        return self.cells.get((code, year, ages), NONE)

    def usual_year(self, bands: list[Ages]) -> int:
        """Return the latest year that has most of the figures; of projections the first."""
        found: dict[int, int] = {}
        for _, year, ages in self.cells:
            found[year] = found.get(year, 0) + (ages in bands)
        if self.kind == "projections":
            return min(found)
        return max(found, key=lambda year: (found[year], year))

    def why(self, code: str, year: int, ages: Ages) -> str:
        """Return why a figure is not available and how to get it."""
        # The reason for one band is that of every other, and looking for it takes a while.
        wide = ages[1] > _CHILDREN[1]
        if (code, year, wide) not in self.reasons:
            before, self.first = self.first, None
            self.load(self.owners[code], ages, year)
            self.first, found = before, self.first
            named = f"ages {ages[0]}-{ages[1]}"
            self.reasons[code, year, wide] = str(found or f"No table has {named}.").replace(
                named, "ages {ages}"
            )
        return self.reasons[code, year, wide].replace("{ages}", f"{ages[0]}-{ages[1]}")


def span_of(label: object) -> Ages:
    """Return the first and last age of a band; an open band ends with the last single age."""
    first, last = read_band(label) or (-1, OPEN)
    return first, LAST if last == OPEN else last


def _cell(part: pd.DataFrame, total: float, base: int | None) -> Cell:
    states = part["status"].tolist()
    state = state_of_sum(states)
    people = float(total) if state in NUMERIC else float("nan")
    texts = map(str, part["source"].unique())
    basis = "" if base is None else f"projection with base {base}"
    return Cell(people, state, joined(texts), base, basis=basis)


def joined(sources: Iterable[str]) -> str:
    """Return each source of several texts once."""
    texts = (each for text in sources for each in text.split(SEPARATOR))
    return SEPARATOR.join(filter(None, dict.fromkeys(texts)))


NONE: Final = Cell(float("nan"), "not_available", "")
"""A figure that is not available."""
