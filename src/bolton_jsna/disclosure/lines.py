"""Hiding small counts among areas whose total is known.

The total of an authority is published by DfE, so one hidden ward could be worked out from the
others. The smallest count that lies far enough above the smallest hidden one is hidden with it.
Areas of equal count are hidden together, so what is printed is the same for every order of the
hidden counts among their areas: whoever knows the total, every count shown and this very method
cannot tell which hidden area has the smallest of them and which the largest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bolton_jsna.disclosure.rules import DFE, SuppressionRule
from bolton_jsna.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def bounds(counts: ArrayLike, hidden: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return what an intruder can know of each count: its smallest and largest possible value.

    The intruder knows the total, every count shown, which counts are hidden, and that a hidden
    count is at least 1, unless zeros are hidden too.

    Parameters
    ----------
    counts : array_like of int, shape (n,)
        The true counts.
    hidden : array_like of bool, shape (n,)
        Which are hidden.

    Returns
    -------
    lower, upper : ndarray of int, shape (n,)
        Equal to the count where it is shown.

    Examples
    --------
    >>> lower, upper = bounds([2, 9, 40], [True, True, False])
    >>> lower.tolist(), upper.tolist()
    ([1, 1, 40], [10, 10, 40])
    """
    import numpy as np

    true = np.asarray(counts, dtype=np.int64)
    masked = np.asarray(hidden, dtype=bool)
    number = int(masked.sum())
    total = int(true[masked].sum())
    floor = 0 if (true[masked] == 0).any() else 1
    most = total - floor * (number - 1)
    least = most if number == 1 else floor
    return np.where(masked, least, true), np.where(masked, most, true)


def hide(
    counts: ArrayLike, rule: SuppressionRule = DFE, *, already: ArrayLike | None = None
) -> NDArray[Any]:
    """Say which counts of a set with a known total must be hidden.

    Parameters
    ----------
    counts : array_like of int, shape (n,)
        The counts of areas that add up to a total known to the public. Records that belong to
        no area are one more count of the set.
    rule : SuppressionRule
        The rule; DfE's by default.
    already : array_like of bool, shape (n,), optional
        Counts that are hidden for another reason, as what was hidden before: where they protect
        the small ones, no further count is hidden.

    Returns
    -------
    ndarray of bool, shape (n,)
        Primary suppression (1 to the threshold, zeros too where the rule hides them) and the
        secondary suppression that protects it: the smallest further count that exceeds the
        smallest hidden one by the width of the rule (equal counts together). Where there is none,
        every count above zero is hidden; where even those are too few, every count, zeros too.

    Raises
    ------
    UsageError
        When a count is negative or no whole number.

    Notes
    -----
    Hundepool et al. 2012, chapter 4: a hidden cell is safe when the interval that an intruder
    can work out for it is wide enough. Wong et al. 2007 (minimality attack): it must be so for an
    intruder who knows the method too. Hiding the fewest smallest counts fails there: of 5, 6, 6
    and 40 it hides the first two, and a sum of 11 with nothing above 6 can only be 5 and 6.

    Examples
    --------
    >>> hide([3, 8, 12, 40]).tolist()
    [True, True, False, False]
    >>> hide([0, 12, 40]).tolist()
    [False, False, False]
    >>> hide([5, 6, 6, 40, 50]).tolist()
    [True, False, False, True, False]
    """
    import numpy as np

    given = np.asarray(counts)
    true = given.astype(np.int64)
    if (true != given).any():
        raise UsageError(f"A count is a whole number; found {given[true != given][0]}.")
    if (true < 0).any():
        raise UsageError(f"A count is zero or more; found {true[true < 0][0]}.")
    least = 1 if rule.zeros == "shown" else 0
    hidden: NDArray[Any] = (true >= least) & (true <= rule.threshold)
    small = hidden.any()
    if already is not None:
        hidden |= np.asarray(already, dtype=bool)
    if not small:
        return hidden
    apart = true[hidden].min() + rule.width
    if true[hidden].max() >= apart:
        return hidden
    if (true >= apart).any():
        hidden |= true == true[true >= apart].min()
        return hidden
    # With nothing above zero shown, the hidden counts may be any that add up to their sum.
    hidden |= true >= least
    lower, upper = bounds(true, hidden)
    if ((upper - lower)[hidden] < rule.width).any():
        hidden[:] = True
    return hidden
