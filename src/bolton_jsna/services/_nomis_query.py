"""Queries to Nomis: its codes for areas, ages, sexes and years."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bolton_jsna.core.areas import Area, district_codes, find, register
from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.services import Wanted
from bolton_jsna.services._nomis_parse import Code, base_year
from bolton_jsna.services.responses import OtherEditionError

PROJECTIONS: Final = "NM_2006_1"
LSOA_TYPES: Final = {"NM_2014_1": "TYPE151", "NM_2010_1": "TYPE298"}
"""The tables of small areas, with the type under which each lists its LSOAs."""

Codes = Callable[[str], list[Code]]
_GENDERS: Final = {"persons": "0", "males": "1", "females": "2"}
_GSS: Final = re.compile(r"[EWNSK]\d{8}")


@dataclass(frozen=True)
class NomisArea:
    """An area with the codes that a table may have for it; the first is to be tried next."""

    codes: tuple[str, ...]
    tried: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its code in messages."""
        return [*self.tried, *self.codes][0]

    def found(self, codes: set[str]) -> bool:
        """Report whether rows with some codes include it; a whole type of areas always counts."""
        return not _GSS.fullmatch(self.name) or not codes.isdisjoint({*self.codes, *self.tried})

    def next(self) -> NomisArea | None:
        """Return the place with its next code to try, or None after the last."""
        first, *rest = self.codes
        return NomisArea(tuple(rest), (*self.tried, first)) if rest else None


def compressed(values: Iterable[str | int]) -> str:
    """Return codes in Nomis's form: with commas, and runs of numbers as ``a...b``."""
    runs: list[list[str]] = []
    for value in map(str, values):
        before = runs[-1][-1] if runs else ""
        if value.isdigit() and before.isdigit() and int(value) == int(before) + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return ",".join(f"{run[0]}...{run[-1]}" if len(run) > 2 else ",".join(run) for run in runs)


def listed(values: str) -> list[str]:
    """Return the numbers that :func:`compressed` put together."""
    spans = (part.partition("...") for part in values.split(","))
    return [
        str(each) for first, _, last in spans for each in range(int(first), int(last or first) + 1)
    ]


def base_and_last_year(codes: Codes, wanted: Wanted) -> tuple[int, int]:
    """Return the first and last year of Nomis's projection, if it is the one in the catalogue."""
    base, last = base_year(codes("projected_year"))
    meant = str(wanted.ask.get("base_year", wanted.edition))
    if re.fullmatch(r"20\d\d", meant) and int(meant) != base:
        raise OtherEditionError(
            f"Nomis has the {base}-based projections ({base} to {last}), not those based on "
            f"{meant}. Take {meant} from ONS's zip, or ask for edition {base}."
        )
    return base, last


def query(ask: Mapping[str, Any], years: tuple[int, int] | None) -> dict[str, str]:
    """Return the parameters of a request, without its areas."""
    first, last = ask.get("ages", (0, 17))
    asked = {
        "c_age": compressed(range(101 + int(first), 102 + int(last))),
        "gender": ",".join(sorted(_GENDERS[each] for each in ask.get("sexes", _GENDERS))),
        # Without it Nomis sends every cell twice: as a count and as a percentage.
        "measures": "20100",
        **{name: _joined(value) for name, value in ask.get("parameters", {}).items()},
    }
    if years:
        return {**asked, "projected_year": compressed(range(years[0], years[1] + 1))}
    earlier = [f"latestMINUS{each}" for each in range(int(ask.get("years_before", 0)), 0, -1)]
    return {**asked, "date": ",".join([*earlier, _joined(ask.get("date", "latest"))])}


def _joined(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else ",".join(map(str, value))


def places(codes: Codes, table: str, wanted: Wanted) -> list[NomisArea]:
    """Return the areas of a request, each once."""
    given = [str(code) for code in wanted.ask.get("codes", ()) if not str(code).startswith("W")]
    usual = () if given else ("lsoas",) if table in LSOA_TYPES else ("area",)
    words = wanted.ask.get("areas", usual)
    current = [each for each in register() if each.level == "authority" and each.until is None]
    here = wanted.area
    several: dict[str, list[Area | None]] = {
        "area": [here] if here else [],
        "authorities": [*current],
        "region": [find(here.region_code)] if here and here.region_code else [],
        "regions": [find(code) for code in dict.fromkeys(each.region_code for each in current)],
    }
    found = [NomisArea((code,)) for code in given]
    for word in [words] if isinstance(words, str) else words:
        if word == "lsoas":
            found += _small_areas(codes, table, here)
        elif word in several:
            found += [NomisArea(each.codes) for each in several[word] if each]
        else:
            place = find(word)
            found += [NomisArea(place.codes if place else (word,))]
    if not found:
        raise SourceError(
            f"The request for Nomis {table} has no areas. Expected an authority, or codes or areas "
            "in the catalogue."
        )
    return list(dict.fromkeys(found))


def _small_areas(codes: Codes, table: str, area: Area | None) -> list[NomisArea]:
    """Return the LSOAs of an authority from Nomis's lists of areas of a type within a parent."""
    districts = sorted(district_codes(area)) if area else []
    found = [
        each.gss
        for district in districts
        for each in codes(f"geography/{district}{LSOA_TYPES[table]}")
        if each.gss.startswith("E01")
    ]
    if not found:
        raise SourceError(
            f"Nomis lists no LSOAs in {table} for {area.name if area else 'no authority'} "
            f"({some(districts)})."
        )
    return [NomisArea((code,)) for code in dict.fromkeys(found)]


def file_name(wanted: Wanted, table: str, base: int | None) -> str:
    """Return the name of the file; the reader takes the variant of a projection from it."""
    parts = (
        "nomis",
        table,
        f"base_{base}" if base else wanted.edition,
        wanted.ask.get("variant", ""),
        wanted.area.code if wanted.area else "",
    )
    return re.sub(r"[^A-Za-z0-9]+", "_", "_".join(str(each) for each in parts if each)) + ".csv"
