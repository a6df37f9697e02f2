"""Checks of options: numbers of Python or NumPy, and names of columns."""

from __future__ import annotations

import numbers
from collections.abc import Collection
from typing import TypeGuard

from bolton_jsna.core.errors import UsageError, short


def is_number(value: object) -> TypeGuard[float]:
    """Return whether an option is a number of Python or NumPy, but not True or False."""
    # Python counts True and False as numbers; NumPy does not.
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Return whether an option is a whole number of Python or NumPy, but not True or False."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def column_names(option: str, given: str | Collection[str] | None) -> list[str]:
    """Return the columns that an option names; a single name needs no list."""
    if given is None:
        return []
    if isinstance(given, str):
        return [given]
    try:
        names = list(given)
        hash(tuple(names))
    except TypeError:
        raise UsageError(
            f"{option}={short(repr(given))} does not name columns. Write for example "
            f"{option}=['year']."
        ) from None
    return names
