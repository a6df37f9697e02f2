"""One place that writes a build: into a staging folder first, then all into place."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.errors import BoltonJsnaError
from bolton_jsna.publication import inert
from bolton_jsna.store import fingerprint

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


@contextlib.contextmanager
def staging(workspace: Path) -> Iterator[Path]:
    """Give a folder inside the workspace to make outputs in; it is gone afterwards.

    It lies in the workspace so that moving a finished file into place is one step of the file
    system, whatever happens meanwhile.

    Raises
    ------
    BoltonJsnaError
        When the workspace cannot be written to.

    Examples
    --------
    >>> with staging(Path(tempfile.mkdtemp())) as folder:
    ...     folder.is_dir()
    True
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=".bolton-jsna-", dir=workspace))
    except OSError as error:
        raise BoltonJsnaError(
            f"The workspace {str(workspace)!r} cannot be written to: {error.strerror}. Name "
            "another with workspace= or --workspace."
        ) from error
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
    goal.mkdir(mode=0o700, exist_ok=True)
    goal.chmod(0o700)
    for path in staged.rglob("*"):
        if path.is_file():
            path.chmod(0o600)


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
    """Move every staged file to its place, and clear what it replaces.

    First goes what is told of local records, so that nothing is out that is not remembered; last
    the run record.

    Outputs of the build before that this one does not make are taken away, so that no map of
    another area or year is left beside the new ones; a file changed by hand since is kept.

    Raises
    ------
    BoltonJsnaError
        When a file cannot be put into place, as when it is open in another program.
    """
    before = _recorded(workspace)
    made = sorted(
        (path for path in staged.rglob("*") if path.is_file()),
        key=lambda path: (
            path == staged / RECORD,
            not path.is_relative_to(staged / RELEASES),
        ),
    )
    for path in made:
        goal = workspace / path.relative_to(staged)
        goal.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.replace(goal)
        except OSError as error:
            raise BoltonJsnaError(
                f"{goal} cannot be replaced: {error.strerror}. Close it where it is open and "
                "build again."
            ) from error
    new = {path.relative_to(staged).as_posix() for path in made}
    for name, digest in before.items():
        old = workspace / name
        if name in new or not old.is_file():
            continue
        if fingerprint(old) == digest:
            old.unlink()
        else:
            _log.warning("%s is not made by this build and was changed by hand: kept", name)


def _recorded(workspace: Path) -> dict[str, str]:
    try:
        record = json.loads((workspace / RECORD).read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in record["outputs"].items()}
    except (OSError, ValueError, KeyError, AttributeError):
        return {}
