"""Several files fetched in one round, with the workspace held against any other."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bolton_jsna import fetching, standins, store
from bolton_jsna.changes import Change
from bolton_jsna.errors import SourceError, WorkspaceError
from bolton_jsna.tasks import Outcome, Settings, Task

if TYPE_CHECKING:
    from bolton_jsna.services.http import Session

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Round:
    """What was done about several files.

    Attributes
    ----------
    outcomes : tuple of Outcome
        How each file stands.
    changes : tuple of Change
        What new copies changed.
    requests, received : int
        Requests sent and bytes of bodies received.
    """

    outcomes: tuple[Outcome, ...]
    changes: tuple[Change, ...]
    requests: int
    received: int


def fetch(
    tasks: Sequence[Task],
    settings: Settings,
    *,
    session: Session | None = None,
    wait: float = 600,
    each: Callable[[Outcome], None] | None = None,
) -> Round:
    """Decide about every file, then do it, with the workspace held against any other fetching.

    One file that fails never stops the others. Bytes are checked, counted and read before they take
    their place; killed at any moment, the store is as it was or as it was to be.

    Parameters
    ----------
    tasks : sequence of Task
        The files.
    settings : Settings
        What holds for all of them.
    session : Session, optional
        Already opened.
    wait : float, default 600
        Seconds to wait for another fetching into the workspace to end.
    each : callable, optional
        Called with each outcome as it is known.

    Raises
    ------
    SourceError
        When another fetching takes too long, the lock file cannot be read, or the workspace
        cannot be written.
    """
    from bolton_jsna.services.http import Session

    outcomes: list[Outcome] = []
    changed: list[Change] = []
    noted: standins.Changed = {}
    try:
        with (
            store.guarded(settings.folder, wait=wait) as incoming,
            contextlib.nullcontext(session) if session is not None else Session() as opened,
        ):
            standins.merge(settings.folder, incoming, keep=settings.keep)
            started = entries = store.entries(settings.folder)
            decisions = [
                fetching.decided(task, standins.entry_of(task, entries), settings) for task in tasks
            ]
            try:
                for task, decision in zip(tasks, decisions, strict=True):
                    outcome, became, change = fetching.act(
                        task,
                        standins.entry_of(task, entries),
                        decision,
                        entries=entries,
                        session=opened,
                        incoming=incoming,
                        settings=settings,
                    )
                    outcomes.append(told(outcome, each))
                    noted |= became
                    entries = standins.after(entries, became)
                    if change is not None:
                        changed.append(change)
            finally:
                store.note(noted, settings.folder, started, keep=settings.keep)
    except WorkspaceError:
        raise
    except OSError as error:
        raise SourceError(
            f"{settings.folder / store.RAW} cannot be written: {error.strerror or error}. What was "
            "put in place before stays. Make room, let the user of this program write there, or "
            "name another workspace."
        ) from error
    return Round(tuple(outcomes), tuple(changed), opened.requests_sent, opened.bytes_received)


def told(outcome: Outcome, each: Callable[[Outcome], None] | None = None) -> Outcome:
    """Log an outcome, hand it to whoever listens, and return it.

    What is lacking is logged as a warning, unless somebody listens and will say it.
    """
    lacking = outcome.lacking
    _log.log(
        logging.WARNING if lacking and each is None else logging.INFO,
        "%s: %s: %s%s",
        f"{outcome.file}, {outcome.in_place}" if outcome.in_place else outcome.file,
        outcome.verdict,
        outcome.reason,
        f" Kept: {outcome.kept}." if lacking and outcome.kept else "",
    )
    if each is not None:
        each(outcome)
    return outcome
