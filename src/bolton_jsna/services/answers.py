"""What the session hands back, how long it waits, and what is shown of an address."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import os
import random
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bolton_jsna.errors import SourceError

_SECRET = {"uid", "key", "api_key", "token"}


class StatusError(SourceError):
    """An answer with a status that ends the request.

    Attributes
    ----------
    status : int
        The HTTP status.
    body : str
        The first part of the answer.
    """

    def __init__(self, message: str, status: int = 0, body: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class UnreachableError(SourceError):
    """A service that no connection could be made to; it is not asked again in this session."""


class OtherEditionError(SourceError):
    """A service that is well, but has another edition now than the one that it is asked for."""


@dataclass(frozen=True)
class Reply:
    """An answer held in memory.

    Attributes
    ----------
    status : int
        The HTTP status.
    headers : mapping
        Its headers; names in any case.
    content : bytes
        The body, decompressed.
    url : str
        Where it came from in the end, without keys.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str

    @property
    def text(self) -> str:
        """The body as text, a byte-order mark taken off."""
        return self.content.decode("utf-8-sig", errors="replace")

    @property
    def content_type(self) -> str:
        """The type without its parameters, such as ``text/csv``."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """Return the body read as JSON, whatever type it declares.

        Raises
        ------
        SourceError
            When it is no JSON; the message has the beginning of what came.
        """
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise SourceError(
                f"{self.url} answered {self.status} with something other than JSON "
                f"({self.content_type or 'no type'}): {beginning(self.content)}"
            ) from error


@dataclass(frozen=True)
class Downloaded:
    """A body on disk.

    Attributes
    ----------
    path : Path or None
        Where it lies; None after an answer 304.
    url : str
        Where it came from in the end, without keys.
    etag, last_modified, content_type : str
        As the answer said; empty where it did not.
    size : int
        Bytes on disk.
    """

    path: Path | None
    url: str
    etag: str
    last_modified: str
    content_type: str
    size: int


class CutError(Exception):
    """A body that ended too early; the request may be tried again."""


def backoff(tried: int) -> float:
    """Return the pause before the next try: 0.5, 1, 2, 4 ... seconds, up to half as much again.

    Examples
    --------
    >>> 2 <= backoff(2) <= 3
    True
    """
    return 0.5 * 2.0**tried * (1 + random.random() / 2)  # noqa: S311 (spreads clients, no secret)


def asked_pause(retry_after: str) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, given as seconds or as a date.

    Examples
    --------
    >>> asked_pause("7"), asked_pause("Wed, 21 Oct 2015 07:28:00 GMT"), asked_pause("soon")
    (7.0, 0.0, None)
    """
    asked = retry_after.strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        until = email.utils.parsedate_to_datetime(asked)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds())


def too_large(url: str, limit: int, how: str) -> SourceError:
    """Return the error of a body that is larger than its limit."""
    return SourceError(
        f"{url} {how} {limit / 2**20:,.0f} MB, the most that is taken for it. Nothing was kept. If "
        "the publisher's file has really grown so much, raise the limit (max_bytes=)."
    )


def beginning(content: bytes, most: int = 120) -> str:
    r"""Return the first characters of a body on one line, for a message.

    Examples
    --------
    >>> beginning(b"<html>\n  <h1>Not found</h1>")
    "'<html> <h1>Not found</h1>'"
    >>> beginning(b"")
    'an empty body'
    """
    if not content:
        return "an empty body"
    return repr(" ".join(content[: most * 4].decode("utf-8", errors="replace").split())[:most])


def shown(address: str, params: Mapping[str, Any] | None = None) -> str:
    """Return an address as it may be written down: with its query, without keys or passwords.

    Examples
    --------
    >>> shown("https://me:secret@example.org/a?uid=0x123", {"date": "latest", "no": None})
    'https://example.org/a?date=latest'
    """
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    for name, value in (params or {}).items():
        if value is not None:
            values = value if isinstance(value, list | tuple) else [value]
            pairs += [(name, str(each)) for each in values]
    query = urlencode([(name, value) for name, value in pairs if name.lower() not in _SECRET])
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def network_settings() -> str:
    """Return the proxy and certificate settings in force, as a sentence without passwords.

    Examples
    --------
    >>> network_settings()
    'Proxy in use: ...; certificates: ...'
    """
    proxies = {name: value for name, value in urllib.request.getproxies().items() if name != "no"}
    listed = ", ".join(
        f"{name.upper()}_PROXY={without_password(value)}" for name, value in sorted(proxies.items())
    )
    passed_by = urllib.request.getproxies().get("no")
    if passed_by:
        listed = f"{listed or 'none'} (not for {passed_by})"
    bundles = [name for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if os.environ.get(name)]
    certificates = (
        f"{bundles[0]}={os.environ[bundles[0]]}" if bundles else "REQUESTS_CA_BUNDLE not set"
    )
    return f"Proxy in use: {listed or 'none'}; certificates: {certificates}."


def without_password(address: str) -> str:
    """Return the address of a proxy or a mirror without its user and password.

    Examples
    --------
    >>> without_password("http://me:secret@proxy:8080"), without_password("http://proxy")
    ('http://***@proxy:8080', 'http://proxy')
    """
    before, at, host = address.rpartition("@")
    return f"{before.partition('://')[0]}://***@{host}" if at else address
