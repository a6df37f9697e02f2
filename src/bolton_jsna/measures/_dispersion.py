"""Overdispersion of a funnel: phi and tau squared."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.errors import UsageError

LEAST_AREAS: Final = 10
"""With fewer areas the spread between them is not estimated."""


@dataclass(frozen=True)
class Dispersion:
    """How much areas differ beyond chance.

    Attributes
    ----------
    phi : float
        The mean of the squared z-scores, over what winsorising leaves of it; about 1 where areas
        differ by chance alone.
    tau_squared : float
        The variance between areas, on the scale of the effects, not below zero.
    areas : int
        The number of areas it rests on.
    """

    phi: float
    tau_squared: float
    areas: int


def dispersion(
    effects: ArrayLike,
    errors: ArrayLike,
    *,
    target: float,
    winsorise: float = 0.1,
    consistent: bool = True,
) -> Dispersion:
    """Estimate how much areas differ beyond chance."""
    # phi is the mean of z squared over c, what winsorising leaves of it where areas differ by
    # chance (:func:`winsorised_share`): Spiegelhalter 2005 (Statistics in Medicine 24: 1185-1202).
    # Without winsorising tau squared is (N phi - (N - 1)) / (sum w - sum w^2 / sum w) with w =
    # 1/s^2 (Spiegelhalter et al. 2012; DerSimonian and Laird 1986). With it, it is the variance
    # that, added to s^2, makes phi (N - 1) / N (Paule and Mandel 1982), because winsorising
    # scores over s alone draws in large areas more. ``consistent=False`` gives the first formula
    # and c = 1.
    if not is_number(winsorise) or not 0 <= winsorise < 0.5:
        raise UsageError(
            f"winsorise={winsorise!r} is not a share from 0 to under 0.5. Write 0.1 for a tenth "
            "at each end."
        )
    figures, spread = np.asarray(effects, dtype=float), np.asarray(errors, dtype=float)
    known = ~np.isnan(figures) & (spread > 0)
    if known.sum() < 2:
        return Dispersion(float("nan"), float("nan"), int(known.sum()))
    apart, spread = figures[known] - target, spread[known]
    n = len(apart)
    share = winsorised_share(winsorise) if consistent else 1.0

    def phi_of(between: float) -> float:
        """Return phi after a variance between areas is added to each error."""
        z = apart / np.sqrt(spread**2 + between)
        if winsorise:
            z = np.clip(z, *np.quantile(z, [winsorise, 1 - winsorise]))
        return float(np.mean(z**2)) / share

    phi = phi_of(0.0)
    if winsorise and consistent:
        return Dispersion(phi, _paule_mandel(phi_of, n, largest=float((apart**2).max()) / share), n)
    weights = 1 / spread**2
    scale = weights.sum() - (weights**2).sum() / weights.sum()
    return Dispersion(phi, max(0.0, float((n * phi - (n - 1)) / scale)), n)


def _paule_mandel(phi_of: Callable[[float], float], n: int, *, largest: float) -> float:
    """Return the variance between areas at which phi is what chance alone would give."""
    from scipy import optimize

    usual = (n - 1) / n
    if phi_of(0.0) <= usual:
        return 0.0
    found = optimize.brentq(
        lambda between: phi_of(between) - usual, 0.0, largest / usual, rtol=1e-10, xtol=1e-300
    )
    return float(found)


def winsorised_share(winsorise: float) -> float:
    """Return the mean square of standard normal scores after winsorising."""
    # With a the normal quantile of 1 - q: (1 - 2 q) - 2 a f(a) + 2 q a^2, f the normal density.
    if not winsorise:
        return 1.0
    end = -float(special.ndtri(winsorise))
    density = math.exp(-(end**2) / 2) / math.sqrt(2 * math.pi)
    return 1 - 2 * winsorise - 2 * end * density + 2 * winsorise * end**2
