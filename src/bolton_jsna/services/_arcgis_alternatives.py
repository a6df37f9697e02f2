"""What the portal has instead, where it has no wards, LSOAs or lookup of an authority."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from bolton_jsna import catalogue
from bolton_jsna.catalogue import Edition
from bolton_jsna.core.areas import district_codes
from bolton_jsna.core.commands import refresh_command
from bolton_jsna.core.errors import BoltonJsnaError, some
from bolton_jsna.services import Wanted, _arcgis_query
from bolton_jsna.services._arcgis_layers import Layer
from bolton_jsna.services._arcgis_query import SERVICE, Table
from bolton_jsna.services.http import Session

_CODE: Final = r"(?:lad|ltla|ctyua|utla)\d\dcd"
_NAME: Final = r"(?:lad|ltla|ctyua|utla)\d\dnm"


def absent(session: Session, layer: Layer, table: Table, way: Table | None, wanted: Wanted) -> str:
    """Return that a layer has no row of an authority, and under which other code it may be."""
    if wanted.area is None:
        return f"The {layer.title} of the Open Geography Portal ({table.service}) have no rows."
    asked = way or table
    codes = some(sorted(district_codes(wanted.area)), most=4)
    said = (
        f"The Open Geography Portal has no {layer.title} for {wanted.area}: {asked.service} has no "
        f"row with a code of {wanted.area} ({codes})."
    )
    other = _other_codes(session, asked, str(wanted.area))
    if other:
        said += (
            f" It has {wanted.area} under {some(other)}, a code that this version of the library "
            "does not know; a later version may."
        )
    return said


def elsewhere(wanted: Wanted, has: Callable[[Wanted], bool]) -> str:
    """Return which other editions the portal has for the authority, and how to get one."""
    whose = f" for {wanted.area}" if wanted.area is not None else ""
    there: list[Edition] = []
    unknown: list[Edition] = []
    none: list[Edition] = []
    for each, other in _others(wanted):
        try:
            (there if has(other) else none).append(each)
        except BoltonJsnaError:
            unknown.append(each)
    areas = [wanted.area.name] if wanted.area is not None else []
    said = []
    if there:
        command = refresh_command([there[0].id], areas)
        said.append(
            f"It has {_listed(there)}{whose}. To fetch one: {command} (then ask for its year)."
        )
    elif none:
        said.append(f"It has no {_listed(none)}{whose} either.")
    if unknown:
        said.append(f"It could not be asked for {_listed(unknown)}.")
    if not there:
        facts = catalogue.dataset(wanted.dataset)
        files = _files(facts.files, wanted.edition)
        said.append(f"If you have {files} from elsewhere, put it in data/raw/{facts.id}/.")
    return " ".join(said)


def _others(wanted: Wanted) -> list[tuple[Edition, Wanted]]:
    """Return the other editions of the catalogue that may serve, the newest first."""
    found = []
    sides = wanted.edition.split("-")
    for each in catalogue.dataset(wanted.dataset).editions:
        way = next((each for each in each.ways if each.service == SERVICE), None)
        # A lookup of other small areas leads nowhere that was wanted.
        like = "-" not in wanted.edition or each.edition.split("-")[0] == sides[0]
        if way is not None and like and each.edition != wanted.edition:
            other = Wanted(each.dataset, each.edition, SERVICE, way.ask, wanted.area)
            found.append((each, other))
    return found


def _other_codes(session: Session, table: Table, name: str) -> list[str]:
    """Return the codes that a service has an authority's name under."""
    code, named = table.field(_CODE), table.field(_NAME)
    if not code or not named:
        return []
    try:
        (clause,) = _arcgis_query.conditions(named, [name])
        rows = _arcgis_query.rows(session, table, clause, fields=[code])
    except BoltonJsnaError:  # it is only a hint
        return []
    return sorted({str(each["properties"][code]) for each in rows})


def _listed(editions: list[Edition]) -> str:
    return some((each.id for each in editions), most=6)


def _files(files: str, edition: str) -> str:
    """Return what to add by hand; the catalogue's words of a lookup are those of one to wards."""
    of, _, to = edition.partition("-")
    if to and not to.startswith("ward"):
        columns = " and ".join(f"{each[:-2].upper()}{each[-2:]}CD" for each in (of, to))
        return f"the lookup from {of} to {to} as CSV, with columns {columns}"
    return files.replace("of the year wanted", f"of {_year(edition)}")


def _year(edition: str) -> str:
    found = re.search(r"(\d\d)$", edition)
    return f"20{found[1]}" if found else ""
