"""What stops a build of the authority's own file until somebody says why it may go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bolton_jsna.building._local_years import LONG_GRACE, begins_late, ends_early
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.wording import apart
from bolton_jsna.core.years import reporting_year_days
from bolton_jsna.tables.local.count_areas import NOT_OURS
from bolton_jsna.tables.local.values import HEADINGS, REPEATED

if TYPE_CHECKING:
    from bolton_jsna.measures.events import Event

TOTALS_APART: Final = 0.05
"""How far a total of the local file may lie from DfE's count of the same year."""

ROWS_LOST: Final = (20, 0.01)
"""How many rows, and which share of them, may be refused."""

LONGEST: Final = 300
"""How many characters a reason may have: it stands below each map."""

_SHOWN: Final = 10
_WORDS: Final[Mapping[str, str]] = {
    "referrals": "referrals in the year",
    "cpp_at_31_march": "plans at the end of the year",
    "cpp_started": "plans started in the year",
}
# A row that comes again, or a row of headings, takes nothing from a total; nor does another place.
_NO_LOSS: Final = frozenset({REPEATED, HEADINGS, *NOT_OURS})


@dataclass(frozen=True)
class Doubt:
    """One reason to stop.

    Attributes
    ----------
    kind : {"total", "rows", "ends", "begins"}
    what : str
        In a sentence for the terminal: it has the true total, or the exact number of rows.
    event : str or None
        The event whose total is meant; None for the others.
    """

    kind: str
    what: str
    event: Event | None = None

    @property
    def name(self) -> str:
        """What is doubted, by which it is known again."""
        return f"{self.kind} {self.event or ''}".strip()


def published_counts(made_from: Ingredients, event: Event) -> dict[int, int]:
    """Return DfE's counts of the authority by year."""
    figures = made_from.children_in_need
    own = figures[
        (figures["area_code"] == made_from.place.code) & (figures["indicator"] == event)
    ].dropna(subset=["count"])
    return {int(year): int(count) for year, count in zip(own["year"], own["count"], strict=True)}


def doubts(made_from: Ingredients, totals: Mapping[Event, int], year: int) -> list[Doubt]:
    """Return why figures of the local file may be wrong; nothing for records that are made up."""
    if made_from.illustrative:
        return []
    found = [
        Doubt("total", _apart(total, published, event, year), event)
        for event, total in totals.items()
        if (published := published_counts(made_from, event).get(year))
        and abs(total / published - 1) > TOTALS_APART
    ]
    lost, rows = rows_lost(made_from), rows_read(made_from)
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
        and (made_from.until is None or made_from.until < reporting_year_days(year)[1])
        and ends_early(made_from.local, "referral" if event == "referrals" else "plan", year)
    ]
    if "referrals" in totals and begins_late(made_from.local, year):
        found.append(Doubt("begins", late(year)))
    return found


def _apart(total: int, published: int, event: Event, year: int) -> str:
    have = f"The local file has {{}} {_WORDS[event]} ending 31 March {year}"
    if total < _SHOWN:
        return f"{have.format(f'fewer than {_SHOWN}')}; DfE published {published:,}."
    how = apart(total, published, counted=True)
    return f"{have.format(f'{total:,}')}, {how} than the {published:,} that DfE published."


def late(year: int) -> str:
    """Say that the records begin within the year."""
    return (
        f"The first referral lies more than a month after 1 April {year - 1}, so the year may not "
        "be whole."
    )


def early(event: Event, year: int) -> str:
    """Say that the records of an event end before the year does, and DfE's count is not known."""
    what = "referrals" if event == "referrals" else "plans"
    return (
        f"None of the {what} of the local records began or ended in the last {LONG_GRACE.days} "
        f"days of the year ending 31 March {year}, so they may be of an earlier extract."
    )


def rows_read(made_from: Ingredients) -> int:
    """Return the rows of the authority's own file."""
    if made_from.counted is not None:
        return made_from.counted.rows
    return made_from.local.reading.rows if made_from.local is not None else 0


def rows_lost(made_from: Ingredients) -> int:
    """Return the rows that were refused, but for those that take nothing from a total."""
    rejects = made_from.own_rejects
    if rejects is None or rejects.empty:
        return 0
    return int((~rejects["reason"].map(takes_nothing)).sum())


def takes_nothing(reason: str) -> bool:
    """Say whether a row that was rejected for a reason is missing in no total."""
    return all(each in _NO_LOSS for each in reason.split("; "))


def not_compared(made_from: Ingredients, events: Iterable[Event], year: int) -> str:
    """Say which totals could not be held against DfE's; an empty text where all were."""
    if made_from.illustrative:
        return ""
    left = [_WORDS[event] for event in events if year not in published_counts(made_from, event)]
    if not left:
        return ""
    return (
        f"Not compared with DfE's count, as there is none of {made_from.place.name} for {year}: "
        f"{' and '.join(left)}."
    )
