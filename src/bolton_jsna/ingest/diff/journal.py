"""What new copies changed, written down before they take their place and until it is reported.

Each change has a file of its own in the hidden folder ``data/raw/.changes/``. It is written before
the new copy is put in its place, and its name then ends in ``.coming.json``. Once the copy is in
its place the ending becomes ``.json``. So a refresh that is killed at any moment loses no change:
the next one looks at the bytes to see whether the copy took its place. A file is deleted when the
change is in the report. All of this happens while the store is held (``store.guarded``).
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import re
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Final

from bolton_jsna.core import atomic, untrusted
from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.core.untrusted import UntrustedError
from bolton_jsna.ingest import lockfile
from bolton_jsna.ingest.diff import Change
from bolton_jsna.ingest.diff._change_json import change_of, facts_of, text_of
from bolton_jsna.ingest.lockfile import LockEntry

FOLDER: Final = ".changes"

_VERSION = 1
_COMING, _DONE = ".coming.json", ".json"
_ID = re.compile(r"\d{6}-[0-9a-f]{16}")
_LARGEST = 4 * 2**20  # bytes of one file
_MOST_FILES, _MOST_BYTES = 5_000, 64 * 2**20  # read at once; what is left is read the next time

_log = logging.getLogger(__name__)


def add(
    raw: Path,
    change: Change,
    entry: LockEntry,
    *,
    moment: str,
    download: bool = False,
    further: bool = False,
) -> Change:
    """Write down a change before its copy takes its place."""
    if not further:
        _warn(_settle(raw))
    there = [*_files(raw, _DONE), *_files(raw, _COMING)]
    last = max((int(each.name[:6]) for each in there), default=0)
    change = dataclasses.replace(
        change, id=f"{(last + 1) % 10**6:06d}-{secrets.token_hex(8)}", download=download
    )
    content: dict[str, Any] = {
        "version": _VERSION,
        "moment": moment,
        "key": entry.key,
        "path": entry.path,
        "sha256": entry.sha256,
        "size": entry.size,
        "retrieved": entry.retrieved,
        # An authority that joins a file which is there already changes nothing but this.
        "areas": list(entry.areas),
        # Where the same bytes are there already, they do not show that the copy was put there.
        "there": lockfile.matches(raw, entry),
        "change": facts_of(change),
    }
    text = text_of(content)
    if len(text.encode()) > _LARGEST:
        bare = dataclasses.replace(
            change, revisions=(), columns_added=(), columns_removed=(), columns_renamed=()
        )
        text = text_of({**content, "change": facts_of(bare)})
    atomic.write(raw / FOLDER / f"{change.id}{_COMING}", text, within=raw)
    return change


def confirm(raw: Path, *changes: Change) -> None:
    """Note that the copy of changes is in its place; where that fails, the bytes show it later."""
    for each in changes:
        coming = raw / FOLDER / f"{each.id}{_COMING}"
        try:
            coming.replace(_done(coming))
        except OSError as error:
            _log.debug("%s: %s", coming.name, error)


def begin(raw: Path) -> frozenset[str]:
    """Settle what an earlier run left, and return the ids of its changes that are not reported."""
    # What cannot be read is deleted with one warning.
    wrong = _settle(raw)
    found, unread = _noted(raw)
    _warn(wrong + unread)
    return frozenset(each.id for each in found)


def changes(raw: Path, *, left: Collection[str] = ()) -> tuple[Change, ...]:
    """Return the changes whose copies took their place and that are in no report yet."""
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
    """Keep each change whose copy took its place, delete others, and name what cannot be read."""
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
    """Return the changes of copies in their place, and the names of files that cannot be read."""
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
        found.append(dataclasses.replace(noted["change"], id=name, left=noted["moment"]))
    return found, wrong


def _took_place(raw: Path, noted: dict[str, Any]) -> bool:
    """Say whether the copy of a change is in the lock file, or its bytes are in their place."""
    try:
        entry = lockfile.settled(raw).entries.get(noted["key"])
    except SourceError:
        entry = None
    mark = ("path", "sha256", "retrieved")
    if entry is not None and all(getattr(entry, name) == noted[name] for name in mark):
        return set(entry.areas).issuperset(noted["areas"])
    found = LockEntry("", "", path=noted["path"], sha256=noted["sha256"], size=noted["size"])
    return not noted["there"] and lockfile.matches(raw, found)


def _read(path: Path) -> dict[str, Any]:
    """Return what a file of the journal holds, every value of its type."""
    content = untrusted.read_table(path, most=_LARGEST)
    if content.get("version") != _VERSION:
        raise UntrustedError(f"it has another version than {_VERSION}, or none")
    texts = ("moment", "key", "path", "sha256", "retrieved")
    if not all(isinstance(content.get(name), str) for name in texts):
        raise UntrustedError(f"one of {', '.join(texts)} is not text")
    if type(content.get("size")) is not int or type(content.get("there")) is not bool:
        raise UntrustedError("its size or what was there is of another type")
    areas = content.get("areas", [])
    if not isinstance(areas, list) or not all(isinstance(each, str) for each in areas):
        raise UntrustedError("its areas are not a list of text")
    return {
        **{name: content[name] for name in texts},
        "areas": set(areas),
        "moment": untrusted.plain(content["moment"], most=40),
        "size": content["size"],
        "there": content["there"],
        "change": change_of(content.get("change")),
    }


def _files(raw: Path, ending: str) -> list[Path]:
    """Return the files of the journal with an ending; a killed run's drafts are deleted."""
    # A link or a file in the place of the folder is taken away.
    folder = raw / FOLDER
    with atomic.reported(folder, doing="read"):
        if atomic.is_link(folder) or (folder.exists() and not folder.is_dir()):
            _log.warning("%s is not a folder of this library: it is taken away", folder)
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
            _log.debug("%s stays: %s", path, error)


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
