"""How often limits of associations and standardised rates, and lines of funnels, hold."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

import bolton_jsna as jsna
from bolton_jsna.measures._count_regression import fit_counts
from claim_lines.rows import Row

SEED = 20_29
ASSOCIATION = (0.93, 0.97)
WITHOUT = (0.93, 1.0)
STANDARDISED = (0.94, 1.0)
OUTSIDE = (0.03, 0.065)
RATIO = 1.1
STANDARD = {"0": 1_000, "1-4": 4_000, "5-9": 5_500, "10-15": 6_600, "16-17": 2_200}
"""The European Standard Population 2013 in DfE's bands."""


def lines(*, quick: bool = False, seed: int = SEED) -> Iterator[Row]:
    """Return all rows."""
    yield from association(quick, np.random.default_rng(seed))
    yield from standardised(quick, np.random.default_rng([seed, 1]))
    yield from funnels(40 if quick else 300, np.random.default_rng([seed, 2]))


def association(quick: bool, rng: np.random.Generator) -> Iterator[Row]:
    """The rate ratio of ten and twenty areas, with counts that vary beyond the model and not."""
    draws, loose = (150, 0.05) if quick else (1_500, 0.0)
    for number in (10, 20):
        x = np.arange(number) / number * 10
        people = np.linspace(2_500, 5_200, number)
        for events in (20, 100):
            for spread in (0.0, 0.3) if quick else (0.0, 0.15, 0.3, 0.5):
                held = []
                for _ in range(draws):
                    size = rng.permutation(people)
                    mean = size * events / size.mean() * np.exp(math.log(RATIO) * (x - x.mean()))
                    if spread:
                        mean = mean * rng.gamma(spread**-2, spread**2, number)
                    fit = fit_counts(rng.poisson(mean).astype(float), size, x)
                    if not fit.reason:
                        held.append(fit.lower <= RATIO <= fit.upper)
                low, high = ASSOCIATION if spread else WITHOUT
                what = (
                    f"limits of the rate ratio: {number} areas, {events} events, extra cv {spread}"
                )
                bar = (low - loose, min(high + loose, 1.0))
                yield Row(what, 0.95, bar, float(np.mean(held)), len(held))


def standardised(quick: bool, rng: np.random.Generator) -> Iterator[Row]:
    """A band of sixty people, and of as many as the others, with rates that differ by age."""
    draws = 500 if quick else 4_000
    bands = ((60, "10-15"), (60, "0"), (300, "10-15"), (2_000, "10-15"))
    for small, band in bands[:1] if quick else bands:
        people = np.array([small if each == band else 2_000 for each in STANDARD], dtype=float)
        weights = np.array([*STANDARD.values()]) / sum(STANDARD.values())
        for events in (20, 50, 100):
            for factor in (1 / 3, 1, 3):
                shape = np.array([factor if each == band else 1.0 for each in STANDARD])
                rate = shape * events / (people @ shape)
                truth = float(weights @ rate)
                frame = pd.DataFrame(
                    {
                        "area": np.repeat(np.arange(draws), len(people)),
                        "age_band": [*STANDARD] * draws,
                        "population": np.tile(people, draws),
                        "count": rng.poisson(np.tile(people * rate, draws)),
                    }
                )
                what = f"standardised: {small:,} aged {band}, {events} events, rate x {factor:.2g}"
                for method, must in (("auto", STANDARDISED), ("dobson", None)):
                    found = jsna.directly_standardised_rates(
                        frame, by="area", standard=STANDARD, per=1, method=method
                    )
                    found = found[found["status"] == "value"]
                    held = (found["lower"] <= truth) & (truth <= found["upper"])
                    name = what if method == "auto" else f"{what}, by Dobson"
                    yield Row(name, 0.95, must, float(held.mean()), len(found))


def funnels(years: int, rng: np.random.Generator) -> Iterator[Row]:
    """Areas that differ, none of them apart from the others: the share outside of 95 per cent."""
    for kind in ("multiplicative", "additive"):
        for number in (20, 150):
            for sizes in (0.0, 1.0):
                people = 20_000 * np.exp(rng.normal(0, sizes, (years, number)))
                if kind == "additive":
                    counts = rng.poisson(people * 0.02 * rng.gamma(25, 1 / 25, people.shape))
                else:
                    counts = rng.negative_binomial(people * 0.02 / 2, 1 / 3)
                frame = pd.DataFrame(
                    {
                        "year": np.repeat(np.arange(years), number),
                        "count": counts.ravel(),
                        "population": people.ravel(),
                    }
                )
                found = jsna.funnel_limits(frame, overdispersion=kind, by="year", confidence=0.95)
                outside = float((found["funnel_verdict"] != "similar").mean())
                alike = "of one size" if not sizes else "of unlike sizes"
                what = f"outside a funnel with {kind} overdispersion: {number} areas {alike}"
                yield Row(what, 0.05, OUTSIDE, outside, len(found))
