"""The rows of a projection: expected numbers, limits, and what they rest on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._demand_limits import EXTRAPOLATED, OWN_SERIES, PAST_ERRORS, Record
from bolton_jsna.measures._intervals import level_suffix
from bolton_jsna.tables.schemas import text_dtype

LABEL: Final = "projection, not a forecast of need"
"""What every projected figure is labelled."""

_PER: Final = 10_000


@dataclass(frozen=True)
class Projected:
    """The projection of one area.

    Attributes
    ----------
    code, name, scenario : str
        The area and what happens to its rate.
    start, start_children : float
        The last count and its denominator.
    count, usual, children : ndarray of float, shape (horizons,)
        Expected numbers, those if the last rate goes on, and the children.
    limits, rate_limits : ndarray of float, shape (levels, 2, horizons)
        Limits of the numbers, and of the rates as events per child.
    levels : tuple of float
        The levels of the limits.
    facts : list of dict
        What the limits of each year rest on.
    past : ndarray of float, shape (horizons,)
        What the last rate would have given for the last year, from each horizon before.
    basis : str
        Which children these are, in words.
    source : str
        The sources of the rates, of the children and of the record.
    """

    code: str
    name: str
    scenario: str
    start: float
    start_children: float
    count: Floats
    usual: Floats
    children: Floats
    limits: Floats
    rate_limits: Floats
    levels: tuple[float, ...]
    facts: list[dict[str, Any]]
    past: Floats
    basis: str
    source: str = ""


@dataclass(frozen=True)
class NotProjected:
    """An area that cannot be projected, and why."""

    code: str
    name: str
    reason: str


def as_table(
    found: Sequence[Projected | NotProjected],
    *,
    indicator: str,
    last: int,
    horizon: int,
    record: Record | None,
) -> pd.DataFrame:
    """Return projections as one table, one row per area and year."""
    tests = _tests(record, indicator)
    rows: list[dict[str, Any]] = []
    for each in found:
        for ahead in range(1, horizon + 1):
            row: dict[str, Any] = {
                "area_code": each.code,
                "area_name": each.name,
                "indicator": indicator,
                "last_year": last,
                "year": last + ahead,
                "horizon": ahead,
            }
            if isinstance(each, Projected):
                row |= _row(each, ahead, last, tests)
            else:
                row |= {"status": "not_available", "reason": each.reason}
            rows.append(row)
    table = pd.DataFrame(rows)
    names = [name for name in _WHOLE if name in table.columns]
    table = table.astype(dict.fromkeys(names, "Int64"))
    texts = [name for name in table.columns if table[name].dtype == object]
    return table.astype(dict.fromkeys(texts, text_dtype()))


_WHOLE: Final = (
    *("last_year", "year", "horizon", "measured_years", "origins", "first_origin", "last_target"),
    *("errors", "tested_origins", "past_year"),
)


def _tests(record: Record | None, indicator: str) -> dict[int, tuple[float, int]]:
    """Return the share of intervals that held, and the origins, of each horizon tested."""
    if record is None or record.tests.empty:
        return {}
    rows = record.tests[record.tests["indicator"] == indicator]
    return {
        int(horizon): (float(share), int(origins))
        for horizon, share, origins in zip(
            rows["horizon"], rows["held_80"], rows["origins"], strict=True
        )
    }


def _row(
    each: Projected, ahead: int, last: int, tests: dict[int, tuple[float, int]]
) -> dict[str, Any]:
    """Return the figures of one area and year."""
    at = ahead - 1
    fact = each.facts[at]
    national = fact["interval_from"] == PAST_ERRORS
    held, origins = tests.get(ahead, (np.nan, 0)) if national else (np.nan, 0)
    limits: dict[str, Any] = {}
    for name, values, per in (("", each.limits, 1), ("rate_", each.rate_limits, _PER)):
        for place, level in enumerate(each.levels):
            for side, word in enumerate(("lower", "upper")):
                key = f"{name}{word}_{level_suffix(level)}"
                limits[key] = float(values[place, side, at]) * per
    return {
        "scenario": each.scenario,
        "count": float(each.count[at]),
        "rate": float(each.count[at] / each.children[at]) * _PER,
        "children": float(each.children[at]),
        **limits,
        **_change(each, at),
        "interval_from": fact["interval_from"],
        "interval_basis": _basis(each, fact, ahead),
        "measured_years": fact["measured"],
        "origins": fact["origins"],
        "first_origin": fact["first_origin"],
        "last_target": fact["last_target"],
        "errors": fact["errors"],
        "median_error": fact["median_error"],
        "p90_error": fact["p90_error"],
        "held_80": held,
        "tested_origins": origins,
        "past_year": pd.NA if np.isnan(each.past[at]) else last - ahead,
        "past_count": float(each.past[at]),
        "last_count": each.start,
        "children_basis": each.basis,
        "label": LABEL,
        "status": "modelled",
        "reason": "",
        "source": each.source,
    }


def _change(each: Projected, at: int) -> dict[str, float]:
    """Return the change from the last count: children, their ages, and the rate."""
    # Kitagawa 1955 (JASA 50: 1168-1194): each part at the mean of the other two years.
    before, after = each.start / each.start_children, each.count[at] / each.children[at]
    usual = each.usual[at] / each.children[at]
    # Without age bands both are one rate, worked out in two ways.
    usual = before if math.isclose(usual, before, rel_tol=1e-12) else usual
    middle = (each.start_children + each.children[at]) / 2
    return {
        "change": float(each.count[at] - each.start),
        "change_children": float((each.children[at] - each.start_children) * (before + after) / 2),
        "change_ages": float((usual - before) * middle),
        "change_rate": float((after - usual) * middle),
    }


def _basis(each: Projected, fact: dict[str, Any], ahead: int) -> str:
    """Return in words what the limits of a year rest on."""
    span = f"{fact['first_origin']} to {fact['last_target']}"
    if fact["interval_from"] == OWN_SERIES:
        text = (
            f"{fact['errors']} yearly changes of the area's own rate ({span}), because there is no "
            "record of past projections of this figure; the spread grows with the square root of "
            "the years"
        )
    else:
        measured = fact["measured"]
        years = f"{measured} year{'s' if measured > 1 else ''}"
        text = (
            f"{fact['errors']} past projections of authorities of similar size over "
            f"{years if fact['interval_from'] == EXTRAPOLATED else _ahead(ahead)}, from "
            f"{fact['origins']} years ({span})"
        )
        if fact["interval_from"] == EXTRAPOLATED:
            text += (
                f"; beyond {years} the spread grows with the square root of the years and has not "
                "been measured"
            )
    if each.scenario != "constant":
        text += (
            ". These are the limits of the last rate going on: this scenario has no record of its "
            "own"
        )
    return text


def _ahead(years: int) -> str:
    return f"{years} year{'s' if years > 1 else ''}"
