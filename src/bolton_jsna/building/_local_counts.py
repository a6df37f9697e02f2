"""The authority's own events, counted for the tables of a build and not yet protected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bolton_jsna.building._local_doubts import TOTALS_APART, published_counts
from bolton_jsna.core.errors import MissingDataError, UsageError, some
from bolton_jsna.measures.event_counts import linked_counts
from bolton_jsna.measures.event_dimensions import ALL, ELSEWHERE
from bolton_jsna.measures.events import Event, events_of
from bolton_jsna.measures.recurrent_events import event_frequencies

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building._protected_counts import TrueCounts
    from bolton_jsna.building.inputs import Ingredients
    from bolton_jsna.tables.local.layouts import EventKind

Linked = Mapping[str, "pd.DataFrame"]
"""Tables of the same events by name."""

BY_WARD: Final = "area_code x year"
"""The name of the table by ward."""

GROUPS: Final = ("age_band", "sex", "ethnic_group", "category", "referral_source")
"""What events are counted by in addition to the ward, if the records have it."""

_REPEATS_FROM: Final = 50
"""Events in the authority from which the records show how often they recur within a child."""

_RECUR_FROM: Final = 10
"""Children with several events from which that is used."""

LOCAL_EVENTS: Final[dict[Event, str]] = {"referrals": "referrals", "cpp_at_31_march": "plans"}
"""The local events of the ward profile and the beginning of their columns."""

EVENT_KINDS: Final[Mapping[Event, EventKind]] = {
    "referrals": "referral",
    "cpp_started": "plan",
    "cpp_at_31_march": "plan",
}
"""The kind of record that an event is counted from."""


def years_counted(
    made_from: Ingredients, event: Event, year: int
) -> tuple[list[int], tuple[int, ...]]:
    """Return the years to count, and those left out because their totals are not DfE's."""
    # An extract is seldom complete before its first referral: plans that ended are not in it.
    totals = made_from.local.totals_before(event, year)
    published = published_counts(made_from, event)
    near = [
        each
        for each, total in totals.items()
        if published.get(each) and abs(total / published[each] - 1) <= TOTALS_APART
    ]
    return [*near, year], tuple(each for each in totals if each not in near)


def tables_of_records(
    records: pd.DataFrame,
    event: Event,
    years: list[int],
    lookup: pd.DataFrame,
    wanted: Sequence[str],
) -> Linked:
    """Return the tables by ward and by each of some groups that the records have anything on."""
    groups = [
        group
        for group in wanted
        if not (group == "referral_source" and event != "referrals")
        and _has_group(records, event, group)
    ]
    tables = linked_counts(
        records,
        event,
        years=years,
        tables=[["area_code", "year"], *([group, "year"] for group in groups)],
        lookup=lookup,
    )
    return {name: _by_year(table) for name, table in tables.items()}


def without_wards(tables: Linked) -> Linked:
    """Leave out the wards of records without homes: zero would say that nobody lives there."""
    table = tables[BY_WARD]
    kept = table["area_code"].isin([ALL, ELSEWHERE])
    return {**tables, BY_WARD: table[kept].reset_index(drop=True)}


def _has_group(records: pd.DataFrame, event: Event, group: str) -> bool:
    columns = {"age_band": ["age"], "ethnic_group": ["ethnicity"]}.get(group, [group])
    if group == "age_band" and event == "cpp_at_31_march":
        columns = ["age", "birth_year_to_march"]
    return bool(records[columns].notna().any(axis=None))


def _by_year(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the sums over years, and a row of the unplaced where there are none."""
    place = table.columns[0]
    nobody = (table[place] == ELSEWHERE) & (table["count"] == 0)
    return table[(table["year"] != ALL) & ~nobody].reset_index(drop=True)


def tables_of_counts(
    counts: pd.DataFrame, event: Event, years: list[int], lookup: pd.DataFrame
) -> Linked:
    """Return the table by ward of counts that the authority has added up."""
    import pandas as pd

    counts = counts[(counts["event"] == event) & counts["year"].isin(years)]
    hidden = int(counts["count"].isna().sum())
    if hidden:
        raise UsageError(
            f"{hidden} of the local counts are hidden already. Give true counts, with zero where "
            "there are none: only true counts show what else must be hidden."
        )
    wards = sorted(set(lookup["to_code"]))
    homes = dict(zip(lookup["from_code"], lookup["to_code"], strict=True))
    code = counts["area_code"].astype(object)
    place = code.where(code.isin(wards), code.map(homes)).fillna(ELSEWHERE)
    tally = counts.assign(area_code=place).groupby(["area_code", "year"])["count"].sum()
    absent = [ward for ward in wards for year in years if (ward, year) not in tally.index]
    if absent and len(counts):
        raise UsageError(
            f"The local counts have no row for {some(dict.fromkeys(absent))} in every year "
            f"from {min(years)} to {max(years)}. Give one for each ward, or for each of its LSOAs, "
            "with zero where there are none."
        )
    rows = [
        (area, year, int(tally.get((area, year), 0)))
        for year in years
        for area in (*wards, ELSEWHERE)
    ]
    table = pd.DataFrame(rows, columns=["area_code", "year", "count"])
    total = table.groupby("year", as_index=False)["count"].sum().assign(area_code=ALL)
    return {BY_WARD: _by_year(pd.concat([table, total[table.columns]], ignore_index=True))}


def check_any(made_from: Ingredients, counted: TrueCounts) -> None:
    """Make sure that there are events in the year, and any in a known ward."""
    if not counted.tables and set(made_from.local.counts["event"].dropna()) == {"cpp_started"}:
        raise MissingDataError(
            "The local counts are of plans started in a year only, and nothing is built from "
            "these: a build shows referrals in a year, and plans on 31 March. Give counts of "
            "those, headed Referrals and Plans at 31 March. Counts of plans started may stay in "
            "the file."
        )
    found, year = sum(counted.totals().values()), counted.year
    if not found:
        raise MissingDataError(
            f"The local records have no referral and no plan in the year ending 31 March {year}. "
            "Name the year that they cover: year= or --year."
        )
    unplaced = sum(counted.unplaced(event) or 0 for event in counted.tables)
    if unplaced == found and not made_from.local.homeless:
        raise MissingDataError(
            f"None of the {found} local records of the year ending 31 March {year} has a home in a "
            f"known ward of {made_from.place.name}, so every ward would show zero. Give lsoa_code "
            f"(LSOAs of {made_from.lookup['from_geography'].iloc[0]}), or put a directory of "
            "postcodes in data/raw/postcodes/."
        )


def repeats_of(made_from: Ingredients, event: Event, year: int) -> float | None:
    """Return how many times the count its variance is: 1 where each child is counted once."""
    # From the records if enough children have several events, else from the children that DfE
    # published behind the authority's count; None if neither shows it. To a tenth, because limits
    # of rates reveal it, and the exact figure would reveal how many children there are.
    if event == "cpp_at_31_march":
        return 1.0
    events = events_of(made_from.local.records, event, year)
    again = int((events["child_id"].value_counts() > 1).sum())
    if len(events) >= _REPEATS_FROM and again >= _RECUR_FROM:
        every = event_frequencies(events.assign(everyone="all"), by="everyone").iloc[0]
        return round(float(every["count_variance"] / every["count"]), 1)
    own = made_from.published(event)
    own = own[own["year"] == year].dropna(subset=["count", "persons"])
    if own.empty or not own["persons"].iloc[0]:
        return None
    mean = float(own["count"].iloc[0]) / float(own["persons"].iloc[0])
    return round(2 * mean - 1, 1)
