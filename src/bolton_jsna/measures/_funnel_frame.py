"""What a table of funnel limits says of its funnel, for the lines of a chart."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd

from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.table_checks import check_table
from bolton_jsna.measures._frame_columns import need
from bolton_jsna.measures._funnel_design import (
    COLUMNS,
    Design,
    FunnelLimits,
    FunnelScale,
    Overdispersion,
    Statistic,
)
from bolton_jsna.measures.recurrent_events import REPEATS_TEXT

_LOWER: Final = re.compile(r"funnel_lower_([0-9_]+)")
_MARGIN: Final = 1.1
"""Lines reach a tenth further than the smallest and the largest area."""


@dataclass(frozen=True)
class FunnelOfFrame:
    """One funnel: the arguments of :func:`bolton_jsna.funnel_lines` that a frame shows.

    ``rows`` are those with limits, and ``plain`` those of them that allow for no repeated events.
    """

    rows: pd.DataFrame
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
    needed = ["funnel_target", "phi", "tau_squared", "funnel_method"]
    if any(name not in frame.columns for name in needed):
        raise SchemaError(
            "The frame has no limits of a funnel. Give one that funnel_limits returned: "
            "funnel_lines(funnel_limits(frame))."
        )
    rows = frame[frame["funnel_method"].fillna("") != ""]
    if rows.empty:
        raise UsageError(
            "No row of the frame has limits; its column funnel_reason says why. Give a frame with "
            "limits, or write target=, smallest= and largest=."
        )
    found = {name: rows[name].dropna().unique() for name in needed[:3]}
    if len(found["funnel_target"]) > 1:
        raise UsageError(
            f"The frame has several funnels (targets {some(found['funnel_target'], most=4)}). "
            "Give the rows of one, such as one year."
        )
    bases = rows["funnel_method"].map(_without_repeats)
    if statistic is None:
        statistic = _statistic_of(rows)
    design = next((each for each in _designs(statistic) if each.method == bases.iloc[0]), None)
    if design is None:
        raise UsageError(
            f"funnel_method={bases.iloc[0]!r} is not a method of statistic={statistic!r}. Write "
            "the statistic= that funnel_limits was given."
        )
    part, whole = count or COLUMNS[statistic][0], denominator or COLUMNS[statistic][1]
    need(rows, [part, whole, statistic], options="count=, denominator= and statistic=")
    sizes = rows[whole].astype(float)
    units = (rows[statistic] * sizes / rows[part].astype(float))[rows[part] > 0]
    if units.empty or not np.allclose(units, units.iloc[0]):
        raise UsageError(
            f"{statistic!r} of the frame is not {part!r} over {whole!r} in one unit. Write the "
            "statistic=, count= and denominator= that funnel_limits was given."
        )
    return FunnelOfFrame(
        rows=rows,
        plain=rows[bases == rows["funnel_method"]],
        denominator=whole,
        statistic=statistic,
        per=float(units.iloc[0]),
        target=float(found["funnel_target"][0]),
        smallest=float(sizes.min()) / _MARGIN,
        largest=float(sizes.max()) * _MARGIN,
        confidence=[_level(each[1]) for each in map(_LOWER.fullmatch, frame.columns) if each],
        limits=cast("FunnelLimits", design.limits),
        overdispersion=cast("Overdispersion", design.overdispersion),
        phi=float(found["phi"][0]) if len(found["phi"]) else 1.0,
        tau_squared=float(found["tau_squared"][0]) if len(found["tau_squared"]) else 0.0,
        scale=cast("FunnelScale", design.scale),
        repeats=_repeats(rows, part) if repeats is None else repeats,
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


def _repeats(rows: pd.DataFrame, count: str) -> float:
    """Return the variance of all counts over the count, where children are known."""
    ending = REPEATS_TEXT[1]
    known = rows[rows["funnel_method"].str.endswith(ending)]
    if known.empty:
        return 1.0
    if "persons" not in rows.columns:
        raise UsageError(
            "The limits allow for repeated events, and the frame has no column 'persons' to show "
            "how many. Write repeats=, the variance of a count over the count."
        )
    return max(1.0, 2 * float(known[count].sum()) / float(known["persons"].sum()) - 1)


def _level(suffix: str) -> float:
    return round(float(suffix.replace("_", ".")) / 100, 12)
