"""Whether a downloaded body is what its name promises, told by its first bytes."""

from __future__ import annotations

import re
from typing import Final

from bolton_jsna.core.errors import SourceError
from bolton_jsna.services.responses import Downloaded, beginning

_ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"
_BINARY: Final = (b"%PDF", _ZIP, _GZIP, b"\xd0\xcf\x11\xe0", b"\x89PNG")
_TYPES: Final = {
    "csv": ("text/", "application/csv", "application/octet-stream", "application/vnd.ms-excel"),
    "xlsx": ("application/vnd.openxmlformats", "application/octet-stream", "application/zip"),
    "zip": ("application/zip", "application/octet-stream", "application/x-zip-compressed"),
}


def checked(body: Downloaded, *, ending: str) -> tuple[str, ...]:
    """Refuse a downloaded body that is a web page, empty or of another kind; return its notes."""
    path = body.path
    if path is None:
        return ()
    with path.open("rb") as file:
        start = file.read(2000)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    declared = body.content_type or "no type"
    wrong = ""
    if not text:
        wrong = "an empty body"
    elif re.match(rb"<(?:!doctype|html|head|body|\?xml)", text[:200], re.IGNORECASE):
        wrong = f"a web page ({declared}): {beginning(text)}"
    elif ending == "csv" and (text.startswith(_BINARY) or b"\x00" in start):
        wrong = f"something that is no text ({declared}): {beginning(text)}"
    elif ending == "csv" and text.startswith(b"{"):
        wrong = f"JSON ({declared}): {beginning(text)}"
    elif ending in {"xlsx", "zip"} and not start.startswith(_ZIP):
        wrong = f"something other than {ending} ({declared}): {beginning(text)}"
    if wrong:
        path.unlink()
        raise SourceError(
            f"{body.url} answered with {wrong}. Expected a {ending.upper()} file. A file that was "
            "moved or withdrawn answers so; look at the publisher's page. What came is not stored."
        )
    if body.content_type and not body.content_type.startswith(_TYPES.get(ending, ("",))):
        return (f"the service called it {body.content_type}, but it is {ending.upper()}",)
    return ()
