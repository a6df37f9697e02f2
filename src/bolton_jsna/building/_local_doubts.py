"""Doubts about the authority's own file: a build stops until somebody gives a reason to go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bolton_jsna.building._local_years import LONG_GRACE
from bolton_jsna.core.wording import apart
from bolton_jsna.tables.local.count_areas import NOT_OURS
from bolton_jsna.tables.local.values import HEADINGS, REPEATED

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building.inputs import Ingredients
    from bolton_jsna.measures.events import Event

TOTALS_APART: Final = 0.05
"""How far a total of the local file may be from DfE's count of the same year."""

ROWS_LOST: Final = (20, 0.01)
"""How many rows, and which share of them, may be rejected."""

LONGEST: Final = 300
"""How many characters a reason may have: it is printed below each map."""

_SHOWN: Final = 10
EVENT_WORDS: Final[Mapping[str, str]] = {
    "referrals": "referrals in the year",
    "cpp_at_31_march": "plans at the end of the year",
    "cpp_started": "plans started in the year",
}
# A repeated row, a row of headings or one of another place takes nothing from a total.
_NO_LOSS: Final = frozenset({REPEATED, HEADINGS, *NOT_OURS})


@dataclass(frozen=True)
class Doubt:
    """One reason to stop.

    Attributes
    ----------
    kind : {"total", "rows", "ends", "begins"}
    what : str
        A sentence for the terminal, with the true total or the exact number of rows.
    event : str or None
        The event whose total it is about, if any.
    """

    kind: str
    what: str
    event: Event | None = None

    @property
    def name(self) -> str:
        """The identity of the doubt, by which a rebuild recognises it."""
        return f"{self.kind} {self.event or ''}".strip()


def of_event(found: Iterable[Doubt], event: Event) -> list[Doubt]:
    """Return the doubts that an event's figures share, one about its total first."""
    own = [
        each
        for each in found
        if each.event == event
        or (each.event is None and (each.kind != "begins" or event == "referrals"))
    ]
    return sorted(own, key=lambda each: each.kind != "total")


def unlike_published(found: Iterable[Doubt], event: Event) -> bool:
    """Return whether the total of an event was accepted although it is not near DfE's."""
    return any((each.kind, each.event) == ("total", event) for each in found)


def published_counts(made_from: Ingredients, event: Event) -> dict[int, int]:
    """Return DfE's counts of the authority by year."""
    own = made_from.published(event).dropna(subset=["count"])
    return {int(year): int(count) for year, count in zip(own["year"], own["count"], strict=True)}


def doubts(made_from: Ingredients, totals: Mapping[Event, int], year: int) -> list[Doubt]:
    """Return why figures of the local file may be wrong; nothing for illustrative records."""
    if made_from.illustrative:
        return []
    found = [
        Doubt("total", _apart(total, published, event, year), event)
        for event, total in totals.items()
        if (published := published_counts(made_from, event).get(year))
        and abs(total / published - 1) > TOTALS_APART
    ]
    lost, rows = rows_lost(made_from.local.rejects), made_from.local.reading.rows
    if lost > ROWS_LOST[0] and lost > ROWS_LOST[1] * rows:
        found.append(
            Doubt(
                "rows",
                f"{lost:,} of the {rows:,} rows of the local file ({lost / rows:.1%}) were "
                "rejected.",
            )
        )
    found += [
        Doubt("ends", early(event, year), event)
        for event in totals
        if year not in published_counts(made_from, event)
        and made_from.local.ends_early(event, year)
    ]
    if "referrals" in totals and made_from.local.begins_late(year):
        found.append(Doubt("begins", late(year)))
    return found


def _apart(total: int, published: int, event: Event, year: int) -> str:
    have = f"The local file has {{}} {EVENT_WORDS[event]} ending 31 March {year}"
    if total < _SHOWN:
        return f"{have.format(f'fewer than {_SHOWN}')}; DfE published {published:,}."
    how = apart(total, published, counted=True)
    return f"{have.format(f'{total:,}')}, {how} than the {published:,} that DfE published."


def late(year: int) -> str:
    """Return the doubt that the records begin within the year."""
    return (
        f"The first referral is more than a month after 1 April {year - 1}, so the year may not be "
        "complete."
    )


def early(event: Event, year: int) -> str:
    """Return the doubt that the records of an event end before the year does."""
    what = "referrals" if event == "referrals" else "plans"
    return (
        f"None of the {what} of the local records began or ended in the last {LONG_GRACE.days} "
        f"days of the year ending 31 March {year}, so the extract may be of an earlier date."
    )


def rows_lost(rejects: pd.DataFrame) -> int:
    """Return the number of rejected rows, except those that take nothing from a total."""
    return sum(not takes_nothing(each) for each in rejects["reason"])


def takes_nothing(reason: str) -> bool:
    """Return whether a row that was rejected for a reason is missing from no total."""
    return all(each in _NO_LOSS for each in reason.split("; "))


def not_compared(made_from: Ingredients, events: Iterable[Event], year: int) -> str:
    """Return which totals could not be compared with DfE's; empty if all were."""
    if made_from.illustrative:
        return ""
    left = [
        EVENT_WORDS[event] for event in events if year not in published_counts(made_from, event)
    ]
    if not left:
        return ""
    return (
        f"Not compared with DfE's count, because DfE has none of {made_from.place.name} for "
        f"{year}: {' and '.join(left)}."
    )
