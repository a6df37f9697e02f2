"""Texts on their way through gptables, which reads some signs in them as links or notes."""

from __future__ import annotations

import re
from typing import Final

_GUARD: Final = "\ue000"
"""A character without a meaning; texts of a workbook have none (``_text.plain``)."""
_SPECIAL: Final = re.compile(r"(?<=\$)(?=\$)|(?<=\])(?=\()")
"""Inside of ``$$``, which begins a note, and of ``](``, which is in a link."""
_LETTER: Final = re.compile(r"[A-Za-z0-9]")


def guarded(text: str) -> str:
    """Return a text that gptables takes as it is."""
    apart = _SPECIAL.sub(_GUARD, text)
    # gptables rejects a cell without a letter or digit of English.
    return apart if _LETTER.search(apart) else f"{_GUARD}x{_GUARD}{apart}"


def restored(part: bytes) -> bytes:
    """Return a part of the file with the texts as they were."""
    return part.replace(f"{_GUARD}x{_GUARD}".encode(), b"").replace(_GUARD.encode(), b"")
