"""The small, consistent England that the stand-in's services tell of.

Every upper-tier authority of the register has populations, children in need and neighbours. Four
are whole, down to LSOAs and wards: Bolton (codes and shapes of the embedded snapshot), Rochdale,
Lancashire (a county: its LSOAs are filed under twelve districts) and Barnsley (which has another
code since 2025). The catalogue asks for every LSOA of England: a test works with the numbers of
:func:`small_catalogue`, or has all of them published (the option ``all_lsoas``; slower). Figures
outside the snapshot are made up by rule, so that a test can work out what a service should say.
``World.revise`` changes a few of them, as publishers do.
"""

from __future__ import annotations

import bisect
import dataclasses
import datetime as dt
import functools
import hashlib
import math
from collections.abc import Iterable
from email.utils import format_datetime
from typing import Any

from bolton_jsna.core.areas import Area, area, register
from standin import places
from standin.places import (
    BARNSLEY,
    BOLTON,
    LANCASHIRE,
    ROCHDALE,
    Lsoa,
    Ward,
    number_of,
    snapshot_rows,
)

WHOLE = (BOLTON, ROCHDALE, LANCASHIRE, BARNSLEY)
ENGLAND = "E92000001"
RANKS = {2010: 32_482, 2015: 32_844, 2019: 32_844, 2025: 33_755}
CLOSENESS = ("Very close", "Very close", "Close", "Close", "Close ", "Close", *["Not close"] * 4)
RATES = {  # per child aged 0-17
    "referrals": 0.055,
    "re_referrals": 0.012,
    "cin_at_31_march": 0.034,
    "cpp_started": 0.0055,
    "cpp_at_31_march": 0.0043,
    "looked_after": 0.0070,
    "looked_after_started": 0.0028,
    "looked_after_ceased": 0.0027,
}
# Where small numbers are hidden, as in the publications.
HIDDEN = {"E09000001", "E06000053"}
FEW_LSOAS = 289
_FIRST_MODIFIED = dt.datetime(2026, 10, 1, 9, 30, tzinfo=dt.UTC)


def small_catalogue(*, years_before: int = 3) -> dict[str, Any]:
    """The catalogue with as many LSOAs as this England has, and fewer years of estimates.

    ONS's files of projections have fewer authorities than those of the other publishers.
    """
    from bolton_jsna import catalogue
    from standin import ons

    def small(way: Any) -> Any:
        if "years_before" in way.ask:
            return dataclasses.replace(way, ask={**way.ask, "years_before": years_before})
        if way.service == "ons" and "authorities" in way.whole:
            return dataclasses.replace(way, whole={"authorities": len(ons.HELD)})
        # A catalogue that asks for no number needs no smaller one.
        if "lsoas" not in getattr(way, "whole", {}):
            return way
        return dataclasses.replace(way, whole={"lsoas": FEW_LSOAS})

    return {
        each.id: dataclasses.replace(
            each,
            editions=tuple(
                dataclasses.replace(edition, ways=tuple(map(small, edition.ways)))
                for edition in each.editions
            ),
        )
        for each in catalogue.datasets()
    }


class World:
    """Figures, places and marks of the stand-in; share one between the handlers of a server."""

    def __init__(self) -> None:
        self.revisions: dict[str, int] = {}
        self.faults: Any = None  # the server's, which it sets
        self.options: dict[str, Any] = {}  # what a handler of one service may be told
        self.release = 2025  # the latest of children in need and looked after

    # ------------------------------------------------------------------ faults and revisions
    def fault(self, kind: str, target: str) -> Any:
        """The fault of a kind that is in force for a path, counted as used, or None."""
        return self.faults.take(kind, target) if self.faults else None

    def revise(self, *datasets: str) -> None:
        """Publish a revision of datasets (ids of the catalogue): a few figures change."""
        for each in datasets:
            self.revisions[each] = self.revisions.get(each, 0) + 1

    def revision(self, dataset: str) -> int:
        return self.revisions.get(dataset, 0)

    def modified(self, dataset: str) -> dt.datetime:
        return _FIRST_MODIFIED + dt.timedelta(days=self.revision(dataset))

    def last_modified(self, dataset: str) -> str:
        """The HTTP date of a dataset's last revision."""
        return format_datetime(self.modified(dataset), usegmt=True)

    @staticmethod
    def etag(body: bytes) -> str:
        return f'"{hashlib.sha256(body).hexdigest()[:20]}"'

    # ------------------------------------------------------------------ places
    @property
    def authorities(self) -> tuple[Area, ...]:
        """The 153 upper-tier authorities in being."""
        return _authorities()

    @functools.cached_property
    def abolished(self) -> tuple[Area, ...]:
        return tuple(a for a in register() if a.level == "authority" and a.until is not None)

    @functools.cached_property
    def regions(self) -> tuple[Area, ...]:
        """The nine regions (Inner and Outer London are left out)."""
        held = {a.region_code for a in self.authorities}
        return tuple(a for a in register() if a.level == "region" and a.code in held)

    @property
    def lsoas(self) -> tuple[Lsoa, ...]:
        return places.lsoas()

    @staticmethod
    def lsoas_of(code: str) -> tuple[Lsoa, ...]:
        """LSOAs of an authority, a district or a ward."""
        place = {BARNSLEY: BARNSLEY, "E08000038": BARNSLEY}.get(code, code)
        return tuple(
            each
            for each in places.lsoas()
            if place in (each.code, each.authority_code, each.district_code, each.ward_code)
            or code == each.ward_code_2022
        )

    def wards(self, year: int) -> tuple[Ward, ...]:
        """The wards of the four whole authorities; Bolton's have other codes to 2022."""
        return places.wards_of_all(old=year <= 2022)

    def ward_code(self, lsoa: Lsoa, year: int) -> str:
        return lsoa.ward_code_2022 if year <= 2022 else lsoa.ward_code

    @staticmethod
    def district_code(code: str, year: int) -> str:
        """Barnsley carries its new code from 2025."""
        return "E08000038" if code == BARNSLEY and year >= 2025 else code

    # ------------------------------------------------------------------ population
    def population(self, code: str, year: int, age: int, sex: str = "persons") -> int:
        """Persons, males or females of one age (90: 90 and over) at mid-year of any place."""
        persons = _ages(code, year, self.revision("population_estimates"))[age]
        males = (persons + age % 2) // 2
        return {"persons": persons, "males": males, "females": persons - males}[sex]

    def projection(self, code: str, base: int, year: int, age: int, sex: str = "persons") -> float:
        """A projection: the estimate of the base year, growing by 4 in 1,000 a year."""
        extra = self.revision("population_projections") * (code == BOLTON and age == 5)
        grown = self.population(code, base, age, sex) * (1 + 0.004 * (year - base))
        return round(grown + extra, 3)

    def children(self, code: str, year: int, last: int = 17) -> int:
        return sum(_ages(code, year, self.revision("population_estimates"))[: last + 1])

    # ------------------------------------------------------------------ deprivation
    def idaci(self, edition: int) -> list[dict[str, Any]]:
        """One row for each LSOA: score, rank, decile and children aged 0-15."""
        real = _snapshot_idaci(edition)
        rows = []
        for position, each in enumerate(self.lsoas):
            if each.code in real:
                row = dict(real[each.code])
            else:
                rank = 1 + number_of(f"{each.code}{edition}", RANKS[edition])
                row = {"score": score_of(rank, edition), "rank": rank}
            if position == 0 and edition == max(RANKS):
                row["score"] = round(row["score"] + 0.001 * self.revision("idaci"), 3)
            decile = math.ceil(row["rank"] * 10 / RANKS[edition])
            rows.append({"lsoa": each, **row, "decile": decile, "children": each.children})
        return rows

    # ------------------------------------------------------------------ children
    def count(self, indicator: str, code: str, year: int) -> int:
        """Children or events in the year to 31 March; England and regions rounded to 10."""
        if code == ENGLAND or code.startswith("E12"):
            inside = [a for a in _authorities() if code in (ENGLAND, a.region_code)]
            return 10 * round(sum(self.count(indicator, a.code, year) for a in inside) / 10)
        factor = 0.8 + number_of(area(code).code, 400) / 1_000 + 0.002 * (year - 2013)
        dataset = "children_looked_after" if "looked" in indicator else "children_in_need"
        extra = 12 * self.revision(dataset) if (code, year) == (BOLTON, self.release) else 0
        return round(self.children(code, year - 1) * RATES[indicator] * factor) + extra

    def printed(self, indicator: str, code: str, year: int) -> str:
        """A count as DfE prints it: ``c`` hidden, ``z`` where the authority was not in being."""
        place = area(code)
        ends = [a.until for a in self.abolished if code in a.successors and a.until]
        if (place.until and year > place.until) or any(year <= end for end in ends):
            return "z"
        return "c" if code in HIDDEN else str(self.count(indicator, code, year))

    def neighbours(self, model: str) -> list[tuple[Area, list[tuple[Area, str]]]]:
        """Ten neighbours for each authority: Bolton's as published, else the next few."""
        ring = self.authorities
        real = _snapshot_neighbours(model)
        lists = []
        for position, each in enumerate(ring):
            step = 1 if model == "2025" else 2
            near = [ring[(position + step * n) % len(ring)] for n in range(1, 11)]
            chosen = real if each.code == BOLTON else list(zip(near, CLOSENESS, strict=True))
            lists.append((each, chosen))
        return lists

    # ------------------------------------------------------------------ shapes
    @staticmethod
    def on_the_grid(geometry: dict[str, Any]) -> dict[str, Any]:
        """The same shape in metres of the British National Grid."""
        return places.mapped(geometry, places.transformer(4326, 27700))


@functools.cache
def _authorities() -> tuple[Area, ...]:
    return tuple(a for a in register() if a.level == "authority" and a.until is None)


@functools.cache
def _ages(code: str, year: int, revision: int) -> tuple[int, ...]:
    """Persons by age 0 to 90; of larger areas the sum of their parts."""
    parts: Iterable[str]
    if code == ENGLAND:
        parts = [each.code for each in _authorities()]
    elif code.startswith("E12"):
        parts = [each.code for each in _authorities() if each.region_code == code]
    else:
        inside = World.lsoas_of(code)
        if len(inside) == 1 and inside[0].code == code:
            return _profile(inside[0].children // 16, inside[0].children % 16, year)
        parts = [each.code for each in inside]
    columns = [_ages(each, year, revision) for each in parts]
    ages = [sum(column) for column in zip(*columns, strict=True)]
    if not ages:
        ages = list(_profile(600 + number_of(area(code).code, 3_000), 0, year))
    if code == BOLTON and year == 2024:
        ages[0] += 7 * revision
    return tuple(ages)


def _profile(child: int, extra: int, year: int) -> tuple[int, ...]:
    ages = [child + (age < extra) for age in range(16)]
    ages += [max(1, child * (100 - age) // 84) for age in range(16, 91)]
    drift = 0 if year == 2022 else 1
    return tuple(max(0, n + drift * ((age + year) % 3 - 1)) for age, n in enumerate(ages))


@functools.cache
def _snapshot_idaci(edition: int) -> dict[str, dict[str, Any]]:
    if edition not in {2019, 2025}:
        return {}
    return {
        row["lsoa_code"]: {"score": float(row["idaci_score"]), "rank": int(row["idaci_rank"])}
        for row in snapshot_rows(f"idaci_{edition}.csv")
    }


@functools.cache
def _points(edition: int) -> tuple[list[int], list[float]]:
    known = [(each["rank"], each["score"]) for each in _snapshot_idaci(edition).values()]
    points = sorted([*known, (0, 1.0), (RANKS[edition] + 1, 0.0)])
    return [rank for rank, _ in points], [score for _, score in points]


def score_of(rank: int, edition: int) -> float:
    """Return a score that lies between those of Bolton's LSOAs with the ranks next to this one."""
    ranks, scores = _points(edition)
    place = bisect.bisect_right(ranks, rank)
    share = (rank - ranks[place - 1]) / (ranks[place] - ranks[place - 1])
    return round(scores[place - 1] + (scores[place] - scores[place - 1]) * share, 3)


@functools.cache
def _snapshot_neighbours(model: str) -> list[tuple[Area, str]]:
    rows = snapshot_rows(f"statistical_neighbours_{model}.csv")
    return [(area(row["neighbour_code"]), row["closeness"]) for row in rows]
