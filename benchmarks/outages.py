"""Time a refresh while publishers fail: how long until it ends, and how much it asks for.

    python benchmarks/outages.py [--source PATH] [SCENARIO ...]

Each scenario is a refresh of an empty workspace, with the usual time limits, against a stand-in of
the publishers on this machine. ``--source`` names the ``src`` folder of another version of the
library, to time it in the same way. Without names every scenario is run, at the same time as the
others, because they do little but wait.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONG = 10**6
DFE = r"/ees_(site|content)/.*(csv|files)"
FILES = r"\.data\.(csv|json)|/query|/media/|/csv|/files/|/ons/file|fingertips"

SCENARIOS: dict[str, tuple[str, dict[str, object], str]] = {
    # name: (fault of the stand-in, its options, which datasets)
    "silent in mid-body, four files": (
        "stall",
        {"match": DFE, "seconds": LONG},
        "children_in_need",
    ),
    "everything 503": ("status", {"code": 503}, ""),
    "everything silent": ("timeout", {"seconds": LONG}, ""),
    "everything silent in mid-body": ("stall", {"seconds": LONG}, ""),
    "every body cut": ("cut", {}, ""),
    "every connection dropped": ("drop", {}, ""),
    "everything trickles": ("trickle", {"size": 1, "seconds": 20}, ""),
    "gateways time out, 20 seconds each": ("slow_status", {"code": 504, "seconds": 20}, ""),
    "answers forbid, 14 seconds each": ("slow_status", {"code": 403, "seconds": 14}, ""),
    "each asks for a minute (429)": ("too_many", {"after": 59}, ""),
    "pages well, files silent": ("timeout", {"match": FILES, "seconds": LONG}, ""),
    "DfE alone 503": ("status", {"code": 503, "match": "/ees_"}, ""),
    "nothing wrong": ("", {}, ""),
}


def refreshed(name: str) -> None:
    """Run one scenario in this process and print its seconds, verdicts and requests."""
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    from bolton_jsna import catalogue
    from bolton_jsna.building.refresh import refresh
    from standin import StandIn
    from standin.world import small_catalogue

    fault, options, only = SCENARIOS[name]
    small = small_catalogue()
    catalogue._catalogue = lambda: small
    with StandIn() as publishers, tempfile.TemporaryDirectory() as folder:
        os.environ.update(publishers.env())
        if fault:
            publishers.fault(fault, **options)  # type: ignore[arg-type]
        began = time.monotonic()
        record = refresh(workspace=folder, only=only or None)
        seconds = time.monotonic() - began
        verdicts = ", ".join(f"{count} {each}" for each, count in record.counts.items() if count)
        print(f"{name:<36} {seconds:8.1f} s  {record.requests:4} requests  {verdicts}")
    os._exit(0)  # threads of the stand-in may be waiting still


def timed(name: str, source: Path) -> str:
    """Run one scenario in a process of its own, with the library of a source folder."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", name],
        env={**os.environ, "PYTHONPATH": str(source), "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or f"{name}: {done.stderr.strip()[-500:]}"


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("names", nargs="*", metavar="SCENARIO")
    words.add_argument("--source", type=Path, default=ROOT / "src")
    words.add_argument("--one", help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.one:
        refreshed(given.one)
    chosen = given.names or list(SCENARIOS)
    if unknown := sorted(set(chosen) - set(SCENARIOS)):
        words.error(f"unknown: {', '.join(unknown)}. Known: {', '.join(SCENARIOS)}.")
    with ThreadPoolExecutor(len(chosen)) as pool:
        for line in pool.map(lambda name: timed(name, given.source), chosen):
            print(line, flush=True)
