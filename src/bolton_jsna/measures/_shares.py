"""Shares compared: with another share, with those of similar areas, and over the years, as arrays.

The same three questions as for rates (docs/methods/claims.md), for counts that are part of a whole.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy import special

from bolton_jsna.measures._arrays import Floats

EXACT_BELOW: Final = 100
"""Shares with fewer than this with or without the property on either side are compared exactly."""

_ITERATIONS: Final = 50
_STEEPEST: Final = 50.0
"""No change of the log odds in a year is as large."""


def share_p(
    part: Floats,
    whole: Floats,
    other_part: Floats,
    other_whole: Floats,
    *,
    spread: Floats | float = 1.0,
    other_spread: Floats | float = 1.0,
) -> Floats:
    """Return p-values of "both shares are of one probability"; missing where one is missing."""
    # Large counts: the score test, z of the difference over its error with the pooled share, which
    # is Pearson's chi-square without a correction (Altman et al. 2000, ch. 6). Small ones: given
    # both wholes and the sum of both parts, the first part is hypergeometric, and p is twice the
    # smaller tail, as the exact test of two rates (Fisher 1935; Agresti 2013, section 3.5).
    # ``spread`` is the variance of a part over the part itself, where cases are of one child.
    given = (part, whole, other_part, other_whole, spread, other_spread)
    k, n, other_k, other_n, f, g = np.broadcast_arrays(*(np.atleast_1d(each) for each in given))
    smallest = np.min([k, n - k, other_k, other_n - other_k], axis=0)
    known = ~np.isnan(smallest) & (n > 0) & (other_n > 0)
    found = np.full(k.shape, np.nan)
    score = known & ((smallest >= EXACT_BELOW) | ((smallest > 0) & ((f > 1) | (g > 1))))
    pooled = (k[score] + other_k[score]) / (n[score] + other_n[score])
    error = np.sqrt(pooled * (1 - pooled) * (f[score] / n[score] + g[score] / other_n[score]))
    z = (k[score] / n[score] - other_k[score] / other_n[score]) / error
    found[score] = 2 * special.ndtr(-np.abs(z))
    for at in np.flatnonzero(known & ~score):
        found[at] = _exact(k[at], n[at], other_k[at], other_n[at])
    return found


def _exact(k: float, n: float, other_k: float, other_n: float) -> float:
    """P of one pair: twice the smaller tail of the hypergeometric."""
    parts = k + other_k
    # All that the first part could be.
    could = np.arange(max(0.0, parts - other_n), min(n, parts) + 0.5)
    logs = _log_choose(n, could) + _log_choose(other_n, parts - could)
    chance = np.exp(logs - logs.max())
    chance /= chance.sum()
    tails = chance[could < k + 0.25].sum(), chance[could > k - 0.25].sum()
    return float(min(1.0, 2 * min(tails)))


def _log_choose(n: float, k: Floats) -> Floats:
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))


def log_odds(part: Floats, whole: Floats) -> tuple[Floats, Floats]:
    """Return the log odds of each share and their variances; also of none and of all."""
    # Half a case more on both sides: with it the bias of the log odds is least, and none and all
    # have one (Haldane 1955; Anscombe 1956; Gart and Zweifel 1967 for the variance).
    inside, outside = part + 0.5, whole - part + 0.5
    return np.log(inside / outside), 1 / inside + 1 / outside


def enough_cases(part: Floats, whole: Floats) -> bool:
    """Return whether a group of shares has enough cases for what is usual among them."""
    # With fewer cases with the property, or without it, than areas, the half case that the log odds
    # add decides where they lie: an area with many cases is then called different far too often.
    return bool(min(part.sum(), (whole - part).sum()) >= len(part))


class ShareTrend(NamedTuple):
    """Lines of the log odds over the years: slope a year, dispersion, and p of no slope.

    All are missing where a year is missing. Where every case with the property, or without it, is
    in the first or in the last year, or there is none, there is no slope and p is 1: one year
    shows no trend. Where no line on this scale describes the shares, p is missing too.
    """

    slope: Floats
    dispersion: Floats
    p: Floats


def quasi_binomial(part: Floats, whole: Floats, least: Floats | float = 1.0) -> ShareTrend:
    """Return the trend of each series of shares, one row per series, a column per year."""
    # Logistic regression on the year by maximum likelihood; variances multiplied by Pearson's
    # chi-square over its degrees of freedom, not below ``least`` of each series; Student's t with
    # years - 2 degrees (McCullagh and Nelder 1989, sections 4.3 to 4.5).
    series, years = part.shape
    when = np.arange(years) - (years - 1) / 2
    slope, spread, p = (np.full(series, np.nan) for _ in range(3))
    rest = whole - part
    complete = ~np.isnan(part + whole).any(axis=1) & (whole > 0).all(axis=1)
    spans = [each.sum(axis=1) > 0 for of in (part, rest) for each in (of[:, 1:], of[:, :-1])]
    spread_out = np.all(spans, axis=0)
    p[complete & ~spread_out] = 1.0
    fits = np.flatnonzero(complete & spread_out)
    if not len(fits):
        return ShareTrend(slope, spread, p)
    k, n = part[fits], whole[fits]
    total = k.sum(axis=1) / n.sum(axis=1)
    line = np.stack([np.log(total / (1 - total)), np.zeros(len(fits))])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for _ in range(_ITERATIONS):
            share = special.expit(line[0][:, None] + line[1][:, None] * when)
            apart, weight = k - n * share, n * share * (1 - share)
            score = apart.sum(axis=1), (apart * when).sum(axis=1)
            one, two, three = (
                each.sum(axis=1) for each in (weight, weight * when, weight * when**2)
            )
            determinant = one * three - two**2
            step = (
                np.stack([three * score[0] - two * score[1], one * score[1] - two * score[0]])
                / determinant
            )
            # A step of more than one on this scale may go past the solution.
            step /= np.maximum(1, np.abs(step).max(axis=0))
            line = line + step
            if np.nanmax(np.abs(step), initial=0.0) < 1e-11:
                break
        found = np.abs(step).max(axis=0) < 1e-6
        found &= np.abs(line[1]) < _STEEPEST
        pearson = np.where(weight > 0, apart**2 / weight, 0.0).sum(axis=1) / (years - 2)
        error = np.sqrt(
            np.maximum(pearson, np.broadcast_to(least, series)[fits]) * one / determinant
        )
        t = line[1] / error
    slope[fits] = np.where(found, line[1], np.nan)
    spread[fits] = np.where(found, pearson, np.nan)
    p[fits] = np.where(found, 2 * special.stdtr(years - 2.0, -np.abs(t)), np.nan)
    return ShareTrend(slope, spread, p)
