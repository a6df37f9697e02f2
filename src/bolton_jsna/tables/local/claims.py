"""The years, days, kinds and authorities in a local file's name, title and sheet names.

Nothing of them is quoted, because a sheet may be named after a person.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bolton_jsna.core.areas import register
from bolton_jsna.tables.local.layouts import facts

_SPAN: Final = re.compile(
    r"(?<!\d)((?:19|20)\d{2}) ?(?:[-/\u2013]|to) ?((?:19|20)?\d{2})(?![\d/-])", re.ASCII
)
_DAY: Final = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)? ?[ ./-] ?(\d{1,2}|[a-z]{3,9}) ?[ ./-] ?((?:20)\d{2})(?!\d)",
    re.ASCII,
)
_ISO: Final = re.compile(r"(?<!\d)((?:20)\d{2})[-.](\d{2})[-.](\d{2})(?!\d)", re.ASCII)
_MARCH: Final = re.compile(
    r"(?:\bend(?:ing|ed)?|\bat|\bye|\by/e|year to|12 months to) (?:31(?:st)? )?mar(?:ch)? "
    r"((?:20)\d{2})(?!\d)"
)
# 2023_24 and 202324; after 2012 the latter cannot be a month.
_JOINED: Final = re.compile(r"(?<!\d)(20\d{2}) (\d{2})(?![\d/-])|(?<!\d)(20[1-9]\d)(\d{2})(?!\d)")
_OPEN: Final = re.compile(r"\b(?:onwards?|since|from|present|to date|until|all years|history)\b")
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_MONTHS_IN_A_YEAR: Final = 12
_KINDS: Final = {
    "referral": re.compile(r"\breferrals?\b"),
    "plan": re.compile(r"\b(?:child protection plans?|cp plans?|cpps?|cp register)\b"),
}
_SAFE: Final = re.compile(r"\b(?:child protection|cp|cpps?)\b")
_OTHERS: Final = {
    name: re.compile(
        rf"\b(?:{each['words']})(?: (?:open|active|current|new|closed|live|list of))?[ .-]?plans?\b"
        rf"|\bplans?\W+(?:{each['words']})\b"
        + (rf"|\b{each['short']}\b" if "short" in each else "")
    )
    for name, each in facts("words")["other_plans"].items()
}
"""Plans other than child protection plans; a text may name both."""

_OTHERWISE: Final = re.compile(
    r"\bgreater \w+|(?:\w+ ){1,2}(?:road|street|lane|avenue|close|drive|house|centre|police|"
    r"hospital|nhs|trust|school|academy|college|university|team|hub|office)\b"
)
"""Names that contain the name of a place."""
# Also ordinary words.
_WORDS: Final = frozenset({"reading", "bury", "bath", "slough"})


@dataclass(frozen=True)
class Claims:
    """What a file's name, title and sheets say that it holds.

    Attributes
    ----------
    years : frozenset of int
        Years ending 31 March.
    kinds : frozenset of str
        ``referral``, ``plan`` or both.
    areas : frozenset of str
        Codes of authorities.
    until : date or None
        The day of the extract, if one day is named.
    others : frozenset of str
        Other kinds of plan than child protection plans, if only such are named.
    """

    years: frozenset[int] = frozenset()
    kinds: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    until: dt.date | None = None
    others: frozenset[str] = frozenset()


def claims(texts: Iterable[str]) -> Claims:
    """Return what the name, title and sheet names of a file say."""
    years: set[int] = set()
    kinds: set[str] = set()
    areas: set[str] = set()
    days: set[dt.date] = set()
    others: set[str] = set()
    protected = False
    for text in texts:
        plain = re.sub(r"[_\s]+", " ", text.casefold())
        kinds |= {kind for kind, pattern in _KINDS.items() if pattern.search(plain)}
        others |= _other_plans(plain)
        protected = protected or _SAFE.search(plain) is not None
        areas |= _areas(plain)
        named = _days(plain)
        days |= named
        if len(named) == 2:
            years |= _whole_year(*sorted(named))
        if not _OPEN.search(plain):
            years |= _years(plain)
    until = next(iter(days)) if len(days) == 1 else None
    if until is not None and (until.month, until.day) == (3, 31):
        years.add(until.year)
    return Claims(
        frozenset(years),
        frozenset(kinds),
        frozenset(areas),
        until,
        frozenset() if protected else frozenset(others),
    )


def _other_plans(plain: str) -> set[str]:
    """Return the kinds of plans that a text names; of two that overlap, the longer."""
    found = set()
    for name, pattern in _OTHERS.items():
        if pattern.search(plain):
            found.add(name)
            plain = pattern.sub(" ", plain)
    return found


def _years(plain: str) -> set[int]:
    found = {int(each) for each in _MARCH.findall(plain)}
    for first, second in _SPAN.findall(plain):
        if (int(first) + 1) % 100 == int(second[-2:]) and len(second) in (2, 4):
            found.add(int(first) + 1)
    for parted, short, joined, end in _JOINED.findall(plain):
        first, second = int(parted or joined), int(short or end)
        if (first + 1) % 100 == second and (parted or second > _MONTHS_IN_A_YEAR):
            found.add(first + 1)
    return found


def _whole_year(first: dt.date, last: dt.date) -> set[int]:
    """Return the year that two days begin and end, if any."""
    whole = (first.month, first.day, last.month, last.day) == (4, 1, 3, 31)
    return {last.year} if whole and last.year == first.year + 1 else set()


def _days(plain: str) -> set[dt.date]:
    parts = [(year, month, day) for day, month, year in _DAY.findall(plain)]
    found = set()
    for year, month, day in [*parts, *_ISO.findall(plain)]:
        named = _MONTHS.index(month[:3]) + 1 if month[:3] in _MONTHS else 0
        try:
            found.add(dt.date(int(year), int(month) if month.isdigit() else named, int(day)))
        except ValueError:
            continue
    return found


def _areas(plain: str) -> set[str]:
    words = f" {_OTHERWISE.sub(' ', ' '.join(re.findall(r'[a-z]+', plain)))} "
    names = {
        " ".join(re.findall(r"[a-z]+", each.name.casefold())): each.code
        for each in register()
        if each.level == "authority"
    }
    there = [name for name in names if name not in _WORDS and f" {name} " in words]
    # South Gloucestershire is not Gloucestershire.
    return {
        names[name]
        for name in there
        if not any(name != other and f" {name} " in f" {other} " for other in there)
    }
