"""The dictionary of indicators: what each measures, and where its figures are published."""

from __future__ import annotations

import calendar
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from bolton_jsna.core.errors import choice

RATE = "per 10,000"
SHARE = "per cent"
PER: Mapping[str, float] = {RATE: 10_000, "per 100,000": 100_000, SHARE: 100}
"""Units of rates and shares, and the number that their count over population is multiplied by."""

_MONTHS = tuple(calendar.month_name)[1:]
_BEFORE = " before"
"""Ends a period of the year before, such as ``September before``."""


@dataclass(frozen=True)
class Columns:
    """One layout in which the figures of an indicator are published.

    Attributes
    ----------
    count, population, value : tuple of str
        Headings in any case, of which a file has one: of the count, of the denominator and of the
        published rate or share.
    sum : tuple of str
        Headings whose numbers add up to the count.
    parts : mapping of str to tuple of str
        Name of a part to the headings of its count.
    by : str
        The heading of the column whose values are the names of the parts.
    leave : tuple of str
        Values of that column that are no parts, such as the total.
    where : mapping of str to tuple of str
        Filters: heading to the words, in any case, of which a row has one.
    population_where : mapping of str to tuple of str
        The filters that differ for the row with the denominator.
    needs : tuple of str
        Further headings that the file must have.
    fingertips : str
        The number of the indicator in a file of Fingertips, which has a layout of its own.
    sex, age : str
        Which rows of a Fingertips indicator.
    """

    count: tuple[str, ...] = ()
    population: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by: str = ""
    leave: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    population_where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    fingertips: str = ""
    sex: str = "Persons"
    age: str = ""


@dataclass(frozen=True)
class Indicator:
    """One indicator of the dictionary.

    Attributes
    ----------
    id, subject, title, definition : str
        Its name here, the group that it is listed in, its heading, and a sentence.
    numerator, denominator : str
        What is counted, and out of what; an average has no denominator.
    unit : str
        ``per 10,000``, ``per cent``, ``score`` and others.
    better : {"lower", "higher", ""}
        The direction that is better, if that is beyond doubt.
    dataset : str
        Its dataset of the catalogue, which has publisher and licence.
    period : str
        What a year of it is: ``year ending 31 March``, ``academic year`` and others.
    first, last : int
        The first and last year that the publisher is known to have.
    breaks : mapping of int to str
        Year to what changed then.
    note : str
        What to know before comparing it.
    breakdown : str
        What its parts are, if its rows are parts of a whole.
    figures : mapping
        ``count`` and ``population``: names in the table of children in need.
    columns : tuple of Columns
        The layouts in which its figures are published.
    """

    id: str
    subject: str
    title: str
    definition: str
    numerator: str
    denominator: str
    unit: str
    dataset: str
    period: str
    first: int
    last: int
    better: str = ""
    breaks: Mapping[int, str] = field(default_factory=dict)
    note: str = ""
    breakdown: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[Columns, ...] = ()

    @property
    def of_children(self) -> bool:
        """Whether it is a rate per 10,000 children aged 0-17 of the mid-year before."""
        # Fingertips prints the denominator of each figure, which may be of other ages.
        own = any(
            each.population or each.population_where or each.fingertips for each in self.columns
        )
        return self.unit == RATE and not own and "population" not in self.figures

    def when(self, year: int) -> str:
        """Return the period that ends in a year, as a reader sees it."""
        if self.period in {"academic year", "financial year"}:
            return f"{self.period} {year - 1}/{year % 100:02d}"
        if self.period.endswith(_BEFORE):
            return f"{self.period.removesuffix(_BEFORE)} {year - 1}"
        first, _, last = self.period.partition(" to ")
        if first in _MONTHS and last in _MONTHS and _MONTHS.index(first) > _MONTHS.index(last):
            return f"{first} {year - 1} to {last} {year}"
        return f"{self.period} {year}"


@functools.cache
def dictionary() -> Mapping[str, Indicator]:
    """Return every indicator by its name."""
    return parsed(_text())


def _text() -> str:
    return resources.files(__package__).joinpath("indicators.toml").read_text(encoding="utf-8")


def parsed(text: str) -> dict[str, Indicator]:
    """Return the indicators of a dictionary's text."""
    return {name: _indicator(name, facts) for name, facts in tomllib.loads(text).items()}


@functools.cache
def folders() -> tuple[str, ...]:
    """Return the datasets whose folders in ``data/raw/`` may hold files of indicators."""
    return tuple(dict.fromkeys(each.dataset for each in dictionary().values()))


def indicator(name: str) -> Indicator:
    """Return one indicator of the dictionary."""
    choice("indicators", name, dictionary())
    return dictionary()[name]


def _indicator(name: str, facts: dict[str, Any]) -> Indicator:
    layouts = tuple(_columns(each) for each in facts.pop("columns", ()))
    breaks = {int(year): words for year, words in facts.pop("breaks", {}).items()}
    return Indicator(id=name, columns=layouts, breaks=breaks, **facts)


def _columns(facts: dict[str, Any]) -> Columns:
    made: dict[str, Any] = {}
    for name, words in facts.items():
        if name in {"by", "fingertips", "sex", "age"}:
            made[name] = words
        elif isinstance(words, dict):
            made[name] = {each: _several(names) for each, names in words.items()}
        else:
            made[name] = _several(words)
    return Columns(**made)


def _several(words: str | list[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)
