"""The body of an answer, received in parts, unpacked, and checked for its size."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from bolton_jsna.core.errors import SourceError
from bolton_jsna.services.redaction import shown
from bolton_jsna.services.responses import CutError, too_large

if TYPE_CHECKING:
    import requests

_CHUNK = 65536


def body(
    answer: requests.Response, limit: int, *, seen: Callable[[int, int | None], None]
) -> Iterator[bytes]:
    """Yield the unpacked parts of a body; reject one that is too short, damaged or too large."""
    if answer.status_code in {204, 304}:
        # They have no body, even if they have a Content-Length.
        return
    declared = answer.headers.get("Content-Length", "")
    size = int(declared) if re.fullmatch(r"[0-9]{1,18}", declared) else None
    if size is not None and size > limit:
        answer.close()
        raise too_large(shown(answer.url), limit, f"declares {size:,} bytes, more than")
    encoding = answer.headers.get("Content-Encoding", "").strip().lower()
    received = 0

    def sent() -> Iterator[bytes]:
        nonlocal received
        for part in arriving(answer.raw):
            received += len(part)
            seen(len(part), size)
            yield part

    yield from unpacked(sent(), encoding, limit=limit, url=shown(answer.url))
    if size is not None and received < size:
        raise CutError(f"{received:,} of {size:,} bytes")


def unpacked(parts: Iterator[bytes], encoding: str, *, limit: int, url: str) -> Iterator[bytes]:
    """Yield a body decompressed, up to a limit."""
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise SourceError(
            f"{url} sent a body packed as {encoding!r}. Expected gzip or an unpacked body. The "
            "answer was not stored."
        )
    machine = zlib.decompressobj(31) if encoding.endswith("gzip") else None
    sent = given = 0
    for part in parts:
        sent += len(part)
        todo = part
        while todo:
            try:
                out = machine.decompress(todo, 2**20) if machine else todo
            except zlib.error as error:
                raise CutError(f"damaged gzip ({error})") from error
            todo = machine.unconsumed_tail if machine else b""
            if machine and machine.eof and machine.unused_data.startswith(b"\x1f"):
                # A body may be several gzip members, one after the other.
                todo, machine = machine.unused_data, zlib.decompressobj(31)
            given += len(out)
            if max(sent, given) > limit:
                raise too_large(url, limit, "sent more than")
            yield out
    if machine and sent and not machine.eof:
        raise CutError("the gzip body ends before its end mark")


def arriving(raw: Any) -> Iterator[bytes]:
    """Yield the parts of a body as they arrive, still packed."""
    # Waiting for a full part would hide a body that arrives one byte at a time.
    if not hasattr(raw, "read1"):  # urllib3 before 2.2
        yield from raw.stream(_CHUNK, decode_content=False)
        return
    while part := raw.read1(_CHUNK, decode_content=False):
        yield part
