"""How often a word about a share is wrong: with England, among neighbours, over the years."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

import bolton_jsna as jsna
from bolton_jsna.measures._prediction_intervals import range_of_neighbours
from bolton_jsna.measures._shares import enough_cases, log_odds, quasi_binomial, share_p
from claim_lines.rows import Row
from claim_lines.series import FILES, neighbour_lists, published_file

SEED = 20_31
ENGLAND = 200_000
"""Cases in England, of which the area's are taken as a small part."""
SHARES = (0.01, 0.05, 0.2, 0.5, 0.9, 0.98)
ALIKE = (0.0, 0.08)
"""Errors of one line, where counts are small: never far above .05, and often under it."""
REAL = (0.0, 0.10)
PAIRS = {
    "re-referrals": ("re_referrals", "referrals"),
    "second or subsequent plans": ("cpp_second_or_subsequent", "cpp_started"),
}
"""Published shares: the part and the whole in the table children_in_need."""

Array = NDArray[np.float64]


def lines(folder: Path | None = None, *, quick: bool = False, seed: int = SEED) -> Iterator[Row]:
    """Return all rows on shares."""
    draws = 1_000 if quick else 10_000
    yield from with_england(draws, np.random.default_rng(seed))
    yield from repeated(draws, np.random.default_rng([seed, 5]))
    yield from like_neighbours(draws, np.random.default_rng([seed, 1]))
    yield from unlike_sizes(draws, np.random.default_rng([seed, 2]))
    yield from hidden(draws, np.random.default_rng([seed, 6]))
    yield from still(draws, np.random.default_rng([seed, 3]))
    yield from published(folder, draws, np.random.default_rng([seed, 4]))


def with_england(draws: int, rng: np.random.Generator) -> Iterator[Row]:
    """An area whose share is that of England: the largest error over the shares tried."""
    for cases in (20, 60, 300, 3_000):
        errors = []
        for share in SHARES:
            own = rng.binomial(cases, share, draws).astype(float)
            other = rng.binomial(ENGLAND, share, draws).astype(float)
            p = share_p(own, np.full(draws, cases), other, np.full(draws, ENGLAND))
            errors.append(float((p < 0.05).mean()))
        what = f"share of England's, {cases} cases: different by chance,"
        yield Row(
            f"{what} the largest of {len(SHARES)} shares", 0.05, ALIKE, np.nanmax(errors), draws
        )
        yield Row(f"{what} their mean", 0.05, None, float(np.nanmean(errors)), draws * len(SHARES))


def repeated(draws: int, rng: np.random.Generator) -> Iterator[Row]:
    """Cases that recur within a child by a geometric number, as re-referrals do, and the rest."""
    for cases in (60, 300, 3_000):
        for mean in (1.2, 1.5):
            errors, plain = [], []
            for share in (0.05, 0.2, 0.5):
                children = np.maximum(rng.poisson(cases * share / mean, draws), 1)
                part = children + rng.negative_binomial(children, 1 / mean).astype(float)
                whole = part + rng.poisson(cases * (1 - share), draws)
                others = np.full(draws, ENGLAND * share), np.full(draws, float(ENGLAND))
                p = share_p(part, whole, *others, spread=2 * part / children - 1)
                errors.append(float((p < 0.05).mean()))
                plain.append(float((share_p(part, whole, *others) < 0.05).mean()))
            what = f"share of England's, {cases} cases, {mean:g} a child: different by chance,"
            yield Row(f"{what} the largest", 0.05, ALIKE, max(errors), draws)
            yield Row(f"{what} the largest, repeats not allowed for", 0.05, None, max(plain), draws)


def like_neighbours(draws: int, rng: np.random.Generator) -> Iterator[Row]:
    """An area drawn from the same distribution of shares as its ten neighbours."""
    for cases in (30, 100, 1_000):
        for name, sizes in (("of one size", 0.0), ("of unlike sizes", 0.6)):
            errors = []
            for share in SHARES:
                whole = np.round(cases * np.exp(rng.normal(0, sizes, (draws, 11))))
                errors.append(_outside(share, np.maximum(whole, 5), rng))
            what = f"share like those of ten neighbours, {cases} cases, {name}: called different,"
            yield Row(f"{what} the largest", 0.05, ALIKE, np.nanmax(errors), draws)
            mean = float(np.nanmean(errors))
            yield Row(f"{what} their mean", 0.05, None, mean, draws * len(SHARES))


def unlike_sizes(draws: int, rng: np.random.Generator) -> Iterator[Row]:
    """An area ten times as large or as small as its neighbours."""
    for own, others in ((30, 300), (300, 30), (100, 3_000), (3_000, 100)):
        errors = []
        for share in SHARES:
            whole = np.full((draws, 11), float(others))
            whole[:, 0] = own
            errors.append(_outside(share, whole, rng))
        what = f"share of {own} cases like those of neighbours with {others}: called different,"
        yield Row(f"{what} the largest", 0.05, ALIKE, np.nanmax(errors), draws)


def hidden(draws: int, rng: np.random.Generator) -> Iterator[Row]:
    """Counts of one to five are hidden: how wrong a range of the neighbours that are left is."""
    for own, others, share in (
        (60, 60, 0.08),
        (300, 60, 0.06),
        (300, 100, 0.04),
        (1_000, 60, 0.08),
    ):
        whole = np.full((draws, 11), others)
        whole[:, 0] = own
        part = rng.binomial(
            whole, special.expit(special.logit(share) + rng.normal(0, 0.25, whole.shape))
        )
        shown = (part == 0) | (part > 5)
        outside = used = 0
        for cases, everyone, known in zip(part, whole, shown, strict=True):
            if known.all() or not known[0] or known.sum() < 6:
                continue
            effects, variances = log_odds(cases[known].astype(float), everyone[known].astype(float))
            usual = range_of_neighbours(
                effects[1:], variances[1:], effects[0], variances[0], confidence=0.95
            )
            outside += not usual.lower <= effects[0] <= usual.upper
            used += 1
        what = f"share of {own} cases, neighbours with {others}, some of them hidden"
        yield Row(f"{what}: called different without the rule", 0.05, None, outside / used, used)


def _outside(share: float, whole: Array, rng: np.random.Generator) -> float:
    """Return how often the first share lies outside of the usual range of the others."""
    # Authorities' shares of re-referrals have a standard deviation of some .3 in log odds.
    odds = special.logit(share) + rng.normal(0, 0.3, whole.shape)
    part = rng.binomial(whole.astype(int), special.expit(odds)).astype(float)
    outside = used = 0
    for cases, everyone in zip(part, whole, strict=True):
        if enough_cases(cases[1:], everyone[1:]):
            (own, *others), variances = log_odds(cases, everyone)
            usual = range_of_neighbours(
                np.array(others), variances[1:], own, variances[0], confidence=0.95
            )
            outside += not usual.lower <= own <= usual.upper
            used += 1
    # Hardly ever enough: what is left says nothing about how often the word is wrong.
    return outside / used if used >= len(whole) / 20 else float("nan")


def still(draws: int, rng: np.random.Generator) -> Iterator[Row]:
    """Shares that stand still over five years, by chance alone or with more variation."""
    for cases in (20, 100, 1_000, 5_000):
        for times in (1, 3, 8):
            if times > cases / 4:
                continue
            errors = []
            for share in SHARES:
                true = np.full((draws, 5), share)
                if times > 1:
                    # A beta-binomial count varies by this many times as much as a binomial one.
                    weight = (cases - 1) / (times - 1) - 1
                    true = rng.beta(share * weight, (1 - share) * weight, (draws, 5))
                part = rng.binomial(cases, true).astype(float)
                errors.append(trend_called(part, np.full((draws, 5), float(cases))))
            what = f"trend of 5 years of a share called: still, {cases} cases, variance {times} "
            what += f"times chance: the largest of {len(SHARES)} shares"
            yield Row(what, 0.05, ALIKE, np.nanmax(errors), draws)


def trend_called(part: Array, whole: Array) -> float:
    """Return the share of series with a trend: a significant line that both ends confirm."""
    found = quasi_binomial(part, whole)
    change = part[:, -1] / whole[:, -1] - part[:, 0] / whole[:, 0]
    return float(((found.p < 0.05) & (np.sign(change) == np.sign(found.slope))).mean())


def published(folder: Path | None, draws: int, rng: np.random.Generator) -> Iterator[Row]:
    """Published shares: each authority with its neighbours, and years in random order."""
    more = "" if folder else " (only the areas of the package's extract)"
    bar = REAL if folder else None
    lists = neighbour_lists(folder).groupby("area_code")["neighbour_code"].agg(list)
    for name, (part, whole) in PAIRS.items():
        table = _published(folder, part, whole)
        called = used = 0
        for _, rows in table.groupby("year"):
            effects, variances = log_odds(*rows[["part", "whole"]].to_numpy(dtype=float).T)
            known = dict(zip(rows["area_code"], zip(effects, variances, strict=True), strict=True))
            for code, own in known.items():
                others = [known[each] for each in lists.get(code, ()) if each in known]
                if len(others) < 5:
                    continue
                usual = range_of_neighbours(*np.array(others).T, *own, confidence=0.95)
                called += not usual.lower <= own[0] <= usual.upper
                used += 1
        what = f"real authorities' shares called out of line with neighbours: {name}{more}"
        yield Row(what, None, bar, called / used, used)
        shuffled = _shuffled(table, draws, rng)
        what = f"trend of 5 years of a share called: {name}, years in random order{more}"
        yield Row(what, 0.05, ALIKE if folder else None, trend_called(*shuffled), draws)


def _shuffled(table: pd.DataFrame, draws: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return five years of authorities drawn at random, the years in random order."""
    series = [
        rows[["part", "whole"]].to_numpy(dtype=float)
        for _, rows in table.groupby("area_code")
        if len(rows) >= 5
    ]
    chosen = [series[at] for at in rng.integers(0, len(series), draws)]
    drawn = np.array([each[rng.permutation(len(each))[:5]] for each in chosen])
    return drawn[:, :, 0], drawn[:, :, 1]


def _published(folder: Path | None, part: str, whole: str) -> pd.DataFrame:
    """Return the part and the whole of every authority and year that has both."""
    if folder is None:
        with tempfile.TemporaryDirectory() as empty:
            found = jsna.load_children_in_need(workspace=empty, download=False)
    else:
        files = (FILES["referrals"], FILES["cpp_started"])
        read = [published_file(folder / "safeguarding" / each) for each in files]
        found = pd.concat(read, ignore_index=True)
    found = found[(found["area_level"] == "authority") & (found["status"] == "value")]
    wide = found[found["indicator"].isin([part, whole])].pivot_table(
        index=["area_code", "year"], columns="indicator", values="count", aggfunc="first"
    )
    wide = wide.rename(columns={part: "part", whole: "whole"}).dropna().reset_index()
    return wide[(wide["whole"] > 0) & (wide["part"] <= wide["whole"])]
