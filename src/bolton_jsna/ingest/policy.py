"""What is to be done about each file, decided before anything is done: pure, without network."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from bolton_jsna.core.timestamps import hours_since, span, when
from bolton_jsna.ingest.lockfile import LockEntry

Verdict = Literal["fresh", "unchanged", "updated", "stale", "missing"]
Action = Literal["none", "ask", "fetch"]

VERDICTS: tuple[Verdict, ...] = ("fresh", "unchanged", "updated", "stale", "missing")
"""fresh: checked lately, not asked. unchanged: asked, the publisher has nothing new. updated: new
bytes are in place. stale: there is a copy but the publisher could not be asked. missing: there is
none."""


@dataclass(frozen=True)
class Decision:
    """What is to be done about one file.

    Attributes
    ----------
    verdict : str
        How the file stands before anything is done: fresh, stale or missing.
    action : {"none", "ask", "fetch"}
        Leave it; ask whether it has changed; fetch it whatever it may be.
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
    """Return what is to be done about a file."""
    if entry is None or not entry.held:
        return Decision("missing", "fetch", "no copy yet")
    if not intact:
        return Decision("missing", "fetch", "the file is gone or has been changed by hand")
    anew = (
        "fetched anew as asked (force)"
        if force
        else "the catalogue asks for it in another way than before"
        if not same_question
        else "it has fewer rows than the whole of England has"
        if cut
        else ""
    )
    if anew:
        return Decision("stale", "fetch", anew)
    if entry.failed:
        return Decision("stale", "ask", f"not available since {when(entry.failed, now)}")
    age = hours_since(entry.checked, now)
    if age is not None and age < fresh_hours:
        left = fresh_hours - age
        checked = f"checked {when(entry.checked, now)}; due for a check in {span(left)}"
        return Decision("fresh", "none", checked)
    last = "never checked" if age is None else f"last checked {when(entry.checked, now)}"
    return Decision("stale", "ask", last)
