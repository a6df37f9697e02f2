"""One place that writes a build: into a staging folder first, then all into place."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna import atomic, untrusted
from bolton_jsna.building.locking import STAGING
from bolton_jsna.errors import WorkspaceError, some
from bolton_jsna.publication import inert
from bolton_jsna.store import fingerprint
from bolton_jsna.untrusted import plain

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

PROCESSED = Path("data") / "processed"
MAPS = Path("maps")
RECORD = PROCESSED / "run.json"
RELEASES = PROCESSED / "releases"
"""What each build told of local records; no build clears it."""
SIGN_OFF = PROCESSED / "sign_off"
"""The proof for the person who signs, without its ending."""
PRIVATE = Path("not_for_publication")
"""Where a build goes whose small numbers are left open, with folders of its own."""

_TABLES: Final = (
    "children_in_need",
    "idaci_lsoa",
    "idaci_ward",
    "local_counts",
    "neighbour_comparison",
    "neighbour_summary",
    "projections",
    "rates",
    "sources",
    "ward_profile",
)
_PICTURES: Final = (
    "lsoa_idaci",
    "ward_idaci",
    "ward_idaci_vs_referrals",
    "ward_plan_rate",
    "ward_referral_rate",
)
OUTPUTS: Final = frozenset(
    [f"{PROCESSED.as_posix()}/{name}.{kind}" for name in _TABLES for kind in ("csv", "parquet")]
    + [f"{SIGN_OFF.as_posix()}.{kind}" for kind in ("txt", "json")]
    + [f"{MAPS.as_posix()}/{name}.{kind}" for name in _PICTURES for kind in ("html", "png", "svg")]
    + [f"{MAPS.as_posix()}/ward_layers.html"]
)
"""All that a build may write beside its record, and so all that the next may delete."""

_BEFORE: Final = ".before"
"""The folder, in that of the staging, of what is being replaced."""


@contextlib.contextmanager
def staging(workspace: Path) -> Iterator[Path]:
    """Give a folder inside the workspace to make outputs in; it is gone afterwards.

    It lies in the workspace so that moving a finished file into place is one step of the file
    system, whatever happens meanwhile. Only its owner can look into it.

    Raises
    ------
    WorkspaceError
        When the workspace cannot be written to, or there is no room left.

    Examples
    --------
    >>> with staging(Path(tempfile.mkdtemp())) as folder:
    ...     folder.is_dir()
    True
    """
    with atomic.reported(workspace, doing="written to"):
        folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=workspace))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write each table as Parquet and CSV; the same table gives the same bytes.

    No cell of a CSV runs as a formula where it is opened.

    Returns
    -------
    list of Path
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in tables.items():
        parquet, text = folder / f"{name}.parquet", folder / f"{name}.csv"
        table.to_parquet(parquet, index=False, engine="pyarrow", compression="zstd")
        inert(table).to_csv(text, index=False, encoding="utf-8", lineterminator="\n")
        written += [parquet, text]
    return written


def write_sign_off(text: str, facts: str, staged: Path) -> None:
    """Write the proof of a build beside its tables: one page of text, and JSON."""
    for ending, content in ((".txt", text), (".json", facts)):
        (staged / SIGN_OFF).with_suffix(ending).write_text(content, encoding="utf-8")


def make_private(staged: Path, goal: Path) -> None:
    """Let only their owner read the files of a folder and enter the one they go to.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "x").write_text("x")
    >>> make_private(folder, folder / "goal")
    >>> [oct((folder / name).stat().st_mode & 0o777) for name in ("x", "goal")]
    ['0o600', '0o700']
    """
    private_folder(goal)
    for path in staged.rglob("*"):
        if path.is_file():
            path.chmod(0o600)


def private_folder(goal: Path) -> None:
    """Make a folder that only its owner can enter.

    Raises
    ------
    WorkspaceError
        When a link is in its place, or it belongs to another user.

    Examples
    --------
    >>> goal = Path(tempfile.mkdtemp()) / "goal"
    >>> private_folder(goal)
    >>> oct(goal.stat().st_mode & 0o777)
    '0o700'
    """
    if atomic.is_link(goal):
        raise WorkspaceError(f"{str(goal)!r} is a link. Put a folder there: only you may enter it.")
    goal.mkdir(mode=0o700, exist_ok=True)
    if os.name == "posix" and goal.stat().st_uid != os.geteuid():
        raise WorkspaceError(
            f"{str(goal)!r} belongs to another user, who could read what is not for publication. "
            "Delete it or move it away."
        )
    goal.chmod(0o700)


def outputs_of(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file under a folder, by its path there.

    Examples
    --------
    >>> outputs_of(Path(tempfile.mkdtemp()))
    {}
    """
    return {
        path.relative_to(folder).as_posix(): fingerprint(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_relative_to(folder / RELEASES)
    }


def put_in_place(staged: Path, workspace: Path) -> None:
    """Move every staged file to its place, all or none, and clear what they replace.

    First goes what is told of local records, so that nothing is out that is not remembered; last
    the run record. Where one cannot be put into place, those before it are taken back.

    Outputs of the build before that this one does not make are taken away, so that no map of
    another area or year is left beside the new ones; a file changed by hand since is kept.

    Raises
    ------
    WorkspaceError
        When a file cannot be put into place, as when it is open in another program, or a folder or
        a link is in its way. Everything is then as it was.
    """
    before = _recorded(workspace)
    made = sorted(
        (path for path in staged.rglob("*") if path.is_file()),
        key=lambda path: (
            path == staged / RECORD,
            not path.is_relative_to(staged / RELEASES),
        ),
    )
    goals = {path: workspace / path.relative_to(staged) for path in made}
    for goal in goals.values():
        atomic.no_links(workspace, goal.parent)
        atomic.free(goal)
    done: list[tuple[Path, Path | None]] = []
    try:
        for path, goal in goals.items():
            goal.parent.mkdir(parents=True, exist_ok=True)
            done.append((goal, _kept(goal, staged / _BEFORE / f"{len(done)}")))
            path.replace(goal)
    except BaseException as error:
        _put_back(done)
        if not isinstance(error, OSError):
            raise
        raise WorkspaceError(
            f"{goal} cannot be replaced: {error.strerror or error}. Close it where it is open, or "
            "move away what is in its place, and build again. Nothing was changed."
        ) from error
    new = {path.relative_to(staged).as_posix() for path in made}
    strange = [plain(name, most=80) for name in before if name not in OUTPUTS | {RECORD.as_posix()}]
    if strange:
        _log.warning(
            "run.json names %s, which no build writes: left alone", some(map(repr, strange))
        )
    for name in sorted(before.keys() & OUTPUTS - new):
        _clear(workspace, name, before[name])


def _kept(goal: Path, copy: Path) -> Path | None:
    """Return a second name for a file that is about to be replaced, None where there is none."""
    if not goal.exists() and not goal.is_symlink():
        return None
    copy.parent.mkdir(exist_ok=True)
    try:
        os.link(goal, copy, follow_symlinks=False)
    except (OSError, NotImplementedError):  # a disk without second names
        shutil.copy2(goal, copy, follow_symlinks=False)
    return copy


def _put_back(done: list[tuple[Path, Path | None]]) -> None:
    """Put everything back as it was, the last first, so that what was told is forgotten last."""
    for goal, copy in reversed(done):
        try:
            if copy is None:
                goal.unlink(missing_ok=True)
            else:
                copy.replace(goal)
        except OSError as error:
            _log.error("%s could not be put back (%s): build again", goal, error.strerror)
            return


def _clear(workspace: Path, name: str, digest: str) -> None:
    """Delete an output of the build before, if it has the bytes that were written."""
    try:
        old = untrusted.below(workspace, name)
        if not old.is_file():
            return
        if fingerprint(old) == digest:
            old.unlink()
        else:
            _log.warning("%s is not made by this build and was changed by hand: kept", name)
    except (OSError, untrusted.UntrustedError) as error:
        _log.warning("%s shows an older build and cannot be deleted: %s", name, error)


def _recorded(workspace: Path) -> dict[str, str]:
    """Return what the record of the build before names; what cannot be read names nothing."""
    try:
        outputs = untrusted.read_table(workspace / RECORD).get("outputs")
    except (OSError, untrusted.UntrustedError):
        return {}
    if not isinstance(outputs, dict):
        return {}
    return {name: digest for name, digest in outputs.items() if isinstance(digest, str)}
