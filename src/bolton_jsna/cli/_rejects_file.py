"""Where the list of rejected rows of a check may be written."""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import UsageError, short

if TYPE_CHECKING:
    from bolton_jsna.building._options import BuildOptions

_REJECTS: Final = b"row,reason"
"""How a list of rejects begins."""


def check_path(rejects: Path, options: BuildOptions) -> None:
    """Make sure that the list of rejects replaces no file that the command reads."""
    if "\0" in str(rejects):
        raise UsageError(
            f"rejects={short(repr(str(rejects)))} is not a name that a file can have. Name another."
        )
    # Another spelling of a path, a link and a second name of the same file are the same file.
    inputs = {"the extract": options.local_records, "the mapping of columns": options.columns}
    for what, path in inputs.items():
        if not isinstance(path, str | Path):
            continue
        with contextlib.suppress(OSError, RuntimeError):  # one of them does not exist
            if rejects.resolve() == Path(path).resolve() or rejects.samefile(path):
                raise UsageError(f"The list of rejects would replace {what}. Name another file.")
    _check_existing(rejects)
    folder = options.folder.resolve()
    with contextlib.suppress(OSError, RuntimeError):
        goal = rejects.resolve()
        for name in ("data", "maps", "not_for_publication"):
            if goal.is_relative_to((folder / name).resolve()):
                raise UsageError(
                    f"The list of rejects is private, and {name}/ of the workspace holds what is "
                    "read and published. Name a file in another folder."
                )


def _check_existing(rejects: Path) -> None:
    """Make sure that an existing file is an earlier list of rejects, not a link or device."""
    try:
        mode = rejects.lstat().st_mode
    except OSError:  # nothing is in the way
        return
    if stat.S_ISREG(mode):
        with rejects.open("rb") as file:
            if file.read(len(_REJECTS)) in (b"", _REJECTS):
                return
    raise UsageError(
        f"{str(rejects)!r} already exists and is not a list of rejects. Name another file."
    )
