"""Headings and names of areas as they are compared, and file names that are safe everywhere."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final
from urllib.parse import unquote, urlsplit

from bolton_jsna.core.errors import clean

# Characters that do not show: spaces that do not break, and marks without width.
_INVISIBLE: Final = {
    **dict.fromkeys((0x00A0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
    **dict.fromkeys((0x00AD, *range(0x200B, 0x2010), 0x2060, 0xFEFF), None),
}


def trimmed(text: str) -> str:
    r"""Return a cell without blanks at its ends, including those that do not break."""
    return (text if text.isascii() else text.translate(_INVISIBLE)).strip()


def heading(text: str) -> str:
    """Return a heading in the form in which headings are compared: one space, no case."""
    return " ".join(trimmed(text).split()).casefold()


_APOSTROPHES: Final = dict.fromkeys(map(ord, "'`\N{ACUTE ACCENT}\u02bc\u2018\u2019\u201b\u2032"))


def name_key(name: str) -> str:
    """Return the name of an area in the form in which names are compared."""
    # Case, accents, apostrophes, "&" for "and", "Saint" for "St", hyphens, dots and spaces differ
    # between publishers and spreadsheets, and areas do not differ by them alone.
    plain = trimmed(html.unescape(name)).translate(_APOSTROPHES)
    plain = re.sub("[&+]", " and ", plain)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join(each for each in plain if not unicodedata.combining(each))
    words = re.sub(r"[^\w\s]|_", " ", plain).casefold().split()
    return " ".join("st" if word == "saint" else word for word in words)


_DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"}
    | {f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789¹²³"}
)
"""Names that Windows reads as a device, whatever their ending."""

_LONGEST_LABEL: Final = 200


def is_label(text: str) -> bool:
    r"""Return whether a text can name a row or a rule: one line, not too long, safe to print."""
    return 0 < len(text) <= _LONGEST_LABEL and "\n" not in text and clean(text) == text


def reserved(name: str) -> bool:
    """Return whether Windows reads a file name as a device: ``CON``, ``nul.csv``, ``COM1``."""
    return name.partition(".")[0].rstrip(" ").casefold() in _DEVICES


def unfit(part: str) -> str:
    r"""Return why one part of a path is not a file name on every system; empty when it is."""
    # Windows reads ``C:`` as a drive, ``name:stream`` as a hidden part of a file and ``NUL.csv`` as
    # a device, and drops dots and spaces at the end, so that two names are one file.
    faults = {
        "an empty part": not part,
        f"{part!r} as a part": part in {".", ".."},
        "a slash": "/" in part or "\\" in part,
        "a colon": ":" in part,
        "a character that cannot be printed": not part.isprintable(),
        "a dot or a space at an end": part.endswith((".", " ")) or part.startswith(" "),
        "a name that Windows reserves": reserved(part),
    }
    return next((why for why, found in faults.items() if found), "")


def safe_name(name: str, *, ending: str = "") -> str:
    r"""Return a safe file name: the last part of a path, plain characters, no leading dot."""
    path = unquote(urlsplit(name).path if "://" in name else name).replace("\\", "/")
    last = path.rstrip("/").rpartition("/")[2]
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).lstrip("._-")
    if ending:
        stem = re.sub(rf"\.{ending}$", "", kept, flags=re.IGNORECASE)
        kept = f"{stem or 'file'}.{ending}"
    # The end of a name has the edition, the area and the kind of file.
    short = kept[-120:].strip(".").lstrip("._-")
    if reserved(short):
        device, dot, rest = short.partition(".")
        short = f"{device}_{dot}{rest}"[-120:].lstrip("._-")
    return short or "file"
