"""Kill refreshes while they build again and look at what they leave: the next one always builds.

``python tests/support/soak_rebuild.py --kills 100`` (or ``make soak``). The publishers' stand-in
issues the Indices anew before each round. Each refresh is a child that is sent SIGKILL at a random
moment of its build, every other one while the outputs are being put into place. Then a refresh that
finds nothing newer at the publishers must build. ``--build tables`` leaves the maps out, and
``--build quick`` takes a build of one table.
"""

import argparse
import contextlib
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bolton_jsna import building, catalogue
from bolton_jsna.building import _maps, _outputs, fingerprints, lock, paths
from bolton_jsna.building.refresh import refresh
from bolton_jsna.core import untrusted
from bolton_jsna.ingest import store
from quick_build import quick_build
from soak import serve
from standin.world import small_catalogue

FILE = "idaci@2025"


def child(folder: Path, where: str) -> tuple[int, int]:
    """Refresh in a child process; return its id and a pipe that is told when the kill is due."""
    sys.stdout.flush()
    told, tell = os.pipe()
    pid = os.fork()
    if pid:
        os.close(tell)
        return pid, told
    module, name = (building, "build") if where == "build" else (_outputs, "put_in_place")
    true = getattr(module, name)

    def announced(*words, **options):
        os.write(tell, b"x")
        return true(*words, **options)

    setattr(module, name, announced)
    with contextlib.suppress(BaseException):
        refresh(workspace=folder, only=FILE, fresh_hours=0)
    os._exit(0)


def kill_in(folder: Path, where: str, seconds: float) -> bool:
    """Kill a refresh so many seconds after its build, or its putting into place, has begun."""
    pid, told = child(folder, where)
    os.read(told, 1)
    os.close(told)
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def wrong(folder: Path) -> list[str]:
    """What is wrong with outputs that nothing should be newer than."""
    found = list(fingerprints.newer(folder))
    record = untrusted.read_table(folder / paths.RECORD)
    if store.entries(folder)[FILE].sha256 not in record["inputs"].values():
        found.append("the record is of another copy of the Indices")
    for name, digest in record["outputs"].items():
        if store.fingerprint(folder / name) != digest:
            found.append(f"{name} is not what the record says")
    there = {name for name in paths.OUTPUTS if (folder / name).exists()}
    found += [f"{name} is of an older build" for name in there - record["outputs"].keys()]
    return found + [path.name for path in folder.glob(f"{lock.STAGING}*")]


def soak(kills: int, seed: int, *, build: str) -> int:
    """Run rounds until so many were killed; return the rounds, or stop with what was wrong."""
    chance = random.Random(seed)
    small = small_catalogue()
    catalogue._catalogue = lambda: small
    if build == "quick":
        building.build = quick_build
    elif build == "tables":
        _maps.draw = lambda *_: None
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    os.environ.update(here.recv())
    killed = rounds = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        refresh(workspace=folder, only=FILE)
        building.build(workspace=folder)
        began = time.monotonic()
        building.build(workspace=folder)
        whole = time.monotonic() - began
        print(f"a build takes {whole:.1f} seconds", flush=True)
        while killed < kills:
            rounds += 1
            here.send("idaci")
            here.recv()
            where = chance.choice(["build", "put"])
            longest = whole if where == "build" else whole / 50
            hit = kill_in(folder, where, chance.uniform(0, longest))
            killed += hit
            due = bool(wrong(folder))
            if due and not fingerprints.newer(folder):
                sys.exit(f"round {rounds} (seed {seed}): nobody would build: {wrong(folder)}")
            if due and chance.random() < 0.2:
                killed += kill_in(folder, "build", chance.uniform(0, whole / 2))
                due = bool(wrong(folder))
            done = refresh(workspace=folder, only=FILE, fresh_hours=0)
            said = "was built again" in done.build
            left = wrong(folder)
            if done.exit_code or done.outcomes[0].verdict != "unchanged" or said != due or left:
                sys.exit(f"round {rounds} (seed {seed}): {done.outcomes[0]} {done.build!r} {left}")
            if rounds % 20 == 0:
                print(f"{rounds} rounds, {killed} killed: the next always built", flush=True)
    here.send("")
    server.join(5)
    return rounds


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("--kills", type=int, default=100)
    words.add_argument("--seed", type=int, default=random.randrange(10**6))
    words.add_argument("--build", choices=["whole", "tables", "quick"], default="whole")
    given = words.parse_args()
    number = soak(given.kills, given.seed, build=given.build)
    print(f"{given.kills} builds killed in {number} rounds (seed {given.seed}): always built again")
