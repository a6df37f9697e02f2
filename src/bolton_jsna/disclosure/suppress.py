"""Hiding small counts among areas whose total is known.

The total of an authority is published by DfE, so one hidden ward could be worked out from the
others. Further wards are hidden, the smallest first, until nobody who knows the total and every
count shown can bound a hidden count closely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bolton_jsna.disclosure.rules import DFE, SuppressionRule
from bolton_jsna.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray


def bounds(counts: ArrayLike, hidden: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return what an intruder can know of each count: its smallest and largest possible value.

    The intruder knows the total, every count shown, which counts are hidden, and that a hidden
    count is at least 1 (zeros are shown).

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
    most = int(true[masked].sum()) - (number - 1)
    least = most if number == 1 else 1
    return np.where(masked, least, true), np.where(masked, most, true)


def hide(counts: ArrayLike, rule: SuppressionRule = DFE) -> NDArray[Any]:
    """Say which counts of a set with a known total must be hidden.

    Parameters
    ----------
    counts : array_like of int, shape (n,)
        The counts of areas that add up to a total known to the public. Records that belong to
        no area are one more count of the set.
    rule : SuppressionRule
        The rule; DfE's by default.

    Returns
    -------
    ndarray of bool, shape (n,)
        Primary suppression (1 to the threshold) and the secondary suppression that protects it:
        the smallest further counts above zero. Where even those are too few, every count is
        hidden, zeros too.

    Raises
    ------
    UsageError
        When a count is negative.

    Notes
    -----
    Hundepool et al. 2012, chapter 4: a hidden cell is safe when the interval that an intruder
    can work out for it is wide enough.

    Examples
    --------
    >>> hide([3, 8, 12, 40]).tolist()
    [True, True, False, False]
    >>> hide([0, 12, 40]).tolist()
    [False, False, False]
    """
    import numpy as np

    true = np.asarray(counts, dtype=np.int64)
    if (true < 0).any():
        raise UsageError(f"A count is zero or more; found {true[true < 0][0]}.")
    hidden = (true >= 1) & (true <= rule.threshold)
    if not hidden.any():
        return hidden
    # Hiding a zero would make "hidden counts are at least 1" untrue, so zeros are never used.
    order = [place for place in np.argsort(true, kind="stable") if true[place] > rule.threshold]
    while not _safe(true, hidden, rule) and order:
        hidden[order.pop(0)] = True
    if not _safe(true, hidden, rule):
        hidden[:] = True
    return hidden


def _safe(true: NDArray[Any], hidden: NDArray[Any], rule: SuppressionRule) -> bool:
    lower, upper = bounds(true, hidden)
    return bool(((upper - lower)[hidden] >= rule.width).all())


def protect(
    table: pd.DataFrame, *, count: str = "count", others: int = 0, rule: SuppressionRule = DFE
) -> tuple[pd.DataFrame, int | None]:
    """Hide the small counts of a table of areas.

    Parameters
    ----------
    table : DataFrame
        One row per area with whole counts, none missing.
    count : str, default "count"
        The column of counts.
    others : int, default 0
        Events of the same total that belong to no row, such as records without an address.
    rule : SuppressionRule
        The rule; DfE's by default.

    Returns
    -------
    protected : DataFrame
        The table with ``count`` missing and ``status`` ``suppressed`` where hidden, and
        ``status`` ``value`` elsewhere.
    others : int or None
        The number of other events, or None where it must not be told either.

    Raises
    ------
    UsageError
        When a count is missing or negative.

    Examples
    --------
    >>> import pandas as pd
    >>> wards = pd.DataFrame({"area_code": ["a", "b", "c"], "count": [2, 9, 40]})
    >>> protected, _ = protect(wards)
    >>> protected["count"].tolist()
    [<NA>, <NA>, 40]
    """
    import numpy as np
    import pandas as pd

    counts = table[count]
    if counts.isna().any():
        raise UsageError(
            f"{int(counts.isna().sum())} counts are missing; expected a whole number in every "
            "row. Count the events of every area first, zero where there is none."
        )
    *among, other = hide(np.append(counts.to_numpy(dtype=np.int64), others), rule)
    hidden = np.array(among, dtype=bool)
    out = table.copy()
    out[count] = counts.astype("Int64").where(~pd.Series(hidden, index=table.index))
    out["status"] = np.where(hidden, "suppressed", "value")
    return out, None if other else others
