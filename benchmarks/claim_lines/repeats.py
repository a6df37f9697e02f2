"""How often limits hold the true rate when some children are referred several times."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import bolton_jsna as jsna
from claim_lines.rows import Row

SEED = 20_26
MEANS = (1.15, 1.5, 2.0)
EVENTS = (20, 60, 120, 300)
GEOMETRIC = (0.93, 0.98)
OTHERWISE = (0.88, 1.0)
PEOPLE = 10_000
OFTEN = 3.5
"""Mean referrals of the children referred often, in the shape of two kinds of children."""

Counts = NDArray[np.int64]
Shape = Callable[[float, int, np.random.Generator], Counts]


def lines(*, quick: bool = False, seed: int = SEED) -> list[Row]:
    """Return the coverage of 95 per cent limits, for each shape and mean, averaged over counts."""
    draws = 500 if quick else 5_000
    rng = np.random.default_rng(seed)
    rows = []
    for name, shape in SHAPES.items():
        bar = GEOMETRIC if name == "geometric" else OTHERWISE
        for mean in MEANS:
            held = [coverage(shape, mean, events, draws, rng) for events in EVENTS]
            allowed, plain = np.array(held).mean(axis=0)
            what = f"limits hold the true rate: {mean:g} referrals a child, {name}"
            number = draws * len(EVENTS)
            rows.append(Row(what, 0.95, bar, float(allowed), number))
            rows.append(Row(f"{what}, repeats not allowed for", 0.95, None, float(plain), number))
    return rows


def coverage(
    shape: Shape, mean: float, events: int, draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Share of intervals that hold the true rate: with the children behind the count, without."""
    children = rng.poisson(events / mean, draws)
    each = shape(mean, int(children.sum()), rng)
    who = np.repeat(np.arange(draws), children)
    counts = np.bincount(who, weights=each, minlength=draws).astype(int)
    frame = pd.DataFrame({"count": counts, "persons": children, "population": PEOPLE})
    true = events / PEOPLE * 10_000
    found = (jsna.crude_rates(frame), jsna.crude_rates(frame, persons=None))
    return tuple(float(((t["lower"] <= true) & (t["upper"] >= true)).mean()) for t in found)


def geometric(mean: float, size: int, rng: np.random.Generator) -> Counts:
    """Referrals of each child: after each the chance of another is the same."""
    return rng.geometric(1 / mean, size)


def logarithmic(mean: float, size: int, rng: np.random.Generator) -> Counts:
    """Referrals of each child with a longer tail: few children referred very often."""
    low, high = 1e-6, 1 - 1e-6
    for _ in range(60):
        share = (low + high) / 2
        more = -share / ((1 - share) * np.log1p(-share)) > mean
        low, high = (low, share) if more else (share, high)
    return rng.logseries(share, size)


def two_kinds(mean: float, size: int, rng: np.random.Generator) -> Counts:
    """Most children once, some 3.5 times on average, and no kind between."""
    often = rng.random(size) < (mean - 1) / (OFTEN - 1)
    return np.where(often, 1 + rng.poisson(OFTEN - 1, size), 1)


def even(mean: float, size: int, rng: np.random.Generator) -> Counts:
    """As even as whole numbers allow: the least that repeats can vary."""
    fewer = int(mean)
    return fewer + (rng.random(size) < mean - fewer)


def as_in_records(mean: float, size: int, rng: np.random.Generator) -> Counts:
    """The further referrals of children in local records, for more or fewer of the children.

    Of the extract that travels with the library, which is made up to the published number of
    children and re-referrals; give your own to see the shape of your authority.
    """
    records = jsna.load_local_records(kind="referrals").records
    each = records.groupby(["child_id", records["date"].dt.year]).size().to_numpy()
    several = each[each > 1]
    again = rng.random(size) < (mean - 1) / (several.mean() - 1)
    return np.where(again, rng.choice(several, size), 1)


SHAPES = {
    "geometric": geometric,
    "logarithmic": logarithmic,
    "two kinds of children": two_kinds,
    "as in the local records": as_in_records,
    "as even as can be": even,
}
