"""The options of the last build, read from its record and checked.

``run.json`` and the owner's file next to it are ordinary files: anyone who can write them could
name other files in them. So each value is checked, no path leads through a link, and a rule is one
of those that have a name.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bolton_jsna.building import _rebuild_settings
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.building._rebuild_settings import RebuildSettings
from bolton_jsna.building.paths import CHAPTER_FORMATS, RECORD
from bolton_jsna.core import untrusted
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.errors import BoltonJsnaError, SourceError
from bolton_jsna.core.permissions import others_can_write
from bolton_jsna.core.untrusted import UntrustedError
from bolton_jsna.core.years import YEARS
from bolton_jsna.disclosure.earlier_tables import CROSSING_OPTIONS
from bolton_jsna.disclosure.rules import LOCAL, RULES, SuppressionRule

_COLUMNS: Final = 100
_FORMATS: Final = frozenset(map(repr, CHAPTER_FORMATS))


@dataclass(frozen=True)
class LastBuild:
    """What was built last.

    Attributes
    ----------
    area_code : str
    options : BuildOptions
        Its rule is one of those with a name.
    accepted : object
        What was accepted of the own file, as it is kept.
    place : Path
        The file of the workspace that these come from.
    """

    area_code: str
    options: BuildOptions
    accepted: object
    place: Path


def last_build(workspace: Path) -> LastBuild | None:
    """Return what the last build was asked for; None without one, or if it left counts open."""
    try:
        record = untrusted.read_table(workspace / RECORD)
        if record.get("unprotected"):
            # A person must give a reason each time small numbers are left open.
            return None
        return _checked(record, _rebuild_settings.read_settings(record, workspace), workspace)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UntrustedError as error:
        raise SourceError(
            f"The last build cannot be repeated: {RECORD.as_posix()} cannot be used, because "
            f"{error}. Run bolton-jsna build once with the options you want; it writes a new "
            "record. Or run bolton-jsna refresh --no-build."
        ) from error


def _checked(record: dict[str, Any], kept: RebuildSettings, workspace: Path) -> LastBuild:
    options, code = kept.options, record.get("area_code")
    try:
        place = area_of(code) if isinstance(code, str) else None
    except BoltonJsnaError:
        place = None
    if place is None or place.code != code:
        raise UntrustedError("its area_code is not that of an authority")
    kind, year, to_year = (options.get(each) for each in ("kind", "year", "to_year"))
    edition, wards_only = options.get("idaci_edition", 2025), options.get("wards_only", False)
    charts, draft = options.get("charts", False), options.get("draft", False)
    chapter, maps = options.get("chapter", []), options.get("maps", True)
    if kind not in (None, "referrals", "plans"):
        raise UntrustedError("its kind is not referrals or plans")
    if not all(each is None or _is_year(each) for each in (year, to_year)) or not _is_year(edition):
        raise UntrustedError("its year, to_year or idaci_edition is not a year")
    if to_year is not None and (year is None or year > to_year):
        raise UntrustedError("its year is not that of its to_year or before")
    for name, value in (
        ("wards_only", wards_only),
        ("maps", maps),
        ("charts", charts),
        ("draft", draft),
    ):
        if not isinstance(value, bool):
            raise UntrustedError(f"its {name} is neither true nor false")
    if not isinstance(chapter, list) or not set(map(repr, chapter)) <= _FORMATS:
        raise UntrustedError(f"its chapter is not of {', '.join(CHAPTER_FORMATS)}")
    if_told = options.get("if_told", "hold")
    if if_told not in CROSSING_OPTIONS:
        raise UntrustedError(f"its if_told is not one of {', '.join(CROSSING_OPTIONS)}")
    columns = options.get("columns")
    return LastBuild(
        place.code,
        BuildOptions(
            workspace=workspace,
            local_records=_file(options.get("local_records"), "local_records", workspace, kept),
            kind=kind,
            columns=_mapping(columns)
            if isinstance(columns, dict)
            else _file(columns, "columns", workspace, kept),
            year=year,
            to_year=to_year,
            records_to=_day(options.get("records_to")),
            idaci_edition=edition,
            rule=_rule(options.get("rule")),
            wards_only=wards_only,
            maps=maps,
            charts=charts,
            chapter=tuple(chapter),
            draft=draft,
            if_told=if_told,
        ),
        kept.accepted,
        kept.place,
    )


def _is_year(value: object) -> bool:
    return type(value) is int and value in YEARS


def _day(given: object) -> dt.date | None:
    """Return the date up to which the records are complete."""
    if given is None:
        return None
    try:
        return dt.date.fromisoformat(given if isinstance(given, str) else "")
    except ValueError:
        raise UntrustedError("its records_to is not a date") from None


def _rule(given: object) -> SuppressionRule:
    """Return the named rule that a record describes, whole."""
    if given is None:
        return LOCAL
    for name, rule in RULES.items():
        if given in (name, json.loads(json.dumps(dataclasses.asdict(rule)))):
            return rule
    raise UntrustedError(
        f"its rule is not one of those with a name ({', '.join(RULES)}): a refresh does not build "
        "with a rule of your own"
    )


def _mapping(columns: dict[str, Any]) -> dict[str, Any]:
    for heading in columns.values():
        listed = heading if isinstance(heading, list) else [heading]
        if len(columns) > _COLUMNS or not all(isinstance(each, str) for each in listed):
            raise UntrustedError("its columns are not a table of headings")
    return columns


def _file(given: object, what: str, workspace: Path, kept: RebuildSettings) -> Path | None:
    """Return a file that a build was given, if the file that names it may do so."""
    # Anyone who could have written the one could have read the other: both belong to one user. It
    # is a regular file and not a link. A missing file is reported by the rebuild.
    if given is None:
        return None
    if not isinstance(given, str) or not given.strip() or not given.isprintable():
        raise UntrustedError(f"its {what} is not a path")
    path = Path(given)
    if not path.is_absolute():
        path = untrusted.below(workspace, given)
    elif given.startswith(("//", "\\\\")) or ".." in path.parts:
        raise UntrustedError(f"its {what} is a network path or leads through '..'")
    try:
        found, record = path.lstat(), (workspace / kept.place).lstat()
    except FileNotFoundError:
        return path
    except OSError as error:
        raise UntrustedError(f"its {what} cannot be read ({error.strerror})") from error
    if not stat.S_ISREG(found.st_mode):
        raise UntrustedError(f"its {what} is a link, a folder, a pipe or a device, not a file")
    if os.name == "posix":
        _of_its_user(path, found, record, what)
    return path


def _of_its_user(path: Path, found: os.stat_result, record: os.stat_result, what: str) -> None:
    """Reject a file that a user other than the one who named it may have chosen."""
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
    """Return whether others can replace a file by a link after it was checked."""
    status = folder.stat()
    # In a folder like /tmp users can delete only their own files.
    return others_can_write(status) and not status.st_mode & stat.S_ISVTX


def check_files(last: LastBuild) -> None:
    """Raise an error if a file of the authority that the last build used is no longer there."""
    own = {"own file": last.options.local_records, "mapping of columns": last.options.columns}
    for what, path in own.items():
        if isinstance(path, Path) and not os.path.lexists(path):
            raise SourceError(
                f"The {what} of the last build is no longer there: "
                f"{untrusted.plain(str(path))!r}. Put it back, or run bolton-jsna build"
                f"{area_of(last.area_code).as_option} --local-records FILE with the file that "
                "replaced it."
            )


def accepted_again(last: LastBuild, workspace: Path) -> BuildOptions:
    """Return the options of the last build, with what was accepted of the same own file."""
    from bolton_jsna.building import _acceptance

    before = _acceptance.kept_before(workspace) if last.place == RECORD else last.accepted
    own = last.options.local_records
    accept = _acceptance.remembered(before, own, area=last.area_code)
    return dataclasses.replace(last.options, accept=accept)


def unreadable(last: LastBuild) -> str:
    """Return why the records of the last build cannot be read, without quoting them."""
    # A record may have been changed to name any file of its user. Messages of the readers name
    # headings, which in such a file may be anything.
    from bolton_jsna.building._local_source import read_local

    path, place = last.options.local_records, area_of(last.area_code)
    if not isinstance(path, Path) or not path.exists():
        return ""
    try:
        read_local(place, last.options)
    except Exception as error:  # noqa: BLE001 (whatever it is, nothing of the file may be quoted)
        return (
            f"The records that {last.place.as_posix()} names ({untrusted.plain(str(path))!r}) "
            f"cannot be read ({type(error).__name__}). Nothing of the file is quoted here. Run "
            f"bolton-jsna check FILE{place.as_option} to see what is wrong with it, then "
            f"bolton-jsna build{place.as_option} --local-records FILE."
        )
    return ""
