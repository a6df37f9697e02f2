"""Cells that mean nothing was recorded: NULL, N/A, Ongoing, 31/12/9999.

Case systems and people write such words if a plan has no end or a child no birth date. They are
not dates, but the rows are good.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bolton_jsna.tables.local import _dates as local_days
from bolton_jsna.tables.local.layouts import facts, key, pattern

if TYPE_CHECKING:
    from bolton_jsna.tables.local.cells import Coded

_BLANKS: Final = facts("words")["blanks"]
_NOTHING: Final = frozenset(_BLANKS["nothing"])
_NOT_KNOWN: Final = frozenset(_BLANKS["not_known"])
_OPEN: Final = pattern(_BLANKS["open"])
_AS_AT: Final = re.compile(r"\s*\(?\b(?:as )?(?:at|on|of)\b[\s\d/.\-:]*\)?$", re.IGNORECASE)
_NUMBER: Final = re.compile(r"([0-9]{1,7})(?:\.0*)?")
_FIRST_FAR: Final = 73_051
"""Excel's number of 1 January 2100."""
_LAST_EARLY: Final = 2
"""Excel's number of 1 January 1900: an empty cell formatted as a date is 0, 1 or 2."""
_EARLY: Final = frozenset({0, 1, 1753, 1899, 1900})
"""Years of the first date of systems; any other early year is a typing error."""
_SHORT_FAR: Final = re.compile(r"31[/.\- ]12[/.\- ]99(?: 0?0:00.*)?")

_KEPT: Final = frozenset({"child_id", "date", "kind"})
"""Columns that every row needs: other functions check their cells."""
# As an age, unborn is a value.
_UNKNOWN: Final = {
    "age": _NOT_KNOWN - {"unborn"},
    **dict.fromkeys(("birth_date", "expected_birth_date", "birth_year_to_march"), _NOT_KNOWN),
}


def is_nothing(text: str) -> bool:
    """Return whether a cell is a marker of nothing, such as NULL, N/A or a dash."""
    plain = key(text)
    if not plain:
        # Dashes and dots; a question mark may stand for an unknown value.
        return bool(text) and "?" not in text
    return plain in _NOTHING or text == "\\N"


def is_open(text: str) -> bool:
    """Return whether an end date means that there is no end yet: in words or by a far date."""
    if is_nothing(text) or _OPEN.fullmatch(key(_AS_AT.sub("", text))):
        return True
    if number := _NUMBER.fullmatch(text):
        day = int(number[1])
        return day <= _LAST_EARLY or day >= _FIRST_FAR
    year = local_days.year_of(text)
    return year is not None and (year in _EARLY or year > local_days.YEARS[1])


def ends_far_away(text: str) -> bool:
    """Return whether a date is 31/12/99, short for 9999 if a plan began after 1999."""
    return _SHORT_FAR.fullmatch(text) is not None


def emptied(name: str, column: Coded) -> Coded:
    """Return a column with blanks for words that mean that nothing was recorded."""
    unknown = _UNKNOWN.get(name, frozenset())

    def is_blank(text: str) -> bool:
        return is_open(text) if name == "end_date" else is_nothing(text) or key(text) in unknown

    return column if name in _KEPT else column.map(lambda text: "" if is_blank(text) else text)
