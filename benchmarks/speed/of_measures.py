"""Claims about rates, comparison and Moran's I."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from benchmarks.speed import inputs
from benchmarks.speed.side_by_side import Claim, Pair

import bolton_jsna as jsna

LEVELS = [0.95, 0.998]
AREAS = 1_736
PERMUTATIONS = 999


def rates(share: float) -> Pair:
    """Crude rates with states and two confidence levels; the peer takes no hidden counts."""
    rows = round(inputs.LSOAS * share)
    ours, theirs = (inputs.counts(rows, hidden=each) for each in (True, False))
    part = rows // 10

    def peer() -> object:
        import PHStatsMethods

        return PHStatsMethods.ph_rate(
            theirs.head(part), "count", "population", "area_code", confidence=LEVELS
        )

    return Pair(lambda: jsna.crude_rates(ours, confidence=LEVELS), peer, rows, part)


def standardised(share: float) -> Pair:
    """Directly standardised rates by nineteen age bands."""
    frame = inputs.by_age(round(AREAS * share))

    def peer() -> object:
        import PHStatsMethods

        return PHStatsMethods.ph_dsr(
            frame.copy(), "count", "population", "age_band", group_cols="area_code",
            confidence=LEVELS,
        )  # fmt: skip

    return Pair(
        lambda: jsna.directly_standardised_rates(frame, by="area_code", confidence=LEVELS),
        peer,
        len(frame),
    )


def compared(share: float) -> Pair:
    """Rate ratios of each area with one other, next to a loop over the rows."""
    rows = round(inputs.LSOAS * share)
    frame = inputs.counts(rows, hidden=False).assign(status="value")
    few = frame.head(max(rows // 20, 1))
    reference = pd.DataFrame({"area_code": ["E92000001"], "count": [600_000], "population": [12e6]})

    def peer() -> object:
        from statsmodels.stats.rates import confint_poisson_2indep

        return [
            confint_poisson_2indep(count, people, 600_000, 12e6, compare="ratio")
            for count, people in zip(few["count"], few["population"], strict=True)
        ]

    return Pair(lambda: jsna.rate_ratios(frame, reference), peer, rows, len(few))


def moran(share: float) -> Pair:
    """Moran's I and its local form with permutations, on the cells of a grid."""
    from bolton_jsna.measures.weights import weights_from_pairs

    areas = round(32_844 * share)
    side = int(np.ceil(np.sqrt(areas)))
    cells = np.arange(side * side).reshape(side, side)
    steps = [
        (cells[:, :-1], cells[:, 1:]),
        (cells[:-1], cells[1:]),
        (cells[:-1, :-1], cells[1:, 1:]),
        (cells[:-1, 1:], cells[1:, :-1]),
    ]
    first, second = (np.concatenate([each[at].ravel() for each in steps]) for at in (0, 1))
    inside = (first < areas) & (second < areas)
    names = np.array([f"E{number:08d}" for number in range(side * side)], dtype=object)
    table = pd.DataFrame(
        {"area_code": names[first[inside]], "neighbour_code": names[second[inside]]}
    )
    weights = weights_from_pairs(table, codes=names[:areas].tolist())
    noise = np.random.default_rng(1).normal(size=areas)
    values = noise + (weights.matrix() @ noise) / weights.numbers
    frame = pd.DataFrame({"area_code": list(weights.codes), "rate": values})
    theirs: list[Any] = []

    def peer() -> object:
        import esda
        from libpysal.weights import WSP

        if not theirs:
            warnings.simplefilter("ignore")
            links = WSP(weights.matrix().tocsr(), id_order=list(range(areas)))
            theirs.append(links.to_W(silence_warnings=True))
            theirs[0].transform = "r"
        return (
            esda.Moran(values, theirs[0], permutations=PERMUTATIONS),
            esda.Moran_Local(
                values, theirs[0], permutations=PERMUTATIONS, seed=1, keep_simulations=False
            ),
        )

    def ours() -> object:
        return jsna.spatial_autocorrelation(frame, weights, permutations=PERMUTATIONS)

    return Pair(ours, peer, areas)


CLAIMS = (
    Claim(
        "crude_rates",
        "crude rates of all LSOAs with states and two levels (the peer: a tenth of the rows)",
        rates,
        "PHStatsMethods.ph_rate",
        ("PHStatsMethods",),
        rounds=3,
        grows=True,
    ),
    Claim(
        "standardised_rates",
        "directly standardised rates of 1,736 areas by 19 age bands, two levels",
        standardised,
        "PHStatsMethods.ph_dsr",
        ("PHStatsMethods",),
        grows=True,
    ),
    Claim(
        "rate_ratios",
        "rate ratios of all LSOAs with England (the peer: a twentieth of the rows)",
        compared,
        "statsmodels confint_poisson_2indep, row by row",
        ("statsmodels",),
        rounds=3,
        grows=True,
    ),
    Claim(
        "moran",
        "Moran's I and local Moran of 32,844 areas, 999 permutations",
        moran,
        "esda.Moran and esda.Moran_Local",
        ("esda", "libpysal"),
        rounds=3,
        slow=True,
    ),
)
