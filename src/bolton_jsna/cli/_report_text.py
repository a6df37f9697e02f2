"""A refresh and the catalogue as lines of text."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bolton_jsna import catalogue
from bolton_jsna.building.refresh import RefreshRecord
from bolton_jsna.catalogue import publishers
from bolton_jsna.cli import _next_steps
from bolton_jsna.cli._status import REMEMBERED, Holding, Status, status
from bolton_jsna.cli._status_text import status_lines
from bolton_jsna.core.errors import clean
from bolton_jsna.ingest.diff import REPORT, left_behind
from bolton_jsna.ingest.jobs import Outcome

__all__ = [
    "REMEMBERED",
    "Holding",
    "Status",
    "outcome_line",
    "refresh_summary",
    "sources_json",
    "sources_lines",
    "status",
    "status_lines",
]

_OWN = ("local_records",)


def outcome_line(outcome: Outcome) -> str:
    """Return how one file stands, on one line."""
    kept = f" Kept: {outcome.kept}." if outcome.verdict == "stale" and outcome.kept else ""
    reason = " ".join(outcome.reason.split())
    whence = f", {outcome.in_place}" if outcome.in_place else ""
    whose = f" ({outcome.area})" if outcome.area else ""
    return clean(f"{outcome.verdict:<10} {outcome.file}{whose}{whence}: {reason}{kept}")


def refresh_summary(record: RefreshRecord) -> str:
    """Return the last lines of a refresh: how many of each verdict, what that means, what to do."""
    counts = ", ".join(f"{count} {verdict}" for verdict, count in record.counts.items() if count)
    files = "1 file" if len(record.outcomes) == 1 else f"{len(record.outcomes)} files"
    lines = [f"{files}: {counts or 'none'}."]
    if record.area_from:
        lines.append(f"For {record.areas[0]}, {record.area_from}. --area takes another.")
    if record.dry_run:
        lines.append("Nothing was asked for or written (dry run): stale means due for a check.")
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


def sources_lines() -> str:
    """Return the catalogue as text."""
    lines: list[str] = []
    for each in catalogue.datasets():
        lines += [
            f"{each.id}: {each.title}",
            f"    {each.publisher}. {each.licence}. {each.purpose}.",
        ]
        if each.rhythm:
            lines.append(f"    Renewed {each.rhythm}.")
        for edition in each.editions:
            ways = ", or in its place ".join(_way(way, each, edition) for way in edition.ways)
            scope = "for each authority" if edition.scope == "area" else "national"
            named = f", only with --only {edition.id}" if edition.only_when_named else ""
            lines.append(f"    {edition.id}: {ways}, {scope}{named}")
        if not each.editions and each.id not in _OWN:
            lines.append(f"    Added by hand. {each.how_to_get}")
        if each.landing:
            lines.append(f"    {each.landing}")
        lines.append("")
    return "\n".join(lines).rstrip()


def _way(way: catalogue.Way, dataset: catalogue.Dataset, edition: catalogue.Edition) -> str:
    """Return a service by its name, and what of its files is not as the lines around it say."""
    other = publishers.as_given(dataset, way.service).publisher
    named = publishers.publisher(way.service).name
    unlike = [f"published by {other}"] if other != dataset.publisher else []
    unlike += ["one file for all authorities"] if way.scope != edition.scope else []
    return f"{named} ({'; '.join(unlike)})" if unlike else named


def sources_json() -> str:
    """Return the catalogue as JSON text."""
    facts: dict[str, Any] = {each.id: asdict(each) for each in catalogue.datasets()}
    for dataset in catalogue.datasets():
        for edition in facts[dataset.id]["editions"]:
            for way in edition["ways"]:
                way["name"] = publishers.publisher(way["service"]).name
                way["publisher"] = publishers.as_given(dataset, way["service"]).publisher
    return json.dumps(facts, indent=1, ensure_ascii=False, default=dict) + "\n"
