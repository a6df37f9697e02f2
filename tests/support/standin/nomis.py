"""Nomis API v01 as its contract tells it: code lists, pages, and no for an answer in three ways.

Faults of its own, taken by ``path?query``: ``row_cut`` (rows=: so many rows a page, silently),
``missing_page`` (a page after the first is empty), ``duplicate_page`` (the first page again),
``lost_rows`` (a page skips rows=), ``limited`` (body=: text that is no CSV), ``other_count``
(RECORD_COUNT grows by one), ``both_measures``, ``variants`` (a dimension that nobody asked for).
"""

import csv
import io
import itertools
import json
import re
from urllib.parse import urlencode

from bolton_jsna.core.areas import area, find
from standin.places import BARNSLEY
from standin.server import Answer, Request

GUEST, REGISTERED = 25_000, 100_000
BASE, LAST = 2022, 2047
LATEST = {"NM_2002_1": 2025, "NM_2014_1": 2024}
FIRST = {"NM_2002_1": 1991, "NM_2014_1": 2011}
DIMENSIONS = {
    "NM_2006_1": ["GEOGRAPHY", "PROJECTED_YEAR", "GENDER", "C_AGE", "MEASURES", "FREQ"],
    "NM_2002_1": ["GEOGRAPHY", "GENDER", "C_AGE", "MEASURES", "FREQ"],
    "NM_2014_1": ["GEOGRAPHY", "GENDER", "C_AGE", "MEASURES", "FREQ"],
}
DATASETS = {"NM_2006_1": "population_projections"}
GENDERS = {"0": ("Total", "persons"), "1": ("Male", "males"), "2": ("Female", "females")}
AGES = {str(101 + age): age for age in range(91)}
PAGING = {"recordoffset", "recordlimit", "select", "uid", "excludemissingvalues"}
NEW_BARNSLEY = "E08000038"


def routes(world):
    desk = _Desk(world)
    base = r"/nomis/dataset/"
    table = r"(NM_\d+_1)"
    return [
        ("GET", re.compile(f"{base}{table}\\.def\\.sdmx\\.json"), desk.definition),
        ("GET", re.compile(f"{base}{table}/projected_year\\.def\\.sdmx\\.json"), desk.years),
        (
            "GET",
            re.compile(f"{base}{table}/geography/\\w+TYPE\\d+\\.def\\.sdmx\\.json"),
            desk.small_areas,
        ),
        ("GET", re.compile(f"{base}{table}\\.data\\.(csv|json)"), desk.data),
    ]


_made = {}
MOST_MADE = 6
"""How many answers are kept; one of England has some 10 MB."""


class _Desk:
    def __init__(self, world):
        self.world = world

    def table(self, request):
        return re.search(r"NM_\d+_1", request.path)[0]

    def definition(self, request: Request) -> Answer:
        table = self.table(request)
        if table not in DIMENSIONS:
            return _json({"structure": {"keyfamilies": None}})
        updated = self.world.modified(DATASETS.get(table, "population_estimates"))
        notes = [
            {"annotationtext": "Current (being actively updated)", "annotationtitle": "Status"},
            {"annotationtext": f"{updated:%Y-%m-%d %H:%M:%S}", "annotationtitle": "LastUpdated"},
        ]
        family = {
            "id": table,
            "name": {"value": table, "lang": "en"},
            "annotations": {"annotation": notes},
            "components": {
                "dimension": [
                    {"codelist": f"CL_{each}", "conceptref": each} for each in DIMENSIONS[table]
                ],
                "timedimension": {"codelist": "CL_TIME", "conceptref": "TIME"},
            },
        }
        answer = _json({"structure": {"keyfamilies": {"keyfamily": [family]}}})
        headers = {**answer.headers, "ETag": self.world.etag(answer.body)}
        return Answer(200, headers, answer.body)

    def years(self, request: Request) -> Answer:
        if self.table(request) != "NM_2006_1":
            return _codes([])
        return _codes([(year, str(year), "") for year in range(BASE, LAST + 1)])

    def small_areas(self, request: Request) -> Answer:
        parent, kind = re.search(r"/geography/(\w+)(TYPE\d+)\.", request.path).groups()
        if self.table(request) != "NM_2014_1" or kind != "TYPE151":
            return _codes([])
        rows = self.world.lsoas_of(parent) if parent != NEW_BARNSLEY else ()
        return _codes([(_id(each.code), each.name, each.code) for each in rows])

    def data(self, request: Request) -> Answer:
        table = self.table(request)
        asked = {
            name.lower(): ",".join(values).split(",") for name, values in request.query.items()
        }
        target = f"{request.path}?{urlencode(request.query, doseq=True)}"
        if bent := self.world.faults.take("limited", target):
            return _text(bent.options.get("body", b"Too many requests"), "text/plain")
        rows = self.rows(table, asked, target)
        if request.path.endswith(".json"):
            return _json({"error": "Cannot create query"} if rows is None else {"obs": []})
        if not rows:
            return _text(b"", "text/csv")
        return self.page(rows, asked, target)

    def page(self, rows, asked, target) -> Answer:
        offset = int(asked.get("recordoffset", ["0"])[0])
        cap = REGISTERED if "uid" in asked else GUEST
        cap = min(cap, int(asked.get("recordlimit", [cap])[0]))
        take = self.world.faults.take
        if bent := take("row_cut", target):
            cap = min(cap, bent.options["rows"])
        if offset and take("duplicate_page", target):
            offset = 0
        count = len(rows) + (1 if offset and take("other_count", target) else 0)
        if bent := take("lost_rows", target):
            rows = rows[: offset + 1] + rows[offset + 1 + bent.options["rows"] :]
        page = rows[offset : offset + cap]
        if not page or (offset and take("missing_page", target)):
            return _text(b"", "text/csv")
        columns = [each.upper() for each in asked.get("select", page[0])]
        out = io.StringIO()
        lines = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
        lines.writerow(columns)
        for number, row in enumerate(page):
            # A number on one page and text on another, as clients have met it.
            counts = {"RECORD_OFFSET": offset + number, "RECORD_COUNT": count}
            if offset:
                counts["RECORD_COUNT"] = str(count)
            whole = {**row, **counts}
            lines.writerow([whole[each] for each in columns])
        return _text(out.getvalue().encode(), "text/csv")

    def rows(self, table, asked, target):
        """Every row of a query; None when Nomis cannot make a query of it."""
        if table not in DIMENSIONS or {"date", "time"} <= set(asked):
            return None
        known = {"geography", "gender", "c_age", "measures"}
        known |= {"projected_year"} if table == "NM_2006_1" else {"date", "time"}
        if set(asked) - known - PAGING or "geography" not in asked:
            return None
        places = self.places(table, asked["geography"])
        genders = _span(asked.get("gender", GENDERS))
        ages = _span(asked.get("c_age", AGES))
        years = self.asked_years(table, asked)
        if not (places and years) or set(genders) - set(GENDERS) or set(ages) - set(AGES):
            return None
        both = "measures" not in asked or self.world.faults.take("both_measures", target)
        measures = [("20100", "Value"), *([("20301", "Percent")] if both else [])]
        variants = 2 if self.world.faults.take("variants", target) else 1
        asked_for = (places, years, genders, ages, measures, range(variants))
        # The pages of an answer, and each refresh after a first, have the same rows.
        mark = (table, *map(tuple, asked_for), *sorted(self.world.revisions.items()))
        if mark not in _made:
            if len(_made) >= MOST_MADE:
                _made.clear()
            _made[mark] = [self.row(table, each) for each in itertools.product(*asked_for)]
        return _made[mark]

    def places(self, table, codes):
        if codes == ["TYPE151"] and table == "NM_2014_1":
            english = [(each.code, each.name) for each in self.world.lsoas]
            return [*english, ("W01000001", "Isle of Anglesey 001A")]
        if table == "NM_2014_1":
            named = {each.code: each.name for each in self.world.lsoas}
        else:
            parts = [*self.world.authorities, *self.world.regions, area("England")]
            named = {each.code: each.name for each in parts}
            if table == "NM_2002_1":
                named[NEW_BARNSLEY] = named.pop(BARNSLEY)
        # One code that is not known spoils the query.
        return [(c, named[c]) for c in codes] if set(codes) <= set(named) else None

    def asked_years(self, table, asked):
        if table == "NM_2006_1":
            years = [int(each) for each in _span(asked.get("projected_year", ["2022...2047"]))]
            return years if all(BASE <= each <= LAST for each in years) else None
        first, latest = FIRST[table], LATEST[table]
        words = {"latest": latest, "prevyear": latest - 1, "first": first}
        years = []
        for each in asked.get("date") or asked.get("time") or ["latest"]:
            back = re.fullmatch(r"latestminus(\d+)", each.lower())
            years.append(latest - int(back[1]) if back else words.get(each.lower()) or int(each))
        if "time" in asked:
            years = list(range(years[0], years[-1] + 1))
        return years if all(first <= each <= latest for each in years) else None

    def row(self, table, cell):
        (code, name), year, gender, age, measure, _ = cell
        words, sex = GENDERS[gender]
        known = (
            BARNSLEY if code == NEW_BARNSLEY else (found.code if (found := find(code)) else code)
        )
        if table == "NM_2006_1":
            value = self.world.projection(known, BASE, year, AGES[age], sex)
            when = {"PROJECTED_YEAR": str(year), "PROJECTED_YEAR_NAME": str(year)}
            when |= {"DATE": str(BASE), "DATE_NAME": str(BASE)}
        else:
            wales = code.startswith("W")
            value = 5 if wales else self.world.population(known, year, AGES[age], sex)
            when = {"DATE": str(year), "DATE_NAME": str(year)}
        return {
            **when,
            "GEOGRAPHY": str(_id(code)),
            "GEOGRAPHY_NAME": name,
            "GEOGRAPHY_CODE": code,
            "GENDER": gender,
            "GENDER_NAME": words,
            "C_AGE": age,
            "C_AGE_NAME": f"Age {AGES[age]}" if AGES[age] < 90 else "Aged 90+",
            "MEASURES": measure[0],
            "MEASURES_NAME": measure[1],
            "OBS_VALUE": value,
            "OBS_STATUS": "A",
        }


def _span(values):
    found = []
    for each in values:
        first, _, last = each.partition("...")
        found += map(str, range(int(first), int(last) + 1)) if last else [first]
    return found


def _id(code):
    return 2_092_957_699 if code == "E92000001" else 1_000_000_000 + int(code[1:])


def _codes(rows):
    entries = [
        {
            "value": value,
            "description": {"value": name, "lang": "en"},
            "annotations": {
                "annotation": [
                    {"annotationtext": gss, "annotationtitle": "GeogCode"},
                    {"annotationtext": 151, "annotationtitle": "TypeCode"},
                ]
            }
            if gss
            else None,
        }
        for value, name, gss in rows
    ]
    lists = {"codelist": [{"id": "CL", "code": entries}]} if entries else None
    return _json({"structure": {"codelists": lists}})


def _json(body):
    return _text(json.dumps(body).encode(), "application/json")


def _text(body, kind):
    return Answer(200, {"Content-Type": kind}, body)
