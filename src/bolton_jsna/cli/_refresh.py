"""The command ``bolton-jsna refresh``, and a refresh as lines of text."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bolton_jsna.cli._options import Workspace
from bolton_jsna.cli._terminal import print_json, print_text, printing_record
from bolton_jsna.core.errors import clean

if TYPE_CHECKING:
    from bolton_jsna.building.refresh import RefreshRecord
    from bolton_jsna.ingest.jobs import Outcome

_log = logging.getLogger(__name__)


def refresh(
    *,
    area: Annotated[
        list[str] | None,
        typer.Option(
            help="An upper-tier authority by name, GSS code or DfE number; repeat the option for "
            "more. Default: the authority of the last build, else Bolton."
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only this dataset (idaci) or edition (idaci@2019); repeatable."),
    ] = None,
    workspace: Workspace = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be done; send and write nothing.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Fetch every file again, and accept copies with far fewer rows."
        ),
    ] = False,
    fresh_hours: Annotated[
        float | None,
        typer.Option(
            min=0, help="Hours for which a checked copy is not checked again; 0 checks every file."
        ),
    ] = None,
    keep: Annotated[
        int, typer.Option(min=0, help="Number of replaced copies to keep of each file.")
    ] = 1,
    build_after: Annotated[
        bool,
        typer.Option("--build/--no-build", help="Repeat the last build if anything has changed."),
    ] = True,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for another refresh to end.")
    ] = 600,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the record of the refresh as JSON.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print only files that are out of date or missing.")
    ] = False,
) -> None:
    """Fetch what is missing or has changed; if a file is not available, keep its last good copy."""
    from bolton_jsna.building.refresh import refresh as refresh_now
    from bolton_jsna.cli._progress import watching
    from bolton_jsna.core.permissions import shared_warning
    from bolton_jsna.services.http import Session

    shared = shared_warning(workspace)
    if shared:
        _log.warning("%s", shared)
    follows = not (quiet or as_json)
    session = Session()
    with contextlib.ExitStack() as stack:
        stack.enter_context(printing_record())
        watch = stack.enter_context(watching(print_text, builds=build_after)) if follows else None
        record = refresh_now(
            area or None,
            workspace=workspace,
            only=only or None,
            dry_run=dry_run,
            force=force,
            keep=keep,
            rebuild=build_after,
            fresh_hours=fresh_hours,
            wait=wait,
            session=stack.enter_context(session if watch is None else watch.follow(session)),
            starting=watch.start if watch is not None else None,
            each=(lambda found: watch.done(outcome_line(found))) if watch else None,
        )
    if as_json:
        print_json(record.to_json())
    elif follows or record.exit_code:
        print_text(refresh_summary(record), err=quiet)
    raise typer.Exit(record.exit_code)


def outcome_line(outcome: Outcome) -> str:
    """Return the outcome of one file, on one line."""
    kept = f" Kept: {outcome.kept}." if outcome.verdict == "stale" and outcome.kept else ""
    reason = " ".join(outcome.reason.split())
    service = f", {outcome.in_place}" if outcome.in_place else ""
    whose = f" ({outcome.area})" if outcome.area else ""
    return clean(f"{outcome.verdict:<10} {outcome.file}{whose}{service}: {reason}{kept}")


def refresh_summary(record: RefreshRecord) -> str:
    """Return the last lines of a refresh: how many of each verdict, what that means, what to do."""
    from bolton_jsna.cli import _next_steps
    from bolton_jsna.ingest.diff import REPORT, left_behind

    counts = ", ".join(f"{count} {verdict}" for verdict, count in record.counts.items() if count)
    files = "1 file" if len(record.outcomes) == 1 else f"{len(record.outcomes)} files"
    lines = [f"{files}: {counts or 'none'}."]
    if record.area_from:
        lines.append(f"For {record.areas[0]}, {record.area_from}. --area takes another.")
    if record.dry_run:
        lines.append("Nothing was requested or written (dry run): stale means due for a check.")
    if record.bare:
        bare = ", ".join(record.bare)
        lines.append(f"No copy, neither in the workspace nor in the snapshot: {bare}.")
    if record.changes:
        page = (Path(record.workspace) / REPORT).as_posix()
        lines.append(f"What changed: {page}{left_behind(record.changes)}")
    if record.build:
        lines.append(record.build)
    lines += _next_steps.after(record)
    if record.network:
        lines.append(record.network)
    return clean("\n".join(lines))
