"""Funnel limits: how far chance, and what areas differ by beyond it, may take a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import special

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.comparable_rows import one_row_each
from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.states import LABELS
from bolton_jsna.measures._aggregation import group_rows
from bolton_jsna.measures._arrays import Array, Floats
from bolton_jsna.measures._dispersion import LEAST_AREAS, Dispersion, dispersion
from bolton_jsna.measures._frame_columns import (
    LARGEST,
    STATES,
    events_and_people,
    labels,
    need,
    numeric,
    positive,
    state_text,
)
from bolton_jsna.measures._funnel_counts import binomial_funnel, poisson_funnel
from bolton_jsna.measures._funnel_design import (
    COLUMNS,
    Design,
    FunnelLimits,
    FunnelScale,
    Overdispersion,
    Statistic,
)
from bolton_jsna.measures._intervals import confidence_levels
from bolton_jsna.measures.recurrent_events import REPEATS_TEXT, recurrence

_MOST_POINTS: Final = 100_000

_FEW: Final = f"fewer than {LEAST_AREAS} areas: overdispersion is not estimated"


@checked
def funnel_limits(
    frame: pd.DataFrame,
    *,
    statistic: Statistic = "rate",
    count: str | None = None,
    denominator: str | None = None,
    target: float | None = None,
    per: float | None = None,
    confidence: float | list[float] | tuple[float, ...] = (0.95, 0.998),
    limits: FunnelLimits = "interval",
    overdispersion: Overdispersion = "none",
    winsorise: float = 0.1,
    scale: FunnelScale = "natural",
    by: str | Sequence[str] | None = None,
    status: str = "status",
    persons: str | None = "persons",
) -> pd.DataFrame:
    """Add the funnel limits of each row, its z-score and where it lies.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area. It is not changed.
    statistic : {"rate", "ratio", "proportion"}
        Events per head, events over those expected (as :func:`indirectly_standardised_ratios`
        gives them), or a part of a whole.
    count, denominator : str, optional
        The columns of events and of the denominator: ``count`` and ``population`` of a rate,
        ``observed`` and ``expected`` of a ratio, ``count`` and ``denominator`` of a proportion.
        For a directly standardised rate give events times ``per`` over the rate as denominator.
    target : float, optional
        The line in the middle, in units of ``per``. Without it, all events over all denominators
        (of the group), and 1 (times ``per``) for a ratio.
    per : float, optional
        The unit: 10 000 for a rate, 1 for a ratio, 100 for a proportion.
    confidence : float or sequence of float, default (0.95, 0.998)
        The share of areas within the limits if the target is true for all; one level gives
        ``funnel_lower``, several ``funnel_lower_95``, ``funnel_lower_99_8`` and so on.
    limits : {"interval", "exact", "normal"}
        ``interval``: an area is outside just where its own interval (:func:`crude_rates`,
        :func:`proportions`) leaves out the target. ``exact``: Poisson or binomial. ``normal``: z
        standard errors.
    overdispersion : {"none", "multiplicative", "additive"}
        Widen limits to allow for differences beyond chance: errors times the root of phi, or
        with the variance tau squared between areas. Limits are then normal.
    winsorise : float, default 0.1
        The share of z-scores drawn in at each end before phi and tau squared are estimated.
    scale : {"natural", "root"}
        Normal limits on the scale itself (Spiegelhalter 2005), or of square roots of rates and
        ratios and arcsines of roots of proportions (2012), on which small areas vary as much as
        large ones.
    by : str or sequence of str, optional
        Columns that define the funnels, such as the year: each has its target and dispersion.
    status : str, default "status"
        The column of the count's state.
    persons : str, optional
        The column of the different children behind the count of a rate or ratio, used where the
        frame has it: see :func:`bolton_jsna.crude_rates`. An area's limits are as much wider as
        its interval, and ``funnel_method`` shows it.

    Returns
    -------
    DataFrame, shape (n, k + 11 or so)
        The columns of ``frame``, then the statistic, ``funnel_target``, ``funnel_lower``,
        ``funnel_upper`` and ``funnel_verdict`` (lower, similar, higher, not_compared) of each
        level, ``funnel_z``, ``phi``, ``tau_squared`` (of figures per one of the denominator, on
        the chosen scale), ``funnel_method``, ``funnel_reason`` (why there are no limits; both are
        empty if not needed) and ``status``. A row without a number has its state and is
        in no total. With fewer than 10 areas phi and tau squared are missing, and so are limits
        that need them.

    Raises
    ------
    SchemaError
        When a column is not there or holds text.
    UsageError
        When a number is negative, a proportion is more than its whole, a value is missing that its
        state calls a value, a funnel has areas of several levels (``area_level``), which hold the
        same people, or an option is not valid.

    Notes
    -----
    Spiegelhalter 2005 (Statistics in Medicine 24: 1185-1202) and Spiegelhalter et al. 2012
    (Journal of the Royal Statistical Society A 175: 1-47); OHID technical guide. phi under 1
    does not narrow the limits. z is on the chosen scale, over the widened error.

    Examples
    --------
    Referrals of 2025 among the authorities of the snapshot, Bolton and its neighbours:

    >>> import bolton_jsna as jsna
    >>> rows = jsna.load_children_in_need(indicators="referrals", years=[2025])
    >>> rows = rows[rows["area_level"] == "authority"]
    >>> found = jsna.funnel_limits(rows, overdispersion="additive")
    >>> bolton = found[found["area_name"] == "Bolton"]
    >>> bolton[["rate", "funnel_target", "funnel_lower_95", "funnel_verdict_95"]].round(1)
        rate  funnel_target  funnel_lower_95 funnel_verdict_95
    3  503.0          537.4            303.7           similar
    """
    design = Design(statistic, limits, overdispersion, scale)
    usual = COLUMNS[statistic]
    count, denominator = count or usual[0], denominator or usual[1]
    unit = usual[2] if per is None else per
    positive("per", unit)
    levels = confidence_levels(confidence)
    if target is not None:
        _check_target(statistic, target, unit)
    need(frame, [count, denominator], options="count= and denominator=")
    events, whole, codes = events_and_people(frame, count, denominator, status)
    usable = numeric(codes)
    if statistic == "proportion" and (events > whole)[usable].any():
        raise UsageError(
            f"There are rows with more {count!r} than {denominator!r}. For events per head of "
            "people use statistic='rate'."
        )
    events, whole = np.where(usable, events, np.nan), np.where(usable, whole, np.nan)
    places = np.zeros(len(frame), dtype=np.intp) if by is None else group_rows(frame, by)[1]
    one_row_each(frame, places, to="draw a funnel", by=by or ())
    middle = _targets(
        design, events, whole, places, target=None if target is None else target / unit
    )
    known = None
    if statistic != "proportion":
        known = recurrence(frame, events, count_variance=None, persons=persons)
    repeats = np.zeros(len(frame), dtype=np.int8) if known is None else known.repeats
    stretch = None if known is None else np.sqrt(np.nan_to_num(known.factor(events), nan=1.0))
    figure, error = events / whole, design.error(middle, whole)
    if stretch is not None:
        error = error * stretch
    found = _dispersions(design, figure, error, middle, places, winsorise=winsorise)
    phi = np.array([each.phi for each in found])[places]
    tau_squared = np.array([each.tau_squared for each in found])[places]
    wide = design.widened(error, phi, tau_squared)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (design.scaled(figure) - design.scaled(middle)) / wide
    new: dict[str, Any] = {statistic: figure * unit, "funnel_target": middle * unit}
    for level, ending in levels.items():
        low, high = _limits(design, middle, whole, wide, level, stretch=stretch)
        new[f"funnel_lower{ending}"] = low * unit
        new[f"funnel_upper{ending}"] = high * unit
        verdict = np.select(
            [np.isnan(low) | ~usable, events < low * whole, events > high * whole],
            ["not_compared", "lower", "higher"],
            "similar",
        )
        new[f"funnel_verdict{ending}"] = verdict
    new |= {"funnel_z": z, "phi": phi, "tau_squared": tau_squared}
    able = usable & ~np.isnan(low)
    methods = [design.method + ending for ending in REPEATS_TEXT]
    new["funnel_method"] = labels(np.where(able, repeats, -1), methods, frame.index)
    reasons = [f"no figure: {LABELS[state].lower()}" for state in STATES]
    reasons += ["no target: nobody or everybody has the event", _FEW]
    why = np.select([able, ~usable, np.isnan(middle)], [-1, codes, len(STATES)], len(STATES) + 1)
    new["funnel_reason"] = labels(why, reasons, frame.index)
    new[status] = state_text(codes, frame.index)
    return frame.assign(**new)


@checked
def funnel_lines(
    *,
    target: float,
    largest: float,
    smallest: float = 1,
    points: int = 100,
    statistic: Statistic = "rate",
    per: float | None = None,
    confidence: float | list[float] | tuple[float, ...] = (0.95, 0.998),
    limits: FunnelLimits = "interval",
    overdispersion: Overdispersion = "none",
    phi: float = 1,
    tau_squared: float = 0,
    scale: FunnelScale = "natural",
    repeats: float = 1,
) -> pd.DataFrame:
    """Return the lines of a funnel to draw: its limits at many sizes of the denominator.

    Parameters
    ----------
    target : float
        The line in the middle, in units of ``per``, as ``funnel_target`` gives it.
    largest, smallest : float
        The denominators that the lines reach from and to.
    points : int, default 100
        How many denominators, each larger than the one before by the same factor.
    statistic, per, confidence, limits, overdispersion, scale
        As given to :func:`funnel_limits`.
    phi, tau_squared : float
        As :func:`funnel_limits` gave them.
    repeats : float, default 1
        The variance of a count over the count, where events recur within a child. Areas differ in
        it: their own limits are those of :func:`funnel_limits`.

    Returns
    -------
    DataFrame, shape (points, 2 + 2 per level)
        ``denominator``, ``funnel_target`` and the limits.

    Raises
    ------
    UsageError
        When an option is not valid.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> lines = jsna.funnel_lines(target=42.0, smallest=1_000, largest=100_000, points=3)
    >>> lines[["denominator", "funnel_lower_95", "funnel_upper_95"]].round(1)
       denominator  funnel_lower_95  funnel_upper_95
    0       1000.0              2.5             91.3
    1      10000.0             29.3             55.7
    2     100000.0             38.0             46.1
    """
    design = Design(statistic, limits, overdispersion, scale)
    unit = COLUMNS[statistic][2] if per is None else per
    positive("per", unit)
    positive("smallest", smallest)
    levels = confidence_levels(confidence)
    positive("largest", largest)
    if not largest > smallest or not 2 <= points <= _MOST_POINTS:
        raise UsageError(
            f"A line from smallest={smallest:g} to largest={largest:g} in {points} points is "
            f"not valid. Give largest= above smallest=, and from 2 to {_MOST_POINTS:,} points."
        )
    _check_target(statistic, target, unit)
    whole = np.geomspace(float(smallest), float(largest), points)
    middle = np.full(points, target / unit)
    if not repeats >= 1:
        raise UsageError(
            f"repeats={repeats!r} is not valid: a variance over its count is 1 or more."
        )
    stretch = np.full(points, float(repeats) ** 0.5) if repeats > 1 else None
    error = design.error(middle, whole) * repeats**0.5
    wide = design.widened(error, np.full(points, phi), np.full(points, tau_squared))
    new: dict[str, Any] = {"denominator": whole, "funnel_target": middle * unit}
    for level, ending in levels.items():
        low, high = _limits(design, middle, whole, wide, level, stretch=stretch)
        new[f"funnel_lower{ending}"] = low * unit
        new[f"funnel_upper{ending}"] = high * unit
    return pd.DataFrame(new)


def _check_target(statistic: Statistic, target: float, unit: float) -> None:
    if not 0 < target / unit < (1 if statistic == "proportion" else LARGEST):
        below = f" and below {unit:g}" if statistic == "proportion" else ""
        raise UsageError(f"target={target!r} is not valid; expected a number above zero{below}.")


def _targets(
    design: Design, events: Array, whole: Array, places: Array, *, target: float | None
) -> Floats:
    if target is None and design.statistic == "ratio":
        target = 1.0
    if target is not None:
        return np.full(len(events), target)
    groups = places.max() + 1 if len(places) else 0
    total = np.bincount(places, weights=np.nan_to_num(events), minlength=groups)
    among = np.bincount(places, weights=np.nan_to_num(whole), minlength=groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = total / among
    # Where nobody or everybody has the event there is nothing to compare.
    pooled[(pooled <= 0) | ((design.statistic == "proportion") & (pooled >= 1))] = np.nan
    return np.asarray(pooled[places])


def _dispersions(
    design: Design, figure: Array, error: Array, middle: Array, places: Array, *, winsorise: float
) -> list[Dispersion]:
    # An option that is not valid is rejected however small the groups.
    none = replace(dispersion([], [], target=0.0, winsorise=winsorise), areas=0)
    scaled, target = design.scaled(figure), design.scaled(middle)
    known = np.flatnonzero(~np.isnan(scaled) & (error > 0))
    sizes = np.bincount(places, minlength=1)
    areas = np.bincount(places[known], minlength=len(sizes))
    order = known[np.argsort(places[known], kind="stable")]
    ends = np.cumsum(areas)
    found = [none] * (len(sizes) if len(places) else 0)
    for group in np.flatnonzero(areas >= LEAST_AREAS):
        own = order[ends[group] - areas[group] : ends[group]]
        found[group] = dispersion(
            scaled[own], error[own], target=target[own[0]], winsorise=winsorise
        )
    return found


def _limits(
    design: Design,
    middle: Array,
    whole: Array,
    wide: Array,
    level: float,
    *,
    stretch: Floats | None,
) -> tuple[Floats, Floats]:
    if design.normal or (design.statistic == "proportion" and design.limits == "interval"):
        reach = special.ndtri((1 + level) / 2) * wide
        centre = design.scaled(middle)
        lower, upper = design.back(centre - reach), design.back(centre + reach)
    elif design.statistic == "proportion":
        lower, upper = (each / whole for each in binomial_funnel(whole, middle, level))
    else:
        exact = design.limits == "exact"
        found = poisson_funnel(middle * whole, level, exact=exact, widening=stretch)
        lower, upper = (each / whole for each in found)
    known = ~np.isnan(middle * whole * wide)
    return np.where(known, lower, np.nan), np.where(known, upper, np.nan)
