"""``bolton-jsna build`` for many authorities: the progress, and the list at the end."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import typer

from bolton_jsna.cli._terminal import print_json, print_text

if TYPE_CHECKING:
    from bolton_jsna.building.many import ManyRecord
    from bolton_jsna.building.many._task import Outcome

SOME_FAILED: Final = 4
"""The exit code if some authorities could not be built."""


def build_many(areas: Any, *, as_json: bool, quiet: bool, **options: Any) -> None:
    """Build many authorities, print what became of them, and exit with 4 if some failed."""
    from bolton_jsna.building.many import build_many as build_now

    with watching(quiet=quiet) as progress:
        record = build_now(areas, progress=progress, **options)
    if as_json:
        text = json.dumps(asdict(record), indent=1, ensure_ascii=False)
        print_json(f"{text}\n")
    elif not quiet or record.failed:
        print_text("\n".join(lines(record)))
    if record.failed:
        raise typer.Exit(SOME_FAILED)


def lines(record: ManyRecord) -> list[str]:
    """Return what a run made, and why some authorities failed."""
    many = len(record.areas)
    counted = {
        state: sum(each.folder == state for each in record.areas) for state in ("made", "kept")
    }
    found = [f"{many} authorities"]
    if any(each.folder != "not asked" for each in record.areas):
        kept = f", {counted['kept']} kept from an earlier run" if counted["kept"] else ""
        found.append(f"Folders: {counted['made']} made in areas/{kept}.")
    tables = sorted(name.removesuffix(".csv") for name in record.outputs if name.endswith(".csv"))
    found.append(f"National tables in data/processed/national/: {', '.join(tables)}.")
    found += [f"Not whole: {each}" for each in record.notes]
    if record.failed:
        found += ["", f"Failed: {len(record.failed)} of {many}. The others are complete."]
        for each in record.failed:
            what = "no figures" if each.figures == "failed" else "no folder"
            found.append(f"- {each.area_name} ({what}): {each.message.splitlines()[0]}")
        found.append("The whole messages are in data/processed/national/run.json.")
    return found


@contextlib.contextmanager
def watching(*, quiet: bool) -> Iterator[Callable[[int, int, Outcome], None] | None]:
    """Show a bar with the time left on a terminal, and a line for each authority elsewhere."""
    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        yield _line
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        MofNCompleteColumn(),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        row = bar.add_task("reading the figures of all areas", total=None)

        def step(number: int, of: int, outcome: Outcome) -> None:
            bar.update(row, total=of, completed=number, description=outcome.area_name)

        yield step


def _line(number: int, of: int, outcome: Outcome) -> None:
    state = "failed" if outcome.failed else "kept" if _kept(outcome) else "made"
    text = f"{number:>{len(str(of))}} of {of}  {outcome.area_name}: {state}, {outcome.seconds} s"
    print_text(text, err=True)


def _kept(outcome: Outcome) -> bool:
    return outcome.figures == "kept" and outcome.folder in ("kept", "not asked")
