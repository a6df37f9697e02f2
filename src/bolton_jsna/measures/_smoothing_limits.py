"""Limits of smoothed rates, the probability of exceeding a benchmark, and notes on both."""

from __future__ import annotations

import logging
from typing import Any, Final, NamedTuple

import numpy as np
from scipy import special

from bolton_jsna.measures._arrays import Floats, Positions
from bolton_jsna.measures._gamma_poisson import rate_posterior
from bolton_jsna.measures._intervals import count_limits
from bolton_jsna.measures._moran import global_i, moments, standardised

_log = logging.getLogger(__name__)

FEW_EVENTS: Final = 5
"""With fewer events in an area of median size limits are wide."""

MOSTLY_COMMON: Final = 0.5
"""The share of the common rate in an area of median size from which limits are wide."""

UNLIKE: Final = (
    "there is no evidence that neighbours have similar rates: limits without weights are narrower"
)
WIDE: Final = (
    f"limits are wide: fewer than {FEW_EVENTS} events in an area of median size",
    "limits are wide: areas differ little more than by chance",
)
NOTES: Final = (*WIDE, UNLIKE, *(f"{each}; {UNLIKE}" for each in WIDE))

_LEAST_AREAS: Final = 4
"""Moran's I of fewer areas has no variance."""

_LIKE: Final = 1.645
"""The standard score of Moran's I from which neighbours are alike (one-sided, 5 per cent)."""


class SmoothedLimits(NamedTuple):
    """Limits per person, exceedance probability, and position in :data:`NOTES` (-1 for none)."""

    lower: Floats
    upper: Floats
    exceeds: Floats
    note: Positions


def smoothed_limits(
    events: Floats,
    people: Floats,
    links: Any,
    *,
    plain: tuple[Floats, Floats],
    smoothed: Floats,
    level: float,
    benchmark: float,
) -> SmoothedLimits:
    """Return limits that allow for the unknown mean and spread of the rates."""
    found = rate_posterior(events, people, links, level=level, benchmark=benchmark)
    without = np.isnan(found.lower)
    count, whole = plain
    low, high = (limit / whole for limit in count_limits(count, level))
    lower = np.where(without, low, np.fmin(found.lower, smoothed))
    upper = np.where(without, high, np.fmax(found.upper, smoothed))
    # The posterior of a single rate under Jeffreys' prior.
    alone = special.gammaincc(count + 0.5, whole * benchmark)
    note = np.select(
        [found.size < FEW_EVENTS, found.shrinkage >= MOSTLY_COMMON], [0, 1], default=-1
    )
    if links is not None and len(events) and not _alike(events, people, links):
        _log.warning("smooth_rates: %s", UNLIKE)
        note = np.where(without, -1, np.where(note < 0, len(WIDE), note + len(WIDE) + 1))
    return SmoothedLimits(lower, upper, np.where(without, alone, found.exceeds), note)


def _alike(events: Floats, people: Floats, links: Any) -> bool:
    """Test whether neighbours are more alike than chance, by Moran's I of standardised rates."""
    # Assunção and Reis 1999: each rate less the common rate, over the root of its variance. True
    # where it cannot be tested.
    joined = np.flatnonzero(np.diff(links.tocsr().indptr) > 0)
    if len(joined) < _LEAST_AREAS or not events[joined].sum() > 0:
        return True
    cases, at_risk = events[joined], people[joined]
    m = cases.sum() / at_risk.sum()
    rate = cases / at_risk
    spread = (at_risk * (rate - m) ** 2).sum() / at_risk.sum()
    between = max(spread - m / at_risk.mean(), 0.0)
    z = (rate - m) / np.sqrt(between + m / at_risk)
    z -= z.mean()
    if not (z @ z) > 1e-12 * len(z):
        return True
    weights = standardised(links[joined][:, joined], "row")
    expected, variance = moments(z, weights)
    return bool(global_i(z, z, weights) - expected > _LIKE * max(variance, 0.0) ** 0.5)
