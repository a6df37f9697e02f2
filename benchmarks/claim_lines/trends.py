"""How often a trend or a change on the year is called where there is none, and where there is one.

Each function returns rows for the table of claims. Series without a trend are of two kinds:
published series whose years are put in random order, and made-up series whose rate stands still.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import bolton_jsna as jsna
from claim_lines.rows import Row
from claim_lines.series import FILES, real_series

SEED = 20_25
WINDOW = 5
YEARS = 13
ERROR = (0.03, 0.08)
AT_MOST = (0.0, 0.08)
NAMES = {
    "referrals": "referrals",
    "cpp_started": "plans started",
    "cpp_at_31_march": "plans at 31 March",
    "cin_at_31_march": "children in need at 31 March",
}
MEANS = (20, 300, 4_000)
SPREADS = (1, 5, 23)
"""Variance over mean of series whose rate stands still; 1 is chance alone."""
EXTRACT = " (only the areas of the package's extract)"

Array = NDArray[np.float64]


class Called(NamedTuple):
    """Share of series with a direction, share whose last change is called, and how many each."""

    trend: float
    change: float
    trends: int
    changes: int


def lines(folder: Path | None = None, *, quick: bool = False, seed: int = SEED) -> list[Row]:
    """Return all rows on trends and changes on the year.

    Parameters
    ----------
    folder : Path, optional
        The folder of published files; without it the package's own extract is used, and the rows
        say so.
    quick : bool, default False
        Few draws, for a run of a few seconds.
    seed : int
        Seed of the random numbers.
    """
    draws = 2_000 if quick else 20_000
    table = real_series(folder)
    table = table[table["area_level"] == "authority"]
    parts = [
        shuffled(table, draws=draws, seed=seed),
        stronger(table, draws=draws, seed=seed),
        afterwards(table),
    ]
    real = [row for part in parts for row in part]
    if folder is None:
        real = [row._replace(what=row.what + EXTRACT) for row in real]
    made_up = (still(draws, seed), walks(draws, seed), drifting(draws, seed), power(draws, seed))
    return [*real, *(row for part in made_up for row in part)]


def shuffled(table: pd.DataFrame, *, draws: int = 20_000, seed: int = SEED) -> list[Row]:
    """Return how often a word is called on published series whose years are in random order.

    Parameters
    ----------
    table : DataFrame
        ``area_code``, ``year``, ``indicator``, ``count`` and ``population``, of areas of one level.
    draws : int
        Series a line, the same number for each area.
    seed : int
        Seed of the random numbers.
    """
    rows = []
    for indicator in FILES:
        generator = np.random.default_rng([seed, 1, list(FILES).index(indicator)])
        windows = shuffled_windows(table, indicator, draws, generator)
        five = called(*windows)
        marker = called(*windows, test="ohid")
        whole = called(*shuffled_series(table, indicator, draws, generator))
        name = f"{NAMES[indicator]}, years in random order"
        rows += [
            Row(f"trend of 5 years called: {name}", 0.05, ERROR, five.trend, five.trends),
            Row(f"change on the year called: {name}", 0.05, ERROR, whole.change, whole.changes),
            Row(
                f"change on the year called, 5 years known: {name}",
                0.05,
                AT_MOST,
                five.change,
                five.changes,
            ),
            Row(f"marker of Fingertips called: {name}", 0.002, None, marker.trend, marker.trends),
        ]
    return rows


def stronger(table: pd.DataFrame, *, draws: int = 20_000, seed: int = SEED) -> list[Row]:
    """Return how often a fall of 30 per cent in the last year is called, years shuffled before."""
    rows = []
    for indicator in FILES:
        generator = np.random.default_rng([seed, 2, list(FILES).index(indicator)])
        counts, people = shuffled_series(table, indicator, draws, generator)
        counts[:, -1] = np.round(0.7 * counts[:, -1])
        found = called(counts, people)
        what = f"change on the year called: {NAMES[indicator]}, last year made 30 per cent lower"
        rows.append(Row(what, None, None, found.change, found.changes))
    return rows


def afterwards(table: pd.DataFrame) -> list[Row]:
    """Return how often the next year goes on in the direction of a trend that was called.

    Next to each stands how often any next year goes that way, whatever came before. The years are
    in their own order; a series gives one window of five years for each year that follows one.
    """
    rows = []
    kept, expected = [], []
    for indicator in FILES:
        windows, behind = (
            np.concatenate([wide[:, at - WINDOW : at + 1] for at in range(WINDOW, wide.shape[1])])
            for wide in matrices(table, indicator)
        )
        whole = ~np.isnan(windows).any(axis=1)
        windows, behind = windows[whole], behind[whole]
        rates = windows / behind
        turn = np.sign(rates[:, -1] - rates[:, -2])
        found = jsna.recent_trends(frame(windows[:, :-1], behind[:, :-1]))["direction"]
        for way, direction, verb in ((-1, "decreasing", "falls"), (1, "increasing", "rises")):
            goes_on, base = turn[found == direction] == way, turn == way
            what = f"next year {verb}: {NAMES[indicator]}, {{}}"
            after = f"after 5 years called {direction}"
            rows.append(Row(what.format(after), None, None, _share(goes_on), len(goes_on)))
            rows.append(Row(what.format("after any"), None, None, _share(base), len(base)))
            kept.append(goes_on)
            expected.append(np.full(len(goes_on), _share(base)))
    for name, parts in (("after 5 years that were called", kept), ("after any", expected)):
        together = np.concatenate(parts)
        what = f"next year goes on in the same direction: the four indicators, {name}"
        rows.append(Row(what, None, None, _share(together), len(together)))
    return rows


def _share(values: NDArray[np.bool_] | Array) -> float:
    """The mean, missing of nothing."""
    return float(values.mean()) if len(values) else float("nan")


def still(draws: int = 20_000, seed: int = SEED) -> list[Row]:
    """Return how often a word is called on series whose rate stands still."""
    rows = []
    for mean in MEANS:
        for spread in SPREADS:
            generator = np.random.default_rng([seed, 3, mean, spread])
            counts = varying(np.full((draws, YEARS), float(mean)), spread, generator)
            people = np.full(counts.shape, 50_000.0)
            found = called(counts, people)
            marker = called(counts[:, -WINDOW:], people[:, -WINDOW:], test="ohid")
            name = f"rate stands still, mean {mean:,}, variance {spread} times the mean"
            must = AT_MOST if spread == 1 else ERROR
            rows += [
                Row(f"trend of 5 years called: {name}", 0.05, must, found.trend, draws),
                Row(f"change on the year called: {name}", 0.05, must, found.change, draws),
                Row(f"marker of Fingertips called: {name}", 0.002, None, marker.trend, draws),
            ]
    return rows


def walks(draws: int = 20_000, seed: int = SEED) -> list[Row]:
    """Return how often a word is called where the log rate takes steps of 8 per cent a year."""
    rows = []
    for mean in MEANS:
        generator = np.random.default_rng([seed, 4, mean])
        steps = generator.normal(0, 0.08, (draws, YEARS)).cumsum(axis=1)
        counts = generator.poisson(mean * np.exp(steps)).astype(float)
        people = np.full(counts.shape, 50_000.0)
        found = called(counts, people)
        marker = called(counts[:, -WINDOW:], people[:, -WINDOW:], test="ohid")
        name = f"random walk, steps of 8 per cent, mean {mean:,}"
        rows += [
            Row(f"trend of 5 years called: {name}", None, None, found.trend, draws),
            Row(f"change on the year called: {name}", 0.05, None, found.change, draws),
            Row(f"marker of Fingertips called: {name}", None, None, marker.trend, draws),
        ]
    return rows


def drifting(draws: int = 20_000, seed: int = SEED) -> list[Row]:
    """Return how often a word is called where years resemble the year before, with no trend.

    The log rate goes back to its mean: its correlation with the year before is that of the
    published series (.35 to .51), and harsher.
    """
    rows = []
    for alike, spread, mean in ((0.35, 0.15, 300), (0.5, 0.12, 3_000), (0.9, 0.12, 3_000)):
        generator = np.random.default_rng([seed, 6, mean, int(100 * alike)])
        logs = np.empty((draws, YEARS))
        logs[:, 0] = generator.normal(0, spread, draws)
        for year in range(1, YEARS):
            fresh = generator.normal(0, spread * (1 - alike**2) ** 0.5, draws)
            logs[:, year] = alike * logs[:, year - 1] + fresh
        counts = generator.poisson(mean * np.exp(logs)).astype(float)
        found = called(counts, np.full(counts.shape, 50_000.0))
        name = f"no trend, years alike ({alike}), spread {spread}, mean {mean:,}"
        rows += [
            Row(f"trend of 5 years called: {name}", 0.05, None, found.trend, draws),
            Row(f"change on the year called: {name}", 0.05, None, found.change, draws),
        ]
    return rows


def power(draws: int = 20_000, seed: int = SEED) -> list[Row]:
    """Return how often a rise of 5 or 10 per cent a year over five years is called."""
    rows = []
    for growth in (5, 10):
        for mean in MEANS:
            for spread in SPREADS[:2]:
                generator = np.random.default_rng([seed, 5, growth, mean, spread])
                path = mean * (1 + growth / 100) ** (np.arange(WINDOW) - WINDOW // 2)
                counts = varying(np.tile(path, (draws, 1)), spread, generator)
                found = called(counts, np.full(counts.shape, 50_000.0))
                what = (
                    f"trend of 5 years called: rise of {growth} per cent a year, mean {mean:,}, "
                    f"variance {spread} times the mean"
                )
                rows.append(Row(what, None, None, found.trend, draws))
    return rows


def called(counts: Array, people: Array, *, test: str = "quasi_poisson") -> Called:
    """Return the shares of series with a direction and with a verdict on the last change.

    ``counts`` and ``people`` have one row per series and one column per year, oldest first. The
    trend is of the last five years, the change of the last year on the one before.
    """
    found = jsna.recent_trends(frame(counts, people), test=test)
    trend = found.loc[found["direction"] != "not_compared", "direction"]
    change = found.loc[found["change_verdict"] != "not_compared", "change_verdict"]
    return Called(
        float((trend != "no_significant_change").mean()),
        float((change != "similar").mean()),
        len(trend),
        len(change),
    )


def frame(counts: Array, people: Array) -> pd.DataFrame:
    """Return matrices of series by year as rows for ``recent_trends``."""
    series, years = counts.shape
    return pd.DataFrame(
        {
            "area_code": np.repeat(np.arange(series), years),
            "year": np.tile(np.arange(2026 - years, 2026), series),
            "count": counts.ravel(),
            "population": people.ravel(),
        }
    )


def varying(means: Array, spread: int, generator: np.random.Generator) -> Array:
    """Return counts with these means whose variance is ``spread`` times the mean."""
    if spread == 1:
        return generator.poisson(means).astype(float)
    return generator.negative_binomial(means / (spread - 1), 1 / spread).astype(float)


def matrices(table: pd.DataFrame, indicator: str) -> tuple[Array, Array]:
    """Return counts and people of one indicator by area and year, missing where not known."""
    chosen = table[table["indicator"] == indicator]
    row, areas = pd.factorize(chosen["area_code"])
    years = chosen["year"].to_numpy(dtype=int)
    counts, people = (np.full((len(areas), np.ptp(years) + 1), np.nan) for _ in range(2))
    for values, name in ((counts, "count"), (people, "population")):
        values[row, years - years.min()] = chosen[name].to_numpy(dtype=float, na_value=np.nan)
    gone = np.isnan(counts) | np.isnan(people)
    return np.where(gone, np.nan, counts), np.where(gone, np.nan, people)


def shuffled_windows(
    table: pd.DataFrame, indicator: str, draws: int, generator: np.random.Generator
) -> tuple[Array, Array]:
    """Return windows of five years in random order, as many of each area."""
    counts, people = matrices(table, indicator)
    ends = [
        np.flatnonzero(~np.isnan(np.lib.stride_tricks.sliding_window_view(row, WINDOW)).any(1))
        for row in counts
    ]
    areas = [at for at, there in enumerate(ends) if len(there)]
    each = -(-draws // len(areas))
    rows = np.repeat(areas, each)
    starts = np.concatenate([generator.choice(ends[at], each) for at in areas])
    order = generator.permuted(np.tile(np.arange(WINDOW), (len(rows), 1)), axis=1)
    at = starts[:, None] + order
    return counts[rows[:, None], at], people[rows[:, None], at]


def shuffled_series(
    table: pd.DataFrame, indicator: str, draws: int, generator: np.random.Generator
) -> tuple[Array, Array]:
    """Return all known years of series in random order, as many of each area; gaps come first."""
    counts, people = matrices(table, indicator)
    known = ~np.isnan(counts)
    areas = np.flatnonzero(known.sum(axis=1) >= WINDOW)
    rows = np.repeat(areas, -(-draws // len(areas)))
    order = np.where(known[rows], generator.random((len(rows), counts.shape[1])), -1.0)
    at = order.argsort(axis=1)
    return counts[rows[:, None], at], people[rows[:, None], at]
