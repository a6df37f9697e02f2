"""Kill refreshes at random moments and look at what they leave: the store must verify every time.

Every change of a file that took place must be in the report once, when all rounds are done.

``python tests/support/soak.py --rounds 200`` (or ``make soak``). A stand-in of the publishers runs
in a process of its own and publishes a revision before each round, so that there is always
something to fetch. Each refresh is a child that is sent SIGKILL at a random moment.
"""

import argparse
import contextlib
import logging
import multiprocessing
import multiprocessing.connection
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pytest

import sketches
from bolton_jsna import building, catalogue
from bolton_jsna.building.refresh import refresh
from bolton_jsna.ingest import raw_tables, store
from bolton_jsna.ingest.diff import Change, journal, report
from bolton_jsna.ingest.lockfile import NAME
from stored import changed_files

FILES = ("idaci@2025", "idaci@2019", "statistical_neighbours@2025", "ward_boundaries@2025")
FILES += ("lookup@lsoa21-ward25", "lookup@lsoa21-ward24")
REVISED = ("idaci", "idaci", "statistical_neighbours")
DATASETS = sorted({each.partition("@")[0] for each in FILES})


def serve(say: multiprocessing.connection.Connection) -> None:
    """Stand in for the publishers until told to stop; each word received is a dataset to revise."""
    from standin import StandIn

    with StandIn() as publishers:
        say.send(publishers.env())
        while word := say.recv():
            publishers.world.revise(word)
            say.send(True)


def child(folder: Path) -> int:
    """Refresh in a child process, and return its id."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    with contextlib.suppress(BaseException):
        refresh(workspace=folder, only=FILES, fresh_hours=0)
    os._exit(0)


def strays(folder: Path) -> list[str]:
    """Files that a reader would see and the lock file does not know."""
    raw = folder / store.RAW
    known = {entry.path for entry in store.entries(folder).values()}
    seen = {
        path.relative_to(raw).as_posix()
        for dataset in DATASETS
        for path in store.raw_files(dataset, folder)
    }
    return sorted(seen ^ known)


class Ledger:
    """Which copies took their place, and which changes the report had, since it was opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.there = self.copies()
        self.took_place: Counter[str] = Counter()
        self.known = {each.id for each in self.changes()}
        self.reported: dict[str, str] = {}

    def copies(self) -> dict[str, tuple[str, str]]:
        entries = store.entries(self.folder).values()
        return {each.key: (each.sha256, each.retrieved) for each in entries if each.held}

    def changes(self) -> list[Change]:
        return [each for run in report.read(self.folder) for each in run.changes]

    def look(self) -> list[str]:
        """Look at what a refresh left; return what is in the report twice."""
        now = self.copies()
        self.took_place.update(key for key, copy in now.items() if self.there.get(key) != copy)
        self.there = now
        found = Counter((each.id, each.file) for each in self.changes())
        self.reported |= {name: file for name, file in found if name not in self.known}
        return [f"{file} is in the report twice" for (_, file), n in found.items() if n > 1]

    def differences(self) -> list[str]:
        """Return the files whose changes are in the report less or more often than they were."""
        reported = Counter(self.reported.values())
        return [
            f"{file} changed {self.took_place[file]} times and was reported {reported[file]} times"
            for file in sorted(self.took_place | reported)
            if self.took_place[file] != reported[file]
        ]


def soak(rounds: int, seed: int, *, build: bool) -> int:
    """Run the rounds; return how many were killed, or stop with what was found wrong."""
    from standin.world import small_catalogue

    chance = random.Random(seed)
    small = small_catalogue()
    catalogue._catalogue = lambda: small
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    os.environ.update(here.recv())
    killed = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        refresh(
            workspace=folder, only=FILES
        )  # warm: imports are done, the stand-in has made its tables
        began = time.monotonic()
        refresh(workspace=folder, only=FILES, force=True)
        whole = time.monotonic() - began
        ledger = Ledger(folder)
        for number in range(1, rounds + 1):
            here.send(chance.choice(REVISED))
            here.recv()
            if chance.random() < 0.4:
                with store.guarded(folder):
                    # Without lock file and copies nothing would show that they had been there.
                    journal.begin(folder / store.RAW)
                ledger.there = {}
                lock = folder / store.RAW / NAME
                lock.unlink(missing_ok=True)  # a store that is filled for the first time
                for dataset in DATASETS:
                    for path in store.raw_files(dataset, folder):
                        path.unlink()
            pid = child(folder)
            time.sleep(chance.uniform(0, whole * 1.1))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            killed += os.WIFSIGNALED(status)
            wrong = [*changed_files(folder), *strays(folder), *ledger.look()]
            if wrong:
                sys.exit(f"round {number} (seed {seed}): {wrong}")
            if number % 20 == 0:
                for dataset in DATASETS:
                    raw_tables.table(dataset, folder)
                print(f"{number} refreshes, {killed} of them killed: clean", flush=True)
        last = refresh(workspace=folder, only=FILES, fresh_hours=0)
        left = [*changed_files(folder), *strays(folder), *ledger.look(), *ledger.differences()]
        left += [each.name for each in (folder / store.RAW).rglob("*.tmp")]
        left += [each.name for each in (folder / store.RAW).glob(".incoming")]
        left += [each.name for each in (folder / store.RAW).glob(journal.FOLDER)]
        if last.exit_code or left:
            sys.exit(f"the last refresh (seed {seed}): {last.outcomes} {left}")
        if build:
            sketches.put_in_place(pytest.MonkeyPatch())
            building.build("Bolton", workspace=folder)
    here.send("")
    server.join(5)
    return killed


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("--rounds", type=int, default=200)
    words.add_argument("--seed", type=int, default=random.randrange(10**6))
    words.add_argument("--no-build", action="store_true")
    given = words.parse_args()
    # The stand-in's revisions move a score past its neighbours in rank, which is warned of.
    logging.getLogger("bolton_jsna").setLevel(logging.ERROR)
    done = soak(given.rounds, given.seed, build=not given.no_build)
    print(f"{given.rounds} refreshes, {done} of them killed (seed {given.seed}): verified clean")
