"""Many comparisons at once: p-values adjusted for the share of false alarms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import column_names
from bolton_jsna.core.errors import UsageError
from bolton_jsna.measures._aggregation import group_numbers
from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._frame_columns import need, numbers
from bolton_jsna.measures._intervals import as_floats


@checked
def benjamini_hochberg(
    p_values: ArrayLike | Sequence[float | None], *, families: ArrayLike | None = None
) -> Floats:
    """Return p-values adjusted for the number of comparisons (false discovery rate).

    Parameters
    ----------
    p_values : array_like of float, shape (n,)
        One p-value per comparison, 0 to 1; missing where nothing was compared.
    families : array_like of int, shape (n,), optional
        The family of each comparison, such as all areas of one indicator and year. Without it,
        all belong to one.

    Returns
    -------
    ndarray of float, shape (n,)
        For the i-th smallest of the m p-values of a family, the least of p(j) m / j over j from i
        on, at most 1. A missing p-value stays missing and does not count in m. If those at
        or under q are reported as findings, the expected share of false ones is at most q.

    Raises
    ------
    UsageError
        When a p-value is not a probability, or ``families`` has another length or a missing value.

    Notes
    -----
    Benjamini and Hochberg 1995, J R Statist Soc B 57: 289-300; in the form of adjusted p-values,
    Yekutieli and Benjamini 1999. It holds when the comparisons are independent or positively
    dependent, as areas compared with one common benchmark are.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03, None]).round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    try:
        given = as_floats(p_values)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise UsageError(
            f"p_values holds something that is not a number: {error}. Give numbers from 0 to 1, "
            "missing where nothing was compared."
        ) from error
    if given.ndim > 1:
        raise UsageError(
            f"p_values has {given.ndim} dimensions; expected one row, such as frame['p']."
        )
    wrong = (given < 0) | (given > 1)
    if wrong.any():
        raise UsageError(f"p_values holds {given[wrong][0]:g}; expected numbers from 0 to 1.")
    family = np.zeros(len(given), dtype=int) if families is None else np.asarray(families)
    if family.shape != given.shape:
        raise UsageError(
            f"There are {len(given)} p-values and {family.size} families; expected one family for "
            "each p-value."
        )
    if pd.isna(family).any():
        raise UsageError(
            f"{int(pd.isna(family).sum())} p-values have no family. Give each one, such as its "
            "year, or leave those out."
        )
    adjusted = np.full(len(given), np.nan)
    known = np.flatnonzero(~np.isnan(given))
    if not len(known):
        return adjusted
    order = known[np.lexsort((given[known], family[known]))]
    starts = np.flatnonzero(np.r_[True, family[order][1:] != family[order][:-1]])
    sizes = np.diff(np.r_[starts, len(order)])
    place = np.arange(len(order)) - np.repeat(starts, sizes) + 1
    # The quotient first: it is exactly 1 for the largest, which must not fall by rounding.
    raised = given[order] * (np.repeat(sizes, sizes) / place)
    for start, size in zip(starts, sizes, strict=True):
        part = raised[start : start + size]
        part[:] = np.minimum.accumulate(part[::-1])[::-1]
    adjusted[order] = np.minimum(raised, 1)
    return adjusted


@checked
def adjust_p_values(
    frame: pd.DataFrame, *, p: str = "p", by: Sequence[str] = (), into: str = "p_adjusted"
) -> pd.DataFrame:
    """Add p-values adjusted for the number of comparisons in each family.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per comparison. It is not changed.
    p : str, default "p"
        The column of p-values; missing where nothing was compared.
    by : sequence of str, default ()
        The columns that make a family: ``["indicator", "year"]`` adjusts across the areas of each
        indicator and year. Without them, all rows are one family.
    into : str, default "p_adjusted"
        The column to add.

    Returns
    -------
    DataFrame, shape (n, k + 1)

    Raises
    ------
    SchemaError
        When a column is not there.
    UsageError
        When a p-value is not a probability.

    Notes
    -----
    See :func:`benjamini_hochberg`.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> referrals = jsna.load_children_in_need(indicators="referrals", years=[2025])
    >>> found = jsna.compare_with_benchmark(referrals, "England")
    >>> again = adjust_p_values(found, by=["indicator"], into="p_all_rows")
    >>> int(again["p_all_rows"].le(0.05).sum())
    17
    """
    by = column_names("by", by)
    need(frame, [p, *by], options="p= and by=")
    out = frame.copy()
    out[into] = benjamini_hochberg(numbers(frame, p, least=None), families=group_numbers(frame, by))
    return out
