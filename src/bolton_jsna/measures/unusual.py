"""Is an area unusual among areas like it? What is usual is told by how much these areas differ.

Authorities differ by far more than chance in their counts. So "the difference from England is not
chance" and "this area is unusual" are two questions; this module answers the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_OTHERS: Final = 8
"""With fewer other areas the spread between the areas of a country or region is not estimated."""

LEAST_NEIGHBOURS: Final = 5
"""With fewer statistical neighbours there is no usual range."""

_TOGETHER: Final = 400
"""Above so many areas one of them does not move the spread, and all share one estimate."""

_STEPS: Final = 60


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

    centre: NDArray[np.float64]
    error: NDArray[np.float64]
    freedom: NDArray[np.float64]


def usual_among_neighbours(
    effects: NDArray[np.float64], variances: NDArray[np.float64], own: float
) -> Usual:
    """Return what is usual for a further member of a small group of areas alike.

    Parameters
    ----------
    effects, variances : ndarray of float, shape (n,)
        Log rates of the group and their sampling variances.
    own : float
        The sampling variance of the area's own log rate.

    Returns
    -------
    Usual
        With entries of shape (1,).

    Notes
    -----
    Prediction interval for a new member of a group: mean of the log rates plus and minus t(n - 1)
    times s sqrt(1 + 1/n): Higgins, Thompson and Spiegelhalter 2009 (JRSS A 172: 137-159). s holds
    the sampling variance of the group already; the area's own is added as far as it is larger.

    Examples
    --------
    >>> import numpy as np
    >>> found = usual_among_neighbours(np.log([90.0, 100, 110, 120, 95]), np.full(5, 0.001), 0.001)
    >>> np.exp(found.centre).round(1).item(), found.freedom.item()
    (102.4, 4.0)
    """
    import numpy as np

    n = len(effects)
    spread = effects.var(ddof=1) * (1 + 1 / n) + max(0.0, own - float(variances.mean()))
    return Usual(np.array([effects.mean()]), np.sqrt(np.array([spread])), np.array([float(n - 1)]))


def usual_among_others(effects: NDArray[np.float64], variances: NDArray[np.float64]) -> Usual:
    """Return for each area of a group what is usual among the others.

    Parameters
    ----------
    effects, variances : ndarray of float, shape (n,)
        Log rates and their sampling variances; 3 areas or more.

    Returns
    -------
    Usual
        Of each area from all but itself, so that an area does not hide itself.

    Notes
    -----
    Random effects: variance between areas by Paule and Mandel 1982 (J Res Natl Bur Stand 87:
    377-385), mean weighted by one over the whole variance; the funnel with additive overdispersion
    of Spiegelhalter 2005 (Statistics in Medicine 24: 1185-1202) for an area that is not in it.

    Examples
    --------
    >>> import numpy as np
    >>> found = usual_among_others(np.log([90.0, 100, 110, 300]), np.full(4, 0.001))
    >>> np.exp(found.centre).round(1).tolist()
    [148.9, 143.7, 139.2, 99.7]
    """
    import numpy as np

    n = len(effects)
    others = ~np.eye(n, dtype=bool) if n <= _TOGETHER else np.ones((1, n), dtype=bool)
    between = _between(effects, variances, others)
    weight = others / (variances + between[:, None])
    total = weight.sum(axis=1)
    centre = (weight @ effects) / total
    error = np.sqrt(variances + between + 1 / total)
    freedom = others.sum(axis=1) - 1.0
    shape = np.ones(n)
    return Usual(centre * shape, error, freedom * shape)


def _between(
    effects: NDArray[np.float64], variances: NDArray[np.float64], others: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the variance between areas by which the weighted squares come to their expectation."""
    import numpy as np

    freedom = others.sum(axis=1) - 1

    def excess(between: NDArray[np.float64]) -> NDArray[np.float64]:
        weight = others / (variances + between[:, None])
        centre = (weight @ effects) / weight.sum(axis=1)
        squares: NDArray[np.float64] = (weight * (effects - centre[:, None]) ** 2).sum(axis=1)
        more: NDArray[np.float64] = squares - freedom
        return more

    low = np.zeros(len(others))
    high = np.full(len(others), (np.ptp(effects) + 1e-12) ** 2)
    none = excess(low) <= 0
    # The squares fall as the variance between grows, so that halving finds where they are right.
    for _ in range(_STEPS):
        middle = (low + high) / 2
        more = excess(middle) > 0
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    found: NDArray[np.float64] = np.where(none, 0.0, (low + high) / 2)
    return found
