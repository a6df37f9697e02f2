"""One build at a time in a workspace, and what a killed one left is cleared first."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bolton_jsna import atomic
from bolton_jsna.errors import BoltonJsnaError

_log = logging.getLogger(__name__)

STAGING: Final = ".bolton-jsna-"
"""How the names of staging folders begin, in the workspace."""

_LOCK: Final = ".bolton-jsna.lock"
_PAUSE: Final = 0.1


@contextlib.contextmanager
def alone(workspace: Path, *, wait: float = 600) -> Iterator[None]:
    """Hold a workspace for one build; the lock is gone afterwards, however the build ends.

    The staging folders of builds that were killed are deleted first. They may hold small numbers.

    Parameters
    ----------
    workspace : Path
    wait : float, default 600
        Seconds to wait for another build to end.

    Raises
    ------
    BoltonJsnaError
        When another build holds the workspace for longer, or it cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with alone(folder):
    ...     (folder / ".bolton-jsna.lock").exists()
    True
    >>> list(folder.iterdir())
    []
    """
    path = workspace / _LOCK
    with atomic.reported(workspace, doing="written to"):
        atomic.no_links(workspace, path)
        atomic.free(path)
    with _locked(path, wait) as locked:
        if locked:
            clear(workspace)
        yield


def clear(workspace: Path) -> None:
    """Delete the staging folders that killed builds left in a workspace."""
    for path in sorted(workspace.glob(f"{STAGING}*")):
        if atomic.is_link(path) or not path.is_dir():
            continue
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            _log.warning(
                "%s, which a killed build left, cannot be deleted. It may hold small numbers: "
                "delete it yourself.",
                path,
            )


def interrupted(workspace: Path) -> bool:
    """Report whether a build was killed in a workspace and none has been made since.

    Examples
    --------
    >>> interrupted(Path("no-such-folder"))
    False
    """
    left = [path for path in workspace.glob(f"{STAGING}*") if path.is_dir()]
    return bool(left) and not _running(workspace / _LOCK)


def _running(path: Path) -> bool:
    """Report whether a build holds a lock file now."""
    if os.name == "nt":  # a lock file that is open there cannot be deleted
        return path.exists()
    import fcntl

    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return isinstance(error, BlockingIOError)
    finally:
        os.close(handle)
    return False


@contextlib.contextmanager
def _locked(path: Path, wait: float) -> Iterator[bool]:
    """Hold a lock file, and say whether the disk could lock it."""
    if os.name == "nt":
        import filelock

        lock = filelock.FileLock(path)
        try:
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

    until = time.monotonic() + wait
    while True:
        with atomic.reported(path.parent, doing="written to"):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Who held it before has deleted it: then another build may have made a new one.
            if os.fstat(handle).st_nlink and stat.S_ISREG(os.fstat(handle).st_mode):
                return handle, True
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(handle)
                raise _busy(path, wait) from None
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


def _busy(path: Path, wait: float) -> BoltonJsnaError:
    return BoltonJsnaError(
        f"Another build has been at work in {str(path.parent)!r} for {wait:.0f} seconds. Nothing "
        "was built. Wait for it to end, or end it, and build again."
    )
