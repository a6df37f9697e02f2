"""Build many authorities, up to all of England: national tables, and a folder for each."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path

from bolton_jsna.building.many._task import Outcome
from bolton_jsna.catalogue import default_year
from bolton_jsna.core import timestamps
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.errors import MissingDataError, UsageError
from bolton_jsna.ingest import store
from bolton_jsna.ingest.store import workspace_folder
from bolton_jsna.loaders.arguments import Place

_log = logging.getLogger(__name__)

Progress = Callable[[int, int, Outcome], None]
"""Called after each authority: how many are done, of how many, and what became of it."""


@dataclass(frozen=True)
class ManyRecord:
    """What a run for many authorities did.

    Attributes
    ----------
    areas : list of Outcome
        What became of each authority, in the order of their codes.
    outputs : dict of str to str
        The sha256 of each national table, by its file in ``data/processed/national/``.
    maps : dict of str to str
        The sha256 of each file of ``maps/national/``, if maps were asked for.
    notes : list of str
        National tables and maps that are missing or are not whole, and why.
    finished : str
        When it ended, UTC (ISO 8601).
    """

    areas: list[Outcome]
    outputs: dict[str, str] = field(default_factory=dict)
    maps: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    finished: str = ""

    @property
    def failed(self) -> list[Outcome]:
        """The authorities that could not be built, or not whole."""
        return [each for each in self.areas if each.failed]

    def __repr__(self) -> str:
        folders = sum(each.folder in ("made", "kept") for each in self.areas)
        return (
            f"{type(self).__name__}({len(self.areas)} authorities, {folders} folders, "
            f"{len(self.failed)} failed)"
        )


@checked
def build_many(
    areas: Place | Iterable[Place] = "all",
    *,
    with_neighbours: bool = False,
    workspace: str | Path = ".",
    tables_only: bool = False,
    maps: bool = False,
    charts: bool = False,
    chapter: str | Iterable[str] = (),
    to_year: int | None = None,
    idaci_edition: int = default_year("idaci"),
    jobs: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    profile: bool = False,
) -> ManyRecord:
    """Build many authorities: national tables, and a folder with the outputs of each.

    An authority that cannot be built stops no other; its message is in the record. What an earlier
    run made from the same files with the same options is kept, so a run that was killed is resumed
    by running it again.

    Parameters
    ----------
    areas : place or several, default "all"
        ``"all"`` upper-tier authorities of England, those of a region or a combined authority, or
        the authorities named.
    with_neighbours : bool, default False
        Build the statistical neighbours of each authority too.
    workspace : str or Path, default "."
        The folder whose ``data/raw/`` is read. The national tables go to
        ``data/processed/national/``, the folder of an authority to ``areas/`` (such as
        ``areas/E08000001-bolton/``). Nothing is fetched: ``refresh`` does that.
    tables_only : bool, default False
        Make the national tables alone, and no folders.
    maps, charts : bool, default False
        Draw the maps, and the charts, of each authority. With maps, the authorities are also drawn
        side by side, into ``maps/national/``.
    chapter : str or iterable of str, optional
        The formats of a chapter for each authority; see :func:`write_chapter`.
    to_year : int, optional
        The last year of the published figures; see :func:`build`.
    idaci_edition : int, default 2025
        Year of the Indices of Deprivation of the folders.
    jobs : int, default 1
        Processes on this machine; each reads the figures of England and needs about 700 MB.
    executor : concurrent.futures.Executor, optional
        Runs the authorities instead, such as that of a Dask cluster
        (``distributed.Client(address).get_executor()``). Its workers must see the workspace under
        the same path and have the same version of this library.
    progress : callable, optional
        Called after each authority with the number done, the number of all, and its ``Outcome``.
    profile : bool, default False
        Note the seconds and the memory of each stage in the records of the authorities.

    Returns
    -------
    ManyRecord
        Also written as ``data/processed/national/run.json``. The tables, each as CSV and Parquet,
        with rows as in the tables of :func:`build`: ``indicators`` (all years, with the regions
        and England), ``profile``, ``neighbour_comparison`` and ``neighbour_summary`` (DfE's current
        model alone), ``projected_demand``, ``deprivation`` (:func:`idaci_profile` of each edition
        available) and ``sources``.

    Raises
    ------
    UsageError, AreaNotFoundError
        If an area or an option is not valid.
    MissingDataError
        If no authority has any figures.

    Notes
    -----
    One process, several or a cluster write the same bytes. ``run.json`` has times and differs.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> record = build_many("Bolton", workspace=folder, tables_only=True)
    >>> record, "profile.csv" in record.outputs
    (ManyRecord(1 authorities, 0 folders, 0 failed), True)
    """
    from bolton_jsna.building import _chapter, fingerprints
    from bolton_jsna.building._options import BuildOptions
    from bolton_jsna.building.many import _damaged, _national, _run, _task, places

    if not is_number(jobs) or jobs != int(jobs) or jobs < 1:
        raise UsageError(f"jobs={jobs!r} is not a number of processes. Expected 1 or more.")
    folder = workspace_folder(workspace).resolve()
    wanted = places.authorities(areas, with_neighbours=with_neighbours, workspace=folder)
    options = BuildOptions(
        workspace=folder,
        to_year=to_year,
        idaci_edition=idaci_edition,
        maps=maps,
        charts=charts,
        chapter=_chapter.formats_of(chapter),
        profile=profile,
    )
    damaged = _damaged.damaged_files(folder)
    with store.leaving_out(one.path for one in damaged):
        key = _task.key_of(fingerprints.inputs_of(folder, {}), to_year)
    tasks = [
        _task.Task(
            each.code,
            str(folder),
            key,
            options,
            folder=not tables_only,
            left_out=tuple(str(one.path) for one in damaged),
            damage="\n".join(one.why for one in damaged if one.area_code == each.code),
        )
        for each in wanted
    ]
    _task.forget_others(folder, key)
    outcomes: dict[str, Outcome] = {}
    for number, outcome in enumerate(_run.run(tasks, jobs=jobs, executor=executor), 1):
        outcomes[outcome.area_code] = outcome
        if outcome.failed:
            _log.info("%s: %s", outcome.area_name, outcome.message)
        if progress is not None:
            progress(number, len(tasks), outcome)
    record = ManyRecord([outcomes[each.code] for each in wanted], finished=_now())
    if all(each.figures == "failed" for each in record.areas):
        raise MissingDataError(
            f"None of {len(wanted)} authorities has figures. The first: {record.areas[0].message}"
        )
    with store.leaving_out(one.path for one in damaged):
        every = _task.shared(tasks[0]).every_area.indicators
        tables, reasons = _national.national_tables(tasks, every, wanted)
        drawn = replace(record, notes=reasons)
        return _national.write(tables, drawn, folder, places=wanted if maps else ())


def _now() -> str:
    return timestamps.now().astimezone(dt.UTC).isoformat(timespec="seconds")
