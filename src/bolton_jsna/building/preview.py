"""What a build would make of the authority's own file, or why it would stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.building._acceptance import Acceptance
from bolton_jsna.building._local_doubts import EVENT_WORDS, not_compared, published_counts
from bolton_jsna.building._local_source import LocalSource, read_local
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.building._protected_counts import count, doubts_of
from bolton_jsna.building.inputs import gather
from bolton_jsna.core.areas import Area
from bolton_jsna.core.errors import BoltonJsnaError, MissingDataError, VintageError
from bolton_jsna.loaders import load_lookup

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.measures.events import Event

_SHOWN: Final = 10


@dataclass(frozen=True)
class Preview:
    """What a build would use.

    Attributes
    ----------
    year : int or None
        Year ending 31 March of the chapter; None if the build stops before that is known.
    years : Mapping of str to tuple of int
        For each event the years that would be counted.
    totals, published : Mapping of str to int
        The events of the year in the file, and as DfE published them.
    aside : str
        Which of them cannot be compared.
    refusal : str
        The message with which the build would stop; empty if it would go on.
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
            found.append(f"  - {have} {EVENT_WORDS[event]}{dfe}; years counted: {years}")
        return [*found, *([f"  - {self.aside}"] if self.aside else [])]


def preview(place: Area, options: BuildOptions) -> tuple[LocalSource, pd.DataFrame | None, Preview]:
    """Read and count a file as a build does, up to where small numbers are hidden."""
    # Returned with the lookup, which is None if the authority's LSOAs are not available.
    made_from = None
    try:
        made_from = gather(place, options)
        made_from.log_warnings()
        counted = count(made_from, replace(options, wards_only=True))
    except BoltonJsnaError as error:
        stopped = Preview(refusal=str(error))
        if made_from is not None:
            return made_from.local, made_from.lookup, stopped
        lookup = _lookup(place, options.workspace)
        try:
            return read_local(place, options, lookup=lookup, whole=False), lookup, stopped
        except VintageError:
            # The message reports it; what the file holds is shown all the same.
            return read_local(place, options, whole=False), lookup, stopped
    refusal = ""
    try:
        Acceptance().check(doubts_of(made_from, counted))
    except BoltonJsnaError as error:
        refusal = str(error)
    published = {event: published_counts(made_from, event) for event in counted.tables}
    found = Preview(
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
    return made_from.local, made_from.lookup, found


def _lookup(place: Area, workspace: str | Path | None) -> pd.DataFrame | None:
    try:
        return load_lookup(place, workspace=workspace)
    except MissingDataError:
        return None
