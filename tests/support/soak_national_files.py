"""Kill refreshes while authorities move between files of their own and a national one.

``python tests/support/soak_national_files.py --rounds 60``. A stand-in of the publishers runs in a
process of its own. Before each round Nomis has the projections of 2022, or has moved on, so that
they come from ONS's file of all authorities. Each refresh is a child that is sent SIGKILL at a
random moment. After it the store must verify, hold no stray file, and give the rows of each
authority once.
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

from bolton_jsna.building.refresh import refresh
from bolton_jsna.ingest import raw_tables, store
from stored import changed_files

DATASET, NAME = "population_projections", "population_projections@2022"
AREAS = ("Bolton", "Rochdale", "Bury")
CODES = ("E08000001", "E08000005", "E08000002")
ROWS = 91 * 26 * 3
KEY = ["area_code", "base_year", "year", "sex", "age"]


def serve(say: multiprocessing.connection.Connection) -> None:
    """Stand in for the publishers until told to stop; each word says what Nomis has."""
    from standin import StandIn, nomis

    with StandIn() as publishers:
        say.send(publishers.env())
        while word := say.recv():
            nomis.BASE, nomis.LAST = (2024, 2049) if word == "moved on" else (2022, 2047)
            say.send(True)


def fetch(folder: Path, areas: tuple[str, ...]) -> None:
    """Ask for everything anew, as Nomis may have moved on without a new date."""
    refresh(areas, workspace=folder, only=NAME, force=True, rebuild=False)


def child(folder: Path, areas: tuple[str, ...]) -> int:
    """Refresh in a child process, and return its id."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    with contextlib.suppress(BaseException):
        fetch(folder, areas)
    os._exit(0)


def wrong(folder: Path, there: set[str]) -> list[str]:
    """What is wrong with the store, and with the rows of the authorities that it has had."""
    found = list(changed_files(folder))
    entries = [each for each in store.entries(folder).values() if each.held]
    raw = folder / store.RAW
    seen = {each.relative_to(raw).as_posix() for each in store.raw_files(DATASET, folder)}
    found += sorted(seen ^ {each.path for each in entries})
    relying = [code for each in entries for code in (each.areas or (each.area_code,))]
    found += sorted(there - set(relying))
    table = raw_tables.table(DATASET, folder, areas=CODES)
    if table is not None:
        if table.duplicated(KEY).any():
            found.append("an authority's rows are there twice")
        found += [code for code in there if (table["area_code"] == code).sum() != ROWS]
    return found


def soak(rounds: int, seed: int) -> int:
    """Run the rounds; return how many were killed, or stop with what was found wrong."""
    chance = random.Random(seed)
    here, far = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(far,), daemon=True)
    server.start()
    os.environ.update(here.recv())
    killed = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        here.send("moved on")
        here.recv()
        fetch(folder, AREAS)  # warm: imports are done, the stand-in has made its zip
        began = time.monotonic()
        fetch(folder, AREAS)
        whole = time.monotonic() - began
        there = set(CODES)
        for number in range(1, rounds + 1):
            here.send(chance.choice(["moved on", "as before"]))
            here.recv()
            pid = child(folder, tuple(chance.sample(AREAS, chance.randint(1, 3))))
            time.sleep(chance.uniform(0, whole * 1.5))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            killed += os.WIFSIGNALED(status)
            found = wrong(folder, there)
            if found:
                sys.exit(f"round {number} (seed {seed}): {found}")
        fetch(folder, AREAS)
        left = [*wrong(folder, there), *(each.name for each in (folder / store.RAW).rglob("*.tmp"))]
        if left:
            sys.exit(f"the last refresh (seed {seed}): {left}")
    here.send("")
    server.join(5)
    return killed


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("--rounds", type=int, default=60)
    words.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = words.parse_args()
    done = soak(given.rounds, given.seed)
    print(f"{given.rounds} refreshes, {done} of them killed (seed {given.seed}): verified clean")
