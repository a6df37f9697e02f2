"""What a new copy changes, worked out and written down in the journal before it takes its place."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna import at_rest, changes, store
from bolton_jsna import workspace as raw
from bolton_jsna.areas import find
from bolton_jsna.changes import Change, journal, order
from bolton_jsna.lockfile import Entry
from bolton_jsna.tasks import Settings, Task

if TYPE_CHECKING:
    import pandas as pd


def compared(
    task: Task,
    old: Entry | None,
    new: Entry,
    before: pd.DataFrame | None,
    after: pd.DataFrame,
    *,
    settings: Settings,
    further: bool = False,
) -> Change:
    """Return what a new copy changes, once it is written down.

    Parameters
    ----------
    task : Task
        The file.
    old, new : Entry
        The copies; None where there was none before.
    before, after : DataFrame
        Their rows; None where the old ones cannot be read.
    settings : Settings
        What holds for all files.
    further : bool, default False
        See :func:`bolton_jsna.changes.journal.add`.
    """
    change = changes.compare(
        before,
        after,
        key=raw.key_of(task.edition.dataset),
        file=task.key,
        path=new.path,
        headings=(old.columns if old is not None else (), new.columns),
        services=(old.service if old is not None else "", new.service),
        ranks=order.ranks(settings.areas, settings.folder) if before is not None else None,
    )
    return journal.add(
        settings.folder / store.RAW,
        change,
        new,
        moment=settings.moment,
        download=settings.only_missing,
        further=further,
    )


def joining(
    task: Task, own: Entry | None, shared: Entry, new: Entry, path: Path, *, settings: Settings
) -> list[Change]:
    """Return two changes where an authority joins a national file that is replaced.

    The authority itself had another copy until now, or none. For those who relied on the file
    before, it is what changes in the file.

    Parameters
    ----------
    task : Task
        The file of the authority that joins.
    own, shared, new : Entry
        Its copy before; the national file before, and now.
    path : Path
        Where the bytes of the new one are.
    settings : Settings
        What holds for all files.
    """
    raw_folder, dataset = settings.folder / store.RAW, task.edition.dataset
    code = task.area.code if task.area else ""
    others = dataclasses.replace(task, area=find(shared.areas[0]))
    found: list[Change] = []
    for each, old, codes in ((task, own, (code,)), (others, shared, shared.areas)):
        before = at_rest.before(dataset, raw_folder / old.path if old else None, codes)
        after = raw.read_file(dataset, path, areas=codes)
        found.append(
            compared(each, old, new, before, after, settings=settings, further=bool(found))
        )
    return found
