"""A folder of mixed files: what a dataset needs is read, and the rest is passed over by name.

People put a whole release into a folder, zipped or not: tables of other subjects, guidance, notes.
None of that is a fault. A file that a refresh has fetched, or that has the name of one that the
dataset needs, is never passed over: where it cannot be read, something is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from bolton_jsna.core.errors import (
    BoltonJsnaError,
    MissingDataError,
    OtherTableError,
    SourceError,
    some,
)
from bolton_jsna.core.reading import opening
from bolton_jsna.tables.reader_notes import remark

_TABLES: Final = (".csv", ".tsv", ".txt", ".gz", ".xlsx")


@dataclass(frozen=True)
class Used:
    """One file that was read, or one in a zip.

    Attributes
    ----------
    path : Path
        The file; one in a zip as ``release.zip/data/c1.csv``.
    file : Path
        The file on disk: that zip.
    by_hand : bool
        Whether it was put there by a user.
    found : Any
        What its reader returned.
    """

    path: Path
    file: Path
    by_hand: bool
    found: Any


@dataclass
class Mixed:
    """What was read of a folder, and what was passed over with the reason."""

    used: list[Used] = field(default_factory=list)
    passed: list[tuple[str, BoltonJsnaError]] = field(default_factory=list)


def read(
    dataset: str,
    files: Sequence[tuple[Path, bool]],
    reader: Callable[[Path], Any],
    *,
    needed: Sequence[str] = (),
    whole_zips: bool = False,
) -> Mixed:
    """Read the files of a dataset's folder, and pass over those that are of no use there."""
    found = Mixed()
    gap = False
    for file, by_hand in files:
        for path in [file] if whole_zips else _parts(file):
            try:
                found.used.append(Used(path, file, by_hand, reader(path)))
            except MissingDataError:
                # A file without the areas or ages asked for is no gap: another may have them.
                gap = True
            except (OtherTableError, SourceError) as error:
                if not by_hand or _named(path.name, needed):
                    raise
                found.passed.append((_name(path, file), error))
    if found.passed and not found.used and not gap:
        raise found.passed[0][1]
    for name, why in found.passed:
        if isinstance(why, SourceError):
            remark(f"data/raw/{dataset}/{name} cannot be read and is passed over: {why}")
    passed = [name for name, why in found.passed if isinstance(why, OtherTableError)]
    if passed:
        used = [_name(each.path, each.file) for each in found.used]
        remark(
            f"data/raw/{dataset}: {_files(passed)} of no use there and passed over: "
            f"{some(passed, most=100)}. {_files(used)} used: {some(used, most=100)}."
        )
    return found


def _parts(file: Path) -> Iterator[Path]:
    """Yield a file, or the tables in it where it is a zip of several."""
    if file.suffix.lower() != ".zip":
        yield file
        return
    names = [
        each
        for each in opening.names_of(opening.content(file), file.name)
        if PurePosixPath(each).suffix.lower() in _TABLES and not each.startswith("__MACOSX/")
    ]
    astray = [each for each in names if each.startswith("/") or ".." in PurePosixPath(each).parts]
    if len(names) < 2 or astray:
        # One table is read as ever, and so is a zip of none or of odd names: it has its message.
        yield file
        return
    for each in names:
        yield file / each


def _named(name: str, patterns: Sequence[str]) -> bool:
    return any(re.search(each, name, re.IGNORECASE) for each in patterns)


def _files(names: Sequence[str]) -> str:
    return f"{len(names)} {'file is' if len(names) == 1 else 'files are'}"


def _name(path: Path, file: Path) -> str:
    return path.relative_to(file.parent).as_posix()
