"""Smoothed rates of small areas, and how reliable a rate is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.comparable_rows import one_row_each
from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.states import LABELS
from bolton_jsna.measures._arrays import Array, Floats
from bolton_jsna.measures._frame_columns import (
    CODES,
    STATES,
    counted_codes,
    events_and_people,
    labels,
    need,
    numbers,
    numeric,
    positive,
    state_text,
)
from bolton_jsna.measures._intervals import confidence_level
from bolton_jsna.measures._smoothing_limits import NOTES, smoothed_limits
from bolton_jsna.measures.weights import Weights, contiguity_weights, places_in

if TYPE_CHECKING:
    import geopandas as gpd
CAUTION, UNRELIABLE = 0.165, 1 / 3
"""Coefficients of variation above which a rate needs caution, and is unreliable."""

RELIABILITY: Final = ("reliable", "caution", "unreliable")

EMPTY, ALIKE, ALONE = (
    "no event among the areas it is smoothed with",
    "rates vary no more than by chance",
    "no neighbour with a rate: its own rate",
)
HIDDEN: Final = "areas with hidden small counts are left out: the rate may be too high"

SHARES: Final = ("own_weight", "exceedance_probability")
"""The figures that are not rates."""

SMALL: Final = ("suppressed", "low", "rounds_to_zero")
"""The states of a count that is left out because it is small."""


@checked
def smooth_rates(
    frame: pd.DataFrame,
    weights: Weights | gpd.GeoDataFrame | None = None,
    *,
    count: str = "count",
    population: str = "population",
    code: str = "area_code",
    per: float = 10_000,
    confidence: float = 0.95,
    benchmark: float | None = None,
    status: str = "status",
    population_status: str | None = None,
) -> pd.DataFrame:
    """Draw the rates of small areas towards the rate around them; smaller areas are drawn more.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area, of one indicator and year. It is not changed.
    weights : Weights or GeoDataFrame, optional
        With it rates are drawn towards those of the area and its neighbours (spatial empirical
        Bayes); without it, towards the rate of all rows (global). Use it only where the rates of
        neighbours are alike: limits are wider otherwise, and a log message and
        ``smoothed_note`` show it.
    count, population : str
        The columns of events and of people at risk.
    code : str, default "area_code"
        The column of codes, as in ``weights``; not needed without them.
    per : float, default 10 000
        The number of people the rates are for.
    confidence : float, default 0.95
        The level of the limits.
    benchmark : float, optional
        The rate, per ``per``, that ``exceedance_probability`` is about; by default the rate of all
        rows together, and none where they have no event.
    status, population_status : str
        As in :func:`crude_rates`.

    Returns
    -------
    DataFrame, shape (n, k + 11)
        The columns of ``frame``, then ``smoothed_rate``, ``smoothed_lower``, ``smoothed_upper``
        (per ``per``), ``prior_rate`` (what it is drawn to), ``own_weight`` (the share of the
        area's own rate, 0 to 1), ``smoothed_hidden`` (how many of the areas it is smoothed with
        are hidden for small counts), ``smoothed_status``, ``smoothed_reason``,
        ``exceedance_benchmark`` (per ``per``), ``exceedance_probability`` (that the area's rate is
        above it, given the counts) and ``smoothed_note`` (why limits are wide). A smoothed rate is
        ``modelled``. An area without a count has none: it keeps its state and takes no part.

    Raises
    ------
    SchemaError
        When a column is not there or holds text, or (with weights) an area has several rows.
    UsageError
        When a number is negative or infinite, a state is not one of the states, a number is missing
        that its state calls a value, areas are of several levels (``area_level``), which hold the
        same people, or an option is not valid.
    VintageError
        When the frame has areas that are not in the weights.

    Notes
    -----
    Marshall 1991, Applied Statistics 40: 283-294. Over the areas that an area is smoothed with
    (all; or itself and its neighbours): m = sum O / sum P; s2 = sum P (r - m)^2 / sum P;
    A = s2 - m / mean P, not under 0; own weight C = A / (A + m / P); smoothed rate
    m + C (r - m). An area without a neighbour keeps its own rate and limits.

    Limits and ``exceedance_probability`` come from gamma-Poisson rates whose mean and spread are
    not known: both are summed over a grid, weighted by the likelihood of the counts (Christiansen
    and Morris 1997; Richardson et al. 2004 for the probability). Limits are stretched to the
    smoothed rate where that lies outside of them. The 95 per cent limits hold .93 to .97 of true
    rates, and more where ``smoothed_note`` warns that limits are wide: fewer than five events in an
    area of median size, or half or more of the rate there is the common rate. If no event falls
    among the areas smoothed together, limits are those of no event among their people, and the
    areas are assumed to have one rate. Events that recur within a child are not allowed for.

    A smoothed rate can be turned back into a count: protect it like that count.

    Counts that are suppressed, low or round to zero are the small ones: the rate of the areas that
    are left is too high and varies too little, and so is every rate that is drawn towards it. How
    much cannot be estimated from the other areas, so ``smoothed_reason`` marks each row that it
    affects. Smooth before suppressing, or pool years until little is hidden.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> year = jsna.load_children_in_need(indicators="referrals", years=[2025])
    >>> found = jsna.smooth_rates(year[year["area_level"] == "authority"])
    >>> bolton = found[found["area_name"] == "Bolton"]
    >>> bolton[["smoothed_rate", "prior_rate", "own_weight"]].round(3).to_numpy().tolist()
    [[503.193, 537.402, 0.996]]
    >>> limits = bolton[["smoothed_lower", "smoothed_upper", "exceedance_probability"]]
    >>> limits.round(3).to_numpy().tolist()
    [[487.411, 519.33, 0.0]]
    """
    positive("per", per)
    if benchmark is not None and not (is_number(benchmark) and 0 < benchmark < math.inf):
        raise UsageError(f"benchmark={benchmark!r} is not a rate above zero per {per:g} people.")
    level = confidence_level(confidence)
    one_row_each(frame, to="smooth rates", code=None if weights is None else code)
    events, people, codes = events_and_people(frame, count, population, status, population_status)
    used = numeric(codes)
    links = None
    small = np.isin(codes, [CODES[state] for state in SMALL]).astype(float)
    hidden = np.full(len(frame), small.sum())
    if weights is not None:
        known = weights if isinstance(weights, Weights) else contiguity_weights(weights, code=code)
        need(frame, [code], options="code=")
        places = places_in(known, frame, code)
        whole = known.matrix()[places][:, places]
        hidden = whole @ small
        links = whole[used][:, used]
    target = math.nan if benchmark is None else benchmark / per
    # Every rate is above a common rate of zero, so that is no benchmark.
    if benchmark is None and events[used].any():
        target = float(events[used].sum() / people[used].sum())
    figures, why, note = _marshall(events[used], people[used], links, level=level, benchmark=target)
    reasons = [EMPTY, ALIKE, ALONE, *(f"no rate: {LABELS[state].lower()}" for state in STATES)]
    place = np.full(len(frame), -1)
    place[used] = why
    place[~used] = 3 + codes[~used]
    # An area that is smoothed with no other keeps its own rate, whatever is hidden around it.
    touched = used & (hidden > 0) & (place != reasons.index(ALONE))
    place[touched] += len(reasons) + 1
    reasons += [HIDDEN, f"{EMPTY}; {HIDDEN}", f"{ALIKE}; {HIDDEN}"]
    out = frame.copy()
    for name, values in figures.items():
        column = np.full(len(frame), np.nan)
        column[used] = values if name in SHARES else values * per
        out[name] = column
    out["smoothed_hidden"] = pd.array(np.where(used, hidden, np.nan), dtype="Int64")
    state = np.where(used, CODES["modelled"], codes)
    out["smoothed_status"] = state_text(state, out.index)
    out["smoothed_reason"] = labels(place, reasons, out.index)
    out["exceedance_benchmark"] = np.where(used, target * per, np.nan)
    out["exceedance_probability"] = out.pop("exceedance_probability")
    notes = np.full(len(frame), -1)
    notes[used] = note
    out["smoothed_note"] = labels(notes, NOTES, out.index)
    return out


def _marshall(
    events: Floats, people: Floats, links: Any, *, level: float, benchmark: float
) -> tuple[dict[str, Floats], Array, Array]:
    """Return Marshall's estimates per person with limits, the reason for each, and its note."""
    # Both are positions, -1 for none.
    n = len(events)
    if links is None:

        def around(values: Array) -> Array:
            return np.full(n, values.sum())
    else:

        def around(values: Array) -> Array:
            return np.asarray(values + links @ values)

    number, total = around(np.ones(n)), around(people)
    cases = around(events)
    m = cases / total
    rate = events / people
    # sum P (r - m)^2 with the m of each circle: the square opened, for one pass over neighbours.
    spread = around(people * rate**2) - 2 * m * around(people * rate) + m**2 * total
    between = np.maximum(spread / total - m * number / total, 0.0)
    # A difference of almost equal sums is rounding, not variation between areas.
    between[between <= 1e-12 * m**2] = 0.0
    share = np.divide(between, between + m / people, out=np.zeros(n), where=between > 0)
    smoothed = m + share * (rate - m)

    alone = (number == 1) & (links is not None)
    why = np.select([alone, cases == 0, between == 0], [2, 0, 1], default=-1)
    smoothed = np.where(alone, rate, smoothed)
    limits = smoothed_limits(
        events, people, links, plain=(cases, total), smoothed=smoothed, level=level,
        benchmark=benchmark,
    )  # fmt: skip
    figures = {
        "smoothed_rate": smoothed,
        "smoothed_lower": limits.lower,
        "smoothed_upper": limits.upper,
        "prior_rate": np.where(alone, np.nan, m),
        "own_weight": np.where(alone, 1.0, share),
        "exceedance_probability": limits.exceeds,
    }
    return figures, why, limits.note


@checked
def rate_reliability(
    frame: pd.DataFrame,
    *,
    count: str = "count",
    status: str = "status",
    dispersion: float = 1.0,
    caution: float = CAUTION,
    unreliable: float = UNRELIABLE,
) -> pd.DataFrame:
    """Add the coefficient of variation of each row's rate, and whether the rate can be relied on.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        It is not changed.
    count : str, default "count"
        The column of events; the population is taken as known and does not matter.
    status : str, default "status"
        The column of the count's state.
    dispersion : float, default 1
        The variance of the count over its mean: more than 1 for events that recur within a child.
    caution, unreliable : float
        The coefficients of variation above which a rate is to be read with caution, and above
        which it is not reliable.

    Returns
    -------
    DataFrame, shape (n, k + 2)
        With ``cv`` (a share, not a percentage) and ``reliability`` (reliable, caution,
        unreliable). A count of zero has no coefficient of variation and is unreliable; a count
        without a number has neither.

    Raises
    ------
    SchemaError
        When a column is not there or holds text.
    UsageError
        When a number is negative, a state is not one of the states, or an option is not valid.

    Notes
    -----
    The coefficient of variation of a Poisson count O, and of its rate, is 1 / sqrt(O), times
    sqrt(dispersion). The bounds are Statistics Canada's for releasing estimates (16.5 and 33.3 per
    cent): 37 events and more are reliable, fewer than 9 are not, near OHID's bound of 10.

    Examples
    --------
    >>> import pandas as pd
    >>> wards = pd.DataFrame({"count": [319, 20, 4, 0]})
    >>> rate_reliability(wards)["reliability"].tolist()
    ['reliable', 'caution', 'unreliable', 'unreliable']
    >>> import bolton_jsna as jsna
    >>> plans = jsna.load_children_in_need("Bolton", indicators="cpp_at_31_march", years=[2025])
    >>> rate_reliability(plans)["cv"].round(3).tolist()
    [0.056]
    """
    if not (is_number(caution) and is_number(unreliable) and 0 < caution < unreliable):
        raise UsageError(
            f"caution={caution!r} must be above 0 and below unreliable={unreliable!r}: shares "
            "such as 0.165 and 0.333."
        )
    if not is_number(dispersion) or not dispersion > 0:
        raise UsageError(
            f"dispersion={dispersion!r} is not valid; expected variance over mean, above 0."
        )
    need(frame, [count], options="count=")
    events = numbers(frame, count)
    used = numeric(counted_codes(frame, status, events, count))
    events = np.where(used & (events > 0), events, np.nan)
    cv = np.sqrt(dispersion / events)
    out = frame.copy()
    out["cv"] = cv
    grade = np.select([cv <= caution, cv <= unreliable], [0, 1], default=2)
    out["reliability"] = labels(np.where(used, grade, -1), RELIABILITY, out.index)
    return out
