"""Kill runs of many authorities at random moments, and look at what the next run makes of it.

``python tests/support/soak_many.py --kills 10`` (or ``make soak``). A run in a process group of its
own is sent SIGKILL, with its workers, and started again until the kills are used up; then one run
goes to its end. All files must be those of a run that was not killed, and what was complete before
a kill must not be written again. ``--workspace`` names a folder with ``data/raw/`` of published
files, and ``--area`` its authorities; without them a made-up Rochdale and Bolton are built.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

PARTS = ("areas", "data/processed/national", "data/cache/authorities")


def start(folder: Path, areas: Sequence[str], options: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a run in a process group of its own."""
    named = [word for each in areas for word in ("--area", each)]
    return subprocess.Popen(
        [sys.executable, "-m", "bolton_jsna", "build", *named, *options, "--quiet"],
        cwd=folder,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a run but the records, which have times."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for part in PARTS
        for path in sorted((folder / part).rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


def complete(folder: Path) -> dict[Path, int]:
    """The times of the files that mark an authority as complete: its record, and its figures."""
    marks = [*folder.glob("areas/*/data/processed/run.json")]
    marks += folder.glob("data/cache/authorities/*/E*/*.parquet")
    return {path: path.stat().st_mtime_ns for path in marks}


def soak(raw: Path, areas: Sequence[str], options: Sequence[str], kills: int, seed: int) -> int:
    """Kill and resume until there were as many kills; return how many runs went to their end."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as made:
        whole, killed = Path(made) / "whole", Path(made) / "killed"
        for folder in (whole, killed):
            shutil.copytree(raw, folder / "data" / "raw")
        began = time.monotonic()
        code = start(whole, areas, options).wait()
        took = time.monotonic() - began
        done = ended = 0
        while done < kills or not ended:
            before = complete(killed)
            run = start(killed, areas, options)
            if done < kills:
                time.sleep(chance.uniform(0.05, 0.7) * took)
            if done < kills and run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()
                done += 1
                check_kept(before, killed)
                continue
            assert run.wait() == code
            check_kept(before, killed)
            check_same(whole, killed)
            ended += 1
            for part in PARTS:  # from the beginning, for the kills that are left
                shutil.rmtree(killed / part, ignore_errors=True)
    return ended


def check_kept(before: dict[Path, int], folder: Path) -> None:
    """Fail if an authority that was complete was made again."""
    now = complete(folder)
    again = [path for path, when in before.items() if now.get(path) != when]
    assert not again, f"made twice: {again}"


def check_same(whole: Path, killed: Path) -> None:
    """Fail if the files are not those of a run that was not killed, or if a draft is left."""
    one, other = files(whole), files(killed)
    assert one.keys() == other.keys(), set(one) ^ set(other)
    unlike = [name for name in one if one[name] != other[name]]
    assert not unlike, unlike
    drafts = [path for path in killed.rglob(".*") if path.is_dir()]
    assert not drafts, f"left behind: {drafts}"


def main() -> None:
    """Soak, and print what was done."""
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("--kills", type=int, default=10)
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    words.add_argument("--workspace", type=Path)
    words.add_argument("--area", action="append")
    words.add_argument("--option", action="append", default=[], help="such as --option=--jobs=2")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as made:
        if given.workspace is None:
            from raw_files import lay_raw

            raw = lay_raw(Path(made)) / "data" / "raw"
            areas, options = given.area or ["Rochdale", "Bolton"], given.option
        else:
            raw, areas, options = given.workspace / "data" / "raw", given.area, given.option
        ended = soak(raw, areas, options, given.kills, given.seed)
    print(
        f"{given.kills} runs killed (seed {given.seed}); {ended} resumed to the end, all the same"
    )


if __name__ == "__main__":
    main()
