"""The lines of a funnel to draw, from the table of its limits or from numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import is_number, is_whole
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._frame_columns import positive
from bolton_jsna.measures._funnel_design import (
    COLUMNS,
    Design,
    FunnelLimits,
    FunnelScale,
    Overdispersion,
    Statistic,
    check_target,
)
from bolton_jsna.measures._funnel_frame import FunnelOfFrame, funnel_of
from bolton_jsna.measures._intervals import confidence_levels

_MOST_POINTS: Final = 100_000
_SHOWN: Final = (
    "target",
    "per",
    "limits",
    "overdispersion",
    "phi",
    "tau_squared",
    "scale",
    "repeats",
)
"""What a frame of limits shows of its lines."""

_USUAL: Final[Mapping[str, Any]] = {
    "smallest": 1.0,
    "confidence": (0.95, 0.998),
    "limits": "interval",
    "overdispersion": "none",
    "phi": 1.0,
    "tau_squared": 0.0,
    "scale": "natural",
    "repeats": 1.0,
}


@checked
def funnel_lines(
    frame: pd.DataFrame | None = None,
    *,
    target: float | None = None,
    largest: float | None = None,
    smallest: float | None = None,
    points: int = 100,
    statistic: Statistic | None = None,
    count: str | None = None,
    denominator: str | None = None,
    per: float | None = None,
    confidence: float | list[float] | tuple[float, ...] | None = None,
    limits: FunnelLimits | None = None,
    overdispersion: Overdispersion | None = None,
    phi: float | None = None,
    tau_squared: float | None = None,
    scale: FunnelScale | None = None,
    repeats: float | None = None,
) -> pd.DataFrame:
    """Return the lines of a funnel to draw: its limits at many sizes of the denominator.

    Parameters
    ----------
    frame : DataFrame, optional
        What :func:`funnel_limits` returned, of one funnel. It gives the target, the reach of the
        denominators, the limits, their levels and the overdispersion; do not give these again.
    target : float, optional
        The line in the middle, in units of ``per``, as ``funnel_target`` gives it. Needed without
        a frame.
    largest, smallest : float, optional
        The denominators that the lines reach from and to. Without a frame ``largest`` is needed,
        and ``smallest`` is 1.
    points : int, default 100
        How many denominators, each larger than the one before by the same factor.
    statistic, count, denominator : str, optional
        As given to :func:`funnel_limits`. A frame shows the statistic if it has one only; the
        columns are only needed with a frame.
    per, confidence, limits, overdispersion, scale : optional
        As given to :func:`funnel_limits`, with the same defaults. With a frame only
        ``confidence``, and only if it was one level.
    phi, tau_squared : float, optional
        As :func:`funnel_limits` gave them; 1 and 0 by default.
    repeats : float, optional
        The variance of a count over the count, where events recur within a child: by default 1, or
        that of all rows of the frame together. Areas differ in it: their own limits are those of
        :func:`funnel_limits`.

    Returns
    -------
    DataFrame, shape (points, 2 + 2 per level)
        ``denominator``, ``funnel_target`` and the limits: ``.plot(x="denominator")`` draws them.

    Raises
    ------
    SchemaError
        When the frame has no limits of a funnel, or a column is not there.
    UsageError
        When an option is not valid, is missing, or is given as well as a frame; or the frame has
        several funnels, no limits, or limits that its options do not give.

    Examples
    --------
    The funnel of the authorities of the snapshot, and its lines:

    >>> import bolton_jsna as jsna
    >>> rows = jsna.load_children_in_need(indicators="cpp_at_31_march", years=[2025])
    >>> found = jsna.funnel_limits(rows[rows["area_level"] == "authority"])
    >>> axes = jsna.funnel_lines(found).plot(x="denominator")
    >>> axes = found.plot.scatter(x="population", y="rate", ax=axes)

    Without a frame:

    >>> lines = jsna.funnel_lines(target=42.0, smallest=1_000, largest=100_000, points=3)
    >>> lines[["denominator", "funnel_lower_95", "funnel_upper_95"]].round(1)
       denominator  funnel_lower_95  funnel_upper_95
    0       1000.0              2.5             91.3
    1      10000.0             29.3             55.7
    2     100000.0             38.0             46.1
    """
    options: dict[str, Any] = {"limits": limits, "overdispersion": overdispersion, "phi": phi}
    options |= {"tau_squared": tau_squared, "scale": scale, "per": per}
    if frame is None:
        return _lines(
            {"target": target, "largest": largest, "smallest": smallest, "confidence": confidence}
            | {**options, "repeats": repeats},
            statistic=statistic or "rate",
            points=points,
        )
    again = [name for name, each in {"target": target, **options}.items() if each is not None]
    if again:
        raise UsageError(
            f"{some(f'{name}=' for name in again)} is given as well as a frame, which shows it. "
            "Leave it out, or leave out the frame."
        )
    shown = funnel_of(
        frame, statistic=statistic, count=count, denominator=denominator, repeats=repeats
    )
    if not shown.confidence and confidence is None:
        raise UsageError(
            "The frame has limits of one level and does not show which. Write the confidence= that "
            "funnel_limits was given, such as 0.95."
        )
    own = {name: getattr(shown, name) for name in _SHOWN}
    own["confidence"] = shown.confidence or confidence
    _reject_other_limits(shown, own)
    reach = {"smallest": smallest or shown.smallest, "largest": largest or shown.largest}
    return _lines(own | reach, statistic=shown.statistic, points=points)


def _lines(given: Mapping[str, Any], *, statistic: Statistic, points: int) -> pd.DataFrame:
    """Return the limits at many denominators, with the usual options where none is given."""
    asked = {**_USUAL} | {name: each for name, each in given.items() if each is not None}
    missing = [f"{name}=" for name in ("target", "largest") if name not in asked]
    if missing:
        raise UsageError(
            f"{some(missing)} is missing. Give the frame that funnel_limits returned, or write "
            "target= and largest=."
        )
    smallest, largest, target = asked["smallest"], asked["largest"], asked["target"]
    positive("smallest", smallest)
    positive("largest", largest)
    positive("target", target)
    if not largest > smallest or not is_whole(points) or not 2 <= points <= _MOST_POINTS:
        raise UsageError(
            f"A line from smallest={smallest:g} to largest={largest:g} in {points} points is "
            f"not valid. Give largest= above smallest=, and from 2 to {_MOST_POINTS:,} points."
        )
    whole = np.geomspace(smallest, largest, points)
    return pd.DataFrame({"denominator": whole} | _limits_at(whole, asked, statistic))


def _limits_at(whole: Floats, asked: Mapping[str, Any], statistic: Statistic) -> dict[str, Floats]:
    """Return the target and the limits at some denominators, in units of ``per``."""
    names = ("limits", "overdispersion", "scale")
    design = Design(statistic, *(asked[name] for name in names))
    unit = asked.get("per", COLUMNS[statistic][2])
    positive("per", unit)
    repeats, target = asked["repeats"], asked["target"] / unit
    if not is_number(repeats) or not repeats >= 1:
        raise UsageError(
            f"repeats={repeats!r} is not valid: a variance over its count is 1 or more."
        )
    check_target(statistic, asked["target"], unit)
    points = len(whole)
    middle = np.full(points, target)
    stretch = np.full(points, float(repeats) ** 0.5) if repeats > 1 else None
    error = design.error(middle, whole) * repeats**0.5
    phi, tau_squared = (np.full(points, asked[name]) for name in ("phi", "tau_squared"))
    wide = design.widened(error, phi, tau_squared)
    found: dict[str, Floats] = {"funnel_target": middle * unit}
    for level, ending in confidence_levels(asked["confidence"]).items():
        low, high = design.bounds(middle, whole, wide, level, stretch=stretch)
        found[f"funnel_lower{ending}"] = low * unit
        found[f"funnel_upper{ending}"] = high * unit
    return found


def _reject_other_limits(shown: FunnelOfFrame, own: Mapping[str, Any]) -> None:
    """Reject options with which the frame would have other limits than it has."""
    sizes = shown.plain[shown.denominator].to_numpy(dtype=float)
    again = _limits_at(sizes, {**own, "repeats": 1.0}, shown.statistic)
    if any(not np.allclose(each, shown.plain[name].astype(float)) for name, each in again.items()):
        raise UsageError(
            "The limits of the frame are not those of these options. Write statistic= "
            "and confidence= as funnel_limits was given them."
        )
