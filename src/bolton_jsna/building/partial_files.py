"""Which tables of a workspace are not of the whole of England."""

from __future__ import annotations

from pathlib import Path

from bolton_jsna import catalogue
from bolton_jsna.core.errors import BoltonJsnaError, some
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.ingest import store
from bolton_jsna.tables.coverage import shortfall


def partial_tables(workspace: str | Path | None = None) -> tuple[str, ...]:
    """Return which tables of a workspace have part of England only, although there is a whole."""
    # A part added by hand is as good as the whole for its own areas, so it is used, and reported.
    found = []
    for dataset in catalogue.datasets():
        numbers = {each.edition: each.ways[0].whole for each in dataset.editions}
        if not any(numbers.values()) or dataset.id == "population_projections":
            continue
        own = store.added_by_hand(dataset.id, workspace)
        try:
            frame = raw.table(dataset.id, workspace)
        except BoltonJsnaError:  # the build reports it
            continue
        if frame is None:
            continue
        usual = next(filter(None, numbers.values()))
        names = some((f"data/raw/{dataset.id}/{path.name}" for path in own), most=3)
        by_hand = f" ({names}, added by hand)" if own else ""
        for source, rows in frame.groupby("source", sort=True):
            short = shortfall(rows, numbers.get(str(source).partition("@")[2]) or usual)
            if short and not short.startswith("0 "):
                found.append(f"{source} has {short}{by_hand}")
    return tuple(found)
