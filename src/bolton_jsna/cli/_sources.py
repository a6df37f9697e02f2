"""The catalogue as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from bolton_jsna import catalogue
from bolton_jsna.catalogue import publishers

_OWN = ("local_records",)


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
    """Return the name of a service, and how its files differ from those of the dataset."""
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
