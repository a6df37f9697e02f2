"""Names as others write them, made comparable and harmless: headings and file names."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import unquote, urlsplit

from bolton_jsna.errors import clean

# What programs put next to words and nobody sees: spaces that do not break, and marks of no width.
_INVISIBLE: Final = {
    **dict.fromkeys((0x00A0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
    **dict.fromkeys((0x00AD, *range(0x200B, 0x2010), 0x2060, 0xFEFF), None),
}


def trimmed(text: str) -> str:
    r"""Return a cell without blanks at its ends; those that do not break are like any other.

    Examples
    --------
    >>> trimmed("E05014818\u00a0"), trimmed("\ufeffGreat\u202fLever\u200b ")
    ('E05014818', 'Great Lever')
    """
    return (text if text.isascii() else text.translate(_INVISIBLE)).strip()


def heading(text: str) -> str:
    """Return a heading in the form in which headings are compared: one space, no case.

    Parameters
    ----------
    text : str
        As published, with or without a byte-order mark.

    Examples
    --------
    >>> heading("  LSOA  code (2021) ")
    'lsoa code (2021)'
    """
    return " ".join(trimmed(text).split()).casefold()


_DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"}
    | {f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789¹²³"}
)
"""What Windows takes for a device, whatever ending the name has."""


_LONGEST_LABEL: Final = 200


def is_label(text: str) -> bool:
    r"""Say whether a text can name a row or a rule: one line, not too long, safe to print.

    Examples
    --------
    >>> is_label("Child's disability"), is_label(""), is_label("a\nb"), is_label("x" * 201)
    (True, False, False, False)
    """
    return 0 < len(text) <= _LONGEST_LABEL and "\n" not in text and clean(text) == text


def reserved(name: str) -> bool:
    """Say whether Windows takes a file name for a device: ``CON``, ``nul.csv``, ``COM1``.

    Examples
    --------
    >>> reserved("CON"), reserved("lpt1.tar.gz"), reserved("console.csv")
    (True, True, False)
    """
    return name.partition(".")[0].rstrip(" ").casefold() in _DEVICES


def unfit(part: str) -> str:
    r"""Return why one part of a path is no file name on every system; empty when it is one.

    Windows reads ``C:`` as a drive, ``name:stream`` as a stream hidden in a file, ``NUL.csv`` as a
    device and drops dots and spaces at the end, so that two names are one file.

    Parameters
    ----------
    part : str
        One part, without slashes.

    Examples
    --------
    >>> unfit("a.csv"), unfit(".."), unfit("C:"), unfit("nul.csv")
    ('', "'..' as a part", 'a colon', 'a name that Windows reserves')
    """
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
    r"""Return a file name that can do no harm: its last part, plain characters, no leading dot.

    Parameters
    ----------
    name : str
        A name, a path or an address, of which the last part is taken.
    ending : str, optional
        What the name must end with, such as ``"csv"``; put there where it does not.

    Returns
    -------
    str
        At most 120 characters, the last ones, and no name that Windows reserves.

    Examples
    --------
    >>> safe_name("../../etc/cron.d/evil.csv"), safe_name("C:\\tmp\\.b 1.csv")
    ('evil.csv', 'b_1.csv')
    >>> safe_name("https://example.org/media/1/File_7%20(2).csv?v=1", ending="csv")
    'File_7_2_.csv'
    >>> safe_name("CON.csv"), safe_name("C:nul")
    ('CON_.csv', 'C_nul')
    >>> safe_name("..%2F..\\.ssh/authorized_keys", ending="csv"), safe_name("../", ending="csv")
    ('authorized_keys.csv', 'file.csv')
    """
    path = unquote(urlsplit(name).path if "://" in name else name).replace("\\", "/")
    last = path.rstrip("/").rpartition("/")[2]
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).lstrip("._-")
    if ending:
        stem = re.sub(rf"\.{ending}$", "", kept, flags=re.IGNORECASE)
        kept = f"{stem or 'file'}.{ending}"
    # The end tells more than the start: an edition, an area, the kind of file.
    short = kept[-120:].strip(".").lstrip("._-")
    if reserved(short):
        device, dot, rest = short.partition(".")
        short = f"{device}_{dot}{rest}"[-120:].lstrip("._-")
    return short or "file"
