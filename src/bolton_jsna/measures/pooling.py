"""Years added up, so that a small area's rate rests on more events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import column_names, is_whole
from bolton_jsna.core.comparable_rows import one_subject
from bolton_jsna.core.errors import SchemaError, UsageError, choice, some
from bolton_jsna.measures._aggregation import add_up, group_rows
from bolton_jsna.measures._frame_columns import CODES, need, state_text, whole_years
from bolton_jsna.tables.schemas import text_dtype

_APART: Final = ("year", "edition", "release")
"""What the years of a series differ in by design."""


@checked
def pool_years(
    frame: pd.DataFrame,
    *,
    years: int = 3,
    by: Sequence[str] = ("area_code",),
    year: str = "year",
    sums: Sequence[str] = ("count", "population"),
    status: str = "status",
    population_status: str | None = None,
    ends: Literal["last", "every"] = "last",
) -> pd.DataFrame:
    """Add up consecutive years, so that rates of small areas rest on more events.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area and year (and whatever else ``by`` names).
    years : int, default 3
        How many years to pool.
    by : sequence of str, default ("area_code",)
        The columns that define a series, such as ``["area_code", "area_name", "indicator"]``.
    year : str, default "year"
        The column of years.
    sums : sequence of str, default ("count", "population")
        The columns to add; the state is of the first.
    status : str, default "status"
        The column of the first sum's state.
    population_status : str, optional
        The column of the state of the other sums. By default each one's own, such as
        ``population_status``, where the frame has it: a pool with a modelled population is
        ``modelled``.
    ends : {"last", "every"}
        Pool the last years of the frame, or every run of that many years (rolling).

    Returns
    -------
    DataFrame
        One row per series and pool: the ``by`` columns, ``year`` (the last of the pool),
        ``years`` (such as ``2023 to 2025``), the sums, ``status``, ``parts`` (years that could
        have a number) and ``parts_used`` (years that have one). The population is person-years,
        so a rate of it is a yearly rate. A pool with a year missing or hidden has no sum: it has
        the state of that year and no number.

    Raises
    ------
    SchemaError
        When a column is not there, a row has no whole year, or a series has two rows of one year.
    UsageError
        When ``years`` is not a whole number above 1, the frame has fewer years, or a series has
        several indicators, levels or the like.

    Notes
    -----
    Pooled rate: sum of events over sum of the years' populations. Pools that overlap share
    events; their difference has no plain interval. Pool a stock (plans at 31 March) only with
    care: a child on two days is counted twice.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> plans = jsna.load_children_in_need("Bolton", indicators="cpp_started")
    >>> pooled = jsna.pool_years(plans, by=["area_name", "indicator"])
    >>> pooled[["years", "status", "parts_used"]].to_numpy().tolist()
    [['2023 to 2025', 'value', 3]]
    """
    choice("ends", ends, ("last", "every"))
    if not is_whole(years) or years < 2:
        raise UsageError(f"years={years!r} is not valid; expected a whole number, 2 or more.")
    keys, added = column_names("by", by), column_names("sums", sums)
    states = [population_status] if population_status else [f"{name}_status" for name in added[1:]]
    need(frame, [*keys, year, *added], options="by=, year= and sums=")
    made = [name for name in keys if name in {year, "years", status, "parts", "parts_used"}]
    if made:
        raise UsageError(
            f"by= names {some(map(repr, made))}, which the result has too. Name the columns "
            "that define a series, such as by=['area_code']."
        )
    frame = frame.assign(**{year: whole_years(frame, year)}).reset_index(drop=True)
    if status not in frame.columns:
        missing = frame[added[0]].isna()
        hidden = np.where(missing, CODES["not_available"], CODES["value"])
        frame[status] = state_text(hidden, frame.index)
    # All years of a series are of one subject, also where pools do not overlap.
    one_subject(frame, group_rows(frame, keys)[1], to="pool", by=keys, apart=(*_APART, year))
    twice = frame[frame.duplicated([*keys, year])]
    if len(twice):
        raise SchemaError(
            f"{len(twice)} rows repeat a series and year ({some(twice[year].unique())}). Name all "
            f"the columns that define a series in by=; it has {some(keys)}."
        )
    first, last = (int(frame[year].min()), int(frame[year].max())) if len(frame) else (1, 0)
    all_years = np.arange(first, last + 1)
    if len(all_years) < years:
        raise UsageError(
            f"The frame has the years {some(all_years, most=20)}, fewer than years={years}. "
            "Give more years, or a smaller years=."
        )
    series = frame[keys].drop_duplicates()
    pools = []
    for end in all_years[years - 1 :] if ends == "every" else all_years[-1:]:
        window = pd.DataFrame({year: np.arange(end - years + 1, end + 1)})
        rows = series.merge(window, how="cross").merge(frame, on=[*keys, year], how="left")
        # A year without a row is a year without a number, not a shorter pool.
        for name in (status, *states):
            if name in rows.columns:
                stated = rows[name].astype(object)
                rows[name] = stated.where(stated.notna(), "not_available")
        pool = add_up(
            rows,
            keys,
            sums=added,
            status=status,
            population_status=population_status,
            apart=(*_APART, year),
        )
        span = pd.Series([f"{end - years + 1} to {end}"] * len(pool), dtype=text_dtype())
        pool.insert(len(keys), year, int(end))
        pool.insert(len(keys) + 1, "years", span)
        pools.append(pool)
    return pd.concat(pools, ignore_index=True)
