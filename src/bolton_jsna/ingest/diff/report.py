"""``data/processed/changes.md`` and ``changes.json``: what the last ten refreshes changed.

The page is made from the record. Both are written while the store is held, and only then is the
journal emptied. So a change is reported once, even if a refresh is killed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, Final

from bolton_jsna.core import atomic, untrusted
from bolton_jsna.core.errors import WorkspaceError
from bolton_jsna.core.untrusted import UntrustedError
from bolton_jsna.ingest import store
from bolton_jsna.ingest.diff import (
    MOST,
    RECORD,
    REPORT,
    SHOWN,
    Change,
    _change_json,
    _markdown_page,
    journal,
)
from bolton_jsna.ingest.diff._markdown_page import Run

KEPT: Final = 10
"""The number of runs in the report."""

_LOCK = ".changes.lock"
_log = logging.getLogger(__name__)


def publish(folder: Path, *, when: str, left: Collection[str] = ()) -> tuple[Change, ...]:
    """Write what the journal holds into the report, then empty the journal."""
    # To be called with the store held (:func:`bolton_jsna.ingest.store.guarded`).
    raw = folder / store.RAW
    found = journal.changes(raw, left=left)
    if not found:
        journal.clear(raw, ())
        return ()
    new: list[Change] = []

    def with_new(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        # If a run was killed after the report, before the journal was emptied, they are there.
        known = {each.id for run in runs for each in run.changes}
        new.extend(each for each in found if each.id not in known)
        return (Run(when, tuple(new)), *runs) if new else runs

    try:
        _rewrite(folder, with_new)
    except WorkspaceError as error:
        raise WorkspaceError(f"{error} The next refresh reports what this one changed.") from error
    journal.clear(raw, found)
    return tuple(new)


def write_build(folder: Path, build: str, *, when: str = "") -> None:
    """Write the result of a later build into the report, if there is one."""
    if not atomic.is_file(folder / RECORD):
        return

    def with_build(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        place = next((n for n, run in enumerate(runs) if run.refreshed == when), 0)
        return tuple(
            dataclasses.replace(run, build=build) if number == place else run
            for number, run in enumerate(runs)
        )

    _rewrite(folder, with_build)


def read(folder: Path) -> tuple[Run, ...]:
    """Return the runs of a workspace's record, the newest first; empty if there is no record."""
    try:
        content = untrusted.read_table(folder / RECORD)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    earlier = content.get("earlier", [])
    if not isinstance(earlier, list):
        raise UntrustedError("its earlier runs are not a list")
    return tuple(_run(each) for each in (content, *earlier[: KEPT - 1]))


def _run(given: object) -> Run:
    if not isinstance(given, dict) or not isinstance(given.get("changes"), list):
        raise UntrustedError("a run has no list of changes")
    return Run(
        refreshed=untrusted.plain(given.get("refreshed"), most=40),
        changes=tuple(_change_json.change_of(each) for each in given["changes"]),
        build=untrusted.plain(given.get("build"), most=20_000),
    )


def _rewrite(folder: Path, change: Callable[[tuple[Run, ...]], tuple[Run, ...]]) -> None:
    """Read the record, change it, and write it and its page, while no other run does."""
    with _alone(folder):
        try:
            runs = read(folder)
        except UntrustedError as error:
            _log.warning("%s cannot be read: %s. A new report begins.", RECORD.as_posix(), error)
            runs = ()
        runs = change(runs)[:KEPT]
        if not runs:
            return
        atomic.write(folder / RECORD, _text(runs), within=folder)
        atomic.write(folder / REPORT, _markdown_page.page(runs), within=folder)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the report: a build may write into it while another refresh is running."""
    import filelock

    raw = folder / store.RAW
    with atomic.reported(raw / _LOCK):
        atomic.no_links(folder, raw / _LOCK)
        atomic.free(raw / _LOCK)
        raw.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(raw / _LOCK, timeout=60):  # a timeout is an OSError too
            yield


def _text(runs: tuple[Run, ...]) -> str:
    """Return the record as text; long ones list fewer figures, so that they can be read again."""
    text = ""
    for newest, earlier in ((MOST, SHOWN), (SHOWN, SHOWN), (SHOWN, 5), (5, 0), (0, 0)):
        first, *rest = (
            _facts(run, earlier if number else newest) for number, run in enumerate(runs)
        )
        text = _change_json.text_of({**first, "earlier": rest})
        if len(text.encode()) <= untrusted.MOST_BYTES:
            break
    return text


def _facts(run: Run, most: int) -> dict[str, Any]:
    return {
        "refreshed": run.refreshed,
        "build": run.build,
        "changes": [_change_json.facts_of(each, most=most) for each in run.changes],
    }
