"""Equal groups of areas by a value: tenths, fifths, quarters; and sums by such a group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import column_names, is_number, is_whole
from bolton_jsna.core.comparable_rows import one_row_each
from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.measures._aggregation import group_numbers
from bolton_jsna.measures._frame_columns import need, numbers, text_column
from bolton_jsna.measures.rates import crude_rates

First = Literal["highest", "lowest"]
QuantileRule = Literal["indices", "ohid"]

FEWEST_EACH: Final = 3
"""Fewer areas than this for each group are not divided."""


@checked
def quantiles(
    frame: pd.DataFrame,
    column: str,
    *,
    groups: int = 10,
    first: First = "highest",
    rule: QuantileRule = "indices",
    by: Sequence[str] = (),
    fewest: int | None = None,
    into: str = "quantile",
) -> pd.DataFrame:
    """Add the group, of equally many areas, that each row's value falls in.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area. It is not changed.
    column : str
        The value to order the areas by, such as ``idaci_score``; missing gives no group.
    groups : int, default 10
        How many groups, 2 to 100: 10 for deciles, 5 for fifths, 4 for quarters.
    first : {"highest", "lowest"}, default "highest"
        Which values are in group 1. With the highest, group 1 of a deprivation score is the most
        deprived, as in the published deciles.
    rule : {"indices", "ohid"}, default "indices"
        Where n areas do not divide evenly: ``indices`` as the published deciles of the Indices of
        Deprivation, ``ohid`` as OHID's technical guide and packages.
    by : sequence of str, default ()
        Divide the areas of each combination of these columns separately (year, indicator).
    fewest : int, optional
        The fewest areas with a value that are divided; by default three for each group.
    into : str, default "quantile"
        The column to add.

    Returns
    -------
    DataFrame, shape (n, k + 2)
        With ``quantile`` (1 to ``groups``, missing without one) and ``quantile_reason`` (why
        there is none; empty where there is one).

    Raises
    ------
    SchemaError
        When a column is not there or holds text.
    UsageError
        When ``groups``, ``first``, ``rule`` or ``fewest`` is not valid.

    Notes
    -----
    Of n areas, that of rank r falls in group r groups / n, rounded up: the rule by which the
    deciles of the Indices of Deprivation 2019 and 2025 follow from their ranks. OHID's guide
    (assigning deprivation categories) has 1 + (r - 1) groups / n, rounded down, which puts the
    areas at some boundaries one group earlier: 8 of 32,844 LSOAs in 2019. **Ties**: equal values
    share the rank of the first of them and so are never parted; a group may then be smaller than
    the others, or empty.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> bolton = jsna.quantiles(jsna.load_idaci("Bolton"), "idaci_score", groups=5)
    >>> bolton["quantile"].value_counts().sort_index().tolist()
    [35, 35, 36, 36, 35]
    """
    choice("first", first, ("highest", "lowest"))
    choice("rule", rule, ("indices", "ohid"))
    if not is_whole(groups) or not 2 <= groups <= 100:
        raise UsageError(
            f"groups={groups!r} is not valid; expected a whole number from 2 to 100, such as 10."
        )
    least = FEWEST_EACH * groups if fewest is None else fewest
    if not is_number(least) or least < groups:
        raise UsageError(f"fewest={fewest!r} is less than one area for each of {groups} groups.")
    by = column_names("by", by)
    need(frame, [column, *by], options="column= and by=")
    values = pd.Series(numbers(frame, column, least=None))
    family = group_numbers(frame, by)
    one_row_each(frame, family, to="divide areas into groups", by=by)
    divided = values.groupby(family)
    rank = divided.rank(method="min", ascending=first == "lowest").to_numpy()
    size = divided.transform("count").to_numpy()
    enough = size >= least
    # Whole numbers throughout: a share of 0.7 of ten groups is not 6.999.
    known = np.where(values.notna() & enough, rank, 1).astype(np.int64)
    count = np.maximum(size, 1).astype(np.int64)
    up = -(-known * groups // count)
    group = up if rule == "indices" else 1 + (known - 1) * groups // count
    able = values.notna().to_numpy() & enough
    out = frame.copy()
    out[into] = pd.array(np.where(able, group, 0), dtype="Int64")
    out.loc[~able, into] = pd.NA
    few = {n: f"{n} areas have a value; {least} are needed for {groups} groups" for n in set(size)}
    reasons = [
        "" if good else f"there is no {column}" if np.isnan(value) else few[n]
        for good, value, n in zip(able, values, size, strict=True)
    ]
    out[f"{into}_reason"] = text_column(np.array(reasons, dtype=object), out.index)
    return out


@checked
def rates_by_deprivation(
    frame: pd.DataFrame,
    decile: str = "idaci_decile",
    *,
    groups: Literal[10, 5] = 10,
    by: Sequence[str] = (),
    count: str = "count",
    population: str = "population",
    per: float = 10_000,
    confidence: float | list[float] | tuple[float, ...] = 0.95,
    status: str = "status",
    population_status: str | None = None,
) -> pd.DataFrame:
    """Add up events and children by decile or fifth of deprivation, and give the rates.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per small area. It is not changed.
    decile : str, default "idaci_decile"
        The column of England's deciles, 1 most deprived.
    groups : {10, 5}, default 10
        Ten deciles, or five fifths of two deciles each.
    by : sequence of str, default ()
        Further columns to keep apart (year, area).
    count, population, status, population_status : str
        The columns of events, children and their states.
    per : float, default 10 000
        The number of children the rates are for.
    confidence : float or sequence of float, default 0.95
        Level of the limits.

    Returns
    -------
    DataFrame
        One row for each combination of ``by`` and each decile or fifth that has an area:
        ``quantile`` (1 most deprived), ``areas``, then the sums and the columns of
        :func:`bolton_jsna.crude_rates`, with ``parts`` and ``parts_used``. A group over a hidden
        part has no sum, only the state of that part.

    Raises
    ------
    SchemaError
        When a column is not there.
    UsageError
        When a decile is missing or not one of 1 to 10, or ``groups`` is neither 10 nor 5.

    Notes
    -----
    Deciles are of all England's LSOAs, so an authority's children are not spread evenly over
    them, and some may have none: report how many children each has.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> from bolton_jsna.measures.events import events_of
    >>> referrals = events_of(jsna.load_local_records().records, "referrals", 2025)
    >>> lsoas = jsna.load_idaci("Bolton")
    >>> children = jsna.load_population_estimates("Bolton", level="lsoa", years=[2024])
    >>> children = children.set_index("area_code")["population"]  # aged 0-17, as the referrals
    >>> lsoas["population"] = lsoas["lsoa_code"].map(children)
    >>> tally = referrals["lsoa_code"].value_counts()
    >>> lsoas["count"] = lsoas["lsoa_code"].map(tally).fillna(0).astype(int)
    >>> fifths = jsna.rates_by_deprivation(lsoas, groups=5)
    >>> fifths[["quantile", "areas", "population"]].iloc[0].round().tolist()
    [1.0, 68.0, 36795.0]
    """
    choice("groups", groups, (10, 5))
    by = column_names("by", by)
    need(frame, [decile, *by], options="decile= and by=")
    tenth = numbers(frame, decile, least=None)
    wrong = np.isnan(tenth) | ~np.isin(tenth, range(1, 11))
    if wrong.any():
        raise UsageError(
            f"{int(wrong.sum())} rows have {tenth[wrong][0]:g} in {decile!r}; expected the deciles "
            "1 to 10. Leave out the areas without one and report how many."
        )
    one_row_each(frame, group_numbers(frame, by), to="add up groups of deprivation", by=by)
    placed = frame.assign(quantile=np.ceil(tenth * groups / 10).astype(np.int64))
    keys = [*by, "quantile"]
    out: pd.DataFrame = crude_rates(
        placed,
        by=keys,
        count=count,
        population=population,
        per=per,
        confidence=confidence,
        status=status,
        population_status=population_status,
    )
    areas = placed.groupby(keys, sort=False, dropna=False).size().to_numpy()
    out.insert(len(keys), "areas", areas)
    order: Any = [*by, "quantile"]
    return pd.DataFrame(out.sort_values(order, ignore_index=True))
