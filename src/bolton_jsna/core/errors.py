"""One family of exceptions; messages name what was found, what was expected and what to do.

``BoltonJsnaError`` is the parent of all. The command line turns ``UsageError`` and its
children into exit code 2 (wrong use) and every other member into exit code 1 (failed).
"""

from __future__ import annotations

import difflib
import json
import numbers
import unicodedata
from collections.abc import Iterable, Mapping

from bolton_jsna.core.near_names import near_names

_LONGEST = 10_000  # characters of a message
_CELL = 80  # characters of one value within a message
_FEW = 20  # names that are listed in full; of more, those like the one that was meant


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


def some(values: Iterable[object], most: int = 5, *, like: str | Iterable[object] = ()) -> str:
    """Return the first few values as text, each cut and cleaned, and the number left out.

    Where some are left out, those like a name that was asked for, or like the first three of
    several, come first.
    """
    listed = list(values)
    if not listed:
        return "none"
    if len(listed) > most:
        near = [
            each
            for name in ([like] if isinstance(like, str) else list(like)[:3])
            for each in near_names(str(name), map(str, listed))
        ]
        place = {each: at for at, each in enumerate(dict.fromkeys(near))}
        listed.sort(key=lambda each: place.get(str(each), len(place)))
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


def choice(
    name: str,
    value: object,
    allowed: Iterable[object],
    *,
    about: Mapping[str, str] | None = None,
    listing: str = "",
) -> None:
    """Reject a value that is not among the allowed ones; name them, or of many those like it.

    Of many, ``about`` has further words to find each by, and ``listing`` is a sentence on how to
    list them all.
    """
    known = list(allowed)
    if is_among(value, known):
        return
    texts = {str(each): short(repr(each)) for each in known}
    if len(known) <= _FEW:
        words = f" Known: {some(texts.values(), most=_FEW)}.{did_you_mean(str(value), texts)}"
    elif near := near_names(str(value), texts, about=about):
        *others, last = [texts[each] for each in near]
        these = f"{', '.join(others)} or {last}" if others else last
        words = f" Did you mean {these}? {len(known)} are known."
    else:
        first = dict.fromkeys(each.split("_")[0] for each in texts)
        words = f" None of the {len(known)} known is like it. They begin with {some(first, _FEW)}."
    end = f" {listing}" if listing and len(known) > _FEW else ""
    raise UsageError(f"{name}={short(repr(value))} is not known.{words}{end}")
