"""One file from its publisher into the store: fetch, check, read, compare, put in place."""

from __future__ import annotations

import dataclasses
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.catalogue import Way
from bolton_jsna.catalogue import dataset as dataset_of
from bolton_jsna.catalogue.publishers import publisher
from bolton_jsna.core.commands import with_workspace
from bolton_jsna.core.errors import BoltonJsnaError, SourceError, short
from bolton_jsna.core.naming import safe_name
from bolton_jsna.ingest import (
    _last_copy,
    _record_changes,
    _validate,
    file_status,
    national_files,
    store,
)
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.ingest.diff import Change, journal
from bolton_jsna.ingest.jobs import Outcome, Settings, Task
from bolton_jsna.ingest.lockfile import LockEntry
from bolton_jsna.ingest.policy import Decision, Verdict
from bolton_jsna.services import Fetched, StoredCopy, Wanted, redaction, registry
from bolton_jsna.services.responses import OtherEditionError
from bolton_jsna.tables.coverage import shortfall
from bolton_jsna.tables.population import area_codes as population_areas

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.services.http import Session

_log = logging.getLogger(__name__)

_NOTHING_NEWER = "the publisher has nothing newer"
_FEWEST = 0.8  # a file with a smaller share of the rows of the copy before looks incomplete


@dataclass(frozen=True)
class Result:
    """How a file stands, what becomes of entries of the lock file, and what a new copy changed."""

    outcome: Outcome
    entries: national_files.Changed = field(default_factory=dict)
    change: Change | None = None


@dataclass(frozen=True)
class _Attempt:
    """One attempt to fetch one file from one service.

    ``entry`` is the copy that the task relies on. ``copy`` is the one that a new file is compared
    with: the same, or a national file that the task does not rely on yet. ``doubt`` is what went
    wrong at the services before this one.
    """

    task: Task
    way: Way
    entry: LockEntry | None
    copy: LockEntry | None
    known: StoredCopy | None
    folder: Path
    entries: national_files.Entries
    settings: Settings
    doubt: str = ""

    @property
    def is_national(self) -> bool:
        """Whether the service gives a national file for a task of one authority."""
        return national_files.is_national(self.task, self.way)

    @property
    def is_shared(self) -> bool:
        """Whether the copy is a national file that is used in place of the task's own."""
        return self.copy is not None and not self.copy.area_code and self.is_national

    @property
    def areas(self) -> tuple[str, ...]:
        """Whose rows of a national file are read; empty for all rows."""
        if self.task.area is None or not self.is_national:
            return ()
        shared = national_files.national(self.task, self.entries)
        return tuple(sorted({*(shared.areas if shared else ()), self.task.area.code}))

    def reject_doubt(self, doubt: str) -> None:
        """Raise an error if a copy would be replaced by one that may not be the newest."""
        if doubt and self.entry is not None:
            raise SourceError(
                f"It is not known whether {publisher(self.way.service).name} has a newer file, so "
                f"the stored copy is kept: {doubt}"
            )


def process(
    task: Task,
    entry: LockEntry | None,
    decision: Decision,
    *,
    entries: national_files.Entries,
    session: Session,
    incoming: Path,
    settings: Settings,
) -> Result:
    """Do what was decided about a file."""
    if decision.action == "none":
        return Result(file_status.standing(task, entry, decision, settings))
    held = entry is not None and decision.verdict != "missing"
    sent = session.requests_sent
    shared = national_files.intact(task, entries, settings.raw)
    troubles: list[str] = []
    blocked: list[str] = []
    moved_on = False
    for way in task.edition.ways:
        if held and troubles and not moved_on:
            # A failure of one night is no reason to replace a good copy by another service's.
            break
        own = entry if held else None
        copy = shared if shared is not None and national_files.is_national(task, way) else own
        ask = decision.action == "ask" or (copy is not own and not settings.force)
        known = _last_copy.known(copy) if copy is not None and ask else None
        if copy is not None and copy.asked != task.question(way):
            known = None
        folder = Path(tempfile.mkdtemp(dir=incoming))
        session.begin(str(task.id._replace(area_code="")))
        try:
            doubt = "" if moved_on else redaction.join_messages(troubles)
            attempt = _Attempt(task, way, own, copy, known, folder, entries, settings, doubt)
            if copy is not None and attempt.is_shared and _is_fresh(task, copy, settings):
                return _shared(attempt, copy)
            result = _fetched(attempt, session)
            session.outages.ended()
            return result  # noqa: TRY300 (errors in _fetched are handled below)
        except (BoltonJsnaError, OSError) as error:
            troubles.append(str(error))
            moved_on = isinstance(error, OtherEditionError)
        except Exception as error:  # noqa: BLE001 (one odd answer must not stop the other files)
            moved_on = False
            _log.debug("%s", task.key, exc_info=True)
            troubles.append(
                f"The answer of {publisher(way.service).name} could not be understood "
                f"({type(error).__name__}: {short(error, 100)})."
            )
        session.outages.ended("" if moved_on else troubles[-1])
        blocked.append(session.outages.blocked)
    # If the network here lets nothing through, the reason is the same for all services.
    trouble = redaction.join_messages(blocked[:1] if all(blocked) else troubles)
    if shared is not None and task.area is not None and (entry is None or not entry.held):
        joined = _joined_unasked(task, shared, trouble, entries, settings)
        if joined is not None:
            return joined
    not_asked = settings.moment if session.requests_sent == sent else ""
    return _failed(task, entry, trouble, held=held, settings=settings, not_asked=not_asked)


def _is_fresh(task: Task, shared: LockEntry, settings: Settings) -> bool:
    """Report whether a national file needs no request: each run asks about it once."""
    return (
        shared.key in settings.asked or file_status.decided(task, shared, settings).action == "none"
    )


def _shared(attempt: _Attempt, shared: LockEntry, doubt: str = "") -> Result:
    """Use a stored national file for one more authority, or go on using it."""
    task, settings, doubt = attempt.task, attempt.settings, doubt or attempt.doubt
    code = task.id.area_code
    new = national_files.joined(shared, [code])
    if attempt.entry is not None and attempt.entry.key == shared.key:
        if shared.key in settings.fetched:
            reason = f"in the file fetched for {national_files.names(shared)}"
            found = file_status.outcome(task, new, "updated", reason, settings)
        else:
            found = file_status.outcome(task, new, "unchanged", _NOTHING_NEWER, settings)
        return Result(found, {new.key: new})
    attempt.reject_doubt(doubt)
    dataset = task.edition.dataset
    after = raw.read_file(dataset, settings.raw / shared.path, areas=[code])
    _validate.reject_another(
        task.edition, task.area, after, None, what=task.described(shared.service)
    )
    before = _last_copy.before(
        dataset, settings.raw / attempt.entry.path if attempt.entry else None
    )
    if doubt:
        new = dataclasses.replace(new, failed=settings.moment, failure=doubt)
    became: national_files.Changed = {new.key: new}
    became |= national_files.cleared(task, attempt.entries)
    change = _record_changes.compared(task, attempt.entry, new, before, after, settings=settings)
    store.note(became, settings.folder, keep=settings.keep)
    journal.confirm(settings.raw, change)
    return Result(
        _updated(task, new, change, len(after), doubt=doubt, settings=settings), became, change
    )


def _joined_unasked(
    task: Task, shared: LockEntry, trouble: str, entries: national_files.Entries, settings: Settings
) -> Result | None:
    """Use a stored national file although no service could be asked; None if it is no use."""
    code = task.id.area_code
    new = national_files.joined(shared, [code])
    try:
        after = raw.read_file(new.dataset, settings.raw / new.path, areas=[code])
    except BoltonJsnaError as error:
        _log.debug("%s: %s", task.key, error)
        return None
    failed = _failed(task, new, trouble, held=True, settings=settings)
    became = failed.entries | national_files.cleared(task, entries)
    if code in shared.areas:
        return Result(failed.outcome, became)
    change = _record_changes.compared(task, None, new, None, after, settings=settings)
    store.note(became, settings.folder, keep=settings.keep)
    journal.confirm(settings.raw, change)
    return Result(failed.outcome, became, change)


def _updated(
    task: Task, new: LockEntry, change: Change, rows: int, *, doubt: str, settings: Settings
) -> Outcome:
    reason = f"{rows:,} rows" if change.first else str(change)
    if doubt:
        reason += f". It is not known whether this is the newest: {doubt}"
    found = file_status.outcome(task, new, "updated", reason, settings)
    return dataclasses.replace(found, doubt=doubt)


def _fetched(attempt: _Attempt, session: Session) -> Result:
    """Ask one service; store what it sends, or note that nothing has changed."""
    task, way, copy, settings = attempt.task, attempt.way, attempt.copy, attempt.settings
    edition = task.edition
    wanted = Wanted(edition.dataset, edition.edition, way.service, way.ask, task.area)
    got = registry.client(way.service).fetch(wanted, session, attempt.folder, attempt.known)
    doubt = redaction.join_messages([each for each in (attempt.doubt, got.doubt) if each])
    attempt.reject_doubt(doubt)
    if got.path is None:
        if attempt.known is None or copy is None:
            raise SourceError(
                f"{task.described(way.service)}: the service reports no change, but there "
                f"is no copy to compare with. Run {task.force}."
            )
        same = _last_copy.renewed(copy, got, settings)
        return _unchanged(attempt, same, _NOTHING_NEWER, doubt)
    path = attempt.folder / _name("" if attempt.is_national else task.id.area_code, got.name)
    if got.path != path:
        got.path.replace(path)
    fingerprint = store.fingerprint(path)
    if copy is not None and copy.sha256 == fingerprint and not file_status.is_cut(task, copy):
        same = _last_copy.renewed(copy, got, settings, asked=task.question(way))
        return _unchanged(attempt, same, "fetched again, the same bytes")
    return _stored(attempt, got, path, fingerprint, doubt)


def _unchanged(attempt: _Attempt, same: LockEntry, reason: str, doubt: str = "") -> Result:
    if attempt.is_shared:
        return _shared(attempt, same, doubt)
    found = file_status.outcome(attempt.task, same, "unchanged", reason, attempt.settings)
    return Result(found, {same.key: same})


def _stored(attempt: _Attempt, got: Fetched, path: Path, fingerprint: str, doubt: str) -> Result:
    """Check a new file, read it, compare it with the copy before, and put it in place."""
    task, way, settings, edition = attempt.task, attempt.way, attempt.settings, attempt.task.edition
    what = task.described(way.service)
    checked = _validate.check(path, what=what, columns=edition.columns, promised=got.rows)
    after = raw.read_file(edition.dataset, path, areas=attempt.areas)
    whose = attempt.areas or national_files.rows_of(task, attempt.copy)
    old = settings.raw / attempt.copy.path if attempt.copy is not None else None
    before = _last_copy.before(edition.dataset, old, whose)
    compared = None if settings.force else before
    _validate.reject_another(edition, task.area, after, compared, what=what)
    if compared is not None and len(after) < _FEWEST * len(compared):
        raise SourceError(
            f"{what}: the new file has {len(after):,} rows and the stored copy {len(compared):,}, "
            f"so it looks incomplete. If the publisher has removed rows, run {task.force}."
        )
    in_part = attempt.is_national and edition.dataset in raw.BY_AREA
    missing = shortfall(population_areas.areas_in(path, after) if in_part else after, way.whole)
    if missing and not settings.force:
        raise SourceError(
            f"{what}: the file has {missing}, so it looks incomplete. Expected the whole of "
            f"England. If the publisher's file has no more, run {task.force}."
        )
    new = LockEntry(
        dataset=edition.dataset,
        edition=edition.edition,
        part=edition.part,
        area_code="" if attempt.is_national else task.id.area_code,
        areas=attempt.areas,
        path=f"{edition.dataset}/{edition.edition}/{path.name}",
        sha256=fingerprint,
        size=path.stat().st_size,
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
        licence=dataset_of(edition.dataset).licence,
        notes=(*got.notes, *([f"{file_status.ACCEPTED} {missing}"] if missing else [])),
        failed=settings.moment if doubt else "",
        failure=doubt,
    )
    changes, by_hand = _changes(attempt, new, path, before, after, areas=whose)
    leave = national_files.cleared if attempt.is_national else national_files.left
    others = leave(task, attempt.entries)
    put = store.put(path, new, settings.folder, keep=settings.keep, others=others)
    journal.confirm(settings.raw, *changes)
    settings.asked.add(put.key)
    settings.fetched.add(put.key)
    found = _updated(task, put, changes[0], len(after), doubt=doubt, settings=settings)
    found = dataclasses.replace(found, reason=found.reason + by_hand)
    return Result(found, {put.key: put, **others}, changes[0])


def _changes(
    attempt: _Attempt,
    new: LockEntry,
    path: Path,
    before: pd.DataFrame | None,
    after: pd.DataFrame,
    *,
    areas: Sequence[str],
) -> tuple[list[Change], str]:
    """Return what a new copy changes, and where a copy goes that was changed by hand."""
    task, shared, settings = attempt.task, attempt.copy, attempt.settings
    if shared is not None and attempt.is_shared and task.id.area_code not in shared.areas:
        found = _record_changes.joining(task, attempt.entry, shared, new, path, settings=settings)
        return found, ""
    old, by_hand = shared, ""
    entry = attempt.entries.get(task.key)
    if old is None and entry is not None and (settings.raw / (entry.path or ".")).is_file():
        old, by_hand = entry, "; the copy that was changed by hand is in .superseded/"
        before = _last_copy.before(entry.dataset, settings.raw / entry.path, areas)
    change = _record_changes.compared(task, old, new, before, after, settings=settings)
    return [change], by_hand


def _failed(
    task: Task,
    entry: LockEntry | None,
    trouble: str,
    *,
    held: bool,
    settings: Settings,
    not_asked: str = "",
) -> Result:
    """Note a failure; the copy that there is stays in use."""
    # A copy that was changed by hand is still read, and the next copy replaces it.
    changed = not held and entry is not None and (settings.raw / (entry.path or ".")).is_file()
    noted = dataclasses.replace(
        entry if entry is not None and (held or changed) else LockEntry(*task.id),
        failed=(entry.failed if entry is not None else "") or settings.moment,
        failure=trouble,
        not_asked=not_asked,
    )
    kept = (
        f"data/raw/{noted.path} as it was changed by hand"
        if changed
        else _last_copy.kept(task, noted if held else None, settings)
    )
    reason = with_workspace(trouble, settings.folder)
    verdict: Verdict = "stale" if kept else "missing"
    return Result(
        file_status.outcome(task, noted, verdict, reason, settings, kept=kept), {noted.key: noted}
    )


def _name(code: str, name: str) -> str:
    """Return a safe file name that no other area's file of the edition has."""
    safe = safe_name(name)
    return f"{code}_{safe}" if code and code not in safe else safe
