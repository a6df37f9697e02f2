"""The state of one file: what to do about it, and how it is reported."""

from __future__ import annotations

from bolton_jsna.catalogue import publishers
from bolton_jsna.core.timestamps import when
from bolton_jsna.ingest import _last_copy, lockfile
from bolton_jsna.ingest.jobs import Outcome, Settings, Task
from bolton_jsna.ingest.lockfile import LockEntry
from bolton_jsna.ingest.policy import Decision, Verdict, decide

ACCEPTED = "taken with --force:"
"""The start of the note on a file that was accepted although areas of England are missing."""


def decided(task: Task, entry: LockEntry | None, settings: Settings) -> Decision:
    """Return what is to be done about a file, from the lock file and the bytes on disk."""
    if settings.only_missing and entry and entry.held and (settings.raw / entry.path).is_file():
        return Decision("fresh", "none", f"fetched {when(entry.retrieved, settings.now)}")
    hours = task.edition.check_hours if settings.fresh_hours is None else settings.fresh_hours
    intact = entry is not None and lockfile.matches(settings.raw, entry)
    asked = {task.question(way) for way in task.edition.ways}
    return decide(
        entry,
        intact=intact,
        same_question=entry is None or entry.asked in asked,
        cut=entry is not None and is_cut(task, entry),
        now=settings.now,
        fresh_hours=hours,
        force=settings.force,
    )


def is_cut(task: Task, entry: LockEntry) -> bool:
    """Report whether a file that should have all LSOAs has fewer, and was not accepted as it is."""
    if any(note.startswith(ACCEPTED) for note in entry.notes):
        return False
    lsoas = next((way.whole for way in task.edition.ways if way.service == entry.service), {})
    return entry.rows is not None and entry.rows < lsoas.get("lsoas", 0)


def standing(
    task: Task, entry: LockEntry | None, decision: Decision, settings: Settings
) -> Outcome:
    """Return the state of a file before anything is done."""
    held = entry if decision.verdict != "missing" else None
    would = {"none": "", "ask": "; would be asked about", "fetch": "; would be fetched"}
    reason = decision.reason + would[decision.action]
    return outcome(task, held, decision.verdict, reason, settings)


def outcome(
    task: Task,
    entry: LockEntry | None,
    verdict: Verdict,
    reason: str,
    settings: Settings,
    *,
    kept: str | None = None,
) -> Outcome:
    """Return the outcome for a file, with the facts of its copy."""
    held = entry if entry is not None and entry.held else None
    return Outcome(
        file=task.key,
        dataset=task.edition.dataset,
        edition=task.edition.edition,
        part=task.edition.part,
        area=task.area.name if task.area else "",
        verdict=verdict,
        reason=reason,
        kept=_last_copy.kept(task, entry, settings) if kept is None else kept,
        path=held.path if held else "",
        retrieved=held.retrieved if held else "",
        service=held.service if held else task.edition.ways[0].service,
        rows=held.rows if held else None,
        notes=held.notes if held else (),
        in_place=publishers.in_place(task.edition, held.service) if held else "",
    )
