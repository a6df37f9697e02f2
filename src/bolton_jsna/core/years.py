"""Reporting years, and the mid-years of their denominators.

Children's social care is counted for the year ending 31 March. DfE divides by the mid-year
population estimate (30 June) of the year before: the year ending 31 March 2025 uses mid-2024.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Final, TypeGuard

from bolton_jsna.core.arguments import is_whole
from bolton_jsna.core.errors import UsageError, short

YEARS: Final = range(1900, 2200)
"""The years that an option may name. A typing error, such as 20245 or 24, is outside."""

_DIGITS: Final = re.compile("[0-9]{4}")
_SPAN: Final = re.compile("([0-9]{4})[-/](?:[0-9]{2}|[0-9]{4})")
_SEVERAL: Final = re.compile(r"\s*([0-9]{4})(?: ?(to|,|[-/\u2013]) ?)([0-9]{4})")


def one_year(option: str, given: object, *, text: bool = False) -> int:
    """Return the year that an option names, as a number or, where allowed, as its text."""
    year = int(given) if text and isinstance(given, str) and _DIGITS.fullmatch(given) else given
    if _is_year(year):
        return int(year)
    advice = "Write a whole number of four digits, such as 2025."
    if span := _SPAN.fullmatch(str(given)):
        last = int(span[1]) + 1
        advice += f" For the year ending 31 March {last} write {last}."
    raise UsageError(f"{option}={short(repr(given))} is not a year. {advice}")


def several_years(option: str, given: int | Iterable[int]) -> list[int]:
    """Return the year or years that an option names, at least one."""
    alone = isinstance(given, str) or not isinstance(given, Iterable)
    found: list[object] = [given] if alone else [*given]  # type: ignore[misc]
    years = [int(each) for each in found if _is_year(each)]
    if not years or len(years) < len(found):
        raise UsageError(
            f"{option}={short(repr(given if alone else found))} is not a year or years. Write "
            "2025, or several, such as [2024, 2025] or range(2020, 2026)."
        )
    return years


def several_in_words(years: Sequence[int]) -> str:
    """Return years in order as text: 2023 to 2025, or 2021, 2023 where some are left out."""
    if years[-1] - years[0] == len(years) - 1:
        return f"{years[0]} to {years[-1]}"
    return ", ".join(map(str, years))


def are_several(text: object) -> bool:
    """Return whether a text names several years that are added up."""
    found = _SEVERAL.match(text) if isinstance(text, str) else None
    # "2024-2025" is one year, ending in March.
    return found is not None and int(found[3]) - int(found[1]) > (found[2] in "-/\u2013")


def _is_year(value: object) -> TypeGuard[int]:
    # Years from a frame are numpy integers, not int.
    return is_whole(value) and value in YEARS


def reporting_year_days(year: int) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the year ending 31 March ``year``."""
    return dt.date(year - 1, 4, 1), dt.date(year, 3, 31)


def day_of(given: dt.date | str | None) -> dt.date | None:
    """Return the day up to which records are complete, from its text."""
    try:
        if isinstance(given, dt.datetime):  # of pandas too, whose missing time has no date
            given = f"{given:%Y-%m-%d}"
        return dt.date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        raise UsageError(
            f"records_to={short(given)!r} (--records-to) is not a day. Write one such as "
            "2025-03-31."
        ) from None


def reporting_year(day: dt.date) -> int:
    """Return the reporting year of a day: the year of the 31 March on which it ends."""
    return day.year + (day.month > 3)


def denominator_year(year: int) -> int:
    """Return the mid-year whose estimate divides the count of a reporting year."""
    return year - 1
