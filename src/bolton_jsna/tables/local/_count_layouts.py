"""Headings of counts by area, and how events and years are written in them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.tables.local.layouts import facts, key, labels, pattern

EVENTS: Final[Mapping[str, str]] = labels("events")
"""The usual words for what is counted, in compared form."""

_EVENT: Final = {event: pattern(each) for event, each in facts("words")["event_patterns"].items()}
_OF: Final = re.compile(r"^(?:total)?(?:numberof|noof|countof|number|count|total)(?=.)")
_LAST: Final = re.compile(r"(?<=.)(?:count|number|total)$")
_PATTERNS: Final = {
    name: tuple(map(pattern, each)) for name, each in facts("words")["count_headings"].items()
}

# ASCII digits only: others, such as a raised 2, are not figures of a table.
_YEAR: Final = re.compile(r"((?:19|20)[0-9]{2})(?:\.0+)?")
_SPAN: Final = re.compile(
    r"((?:19|20)[0-9]{2})(?: ?[-/\u2013] ?| to |_| )?([0-9]{4}|[0-9]{2})(?:\.0+)?"
)
_BEFORE: Final = re.compile(
    r"^(?:as )?(?:(?:fy(?=\d)|(?:fy|financial year|reporting year|year|ye|y/e)\b) ?)?"
    r"(?:end(?:ing|ed)?\b ?)?(?:at |to )?"
)
_MARCH: Final = re.compile(
    r"(?:31(?:st)?[ /.-]?)?(?:march|mar|(?<=31[/.-])0?3)[ /.-]((?:19|20)[0-9]{2})(?: 0?0:00.*)?"
)
_DAY: Final = re.compile(r"((?:19|20)[0-9]{2})-03-31(?:[ t]0?0:00.*)?")
_TWO_DIGITS: Final = re.compile(r"31(?:march|mar)([0-9]{2})$")


def places(header: Sequence[str]) -> dict[str, int]:
    """Return the places of the area, the count, the year and the event in a row of headings."""
    found: dict[str, tuple[int, int]] = {}
    for spot, cell in enumerate(header):
        for name, rank in _ranks(cell):
            found[name] = min(found.get(name, (rank, spot)), (rank, spot))
    return {name: found[name][1] for name in _PATTERNS if name in found}


@functools.lru_cache(maxsize=1_000)
def _ranks(cell: str) -> tuple[tuple[str, int], ...]:
    """Return what a heading may be of, each with the place of the first pattern that it fits."""
    plain = key(cell)
    firsts = {
        name: next((rank for rank, each in enumerate(patterns) if each.fullmatch(plain)), None)
        for name, patterns in _PATTERNS.items()
    }
    return tuple((name, rank) for name, rank in firsts.items() if rank is not None)


def of_names(header: Sequence[str]) -> list[int]:
    """Return the places of the columns with names of areas."""
    return [
        spot
        for spot, cell in enumerate(header)
        if holds_names(cell) and any(each.fullmatch(key(cell)) for each in _PATTERNS["area_code"])
    ]


def holds_names(heading: str) -> bool:
    """Return whether a heading of areas is for names; there may be codes below it too."""
    return re.search(r"cd|code|lsoa[0-9]*$|^wd[0-9]*$", key(heading)) is None


@functools.lru_cache(maxsize=1_000)
def event_of(text: str) -> str | None:
    """Return the event that a heading or cell names, if any."""
    if "%" in text:  # a share, not a count
        return None
    plain = key(text)
    if plain not in EVENTS:
        plain = _LAST.sub("", _OF.sub("", plain))
    matches = (event for event, each in _EVENT.items() if each.fullmatch(plain))
    return EVENTS.get(plain) or next(matches, None)


# The same cells are looked at with each delimiter, alone and with the row above.
@functools.lru_cache(maxsize=1_000)
def named(heading: str) -> tuple[str | None, int | None]:
    """Return the event and the year ending 31 March that a heading names, if any."""
    words = re.sub(r"[(),_]", " ", heading).split()
    for cut in range(1, len(words)):
        first, last = " ".join(words[:cut]), " ".join(words[cut:])
        for event, year in ((first, last), (last, first)):
            if event_of(event) is not None and year_of(year) is not None:
                return event_of(event), year_of(year)
    short = _TWO_DIGITS.search(key(heading))
    return event_of(heading), 2000 + int(short[1]) if short else None


def check_years_across(header: Sequence[str], name: str) -> None:
    """Reject counts with a column for each year."""
    spots = across(header)
    if not spots:
        return
    heading = header[places(header)["area_code"]]
    area = "E01004768" if "lsoa" in key(heading) else "E05014818"
    area = "Astley Bridge" if holds_names(heading) else area
    event = next((named(header[spot])[0] for spot in spots if named(header[spot])[0]), None)
    word = {"cpp_at_31_march": "Plans", "cpp_started": "Plans started"}.get(event or "")
    ends = (header[spots[0]], header[spots[-1]])
    years = dict.fromkeys(named(each)[1] or year_of(each) for each in ends)
    lines = [f"{heading},Year,{word or 'Referrals'}", *(f"{area},{year},12" for year in years)]
    raise SchemaError(
        f"{name!r} has years as headings ({some(header[spot] for spot in spots)}). Expected a row "
        "for each area and year, a column for the year, and a heading that names what is counted "
        "(Referrals, Plans), such as\n\n" + "\n".join(lines)
    )


def across(header: Sequence[str]) -> list[int]:
    """Return the places of the headings that are years with counts below them."""
    if "area_code" not in places(header):
        return []
    found = [(spot, *named(cell), year_of(cell)) for spot, cell in enumerate(header)]
    years = [spot for spot, _, with_event, alone in found if (with_event or alone) is not None]
    alone = any(year is not None for _, _, _, year in found)
    other = "count" in places(header) or any(event for _, event, _, _ in found)
    events = [event for spot, event, _, _ in found if spot in years and event]
    several = len(years) > 1 and (alone or len(set(events)) < len(events))
    return years if several or (alone and not other) else []


def check_stated_year(heading: str, years: Iterable[int | None], name: str) -> None:
    """Reject counts of other years than the heading above them names."""
    stated = named(heading)[1]
    other = sorted({year for year in years if year is not None} - {stated})
    if stated is not None and other:
        raise SchemaError(
            f"{name!r} has counts under {heading!r} (the year ending 31 March {stated}), but "
            f"they are used for {some(other)}. Give the right year (--year), or correct the "
            "heading."
        )


def year_of(text: str) -> int | None:
    """Return the year ending 31 March that a cell names, if any."""
    plain = _BEFORE.sub("", " ".join(text.casefold().split()))
    if found := _YEAR.fullmatch(plain):
        return int(found[1])
    if found := _SPAN.fullmatch(plain):
        first, second = int(found[1]), int(found[2][-2:])
        whole = len(found[2]) == 2 or int(found[2]) == first + 1
        return first + 1 if whole and (first + 1) % 100 == second else None
    found = _MARCH.fullmatch(plain) or _DAY.fullmatch(plain)
    return int(found[1]) if found else None
