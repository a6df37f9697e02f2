"""A national file that is used instead of the files of single authorities.

Some editions have a file for each authority at the first service, and one file of all authorities
at another. Such a national file is stored once, under an entry without an area. The entry lists
the authorities that rely on it. An authority that gets its own file again is removed from the list.
When the list is empty, the national file is deleted.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bolton_jsna import catalogue
from bolton_jsna.catalogue import Edition, Way
from bolton_jsna.core.areas import Area, district_codes, find
from bolton_jsna.ingest import _previous_copies, lockfile, store
from bolton_jsna.ingest.jobs import Task
from bolton_jsna.ingest.lockfile import FileKey, LockEntry

Entries = Mapping[str, LockEntry]
Changed = dict[str, LockEntry | None]
"""New entries by key, None for an entry that is removed: see ``store.note``."""


def is_national(task: Task, way: Way) -> bool:
    """Report whether a service has a national file for a task of one authority."""
    return task.area is not None and way.scope == "nation"


def national(task: Task, entries: Entries) -> LockEntry | None:
    """Return the entry of the national file that may be used instead of a task's own."""
    found = entries.get(_key(task.edition)) if task.area is not None else None
    return found if found is not None and found.held else None


def intact(task: Task, entries: Entries, raw: Path) -> LockEntry | None:
    """Return the entry of the national file if it is as it was fetched."""
    found = national(task, entries)
    return found if found is not None and lockfile.matches(raw, found) else None


def rows_of(task: Task, entry: LockEntry | None) -> tuple[str, ...]:
    """Return whose rows of a copy a task needs: its area's in a national file, else all."""
    if task.area is None or entry is None or entry.area_code:
        return ()
    return (task.area.code,)


def entry_of(task: Task, entries: Entries) -> LockEntry | None:
    """Return the entry of a task: its own if there is a file, else the national one."""
    own = entries.get(task.key)
    if own is not None and own.held:
        return own
    shared = national(task, entries)
    if shared is not None and task.area is not None and task.area.code in shared.areas:
        return shared
    return own


def joined(shared: LockEntry, areas: Iterable[str]) -> LockEntry:
    """Return the entry of a national file with more authorities on its list."""
    return dataclasses.replace(shared, areas=tuple(sorted({*shared.areas, *areas})))


def cleared(task: Task, entries: Entries) -> Changed:
    """Return the change that removes a task's own entry in favour of the national file."""
    return {task.key: None} if task.area is not None and task.key in entries else {}


def left(task: Task, entries: Entries) -> Changed:
    """Return the change that takes a task with its own file off the national file's list."""
    shared = national(task, entries)
    if shared is None or task.area is None or task.area.code not in shared.areas:
        return {}
    return {shared.key: _without(shared, {task.area.code})}


def after(entries: Entries, became: Changed) -> dict[str, LockEntry]:
    """Return entries after changes to some of them."""
    changed = {**entries, **became}
    return {key: each for key, each in changed.items() if each is not None}


@dataclass(frozen=True)
class InUse:
    """How a national file is read that is used instead of files of authorities.

    Attributes
    ----------
    listed : tuple of str
        Codes of the authorities that rely on it.
    passed : frozenset of str
        Codes of areas whose rows are left out, because their authority has its own fetched file of
        the edition. So the two files never contradict each other.
    """

    listed: tuple[str, ...]
    passed: frozenset[str] = frozenset()


def in_use(folder: Path) -> dict[str, InUse]:
    """Return how each national file of a workspace is read, by its path below ``data/raw/``."""
    raw, entries = folder / store.RAW, store.entries(folder)
    found = {}
    for edition, _ in _shareable():
        shared = entries.get(_key(edition))
        if shared is not None and shared.held and shared.areas:
            own = {e.area_code for e in _each_area(shared, entries) if (raw / e.path).is_file()}
            places = [place for code in own if (place := find(code)) is not None]
            listed = tuple(code for code in shared.areas if code not in own)
            passed = frozenset(own.union(*map(district_codes, places)))
            found[shared.path] = InUse(listed, passed)
    return found


def _shareable() -> Iterator[tuple[Edition, Way]]:
    """Yield editions with a file for each authority, and the service with a national one."""
    for dataset in catalogue.datasets():
        for edition in dataset.editions:
            for way in edition.ways:
                if edition.scope == "area" and way.scope == "nation":
                    yield edition, way


def merge(folder: Path, incoming: Path, *, keep: int) -> None:
    """Store each national file once; earlier versions stored it for each authority."""
    # The newest unchanged copy becomes the national file; the others are deleted. Authorities with
    # their own file are taken off the list. The caller must hold the store.
    for edition, way in _shareable():
        _merge(edition, way, folder, incoming, keep)
    raw, entries = folder / store.RAW, store.entries(folder)
    changed: Changed = {}
    for shared in entries.values():
        listed = [e for e in _each_area(shared, entries) if e.area_code in shared.areas]
        own = {each.area_code for each in listed if lockfile.matches(raw, each)}
        if own:
            changed[shared.key] = _without(shared, own)
    store.note(changed, folder, keep=keep)


def _merge(edition: Edition, way: Way, folder: Path, incoming: Path, keep: int) -> None:
    raw, entries = folder / store.RAW, store.entries(folder)
    given = [each for each in _each_area(edition, entries) if each.service == way.service]
    several = [each for each in given if lockfile.matches(raw, each)]
    if not several:
        return
    gone: Changed = {each.key: None for each in several}
    shared = entries.get(_key(edition))
    codes = [*(each.area_code for each in several), *(shared.areas if shared is not None else ())]
    if shared is not None and lockfile.matches(raw, shared):
        newest = max([shared, *several], key=lambda each: each.retrieved)
        if newest is shared:
            store.note({shared.key: joined(shared, codes), **gone}, folder, keep=keep)
            return
    newest = max(several, key=lambda each: each.retrieved)
    name = PurePosixPath(newest.path).name.removeprefix(f"{newest.area_code}_")
    path = f"{edition.dataset}/{edition.edition}/{name}"
    again = Path(tempfile.mkdtemp(dir=incoming)) / name
    _previous_copies.again(raw / newest.path, again)
    new = dataclasses.replace(newest, area_code="", areas=(), path=path)
    store.put(again, joined(new, codes), folder, keep=keep, others=gone)


def _each_area(file: Edition | LockEntry, entries: Entries) -> list[LockEntry]:
    """Return the entries of an edition that have a file of one authority."""
    wanted = (file.dataset, file.edition, file.part)
    return [
        each for each in entries.values() if each.area_code and each.held and each.id[:3] == wanted
    ]


def _without(shared: LockEntry, codes: set[str]) -> LockEntry | None:
    """Return a national file's entry without some authorities; None if the list is empty."""
    areas = tuple(each for each in shared.areas if each not in codes)
    return dataclasses.replace(shared, areas=areas) if areas else None


def _key(edition: Edition) -> str:
    return str(FileKey(edition.dataset, edition.edition, edition.part))


def names(entry: LockEntry) -> str:
    """Return the names of the authorities that rely on a national file."""
    places: list[Area | None] = [find(code) for code in entry.areas]
    *most, last = [p.name if p else c for p, c in zip(places, entry.areas, strict=True)] or [""]
    return f"{', '.join(most)} and {last}" if most else last
