"""Prediction intervals: what is usual for an area among areas like it.

Authorities differ by far more than chance in their counts. So "the difference from England is not
chance" and "this area is unusual" are two questions; this module answers the second.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from scipy import special

from bolton_jsna.core.errors import some
from bolton_jsna.measures._arrays import Floats

LEAST_OTHERS: Final = 8
"""With fewer other areas the spread between the areas of a country or region is not estimated."""

LEAST_NEIGHBOURS: Final = 5
"""With fewer statistical neighbours there is no usual range."""

_TOGETHER: Final = 400
"""With more areas one of them hardly changes the spread, and all share one estimate."""

_STEPS: Final = 100
_CLOSE: Final = 1e-10
_TINY: Final = 1e-300


class Usual(NamedTuple):
    """What is usual for each area, on the scale of logarithms.

    Attributes
    ----------
    centre : ndarray of float, shape (n,)
        The mean of the others' log rates.
    error : ndarray of float, shape (n,)
        The standard error of a new area around it: spread between areas, the area's own chance
        and the uncertainty of the mean.
    freedom : ndarray of float, shape (n,)
        Degrees of freedom of Student's t.
    """

    centre: Floats
    error: Floats
    freedom: Floats


def usual_among_neighbours(effects: Floats, variances: Floats, own: float) -> Usual:
    """Return what is usual for another member of a small group of similar areas."""
    # Prediction interval for a new member of a group: mean of the log rates plus and minus t(n -
    # 1) times s sqrt(1 + 1/n): Higgins, Thompson and Spiegelhalter 2009 (JRSS A 172: 137-159). s
    # holds the sampling variance of the group already; the area's own is added as far as it is
    # larger.
    n = len(effects)
    spread = effects.var(ddof=1) * (1 + 1 / n) + max(0.0, own - float(variances.mean()))
    return Usual(np.array([effects.mean()]), np.sqrt(np.array([spread])), np.array([float(n - 1)]))


def hidden_neighbours(states: Iterable[tuple[str, str]]) -> str:
    """Return why hidden figures leave no usual range, empty if none of (name, state) is hidden."""
    # Small counts are hidden and others are not, so the neighbours that are left are not like all:
    # an area that is like all of them was called different in up to .4 of draws
    # (benchmarks/claims.py shares).
    names = [name for name, state in states if state == "suppressed"]
    if not names:
        return ""
    return f"hidden for {some(names)}: a range of those with larger counts is not that of all"


class NeighbourRange(NamedTuple):
    """The usual range among neighbours and p of an area in it, on the scale of the effects.

    ``p`` is missing where the area has no effect.
    """

    lower: float
    centre: float
    upper: float
    p: float


def range_of_neighbours(
    effects: Floats, variances: Floats, own: float, own_variance: float, *, confidence: float
) -> NeighbourRange:
    """Return the usual range for another member of a group, and p of the area in it."""
    usual = usual_among_neighbours(effects, variances, own_variance)
    centre, error, freedom = (float(each[0]) for each in usual)
    reach = special.stdtrit(freedom, 1 - (1 - confidence) / 2) * error
    if error > 0:
        p = 2 * special.stdtr(freedom, -abs(own - centre) / error)
    else:
        p = np.nan if np.isnan(own) else float(own == centre)
    return NeighbourRange(centre - reach, centre, centre + reach, float(p))


def usual_among_others(effects: Floats, variances: Floats) -> Usual:
    """Return for each area of a group what is usual among the others."""
    # Random effects: variance between areas by Paule and Mandel 1982 (J Res Natl Bur Stand 87:
    # 377-385), mean weighted by one over the whole variance; the funnel with additive
    # overdispersion of Spiegelhalter 2005 (Statistics in Medicine 24: 1185-1202) for an area that
    # is not in it.
    n = len(effects)
    own = np.eye(n) if n <= _TOGETHER else np.zeros((1, n))
    middle = effects.mean()
    powers = np.stack([np.ones(n), effects - middle, (effects - middle) ** 2], axis=1)
    between = _between(powers, variances, np.zeros((1, n)), np.zeros(1))
    if n <= _TOGETHER:
        # Start from the shared estimate; then leave each area out of its own.
        between = _between(powers, variances, own, np.repeat(between, n))
    weight = (1 - own) / (variances + between[:, None])
    total, product, _ = (weight @ powers).T
    centre = middle + product / total
    error = np.sqrt(variances + between + 1 / total)
    shape = np.ones(n)
    return Usual(centre * shape, error, ((1 - own).sum(axis=1) - 1) * shape)


def _between(powers: Floats, variances: Floats, own: Floats, start: Floats) -> Floats:
    """Return the variance between areas at which the weighted squares equal their expectation."""
    # ``powers`` are 1, the effects and their squares; ``own`` marks the area that each row leaves
    # out. The weighted squares fall with the variance and are convex in it, so Newton's steps come
    # to the root from below, wherever they start (DerSimonian and Kacker 2007).
    freedom = (1 - own).sum(axis=1) - 1
    between = start
    for _ in range(_STEPS):
        weight = (1 - own) / (variances + between[:, None])
        total, product, squares = (weight @ powers).T
        centre = product / total
        one, two, three = (weight**2 @ powers).T
        slope = three - 2 * centre * two + centre**2 * one
        step = (squares - product * centre - freedom) / np.maximum(slope, _TINY)
        new: Floats = np.maximum(between + step, 0.0)
        if (np.abs(new - between) <= _CLOSE * (between + _CLOSE)).all():
            return new
        between = new
    return between
