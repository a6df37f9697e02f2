"""A refresh as lines of text: for the command line and for notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.building import next_steps
from bolton_jsna.core.errors import clean
from bolton_jsna.ingest.diff import REPORT, left_behind

if TYPE_CHECKING:
    from bolton_jsna.building.refresh import RefreshRecord
    from bolton_jsna.ingest.jobs import Outcome


def outcome_line(outcome: Outcome) -> str:
    """Return the outcome of one file, on one line."""
    kept = f" Kept: {outcome.kept}." if outcome.verdict == "stale" and outcome.kept else ""
    reason = " ".join(outcome.reason.split())
    service = f", {outcome.in_place}" if outcome.in_place else ""
    whose = f" ({outcome.area})" if outcome.area else ""
    return clean(f"{outcome.verdict:<10} {outcome.file}{whose}{service}: {reason}{kept}")


def refresh_summary(record: RefreshRecord) -> str:
    """Return the last lines of a refresh: how many of each verdict, what that means, what to do."""
    counts = ", ".join(f"{count} {verdict}" for verdict, count in record.counts.items() if count)
    files = "1 file" if len(record.outcomes) == 1 else f"{len(record.outcomes)} files"
    lines = [f"{files}: {counts or 'none'}."]
    if record.area_from:
        lines.append(
            f"For {record.areas[0]}, {record.area_from}. --area takes another (in Python area=)."
        )
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
    lines += next_steps.after(record)
    if record.network:
        lines.append(record.network)
    return clean("\n".join(lines))


def refresh_text(record: RefreshRecord) -> str:
    """Return a whole refresh: a line for each file, then the summary."""
    files = "".join(f"\n  - {outcome_line(each)}" for each in record.outcomes)
    listed = f"\n\nFiles{files}" if files else ""
    return f"Refresh for {', '.join(record.areas)}{listed}\n\n{refresh_summary(record)}"
