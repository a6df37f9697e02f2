"""Files of a workspace that anyone may have edited, read without trusting them.

The run record, the lock file, the releases and the status name files to delete, to read and to
build. They are used only where their content is what this library writes.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path, PurePosixPath
from typing import Any, Final, NoReturn

from bolton_jsna.core.atomic import no_links
from bolton_jsna.core.errors import SourceError, WorkspaceError
from bolton_jsna.core.naming import unfit

MOST_BYTES: Final = 16 * 2**20
"""The largest file of this kind that is read."""

_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_OPEN |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class UntrustedError(SourceError, ValueError):
    """A file of the workspace that this library did not write; the message quotes nothing of it."""


def read_bytes(path: Path, *, most: int = MOST_BYTES) -> bytes:
    """Return the bytes of a regular file, without following a link or waiting for a pipe."""
    if path.is_symlink():
        raise UntrustedError("it is a link, not a file")
    if path.is_dir():
        raise UntrustedError("it is a folder, not a file")
    try:
        handle = os.open(path, _OPEN)
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        raise UntrustedError(f"it cannot be opened ({error.strerror})") from error
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UntrustedError("it is a pipe or a device, not a file")
        try:
            content = file.read(most + 1)
        except OSError as error:
            raise UntrustedError(f"it cannot be read ({error.strerror})") from error
    if len(content) > most:
        raise UntrustedError(f"it is larger than {most // 2**20} MB")
    return content


def read_json(path: Path, *, most: int = MOST_BYTES) -> Any:
    """Return what a JSON file of the workspace holds."""
    return _json_of(read_bytes(path, most=most))


def read_table(path: Path, *, most: int = MOST_BYTES) -> dict[str, Any]:
    """Return the names and values of a JSON file of the workspace."""
    return table_of(read_bytes(path, most=most))


def table_of(content: bytes) -> dict[str, Any]:
    """Return the names and values of a JSON text."""
    found = _json_of(content)
    if not isinstance(found, dict):
        raise UntrustedError("it is not a table of names and values")
    return found


def _json_of(content: bytes) -> Any:
    try:
        return json.loads(
            content.decode("utf-8-sig"), parse_constant=_no_number, object_pairs_hook=_once
        )
    except UntrustedError:
        raise
    except RecursionError as error:
        raise UntrustedError("it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise UntrustedError("it is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise UntrustedError(f"it is not JSON (line {error.lineno}: {error.msg})") from error
    except ValueError as error:
        raise UntrustedError("it holds a number that is not valid or too long") from error


def below(folder: Path, name: object) -> Path:
    """Return the path below a folder of a name that a file of the workspace gives."""
    if not isinstance(name, str):
        raise UntrustedError(f"it has a {type(name).__name__} where a path should be")
    for part in name.split("/"):
        why = unfit(part)
        if why:
            raise UntrustedError(f"{name[:80]!r} is not a path inside the folder ({why})")
    path = folder / PurePosixPath(name)
    try:
        no_links(folder, path)
    except WorkspaceError as error:
        raise UntrustedError(str(error)) from error
    return path


def plain(value: object, *, most: int = 500) -> str:
    r"""Return a text of a file without control characters, cut to a length."""
    if not isinstance(value, str):
        return ""
    text = value[:most]
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else " " for each in text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UntrustedError("it gives the same name twice")
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
