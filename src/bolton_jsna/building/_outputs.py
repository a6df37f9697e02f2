"""Write the outputs of a build: into a staging folder first, then all into place."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.building import _chapter_files, _staged_moves
from bolton_jsna.building._staged_moves import Moves
from bolton_jsna.building.paths import KEPT, OUTPUTS, PRIVATE, RECORD, RELEASES, SIGN_OFF, STAGING
from bolton_jsna.core import atomic, untrusted
from bolton_jsna.core.errors import WorkspaceError, some
from bolton_jsna.core.export import inert
from bolton_jsna.core.permissions import private_folder
from bolton_jsna.core.untrusted import plain
from bolton_jsna.ingest.store import fingerprint

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)


@contextlib.contextmanager
def staging(workspace: Path) -> Iterator[Path]:
    """Make a folder inside the workspace for outputs, and delete it afterwards."""
    # It is in the workspace so that moving a finished file into place is one step of the file
    # system. Only its owner can read it. It stays if moves were begun and not completed: the next
    # build completes them.
    with atomic.reported(workspace, doing="written to"):
        folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=workspace))
        try:
            yield folder
        finally:
            if not _staged_moves.listed(folder):
                shutil.rmtree(folder, ignore_errors=True)


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write each table as Parquet and CSV; the same table gives the same bytes."""
    # No cell of a CSV runs as a formula when the file is opened.
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in tables.items():
        parquet, text = folder / f"{name}.parquet", folder / f"{name}.csv"
        table.to_parquet(parquet, index=False, engine="pyarrow", compression="zstd")
        inert(table).to_csv(text, index=False, encoding="utf-8", lineterminator="\n")
        written += [parquet, text]
    return written


def write_sign_off(text: str, facts: str, staged: Path) -> None:
    """Write the page to sign next to the tables of a build, and its JSON."""
    for ending, content in ((".txt", text), (".json", facts)):
        (staged / SIGN_OFF).with_suffix(ending).write_text(content, encoding="utf-8")


def make_private(staged: Path, goal: Path) -> None:
    """Let only their owner read the files of a folder and open the folder they go to."""
    private_folder(goal)
    for path in staged.rglob("*"):
        if path.is_file():
            path.chmod(0o600)


def outputs_of(folder: Path) -> dict[str, str]:
    """Return the sha256 of every output under a folder, by its path there."""
    # Releases, and the file that only the owner may read, are not outputs.
    return {
        path.relative_to(folder).as_posix(): fingerprint(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_relative_to(folder / RELEASES) and path != folder / KEPT
    }


def put_in_place(staged: Path, workspace: Path) -> None:
    """Move every staged file to its place, all or none, and clear what they replace."""
    # The moves are written down first, so that the next build can complete them if the program is
    # killed. Releases are moved first, so that nothing is published that is not recorded; the run
    # record is moved last. If a file cannot be moved, the moves before it are undone.
    # Outputs of the last build that this one does not make are deleted, so that no map of another
    # area or year is left with the new ones; a file changed by hand since is kept.
    plan = _planned(staged, workspace)
    for name in plan.new:
        atomic.no_links(workspace, (workspace / name).parent)
        atomic.free(workspace / name)
    try:
        _staged_moves.begin(plan, staged, workspace)
        _staged_moves.carry_out(plan, plan.new, staged, workspace)
    except BaseException as error:
        state = "Nothing was changed."
        try:
            _staged_moves.put_back(plan, plan.new, staged, workspace)
            _staged_moves.end(plan, staged, workspace)
        except OSError as second:
            state = f"Files of two builds are in place: build again, which corrects it. {second}"
        if not isinstance(error, OSError):
            raise
        raise WorkspaceError(f"{error} {state}") from error
    _staged_moves.end(plan, staged, workspace)


def _planned(staged: Path, workspace: Path) -> Moves:
    new = {
        path.relative_to(staged).as_posix(): fingerprint(path)
        for path in staged.rglob("*")
        if path.is_file()
    }
    private = workspace == staged.parent / PRIVATE
    before = _recorded(workspace)
    strange = [plain(name, most=80) for name in before if name not in OUTPUTS | {RECORD.as_posix()}]
    if strange:
        _log.warning(
            "run.json names %s, which no build writes: not changed", some(map(repr, strange))
        )
    # A chapter that is open in Word stays.
    open_ones = _chapter_files.kept_open(workspace).keys()
    gone = before.keys() & OUTPUTS - new.keys() - open_ones
    old = {name: before[name] for name in sorted(gone)}
    if not private and KEPT.as_posix() not in new and atomic.is_file(workspace / KEPT):
        # The last build used a file of the authority, and this one does not.
        old[KEPT.as_posix()] = fingerprint(workspace / KEPT)
    return Moves(
        private=private,
        new={name: new[name] for name in sorted(new, key=_staged_moves.order)},
        old=old,
        fresh=[name for name in new if not os.path.lexists(workspace / name)],
    )


def _recorded(workspace: Path) -> dict[str, str]:
    """Return the outputs of the last build; none if its record cannot be read."""
    try:
        outputs = untrusted.read_table(workspace / RECORD).get("outputs")
    except (OSError, untrusted.UntrustedError):
        return {}
    if not isinstance(outputs, dict):
        return {}
    return {name: digest for name, digest in outputs.items() if _staged_moves.is_sha256(digest)}
