"""One family of exceptions; messages name what was found, what was expected and what to do.

``BoltonJsnaError`` is the parent of all. The command line turns ``UsageError`` and its
children into exit code 2 (wrong use) and every other member into exit code 1 (failed).
"""

from __future__ import annotations

import difflib
import json
import numbers
import unicodedata
from collections.abc import Iterable

_LONGEST = 10_000  # characters of a message
_CELL = 80  # characters of one value within a message


class BoltonJsnaError(Exception):
    """Parent of every error that this library raises on purpose.

    A message may quote a name from a file: what would steer a terminal is written out in it.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(_fit(each) if isinstance(each, str) else each for each in args))


class UsageError(BoltonJsnaError, ValueError):
    """An argument that is not valid: an unknown option, a negative count, a wrong type."""


class AreaNotFoundError(UsageError, LookupError):
    """A name, code or number that is not in the register; the message has near matches."""


class SourceError(BoltonJsnaError):
    """A file that is not what was expected: missing, empty, damaged or a web page."""


class WorkspaceError(BoltonJsnaError, OSError):
    """A folder or file that cannot be written or read: no space, no permission, blocked."""


class SchemaError(BoltonJsnaError):
    """A table without the columns, types or values of its edition."""


class OtherTableError(SchemaError):
    """A file without the table that was looked for; it may belong to another folder."""


class VintageError(BoltonJsnaError):
    """Codes of one year joined to codes of another; the message names both and what to do."""


class MissingDataError(BoltonJsnaError):
    """Data that a request needs but that are not in the workspace or the snapshot.

    Attributes
    ----------
    message : str
        What is missing and how to get it.
    network : str
        What kept it from being fetched and what to ask for, the same for all that is missing;
        empty where the network was not asked or is well.
    """

    def __init__(self, message: str, network: str = "") -> None:
        super().__init__(f"{message}\n{network}" if network else message)
        self.message = message
        self.network = network


def clean(text: str) -> str:
    r"""Return text that is safe to print: control characters are written out, lines are kept."""
    # Escape sequences can repaint a terminal or hide what stands before them, and marks of writing
    # direction turn a name round. They are written as in JSON, so that JSON text stays the same
    # JSON.
    if text.isprintable():
        return text
    return "".join(each if _safe(each) else json.dumps(each)[1:-1] for each in text)


def _safe(mark: str) -> bool:
    # Spaces of other widths count as not printable, and do nothing to a terminal.
    return mark.isprintable() or mark == "\n" or unicodedata.category(mark) == "Zs"


def short(value: object, most: int = _CELL) -> str:
    r"""Return a value as text of one line, cut to a length, safe to print."""
    text = str(value)
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    return clean(text).replace("\n", "\\n")


def _fit(message: str) -> str:
    return clean(message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…")


def some(values: Iterable[object], most: int = 5) -> str:
    """Return the first few values as text, each cut and cleaned, and the number left out."""
    listed = list(values)
    if not listed:
        return "none"
    shown = ", ".join(short(each) for each in listed[:most])
    return shown if len(listed) <= most else f"{shown} and {len(listed) - most} more"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x' or 'y'?`` for near matches of a word, else an empty text."""
    near = difflib.get_close_matches(word[:_CELL], [each[:_CELL] for each in known], n=3)
    return f" Did you mean {' or '.join(repr(each) for each in near)}?" if near else ""


def is_among(value: object, known: Iterable[object]) -> bool:
    """Return whether a value is one of those known, of the same kind."""
    # A table compared with a text is a table, and True is not the number 1.
    for each in known:
        number = isinstance(each, int) and not isinstance(value, bool)
        kind = numbers.Integral if number else type(each)
        if value is each or (isinstance(value, kind) and bool(value == each)):
            return True
    return False


def choice(name: str, value: object, allowed: Iterable[object]) -> None:
    """Reject a value that is not among the allowed ones."""
    known = list(allowed)
    if not is_among(value, known):
        listed = some((repr(each) for each in known), most=20)
        hint = did_you_mean(str(value), [str(each) for each in known])
        raise UsageError(f"{name}={short(repr(value))} is not known. Known: {listed}.{hint}")
