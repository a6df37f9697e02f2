"""The stored copy of a file: its facts, its rows, and what can be used without it."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna import snapshot
from bolton_jsna.core.errors import BoltonJsnaError, MissingDataError
from bolton_jsna.core.timestamps import when
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.ingest import store
from bolton_jsna.ingest.jobs import Settings, Task
from bolton_jsna.ingest.lockfile import LockEntry
from bolton_jsna.services import Fetched, StoredCopy

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)


def known(entry: LockEntry) -> StoredCopy:
    """Return the facts of a stored copy for the next request."""
    return StoredCopy(entry.address, entry.etag, entry.last_modified, entry.stamp)


def renewed(entry: LockEntry, got: Fetched, settings: Settings, *, asked: str = "") -> LockEntry:
    """Return the entry of a copy that is still the publisher's newest."""
    settings.asked.add(entry.key)
    return dataclasses.replace(
        entry,
        checked=settings.moment,
        address=got.address or entry.address,
        etag=got.etag or entry.etag,
        last_modified=got.last_modified or entry.last_modified,
        stamp=got.stamp or entry.stamp,
        asked=asked or entry.asked,
        failed="",
        failure="",
        not_asked="",
    )


def before(dataset: str, path: Path | None, areas: Sequence[str] = ()) -> pd.DataFrame | None:
    """Return the rows of a copy, of some areas or all; None if it cannot be read."""
    if path is None or not path.is_file():
        return None
    try:
        return raw.read_file(dataset, path, areas=areas)
    except MissingDataError:
        return None
    except BoltonJsnaError as error:
        _log.warning(
            "the stored copy %s cannot be compared with the new file: %s", path.name, error
        )
        return None


def kept(task: Task, entry: LockEntry | None, settings: Settings) -> str:
    """Return what can be used if no new file is available; empty if there is nothing."""
    if entry is not None and entry.held:
        return f"the copy of {when(entry.retrieved, settings.now)}"
    if store.added_by_hand(task.edition.dataset, settings.folder):
        return f"what was added by hand in data/raw/{task.edition.dataset}/"
    if not all(map(snapshot.covers, [task.area] if task.area else settings.areas)):
        return ""
    exact = f"{task.edition.dataset}@{task.edition.edition}"
    held = [
        each.id
        for each in snapshot.manifest()
        if each.dataset == task.edition.dataset and _serves(each.edition, task.edition.edition)
    ]
    chosen = exact if exact in held else max(held, default="")
    return f"the snapshot's {chosen} ({snapshot.coverage()})" if chosen else ""


def _serves(held: str, wanted: str) -> bool:
    """Report whether an edition can replace another; a lookup only one of its kind."""
    held_kind, kind = (re.sub(r"\d", "", each) for each in (held, wanted))
    return "-" not in wanted or held_kind == kind
