"""What the portal has instead, if it has no wards, LSOAs or lookup of an authority."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bolton_jsna import catalogue
from bolton_jsna.catalogue import Edition
from bolton_jsna.core.areas import district_codes
from bolton_jsna.core.commands import refresh_command
from bolton_jsna.core.errors import BoltonJsnaError, some
from bolton_jsna.services import Wanted, _arcgis_query
from bolton_jsna.services._arcgis_layers import PortalLayer
from bolton_jsna.services._arcgis_query import SERVICE, PortalTable
from bolton_jsna.services.http import Session

_CODE: Final = r"(?:lad|ltla|ctyua|utla)\d\dcd"
_NAME: Final = r"(?:lad|ltla|ctyua|utla)\d\dnm"


def absent(
    session: Session,
    layer: PortalLayer,
    table: PortalTable,
    way: PortalTable | None,
    wanted: Wanted,
) -> str:
    """Return that a layer has no row of an authority, and another code that it may have."""
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
            f" It has {wanted.area} under {some(other)}, a code that is not in this version of the "
            "library. A later version may have it."
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
        said.append(f"It could not be checked for {_listed(unknown)}.")
    if not there:
        facts = catalogue.dataset(wanted.dataset)
        files = _files(facts.files, wanted)
        said.append(f"If you have {files} from elsewhere, put it in data/raw/{facts.id}/.")
    return " ".join(said)


def _others(wanted: Wanted) -> list[tuple[Edition, Wanted]]:
    """Return the other editions of the catalogue that may serve, the newest first."""
    found = []
    for each in catalogue.dataset(wanted.dataset).editions:
        way = next((each for each in each.ways if each.service == SERVICE), None)
        # A lookup from other small areas is no use.
        if way is None or each.edition == wanted.edition:
            continue
        if way.ask.get("of") == wanted.ask.get("of"):
            other = Wanted(each.dataset, each.edition, SERVICE, way.ask, wanted.area)
            found.append((each, other))
    return found


def _other_codes(session: Session, table: PortalTable, name: str) -> list[str]:
    """Return the codes that a service has for an authority's name."""
    code, named = table.field(_CODE), table.field(_NAME)
    if not code or not named:
        return []
    try:
        (clause,) = _arcgis_query.conditions(named, [name])
        rows = _arcgis_query.rows(session, table, clause, fields=[code])
    except BoltonJsnaError:  # only a hint is lost
        return []
    return sorted({str(each["properties"][code]) for each in rows})


def _listed(editions: list[Edition]) -> str:
    return some((each.id for each in editions), most=6)


def _files(files: str, wanted: Wanted) -> str:
    """Return what to add by hand; the catalogue's text on lookups is about those to wards."""
    of, to = str(wanted.ask.get("of", "")), str(wanted.ask.get("to", ""))
    if to and not to.startswith("ward"):
        columns = " and ".join(f"{each[:-2].upper()}{each[-2:]}CD" for each in (of, to))
        return f"the lookup from {of} to {to} as CSV, with columns {columns}"
    year = wanted.ask.get("year") or f"20{to[-2:]}"
    return files.replace("of the year wanted", f"of {year}")
