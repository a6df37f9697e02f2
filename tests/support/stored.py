"""What tests ask about the raw files of a workspace."""

from __future__ import annotations

from pathlib import Path

from bolton_jsna.ingest import _previous_copies, lockfile, store
from bolton_jsna.ingest.lockfile import LockEntry


def changed_files(workspace: Path) -> tuple[str, ...]:
    """Return the paths of fetched files that are not there, or not as they were fetched."""
    raw = workspace / store.RAW
    entries = lockfile.settled(raw).entries.values()
    return tuple(e.path for e in entries if e.held and not lockfile.matches(raw, e))


def previous_copies(entry: LockEntry, workspace: Path) -> tuple[Path, ...]:
    """Return the copies of a file that were replaced and kept, the oldest first."""
    folder = (workspace / store.RAW / entry.path).parent
    return _previous_copies.copies(folder, entry.key)
