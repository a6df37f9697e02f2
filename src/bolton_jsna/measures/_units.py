"""Rates of a table whose rows have units of their own: per 10,000 children, per cent of pupils."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bolton_jsna.catalogue.indicators import PER, SHARE
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.measures._arrays import Flags, Floats
from bolton_jsna.measures._intervals import BYAR, EXACT, WILSON, proportion_limits

UNIT = "unit"
COUNT_STATUS = "count_status"


@dataclass(frozen=True)
class Units:
    """What the rate of each row is for.

    Attributes
    ----------
    per : array
        The number of people; missing where the unit is no rate or share.
    share : array of bool
        Whether the rate is a share, whose limits are Wilson's.
    """

    per: Floats
    share: Flags

    @property
    def none(self) -> Flags:
        """Rows whose unit is neither a rate nor a share, such as a score."""
        return np.isnan(self.per)


def units_of(frame: pd.DataFrame, per: float | None, *, summed: bool) -> Units | None:
    """Return the units of the rows, None for a frame without the column or with ``per`` given."""
    if per is not None or UNIT not in frame.columns:
        return None
    units = frame[UNIT].astype(object)
    if summed:
        different = units.dropna().unique()
        if len(different) > 1:
            raise UsageError(
                f"by= would add up rows in different units: {some(different)}. Choose the rows of "
                "one indicator first, or give per=."
            )
    number = units.map(dict(PER)).to_numpy(dtype=float, na_value=np.nan)
    return Units(number, units.eq(SHARE).to_numpy(dtype=bool))


def for_sums(units: Units, rows: int) -> Units:
    """Return the one unit of added-up rows, for as many rows as there are sums."""
    if not len(units.per):
        return Units(np.empty(rows), np.zeros(rows, dtype=bool))
    return Units(np.full(rows, units.per[0]), np.full(rows, units.share[0]))


def with_share_limits(
    low: Floats,
    high: Floats,
    share: Flags,
    events: Floats,
    everyone: Floats,
    level: float,
    widening: Floats | None,
) -> tuple[Floats, Floats]:
    """Return limits of counts with Wilson's for shares, wider for events that recur."""
    counts, totals = events[share], everyone[share]
    below, above = proportion_limits(counts, totals, level)
    below, above = below * totals, above * totals
    if widening is not None:
        wider = widening[share]
        below = np.maximum(counts + wider * (below - counts), 0)
        above = np.minimum(counts + wider * (above - counts), totals)
    low, high = low.copy(), high.copy()
    low[share], high[share] = below, above
    return low, high


def as_share(methods: pd.Series) -> pd.Series:
    """Return the names of methods with Wilson in place of those of counts."""
    return methods.str.replace(f"^(?:{BYAR}|{EXACT})", WILSON, regex=True)
