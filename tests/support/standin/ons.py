"""ONS's files by ``/file?uri=``: zips of projections, a page where nothing lies, 403 to strangers.

Faults of its own, taken by ``path?query``: ``evil_zip`` (name=: an entry that leads out of its
folder), ``zip_bomb`` (size=: a table of noughts), ``other_layout`` (headings of another table).
"""

import io
import re
import zipfile
from urllib.parse import urlencode

from bolton_jsna.core.areas import area
from standin.places import BARNSLEY, BOLTON, LANCASHIRE, ROCHDALE
from standin.server import ERROR_PAGE, Answer, Request

_Z1 = (
    "/peoplepopulationandcommunity/populationandmigration/populationprojections/datasets/"
    "localauthoritiesinenglandz1"
)
FILES = {
    f"{_Z1}/2022basedmigrationcategoryvarianton2023localauthoritygeographies/"
    "2022snpppopulationsyoamigcat23.zip": (2022, 2047),
    f"{_Z1}/2022basedfiveyearmigrationvariantprojection/2022snpppopulationsyoa5yr.zip": (
        2022,
        2047,
    ),
    f"{_Z1}/2018based/2018snpppopulation.zip": (2018, 2043),
}
_HEADINGS = "AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP,2022,2023\n"
# The authorities of these files: those that tests ask for. All of England would be a million rows.
HELD = (BOLTON, "E08000002", ROCHDALE, BARNSLEY, LANCASHIRE)
_SEXES = ("females", "males", "persons")


_made = {}


def routes(world):
    def file(request: Request) -> Answer:
        # Strangers are those who name nothing but their library.
        agent = request.headers.get("user-agent", "")
        if not agent or agent.startswith(("python-", "Python-")):
            return Answer(403, {"Content-Type": "text/html"}, ERROR_PAGE)
        uri = request.one("uri")
        if uri not in FILES:
            return Answer(404, {"Content-Type": "text/html"}, ERROR_PAGE)
        target = f"{request.path}?{urlencode(request.query, doseq=True)}"
        mark = (uri, *sorted(world.revisions.items()))
        body = _made.get(mark) or _made.setdefault(mark, _zip(world, *FILES[uri]))
        body = _spoiled(world, body, target)
        headers = {
            "Content-Type": "application/zip",
            "ETag": world.etag(body),
            "Last-Modified": world.last_modified("population_projections"),
        }
        return Answer(200, headers, body)

    return [("GET", re.compile("/ons/file"), file)]


def _spoiled(world, body, target):
    evil = world.faults.take("evil_zip", target)
    bomb = world.faults.take("zip_bomb", target)
    other = world.faults.take("other_layout", target)
    if not (evil or bomb or other):
        return body
    out = io.BytesIO(body) if evil else io.BytesIO()
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        if evil:
            archive.writestr(evil.options.get("name", "../../evil.csv"), _HEADINGS)
        elif bomb:
            archive.writestr("population.csv", _HEADINGS + "0" * bomb.options.get("size", 10**8))
        else:
            archive.writestr("table.csv", "Code,Name,Households\nE08000001,Bolton,1\n")
    return out.getvalue()


def _zip(world, base, last):
    """Three tables of England, its regions and some authorities, a row an age in ONS's words."""
    held = [each for each in world.authorities if each.code in HELD]
    places = [area("England"), *world.regions, *held]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for sex in _SEXES:
            lines = [f"AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP,{_join(range(base, last + 1))}"]
            for place in places:
                lines += _rows(world, place, sex, base, range(last - base + 1))
            archive.writestr(f"{base} SNPP Population {sex}.csv", "\n".join([*lines, ""]))
    return out.getvalue()


def _rows(world, place, sex, base, ahead):
    name = f'"{place.name}"' if "," in place.name else place.name
    start = f"{place.code},{name},Population,{sex}"
    totals = [0.0] * len(ahead)
    for age in range(91):
        # As World.projection, worked out once for all years.
        now = world.projection(place.code, base, base, age, sex)
        growth = 0.004 * world.population(place.code, base, age, sex)
        figures = [now + growth * each for each in ahead]
        totals = [a + b for a, b in zip(totals, figures, strict=True)]
        yield f"{start},{age if age < 90 else '90 and over'},{_join(map(_figure, figures))}"
    yield f"{start},All ages,{_join(map(_figure, totals))}"


def _figure(value):
    return f"{value:.3f}"


def _join(values):
    return ",".join(map(str, values))
