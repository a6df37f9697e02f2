"""Doubts about the authors' own text: a number next to a ward or group whose figure is hidden.

Whether the number is the hidden one is not said: that would give it away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bolton_jsna.chapter.document import Bullets, Paragraph, Section
from bolton_jsna.chapter.materials import OwnText
from bolton_jsna.core.errors import short, some
from bolton_jsna.measures.event_dimensions import ALL

if TYPE_CHECKING:
    import pandas as pd

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
_NUMBER: Final = re.compile(
    r"\d|\b(no|none|nobody|nil|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|dozen|single|sole|only|both|pair|couple|handful|twins?|half|third|quarter|rest|remaining)\b",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"\b(\d{1,2} )?(January|February|March|April|May|June|July|August|September|October|November"
    r"|December)\b|\b(19|20)\d\d([/-]\d{2,4})?\b"
)
_PLAIN_WORDS: Final = frozenset(
    {"housing", "individual", "multiple", "other", "schools", "unknown"}
)
"""Groups whose names are common words, and so are names only as they are printed."""


@dataclass(frozen=True)
class _Name:
    """How a ward or group is called, and whether one of its figures is hidden."""

    name: str
    ward: bool
    hidden: bool
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class _Subject:
    """The wards and groups that a text is about, those with a hidden figure only."""

    wards: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def after(self, named: Iterable[_Name]) -> _Subject:
        """Return what a text is about after it has named some: without a new one, the same."""
        listed = list(named)
        kept = []
        for ward, before in ((True, self.wards), (False, self.groups)):
            own = [each for each in listed if each.ward is ward]
            kept.append(tuple(each.name for each in own if each.hidden) if own else before)
        return _Subject(*kept)


def doubts(own: OwnText, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return a doubt for each sentence of the authors with a number next to a hidden figure."""
    names = _names(tables)
    return [
        doubt
        for start, text in _texts(own, names)
        for doubt in _doubts("Your own text", start, text, names)
    ]


def doubts_of_reason(reason: str, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the same doubts about the reason for accepting a file, which is printed on maps."""
    if not reason:
        return []
    what = "The reason in accept= (--accept), which is published,"
    return list(_doubts(what, _Subject(), reason, _names(tables)))


def _doubts(what: str, start: _Subject, text: str, names: list[_Name]) -> Iterator[str]:
    subject = start
    for sentence in _SENTENCE.split(text):
        named, rest = _named(sentence, names)
        subject = subject.after(named)
        about = (*subject.wards, *subject.groups)
        if about and _NUMBER.search(_DATE.sub(" ", rest)):
            yield (
                f"{what} has a number in a sentence about {some(about)}, of which a figure is "
                f"hidden: {short(sentence, 160)} Check that it gives nothing away."
            )


def _texts(own: OwnText, names: list[_Name]) -> Iterator[tuple[_Subject, str]]:
    """Return each paragraph and item with what the headings and the words before it name."""
    for blocks in own.sections.values():
        yield from _of_blocks(blocks, _Subject(), names)
    for each in (*(part for parts in own.parts.values() for part in parts), *own.others):
        yield from _of_section(each, _Subject(), names)


def _of_section(
    section: Section, above: _Subject, names: list[_Name]
) -> Iterator[tuple[_Subject, str]]:
    # A heading is read as a sentence: "Three families in Astley Bridge" is one.
    yield above, section.title
    subject = above.after(_named(section.title, names)[0])
    yield from _of_blocks(section.blocks, subject, names)
    for each in section.sections:
        yield from _of_section(each, subject, names)


def _of_blocks(
    blocks: Iterable[object], heading: _Subject, names: list[_Name]
) -> Iterator[tuple[_Subject, str]]:
    lead = heading
    for block in blocks:
        if isinstance(block, Paragraph):
            yield heading, block.text
            lead = heading.after(_named(_SENTENCE.split(block.text)[-1], names)[0])
        elif isinstance(block, Bullets):
            # "In Astley Bridge:" names what the items below it are about.
            for item in block.items:
                yield lead, item.text


def _named(sentence: str, names: list[_Name]) -> tuple[list[_Name], str]:
    """Return the wards and groups that a sentence names, and its other words."""
    rest, found = _even(sentence), []
    for each in names:
        rest, number = each.pattern.subn(" ", rest)
        if number:
            found.append(each)
    return found, rest


def _even(text: str) -> str:
    """Return a text without apostrophes, and with "and" for its sign."""
    return re.sub(r"\s+", " ", re.sub(r"['\u2018\u2019]", "", text).replace("&", " and "))


def _names(tables: Mapping[str, pd.DataFrame]) -> list[_Name]:
    """Return the names and codes of wards and groups, the longest first."""
    found: dict[tuple[str, bool], bool] = {}
    wards, counts = tables["ward_profile"], tables.get("local_counts")
    for column in (each for each in ("area_name", "area_code") if each in wards.columns):
        for status in (each for each in wards.columns if str(each).endswith("_status")):
            for name, state in zip(wards[column], wards[status], strict=True):
                found[str(name), True] = found.get((str(name), True), False) or (
                    state == "suppressed"
                )
    if counts is not None:
        rows = counts[counts["group"] != ALL]
        for name, by, state in zip(rows["group_name"], rows["by"], rows["status"], strict=True):
            key = str(name), by == "ward"
            found[key] = found.get(key, False) or state == "suppressed"
    listed = [_Name(name, ward, hides, _pattern(name)) for (name, ward), hides in found.items()]
    return sorted(listed, key=lambda each: -len(each.name))


def _pattern(name: str) -> re.Pattern[str]:
    """Return the pattern of a name in other capitals, with other punctuation or as a possessive."""
    words = re.findall(r"\w+", _even(name))
    plain = len(words) == 1 and words[0].casefold() in _PLAIN_WORDS
    text = r"[\W_]+".join(map(re.escape, words))
    return re.compile(rf"\b{text}s?\b", 0 if plain else re.IGNORECASE)
