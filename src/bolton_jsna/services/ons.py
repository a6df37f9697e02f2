"""Zips of subnational projections on the ONS website: base years and variants not on Nomis.

The catalogue has their addresses, ``www.ons.gov.uk/file?uri=...``. The site answers 403 or 429 to
clients that give no name, and its Retry-After is to be respected.
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
from bolton_jsna.services import Fetched, StoredCopy, Wanted, published_file
from bolton_jsna.services.http import Session
from bolton_jsna.services.responses import StatusError

_HEADINGS: Final = {"AREA_CODE", "SEX", "AGE_GROUP"}
_ADVICE: Final = {
    403: "ONS rejects programs that give no name. A proxy may have changed the name that the "
    "library gives ({agent}). Put the file in data/raw yourself, or set BOLTON_JSNA_ONS_URL to a "
    "mirror.",
    404: "The file has moved: correct its uri in the catalogue (landing page: {landing}).",
    429: "ONS limits the number of requests from one office or network. Refresh again later.",
}
_LANDING: Final = (
    "https://www.ons.gov.uk/peoplepopulationandcommunity/populationandmigration/"
    "populationprojections/datasets/localauthoritiesinenglandz1"
)
_DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


def fetch(
    wanted: Wanted, session: Session, folder: Path, known: StoredCopy | None = None
) -> Fetched:
    """Fetch a published zip of projections for all areas of England."""
    uri = str(wanted.ask.get("uri", ""))
    name = PurePosixPath(uri).name
    if not uri.startswith("/") or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.zip", name):
        raise SourceError(
            f"The catalogue has {uri!r} as ONS's file of {wanted.dataset} {wanted.edition}. "
            "Expected a path such as /peoplepopulationandcommunity/.../2022snpppopulation.zip."
        )
    try:
        got = published_file.download(
            session, "ons", "file", folder / name, known, params={"uri": uri}
        )
    except StatusError as error:
        advice = _ADVICE.get(error.status, "The answer was not stored. Refresh again later.")
        raise SourceError(
            f"{error} {advice.format(agent=session.user_agent, landing=_LANDING)}"
        ) from error
    if got.path is not None:
        meant = str(wanted.ask.get("base_year", wanted.edition))
        _check(got.path, meant if re.fullmatch(r"20\d\d", meant) else "")
    return got


def _check(path: Path, base_year: str) -> None:
    try:
        headings = _headings(path)
    except _DAMAGE as error:
        raise SourceError(
            f"The ONS website sent a damaged zip for {path.name} ({error}). The answer was not "
            "stored. Refresh again."
        ) from error
    if not headings:
        raise SourceError(
            f"The ONS website sent {path.name} without a CSV in it. The answer was not stored."
        )
    for member, found in headings.items():
        years = [each for each in found if re.fullmatch(r"20\d\d", each)]
        if not years or not set(found) >= _HEADINGS:
            raise SourceError(
                f"The ONS website sent {path.name}, whose {member[:80]!r} has the headings "
                f"{some(found, most=8)}; expected AREA_CODE, SEX, AGE_GROUP and a column a year. "
                "The answer was not stored."
            )
        if base_year and years[0] != base_year:
            raise SourceError(
                f"The ONS website sent {path.name} with years from {years[0]}. Expected the "
                f"projection based on {base_year}. Correct the uri in the catalogue. The answer "
                "was not stored."
            )


def _headings(path: Path) -> dict[str, list[str]]:
    """Return the first line of each CSV of a zip, without unpacking the rest."""
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
