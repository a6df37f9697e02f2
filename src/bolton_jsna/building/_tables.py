"""The tables of a build: frames in, frames out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from bolton_jsna.building._local_counts import LOCAL_EVENTS
from bolton_jsna.building._protected_counts import ProtectedCounts
from bolton_jsna.building._successive_releases import by
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.building.published import INDICATORS, Published
from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.core.areas import ENGLAND
from bolton_jsna.geography import children_to_areas, to_areas
from bolton_jsna.measures.benchmark import compare_with_benchmark
from bolton_jsna.measures.comparison import NeighbourComparison, neighbour_comparison
from bolton_jsna.measures.panel import Profile, indicator_panel
from bolton_jsna.measures.rates import crude_rates

if TYPE_CHECKING:
    import pandas as pd

NEIGHBOURS: Final = ("rank", "neighbour_code", "neighbour_name", "area_code", "model", "source")
_BARE: Final = "not_applicable"
"""The state of every figure of a ward without LSOAs."""


def comparisons(made_from: Published) -> list[NeighbourComparison]:
    """Compare the area with its neighbours: each indicator and model, the latest year."""
    import pandas as pd

    figures = made_from.children_in_need
    own = figures[figures["area_code"] == made_from.place.code]
    # Without a list of neighbours the area is still compared with England.
    lists = list(made_from.neighbours.values()) or [pd.DataFrame(columns=NEIGHBOURS)]
    found = []
    for indicator in INDICATORS:
        years = own.loc[own["indicator"] == indicator, "year"]
        found += [
            neighbour_comparison(
                figures, near, place=made_from.place, indicator=indicator, year=int(years.max())
            )
            for near in lists
            if len(years)
        ]
    return found


def profile_of(made_from: Published) -> Profile:
    """Return the indicators of the area with comparators, trends and verdicts."""
    near = next(iter(made_from.neighbours.values()), None)
    return indicator_panel(made_from.indicators, near, dictionary(), place=made_from.place)


def among_authorities(made_from: Published) -> pd.DataFrame:
    """Return for each indicator whether the area is unusual among all authorities of England."""
    import pandas as pd

    figures = made_from.children_in_need
    rows = pd.concat(
        [made_from.authorities, figures[figures["area_code"] == ENGLAND]], ignore_index=True
    )
    found = compare_with_benchmark(rows, ENGLAND, confidence=0.95)
    own = found[found["area_code"] == made_from.place.code].set_index("indicator")
    return own[[name for name in own.columns if name.startswith("unusual")]].drop(
        columns="unusual_z"
    )


def make_tables(
    made_from: Ingredients, local: ProtectedCounts, compared: list[NeighbourComparison]
) -> dict[str, pd.DataFrame]:
    """Return the tidy tables of a build by name."""
    rates = crude_rates(made_from.children_in_need)
    order = ["area_code", "indicator", "year"]
    wards = _ward_idaci(made_from)
    names = dict(zip(made_from.lookup["to_code"], made_from.lookup["to_name"], strict=True))
    own = {}
    if local.events:
        own["local_counts"] = local_table(local, names, illustrative=made_from.illustrative)
    return {
        **({} if made_from.projections is None else {"projections": made_from.projections}),
        "idaci_lsoa": made_from.idaci,
        "idaci_ward": wards,
        "children_in_need": made_from.children_in_need.sort_values(order, ignore_index=True),
        "rates": rates.sort_values(order, ignore_index=True),
        **neighbour_tables(made_from, compared),
        "ward_profile": _ward_profile(made_from, wards, local),
        **own,
    }


def neighbour_tables(
    made_from: Published, compared: list[NeighbourComparison]
) -> dict[str, pd.DataFrame]:
    """Return the figures of the area and its neighbours, and a row for each comparison."""
    import pandas as pd

    return {
        "neighbour_comparison": pd.concat(
            [each.table.assign(model=each.summary["model"]) for each in compared],
            ignore_index=True,
        ),
        "neighbour_summary": pd.DataFrame(
            [{**each.summary, "releases": "; ".join(each.summary["releases"])} for each in compared]
        ).join(among_authorities(made_from), on="indicator"),
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
    """Add the wards without LSOAs, so that a map shows them."""
    if made_from.wards is None:
        return wards
    names = made_from.wards.set_index("area_code")["area_name"]
    if set(names.index) <= set(wards["area_code"]):
        return wards
    every = wards.set_index("area_code").reindex(names.index.sort_values())
    every["area_name"] = every["area_name"].fillna(names)
    every["idaci_status"] = every["idaci_status"].fillna(_BARE)
    every[["lsoas", "lsoas_used"]] = every[["lsoas", "lsoas_used"]].fillna(0)
    return every.rename_axis("area_code").reset_index().astype(wards.dtypes)


def _ward_profile(
    made_from: Ingredients, wards: pd.DataFrame, local: ProtectedCounts
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
    if local.events:
        profile["year"] = local.year
        for event, name in LOCAL_EVENTS.items():
            counts = local.wards(event) if event in local.events else None
            if counts is None or counts.empty:
                counts = _not_known(profile["area_code"])
            profile = _with_rates(profile, counts, name, local.repeats[event])
        profile["illustrative"] = made_from.illustrative
        source += "; local_records@" + ("illustrative" if made_from.illustrative else "own")
    profile["source"] = "; ".join(dict.fromkeys(source.split("; ")))
    return profile


def _not_known(areas: pd.Series) -> pd.DataFrame:
    """Return counts of events that the authority's file does not have: they are not known."""
    import pandas as pd

    return pd.DataFrame(
        {
            "area_code": areas,
            "count": pd.array([None] * len(areas), dtype="Int64"),
            "status": "not_available",
        }
    )


def _with_rates(
    profile: pd.DataFrame, counts: pd.DataFrame, name: str, repeats: float | None
) -> pd.DataFrame:
    """Add an event's protected counts and the rates made from them."""
    import pandas as pd

    base = profile[["area_code", "children_0_17", "children_0_17_status"]]
    joined = base.merge(counts[["area_code", "count", "status"]], on="area_code", how="left")
    joined["status"] = joined["status"].fillna(_BARE)
    if repeats is None:
        joined = joined.assign(persons=pd.NA, persons_status="not_available")
    else:
        joined["variance"] = joined["count"].astype(float) * repeats
    rated = crude_rates(
        joined,
        population="children_0_17",
        population_status="children_0_17_status",
        count_variance="variance" if repeats is not None and repeats > 1 else None,
    )
    parts = {part: f"{name}_{part}" for part in ("rate", "lower", "upper", "method", "status")}
    parts = {"count": name, **parts}
    return profile.merge(
        rated[["area_code", *parts]].rename(columns=parts), on="area_code", how="left"
    )


def local_table(
    local: ProtectedCounts, names: Mapping[str, str], *, illustrative: bool
) -> pd.DataFrame:
    """Return all local counts as one long table, as they are written."""
    import pandas as pd

    frames = [
        table.assign(event=event, by=by(str(table.columns[0])), group=table.iloc[:, 0])
        for event, tables in local.tables.items()
        for table in tables.values()
    ]
    every = pd.concat([each.astype({"group": object}) for each in frames], ignore_index=True)
    every["group_name"] = every["group"].map(lambda each: names.get(each, each))
    columns = ["event", "by", "group", "group_name", "year", "count", "status", "as_of"]
    types = {"year": "int64", "count": "Int64", "status": object, "as_of": "string"}
    return (
        every.reindex(columns=columns)
        .astype(types)
        .assign(
            illustrative=illustrative,
            source="local_records@" + ("illustrative" if illustrative else "own"),
        )
    )
