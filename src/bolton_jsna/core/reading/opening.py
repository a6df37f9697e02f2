"""Regular files as bytes, unpacked within the limits."""

from __future__ import annotations

import contextlib
import gzip
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final

from bolton_jsna.core.errors import SourceError, short, some
from bolton_jsna.core.reading import limits

DAMAGE: Final = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    struct.error,
    # zipfile raises these for a password, an unknown method and names that are not text.
    RuntimeError,
    NotImplementedError,
    ValueError,
    LookupError,
)
"""Errors of the standard library for bytes that it cannot unpack."""

_ENTRY: Final = b"PK\x01\x02"
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PIECE: Final = 2**20
_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def content(path: Path, *, most: int = limits.BYTES, what: str = "file") -> bytes:
    """Return the bytes of a regular file, or of one in a zip (``release.zip/data/c1.csv``)."""
    packed = _in_zip(path)
    return (
        _read(path, lambda file: _all(file, _name(path), most), what) if packed is None else packed
    )


def start(path: Path, size: int) -> bytes:
    """Return the first bytes of a regular file, or of one in a zip."""
    packed = _in_zip(path)
    return _read(path, lambda file: file.read(size) or b"") if packed is None else packed[:size]


def _read(path: Path, read: Callable[[io.FileIO], bytes], what: str = "file") -> bytes:
    try:
        with _opened(path) as file:
            return read(file)
    except (OSError, ValueError) as error:
        failure = _unreadable(path, error, what)
    raise failure


def _name(path: Path) -> str:
    return path.name or str(path)


def _in_zip(path: Path) -> bytes | None:
    """Return the bytes of a file in a zip, None where a path does not lead into one."""
    archive = next((each for each in path.parents if each.suffix.lower() == ".zip"), None)
    if archive is None or not archive.is_file():
        return None
    inside = path.relative_to(archive).as_posix()
    return members(content(archive), archive.name, lambda each: each == inside).get(inside)


def _opened(path: Path) -> io.FileIO:
    # Checked before it is opened, because opening a device may have an effect, and after, because
    # it may have been replaced. Without O_NONBLOCK a pipe would wait for its writer.
    _regular(path.stat().st_mode, path)
    flags = os.O_RDONLY
    for each in ("O_BINARY", "O_CLOEXEC", "O_NOCTTY", "O_NONBLOCK"):
        flags |= getattr(os, each, 0)
    file = io.FileIO(os.open(path, flags), closefd=True)
    try:
        _regular(os.fstat(file.fileno()).st_mode, path)
    except SourceError:
        file.close()
        raise
    return file


def _regular(mode: int, path: Path) -> None:
    if not stat.S_ISREG(mode):
        kind = next((word for is_, word in _KINDS if is_(mode)), "not a regular file")
        raise SourceError(f"{_name(path)!r} is {kind}. Expected a file. Check the path given.")


def _unreadable(path: Path, error: OSError | ValueError, what: str) -> SourceError:
    name = _name(path)
    # A name that the system does not accept is a ValueError.
    if isinstance(error, FileNotFoundError | NotADirectoryError | ValueError):
        return SourceError(
            f"There is no {what} {name!r}. Looked in {path.parent}. Check the path given."
        )
    return SourceError(
        f"{name!r} cannot be read: {error.strerror or type(error).__name__}. Check the "
        "permissions of the file and its folder."
    )


def _all(file: io.FileIO, name: str, most: int) -> bytes:
    size = os.fstat(file.fileno()).st_size
    limits.check(name, size, most, "bytes")
    found = file.read(size + 1) or b""
    if len(found) == size:
        return found
    # Files of the system may have no size, and a file may grow while it is read.
    parts = io.BytesIO()
    parts.write(found)
    while piece := file.read(_PIECE):
        parts.write(piece)
        limits.check(name, parts.tell(), most, "bytes")
    return parts.getvalue()


def gunzipped(packed: bytes, name: str) -> bytes:
    """Return the unpacked bytes of a gzip."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            return _limited(file, _most(len(packed)), name)  # type: ignore[arg-type]
    except DAMAGE as error:
        raise damaged(name, error) from None


def _most(packed: int) -> int:
    return min(limits.BYTES, max(limits.FOLD_FREE, limits.FOLD * packed))


def _limited(file: IO[bytes], most: int, name: str) -> bytes:
    parts = io.BytesIO()
    while piece := file.read(_PIECE):
        parts.write(piece)
        if parts.tell() > most:
            raise SourceError(
                f"{name!r} unpacks to more than {most:,} bytes, which no table of figures "
                "does. Check what it is, or unpack it yourself."
            )
    return parts.getvalue()


@contextlib.contextmanager
def _archive(packed: bytes, name: str) -> Iterator[zipfile.ZipFile]:
    # Before the directory of the zip is read, because each entry takes memory.
    limits.check(name, packed.count(_ENTRY), limits.MEMBERS, "files in it")
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            yield archive
    except DAMAGE as error:
        raise damaged(name, error) from None


def names_of(packed: bytes, name: str) -> list[str]:
    """Return the names of the files in a zip."""
    with _archive(packed, name) as archive:
        return archive.namelist()


def members(packed: bytes, name: str, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return the files of a zip whose names are wanted."""
    with _archive(packed, name) as archive:
        chosen = [each for each in archive.infolist() if wanted(each.filename)]
        _fits(chosen, packed, name)
        found = {}
        for each in chosen:
            with archive.open(each) as file:
                found[each.filename] = _limited(file, limits.BYTES, name)
    return found


def check_zip(packed: bytes, name: str) -> None:
    """Reject a zip or workbook that unpacks to far more than its size."""
    with _archive(packed, name) as archive:
        _fits(archive.infolist(), packed, name)


def _fits(chosen: Iterable[zipfile.ZipInfo], packed: bytes, name: str) -> None:
    chosen = list(chosen)
    size = sum(each.file_size for each in chosen)
    # Their own bytes only: other files of the zip may be there to make it large.
    own = min(len(packed), sum(each.compress_size for each in chosen))
    if size > _most(own):
        raise SourceError(
            f"{name!r} unpacks to {size:,} bytes from {own:,}, which no table of figures "
            "does. Check what it is, or unpack it yourself."
        )
    strange = [each.filename for each in chosen if each.compress_type not in _METHODS]
    if strange:
        # Other methods may need gigabytes before they unpack a byte.
        raise SourceError(
            f"{name!r} is packed by a method that is not accepted ({some(map(repr, strange))}). "
            "Expected a zip of the usual kind (deflate). Pack it again."
        )


def damaged(name: str, error: Exception) -> SourceError:
    """Return the error of bytes that cannot be unpacked."""
    # The message of gzip for bytes after its end quotes them.
    mixed = isinstance(error, gzip.BadGzipFile)
    reason = "other bytes follow" if mixed else short(error, 100) or type(error).__name__
    return SourceError(
        f"{name!r} is damaged: expected a zip, gzip or workbook, but {reason}. Download it again."
    )
