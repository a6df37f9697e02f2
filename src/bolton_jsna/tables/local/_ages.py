"""Ages in an extract: from the birth date, the year of birth, or as printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bolton_jsna.tables.local import _dates as local_days
from bolton_jsna.tables.local.cells import Coded

if TYPE_CHECKING:
    import numpy as np

UNBORN: Final = -1
"""The age of a child not yet born on the day."""

NOT_KNOWN: Final = 0
"""The year of birth if there is none."""

ANNEX_A: Final = re.compile(r"^[a-z]{1,2}\)\s*", re.IGNORECASE)
"""The letter before a word in Ofsted's lists."""

COLUMNS: Final = ("age", "birth_date", "expected_birth_date", "birth_year_to_march")
"""The columns that ages are read from."""

_WHOLE: Final = re.compile(r"\+?0*(-?[0-9]{1,9})(?:\.0*)?")
"""A whole number in ASCII digits, as people and spreadsheets write it."""

_NO_AGE: Final = UNBORN - 1
_NOT_WHOLE: Final = "age is not a whole number from 0 to 17"
_ADULT: Final = "aged 18 or over"
_EARLY: Final = "birth more than ten months after the date"
_NO_YEAR: Final = "birth_year_to_march is not a year"
_UNLIKE: Final = "age and birth_year_to_march contradict each other"


@dataclass(frozen=True, eq=False)
class Ages:
    """The ages of rows.

    Attributes
    ----------
    age : ndarray of int64, shape (rows,)
        Age last birthday on the day of the event, :data:`UNBORN` before birth, less if unknown.
    born : ndarray of int64, shape (rows,)
        Year ending 31 March of the birth, :data:`NOT_KNOWN` without a birth date.
    wrong : dict of str to ndarray of bool
        For each reason the rows that cannot be used for it.
    order : str
        How birth dates such as 3/4/2020 were read; empty if there was none.
    """

    age: np.ndarray
    born: np.ndarray
    wrong: dict[str, np.ndarray]
    order: str


def read_ages(columns: Mapping[str, Coded], days: np.ndarray, *, order: str | None = None) -> Ages:
    """Return the ages of rows, and the years ending 31 March of birth dates."""
    # A birth date is preferred to a printed age, which in lists such as Ofsted's is the age on the
    # day of the extract. The date itself is not kept.
    import numpy as np

    printed = columns["age"]
    parsed = [_age(text) for text in printed.texts]
    age = printed.take([value for value, _ in parsed], "int64")
    wrong = {
        reason: printed.take([found == reason for _, found in parsed], bool)
        for reason in (_NOT_WHOLE, _ADULT)
    }
    known = ~np.isnat(days)
    born, by_year = _years(columns["birth_year_to_march"], age, days)
    early = by_year.pop(_EARLY)
    wrong[_ADULT] |= by_year.pop(_ADULT)
    impossible: dict[str, np.ndarray] = {}
    read_as = ""
    for name in ("expected_birth_date", "birth_date"):
        births = local_days.read_days(
            columns[name],
            what=name.replace("_", " "),
            years=local_days.BIRTH_YEARS,
            order=order,
        )
        read_as = births.order or read_as
        impossible |= births.wrong
        both = known & ~np.isnat(births.days)
        if not both.any():
            continue
        reached = local_days.ages_at(days[both], births.days[both])
        ahead = (births.days[both] - days[both]).astype("int64")
        age[both] = np.where(reached < 0, UNBORN, reached)
        born[both] = local_days.years_to_march(births.days[both])
        early[both] = ahead > local_days.UNBORN_DAYS
        wrong[_NOT_WHOLE][both] = False
        wrong[_ADULT][both] = reached > 17
        by_year[_UNLIKE][both] = False
    return Ages(age, born, {**impossible, _EARLY: early, **wrong, **by_year}, read_as)


def _years(
    column: Coded, age: np.ndarray, days: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the given years of birth to March, and the rows where they are not valid."""
    import numpy as np

    parsed = [_year(text) for text in column.texts]
    born = column.take([value or NOT_KNOWN for value in parsed], "int64")
    held = (born != NOT_KNOWN) & ~np.isnat(days)
    # The age on the next 31 March; on the day of the event it may be one less.
    oldest = np.zeros(len(born), dtype="int64")
    oldest[held] = local_days.years_to_march(days[held]) - born[held]
    youngest = oldest - 1
    return born, {
        _NO_YEAR: column.take([value is None for value in parsed], bool),
        _UNLIKE: held & (age > _NO_AGE) & (age != oldest) & (age != youngest),
        _ADULT: held & (youngest > 17),
        _EARLY: held & (oldest < UNBORN),
    }


def _year(text: str) -> int | None:
    """Return a year as printed, 0 if there is none, None if it is not a year."""
    if not text:
        return NOT_KNOWN
    found = _WHOLE.fullmatch(text)
    year = int(found[1]) if found else 0
    first, last = local_days.BIRTH_YEARS
    return year if first <= year <= last else None


def _age(text: str) -> tuple[int, str]:
    """Return an age as printed, and why it cannot be used; -2 if there is none."""
    if not text:
        return _NO_AGE, ""
    if text.casefold() in {"unborn", "u"}:
        return UNBORN, ""
    found = _WHOLE.fullmatch(ANNEX_A.sub("", text))
    years = int(found[1]) if found else _NO_AGE
    if years < UNBORN:
        return _NO_AGE, _NOT_WHOLE
    return (_NO_AGE, _ADULT) if years > 17 else (years, "")
