"""What there is, how old it is and what a build would use; and how a refresh is told in lines."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bolton_jsna import (
    __version__,
    atomic,
    catalogue,
    lockfile,
    raw_origins,
    snapshot,
    standins,
    store,
    untrusted,
)
from bolton_jsna.areas import DEFAULT_AREA, Area
from bolton_jsna.areas import area as area_of
from bolton_jsna.catalogue import publishers
from bolton_jsna.errors import AreaNotFoundError, BoltonJsnaError, WorkspaceError, clean
from bolton_jsna.refreshing import RefreshRecord
from bolton_jsna.sharing import shared_warning
from bolton_jsna.tasks import Outcome
from bolton_jsna.verdicts import hours_since, span

REMEMBERED = ".status.json"
"""The hidden file, in ``data/raw/``, of what builds would use."""

_OWN = ("local_records",)


@dataclass(frozen=True)
class Holding:
    """One file of the workspace, or what stands in for it.

    Attributes
    ----------
    dataset : str
        Its dataset.
    origin : {"fetched", "laid by hand", "snapshot", "nothing"}
        Where it comes from.
    name : str
        The file, below ``data/raw/``, or the id of the snapshot's source.
    area : str
        The authority it was fetched for, or those that rely on it in place of a file of their own;
        empty for any other national file.
    retrieved, checked : str
        When its bytes came and when the publisher was last asked (ISO 8601, UTC).
    age : str
        The time since the bytes came.
    trouble : str
        Why it is stale, gone or altered; empty when all is well.
    in_place : str
        That it comes from another service than usual, in words; else empty.
    """

    dataset: str
    origin: str
    name: str
    area: str = ""
    retrieved: str = ""
    checked: str = ""
    age: str = ""
    trouble: str = ""
    in_place: str = ""


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
        Why a build cannot be made; empty when it can.
    cuts : tuple of str
        Which tables have part of England only, in words.
    built : str
        When the last build was made (ISO 8601), empty when there was none.
    built_area : str
        The authority that it was made for.
    newer : tuple of str
        What has changed since the last build and is not in the outputs, in words.
    warning : str
        Which folders of the workspace others can write into; empty when there are none.
    interrupted : str
        What to do where a build was interrupted while its files were moved; else empty.
    area_from : str
        Why this authority, in words; empty where it was named.
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
    area_from: str = ""

    def to_json(self) -> str:
        """Return the status as JSON text."""
        return clean(json.dumps(asdict(self), indent=1, ensure_ascii=False)) + "\n"


def status(
    area: str | int | Area | None = None,
    *,
    workspace: str | Path = ".",
    now: dt.datetime | None = None,
) -> Status:
    """Return what there is for an authority, how old it is and what a build would use.

    Parameters
    ----------
    area : place, optional
        An upper-tier authority. If none is named, the one of the last build in the workspace, and
        Bolton if nothing has been built.
    workspace : str or Path, default "."
        The folder that holds ``data/raw/``.
    now : datetime, optional
        The moment, with its time zone, for tests.

    Raises
    ------
    UsageError
        When the area or the workspace cannot be meant.
    SourceError
        When the lock file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> found = status("Bolton", workspace=tempfile.mkdtemp())
    >>> found.lacks, "idaci@2025" in found.uses
    ('', True)
    """
    from bolton_jsna.building import last_area
    from bolton_jsna.building.cuts import cuts
    from bolton_jsna.building.inputs import newer
    from bolton_jsna.building.locking import interrupted

    folder = store.workspace_folder(workspace)
    found_area = last_area.meant(None if area is None else area_of(area), folder)
    (place,) = found_area.places
    moment = now or dt.datetime.now(dt.UTC)
    holdings: list[Holding] = []
    entries = store.entries(folder)
    for dataset in catalogue.datasets():
        found = [
            _fetched(entry, folder, moment)
            for entry in entries.values()
            if entry.dataset == dataset.id
        ]
        known = {each.name for each in found}
        for path in store.raw_files(dataset.id, folder):
            name = path.relative_to(folder / store.RAW).as_posix()
            if name not in known:
                found.append(Holding(dataset.id, "laid by hand", name))
        if not any(each.origin != "nothing" for each in found):
            found += _instead(dataset.id, place)
        holdings += found
    uses, lacks = _build_of(place, folder)
    return Status(
        area=place.name,
        workspace=str(folder),
        holdings=tuple(holdings),
        uses=uses,
        lacks=lacks,
        built=_built(folder),
        built_area=_built_area(folder),
        newer=newer(folder),
        cuts=cuts(folder),
        warning=shared_warning(folder),
        interrupted=interrupted(folder),
        area_from=found_area.why,
    )


def outcome_line(outcome: Outcome) -> str:
    """Return how one file stands, on one line.

    Examples
    --------
    >>> outcome_line(Outcome("idaci@2025", "idaci", "2025", "", "", "updated", "33,755 rows"))
    'updated    idaci@2025: 33,755 rows'
    """
    kept = f" Kept: {outcome.kept}." if outcome.verdict == "stale" and outcome.kept else ""
    reason = " ".join(outcome.reason.split())
    whence = f", {outcome.in_place}" if outcome.in_place else ""
    return clean(f"{outcome.verdict:<10} {outcome.file}{whence}: {reason}{kept}")


def refresh_summary(record: RefreshRecord) -> str:
    """Return the last lines of a refresh: how many of each verdict, and what that means."""
    counts = ", ".join(f"{count} {verdict}" for verdict, count in record.counts.items() if count)
    lines = [f"{len(record.outcomes)} files: {counts or 'none'}."]
    if record.area_from:
        lines.append(f"For {record.areas[0]}, {record.area_from}. --area takes another.")
    if record.dry_run:
        lines.append("Nothing was asked for or written (dry run): stale means due for a check.")
        if record.newer:
            lines.append(newer_line(record.newer))
        return "\n".join(lines)
    if record.changes:
        lines.append("What changed: data/processed/changes.md.")
    if record.build:
        lines.append(record.build)
    if record.newer and not record.build_failed:
        lines.append(newer_line(record.newer))
    if record.bare:
        lines.append(
            f"Nothing at hand, in the workspace or the snapshot: {', '.join(record.bare)}."
        )
    if record.network:
        lines.append(record.network)
    return clean("\n".join(lines))


def newer_line(newer: Sequence[str]) -> str:
    """Return what has changed since the last build, on one line.

    Examples
    --------
    >>> newer_line(["data/raw/idaci/mine.csv is new"])
    'Data newer than the last build: data/raw/idaci/mine.csv is new. The outputs are out of ...'
    """
    from bolton_jsna.building.inputs import in_one

    return (
        f"Data newer than the last build: {in_one(newer)}. The outputs are out of date: run "
        "bolton-jsna refresh, which builds them again."
    )


def status_lines(found: Status) -> str:
    """Return a status as text."""
    why = f" ({found.area_from}; --area takes another)" if found.area_from else ""
    lines = [f"{found.area}{why}, workspace {found.workspace}", ""]
    for each in found.holdings:
        where = {"snapshot": "the snapshot's ", "nothing": "nothing at hand"}.get(each.origin, "")
        age = f", {each.age} old" if each.age else ""
        asked = f", checked {each.checked[:16].replace('T', ' ')} UTC" if each.checked else ""
        by_hand = " (laid by hand)" if each.origin == "laid by hand" else ""
        trouble = f"\n    {each.trouble}" if each.trouble else ""
        whose = f", for {each.area}" if each.area else ""
        whence = f", {each.in_place}{whose}" if each.in_place else ""
        lines.append(f"{each.dataset:<24} {where}{each.name}{by_hand}{whence}{age}{asked}{trouble}")
    area = f"{found.built_area}, " if found.built_area else ""
    lines += ["", f"Last build: {area}{found.built or 'none'}."]
    if found.interrupted:
        lines.append(found.interrupted)
    if found.newer:
        lines.append(newer_line(found.newer))
    if found.lacks:
        lines.append(f"A build cannot be made now. {found.lacks}")
    else:
        lines.append(f"A build would use: {', '.join(found.uses)}.")
    lines += [f"Not the whole of England: {each}." for each in found.cuts]
    if found.warning:
        lines += ["", found.warning]
    return clean("\n".join(lines))


def sources_lines() -> str:
    """Return the catalogue as text."""
    lines: list[str] = []
    for each in catalogue.datasets():
        lines += [
            f"{each.id}: {each.title}",
            f"    {each.publisher}. {each.licence}. {each.purpose}.",
        ]
        if each.rhythm:
            lines.append(f"    Renewed {each.rhythm}.")
        for edition in each.editions:
            ways = ", or in its place ".join(_way(way, each, edition) for way in edition.ways)
            scope = "for each authority" if edition.scope == "area" else "national"
            named = ", only when named" if edition.only_when_named else ""
            lines.append(f"    {edition.id}: {ways}, {scope}{named}")
        if not each.editions and each.id not in _OWN:
            lines.append(f"    Laid by hand. {each.how_to_get}")
        if each.landing:
            lines.append(f"    {each.landing}")
        lines.append("")
    return "\n".join(lines).rstrip()


def _way(way: catalogue.Way, dataset: catalogue.Dataset, edition: catalogue.Edition) -> str:
    """Return a service by its name, and what of its files is not as the lines around it say."""
    other = publishers.as_given(dataset, way.service).publisher
    named = publishers.publisher(way.service).name
    unlike = [f"published by {other}"] if other != dataset.publisher else []
    unlike += ["one file for all authorities"] if way.scope != edition.scope else []
    return f"{way.service} ({'; '.join([named, *unlike])})"


def sources_json() -> str:
    """Return the catalogue as JSON text."""
    facts: dict[str, Any] = {each.id: asdict(each) for each in catalogue.datasets()}
    for dataset in catalogue.datasets():
        for edition in facts[dataset.id]["editions"]:
            for way in edition["ways"]:
                way["name"] = publishers.publisher(way["service"]).name
                way["publisher"] = publishers.as_given(dataset, way["service"]).publisher
    return json.dumps(facts, indent=1, ensure_ascii=False, default=dict) + "\n"


def _fetched(entry: lockfile.Entry, folder: Path, now: dt.datetime) -> Holding:
    place = entry.area_code
    with contextlib.suppress(AreaNotFoundError):  # a lock file may name any code
        place = area_of(place).name if place else standins.names(entry)
    trouble = ""
    if entry.failed:
        trouble = f"Stale since {entry.failed[:16].replace('T', ' ')} UTC: {entry.failure}"
    if not entry.held:
        return Holding(entry.dataset, "nothing", f" for {entry.key}", area=place, trouble=trouble)
    if not lockfile.matches(folder / store.RAW, entry):
        anew = "The file is gone or has been changed by hand; a refresh fetches it anew."
        trouble = f"{anew} {trouble}".strip()
    hours = hours_since(entry.retrieved, now)
    return Holding(
        dataset=entry.dataset,
        origin="fetched",
        name=entry.path,
        area=place,
        retrieved=entry.retrieved,
        checked=entry.checked,
        age=span(hours) if hours is not None else "",
        trouble=trouble,
        in_place=raw_origins.in_place(entry),
    )


def _instead(dataset: str, place: Area) -> list[Holding]:
    held = [each for each in snapshot.manifest() if each.dataset == dataset]
    if dataset in _OWN and place.name != DEFAULT_AREA:
        return []
    if not held or place.name != DEFAULT_AREA:
        return [Holding(dataset, "nothing", "")]
    return [Holding(dataset, "snapshot", each.id, retrieved=each.retrieved) for each in held]


def _build_of(place: Area, folder: Path) -> tuple[tuple[str, ...], str]:
    """Return the sources that a build would use, or why it cannot be made.

    To know it all tables are read, as a build does. While the files stay as they are, so does the
    answer: it is written down.
    """
    path, mark = folder / store.RAW / REMEMBERED, _mark(folder)
    areas: dict[str, Any] = {}
    try:
        known = untrusted.read_json(path)
        areas = dict(known["areas"]) if known["mark"] == mark else {}
        found = areas.get(place.code)
        if found:
            uses = tuple(untrusted.plain(each, most=80) for each in found["uses"])
            lines = str(found["lacks"]).splitlines()
            return uses, "\n".join(untrusted.plain(each) for each in lines)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        areas = {}
    uses, lacks = _gathered(place, folder)
    if path.parent.is_dir():
        areas[place.code] = {"uses": uses, "lacks": lacks}
        with contextlib.suppress(WorkspaceError):  # a folder that may only be read
            text = json.dumps({"mark": mark, "areas": areas})
            atomic.write(path, text, within=folder)
    return uses, lacks


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


def _gathered(place: Area, folder: Path) -> tuple[tuple[str, ...], str]:
    from bolton_jsna.building.gathering import gather
    from bolton_jsna.origins import SEPARATOR

    try:
        found = gather(place, workspace=folder)
    except BoltonJsnaError as error:
        return (), str(error)
    tables = [
        found.projections,
        found.idaci,
        found.children,
        found.lookup,
        *([] if found.wards is None else [found.wards]),
        found.children_in_need,
        *found.neighbours.values(),
    ]
    ids = {
        part for table in tables for each in table["source"] for part in str(each).split(SEPARATOR)
    }
    return tuple(sorted(ids)), ""


def _built(folder: Path) -> str:
    from bolton_jsna.building.places import RECORD

    try:
        said = untrusted.read_json(folder / RECORD)["finished"]
        return dt.datetime.fromisoformat(said).isoformat()
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _built_area(folder: Path) -> str:
    from bolton_jsna.building.places import RECORD

    try:
        return untrusted.plain(untrusted.read_table(folder / RECORD).get("area"), most=80)
    except (OSError, untrusted.UntrustedError):
        return ""
