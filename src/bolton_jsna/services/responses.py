"""Answers of services, the errors that end a request, and the pauses between tries."""

from __future__ import annotations

import datetime as dt
import email.utils
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bolton_jsna.core import timestamps
from bolton_jsna.core.errors import SourceError
from bolton_jsna.core.reading.json_text import json_value
from bolton_jsna.services.redaction import beginning


class StatusError(SourceError):
    """An answer with a status that is an error.

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
    """No connection could be made to a service; it is not asked again in this session.

    Attributes
    ----------
    trouble : str
        The problem of the network, a word of ``network_advice.toml``; empty if the service itself
        fails.
    """

    def __init__(self, message: str, trouble: str = "") -> None:
        super().__init__(message)
        self.trouble = trouble


class OtherEditionError(SourceError):
    """The service works, but has another edition now than the one that was asked for."""


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
        The last address after redirects, without keys.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str

    @property
    def text(self) -> str:
        """The body as text, without a byte-order mark."""
        return self.content.decode("utf-8-sig", errors="replace")

    @property
    def content_type(self) -> str:
        """The type without its parameters, such as ``text/csv``."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """Return the body read as JSON; its declared type is ignored."""
        try:
            return json_value(self.text.encode("utf-8", errors="replace"), self.url)
        except ValueError as error:
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
        The file; None after an answer 304.
    url : str
        The last address after redirects, without keys.
    etag, last_modified, content_type : str
        The headers of the answer; empty if it had none.
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
    """Return the pause before the next try: 0.5, 1, 2, 4 ... seconds, up to half as much again."""
    return 0.5 * 2.0**tried * (1 + random.random() / 2)  # noqa: S311 (spreads clients, no secret)


def asked_pause(retry_after: str) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, given as seconds or as a date."""
    asked = retry_after.strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        until = email.utils.parsedate_to_datetime(asked)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return max(0.0, (until - timestamps.now()).total_seconds())


def too_large(url: str, limit: int, how: str) -> SourceError:
    """Return the error for a body that is larger than its limit."""
    return SourceError(
        f"{url} {how} {limit / 2**20:,.0f} MB, the limit for it. The answer was not stored. If the "
        "publisher's file has really grown so much, raise the limit (max_bytes=)."
    )
