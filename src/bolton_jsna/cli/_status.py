"""The status of a workspace: its files, how old they are, and what a build would use."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from bolton_jsna import catalogue, snapshot
from bolton_jsna.building.next_steps import built_area
from bolton_jsna.core import atomic, timestamps, untrusted
from bolton_jsna.core.areas import Area, check_authorities
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.errors import AreaNotFoundError, BoltonJsnaError, WorkspaceError, clean
from bolton_jsna.core.permissions import shared_warning
from bolton_jsna.core.timestamps import hours_since, span, when
from bolton_jsna.core.version import __version__
from bolton_jsna.ingest import lockfile, national_files, raw_provenance, store

REMEMBERED = ".status.json"
"""The hidden file, in ``data/raw/``, of what builds would use."""

State = Literal["", "stale", "doubt", "missing", "gone", "changed"]

_OWN = ("local_records",)
_AGAIN = {
    "gone": "The file is gone. A refresh fetches it again.",
    "changed": "The file was changed by hand. A build reads it as it is; a refresh fetches the "
    "publisher's again and keeps yours in .superseded/.",
}


@dataclass(frozen=True)
class Holding:
    """One file of the workspace, or the source used in its place.

    Attributes
    ----------
    dataset : str
        Its dataset.
    origin : {"fetched", "added by hand", "snapshot", "nothing"}
        Where it comes from.
    name : str
        The file, below ``data/raw/``, or the id of the snapshot's source.
    area : str
        The authority it was fetched for, or the authorities that use it in place of a file of their
        own; empty for any other national file.
    retrieved, checked : str
        When it was fetched and when the publisher was last asked (ISO 8601, UTC).
    age : str
        The time since it was fetched.
    trouble : str
        Why it is stale, gone or altered; empty if nothing is wrong.
    edition : str
        Its edition; empty for a file added by hand.
    state : {"", "stale", "doubt", "missing", "gone", "changed"}
        What is wrong in one word: not renewed, perhaps not the newest, never fetched, deleted or
        changed by hand; empty if nothing is wrong.
    since : str
        Since when it has not been renewed, or is missing (ISO 8601).
    reason : str
        Why, without the date.
    in_place : str
        Which service it comes from, if not the usual one, in words; else empty.
    codes : tuple of str
        The codes of the authorities of ``area``.
    """

    dataset: str
    origin: str
    name: str
    area: str = ""
    retrieved: str = ""
    checked: str = ""
    age: str = ""
    trouble: str = ""
    edition: str = ""
    state: State = ""
    since: str = ""
    reason: str = ""
    in_place: str = ""
    codes: tuple[str, ...] = ()

    def concerns(self, place: Area) -> bool:
        """Return whether it is used for an authority."""
        return not self.codes or place.code in self.codes


@dataclass(frozen=True)
class Status:
    """How old everything is and what a build would use.

    Attributes
    ----------
    area, workspace : str
        The authority and the folder.
    holdings : tuple of Holding
        What there is.
    uses : tuple of str
        The sources that a build of the authority would use, such as ``"idaci@2025"``.
    lacks : str
        Why a build cannot be made; empty if it can.
    cuts : tuple of str
        Which tables have part of England only, in words.
    built : str
        When the last build was made (ISO 8601); empty if there was none.
    built_area : str
        The authority that it was made for.
    newer : tuple of str
        What has changed since the last build and is not in the outputs, in words.
    warning : str
        Which folders of the workspace others can write to; empty if there are none.
    interrupted : str
        What to do if a build was interrupted while its files were moved; else empty.
    moment : str
        When this was worked out (ISO 8601, UTC).
    area_from : str
        Why this authority, in words; empty if it was named.
    build_warnings : tuple of str
        What a build would warn about.
    """

    area: str
    workspace: str
    holdings: tuple[Holding, ...]
    uses: tuple[str, ...]
    lacks: str
    built: str
    built_area: str = ""
    newer: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()
    warning: str = ""
    interrupted: str = ""
    moment: str = ""
    area_from: str = ""
    build_warnings: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the status as JSON text."""
        return clean(json.dumps(asdict(self), indent=1, ensure_ascii=False)) + "\n"


def status(area: str | int | Area | None = None, *, workspace: str | Path = ".") -> Status:
    """Return the files for an authority, how old they are, and what a build would use."""
    from bolton_jsna.building import last_area
    from bolton_jsna.building.fingerprints import newer
    from bolton_jsna.building.lock import interrupted
    from bolton_jsna.building.partial_files import partial_tables

    folder = store.workspace_folder(workspace)
    found_area = last_area.choose(None if area is None else area_of(area), folder)
    (place,) = found_area.places
    check_authorities([place], "The status of a workspace")
    moment = timestamps.now()
    holdings: list[Holding] = []
    entries = store.entries(folder)
    for dataset in catalogue.datasets():
        ours = [entry for entry in entries.values() if entry.dataset == dataset.id]
        found = [_fetched(entry, folder, moment) for entry in ours]
        known = {each.name for each in found}
        for path in store.raw_files(dataset.id, folder):
            name = path.relative_to(folder / store.RAW).as_posix()
            if name not in known:
                found.append(Holding(dataset.id, "added by hand", name))
        found += _instead(dataset.id, place, found, moment)
        holdings += found
    return Status(
        area=place.name,
        workspace=str(folder),
        holdings=tuple(holdings),
        built=_built(folder),
        built_area=built_area(folder),
        newer=newer(folder),
        cuts=partial_tables(folder),
        warning=shared_warning(folder),
        interrupted=interrupted(folder),
        moment=moment.astimezone(dt.UTC).isoformat(timespec="seconds"),
        area_from=found_area.why,
        **vars(_outlook(place, folder)),
    )


def _fetched(entry: lockfile.LockEntry, folder: Path, now: dt.datetime) -> Holding:
    place = entry.area_code
    with contextlib.suppress(AreaNotFoundError):  # a lock file may name any code
        place = area_of(place).name if place else national_files.names(entry)
    state, path = _state(entry, folder), folder / store.RAW / entry.path
    trouble = _AGAIN.get(state, "")
    if entry.failed:
        word = "Stale" if entry.held and path.is_file() else "Missing"
        trouble = f"{trouble} {word} since {when(entry.failed, now)}: {entry.failure}".strip()
    reason = entry.failure
    if again := _AGAIN.get(state):
        reason = f"{again} It could not be fetched: {reason}" if reason else again
    there = entry.held and state != "gone"
    hours = hours_since(entry.retrieved, now) if there else None
    return Holding(
        dataset=entry.dataset,
        origin="fetched" if there else "nothing",
        name=entry.path or f" for {entry.key}",
        area=place,
        retrieved=entry.retrieved,
        checked=entry.checked,
        age=span(hours) if hours is not None else "",
        trouble=trouble,
        edition=entry.edition,
        state=state,
        since=entry.failed,
        reason=reason,
        in_place=raw_provenance.in_place(entry),
        codes=tuple(filter(None, (entry.area_code,))) or entry.areas,
    )


def _state(entry: lockfile.LockEntry, folder: Path) -> State:
    """Return in one word what is wrong with a fetched file."""
    path = folder / store.RAW / entry.path
    if not entry.held:
        return "missing"
    if not path.is_file():
        return "gone"
    if not lockfile.matches(folder / store.RAW, entry):
        return "changed"
    if not entry.failed:
        return ""
    return "doubt" if entry.failed == entry.retrieved else "stale"


def _instead(dataset: str, place: Area, found: list[Holding], now: dt.datetime) -> list[Holding]:
    """Return what the snapshot has in place of missing files, or that there is nothing."""
    ours = [each for each in found if each.concerns(place)]
    there = [each for each in ours if each.origin != "nothing"]
    if dataset in _OWN and not snapshot.covers(place):
        return []
    if there and len(there) == len(ours):
        return []
    held = [each for each in snapshot.manifest() if each.dataset == dataset]
    if not held or not snapshot.covers(place):
        return [] if ours else [Holding(dataset, "nothing", "")]
    fetched = {each.edition for each in there}
    return [
        Holding(
            dataset,
            "snapshot",
            each.id,
            retrieved=each.retrieved,
            age=span(hours) if (hours := hours_since(each.retrieved, now)) is not None else "",
            edition=each.edition,
        )
        for each in held
        if each.edition not in fetched
    ]


@dataclass(frozen=True)
class _Outlook:
    """What a build would use and warn about; fields as of :class:`Status`."""

    uses: tuple[str, ...] = ()
    lacks: str = ""
    build_warnings: tuple[str, ...] = ()


def _outlook(place: Area, folder: Path) -> _Outlook:
    """Return what a build would use, or why it cannot be made."""
    # For this all tables are read, as in a build. The result is kept in a file, and holds until a
    # file of the workspace changes.
    path, mark = folder / store.RAW / REMEMBERED, _mark(folder)
    areas: dict[str, Any] = {}
    try:
        known = untrusted.read_json(path)
        areas = dict(known["areas"]) if known["mark"] == mark else {}
        kept = areas.get(place.code)
        if kept:
            return _Outlook(
                tuple(untrusted.plain(each, most=80) for each in kept["uses"]),
                _plain_lines(kept["lacks"]),
                tuple(map(_plain_lines, kept["build_warnings"])),
            )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        areas = {}
    found = _gathered(place, folder)
    if path.parent.is_dir():
        areas[place.code] = asdict(found)
        with contextlib.suppress(WorkspaceError):  # a folder that may only be read
            text = json.dumps({"mark": mark, "areas": areas})
            atomic.write(path, text, within=folder)
    return found


def _plain_lines(text: object) -> str:
    return "\n".join(untrusted.plain(each) for each in str(text).splitlines())


def _mark(folder: Path) -> str:
    """Return a mark of all that a build without own records is made from."""
    files = [
        (str(path), (status := path.stat()).st_mtime_ns, status.st_size)
        for dataset in catalogue.datasets()
        for path in store.raw_files(dataset.id, folder)
    ]
    held = [(each.id, each.sha256) for each in snapshot.manifest()]
    text = json.dumps([__version__, files, held])
    return hashlib.sha256(text.encode()).hexdigest()


def _gathered(place: Area, folder: Path) -> _Outlook:
    from bolton_jsna.building._options import BuildOptions
    from bolton_jsna.building.inputs import gather
    from bolton_jsna.core.provenance import source_ids

    try:
        found = gather(place, BuildOptions(workspace=folder))
    except BoltonJsnaError as error:
        return _Outlook(lacks=str(error))
    tables = [
        found.projections,
        found.idaci,
        found.children,
        found.lookup,
        *([] if found.wards is None else [found.wards]),
        found.children_in_need,
        *found.neighbours.values(),
    ]
    return _Outlook(tuple(sorted(source_ids(tables))), build_warnings=found.warnings)


def _built(folder: Path) -> str:
    from bolton_jsna.building.paths import RECORD

    try:
        finished = untrusted.read_json(folder / RECORD)["finished"]
        return dt.datetime.fromisoformat(finished).isoformat()
    except (OSError, ValueError, KeyError, TypeError):
        return ""
