"""What to ask for instead of boundaries or a lookup that no publisher has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bolton_jsna import catalogue
from bolton_jsna.catalogue import Edition
from bolton_jsna.core.areas import Area, authorities_in
from bolton_jsna.core.commands import refresh_command
from bolton_jsna.core.errors import some

MOST: Final = 40
"""A command names at most this many authorities: those of a region, not those of England."""

NAMES: Final = {"ward": "wards", "lsoa": "LSOAs"}
_KIND: Final = re.compile(r"[a-z]+\d\d")


def of_boundaries(place: Area, level: str, year: int) -> str:
    """Return which year to ask for in place of one that cannot be fetched, and how to get it."""
    editions = catalogue.dataset(f"{level}_boundaries").editions
    nearest = min(editions, key=lambda each: abs(int(each.edition) - year))
    return f"For the nearest, run {_fetch(nearest, place)} and ask for year={nearest.edition}."


def of_lookup(place: Area, of: str, to: str) -> str:
    """Return which lookup to ask for in place of one that cannot be fetched, and how to get it."""

    def apart(edition: Edition) -> tuple[int, bool, bool]:
        small, large = edition.edition.split("-")
        kinds = (small[:-2] != of[:-2]) + (large[:-2] != to[:-2])
        return kinds, small != of, large != to

    nearest = min(catalogue.dataset("lookup").editions, key=apart)
    small, large = nearest.edition.split("-")
    return f"For the nearest, run {_fetch(nearest, place)} and ask for of={small!r}, to={large!r}."


def lookups_there(place: Area, of: str, to: str, there: Sequence[str]) -> str:
    """Return which lookups of an authority are available, and how to write kinds of areas."""
    text = f"Available for {place.name}: {some(there, most=8)}." if there else ""
    odd = [each for each in (of, to) if not _KIND.fullmatch(each)]
    if odd:
        written = "a kind and two digits of its year, such as 'lsoa21' or 'ward25'"
        text += f" {some(map(repr, odd))} is not {written}."
    return text.strip() or f"No lookup of {place.name} is available yet."


def lookup_for(place: Area, level: str, year: int) -> str:
    """Return which lookup has the authorities of wards or LSOAs of a year, and how to get it."""
    kind = f"{level}{year % 100:02d}"
    editions = catalogue.dataset("lookup").editions
    found = next((each for each in editions if kind in each.edition.split("-")), None)
    if found is None:
        smaller = "LSOAs to " if level == "ward" else ""
        return (
            f"Add a lookup from {smaller}{kind} with the codes of authorities to data/raw/lookup/."
        )
    return f"The lookup {found.edition} has it: {_fetch(found, place)} (then ask again)."


def lookup_by_hand(of: str, to: str) -> dict[str, str]:
    """Return which lookup to add by hand, as arguments of the catalogue's ``by_hand``."""
    if not (_KIND.fullmatch(of) and _KIND.fullmatch(to)):
        return {}
    columns = [f"{each[:-2].upper()}{each[-2:]}CD".replace("WARD", "WD") for each in (of, to)]
    columns = list(dict.fromkeys([*columns, f"LAD{to[-2:]}CD"]))
    listed = f"{', '.join(columns[:-1])} and {columns[-1]}"
    return {
        "files": f"the lookup from {of} to {to} as CSV, with columns {listed},",
        "name": f"{of}_{to}.csv",
    }


def _fetch(edition: Edition, place: Area) -> str:
    inside = [each.name for each in authorities_in(place)]
    return refresh_command([edition.id], inside if 0 < len(inside) <= MOST else ["NAME"])
