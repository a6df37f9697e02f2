"""The decision about each file before anything is done, without network."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from bolton_jsna.core.timestamps import hours_since, span, when
from bolton_jsna.ingest.lockfile import LockEntry

Verdict = Literal["fresh", "unchanged", "updated", "stale", "missing"]
Action = Literal["none", "ask", "fetch"]

VERDICTS: tuple[Verdict, ...] = ("fresh", "unchanged", "updated", "stale", "missing")
"""fresh: checked recently, so the publisher was not asked. unchanged: the publisher has nothing
new. updated: a new file is in place. stale: there is a copy, but no newer one could be fetched.
missing: there is no copy."""


@dataclass(frozen=True)
class Decision:
    """What to do about one file.

    Attributes
    ----------
    verdict : str
        The state of the file before anything is done: fresh, stale or missing.
    action : {"none", "ask", "fetch"}
        Leave it; ask whether it has changed; fetch it in any case.
    reason : str
        Why.
    """

    verdict: Verdict
    action: Action
    reason: str


def decide(
    entry: LockEntry | None,
    *,
    intact: bool,
    same_question: bool = True,
    cut: bool = False,
    now: dt.datetime,
    fresh_hours: float,
    force: bool = False,
) -> Decision:
    """Return what to do about a file."""
    if entry is None or not entry.held:
        return Decision("missing", "fetch", "no copy yet")
    if not intact:
        return Decision("missing", "fetch", "the file was deleted or changed by hand")
    again = (
        "fetched again because of --force"
        if force
        else "the catalogue's request for it has changed"
        if not same_question
        else "it has fewer rows than the whole of England has"
        if cut
        else ""
    )
    if again:
        return Decision("stale", "fetch", again)
    if entry.failed:
        return Decision("stale", "ask", f"not available since {when(entry.failed, now)}")
    age = hours_since(entry.checked, now)
    if age is not None and age < fresh_hours:
        left = fresh_hours - age
        checked = f"checked {when(entry.checked, now)}; due for a check in {span(left)}"
        return Decision("fresh", "none", checked)
    last = "never checked" if age is None else f"last checked {when(entry.checked, now)}"
    return Decision("stale", "ask", last)
