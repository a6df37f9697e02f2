"""``data/raw/sources.lock.json``: what each fetched file is, where it came from and when.

A file and its entry cannot change in one stroke. So an entry first gains ``next``, the entry that
is about to be true; then the file is replaced; then ``next`` takes the entry's place. Whoever
reads the lock file looks at the bytes to see which of the two is true, so that a run killed at
any moment leaves the store as it was before or as it was to be.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bolton_jsna.errors import SourceError

NAME = "sources.lock.json"
_VERSION = 1


@dataclass(frozen=True)
class Entry:
    """One fetched file.

    Attributes
    ----------
    dataset, edition, part : str
        What it is; ``part`` tells several files of an edition apart.
    area_code : str
        The authority it was fetched for, empty for a national file.
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
    """

    dataset: str
    edition: str
    part: str = ""
    area_code: str = ""
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

    @property
    def key(self) -> str:
        """What the entry is called, such as ``lookup@lsoa21-ward24/E08000001``."""
        return key_of(self.dataset, self.edition, self.part, self.area_code)

    @property
    def held(self) -> bool:
        """Whether there is a file; an entry without one remembers a failure."""
        return bool(self.path)


@dataclass(frozen=True)
class LockFile:
    """The entries by their key, and those about to take their place."""

    entries: dict[str, Entry] = field(default_factory=dict)
    coming: dict[str, Entry] = field(default_factory=dict)


def key_of(dataset: str, edition: str, part: str = "", area_code: str = "") -> str:
    """Return what an entry is called.

    Examples
    --------
    >>> key_of("children_in_need", "2025", "c1")
    'children_in_need@2025/c1'
    """
    return "/".join(each for each in (f"{dataset}@{edition}", part, area_code) if each)


def read(raw: Path) -> LockFile:
    """Return the lock file of a ``data/raw`` folder as it is written; empty when there is none.

    Raises
    ------
    SourceError
        When the file is no lock file of this kind.

    Examples
    --------
    >>> read(Path("no-such-folder"))
    LockFile(entries={}, coming={})
    """
    path = raw / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return LockFile()
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from error
    try:
        if content["version"] > _VERSION:
            raise _unreadable(path, f"it has version {content['version']}, newer than {_VERSION}")
        return LockFile(
            entries={key: _entry(facts) for key, facts in content["files"].items()},
            coming={key: _entry(facts) for key, facts in content.get("next", {}).items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise _unreadable(path, f"{type(error).__name__} {error}") from error


def settled(raw: Path) -> LockFile:
    """Return the lock file with every coming entry judged by the bytes that are there.

    Returns
    -------
    LockFile
        ``entries`` as they are true now. ``coming`` holds what was being replaced: of each entry
        that has moved on, the one before, whose file may still lie about.
    """
    lock = read(raw)
    if not lock.coming:
        return lock
    entries, left = dict(lock.entries), {}
    for key, entry in lock.coming.items():
        before = entries.get(key)
        if matches(raw, entry):
            entries[key] = entry
            if before is not None and before.held and before.path != entry.path:
                left[key] = before
    return LockFile(entries, left)


def write(raw: Path, lock: LockFile) -> None:
    """Write the lock file so that a reader finds the old or the new one whole."""
    content: dict[str, Any] = {
        "version": _VERSION,
        "files": {key: _facts(entry) for key, entry in sorted(lock.entries.items())},
    }
    if lock.coming:
        content["next"] = {key: _facts(entry) for key, entry in sorted(lock.coming.items())}
    write_atomically(raw / NAME, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def write_atomically(path: Path, text: str) -> None:
    """Write a text beside its place, then move it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with draft.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    move(draft, path)


def move(new: Path, goal: Path) -> None:
    """Move a file to its place so that a power cut after it leaves it there."""
    new.replace(goal)
    if os.name == "nt":  # its folders cannot be opened
        return
    folder = os.open(goal.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def matches(raw: Path, entry: Entry) -> bool:
    """Say whether the file of an entry is there, with the bytes that the entry names."""
    path = raw / entry.path
    try:
        if path.stat().st_size != entry.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256
    except OSError:
        return False


def _facts(entry: Entry) -> dict[str, Any]:
    facts = dataclasses.asdict(entry)
    return {name: value for name, value in facts.items() if value not in ("", None, ())}


def _entry(facts: dict[str, Any]) -> Entry:
    known = {each.name for each in dataclasses.fields(Entry)}
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in facts.items()
        if name in known
    }
    entry = Entry(**given)
    if entry.path.startswith(("/", "\\")) or ".." in Path(entry.path).parts:
        raise TypeError(f"path {entry.path!r}")
    return entry


def _unreadable(path: Path, why: str) -> SourceError:
    return SourceError(
        f"{path} cannot be read as a lock file: {why}. Expected what bolton-jsna refresh writes. "
        "Move it away and run bolton-jsna refresh again: it fetches everything anew."
    )
