"""Kill refreshes at random moments and look at what they leave: the store must verify every time.

``python tests/services/soak.py --rounds 200`` (or ``make soak``). A stand-in of the publishers runs
in a process of its own and publishes a revision before each round, so that there is always
something to fetch. Each refresh is a child that is sent SIGKILL at a random moment.
"""

import argparse
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bolton_jsna import building, catalogue, store, workspace
from bolton_jsna.lockfile import NAME
from bolton_jsna.refreshing import refresh

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
        refresh(folder, only=FILES, fresh_hours=0)
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
        refresh(folder, only=FILES)  # warm: imports are done, the stand-in has made its tables
        began = time.monotonic()
        refresh(folder, only=FILES, force=True)
        whole = time.monotonic() - began
        for number in range(1, rounds + 1):
            here.send(chance.choice(REVISED))
            here.recv()
            if chance.random() < 0.4:
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
            wrong = [*store.verify(folder), *strays(folder)]
            if wrong:
                sys.exit(f"round {number} (seed {seed}): {wrong}")
            if number % 20 == 0:
                for dataset in DATASETS:
                    workspace.table(dataset, folder)
                print(f"{number} refreshes, {killed} of them killed: clean", flush=True)
        last = refresh(folder, only=FILES, fresh_hours=0)
        left = [*store.verify(folder), *strays(folder)]
        left += [each.name for each in (folder / store.RAW).rglob("*.tmp")]
        left += [each.name for each in (folder / store.RAW).glob(".incoming")]
        if last.exit_code or left:
            sys.exit(f"the last refresh (seed {seed}): {last.outcomes} {left}")
        if build:
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
    done = soak(given.rounds, given.seed, build=not given.no_build)
    print(f"{given.rounds} refreshes, {done} of them killed (seed {given.seed}): verified clean")
