"""Limits of the figures of a table of indicators, as a panel has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bolton_jsna.measures._panel_rows import PanelRow, belong_together, counted, table_of
from bolton_jsna.measures.rates import crude_rates

if TYPE_CHECKING:
    import pandas as pd


def with_limits(rows: pd.DataFrame, denominator: str, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return rows of one indicator with ``lower`` and ``upper``, missing where there are none."""
    listed = rows.to_dict(orient="records")
    found = rows.reset_index(drop=True).assign(lower=float("nan"), upper=float("nan"))
    if not listed or belong_together(denominator):
        return found
    kind = PanelRow("", 0, str(listed[0]["unit"]), {}, {}).kind
    able = [at for at, row in enumerate(listed) if counted(row, kind)]
    if able:
        made = crude_rates(table_of([listed[at] for at in able]), confidence=confidence)
        for name in ("lower", "upper"):
            found.loc[able, name] = made[name].to_numpy()
    return found
