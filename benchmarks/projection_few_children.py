"""Try limits in areas with few children, from past errors of others and from the own series.

    python benchmarks/projection_few_children.py FOLDER

FOLDER is that of ``benchmarks/projection.py``. For the areas with fewer than 10,000 children (the
City of London, the Isles of Scilly and Rutland), and next to them those with 10,000 to 30,000, it
prints which shares of outcomes lay within the 80 per cent limits, origins 2016 to 2024, four
indicators together.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from projection import ORIGINS, TESTED, _upto, published, show

from bolton_jsna.measures._demand_limits import _from_series, at_least_chance
from bolton_jsna.measures._demand_series import FEW_CHILDREN, FEWEST_YEARS, DemandSeries
from bolton_jsna.measures._past_errors import past_errors, predictions
from bolton_jsna.measures.backtest import outcomes

SIZES = ((0, FEW_CHILDREN), (FEW_CHILDREN, 30_000))
LOOKED_AFTER = "cla_at_31_march"


def of_others(series: DemandSeries, some: DemandSeries) -> pd.DataFrame:
    """Return whether limits from the past errors of all authorities held."""
    found = outcomes(some, past_errors(series), origins=ORIGINS, farthest=TESTED)
    found = found[found["lower_80"].notna()]
    held = (found["observed"] >= found["lower_80"]) & (found["observed"] <= found["upper_80"])
    return found[["horizon"]].assign(limits="past errors", held=100.0 * held)


def of_own(some: DemandSeries) -> Iterator[dict[str, object]]:
    """Yield whether limits from the changes since an area's own last gap held."""
    for at in range(len(some.codes)):
        one = some.only(np.arange(len(some.codes)) == at)
        for each in predictions(one, farthest=TESTED):
            gaps = one.years[np.isnan(one.rates[0]) & (one.years <= each.origin)]
            first = int(gaps.max(initial=one.years[0] - 1)) + 1
            short = each.origin - first + 1 < FEWEST_YEARS
            if each.origin not in ORIGINS or short or np.isnan(each.errors[0]):
                continue
            known = _upto(one, one.at(each.origin)).since(first)
            logs = _from_series(known, 0, (0.8,), each.horizon).logs[:, :, -1:]
            limits = at_least_chance(
                each.expected * np.exp(logs), each.start, each.expected, (0.8,)
            )
            low, high = limits[0, :, 0]
            held = 100.0 * bool(low <= each.observed[0] <= high)
            yield {"horizon": each.horizon, "limits": "own changes", "held": held}


def main(folder: Path) -> None:
    """Print the shares of both groups of areas."""
    every = [each for each in published(folder).series if each.indicator != LOOKED_AFTER]
    for low, high in SIZES:
        parts = []
        for series in every:
            most = np.nanmax(np.where(np.isnan(series.people), 0, series.people), axis=1)
            authority = np.array([each == "authority" for each in series.levels])
            some = series.only((most >= low) & (most < high) & authority)
            parts += [of_others(series, some), pd.DataFrame(of_own(some))]
        table = pd.concat(parts).groupby(["limits", "horizon"])["held"].agg(["size", "mean"])
        show(f"areas with {low:,} to {high:,} children", table.reset_index())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__)
        sys.exit(2)
    main(Path(sys.argv[1]))
