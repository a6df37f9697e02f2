"""Find the encoding of the names of a shapefile, by its .cpg file and by the letters."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import Final

# The byte of a dBase table with its code page; 0 means none.
_DRIVERS: Final = {0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x57: "cp1252"}
_ESRI: Final = re.compile(r"(?:(?:ansi|oem|windows|cp)[ _-]?)?([0-9]{3,5})")
# Letters of names in the United Kingdom, which Welsh and borrowed words have, and their marks.
_LETTERS: Final = re.compile(
    "[\x20-\x7e\u00a0\u00ad\u00c0-\u00cf\u00d1-\u00d6\u00d8-\u00dd\u00df-\u00ef\u00f1-\u00f6\u00f8-\u00fd\u00ff"
    "\u0174-\u0177\u1e80-\u1e85\u1ef2\u1ef3\u2010-\u2015\u2018\u2019]*"
)
_TWO_AS_ONE: Final = re.compile("[\u00c2-\u00c5][^A-Za-z\u00c0-\u00ff' -]|[a-z][\u00c0-\u00dd]")


def chosen(cells: Sequence[bytes], *, cpg: bytes, driver: int) -> tuple[str, list[str]]:
    """Return the encoding of names, and the names that have unusual letters in it."""
    # Text that is valid UTF-8 and not ASCII is UTF-8. Another encoding is used if all names have
    # letters of names of places in it.
    stated = _stated(cpg)
    strange: dict[str, list[str]] = {}
    for encoding in dict.fromkeys(("utf-8", stated, _DRIVERS.get(driver), "cp1252")):
        if encoding is None:
            continue
        try:
            texts = [codecs.getincrementaldecoder(encoding)().decode(cell) for cell in cells]
        except UnicodeError:
            continue
        strange[encoding] = [] if encoding == "utf-8" else list(filter(_strange, texts))
        if not strange[encoding]:
            return encoding, []
    best = stated if stated in strange else next(iter(strange), "cp1252")
    return best, strange.get(best) or [decoded(cell, best) for cell in cells]


def decoded(cell: bytes, encoding: str) -> str:
    """Return a cell as text, without a letter that is cut at the end of the cell."""
    return codecs.getincrementaldecoder(encoding)(errors="replace").decode(cell)


def _stated(cpg: bytes) -> str | None:
    word = cpg[:40].decode("ascii", errors="ignore").strip(" \r\n\t\x00").lower()
    if found := _ESRI.fullmatch(word):
        # ESRI writes 88591 for ISO 8859-1.
        number = found[1]
        word = f"iso8859-{number[4:]}" if number.startswith("8859") else f"cp{number}"
    try:
        # Only encodings of text: other codecs, such as zip, do something else.
        known = codecs.lookup(word)
        known.incrementaldecoder().decode(b"a")
        return known.name if isinstance(b"a".decode(word), str) else None
    except (LookupError, ValueError, TypeError):
        return None


def _strange(text: str) -> bool:
    text = text.strip(" \x00")
    return _LETTERS.fullmatch(text) is None or _TWO_AS_ONE.search(text) is not None
