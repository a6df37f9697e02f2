"""The folder of the user's cache: where it lies, whether it may be trusted, and how large it gets.

It is not in the workspace. Anyone who can write there could put other figures under the name of a
publisher's file; a folder that only its user can write into needs no such trust.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import Final

from bolton_jsna.core import atomic
from bolton_jsna.core.permissions import others_can_write

VARIABLE: Final = "BOLTON_JSNA_CACHE"
"""The environment variable with another folder, or with ``off``."""

_OFF: Final = {"", "off", "no", "none", "0", "false"}
_NAME: Final = "bolton-jsna"
_TABLES: Final = "tables"
ENDING: Final = ".parquet"

MOST: Final = 500 * 2**20
"""Bytes of all files; the ones not used for the longest time are deleted."""

_DAY: Final = 24 * 3600


def folder() -> Path | None:
    """Return the folder of the tables of this user, None where there is none or it is off."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return None if named.strip().lower() in _OFF else Path(named).absolute() / _TABLES
    try:
        return _of_system() / _NAME / _TABLES
    except RuntimeError:  # the user has no home
        return None


def _of_system() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    given = Path(os.environ.get("XDG_CACHE_HOME") or ".")
    return given if given.is_absolute() else Path.home() / ".cache"


def trusted(path: Path) -> bool:
    """Return whether a folder is there, and only this user can write into it."""
    try:
        status = path.lstat()
    except OSError:
        return False
    if atomic.is_link(path) or not path.is_dir():
        return False
    return os.name != "posix" or (status.st_uid == os.geteuid() and not others_can_write(status))


def made(path: Path) -> bool:
    """Make the folder for its owner only, and return whether it may be used."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return False
    return trusted(path)


def prune(path: Path, kept: Path, *, most: int | None = None) -> None:
    """Delete earlier tables of the same file, what is left of killed runs, and what is too much."""
    place = kept.name.partition(".")[0]
    there: list[tuple[float, int, Path]] = []
    for each in path.iterdir():
        with contextlib.suppress(OSError):
            status = each.lstat()
            draft = each.name.endswith(atomic.DRAFT)
            old = draft and time.time() - status.st_mtime > _DAY
            earlier = each != kept and each.name.startswith(f"{place}.")
            if old or earlier:
                each.unlink()
            elif each.name.endswith(ENDING) and each != kept:
                there.append((status.st_mtime, status.st_size, each))
    free = (MOST if most is None else most) - kept.stat().st_size
    for _, size, each in sorted(there, reverse=True):
        free -= size
        if free < 0:
            with contextlib.suppress(OSError):
                each.unlink()
