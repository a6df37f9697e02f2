"""Crude rates with intervals, method and state in one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bolton_jsna.errors import SchemaError, UsageError, choice, some
from bolton_jsna.measures.intervals import (
    BYAR,
    EXACT,
    EXACT_BELOW,
    confidence_levels,
    count_limits,
    level_suffix,
)
from bolton_jsna.states import MEANINGS, NUMERIC

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def crude_rates(
    frame: pd.DataFrame,
    *,
    count: str = "count",
    population: str = "population",
    per: float = 10_000,
    confidence: float | list[float] | tuple[float, ...] = 0.95,
    status: str = "status",
    population_status: str | None = None,
) -> pd.DataFrame:
    """Add the crude rate of each row, its confidence limits, the method and the state.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area, year or group. It is not changed.
    count, population : str
        The columns of events and of people at risk.
    per : float, default 10 000
        The number of people the rate is for.
    confidence : float or sequence of float, default 0.95
        One level gives ``lower`` and ``upper``; several give ``lower_95``, ``upper_95``,
        ``lower_99_8``, ``upper_99_8`` and so on.
    status : str, default "status"
        The column of the count's state. Without it, a count that is missing is
        ``not_available`` and any other a ``value``.
    population_status : str, optional
        The column of the population's state; a modelled population makes a modelled rate.

    Returns
    -------
    DataFrame, shape (n, k + 4 or more)
        The columns of ``frame`` (``status`` made or brought up to date), then ``rate`` (events
        per ``per`` people), the limits, and ``method`` (``Byar``, ``Exact Poisson``, empty where
        there is no rate). A count in a state without a number has no rate and keeps its state;
        a missing population gives ``not_available``, a population of zero ``not_applicable``.
        A count of zero gives a rate of zero with a proper upper limit.

    Raises
    ------
    SchemaError
        When a column is not there or holds text.
    UsageError
        When a count or population is negative or infinite, a value is missing that its state
        calls a value, a state is none of the states, or ``per`` or ``confidence`` cannot be meant.

    Notes
    -----
    Byar's method for counts of ten and more, exact Poisson below: OHID technical guide;
    Breslow and Day 1987; Armitage and Berry 2002. The population is taken as known.

    Examples
    --------
    >>> import pandas as pd
    >>> wards = pd.DataFrame(
    ...     {"count": [319, 0, None], "population": [75_599, 1_200, 1_300],
    ...      "status": ["value", "value", "suppressed"]}
    ... )
    >>> crude_rates(wards)[["rate", "lower", "upper", "method", "status"]].round(2)
       rate  lower  upper         method      status
    0  42.2  37.69  47.09           Byar       value
    1   0.0   0.00  30.74  Exact Poisson       value
    2   NaN    NaN    NaN           <NA>  suppressed
    """
    import numpy as np
    import pandas as pd

    from bolton_jsna.tables.schemas import text_dtype

    if not per > 0:
        raise UsageError(f"per={per!r} is not a number of people. Write per=10_000 or another.")
    levels = confidence_levels(confidence)
    wanted = [count, population, *([population_status] if population_status else [])]
    _need(frame, wanted)
    events = _numbers(frame, count)
    people = _numbers(frame, population)
    states = _states(frame, status, events, count)
    if population_status:
        people_states = frame[population_status].astype(object).to_numpy()
        _known(people_states, population_status)
        people = np.where(pd.Series(people_states).isin(NUMERIC), people, np.nan)
        modelled = (people_states == "modelled") & np.isin(states, list(NUMERIC))
        states = np.where(modelled, "modelled", states)
    counted = np.isin(states, list(NUMERIC))
    states = np.where(counted & np.isnan(people), "not_available", states)
    states = np.where(counted & (people == 0), "not_applicable", states)
    usable = np.isin(states, list(NUMERIC))
    events = np.where(usable, events, np.nan)
    people = np.where(usable, people, np.nan)

    out = frame.copy()
    out["rate"] = events * per / people
    for level in levels:
        lower, upper = count_limits(events, level)
        ending = "" if len(levels) == 1 else f"_{level_suffix(level)}"
        out[f"lower{ending}"] = lower * per / people
        out[f"upper{ending}"] = upper * per / people
    method = np.where(events < EXACT_BELOW, EXACT, BYAR).astype(object)
    method[~usable] = None
    out["method"] = pd.Series(method, index=out.index, dtype=object).astype("string")
    out[status] = pd.Series(states, index=out.index, dtype=object).astype(text_dtype())
    return out


def _need(frame: pd.DataFrame, columns: list[str]) -> None:
    lacking = [name for name in columns if name not in frame.columns]
    if lacking:
        raise SchemaError(
            f"The frame has no column {some(map(repr, lacking))}. It has "
            f"{some(map(repr, frame.columns), most=20)}. Name the columns with count= and "
            "population=."
        )


def _numbers(frame: pd.DataFrame, column: str) -> NDArray[Any]:
    import numpy as np
    import pandas as pd

    try:
        values: NDArray[Any] = pd.to_numeric(frame[column]).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise SchemaError(
            f"Column {column!r} holds text that is no number: {error}. Read the file with "
            "tables.<subject>.read, which keeps markers as states."
        ) from error
    wrong = (values < 0) | np.isinf(values)
    if wrong.any():
        raise UsageError(f"Column {column!r} holds {values[wrong][0]:g}; expected zero or more.")
    return values


def _states(frame: pd.DataFrame, status: str, events: NDArray[Any], count: str) -> NDArray[Any]:
    import numpy as np
    import pandas as pd

    missing = np.isnan(events)
    if status not in frame.columns:
        return np.where(missing, "not_available", "value").astype(object)
    given = frame[status].astype(object)
    states: NDArray[Any] = given.where(given.notna(), None).to_numpy()
    _known(states, status)
    contradicts = missing & pd.Series(states).isin(NUMERIC).to_numpy()
    if contradicts.any():
        raise UsageError(
            f"{int(contradicts.sum())} rows have the state 'value' or 'modelled' but no "
            f"{count!r}. Give them the state that says why (not_available, suppressed, ...)."
        )
    return states


def _known(states: NDArray[Any], column: str) -> None:
    import pandas as pd

    for state in pd.unique(pd.Series(states, dtype=object)):
        choice(column, state, MEANINGS)
