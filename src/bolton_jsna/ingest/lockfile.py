"""``data/raw/sources.lock.json``: what each fetched file is, where it came from and when.

A file and its entry cannot change in one stroke. So an entry first gains ``next``, the entry that
is about to be true; then the file is replaced; then ``next`` takes the entry's place. A reader of
the lock file looks at the bytes to see which of the two is true, so that a run killed at
any moment leaves the store as it was before or as it was to be. A ``next`` without a file
means that the file of its entry is being taken away.
"""

from __future__ import annotations

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
        What it is; ``part`` tells several files of an edition apart.
    area_code : str
        The authority it was fetched for, empty for a national file.
    areas : tuple of str
        Of a national file that is used in place of files of authorities: the codes of these.
    path : str
        Where it lies, below ``data/raw/``, with slashes.
    sha256, size : str and int
        Its fingerprint and its bytes.
    service, address : str
        Who gave it and where.
    retrieved, checked : str
        When its bytes were fetched, and when the publisher was last asked (ISO 8601, UTC).
    etag, last_modified, stamp : str
        Marks for the next request.
    asked : str
        A mark of what the service was asked for.
    rows : int or None
        Rows of the table in it.
    columns : tuple of str
        Its headings as published.
    licence : str
        The licence of the dataset.
    notes : tuple of str
        What the service said of it.
    failed, failure : str
        Since when fetching it has failed, and why; empty when it has not.
    not_asked : str
        When its publisher was not even asked, because others of its files had failed (ISO 8601);
        empty when it was.
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
        """Whether there is a file; an entry without one remembers a failure."""
        return bool(self.path)


@dataclass(frozen=True)
class LockFile:
    """The entries by their key, and those about to take their place."""

    entries: dict[str, LockEntry] = field(default_factory=dict)
    coming: dict[str, LockEntry] = field(default_factory=dict)


def read(raw: Path) -> LockFile:
    """Return the lock file of a ``data/raw`` folder as it is written; empty when there is none."""
    path = raw / NAME
    try:
        content = untrusted.read_table(path)
        if content.get("version") == _VERSION:
            return LockFile(_entries(content.get("files")), _entries(content.get("next", {})))
    except (FileNotFoundError, NotADirectoryError):
        return LockFile()
    except UntrustedError as error:
        raise _unreadable(path, str(error)) from error
    raise _unreadable(path, f"it has another version than {_VERSION}, or none")


def settled(raw: Path) -> LockFile:
    """Return the lock file with every coming entry judged by the bytes that are there."""
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
    # What another entry has by now is not left over.
    there = {each.path for each in entries.values()}
    return LockFile(entries, {key: each for key, each in left.items() if each.path not in there})


def write(raw: Path, lock: LockFile) -> None:
    """Write the lock file so that a reader finds the old or the new one whole."""
    content: dict[str, Any] = {
        "version": _VERSION,
        "files": _facts(lock.entries),
    }
    if lock.coming:
        content["next"] = _facts(lock.coming)
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    write_atomically(raw / NAME, text, within=raw)


def matches(raw: Path, entry: LockEntry) -> bool:
    """Say whether the file of an entry is there, with the bytes that the entry names."""
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
    """Return an entry with values of the right type, whose file is in a folder of a dataset."""
    # The file may be replaced or deleted later: its place must be the one that a refresh gives it.
    named = f"the entry {untrusted.plain(key, most=80)!r}"
    entry = typed.read(LockEntry, facts, _READERS, named)
    if entry.key != key:
        raise UntrustedError(f"{named} is about another file than its name says")
    if not all(map(_AREA.fullmatch, (*filter(None, [entry.area_code]), *entry.areas))):
        raise UntrustedError(f"{named} is for an area whose code is not an area code")
    if entry.held and (
        PurePosixPath(entry.path).parts[:-1] != (entry.dataset, entry.edition)
        or any(map(unfit, entry.path.split("/")))
    ):
        raise UntrustedError(
            f"{named} has the path {entry.path[:80]!r}. A fetched file lies in "
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
        "Move it away and run bolton-jsna refresh again: it fetches everything anew."
    )
