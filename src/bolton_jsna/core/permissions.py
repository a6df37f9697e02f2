"""Which other users can write into a workspace, and a folder for its owner only."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from bolton_jsna.core.atomic import is_link
from bolton_jsna.core.errors import WorkspaceError

_FOLDERS: Final = ("", "data", "data/raw", "data/processed", "data/processed/releases", "maps")


def writable_by_others(folder: Path) -> list[str]:
    """Return the folders of a workspace that other users can write into or own."""
    if os.name != "posix":
        return []
    found = []
    own = {os.geteuid(), 0}
    for name in _FOLDERS:
        try:
            status = (folder / name).lstat()
        except OSError:
            continue
        if stat.S_ISLNK(status.st_mode):  # its own mode has no meaning
            continue
        if others_can_write(status) or status.st_uid not in own:
            found.append(name or ".")
    return found


def others_can_write(status: os.stat_result) -> bool:
    """Return whether anyone but the owner, or the owner's private group, can write a file."""
    mode = status.st_mode
    by_group = bool(mode & stat.S_IWGRP) and not _alone(status.st_gid, status.st_uid)
    return bool(mode & stat.S_IWOTH) or by_group


def shared_warning(folder: Path) -> str:
    """Return a warning that names the folders others can write into; empty when there are none."""
    open_to = writable_by_others(folder)
    if not open_to:
        return ""
    listed = ", ".join(open_to)
    return (
        f"Other users can write into the workspace {str(folder)!r} ({listed}). They could change "
        "the outputs and the record of small numbers. Keep them out: "
        f"chmod -R go-w {str(folder)!r}, as its owner."
    )


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter, or change an existing one."""
    if is_link(folder):
        raise WorkspaceError(
            f"{str(folder)!r} is a link. Put a folder in its place that only you may enter."
        )
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.name == "posix" and folder.stat().st_uid != os.geteuid():
        raise WorkspaceError(
            f"{str(folder)!r} belongs to another user, who could read what is not for publication. "
            "Delete it or move it away."
        )
    folder.chmod(0o700)


def _alone(group: int, user: int) -> bool:
    """Return whether a group is the private one of a user, as many systems make them."""
    import grp
    import pwd

    try:
        found, owner = grp.getgrgid(group), pwd.getpwuid(user)
    except KeyError:
        return False
    return found.gr_name == owner.pw_name and not set(found.gr_mem) - {owner.pw_name}
