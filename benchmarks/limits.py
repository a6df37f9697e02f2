"""Weigh the limits of the readers: with them and a process apart, and without, side by side.

    python benchmarks/limits.py [--rounds N] [--rows N] [csv] [parquet] [xlsx] [build]

*csv* and *parquet*: ``bolton-jsna check`` of a million illustrative rows; *xlsx*: the same of a
twentieth as many; *build*: Bolton's build of the snapshot in the package. Each run is an
interpreter of its own, alternately as shipped and bare. Bare means that whatever is read in a
process apart (``core.reading.isolated``) is
read by the same function in the process that asks, that no
limit of memory or time is set, that the text of a CSV is not counted and that every other limit
is out of reach. Seconds of the processor are those of a run and of its children; the ratio of
their medians is what is promised. A busy machine adds to both, so the least are shown too. Needs
POSIX, which tells them.
"""

import argparse
import importlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from local_records import ROWS, made_up, write

PROMISED = 1.10
WAYS = ("as shipped", "bare")


class Within:
    """What stands in for ``IsolatedReader``: the same answers, in this process."""

    def __init__(self, task: str, content: bytes, *, name: str, damaged: str, advice: str) -> None:
        self._given = task, content, name, damaged, advice
        self._answer: Callable[[dict[str, Any]], tuple[dict[str, Any], list[bytes]]] | None = None

    def ask(self, **question: Any) -> tuple[dict[str, Any], list[bytes]]:
        """Return the answer to a question."""
        if self._answer is None:
            task, content, name, *_ = self._given
            module, _, function = task.partition(":")
            self._answer = getattr(importlib.import_module(module), function)(content, name)
        return self._answer(question)

    def close(self) -> None:
        """Let go of the file."""
        self._answer = None


def bare() -> None:
    """Take the limits away, before the readers are imported."""
    from bolton_jsna.core.reading import delimited, isolated, limits

    for each in vars(limits):
        if each.isupper():
            setattr(limits, each, sys.maxsize)
    isolated.IsolatedReader = Within  # type: ignore[assignment,misc]

    def lines(self: delimited.Lines) -> Iterator[str]:
        # What a stray quote swallows is looked for in these, whatever the limits.
        for line in self._stream:
            self._held.append(line)
            yield line

    def nothing(*_: object) -> None:
        pass

    delimited.Lines.__iter__ = lines  # type: ignore[method-assign]
    delimited.checked = lambda *given: given[:2]
    from bolton_jsna.tables.local import cells as local_cells

    local_cells.check_text = nothing


def work(way: str, arguments: list[str]) -> None:
    """Run the command line in this process, one way or the other."""
    if way == "bare":
        bare()
    from bolton_jsna.cli import main as cli

    sys.argv = ["bolton-jsna", *arguments]
    cli.main()


def measured(way: str, arguments: list[str], folder: Path) -> tuple[float, float]:
    """Return the processor's seconds and those on the clock of one run."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            [sys.executable, __file__, "--work", way, *arguments],
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(arguments)} ({way}): {said.read().decode(errors='replace')}")
    return used.ru_utime + used.ru_stime, time.perf_counter() - began


def jobs(names: list[str], rows: int, folder: Path) -> dict[str, Callable[[], list[str]]]:
    """Return for each job what gives its arguments; the files are made here."""
    found: dict[str, Callable[[], list[str]]] = {}
    for name in names:
        if name == "build":
            found[name] = lambda: ["build", "--quiet", "--workspace", tempfile.mkdtemp(dir=folder)]
            continue
        path = folder / f"referrals.{name}"
        write(made_up(rows // 20 if name == "xlsx" else rows), path)
        found[name] = lambda path=path: ["check", str(path), "--kind", "referrals"]
    return found


def main(names: list[str], rounds: int, rows: int) -> int:
    """Print the medians of every job and their ratio; return 1 where one is above what is said."""
    above = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, arguments in jobs(names, rows, folder).items():
            found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
            for _ in range(rounds):
                for way in WAYS:
                    found[way].append(measured(way, arguments(), folder))
            processor, clock = (
                [statistics.median(run[which] for run in found[way]) for way in WAYS]
                for which in (0, 1)
            )
            ratio = processor[0] / processor[1]
            above += ratio > PROMISED
            print(
                f"{name:<8} processor {processor[0]:.2f} s as shipped, {processor[1]:.2f} s bare, "
                f"ratio {ratio:.3f}; clock {clock[0]:.2f} s and {clock[1]:.2f} s, ratio "
                f"{clock[0] / clock[1]:.3f}{' (more than promised)' if ratio > PROMISED else ''}",
                flush=True,
            )
            for way in WAYS:
                seconds = " ".join(f"{run[0]:6.2f}" for run in found[way])
                print(f"    {way:<11}{seconds}   least {min(found[way])[0]:.2f}", flush=True)
    print(f"medians of {rounds} runs each, in turn; promised: at most {PROMISED:.2f}")
    return 1 if above else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(sys.argv[2], sys.argv[3:])
    else:
        parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
        parser.add_argument("jobs", nargs="*", default=[])
        parser.add_argument("--rounds", type=int, default=5)
        parser.add_argument("--rows", type=int, default=ROWS)
        given = parser.parse_args()
        sys.exit(main(given.jobs or ["csv", "parquet", "xlsx", "build"], given.rounds, given.rows))
