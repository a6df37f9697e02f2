"""The editions of the Indices of Deprivation, and which of them a file is of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bolton_jsna.catalogue import dataset
from bolton_jsna.core.errors import OtherTableError, SchemaError, some

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class IndicesEdition:
    """Facts of one edition, as described in the catalogue's ``datasets.toml``."""

    lsoas: int
    lsoa_year: int
    population_year: int | None = None
    district_year: int | None = None
    district_names: str = ""
    headings: tuple[str, ...] = ()
    decile_tolerance: int = 0
    ranks: Mapping[str, int] = field(default_factory=dict)


EDITIONS: Final = {
    int(year): IndicesEdition(**facts) for year, facts in sorted(dataset("idaci").facts.items())
}
"""Every edition by its year, the oldest first."""

LSOAS: Final = {year: each.lsoas for year, each in EDITIONS.items()}
"""The number of England's LSOAs in each edition, which is the last possible rank."""

POPULATION_YEARS: Final = {
    year: each.population_year for year, each in EDITIONS.items() if each.population_year
}
"""The mid-year of the children aged 0-15 of each edition that has them."""

# The year in a heading: of the LSOAs, of the districts, or of the children.
_LSOAS: Final = re.compile(r"lsoa code \((\d{4})\)")
_DISTRICT: Final = re.compile(r"local authority district code \((\d{4})\)")
_CHILDREN: Final = re.compile(r"dependent children aged 0-15: mid (\d{4}).*")
# How the files name their edition: File_7_IoD2025, ID 2015, "Indices of Deprivation (2019)",
# 2019_IoD_File_7, File_7_(2019). The date of a download is not an edition.
_YEAR: Final = r"((?:19|20)\d\d)(?!\d|[-_.]\d\d[-_.]\d\d)"
_INDICES: Final = r"(?:iod|imd|idaci|\bid|_id|deprivation|file[ _-]*\d{1,2})"
_NAMED: Final = (
    re.compile(rf"{_INDICES}[ _,()-]*{_YEAR}", re.IGNORECASE),
    re.compile(
        rf"(?<!\d){_YEAR}[ _,()-]*(?:iod|imd|idaci|(?:english )?indices|file[ _-]*\d)",
        re.IGNORECASE,
    ),
)


def edition_of(headings: list[str], title: str, name: str) -> int:
    """Return the edition by the headings, title and name of a file, which must agree."""
    found = _by_headings(headings, name)
    if not found:
        dated = [f"'({each.district_year})'" for each in EDITIONS.values() if each.district_year]
        undated = [year for year, each in EDITIONS.items() if each.headings]
        raise OtherTableError(
            f"The edition of {name!r} is not known: expected 'Local Authority District code' with "
            f"{' or '.join(dated)}, or the headings of {some(undated)}. It has "
            f"{some(headings, most=12, like='local authority district code')}. Take the "
            "publisher's file with all its columns."
        )
    # A name may have the year of the areas, as the headings do.
    of_areas = {int(year) for each in headings for year in re.findall(r"\((\d{4})\)", each)}
    for where, text in (("the title", title), ("the name of the file", name)):
        years = {int(year) for pattern in _NAMED for year in pattern.findall(text)}
        years -= of_areas - set(EDITIONS)
        if years and years.isdisjoint(EDITIONS):
            raise _unknown(name, f"{where} has {some(sorted(years))}", EDITIONS)
        if len(years) == 1:
            found[where] = years
    agreed = set.intersection(*found.values())
    if len(agreed) != 1:
        listed = some(
            (f"{where} {' or '.join(map(str, sorted(each)))}" for where, each in found.items()), 9
        )
        raise SchemaError(
            f"{name!r} contradicts itself about the edition of the indices: {listed}. Expected "
            "one edition. Download the file again, or correct its name."
        )
    return agreed.pop()


def _by_headings(headings: list[str], name: str) -> dict[str, set[int]]:
    """Return the editions that each dated heading allows."""
    for year, edition in EDITIONS.items():
        if edition.headings and set(edition.headings) <= set(headings):
            return {"the headings": {year}}
    found: dict[str, set[int]] = {}
    for each in headings:
        if match := _DISTRICT.fullmatch(each):
            fitting = _having("district_year", match[1])
            if not fitting:
                known = [one.district_year for one in EDITIONS.values() if one.district_year]
                raise _unknown(name, f"its districts are those of {match[1]}", known)
            found[f"districts of {match[1]}"] = fitting
        match = _CHILDREN.fullmatch(each)
        if match and (fitting := _having("population_year", match[1])):
            found[f"children of mid-{match[1]}"] = fitting
    if found:
        for match in filter(None, map(_LSOAS.fullmatch, headings)):
            found[f"LSOAs of {match[1]}"] = _having("lsoa_year", match[1])
    return found


def _having(fact: str, value: str) -> set[int]:
    return {year for year, each in EDITIONS.items() if getattr(each, fact) == int(value)}


def _unknown(name: str, why: str, known: Iterable[object]) -> SchemaError:
    return SchemaError(
        f"{name!r} is of an unknown edition: {why}, expected {some(known)}. A newer edition needs "
        "a newer version of this library."
    )


def reject_figures_of_another_edition(frame: pd.DataFrame, edition: int, *, name: str) -> None:
    """Reject the figures of one edition under the headings of another, if they are known."""
    if "idaci_rank" not in frame.columns:
        return
    ranks = frame.set_index("lsoa_code")["idaci_rank"]
    for other, facts in EDITIONS.items():
        known = {code: rank for code, rank in facts.ranks.items() if code in ranks.index}
        if other != edition and len(known) > 1 and all(ranks[list(known)] == list(known.values())):
            raise SchemaError(
                f"{name!r} has the headings of {edition}, but the ranks of {other} for "
                f"{some(known)}. Expected figures of one edition under its own headings; download "
                "the file again."
            )
    if len(frame) in LSOAS.values() and len(frame) != LSOAS[edition]:
        raise SchemaError(
            f"{name!r} has the headings of {edition}, but {len(frame):,} LSOAs, as many as "
            f"another edition. Expected {LSOAS[edition]:,}; download the file again."
        )
