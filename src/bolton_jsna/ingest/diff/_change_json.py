"""Changes as JSON has them, and read back as data that anyone may have edited."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from typing import Any, Final, cast

from bolton_jsna.core import untrusted
from bolton_jsna.core.untrusted import UntrustedError
from bolton_jsna.ingest.diff import MOST, Change, Revision

_TEXT: Final = 500
"""Characters of one text that are kept."""
_LIST: Final = 1_000
"""Headings or editions that are kept."""
_KEY: Final = 20
"""Columns of a key, or names of codes, that are kept."""


def text_of(content: dict[str, Any]) -> str:
    """Return facts as JSON text that :func:`bolton_jsna.core.untrusted.read_json` reads."""
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def facts_of(change: Change, *, most: int = MOST) -> dict[str, Any]:
    """Return a change as JSON has it, with no more than so many revised figures."""
    # Not dataclasses.asdict, which takes minutes for the figures of hundreds of files.
    return {**vars(change), "revisions": [vars(each) for each in change.revisions[:most]]}


def change_of(facts: object) -> Change:
    """Return a change whose every value is of its type; texts and lists are cut to a length."""
    given = _given(facts, Change, "a change")
    if not {"file", "path", "first", "rows"} <= set(given):
        raise UntrustedError("a change has no file, path, first or rows")
    return Change(**given)


def _revision(facts: object) -> Revision:
    given = _given(facts, Revision, "a revised figure")
    if not {"where", "column", "old", "new", "by"} <= set(given):
        raise UntrustedError("a revised figure has no where, column, old, new or by")
    return Revision(**given)


def _given(facts: object, kind: type[Change] | type[Revision], what: str) -> dict[str, Any]:
    if not isinstance(facts, dict):
        raise UntrustedError(f"{what} is not a table")
    return {
        each.name: _value(facts[each.name], str(each.type), f"{what} has {each.name!r}")
        for each in dataclasses.fields(kind)
        if each.name in facts
    }


def _value(value: Any, wanted: str, where: str) -> Any:
    """Return a value, if it is of the type that a change or a revised figure has there."""
    try:
        return _TYPES[wanted](value)
    except (TypeError, ValueError) as error:
        if isinstance(error, UntrustedError):
            raise
        raise UntrustedError(f"{where}, which is not of the type {wanted}") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return untrusted.plain(value, most=_TEXT)


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise TypeError
    return value


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise TypeError
    return value


def _cell(value: object) -> int | float | str | None:
    """Return the value of a cell: a figure, a text or none."""
    if value is None or type(value) is bool:
        return value
    if (type(value) is int and abs(value) < 2**63) or (
        isinstance(value, float) and math.isfinite(value)
    ):
        return value
    return _text(value)


def _difference(value: object) -> float | None:
    if isinstance(value, str | bool):
        raise TypeError
    return cast("float | None", _cell(value))


def _many(kind: Callable[[Any], Any], most: int) -> Callable[[object], tuple[Any, ...]]:
    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise TypeError
        return tuple(kind(each) for each in value[:most])

    return read


def _pair(value: object) -> tuple[str, str]:
    first, second = _many(_text, 3)(value)
    return first, second


def _table(kind: Callable[[Any], Any]) -> Callable[[object], dict[str, Any]]:
    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise TypeError
        return {_text(name): kind(value[name]) for name in list(value)[:_KEY]}

    return read


_TYPES: Final[dict[str, Callable[[Any], Any]]] = {
    "str": _text,
    "bool": _flag,
    "int": _count,
    "Any": _cell,
    "float | None": _difference,
    "dict[str, Any]": _table(_cell),
    "dict[str, str]": _table(_text),
    "tuple[str, ...]": _many(_text, _LIST),
    "tuple[tuple[str, str], ...]": _many(_pair, _LIST),
    "tuple[Revision, ...]": _many(_revision, MOST),
}
"""How a value of each type is read; one of another type is a TypeError."""
