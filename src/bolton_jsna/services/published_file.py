"""Download a published file, and check that its contents are of the kind in its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import SourceError
from bolton_jsna.core.sniffing import FIRST_BYTES, kind_of
from bolton_jsna.services import Fetched, StoredCopy, endpoints
from bolton_jsna.services.redaction import beginning, shown

if TYPE_CHECKING:
    from bolton_jsna.services.http import Session

_KINDS: Final = {"xlsx": "zip", "zip": "zip", "gz": "gzip", "json": "json", "geojson": "json"}
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
            found = unlike(file.read(FIRST_BYTES), ending)
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
    kind, expected = kind_of(start), _KINDS.get(ending, "text")
    if kind == expected:
        return ""
    found = {"empty": "an empty body", "markup": "a web page", "web page": "a web page"}.get(kind)
    wanted = "text" if expected == "text" else ending
    found = found or ("JSON" if kind == "json" else f"something other than {wanted}")
    return found if kind == "empty" else f"{found}: {beginning(start)}"
