"""A folder of mixed files: those that a dataset needs are read, the others are skipped and named.

Users put whole releases into a folder, zipped or not, with tables of other subjects and guidance.
A file that a refresh has fetched, or with the name of a needed file, is not skipped: if it cannot
be read, that is an error.
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
    SchemaError,
    SourceError,
    some,
)
from bolton_jsna.core.reading import opening
from bolton_jsna.tables.reader_notes import remark

_TABLES: Final = (".csv", ".tsv", ".txt", ".gz", ".xlsx")
_UNREAD: Final = (".zip", ".7z", ".xls", ".xlsb", ".ods")
"""Files in a zip that may hold tables and that no reader opens."""


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
    """What was read of a folder, and what was skipped with the reason."""

    used: list[Used] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    skipped: list[tuple[str, BoltonJsnaError]] = field(default_factory=list)


def read(
    dataset: str,
    files: Sequence[tuple[Path, bool]],
    reader: Callable[[Path], Any],
    *,
    needed: Sequence[str] = (),
    whole_zips: bool = False,
    elsewhere: Callable[[Path], bool] | None = None,
    many_subjects: bool = False,
) -> Mixed:
    """Read the files of a dataset's folder, and skip those that do not belong there."""
    # A file that ``elsewhere`` knows is used by the reader of other indicators. Where there are
    # files of ``many_subjects``, a wrong one must not take the others away: it is named.
    found = Mixed()
    passed = (SchemaError if many_subjects else OtherTableError, SourceError)
    gap = False
    for file, by_hand in files:
        for path in [file] if whole_zips else _parts(file):
            try:
                found.used.append(Used(path, file, by_hand, reader(path)))
            except MissingDataError:
                # A file without the areas or ages asked for is not skipped: another may have them.
                gap = True
            except passed as error:
                if not by_hand or _named(path.name, needed):
                    raise
                if elsewhere is not None and isinstance(error, OtherTableError) and elsewhere(path):
                    found.elsewhere.append(_name(path, file))
                    continue
                found.skipped.append((_name(path, file), error))
    nothing = not found.used and not found.elsewhere and not gap
    if found.skipped and nothing and not many_subjects:
        raise found.skipped[0][1]
    _report(found, f"data/raw/{dataset}" if dataset else "data/raw")
    return found


def _report(found: Mixed, where: str) -> None:
    """Name the files that were skipped, and those that were used."""
    for name, why in found.skipped:
        if not isinstance(why, OtherTableError):
            remark(f"{where}/{name} cannot be read and is skipped: {why}")
    skipped = [name for name, why in found.skipped if isinstance(why, OtherTableError)]
    if skipped:
        used = [_name(each.path, each.file) for each in found.used]
        remark(
            f"{where}: {_files(skipped)} not needed there and skipped: "
            f"{some(skipped, most=100)}. "
            + (f"{_files(used)} used: {some(used, most=100)}." if used else "No other is used.")
            + (
                f" {_files(found.elsewhere)} used for other indicators: "
                f"{some(found.elsewhere, most=100)}."
                if found.elsewhere
                else ""
            )
        )


def _parts(file: Path) -> Iterator[Path]:
    """Yield a file, or the tables in it where it is a zip of several."""
    if file.suffix.lower() != ".zip":
        yield file
        return
    try:
        names = opening.names_of(opening.content(file), file.name)
    except SourceError:
        # A damaged zip: its reader raises the error, and it is skipped as other files are.
        yield file
        return
    every = [
        (each, PurePosixPath(each).suffix.lower())
        for each in names
        if not each.startswith("__MACOSX/")
    ]
    names = [each for each, kind in every if kind in _TABLES]
    unread = [each for each, kind in every if kind in _UNREAD]
    if unread and names:
        remark(
            f"{file.name!r} holds files that are not opened: {some(unread, most=20)}. If they have "
            "tables that you need, unpack them, or save them as CSV, into the folder of the zip."
        )
    astray = [each for each in names if each.startswith("/") or ".." in PurePosixPath(each).parts]
    if len(names) < 2 or astray:
        # A zip of one table, of no table or with odd names is read as one file.
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
