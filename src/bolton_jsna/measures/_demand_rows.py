"""The rows of a projection: expected numbers, limits, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.measures._arrays import Array, Floats
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
    ahead = np.arange(1, horizon + 1)
    parts = []
    for each in found:
        columns: dict[str, Any] = {
            "area_code": each.code,
            "area_name": each.name,
            "indicator": indicator,
            "last_year": last,
            "year": last + ahead,
            "horizon": ahead,
        }
        if isinstance(each, Projected):
            columns |= _columns(each, last, tests)
        else:
            columns |= {"status": "not_available", "reason": each.reason}
        parts.append(columns)
    names = max((list(each) for each in parts), key=len)
    return pd.DataFrame({name: _typed(name, _joined(parts, name, horizon)) for name in names})


def _typed(name: str, values: Array) -> Any:
    """Return a column as whole numbers, as text, or as it is."""
    # Each at once: to convert columns of a frame takes several times as long.
    if name in _WHOLE:
        return pd.array(values, dtype="Int64")
    return pd.Series(values, dtype=text_dtype()) if values.dtype.kind in "OU" else values


def _joined(parts: Sequence[Mapping[str, Any]], name: str, rows: int) -> Array:
    """Return a column of all areas; an area without it has no value."""
    columns = [np.asarray(each.get(name, np.nan)) for each in parts]
    # NumPy would make texts of numbers next to texts.
    if any(each.dtype.kind in "OU" for each in columns):
        columns = [each.astype(object) for each in columns]
    return np.concatenate([np.broadcast_to(each, rows) for each in columns])


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


def _columns(each: Projected, last: int, tests: Mapping[int, tuple[float, int]]) -> dict[str, Any]:
    """Return the figures of one area, each for all its years."""
    ahead = np.arange(1, len(each.count) + 1)
    tested = [
        tests.get(int(year), _UNTESTED) if fact["interval_from"] == PAST_ERRORS else _UNTESTED
        for year, fact in zip(ahead, each.facts, strict=True)
    ]
    limits: dict[str, Any] = {}
    for name, values, per in (("", each.limits, 1), ("rate_", each.rate_limits, _PER)):
        for place, level in enumerate(each.levels):
            for side, word in enumerate(("lower", "upper")):
                limits[f"{name}{word}_{level_suffix(level)}"] = values[place, side] * per
    return {
        "scenario": each.scenario,
        "count": each.count,
        "rate": each.count / each.children * _PER,
        "children": each.children,
        **limits,
        **_change(each),
        "interval_from": [fact["interval_from"] for fact in each.facts],
        "interval_basis": [
            _basis(each, fact, int(year)) for year, fact in zip(ahead, each.facts, strict=True)
        ],
        "measured_years": each.facts[0]["measured"],
        **{name: [fact[name] for fact in each.facts] for name in _FACTS},
        "held_80": [share for share, _ in tested],
        "tested_origins": [origins for _, origins in tested],
        "past_year": np.where(np.isnan(each.past), np.nan, last - ahead),
        "past_count": each.past,
        "last_count": each.start,
        "children_basis": each.basis,
        "label": LABEL,
        "status": "modelled",
        "reason": "",
    }


_UNTESTED: Final = (np.nan, 0)
_FACTS: Final = ("origins", "first_origin", "last_target", "errors", "median_error", "p90_error")


def _change(each: Projected) -> dict[str, Floats]:
    """Return the change from the last count: children, their ages, and the rate."""
    # Kitagawa 1955 (JASA 50: 1168-1194): each part at the mean of the other two years.
    before, after = each.start / each.start_children, each.count / each.children
    usual = each.usual / each.children
    middle = (each.start_children + each.children) / 2
    return {
        "change": each.count - each.start,
        "change_children": (each.children - each.start_children) * (before + after) / 2,
        # Rounding may leave a zero with a sign.
        "change_ages": np.round((usual - before) * middle, 9) + 0.0,
        "change_rate": (after - usual) * middle,
    }


def _basis(each: Projected, fact: dict[str, Any], ahead: int) -> str:
    """Return in words what the limits of a year rest on."""
    span = f"{fact['first_origin']} to {fact['last_target']}"
    if fact["interval_from"] == OWN_SERIES:
        text = (
            f"{fact['errors']} yearly changes of the area's own rate ({span}), because "
            f"{fact['why']}; the spread grows with the square root of the years"
        )
    else:
        measured = fact["measured"]
        years = f"{measured} year{'s' if measured > 1 else ''}"
        text = (
            f"{fact['errors']} past projections of authorities in the same third by number over "
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
