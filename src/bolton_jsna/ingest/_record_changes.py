"""What a new copy changes, written to the journal before the copy is put in place."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.core.areas import find
from bolton_jsna.ingest import _last_copy, diff
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.ingest.diff import Change, area_order, journal
from bolton_jsna.ingest.jobs import Settings, Task
from bolton_jsna.ingest.lockfile import LockEntry

if TYPE_CHECKING:
    import pandas as pd


def compared(
    task: Task,
    old: LockEntry | None,
    new: LockEntry,
    before: pd.DataFrame | None,
    after: pd.DataFrame,
    *,
    settings: Settings,
    further: bool = False,
) -> Change:
    """Return what a new copy changes, after writing it to the journal."""
    change = diff.compare(
        before,
        after,
        key=raw.key_of(task.edition.dataset),
        file=task.key,
        path=new.path,
        headings=(old.columns if old is not None else (), new.columns),
        services=(old.service if old is not None else "", new.service),
        ranks=area_order.ranks(settings.areas, settings.folder) if before is not None else None,
    )
    return journal.add(
        settings.raw,
        change,
        new,
        moment=settings.moment,
        download=settings.only_missing,
        further=further,
    )


def joining(
    task: Task,
    own: LockEntry | None,
    shared: LockEntry,
    new: LockEntry,
    path: Path,
    *,
    settings: Settings,
) -> list[Change]:
    """Return two changes where an authority joins a national file that is replaced."""
    # The authority had another copy until now, or none. For the other authorities, the change is
    # what is new in the file.
    dataset, code = task.edition.dataset, task.id.area_code
    others = dataclasses.replace(task, area=find(shared.areas[0]))
    found: list[Change] = []
    for each, old, codes in ((task, own, (code,)), (others, shared, shared.areas)):
        before = _last_copy.before(dataset, settings.raw / old.path if old else None, codes)
        after = raw.read_file(dataset, path, areas=codes)
        found.append(
            compared(each, old, new, before, after, settings=settings, further=bool(found))
        )
    return found
