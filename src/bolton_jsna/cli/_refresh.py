"""The command ``bolton-jsna refresh``."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import Annotated

import typer

from bolton_jsna.cli._options import Workspace
from bolton_jsna.cli._terminal import print_json, print_text, printing_record

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
    from bolton_jsna.building.refresh_text import outcome_line, refresh_summary
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
