"""The sources of raw files: publisher, service, address and time, from the lock file."""

from __future__ import annotations

from pathlib import Path

from bolton_jsna.catalogue import dataset as dataset_of
from bolton_jsna.catalogue import indicators, publishers
from bolton_jsna.core.provenance import SEPARATOR, Source, source_id
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.ingest import store
from bolton_jsna.ingest.lockfile import LockEntry
from bolton_jsna.tables import fingertips

_BY_HAND = "read from the workspace's data/raw"
_OF_CHILDREN = ("children_in_need", "children_looked_after")


def sources(
    ids: set[str], dataset: str, workspace: str | Path | None = None, *, area: str = ""
) -> tuple[Source, ...]:
    """Return the sources of the raw files of a dataset whose rows have certain ids."""
    # The address and the time of a fetched file come from the lock file, unless the file has been
    # changed since. The publisher is that of the service, if it republishes figures of others.
    known = store.entries(workspace).values()
    fetched = {each.sha256: each for each in known if each.held and each.dataset == dataset}
    found = []
    for name, rows in _rows_of(ids, dataset, workspace).items():
        if ids.isdisjoint(rows):
            continue
        path = Path(name)
        digest = store.fingerprint(path)
        entry = fetched.get(digest)
        if area and entry is not None and entry.area_code not in ("", area):
            continue
        facts = publishers.as_given(dataset_of(dataset), _service(dataset, path, entry))
        found += [
            Source(
                dataset=dataset,
                edition=id_.partition("@")[2],
                publisher=facts.publisher,
                title=facts.title,
                vintage="",
                licence=facts.licence,
                attribution=facts.attribution,
                address=entry.address if entry else facts.landing,
                file=path.name,
                sha256=digest,
                rows=count,
                retrieved=entry.retrieved if entry else "",
                notes=SEPARATOR.join(entry.notes) if entry else _BY_HAND,
                in_place=in_place(entry) if entry else "",
            )
            for id_, count in rows.items()
            if id_ in ids and id_.startswith(source_id(dataset, ""))
        ]
    return tuple(found)


def _rows_of(
    ids: set[str], dataset: str, workspace: str | Path | None
) -> dict[str, dict[str, int]]:
    """Return how many rows of each source came from each file, those of indicators too."""
    others = not raw.has_reader(dataset)
    found = {} if others else dict(raw.rows_of(ids, dataset, workspace))
    if dataset in indicators.folders() and (others or raw.was_read(raw.INDICATORS, workspace)):
        for name, rows in raw.rows_of(ids, raw.INDICATORS, workspace).items():
            found[name] = rows | found.get(name, {})
    return found


def in_place(entry: LockEntry) -> str:
    """Return a note if a fetched file comes from another service than the catalogue's first."""
    for edition in dataset_of(entry.dataset).editions:
        if (edition.edition, edition.part) == (entry.edition, entry.part):
            return publishers.in_place(edition, entry.service)
    return ""


def _service(dataset: str, path: Path, entry: LockEntry | None) -> str:
    """Return the service that a file came from; for one added by hand, if its contents show it."""
    if entry is not None:
        return entry.service
    return "fingertips" if dataset in _OF_CHILDREN and fingertips.is_one(path) else ""
