"""Is this what was asked for? Bytes are looked at before they take the place of good ones."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bolton_jsna.errors import SchemaError, SourceError, short, some
from bolton_jsna.names import heading, unfit
from bolton_jsna.reading import limits, opening, text

# A tag may be as long as it likes: browsers, and other readers of markup, do not mind.
_MARKUP = re.compile(
    rb"<\s*[a-zA-Z!/?][^<>]{0,400}>|<[a-zA-Z!/?][^<>]*>|<\s*script|<[!?]", re.IGNORECASE
)
_TEXT = {".csv", ".tsv", ".txt"}
_KINDS = (*_TEXT, ".geojson", ".json", ".zip", ".xlsx", ".gz")


@dataclass(frozen=True)
class Checked:
    """What a file was found to hold.

    Attributes
    ----------
    rows : int or None
        Rows of its table; None for a workbook, which only its reader counts.
    columns : tuple of str
        Its headings as published; of a zip, those of its first table.
    """

    rows: int | None
    columns: tuple[str, ...]


def check(
    path: Path, *, what: str, columns: Sequence[str] = (), promised: int | None = None
) -> Checked:
    """Refuse bytes that are not the table that a service was asked for.

    Parameters
    ----------
    path : Path
        The file; its ending says what it should be.
    what : str
        What it is, for the message.
    columns : sequence of str
        Headings that it must have, compared without case and spaces; ``a|b`` means one of them.
    promised : int, optional
        Rows that the service said there are.

    Raises
    ------
    SourceError
        When the file is empty, a web page, damaged, short, too large unpacked, or holds a path
        that leads out of its folder or a tag of a web page where a name should be.
    SchemaError
        When a heading is not there.
    """
    kind = path.suffix.lower()
    if kind not in _KINDS:
        raise SourceError(f"{what}: {path.name!r} is of no kind that is known here.")
    start = _start(path)
    if not start.strip():
        raise SourceError(
            f"{what}: the body is empty. Services answer so when nothing matches a request, or "
            "when they are out of order."
        )
    _right_kind(start, kind, what)
    try:
        found = _contents(path, kind, what)
    except opening.DAMAGE as error:
        raise SourceError(f"{what}: {path.name!r} is damaged ({short(error)}).") from error
    if promised is not None and found.rows is not None and found.rows != promised:
        raise SourceError(
            f"{what}: {found.rows:,} rows came where the service promised {promised:,}. The answer "
            "was cut."
        )
    _has_columns(found.columns, columns, what)
    return found


def _start(path: Path) -> bytes:
    return opening.start(path, 4096).removeprefix(b"\xef\xbb\xbf").lstrip()


def _right_kind(start: bytes, kind: str, what: str) -> None:
    if start[:200].lower().startswith((b"<!doctype html", b"<html", b"<?xml", b"<")):
        raise SourceError(
            f"{what}: a web page came where {kind} should be: {_line(start)}. The address has "
            "moved, or the service is out of order."
        )
    opening = {".zip": b"PK", ".xlsx": b"PK", ".gz": b"\x1f\x8b", ".json": b"{", ".geojson": b"{"}
    if kind in _TEXT and (start.startswith((b"{", b"[", b"PK", b"%PDF")) or b"\x00" in start):
        raise SourceError(f"{what}: a table of text should come, found {_line(start)}.")
    if kind in opening and not start.startswith(opening[kind]):
        raise SourceError(f"{what}: a {kind} file should come, found {_line(start)}.")


def _contents(path: Path, kind: str, what: str) -> Checked:
    if kind == ".zip":
        return _zip(path, what)
    if kind == ".xlsx":
        _zip_entries(path, what)
        return Checked(None, ())
    if kind == ".gz":
        return _table(opening.gunzipped(opening.content(path), path.name), what)
    if kind in {".json", ".geojson"}:
        return _features(path, what)
    return _table(opening.content(path), what)


def _table(content: bytes, what: str) -> Checked:
    _no_markup(content, what)
    encoding = text.encoding_of(content)
    first = content[:4000].decode(encoding, errors="replace").lstrip("\r\n").partition("\n")[0]
    delimiter = "\t" if "\t" in first and "," not in first else ","
    lines = text.rows(content, name=what, delimiter=delimiter, encoding=encoding)
    rows = (row for row in lines if any(cell.strip() for cell in row))
    try:
        columns = tuple(next(rows, ()))
        return Checked(sum(1 for _ in rows), columns)
    except SourceError as error:
        raise SourceError(f"{what}: this is no table that can be read. {error}") from error


def _features(path: Path, what: str) -> Checked:
    content = opening.content(path)
    _no_markup(content, what)
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{what}: this is no JSON that can be read ({short(error)}).") from error
    if not isinstance(found, dict) or not isinstance(found.get("features"), list):
        raise SourceError(f"{what}: features should come, found {_line(content)}.")
    named = [
        facts
        for each in found["features"]
        if isinstance(each, dict) and isinstance(facts := each.get("properties"), dict)
    ]
    # A tag may be written so that the bytes do not show it (\u003c).
    for facts in named:
        _no_markup(" ".join(map(str, facts.values())).encode("utf-8", errors="replace"), what)
    return Checked(len(found["features"]), tuple(named[0]) if named else ())


def _zip(path: Path, what: str) -> Checked:
    first: Checked | None = None
    rows = 0
    names = _zip_entries(path, what)
    with zipfile.ZipFile(path) as archive:
        for name in names:
            with archive.open(name) as file:
                if Path(name).suffix.lower() in _TEXT:
                    found = _table(file.read(), what)
                    first, rows = first or found, rows + (found.rows or 0)
                else:
                    for _ in iter(lambda file=file: file.read(2**20), b""):  # type: ignore[misc]
                        pass
    return Checked(rows if first else None, first.columns if first else ())


def _zip_entries(path: Path, what: str) -> list[str]:
    """Return the names in a zip, refused where one leads astray or the whole is a bomb."""
    packed = opening.content(path)
    # Before the directory is read, which takes memory for each entry.
    if packed.count(b"PK\x01\x02") > 10 * limits.MEMBERS:
        raise limits.refuse(path.name, "more than", limits.MEMBERS, "files in it")
    with zipfile.ZipFile(path) as archive:
        inside = archive.infolist()
    size = sum(each.file_size for each in inside)
    most = min(limits.BYTES, limits.FOLD * len(packed))
    if len(inside) > limits.MEMBERS or size > most:
        raise SourceError(
            f"{what}: {path.name!r} would unpack to {size:,} bytes in {len(inside):,} files from "
            f"{path.stat().st_size:,}. No publisher's file does that; it was not opened."
        )
    for each in inside:
        parts = PurePosixPath(each.orig_filename.replace("\\", "/")).parts
        why = next(filter(None, map(unfit, parts)), "")
        if why:
            raise SourceError(
                f"{what}: {path.name!r} holds {each.orig_filename[:80]!r}, a path out of its "
                f"folder or no file name on every system ({why}). No publisher's file has one; it "
                "was not opened."
            )
    return [each.filename for each in inside if not each.is_dir()]


def _no_markup(content: bytes, what: str) -> None:
    """Refuse tags of web pages in cells: a name may end on a map, and no official name has one."""
    found = _MARKUP.search(content)
    if found:
        raise SourceError(
            f"{what}: a cell holds {_line(found.group())}, a tag of a web page where figures and "
            "names should be. Tell the publisher."
        )


def _has_columns(found: Sequence[str], wanted: Sequence[str], what: str) -> None:
    there = {heading(name) for name in found}
    lacking = [
        each for each in wanted if not any(heading(name) in there for name in each.split("|"))
    ]
    if lacking and found:
        raise SchemaError(
            f"{what}: there is no column {some(repr(each) for each in lacking)}. It has "
            f"{some((repr(name) for name in found), most=12)}. If the publisher has renamed it, "
            "the catalogue must learn the new name."
        )


def _line(content: bytes) -> str:
    return repr(" ".join(content[:400].decode("utf-8", errors="replace").split())[:100])
