"""OHID Fingertips as its contract tells it: 27 columns, CRLF, England twice, categories mixed in.

Faults of its own, taken by ``path?query``: ``header_only``, ``two_figures`` (England's second row
differs); and by ``/fingertips/indicator/{number}``:
``discontinued`` (no figures by area type 502).
"""

import csv
import io
import json
import re
from urllib.parse import urlencode

from bolton_jsna.core.areas import area
from standin.server import Answer, Request
from standin.world import ENGLAND

INDICATORS = {
    90803: ("Children in care", "looked_after"),
    90886: ("Children on child protection plans", "cpp_at_31_march"),
}
TYPES = (102, 202, 302, 402, 502)
COLUMNS = (
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,"
    "Category Type,Category,Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,"
    "Lower CI 99.8 limit,Upper CI 99.8 limit,Count,Denominator,Value note,Recent Trend,"
    "Compared to England value or percentiles,{varies},Time period Sortable,New data,"
    "Compared to goal,Time period range"
)
NOTE = "Value suppressed for disclosure control due to small count"


def routes(world):
    desk = _Desk(world)
    return [
        ("GET", re.compile("/fingertips/available_data"), desk.available),
        ("GET", re.compile("/fingertips/all_data/csv/by_indicator_id"), desk.data),
    ]


def _target(request):
    return f"{request.path}?{urlencode(request.query, doseq=True)}"


class _Desk:
    def __init__(self, world):
        self.world = world

    def types_of(self, indicator):
        gone = self.world.faults.take("discontinued", f"/fingertips/indicator/{indicator}")
        return TYPES[:-1] if gone else TYPES

    def available(self, request: Request) -> Answer:
        indicator = int(request.one("indicator_id", "0"))
        types = self.types_of(indicator) if indicator in INDICATORS else ()
        return _json([{"IndicatorId": indicator, "AreaTypeId": each} for each in types])

    def data(self, request: Request) -> Answer:
        if not request.one("child_area_type_id"):
            return _plain(400, "ChildAreaTypeId cannot be null")
        asked = [int(each) for each in request.one("indicator_ids").split(",") if each]
        if not asked:
            return _plain(400, "IndicatorIds cannot be null or empty")
        kind, parent = int(request.one("child_area_type_id")), request.one("parent_area_type_id")
        varies = (
            "Compared to percentiles"
            if parent == "15"
            else "Compared to Regions (statistical) value or percentiles"
        )
        target = _target(request)
        other = self.world.faults.take("two_figures", target)
        rows = []
        if not self.world.faults.take("header_only", target):
            for indicator in asked:
                if indicator in INDICATORS and kind in self.types_of(indicator):
                    rows += self.rows(indicator, parent, other)
        out = io.StringIO()
        lines = csv.writer(out, lineterminator="\r\n")
        lines.writerow(COLUMNS.format(varies=varies).split(","))
        lines.writerows(rows)
        body = out.getvalue().encode()
        headers = {"Content-Type": "application/octet-stream", "ETag": self.world.etag(body)}
        return Answer(200, headers, body)

    def rows(self, indicator, parent, other):
        england = area("England")
        for year in range(2021, self.world.release + 1):
            yield self.row(indicator, england, year, ("", ""))
            yield self.row(indicator, england, year, (ENGLAND, "England"), twice=bool(other))
            for decile in ("Most deprived decile (IMD2019)", "Least deprived decile (IMD2019)"):
                yield self.row(indicator, england, year, ("", ""), category=decile)
            for sex in ("Male", "Female"):
                yield self.row(indicator, england, year, ("", ""), sex=sex)
            if parent != "15":
                for region in self.world.regions:
                    yield self.row(indicator, region, year, (ENGLAND, "England"))
            for each in self.world.authorities:
                above = (ENGLAND, "England")
                if parent != "15":
                    above = (each.region_code, each.region)
                yield self.row(indicator, each, year, above)

    def row(self, indicator, place, year, parent, *, category="", sex="Persons", twice=False):
        name, figure = INDICATORS[indicator]
        printed = self.world.printed(figure, place.code, year)
        count = int(printed) if printed.isdigit() else None
        note = {"c": NOTE, "z": "Value not published for data quality reasons"}.get(printed, "")
        people = self.world.children(place.code, year - 1)
        if count is not None and sex != "Persons":
            count //= 2
        value = "" if count is None else repr(count / people * 10_000 + twice)
        return [
            indicator,
            f"{name}, rate per 10,000 <18 population".replace("<", "under "),
            *parent,
            place.code,
            place.name,
            {"country": "England", "region": "Regions (statistical)"}.get(
                place.level, "Counties & UAs (from Apr 2023)"
            ),
            sex,
            "<18 yrs",
            "County & UA deprivation deciles in England" if category else "",
            category,
            f"{year - 1}/{year % 100:02d}",
            value,
            *[""] * 4,
            "" if count is None else count,
            people,
            note,
            "Cannot be calculated",
            "Not compared",
            "Not compared",
            f"{year - 1}0000",
            "",
            "",
            "1y",
        ]


def _json(body):
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


def _plain(status, text):
    return Answer(status, {"Content-Type": "text/plain"}, text.encode())
