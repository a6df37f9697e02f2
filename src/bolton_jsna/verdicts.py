"""What is to be done about each file, decided before anything is done: pure, without network."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from bolton_jsna.lockfile import Entry
from bolton_jsna.moments import hours_since, span, when

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
    entry: Entry | None,
    *,
    intact: bool,
    same_question: bool = True,
    cut: bool = False,
    now: dt.datetime,
    fresh_hours: float,
    force: bool = False,
) -> Decision:
    """Return what is to be done about a file.

    Parameters
    ----------
    entry : Entry or None
        What the lock file says of it.
    intact : bool
        Whether the file is there with the bytes that were fetched.
    same_question : bool, default True
        Whether the catalogue still asks for what the file answers.
    cut : bool, default False
        Whether the file has fewer rows than it should.
    now : datetime
        The moment, with its time zone.
    fresh_hours : float
        For how many hours a copy that was checked counts as fresh.
    force : bool, default False
        Fetch it whatever it may be.

    Examples
    --------
    >>> moment = dt.datetime(2026, 11, 24, 6, tzinfo=dt.UTC)
    >>> decide(None, intact=False, now=moment, fresh_hours=12)
    Decision(verdict='missing', action='fetch', reason='no copy yet')
    >>> entry = Entry("idaci", "2025", path="idaci/2025/f.csv", checked="2026-11-24T04:00:00+00:00")
    >>> decide(entry, intact=True, now=moment, fresh_hours=12).reason
    'checked 2026-11-24 04:00 UTC, 2 hours ago; due for a check in 10 hours'
    >>> decide(entry, intact=True, now=moment, fresh_hours=1).action
    'ask'
    """
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
