"""Names of sheets, tables and columns that every spreadsheet program takes."""

from __future__ import annotations

import re
from typing import Final

_LONGEST_SHEET: Final = 31
_LONGEST_TABLE: Final = 200
# Excel reads these as a cell or a column, so a table cannot have such a name.
_REFERENCE: Final = re.compile(r"[a-z]{1,3}\d+|r\d*|c\d*|r\d*c\d*", re.IGNORECASE)


def sheet_name(number: int, key: str) -> str:
    """Return the name of the sheet of a table: its number and as much of its key as fits."""
    start = f"{number}_"
    plain = _plain(key) or "table"
    room = _LONGEST_SHEET - len(start)
    if len(plain) > room:
        whole_words, _, _ = plain[: room + 1].rpartition("_")
        plain = whole_words or plain[:room]
    return start + plain.strip("_")


def table_name(key: str, taken: set[str]) -> str:
    """Return the name of a table, and add it to the names that are taken."""
    plain = _plain(key)[:_LONGEST_TABLE]
    if not plain or not plain[0].isalpha() or _REFERENCE.fullmatch(plain):
        plain = f"table_{plain}".rstrip("_")
    found, copy = plain, 2
    while found.casefold() in taken:
        found, copy = f"{plain}_{copy}", copy + 1
    taken.add(found.casefold())
    return found


def column_letters(number: int) -> str:
    """Return the letters of a column by its number, from 1."""
    made = ""
    while number:
        number, at = divmod(number - 1, 26)
        made = chr(ord("A") + at) + made
    return made


def _plain(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", key).strip("_")
