"""Which edition of the Indices of Deprivation a file is of: by all that it says of itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import OtherTableError, SchemaError, some

if TYPE_CHECKING:
    import pandas as pd

LSOAS: Final = {2010: 32_482, 2015: 32_844, 2019: 32_844, 2025: 33_755}
"""The number of England's LSOAs in each edition: the last possible rank."""

POPULATION_YEARS: Final = {2015: 2012, 2019: 2015, 2025: 2022}
"""The mid-year of each edition's population denominators; the table of 2010 has none."""

LSOA_YEARS: Final = {2010: 2001, 2015: 2011, 2019: 2011, 2025: 2021}
"""The census year of each edition's LSOA codes."""

LSOA_CODE: Final = re.compile(r"lsoa code(?: \((\d{4})\))?")
"""The heading of the LSOA codes, which may say their census year."""

_DISTRICT: Final = re.compile(r"local authority district code \((\d{4})\)")
_DISTRICT_YEARS: Final = {"2013": 2015, "2019": 2019, "2024": 2025}
# How the files name their edition: File_7_IoD2025, ID 2015, "Indices of Deprivation (2019)",
# 2019_IoD_File_7, File_7_(2019). A day, such as that of the download, names none.
_YEAR: Final = r"((?:19|20)\d\d)(?!\d|[-_.]\d\d[-_.]\d\d)"
_INDICES: Final = r"(?:iod|imd|idaci|\bid|_id|deprivation|file[ _-]*\d{1,2})"
_NAMED: Final = (
    re.compile(rf"{_INDICES}[ _,()-]*{_YEAR}", re.IGNORECASE),
    re.compile(
        rf"(?<!\d){_YEAR}[ _,()-]*(?:iod|imd|idaci|(?:english )?indices|file[ _-]*\d)",
        re.IGNORECASE,
    ),
)
# Ranks by which the figures of two editions are known whatever the headings say: they are far
# enough apart for no revision to lead from one to the other.
KNOWN_RANKS: Final = {
    "E01004766": {2019: 14_006, 2025: 8_162},
    "E01004767": {2019: 13_829, 2025: 9_172},
    "E01004800": {2019: 21_622, 2025: 26_176},
    "E01004850": {2019: 3_460, 2025: 2_784},
}


def told_edition(headings: list[str], title: str, name: str) -> int:
    """Tell the edition by all that the file says of it: headings, title and name."""
    if "rank of idaci (where 1 is most deprived)" in headings and "lsoa code" in headings:
        said = {"the headings": {2010}}
    else:
        said = _said_in_headings(headings, name)
    if not said:
        raise OtherTableError(
            f"{name!r} does not say which edition of the indices it is: expected 'Local Authority "
            "District code (2013)', '(2019)' or '(2024)', or the headings of 2010. It has "
            f"{some(headings, most=12)}. Take the publisher's file with all its columns."
        )
    # A name may say the year of the areas, as the headings do.
    of_areas = {int(year) for each in headings for year in re.findall(r"\((\d{4})\)", each)}
    for where, text in (("the title", title), ("the name of the file", name)):
        years = {int(year) for pattern in _NAMED for year in pattern.findall(text)}
        years -= of_areas - set(LSOAS)
        if years and years.isdisjoint(LSOAS):
            raise SchemaError(
                f"{name!r} is of no edition that is known: {where} says {some(sorted(years))}, "
                f"expected {some(LSOAS)}. A newer edition needs a newer version of this library."
            )
        if len(years) == 1:
            said[where] = years
    agreed = set.intersection(*said.values())
    if len(agreed) != 1:
        listed = some(
            (f"{where} {' or '.join(map(str, sorted(each)))}" for where, each in said.items()), 9
        )
        raise SchemaError(
            f"{name!r} contradicts itself about the edition of the indices: {listed}. Expected "
            "one edition. Download the file again, or correct its name."
        )
    return agreed.pop()


def _said_in_headings(headings: list[str], name: str) -> dict[str, set[int]]:
    """Return the editions that each dated heading allows."""
    said: dict[str, set[int]] = {}
    for each in headings:
        found = _DISTRICT.fullmatch(each)
        if found:
            if found[1] not in _DISTRICT_YEARS:
                raise SchemaError(
                    f"{name!r} is of no edition that is known: its districts are those of "
                    f"{found[1]}, expected {some(_DISTRICT_YEARS)}. A newer edition needs a newer "
                    "version of this library."
                )
            said[f"districts of {found[1]}"] = {_DISTRICT_YEARS[found[1]]}
        found = re.match(r"dependent children aged 0-15: mid (\d{4})", each)
        mids = {
            edition for edition, mid in POPULATION_YEARS.items() if found and found[1] == str(mid)
        }
        if found and mids:
            said[f"children of mid-{found[1]}"] = mids
    if said:
        for each in headings:
            found = LSOA_CODE.fullmatch(each)
            if found and found[1]:
                year = int(found[1])
                said[f"LSOAs of {year}"] = {e for e, of in LSOA_YEARS.items() if of == year}
    return said


def refuse_known_figures(frame: pd.DataFrame, edition: int, *, name: str) -> None:
    """Refuse the figures of one edition under the headings of another, where they are known."""
    if "idaci_rank" not in frame.columns:
        return
    ranks = frame.set_index("lsoa_code")["idaci_rank"]
    there = [code for code in KNOWN_RANKS if code in ranks.index]
    for other in (2019, 2025):
        theirs = sum(ranks[code] == KNOWN_RANKS[code][other] for code in there)
        if other != edition and len(there) > 1 and theirs == len(there):
            raise SchemaError(
                f"{name!r} has the headings of {edition}, but Bolton's LSOAs have the ranks of "
                f"{other}: {some(there)}. Expected figures of one edition under its own headings; "
                "download the file again."
            )
    if len(frame) in LSOAS.values() and len(frame) != LSOAS[edition]:
        raise SchemaError(
            f"{name!r} has the headings of {edition}, but {len(frame):,} LSOAs, as many as "
            "another edition. "
            f"Expected {LSOAS[edition]:,}; download the file again."
        )
