"""The population as a subject: children by bands, their share of all ages, and growth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd

from bolton_jsna.core.age_bands import OPEN, Ages, read_band
from bolton_jsna.core.areas import DEFAULT_AREA, Area, without_groups
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import MissingDataError, UsageError, choice
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.core.states import NUMERIC, state_of_sum
from bolton_jsna.core.years import one_year
from bolton_jsna.loaders import load_population_estimates, load_population_projections
from bolton_jsna.loaders.arguments import Place, places_asked, years_asked
from bolton_jsna.measures.area_sums import sum_areas

CHILDREN_BANDS: Final = ("0-4", "5-9", "10-14", "15-17", "0-17", "0-18", "0-19")
"""Bands that a profile of children has by default; the last three are totals of the others."""

_LAST: Final = 90
"""Estimates have one figure for everybody of this age and over."""

_ALL_AGES: Final = (0, _LAST)
_CHILDREN: Final = (0, 17)
_FACTS: Final = ["area_code", "area_name", "area_level"]

Band = str | tuple[int, int]


@checked
def population_profile(
    areas: Place | Iterable[Place] = DEFAULT_AREA,
    *,
    bands: Band | Sequence[Band] = CHILDREN_BANDS,
    years: int | Iterable[int] | None = None,
    since: int | None = None,
    level: Literal["authority", "ward", "lsoa"] = "authority",
    kind: Literal["estimates", "projections"] = "estimates",
    base_year: int | None = None,
    total: str | None = None,
    workspace: str | Path | None = None,
    download: bool | None = None,
) -> pd.DataFrame:
    """Describe the children of areas: numbers by age band, share of all ages, and growth.

    Parameters
    ----------
    areas : place or several, default "Bolton"
        Authorities, combined authorities such as ``"Greater Manchester"``, regions, ``"England"``.
    bands : band or sequence of bands
        Age bands as ``"0-4"``, ``"under 1"`` or ``(0, 4)``, in any order; they may overlap. By
        default 0-4, 5-9, 10-14, 15-17, 0-17, 0-18 and 0-19.
    years : int or several, optional
        Mid-years. By default the latest that has most of the bands; of projections the base year.
    since : int, optional
        An earlier mid-year from which growth is measured.
    level : {"authority", "ward", "lsoa"}
        The areas themselves, or the wards or LSOAs in them.
    kind : {"estimates", "projections"}
        ONS mid-year estimates, or subnational projections (authorities; state ``modelled``).
    base_year : int, optional
        The mid-year that projections start from; by default the latest that all the areas have.
    total : str, optional
        The name of one more row for each band, in which all the areas are put together.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    download : bool, optional
        Whether what is not available is fetched; see :func:`load_population_estimates`.

    Returns
    -------
    DataFrame
        One row for each area, year and band: ``area_code``, ``area_name``, ``area_level``,
        ``year``, ``ages``, ``population`` (persons) with ``status``, ``all_ages`` (persons),
        ``share`` (per cent of all ages) with ``share_status``; with ``since`` also ``since``,
        ``population_since``, ``change`` (persons) and ``growth`` (per cent) with
        ``growth_status``; ``reason`` (what is not available and how to get it) and ``source``.

    Raises
    ------
    MissingDataError
        When none of the figures is available.
    AreaNotFoundError, UsageError
        When an area, band or option is not known.

    Notes
    -----
    ONS mid-year estimates and subnational population projections. Where a table has all ages of
    an area and year by single year, all bands are taken from it, so that bands add up and shares
    are of one table; otherwise a band is that of :func:`load_population_estimates`. Estimates
    before a census are revised after it: figures of different issues are not the same (``source``
    names the issue), and growth between years of two issues is partly revision.

    Examples
    --------
    >>> found = population_profile("Bolton", bands=["0-4", "0-17"], kind="projections", years=2022)
    >>> found[["ages", "population", "all_ages", "share"]].round(1)
       ages  population  all_ages  share
    0   0-4     18471.0  299153.0    6.2
    1  0-17     72493.0  299153.0   24.2

    The snapshot has estimates of children aged 0-17 and no others:

    >>> grown = population_profile("Bolton", bands="0-17", years=2024, since=2014)
    >>> grown[["population", "growth", "share_status"]].round(1)
       population  growth   share_status
    0     75599.0    13.5  not_available
    """
    choice("level", level, ("authority", "ward", "lsoa"))
    choice("kind", kind, ("estimates", "projections"))
    labels = _bands(bands)
    wanted = places_asked(areas)
    asked_years = years_asked(years)
    if since is not None:
        since = one_year("since", since)
    if level != "authority" and (total is not None or kind == "projections"):
        raise UsageError(
            f"level={level!r} has no total= and no projections. Leave total= and kind= out, or "
            "take level='authority'."
        )
    if base_year is not None and kind != "projections":
        raise UsageError("base_year= is of projections. Write kind='projections', or leave it out.")
    options: dict[str, Any] = {"workspace": workspace, "download": download}
    if kind == "projections":
        options["base_year"] = base_year
    figures = _Figures(level, kind, total, options)
    figures.gather(wanted, list(labels.values()), _needed(asked_years, since, level))
    if not figures.cells:
        raise MissingDataError(str(figures.first))
    chosen = asked_years or [figures.usual_year(list(labels.values()))]
    rows = [
        _row(figures, (code, year, ages), label=label, since=since)
        for code in figures.places
        for year in dict.fromkeys(chosen)
        for label, ages in labels.items()
    ]
    out = pd.DataFrame(rows)
    return out if since is not None else out.drop(columns=_GROWTH)


_GROWTH: Final = ["since", "population_since", "change", "growth", "growth_status"]


def _bands(bands: Band | Sequence[Band]) -> dict[str, Ages]:
    """Return the first and last age of each band by its label."""
    pair = isinstance(bands, tuple) and len(bands) == 2 and all(isinstance(x, int) for x in bands)
    listed = [bands] if isinstance(bands, str) or pair else list(bands)
    found: dict[str, Ages] = {}
    for each in listed:
        ages = each if isinstance(each, tuple) else read_band(each)
        ages = None if ages is None or len(ages) != 2 else (ages[0], min(ages[1], _LAST))
        if ages is None or not 0 <= ages[0] <= ages[1]:
            raise UsageError(
                f"bands= has {each!r}, which is not an age band. Write bands such as '0-4', "
                "'under 1' or (0, 4); 90 stands for 90 and over."
            )
        label = each if isinstance(each, str) else f"{ages[0]}-{ages[1]}"
        found[label] = ages
    if not found:
        raise UsageError("bands= is empty. Name one or more bands, such as '0-17'.")
    return found


def _needed(years: list[int] | None, since: int | None, level: str) -> list[int] | None:
    """Return the years to load; None for all that there are."""
    if years is None and level != "authority" and since is not None:
        raise UsageError("since= of wards or LSOAs needs years=, such as years=2024.")
    return None if years is None else [*years, *([since] if since is not None else [])]


@dataclass(frozen=True)
class _Cell:
    """The people of an area, year and band, with their state and source."""

    population: float
    status: str
    source: str


@dataclass
class _Figures:
    """All figures that are available, by area, year and ages, and why others are not."""

    level: Literal["authority", "ward", "lsoa"]
    kind: str
    total: str | None
    options: Mapping[str, Any]
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    cells: dict[tuple[str, int, Ages], _Cell] = field(default_factory=dict)
    owners: dict[str, tuple[Area, ...]] = field(default_factory=dict)
    first: MissingDataError | None = None
    reasons: dict[tuple[str, int, bool], str] = field(default_factory=dict)

    def gather(self, wanted: Sequence[Area], bands: list[Ages], years: list[int] | None) -> None:
        """Load all ages, then each band that is still missing."""
        for ages in (_ALL_AGES, *bands):
            if self.level == "authority":
                self._of_areas(wanted, ages, bands, years)
            else:
                for year in years or (None,):
                    for each in wanted:
                        self._of_parts(each, ages, bands, year)

    def _of_areas(
        self, wanted: Sequence[Area], ages: Ages, bands: list[Ages], years: list[int] | None
    ) -> None:
        together: list[tuple[Area, ...]] = [tuple(wanted)] if len(wanted) > 1 else []
        for group in (*together, *((each,) for each in wanted)):
            absent = [each for each in group if not self._has(each.code, ages, years)]
            frame = self.load(tuple(absent), ages) if absent else None
            if frame is not None:
                self._add(frame, ages, bands)
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
        spans = {each: _span(each) for each in frame["ages"].unique()}
        for ages in dict.fromkeys((whole, *bands)):
            inside = [
                each for each, (first, last) in spans.items() if ages[0] <= first <= last <= ages[1]
            ]
            rows = frame[frame["ages"].isin(inside)]
            for (code, year), part in rows.groupby(["area_code", "year"], sort=False):
                covered = sum(spans[each][1] - spans[each][0] + 1 for each in part["ages"])
                if covered == ages[1] - ages[0] + 1:
                    self.cells.setdefault((code, int(year), ages), _cell(part))

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


def _span(label: object) -> Ages:
    first, last = read_band(label) or (-1, OPEN)
    return first, _LAST if last == OPEN else last


def _cell(part: pd.DataFrame) -> _Cell:
    states = part["status"].tolist()
    state = state_of_sum(states)
    people = float(part["population"].sum()) if state in NUMERIC else float("nan")
    texts = (one for each in part["source"].unique() for one in str(each).split(SEPARATOR))
    return _Cell(people, state, SEPARATOR.join(dict.fromkeys(texts)))


_NONE: Final = _Cell(float("nan"), "not_available", "")


def _row(
    figures: _Figures, key: tuple[str, int, Ages], *, label: str, since: int | None
) -> dict[str, Any]:
    """Return the figures of an area, year and band."""
    code, year, ages = key
    own = figures.cells.get(key, _NONE)
    everyone = figures.cells.get((code, year, _ALL_AGES), _NONE)
    share_state = "not_applicable" if everyone.population == 0 else _of_both(own, everyone)
    absent = [each for each, cell in ((ages, own), (_ALL_AGES, everyone)) if cell is _NONE]
    why = [figures.why(code, year, each) for each in absent]
    then = _NONE
    if since is not None:
        then = figures.cells.get((code, since, ages), _NONE)
        if then is _NONE and own is not _NONE:
            why.append(figures.why(code, since, ages))
    change = own.population - then.population
    growth_state = "not_applicable" if then.population == 0 else _of_both(own, then)
    texts = (one for cell in (own, everyone, then) for one in cell.source.split(SEPARATOR))
    return {
        **figures.places[code],
        "year": year,
        "ages": label,
        "population": own.population,
        "status": own.status,
        "all_ages": everyone.population,
        "share": 100 * own.population / everyone.population
        if everyone.population
        else _NONE.population,
        "share_status": share_state,
        "since": since,
        "population_since": then.population,
        "change": change,
        "growth": 100 * change / then.population if then.population else float("nan"),
        "growth_status": growth_state,
        "reason": " ".join(dict.fromkeys(why)),
        "source": SEPARATOR.join(filter(None, dict.fromkeys(texts))),
    }


def _of_both(first: _Cell, second: _Cell) -> str:
    return state_of_sum((first.status, second.status))
