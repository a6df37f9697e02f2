"""Lines of text that a workbook has on several sheets."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

_NO_TEXT: Final = ("Cc", "Cs", "Cn", "Co")
"""Control characters, halves of characters, and those without a meaning."""


def plain(text: str) -> str:
    """Return a text without line breaks and characters that no file can hold."""
    kept = (each for each in text if each.isspace() or unicodedata.category(each) not in _NO_TEXT)
    return " ".join("".join(kept).split())


def lines(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts that are not empty, each once."""
    return tuple(dict.fromkeys(filter(None, map(plain, texts))))


def source_lines(sources: Iterable[str]) -> tuple[str, ...]:
    """Return the lines of the sources, each of which says what it is."""
    return tuple(
        each if each.startswith("Source") else f"Source: {each}" for each in lines(sources)
    )
