"""Checks of a new file before it replaces a good one: that it is what was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from bolton_jsna.catalogue import Edition
from bolton_jsna.core.area_codes import level_of
from bolton_jsna.core.areas import Area, district_codes
from bolton_jsna.core.errors import SchemaError, SourceError, short, some
from bolton_jsna.core.naming import heading, unfit
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.reading import delimited, opening
from bolton_jsna.core.reading.json_text import json_value
from bolton_jsna.core.sniffing import FIRST_BYTES
from bolton_jsna.services import published_file
from bolton_jsna.services.responses import OtherEditionError

if TYPE_CHECKING:
    import pandas as pd

LATEST: Final = "latest"
"""The edition of files that are renewed under one name; their rows have the year."""

# A tag may have any length: browsers and other readers of markup accept it.
_MARKUP = re.compile(
    rb"<\s*[a-zA-Z!/?][^<>]{0,400}>|<[a-zA-Z!/?][^<>]*>|<\s*script|<[!?]", re.IGNORECASE
)
_TEXT = {".csv", ".tsv", ".txt"}
_KINDS = (*_TEXT, ".geojson", ".json", ".zip", ".xlsx", ".gz")


@dataclass(frozen=True)
class Checked:
    """The contents of a file.

    Attributes
    ----------
    rows : int or None
        Rows of its table; None for a workbook, whose reader counts them.
    columns : tuple of str
        Its headings as published; of a zip, those of its first table.
    """

    rows: int | None
    columns: tuple[str, ...]


def check(
    path: Path, *, what: str, columns: Sequence[str] = (), promised: int | None = None
) -> Checked:
    """Reject a file that is not the table that a service was asked for."""
    kind = path.suffix.lower()
    if kind not in _KINDS:
        raise SourceError(
            f"{what}: {path.name!r} has an unknown ending. Expected one of {some(_KINDS, most=9)}."
        )
    instead = published_file.unlike(opening.start(path, FIRST_BYTES), kind[1:])
    if instead:
        raise SourceError(
            f"{what}: expected a {kind} file, found {instead}. The address has moved, the service "
            "is not working, or nothing matches the request."
        )
    try:
        found = _contents(path, kind, what)
    except opening.DAMAGE as error:
        raise SourceError(f"{what}: {path.name!r} is damaged ({short(error)}).") from error
    if promised is not None and found.rows is not None and found.rows != promised:
        raise SourceError(
            f"{what}: the file has {found.rows:,} rows, but the service reports {promised:,}. The "
            "answer is incomplete."
        )
    _has_columns(found.columns, columns, what)
    return found


def _contents(path: Path, kind: str, what: str) -> Checked:
    if kind == ".zip":
        return _zip(path, what)
    if kind == ".xlsx":
        _zip_entries(opening.content(path), path.name, what)
        return Checked(None, ())
    if kind == ".gz":
        return _table(opening.gunzipped(opening.content(path), path.name), what)
    if kind in {".json", ".geojson"}:
        return _features(path, what)
    return _table(opening.content(path), what)


def _table(content: bytes, what: str) -> Checked:
    encoding = delimited.encoding_of(content)
    if encoding in delimited.WIDE:
        content, encoding = delimited.as_utf8(content), "utf-8"
    _no_markup(content, what)
    first = content[:4000].decode(encoding, errors="replace").lstrip("\r\n").partition("\n")[0]
    delimiter = "\t" if "\t" in first and "," not in first else ","
    lines = delimited.rows(content, name=what, delimiter=delimiter, encoding=encoding)
    rows = (row for row in lines if any(map(str.strip, row)))
    try:
        columns = tuple(next(rows, ()))
        return Checked(sum(1 for _ in rows), columns)
    except SourceError as error:
        raise SourceError(f"{what}: the table cannot be read. {error}") from error


def _features(path: Path, what: str) -> Checked:
    content = delimited.as_utf8(opening.content(path))
    _no_markup(content, what)
    try:
        found = json_value(content, what)
    except ValueError as error:
        raise SourceError(f"{what}: the JSON cannot be read ({short(error)}).") from error
    if not isinstance(found, dict) or not isinstance(found.get("features"), list):
        raise SourceError(f"{what}: expected features, found {_line(content)}.")
    named = [
        facts
        for each in found["features"]
        if isinstance(each, dict) and isinstance(facts := each.get("properties"), dict)
    ]
    # A tag may be written in escapes, which the bytes do not show (\u003c).
    for facts in named:
        _no_markup(" ".join(map(str, facts.values())).encode("utf-8", errors="replace"), what)
    return Checked(len(found["features"]), tuple(named[0]) if named else ())


def _zip(path: Path, what: str) -> Checked:
    first: Checked | None = None
    rows = 0
    packed = opening.content(path)
    for name in _zip_entries(packed, path.name, what):
        # All of them: damage is found by unpacking.
        content = opening.members(packed, path.name, name.__eq__)[name]
        if Path(name).suffix.lower() in _TEXT:
            found = _table(content, what)
            first, rows = first or found, rows + (found.rows or 0)
    return Checked(rows if first else None, first.columns if first else ())


def _zip_entries(packed: bytes, name: str, what: str) -> list[str]:
    """Return the names in a zip; reject unsafe names and zips that unpack to too much."""
    opening.check_zip(packed, name)
    inside = opening.names_of(packed, name)
    for each in inside:
        parts = PurePosixPath(each.replace("\\", "/")).parts
        why = next(filter(None, map(unfit, parts)), "")
        if why:
            raise SourceError(
                f"{what}: {name!r} has {each[:80]!r}, which is not a safe file name ({why}). "
                "Publishers' files have no such names. It was not opened."
            )
    return [each for each in inside if not each.endswith("/")]


def _no_markup(content: bytes, what: str) -> None:
    """Reject tags of web pages in cells: names end on maps, and no official name has a tag."""
    found = _MARKUP.search(content)
    if found:
        raise SourceError(
            f"{what}: a cell has {_line(found.group())}, a tag of a web page. Expected figures and "
            "names. Report it to the publisher."
        )


def _has_columns(found: Sequence[str], wanted: Sequence[str], what: str) -> None:
    there = {heading(name) for name in found}
    missing = [
        each for each in wanted if not any(heading(name) in there for name in each.split("|"))
    ]
    if missing and found:
        raise SchemaError(
            f"{what}: there is no column {some(repr(each) for each in missing)}. It has "
            f"{some((repr(name) for name in found), most=12, like=missing)}. If the publisher "
            "has renamed it, correct the catalogue."
        )


def _line(content: bytes) -> str:
    return repr(" ".join(content[:400].decode("utf-8", errors="replace").split())[:100])


def reject_another(
    edition: Edition,
    place: Area | None,
    came: pd.DataFrame,
    held: pd.DataFrame | None,
    *,
    what: str,
) -> None:
    """Reject a file of another edition, part or authority than was asked for."""
    # A publisher may put a new edition at the address of an old one, with the same headings. So the
    # edition that the reader found in the file is compared with the one that was asked for.
    if edition.edition != LATEST:
        _same_edition(edition, came, what)
    else:
        _no_older(edition, place, came, held, what=what)
    _same_part(edition, came, what)
    if place is not None:
        _same_place(place, came, what)


def _same_edition(edition: Edition, came: pd.DataFrame, what: str) -> None:
    wanted = source_id(edition.dataset, edition.edition)
    found = sorted(set(came["source"]))
    if found != [wanted]:
        raise OtherEditionError(
            f"{what}: {wanted} was asked for, but the file is {some(found)}. It was not stored. "
            "Look at the publisher's page. If the edition has moved, correct the catalogue."
        )


def _no_older(
    edition: Edition,
    place: Area | None,
    came: pd.DataFrame,
    held: pd.DataFrame | None,
    *,
    what: str,
) -> None:
    """Reject an issue older than the stored one: a publisher's page may go back to it."""
    if held is None:
        return
    new, old = _issue(came), _issue(held)
    if new < old:
        raise OtherEditionError(
            f"{what}: the file is the issue of {new}, which is older than the stored one of {old}. "
            "It was not stored. If the publisher has gone back to it, run bolton-jsna refresh "
            f"--force --only {edition.id}{place.as_option if place else ''}."
        )


def _issue(rows: pd.DataFrame) -> int:
    """Return the year of the newest issue that rows are of."""
    return max(int(each.rpartition("@")[2]) for each in set(rows["source"]))


def _same_part(edition: Edition, came: pd.DataFrame, what: str) -> None:
    kind = next((name for name in ("indicator", "area_level") if name in came.columns), None)
    if kind is None or not edition.holds:
        return
    found = set(came[kind])
    if found.isdisjoint(edition.holds):
        raise OtherEditionError(
            f"{what}: a file with {some(edition.holds)} was asked for, but it has "
            f"{some(sorted(found))}. It was not stored. Look at the publisher's page. If the file "
            "has another name now, correct the catalogue."
        )


def _same_place(place: Area, came: pd.DataFrame, what: str) -> None:
    column = "authority_code" if "authority_code" in came.columns else "area_code"
    known = {each for each in came[column].dropna() if level_of(each) == "authority"}
    # A national file may be sent instead of the authority's own.
    if known and known.isdisjoint({place.code, *district_codes(place)}):
        raise OtherEditionError(
            f"{what}: rows of {place.name} were asked for, but the rows are of "
            f"{some(sorted(known))}. They were not stored. Run the refresh again. If this happens "
            "again, the service or the catalogue is wrong."
        )
