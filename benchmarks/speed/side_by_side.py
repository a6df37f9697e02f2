"""Measure two ways of the same work in turns: a busy moment of the machine falls on both."""

import contextlib
import importlib.util
import io
import math
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Call = Callable[[], object]


class NotMeasured(Exception):  # noqa: N818 (it is an answer, not an error)
    """Why a claim cannot be measured here, such as published files that are not there."""


@dataclass(frozen=True)
class Pair:
    """The work of a claim, ready to be timed: ours, its peer, and the rows that each works on.

    A call may return a number of seconds that it took itself, such as a child process that leaves
    out its start; then that is its time.
    """

    ours: Call
    peer: Call | None
    rows: int
    peer_rows: int = 0


@dataclass(frozen=True)
class Claim:
    """Something the project says about its speed.

    Attributes
    ----------
    id, what : str
    prepare : callable
        Makes the work for a share of England, 1 for all of it.
    peer : str
        What it is measured next to; empty if there is nothing like it.
    needs : tuple of str
        Modules of the peer, by the names of their packages.
    rounds : int
    grows : bool
        Whether it is also timed at 1 and 10 per cent of England.
    slow : bool
        Left out of a quick run.
    """

    id: str
    what: str
    prepare: Callable[[float], Pair]
    peer: str = ""
    needs: tuple[str, ...] = ()
    rounds: int = 5
    grows: bool = False
    slow: bool = False

    @property
    def missing(self) -> list[str]:
        """The packages of the peer that are not installed."""
        return [each for each in self.needs if importlib.util.find_spec(each) is None]


@dataclass
class Times:
    """The seconds of each round."""

    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The middle of them."""
        return statistics.median(self.seconds)

    def as_json(self) -> dict[str, Any]:
        """Return them as they are written."""
        return {
            "median": round(self.median, 5),
            "min": round(min(self.seconds), 5),
            "max": round(max(self.seconds), 5),
            "rounds": len(self.seconds),
        }


def seconds(call: Call) -> float:
    """Return how long a call takes, or the time that it gives itself."""
    began = time.perf_counter()
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # those of the peers are not measured
        given = call()
    return given if isinstance(given, float) else time.perf_counter() - began


def in_turns(calls: Sequence[Call], rounds: int) -> list[Times]:
    """Return the times of calls that take turns; one round goes before that does not count."""
    found = [Times() for _ in calls]
    for turn in range(rounds + 1):
        for call, times in zip(calls, found, strict=True):
            took = seconds(call)
            if turn or rounds == 1:
                times.seconds.append(took)
        if rounds == 1:
            break
    return found


def exponent(rows: Sequence[int], times: Sequence[float]) -> float:
    """Return the slope of the logarithm of time on that of size: 1 is linear."""
    x, y = [math.log(each) for each in rows], [math.log(each) for each in times]
    mean_x, mean_y = statistics.fmean(x), statistics.fmean(y)
    across = sum((each - mean_x) ** 2 for each in x)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / across


def measured(claim: Claim, *, rounds: int | None = None, growth: bool = True) -> dict[str, Any]:
    """Return what a claim comes to, as it is written in the JSON of a run."""
    found: dict[str, Any] = {"id": claim.id, "what": claim.what, "peer": {"name": claim.peer}}
    try:
        pair = claim.prepare(1)
    except NotMeasured as why:
        return {**found, "not_measured": str(why)}
    calls = [pair.ours]
    if claim.missing:
        names = " ".join(claim.missing)
        found["peer"]["missing"] = f"not installed: pip install {names}"
    elif pair.peer is not None:
        calls.append(pair.peer)
    ours, *peer = in_turns(calls, rounds or claim.rounds)
    found |= {"rows": pair.rows, "ours": ours.as_json()}
    if peer:
        found["peer"] |= peer[0].as_json()
        # Of the same number of rows: a slow peer gets a part of them.
        same = pair.rows / (pair.peer_rows or pair.rows)
        found["peer"]["rows"] = pair.peer_rows or pair.rows
        found["ratio"] = round(same * peer[0].median / ours.median, 3)
    if claim.grows and growth:
        found["growth"] = _growth(claim, pair.rows, ours.median)
    return found


def _growth(claim: Claim, rows: int, whole: float) -> dict[str, Any]:
    sizes, times = [], []
    for share in (0.01, 0.1):
        part = claim.prepare(share)
        sizes.append(part.rows)
        times.append(in_turns([part.ours], 3)[0].median)
    sizes.append(rows)
    times.append(whole)
    return {
        "rows": sizes,
        "seconds": [round(each, 5) for each in times],
        "exponent": round(exponent(sizes, times), 2),
    }
