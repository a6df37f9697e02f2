"""Remarks of readers about what they skip: logged, or gathered by a caller of several files.

A file is not rejected for a footnote or one wrong row, but the user is informed.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Final

from bolton_jsna.core.errors import SchemaError

_log = logging.getLogger(__name__)

_gathering: ContextVar[list[str] | None] = ContextVar("gathering", default=None)

MOST: Final = 0.5
"""A file with this share of wrong rows, or more, is rejected: something else is wrong."""

# With more wrong rows than this, a smaller share is enough: the publisher has changed something.
_FEW: Final = 20
_SMALL: Final = 0.05


def remark(text: str) -> None:
    """Report what is skipped, to a caller that gathers remarks or else to the log."""
    found = _gathering.get()
    if found is None:
        _log.warning("%s", text)
    elif text not in found:
        found.append(text)


@contextlib.contextmanager
def gathered() -> Iterator[list[str]]:
    """Gather the remarks of the readers that are called inside, instead of logging them."""
    found: list[str] = []
    token = _gathering.set(found)
    try:
        yield found
    finally:
        _gathering.reset(token)


def leave_out(
    number: int,
    of: int,
    *,
    said: str,
    advice: str = "",
    what: str = "rows",
    most: float | None = None,
) -> None:
    """Report that rows are left out, or reject the file if they are too many."""
    share = most if most is not None else (_SMALL if number > _FEW else MOST)
    if number and number >= share * of:
        raise SchemaError(f"{said} {advice}".rstrip())
    if number:
        remark(f"{said} {number:,} of {of:,} {what} are left out; the others are used.")
