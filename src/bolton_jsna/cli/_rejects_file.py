"""The list of rejects of a check: where it may be written."""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import UsageError
from bolton_jsna.ingest.store import workspace_folder

if TYPE_CHECKING:
    from bolton_jsna.tables.local.layouts import Columns

_REJECTS: Final = b"row,reason"
"""How a list of rejects begins."""


def replaces_no_input(
    rejects: Path, extract: Path, columns: Columns | None, workspace: str | Path | None
) -> None:
    """Make sure that the rejects take the place of nothing that the command reads."""
    # Another spelling of a path, a link and a second name of the same file are the same file.
    inputs = {"the extract": extract}
    if isinstance(columns, str | Path):
        inputs["the mapping of columns"] = Path(columns)
    for what, path in inputs.items():
        with contextlib.suppress(OSError, RuntimeError):  # one of them is not there
            if rejects.resolve() == path.resolve() or rejects.samefile(path):
                raise UsageError(f"The rejects would replace {what}: name another file for them.")
    _replaces_rejects_only(rejects)
    folder = workspace_folder(workspace).resolve()
    with contextlib.suppress(OSError, RuntimeError):
        goal = rejects.resolve()
        for name in ("data", "maps", "not_for_publication"):
            if goal.is_relative_to((folder / name).resolve()):
                raise UsageError(
                    f"The rejects are for your eyes only, and {name}/ of the workspace holds what "
                    "is read and published: name a file in another folder for them."
                )


def _replaces_rejects_only(rejects: Path) -> None:
    """Make sure that a file in the way is an earlier list of rejects, and no link or device."""
    try:
        mode = rejects.lstat().st_mode
    except OSError:  # nothing is in the way
        return
    if stat.S_ISREG(mode):
        with rejects.open("rb") as file:
            if file.read(len(_REJECTS)) in (b"", _REJECTS):
                return
    raise UsageError(
        f"{str(rejects)!r} is there already and is not a list of rejects: name another file."
    )
