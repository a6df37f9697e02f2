"""What the chart of a projection is made of: past years, years ahead, and what was said before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.charts import _frames, _words
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError, some
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.core.table_checks import check_columns, check_table
from bolton_jsna.drawing.attribution import attributions
from bolton_jsna.measures._demand_rows import LABEL
from bolton_jsna.measures._frame_columns import numbers as as_floats
from bolton_jsna.measures._frame_columns import whole_years
from bolton_jsna.measures.backtest import DemandBacktest

MARKED: Final = LABEL[:1].upper() + LABEL[1:]
"""What every projected figure is, at the beginning of a line."""

_TEXTS: Final = ("area_name", "indicator", "scenario", "status", "children_basis")
_RECORD: Final = ("interval_from", "interval_basis")
_YEARS: Final = ("year", "last_year", "horizon")
_FIGURES: Final = ("past_count", "last_count")
_MEASURED: Final = (
    "past_year",
    "measured_years",
    "errors",
    "median_error",
    "p90_error",
    "held_80",
    "tested_origins",
)
_SHOWN: Final = (1, 3, 5)
"""How many years before the last one past projections are drawn from."""


_ENDS: Final = ("lower_", "upper_")


@dataclass(frozen=True)
class Drawn:
    """The years ahead, past years, what the method said before, levels and the measure."""

    ahead: list[dict[str, Any]]
    past: list[dict[str, Any]]
    said: list[dict[str, Any]]
    levels: list[str]
    measure: str

    def limits(self, row: dict[str, Any], level: str) -> tuple[float, float]:
        """Return the ends of an interval of the years ahead."""
        prefix = "" if self.measure == "count" else "rate_"
        return float(row[f"{prefix}lower_{level}"]), float(row[f"{prefix}upper_{level}"])

    def text(self, value: float) -> str:
        """Return a figure as text."""
        return _words.number(value, 0 if self.measure == "count" else 1)

    def between(self, row: dict[str, Any], level: str) -> str:
        """Return an interval as text."""
        low, high = self.limits(row, level)
        return f"{level.replace('_', '.')}% interval {self.text(low)} to {self.text(high)}"


def rows_of(projection: pd.DataFrame, measure: str, subject: str | None) -> list[dict[str, Any]]:
    """Return the projected years of one area, in order."""
    check_table(projection, "The projection")
    check_columns(
        projection,
        [*_TEXTS, *_RECORD, *_YEARS, *_FIGURES, *_MEASURED, measure],
        "The projection",
        advice="Give what project_demand returned.",
    )
    if projection.empty:
        raise SchemaError("The projection has no rows. Give what project_demand returned.")
    mine = _frames.subject_of(projection, "area_name", subject)
    rows = projection[projection["area_name"].astype(str) == mine]
    if (rows["status"] == "not_available").any():
        raise MissingDataError(
            f"{mine} cannot be projected: {rows['reason'].iloc[0]}. Choose another area with "
            "subject=."
        )
    if rows["year"].duplicated().any() or len(set(rows["indicator"])) > 1:
        raise SchemaError(
            f"The projection of {mine} has several rows for a year "
            f"(indicators {some(rows['indicator'].unique())}, scenarios "
            f"{some(rows['scenario'].unique())}). Give those of one indicator and scenario."
        )
    ends = [name for name in map(str, rows.columns) if name.removeprefix("rate_").startswith(_ENDS)]
    for name in _MEASURED:
        as_floats(rows, name, least=None)
    made = {name: as_floats(rows, name, least=None) for name in [measure, *_FIGURES, *ends]}
    whole = {name: whole_years(rows, name) for name in _YEARS}
    for name in (measure, *ends):
        if np.isnan(made[name]).any():
            raise SchemaError(
                f"The projection of {mine} has years without a number in {name!r}. Give what "
                "project_demand returned, with all of its numbers."
            )
    found: list[dict[str, Any]] = (
        rows.assign(**made, **whole).sort_values("year").to_dict(orient="records")
    )
    return found


def levels_of(projection: pd.DataFrame, measure: str) -> list[str]:
    """Return the levels of the intervals as in the names of columns, the widest first."""
    prefix = "" if measure == "count" else "rate_"
    found = [re.fullmatch(rf"{prefix}lower_(\d+(?:_\d+)?)", str(name)) for name in projection]
    levels = [match[1] for match in found if match]
    if not levels:
        raise SchemaError(
            f"The projection has no intervals ({prefix}lower_80 and the like), and a projection is "
            "not drawn without. Give what project_demand returned."
        )
    return sorted(levels, key=lambda each: -float(each.replace("_", ".")))


def past_rows(
    rates: pd.DataFrame | None, first: dict[str, Any], measure: str
) -> list[dict[str, Any]]:
    """Return the past figures of the area, or its last count only."""
    last = int(first["last_year"])
    if rates is None:
        if measure == "rate" or "last_count" not in first:
            return []
        return [{"year": last, measure: float(first["last_count"]), "status": "value"}]
    check_table(rates, "rates")
    rows = rates
    if "indicator" in rates.columns:
        rows = rows[rows["indicator"] == first["indicator"]]
    check_columns(rows, ["area_name", "year"], "rates")
    rows = rows[rows["area_name"].astype(str) == first["area_name"]]
    if rows.empty:
        raise MissingDataError(
            f"rates has no {first['indicator']!r} of {first['area_name']}. Give the rates that "
            "were projected."
        )
    table = _frames.read(
        rows, ["area_name"], [measure], chart="a projection", optional=["lower", "upper"]
    )
    table["year"] = whole_years(table, "year")
    _frames.one_row_each(table, "area_name", "year")
    kept = ["year", measure, "status"]
    if measure == "rate" and {"lower", "upper"} <= set(table.columns):
        kept += ["lower", "upper"]
    table = table[table["year"] <= last].sort_values("year")
    found: list[dict[str, Any]] = table[kept].to_dict(orient="records")
    return found


def said_before(
    rows: list[dict[str, Any]],
    record: DemandBacktest | pd.DataFrame | None,
    measure: str,
    ahead: int,
) -> list[dict[str, Any]]:
    """Return what the method would have said for past years: year, from which year, number."""
    if record is None:
        if measure == "rate":
            return []
        return [
            {
                "year": int(row["last_year"]),
                "origin": int(row["past_year"]),
                "said": float(row["past_count"]),
            }
            for row in rows
            if row["horizon"] in _SHOWN
            and pd.notna(row["past_count"])
            and pd.notna(row["past_year"])
        ]
    if measure == "rate":
        raise UsageError(
            "record= holds numbers, and measure='rate' draws rates. Leave one of them out."
        )
    misses = record.misses if isinstance(record, DemandBacktest) else record
    check_table(misses, "record")
    check_columns(misses, ["origin", "horizon", "year", "expected"], "record")
    own = misses[misses["horizon"] == ahead]
    if "area_name" in own.columns:
        own = own[own["area_name"].astype(str) == rows[0]["area_name"]]
    if own.empty:
        raise UsageError(
            f"record has no projections of {rows[0]['area_name']} from ahead={ahead} years before. "
            f"It has {some(sorted(misses['horizon'].unique()), most=12)}."
        )
    return [
        {"year": int(row["year"]), "origin": int(row["origin"]), "said": float(row["expected"])}
        for row in own.sort_values("year").to_dict(orient="records")
    ]


def table_of(drawn: Drawn) -> pd.DataFrame:
    """Return every figure of the chart: past years, years ahead, and what was said before."""
    rows = [{"year": int(row["year"]), "kind": "Past", **row} for row in drawn.past]
    for row in drawn.ahead:
        own = {"year": int(row["year"]), "kind": MARKED, drawn.measure: float(row[drawn.measure])}
        for level in drawn.levels:
            low, high = drawn.limits(row, level)
            own |= {f"lower_{level}": low, f"upper_{level}": high}
        rows.append({**own, "status": row["status"]})
    rows += [
        {
            "year": row["year"],
            "kind": f"As said from {row['origin']}",
            drawn.measure: row["said"],
            "status": "modelled",
        }
        for row in drawn.said
    ]
    for row in rows:
        # Limits that a row does not have cannot exist, unless the figure itself is hidden.
        hidden = "lower" in row and row["status"] not in NUMERIC
        state = row["status"] if hidden else "not_applicable"
        row |= {"lower_status": state, "upper_status": state}
    return pd.DataFrame(rows)


def headings_of(label: str, levels: Sequence[str]) -> list[tuple[str, str]]:
    """Return the columns of the table of a projection with their headings."""
    found = [("year", "Year"), ("kind", "What it is"), ("count", label), ("rate", label)]
    found += [("lower", "Lower limit"), ("upper", "Upper limit")]
    for level in levels[::-1]:
        text = level.replace("_", ".")
        found += [(f"lower_{level}", f"{text}% lower"), (f"upper_{level}", f"{text}% upper")]
    return [*found, ("status", "State")]


def sources_of(projection: pd.DataFrame, rates: pd.DataFrame | None, mine: str) -> list[str]:
    """Return the attributions of the area's projection and past figures."""
    own = projection[projection["area_name"].astype(str) == mine]
    past = None
    if rates is not None and "area_name" in rates.columns:
        past = rates[rates["area_name"].astype(str) == mine]
        if "indicator" in past.columns:
            past = past[past["indicator"].isin(own["indicator"])]
    return attributions(own, past)
