"""Quartile bands of areas: which quarter a rate falls in, and whether that is certain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import column_names, is_number
from bolton_jsna.core.comparable_rows import one_row_each
from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.core.table_checks import check_columns, check_table
from bolton_jsna.measures._aggregation import group_numbers
from bolton_jsna.measures._arrays import Flags, Floats, Positions
from bolton_jsna.measures._frame_columns import labels, need, numbers, text_column

Polarity = Literal["low", "high", "none"]

LETTERS: Final = ("A", "B", "C", "D")
QUARTERS: Final = ("1", "2", "3", "4")
FEWEST: Final = 12
"""Three areas for each quarter; fewer are not banded."""


@checked
def quartile_bands(
    frame: pd.DataFrame,
    *,
    polarity: Polarity,
    value: str = "rate",
    lower: str = "lower",
    upper: str = "upper",
    by: Sequence[str] | None = None,
    among: str | None = None,
    fewest: int = FEWEST,
) -> pd.DataFrame:
    """Add the quartile band of each rate, and whether its limits make the band certain.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area, indicator and year, with rates and limits as
        :func:`bolton_jsna.crude_rates` gives them. It is not changed.
    polarity : {"low", "high", "none"}
        What is good: ``low`` and ``high`` give bands A (best quarter) to D; ``none``, for rates
        such as referrals that are neither, gives 1 (lowest quarter) to 4.
    value, lower, upper : str
        The columns of the rate and its limits; ``lower_95`` and ``upper_95`` with several levels.
    by : sequence of str, optional
        The columns that define a set of areas. By default those of ``indicator``, ``year`` and
        (without ``among``) ``area_level`` that there are.
    among : str, optional
        The value of ``area_level`` whose areas set the quarters, such as ``"authority"``; rows of
        other levels (England, regions) are then placed among them without setting the cuts.
    fewest : int, default 12
        The fewest areas with a rate that make quarters.

    Returns
    -------
    DataFrame, shape (n, k + 7)
        ``band``, ``band_best`` and ``band_worst`` (those of the ends of the interval; with
        polarity ``none`` lowest and highest), ``band_certain`` (all three are one; missing
        without a band), ``band_from`` and ``band_to`` (the cuts of the band; the first and last
        are open), ``band_reason`` (why there is no band; empty where there is one).

    Raises
    ------
    SchemaError
        When a column is not there or holds text.
    UsageError
        When an option is not valid.

    Notes
    -----
    DfE's Local Authority Interactive Tool gives each authority the quarter of its rate and its
    polarity, without chance. The cuts are quartiles by linear interpolation (as Excel's
    QUARTILE.INC, Hyndman and Fan's type 7). **Ties**: a value on a cut falls in the better band,
    with polarity ``none`` in the lower one. The cuts are taken as known: with 150 areas they
    move little by chance. A certain band shows nothing about the areas next to it.

    Examples
    --------
    Among the 17 authorities of the snapshot:

    >>> import bolton_jsna as jsna
    >>> plans = jsna.load_children_in_need(indicators="cpp_at_31_march", years=[2025])
    >>> rates = jsna.crude_rates(plans[plans["area_level"] == "authority"])
    >>> found = jsna.quartile_bands(rates, polarity="none").set_index("area_name")
    >>> found.loc[["Bolton", "Walsall"], ["band", "band_best", "band_worst", "band_certain"]]
              band band_best band_worst  band_certain
    area_name
    Bolton       2         1          2         False
    Walsall      1         1          1          True
    """
    choice("polarity", polarity, ("low", "high", "none"))
    if not is_number(fewest) or fewest < len(LETTERS):
        raise UsageError(
            f"fewest={fewest!r} is less than one area for each quarter. Write 4 or more."
        )
    check_table(frame)
    if by is None:
        # England among its own authorities would change the quartiles.
        usual = ("indicator", "year", *(() if among else ("area_level",)))
        by = [name for name in usual if name in frame.columns]
    by = column_names("by", by)
    need(frame, [value, lower, upper, *by], options="value=, lower=, upper= and by=")
    columns = [numbers(frame, name, least=None) for name in (value, lower, upper)]
    # With polarity "high" the best is highest: turned over, the rest is the same.
    sign = -1.0 if polarity == "high" else 1.0
    rate, low, high = (sign * each for each in columns)
    if polarity == "high":
        low, high = high, low
    sets = np.ones(len(frame), dtype=bool)
    if among is not None:
        check_columns(
            frame, ["area_level"], advice="Add it, or give among=None to set the bands by all rows."
        )
        sets = (frame["area_level"] == among).to_numpy(dtype=bool)
    family = group_numbers(frame, by)
    one_row_each(frame, family, to="band areas", by=by, levels=among is None)
    cuts, size = _cuts(rate, sets, family)
    enough = size >= fewest
    able = ~np.isnan(rate) & enough[family]
    own = cuts[family]
    words = QUARTERS if polarity == "none" else LETTERS
    added: dict[str, pd.Series | Floats] = {}
    places = {}
    for name, values in (("band", rate), ("band_best", low), ("band_worst", high)):
        # A value on a cut counts to the band before it: the better one.
        placed = (values[:, None] > own).sum(axis=1)
        places[name] = np.where(able & ~np.isnan(values), placed, -1)
        added[name] = labels(places[name], words, frame.index)
    certain = pd.array((places["band_best"] == places["band_worst"]), dtype="boolean")
    certain[~able | (places["band_best"] < 0) | (places["band_worst"] < 0)] = pd.NA
    added["band_certain"] = pd.Series(certain, index=frame.index)
    edges = np.column_stack([np.full(len(own), np.nan), own, np.full(len(own), np.nan)])
    rows = np.arange(len(frame))
    ends = [sign * edges[rows, np.maximum(places["band"], 0) + step] for step in (0, 1)]
    if polarity == "high":
        ends.reverse()
    for name, values in zip(("band_from", "band_to"), ends, strict=True):
        added[name] = np.where(able, values, np.nan)
    few = np.array([f"{n} areas have a rate; quarters need {fewest}" for n in size], dtype=object)
    reason = np.select([able, np.isnan(rate)], ["", "there is no rate"], few[family])
    added["band_reason"] = text_column(reason.astype(object), frame.index)
    return frame.drop(columns=[name for name in added if name in frame.columns]).assign(**added)


def _cuts(rate: Floats, sets: Flags, family: Positions) -> tuple[Floats, Positions]:
    """Three quartiles of each family, and how many areas set them."""
    families = int(family.max(initial=-1)) + 1
    used = sets & ~np.isnan(rate)
    size = np.bincount(family[used], minlength=families)
    cuts = np.full((families, 3), np.nan)
    order = np.flatnonzero(used)[np.argsort(family[used], kind="stable")]
    for number, part in enumerate(np.split(rate[order], np.cumsum(size)[:-1])):
        if len(part):
            cuts[number] = np.quantile(part, [0.25, 0.5, 0.75])
    return cuts, size
