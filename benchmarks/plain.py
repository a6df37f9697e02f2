"""The measures of many groups as they read in the books: one group at a time, in plain words.

``benchmarks/many_groups.py`` times the library beside them, and the tests compare its figures with
theirs.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

HALVINGS = 60


def populations(
    people: pd.DataFrame, spans: Mapping[str, tuple[int, int]]
) -> dict[tuple[Any, str], tuple[float, str]]:
    """Children of each area and age band, added up group by group; modelled where a part is."""
    found = {}
    for band, (first, last) in spans.items():
        inside = people[people["age"].between(first, last)]
        summed = inside.groupby("area_code").agg(
            population=("population", "sum"),
            known=("population", "count"),
            modelled=("status", lambda each: (each == "modelled").any()),
        )
        for area, row in summed[summed["known"] == last - first + 1].iterrows():
            found[area, band] = row["population"], "modelled" if row["modelled"] else "value"
    return found


def halved(rising: Callable[[Any], Any], most: Any) -> Any:
    """Halve from 0 to ``most`` where a function passes zero; the ends where it does not."""
    low, high = np.zeros(len(most)), np.array(most, dtype=float)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        beyond = rising(middle) > 0
        high, low = np.where(beyond, middle, high), np.where(beyond, low, middle)
    return np.where(rising(np.zeros(len(most))) > 0, 0.0, (low + high) / 2)


def binomial_reach(totals: Any, target: Any, level: float) -> tuple[Any, Any]:
    """Counts below and above which a binomial count is outside its exact limits."""
    tail = (1 - level) / 2

    def below(count: Any) -> Any:
        return special.betainc(np.maximum(totals - count, 1e-300), count + 1, 1 - target) - tail

    def above(count: Any) -> Any:
        rest = np.maximum(totals - count, 0) + 1
        return tail - special.betainc(np.maximum(count, 1e-300), rest, target)

    return halved(below, totals), halved(above, totals)


def poisson_reach(expected: Any, level: float) -> tuple[Any, Any]:
    """Counts below and above which a Poisson count is outside its exact limits."""
    tail = (1 - level) / 2
    most = expected + 40 * np.sqrt(expected) + 40
    return (
        halved(lambda count: special.gammaincc(count + 1, expected) - tail, most),
        halved(lambda count: tail - special.gammainc(np.maximum(count, 1e-300), expected), most),
    )


def funnel_dispersions(
    frame: pd.DataFrame, estimate: Callable[..., Any], least: int
) -> tuple[Any, Any]:
    """Phi and tau squared of each row's funnel, one group after another looked up in all rows."""
    phi, tau_squared = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    places = frame.groupby("group", sort=False).ngroup().to_numpy()
    events, people = (frame[name].to_numpy(dtype=float) for name in ("count", "population"))
    for group in range(places.max() + 1):
        own = places == group
        target = events[own].sum() / people[own].sum()
        found = estimate(
            events[own] / people[own], np.sqrt(target / people[own]), target=target, winsorise=0.1
        )
        if found.areas >= least:
            phi[own], tau_squared[own] = found.phi, found.tau_squared
    return phi, tau_squared


def line(people: Any) -> tuple[Any, Any]:
    """How much each value enters the ends of a weighted line over the ridits."""
    share = people / people.sum()
    ridit = np.cumsum(share) - share / 2
    centre = (share * ridit).sum()
    slope = share * (ridit - centre) / (share * (ridit - centre) ** 2).sum()
    return share - centre * slope, share + (1 - centre) * slope


def slope_index(value: Any, people: Any, error: Any, level: float) -> tuple[float, ...]:
    """Slope index, its limits, relative index, its limits by Fieller: of one group."""
    most, least = line(people)
    high, low = (most * value).sum(), (least * value).sum()
    reach = special.ndtri((1 + level) / 2)
    spread = reach * np.sqrt(((most - least) ** 2 * error**2).sum())
    variances = [(one * other * error**2).sum() for one, other in
                 ((most, most), (least, least), (most, least))]  # fmt: skip
    below = low**2 - reach**2 * variances[1]
    ratio = [np.nan, np.nan]
    if low > 0 and below > 0:
        middle = high * low - reach**2 * variances[2]
        root = np.sqrt(max(middle**2 - (high**2 - reach**2 * variances[0]) * below, 0.0))
        ratio = [(middle - root) / below, (middle + root) / below]
    relative = high / low if low > 0 else np.nan
    return high - low, high - low - spread, high - low + spread, relative, *ratio


def simulated_slope(
    value: Any, people: Any, error: Any, level: float, *, draws: int, seed: int
) -> tuple[float, ...]:
    """Limits of slope and ratio of one group, with draws of its own."""
    most, least = line(people)
    drawn = value + np.random.default_rng(seed).standard_normal((draws, len(value))) * error
    high, low = drawn @ most, drawn @ least
    tail = (1 - level) / 2
    ratio = [np.nan, np.nan]
    if (low > 0).mean() > 1 - tail:
        ratio = list(np.quantile(high / low, [tail, 1 - tail]))
    return (*np.quantile(high - low, [tail, 1 - tail]), *ratio)
