"""What is done for one of many authorities: its figures for the national tables, and its folder.

A task is a few codes and paths, so that it can be sent to another process or machine. Done twice,
it gives the same files: what is there already is not made again.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from bolton_jsna.building._options import BuildOptions
from bolton_jsna.building.paths import RECORD
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.errors import BoltonJsnaError, MissingDataError, SourceError
from bolton_jsna.core.isolation import own_settings
from bolton_jsna.core.naming import name_key
from bolton_jsna.core.version import __version__
from bolton_jsna.ingest import raw_tables, store

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building.published import SharedInputs

_log = logging.getLogger(__name__)

State = Literal["made", "kept", "failed", "not asked"]
"""What became of a part of a task."""

PARTS: Final = Path("data") / "cache" / "authorities"
"""The figures of single authorities from which the national tables are put together."""
AREAS: Final = Path("areas")
"""The folder of the folders of authorities."""
_ONE_AT_A_TIME: Final = threading.Lock()


@dataclass(frozen=True)
class Task:
    """One authority of a run.

    Attributes
    ----------
    area_code : str
    workspace : str
        The folder with ``data/raw/``, the same for every process.
    key : str
        A mark of the input files, the options and the version: figures with another are not used.
    options : BuildOptions
        What is made in the folder of the authority.
    folder : bool
        Whether the folder is built, or only the figures for the national tables.
    left_out : tuple of str
        Files of authorities that cannot be read, which are read for no authority.
    damage : str
        Why a file of this authority cannot be read: then nothing is made of it.
    """

    area_code: str
    workspace: str
    key: str
    options: BuildOptions
    folder: bool = True
    left_out: tuple[str, ...] = ()
    damage: str = ""

    @property
    def parts(self) -> Path:
        """The folder of the authority's figures."""
        return Path(self.workspace) / PARTS / self.key / self.area_code


@dataclass(frozen=True)
class Outcome:
    """What became of an authority of a run.

    Attributes
    ----------
    area_code, area_name : str
    figures : {"made", "kept", "failed"}
        Its rows of the national tables; ``kept`` from an earlier run with the same inputs.
    folder : {"made", "kept", "failed", "not asked"}
        Its folder.
    path : str
        Its folder in the workspace.
    message : str
        Why something failed and what to do; empty if nothing did.
    seconds : float
        How long it took.
    """

    area_code: str
    area_name: str
    figures: State = "made"
    folder: State = "not asked"
    path: str = ""
    message: str = ""
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether its figures or its folder could not be made."""
        return "failed" in (self.figures, self.folder)


def folder_of(code: str) -> Path:
    """Return the folder of an authority in a workspace, such as ``areas/E08000001-bolton``.

    Examples
    --------
    >>> folder_of("E06000023").as_posix()
    'areas/E06000023-bristol-city-of'
    """
    return AREAS / f"{code}-{name_key(area_of(code).name).replace(' ', '-')}"


def key_of(marks: Mapping[str, str], to_year: int | None) -> str:
    """Return the mark of a run's inputs; figures of runs with the same mark are the same."""
    facts = json.dumps([sorted(marks.items()), to_year, __version__])
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def work(task: Task) -> Outcome:
    """Make what a task asks for; a fault is returned, so that it stops no other authority."""
    # A library that draws is not made for threads: in one process authorities follow each other.
    left_out = store.leaving_out(map(Path, task.left_out))
    with _ONE_AT_A_TIME, own_settings(), left_out, raw_tables.whole_tables():
        return _work(task)


def _work(task: Task) -> Outcome:
    began = time.monotonic()
    outcome = Outcome(task.area_code, area_of(task.area_code).name)
    steps = {"figures": figures}
    if task.folder:
        steps["folder"] = _folder
        outcome = replace(outcome, path=folder_of(task.area_code).as_posix())
    if task.damage:
        outcome = replace(outcome, figures="failed", message=task.damage)
        return replace(outcome, folder="failed") if task.folder else outcome
    messages: list[str] = []
    states: dict[str, State] = {}
    for name, step in steps.items():
        try:
            states[name] = step(task)
        except MissingDataError as error:
            messages.append(error.message)
        except BoltonJsnaError as error:
            messages.append(str(error))
        except Exception as error:  # noqa: BLE001 (it must not stop the other authorities)
            _log.exception("%s cannot be built", outcome.area_name)
            messages.append(f"Unexpected error ({type(error).__name__}). Please report it.")
    return replace(
        outcome,
        figures=states.get("figures", "failed"),
        folder=states.get("folder", "failed") if task.folder else "not asked",
        message="\n".join(dict.fromkeys(messages)),
        seconds=round(time.monotonic() - began, 2),
    )


def figures(task: Task) -> State:
    """Write the rows of an authority in the national tables, if they are not there."""
    if task.parts.is_dir():
        return "kept"
    from bolton_jsna.building import _projected_demand, _tables
    from bolton_jsna.building.published import MODELS, gather_published

    workspace = Path(task.workspace)
    published = gather_published(
        area_of(task.area_code),
        to_year=task.options.to_year,
        workspace=workspace,
        every_area=shared(task).every_area,
        models=MODELS[:1],
    )
    compared = _tables.comparisons(published)
    write_parts(
        {
            "profile": _tables.profile_of(published),
            "projected_demand": _projected_demand.projected_demand(published, workspace),
            **_tables.neighbour_tables(published, compared),
        },
        task.parts,
    )
    return "made"


def write_parts(tables: Mapping[str, pd.DataFrame], place: Path) -> None:
    """Write tables into a folder that is complete or does not exist."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".", dir=place.parent))
    try:
        for name, table in tables.items():
            table.to_parquet(draft / f"{name}.parquet", index=False, compression="zstd")
        draft.replace(place)
    except OSError:
        # Another process made the same rows at the same time.
        if not place.is_dir():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _folder(task: Task) -> State:
    from bolton_jsna import building

    into = Path(task.workspace) / folder_of(task.area_code)
    options = replace(task.options, into=into)
    common = shared(task)
    if _is_built(into, options, common.marks):
        return "kept"
    into.mkdir(parents=True, exist_ok=True)
    building.build_one(task.area_code, options, common)
    return "made"


def _is_built(into: Path, options: BuildOptions, marks: Mapping[str, str]) -> bool:
    """Return whether a folder has what was asked for, from the same inputs, unchanged since."""
    from bolton_jsna.core import untrusted
    from bolton_jsna.ingest.store import fingerprint

    try:
        record = untrusted.read_table(into / RECORD)
        asked = json.loads(json.dumps(options.recorded()))
        versions, outputs = record.get("versions"), record.get("outputs")
        return (
            record.get("options") == asked
            and record.get("inputs") == dict(marks)
            and isinstance(versions, dict)
            and versions.get("bolton-jsna") == __version__
            and isinstance(outputs, dict)
            and all(fingerprint(into / name) == mark for name, mark in outputs.items())
        )
    except (OSError, untrusted.UntrustedError):
        return False


def forget_others(workspace: Path, key: str) -> None:
    """Delete the figures of runs with other inputs: files of publishers change."""
    for each in (workspace / PARTS).glob("*"):
        if each.name != key and each.is_dir() and not each.is_symlink():
            shutil.rmtree(each, ignore_errors=True)


def shared(task: Task) -> SharedInputs:
    """Return what the authorities of a run share, read once in each process."""
    with store.leaving_out(map(Path, task.left_out)):
        return _shared(task.workspace, task.key, task.options.to_year)


@functools.lru_cache(maxsize=1)
def _shared(workspace: str, key: str, to_year: int | None) -> SharedInputs:
    from bolton_jsna.building import fingerprints
    from bolton_jsna.building.published import SharedInputs, read_every_area

    marks = fingerprints.inputs_of(Path(workspace), {})
    if key_of(marks, to_year) != key:
        raise SourceError(
            "The files in data/raw/ have changed since this run began. Run it again: what was made "
            "from the files as they are now is not made again."
        )
    return SharedInputs(read_every_area(workspace), marks)
