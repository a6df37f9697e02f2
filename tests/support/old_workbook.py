"""A workbook in the format of Excel 97 (``.xls``), written by hand: no library here writes one."""

import struct
from collections.abc import Mapping, Sequence
from itertools import accumulate

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Rows = Sequence[Sequence[str | float]]


def old_workbook(sheets: Mapping[str, Rows]) -> bytes:
    """Return a workbook with sheets of text and numbers: BIFF8 in a compound file."""
    bodies = [_sheet(rows) for rows in sheets.values()]
    # The addresses of the sheets are in the first part, whose length they do not change.
    first = len(_globals(sheets, [0] * len(bodies)))
    starts = [*accumulate(map(len, bodies[:-1]), initial=first)]
    stream = _globals(sheets, starts) + b"".join(bodies)
    return _compound(stream.ljust(4096, b"\0"))


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _text(text: str, length: str) -> bytes:
    return struct.pack(length, len(text)) + b"\x01" + text.encode("utf-16-le")


def _begin(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0))


def _globals(sheets: Mapping[str, Rows], starts: Sequence[int]) -> bytes:
    listed = [
        _record(0x0085, struct.pack("<IBB", start, 0, 0) + _text(name, "<B"))
        for name, start in zip(sheets, starts, strict=True)
    ]
    return b"".join([_begin(5), *listed, _record(0x000A)])


def _sheet(rows: Rows) -> bytes:
    cells = [
        _record(0x0204, struct.pack("<HHH", row, column, 0) + _text(cell, "<H"))
        if isinstance(cell, str)
        else _record(0x0203, struct.pack("<HHHd", row, column, 0, cell))
        for row, line in enumerate(rows)
        for column, cell in enumerate(line)
    ]
    wide = max(map(len, rows), default=0)
    size = _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, wide, 0))
    return b"".join([_begin(16), size, *cells, _record(0x000A)])


def _compound(stream: bytes) -> bytes:
    """Return a compound file: header, table of sectors, directory, and one stream."""
    number = -(-len(stream) // _SECTOR)
    tables = -(-(number + 2) // (_SECTOR // 4 - 1))
    chain = [*range(tables + 2, tables + 1 + number), _END]
    sectors = [*[_FAT] * tables, _END, *chain]
    sectors += [_FREE] * (tables * _SECTOR // 4 - len(sectors))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", *range(tables), *[_FREE] * (109 - tables))
    folder = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, tables + 1, number)
    table = struct.pack(f"<{len(sectors)}I", *sectors)
    return header + table + folder.ljust(_SECTOR, b"\0") + stream.ljust(number * _SECTOR, b"\0")


def _entry(name: str, kind: int, child: int, start: int, sectors: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text), kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + struct.pack("<IQ", start, sectors * _SECTOR)
    )
