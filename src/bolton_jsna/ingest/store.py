"""The raw files of a workspace, in ``data/raw/<dataset>/`` and its folders, as published.

A refresh puts its files into ``data/raw/<dataset>/<edition>/`` and lists them in the lock file.
Files that users put there are read as well and never changed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path

from bolton_jsna import catalogue
from bolton_jsna.core import atomic, untrusted
from bolton_jsna.core.errors import SourceError, UsageError, WorkspaceError
from bolton_jsna.ingest import _previous_copies as copies
from bolton_jsna.ingest import lockfile
from bolton_jsna.ingest.lockfile import LockEntry, LockFile

_log = logging.getLogger(__name__)

_left_out: ContextVar[frozenset[Path]] = ContextVar("_left_out", default=frozenset())
"""Files that are not read."""

RAW = Path("data") / "raw"
SUPERSEDED = copies.FOLDER
"""The hidden folder, in the folder of an edition, with the copies that were replaced."""

_INCOMING = ".incoming"
_GUARD = ".refresh.lock"
_SHAPES = (".parquet", ".geoparquet")
_OLD_WORKBOOKS = {"population_projections": (".xls",)}
_TABLES = (".csv", ".tsv", ".gz", ".zip", ".xlsx")
_READABLE = (".csv", ".tsv", ".txt", ".gz", ".zip", ".xlsx", ".geojson", ".json", ".gpkg")


def workspace_folder(workspace: str | Path | None = None) -> Path:
    """Return the folder that holds ``data/`` and ``maps/``."""
    folder = Path(workspace or os.environ.get("BOLTON_JSNA_WORKSPACE") or ".")
    try:
        there = folder.is_dir()
        closed = there and not os.access(folder, os.R_OK | os.X_OK)
    except (OSError, ValueError) as error:  # no access to a parent folder, or not a valid name
        raise WorkspaceError(
            f"The folder {str(folder)!r} cannot be opened: "
            f"{getattr(error, 'strerror', '') or error}. Choose another with workspace= or "
            "--workspace."
        ) from error
    if closed:
        raise WorkspaceError(
            f"The user of this program has no access to the folder {str(folder)!r}. Give access, "
            "or choose another with workspace= or --workspace."
        )
    if not there:
        raise UsageError(
            f"There is no folder {str(folder)!r}. Create it, or choose another with workspace= or "
            "--workspace."
        )
    return folder


def raw_files(dataset: str, workspace: str | Path | None = None) -> tuple[Path, ...]:
    """Return the raw files of a dataset in a workspace, in order of name."""
    # Left out: files that no reader opens (README, .md, hidden files), and files that a refresh was
    # about to delete when it was killed.
    raw = workspace_folder(workspace) / RAW
    folder = raw / dataset
    shapes = _SHAPES if dataset.endswith("_boundaries") else ()
    readable = {*_READABLE, *shapes, *_OLD_WORKBOOKS.get(dataset, ())}
    files = sorted(
        path
        for path in _paths(folder)
        if path.suffix.lower() in readable
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and _is_file(path)
    )
    if not files:
        return ()
    left = {raw / each.path for each in lockfile.settled(raw).coming.values()} | _left_out.get()
    return tuple(path for path in files if path not in left)


@contextlib.contextmanager
def leaving_out(paths: Iterable[Path]) -> Iterator[None]:
    """Read no file of some paths: those of other authorities that cannot be read."""
    before = _left_out.set(_left_out.get() | set(paths))
    try:
        yield
    finally:
        _left_out.reset(before)


def _is_file(path: Path) -> bool:
    """Report whether a path is a file; log what is neither a file nor a folder."""
    if path.is_file():
        return True
    if not path.is_dir():
        _log.warning("%s is not used: it is a broken link, a pipe or a device, not a file", path)
    return False


def _paths(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder; raise an error if a folder cannot be opened."""

    def closed(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise WorkspaceError(
                f"{error.filename!r} cannot be opened: {error.strerror}. Give the user of this "
                "program access to it: otherwise the files in it would be missed."
            ) from error

    for here, _, names in os.walk(folder, onerror=closed):
        for name in names:
            yield Path(here) / name


def astray(workspace: str | Path | None = None) -> tuple[str, ...]:
    """Return the tables in ``data/raw/`` that are in no dataset's folder, so that none is read."""
    raw = workspace_folder(workspace) / RAW
    known = {each.id for each in catalogue.datasets()}
    found = [path.relative_to(raw) for path in _paths(raw) if path.suffix.lower() in _TABLES]
    return tuple(
        sorted(
            path.as_posix()
            for path in found
            if (len(path.parts) == 1 or path.parts[0] not in known)
            and not any(part.startswith(".") for part in path.parts)
        )
    )


def added_by_hand(dataset: str, workspace: str | Path | None = None) -> tuple[Path, ...]:
    """Return the raw files of a dataset that were not fetched by a refresh."""
    raw = workspace_folder(workspace) / RAW
    fetched = {raw / entry.path for entry in lockfile.settled(raw).entries.values()}
    return tuple(path for path in raw_files(dataset, workspace) if path not in fetched)


def fingerprint(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def entries(workspace: str | Path | None = None) -> dict[str, LockEntry]:
    """Return the entries of the lock file by key, checked against the files."""
    return lockfile.settled(workspace_folder(workspace) / RAW).entries


@contextlib.contextmanager
def guarded(workspace: str | Path | None = None, *, wait: float = 600) -> Iterator[Path]:
    """Hold the store for one refresh, and yield a folder for files in progress."""
    # First, what a killed run left unfinished is settled, and its temporary files are deleted.
    import filelock

    folder = workspace_folder(workspace)
    raw = folder / RAW
    with atomic.reported(raw):
        atomic.no_links(folder, raw)
        raw.mkdir(parents=True, exist_ok=True)
        for name in (_GUARD, _INCOMING, lockfile.NAME):
            # Opening the lock through a link would empty the file that the link points to.
            atomic.no_links(raw, raw / name)
        atomic.free(raw / _GUARD)
    try:
        with filelock.FileLock(raw / _GUARD, timeout=wait):
            clear(raw)
            incoming = Path(tempfile.mkdtemp(dir=raw / _INCOMING))
            try:
                yield incoming
            finally:
                shutil.rmtree(raw / _INCOMING, ignore_errors=True)
    except filelock.Timeout as error:
        raise SourceError(
            f"Another refresh has been running in {raw} for {wait:.0f} seconds. This one has done "
            "nothing. Wait until the other has ended, or stop it, and run this one again."
        ) from error


def clear(raw: Path) -> None:
    """Settle what a killed run left unfinished and delete its temporary files."""
    shutil.rmtree(raw / _INCOMING, ignore_errors=True)
    for draft in raw.glob(f".{lockfile.NAME}.*{atomic.DRAFT}"):
        draft.unlink(missing_ok=True)
    lock = lockfile.settled(raw)
    if lockfile.read(raw).coming:
        for before in lock.coming.values():
            _delete(raw, before)
        lockfile.write(raw, LockFile(lock.entries))
    (raw / _INCOMING).mkdir(parents=True, exist_ok=True)


def put(
    new: Path,
    entry: LockEntry,
    workspace: str | Path | None = None,
    *,
    keep: int = 1,
    others: Mapping[str, LockEntry | None] | None = None,
) -> LockEntry:
    """Move a checked file into its place and write the lock file."""
    raw = workspace_folder(workspace) / RAW
    lock = lockfile.settled(raw)
    before = lock.entries.get(entry.key)
    entry = dataclasses.replace(entry, sha256=fingerprint(new), size=new.stat().st_size)
    goal = untrusted.below(raw, entry.path)
    atomic.free(goal)
    atomic.no_links(raw, goal.parent / SUPERSEDED)
    goal.parent.mkdir(parents=True, exist_ok=True)
    fetched = {raw / each.path: each.sha256 for each in lock.entries.values()}
    retrieved = before.retrieved if before is not None else ""
    for old in {goal} | ({raw / before.path} if before is not None and before.held else set()):
        digest = fingerprint(old) if old.is_file() else entry.sha256
        if digest == entry.sha256:
            continue
        if digest != fetched.get(old):  # added or changed by hand: the only copy
            copies.keep(old, copies.by_hand(digest), goal.parent)
        elif keep:
            copies.keep(old, copies.fetched(entry.key, retrieved), goal.parent)
    with new.open("rb") as file:
        os.fsync(file.fileno())
    lockfile.write(raw, LockFile(lock.entries, {entry.key: entry}))
    atomic.move(new, goal)
    if before is not None and before.held and before.path != entry.path:
        _delete(raw, before)
    _write(raw, {**lock.entries, entry.key: entry}, others or {}, keep)
    copies.prune(goal.parent, entry.key, keep)
    return entry


def note(
    changed: Mapping[str, LockEntry | None],
    workspace: str | Path | None = None,
    before: Mapping[str, LockEntry] | None = None,
    *,
    keep: int = 1,
) -> None:
    """Write entries whose files do not change, and delete files whose entries are removed."""
    raw = workspace_folder(workspace) / RAW
    entries = lockfile.settled(raw).entries if changed else {}

    def still(key: str, each: LockEntry | None) -> bool:
        there = entries.get(key)
        same = each is not None and there is not None and each.sha256 == there.sha256
        return before is None or there == before.get(key) or same

    if changed:
        _write(raw, entries, {key: each for key, each in changed.items() if still(key, each)}, keep)


def _write(
    raw: Path, entries: Mapping[str, LockEntry], changed: Mapping[str, LockEntry | None], keep: int
) -> None:
    """Write the lock file, then delete the files of removed entries."""
    after = {**entries, **{key: each for key, each in changed.items() if each is not None}}
    gone = {key: after.pop(key) for key, each in changed.items() if each is None and key in after}
    there = {each.path for each in after.values()}
    held = {key: each for key, each in gone.items() if each.held and each.path not in there}
    if held:
        bytes_ = {each.sha256 for each in after.values()}
        for entry in held.values():
            if keep and entry.sha256 not in bytes_ and lockfile.matches(raw, entry):
                copies.keep(raw / entry.path, copies.fetched(entry.key, entry.retrieved))
        coming = {key: LockEntry(*each.id) for key, each in held.items()}
        lockfile.write(raw, LockFile({**after, **held}, coming))
        for entry in held.values():
            _delete(raw, entry)
            copies.prune((raw / entry.path).parent, entry.key, keep)
    lockfile.write(raw, LockFile(after))


def _delete(raw: Path, entry: LockEntry) -> None:
    """Delete the replaced file of an entry; keep a copy if it was changed by hand."""
    # Anyone may have edited the lock file: a file is only deleted if it is where fetched files are,
    # without a link. If its bytes are not those that were fetched, a hidden copy is kept.
    try:
        path = untrusted.below(raw, entry.path)
    except untrusted.UntrustedError as error:
        _log.warning("the replaced file is not deleted: %s", error)
        return
    if not path.is_file():
        return
    if not lockfile.matches(raw, entry):
        copies.keep(path, copies.by_hand(fingerprint(path)))
    path.unlink(missing_ok=True)
