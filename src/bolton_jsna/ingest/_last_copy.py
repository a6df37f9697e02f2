"""The copy at rest: what is known of it, what is in it, and what there is when it is not there."""

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
from bolton_jsna.ingest.lockfile import Entry
from bolton_jsna.services import Fetched, Known

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)


def known(entry: Entry) -> Known:
    """Return the marks of a copy for the next request."""
    return Known(
        address=entry.address,
        etag=entry.etag,
        last_modified=entry.last_modified,
        sha256=entry.sha256,
        stamp=entry.stamp,
    )


def renewed(entry: Entry, got: Fetched, settings: Settings, *, asked: str = "") -> Entry:
    """Return the entry of a copy that its publisher has nothing newer than."""
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
    """Return the rows of a copy, of some areas or all; None where it cannot be read."""
    if path is None or not path.is_file():
        return None
    try:
        return raw.read_file(dataset, path, areas=areas)
    except MissingDataError:
        return None
    except BoltonJsnaError as error:
        _log.warning("the copy at rest of %s cannot be compared: %s", path.name, error)
        return None


def kept(task: Task, entry: Entry | None, settings: Settings) -> str:
    """Return what there is to work with when nothing new is available."""
    if entry is not None and entry.held:
        return f"the copy of {when(entry.retrieved, settings.now)}"
    if store.laid_by_hand(task.edition.dataset, settings.folder):
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
    """Report whether an edition can stand in for another; a lookup only for one of its kind."""
    held_kind, kind = (re.sub(r"\d", "", each) for each in (held, wanted))
    return "-" not in wanted or held_kind == kind
