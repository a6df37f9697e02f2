"""How long each stage of a build takes, and how much memory it needs."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bolton_jsna.building._options import BuildOptions


@dataclass(frozen=True)
class Stage:
    """A stage of a build: seconds by the clock and of the processor, and the most memory so far.

    ``megabytes`` is None on Windows, where a process does not know its most memory.
    """

    name: str
    seconds: float
    processor: float
    megabytes: float | None


@dataclass
class Stages:
    """The stages of a build, one after the other; nothing is noted unless it is asked for."""

    wanted: bool
    found: list[Stage] = field(default_factory=list)
    _name: str = ""
    _began: tuple[float, float] = (0.0, 0.0)

    def begin(self, name: str) -> None:
        """Begin a stage; the one before ends."""
        if self.wanted:
            self.end()
            self._name, self._began = name, _clocks()

    def end(self) -> None:
        """End the stage that was begun."""
        if not self._name:
            return
        took = [round(now - then, 3) for now, then in zip(_clocks(), self._began, strict=True)]
        self.found.append(Stage(self._name, took[0], took[1], _megabytes()))
        self._name = ""


def begun(options: BuildOptions, name: str) -> Stages:
    """Return the stages of a build that has begun the first."""
    found = Stages(options.profile)
    found.begin(name)
    return found


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _megabytes() -> float | None:
    """Return the most memory that this process has had, in MB."""
    if sys.platform == "win32":
        return None
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KB, macOS in bytes.
    return round(most / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def lines(stages: list[Stage]) -> list[str]:
    """Return the stages as the lines of a table."""
    found = [f"{'stage':20} {'seconds':>8} {'processor':>10} {'MB so far':>10}"]
    total = Stage(
        "all",
        sum(each.seconds for each in stages),
        sum(each.processor for each in stages),
        max((each.megabytes or 0 for each in stages), default=0) or None,
    )
    for each in (*stages, total):
        memory = "" if each.megabytes is None else f"{each.megabytes:.0f}"
        found.append(f"{each.name:20} {each.seconds:8.2f} {each.processor:10.2f} {memory:>10}")
    return found
