"""The fingerprints of a build's input files, and what is newer than the last build.

A build notes the fingerprint of every file that it may read before it reads any. Outputs are out
of date if the workspace has other files now, no matter who changed them or how a later build ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from bolton_jsna import catalogue, snapshot
from bolton_jsna.building import _rebuild_settings
from bolton_jsna.building._rebuild_settings import OWN
from bolton_jsna.building.lock import killed
from bolton_jsna.building.paths import RECORD
from bolton_jsna.core import untrusted
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.core.version import __version__
from bolton_jsna.ingest import store

_WORDS: Final = {
    "local_records": "the authority's own file",
    "columns": "the mapping of the own file's columns",
}
_SNAPSHOT: Final = "snapshot/"
_AGAIN: Final = 2
_T = TypeVar("_T")


def inputs_of(folder: Path, options: Mapping[str, Any]) -> dict[str, str]:
    """Return a mark of everything that a build of a workspace may read, by name."""
    marks = {
        path.relative_to(folder / store.RAW).as_posix(): _fingerprint(path)
        for dataset in catalogue.datasets()
        if dataset.id not in OWN
        for path in store.raw_files(dataset.id, folder)
    }
    marks |= {f"{_SNAPSHOT}{each.id}": each.sha256 for each in snapshot.manifest()}
    for option in OWN:
        given = options.get(option)
        if isinstance(given, str):
            marks[option] = _changed(folder, given)
    return marks


def read_with(
    read: Callable[[], _T], folder: Path, options: Mapping[str, Any]
) -> tuple[_T, dict[str, str]]:
    """Return what is read of a workspace, and the marks of the files that it was read from."""
    # Reading may itself fetch files, and a refresh may run at the same time. So what was read while
    # files changed is read again; if they go on changing, the next refresh finds them newer.
    after = inputs_of(folder, options)
    for _ in range(1 + _AGAIN):
        before = after
        found, after = read(), inputs_of(folder, options)
        if after == before:
            break
    return found, before


def newer(folder: Path) -> tuple[str, ...]:
    """Return what has changed since the last build, in words; nothing without one."""
    try:
        record = untrusted.read_table(folder / RECORD)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except untrusted.UntrustedError as error:
        return (f"unknown, because {RECORD.as_posix()} cannot be used: {error}",)
    return tuple(_reasons(record, folder))


def in_one(newer: Sequence[str], *, most: int = 5) -> str:
    """Return what is newer as one text, the first few in full."""
    more = [f"and {len(newer) - most:,} more"] if len(newer) > most else []
    return "; ".join([*newer[:most], *more])


def _reasons(record: dict[str, Any], folder: Path) -> Iterator[str]:
    try:
        own = _rebuild_settings.read_settings(record, folder)
    except untrusted.UntrustedError as error:
        yield f"unknown, because {RECORD.as_posix()} cannot be used: {error}"
        return
    before, now = record.get("inputs"), inputs_of(folder, own.options)
    if not isinstance(before, dict):
        yield f"unknown, because {RECORD.as_posix()} does not list what was read"
        return
    if own.own_file and own.place == RECORD:
        yield f"the form of {RECORD.as_posix()}, which named a file of the authority before"
    before = _rebuild_settings.public(before) | {
        each: own.inputs[each] for each in OWN if each in own.inputs
    }
    unlike = [
        name for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)
    ]
    for name in unlike:
        yield _in_words(name, before=name in before, now=name in now)
    if not unlike:
        yield from _unlike_sources(record.get("sources"), set(now.values()))
    versions = record.get("versions")
    by = untrusted.plain(versions.get("bolton-jsna") if isinstance(versions, dict) else "", most=40)
    if by != __version__:
        yield f"bolton-jsna {__version__} (the last build was made by {by or 'another version'})"
    if killed(folder):
        yield "a later build was stopped before it was complete"


def _unlike_sources(sources: object, now: set[str]) -> Iterator[str]:
    """Name sources whose file the store does not have any more."""
    for each in sources if isinstance(sources, list) else ():
        marks = each.get("sha256") if isinstance(each, dict) else None
        if isinstance(marks, str) and marks and not now.issuperset(marks.split(SEPARATOR)):
            yield f"{untrusted.plain(each.get('source'), most=80) or 'a source'} has changed"


def _in_words(name: str, *, before: bool, now: bool) -> str:
    what = "has changed" if before and now else "is new" if now else "is gone"
    if name in OWN:  # without its path, because the report of a refresh has these words
        return f"{_WORDS[name]} {what}"
    if name.startswith(_SNAPSHOT):
        return f"{untrusted.plain(name, most=120)} of the library {what}"
    return f"data/raw/{untrusted.plain(name, most=200)} {what}"


def _fingerprint(path: Path) -> str:
    """Return the sha256 of a file; nothing if it cannot be read, which the build will report."""
    try:
        return store.fingerprint(path)
    except OSError:
        return ""


def _changed(folder: Path, name: str) -> str:
    """Return when a file was last changed; nothing if it is not there."""
    if name.startswith(("//", "\\\\")):  # reading a network path can send a password
        return ""
    try:
        return str((folder / name).lstat().st_mtime_ns)
    except (OSError, ValueError):
        return ""
