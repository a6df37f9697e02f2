"""What is counted, of whom and when, in the words of a sentence."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Final

from bolton_jsna.catalogue.indicators import PER, RATE, SHARE, Indicator, dictionary
from bolton_jsna.measures.panel import NUMBER

_ONE: Final = {
    "referrals": "referral",
    "re-referrals": "re-referral",
    "children": "child",
    "assessments": "assessment",
    "enquiries": "enquiry",
    "plans": "plan",
    "conferences": "conference",
    "episodes": "episode",
    "pupils": "pupil",
    "people": "person",
    "leavers": "leaver",
    "apprentices": "apprentice",
    "admissions": "admission",
    "workers": "worker",
    "events": "event",
}
"""The nouns of the dictionary, of several and of one."""

_HEAD: Final = re.compile(rf"(?<![\w-])({'|'.join(_ONE)})\b", re.IGNORECASE)
_YEARS: Final = ("academic year", "financial year", "calendar year")
_CHILDREN: Final = "children aged 0-17"


@dataclass(frozen=True)
class Subject:
    """An indicator in words.

    Attributes
    ----------
    id : str
        Its name in tables.
    many, one : str
        What is counted, of several and of one; empty where it is not known.
    title : str
        Its heading.
    unit : str
        ``per 10,000``, ``per cent``, ``number`` and others.
    people : str
        Whom a rate is of, or what a share is a part of.
    entry : Indicator or None
        Its entry of the dictionary.
    """

    id: str
    many: str
    one: str
    title: str
    unit: str
    people: str
    entry: Indicator | None

    @property
    def is_share(self) -> bool:
        """Whether its figures are per cent."""
        return self.unit == SHARE

    @property
    def is_rate(self) -> bool:
        """Whether its figures are a rate."""
        return self.unit.startswith("per ") and not self.is_share

    @property
    def named(self) -> str:
        """What is counted, or the heading in quotation marks."""
        return (
            self.many
            or f"\N{LEFT DOUBLE QUOTATION MARK}{self.title}\N{RIGHT DOUBLE QUOTATION MARK}"
        )

    @property
    def figure(self) -> str:
        """The name of its figure: a rate, a share, a number."""
        if self.is_rate:
            return f"rate of {self.named}"
        if self.is_share:
            return f"share of {self.named}"
        return f"number of {self.named}" if self.unit == NUMBER else f"figure of {self.named}"

    @property
    def unit_words(self) -> str:
        """The unit as it follows a figure."""
        if self.is_rate and self.people:
            return f"{self.unit} {self.people}"
        return "" if self.unit == NUMBER else self.unit


def subject(
    name: str, *, unit: str = "", per: float | None = None, events: str = "", part: str = ""
) -> Subject:
    """Return an indicator in words: from the dictionary, or by the name that the user gives."""
    entry, ours = entry_of(name)
    unit = unit or (f"per {per:,.0f}" if per else "") or (entry.unit if entry and ours else RATE)
    if per is not None and unit not in (SHARE, NUMBER) and unit in PER:
        unit = f"per {per:,.0f}"
    many = events or (_short(entry.numerator) if entry else "")
    if entry is None:
        people = ""
    elif unit == SHARE:
        people = _short(entry.denominator)
    else:
        people = _short(entry.denominator if entry.unit != SHARE else _CHILDREN)
        people = "children" if people in ("", _CHILDREN) else people
    if part and many:
        many = f"{many} ({part})"
    title = entry.title if entry else (events or name.replace("_", " ")).capitalize()
    if unit not in PER and unit != NUMBER and not unit.startswith("per "):
        many = events
    return Subject(name, many, _one(many), title, unit, people, entry)


@functools.cache
def entry_of(name: str) -> tuple[Indicator | None, bool]:
    """Return the entry of an indicator, and whether the entry has the name itself."""
    known = dictionary()
    if name in known:
        return known[name], True
    # The table of children in need has some counts under names of its own.
    for entry in known.values():
        if entry.figures.get("count") == name:
            return entry, False
    return None, False


def when(subject: Subject, year: int, period: str = "") -> str:
    """Return the period that ends in a year, as a sentence begins with it."""
    text = period or (subject.entry.when(year) if subject.entry else "")
    if not text:
        return f"In {year}"
    if text.startswith("year ending "):
        return f"In the year to {text.removeprefix('year ending ')}"
    if text.startswith("at "):
        return f"At {text.removeprefix('at ')}"
    if text.startswith(_YEARS):
        return f"In the {text}"
    return f"From {text}" if " to " in text else f"In {text}"


def _short(text: str) -> str:
    """Return what is counted without its period, which the sentence begins with."""
    for ending in (" in the year", " on 31 March", ", average of December to February"):
        text = text.removesuffix(ending)
    return text


def _one(many: str) -> str:
    """Return what is counted, of one; empty where the noun is not known."""
    found = _HEAD.search(many)
    if found is None:
        return ""
    rest = re.sub(r"\b(who|that) (were|are)\b", _singular, many[found.end() :], count=1)
    return f"{many[: found.start()]}{_ONE[found[1].lower()]}{rest}"


def _singular(found: re.Match[str]) -> str:
    return f"{found[1]} {'was' if found[2] == 'were' else 'is'}"
