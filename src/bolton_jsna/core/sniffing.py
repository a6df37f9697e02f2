"""What a file is by its first bytes, whatever its name and declared type."""

from __future__ import annotations

import re
from typing import Final

from bolton_jsna.core.reading import delimited

FIRST_BYTES: Final = 4096
"""How many bytes are looked at."""

_MAGIC: Final = {
    b"PK\x03\x04": "zip",
    b"\x1f\x8b": "gzip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "old office",
    b"PAR1": "parquet",
    b"SQLite format 3\x00": "geopackage",
    b"\x00\x00\x27\x0a": "shapefile",
    b"%PDF": "pdf",
    b"\x89PNG": "png",
}
_WEB_PAGE: Final = re.compile(rb"<(?:!doctype html|html|head|body)", re.IGNORECASE)


def kind_of(content: bytes) -> str:
    r"""Return the kind of a file: a name of ``_MAGIC``, "web page", "markup", "json", "text" ..."""
    # "old office" is also the kind of a workbook with a password.
    for magic, kind in _MAGIC.items():
        if content.startswith(magic):
            return kind
    start = delimited.as_utf8(content[:FIRST_BYTES]).lstrip()
    if not start:
        return "empty"
    if _WEB_PAGE.match(start):
        return "web page"
    if start.startswith(b"<"):
        return "markup"
    if b"\x00" in start:
        return "binary"
    return "json" if start.startswith((b"{", b"[")) else "text"


def is_text(content: bytes) -> bool:
    """Return whether a file is text of any kind, with or without content."""
    return kind_of(content) in {"empty", "json", "markup", "text", "web page"}
