"""What was built last, believed only as far as a build could have said it.

``run.json`` and the owner's file beside it are files like any other: whoever can write them could
name other files in them. So each value is checked, names lead nowhere, and a rule is one of those
that have a name.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bolton_jsna.building import _rebuild_settings
from bolton_jsna.building.paths import RECORD
from bolton_jsna.core import untrusted
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.errors import BoltonJsnaError, SourceError
from bolton_jsna.core.permissions import others_can_write
from bolton_jsna.core.untrusted import UntrustedError
from bolton_jsna.disclosure.earlier_tables import CROSSING_OPTIONS, IfCrossed
from bolton_jsna.disclosure.rules import LOCAL, RULES, SuppressionRule

_YEARS: Final = range(1990, 2101)
_COLUMNS: Final = 100


@dataclass(frozen=True)
class Remembered:
    """What was built last, as :func:`bolton_jsna.building.build` takes it.

    Attributes
    ----------
    area_code : str
    local_records, columns : Path, Mapping or None
    kind : str or None
    year : int or None
    records_to : date or None
    idaci_edition : int
    rule : SuppressionRule
        One of those with a name.
    wards_only : bool
    if_told : {"hold", "hide", "stop"}
    accepted : object
        What was accepted of the own file, as it is kept.
    place : Path
        The file of the workspace that says all this.
    """

    area_code: str
    local_records: Path | None
    kind: str | None
    columns: Path | Mapping[str, Any] | None
    year: int | None
    records_to: dt.date | None
    idaci_edition: int
    rule: SuppressionRule
    wards_only: bool
    if_told: IfCrossed
    accepted: object
    place: Path


def last_build(workspace: Path) -> Remembered | None:
    """Return what the last build was asked for; None without one, or if it left counts open."""
    try:
        record = untrusted.read_table(workspace / RECORD)
        if record.get("unprotected"):
            # Leaving small numbers open takes a person who says why.
            return None
        return _checked(record, _rebuild_settings.of(record, workspace), workspace)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UntrustedError as error:
        raise SourceError(
            f"What was built last is not built again: {RECORD.as_posix()} cannot be used, because "
            f"{error}. Run bolton-jsna build once with the options you want; it writes a new "
            "record. Or run bolton-jsna refresh --no-build."
        ) from error


def _checked(record: dict[str, Any], said: _rebuild_settings.Kept, workspace: Path) -> Remembered:
    options = said.options
    code = record.get("area_code")
    try:
        place = area_of(code) if isinstance(code, str) else None
    except BoltonJsnaError:
        place = None
    if place is None or place.code != code:
        raise UntrustedError("its area_code is not that of an authority")
    kind, year = options.get("kind"), options.get("year")
    edition, wards_only = options.get("idaci_edition", 2025), options.get("wards_only", False)
    if kind not in (None, "referrals", "plans"):
        raise UntrustedError("its kind is not referrals or plans")
    if (year is not None and not _is_year(year)) or not _is_year(edition):
        raise UntrustedError("its year or idaci_edition is not a year")
    if not isinstance(wards_only, bool):
        raise UntrustedError("its wards_only is neither true nor false")
    if_told = options.get("if_told", "hold")
    if if_told not in CROSSING_OPTIONS:
        raise UntrustedError(f"its if_told is none of {', '.join(CROSSING_OPTIONS)}")
    columns = options.get("columns")
    return Remembered(
        area_code=place.code,
        local_records=_file(options.get("local_records"), "local_records", workspace, said.place),
        kind=kind,
        columns=_mapping(columns)
        if isinstance(columns, dict)
        else _file(columns, "columns", workspace, said.place),
        year=year,
        records_to=_day(options.get("records_to")),
        idaci_edition=edition,
        rule=_rule(options.get("rule")),
        wards_only=wards_only,
        if_told=if_told,
        accepted=said.accepted,
        place=said.place,
    )


def _is_year(value: object) -> bool:
    return type(value) is int and value in _YEARS


def _day(given: object) -> dt.date | None:
    """Return the day up to which records were said to be whole."""
    if given is None:
        return None
    try:
        return dt.date.fromisoformat(given if isinstance(given, str) else "")
    except ValueError:
        raise UntrustedError("its records_to is not a day") from None


def _rule(given: object) -> SuppressionRule:
    """Return the named rule that a record describes, whole."""
    if given is None:
        return LOCAL
    for name, rule in RULES.items():
        if given in (name, json.loads(json.dumps(dataclasses.asdict(rule)))):
            return rule
    raise UntrustedError(
        f"its rule is none of those with a name ({', '.join(RULES)}): a rule of your own is not "
        "built with by a refresh"
    )


def _mapping(columns: dict[str, Any]) -> dict[str, Any]:
    for heading in columns.values():
        listed = heading if isinstance(heading, list) else [heading]
        if len(columns) > _COLUMNS or not all(isinstance(each, str) for each in listed):
            raise UntrustedError("its columns are not a table of headings")
    return columns


def _file(given: object, what: str, workspace: Path, place: Path) -> Path | None:
    """Return a file that a build was given, if the file that says so may name it."""
    # Whoever could have written the one could have read the other: both are of one user. It is a
    # regular file and no link. One that is not there is left to the rebuild, which says so.
    if given is None:
        return None
    if not isinstance(given, str) or not given.strip() or not given.isprintable():
        raise UntrustedError(f"its {what} is no path")
    path = Path(given)
    if not path.is_absolute():
        path = untrusted.below(workspace, given)
    elif given.startswith(("//", "\\\\")) or ".." in path.parts:
        raise UntrustedError(f"its {what} is a path of a network or leads through '..'")
    try:
        found, record = path.lstat(), (workspace / place).lstat()
    except FileNotFoundError:
        return path
    except OSError as error:
        raise UntrustedError(f"its {what} cannot be looked at ({error.strerror})") from error
    if not stat.S_ISREG(found.st_mode):
        raise UntrustedError(f"its {what} is a link, a folder, a pipe or a device, not a file")
    if os.name == "posix":
        _of_its_user(path, found, record, what)
    return path


def _of_its_user(path: Path, found: os.stat_result, record: os.stat_result, what: str) -> None:
    """Refuse a file that another user than the one who named it may have chosen."""
    if found.st_uid != record.st_uid:
        raise UntrustedError(f"its {what} belongs to another user than the file that names it")
    if others_can_write(record):
        raise UntrustedError(f"other users can write it, and it names {what}: chmod go-w it")
    if _can_be_swapped(path.parent):
        raise UntrustedError(
            f"other users can write into the folder of its {what} and put another file in its "
            "place: chmod go-w the folder"
        )


def _can_be_swapped(folder: Path) -> bool:
    """Say whether others can put a link in place of a file after it was looked at."""
    status = folder.stat()
    # In a folder like /tmp each may take away what is their own only.
    return others_can_write(status) and not status.st_mode & stat.S_ISVTX


def gone(last: Remembered) -> str:
    """Return that a file of the authority is not there any more, and what to do; else nothing."""
    for path, what in ((last.local_records, "own file"), (last.columns, "mapping of columns")):
        if isinstance(path, Path) and not os.path.lexists(path):
            return (
                f"The {what} that the last build was made from is gone: "
                f"{untrusted.plain(str(path))!r}. Put it back, or run bolton-jsna build"
                f"{area_of(last.area_code).as_option} --local-records FILE with the one that took "
                "its place."
            )
    return ""


def unreadable(last: Remembered, workspace: Path) -> str:
    """Return why the records of the last build cannot be read, without quoting them."""
    # A record may have been changed to name any file of its user. Messages of the readers name
    # headings, which in such a file may be anything.
    from bolton_jsna.building.inputs import own_file

    path, place = last.local_records, area_of(last.area_code)
    if path is None or not path.exists():
        return ""
    try:
        own_file(
            place,
            path,
            kind=last.kind,
            columns=last.columns,
            year=last.year,
            workspace=workspace,
        )
    except Exception as error:  # noqa: BLE001 (whatever it is, nothing of the file may be quoted)
        return (
            f"The records that {last.place.as_posix()} names ({untrusted.plain(str(path))!r}) "
            f"cannot be read ({type(error).__name__}). Nothing of the file is quoted here. Run "
            f"bolton-jsna check FILE{place.as_option} to see what is wrong with it, then "
            f"bolton-jsna build{place.as_option} --local-records FILE."
        )
    return ""
