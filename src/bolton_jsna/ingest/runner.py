"""Fetch several files in one run, while no other run can write to the workspace."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bolton_jsna.core.errors import SourceError, WorkspaceError
from bolton_jsna.ingest import _fetch, file_status, national_files, store
from bolton_jsna.ingest.diff import Change, journal
from bolton_jsna.ingest.diff import report as change_report
from bolton_jsna.ingest.jobs import Outcome, Settings, Task

if TYPE_CHECKING:
    from bolton_jsna.services.http import Session

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunResult:
    """The result of fetching several files.

    Attributes
    ----------
    outcomes : tuple of Outcome
        The state of each file.
    changes : tuple of Change
        What new copies changed; in a report, also what an interrupted refresh left.
    requests, received : int
        Requests sent and bytes of bodies received.
    network : str
        The problem of the network here and what to do about it; empty if there is none.
    """

    outcomes: tuple[Outcome, ...]
    changes: tuple[Change, ...]
    requests: int
    received: int
    network: str = ""


def fetch(
    tasks: Sequence[Task],
    settings: Settings,
    *,
    session: Session | None = None,
    wait: float = 600,
    starting: Callable[[int, int, str], None] | None = None,
    each: Callable[[Outcome], None] | None = None,
    report: bool = False,
) -> RunResult:
    """Decide about every file, then act, while no other run can write to the workspace."""
    # One file that fails never stops the others. A file is checked and read before it is put in
    # place. If the run is killed at any moment, the store has either the old file or the new one.
    from bolton_jsna.services.http import Session

    outcomes: list[Outcome] = []
    changed: list[Change] = []
    noted: national_files.Changed = {}
    try:
        with (
            store.guarded(settings.folder, wait=wait) as incoming,
            contextlib.nullcontext(session) if session is not None else Session() as opened,
        ):
            left = journal.begin(settings.raw)
            national_files.merge(settings.folder, incoming, keep=settings.keep)
            started = entries = store.entries(settings.folder)
            # Files that failed the last time come last: a file that stays broken for weeks would
            # otherwise stop the requests to its service before its other files are fetched.
            queue = sorted(tasks, key=lambda task: _has_failed(task, entries))
            decided = [
                file_status.decided(task, national_files.entry_of(task, entries), settings)
                for task in queue
            ]
            try:
                for number, (task, decision) in enumerate(zip(queue, decided, strict=True), 1):
                    if starting is not None:
                        starting(number, len(tasks), task.key)
                    result = _fetch.process(
                        task,
                        national_files.entry_of(task, entries),
                        decision,
                        entries=entries,
                        session=opened,
                        incoming=incoming,
                        settings=settings,
                    )
                    outcomes.append(log(result.outcome, each))
                    noted |= result.entries
                    entries = national_files.after(entries, result.entries)
                    if result.change is not None:
                        changed.append(result.change)
            finally:
                store.note(noted, settings.folder, started, keep=settings.keep)
            if report:
                # While the store is held, so that no other refresh reports the same.
                published = change_report.publish(settings.folder, when=settings.moment, left=left)
                changed = list(published)
    except WorkspaceError:
        raise
    except OSError as error:
        raise SourceError(
            f"{settings.raw} cannot be written: {error.strerror or error}. Files that were stored "
            "before stay. Free some space, give the user of this program write access, or choose "
            "another workspace."
        ) from error
    places = {task.key: place for place, task in enumerate(tasks)}
    return RunResult(
        tuple(sorted(outcomes, key=lambda outcome: places[outcome.file])),
        tuple(changed),
        opened.requests_sent,
        opened.bytes_received,
        opened.network,
    )


def _has_failed(task: Task, entries: national_files.Entries) -> bool:
    """Report whether the last request for a file failed."""
    entry = national_files.entry_of(task, entries)
    return entry is not None and bool(entry.failed) and not entry.not_asked


def log(outcome: Outcome, each: Callable[[Outcome], None] | None = None) -> Outcome:
    """Log an outcome, pass it to ``each``, and return it."""
    # A file that is missing or not renewed is logged as a warning, unless ``each`` prints it.
    _log.log(
        logging.WARNING if outcome.incomplete and each is None else logging.INFO,
        "%s: %s: %s%s",
        f"{outcome.file}, {outcome.in_place}" if outcome.in_place else outcome.file,
        outcome.verdict,
        outcome.reason,
        f" Kept: {outcome.kept}." if outcome.verdict == "stale" and outcome.kept else "",
    )
    if each is not None:
        each(outcome)
    return outcome
