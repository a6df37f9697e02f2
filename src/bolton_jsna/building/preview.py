"""What a build would make of the authority's own file, or why it would stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bolton_jsna.building._acceptance import Acceptance
from bolton_jsna.building._local_doubts import not_compared, published_counts
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.building._protected_counts import Counted, count, doubts_of
from bolton_jsna.building.inputs import Ingredients, gather
from bolton_jsna.core.areas import Area
from bolton_jsna.core.errors import BoltonJsnaError

if TYPE_CHECKING:
    from bolton_jsna.measures.events import Event

_SHOWN: Final = 10
_WORDS: Final[Mapping[Event, str]] = {
    "referrals": "referrals in the year",
    "cpp_at_31_march": "plans at its end",
}


@dataclass(frozen=True)
class Forecast:
    """What a build would use.

    Attributes
    ----------
    year : int or None
        Year ending 31 March of the chapter; None where the build stops before that is known.
    years : Mapping of str to tuple of int
        For each event the years that would be counted.
    totals, published : Mapping of str to int
        The events of the year in the file, and as DfE published them where it did.
    aside : str
        Which of them cannot be compared.
    refusal : str
        The message with which the build would stop; empty where it would go on.
    """

    year: int | None = None
    years: Mapping[Event, tuple[int, ...]] = field(default_factory=dict)
    totals: Mapping[Event, int] = field(default_factory=dict)
    published: Mapping[Event, int] = field(default_factory=dict)
    aside: str = ""
    refusal: str = ""

    def lines(self) -> list[str]:
        """Return this as text for a person."""
        if self.refusal:
            return ["A build would stop:", *(f"  {line}" for line in self.refusal.splitlines())]
        found = [f"A build would use the year ending 31 March {self.year}:"]
        for event, total in self.totals.items():
            have = f"{total:,}" if total >= _SHOWN else f"fewer than {_SHOWN}"
            dfe = f" (DfE: {self.published[event]:,})" if event in self.published else ""
            years = ", ".join(map(str, self.years[event]))
            found.append(f"  - {have} {_WORDS[event]}{dfe}; years counted: {years}")
        return [*found, *([f"  - {self.aside}"] if self.aside else [])]


def forecast(area: str | int | Area, options: BuildOptions) -> tuple[Ingredients | None, Forecast]:
    """Read and count a file as a build does, up to where small numbers are hidden."""
    made_from = None
    try:
        made_from = gather(area, options)
        made_from.log_warnings()
        counted = count(made_from, year=options.year, wards_only=True)
    except BoltonJsnaError as error:
        return made_from, Forecast(refusal=str(error))
    found = doubts_of(made_from, counted)
    refusal = ""
    try:
        Acceptance().check(found)
    except BoltonJsnaError as error:
        refusal = str(error)
    return made_from, _of(made_from, counted, refusal)


def _of(made_from: Ingredients, counted: Counted, refusal: str) -> Forecast:
    published = {event: published_counts(made_from, event) for event in counted.tables}
    return Forecast(
        year=counted.year,
        years={event: counted.years(event) for event in counted.tables},
        totals=counted.totals(),
        published={
            event: counts[counted.year]
            for event, counts in published.items()
            if counted.year in counts
        },
        aside=not_compared(made_from, counted.tables, counted.year),
        refusal=refusal,
    )
