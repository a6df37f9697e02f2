"""One figure of an area in a sentence: the count, the rate, its interval, or its state."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bolton_jsna.core import wording
from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.core.states import LABELS, NUMERIC
from bolton_jsna.sentences._numbers import counted, level_text, number, shown, text_of, year_of
from bolton_jsna.sentences._subjects import Subject, when

_STATES: Final = {
    "suppressed": "is hidden to protect people",
    "not_available": "is not available",
    "not_applicable": "does not apply",
    "low": "is left out, because it is not reliable enough",
    "rounds_to_zero": "is not zero, but is zero when rounded as published",
}
"""What a sentence has in place of a figure without a number."""

_HIDDEN: Final = ("suppressed", "low", "rounds_to_zero")
"""States of a count that its rate must not give away."""

_FEW: Final = 20
"""Figures made from fewer events may change much by chance: ONS marks such rates as unreliable."""

_REFERRALS: Final = ("referrals",)
"""Indicators whose sentence names the children behind the count."""


@dataclass(frozen=True)
class Figure:
    """A figure of an area in one period, with its limits and its state.

    Attributes
    ----------
    id : str
        The id of its row.
    area : str
        The name of the area.
    subject : Subject
        What is counted.
    year : int
        The year that the period ends in.
    period : str
        The period as the table has it; empty where the table has none.
    status, count_status, persons_status : str
        The states of the figure, the count and the persons.
    count, persons, population, value, lower, upper : float
        Its numbers, missing where there are none.
    level : float
        The level of the limits.
    method : str
        The method of the limits.
    """

    id: str
    area: str
    subject: Subject
    year: int
    period: str
    status: str
    count_status: str
    persons_status: str
    count: float
    persons: float
    population: float
    value: float
    lower: float
    upper: float
    level: float
    method: str

    @property
    def known(self) -> bool:
        """Whether there is a figure that may be written."""
        return (
            self.status in NUMERIC
            and not math.isnan(self.value)
            and self.count_status not in _HIDDEN
        )

    @property
    def state(self) -> str:
        """The state that is written in place of a figure."""
        if self.status not in NUMERIC:
            return self.status
        return self.count_status if self.count_status in _HIDDEN else "not_available"

    @property
    def numbers(self) -> tuple[float, ...]:
        """The figure and its limits."""
        return (self.value, self.lower, self.upper)

    @property
    def when(self) -> str:
        """The period, as a sentence begins with it."""
        return when(self.subject, self.year, self.period)


def row_id(row: Mapping[str, Any], *extra: str) -> str:
    """Return the id of a row: indicator, area and year, with its breakdown where it is a part."""
    part = text_of(row.get("breakdown"))
    parts = [
        text_of(row.get("indicator")) or "figure",
        text_of(row.get("area_code")) or text_of(row.get("area_name")),
        *([text_of(row.get("year"))] if "year" in row else []),
        *([part] if part not in ("", "total") else []),
        *extra,
    ]
    return "/".join(each for each in parts if each)


def figure(
    row: Mapping[str, Any], subject: Subject, *, value: str, level: float, ends: str = ""
) -> Figure:
    """Return the figure of a row, whose limits have the endings ``ends``."""
    count = number(row.get("count"))
    state = text_of(row.get("status")) or "value"
    own = text_of(row.get("count_status")) or ("not_available" if math.isnan(count) else state)
    unknown = {state, own} - LABELS.keys()
    if unknown:
        raise SchemaError(
            f"result has the unknown state {some(sorted(unknown))} in the row {row_id(row)}. Known "
            f"states: {some(LABELS, most=10)}."
        )
    return Figure(
        id=row_id(row),
        area=text_of(row.get("area_name")) or text_of(row.get("area_code")),
        subject=subject,
        year=year_of(row["year"]),
        period=text_of(row.get("period")),
        status=state,
        count_status=own,
        persons_status=text_of(row.get("persons_status")),
        count=count,
        persons=number(row.get("persons")),
        population=number(row.get("population")),
        value=number(row.get(value)),
        lower=number(row.get(f"lower{ends}")),
        upper=number(row.get(f"upper{ends}")),
        level=level,
        method=text_of(row.get("method")),
    )


def sentence(found: Figure, places: int, compared: str = "") -> str:
    """Return the sentence of a figure: number, interval, comparison."""
    if not found.known:
        return _without(found)
    subject, what = found.subject, found.subject.many
    rate = _rate(found, places)
    if math.isnan(found.count) or found.count_status not in NUMERIC:
        start = f"{found.when}, the {subject.figure} in {found.area} was {rate}"
    elif not what or not (subject.is_rate or subject.is_share):
        start = f"{found.when}, the {subject.figure} in {found.area} was {rate}"
        if not math.isnan(found.count) and (subject.is_rate or subject.is_share):
            start += f", from {counted(found.count)}"
    elif subject.is_share:
        start = f"In {found.area}, {_small_first(found.when)}, {_there(found)}, {rate}"
    else:
        start = f"{found.when} {_there(found)} in {found.area}, {rate}"
    return f"{start}{_interval(found, places)}{f', {compared}' if compared else ''}."


def cautions(found: Figure) -> list[str]:
    """Return what a reader must know of a figure that has a number."""
    entry = found.subject.entry
    notes = []
    if found.known and 0 < found.count < _FEW and found.subject.many:
        notes.append(
            f"A rate or share from {counted(found.count)} in {found.area} may change much by "
            "chance from one year to the next."
        )
    if entry is None:
        return notes
    if found.year in entry.breaks:
        notes.append(
            f"The definition changed in {found.year}, so that earlier years cannot be compared: "
            f"{entry.breaks[found.year]}"
        )
    elif found.year == entry.first:
        notes.append(f"{found.year} is the first year of this series.")
    return notes


def _without(found: Figure) -> str:
    """Return the sentence of a figure without a number: its state, and nothing that implies it."""
    name = found.subject.figure
    if found.subject.is_rate or found.subject.is_share:
        name = f"number of {found.subject.named}"
    return f"{found.when}, the {name} in {found.area} {_STATES[found.state]}."


def _there(found: Figure) -> str:
    """Return the count as the words of a sentence: there were 3,803 referrals of 3,425 children."""
    subject = found.subject
    about = "about " if found.count_status == "modelled" else ""
    if found.count == 0:
        return f"there were no {subject.many}"
    if found.count == 1:
        if not subject.one:
            return f"the number of {subject.many} was {about}1"
        return f"there was {about}1 {subject.one}"
    return f"there were {about}{counted(found.count)} {subject.many}{_children(found)}"


def _children(found: Figure) -> str:
    """Return the different children behind referrals, where they are known."""
    known = found.persons_status in ("", *NUMERIC) and 0 < found.persons <= found.count
    if found.subject.id not in _REFERRALS or not known or not found.subject.is_rate:
        return ""
    return f" of {counted(found.persons)} {'child' if found.persons == 1 else 'children'}"


def _rate(found: Figure, places: int) -> str:
    about = "about " if found.status == "modelled" else ""
    text = f"{about}{shown(found.value, places)} {found.subject.unit_words}".rstrip()
    if found.subject.is_share and found.subject.people:
        bare = math.isnan(found.population) or math.isnan(found.count)
        whole = "" if bare else f"{counted(found.population)} "
        text += f" of {whole}{found.subject.people}"
    return text


def _interval(found: Figure, places: int) -> str:
    subject = found.subject
    if not (subject.is_rate or subject.is_share):
        return ""
    if math.isnan(found.lower) or math.isnan(found.upper):
        return (
            " (no interval: published without its counts)"
            if math.isnan(found.count)
            else (" (no interval)")
        )
    repeats = wording.repeats(found.method) if "not allowed" in found.method else ""
    ends = f"{shown(found.lower, places)} to {shown(found.upper, places)}"
    return f" ({level_text(found.level)} interval {ends}{repeats})"


def _small_first(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"
