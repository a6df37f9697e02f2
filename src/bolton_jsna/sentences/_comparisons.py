"""Comparisons in sentences: with England, a region, the neighbours and other authorities.

A word of comparison comes from the verdict that carries it. Chance in the counts and unusual
among authorities are two questions, and never in one sentence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bolton_jsna.core import wording
from bolton_jsna.sentences._figures import Figure
from bolton_jsna.sentences._numbers import level_text, shown

_SIZE: Final = re.compile(r": a range of those with larger counts is not that of all")

APART = ("lower", "higher")
"""The verdicts that call two figures different."""


@dataclass(frozen=True)
class Benchmark:
    """What a figure is compared with: its name, its figure, and the verdict on chance."""

    name: str
    value: float
    verdict: str


@dataclass(frozen=True)
class UsualRange:
    """The usual range of similar areas: its ends, and the verdict on where the area is.

    ``reason`` is why there is none, ``centre`` its middle where that is known.
    """

    lower: float
    upper: float
    verdict: str
    reason: str = ""
    centre: float = math.nan

    @property
    def known(self) -> bool:
        """Whether there is a range with a verdict."""
        return self.verdict in wording.USUAL and self.verdict != "not_available"


def compared(found: Figure, other: Benchmark, places: int) -> str:
    """Return how a figure compares with a benchmark, empty without a verdict."""
    if not found.known or math.isnan(other.value) or other.verdict not in wording.COMPARED:
        return ""
    name = other.name.replace(" (", ", ").removesuffix(")")
    named = f"{name} ({shown(other.value, places)})"
    if found.value == other.value and other.verdict == "similar":
        return f"the same as {named}"
    return wording.COMPARED[other.verdict].format(other=named)


def not_compared(found: Figure, other: Benchmark, places: int, why: str = "") -> str:
    """Return the figure of a benchmark that has no verdict, without a word of comparison."""
    if not found.known or math.isnan(other.value) or other.verdict in wording.COMPARED:
        return ""
    if found.area == other.name:
        return ""
    because = f" ({why})" if why else ""
    unit = f" {found.subject.unit_words}".rstrip()
    figure = f"{shown(other.value, places)}{unit}"
    return f"The figure of {other.name} is {figure}; no test compares the two{because}."


def usual(found: Figure, span: UsualRange, places: int, of: str) -> str:
    """Return where a figure is among similar areas; ``of`` is who they are."""
    if not found.known:
        return ""
    if not span.known:
        reason = f": {without_size(span.reason)}" if span.reason else ""
        return f"There is no usual range of {of}{reason}."
    ends = f"{shown(span.lower, places)} and {shown(span.upper, places)}"
    return (
        f"{of[:1].upper()}{of[1:]} usually lie between {ends}: {found.area} is "
        f"{wording.in_range(span.verdict, span.centre, span.upper, found.value)}."
    )


def among_all(found: Figure, span: UsualRange, others: int, places: int) -> str:
    """Return where a figure is among all authorities of England, empty where that is not known."""
    if not span.known:
        return ""
    of = f"judged by {others} other authorities of England with a rate, authorities"
    return usual(found, span, places, of)


def among_neighbours(
    found: Figure, facts: Mapping[str, float], rank: str, model: str, places: int
) -> str:
    """Return the range of the neighbours' figures and the rank of the area."""
    used, of = int(facts["used"]), int(facts["of"])
    if not found.known or not used:
        return ""
    by = f" ({model} model)" if model else ""
    some = f"{used}" if used == of else f"{used} of {of}"
    unit = "" if found.subject.is_rate else f" {found.subject.unit_words}".rstrip()
    rates = "rates" if found.subject.is_rate else "figures"
    ends = f"{shown(facts['lowest'], places)} to {shown(facts['highest'], places)}{unit}"
    if used == 1:
        only = f"{shown(facts['lowest'], places)}{unit}"
        text = f"Of {of} statistical neighbours{by} 1 has a figure, {only}"
        return f"{text}; {found.area} is {rank}." if rank else f"{text}."
    text = (
        f"The {rates} of {some} statistical neighbours{by} go from {ends}, with a median of "
        f"{shown(facts['median'], places)}"
    )
    return f"{text}; {found.area} is {rank}." if rank else f"{text}."


def rest_of_region(found: Figure, region: Benchmark, places: int) -> str:
    """Return how an area compares with the rest of its region, given chance in the counts."""
    if not found.known or math.isnan(region.value) or region.verdict not in wording.COMPARED:
        return ""
    name = wording.with_article(region.name)
    return (
        f"{name[:1].upper()}{name[1:]}, {found.area} included, has {shown(region.value, places)} "
        f"{found.subject.unit_words}: compared with the rest of the region, {found.area} is "
        f"{wording.CHANCE[region.verdict]}."
    )


def cautions(
    found: Figure, chance: list[str], span: UsualRange, among_all: UsualRange | None = None
) -> list[str]:
    """Return what the words of comparison do not mean.

    ``span`` is the range of the neighbours, ``among_all`` that of all authorities.
    """
    if not found.known:
        return []
    notes = []
    if any(each in APART for each in chance):
        notes.append(wording.NOT_UNUSUAL)
    if span.verdict in APART:
        notes.append(wording.outside_by_chance(found.level))
    if among_all is not None and among_all.verdict in APART:
        notes.append(wording.outside_by_chance(found.level, of=wording.ALL_ALIKE))
    return notes


def rank_words(facts: Mapping[str, float | None], level: float) -> str:
    """Return the rank of an area with its interval, empty where there is none."""
    # A rank that is missing has no value in memory, and is not a number in a file.
    place, of, first, last = (
        None if each is None or math.isnan(each) else each
        for each in (facts.get(name) for name in ("rank", "of", "first", "last"))
    )
    if place is None or of is None or of < 2:
        return ""
    if first is None or last is None:
        return f"{wording.placed(int(place), int(of))}, with no allowance for chance"
    return wording.rank(int(place), int(of), int(first), int(last), level_text(level))


def without_size(reason: str) -> str:
    """Return a reason without words on the size of a hidden figure."""
    return _SIZE.sub("", reason)
