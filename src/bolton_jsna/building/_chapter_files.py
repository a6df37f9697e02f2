"""Which files of a chapter may be replaced: not those that are open, or that a person changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bolton_jsna.building import paths
from bolton_jsna.core import atomic, untrusted
from bolton_jsna.core.errors import WorkspaceError
from bolton_jsna.ingest.store import fingerprint

_log = logging.getLogger(__name__)

_EVERY: Final = tuple(
    paths.chapter_file(kind, copy)
    for kind in paths.CHAPTER_FORMATS
    for copy in range(1, paths.COPIES + 1)
)


def is_open(path: Path) -> bool:
    """Return whether a file is open in Word, Excel or LibreOffice."""
    # They leave a file of their own next to it. Word leaves out up to two letters of the name.
    name = path.name
    locks = {f"~${name}", f"~${name[1:]}", f"~${name[2:]}", f".~lock.{name}#"}
    return any((path.parent / each).exists() for each in locks)


def as_written(goal: Path) -> dict[str, str]:
    """Return the sha256 of the chapter's files as builds wrote them, by name."""
    try:
        record = untrusted.read_table(goal / paths.RECORD)
    except (OSError, untrusted.UntrustedError):
        return {}
    found: dict[str, str] = {}
    for part in ("outputs", "kept"):
        listed = record.get(part)
        if isinstance(listed, dict):
            found |= {name: each for name, each in listed.items() if isinstance(each, str)}
    return found


def kept_open(goal: Path) -> dict[str, str]:
    """Return the files that stay because they are open; the next chapter may replace them."""
    before = as_written(goal)
    return {
        name.as_posix(): before[name.as_posix()]
        for name in _EVERY
        if name.as_posix() in before
        and is_open(goal / name)
        and _is_as_written(goal / name, before)
    }


def free_file(kind: str, goal: Path) -> Path:
    """Return the file for a chapter, and warn if that is not the first."""
    before = as_written(goal)
    kept: list[str] = []
    for copy in range(1, paths.COPIES + 1):
        name = paths.chapter_file(kind, copy)
        why = _why_kept(goal / name, before)
        if not why:
            if kept:
                _log.warning("%s. The new one is %s.", "; ".join(kept), name.as_posix())
            return name
        kept.append(f"{name.as_posix()} is kept: {why}")
    raise WorkspaceError(
        f"All of {paths.chapter_file(kind).as_posix()} to "
        f"{paths.chapter_file(kind, paths.COPIES).as_posix()} in {goal} are open or were changed "
        "by hand. Move away the ones that you keep, and try again."
    )


def _why_kept(path: Path, before: Mapping[str, Any]) -> str:
    """Return why a file may not be replaced, or an empty text."""
    if is_open(path):
        return "it is open in another program"
    if atomic.is_file(path) and not _is_as_written(path, before):
        return "it was changed since it was written"
    return ""


def _is_as_written(path: Path, before: Mapping[str, Any]) -> bool:
    name = (paths.CHAPTER / path.name).as_posix()
    return atomic.is_file(path) and before.get(name) == fingerprint(path)
