"""Charts of deprivation, wards, people, parts and profiles for ``charts_made``: own small frames.

Each kind has an ordinary chart, one with figures without a number, and one of one row.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import bolton_jsna as jsna

STATES = ("suppressed", "not_available", "not_applicable", "low", "rounds_to_zero")


def fifths(groups=5, *, hidden=False):
    """Rates by group of deprivation, every second without a number where asked."""
    rows = []
    for at in range(groups):
        status = STATES[at // 2] if hidden and at % 2 else "value"
        count = 620 - 55 * at
        people = 9000 + 450 * (at % 3)
        rows.append(
            {
                "quantile": at + 1,
                "areas": 12 + at,
                "area_name": "Bolton",
                "year": 2025,
                "count": count if status == "value" else np.nan,
                "population": people,
                "status": status,
                "source": "idaci@2025",
            }
        )
    return jsna.crude_rates(pd.DataFrame(rows))


def _sloped(frame, **options):
    return jsna.chart_deprivation(frame, jsna.slope_index_of_inequality(frame), **options)


MORE: dict[str, tuple[Callable[[], Any], Callable[[], Any], Callable[[], Any]]] = {
    "deprivation": (
        lambda: _sloped(fifths(), groups=5),
        lambda: _sloped(fifths(10, hidden=True)),
        lambda: _sloped(fifths(1), groups=5),
    ),
}
