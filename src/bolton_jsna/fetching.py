"""One file from its publisher to its place: asked for, checked, read, compared, put."""

from __future__ import annotations

import dataclasses
import importlib
import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna import changes, checking, lockfile, snapshot, store
from bolton_jsna import workspace as raw
from bolton_jsna.areas import DEFAULT_AREA
from bolton_jsna.catalogue import Way
from bolton_jsna.catalogue import dataset as dataset_of
from bolton_jsna.changes import Change, journal, order
from bolton_jsna.commands import for_workspace
from bolton_jsna.errors import BoltonJsnaError, SourceError, short
from bolton_jsna.lockfile import Entry
from bolton_jsna.moments import when
from bolton_jsna.names import safe_name
from bolton_jsna.services import Fetched, Known, Wanted
from bolton_jsna.services.answers import OtherEditionError, scrubbed
from bolton_jsna.tables.whole import shortfall
from bolton_jsna.tasks import Outcome, Settings, Task
from bolton_jsna.verdicts import Decision, Verdict, decide

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.services.http import Session

_log = logging.getLogger(__name__)

_ACCEPTED = "taken with --force:"
"""How the note of a file begins that was accepted though it is not of the whole of England."""
_FEWEST = 0.8  # a copy with fewer of the former rows than this looks cut


def decided(task: Task, entry: Entry | None, settings: Settings) -> Decision:
    """Return what is to be done about a file, from the lock file and the bytes at rest."""
    raw_folder = settings.folder / store.RAW
    if settings.only_missing and entry and entry.held and (raw_folder / entry.path).is_file():
        return Decision("fresh", "none", f"fetched {when(entry.retrieved, settings.now)}")
    hours = task.edition.check_hours if settings.fresh_hours is None else settings.fresh_hours
    intact = entry is not None and lockfile.matches(raw_folder, entry)
    asked = {task.question(way) for way in task.edition.ways}
    return decide(
        entry,
        intact=intact,
        same_question=entry is None or entry.asked in asked,
        cut=entry is not None and _cut(task, entry),
        now=settings.now,
        fresh_hours=hours,
        force=settings.force,
    )


def _cut(task: Task, entry: Entry) -> bool:
    """Report whether a file that should have all LSOAs has fewer, and was not accepted so."""
    if any(note.startswith(_ACCEPTED) for note in entry.notes):
        return False
    lsoas = next((way.whole for way in task.edition.ways if way.service == entry.service), {})
    return entry.rows is not None and entry.rows < lsoas.get("lsoas", 0)


def standing(task: Task, entry: Entry | None, decision: Decision, settings: Settings) -> Outcome:
    """Return how a file stands before anything is done."""
    held = entry if decision.verdict != "missing" else None
    would = {"none": "", "ask": "; would be asked about", "fetch": "; would be fetched"}
    reason = decision.reason + would[decision.action]
    return _outcome(task, held, decision.verdict, reason, kept=_kept(task, held, settings))


def act(
    task: Task,
    entry: Entry | None,
    decision: Decision,
    *,
    session: Session,
    incoming: Path,
    settings: Settings,
) -> tuple[Outcome, Entry | None, Change | None]:
    """Do what was decided about a file.

    Returns
    -------
    Outcome, Entry or None, Change or None
        How it stands; the entry to note when the file itself stays; what a new copy changed.
    """
    if decision.action == "none":
        return standing(task, entry, decision, settings), None, None
    held = entry is not None and decision.verdict != "missing"
    troubles: list[str] = []
    blocked: list[str] = []
    moved_on = False
    for way in task.edition.ways:
        if held and entry and troubles and not moved_on:
            # A night's failure is no reason to swap a good copy for another service's.
            break
        known = _known(entry) if held and decision.action == "ask" and entry else None
        if known and entry and entry.asked != task.question(way):
            known = None
        place = Path(tempfile.mkdtemp(dir=incoming))
        session.begin()
        try:
            doubt = "" if moved_on else once(troubles)
            ask = _Ask(task, way, entry if held else None, known, place, doubt)
            return _brought(ask, session, settings)
        except (BoltonJsnaError, OSError) as error:
            troubles.append(str(error))
            moved_on = isinstance(error, OtherEditionError)
        except Exception as error:  # noqa: BLE001 (an answer no client foresaw must not stop the rest)
            _log.debug("%s", task.key, exc_info=True)
            said = short(error, 100)
            troubles.append(
                f"{way.service} could not make sense of it ({type(error).__name__}: {said})."
            )
        blocked.append(session.blocked)
    # Where the network here lets nothing through, one reason says it for all services.
    trouble = once(blocked[:1] if all(blocked) else troubles)
    return _failed(task, entry, trouble, held=held, settings=settings)


@dataclass(frozen=True)
class _Ask:
    """One try at one file: whom to ask, the copy at rest, and where the bytes may go.

    ``doubt`` is what went wrong at a service that comes before this one.
    """

    task: Task
    way: Way
    entry: Entry | None
    known: Known | None
    place: Path
    doubt: str = ""


def _brought(
    ask: _Ask, session: Session, settings: Settings
) -> tuple[Outcome, Entry | None, Change | None]:
    task, way, entry = ask.task, ask.way, ask.entry
    fetch: Callable[..., Fetched] = importlib.import_module(
        f"bolton_jsna.services.{way.service}"
    ).fetch
    edition = task.edition
    wanted = Wanted(edition.dataset, edition.edition, way.service, way.ask, task.area)
    got = fetch(wanted, session, ask.place, ask.known)
    doubt = once([each for each in (ask.doubt, got.doubt) if each])
    if doubt and entry is not None:
        raise SourceError(
            f"It is not known whether {way.service} has something newer, so the copy at rest was "
            f"kept: {doubt}"
        )
    if got.path is None:
        if ask.known is None or entry is None:
            raise SourceError(
                f"{way.service} says that nothing has changed, though there was no copy to compare "
                "with. Run bolton-jsna refresh --force."
            )
        same = _renewed(entry, got, settings)
        reason = "the publisher has nothing newer"
        return (
            _outcome(task, same, "unchanged", reason, kept=_kept(task, same, settings)),
            same,
            None,
        )
    path = ask.place / _name(task, got.name)
    if got.path != path:
        got.path.replace(path)
    fingerprint = store.fingerprint(path)
    if entry is not None and entry.sha256 == fingerprint and not _cut(task, entry):
        same = _renewed(entry, got, settings, asked=task.question(way))
        reason = "fetched again, the same bytes"
        return (
            _outcome(task, same, "unchanged", reason, kept=_kept(task, same, settings)),
            same,
            None,
        )
    facts = dataset_of(edition.dataset)
    checked = checking.check(
        path, what=f"{way.service}, {task.key}", columns=edition.columns, promised=got.rows
    )
    after = raw.read_file(edition.dataset, path)
    old = settings.folder / store.RAW / entry.path if entry is not None else None
    before = _before(edition.dataset, old)
    checking.refuse_another(
        edition,
        task.area,
        after,
        None if settings.force else before,
        what=f"{way.service}, {task.key}",
    )
    if before is not None and not settings.force and len(after) < _FEWEST * len(before):
        raise SourceError(
            f"{way.service} sent {len(after):,} rows where the copy at rest has {len(before):,}: "
            "that looks cut. If the publisher has taken rows away, run bolton-jsna refresh "
            f"--force --only {edition.id}."
        )
    short = shortfall(after, way.whole)
    if short and not settings.force:
        raise SourceError(
            f"{way.service} sent {short}: that looks cut. Expected the whole of England. If the "
            f"publisher's file has no more, run bolton-jsna refresh --force --only {edition.id}."
        )
    new = Entry(
        dataset=edition.dataset,
        edition=edition.edition,
        part=edition.part,
        area_code=task.area.code if task.area else "",
        path=f"{edition.dataset}/{edition.edition}/{path.name}",
        service=way.service,
        address=got.address,
        retrieved=settings.moment,
        checked=settings.moment,
        etag=got.etag,
        last_modified=got.last_modified,
        stamp=got.stamp,
        asked=task.question(way),
        rows=checked.rows if checked.rows is not None else got.rows,
        columns=checked.columns,
        licence=facts.licence,
        notes=(*got.notes, *([f"{_ACCEPTED} {short}"] if short else [])),
        failed=settings.moment if doubt else "",
        failure=doubt,
    )
    change = changes.compare(
        before,
        after,
        key=raw.key_of(edition.dataset),
        file=task.key,
        path=new.path,
        headings=(entry.columns if entry is not None else (), checked.columns),
        services=(entry.service if entry is not None else "", way.service),
        ranks=order.ranks(settings.areas, settings.folder) if before is not None else None,
    )
    raw_folder = settings.folder / store.RAW
    change = journal.add(
        raw_folder,
        change,
        dataclasses.replace(new, sha256=fingerprint, size=path.stat().st_size),
        moment=settings.moment,
        download=settings.only_missing,
    )
    put = store.put(path, new, settings.folder, keep=settings.keep)
    journal.confirm(raw_folder, change)
    reason = f"{len(after):,} rows" if change.first else str(change)
    if doubt:
        reason += f". It is not known whether this is the newest: {doubt}"
    found = _outcome(task, put, "updated", reason, kept=_kept(task, put, settings))
    return dataclasses.replace(found, doubt=doubt), None, change


def _failed(
    task: Task, entry: Entry | None, trouble: str, *, held: bool, settings: Settings
) -> tuple[Outcome, Entry | None, Change | None]:
    since = entry.failed if entry is not None and entry.failed else settings.moment
    # Bytes that were changed by hand are still read, and are what the next copy replaces.
    changed = (
        not held
        and entry is not None
        and entry.held
        and (settings.folder / store.RAW / entry.path).is_file()
    )
    blank = Entry(
        dataset=task.edition.dataset,
        edition=task.edition.edition,
        part=task.edition.part,
        area_code=task.area.code if task.area else "",
    )
    noted = dataclasses.replace(
        entry if (held or changed) and entry is not None else blank, failed=since, failure=trouble
    )
    kept = (
        f"data/raw/{noted.path} as it was changed by hand"
        if changed
        else _kept(task, noted if held else None, settings)
    )
    verdict: Verdict = "stale" if kept else "missing"
    reason = for_workspace(trouble, settings.folder)
    return _outcome(task, noted, verdict, reason, kept=kept), noted, None


def once(troubles: list[str]) -> str:
    """Join messages, each once.

    Words of an answer stand in them: what would steer a terminal, or is a password that a service
    sent back, is taken out.
    """
    each_once = " ".join(dict.fromkeys(troubles))
    return scrubbed("".join(c if c.isprintable() else " " for c in each_once))


def _known(entry: Entry) -> Known:
    return Known(
        address=entry.address,
        etag=entry.etag,
        last_modified=entry.last_modified,
        sha256=entry.sha256,
        stamp=entry.stamp,
    )


def _renewed(entry: Entry, got: Fetched, settings: Settings, *, asked: str = "") -> Entry:
    return dataclasses.replace(
        entry,
        checked=settings.moment,
        address=got.address or entry.address,
        etag=got.etag or entry.etag,
        last_modified=got.last_modified or entry.last_modified,
        stamp=got.stamp or entry.stamp,
        asked=asked or entry.asked,
        failed="",
        failure="",
    )


def _name(task: Task, name: str) -> str:
    """Return a safe file name that no other area's file of the edition has."""
    safe = safe_name(name)
    code = task.area.code if task.area else ""
    return f"{code}_{safe}" if code and code not in safe else safe


def _before(dataset: str, path: Path | None) -> pd.DataFrame | None:
    if path is None or not path.is_file():
        return None
    try:
        return raw.read_file(dataset, path)
    except BoltonJsnaError as error:
        _log.warning("the copy at rest of %s cannot be compared: %s", path.name, error)
        return None


def _kept(task: Task, entry: Entry | None, settings: Settings) -> str:
    """Say what there is to work with when nothing new can be had."""
    if entry is not None and entry.held:
        return f"the copy of {when(entry.retrieved, settings.now)}"
    if store.laid_by_hand(task.edition.dataset, settings.folder):
        return f"what was added by hand in data/raw/{task.edition.dataset}/"
    if any(each.name != DEFAULT_AREA for each in ([task.area] if task.area else settings.areas)):
        return ""
    held = [each.id for each in snapshot.manifest() if each.dataset == task.edition.dataset]
    exact = f"{task.edition.dataset}@{task.edition.edition}"
    chosen = exact if exact in held else max(held, default="")
    return f"the snapshot's {chosen} ({DEFAULT_AREA} and its comparators)" if chosen else ""


def _outcome(
    task: Task, entry: Entry | None, verdict: Verdict, reason: str, *, kept: str
) -> Outcome:
    held = entry if entry is not None and entry.held else None
    return Outcome(
        file=task.key,
        dataset=task.edition.dataset,
        edition=task.edition.edition,
        part=task.edition.part,
        area=task.area.name if task.area else "",
        verdict=verdict,
        reason=reason,
        kept=kept,
        path=held.path if held else "",
        retrieved=held.retrieved if held else "",
        service=held.service if held else task.edition.ways[0].service,
        rows=held.rows if held else None,
        notes=held.notes if held else (),
    )
