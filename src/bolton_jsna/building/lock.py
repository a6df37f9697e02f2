"""One build at a time in a workspace; a build that was killed is completed first."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Final

from bolton_jsna.building import _staged_moves
from bolton_jsna.building.paths import STAGING
from bolton_jsna.core import atomic
from bolton_jsna.core.errors import BoltonJsnaError

_log = logging.getLogger(__name__)

_LOCK: Final = ".bolton-jsna.lock"
_PAUSE: Final = 0.1
_WAIT: Final = 600
_DEAD: Final = 600
"""Seconds after which unfinished moves are those of a killed build, if the disk cannot lock."""
_HELD: ContextVar[frozenset[Path]] = ContextVar("_HELD", default=frozenset())
"""The locks that this thread holds."""


@contextlib.contextmanager
def alone(workspace: Path, *, wait: float = _WAIT) -> Iterator[None]:
    """Lock a workspace for one build; the lock is deleted afterwards, however the build ends."""
    # If another build has the lock, one line of the log reports that this one waits, and how long.
    # A build within a rebuild has the lock already.
    # A build that was killed while its files were moved is completed first, and the staging
    # folders of killed builds are deleted. They may have small numbers.
    path = workspace / _LOCK
    if path.absolute() in _HELD.get():
        yield
        return
    with atomic.reported(workspace, doing="written to"):
        atomic.no_links(workspace, path)
        atomic.free(path)
    with _locked(path, wait) as locked:
        for staged in _staged_moves.unfinished(workspace):
            if not locked and _staged_moves.age(staged) < _DEAD:
                raise _unclear(workspace)
            _staged_moves.settle(staged, workspace)
        if locked:
            clear(workspace)
        held = _HELD.set(_HELD.get() | {path.absolute()})
        try:
            yield
        finally:
            _HELD.reset(held)


def interrupted(workspace: Path) -> str:
    """Return a warning if a build was killed while its files were moved; else an empty text."""
    # Nothing is written here: the next build completes it.
    if not _staged_moves.unfinished(workspace) or _held(workspace / _LOCK):
        return ""
    return (
        "A build was interrupted while its files were moved into place: its folders may hold files "
        "of two builds. Do not use them. Run bolton-jsna build with the same options: it first "
        "completes the build that was interrupted."
    )


def clear(workspace: Path) -> None:
    """Delete the staging folders that killed builds left in a workspace."""
    for path in sorted(workspace.glob(f"{STAGING}*")):
        if atomic.is_link(path) or not path.is_dir():
            continue
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            _log.warning(
                "%s, which a killed build left, cannot be deleted. It may have small numbers: "
                "delete it yourself.",
                path,
            )


def killed(workspace: Path) -> bool:
    """Return whether a build was killed in a workspace and none has been made since."""
    left = [path for path in workspace.glob(f"{STAGING}*") if path.is_dir()]
    return bool(left) and not _held(workspace / _LOCK)


@contextlib.contextmanager
def _locked(path: Path, wait: float) -> Iterator[bool]:
    """Hold a lock file; the value is whether the disk could lock it."""
    if os.name == "nt":
        import filelock

        lock = filelock.FileLock(path)
        try:
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                _log_waiting(path, wait)
                lock.acquire(timeout=wait)
        except filelock.Timeout as error:
            raise _busy(path, wait) from error
        try:
            yield True
        finally:
            lock.release()
            with contextlib.suppress(OSError):  # another build has it open already
                path.unlink()
        return
    handle, locked = _acquired(path, wait)
    try:
        yield locked
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def _acquired(path: Path, wait: float) -> tuple[int, bool]:
    """Return the open lock file, still the one that is at its path, and whether it is locked."""
    import fcntl

    until, reported = time.monotonic() + wait, False
    while True:
        with atomic.reported(path.parent, doing="written to"):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The build before may have deleted this file, and another build made a new one.
            if os.fstat(handle).st_nlink and stat.S_ISREG(os.fstat(handle).st_mode):
                return handle, True
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(handle)
                raise _busy(path, wait) from None
            if not reported:
                _log_waiting(path, wait)
                reported = True
            time.sleep(_PAUSE)
        except OSError as error:
            _log.warning(
                "the disk of %s cannot lock files (%s): run one build at a time, and delete %s* "
                "that a killed build leaves",
                path.parent,
                error.strerror,
                STAGING,
            )
            return handle, False
        os.close(handle)


def _held(path: Path) -> bool:
    """Return whether a build holds a lock file now; the file is not changed."""
    if os.name == "nt":
        return False
    import fcntl

    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False


def _unclear(workspace: Path) -> BoltonJsnaError:
    return BoltonJsnaError(
        f"Another build is moving its files in {str(workspace)!r}, or was killed while it did. "
        "Which of the two is not known, because the disk cannot lock files. Nothing was built. "
        "Wait ten minutes and build again: a build that was killed is then completed first."
    )


def _log_waiting(path: Path, wait: float) -> None:
    _log.warning(
        "another build is running in %r: waiting for it to end, %.0f seconds at most",
        str(path.parent),
        wait,
    )


def _busy(path: Path, wait: float) -> BoltonJsnaError:
    return BoltonJsnaError(
        f"Another build has been running in {str(path.parent)!r} for {wait:.0f} seconds. Nothing "
        "was built. Wait for it to end, or end it, and build again."
    )
