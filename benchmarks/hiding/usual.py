"""What a usual authority still shows, and the fewest further cells that would do."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from hiding.method import Counts, Limits, Mask
from hiding.tables import ALL, Printed, Tables, long_table

PLANS: Final = 319
REFERRALS: Final = 3_803
WARDS: Final = 20

# England, plans at 31 March 2024 by latest category and by age (DfE, children in need).
CATEGORIES: Final = {
    "Neglect": 24_570,
    "Emotional abuse": 19_790,
    "Physical abuse": 2_920,
    "Sexual abuse": 1_710,
    "Multiple": 770,
}
AGES: Final = {
    "Unborn": 1_270,
    "Under 1": 4_010,
    "1 to 4": 11_100,
    "5 to 9": 14_080,
    "10 to 15": 16_630,
    "16 and over": 2_810,
}
ROWS: Final = {
    "ward": [f"ward{at:02d}" for at in range(WARDS)],
    "category": [*CATEGORIES, "Not known or other words"],
    "age_band": [*AGES, "Not known"],
}
"""The public lists of values."""


def children(draw: np.random.Generator, number: int) -> pd.DataFrame:
    """Return the ward, category and age of as many children, wards as uneven as Bolton's."""
    weights = draw.gamma(3.0, size=WARDS)
    return pd.DataFrame(
        {
            "ward": draw.choice(ROWS["ward"], p=weights / weights.sum(), size=number),
            "category": draw.choice(list(CATEGORIES), p=_shares(CATEGORIES), size=number),
            "age_band": draw.choice(list(AGES), p=_shares(AGES), size=number),
        }
    )


def _shares(of: Mapping[str, int]) -> Counts:
    found = np.array(list(of.values()), dtype=float)
    return found / found.sum()


def line(found: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the counts by one dimension with their total, a row for each value of the list."""
    rows = ROWS[by]
    counts = found[by].value_counts()
    return pd.DataFrame(
        {
            by: [*rows, ALL],
            "year": 2025,
            "count": [*(int(counts.get(each, 0)) for each in rows), len(found)],
        }
    )


def shown(table: pd.DataFrame, by: str) -> tuple[int, int]:
    """Return how many values of the list are shown by themselves, and how many there are."""
    own = table[table[by].isin(ROWS[by])]
    return int(own["count"].notna().sum()), len(ROWS[by])


def crossed(draw: np.random.Generator) -> Tables:
    """Return a table from 6 by 4 to 10 by 5 with margins, like wards by category."""
    rows, columns = int(draw.integers(6, 11)), int(draw.integers(4, 6))
    share = draw.dirichlet(np.full(columns, 1.2))
    cube = draw.poisson(draw.gamma(3.0, 12.0, size=rows)[:, None] * share).astype(np.int64)
    return {"": long_table(cube, {"ward": rows, "category": columns}, ("ward", "category"))}


def further(counts: Counts, hidden: Mask, limits: Limits) -> int:
    """Return how many cells are hidden beside the small ones."""
    small = (counts >= limits.least) & (counts <= limits.most)
    return int((hidden & ~small).sum())


def fewest(printed: Printed, counts: Counts, limits: Limits) -> int | None:
    """Return the fewest further cells that fulfil what is required.

    Who is small is given. Each sum with a small part hides two further parts, or the whole where
    it has too few; and where anything of a sum is hidden, two of its cells are.
    """
    small = (counts >= limits.least) & (counts <= limits.most)
    can = ~small & (counts > 0)
    grand = np.array([not cell for cell in printed.index])
    can &= ~grand
    n = len(counts)
    rows: list[tuple[dict[int, float], float]] = []
    for whole, parts in printed.sums:
        members = [*parts, whole]
        if small[parts].any() and not small[whole]:
            others = [each for each in parts if can[each]]
            if len(others) < 2:
                others = [each for each in members if can[each]]
            rows.append((dict.fromkeys(others, 1.0), float(min(2, len(others)))))
        rows += [
            ({**{each: 1.0 for each in members if each != one}, one: -1.0}, 0.0)
            for one in members
            if small[one] or can[one]
        ]
    matrix = sparse.csc_array(
        (
            [weight for weights, _ in rows for weight in weights.values()],
            (
                np.array([at for at, (weights, _) in enumerate(rows) for _ in weights], np.int32),
                np.array([cell for weights, _ in rows for cell in weights], np.int32),
            ),
        ),
        shape=(len(rows), n),
    )
    result: Any = milp(
        can.astype(float),
        integrality=np.ones(n),
        bounds=Bounds(small.astype(float), (small | can).astype(float)),
        constraints=LinearConstraint(matrix, np.array([least for _, least in rows]), np.inf),
        options={"time_limit": 20.0},
    )
    return round(float(result.fun)) if result.status == 0 else None
