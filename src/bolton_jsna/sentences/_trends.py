"""Trends in sentences: rose, fell, no clear trend, between years that are named."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from bolton_jsna.core import wording
from bolton_jsna.sentences._numbers import (
    decimals,
    known_word,
    level_text,
    number,
    shown,
    text_of,
    year_of,
)
from bolton_jsna.sentences._subjects import Subject

DIRECTIONS: Final = {
    "increasing": wording.TRENDS["increasing"].lower(),
    "decreasing": wording.TRENDS["decreasing"].lower(),
}
"""The word of each direction: about the years named, never "is rising"."""

PAST_ONLY: Final = (
    "Rose and fell are words about the years named; they do not say what happens next."
)
"""The caution after a trend."""


def trend(row: Mapping[str, Any], subject: Subject, area: str, level: float) -> str:
    """Return the sentence of a row of ``recent_trends``."""
    first, last = year_of(row["first_year"]), year_of(row["last_year"])
    what = f"the {subject.figure} in {area}"
    direction = known_word("direction", row["direction"], wording.TRENDS)
    changed = broken(subject, first, last)
    if direction == "not_compared" or changed:
        reason = changed or text_of(row.get("trend_reason")) or "there are too few figures"
        return f"No trend of {what} from {first} to {last} is given: {reason}."
    start, end = number(row["rate_first"]), number(row["rate_last"])
    word = DIRECTIONS.get(direction)
    places = _places(start, end, differ=word is not None)
    one, two = shown(start, places), shown(end, places)
    unit = subject.unit_words
    if word is None:
        clear = wording.TRENDS[direction].lower()
        if one == two:
            return f"At {one} {unit} in both {first} and {last}, {what} shows {clear}."
        return (
            f"From {one} {unit} in {first} to {two} in {last}, {what} shows {clear}, "
            "given how much the years vary."
        )
    return (
        f"From {one} {unit} in {first} to {two} in {last}, {what} {word}"
        f"{_along(row, last - first + 1, level)}."
    )


def change(row: Mapping[str, Any], subject: Subject, area: str, level: float) -> str:
    """Return the sentence of the last change, empty where there is no verdict on it."""
    verdict = text_of(row.get("change_verdict"))
    last = year_of(row["last_year"])
    if verdict not in ("lower", "similar", "higher") or broken(subject, last - 1, last):
        return ""
    by = number(row["change"])
    ends = (number(row["change_lower"]), number(row["change_upper"]))
    largest = max((abs(each) for each in (by, *ends) if not math.isnan(each)), default=by)
    places = max(decimals(largest), 0 if verdict == "similar" else decimals(by))
    span = f"{shown(ends[0], places)} to {shown(ends[1], places)}"
    interval = "" if any(map(math.isnan, ends)) else f" ({level_text(level)} interval {span})"
    years = f"between {last - 1} and {last}"
    figure = f"the {subject.figure} in {area}"
    if verdict == "similar":
        return (
            f"A change of {shown(by, places)} {subject.unit_words}{interval} {years} is within "
            f"what is usual for {figure} from one year to the next."
        )
    word = "fell" if verdict == "lower" else "rose"
    also = " then" if _turned(row, verdict) else ""
    return (
        f"By {shown(abs(by), places)} {subject.unit_words} {figure}{also} {word} {years}"
        f"{_signed(interval)}, by more than it usually changes from one year to the next."
    )


def notes(row: Mapping[str, Any], subject: Subject) -> list[str]:
    """Return the cautions of a trend."""
    first, last = year_of(row["first_year"]), year_of(row["last_year"])
    if broken(subject, first, last):
        return []
    text = text_of(row.get("trend_note"))
    found = [f"{text[:1].upper()}{text[1:]}"] if text else []
    spoken = row["direction"] in DIRECTIONS or row.get("change_verdict") in ("lower", "higher")
    return [*found, PAST_ONLY] if spoken else found


def broken(subject: Subject, first: int, last: int) -> str:
    """Return what changed in a series after its first year, empty where nothing did."""
    if subject.entry is None:
        return ""
    changed = [year for year in subject.entry.breaks if first < year <= last]
    if not changed:
        return ""
    texts = "; ".join(subject.entry.breaks[year].rstrip(".") for year in changed)
    return f"the definition changed in {wording.listed([str(year) for year in changed])} ({texts})"


def _places(start: float, end: float, *, differ: bool) -> int:
    pairs = [(start, end)] if differ else []
    return max(decimals(each, pairs) for each in (start, end))


def _along(row: Mapping[str, Any], years: int, level: float) -> str:
    """Return the change along the line with its interval."""
    by, *ends = (number(row.get(f"trend_percent{end}")) for end in ("", "_lower", "_upper"))
    # A line whose limits hold no change has a word by another test: its limits are not written.
    if math.isnan(by) or any(map(math.isnan, ends)) or ends[0] * ends[1] <= 0:
        return ""
    places = decimals(by)
    low, high = sorted(map(abs, ends))
    return (
        f", along a line through the {years} years by {shown(abs(by), places)} per cent "
        f"({level_text(level)} interval {shown(low, places)} to {shown(high, places)})"
    )


def _turned(row: Mapping[str, Any], verdict: str) -> bool:
    return (row["direction"], verdict) in (("increasing", "lower"), ("decreasing", "higher"))


def _signed(interval: str) -> str:
    return interval.replace(" interval ", " interval of the change ")
