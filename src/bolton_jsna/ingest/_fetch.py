"""One file from its publisher to its place: asked for, checked, read, compared, put."""

from __future__ import annotations

import dataclasses
import importlib
import logging
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.catalogue import Way
from bolton_jsna.catalogue import dataset as dataset_of
from bolton_jsna.core.areas import Area
from bolton_jsna.core.commands import with_workspace
from bolton_jsna.core.errors import BoltonJsnaError, SourceError, short
from bolton_jsna.core.naming import safe_name
from bolton_jsna.ingest import (
    _last_copy,
    _record_changes,
    _validate,
    file_status,
    lockfile,
    national_files,
    store,
)
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.ingest.diff import Change, journal
from bolton_jsna.ingest.jobs import Outcome, Settings, Task
from bolton_jsna.ingest.lockfile import Entry
from bolton_jsna.ingest.policy import Decision, Verdict
from bolton_jsna.services import Fetched, Known, Wanted, responses
from bolton_jsna.services.progress_text import in_words
from bolton_jsna.services.responses import OtherEditionError
from bolton_jsna.tables.coverage import shortfall
from bolton_jsna.tables.population import area_codes as population_areas

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.services.http import Session

_log = logging.getLogger(__name__)

_NOTHING_NEWER = "the publisher has nothing newer"
_UNKNOWN = (
    "It is not known whether {service} has something newer, so the copy at rest was kept: {doubt}"
)
_FEWEST = 0.8  # a copy with fewer of the former rows than this looks cut


def act(
    task: Task,
    entry: Entry | None,
    decision: Decision,
    *,
    entries: national_files.Entries,
    session: Session,
    incoming: Path,
    settings: Settings,
) -> tuple[Outcome, national_files.Changed, Change | None]:
    """Do what was decided about a file."""
    if decision.action == "none":
        return file_status.standing(task, entry, decision, settings), {}, None
    held = entry is not None and decision.verdict != "missing"
    sent = session.requests_sent
    shared = national_files.intact(task, entries, settings.folder)
    troubles: list[str] = []
    blocked: list[str] = []
    moved_on, edition = False, task.edition
    for way in edition.ways:
        if held and entry and troubles and not moved_on:
            # A night's failure is no reason to swap a good copy for another service's.
            break
        own = entry if held else None
        copy = shared if national_files.is_national(task, way) and shared is not None else own
        asks = decision.action == "ask" or (copy is not own and not settings.force)
        known = _last_copy.known(copy) if copy is not None and asks else None
        if copy is not None and copy.asked != task.question(way):
            known = None
        place = Path(tempfile.mkdtemp(dir=incoming))
        session.begin(lockfile.key_of(edition.dataset, edition.edition, edition.part))
        try:
            doubt = "" if moved_on else responses.once(troubles)
            ask = _Ask(task, way, own, copy, known, place, entries, doubt)
            if ask.is_shared and copy is not None and _is_fresh(task, copy, settings):
                return _shared(ask, copy, settings)
            brought = _brought(ask, session, settings)
            session.ended()
            return brought  # noqa: TRY300 (what fails in there is handled below)
        except (BoltonJsnaError, OSError) as error:
            troubles.append(str(error))
            moved_on = isinstance(error, OtherEditionError)
        except Exception as error:  # noqa: BLE001 (an answer no client foresaw must not stop the rest)
            moved_on = False
            _log.debug("%s", task.key, exc_info=True)
            said = short(error, 100)
            troubles.append(
                f"The answer of {in_words(way.service)} could not be understood "
                f"({type(error).__name__}: {said})."
            )
        session.ended("" if moved_on else troubles[-1])
        blocked.append(session.blocked)
    # Where the network here lets nothing through, one reason says it for all services.
    trouble = responses.once(blocked[:1] if all(blocked) else troubles)
    if shared is not None and task.area is not None and (entry is None or not entry.held):
        joins = _joins_anyway(task, shared, trouble, entries, settings)
        if joins is not None:
            return joins
    not_asked = settings.moment if session.requests_sent == sent else ""
    return _failed(task, entry, trouble, held=held, settings=settings, not_asked=not_asked)


def _is_fresh(task: Task, shared: Entry, settings: Settings) -> bool:
    """Report whether a national file needs no request: each run asks about it once."""
    return (
        shared.checked == settings.moment
        or file_status.decided(task, shared, settings).action == "none"
    )


@dataclass(frozen=True)
class _Ask:
    """One try at one file: whom to ask, the copy at rest, and where the bytes may go.

    ``entry`` is the copy that the task relies on, ``copy`` the one that an answer is compared
    with: the same, or a national file that the task does not rely on yet. ``doubt`` is what went
    wrong at a service that comes before this one.
    """

    task: Task
    way: Way
    entry: Entry | None
    copy: Entry | None
    known: Known | None
    place: Path
    entries: national_files.Entries
    doubt: str = ""

    @property
    def is_shared(self) -> bool:
        """Whether the copy is a national file that is used in place of the task's own."""
        return (
            self.copy is not None
            and not self.copy.area_code
            and national_files.is_national(self.task, self.way)
        )

    @property
    def areas(self) -> tuple[str, ...]:
        """Whose rows of a national file are read; none where all are."""
        if self.task.area is None or not national_files.is_national(self.task, self.way):
            return ()
        shared = national_files.national(self.task, self.entries)
        return tuple(sorted({*(shared.areas if shared else ()), self.task.area.code}))


def _shared(
    ask: _Ask, shared: Entry, settings: Settings, *, doubt: str = ""
) -> tuple[Outcome, national_files.Changed, Change | None]:
    """Use a national file that is there for one more authority, or go on using it."""
    task, doubt, code = ask.task, doubt or ask.doubt, ask.task.area.code if ask.task.area else ""
    new = national_files.joined(shared, [code])
    if ask.entry is not None and ask.entry.key == shared.key:
        fresh = shared.retrieved == settings.moment
        reason = (
            f"in the file fetched for {national_files.names(shared)}" if fresh else _NOTHING_NEWER
        )
        kept = _last_copy.kept(task, new, settings)
        found = file_status.outcome(
            task, new, "updated" if fresh else "unchanged", reason, kept=kept
        )
        return found, {new.key: new}, None
    if doubt and ask.entry is not None:
        raise SourceError(_UNKNOWN.format(service=in_words(ask.way.service), doubt=doubt))
    raw_folder, dataset = settings.folder / store.RAW, task.edition.dataset
    what = f"{in_words(shared.service)}, {task.key}"
    after = raw.read_file(dataset, raw_folder / shared.path, areas=[code])
    _validate.refuse_another(task.edition, task.area, after, None, what=what)
    before = _last_copy.before(dataset, raw_folder / ask.entry.path if ask.entry else None)
    if doubt:
        new = dataclasses.replace(new, failed=settings.moment, failure=doubt)
    became: national_files.Changed = {new.key: new, **national_files.cleared(task, ask.entries)}
    change = _record_changes.compared(task, ask.entry, new, before, after, settings=settings)
    store.note(became, settings.folder, keep=settings.keep)
    journal.confirm(raw_folder, change)
    found = _updated(task, new, change, len(after), doubt=doubt, settings=settings)
    return found, became, change


def _joins_anyway(
    task: Task, shared: Entry, trouble: str, entries: national_files.Entries, settings: Settings
) -> tuple[Outcome, national_files.Changed, Change | None] | None:
    """Use a national file that is there though nobody could be asked; None if it is no use."""
    raw_folder, code = settings.folder / store.RAW, task.area.code if task.area else ""
    new = national_files.joined(shared, [code])
    try:
        after = raw.read_file(new.dataset, raw_folder / new.path, areas=[code])
    except BoltonJsnaError as error:
        _log.debug("%s: %s", task.key, error)
        return None
    found, noted, _ = _failed(task, new, trouble, held=True, settings=settings)
    became = noted | national_files.cleared(task, entries)
    if code in shared.areas:
        return found, became, None
    change = _record_changes.compared(task, None, new, None, after, settings=settings)
    store.note(became, settings.folder, keep=settings.keep)
    journal.confirm(raw_folder, change)
    return found, became, change


def _updated(
    task: Task, new: Entry, change: Change, rows: int, *, doubt: str, settings: Settings
) -> Outcome:
    reason = f"{rows:,} rows" if change.first else str(change)
    if doubt:
        reason += f". It is not known whether this is the newest: {doubt}"
    found = file_status.outcome(
        task, new, "updated", reason, kept=_last_copy.kept(task, new, settings)
    )
    return dataclasses.replace(found, doubt=doubt)


def _noted(
    ask: _Ask,
    new: Entry,
    path: Path,
    after: pd.DataFrame,
    *,
    former: Entry | None,
    before: pd.DataFrame | None,
    settings: Settings,
) -> list[Change]:
    """Return what a new copy changes: for its task and, where that joins them, for others."""
    task, shared, area = ask.task, ask.copy, ask.task.area
    if shared is None or area is None or not ask.is_shared or area.code in shared.areas:
        return [_record_changes.compared(task, former, new, before, after, settings=settings)]
    return _record_changes.joining(task, ask.entry, shared, new, path, settings=settings)


def _brought(
    ask: _Ask, session: Session, settings: Settings
) -> tuple[Outcome, national_files.Changed, Change | None]:
    task, way, entry = ask.task, ask.way, ask.copy
    service = in_words(way.service)
    fetch: Callable[..., Fetched] = importlib.import_module(
        f"bolton_jsna.services.{way.service}"
    ).fetch
    edition = task.edition
    wanted = Wanted(edition.dataset, edition.edition, way.service, way.ask, task.area)
    got = fetch(wanted, session, ask.place, ask.known)
    doubt = responses.once([each for each in (ask.doubt, got.doubt) if each])
    if doubt and ask.entry is not None:
        raise SourceError(_UNKNOWN.format(service=service, doubt=doubt))
    if got.path is None:
        if ask.known is None or entry is None:
            raise SourceError(
                f"{service} says that nothing has changed, though there was no copy to compare "
                f"with. Run {task.force}."
            )
        same = _last_copy.renewed(entry, got, settings)
        if ask.is_shared:
            return _shared(ask, same, settings, doubt=doubt)
        kept = _last_copy.kept(task, same, settings)
        return (
            file_status.outcome(task, same, "unchanged", _NOTHING_NEWER, kept=kept),
            {same.key: same},
            None,
        )
    national = national_files.is_national(task, way)
    path = ask.place / _name(None if national else task.area, got.name)
    if got.path != path:
        got.path.replace(path)
    fingerprint = store.fingerprint(path)
    if entry is not None and entry.sha256 == fingerprint and not file_status.is_cut(task, entry):
        same = _last_copy.renewed(entry, got, settings, asked=task.question(way))
        if ask.is_shared:
            return _shared(ask, same, settings, doubt=doubt)
        reason, kept = "fetched again, the same bytes", _last_copy.kept(task, same, settings)
        return (
            file_status.outcome(task, same, "unchanged", reason, kept=kept),
            {same.key: same},
            None,
        )
    facts = dataset_of(edition.dataset)
    checked = _validate.check(
        path, what=f"{service}, {task.key}", columns=edition.columns, promised=got.rows
    )
    after = raw.read_file(edition.dataset, path, areas=ask.areas)
    old = settings.folder / store.RAW / entry.path if entry is not None else None
    whose = ask.areas or national_files.rows_of(task, entry)
    before = _last_copy.before(edition.dataset, old, whose)
    _validate.refuse_another(
        edition,
        task.area,
        after,
        None if settings.force else before,
        what=f"{service}, {task.key}",
    )
    if before is not None and not settings.force and len(after) < _FEWEST * len(before):
        raise SourceError(
            f"{service} sent {len(after):,} rows where the copy at rest has {len(before):,}: "
            f"that looks cut. If the publisher has taken rows away, run {task.force}."
        )
    in_part = national and edition.dataset in raw.BY_AREA
    short = shortfall(population_areas.areas_in(path, after) if in_part else after, way.whole)
    if short and not settings.force:
        raise SourceError(
            f"{service} sent {short}: that looks cut. Expected the whole of England. If the "
            f"publisher's file has no more, run {task.force}."
        )
    new = Entry(
        dataset=edition.dataset,
        edition=edition.edition,
        part=edition.part,
        area_code=task.area.code if task.area and not national else "",
        areas=ask.areas,
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
        notes=(*got.notes, *([f"{file_status.ACCEPTED} {short}"] if short else [])),
        failed=settings.moment if doubt else "",
        failure=doubt,
    )
    new = dataclasses.replace(new, sha256=fingerprint, size=path.stat().st_size)
    former, was, by_hand = _former(ask, before, whose, settings)
    noted = _noted(ask, new, path, after, former=former, before=was, settings=settings)
    others = (national_files.cleared if national else national_files.left)(task, ask.entries)
    put = store.put(path, new, settings.folder, keep=settings.keep, others=others)
    journal.confirm(settings.folder / store.RAW, *noted)
    found = _updated(task, put, noted[0], len(after), doubt=doubt, settings=settings)
    found = dataclasses.replace(found, reason=found.reason + by_hand)
    return found, {put.key: put, **others}, noted[0]


def _former(
    ask: _Ask, before: pd.DataFrame | None, areas: Sequence[str], settings: Settings
) -> tuple[Entry | None, pd.DataFrame | None, str]:
    """Return what a new copy is compared with, and where one goes that was changed by hand."""
    entry = ask.entries.get(ask.task.key)
    if ask.copy is not None or entry is None or not entry.held:
        return ask.copy, before, ""
    path = settings.folder / store.RAW / entry.path
    if not path.is_file():
        return None, before, ""
    by_hand = "; the copy that was changed by hand is in .superseded/"
    return entry, _last_copy.before(entry.dataset, path, areas), by_hand


def _failed(
    task: Task,
    entry: Entry | None,
    trouble: str,
    *,
    held: bool,
    settings: Settings,
    not_asked: str = "",
) -> tuple[Outcome, national_files.Changed, Change | None]:
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
        entry if (held or changed) and entry is not None else blank,
        failed=since,
        failure=trouble,
        not_asked=not_asked,
    )
    kept = (
        f"data/raw/{noted.path} as it was changed by hand"
        if changed
        else _last_copy.kept(task, noted if held else None, settings)
    )
    verdict: Verdict = "stale" if kept else "missing"
    reason = with_workspace(trouble, settings.folder)
    return file_status.outcome(task, noted, verdict, reason, kept=kept), {noted.key: noted}, None


def _name(area: Area | None, name: str) -> str:
    """Return a safe file name that no other area's file of the edition has."""
    safe = safe_name(name)
    code = area.code if area else ""
    return f"{code}_{safe}" if code and code not in safe else safe
