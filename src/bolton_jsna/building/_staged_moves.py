"""The moves of a build's files into place, listed first so that the next build can complete them.

A build that is killed while its files are moved leaves the list in its staging folder. Each new
file is then either in that folder or in its place, so the moves can be completed, even if that is
interrupted too. If files were changed in between, the earlier ones are put back. The list is an
ordinary file: it is used only if a build could have written it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import shutil
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bolton_jsna.building.paths import KEPT, OUTPUTS, PRIVATE, RECORD, STAGING, is_release
from bolton_jsna.core import atomic, untrusted
from bolton_jsna.core.errors import SourceError, WorkspaceError
from bolton_jsna.core.permissions import others_can_write, private_folder
from bolton_jsna.core.untrusted import UntrustedError
from bolton_jsna.ingest.store import fingerprint

_log = logging.getLogger(__name__)

BEFORE: Final = ".before"
"""The folder, in the staging folder, of the list and of the files being replaced."""

_LIST: Final = f"{BEFORE}/moves.json"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Moves:
    """What a build moves into place and what it deletes.

    Attributes
    ----------
    private : bool
        Whether the files go to the folder that is not for publication.
    new : Mapping of str to str
        The sha256 of each file that is moved, by its path in the workspace, in order.
    old : Mapping of str to str
        The same of each output of the last build that this one does not make.
    fresh : Sequence of str
        The new files that replace no file.
    """

    private: bool
    new: Mapping[str, str]
    old: Mapping[str, str]
    fresh: Sequence[str]


def order(name: str) -> tuple[bool, bool, str]:
    """Return the key by which files are moved: releases first, the record last."""
    # So nothing is published that is not recorded.
    return name == RECORD.as_posix(), not is_release(name), name


def begin(moves: Moves, staged: Path, goal: Path) -> None:
    """Keep the files that will be replaced and write the list of moves, in case of a power cut."""
    with atomic.reported(goal, doing="written to"):
        for name in moves.new:
            if name not in moves.fresh:
                _keep(goal / name, staged / BEFORE / name)
        for name, digest in moves.old.items():
            if _is(goal / name, digest, within=goal):
                _keep(goal / name, staged / BEFORE / name)
        every = [path for path in staged.rglob("*") if not path.is_relative_to(staged / BEFORE)]
        atomic.sync(*every, staged, staged.parent)
    atomic.write(staged / _LIST, json.dumps(asdict(moves), indent=1) + "\n", within=staged)


def carry_out(moves: Moves, names: Iterable[str], staged: Path, goal: Path) -> None:
    """Move files into place, and delete what the build does not make any more."""
    for name in names:
        place = goal / name
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            (staged / name).replace(place)
        except OSError as error:
            raise WorkspaceError(
                f"{place} cannot be replaced: {error.strerror or error}. Close it if it is open, "
                "or move away what is in its place, and build again."
            ) from error
    for name, digest in moves.old.items():
        _clear(goal, name, digest)


def put_back(moves: Moves, names: Iterable[str], staged: Path, goal: Path) -> None:
    """Put back what was replaced or deleted, the last first; files of others stay."""
    for name in reversed([*names, *moves.old]):
        place, copy = goal / name, staged / BEFORE / name
        moved = name in moves.new and _is(place, moves.new[name], within=goal)
        deleted = name in moves.old and not os.path.lexists(place)
        if not moved and not deleted:
            continue
        try:
            if os.path.lexists(copy):
                copy.replace(place)
            elif name in moves.fresh:
                place.unlink()
        except OSError as error:
            raise WorkspaceError(
                f"{place} cannot be put back: {error.strerror or error}. Close it if it is open "
                "and build again."
            ) from error


def end(moves: Moves, staged: Path, goal: Path) -> None:
    """Make sure that a power cut keeps what was done, and delete the list."""
    atomic.sync(*{folder for name in moves.new if (folder := (goal / name).parent).is_dir()})
    if listed(staged):
        (staged / _LIST).unlink()
        atomic.sync((staged / _LIST).parent)


def listed(staged: Path) -> bool:
    """Return whether a staging folder has a list of moves that were begun and not completed."""
    try:
        return stat.S_ISREG((staged / _LIST).lstat().st_mode) and not atomic.is_link(staged)
    except OSError:
        return False


def unfinished(workspace: Path) -> list[Path]:
    """Return the staging folders of builds that were interrupted while their files were moved."""
    return [
        each for each in sorted(workspace.glob(f"{STAGING}*")) if listed(each) and _trusted(each)
    ]


def age(staged: Path) -> float:
    """Return how many seconds ago the moves were written down."""
    return time.time() - (staged / _LIST).lstat().st_mtime


def settle(staged: Path, workspace: Path) -> None:
    """Complete the moves of a build that was killed, or put back the earlier files."""
    try:
        moves = _read(staged)
    except UntrustedError as error:
        raise SourceError(
            f"A build was interrupted while its files were moved, and {str(staged / _LIST)!r}, "
            f"which lists them, cannot be used: {error}. Delete the folder {str(staged)!r} and "
            "build again. Then delete in data/processed and maps what that build did not make "
            "(run.json lists what it made)."
        ) from error
    goal = workspace / PRIVATE if moves.private else workspace
    try:
        result = _settled(moves, staged, goal)
    except OSError as error:
        raise WorkspaceError(
            "A build was interrupted while its files were moved, and it cannot be completed. "
            f"{error}"
        ) from error
    _log.warning("a build had been interrupted while its files were moved. %s.", result)


def _settled(moves: Moves, staged: Path, goal: Path) -> str:
    if moves.private:
        private_folder(goal)
    for name in moves.new:
        atomic.no_links(goal, (goal / name).parent)
        atomic.free(goal / name)
    left = [name for name, digest in moves.new.items() if _is(staged / name, digest, within=staged)]
    lost = [
        name
        for name, digest in moves.new.items()
        if name not in left and not _is(goal / name, digest, within=goal)
    ]
    if lost:
        # Releases stay, because readers may have seen the figures.
        put_back(moves, [name for name in moves.new if not is_release(name)], staged, goal)
        result = "Files were changed since, so those of the build before were put back"
    else:
        carry_out(moves, left, staged, goal)
        result = "It was completed first"
    end(moves, staged, goal)
    return result


def _read(staged: Path) -> Moves:
    """Return the moves that a staging folder lists, if a build could have listed them."""
    facts = untrusted.read_table(untrusted.below(staged, _LIST))
    if set(facts) != set(Moves.__dataclass_fields__) or not isinstance(facts["private"], bool):
        raise UntrustedError("it is not a list of moves")
    new, old, fresh = _names(facts["new"]), _names(facts["old"]), facts["fresh"]
    if not isinstance(fresh, list) or not all(isinstance(each, str) for each in fresh):
        raise UntrustedError("it is not a list of moves")
    ours = OUTPUTS if facts["private"] else OUTPUTS | {KEPT.as_posix()}
    strange = [name for name in new if not (name in ours or is_release(name) or _last(name))]
    if strange or not set(old) <= ours - set(new) or not any(map(_last, new)):
        raise UntrustedError("it names other files than a build writes")
    ordered = {name: new[name] for name in sorted(new, key=order)}
    moves = Moves(facts["private"], ordered, old, fresh)
    waiting = [name for name in new if os.path.lexists(staged / name)]
    if waiting:
        # The record is moved last; until then it shows where the files go.
        record = untrusted.read_table(untrusted.below(staged, RECORD.as_posix()))
        if bool(record.get("unprotected")) != moves.private:
            raise UntrustedError("its folder is not that of the record of the build")
    return moves


def _names(given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not all(map(is_sha256, given.values())):
        raise UntrustedError("it does not give the sha256 of each file")
    return given


def _last(name: str) -> bool:
    return name == RECORD.as_posix()


def _trusted(staged: Path) -> bool:
    """Return whether a staging folder is closed to others and of the user or workspace owner."""
    if os.name != "posix":
        return True
    try:
        status = staged.lstat()
        owners = {os.geteuid(), staged.parent.stat().st_uid}
    except OSError:
        return False
    return status.st_uid in owners and not others_can_write(status)


def _is(path: Path, digest: str, *, within: Path) -> bool:
    """Return whether a path is a file with the bytes of a digest, through no link."""
    try:
        atomic.no_links(within, path)
        return stat.S_ISREG(path.lstat().st_mode) and fingerprint(path) == digest
    except OSError:
        return False


def _keep(goal: Path, copy: Path) -> None:
    """Give a file that will be replaced or deleted a second name."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(goal, copy, follow_symlinks=False)
    except (OSError, NotImplementedError):  # a disk without hard links
        shutil.copy2(goal, copy, follow_symlinks=False)
        with contextlib.suppress(OSError):
            atomic.sync(copy)


def is_sha256(given: object) -> bool:
    """Return whether a value has the form of a sha256."""
    return isinstance(given, str) and _SHA256.fullmatch(given) is not None


def _clear(workspace: Path, name: str, digest: str) -> None:
    """Delete an output of the last build, if it has the bytes that were written."""
    try:
        old = untrusted.below(workspace, name)
        if not old.is_file():
            return
        if fingerprint(old) == digest:
            old.unlink()
        else:
            _log.warning("%s is not made by this build and was changed by hand: kept", name)
    except (OSError, UntrustedError) as error:
        _log.warning("%s shows an older build and cannot be deleted: %s", name, error)
