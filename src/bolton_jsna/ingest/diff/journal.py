"""What new copies changed, kept in files until it is in the report.

Each change has its own file in the hidden folder ``data/raw/.changes/``. It is written before the
new copy is put in place, with the ending ``.coming.json``. When the copy is in place, the ending
becomes ``.json``. So a refresh that is killed at any moment loses no change: the next one checks
the bytes to see whether the copy is in place. A file is deleted when its change is in the report.
All of this happens while the store is held (``store.guarded``).
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import re
import secrets
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bolton_jsna.core import atomic, untrusted
from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.core.untrusted import UntrustedError
from bolton_jsna.ingest import _typed_json as typed
from bolton_jsna.ingest import lockfile
from bolton_jsna.ingest.diff import Change
from bolton_jsna.ingest.diff._change_json import change_of, facts_of, text_of
from bolton_jsna.ingest.lockfile import LockEntry

FOLDER: Final = ".changes"

_VERSION = 1
_COMING, _DONE = ".coming.json", ".json"
_ID = re.compile(r"\d{6}-[0-9a-f]{16}")
_LARGEST = 4 * 2**20  # bytes of one file
_MOST_FILES, _MOST_BYTES = 5_000, 64 * 2**20  # read at once; the others are read the next time

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Note:
    """A change, and the facts by which to see whether its copy is in place."""

    moment: str
    key: str
    path: str
    sha256: str
    size: int
    retrieved: str
    there: bool  # whether the same bytes were there before: then they are no proof
    change: Change
    areas: tuple[str, ...] = ()  # an authority that joins a file changes nothing but this

    @property
    def text(self) -> str:
        """The note as JSON."""
        return text_of({"version": _VERSION, **vars(self), "change": facts_of(self.change)})


def add(
    raw: Path,
    change: Change,
    entry: LockEntry,
    *,
    moment: str,
    download: bool = False,
    further: bool = False,
) -> Change:
    """Write a change to the journal before its copy is put in place."""
    if not further:
        _warn(_settle(raw))
    there = [*_files(raw, _DONE), *_files(raw, _COMING)]
    last = max((int(each.name[:6]) for each in there), default=0)
    change = dataclasses.replace(
        change, id=f"{(last + 1) % 10**6:06d}-{secrets.token_hex(8)}", download=download
    )
    noted = _Note(
        moment=moment,
        key=entry.key,
        path=entry.path,
        sha256=entry.sha256,
        size=entry.size,
        retrieved=entry.retrieved,
        areas=entry.areas,
        there=lockfile.matches(raw, entry),
        change=change,
    )
    text = noted.text
    if len(text.encode()) > _LARGEST:
        bare = dataclasses.replace(
            change, revisions=(), columns_added=(), columns_removed=(), columns_renamed=()
        )
        text = dataclasses.replace(noted, change=bare).text
    atomic.write(raw / FOLDER / f"{change.id}{_COMING}", text, within=raw)
    return change


def confirm(raw: Path, *changes: Change) -> None:
    """Note that the copy of changes is in place; if this fails, the bytes show it later."""
    for each in changes:
        coming = raw / FOLDER / f"{each.id}{_COMING}"
        try:
            coming.replace(_done(coming))
        except OSError as error:
            _log.debug("%s: %s", coming.name, error)


def begin(raw: Path) -> frozenset[str]:
    """Settle what an earlier run left; return the ids of its changes that are not reported."""
    # Files that cannot be read are deleted, with one warning.
    wrong = _settle(raw)
    found, unread = _noted(raw)
    _warn(wrong + unread)
    return frozenset(each.id for each in found)


def changes(raw: Path, *, left: Collection[str] = ()) -> tuple[Change, ...]:
    """Return the changes whose copies are in place and that are not in the report yet."""
    wrong = _settle(raw)
    found, unread = _noted(raw)
    _warn(wrong + unread)
    return tuple(each if each.id in left else dataclasses.replace(each, left="") for each in found)


def clear(raw: Path, reported: Iterable[Change]) -> None:
    """Delete the changes that are in the report."""
    folder = raw / FOLDER
    _delete(folder / f"{each.id}{_DONE}" for each in reported)
    with contextlib.suppress(OSError):  # there are others, or there is no folder
        folder.rmdir()


def _settle(raw: Path) -> list[str]:
    """Keep changes whose copy is in place, delete others; return files that cannot be read."""
    wrong: list[str] = []
    for path in _files(raw, _COMING):
        try:
            if _took_place(raw, _read(path)):
                path.replace(_done(path))
                continue
        except FileNotFoundError:
            continue
        except (UntrustedError, OSError) as error:
            wrong.append(f"{path.name} ({error})")
        _delete([path])
    return wrong


def _noted(raw: Path) -> tuple[list[Change], list[str]]:
    """Return the changes of copies in place, and the files that cannot be read."""
    found: list[Change] = []
    wrong: list[str] = []
    size = 0
    for path in _files(raw, _DONE)[:_MOST_FILES]:
        try:
            size += min(path.lstat().st_size, _LARGEST)
            if size > _MOST_BYTES:
                break
            noted = _read(path)
        except FileNotFoundError:
            continue
        except UntrustedError as error:
            wrong.append(f"{path.name} ({error})")
            _delete([path])
            continue
        name = path.name.removesuffix(_DONE)
        found.append(
            dataclasses.replace(noted.change, id=name, left=untrusted.plain(noted.moment, most=40))
        )
    return found, wrong


def _took_place(raw: Path, noted: _Note) -> bool:
    """Report whether the copy of a change is in the lock file, or its bytes are in place."""
    try:
        entry = lockfile.settled(raw).entries.get(noted.key)
    except SourceError:
        entry = None
    mark = (noted.path, noted.sha256, noted.retrieved)
    if entry is not None and (entry.path, entry.sha256, entry.retrieved) == mark:
        return set(entry.areas).issuperset(noted.areas)
    found = LockEntry("", "", path=noted.path, sha256=noted.sha256, size=noted.size)
    return not noted.there and lockfile.matches(raw, found)


def _read(path: Path) -> _Note:
    """Return the content of a file of the journal, every value of its type."""
    content = untrusted.read_table(path, most=_LARGEST)
    if content.pop("version", None) != _VERSION:
        raise UntrustedError(f"it has another version than {_VERSION}, or none")
    return typed.read(_Note, content, _READERS, "it")


_READERS: Final[dict[str, typed.Reader]] = {
    "str": typed.verbatim,
    "int": typed.count,
    "bool": typed.flag,
    "tuple[str, ...]": typed.many(typed.verbatim, sys.maxsize),
    "Change": change_of,
}


def _files(raw: Path, ending: str) -> list[Path]:
    """Return the files of the journal with an ending; delete the drafts of a killed run."""
    # A link or a file in place of the folder is deleted.
    folder = raw / FOLDER
    with atomic.reported(folder, doing="read"):
        if atomic.is_link(folder) or (folder.exists() and not folder.is_dir()):
            _log.warning("%s is not a folder of this library: it is deleted", folder)
            folder.unlink(missing_ok=True)
        if not folder.is_dir():
            return []
        _delete(folder.glob(f".*{atomic.DRAFT}"))
        return sorted(
            path
            for path in folder.iterdir()
            if path.name.endswith(ending) and _ID.fullmatch(path.name.removesuffix(ending))
        )


def _done(coming: Path) -> Path:
    return coming.with_name(coming.name.removesuffix(_COMING) + _DONE)


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            _log.debug("%s is not deleted: %s", path, error)


def _warn(wrong: list[str]) -> None:
    if wrong:
        _log.warning(
            "%d file%s of data/raw/%s/ cannot be read: %s. What an earlier refresh changed may be "
            "missing from the report. The data files themselves are in place.",
            len(wrong),
            "" if len(wrong) == 1 else "s",
            FOLDER,
            some(wrong, most=3),
        )
