"""The last yearly change of a series, compared with its earlier yearly changes."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy import special

from bolton_jsna.measures._arrays import Floats, Positions
from bolton_jsna.measures._rate_ratio_limits import ratio_limits

FEWEST_CHANGES: Final = 3
"""With fewer earlier changes the usual change is not estimated."""


class YearlyChange(NamedTuple):
    """The last change of each series: arrays of shape (series,), missing where not known.

    ``change`` is the difference of the last two rates, ``usual`` the size within which the usual
    change lies at the level asked for, ``earlier`` how many earlier changes it rests on. ``p`` is
    of "this change is a usual one", ``chance_p`` of "both counts are of one rate".
    """

    change: Floats
    usual: Floats
    ratio: Floats
    ratio_lower: Floats
    ratio_upper: Floats
    p: Floats
    chance_p: Floats
    earlier: Positions


def last_change(
    events: Floats, people: Floats, variance: Floats, *, per: float, level: float
) -> YearlyChange:
    """Return the last yearly change of each series, compared with its earlier changes."""
    # Two counts y1, y2 of n1, n2 people: z is the difference of their rates over sqrt((y1 + y2) /
    # (n1 n2)), its error if both are of one rate. Chance alone gives z a variance of 1. The
    # dispersion is the mean of z^2 over the earlier pairs of consecutive years, not below 1, nor
    # below variance over count where events recur (McCullagh and Nelder 1989, section 4.5). The
    # last z over its root is compared with Student's t with as many degrees of freedom as there
    # are earlier changes. That is exact for independent normal changes. Where instead the years
    # themselves are independent, neighbouring changes are correlated (-1/2); simulation shows
    # errors of .055 at most where .05 is asked for, with means of 20 and more and variances of up
    # to 23 times the mean (``docs/methods/comparison.md``). A mean of 3 with 40 times the variance
    # gives .1. The limits of the ratio are Wilson's of y2 out of y1 + y2 with the same dispersion
    # and t, so that they leave out 1 exactly where p < 1 - level.
    first, second = events[:, :-1], events[:, 1:]
    before, now = people[:, :-1], people[:, 1:]
    total = first + second
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(total / (before * now))
        apart = second / now - first / before
        # Two years without events do not differ: 0 over 0.
        z = np.where(total == 0, 0.0, apart / error)
        known = ~np.isnan(z[:, :-1])
        earlier = known.sum(axis=1)
        dispersion = np.where(known, z[:, :-1] ** 2, 0).sum(axis=1) / earlier
        repeats = (variance[:, -2] + variance[:, -1]) / total[:, -1]
        repeats = np.where(total[:, -1] == 0, 1.0, repeats)
        scale = np.sqrt(np.maximum(dispersion, repeats))
        scale = np.where(earlier >= FEWEST_CHANGES, scale, np.nan)
        degrees = np.maximum(earlier, 1)
        p = 2 * special.stdtr(degrees, -np.abs(z[:, -1]) / scale)
        reach = special.stdtrit(degrees, 1 - (1 - level) / 2) * scale
        usual = np.where(total[:, -1] == 0, np.nan, reach * error[:, -1])
    able = ~np.isnan(apart[:, -1]) & ~np.isnan(repeats + total[:, -1])
    pair = [np.where(able, each[:, -1], fill) for each, fill in ((second, np.nan), (now, 1))]
    pair += [np.where(able, each[:, -1], fill) for each, fill in ((first, np.nan), (before, 1))]
    chance = ratio_limits(
        *pair,
        confidence=level,
        variance=_factor(variance[:, -1], second[:, -1]),
        other_variance=_factor(variance[:, -2], first[:, -1]),
    )
    lower, upper = _wilson(second[:, -1], total[:, -1], reach)
    with np.errstate(divide="ignore", invalid="ignore"):
        turned = before[:, -1] / now[:, -1]
        lower, upper = (
            np.where(first[:, -1] > 0, each / (1 - each) * turned, np.nan)
            for each in (lower, upper)
        )
    # Multiplied first, as crude_rates does, so that the change is the difference of its rates.
    change = second[:, -1] * per / now[:, -1] - first[:, -1] * per / before[:, -1]
    return YearlyChange(change, usual * per, chance.ratio, lower, upper, p, chance.p, earlier)


def _wilson(part: Floats, whole: Floats, reach: Floats) -> tuple[Floats, Floats]:
    """Limits of a share, ``reach`` standard errors from it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        square = reach**2
        middle = part + square / 2
        half = reach * np.sqrt(part * (whole - part) / whole + square / 4)
        lower, upper = (middle - half) / (whole + square), (middle + half) / (whole + square)
        return np.where(part > 0, np.maximum(lower, 0), lower * 0), upper


def _factor(variance: Floats, events: Floats) -> Floats:
    """Variance of a year's counts over the counts; a count of zero has none to widen."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(events > 0, variance / events, 1.0)
