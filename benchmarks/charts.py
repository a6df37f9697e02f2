"""Time of a chart of every kind for Bolton: from tables to PNG, SVG and HTML, in one run.

    python benchmarks/charts.py [ROUNDS]

Figures are those of the snapshot; rates of wards, ages and parts of wholes, which the snapshot does
not have, are made up with a fixed seed and say so on the chart. A round goes before those that
count. ``make`` is from tables to chart, the others from chart to file; the first line has what
loading the tables takes, once.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import bolton_jsna as jsna

ROUNDS = 3
LIMIT = 10.0
"""Seconds that all charts of a page may take together."""

ENDINGS = ("png", "svg", "html")


def tables() -> dict[str, Any]:
    """Return what the charts are made of."""
    chance = np.random.default_rng(1)
    wards = jsna.load_boundaries("Bolton", level="ward", year=2023)[["area_code", "area_name"]]
    wards = pd.DataFrame(wards).assign(
        idaci_score=chance.uniform(0.05, 0.55, len(wards)),
        population=chance.integers(2_400, 5_200, len(wards)),
        illustrative=True,
    )
    wards["count"] = chance.poisson(wards["population"] * (0.02 + 0.1 * wards["idaci_score"]))
    fifths = pd.DataFrame(
        {"quantile": range(1, 6), "count": [610, 520, 400, 310, 260], "population": 15_000}
    ).assign(illustrative=True)
    ages = [
        {"age": age, "sex": sex, "population": 1_900 + 20 * age - 40 * (sex == "males")}
        for age in range(18)
        for sex in ("females", "males")
    ]
    parts = [
        {"area_name": area, "breakdown": part, "count": 160 - 30 * at}
        for area in ("Bolton", "North West", "England")
        for at, part in enumerate(("Neglect", "Emotional", "Physical", "Sexual", "Multiple"))
    ]
    past = jsna.load_children_in_need("Bolton", indicators="referrals")
    everyone = jsna.load_children_in_need(indicators="referrals")
    authorities = everyone[(everyone["area_level"] == "authority") & (everyone["year"] == 2025)]
    return {
        "rates": jsna.crude_rates(everyone[everyone["area_name"].isin(["Bolton", "England"])]),
        "compared": jsna.compare_with_neighbours("Bolton", "referrals"),
        "limits": jsna.funnel_limits(authorities),
        "past": past,
        "ahead": jsna.project_demand(
            past, jsna.load_population_projections("Bolton"), indicator="referrals"
        ),
        "panel": jsna.profile("Bolton"),
        "wards": jsna.crude_rates(wards),
        "fifths": jsna.crude_rates(fifths),
        "people": pd.DataFrame(ages).assign(area_name="Bolton", year=2024),
        "parts": pd.DataFrame(parts),
    }


def makers(of: dict[str, Any]) -> dict[str, Callable[[], jsna.Chart]]:
    """Return how a chart of each kind is made."""
    return {
        "trend": lambda: jsna.chart_trend(of["rates"]),
        "neighbours": lambda: jsna.chart_neighbours(of["compared"]),
        "funnel": lambda: jsna.chart_funnel(of["limits"]),
        "projection": lambda: jsna.chart_projection(of["ahead"], of["past"]),
        "spine": lambda: jsna.chart_spine(of["panel"]),
        "deprivation": lambda: jsna.chart_deprivation(of["fifths"], groups=5),
        "scatter": lambda: jsna.chart_scatter(of["wards"], areas="wards"),
        "pyramid": lambda: jsna.chart_pyramid(of["people"], illustrative=True),
        "shares": lambda: jsna.chart_shares(of["parts"], title="Plans", illustrative=True),
    }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long a piece of work takes, and its result."""
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def one(make: Callable[[], jsna.Chart], folder: Path) -> dict[str, float]:
    """Return the seconds of making a chart and of writing each kind of file."""
    found: dict[str, float] = {}
    found["make"], chart = timed(make)
    for ending in ENDINGS:
        found[ending], path = timed(lambda ending=ending: chart.save(folder / f"chart.{ending}"))
        found[f"{ending} bytes"] = path.stat().st_size
    return found


def main(rounds: int) -> None:
    loading, of = timed(tables)
    print(f"Loading and measuring: {loading:.2f} s")
    print(f"{'chart':<14}{'make':>8}{'png':>8}{'svg':>8}{'html':>8}{'html kB':>10}  (seconds)")
    total = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for kind, make in makers(of).items():
            one(make, Path(folder))
            seen = [one(make, Path(folder)) for _ in range(rounds)]
            middle = {name: statistics.median(each[name] for each in seen) for name in seen[0]}
            total += sum(middle[name] for name in ("make", *ENDINGS))
            cells = "".join(f"{middle[name]:>8.2f}" for name in ("make", *ENDINGS))
            print(f"{kind:<14}{cells}{middle['html bytes'] / 1000:>10.0f}")
    print(f"All charts: {total:.2f} s (expected: under {LIMIT:g})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
