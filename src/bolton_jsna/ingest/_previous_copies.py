"""Copies of replaced files, in a hidden folder next to the file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from bolton_jsna.core import atomic

FOLDER: Final = ".superseded"
"""The hidden folder, in that of an edition."""


def by_hand(digest: str) -> str:
    """Return the name of a copy without an entry, so that it is never deleted."""
    return f"added-by-hand_{digest[:8]}"


def fetched(key: str, retrieved: str) -> str:
    """Return the name of a copy of an entry: when it was fetched, then its mark."""
    return f"{_digits(retrieved)}_{mark(key)}"


def keep(old: Path, name: str, folder: Path | None = None) -> None:
    """Keep a file that is about to be replaced."""
    folder = (folder or old.parent) / FOLDER
    atomic.no_links(folder.parent, folder)
    folder.mkdir(exist_ok=True)
    copy = folder / f"{name}_{old.name}"
    if atomic.is_link(copy):
        copy.unlink()
    if not copy.exists():
        again(old, copy)


def again(old: Path, new: Path) -> None:
    """Link a file to a second name, which takes no space; copy it if that is not possible."""
    try:
        new.hardlink_to(old)
    except OSError:
        atomic.write(new, old.read_bytes())


def copies(folder: Path, key: str) -> tuple[Path, ...]:
    """Return the copies of an entry in the folder of its edition, the oldest first."""
    return tuple(sorted((folder / FOLDER).glob(f"*_{mark(key)}_*")))


def prune(folder: Path, key: str, most: int) -> None:
    """Delete all but the newest copies of an entry."""
    for copy in copies(folder, key)[: -most or None]:
        copy.unlink(missing_ok=True)


def mark(key: str) -> str:
    """Return a short hash of an entry, by which its copies are found."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def _digits(moment: str) -> str:
    return "".join(each for each in moment if each.isdigit())[:14] or "0"
