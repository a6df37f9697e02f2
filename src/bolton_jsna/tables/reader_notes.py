"""What a reader passes over and goes on without: logged, or gathered for who reads several files.

A footnote or one wrong row is no reason to refuse a file. It is no reason to be silent either.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Final

from bolton_jsna.core.errors import SchemaError

logger = logging.getLogger(__name__)

_gathering: ContextVar[list[str] | None] = ContextVar("gathering", default=None)

MOST: Final = 0.5
"""Of a file with as large a share of wrong rows the whole is refused: something else is wrong."""

# Of a large file so many wrong rows are no odd ones: the publisher has changed something.
_FEW: Final = 20
_SMALL: Final = 0.05


def remark(text: str) -> None:
    """Say what is passed over: to whoever gathers remarks, else to the log."""
    found = _gathering.get()
    if found is None:
        logger.warning("%s", text)
    elif text not in found:
        found.append(text)


@contextlib.contextmanager
def gathered() -> Iterator[list[str]]:
    """Gather the remarks of the readers that are called within, in place of logging them."""
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
    """Say that rows are left out, or refuse the file where they are too many."""
    share = most if most is not None else (_SMALL if number > _FEW else MOST)
    if number and number >= share * of:
        raise SchemaError(f"{said} {advice}".rstrip())
    if number:
        remark(f"{said} {number:,} of {of:,} {what} are left out; the others are used.")
