"""GOV.UK: content items of the indices and of the neighbours' tool, and the files they offer.

Options of the world: ``govuk_bare`` (pages without ``attachments``: links in the text only),
``govuk_redirects`` (path to destination: items of schema ``redirect``), ``govuk_303`` (path to
path: an HTTP redirect), ``govuk_gone`` (paths that answer 410), ``govuk_reissue`` (a second issue
beside the first, ``_v2``), ``all_lsoas`` (File 7 with every LSOA of England). Faults:
``moved_media`` (the file's address answers 404; ``html=True``: a web page with 200), ``evil_name``
(``name=``: an attachment's file name).
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
import math
import re
from typing import Any

from standin.server import Answer, Request
from standin.world import RANKS, score_of

ASSETS = "https://assets.publishing.service.gov.uk"
LAIT = "government/publications/local-authority-interactive-tool-lait"
IOD = "government/statistics/english-indices-of-deprivation-{}"
COLLECTION = "government/collections/english-indices-of-deprivation"
# The media ids of the issues that the contract names.
MEDIA = {2015: "5a7ffd55ed915d74e33f7ca4", 2019: "5dc407b440f0b6379a7acc8d"}
MEDIA |= {2025: "691ded56d140bbbaa59a2a7d"}
NAMES = {
    2015: "File_7_ID_2015_All_ranks__deciles_and_scores_for_the_Indices_of_Deprivation"
    "__and_population_denominators.csv",
    2019: "File_7_-_All_IoD2019_Scores__Ranks__Deciles_and_Population_Denominators_3.csv",
    2025: "File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv",
}
TOOL_2021 = (
    "606458acd3bf7f0c8d06b7e2",
    "Childrens_services_statistical_neighbour_benchmarking_tool_-_LGR_Version__April_2021_.xlsx",
)
TOOL_2025 = ("68301d7a1b2c3d4e5f607182", "Local_authority_interactive_tool__LAIT__May_2025.xlsx")
_LSOA = {2015: "2011", 2019: "2011", 2025: "2021"}
_DISTRICT = {2015: "2013", 2019: "2019", 2025: "2024"}
_MID = {2015: "2012", 2019: "2015", 2025: "2022"}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file_7(world: Any, edition: int) -> bytes:
    """File 7 of an edition: headings as printed, some of the columns."""
    index = "Income Deprivation Affecting Children Index (IDACI)"
    rank, decile = (
        "Rank (where 1 is most deprived)",
        "Decile (where 1 is most deprived 10% of LSOAs)",
    )
    mid = f": mid {_MID[edition]} (excluding prisoners)"
    headings = [
        f"LSOA code ({_LSOA[edition]})",
        f"LSOA name ({_LSOA[edition]})",
        f"Local Authority District code ({_DISTRICT[edition]})",
        f"Local Authority District name ({_DISTRICT[edition]})",
        "Education, Skills and Training Score",
        f"{index} Score (rate)",
        f"{index} {rank}",
        f"{index} {decile}",
        f"Total population{mid}",
        f"Dependent Children aged 0-15{mid}",
    ]
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(headings)
    for row in world.idaci(edition):
        lsoa = row["lsoa"]
        place = [lsoa.code, lsoa.name, lsoa.district_code, lsoa.district_name]
        figures = [row["score"], row["rank"], row["decile"]]
        lines.writerow([*place, 20.5, *figures, 5 * row["children"], row["children"]])
    if world.options.get("all_lsoas"):
        lines.writerows(_other_lsoas(edition, RANKS[edition] - len(world.lsoas)))
    return out.getvalue().encode("utf-8-sig")


@functools.cache
def _other_lsoas(edition: int, number: int) -> list[list[Any]]:
    """Rows of the LSOAs of which the stand-in tells nothing else."""
    rows = []
    for n in range(1, number + 1):
        place = [f"E015{n:05d}", f"Elsewhere {n}", "E08000003", "Manchester"]
        decile = math.ceil(n * 10 / RANKS[edition])
        rows.append([*place, 20.5, score_of(n, edition), n, decile, 1500, 300])
    return rows


def neighbours_2021(world: Any) -> bytes:
    """The sheet of the benchmarking tool: two rows of letters and numbers before the headings."""
    headings = ["LA num", "LA Name", "LA number", "GOInd", "GOReg"]
    for rank in range(1, 11):
        headings += [f"SN{rank}", "SNP"]
    rows: list[list[Any]] = [list("ABCDEFG"), list(range(1, 26)), headings]
    for place, near in world.neighbours("2021"):
        cells = [x for other, word in near for x in (other.dfe_number, word)]
        rows.append([place.dfe_number, place.name, place.dfe_number, 1, place.region, *cells])
    return _workbook((("Front page", (("Benchmarking tool",),)), ("LA SN Groups", _frozen(rows))))


def neighbours_2025(world: Any) -> bytes:
    headings = ["old_la_code", "la_name", "region_ind", "region_name"]
    for rank in range(1, 11):
        headings += [f"SN_{rank}", f"SN_{rank}P"]
    rows: list[list[Any]] = [["Statistical neighbours"], [], headings]
    for place, near in world.neighbours("2025"):
        cells = [x for other, word in near for x in (other.dfe_number, word)]
        rows.append([place.dfe_number, place.name, 1, place.region, *cells])
    return _workbook((("Introduction", (("LAIT",),)), ("SN model", _frozen(rows))))


def _frozen(rows: list[list[Any]]) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(row) for row in rows)


@functools.cache
def _workbook(sheets: tuple[tuple[str, tuple[tuple[Any, ...], ...]], ...]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def media_id(world: Any, edition: int) -> str:
    """The media id of File 7: that of the contract until the file is issued again."""
    number = world.revision("idaci")
    if not number:
        return MEDIA[edition]
    return hashlib.sha256(f"{edition}{number}".encode()).hexdigest()[:24]


def files(world: Any) -> dict[str, tuple[str, str, Any]]:
    """Every file by its path below the assets: dataset, type and how it is made."""
    found: dict[str, tuple[str, str, Any]] = {}
    for edition, name in NAMES.items():
        make = functools.partial(file_7, world, edition)
        found[f"/media/{media_id(world, edition)}/{name}"] = ("idaci", "text/csv", make)
    if world.options.get("govuk_reissue"):
        name = NAMES[2025].replace(".csv", "_v2.csv")
        make = functools.partial(file_7, world, 2025)
        found[f"/media/6a0000000000000000000002/{name}"] = ("idaci", "text/csv", make)
    for (media, name), make in ((TOOL_2021, neighbours_2021), (TOOL_2025, neighbours_2025)):
        maker = functools.partial(make, world)
        found[f"/media/{media}/{name}"] = ("statistical_neighbours", _XLSX, maker)
    return found


def pages(world: Any) -> dict[str, list[str]]:
    """The paths of the files that each page offers; those of no use here among them."""
    offered = list(files(world))
    found = {
        IOD.format(year): [
            "/media/000000000000000000000001/Infographic.pdf",
            f"/media/000000000000000000000002/File_1_IoD{year}_Index_of_Multiple_Deprivation.xlsx",
            *[
                each
                for each in offered
                # The name alone: the id of a file may have the digits of a year in it.
                if f"File_7_{'' if year != 2019 else '-'}" in each
                and str(year) in each.rpartition("/")[2]
            ],
        ]
        for year in NAMES
    }
    found[LAIT] = [each for each in offered if each.endswith(".xlsx")]
    return found


def routes(world: Any) -> list[tuple[str, re.Pattern[str], Any]]:
    def item(request: Request) -> Answer:
        path = request.path.removeprefix("/govuk/api/content/")
        options = world.options
        if path in options.get("govuk_303", {}):
            return Answer(303, {"Location": f"/govuk/api/content/{options['govuk_303'][path]}"})
        if path in options.get("govuk_redirects", {}):
            goal = options["govuk_redirects"][path]
            rule = {"path": f"/{path}", "type": "exact", "destination": goal}
            return _json({"schema_name": "redirect", "base_path": f"/{path}", "redirects": [rule]})
        if path == COLLECTION:
            return _json(_collection(world))
        if path not in pages(world):
            status = 410 if path in options.get("govuk_gone", ()) else 404
            return _json({"errors": [{"status": status}]}, status)
        return _json(_publication(world, path, pages(world)[path]))

    def asset(request: Request) -> Answer:
        path = request.path.removeprefix("/govuk_assets")
        if fault := world.fault("moved_media", request.path):
            return _lost(html=fault.options.get("html", False))
        if path not in files(world):
            return _lost()
        dataset, kind, make = files(world)[path]
        body = make()
        marks = {"ETag": world.etag(body), "Last-Modified": world.last_modified(dataset)}
        return Answer(200, {"Content-Type": kind, **marks}, body)

    return [
        ("GET", re.compile(r"/govuk/api/content/.+"), item),
        ("GET", re.compile(r"/govuk_assets/.+"), asset),
    ]


def _lost(*, html: bool = False) -> Answer:
    if html:
        page = b"<!DOCTYPE html><html><title>Page not found</title></html>"
        return Answer(200, {"Content-Type": "text/html; charset=utf-8"}, page)
    return Answer(404, {"Content-Type": "text/plain"}, b"Not found")


def _publication(world: Any, path: str, offered: list[str]) -> dict[str, Any]:
    attachments, links = [], []
    evil = world.fault("evil_name", path)
    for each in offered:
        name = each.rpartition("/")[2]
        title = name.rpartition(".")[0].replace("_", " ")
        if evil and name.endswith(".csv"):
            name = evil.options["name"]
        attachments.append(
            {
                "attachment_type": "file",
                "id": name,
                "title": title,
                "url": f"{ASSETS}{each}",
                "filename": name,
                "content_type": "text/csv" if each.endswith(".csv") else _XLSX,
                "accessible": False,
            }
        )
        links.append(f'<p><a href="{ASSETS}{each}" class="govuk-link"><b>{title}</b></a></p>')
    attachments.append(
        {"attachment_type": "html", "title": "File 7 notes", "url": f"/{path}/notes"}
    )
    details: dict[str, Any] = {"body": "<h2>Documents</h2>", "attachments": attachments}
    if world.options.get("govuk_bare"):
        details = {"body": "".join(links)}
    return {
        "base_path": f"/{path}",
        "schema_name": "publication",
        "document_type": "official_statistics",
        "title": path.rpartition("/")[2],
        "public_updated_at": world.modified("idaci").isoformat(),
        "withdrawn_notice": {},
        "links": {},
        "details": details,
    }


def _collection(world: Any) -> dict[str, Any]:
    listed = [{"base_path": f"/{path}", "title": path} for path in pages(world) if path != LAIT]
    return {
        "base_path": f"/{COLLECTION}",
        "schema_name": "document_collection",
        "document_type": "document_collection",
        "links": {"documents": listed},
        "details": {"body": ""},
    }


def _json(content: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(content).encode())
