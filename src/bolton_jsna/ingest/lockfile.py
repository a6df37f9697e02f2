"""``data/raw/sources.lock.json``: each fetched file, its source, and when it was fetched.

A file and its entry cannot change at the same instant. So the new entry is first written under
``next``; then the file is replaced; then the new entry replaces the old one. A reader of the lock
file checks the bytes to see which of the two entries is true. So a run that is killed at any moment
leaves either the old state or the new one. A ``next`` without a file means that the file of its
entry is being deleted.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple

from bolton_jsna.core import untrusted
from bolton_jsna.core.atomic import write as write_atomically
from bolton_jsna.core.errors import SourceError
from bolton_jsna.core.naming import unfit
from bolton_jsna.core.untrusted import UntrustedError
from bolton_jsna.ingest import _typed_json as typed

NAME = "sources.lock.json"
_VERSION = 1
_AREA = re.compile(r"[A-Z]\d{8}")


class FileKey(NamedTuple):
    """Which file it is: dataset, edition, its part of several, and the authority it is for."""

    dataset: str
    edition: str
    part: str = ""
    area_code: str = ""

    def __str__(self) -> str:
        """The key as text, such as ``lookup@lsoa21-ward24/E08000001``."""
        parts = (f"{self.dataset}@{self.edition}", self.part, self.area_code)
        return "/".join(each for each in parts if each)


@dataclass(frozen=True)
class LockEntry:
    """One fetched file.

    Attributes
    ----------
    dataset, edition, part : str
        Which file it is; ``part`` is the name of one of several files of an edition.
    area_code : str
        The authority it was fetched for, empty for a national file.
    areas : tuple of str
        For a national file that is used instead of files of authorities: their codes.
    path : str
        Where it is, below ``data/raw/``, with slashes.
    sha256, size : str and int
        Its fingerprint, and its size in bytes.
    service, address : str
        The service, and the address there.
    retrieved, checked : str
        When its bytes were fetched, and when the publisher was last asked (ISO 8601, UTC).
    etag, last_modified, stamp : str
        Versions, for the next request.
    asked : str
        A hash of what the service was asked for.
    rows : int or None
        Rows of the table in it.
    columns : tuple of str
        Its headings as published.
    licence : str
        The licence of the dataset.
    notes : tuple of str
        Notes from the service.
    failed, failure : str
        Since when fetching it has failed, and why; empty if it has not.
    not_asked : str
        When its publisher was not asked, because other files had failed (ISO 8601); empty if it
        was asked.
    """

    dataset: str
    edition: str
    part: str = ""
    area_code: str = ""
    areas: tuple[str, ...] = ()
    path: str = ""
    sha256: str = ""
    size: int = 0
    service: str = ""
    address: str = ""
    retrieved: str = ""
    checked: str = ""
    etag: str = ""
    last_modified: str = ""
    stamp: str = ""
    asked: str = ""
    rows: int | None = None
    columns: tuple[str, ...] = ()
    licence: str = ""
    notes: tuple[str, ...] = ()
    failed: str = ""
    failure: str = ""
    not_asked: str = ""

    @property
    def id(self) -> FileKey:
        """Which file it is."""
        return FileKey(self.dataset, self.edition, self.part, self.area_code)

    @property
    def key(self) -> str:
        """The same as text, as the lock file has it."""
        return str(self.id)

    @property
    def held(self) -> bool:
        """Whether there is a file; an entry without one records a failure."""
        return bool(self.path)


@dataclass(frozen=True)
class LockFile:
    """The entries by their key, and the ones that are about to replace them."""

    entries: dict[str, LockEntry] = field(default_factory=dict)
    coming: dict[str, LockEntry] = field(default_factory=dict)


def read(raw: Path) -> LockFile:
    """Return the lock file of a ``data/raw`` folder as written; empty if there is none."""
    path = raw / NAME
    try:
        lock = _parsed(untrusted.read_bytes(path))
    except (FileNotFoundError, NotADirectoryError):
        return LockFile()
    except UntrustedError as error:
        raise _unreadable(path, str(error)) from error
    return LockFile(dict(lock.entries), dict(lock.coming))


@functools.lru_cache(maxsize=8)
def _parsed(content: bytes) -> LockFile:
    """Return what a lock file holds; a build reads the same one hundreds of times."""
    found = untrusted.table_of(content)
    if found.get("version") != _VERSION:
        raise UntrustedError(f"it has another version than {_VERSION}, or none")
    return LockFile(_entries(found.get("files")), _entries(found.get("next", {})))


def settled(raw: Path) -> LockFile:
    """Return the lock file after checking the coming entries against the files."""
    lock = read(raw)
    if not lock.coming:
        return lock
    entries, left = dict(lock.entries), {}
    for key, entry in lock.coming.items():
        before = entries.get(key)
        if not entry.held:
            entries.pop(key, None)
            if before is not None and before.held:
                left[key] = before
        elif matches(raw, entry):
            entries[key] = entry
            if before is not None and before.held and before.path != entry.path:
                left[key] = before
    # A file that another entry has now is not left over.
    there = {each.path for each in entries.values()}
    return LockFile(entries, {key: each for key, each in left.items() if each.path not in there})


def write(raw: Path, lock: LockFile) -> None:
    """Write the lock file; a reader finds the old or the new one, complete."""
    content: dict[str, Any] = {
        "version": _VERSION,
        "files": _facts(lock.entries),
    }
    if lock.coming:
        content["next"] = _facts(lock.coming)
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    write_atomically(raw / NAME, text, within=raw)


def matches(raw: Path, entry: LockEntry) -> bool:
    """Report whether the file of an entry is there, with the bytes that were fetched."""
    try:
        path = untrusted.below(raw, entry.path)
        if not path.is_file() or path.stat().st_size != entry.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256
    except (OSError, UntrustedError):
        return False


def _facts(entries: dict[str, LockEntry]) -> dict[str, dict[str, Any]]:
    """Return entries as JSON has them: by the text of their keys, without empty values."""
    return {
        entry.key: {k: v for k, v in vars(entry).items() if v not in ("", None, ())}
        for entry in sorted(entries.values(), key=lambda each: each.key)
    }


def _entries(found: object) -> dict[str, LockEntry]:
    if not isinstance(found, dict):
        raise UntrustedError("its files are not a table")
    entries = [_entry(key, facts) for key, facts in found.items()]
    return {each.key: each for each in entries}


def _entry(key: str, facts: object) -> LockEntry:
    """Return an entry with values of the right types and a path in its dataset's folder."""
    # The file may be replaced or deleted later, so it must be where a refresh puts it.
    named = f"the entry {untrusted.plain(key, most=80)!r}"
    entry = typed.read(LockEntry, facts, _READERS, named)
    if entry.key != key:
        raise UntrustedError(f"{named} is about another file than its name")
    if not all(map(_AREA.fullmatch, (*filter(None, [entry.area_code]), *entry.areas))):
        raise UntrustedError(f"{named} has an area code that is not valid")
    if entry.held and (
        PurePosixPath(entry.path).parts[:-1] != (entry.dataset, entry.edition)
        or any(map(unfit, entry.path.split("/")))
    ):
        raise UntrustedError(
            f"{named} has the path {entry.path[:80]!r}. A fetched file is in "
            f"{untrusted.plain(entry.dataset, most=40)}/{untrusted.plain(entry.edition, most=40)}/"
        )
    return entry


_READERS: Final[dict[str, typed.Reader]] = {
    "str": typed.text(4000),
    "int": typed.count,
    "int | None": typed.count,
    # As published: the headings of the next copy are compared with these.
    "tuple[str, ...]": typed.many(typed.verbatim, sys.maxsize),
}


def _unreadable(path: Path, why: str) -> SourceError:
    return SourceError(
        f"{path} cannot be read as a lock file: {why}. Expected what bolton-jsna refresh writes. "
        "Move it away and run bolton-jsna refresh again, which fetches every file again."
    )
