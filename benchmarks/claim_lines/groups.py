"""How often an area that is like the others is called different from them."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special

import bolton_jsna as jsna
from bolton_jsna.core.areas import area, register
from bolton_jsna.measures._prediction_intervals import usual_among_neighbours
from claim_lines.rows import Row
from claim_lines.series import neighbour_lists, real_series

SEED = 20_27
ERROR = (0.03, 0.07)
REAL = (0.0, 0.10)
SPREAD = 0.3
"""Standard deviation of log rates between areas, as among authorities for referrals."""
PEOPLE = 60_000


def lines(folder: Path | None = None, *, quick: bool = False, seed: int = SEED) -> list[Row]:
    """Return all rows on neighbours, regions and England."""
    rng = np.random.default_rng(seed)
    draws = 2_000 if quick else 20_000
    return [
        *like_neighbours(draws, rng),
        *real_authorities(folder),
        *in_region(84 if quick else 1_000, rng),
        *among(20 if quick else 200, rng),
    ]


def like_neighbours(draws: int, rng: np.random.Generator) -> list[Row]:
    """An area drawn from the same distribution as its ten neighbours."""
    rows = []
    for events in (60, 300):
        for name, sizes in (("of one size", 0.0), ("of unlike sizes", 0.6)):
            rates = np.exp(rng.normal(0, SPREAD, (draws, 11)))
            people = np.exp(rng.normal(0, sizes, (draws, 11)))
            counts = rng.poisson(events * rates * people)
            called = pooled = used = 0
            for number, size in zip(counts, people, strict=True):
                if (number == 0).any():
                    continue
                logs, chance = np.log(number / size), 1 / number
                usual = usual_among_neighbours(logs[1:], chance[1:], chance[0])
                z = abs(logs[0] - usual.centre[0]) / usual.error[0]
                called += z > special.stdtrit(usual.freedom[0], 0.975)
                rest = number[1:].sum() / size[1:].sum()
                far = abs(logs[0] - np.log(rest)) / np.sqrt(chance[0] + 1 / number[1:].sum())
                pooled += far > special.ndtri(0.975)
                used += 1
            what = f"area like its ten neighbours, {events} events, {name}"
            rows += [
                Row(f"{what}: called different", 0.05, ERROR, called / used, used),
                Row(f"{what}: beyond chance of the pooled rate", None, None, pooled / used, used),
            ]
    return rows


def real_authorities(folder: Path | None) -> list[Row]:
    """Each authority against its ten neighbours, every year, as they were published."""
    table = real_series(folder)
    lists = neighbour_lists(folder)
    near = lists.groupby("area_code")["neighbour_code"].agg(list)
    more = "" if folder else " (only the areas of the package's extract)"
    rows = []
    anywhere: dict[tuple[str, int], bool] = {}
    for indicator, counts in table[table["area_level"] == "authority"].groupby("indicator"):
        known = counts[(counts["count"] > 0) & (counts["population"] > 0)]
        rate = (known["count"].astype(float) / known["population"].astype(float)).to_numpy()
        twice = 2 * (known["count"] / known["persons"]).astype(float) - 1
        chance = twice.fillna(1.0).to_numpy() / known["count"].to_numpy(dtype=float)
        keys = zip(known["area_code"], known["year"], strict=True)
        figures = dict(zip(keys, zip(np.log(rate), chance, strict=True), strict=True))
        called = used = 0
        for (code, year), (own, own_chance) in figures.items():
            others = [figures[each, year] for each in near.get(code, ()) if (each, year) in figures]
            if len(others) < 5:
                continue
            logs, chances = np.array(others).T
            usual = usual_among_neighbours(logs, chances, own_chance)
            z = abs(own - usual.centre[0]) / usual.error[0]
            far = bool(z > special.stdtrit(usual.freedom[0], 0.975))
            anywhere[code, year] = anywhere.get((code, year), False) or far
            called += far
            used += 1
        what = f"real authorities called out of line with neighbours: {indicator}{more}"
        # One authority in several years is no test of how often the word is used.
        bar = REAL if folder else None
        rows.append(Row(what, None, bar, called / used, used))
    what = f"real authorities called out of line: at least one of four indicators in a year{more}"
    share = sum(anywhere.values()) / len(anywhere)
    return [*rows, Row(what, None, None, share, len(anywhere))]


def in_region(years: int, rng: np.random.Generator) -> list[Row]:
    """Areas of one region with one true rate, each against the region without itself."""
    places = [each for each in register() if each.region == "North West" and each.until is None]
    places = [each for each in places if each.level == "authority"]
    rows = []
    for events in (60, 300):
        counts = rng.poisson(events, (years, len(places)))
        frame = _frame([each.code for each in places], counts, "authority")
        whole = _frame([area("North West").code], counts.sum(axis=1)[:, None], "region")
        whole["population"] = PEOPLE * len(places)
        for without in (True, False):
            found = jsna.compare_with_benchmark(
                pd.concat([frame, whole], ignore_index=True),
                "region",
                confidence=0.95,
                without_own=without,
            )
            own = found[found["area_level"] == "authority"]
            called = float((own["verdict"] != "similar").mean())
            kind = "the region without it" if without else "the whole region"
            what = f"area of one rate with its region, {events} events, against {kind}: different"
            rows.append(Row(what, 0.05, ERROR if without else None, called, len(own)))
    return rows


def among(years: int, rng: np.random.Generator) -> list[Row]:
    """Authorities that differ, none of them apart: called unusual, or different by chance."""
    places = [each for each in register() if each.level == "authority" and each.until is None]
    codes = [each.code for each in places]
    rows = []
    for events, spread in ((60, "normal"), (300, "normal"), (300, "t with 3 degrees")):
        size = (years, len(codes))
        apart = rng.normal(size=size) if spread == "normal" else rng.standard_t(3, size) / 3**0.5
        counts = rng.poisson(events * np.exp(SPREAD * apart))
        frame = _frame(codes, counts, "authority")
        england = _frame(["E92000001"], counts.sum(axis=1)[:, None], "country")
        england["population"] = PEOPLE * len(codes)
        found = jsna.compare_with_benchmark(
            pd.concat([frame, england], ignore_index=True), "England"
        )
        own = found[(found["area_level"] == "authority") & (found["unusual_95"] != "not_available")]
        unusual, surely = ((own[f"unusual_{each}"] != "similar").mean() for each in ("95", "99_8"))
        chance = float((own["verdict_95"] != "similar").mean())
        more = "" if spread == "normal" else f", spread {spread}"
        what = f"authority like the others of England, {events} events{more}"
        rows += [
            Row(f"{what}: called unusual", 0.05, ERROR, float(unusual), len(own)),
            Row(f"{what}: called unusual at 99.8", 0.002, None, float(surely), len(own)),
            Row(f"{what}: beyond chance", None, None, chance, len(own)),
        ]
    return rows


def _frame(codes: list[str], counts: np.ndarray, level: str) -> pd.DataFrame:
    """Counts of areas in made-up years."""
    years, areas = counts.shape
    return pd.DataFrame(
        {
            "area_code": np.tile(codes, years),
            "area_level": level,
            "year": np.repeat(np.arange(2100, 2100 + years), areas),
            "count": counts.ravel(),
            "population": PEOPLE,
        }
    )
