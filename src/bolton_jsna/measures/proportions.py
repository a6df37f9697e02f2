"""Proportions and means with intervals, method and state in one row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from scipy import special

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.comparable_rows import one_subject
from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.measures._aggregation import add_up, group_codes, group_rows
from bolton_jsna.measures._frame_columns import (
    CODES,
    counted_codes,
    counts_and_people,
    labels,
    need,
    numbers,
    numeric,
    positive,
    state_text,
)
from bolton_jsna.measures._intervals import WILSON, confidence_levels, proportion_limits

STUDENT: Final = "Student's t"

Missing = Literal["refuse", "leave_out"]


@checked
def proportions(
    frame: pd.DataFrame,
    *,
    count: str = "count",
    denominator: str = "denominator",
    per: float = 100,
    confidence: float | list[float] | tuple[float, ...] = 0.95,
    status: str = "status",
    by: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Add the proportion of each row, its confidence limits, the method and the state.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area, year or group. It is not changed.
    count, denominator : str
        The columns of those with the property and of all, such as repeat referrals and referrals.
    per : float, default 100
        What the proportion is of: 100 for per cent, 1 for a share.
    confidence : float or sequence of float, default 0.95
        One level gives ``lower`` and ``upper``; several give ``lower_95``, ``upper_95``,
        ``lower_99_8``, ``upper_99_8`` and so on.
    status : str, default "status"
        The column of the count's state. Without it, a count that is missing is
        ``not_available`` and any other a ``value``.
    by : str or sequence of str, optional
        Add up by these columns first, as :func:`crude_rates` does.

    Returns
    -------
    DataFrame, shape (n, k + 4 or more)
        The columns of ``frame``, then ``proportion``, the limits and ``method`` (``Wilson``). A
        count in a state without a number has no proportion and keeps its state; a missing
        denominator (or one in a state without a number, by a column ``denominator_status``) gives
        ``not_available``, a denominator of zero ``not_applicable``.

    Raises
    ------
    SchemaError
        When a column is not there or holds text.
    UsageError
        When a count is negative or more than its denominator, a value is missing that its state
        calls a value, a state is not one of the states, or an option is not valid.

    Notes
    -----
    Wilson 1927; Newcombe and Altman 2000; OHID technical guide.

    Examples
    --------
    Of 263 patients 81 (Newcombe 1998, table I), none of 20, and a hidden count:

    >>> import pandas as pd, bolton_jsna as jsna
    >>> rows = pd.DataFrame({"count": [81, 0, None], "denominator": [263, 20, 30],
    ...     "status": ["value", "value", "suppressed"]})
    >>> found = jsna.proportions(rows, per=1)
    >>> found[["proportion", "lower", "upper", "method", "status"]].round(4)
       proportion   lower   upper  method      status
    0       0.308  0.2553  0.3662  Wilson       value
    1       0.000  0.0000  0.1611  Wilson       value
    2         NaN     NaN     NaN    <NA>  suppressed

    Plans for each child in need of Bolton at 31 March 2025, per cent:

    >>> cin = jsna.load_children_in_need("Bolton", years=[2025]).set_index("indicator")["count"]
    >>> plans = pd.DataFrame({"count": [cin["cpp_at_31_march"]],
    ...     "denominator": [cin["cin_at_31_march"]]})
    >>> jsna.proportions(plans)[["proportion", "lower", "upper"]].round(1).iloc[0].tolist()
    [14.6, 13.2, 16.1]
    """
    positive("per", per)
    levels = confidence_levels(confidence)
    if by is not None:
        frame = add_up(frame, by, sums=[count, denominator], status=status)
    need(frame, [count, denominator], options="count= and denominator=")
    events, everyone, codes = counts_and_people(frame, count, denominator, status, None)
    counted = numeric(codes)
    wrong = counted & (events > everyone)
    if wrong.any():
        raise UsageError(
            f"{int(wrong.sum())} rows have more {count!r} than {denominator!r}, such as "
            f"{events[wrong][0]:g} of {everyone[wrong][0]:g}. For events per head of people use "
            "crude_rates."
        )
    codes[counted & (everyone == 0)] = CODES["not_applicable"]
    usable = numeric(codes)
    events = np.where(usable, events, np.nan)
    everyone = np.where(usable, everyone, np.nan)
    new: dict[str, Any] = {"proportion": events * per / everyone}
    for level, ending in levels.items():
        low, high = proportion_limits(events, everyone, level)
        new[f"lower{ending}"], new[f"upper{ending}"] = low * per, high * per
    new["method"] = labels(np.where(usable, 0, -1), [WILSON], frame.index)
    new[status] = state_text(codes, frame.index)
    return frame.assign(**new)


@checked
def means(
    frame: pd.DataFrame,
    value: str = "value",
    *,
    by: str | Sequence[str],
    confidence: float | list[float] | tuple[float, ...] = 0.95,
    status: str = "status",
    missing: Missing = "refuse",
) -> pd.DataFrame:
    """Return the mean of each group with its confidence limits, method and state.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per thing measured.
    value : str, default "value"
        The column averaged.
    by : str or sequence of str
        The columns that define the groups.
    confidence : float or sequence of float, default 0.95
        One level or several, as in :func:`crude_rates`.
    status : str, default "status"
        The column of the value's state. Without it, a value that is missing is ``not_available``.
    missing : {"refuse", "leave_out"}, default "refuse"
        ``refuse``: a group with a value missing has no mean, only the state of that part.
        ``leave_out``: its mean is of the values that exist, ``parts_used`` of ``parts``.

    Returns
    -------
    DataFrame, shape (g, ...)
        One row per group in order of first appearance: the ``by`` columns, ``mean``, the limits,
        ``standard_deviation``, ``method`` (``Student's t``, empty for a single value, which has
        no interval), ``status``, ``parts`` and ``parts_used``.

    Raises
    ------
    SchemaError
        When a column is not there or holds text.
    UsageError
        When a value is infinite, or missing where its state calls it a value, a state is not one of
        the states, or an option is not valid.

    Notes
    -----
    The mean plus and minus t(n - 1) times the sample standard deviation over the root of n: OHID
    technical guide; Altman et al. 2000.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> idaci = jsna.load_idaci("Bolton", edition=2025)
    >>> found = jsna.means(idaci, by="edition", value="idaci_score")
    >>> found[["mean", "lower", "upper"]].round(3).iloc[0].tolist(), int(found["parts_used"][0])
    ([0.429, 0.394, 0.464], 177)
    """
    choice("missing", missing, ("refuse", "leave_out"))
    levels = confidence_levels(confidence)
    need(frame, [value], options="value=")
    values = numbers(frame, value, least=None)
    codes = counted_codes(frame, status, values, value)
    keys, places = group_rows(frame, by)
    one_subject(frame, places, to="average", by=by, series=True)
    groups = len(keys)
    used = numeric(codes)
    parts = np.bincount(places[codes != CODES["not_applicable"]], minlength=groups)
    n = np.bincount(places[used], minlength=groups)
    state = group_codes(codes, places, groups)
    if missing == "leave_out":
        state = np.where(n > 0, group_codes(codes[used], places[used], groups), state)
    known = numeric(state)
    size = np.where(known, n, np.nan)
    mean = np.bincount(places[used], weights=values[used], minlength=groups) / size
    apart = (values[used] - mean[places[used]]) ** 2
    squares = np.bincount(places[used], weights=apart, minlength=groups)
    free = np.where(known & (n > 1), n - 1.0, np.nan)
    deviation = np.sqrt(squares / free)
    new: dict[str, Any] = {"mean": mean}
    for level, ending in levels.items():
        reach = special.stdtrit(free, (1 + level) / 2) * deviation / np.sqrt(size)
        new[f"lower{ending}"], new[f"upper{ending}"] = mean - reach, mean + reach
    new["standard_deviation"] = deviation
    new["method"] = labels(np.where(np.isnan(free), -1, 0), [STUDENT], keys.index)
    new[status] = state_text(state, keys.index)
    return keys.assign(**new, parts=parts, parts_used=n)
