"""Dates, ages and homes as written in an extract: British order, Excel numbers, O for 0."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from bolton_jsna.tables.local.cells import Coded

if TYPE_CHECKING:
    import numpy as np

Style = Literal["iso", "slashed", "worded", "number", "none"]

YEARS: Final = (1990, 2099)
BIRTH_YEARS: Final = (1900, 2099)
UNBORN_DAYS: Final = 300
"""How long before a birth an event may be: a pregnancy, with a margin."""

_EXCEL_EPOCH: Final = dt.date(1899, 12, 30)
_TIME: Final = r"(?:[T ]+\d{1,2}:.*|[T ]+0?0\.00.*)?"
_ISO: Final = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}", re.ASCII)
_SLASHED: Final = re.compile(
    rf"(\d{{1,2}})[/.\- ](\d{{1,2}})[/.\- ](\d{{4}}|\d{{2}}){_TIME}", re.ASCII
)
_COMPACT: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_SERIAL: Final = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)
_WORDED: Final = re.compile(
    r"(?:[A-Za-z]{3,9},? )?(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9})[ ,-]+(\d{4}|\d{2})"
    rf"{_TIME}",
    re.ASCII,
)
_MONTH_FIRST: Final = re.compile(
    r"(?:[A-Za-z]{3,9}, )?([A-Za-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?(?:,| ) *(\d{4})"
    rf"{_TIME}",
    re.ASCII,
)
_MONTHS: Final = "janfebmaraprmayjunjulaugsepoctnovdec"
_TURNED_LEAST: Final = 5
_FEW: Final = 10
"""Days that must have the day first, to outweigh one that must have the month first."""


@dataclass(frozen=True, eq=False)
class Days:
    """The dates of a column.

    Attributes
    ----------
    days : ndarray of datetime64[D], shape (rows,)
        NaT if there is none.
    wrong : dict of str to ndarray of bool
        For each reason the rows that cannot be used for it.
    numbers, ambiguous : ndarray of bool
        Rows whose date was an Excel number; rows whose day and month could be either way round
        in a column where no row shows which.
    order : str
        How slashed dates were read, for the report; empty if there was none.
    """

    days: np.ndarray
    wrong: dict[str, np.ndarray]
    numbers: np.ndarray
    ambiguous: np.ndarray
    order: str


def read_days(
    column: Coded, *, what: str, years: tuple[int, int] = YEARS, order: str | None = None
) -> Days:
    """Return the dates of a column of texts."""
    # Excel counts from 30 December 1899 in workbooks made on Windows. The 1904 count of old Mac
    # workbooks looks the same and gives dates four years early.
    # A spreadsheet set to month first turns dates up to the twelfth round and leaves later ones as
    # text. If a column looks like that, its real dates are rejected.
    import numpy as np

    parsed = [_parse(text) for text in column.texts]
    first, second = (np.array([p[i] for p in parsed], dtype="int32") for i in (1, 2))
    style = np.array([p[0] for p in parsed], dtype=object)
    slashed, iso = style == "slashed", style == "iso"
    rows = np.bincount(column.codes, minlength=len(parsed)) if parsed else np.zeros(0, dtype=int)
    held = rows > 0
    british = slashed & held & (first > 12)
    american = slashed & held & (second > 12) & (first <= 12)
    either = slashed & (first <= 12) & (second <= 12) & (first != second)
    month_first = order == "month_first"
    rejected: dict[str, np.ndarray] = {}
    if order is None and american.any():
        rejected[f"month before day in the {what}"] = american
        # A few odd rows do not outweigh a column that otherwise has the day first.
        if rows[american].sum() * _FEW > rows[british].sum():
            rejected[
                f"day and month of the {what} are unclear: other rows have the month first"
            ] = either
    if order is None and _turned(
        iso & held, slashed & held, british, [p[2] for p in parsed], [p[3] for p in parsed]
    ):
        rejected[f"day and month of the {what} may have been swapped by a spreadsheet"] = iso
    days = np.array(
        [_day(p, years, month_first=month_first) for p in parsed], dtype="datetime64[D]"
    )
    bad = np.isnat(days) & np.array([bool(text) for text in column.texts], dtype=bool)
    for mask in rejected.values():
        bad &= ~mask
        days = np.where(mask, np.datetime64("NaT"), days)
    wrong = {reason: column.take(mask, bool) for reason, mask in rejected.items()}
    wrong[f"impossible {what}"] = column.take(bad, bool)
    read_as = ""
    shown = bool(british.any() or american.any() or order)
    if (slashed & held).any():
        read_as = "month first" if month_first else "day first"
        if not shown:
            read_as += " (no row shows which: every day and month is 12 or less)"
    return Days(
        column.take(days, "datetime64[D]"),
        wrong,
        column.take(style == "number", bool),
        column.take(either & (not shown), bool),
        read_as,
    )


def year_of(text: str) -> int | None:
    """Return the year of a written date, whatever its day and month; None if it is not a date."""
    style, first, _, third = _parse(text)
    return None if style == "none" else third if style == "slashed" else first


def _turned(
    iso: np.ndarray, slashed: np.ndarray, british: np.ndarray, months: list[int], days: list[int]
) -> bool:
    """Return whether real dates stop at the twelfth and written ones begin after it."""
    import numpy as np

    real = np.array(days)[iso] if len(days) else np.array([])
    enough = len(real) >= _TURNED_LEAST and slashed.sum() >= _TURNED_LEAST
    return bool(enough and (real <= 12).all() and (british == slashed).all() and months)


def _parse(text: str) -> tuple[Style, int, int, int]:
    """Return how a date is written and its three parts: as written, or year, month, day."""
    if found := _SLASHED.fullmatch(text):
        a, b, year = found.groups()
        return "slashed", int(a), int(b), _whole_year(year)
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day = map(int, found.groups())
        return "iso", year, month, day
    if found := _SERIAL.fullmatch(text):
        day_of = _EXCEL_EPOCH + dt.timedelta(days=int(found.group(1)))
        return "number", day_of.year, day_of.month, day_of.day
    if found := _WORDED.fullmatch(text):
        written, word, short = found.groups()
        return "worded", _whole_year(short), _month(word), int(written)
    if found := _MONTH_FIRST.fullmatch(text):
        word, written, short = found.groups()
        return "worded", _whole_year(short), _month(word), int(written)
    return "none", 0, 0, 0


def _month(word: str) -> int:
    """Return the number of a month by its name; 0 if it is not a month."""
    found_at = _MONTHS.find(word[:3].lower())
    return 0 if found_at % 3 else found_at // 3 + 1


def _whole_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _day(
    parsed: tuple[Style, int, int, int], years: tuple[int, int], *, month_first: bool
) -> dt.date | None:
    style, first, second, third = parsed
    if style == "none":
        return None
    year, month, day = first, second, third
    if style == "slashed":
        month, day, year = (first, second, third) if month_first else (second, first, third)
    if not years[0] <= year <= years[1]:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def ages_at(events: np.ndarray, births: np.ndarray) -> np.ndarray:
    """Return the age last birthday at each event, in years; below zero before birth."""
    # A child born on 29 February is a year older on 1 March of other years.
    import numpy as np

    def number(days: np.ndarray) -> np.ndarray:
        months = days.astype("datetime64[M]")
        month = months.astype("int64") % 12 + 1
        year = months.astype("int64") // 12 + 1970
        day = (days - months.astype("datetime64[D]")).astype("int64") + 1
        numbered: np.ndarray = year * 10_000 + month * 100 + day
        return numbered

    return np.asarray((number(events) - number(births)) // 10_000)


def years_to_march(days: np.ndarray) -> np.ndarray:
    """Return the year ending 31 March in which each day lies."""
    import numpy as np

    months = days.astype("datetime64[M]").astype("int64")
    # January to March are the months 0 to 2 of their own year; April begins the next one.
    return np.asarray((months + 9) // 12 + 1970)


# By the kinds of their marks: A a letter, 9 a digit. Royal Mail: only some letters end a district,
# so an O or I there is a digit.
_DISTRICTS: Final = {
    "A9": "[A-Z][0-9]",
    "A99": "[A-Z][0-9]{2}",
    "AA9": "[A-Z]{2}[0-9]",
    "AA99": "[A-Z]{2}[0-9]{2}",
    "A9A": "[A-Z][0-9][ABCDEFGHJKPSTUW]",
    "AA9A": "[A-Z]{2}[0-9][ABEHMNPRVWXY]",
}
_CORRECTED: Final = {"A": str.maketrans("01", "OI"), "9": str.maketrans("OIL", "011")}


def postcode(text: str) -> tuple[str | None, bool]:
    """Return a postcode in capitals with its space, and whether it was corrected."""
    # The letter O for a zero, I or L for a one, and the reverse, are corrected where the position
    # shows which it must be. A zero before the number of the district is left out.
    plain = "".join(each for each in text.upper() if each.isascii() and each.isalnum())
    if not 5 <= len(plain) <= 7 or len([each for each in text if each.isalnum()]) > 7:
        return None, False
    outward, inward = plain[:-3], _corrected(plain[-3], "9") + plain[-2:]
    made = {each: _corrected(outward, each) for each in _DISTRICTS if len(each) == len(outward)}
    fits = [each for kinds, each in made.items() if re.fullmatch(_DISTRICTS[kinds], each)]
    if not fits or not re.fullmatch("[0-9][A-Z]{2}", inward):
        return None, False
    # The one with the fewest corrections.
    best = min(fits, key=lambda made: sum(a != b for a, b in zip(made, outward, strict=True)))
    district = re.sub(r"(?<=[A-Z])0(?=[0-9]$)", "", best)
    return f"{district} {inward}", f"{district}{inward}" != plain


def _corrected(text: str, kinds: str) -> str:
    return "".join(each.translate(_CORRECTED[kind]) for each, kind in zip(text, kinds, strict=True))


_LSOA: Final = re.compile(r"[EW]01[0-9]{6}")


def lsoa(text: str) -> str | None:
    """Return an LSOA code in capitals, with zeros for the letter O; None if it is not one."""
    plain = "".join(text.upper().split())
    plain = plain[:1] + plain[1:].replace("O", "0")
    return plain if _LSOA.fullmatch(plain) else None
