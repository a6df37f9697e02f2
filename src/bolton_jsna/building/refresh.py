"""Fetch what has changed, keep the last good copy of the rest, and report what was done."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna import catalogue
from bolton_jsna.core import timestamps
from bolton_jsna.core.areas import Area, check_authorities, find, without_groups
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import BoltonJsnaError, UsageError
from bolton_jsna.core.notebook import table_of_text
from bolton_jsna.ingest import file_status, national_files, runner, store
from bolton_jsna.ingest.diff import Change, report
from bolton_jsna.ingest.jobs import Outcome, Settings, Task
from bolton_jsna.ingest.policy import VERDICTS

if TYPE_CHECKING:
    from bolton_jsna.services.http import Session

_log = logging.getLogger(__name__)

DONE, FAILED, STALE = 0, 1, 3
"""Exit codes of a refresh."""

IN_RECORD: Final = {"in_record": True}
"""Marks a line of the log whose text is also in the record that is returned."""

Areas = str | int | Area | Iterable[str | int | Area]


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
        Whether it only decided what to do.
    outcomes : tuple of Outcome
        How each file stands.
    changes : tuple of Change
        What new copies changed, with the changes that an interrupted refresh did not report.
    build : str
        What the build after it made, or why it failed; empty if there was no build.
    build_failed : bool
        Whether it failed.
    newer : tuple of str
        What has changed since the last build and is not in the outputs, in words.
    requests, received : int
        Requests sent and bytes of bodies received.
    network : str
        What is wrong with the network here and what to do about it; empty if nothing is wrong.
    area_from : str
        Why these authorities, in words; empty if they were named.
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

    def __repr__(self) -> str:
        from bolton_jsna.building.refresh_text import refresh_text

        return refresh_text(self)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self)).to_html()

    @property
    def counts(self) -> dict[str, int]:
        """How many files have each verdict."""
        found = Counter(each.verdict for each in self.outcomes)
        return {verdict: found[verdict] for verdict in VERDICTS}

    @property
    def exit_code(self) -> int:
        """0 done; 3 some sources are stale or missing; 1 failed."""
        # Failed: there is no copy of a dataset that a build needs, no copy of any file asked for,
        # or the build after the refresh failed. A dry run that could decide is done.
        if self.dry_run:
            return DONE
        needed = [name for name in self.bare if catalogue.dataset(name.split(" of ")[0]).needed]
        nothing = all(not each.kept for each in self.outcomes)
        if self.build_failed or needed or nothing:
            return FAILED
        return STALE if any(each.incomplete for each in self.outcomes) else DONE

    @property
    def bare(self) -> tuple[str, ...]:
        """Datasets, with the area, of which there is no copy, not even in the snapshot."""
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


@checked
def refresh(
    area: Areas | Path | None = None,
    *,
    workspace: str | Path = ".",
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
    areas: Areas | None = None,
) -> RefreshRecord:
    """Fetch from the publishers what is missing or has changed.

    What to do is decided for every file first. If one source fails, the others go on: the last good
    copy of that source is kept. New bytes are checked, counted and read before they replace a good
    copy. If the program is killed at any moment, the files are as they were or as they should be.

    Parameters
    ----------
    area : place or several, optional
        Upper-tier authorities by name, code or DfE number, or combined authorities such as
        ``"Greater Manchester"`` for all of theirs. If you name none, the authority of the
        last build in the workspace (``data/processed/run.json``) is taken, and Bolton if nothing
        has been built. National files are fetched once; boundaries, lookups, projections and
        small-area estimates are fetched for each authority.
    workspace : str or Path, default "."
        The folder whose ``data/raw/`` is filled.
    only : str or several, optional
        Datasets (``"idaci"``) or editions (``"idaci@2019"``) of the catalogue.
    dry_run : bool, default False
        Report what would be done; no request is sent and nothing is written.
    force : bool, default False
        Fetch every file again, and accept copies with far fewer rows.
    keep : int, default 1
        Number of replaced copies to keep of each file.
    rebuild : bool, default True
        Repeat the last build (``data/processed/run.json``) if anything that it was made from has
        changed since: a file fetched now or in an earlier refresh, a file added by hand, the
        authority's own records, or this library.
    fresh_hours : float, optional
        Hours for which a copy that was checked is not checked again, in place of the catalogue's;
        0 checks every file.
    wait : float, default 600
        Seconds to wait for another refresh of the workspace.
    session : Session, optional
        An open session of :mod:`bolton_jsna.services.http`.
    starting : callable, optional
        Called before each file with its number, the number of files, and its key.
    each : callable, optional
        Called with the outcome of each file.
    areas : place or several, optional
        Old name of ``area``. The old order of arguments, ``refresh(workspace, areas=...)``, works
        until version 1.0 and gives a ``DeprecationWarning``.

    Returns
    -------
    RefreshRecord
        With ``outcomes`` (a verdict and a reason for each file), ``changes`` and ``exit_code``.
        After an update the changes are also in ``data/processed/changes.md`` and ``.json``, with
        those of the last ten refreshes.

    Raises
    ------
    UsageError
        If an area, a dataset or the workspace is not valid.
    SourceError
        If another refresh takes too long, the lock file cannot be read, or the workspace cannot be
        written.

    Examples
    --------
    >>> import tempfile
    >>> record = refresh(workspace=tempfile.mkdtemp(), only="idaci@2025", dry_run=True)
    >>> [(each.file, each.verdict, each.reason) for each in record.outcomes]
    [('idaci@2025', 'missing', 'no copy yet; would be fetched')]
    """
    from bolton_jsna.building import fingerprints, last_area

    area, workspace = _arguments(area, areas, workspace)
    folder = store.workspace_folder(workspace)
    found = last_area.choose(area, folder)
    places = without_groups(found.places)
    check_authorities(places, "A refresh")
    if keep < 0 or (fresh_hours is not None and fresh_hours < 0):
        raise UsageError(f"keep={keep!r} and fresh_hours={fresh_hours!r} cannot be below 0.")
    tasks = tasks_of(places, only)
    settings = Settings(
        folder, timestamps.now(), areas=places, force=force, fresh_hours=fresh_hours, keep=keep
    )
    if dry_run:
        done = _planned(tasks, settings, starting, each)
    else:
        done = runner.fetch(
            tasks, settings, session=session, wait=wait, starting=starting, each=each, report=True
        )
    newer = fingerprints.newer(folder)
    record = RefreshRecord(
        areas=tuple(place.name for place in places),
        workspace=str(folder),
        started=settings.moment,
        finished=_now(),
        dry_run=dry_run,
        outcomes=done.outcomes,
        changes=done.changes,
        newer=newer,
        requests=done.requests,
        received=done.received,
        network=done.network,
        area_from=found.why,
    )
    if not rebuild or dry_run or not (done.changes or newer):
        return record
    made, public = _rebuilt(folder, newer)
    if public:
        report.write_build(folder, public, when=settings.moment)
    return dataclasses.replace(record, **made, finished=_now())


def _arguments(
    area: Areas | Path | None, areas: Areas | None, workspace: str | Path
) -> tuple[Areas | None, str | Path]:
    """Return area and workspace, also of a call in the old order: ``(workspace, areas=...)``."""
    # A text with a separator is a path: ./Bolton is a folder, not the authority.
    is_path = isinstance(area, Path) or (
        isinstance(area, str) and (bool({"/", os.sep} & {*area}) or area.startswith((".", "~")))
    )
    known = isinstance(area, str) and not is_path and find(area) is not None
    is_folder = is_path or (isinstance(area, str) and _is_folder(area))
    if areas is None and not isinstance(area, Path) and (known or not is_folder):
        if known and is_folder and Path(workspace) == Path():
            _log.warning(
                "refresh(%r) is the authority %s, not the folder of that name. For the folder: "
                "refresh(workspace=%r).",
                area,
                area,
                area,
            )
        return area, workspace
    if isinstance(area, str | Path) and (is_folder or not known):
        if Path(workspace) != Path():
            raise UsageError(
                f"refresh has two folders, {str(area)!r} and workspace={str(workspace)!r}. Give "
                "an authority first and one folder: refresh(area, workspace=folder)."
            )
        workspace = area
    elif area is not None:
        raise UsageError("Give area or areas to refresh, not both; areas is the old name of area.")
    named = "" if areas is None else f"{areas!r}, "
    warnings.warn(
        "refresh(workspace, areas=...) is the old order of arguments and works until version 1.0. "
        f"The new call: refresh({named}workspace={str(workspace)!r}, ...).",
        DeprecationWarning,
        stacklevel=4,
    )
    return areas, workspace


def _is_folder(text: str) -> bool:
    """Report whether a text names a folder that exists; an empty text names none."""
    try:
        return bool(text.strip()) and Path(text).is_dir()
    except (OSError, ValueError):  # too long, or a character that no path has
        return False


def _planned(
    tasks: Sequence[Task],
    settings: Settings,
    starting: Callable[[int, int, str], None] | None,
    each: Callable[[Outcome], None] | None,
) -> runner.RunResult:
    """Return what a refresh would do about each file."""
    entries, outcomes = store.entries(settings.folder), []
    for number, task in enumerate(tasks, 1):
        if starting is not None:
            starting(number, len(tasks), task.key)
        entry = national_files.entry_of(task, entries)
        decision = file_status.decided(task, entry, settings)
        outcomes.append(runner.log(file_status.standing(task, entry, decision, settings), each))
    return runner.RunResult(tuple(outcomes), (), 0, 0)


def tasks_of(places: Sequence[Area], only: str | Sequence[str] | None = None) -> tuple[Task, ...]:
    """Return the files of a refresh: national files once, others for each area."""
    named = only if only is None or isinstance(only, str) else list(only)
    return tuple(
        Task(edition, place)
        for edition in catalogue.editions(named)
        for place in (places if edition.scope == "area" else (None,))
    )


def _rebuilt(folder: Path, newer: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    """Build again; return the fields of the record, and the text of the report that is written."""
    from bolton_jsna import building
    from bolton_jsna.building import _rebuild_settings
    from bolton_jsna.building.fingerprints import in_one

    try:
        built = building.rebuild(folder)
    except Exception as error:  # noqa: BLE001 (the refresh itself is done and must be reported)
        # The words of an unexpected error may be those of a record.
        reason = str(error) if isinstance(error, BoltonJsnaError) else _where(error)
        _log.warning("the build after the refresh failed: %s", reason, extra=IN_RECORD)
        failed = "The build after the refresh failed. The outputs of the last good build are kept"
        again = "Each refresh builds again until a build succeeds."
        text = f"{failed}: {reason} {again}"
        # The reason may have the path of the authority's own file, or its true numbers.
        public = f"{failed}. {_WHY} {again}" if _rebuild_settings.used_own_file(folder) else text
        return {"build": text, "build_failed": True}, public
    if built is None:
        return {}, ""
    why = f" Changed since the build before: {in_one(newer, most=3)}." if newer else ""
    text = f"{built.area} was built again: {len(built.outputs)} files.{why}"
    return {"build": text, "newer": ()}, text


_WHY = (
    "The reason is not written here, because it may reveal details of the authority's own file: "
    "bolton-jsna refresh prints it."
)


def _where(error: Exception) -> str:
    """Return the type of an error and where it was raised, without its words."""
    steps = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(steps[-1].filename).name}, line {steps[-1].lineno}" if steps else ""
    return f"{type(error).__name__}{place}. This is a fault of the program: please report it."


def _now() -> str:
    return timestamps.now().isoformat(timespec="seconds")
