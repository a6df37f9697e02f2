"""How much more areas differ than chance makes them: phi and tau squared of a funnel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bolton_jsna.errors import UsageError
from bolton_jsna.options import is_number

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

LEAST_AREAS: Final = 10
"""With fewer areas the spread between them is not estimated."""


@dataclass(frozen=True)
class Dispersion:
    """What areas differ by beyond chance.

    Attributes
    ----------
    phi : float
        The mean of the squared z-scores; 1 where areas differ by chance alone.
    tau_squared : float
        The variance between areas, on the scale of the effects, not below zero.
    areas : int
        The number of areas it rests on.
    """

    phi: float
    tau_squared: float
    areas: int


def dispersion(
    effects: ArrayLike, errors: ArrayLike, *, target: float, winsorise: float = 0.1
) -> Dispersion:
    """Estimate how much areas differ beyond chance.

    Parameters
    ----------
    effects, errors : array_like of float, shape (n,)
        The figure of each area and its standard error were the target true; areas with a missing
        one are left out.
    target : float
        What areas are compared with, on the scale of the effects.
    winsorise : float, default 0.1
        The share of z-scores at each end that is drawn in to the quantile there, so that the areas
        looked for do not hide themselves.

    Returns
    -------
    Dispersion

    Raises
    ------
    UsageError
        When ``winsorise`` is no share from 0 to under 0.5.

    Notes
    -----
    phi is the mean of z squared, tau squared (N phi - (N - 1)) / (sum w - sum w^2 / sum w) with
    w = 1/s^2: Spiegelhalter 2005 (Statistics in Medicine 24: 1185-1202); Spiegelhalter et al. 2012;
    after DerSimonian and Laird 1986.

    Examples
    --------
    >>> found = dispersion([1, 3, 5], [1, 1, 1], target=3, winsorise=0)
    >>> round(found.phi, 3), round(found.tau_squared, 3)
    (2.667, 3.0)
    """
    import numpy as np

    if not is_number(winsorise) or not 0 <= winsorise < 0.5:
        raise UsageError(
            f"winsorise={winsorise!r} is no share from 0 to under 0.5. Write 0.1 for a tenth at "
            "each end."
        )
    figures, spread = np.asarray(effects, dtype=float), np.asarray(errors, dtype=float)
    known = ~np.isnan(figures) & (spread > 0)
    if known.sum() < 2:
        return Dispersion(float("nan"), float("nan"), int(known.sum()))
    spread = spread[known]
    z = (figures[known] - target) / spread
    if winsorise:
        z = np.clip(z, *np.quantile(z, [winsorise, 1 - winsorise]))
    n = len(z)
    phi = float(np.mean(z**2))
    weights = 1 / spread**2
    scale = weights.sum() - (weights**2).sum() / weights.sum()
    return Dispersion(phi, max(0.0, float((n * phi - (n - 1)) / scale)), n)
