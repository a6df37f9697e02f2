"""What rates are for: one number of people, or the unit of each row of a table of indicators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bolton_jsna.catalogue.indicators import PER, SHARE
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.measures._arrays import Flags, Floats
from bolton_jsna.measures._frame_columns import CODES, numeric
from bolton_jsna.measures._intervals import BYAR, EXACT, WILSON, proportion_limits

_UNIT = "unit"
_DEFAULT = 10_000.0


@dataclass(frozen=True)
class Units:
    """What the rate of each row is for.

    Attributes
    ----------
    per : float or array
        The number of people; missing in a row whose unit is neither a rate nor a share.
    share : array of bool, optional
        Which rates are shares, whose limits are Wilson's; None if no row is.
    """

    per: float | Floats
    share: Flags | None = None

    def one_for(self, rows: int) -> Units:
        """Return the units of as many sums, which all have the unit of the rows."""
        if self.share is None or not isinstance(self.per, np.ndarray):
            return self
        first = slice(0, 1)
        return Units(
            np.resize(self.per[first], rows), np.resize(self.share[first], rows).astype(bool)
        )

    def reject_others(self, codes: np.ndarray) -> None:
        """Mark rows as not applicable whose unit is neither a rate nor a share, such as a score."""
        if isinstance(self.per, np.ndarray):
            codes[numeric(codes) & np.isnan(self.per)] = CODES["not_applicable"]

    def limits(
        self,
        limits: tuple[Floats, Floats],
        counts: tuple[Floats, Floats],
        level: float,
        widening: Floats | None,
    ) -> tuple[Floats, Floats]:
        """Return the limits of counts out of people, with Wilson's for shares."""
        low, high = limits
        share = self._shares(*counts)
        if share is None:
            return low, high
        events, people = (each[share] for each in counts)
        below, above = (each * people for each in proportion_limits(events, people, level))
        if widening is not None:
            below = np.maximum(events + widening[share] * (below - events), 0)
            above = np.minimum(events + widening[share] * (above - events), people)
        low, high = low.copy(), high.copy()
        low[share], high[share] = below, above
        return low, high

    def methods(self, names: pd.Series, events: Floats, people: Floats) -> pd.Series:
        """Return the names of methods, Wilson in place of those of counts for shares."""
        share = self._shares(events, people)
        if share is None:
            return names
        return names.mask(share, names.str.replace(f"^(?:{BYAR}|{EXACT})", WILSON, regex=True))

    def _shares(self, events: Floats, people: Floats) -> Flags | None:
        """Return which rows are shares; more events than people are a rate, whatever the unit."""
        return None if self.share is None else self.share & (events <= people)


def units_of(frame: pd.DataFrame, per: float | None, *, summed: bool) -> Units:
    """Return what the rates of a frame are for: ``per``, the units of its rows, or 10,000."""
    if per is not None or _UNIT not in frame.columns:
        return Units(_DEFAULT if per is None else per)
    units = frame[_UNIT].astype(object)
    different = units.dropna().unique()
    if summed and len(different) > 1:
        raise UsageError(
            f"by= would add up rows in different units: {some(different)}. Choose the rows of one "
            "indicator first, or give per=."
        )
    number = units.map(dict(PER)).to_numpy(dtype=float, na_value=np.nan)
    return Units(number, units.eq(SHARE).to_numpy(dtype=bool))


def reject_shares(frame: pd.DataFrame) -> None:
    """Reject rows in per cent, which the tests of rates of events do not fit."""
    # As a rate a share would be printed per 10,000 next to the unit "per cent", and its chance be
    # overstated: of a share of 90 per cent threefold.
    if not isinstance(frame, pd.DataFrame) or _UNIT not in frame.columns:
        return
    shares = frame[_UNIT].astype(object) == SHARE
    if not shares.any():
        return
    named = "indicator" in frame.columns
    names = f": {some(frame.loc[shares, 'indicator'].unique())}" if named else ""
    raise UsageError(
        f"{int(shares.sum())} rows are shares in per cent{names}. Expected rates of "
        "events. jsna.profile compares shares with England, the region and the neighbours "
        "and has their trends; jsna.crude_rates gives their intervals. For rates leave out these "
        "rows."
    )
