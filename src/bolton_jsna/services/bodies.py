"""Whether a downloaded body is what its name promises, told by its first bytes."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from bolton_jsna.errors import SourceError
from bolton_jsna.services.answers import Downloaded, beginning

_ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"
_BINARY: Final = (b"%PDF", _ZIP, _GZIP, b"\xd0\xcf\x11\xe0", b"\x89PNG")
_TYPES: Final = {
    "csv": ("text/", "application/csv", "application/octet-stream", "application/vnd.ms-excel"),
    "xlsx": ("application/vnd.openxmlformats", "application/octet-stream", "application/zip"),
    "zip": ("application/zip", "application/octet-stream", "application/x-zip-compressed"),
}


def checked(body: Downloaded, *, ending: str) -> tuple[str, ...]:
    """Refuse a downloaded body that is a web page, empty or of another kind; return its notes.

    Parameters
    ----------
    body : Downloaded
        With a path.
    ending : {"csv", "xlsx", "zip"}
        What the file should be.

    Returns
    -------
    tuple of str
        A note when the declared type is another but the bytes are right.

    Raises
    ------
    SourceError
        With the first bytes and the declared type.
    """
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
            "moved or withdrawn answers so; look at the publisher's page. Nothing was kept of it."
        )
    if body.content_type and not body.content_type.startswith(_TYPES.get(ending, ("",))):
        return (f"the service called it {body.content_type}, but it is {ending.upper()}",)
    return ()


def safe_name(name: str, *, ending: str) -> str:
    r"""Return the last part of a name or address as a file name that cannot lead anywhere else.

    Examples
    --------
    >>> safe_name("https://example.org/media/1/File_7%20(2).csv", ending="csv")
    'File_7_(2).csv'
    >>> safe_name("..%2F..\\.ssh/authorized_keys", ending="csv")
    'authorized_keys.csv'
    >>> safe_name("../", ending="csv")
    'file.csv'
    """
    path = unquote(urlsplit(name).path if "://" in name else name)
    last = PurePosixPath(path.replace("\\", "/").rstrip("/")).name
    kept = re.sub(r"[^\w.()+-]+", "_", last).lstrip("._-")
    stem = re.sub(rf"\.{ending}$", "", kept, flags=re.IGNORECASE)[:120].rstrip(".")
    return f"{stem or 'file'}.{ending}"
