"""The tables that only a chapter needs, made from the tables of a build as they are published.

Each has all that one row of a printed table shows, so that every printed figure is found by the id
of one row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building._groups import is_merged
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.building.published import INDICATORS
from bolton_jsna.core.areas import ENGLAND
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.measures.event_dimensions import ALL
from bolton_jsna.measures.inequality import summarise_idaci

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.measures.events import Event

AGE_BANDS: Final = {"0-4": (0, 4), "5-9": (5, 9), "10-14": (10, 14), "15-17": (15, 17)}
ALL_AGES: Final = "0-17"
_SHARES: Final = (10, 20)
_AHEAD: Final = 10
_STEP: Final = 5
_COMPARED: Final = ("rate", "status")
_GROUPS: Final = {"age band": "age_band", "category": "category"}


def need_tables(
    made_from: Ingredients, made: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Return the tables behind the sections on need and services."""
    found = {
        "children_by_age_band": _children_by_age_band(made_from),
        "children_by_ward": _children_by_ward(made["ward_profile"], made_from),
        "deprivation_by_edition": _deprivation_by_edition(made_from),
        "rates_by_year": _rates_by_year(made["rates"], made_from),
    }
    if made_from.projections is not None:
        found["children_by_age"] = _children_by_age(made_from, made_from.projections)
    if "local_counts" in made:
        found["local_shares"] = _local_shares(made["local_counts"])
    return found


def pyramid_years(made_from: Ingredients, projections: pd.DataFrame) -> tuple[int, int]:
    """Return the projected year of the newest estimate, and ten years later if there is one."""
    estimate, years = made_from.latest_estimate, projections["year"]
    now = max(int(years.min()), estimate[0] if estimate else 0)
    return now, min(now + _AHEAD, int(years.max()))


def _children_by_age_band(made_from: Ingredients) -> pd.DataFrame:
    """Return the newest estimate, and the projection of some years with its change from its base.

    The base is the first year of the projection: its level may be overtaken by later estimates, so
    what it has to say is the change. ``percent_from_projection`` is how far the estimate is above
    the projection of the same year.
    """
    import pandas as pd

    rows = list(_estimate(made_from))
    if made_from.projections is not None:
        rows += _projected(made_from, made_from.projections)
    columns = [
        *("area_code", "area_name", "kind", "year", "age_band", "children", "base_year"),
        *("base_children", "change_percent", "percent_from_projection", "status", "source"),
    ]
    whole = dict.fromkeys(("year", "base_year"), "Int64")
    of_floats = ("children", "base_children", "change_percent", "percent_from_projection")
    kinds = {**whole, **dict.fromkeys(of_floats, "float64")}
    return pd.DataFrame(rows, columns=columns).astype(kinds)


def _estimate(made_from: Ingredients) -> Iterator[dict[str, Any]]:
    latest, place = made_from.latest_estimate, made_from.place
    if latest is None:
        return
    figures = made_from.children_in_need
    own = figures[figures["population"].notna() & (figures["area_code"] == place.code)]
    sources = own.loc[own["year"] == own["year"].max(), "source"].iloc[0].split("; ")
    people = [each for each in sources if each.startswith("population_estimates")]
    same = float("nan")
    if made_from.projections is not None:
        same = _people(_persons(made_from.projections), latest[0], 0, 17)
    yield {
        **_named(made_from),
        "kind": "estimate",
        "year": latest[0],
        "age_band": ALL_AGES,
        "children": float(latest[1]),
        "percent_from_projection": (latest[1] / same - 1) * 100 if same > 0 else float("nan"),
        "status": "value",
        "source": "; ".join(people or sources),
    }


def _named(made_from: Ingredients) -> dict[str, Any]:
    return {"area_code": made_from.place.code, "area_name": made_from.place.name}


def _persons(projections: pd.DataFrame) -> pd.DataFrame:
    """Return projected children of both sexes together by year and age."""
    import pandas as pd

    persons = projections[projections["sex"] == "persons"]
    return pd.DataFrame(persons if len(persons) else projections)


def _projected(made_from: Ingredients, projections: pd.DataFrame) -> Iterator[dict[str, Any]]:
    persons = _persons(projections)
    base, last = int(persons["year"].min()), int(persons["year"].max())
    latest = made_from.latest_estimate
    now = latest[0] if latest else base
    first = -(-(now + _STEP) // _STEP) * _STEP
    years = [each for each in (base, now, first, first + _STEP) if base <= each <= last]
    about = {**_named(made_from), "kind": "projection", "base_year": base}
    about["source"] = persons["source"].iloc[0]
    for year in dict.fromkeys(years):
        for band, (low, high) in {**AGE_BANDS, ALL_AGES: (0, 17)}.items():
            number, before = (_people(persons, each, low, high) for each in (year, base))
            change = (number / before - 1) * 100 if before > 0 else float("nan")
            yield {
                **about,
                "year": year,
                "age_band": band,
                "children": number,
                "base_children": before,
                "change_percent": change,
                "status": "not_available" if math.isnan(number) else "value",
            }


def _people(persons: pd.DataFrame, year: int, low: int, high: int) -> float:
    """Return the children of some ages in a year; a sum with a missing age is missing."""
    rows = persons[(persons["year"] == year) & persons["age"].between(low, high)]
    if set(rows["age"]) != set(range(low, high + 1)):
        return float("nan")
    return float(rows["population"].sum(skipna=False))


def _children_by_age(made_from: Ingredients, projections: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of the pyramid: projected children by age, and those years later."""
    import pandas as pd

    now, later = pyramid_years(made_from, projections)
    persons = _persons(projections)
    first, second = (
        persons[persons["year"] == year].groupby("age")["population"].sum(min_count=1)
        for year in (now, later)
    )
    found = pd.DataFrame({"children": first, "later_children": second}).rename_axis("age")
    found = found.reset_index().assign(
        **_named(made_from),
        base_year=int(persons["base_year"].iloc[0]),
        year=now,
        later_year=later,
        source=persons["source"].iloc[0],
    )
    columns = ["area_code", "area_name", "base_year", "age", "year", "children"]
    return found[[*columns, "later_year", "later_children", "source"]]


def _children_by_ward(wards: pd.DataFrame, made_from: Ingredients) -> pd.DataFrame:
    """Return the children of each ward and their deprivation, which is a percentage here."""
    kept = ["area_code", "area_name", "children_0_17", "children_0_17_status"]
    kept += ["children_0_17_year", "lsoas", "lsoas_most_deprived_10", "idaci_status"]
    found = wards[kept].assign(
        percent_deprived=wards["idaci_score"] * 100,
        edition=int(made_from.idaci["edition"].iloc[0]),
        source=[_without_local(each) for each in wards["source"]],
    )
    # A ward without LSOAs has none in the most deprived tenth either.
    order = ["percent_deprived", "area_name"]
    return found.sort_values(order, ascending=[False, True], ignore_index=True)


def _without_local(source: str) -> str:
    return "; ".join(each for each in source.split("; ") if not each.startswith("local_records"))


def _deprivation_by_edition(made_from: Ingredients) -> pd.DataFrame:
    """Return how many LSOAs and children are in England's most deprived shares, by edition."""
    import pandas as pd

    rows = []
    for edition, idaci in made_from.idaci_editions.items():
        # LSOAs without a rank are in no share, and are not counted among all.
        ranked = idaci[idaci["idaci_rank"].notna()]
        children = float(ranked["children_0_15"].astype("float64").sum(skipna=False))
        for row in summarise_idaci(ranked, shares=_SHARES).to_dict(orient="records"):
            inside = float("nan") if pd.isna(row["children"]) else float(row["children"])
            known = len(ranked) > 0
            rows.append(
                {
                    **_named(made_from),
                    "edition": edition,
                    "share": int(row["share"]),
                    "lsoas_in_share": row["lsoas"],
                    "lsoas": len(ranked),
                    "lsoas_without_rank": len(idaci) - len(ranked),
                    "percent_lsoas": 100 * row["lsoas"] / len(ranked) if known else float("nan"),
                    "children_in_share": inside,
                    "children_0_15": children,
                    "percent_children": 100 * inside / children if children > 0 else float("nan"),
                    "status": "value" if known else "not_available",
                    "children_status": "value" if children > 0 else "not_available",
                    "source": idaci["source"].iloc[0],
                }
            )
    whole = ("children_in_share", "children_0_15")
    return pd.DataFrame(rows).astype(dict.fromkeys(whole, "Int64"))


def _rates_by_year(rates: pd.DataFrame, made_from: Ingredients) -> pd.DataFrame:
    """Return the rates of the area in each year, with those of England and its region."""
    place = made_from.place
    kept = ["indicator", "area_code", "area_name", "year", "count", "rate", "lower", "upper"]
    chapter = rates[rates["indicator"].isin(INDICATORS)]
    found = chapter.loc[chapter["area_code"] == place.code, [*kept, "method", "status", "source"]]
    for name, code in (("england", ENGLAND), ("region", place.region_code)):
        other = chapter.loc[chapter["area_code"] == code, ["indicator", "year", *_COMPARED]]
        columns = dict(zip(_COMPARED, (f"{name}_rate", f"{name}_status"), strict=True))
        found = found.merge(
            other.rename(columns=columns),
            on=["indicator", "year"],
            how="left",
            validate="one_to_one",
        )
        found[f"{name}_status"] = found[f"{name}_status"].fillna("not_available")
    names = chapter.loc[chapter["area_code"] == place.region_code, "area_name"]
    found["region_name"] = names.iloc[0] if len(names) else ""
    return found.sort_values(["indicator", "year"], ignore_index=True)


def _local_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Return local counts by group of the latest year, with the share of each where all are known.

    The counts are protected already, and so are the shares made from them.
    """
    import pandas as pd

    rows = counts[counts["by"].isin(_GROUPS)]
    rows = rows[rows["year"] == rows.groupby(["event", "by"])["year"].transform("max")]
    parts = rows[rows["group"] != ALL]
    of = ["event", "by", "year"]
    totals = rows[rows["group"] == ALL].set_index(of)[["count", "status"]]
    totals.columns = pd.Index(["total", "total_status"])
    # As in the chart: without one part the others have no share.
    sums = parts.groupby(of)["count"].agg(lambda each: each.astype("float64").sum(skipna=False))
    found = parts.join(totals, on=of).join(sums.astype("float64").rename("_sum"), on=of)
    known = found["status"].isin(NUMERIC) & (found["_sum"] > 0)
    share = 100 * found["count"].astype("float64") / found["_sum"]
    found["percent"] = share.where(known)
    found["percent_status"] = known.map({True: "value", False: "not_available"})
    found["merged"] = [
        is_merged(_event(row.event), _GROUPS[row.by], str(row.group)) for row in found.itertuples()
    ]
    columns = ["event", "by", "group", "group_name", "year", "count", "status", "percent"]
    columns += ["percent_status", "merged", "total", "total_status", "as_of", "illustrative"]
    return found[[*columns, "source"]].reset_index(drop=True)


def _event(name: Any) -> Event:
    event: Event = name
    return event
