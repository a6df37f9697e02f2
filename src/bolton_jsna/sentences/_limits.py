"""The limits of rows: made where there are none, and checked to be of the level that is written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import special

from bolton_jsna.catalogue.indicators import PER
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.measures.panel import belong_together
from bolton_jsna.measures.rates import crude_rates
from bolton_jsna.sentences._numbers import number, text_of
from bolton_jsna.sentences._subjects import Subject, subject

_PLAIN: Final = ("Byar", "Exact Poisson")
"""Methods whose limits follow from the count alone."""

_PERS: Final = (1.0, 100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0)
"""How many people rates are for."""

_NEAR: Final = 1e-4
"""How far apart, relative to each other, figures are that were made twice."""


@dataclass(frozen=True)
class Asked:
    """The options of a call."""

    events: str
    per: float | None
    confidence: float

    @property
    def ends(self) -> str:
        """The ending of limits and verdicts where a table has several levels."""
        return "_" + f"{self.confidence * 100:.10g}".replace(".", "_")

    def subject(self, row: Mapping[str, Any], per: float | None = None) -> Subject:
        """Return what the figure of a row is of."""
        part = text_of(row.get("breakdown"))
        if not self.events and not text_of(row.get("indicator")):
            raise UsageError(
                "The rows have no column 'indicator', so they do not show what was counted. Write "
                "it with events=, such as describe(rows, events='referrals')."
            )
        return subject(
            text_of(row.get("indicator")),
            unit=text_of(row.get("unit")),
            per=None if text_of(row.get("unit")) else per or self.per,
            events=self.events,
            part="" if part == "total" else part,
        )


def with_limits(frame: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Return a table of figures with limits: its own, or those made from its counts."""
    names = set(map(str, frame.columns))
    if {"lower", "upper"} <= names or f"lower{asked.ends}" in names:
        return frame
    if levels := sorted(each for each in names if each.startswith("lower_")):
        raise UsageError(
            f"confidence={asked.confidence!r}: result has no limits at this level. It has "
            f"{some(levels)}. Give the level of the table."
        )
    if "rate" in names:
        return frame.assign(lower=math.nan, upper=math.nan)
    if "value" not in names:
        per = None if "unit" in names else asked.per
        return crude_rates(frame, confidence=asked.confidence, per=per)
    return _of_indicators(frame, asked)


def _of_indicators(frame: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Return the table of indicators with the limits of its figures."""
    able = frame[_able(frame)]
    limits = pd.DataFrame(dict.fromkeys(("lower", "upper"), math.nan), index=frame.index)
    limits["method"] = ""
    if len(able):
        made = crude_rates(able, confidence=asked.confidence)
        # Limits of another figure than the published one are not its limits.
        same = (made["rate"] - able["value"]).abs() <= 1e-6 * able["value"].abs()
        kept = made.loc[same, ["lower", "upper", "method"]]
        limits.loc[kept.index] = kept.astype(limits.dtypes.to_dict())
    return frame.assign(**{name: limits[name] for name in limits})


def _able(frame: pd.DataFrame) -> pd.Series:
    """Return which rows of the table of indicators have a count and a denominator."""
    known = frame["unit"].isin(list(PER)) & frame["status"].isin(NUMERIC)
    known &= frame["count"].notna() & frame["count_status"].isin(NUMERIC)
    together = {}
    for name in frame["indicator"].unique():
        entry = subject(str(name)).entry
        together[name] = entry is not None and belong_together(entry.denominator)
    known &= (frame["population"] > 0).fillna(False)
    parts = frame["unit"].ne("per cent") | (frame["count"] <= frame["population"]).fillna(False)
    return (known & parts & ~frame["indicator"].map(together)).astype(bool)


def pers(frame: pd.DataFrame, asked: Asked, value: str) -> list[float | None]:
    """Return how many people the rate of each row is for; rates show it where there are events."""
    if not {"count", "population"} <= set(frame.columns):
        return [asked.per] * len(frame)
    events = pd.to_numeric(frame["count"], errors="coerce").astype(float)
    found = (frame[value].astype(float) * frame["population"].astype(float) / events)[events > 0]
    if "unit" in frame.columns:
        if value == "rate":
            _check_units(found, frame["unit"].map(dict(PER)).astype(float).reindex(found.index))
        return [asked.per] * len(frame)
    seen: list[float] = sorted({_round(each) for each in found.dropna()})
    if len(seen) > 1 or any(each not in _PERS for each in seen):
        raise UsageError(
            f"result has rates that are its counts for {some([f'{each:,g}' for each in seen])} "
            "people. Expected one round number, such as 10,000: describe crude rates, and rates "
            "per other numbers by themselves."
        )
    if seen and asked.per is not None and not math.isclose(seen[0], asked.per, rel_tol=_NEAR):
        raise UsageError(
            f"per={asked.per!r}: the rates of result are per {seen[0]:g}. Leave out per=."
        )
    return [seen[0] if seen else asked.per or PER["per 10,000"]] * len(frame)


def _round(per: float) -> float:
    """Return a number of people without the error of its division."""
    return next((each for each in _PERS if math.isclose(each, per, rel_tol=_NEAR)), per)


def _check_units(found: pd.Series, expected: pd.Series) -> None:
    both = pd.DataFrame({"found": found, "expected": expected}).dropna()
    wrong = ~np.isclose(both["found"], both["expected"], rtol=_NEAR)
    if wrong.any():
        first = both[wrong].iloc[0]
        raise UsageError(
            f"result has rates per {first['found']:,g} people, and its unit is per "
            f"{first['expected']:,g}. Leave out per= of crude_rates, or drop the column 'unit'."
        )


def check_level(frame: pd.DataFrame, per: list[float | None], asked: Asked) -> None:
    """Reject limits of another level than the one that would be written next to them."""
    needed = {"count", "population", "method", "rate", "upper"}
    if not needed <= set(frame.columns):
        return
    counted = frame["count"].notna() & (frame["population"] > 0).fillna(False)
    plain = (frame["method"].isin(_PLAIN) & frame["upper"].notna() & counted).to_numpy(dtype=bool)
    if not plain.any():
        return
    rows = frame[plain]
    made = crude_rates(rows[["count", "population"]].astype(float), confidence=asked.confidence)
    people = [each or PER["per 10,000"] for each in np.array(per, dtype=object)[plain]]
    units = rows["unit"].map(dict(PER)) if "unit" in rows.columns else people
    expected = made["upper"].to_numpy() * np.asarray(units, dtype=float) / PER["per 10,000"]
    off = rows[~np.isclose(rows["upper"].astype(float), expected, rtol=_NEAR)]
    if len(off):
        raise UsageError(
            f"confidence={asked.confidence!r}: the limits of result are not of this level "
            f"({len(off)} rows, the first of count {number(off['count'].iloc[0]):,g}). Give "
            "confidence= the level that its limits were made with."
        )


def check_level_of_trend(row: Mapping[str, Any], asked: Asked) -> None:
    """Reject a trend whose limits are of another level than the one that would be written."""
    by, upper = number(row.get("trend_percent")), number(row.get("trend_percent_upper"))
    p, years = number(row.get("trend_p")), number(row.get("points"))
    usual = text_of(row.get("trend_test")) == "quasi_poisson" and 1e-9 < p < 0.999
    if not usual or not (by > -100 and math.isfinite(upper)) or by == 0:
        return
    # The slope over its error and the half-width over its error give the level of the limits.
    slope = abs(math.log1p(by / 100))
    half = math.log1p(upper / 100) - math.log1p(by / 100)
    free = years - 2
    reach = float(-special.stdtrit(free, p / 2)) * half / slope
    level = 1 - 2 * float(special.stdtr(free, -reach))
    if abs(level - asked.confidence) > 1e-3:
        raise UsageError(
            f"confidence={asked.confidence!r}: the limits of result are of the level {level:.3g}. "
            f"Give confidence={level:.3g}, or make the trends with confidence={asked.confidence!r}."
        )
