"""Whether a downloaded body is what its name promises."""

from __future__ import annotations

from typing import Final

from bolton_jsna.core.errors import SourceError
from bolton_jsna.core.sniffing import FIRST_BYTES, kind_of
from bolton_jsna.services.responses import Downloaded, beginning

_TYPES: Final = {
    "csv": ("text/", "application/csv", "application/octet-stream", "application/vnd.ms-excel"),
    "xlsx": ("application/vnd.openxmlformats", "application/octet-stream", "application/zip"),
    "zip": ("application/zip", "application/octet-stream", "application/x-zip-compressed"),
}


def checked(body: Downloaded, *, ending: str) -> tuple[str, ...]:
    """Reject a downloaded body that is a web page, empty or of another kind; return its notes."""
    path = body.path
    if path is None:
        return ()
    with path.open("rb") as file:
        start = file.read(FIRST_BYTES)
    declared = body.content_type or "no type"
    kind = kind_of(start)
    wrong = ""
    if kind == "empty":
        wrong = "an empty body"
    elif kind in {"web page", "markup"}:
        wrong = f"a web page ({declared}): {beginning(start)}"
    elif ending == "csv" and kind != "text":
        found = "JSON" if kind == "json" else "a file that is not text"
        wrong = f"{found} ({declared}): {beginning(start)}"
    elif ending in {"xlsx", "zip"} and kind != "zip":
        wrong = f"something other than {ending} ({declared}): {beginning(start)}"
    if wrong:
        path.unlink()
        raise SourceError(
            f"{body.url} answered with {wrong}. Expected a {ending.upper()} file. A file that was "
            "moved or withdrawn answers so; look at the publisher's page. What came is not stored."
        )
    if body.content_type and not body.content_type.startswith(_TYPES.get(ending, ("",))):
        return (f"the service called it {body.content_type}, but it is {ending.upper()}",)
    return ()
