"""What a reader passes over and goes on without: logged at once, and gathered for who asks.

A footnote or one wrong row is no reason to refuse a file. It is no reason to be silent either.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Final

logger = logging.getLogger(__name__)

_gathering: ContextVar[list[str] | None] = ContextVar("gathering", default=None)

ENOUGH: Final = 0.5
"""Of a file with more wrong rows than this share, the whole is refused: something else is wrong."""


def remark(text: str) -> None:
    """Say what is passed over: to the log, and to whoever gathers remarks.

    Parameters
    ----------
    text : str
        A sentence or more that names the file, what is left out, and why.

    Examples
    --------
    >>> with gathered() as said:
    ...     remark("'idaci.csv' has 2 rows below its table: these are left out.")
    >>> said
    ["'idaci.csv' has 2 rows below its table: these are left out."]
    """
    found = _gathering.get()
    if found is not None and text not in found:
        found.append(text)
    logger.warning("%s", text)


@contextlib.contextmanager
def gathered() -> Iterator[list[str]]:
    """Gather the remarks of the readers that are called within.

    Yields
    ------
    list of str
        The remarks, in order, each once.

    Examples
    --------
    >>> with gathered() as said:
    ...     pass
    >>> said
    []
    """
    found: list[str] = []
    token = _gathering.set(found)
    try:
        yield found
    finally:
        _gathering.reset(token)
