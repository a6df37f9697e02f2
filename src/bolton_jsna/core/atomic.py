"""The one place that writes files of a workspace: a file is complete or does not exist.

The bytes first go to a draft in the same folder. Its name cannot be guessed and it must be a new
file, so that it is never a link that somebody put there. Then it takes the place of the file.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from bolton_jsna.core.errors import UsageError, WorkspaceError, short

DRAFT = ".tmp"
"""The end of a draft's name, which begins with a dot and the name of the file."""

_ANEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_ANEW |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def file_to_write(given: str | Path, endings: Sequence[str], advice: str) -> Path:
    """Return the path of a file to write, with the home folder for ``~``, or reject it."""
    known = f"{', '.join(endings[:-1])} or {endings[-1]}"
    try:
        path = Path(given).expanduser()
        valid = "\0" not in str(path) and path.name.lower() not in endings
    except (TypeError, RuntimeError):
        valid = False
    if not valid:
        raise UsageError(
            f"path={short(repr(given))} is not the path of a file. Write one that ends in {known}, "
            f"such as 'map{endings[0]}'."
        )
    if path.suffix.lower() not in endings:
        raise UsageError(
            f"path={short(repr(str(given)))} does not end in {known}. Write for example "
            f"'map{endings[0]}'. {advice}"
        )
    return path


def write(
    path: str | Path, content: str | bytes, *, within: Path | None = None, private: bool = False
) -> Path:
    r"""Write a file so that a reader finds the complete old one or the complete new one."""
    path = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    with reported(path):
        if within is not None:
            no_links(within, path.parent)
        free(path)
        _folder_can_be(path.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}{DRAFT}")
        handle = os.open(draft, _ANEW, 0o600 if private else 0o666)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            move(draft, path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    return path


def _folder_can_be(folder: Path) -> None:
    """Make sure that no file is in the place of a folder."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    if there.exists() and not there.is_dir():
        raise WorkspaceError(
            f"{str(there)!r} is not a folder, so nothing can be written in it. Name another folder."
        )


def move(new: Path, goal: Path) -> None:
    """Move a file to its place, so that it is there after a power cut."""
    new.replace(goal)
    sync(goal.parent)


def sync(*paths: Path) -> None:
    """Write files and folders to the disk, so that they are there after a power cut."""
    for path in paths:
        if os.name == "nt" and path.is_dir():  # its folders cannot be opened
            continue
        handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def free(path: Path) -> None:
    """Make sure that a file can be put at a path: nothing there, a file, or a link."""
    try:
        mode = path.lstat().st_mode
    except OSError:  # nothing there; a fault of the folder is reported on writing
        return
    if stat.S_ISREG(mode) or stat.S_ISLNK(mode):
        return
    what = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
    raise WorkspaceError(
        f"{str(path)!r} is {what}, where a file is to be written. Move it away and try again."
    )


def no_links(folder: Path, path: Path) -> None:
    """Make sure that no part of a path below a folder is a link."""
    # Through a link, a file would be written or deleted outside the workspace.
    if not path.is_relative_to(folder) or ".." in path.relative_to(folder).parts:
        raise WorkspaceError(f"{str(path)!r} is not inside {str(folder)!r}. Nothing was changed.")
    here = folder
    for part in path.relative_to(folder).parts:
        here = here / part
        if is_link(here):
            raise WorkspaceError(
                f"{str(here)!r} is a link. Files of a workspace are not written or deleted through "
                "links. Put the folder itself there, or name the workspace that it belongs to."
            )


def is_file(path: Path) -> bool:
    """Return whether a path is a regular file, not a link."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def is_link(path: Path) -> bool:
    """Return whether a path is a link, or a junction of Windows."""
    is_junction = getattr(path, "is_junction", None)  # from Python 3.12 on
    return path.is_symlink() or (is_junction is not None and bool(is_junction()))


@contextlib.contextmanager
def reported(path: Path, *, doing: str = "written") -> Iterator[None]:
    """Turn an error of the file system into one message that names the path and the reason."""
    try:
        yield
    except WorkspaceError:
        raise
    except OSError as error:
        advice = (
            "Give it a shorter name."
            if error.errno == errno.ENAMETOOLONG
            else "Free some space, let the user of this program write there, or name another "
            "folder."
        )
        raise WorkspaceError(
            f"{str(path)!r} cannot be {doing}: {error.strerror or error}. {advice}"
        ) from error
