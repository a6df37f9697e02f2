"""One family of exceptions: each says what was found, what was expected and what to do.

``BoltonJsnaError`` is the parent of all. The command line turns ``UsageError`` and its
children into exit code 2 (wrong use) and every other member into exit code 1 (failed).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BoltonJsnaError(Exception):
    """Parent of every error that this library raises on purpose."""


class UsageError(BoltonJsnaError, ValueError):
    """An argument that cannot be meant: an unknown option, a negative count, a wrong type."""


class AreaNotFoundError(UsageError, LookupError):
    """A name, code or number that is no area of the register; the message has near matches."""


class SourceError(BoltonJsnaError):
    """Bytes that are not what a publisher promised: empty, damaged, a web page, not there."""


class WorkspaceError(BoltonJsnaError, OSError):
    """A folder or file that cannot be written or read: no room, no permission, in the way."""


class SchemaError(BoltonJsnaError):
    """A table without the columns, types or values that its edition must have."""


class VintageError(BoltonJsnaError):
    """Codes of one year joined to codes of another; the message names both and the way out."""


class MissingDataError(BoltonJsnaError):
    """Data that a request needs and that are neither in the workspace nor in the snapshot."""


def some(values: Iterable[object], most: int = 5) -> str:
    """Return the first few values as text, with the number of those left out.

    Parameters
    ----------
    values : iterable
        What to list, in order.
    most : int, default 5
        How many to write out.

    Examples
    --------
    >>> some(["a", "b", "c"], most=2)
    'a, b and 1 more'
    >>> some([])
    'none'
    """
    listed = [str(value) for value in values]
    if not listed:
        return "none"
    if len(listed) <= most:
        return ", ".join(listed)
    return f"{', '.join(listed[:most])} and {len(listed) - most} more"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x' or 'y'?`` for near matches of a word, else an empty text.

    Examples
    --------
    >>> did_you_mean("reff", ["referrals", "refs"])
    " Did you mean 'refs'?"
    >>> did_you_mean("zzz", ["referrals"])
    ''
    """
    near = difflib.get_close_matches(word, list(known), n=3)
    return f" Did you mean {' or '.join(repr(each) for each in near)}?" if near else ""


def choice(name: str, value: object, allowed: Iterable[object]) -> None:
    """Refuse a value that is not among the allowed ones.

    Raises
    ------
    UsageError
        With the value, the allowed values and a near match.

    Examples
    --------
    >>> choice("level", "wards", ["ward", "lsoa"])
    Traceback (most recent call last):
    bolton_jsna.errors.UsageError: level='wards' is not known. ... Did you mean 'ward'?
    """
    known = list(allowed)
    if value not in known:
        listed = some((repr(each) for each in known), most=20)
        hint = did_you_mean(str(value), [str(each) for each in known])
        raise UsageError(f"{name}={value!r} is not known. Known: {listed}.{hint}")
