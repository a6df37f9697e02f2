"""Fetch what has changed, keep the last good copy of what cannot be had, and say what was done."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bolton_jsna import catalogue
from bolton_jsna.core.areas import Area
from bolton_jsna.core.errors import BoltonJsnaError, UsageError, some
from bolton_jsna.ingest import file_status, national_files, runner, store
from bolton_jsna.ingest.diff import Change, report
from bolton_jsna.ingest.jobs import Outcome, Settings, Task
from bolton_jsna.ingest.policy import VERDICTS

if TYPE_CHECKING:
    from bolton_jsna.services.http import Session

_log = logging.getLogger(__name__)

DONE, FAILED, STALE = 0, 1, 3
"""Exit codes of a refresh."""


@dataclass(frozen=True)
class RefreshRecord:
    """What a refresh did.

    Attributes
    ----------
    areas : tuple of str
        The authorities it was run for.
    workspace : str
        The folder.
    started, finished : str
        When (ISO 8601, UTC).
    dry_run : bool
        Whether it only decided.
    outcomes : tuple of Outcome
        How each file stands.
    changes : tuple of Change
        What new copies changed, and what a refresh that was interrupted left unreported.
    build : str
        What the build after it made, or why it failed; empty when there was none.
    build_failed : bool
        Whether it failed.
    newer : tuple of str
        What has changed since the last build and is not in the outputs, in words.
    requests, received : int
        Requests sent and bytes of bodies received.
    network : str
        What is wrong with the network here and what to do about it; empty when nothing is.
    area_from : str
        Why these authorities, in words; empty where they were named.
    """

    areas: tuple[str, ...]
    workspace: str
    started: str
    finished: str
    dry_run: bool
    outcomes: tuple[Outcome, ...]
    changes: tuple[Change, ...] = ()
    build: str = ""
    build_failed: bool = False
    newer: tuple[str, ...] = ()
    requests: int = 0
    received: int = 0
    network: str = ""
    area_from: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """How many files have each verdict."""
        found = Counter(each.verdict for each in self.outcomes)
        return {verdict: found[verdict] for verdict in VERDICTS}

    @property
    def exit_code(self) -> int:
        """0 done; 3 some sources are stale or missing; 1 failed."""
        # Failed means that a build cannot do without a dataset of which there is nothing, that
        # there is nothing of anything asked for, or that the build after the refresh failed. A dry
        # run that could decide is done.
        if self.dry_run:
            return DONE
        needed = [name for name in self.bare if catalogue.dataset(name.split(" of ")[0]).needed]
        nothing = all(not each.kept for each in self.outcomes)
        if self.build_failed or needed or nothing:
            return FAILED
        return STALE if any(each.incomplete for each in self.outcomes) else DONE

    @property
    def bare(self) -> tuple[str, ...]:
        """Datasets, with the area, of which there is nothing, not even in the snapshot."""
        there = {(each.dataset, each.area) for each in self.outcomes if each.kept}
        asked = {(each.dataset, each.area) for each in self.outcomes}
        return tuple(
            f"{dataset} of {area}" if area else dataset
            for dataset, area in sorted(asked - there)
            if (dataset, "") not in there
        )

    def to_json(self) -> str:
        """Return the record as JSON text."""
        facts = dataclasses.asdict(self)
        facts |= {"counts": self.counts, "exit_code": self.exit_code, "bare": self.bare}
        return json.dumps(facts, indent=1, ensure_ascii=False, default=str) + "\n"


def refresh(
    workspace: str | Path = ".",
    *,
    areas: str | int | Area | Iterable[str | int | Area] | None = None,
    only: str | Sequence[str] | None = None,
    dry_run: bool = False,
    force: bool = False,
    keep: int = 1,
    rebuild: bool = True,
    fresh_hours: float | None = None,
    wait: float = 600,
    session: Session | None = None,
    starting: Callable[[int, int, str], None] | None = None,
    each: Callable[[Outcome], None] | None = None,
    now: dt.datetime | None = None,
) -> RefreshRecord:
    """Fetch from the publishers what is missing or has changed.

    What is to be done is decided first, for every file. One source that fails never stops the
    others: its last good copy stays. Bytes are checked, counted and read before they take the
    place of a good copy; killed at any moment, the store is as it was or as it was to be.

    Parameters
    ----------
    workspace : str or Path, default "."
        The folder whose ``data/raw/`` is filled.
    areas : place or several, optional
        Upper-tier authorities. If none is named, the one of the last build in the workspace
        (``data/processed/run.json``), and Bolton if nothing has been built.
        National files are fetched once, boundaries, lookups, projections and small-area estimates
        for each.
    only : str or several, optional
        Datasets (``"idaci"``) or editions (``"idaci@2019"``) of the catalogue.
    dry_run : bool, default False
        Decide and say what would be done; no request is sent and nothing is written.
    force : bool, default False
        Fetch everything whatever it may be, and take copies with far fewer rows.
    keep : int, default 1
        Superseded copies to keep of each file.
    rebuild : bool, default True
        Build again what was built last (``data/processed/run.json``), if anything that it was made
        from has changed since: a file fetched now or in an earlier refresh, one added by hand, the
        authority's own records, or this library.
    fresh_hours : float, optional
        Hours for which a copy that was checked is not asked about, in place of the catalogue's;
        0 asks about everything.
    wait : float, default 600
        Seconds to wait for another refresh of the workspace.
    session : Session, optional
        A session of :mod:`bolton_jsna.services.http`, already opened.
    starting : callable, optional
        Called before each file with its number, of how many, and its key.
    each : callable, optional
        Called with each outcome as it is known.
    now : datetime, optional
        The moment, with its time zone, for tests.

    Returns
    -------
    RefreshRecord
        With ``outcomes`` (a verdict and a reason for each file), ``changes`` and ``exit_code``.
        After an update the changes are also in ``data/processed/changes.md`` and ``.json``, with
        those of the last ten refreshes.

    Raises
    ------
    UsageError
        When an area, a dataset or the workspace cannot be meant.
    SourceError
        When another refresh is at work for too long, the lock file cannot be read, or the
        workspace cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> record = refresh(tempfile.mkdtemp(), only="idaci@2025", dry_run=True)
    >>> [(each.file, each.verdict, each.reason) for each in record.outcomes]
    [('idaci@2025', 'missing', 'no copy yet; would be fetched')]
    """
    from bolton_jsna.building import last_area

    folder = store.workspace_folder(workspace)
    found = last_area.meant(areas, folder)
    places = _authorities(found.places)
    if keep < 0 or (fresh_hours is not None and fresh_hours < 0):
        raise UsageError(f"keep={keep!r} and fresh_hours={fresh_hours!r} cannot be below 0.")
    tasks = tasks_of(places, only)
    moment = now or dt.datetime.now(dt.UTC)
    settings = Settings(
        folder, moment, areas=places, force=force, fresh_hours=fresh_hours, keep=keep
    )
    record = RefreshRecord(
        areas=tuple(place.name for place in places),
        workspace=str(folder),
        started=settings.moment,
        finished="",
        dry_run=dry_run,
        outcomes=(),
        area_from=found.why,
    )
    if dry_run:
        entries = store.entries(folder)
        stands = []
        for number, task in enumerate(tasks, 1):
            if starting is not None:
                starting(number, len(tasks), task.key)
            entry = national_files.entry_of(task, entries)
            decision = file_status.decided(task, entry, settings)
            stands.append(runner.log(file_status.standing(task, entry, decision, settings), each))
        newer = _newer(folder)
        return dataclasses.replace(record, outcomes=tuple(stands), newer=newer, finished=_now())
    done = runner.fetch(
        tasks,
        settings,
        session=session,
        wait=wait,
        starting=starting,
        each=each,
        report=True,
    )
    record = dataclasses.replace(
        record,
        outcomes=done.outcomes,
        changes=done.changes,
        requests=done.requests,
        received=done.received,
        network=done.network,
    )
    record = dataclasses.replace(record, newer=_newer(folder))
    if rebuild and (record.changes or record.newer):
        made, told = _rebuilt(folder, record.newer)
        record = dataclasses.replace(record, **made)
        if told:
            report.write_build(folder, told, when=settings.moment)
    return dataclasses.replace(record, finished=_now())


def tasks_of(places: Sequence[Area], only: str | Sequence[str] | None = None) -> tuple[Task, ...]:
    """Return the files that a refresh looks after: national ones once, others for each area."""
    named = only if only is None or isinstance(only, str) else list(only)
    return tuple(
        Task(edition, place)
        for edition in catalogue.editions(named)
        for place in (places if edition.scope == "area" else (None,))
    )


def _newer(folder: Path) -> tuple[str, ...]:
    from bolton_jsna.building.fingerprints import newer

    return newer(folder)


def _rebuilt(folder: Path, newer: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    """Build again; return what came of it for the screen, and for the report that is written."""
    from bolton_jsna import building
    from bolton_jsna.building import _rebuild_settings
    from bolton_jsna.building.fingerprints import in_one

    try:
        built = building.rebuild(folder)
    except Exception as error:  # noqa: BLE001 (the record of a refresh that was done must be told)
        # Of an error that nobody foresaw the words may be those of a record.
        said = str(error) if isinstance(error, BoltonJsnaError) else _where(error)
        _log.warning("the build after the refresh failed: %s", said)
        failed = "The build after it failed, the outputs of the last good one stay"
        again = "Each refresh builds again until that succeeds."
        text = f"{failed}: {said} {again}"
        # The reason may have the path of the authority's own file, or its true numbers.
        told = f"{failed}. {_WHY} {again}" if _rebuild_settings.named(folder) else text
        return {"build": text, "build_failed": True}, told
    if built is None:
        return {}, ""
    why = f" Changed since the build before: {in_one(newer, most=3)}." if newer else ""
    text = f"{built.area} was built again: {len(built.outputs)} files.{why}"
    return {"build": text, "newer": ()}, text


_WHY = (
    "The reason is not written here, as it may tell of the authority's own file: bolton-jsna "
    "refresh prints it."
)


def _where(error: Exception) -> str:
    """Return the kind of an error and where it was raised, without its words."""
    steps = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(steps[-1].filename).name}, line {steps[-1].lineno}" if steps else ""
    return f"{type(error).__name__}{place}. This is a fault of the program: please report it."


def _authorities(places: tuple[Area, ...]) -> tuple[Area, ...]:
    wrong = [each.name for each in places if each.level != "authority" or each.until is not None]
    if wrong or not places:
        raise UsageError(
            f"A refresh is for upper-tier authorities in being; {some(wrong)} is none. Name for "
            "example Bolton, or several."
        )
    return places


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
