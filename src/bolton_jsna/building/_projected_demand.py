"""Expected numbers of the years ahead: the table of a build, and the figures of its summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.commands import without_workspace
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError
from bolton_jsna.core.wording import INDICATORS
from bolton_jsna.loaders import load_indicators

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building.published import Published
    from bolton_jsna.core.areas import Area

LOOKED_AFTER: Final = "cla_at_31_march"
PROJECTED: Final = (*INDICATORS, LOOKED_AFTER)
"""The indicators that a build projects."""

AHEAD: Final = 10
"""How many years the table of a build looks ahead."""

SHOWN: Final = 5
"""How many years the summary looks ahead."""

_TEXTS: Final = (
    *("area_code", "area_name", "indicator", "scenario", "interval_from", "interval_basis"),
    *("children_basis", "label", "status", "reason", "source", "left_out"),
)
_WHOLE: Final = (
    *("last_year", "year", "horizon", "measured_years", "origins", "first_origin", "last_target"),
    *("errors", "tested_origins", "past_year"),
)
COLUMNS: Final = (
    *("area_code", "area_name", "indicator", "last_year", "year", "horizon", "scenario"),
    *("count", "rate", "children", "lower_50", "upper_50", "lower_80", "upper_80"),
    *("lower_95", "upper_95", "rate_lower_50", "rate_upper_50", "rate_lower_80", "rate_upper_80"),
    *("rate_lower_95", "rate_upper_95", "change", "change_children", "change_ages", "change_rate"),
    *("interval_from", "interval_basis", "measured_years", "origins", "first_origin"),
    *("last_target", "errors", "median_error", "p90_error", "held_80", "tested_origins"),
    *("past_year", "past_count", "last_count", "children_basis", "label", "status", "reason"),
    *("source", "left_out"),
)
"""The columns of the table, those of a projection, also if no indicator can be projected."""


def looked_after(
    place: Area, every: pd.DataFrame, workspace: Path | str | None
) -> tuple[pd.DataFrame | None, str]:
    """Return the rates of children looked after out of all figures, or None and why not."""
    rows = every[every["indicator"] == LOOKED_AFTER].reset_index(drop=True)
    if place.code in set(rows["area_code"]):
        return rows, ""
    try:
        load_indicators(place, indicators=LOOKED_AFTER, breakdown="total", workspace=workspace)
    except MissingDataError as error:
        return None, error.message
    return None, f"There are no figures of {LOOKED_AFTER} of {place.name}."


def projected_demand(made_from: Published, folder: Path) -> pd.DataFrame:
    """Return the expected numbers of each indicator; one without them has one row, and why."""
    import pandas as pd

    from bolton_jsna.tables.schemas import text_dtype

    projections = made_from.projections
    children = None if projections is None else _all_ages(projections)
    parts = [_projected(made_from, each, children, folder) for each in PROJECTED]
    kinds = dict.fromkeys(COLUMNS, "float64")
    kinds |= dict.fromkeys(_WHOLE, "Int64") | dict.fromkeys(_TEXTS, text_dtype())
    every = pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)
    return every.astype(kinds)


def _all_ages(projections: pd.DataFrame) -> pd.DataFrame:
    """Return projected persons by year, with the ages 0 to 17 added up once for all."""
    persons = projections[projections["sex"] == "persons"]
    by = ["area_code", "area_name", "base_year", "sex", "year", "source"]
    return persons.groupby(by, sort=False, as_index=False)["population"].sum().assign(ages="0-17")


def _projected(
    made_from: Published, indicator: str, children: pd.DataFrame | None, folder: Path
) -> pd.DataFrame:
    """Return the projection of an indicator, or one row with the reason for none."""
    import pandas as pd

    from bolton_jsna.questions.projections import demand_from

    place, rates, reason = made_from.place, *made_from.rates_of(indicator)
    if children is None:
        reason = "there is no projection of children aged 0-17"
    elif rates is not None:
        try:
            found = demand_from(
                rates,
                children,
                place.code,
                indicator=indicator,
                horizon=AHEAD,
                workspace=folder,
            )
            return pd.DataFrame(found)
        except (MissingDataError, SchemaError, UsageError) as error:
            # The chapter has much else, so one series that cannot be carried on stops no build.
            reason = error.message if isinstance(error, MissingDataError) else str(error)
            reason = reason.removeprefix(f"No projection of {indicator}: ")
    row = {
        "area_code": place.code,
        "area_name": place.name,
        "indicator": indicator,
        "status": "not_available",
        # The table has this text, and others read it: so without the folder.
        "reason": without_workspace(reason, folder),
    }
    return pd.DataFrame([row])


def summary_figures(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what the summary has of each indicator: five years ahead, and the record of that."""
    found = []
    for indicator, rows in table.groupby("indicator", sort=False):
        listed = {row["horizon"]: row for row in rows.to_dict(orient="records")}
        if SHOWN not in listed:
            (row,) = listed.values()
            found.append({"indicator": indicator, **{k: row[k] for k in ("status", "reason")}})
            continue
        row = listed[SHOWN]
        # Beyond the record there is no miss of so many years: that of the longest measured one.
        measured = min(SHOWN, int(row["measured_years"]))
        miss = listed[measured]["median_error"] if measured else None
        past = None if row["past_count"] != row["past_count"] else row
        found.append(
            {
                "indicator": indicator,
                "status": row["status"],
                "reason": row["reason"],
                "last_year": int(row["last_year"]),
                "year": int(row["year"]),
                "expected": round(row["count"]),
                "lower": round(row["lower_80"]),
                "upper": round(row["upper_80"]),
                "interval_from": row["interval_from"],
                "measured_years": measured,
                "median_error": None if miss is None else round(miss, 1),
                "tested": row["held_80"] == row["held_80"],
                "past_year": None if past is None else int(past["past_year"]),
                "past_count": None if past is None else round(past["past_count"]),
                "last_count": round(row["last_count"]),
                **_far_ahead(listed.get(AHEAD)),
                "left_out": row["left_out"],
            }
        )
    return found


def _far_ahead(row: dict[str, Any] | None) -> dict[str, int]:
    """Return the number of the last year of the table with its interval."""
    if row is None:
        return {}
    return {
        "end_year": int(row["year"]),
        "end_expected": round(row["count"]),
        "end_lower": round(row["lower_80"]),
        "end_upper": round(row["upper_80"]),
    }
