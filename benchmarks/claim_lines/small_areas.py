"""Whether limits of smoothed rates hold the true rates, and what exceedance probabilities mean."""

import logging
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import bolton_jsna as jsna
from bolton_jsna.measures.weights import weights_from_pairs
from claim_lines.rows import Row

SEED = 20_28
RATES = (0.005, 0.05)
SPREADS = (0.1, 0.3, 0.6)
COVERAGE = (0.93, 0.97)
AT_LEAST = (0.93, 1.0)
NEIGHBOURS = (0.92, 1.0)
MARKED = (0.9, 1.0)
CALIBRATED = (0.75, 0.95)
FEW = 5
"""Events an area under which limits may be wide, if they are marked."""

REACH = 3.0
"""How far risks are alike in a smooth map, in widths of an area."""

Floats = NDArray[np.float64]

WARDS: Floats = np.linspace(2_500, 5_200, 20)
LSOAS: Floats = np.linspace(230, 650, 177)


def lines(*, quick: bool = False, seed: int = SEED) -> Iterator[Row]:
    """Return the coverage of 95 per cent limits, and how often a rate exceeds the benchmark."""
    logging.getLogger("bolton_jsna.measures._smoothing_limits").setLevel(logging.ERROR)
    yield from together("20 wards", WARDS, quick, np.random.default_rng(seed))
    yield from together("177 LSOAs", LSOAS, quick, np.random.default_rng([seed, 1]))
    yield from around(quick, np.random.default_rng([seed, 2]))


def together(place: str, people: Floats, quick: bool, rng: np.random.Generator) -> Iterator[Row]:
    """All areas smoothed with each other."""
    given: dict[float, list[Floats]] = {cv: [] for cv in SPREADS}
    did: dict[float, list[NDArray[np.bool_]]] = {cv: [] for cv in SPREADS}
    draws = 250 if len(people) < 100 else 60
    draws = draws // 12 if quick else draws
    for rate in RATES[-1:] if quick else RATES:
        few = float(np.median(people)) * rate < FEW
        for cv in SPREADS:
            for shape in ("gamma",) if quick else ("gamma", "lognormal"):
                held, wide = [], []
                for _ in range(draws):
                    truth = rates(shape, rate, cv, len(people), rng)
                    found = smoothed(truth, people, rng, benchmark=rate)
                    held.append(inside(found, truth))
                    wide.append(found["smoothed_note"].notna())
                    given[cv].append(found["exceedance_probability"].to_numpy())
                    did[cv].append(truth > rate)
                what = f"smoothed limits: {place}, rate {rate}, cv {cv}, {shape}"
                number = draws * len(people)
                may_be_wide = cv == 0.1 or few
                bar = AT_LEAST if may_be_wide else COVERAGE
                share = float(np.mean(held))
                # A short run has an error of .01 or so.
                loose = 0.03 if quick else 0.0
                bar = (bar[0] - loose, min(bar[1] + loose, 1.0))
                yield Row(what, 0.95, bar, share, number)
                must = MARKED if share > COVERAGE[1] + loose else None
                marked = float(np.mean(wide))
                yield Row(f"{what}: marked as wide", None, must, marked, number)
    everything = ([each for cv in SPREADS for each in kept[cv]] for kept in (given, did))
    yield from exceeding(place, *everything, barred=not quick)
    for cv in SPREADS:
        rows = exceeding(f"{place}, cv {cv}", given[cv], did[cv], barred=False)
        yield from (row for row in rows if "given 0.8" in row.what)


def around(quick: bool, rng: np.random.Generator) -> Iterator[Row]:
    """Areas smoothed with their neighbours, where risks vary smoothly and where they do not."""
    for name, across, people in (
        ("20 wards", 5, WARDS),
        ("180 LSOAs", 15, np.linspace(230, 650, 180)),
    ):
        draws = 120 if len(people) < 100 else 16
        draws = draws // 8 if quick else draws
        codes = [str(each) for each in range(len(people))]
        y, x = np.divmod(np.arange(len(people)), across)
        apart = np.hypot(y[:, None] - y, x[:, None] - x)
        near = np.argwhere((apart > 0) & (apart < 1.5))
        pairs = pd.DataFrame(near.astype(str), columns=["area_code", "neighbour_code"])
        weights = weights_from_pairs(pairs, codes=codes)
        likeness = np.exp(-((apart / REACH) ** 2)) + 1e-6 * np.eye(len(people))
        root = np.linalg.cholesky(likeness)
        given, did = [], []
        for rate in RATES[-1:] if quick else RATES:
            for cv in (0.3,) if quick else (0.3, 0.6):
                for kind in ("smoothly", "at random"):
                    held, ratio, miss, noted = [], [], [], []
                    for _ in range(draws):
                        normal = rng.normal(size=len(people))
                        normal = root @ normal if kind == "smoothly" else normal
                        truth = rate * np.exp(normal * np.log1p(cv**2) ** 0.5)
                        mixed = rng.permutation(people)
                        state = rng.bit_generator.state
                        found = smoothed(truth, mixed, rng, benchmark=rate, weights=weights)
                        rng.bit_generator.state = state
                        whole = smoothed(truth, mixed, rng, benchmark=rate)
                        held.append(inside(found, truth))
                        ratio.append(width(found) / width(whole))
                        miss.append(error(found, truth) / error(whole, truth))
                        noted.append(
                            found["smoothed_note"].str.contains("neighbours").fillna(False)
                        )
                        if kind == "smoothly":
                            given.append(found["exceedance_probability"].to_numpy())
                            did.append(truth > rate)
                    what = f"with neighbours: {name}, rate {rate}, cv {cv}, risks vary {kind}"
                    number = draws * len(people)
                    bar = NEIGHBOURS if kind == "smoothly" else None
                    yield Row(what, 0.95, bar, float(np.mean(held)), number)
                    for name_of, values in (
                        ("width over all together", ratio),
                        ("error over all together", miss),
                        ("warned of", noted),
                    ):
                        yield Row(f"{what}: {name_of}", None, None, float(np.mean(values)), number)
        yield from exceeding(f"with neighbours, {name}", given, did, barred=not quick)


def exceeding(
    name: str, given: list[Floats], did: list[NDArray[np.bool_]], *, barred: bool
) -> Iterator[Row]:
    """Of areas given a probability, the share that exceeds the benchmark; a short run has few."""
    probability, above = np.concatenate(given), np.concatenate(did)
    for low, high, bar in (
        (0.0, 0.1, None),
        (0.1, 0.2, None),
        (0.4, 0.6, None),
        (0.8, 0.9, CALIBRATED),
        (0.9, 1.01, None),
    ):
        some = (probability >= low) & (probability < high)
        what = f"exceeds the benchmark, given {low} to {min(high, 1.0)}: {name}"
        share = float(above[some].mean()) if some.any() else float("nan")
        yield Row(what, None, bar if barred else None, share, int(some.sum()))


def rates(shape: str, rate: float, cv: float, size: int, rng: np.random.Generator) -> Floats:
    """True rates with this mean and coefficient of variation."""
    if shape == "gamma":
        return rate * rng.gamma(1 / cv**2, cv**2, size)
    spread = np.log1p(cv**2)
    return rate * np.exp(rng.normal(-spread / 2, spread**0.5, size))


def smoothed(
    truth: Floats, people: Floats, rng: np.random.Generator, **options: object
) -> pd.DataFrame:
    """Smooth one draw of counts."""
    codes = [str(each) for each in range(len(people))]
    counts = rng.poisson(people * truth)
    frame = pd.DataFrame({"area_code": codes, "count": counts, "population": people})
    return jsna.smooth_rates(frame, per=1, **options)


def inside(found: pd.DataFrame, truth: Floats) -> pd.Series:
    """Which limits hold the truth."""
    return (found["smoothed_lower"] <= truth) & (truth <= found["smoothed_upper"])


def error(found: pd.DataFrame, truth: Floats) -> float:
    """The root of the mean squared error of the smoothed rates."""
    return float(((found["smoothed_rate"] - truth) ** 2).mean() ** 0.5)


def width(found: pd.DataFrame) -> float:
    """The mean width of limits."""
    return float((found["smoothed_upper"] - found["smoothed_lower"]).mean())
