"""ONS's own zips of subnational projections: the base years and variants that Nomis has not.

Contract: ``www.ons.gov.uk/file?uri=...``, pinned in the catalogue. The site answers 403 or 429 to
clients that do not name themselves, and asks that Retry-After be obeyed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.core.sniffing import FIRST_BYTES, kind_of
from bolton_jsna.services import Fetched, Known, Wanted
from bolton_jsna.services.endpoints import resolve
from bolton_jsna.services.http import Session
from bolton_jsna.services.responses import StatusError, beginning, shown

_HEADINGS: Final = {"AREA_CODE", "SEX", "AGE_GROUP"}
_ADVICE: Final = {
    403: "ONS refuses clients that do not name themselves; a proxy may have changed the name that "
    "the library gives ({agent}). Lay the file in data/raw by hand, or point BOLTON_JSNA_ONS_URL "
    "at a mirror.",
    404: "The file has moved: correct its uri in the catalogue (landing page: {landing}).",
    429: "ONS limits how often it may be asked, also across a whole office; refresh again later.",
}
_LANDING: Final = (
    "https://www.ons.gov.uk/peoplepopulationandcommunity/populationandmigration/"
    "populationprojections/datasets/localauthoritiesinenglandz1"
)
_DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


def fetch(wanted: Wanted, session: Session, folder: Path, known: Known | None = None) -> Fetched:
    """Fetch a zip of projections as ONS publishes it, all areas of England in it."""
    uri = str(wanted.ask.get("uri", ""))
    name = PurePosixPath(uri).name
    if not uri.startswith("/") or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.zip", name):
        raise SourceError(
            f"The catalogue gives {uri!r} as ONS's file of {wanted.dataset} {wanted.edition}. "
            "Expected a path such as /peoplepopulationandcommunity/.../2022snpppopulation.zip."
        )
    params = {"uri": uri}
    address = shown(resolve("ons", "file"), params)
    try:
        got = session.download("ons", "file", folder / name, params=params, known=known)
    except StatusError as error:
        advice = _ADVICE.get(error.status, "What came is not stored; refresh again later.")
        raise SourceError(
            f"{error} {advice.format(agent=session.user_agent, landing=_LANDING)}"
        ) from error
    if got.path is not None:
        meant = str(wanted.ask.get("base_year", wanted.edition))
        _check(got.path, meant if re.fullmatch(r"20\d\d", meant) else "", got.content_type)
    return Fetched(got.path, name, address, got.etag, got.last_modified)


def _check(path: Path, base_year: str, content_type: str) -> None:
    with path.open("rb") as file:
        start = file.read(FIRST_BYTES)
    if kind_of(start) != "zip":
        raise SourceError(
            f"The ONS website sent no zip for {path.name} ({content_type or 'no type'}): "
            f"{beginning(start)}. "
            "The file has moved, or the site is out of order; nothing was kept."
        )
    try:
        headings = _headings(path)
    except _DAMAGE as error:
        raise SourceError(
            f"The ONS website sent a damaged zip for {path.name} ({error}). What came is not "
            f"stored; "
            f"refresh again."
        ) from error
    if not headings:
        raise SourceError(
            f"The ONS website sent {path.name} without a CSV in it. What came is not stored."
        )
    for member, found in headings.items():
        years = [each for each in found if re.fullmatch(r"20\d\d", each)]
        if not years or not set(found) >= _HEADINGS:
            raise SourceError(
                f"The ONS website sent {path.name}, whose {member[:80]!r} has the headings "
                f"{some(found, most=8)}; expected AREA_CODE, SEX, AGE_GROUP and a column a year. "
                "What came is not stored."
            )
        if base_year and years[0] != base_year:
            raise SourceError(
                f"The ONS website sent {path.name} with years from {years[0]} on; expected the "
                f"projection "
                f"based on {base_year}. Correct the uri in the catalogue. What came is not stored."
            )


def _headings(path: Path) -> dict[str, list[str]]:
    """Return the first line of each CSV of a zip; no more of it is unpacked."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for each in archive.infolist():
            inside = PurePosixPath(each.filename)
            if inside.suffix.lower() != ".csv" or "__MACOSX" in inside.parts:
                continue
            with archive.open(each) as file:
                line = file.readline(10_000).decode("utf-8-sig", errors="replace")
            cells = next(csv.reader(io.StringIO(line)), [])
            found[each.filename] = [cell.strip().upper() for cell in cells]
    return found
