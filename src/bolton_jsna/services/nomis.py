"""Nomis: population projections and estimates, in pages whose rows are counted.

Nomis API v01. A guest gets 25,000 rows a request, a registered key more; further rows are left out
without notice. So the next page begins after the rows received, up to ``RECORD_COUNT`` rows.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.services import Fetched, StoredCopy, Wanted, _nomis_parse, _nomis_query
from bolton_jsna.services._nomis_parse import NoRowsError
from bolton_jsna.services._nomis_query import LSOA_TYPES, PROJECTIONS, NomisArea
from bolton_jsna.services.http import Session
from bolton_jsna.services.responses import Reply, StatusError

_log = logging.getLogger(__name__)

KEY: Final = "BOLTON_JSNA_NOMIS_KEY"
"""The environment variable of a registered key, which is optional."""

_AREA, _SEX, _AGE = "GEOGRAPHY_CODE", "GENDER", "C_AGE"
_FIGURES: Final = ("MEASURES", "OBS_VALUE", "OBS_STATUS")
# Codes in one request: its address stays well under 2,000 characters.
_TOGETHER: Final = 100
_PAGE: Final = 25_000
# Seconds between requests: Nomis limits their rate, but does not publish the limit.
_PAUSE: Final = 0.2
# Rejected requests after which the query itself is wrong, not one of its areas.
_REJECTIONS: Final = 12


def fetch(
    wanted: Wanted, session: Session, folder: Path, known: StoredCopy | None = None
) -> Fetched:
    """Fetch a table of populations as one CSV that ``tables.population`` reads."""
    with _kept_secret(os.environ.get(KEY, "").strip()) as key:
        return _fetch(_Nomis(session, key), wanted, folder, known)


def _fetch(nomis: _Nomis, wanted: Wanted, folder: Path, known: StoredCopy | None) -> Fetched:
    table = str(wanted.ask.get("table", "")).upper()
    if not table:
        raise SourceError(
            f"The catalogue asks nomis for {wanted.dataset} {wanted.edition} without 'table'. "
            "Expected a table such as 'NM_2006_1'. Correct the catalogue."
        )
    question = json.dumps([dict(wanted.ask), wanted.area and wanted.area.code], sort_keys=True)
    mark = hashlib.sha256(question.encode()).hexdigest()[:12]
    same = known if known and known.stamp.endswith(f" {mark}") else None
    reply = nomis.definition(table, same)
    if reply.status == 304 and same:
        return Fetched(None, "", same.address, same.etag, stamp=same.stamp)
    definition = _nomis_parse.family(reply, table)
    updated = _nomis_parse.last_updated(definition)
    stamp = f"{updated} {mark}" if updated else ""
    etag = str(reply.headers.get("ETag", ""))
    if same and stamp == same.stamp:
        return Fetched(None, "", same.address, etag, stamp=stamp)

    def codes(concept: str) -> list[_nomis_parse.Code]:
        return nomis.codes(table, concept)

    years = None
    if table == PROJECTIONS:
        years = _nomis_query.base_and_last_year(codes, wanted)
    base = years[0] if years else None
    places = _nomis_query.places(codes, table, wanted)
    query = _nomis_query.query(wanted.ask, years)
    year = "PROJECTED_YEAR_NAME" if years else "DATE_NAME"
    more = [str(each).upper() for each in wanted.ask.get("parameters", {})]
    small = table in LSOA_TYPES
    name = _nomis_query.file_name(wanted, table, base)
    sheet = _Sheet(
        path=folder / name,
        columns=(_AREA, "GEOGRAPHY_NAME", year, _SEX, _AGE, *more, *_FIGURES),
        prefix=str(wanted.ask.get("prefix", "E01" if small else "")),
        table=table,
        dimensions=_nomis_parse.dimensions(definition),
    )
    address, missing = _read(nomis, table, query, places, sheet)
    _check(sheet, query)
    here = set(wanted.area.codes) if wanted.area else set()
    if missing and (small or here & set(missing)):
        raise SourceError(
            f"Nomis has no rows in {table} of {len(missing)} of {len(places)} areas: "
            f"{some(missing)}. Expected all of them. Check that the codes and the table are of the "
            "same year of boundaries. The answer was not stored."
        )
    notes = [f"base year {base}, read from Nomis's list of projected years"] if base else []
    notes += [f"no rows in {table} of {some(missing)}"] if missing else []
    return Fetched(
        sheet.path, name, address, etag, stamp=stamp, rows=sheet.rows, notes=tuple(notes)
    )


@dataclass
class _Nomis:
    """One connection to Nomis, with a pause between requests."""

    session: Session
    key: str
    begun: bool = False

    def get(self, path: str, params: Mapping[str, str] | None = None, **options: Any) -> Reply:
        if self.begun:
            self.session.sleep(_PAUSE)
        self.begun = True
        asked = {**(params or {}), **({"uid": self.key} if self.key else {})}
        return self.session.get("nomis", path, params=asked, **options)

    def definition(self, table: str, known: StoredCopy | None) -> Reply:
        headers = {"If-None-Match": known.etag} if known and known.etag else {}
        accept = (304,) if headers else ()
        try:
            return self.get(f"dataset/{table}.def.sdmx.json", headers=headers, accept=accept)
        except StatusError as error:
            if error.status != 404:
                raise
            raise SourceError(
                f"Nomis has no table {table!r}: {error} Look for its number on "
                "nomisweb.co.uk and correct the catalogue."
            ) from error

    def codes(self, table: str, concept: str) -> list[_nomis_parse.Code]:
        try:
            reply = self.get(f"dataset/{table}/{concept}.def.sdmx.json")
        except StatusError as error:
            if error.status != 404:
                raise
            return []
        return _nomis_parse.codes(reply.json()) if reply.content.strip() else []


@dataclass
class _Sheet:
    """The file as it grows, and its contents so far."""

    path: Path
    columns: Sequence[str]
    prefix: str
    table: str
    dimensions: Sequence[str]
    rows: int = 0
    cells: set[tuple[str, ...]] = field(default_factory=set)
    found: dict[str, set[str]] = field(
        default_factory=lambda: {_AREA: set(), _SEX: set(), _AGE: set()}
    )

    def add(self, page: _nomis_parse.ResultPage) -> None:
        """Write a page to the file, its columns in order; reject a cell that is there already."""
        at = [page.columns.index(each) for each in self.columns]
        identifying = [
            page.columns.index(each)
            for each in self.columns
            if each not in {"GEOGRAPHY_NAME", "OBS_VALUE", "OBS_STATUS"}
        ]
        area = page.columns.index(_AREA)
        kept = [row for row in page.rows if row[area].startswith(self.prefix)]
        for row in kept:
            cell = tuple(row[each] for each in identifying)
            if cell in self.cells:
                raise SourceError(
                    f"Nomis sent the figure of {', '.join(cell)} twice for {self.table}. Either it "
                    "sent a page again, or the table has a dimension whose code must be chosen "
                    f"(parameters in the catalogue): it has {some(self.dimensions, most=9)}. "
                    "The answer was not stored."
                )
            self.cells.add(cell)
        for name, values in self.found.items():
            position = page.columns.index(name)
            values.update(row[position] for row in kept)
        with self.path.open("a" if self.rows else "w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file, lineterminator="\n")
            if not self.rows:
                lines.writerow(self.columns)
            lines.writerows([row[each] for each in at] for row in kept)
        self.rows += len(kept)


def _read(
    nomis: _Nomis,
    table: str,
    query: Mapping[str, str],
    places: Sequence[NomisArea],
    sheet: _Sheet,
) -> tuple[str, list[str]]:
    """Read all areas; return the first address and the areas that the table does not have."""
    # One unknown code makes Nomis reject the whole request, with the same empty body as for a wrong
    # parameter. A rejected request is sent again in halves, and a rejected area with its other
    # codes.
    waiting = [list(places[i : i + _TOGETHER]) for i in range(0, len(places), _TOGETHER)][::-1]
    address, rejections = "", 0
    missing: list[str] = []
    rejected: NoRowsError | None = None
    while waiting:
        batch = waiting.pop()
        try:
            first = _read_pages(nomis, table, [each.codes[0] for each in batch], query, sheet)
        except NoRowsError as error:
            rejections += 1
            rejected = error
            if not sheet.rows and rejections > _REJECTIONS:
                break
            half = len(batch) // 2
            waiting += [batch[half:], batch[:half]] if half else []
            again = batch if not half else []
        else:
            address = address or first
            again = [each for each in batch if not each.found(sheet.found[_AREA])]
        for each in again:
            other = each.next()
            if other:
                waiting.append([other])
            else:
                missing.append(each.name)
    if not sheet.rows:
        said = (
            rejected or f"Nomis has no rows in {table} of areas that begin with {sheet.prefix!r}."
        )
        raise SourceError(
            f"{said} The answer was not stored. Check the parameters in the catalogue."
        )
    return address, missing


def _read_pages(
    nomis: _Nomis,
    table: str,
    codes: Sequence[str],
    query: Mapping[str, str],
    sheet: _Sheet,
) -> str:
    """Read the pages of one request into the sheet; return the address of the first."""
    columns = [*sheet.columns, _nomis_parse.COUNT]
    params = {
        **query,
        "geography": _nomis_query.compressed(codes),
        "select": ",".join(columns).lower(),
    }
    address, seen, promised = "", 0, 1
    while seen < promised:
        span = {"RecordOffset": str(seen), "RecordLimit": str(_PAGE)}
        path = f"dataset/{table}.data.csv"
        reply = nomis.get(path, {**params, **span}, again=_nomis_parse.limited)
        asked = f"{table} ({some(codes)})"
        try:
            page = _nomis_parse.page(
                reply.content, columns=columns, asked=asked, content_type=reply.content_type
            )
        except NoRowsError as error:
            if not seen:
                raise
            raise _short(asked, seen, promised) from error
        if not page.rows:
            raise (
                _short(asked, seen, promised)
                if seen
                else NoRowsError(f"Nomis answered with headings but no rows for {asked}.")
            )
        if seen and page.promised != promised:
            raise SourceError(
                f"Nomis counted {promised:,} rows of {asked} and then {page.promised:,}: the table "
                "changed while it was read. The answer was not stored. Refresh again."
            )
        address, promised = address or reply.url, page.promised
        sheet.add(page)
        seen += len(page.rows)
        _log.debug("nomis: %s, %d of %d rows", asked, seen, promised)
    if seen > promised:
        raise SourceError(
            f"Nomis sent {seen:,} rows for {asked}, more than the {promised:,} it counts. The "
            "answer was not stored."
        )
    return address


def _short(asked: str, seen: int, promised: int) -> SourceError:
    return SourceError(
        f"Nomis sent only {seen:,} of {promised:,} rows for {asked}. The answer was not stored. "
        "Refresh again later."
    )


def _check(sheet: _Sheet, query: Mapping[str, str]) -> None:
    for name, values in (("C_AGE", query["c_age"]), ("GENDER", query["gender"])):
        asked, got = set(_nomis_query.listed(values)), sheet.found[name]
        if asked != got:
            raise SourceError(
                f"Nomis sent other codes of {name} for {sheet.table} than were asked for: without "
                f"{some(sorted(asked - got))}, with {some(sorted(got - asked))}. The answer was "
                "not stored."
            )


@contextlib.contextmanager
def _kept_secret(key: str) -> Iterator[str]:
    """Keep a key out of errors, and out of urllib3's log, which prints addresses."""

    def without(record: logging.LogRecord) -> bool:
        if key in record.getMessage():
            record.msg, record.args = record.getMessage().replace(key, "***"), ()
        return True

    if not key:
        yield key
        return
    wire = logging.getLogger("urllib3.connectionpool")
    wire.addFilter(without)
    try:
        yield key
    except SourceError as error:
        # The error that caused it may have the address with the key.
        error.args = tuple(str(each).replace(key, "***") for each in error.args)
        error.__cause__ = error.__context__ = None
        raise
    finally:
        wire.removeFilter(without)
