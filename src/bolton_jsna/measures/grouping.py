"""Adding up the parts of a group: a group with a hidden part is no sum, and says so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from bolton_jsna.errors import UsageError, some
from bolton_jsna.measures.rows import (
    CODES,
    both_codes,
    counted_codes,
    need,
    numbers,
    numeric,
    people_and_codes,
    state_text,
)
from bolton_jsna.options import column_names
from bolton_jsna.stacked import one_subject

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def group_rows(
    frame: pd.DataFrame, by: str | Sequence[str]
) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Return the groups of a frame and the group of each row.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
    by : str or sequence of str
        The columns that tell the groups apart. Rows without one of them form groups of their own.

    Returns
    -------
    keys : DataFrame, shape (g, number of columns)
        The groups in order of their first row.
    places : ndarray of int, shape (n,)
        The position of each row's group in ``keys``.

    Raises
    ------
    SchemaError
        When a column is not there.
    UsageError
        When ``by`` names no column, or one twice.

    Examples
    --------
    >>> import pandas as pd
    >>> keys, places = group_rows(pd.DataFrame({"area": ["b", "a", "b"]}), "area")
    >>> keys["area"].tolist(), places.tolist()
    (['b', 'a'], [0, 1, 0])
    """
    import numpy as np

    names = column_names("by", by)
    if not names or len(set(names)) < len(names):
        raise UsageError(f"by={by!r} must name one or more different columns.")
    need(frame, names, options="by=")
    # The labels of the rows may repeat or have the names of columns, and say nothing here.
    plain = frame[names].reset_index(drop=True)
    places = plain.groupby(names, sort=False, observed=True, dropna=False).ngroup().to_numpy()
    first = np.full(places.max() + 1 if len(places) else 0, -1)
    # Written from the last row to the first, so that the first row of each group stays.
    first[places[::-1]] = np.arange(len(places))[::-1]
    return plain.iloc[first].reset_index(drop=True), places


def group_codes(codes: NDArray[np.int8], places: NDArray[np.intp], groups: int) -> NDArray[np.int8]:
    """Return the state of each group's sum from the states of its parts.

    Parameters
    ----------
    codes : ndarray of int8, shape (n,)
        States of the parts, as positions in :data:`~bolton_jsna.measures.rows.STATES`.
    places : ndarray of int, shape (n,)
        The group of each part.
    groups : int
        The number of groups.

    Returns
    -------
    ndarray of int8, shape (groups,)
        ``suppressed`` where a part is, else ``low`` where a part is, else ``not_available`` where
        a part has no number for another reason; otherwise ``modelled`` where a part is, else
        ``value``. A part that is ``not_applicable`` is not there and leaves the sum what it is; a
        group of nothing else is ``not_applicable``.

    Examples
    --------
    >>> import numpy as np
    >>> group_codes(np.array([0, 1, 0, 3, 3]), np.array([0, 0, 1, 1, 2]), 3).tolist()
    [1, 0, 3]
    """
    import numpy as np

    def any_part(state: str) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = np.bincount(places[codes == CODES[state]], minlength=groups) > 0
        return found

    there = np.bincount(places[codes != CODES["not_applicable"]], minlength=groups) > 0
    unknown = any_part("not_available") | any_part("rounds_to_zero")
    chosen: NDArray[np.int8] = np.select(
        [~there, any_part("suppressed"), any_part("low"), unknown, any_part("modelled")],
        [CODES[s] for s in ("not_applicable", "suppressed", "low", "not_available", "modelled")],
        CODES["value"],
    ).astype(np.int8)
    return chosen


def add_up(
    frame: pd.DataFrame,
    by: str | Sequence[str],
    *,
    sums: Sequence[str] = ("count", "population"),
    also: Sequence[str] = (),
    status: str = "status",
    population_status: str | None = None,
    apart: Collection[str] = (),
) -> pd.DataFrame:
    """Add up columns by group, with the state of each group and how many parts it rests on.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
    by : str or sequence of str
        The columns that tell the groups apart.
    sums : sequence of str, default ("count", "population")
        The columns to add up; ``status`` is the state of the first. A part that lacks one of the
        others is ``not_available``.
    also : sequence of str
        Further columns to add up, whose gaps leave the state of the group what it is.
    status, population_status : str
        As in :func:`~bolton_jsna.measures.rates.crude_rates`; the second is of all sums but the
        first. By default each sum's own, such as ``population_status``, where the frame has it.
    apart : collection of str
        Columns of which a group may hold several values, such as the years that are pooled.

    Returns
    -------
    DataFrame, shape (g, ...)
        One row per group in order of first appearance: the ``by`` columns, the sums, the state,
        ``parts`` (rows of the group that could have a number) and ``parts_used`` (rows that have
        them all). A sum with a part missing is missing.

    Raises
    ------
    SchemaError, UsageError
        When a column is not there, holds text or negative numbers, a state is none of the states,
        a sum is also one of ``by``, or a group has rows that cannot be added up: of several levels
        (``area_level``), years, indicators or releases, or a total next to its parts.

    Examples
    --------
    >>> import pandas as pd
    >>> wards = pd.DataFrame({"side": ["east", "east", "west"], "count": [5, None, 7],
    ...     "population": [900, 800, 700], "status": ["value", "suppressed", "value"]})
    >>> add_up(wards, "side")
       side  count  population      status  parts  parts_used
    0  east    NaN        1700  suppressed      2           1
    1  west    7.0         700       value      1           1
    """
    import numpy as np
    import pandas as pd

    need(frame, [*sums, *also], options="count=, population= and the like")
    keys, places = group_rows(frame, by)
    one_subject(frame, places, by=by, apart=apart, series=True)
    both = [name for name in (*sums, *also) if name in keys.columns]
    if both:
        raise UsageError(f"{some(map(repr, both))} cannot both be added up and tell groups apart.")
    columns = {name: numbers(frame, name) for name in sums}
    codes = counted_codes(frame, status, columns[sums[0]], sums[0])
    if population_status:
        need(frame, [population_status], options="population_status=")
    for name in sums[1:]:
        columns[name], known = people_and_codes(frame, name, population_status)
        codes = both_codes(codes, known)
    groups = len(keys)
    there = codes != CODES["not_applicable"]
    state = group_codes(codes, places, groups)
    out = keys.copy()
    for position, (name, values) in enumerate(columns.items()):
        used = values if position else np.where(numeric(codes), values, np.nan)
        total = np.bincount(places[there], weights=used[there], minlength=groups).astype(float)
        total[np.bincount(places[there], minlength=groups) == 0] = np.nan
        if position == 0:
            total[~numeric(state)] = np.nan
        whole = pd.api.types.is_integer_dtype(frame[name].dtype)
        out[name] = pd.array(total, dtype="Int64") if whole else total
    for name in also:
        out[name] = np.bincount(
            places[there], weights=numbers(frame, name)[there], minlength=groups
        ).astype(float)
    out[status] = state_text(state, out.index)
    out["parts"] = np.bincount(places[there], minlength=groups)
    out["parts_used"] = np.bincount(places[numeric(codes)], minlength=groups)
    return out
