"""Zip files (docx, xlsx, ods) whose bytes depend on their contents alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Final

_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold."""
_FIRST: Final = ("mimetype", "[Content_Types].xml")
"""What readers expect first: of an OpenDocument file, and of an Office file."""


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip file of parts by name, in a fixed order and with fixed times."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as whole:
        for name in sorted(parts, key=lambda each: (each not in _FIRST, each)):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = 3
            # The type of an OpenDocument file is read from its first bytes, so it is stored plain.
            plain = name == "mimetype"
            entry.compress_type = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
            whole.writestr(entry, parts[name], compresslevel=None if plain else 6)
    return made.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """Return the parts of a zip file by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        return {each.filename: whole.read(each) for each in whole.infolist() if not each.is_dir()}
