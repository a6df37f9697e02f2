"""OHID Fingertips: children on child protection plans and children looked after.

The Fingertips API does not answer 404 if it has no data: for a newer area type, a discontinued
indicator is an answer with headings only. So the client first asks which area types there are.
Answers may come from a cache; no parameter is sent to avoid that.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.services import Fetched, StoredCopy, Wanted
from bolton_jsna.services._csv_file import write_csv
from bolton_jsna.services.endpoints import resolve
from bolton_jsna.services.http import Session
from bolton_jsna.services.redaction import beginning, shown
from bolton_jsna.services.responses import Reply

# Area types of counties and unitary authorities by year of boundaries, the newest first.
_AREA_TYPES: Final = (502, 402, 302, 202, 102)
_REGIONS: Final = 6
_DATA: Final = "all_data/csv/by_indicator_id"
_KEPT: Final = (
    *("Indicator ID", "Indicator Name", "Area Code", "Area Name", "Area Type", "Sex", "Age"),
    *("Time period", "Value", "Lower CI 95.0 limit", "Upper CI 95.0 limit"),
    *("Lower CI 99.8 limit", "Upper CI 99.8 limit", "Count", "Denominator", "Value note"),
    "Time period Sortable",
)
_KEY: Final = ("Indicator ID", "Area Code", "Sex", "Age", "Time period")
_NEEDED: Final = (*_KEY, "Category Type", "Value", "Count", "Denominator", "Value note")

Row = dict[str, str]


def fetch(
    wanted: Wanted, session: Session, folder: Path, known: StoredCopy | None = None
) -> Fetched:
    """Fetch indicators of all areas as one CSV."""
    types = tuple(int(each) for each in wanted.ask.get("area_types", _AREA_TYPES))
    indicators = tuple(int(each) for each in wanted.ask.get("indicators", ()))
    if not indicators:
        raise SourceError(
            f"The catalogue asks fingertips for {wanted.dataset} {wanted.edition} without "
            "'indicators'. Correct the catalogue."
        )
    name = f"fingertips_{'_'.join(map(str, indicators))}.csv"
    parent = int(wanted.ask.get("parent_area_type", _REGIONS))
    at_rest: dict[str, Reply] = {}
    # Only for the newest area type: the address of an older one answers "unchanged" for ever, even
    # when the figures continue under a newer type.
    if known and known.address == _address(indicators, types[0], parent):
        reply = _if_changed(session, known)
        if reply and reply.status == 304:
            return Fetched(None, name, known.address, known.etag, known.last_modified)
        at_rest = {known.address: reply} if reply else {}

    groups: dict[int, list[int]] = {}
    notes = []
    for each in indicators:
        kind = _area_type(session, each, types)
        groups.setdefault(kind, []).append(each)
        if kind != types[0]:
            notes.append(f"indicator {each} has no figures by area type {types[0]}; took {kind}")
    rows: list[Row] = []
    replies = []
    for kind, several in groups.items():
        address = _address(several, kind, parent)
        reply = at_rest.get(address) or session.get("fingertips", address)
        replies.append((address, reply))
        rows += _rows(reply, several, kind)
    path = folder / name
    write_csv(path, _KEPT, rows)
    address, reply = replies[0]
    # Two answers have no ETag in common.
    one = reply.headers if len(replies) == 1 else {}
    return Fetched(
        path,
        name,
        address,
        one.get("ETag", ""),
        one.get("Last-Modified", ""),
        rows=len(rows),
        notes=tuple(notes),
    )


def _address(indicators: Sequence[int], kind: int, parent: int) -> str:
    params = {
        "indicator_ids": ",".join(map(str, indicators)),
        "child_area_type_id": kind,
        "parent_area_type_id": parent,
    }
    return shown(resolve("fingertips", _DATA), params)


def _if_changed(session: Session, known: StoredCopy) -> Reply | None:
    headers = known.condition
    if not headers:
        return None
    return session.get("fingertips", known.address, headers=headers, accept=(304,))


def _area_type(session: Session, indicator: int, types: Sequence[int]) -> int:
    """Return the first kind of area for which an indicator has figures."""
    reply = session.get("fingertips", "available_data", params={"indicator_id": indicator})
    there = {each.get("AreaTypeId") for each in _listed(reply)}
    if not there:
        raise SourceError(
            f"Fingertips has no figures of indicator {indicator}: it may be withdrawn. Look for "
            "its number on fingertips.phe.org.uk and correct the catalogue."
        )
    found = next((each for each in types if each in there), None)
    if found is None:
        raise SourceError(
            f"Fingertips has indicator {indicator} by the area types "
            f"{some(sorted(map(str, there)))}, not by {some(types)}. Correct area_types in "
            "the catalogue."
        )
    return found


def _listed(reply: Reply) -> list[Mapping[str, Any]]:
    found = reply.json()
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise SourceError(
            f"{reply.url} answered with something other than a list: {beginning(reply.content)}."
        )
    return found


def _rows(reply: Reply, indicators: Sequence[int], kind: int) -> list[Row]:
    """Return the rows of an answer, each figure once, without those by category."""
    asked = f"{some(indicators)} by area type {kind}"
    text = reply.text
    # The declared type is application/octet-stream for CSV, so it is no help.
    if text.lstrip()[:1] in {"<", "{"}:
        raise SourceError(
            f"Fingertips sent something other than CSV for {asked}: {beginning(reply.content)}. "
            "The answer was not stored. Refresh again later."
        )
    lines = csv.DictReader(io.StringIO(text, newline=""), strict=False)
    found = [each.strip() for each in lines.fieldnames or ()]
    lines.fieldnames = found
    missing = [each for each in _NEEDED if each not in found] if found else []
    if missing:
        raise SourceError(
            f"Fingertips sent no column {some(map(repr, missing))} for {asked}. It has "
            f"{some(found, most=12)}. If it was renamed, a new version of the library is needed."
        )
    once = _once(lines, asked)
    got = {row["Indicator ID"] for row in once}
    without = [each for each in indicators if str(each) not in got]
    if without:
        what = "an empty body" if not found else "headings but no rows"
        raise SourceError(
            f"Fingertips sent {what} for indicator {some(without)} by area type {kind}. It does so "
            "when it has no data. The answer was not stored."
        )
    return once


def _once(lines: Iterator[dict[str | Any, str | Any]], asked: str) -> list[Row]:
    """Keep each figure once: areas are repeated under every parent, England also without one."""
    kept: dict[tuple[str, ...], Row] = {}
    for row in lines:
        if None in row or None in row.values():
            raise SourceError(
                f"Fingertips sent a row for {asked} that does not fit its headings: "
                f"{some(map(str, row.values()))}. The answer is incomplete and was not stored."
            )
        # These count the same people again, in other groups.
        if row["Category Type"]:
            continue
        cell = tuple(row[each] for each in _KEY)
        first = kept.setdefault(cell, row)
        if (first["Value"], first["Count"]) != (row["Value"], row["Count"]):
            raise SourceError(
                f"Fingertips sent two figures of {', '.join(cell)} for {asked}: {first['Value']!r} "
                f"and {row['Value']!r}. The answer was not stored."
            )
    return list(kept.values())
