"""Values of JSON files that anyone may have edited: each of its type, or the file is rejected."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bolton_jsna.core import untrusted
from bolton_jsna.core.untrusted import UntrustedError

Reader = Callable[[Any], Any]
"""Returns a value, safe to use; raises TypeError or ValueError if it is of another type."""

_T = TypeVar("_T")


def read(kind: type[_T], facts: object, readers: Mapping[str, Reader], what: str) -> _T:
    """Return a dataclass from a JSON table, by a reader for each type that its fields have."""
    if not isinstance(facts, dict):
        raise UntrustedError(f"{what} is not a table")
    found: dict[str, Any] = {}
    for each in dataclasses.fields(kind):  # type: ignore[arg-type]
        if each.name in facts:
            found[each.name] = _value(facts[each.name], str(each.type), each.name, readers, what)
        elif each.default is each.default_factory is dataclasses.MISSING:
            raise UntrustedError(f"{what} has no {each.name!r}")
    return kind(**found)


def _value(value: Any, kind: str, name: str, readers: Mapping[str, Reader], what: str) -> Any:
    try:
        return readers[kind](value)
    except (TypeError, ValueError) as error:
        if isinstance(error, UntrustedError):
            raise
        raise UntrustedError(f"{what} has {name!r}, which is not of the type {kind}") from error


def text(most: int) -> Reader:
    """Return a reader of text that is cut to a length, without control characters."""

    def read_text(value: object) -> str:
        if not isinstance(value, str):
            raise TypeError
        return untrusted.plain(value, most=most)

    return read_text


def verbatim(value: object) -> str:
    """Return text as it is."""
    if not isinstance(value, str):
        raise TypeError
    return value


def flag(value: object) -> bool:
    """Return a value that is true or false."""
    if type(value) is not bool:
        raise TypeError
    return value


def count(value: object) -> int:
    """Return a whole number from zero."""
    if type(value) is not int or not 0 <= value < 2**63:
        raise TypeError
    return value


def number(value: object) -> float:
    """Return a finite number."""
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and abs(value) < 2**63:
        return value
    raise TypeError


def many(one: Reader, most: int) -> Reader:
    """Return a reader of a list, which is cut to a length."""

    def read_list(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise TypeError
        return tuple(one(each) for each in value[:most])

    return read_list


def table(name: Reader, one: Reader, most: int) -> Reader:
    """Return a reader of names and values, which are cut to a number."""

    def read_table(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise TypeError
        return {name(each): one(value[each]) for each in list(value)[:most]}

    return read_table
