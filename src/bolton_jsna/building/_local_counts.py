"""The authority's own events, counted for the tables of a build. None of it is protected yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bolton_jsna.building._groups import completed
from bolton_jsna.building._local_doubts import TOTALS_APART, published_counts
from bolton_jsna.building._local_years import whole_years
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.errors import MissingDataError, UsageError, some
from bolton_jsna.measures.event_counts import linked_counts
from bolton_jsna.measures.event_dimensions import ALL, ELSEWHERE
from bolton_jsna.measures.events import Event, events_of
from bolton_jsna.measures.recurrent_events import event_frequencies

if TYPE_CHECKING:
    import pandas as pd

Linked = Mapping[str, "pd.DataFrame"]
"""Tables of the same events by name."""

BY_WARD: Final = "area_code x year"
"""The name of the table by ward."""

GROUPS: Final = ("age_band", "sex", "ethnic_group", "category", "referral_source")
"""What the authority's events are counted by beside the ward, where the records say it."""

_REPEATS_FROM: Final = 50
"""Events in the authority from which the records tell how often they recur within a child."""

_RECUR_FROM: Final = 10
"""Children with several events from which that is used."""

LOCAL_EVENTS: Final[dict[Event, str]] = {"referrals": "referrals", "cpp_at_31_march": "plans"}
"""The local events of the ward profile and the beginning of their columns."""


def events_held(made_from: Ingredients) -> list[Event]:
    """Return the events that the authority's file holds at all: others are not nought."""
    if made_from.counted is not None:
        held = set(made_from.counted.counts["event"])
        return [event for event in LOCAL_EVENTS if event in held]
    assert made_from.local is not None  # noqa: S101 (asked by the caller)
    kinds = set(made_from.local.records["kind"])
    return [
        event for event in LOCAL_EVENTS if ("referral" if event == "referrals" else "plan") in kinds
    ]


def years_held(
    made_from: Ingredients, event: Event, asked: int
) -> tuple[list[int], tuple[int, ...]]:
    """Return the years to count, and those left out as their totals are not DfE's."""
    # An extract is seldom whole before its first referral: plans that ended are not in it.
    totals = _totals_before(made_from, event, asked)
    published = published_counts(made_from, event)
    near = [
        each
        for each, total in totals.items()
        if published.get(each) and abs(total / published[each] - 1) <= TOTALS_APART
    ]
    return [*near, asked], tuple(each for each in totals if each not in near)


def _totals_before(made_from: Ingredients, event: Event, asked: int) -> dict[int, int]:
    if made_from.counted is not None:
        counts = made_from.counted.counts
        found = counts[(counts["event"] == event) & (counts["year"] < asked)]
        sums = found.groupby("year")["count"].sum()
        return {int(year): int(count) for year, count in sums.items()}
    assert made_from.local is not None  # noqa: S101 (asked by the caller)
    records = made_from.local.records
    whole = whole_years(records, until=made_from.until)
    return {each: len(events_of(records, event, each)) for each in whole if each < asked}


def from_records(
    made_from: Ingredients,
    records: pd.DataFrame,
    event: Event,
    years: list[int],
    wanted: Sequence[str],
) -> Linked:
    """Return the tables by ward and by each of some groups that the records say anything of."""
    groups = [
        group
        for group in wanted
        if not (group == "referral_source" and event != "referrals")
        and _said(records, event, group)
    ]
    found = linked_counts(
        records,
        event,
        years=years,
        tables=[["area_code", "year"], *([group, "year"] for group in groups)],
        lookup=made_from.lookup,
    )
    tables = {
        name: _by_year(table) if name == BY_WARD else completed(_by_year(table), event)
        for name, table in found.items()
    }
    if made_from.homeless:
        # No ward has a count: zero would say that nobody lives there.
        table = tables[BY_WARD]
        kept = table["area_code"].isin([ALL, ELSEWHERE])
        tables[BY_WARD] = table[kept].reset_index(drop=True)
    return tables


def _said(records: pd.DataFrame, event: Event, group: str) -> bool:
    """Say whether the records have anything on a group."""
    columns = {"age_band": ["age"], "ethnic_group": ["ethnicity"]}.get(group, [group])
    if group == "age_band" and event == "cpp_at_31_march":
        columns = ["age", "birth_year_to_march"]
    return bool(records[columns].notna().any(axis=None))


def _by_year(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the sums over years, and a row of the unplaced where there are none."""
    place = table.columns[0]
    nobody = (table[place] == ELSEWHERE) & (table["count"] == 0)
    return table[(table["year"] != ALL) & ~nobody].reset_index(drop=True)


def from_counts(made_from: Ingredients, event: Event, years: list[int]) -> Linked:
    """Return the table by ward of counts that were added up before."""
    import pandas as pd

    assert made_from.counted is not None  # noqa: S101 (asked by the caller)
    counts = made_from.counted.counts
    counts = counts[(counts["event"] == event) & counts["year"].isin(years)]
    hidden = int(counts["count"].isna().sum())
    if hidden:
        raise UsageError(
            f"{hidden} of the local counts are hidden already. Give true counts, zero where there "
            "is none: what must be hidden beside them can be told from true counts only."
        )
    lookup = made_from.lookup
    wards = sorted(set(lookup["to_code"]))
    homes = dict(zip(lookup["from_code"], lookup["to_code"], strict=True))
    code = counts["area_code"].astype(object)
    place = code.where(code.isin(wards), code.map(homes)).fillna(ELSEWHERE)
    tally = counts.assign(area_code=place).groupby(["area_code", "year"])["count"].sum()
    if len(counts):
        lacking = [ward for ward in wards for year in years if (ward, year) not in tally.index]
        if lacking:
            raise UsageError(
                f"The local counts have no row for {some(dict.fromkeys(lacking))} in every year "
                f"from {min(years)} to {max(years)}. Give one for each ward, or for its LSOAs, "
                "zero where there is none."
            )
    rows = [
        (area, year, int(tally.get((area, year), 0)))
        for year in years
        for area in (*wards, ELSEWHERE)
    ]
    table = pd.DataFrame(rows, columns=["area_code", "year", "count"])
    total = table.groupby("year", as_index=False)["count"].sum().assign(area_code=ALL)
    return {BY_WARD: _by_year(pd.concat([table, total[table.columns]], ignore_index=True))}


def refuse_nothing(made_from: Ingredients, counted: Mapping[Event, Linked], year: int) -> None:
    """Refuse a year without events, or without one in a known ward."""
    if made_from.counted is not None and not counted:
        told = set(made_from.counted.counts["event"].dropna())
        if told == {"cpp_started"}:
            raise MissingDataError(
                "The local counts are of plans that were started in a year, and nothing else. "
                "Nothing is built from these: a build shows referrals in a year, and plans on 31 "
                "March. Give counts of those, headed Referrals and Plans at 31 March; plans "
                "started may stand beside them."
            )
    found = placed = 0
    for tables in counted.values():
        table = tables[BY_WARD]
        here = table[table["year"] == year].set_index("area_code")["count"]
        found += int(here[ALL])
        placed += int(here[ALL]) - int(here.get(ELSEWHERE, 0))
    if not found:
        raise MissingDataError(
            f"The local records have no referral and no plan in the year ending 31 March {year}. "
            "Name the year that they cover with year= or --year."
        )
    if not placed and not made_from.homeless:
        raise MissingDataError(
            f"None of the {found} local records that count in the year ending 31 March {year} "
            f"lies in a known ward of {made_from.place.name}, so every ward would seem to have "
            "none. Give lsoa_code (LSOAs of "
            f"{made_from.lookup['from_geography'].iloc[0]}), or lay a directory of postcodes in "
            "data/raw/postcodes/."
        )


def repeats_of(
    made_from: Ingredients, event: Event, year: int, events: pd.DataFrame | None
) -> float | None:
    """Return how many times the count its variance is: 1 where each child is counted once."""
    # From the records where they have enough children with several events, else from the children
    # that DfE published behind the authority's own count; None where neither tells it. To a tenth:
    # limits of rates tell it to anyone who divides, and the exact figure of the records would tell
    # how many children there are.
    if event == "cpp_at_31_march":
        return 1.0
    if events is not None:
        again = int((events["child_id"].value_counts() > 1).sum())
        if len(events) >= _REPEATS_FROM and again >= _RECUR_FROM:
            every = event_frequencies(events.assign(everyone="all"), by="everyone").iloc[0]
            return round(float(every["count_variance"] / every["count"]), 1)
    figures = made_from.children_in_need
    own = figures[
        (figures["area_code"] == made_from.place.code)
        & (figures["year"] == year)
        & (figures["indicator"] == event)
    ].dropna(subset=["count", "persons"])
    if own.empty or not own["persons"].iloc[0]:
        return None
    mean = float(own["count"].iloc[0]) / float(own["persons"].iloc[0])
    return round(2 * mean - 1, 1)
