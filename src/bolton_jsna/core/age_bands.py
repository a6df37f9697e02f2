"""Age bands as tables write them: one reader of their labels, and how bands fit each other."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.errors import UsageError, some

Ages = tuple[int, int]
"""The first and last age of a band, in completed years."""

OPEN: Final = 200
"""The last age of a band without an upper end."""

_DASHES: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_NUMBER: Final = r"(\d{1,3})"
_OVER: Final = r"(?:\+|plus|(?:and|or|&) (?:over|above|older|more))"
_UNDER: Final = r"(?:and|or|&) (?:under|below|younger)"
_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[..., Ages]], ...]] = (
    (re.compile(_NUMBER), lambda age: (age, age)),
    (re.compile(rf"{_NUMBER} ?(?:-|to|_) ?{_NUMBER}"), lambda first, last: (first, last)),
    (re.compile(rf"{_NUMBER} ?{_OVER}|(?:>=|\u2265) ?{_NUMBER}"), lambda first: (first, OPEN)),
    (re.compile(rf"(?:<=|\u2264|up to) ?{_NUMBER}|{_NUMBER} {_UNDER}"), lambda last: (0, last)),
    (re.compile(rf"(?:<|under|less than|below) ?(?!0+$){_NUMBER}"), lambda end: (0, end - 1)),
)
_INTERVAL: Final = re.compile(r"([\[(]) ?(-?[\d.]+|-inf), ?(-?[\d.]+|inf) ?([\])])")
_ALL: Final = frozenset({"all", "all ages", "total", "total population"})
_AROUND: Final = re.compile(
    r"^(?:(?:children|people|persons) )?age[sd]?(?: group| band)? ?:? ?"
    r"|\b(?:years?|yrs?)(?: of age| old)?\b"
)
_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_DATE: Final = re.compile(
    rf"(\d{{1,2}})[- ]({'|'.join(_MONTHS)})|({'|'.join(_MONTHS)})[- ](\d{{1,2}})"
)


def read_band(label: object) -> Ages | None:
    """Return the first and last age of a label, None for anything that is not an age band.

    Read are one age, ``0-4`` with any dash, ``0 to 4``, ``00-04``, ``Under 1``, ``<1``, ``85+``,
    ``85 and over``, ``90plus``, ``17 and under``, ``Aged 5 to 9 years``, ``All ages`` and
    intervals of pandas. The last age is :data:`OPEN` where a band has no upper end.
    """
    if is_number(label):
        whole = 0 <= label < OPEN and label == int(label)
        return (int(label), int(label)) if whole else None
    if isinstance(label, str):
        return _of_text(unicodedata.normalize("NFKC", label).translate(_DASHES).lower().strip())
    if all(hasattr(label, name) for name in ("left", "right", "closed_left", "closed_right")):
        return _of_interval(label)
    return None


def _of_text(text: str) -> Ages | None:
    if text in _ALL:
        return 0, OPEN
    between = _INTERVAL.fullmatch(text)
    if between:
        opening, left, right, closing = between.groups()
        return _between(left, right, opening == "[", closing == "]")
    text = " ".join(_AROUND.sub(" ", text).split())
    for pattern, ages in _FORMS:
        found = pattern.fullmatch(text)
        numbers = [int(each) for each in found.groups() if each is not None] if found else []
        if numbers and max(numbers) < OPEN:
            return ages(*numbers)
    return None


def read_bands(labels: Iterable[object], *, what: str = "") -> dict[Any, Ages]:
    """Return the ages of each label; reject what is not an age band and bands that overlap."""
    found: dict[Any, Ages] = {}
    for label in labels:
        ages = read_band(label)
        if ages is None:
            raise UsageError(f"{what}{label!r} is not an age band. {_advice(label)}")
        if ages[0] > ages[1]:
            raise UsageError(
                f"The age band {label!r} ends before it begins. Write the lower age first."
            )
        found[label] = ages
    # One band may be written in two ways.
    reject_overlaps(
        (label, ages) for ages, label in {each: one for one, each in found.items()}.items()
    )
    return found


def reject_overlaps(bands: Iterable[tuple[Any, Ages]], advice: str = "") -> None:
    """Reject bands that share an age."""
    ordered = sorted(((ages, label) for label, ages in bands), key=lambda each: each[0])
    for (before, one), (after, other) in itertools.pairwise(ordered):
        if after[0] <= before[1]:
            raise UsageError(
                f"The age bands {one!r} and {other!r} overlap at age {after[0]}. Let each band "
                "end before the next begins, so that each age is counted once, and leave out "
                f"totals.{advice}"
            )


def written(ages: Ages) -> str:
    """Return the label of a band: 5-9, 90+ or one age."""
    low, high = ages
    return f"{low}+" if high >= OPEN else str(low) if low == high else f"{low}-{high}"


def tiling(wanted: Ages, parts: Iterable[Ages], *, most: bool = False) -> list[Ages] | None:
    """Return the bands that hold each age of another once: the fewest, or the most of them."""
    ways: dict[int, list[Ages]] = {wanted[0]: []}
    for first, last in sorted(set(parts)):
        if first not in ways or last > wanted[1]:
            continue
        way = [*ways[first], (first, last)]
        known = ways.get(last + 1)
        if known is None or (len(way) > len(known) if most else len(way) < len(known)):
            ways[last + 1] = way
    return ways.get(wanted[1] + 1)


def is_part(part: Ages | None, whole: Ages) -> bool:
    """Return whether a band is a part of another, and not the same."""
    return part is not None and part != whole and whole[0] <= part[0] and part[1] <= whole[1]


def gaps(bands: Iterable[Ages], whole: Ages) -> list[Ages]:
    """Return the ages of a whole that are in none of some bands."""
    missing, age = [], whole[0]
    for first, last in [*sorted(bands), (whole[1] + 1, whole[1] + 1)]:
        if first > age:
            missing.append((age, first - 1))
        age = max(age, last + 1)
    return missing


def how_to_regroup(
    ours: Mapping[Any, Ages], theirs: Mapping[Any, Ages], *, here: str, there: str
) -> str:
    """Return how the bands of one table are made to fit those of another."""
    steps = dict.fromkeys(_step(label, ours, theirs, here, there) for label in ours)
    return " ".join([step for step in steps if step][:4])


def _step(
    label: object, ours: Mapping[Any, Ages], theirs: Mapping[Any, Ages], here: str, there: str
) -> str:
    """Return what to do with one band, nothing where the other table has it."""
    ages = ours[label]
    if ages in theirs.values():
        return ""
    finer = tiling(ages, theirs.values())
    if finer:
        return f"Add up {_named(finer, theirs)} of {there} to {label!r}."
    shared = {
        one: each for one, each in theirs.items() if each[0] <= ages[1] and ages[0] <= each[1]
    }
    if not shared:
        return f"{there[:1].upper()}{there[1:]} has no band with the ages of {label!r}."
    for one, each in shared.items():
        coarser = tiling(each, ours.values())
        if coarser:
            return f"Add up {_named(coarser, ours)} of {here} to {one!r}."
    return (
        f"{label!r} of {here} cuts {some(map(repr, shared))} of {there}: make bands that begin and "
        "end at the same ages."
    )


def _named(bands: Sequence[Ages], labels: Mapping[Any, Ages]) -> str:
    return some((repr(one) for one, ages in labels.items() if ages in bands), most=20)


def _advice(label: object) -> str:
    """Return what to write instead of a label that was not understood."""
    found = _DATE.fullmatch(str(label).lower()[:9])
    day = getattr(label, "day", None) if hasattr(label, "month") else None
    if found or isinstance(day, int):
        return (
            "A spreadsheet has made a date of a band such as '5-9' or '10-14'. Save the column as "
            "text, or write '5 to 9'."
        )
    return (
        "Write '0-4', '0 to 4', '90+', 'under 1' or one age, and leave out rows that are of no "
        "age band."
    )


def _of_interval(label: Any) -> Ages | None:
    return _between(label.left, label.right, bool(label.closed_left), bool(label.closed_right))


def _between(left: object, right: object, has_left: bool, has_right: bool) -> Ages | None:
    """Return the whole years of age of an interval."""
    try:
        low, high = (float(each) if isinstance(each, str) else each for each in (left, right))
    except ValueError:
        return None
    if not is_number(low) or not is_number(high) or math.isnan(low) or math.isnan(high):
        return None
    low, high = max(low, -1), min(high, OPEN)
    first = math.ceil(low) if has_left else math.floor(low) + 1
    last = math.floor(high) if has_right or high == OPEN else math.ceil(high) - 1
    return (max(first, 0), last) if last >= 0 else None
