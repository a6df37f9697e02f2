"""Measure what the project claims about speed, next to its peers, and write the figures as JSON.

    python -m benchmarks.speed [--only ID ...] [--quick] [--rounds N] [--scripts] [--json FILE]

Times are medians of rounds in which the two take turns. The ratio is the time of the peer over
ours, for the same number of rows: 2 means twice as fast. A peer that is not installed is named,
with the command that installs it.

``--scripts`` runs the longer comparisons of this folder as well, whose tables are in the docs; what
they print is in the JSON. It takes an hour or more.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed import of_maps, of_measures, of_programs
from benchmarks.speed.side_by_side import Claim, measured

CLAIMS: tuple[Claim, ...] = (*of_programs.CLAIMS, *of_measures.CLAIMS, *of_maps.CLAIMS)
SCRIPTS = (
    *("comparison", "limits", "local_records", "many_groups", "maps", "moran", "outages", "rates"),
)
"""Comparisons with a table of their own in the docs."""
PACKAGES = (
    *("bolton-jsna", "numpy", "pandas", "pyarrow", "scipy", "geopandas", "shapely", "matplotlib"),
    *("folium", "distributed", "PHStatsMethods", "esda", "libpysal", "mapclassify", "statsmodels"),
)


def versions() -> dict[str, str]:
    """Return the versions of what is measured; those not installed are left out."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def line(found: dict[str, Any]) -> str:
    """Return a claim as a line of the table."""
    name = f"{found['id']:24}"
    if "not_measured" in found:
        return f"{name} {found['not_measured']}"
    if "failed" in found:
        return f"{name} FAILED: {found['failed']}"
    ours, peer = found["ours"]["median"], found["peer"]
    other = f"{peer['median']:9.3f} s  {found['ratio']:9.2f}" if "median" in peer else f"{'':22}"
    text = f"{name} {ours:9.3f} s {other}  {peer['name']}"
    if "missing" in peer:
        text += f" ({peer['missing']})"
    if "growth" in found:
        text += f"  [time grows as rows ^ {found['growth']['exponent']}]"
    return text


def run(claims: Sequence[Claim], *, rounds: int | None, growth: bool) -> list[dict[str, Any]]:
    """Measure claims, each whatever became of the others, and print a line for each."""
    found = []
    for claim in claims:
        try:
            one = measured(claim, rounds=rounds, growth=growth)
        except Exception as error:  # noqa: BLE001 (the others are measured all the same)
            one = {"id": claim.id, "what": claim.what, "failed": f"{type(error).__name__}: {error}"}
        print(line(one), flush=True)
        found.append(one)
    return found


def run_scripts() -> list[dict[str, Any]]:
    """Run the longer comparisons and return what each printed."""
    found = []
    for name in SCRIPTS:
        print(f"\n{name}", flush=True)
        script = Path(__file__).parents[1] / f"{name}.py"
        done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
        print(done.stdout, flush=True)
        found.append({"id": name, "exit": done.returncode, "text": done.stdout.splitlines()})
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a claim could not be measured because something failed."""
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--only", action="append", choices=[each.id for each in CLAIMS])
    options.add_argument("--quick", action="store_true", help="leave out what takes minutes")
    options.add_argument("--rounds", type=int, help="of each claim, in place of its own number")
    options.add_argument("--scripts", action="store_true", help="run the longer comparisons too")
    options.add_argument("--json", type=Path, help="the file of the figures")
    given = options.parse_args(words)
    chosen = [
        each
        for each in CLAIMS
        if (each.id in given.only if given.only else not (given.quick and each.slow))
    ]
    print(f"{'claim':24} {'ours':>11} {'peer':>11} {'ratio':>10}  peer")
    found = run(chosen, rounds=given.rounds, growth=not given.quick)
    scripts = run_scripts() if given.scripts else []
    if given.json:
        figures = {
            "versions": versions(),
            "processors": os.cpu_count(),
            "machine": platform.machine(),
            "claims": found,
            "scripts": scripts,
        }
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return int(any("failed" in each for each in found))


if __name__ == "__main__":
    sys.exit(main())
