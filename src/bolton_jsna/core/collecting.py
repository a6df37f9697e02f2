"""A pause for Python's search for objects that nothing uses any more."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Pause the search for unused cycles of objects while many objects are made.

    The search goes through all shapes and rows again and again: half of the time of a map of
    thousands of areas. Memory that is not part of a cycle is freed as ever.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
