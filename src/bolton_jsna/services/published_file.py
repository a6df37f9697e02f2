"""Download a published file, and check that its contents are of the kind in its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import SourceError
from bolton_jsna.services import Fetched, StoredCopy, endpoints
from bolton_jsna.services.responses import beginning, shown

if TYPE_CHECKING:
    from bolton_jsna.services.http import Session

_ZIP: Final = b"PK\x03\x04"
_FIRST_BYTES: Final = {
    "xlsx": _ZIP,
    "zip": _ZIP,
    "gz": b"\x1f\x8b",
    "json": b"{",
    "geojson": b"{",
}
_BINARY: Final = (b"%PDF", b"PK", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"\x89PNG")
_TYPES: Final = {
    "csv": ("text/", "application/csv", "application/octet-stream", "application/vnd.ms-excel"),
    "xlsx": ("application/vnd.openxmlformats", "application/octet-stream", "application/zip"),
    "zip": ("application/zip", "application/octet-stream", "application/x-zip-compressed"),
}


def download(
    session: Session,
    service: str,
    path: str,
    target: Path,
    known: StoredCopy | None,
    *,
    params: Mapping[str, Any] | None = None,
    notes: Iterable[str] = (),
    **facts: Any,
) -> Fetched:
    """Download a file; reject it if its contents are not of the kind in its name."""
    body = session.download(service, path, target, params=params, known=known)
    notes = list(notes)
    if body.path is not None:
        ending = target.suffix[1:]
        with target.open("rb") as file:
            found = unlike(file.read(2000), ending)
        if found:
            target.unlink()
            raise SourceError(
                f"{body.url} answered with {found} (declared as {body.content_type or 'no type'}). "
                f"Expected a {ending.upper()} file. The file may have been moved or withdrawn: "
                "look at the publisher's page. The answer was not stored."
            )
        if body.content_type and not body.content_type.startswith(_TYPES.get(ending, ("",))):
            notes.append(f"the service called it {body.content_type}, but it is {ending.upper()}")
    return Fetched(
        path=body.path,
        name=target.name,
        address=shown(endpoints.resolve(service, path), params),
        etag=body.etag,
        last_modified=body.last_modified,
        notes=tuple(notes),
        **facts,
    )


def unlike(start: bytes, ending: str) -> str:
    """Return what the first bytes show instead of a file with an ending; empty if they fit it."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return "an empty body"
    if text.startswith(b"<"):
        return f"a web page: {beginning(text)}"
    if ending in _FIRST_BYTES:
        fits = start.startswith(_FIRST_BYTES[ending])
        return "" if fits else f"something other than {ending}: {beginning(text)}"
    if start.startswith(_BINARY) or b"\x00" in start:
        return f"something other than text: {beginning(text)}"
    return f"JSON: {beginning(text)}" if text.startswith((b"{", b"[")) else ""
