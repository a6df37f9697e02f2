"""What a table of funnel limits says of its funnel, for the lines of a chart."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd

from bolton_jsna.core.comparable_rows import one_row_each
from bolton_jsna.core.errors import SchemaError, UsageError, choice, short, some
from bolton_jsna.core.table_checks import check_table
from bolton_jsna.measures._frame_columns import need, numbers
from bolton_jsna.measures._funnel_design import (
    COLUMNS,
    Design,
    FunnelLimits,
    FunnelScale,
    Overdispersion,
    Statistic,
)
from bolton_jsna.measures.recurrent_events import REPEATS_TEXT

_NUMBERS: Final = ("funnel_target", "phi", "tau_squared")
_LIMIT: Final = re.compile(r"funnel_(?:lower|upper)(?:_[0-9]+(?:_[0-9]+)?)?")
_LOWER: Final = re.compile(r"funnel_lower_([0-9]+(?:_[0-9]+)?)")
_MARGIN: Final = 1.1
"""Lines reach a tenth further than the smallest and the largest area."""


@dataclass(frozen=True)
class FunnelOfFrame:
    """One funnel: the arguments of :func:`bolton_jsna.funnel_lines` that a frame shows.

    ``plain`` are the rows whose limits allow for no repeated events, as numbers.
    """

    plain: pd.DataFrame
    denominator: str
    statistic: Statistic
    per: float
    target: float
    smallest: float
    largest: float
    confidence: list[float]
    limits: FunnelLimits
    overdispersion: Overdispersion
    phi: float
    tau_squared: float
    scale: FunnelScale
    repeats: float


def funnel_of(
    frame: pd.DataFrame,
    *,
    statistic: Statistic | None,
    count: str | None,
    denominator: str | None,
    repeats: float | None,
) -> FunnelOfFrame:
    """Return the funnel of a frame of ``funnel_limits``, or reject what is not one funnel."""
    check_table(frame)
    if any(name not in frame.columns for name in (*_NUMBERS, "funnel_method")):
        raise SchemaError(
            "The frame has no limits of a funnel. Give one that funnel_limits returned: "
            "funnel_lines(funnel_limits(frame))."
        )
    statistic = _statistic_of(frame) if statistic is None else statistic
    choice("statistic", statistic, COLUMNS)
    part, whole = count or COLUMNS[statistic][0], denominator or COLUMNS[statistic][1]
    need(frame, [part, whole, statistic], options="count=, denominator= and statistic=")
    limits = [str(each) for each in frame.columns if _LIMIT.fullmatch(str(each))]
    children = ["persons"] if "persons" in frame.columns else []
    rows = pd.DataFrame(
        {
            name: numbers(frame, name, least=None)
            for name in dict.fromkeys([*_NUMBERS, *limits, statistic, part, whole, *children])
        }
    )
    method = pd.Series([each if isinstance(each, str) else "" for each in frame["funnel_method"]])
    known = (method != "") & rows["funnel_target"].notna()
    rows, method = rows[known], method[known]
    if rows.empty:
        raise UsageError(
            "No row of the frame has limits; its column funnel_reason says why. Give a frame with "
            "limits, or write target=, smallest= and largest=."
        )
    base = method.map(_without_repeats)
    funnels = rows[[*_NUMBERS]].assign(method=base).drop_duplicates()
    if len(funnels) > 1:
        raise UsageError(
            f"The frame has several funnels (targets {some(funnels['funnel_target'], most=4)}). "
            "Give the rows of one, such as one year."
        )
    one_row_each(frame, to="draw the lines of a funnel")
    design = next((each for each in _designs(statistic) if each.method == base.iloc[0]), None)
    if design is None:
        raise UsageError(
            f"The frame's funnel_method {short(repr(base.iloc[0]))} is not a method of statistic="
            f"{statistic!r}. Write the statistic= that funnel_limits was given."
        )
    units = (rows[statistic] * rows[whole] / rows[part])[rows[part] > 0]
    if units.empty or not np.allclose(units, units.iloc[0]):
        raise UsageError(
            f"{statistic!r} of the frame is not {part!r} over {whole!r} in one unit. Write the "
            "statistic=, count= and denominator= that funnel_limits was given."
        )
    target, phi, tau_squared = funnels.iloc[0][[*_NUMBERS]].astype(float)
    return FunnelOfFrame(
        plain=rows[base == method],
        denominator=whole,
        statistic=statistic,
        per=float(units.iloc[0]),
        target=target,
        smallest=float(rows[whole].min()) / _MARGIN,
        largest=float(rows[whole].max()) * _MARGIN,
        confidence=[_level(each[1]) for each in map(_LOWER.fullmatch, limits) if each],
        limits=cast("FunnelLimits", design.limits),
        overdispersion=cast("Overdispersion", design.overdispersion),
        phi=1.0 if np.isnan(phi) else phi,
        tau_squared=0.0 if np.isnan(tau_squared) else tau_squared,
        scale=cast("FunnelScale", design.scale),
        repeats=_repeats(rows, method, part) if repeats is None else repeats,
    )


def _designs(statistic: Statistic) -> Iterator[Design]:
    """Return the designs that a statistic may have, those without overdispersion first."""
    kinds = itertools.product(
        ("none", "multiplicative", "additive"), ("natural", "root"), ("interval", "exact", "normal")
    )
    for overdispersion, scale, limits in kinds:
        if limits != "exact" or (overdispersion == "none" and scale == "natural"):
            yield Design(statistic, limits, overdispersion, scale)


def _statistic_of(rows: pd.DataFrame) -> Statistic:
    there = [name for name in COLUMNS if name in rows.columns]
    if len(there) != 1:
        raise UsageError(
            f"The frame has {some(there)}, so its funnel may be of any of them. Write "
            "statistic='rate' or whichever funnel_limits was given."
        )
    return cast("Statistic", there[0])


def _without_repeats(method: str) -> str:
    for ending in filter(None, REPEATS_TEXT):
        method = method.removesuffix(ending)
    return method


def _repeats(rows: pd.DataFrame, method: pd.Series, count: str) -> float:
    """Return the variance of all counts over the count, where children are known."""
    known = rows[method.str.endswith(REPEATS_TEXT[1])]
    if known.empty:
        return 1.0
    if "persons" not in rows.columns:
        raise UsageError(
            "The limits allow for repeated events, and the frame has no column 'persons' to show "
            "how many. Write repeats=, the variance of a count over the count."
        )
    children = float(known["persons"].sum())
    return max(1.0, 2 * float(known[count].sum()) / children - 1) if children > 0 else 1.0


def _level(suffix: str) -> float:
    return round(float(suffix.replace("_", ".")) / 100, 12)
