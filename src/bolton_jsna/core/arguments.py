"""What options are given as: numbers of Python or NumPy, and names of columns."""

from __future__ import annotations

import numbers
from collections.abc import Collection
from typing import TypeGuard

from bolton_jsna.core.errors import UsageError, short


def is_number(value: object) -> TypeGuard[float]:
    """Return whether an option is a number, of Python or NumPy, and no truth value."""
    # The truth values of NumPy are no numbers of the tower; those of Python are.
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Return whether an option is a whole number, of Python or NumPy, and no truth value."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def column_names(option: str, given: str | Collection[str] | None) -> list[str]:
    """Return the columns that an option names; one may stand by itself."""
    if given is None:
        return []
    if isinstance(given, str):
        return [given]
    try:
        names = list(given)
        hash(tuple(names))
    except TypeError:
        raise UsageError(
            f"{option}={short(repr(given))} does not name columns. Write {option}=['year'] or the "
            "like."
        ) from None
    return names
