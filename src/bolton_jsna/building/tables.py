"""The tables of a build: frames in, frames out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bolton_jsna.building.gathering import INDICATORS, Ingredients
from bolton_jsna.disclosure.rules import DFE, SuppressionRule
from bolton_jsna.disclosure.suppress import protect
from bolton_jsna.errors import MissingDataError, some
from bolton_jsna.geography import children_to_areas, to_areas
from bolton_jsna.measures.comparison import NeighbourComparison, neighbour_comparison
from bolton_jsna.measures.events import Event, count_by_area, events_of
from bolton_jsna.measures.rates import crude_rates
from bolton_jsna.measures.repeated import event_frequencies
from bolton_jsna.years import reporting_year_days

if TYPE_CHECKING:
    import pandas as pd

LOCAL_EVENTS: Final[dict[Event, str]] = {"referrals": "referrals", "cpp_at_31_march": "plans"}
"""The local events of the ward profile and the beginning of their columns."""


_REPEATS_FROM: Final = 50
"""Events in the authority from which their repetition within a child can be told and used."""

_BARE: Final = "not_applicable"
"""The state of every figure of a ward that no LSOA is assigned to."""


@dataclass(frozen=True)
class LocalCounts:
    """Local events by ward, small counts hidden, and what stands beside them.

    Attributes
    ----------
    year : int
        Year ending 31 March.
    wards : Mapping of str to DataFrame
        For each event ``area_code``, ``area_name``, ``count``, ``status``.
    totals : Mapping of str to (int or None)
        Events of each kind in the whole authority; None where every ward is hidden, as so small
        a total tells of its parts.
    unplaced : Mapping of str to (int or None)
        Events without a known ward; None where that number must not be told.
    repeats : Mapping of str to float
        The variance of the count over the count in the whole authority: above 1 where events
        recur within a child. One figure for all wards, so that it tells of no ward.
    """

    year: int
    wards: Mapping[Event, pd.DataFrame]
    totals: Mapping[Event, int | None]
    unplaced: Mapping[Event, int | None]
    repeats: Mapping[Event, float]


def year_covered(records: pd.DataFrame) -> int:
    """Return the last year ending 31 March that local records reach the end of.

    A month's grace is given, as the last days of March may have no referral.

    Parameters
    ----------
    records : DataFrame
        The ``local_records`` table.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> year_covered(jsna.load_local_records().records)
    2025
    """
    reached: dt.date = records["date"].max().date() + dt.timedelta(days=31)
    year = reached.year
    return year if reached >= reporting_year_days(year)[1] else year - 1


def local_counts(
    made_from: Ingredients, *, year: int | None = None, rule: SuppressionRule = DFE
) -> LocalCounts | None:
    """Count local events by ward for one year and hide the small counts.

    Parameters
    ----------
    made_from : Ingredients
    year : int, optional
        Year ending 31 March; the last one that the records reach the end of by default.
    rule : SuppressionRule
        The rule; DfE's by default.

    Returns
    -------
    LocalCounts or None
        None when there are no local records.

    Raises
    ------
    MissingDataError
        When there is no record that can be used, none in that year, or none in a known ward.
    UsageError
        When the year is none of the calendar.

    Examples
    --------
    >>> from bolton_jsna.building.gathering import gather
    >>> local_counts(gather("Bolton")).totals["referrals"]
    3803
    """
    if made_from.local is None:
        return None
    records = made_from.local.records
    if records.empty:
        raise MissingDataError(
            f"The local records have no row that can be used; {len(made_from.local.rejects)} were "
            f"refused ({some(made_from.local.rejects['reason'].unique())}). Expected one row per "
            "referral or plan."
        )
    asked = year if year is not None else year_covered(records)
    wards: dict[Event, pd.DataFrame] = {}
    totals: dict[Event, int | None] = {}
    found = placed = 0
    unplaced: dict[Event, int | None] = {}
    repeats: dict[Event, float] = {}
    for event in LOCAL_EVENTS:
        events = events_of(records, event, asked)
        counts, elsewhere = count_by_area(events, made_from.lookup)
        wards[event], unplaced[event] = protect(counts, others=elsewhere, rule=rule)
        all_hidden = (wards[event]["status"] == "suppressed").all()
        totals[event] = None if all_hidden else len(events)
        repeats[event] = _repeats(events)
        found += len(events)
        placed += len(events) - elsewhere
    if not found:
        raise MissingDataError(
            f"The local records have no referral and no plan in the year ending 31 March {asked}. "
            "Name the year that they cover with year= or --year."
        )
    if not placed:
        raise MissingDataError(
            f"None of the {found} local records that count in the year ending 31 March {asked} "
            f"lies in a known ward of {made_from.place.name}, so every ward would seem to have "
            "none. Give lsoa_code (LSOAs of "
            f"{made_from.lookup['from_geography'].iloc[0]}), or lay a directory of postcodes in "
            "data/raw/postcodes/."
        )
    return LocalCounts(asked, wards, totals, unplaced, repeats)


def _repeats(events: pd.DataFrame) -> float:
    """Return how many times the count its variance is: 1 where no child has several events."""
    if len(events) < _REPEATS_FROM:
        return 1.0
    every = event_frequencies(events.assign(everyone="all"), by="everyone").iloc[0]
    return float(every["count_variance"] / every["count"])


def comparisons(made_from: Ingredients) -> list[NeighbourComparison]:
    """Compare the area with its neighbours: each indicator and model, the latest year.

    Examples
    --------
    >>> from bolton_jsna.building.gathering import gather
    >>> [round(each.summary["mean"], 2) for each in comparisons(gather("Bolton"))][:2]
    [604.97, 534.33]
    """
    figures = made_from.children_in_need
    own = figures[figures["area_code"] == made_from.place.code]
    found = []
    for indicator in INDICATORS:
        years = own.loc[own["indicator"] == indicator, "year"]
        found += [
            neighbour_comparison(
                figures, near, place=made_from.place, indicator=indicator, year=int(years.max())
            )
            for near in made_from.neighbours.values()
            if len(years)
        ]
    return found


def make_tables(
    made_from: Ingredients, local: LocalCounts | None, compared: list[NeighbourComparison]
) -> dict[str, pd.DataFrame]:
    """Return the tidy tables of a build by name.

    Parameters
    ----------
    made_from : Ingredients
    local : LocalCounts or None
        Protected counts of local events.
    compared : list of NeighbourComparison

    Returns
    -------
    dict of str to DataFrame
        ``projections``, ``idaci_lsoa``, ``idaci_ward``, ``children_in_need``, ``rates``,
        ``neighbour_comparison``, ``neighbour_summary``, ``ward_profile``.

    Examples
    --------
    >>> from bolton_jsna.building.gathering import gather
    >>> bolton = gather("Bolton")
    >>> tables = make_tables(bolton, local_counts(bolton), comparisons(bolton))
    >>> {name: len(table) for name, table in tables.items()}["ward_profile"]
    20
    """
    import pandas as pd

    rates = crude_rates(made_from.children_in_need)
    order = ["area_code", "indicator", "year"]
    wards = _ward_idaci(made_from)
    return {
        "projections": made_from.projections,
        "idaci_lsoa": made_from.idaci,
        "idaci_ward": wards,
        "children_in_need": made_from.children_in_need.sort_values(order, ignore_index=True),
        "rates": rates.sort_values(order, ignore_index=True),
        "neighbour_comparison": pd.concat(
            [each.table.assign(model=each.summary["model"]) for each in compared],
            ignore_index=True,
        ),
        "neighbour_summary": pd.DataFrame(
            [{**each.summary, "releases": "; ".join(each.summary["releases"])} for each in compared]
        ),
        "ward_profile": _ward_profile(made_from, wards, local),
    }


def _ward_idaci(made_from: Ingredients) -> pd.DataFrame:
    idaci = made_from.idaci
    first_tenth = (idaci["idaci_decile"] == 1).astype("Int64")
    counted = idaci.assign(lsoas_most_deprived_10=first_tenth)
    wards = to_areas(
        counted,
        made_from.lookup,
        sums=["children_0_15", "lsoas_most_deprived_10"],
        means={"idaci_score": "children_0_15"},
    )
    wards = wards.drop(columns=["children_0_15_parts", "lsoas_most_deprived_10_parts"])
    wards = wards.rename(columns={"parts": "lsoas", "idaci_score_parts": "lsoas_used"})
    wards["idaci_status"] = (
        wards["idaci_score"].notna().map({True: "value", False: "not_available"})
    )
    return _with_bare_wards(wards, made_from).assign(
        edition=int(idaci["edition"].iloc[0]),
        source=f"{idaci['source'].iloc[0]}; {made_from.lookup['source'].iloc[0]}",
    )


def _with_bare_wards(wards: pd.DataFrame, made_from: Ingredients) -> pd.DataFrame:
    """Add the wards that no LSOA is assigned to, so that a map shows them for what they are."""
    names = made_from.wards.set_index("area_code")["area_name"]
    if set(names.index) <= set(wards["area_code"]):
        return wards
    every = wards.set_index("area_code").reindex(names.index.sort_values())
    every["area_name"] = every["area_name"].fillna(names)
    every["idaci_status"] = every["idaci_status"].fillna(_BARE)
    every[["lsoas", "lsoas_used"]] = every[["lsoas", "lsoas_used"]].fillna(0)
    return every.rename_axis("area_code").reset_index().astype(wards.dtypes)


def _ward_profile(
    made_from: Ingredients, wards: pd.DataFrame, local: LocalCounts | None
) -> pd.DataFrame:
    children = made_from.children
    by_ward = children_to_areas(children, made_from.lookup).set_index("area_code")
    deprivation = ["lsoas", "children_0_15", "idaci_score", "idaci_status"]
    deprivation.append("lsoas_most_deprived_10")
    profile = wards[["area_code", "area_name", *deprivation]].copy()
    profile.insert(3, "children_0_17", profile["area_code"].map(by_ward["population"]))
    status = profile["area_code"].map(by_ward["status"]).fillna(_BARE)
    profile.insert(4, "children_0_17_status", status)
    profile.insert(5, "children_0_17_year", int(children["year"].iloc[0]))
    source = f"{wards['source'].iloc[0]}; {children['source'].iloc[0]}"
    if local is not None:
        profile["year"] = local.year
        for event, name in LOCAL_EVENTS.items():
            profile = _with_rates(profile, local.wards[event], name, local.repeats[event])
        profile["illustrative"] = made_from.illustrative
        source += "; local_records@" + ("illustrative" if made_from.illustrative else "own")
    profile["source"] = "; ".join(dict.fromkeys(source.split("; ")))
    return profile


def _with_rates(
    profile: pd.DataFrame, counts: pd.DataFrame, name: str, repeats: float
) -> pd.DataFrame:
    """Add an event's protected counts and the rates made from them."""
    base = profile[["area_code", "children_0_17", "children_0_17_status"]]
    joined = base.merge(counts[["area_code", "count", "status"]], on="area_code", how="left")
    joined["status"] = joined["status"].fillna(_BARE)
    joined["variance"] = joined["count"].astype(float) * repeats
    rated = crude_rates(
        joined,
        population="children_0_17",
        population_status="children_0_17_status",
        count_variance="variance" if repeats > 1 else None,
    )
    parts = {
        "count": name,
        "rate": f"{name}_rate",
        "lower": f"{name}_lower",
        "upper": f"{name}_upper",
        "method": f"{name}_method",
        "status": f"{name}_status",
    }
    return profile.merge(
        rated[["area_code", *parts]].rename(columns=parts), on="area_code", how="left"
    )
