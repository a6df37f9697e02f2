"""The verdicts of a panel: with England, the region, the neighbours, and over the years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import special

from bolton_jsna.core.errors import some
from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._panel_rows import (
    POINTS,
    Described,
    PanelRow,
    belong_together,
    counted,
    factors,
    figure_of,
    state_of,
    table_of,
    why_missing,
)
from bolton_jsna.measures._prediction_intervals import (
    LEAST_NEIGHBOURS,
    hidden_neighbours,
    range_of_neighbours,
)
from bolton_jsna.measures._shares import enough_cases, log_odds, quasi_binomial, share_p
from bolton_jsna.measures.ratios import rate_ratios
from bolton_jsna.measures.trend import recent_trends

NO_COUNTS: Final = "published without its counts"
"""Why a figure has no test: only the rate or the share itself is published."""

NO_LIST: Final = (
    "no list of statistical neighbours; where DfE's model has the area, put the model's file into "
    "data/raw/statistical_neighbours"
)
"""Why an authority is not compared with neighbours."""

ONLY_AUTHORITIES: Final = "only authorities have statistical neighbours"
"""Why another area is not compared with neighbours."""

_AUTHORITIES: Final = ("E06", "E07", "E08", "E09", "E10")

NO_TEST: Final = {
    "other": "not a rate or a share: no test",
    "number": "a number depends on the size of the area and is not compared",
}
"""Why figures that are neither rates nor shares have no test."""

_ROUNDED: Final = 1e-12


@dataclass(frozen=True)
class Claim:
    """One verdict with its p-value, or without one and the reason."""

    verdict: str = "not_compared"
    p: float = float("nan")
    why: str = ""


def against_place(
    rows: Sequence[PanelRow],
    place: str,
    other: str,
    described: Mapping[str, Described],
    *,
    confidence: float,
    without_own: bool = False,
) -> list[Claim]:
    """Return how an area compares with a country or region, given chance in the counts."""
    able: dict[str, list[tuple[int, Mapping[str, Any], Mapping[str, Any]]]] = {}
    claims = [Claim() for _ in rows]
    for at, row in enumerate(rows):
        own, theirs = row.areas.get(place), row.areas.get(other)
        why = _no_pair(row, own, theirs, described)
        if own is not None and theirs is not None and not why:
            theirs = _without(theirs, own, row.kind) if without_own else theirs
            if theirs is None:
                why = "nothing is left without the area"
            else:
                able.setdefault(row.kind, []).append((at, own, theirs))
        claims[at] = Claim(why=why)
    for kind, pairs in able.items():
        own_rows, their_rows = [each[1] for each in pairs], [each[2] for each in pairs]
        found = (_rate_p if kind == "rate" else _share_p)(own_rows, their_rows)
        for (at, *_), p, apart in zip(pairs, *found, strict=True):
            none = "no events in either" if kind == "rate" else "none or all in both"
            claims[at] = (
                Claim(why=none) if np.isnan(p) else Claim(_word(p, apart, confidence), float(p))
            )
    return claims


def _rate_p(own: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> Any:
    """Return p of "the rates are equal" and the difference, for each pair."""
    # Exact for few events, log-normal for many, and wider where children are counted twice.
    found = rate_ratios(table_of(own), table_of(other), on=["indicator", "year"])
    return found["p"].to_numpy(), found["difference"].to_numpy()


def _share_p(own: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> Any:
    """Return p of "the shares are equal" and the difference, for each pair."""
    k, n = _counts(own)
    other_k, other_n = _counts(other)
    p = share_p(k, n, other_k, other_n, spread=factors(own), other_spread=factors(other))
    return p, k / n - other_k / other_n


def _counts(rows: Sequence[Mapping[str, Any]]) -> tuple[Floats, Floats]:
    return (
        np.array([float(each["count"]) for each in rows]),
        np.array([float(each["population"]) for each in rows]),
    )


def _no_pair(
    row: PanelRow,
    own: Mapping[str, Any] | None,
    theirs: Mapping[str, Any] | None,
    described: Mapping[str, Described],
) -> str:
    """Return why two figures are not compared, empty if they are."""
    if np.isnan(figure_of(own)):
        return why_missing(own)
    if row.kind in NO_TEST:
        return NO_TEST[row.kind]
    if np.isnan(figure_of(theirs)):
        return f"its figure is {state_of(theirs).replace('_', ' ')}"
    if row.kind == "share" and belong_together(described[row.indicator].denominator):
        return "many cases are of one person, so chance in the counts cannot be judged"
    if not (counted(own, row.kind) and counted(theirs, row.kind)):
        return NO_COUNTS
    return ""


def _without(
    whole: Mapping[str, Any], own: Mapping[str, Any], kind: str
) -> Mapping[str, Any] | None:
    """Return a region's row without the area in it; None if nothing is left."""
    rest = dict(whole)
    for name in ("count", "population", "persons"):
        known = not (pd.isna(whole.get(name)) or pd.isna(own.get(name)))
        rest[name] = whole[name] - own[name] if known else pd.NA
    # A region's figures are rounded, so that a few more than there are may be taken away.
    if rest["count"] < 0 or rest["population"] <= 0:
        return None
    if kind == "share":
        rest["count"] = min(rest["count"], rest["population"])
    return rest


def _word(p: float, apart: float, confidence: float) -> str:
    if p >= (1 - confidence) * (1 - _ROUNDED):
        return "similar"
    return "higher" if apart > 0 else "lower"


@dataclass(frozen=True)
class Neighbours:
    """What the neighbours of an area are like, and where the area is among them."""

    used: int
    of: int
    lowest: float
    median: float
    highest: float
    rank: int | None
    rank_of: int
    usual_lower: float
    usual_upper: float
    claim: Claim


def among_neighbours(
    rows: Sequence[PanelRow], place: str, near: Sequence[str], *, confidence: float
) -> list[Neighbours]:
    """Return for each indicator the neighbours with a figure, and whether the area is unusual."""
    found = []
    for row in rows:
        own = figure_of(row.areas.get(place))
        every = np.array([figure_of(row.areas.get(code)) for code in near])
        known = every[~np.isnan(every)]
        usual, claim = _usual(row, place, near, confidence=confidence)
        peers = known if np.isnan(own) else np.append(known, own)
        some_known = len(known) > 0
        found.append(
            Neighbours(
                used=len(known),
                of=len(near),
                lowest=float(known.min()) if some_known else float("nan"),
                median=float(np.median(known)) if some_known else float("nan"),
                highest=float(known.max()) if some_known else float("nan"),
                rank=int(1 + (known > own).sum()) if some_known and not np.isnan(own) else None,
                rank_of=len(peers),
                usual_lower=usual[0],
                usual_upper=usual[1],
                claim=claim,
            )
        )
    return found


def _usual(
    row: PanelRow, place: str, near: Sequence[str], *, confidence: float
) -> tuple[tuple[float, float], Claim]:
    """Return the usual range among the neighbours, and whether the area is in it."""
    own = row.areas.get(place)
    there = [row.areas[code] for code in near if not np.isnan(figure_of(row.areas.get(code)))]
    used = [each for each in there if counted(each, row.kind)]
    mine = [own] if own is not None and counted(own, row.kind) else []
    why = _no_range(row, place, near, there, used)
    if why:
        return (float("nan"), float("nan")), Claim("not_available", why=why)
    effects, variances = _effects(row, [*mine, *used])
    effect, variance = (effects[0], variances[0]) if mine else (np.nan, 0.0)
    others = slice(len(mine), None)
    found = range_of_neighbours(
        effects[others], variances[others], float(effect), float(variance), confidence=confidence
    )
    per = float(row.per or 1)
    back = special.expit if row.kind == "share" else np.exp
    usual = float(back(found.lower) * per), float(back(found.upper) * per)
    if not mine:
        why = NO_COUNTS if not np.isnan(figure_of(own)) else why_missing(own)
        return usual, Claim("not_available", why=why)
    word = "lower" if effect < found.lower else "higher" if effect > found.upper else "similar"
    return usual, Claim(word, found.p)


def _no_range(
    row: PanelRow,
    place: str,
    near: Sequence[str],
    there: Sequence[Mapping[str, Any]],
    used: Sequence[Mapping[str, Any]],
) -> str:
    """Return why the neighbours have no usual range, empty if they have one."""
    if not near:
        return NO_LIST if place.startswith(_AUTHORITIES) else ONLY_AUTHORITIES
    if row.kind in NO_TEST:
        return NO_TEST[row.kind]
    if len(there) < LEAST_NEIGHBOURS:
        return f"{len(there)} neighbours have a figure; {LEAST_NEIGHBOURS} or more are needed"
    if len(used) < LEAST_NEIGHBOURS:
        return NO_COUNTS
    every = [row.areas[code] for code in near if code in row.areas]
    hidden = hidden_neighbours((each["area_name"], state_of(each)) for each in every)
    return hidden or _too_few(row, place, used)


def _too_few(row: PanelRow, place: str, used: Sequence[Mapping[str, Any]]) -> str:
    """Return why there are too few events or cases for a usual range, empty if there are enough."""
    events, people = _counts(used)
    if row.kind == "share":
        few = "fewer cases than neighbours with the property, or without it: no usual range"
        return "" if enough_cases(events, people) else few
    if (events == 0).any():
        names = some([each["area_name"] for each in used if each["count"] == 0])
        return f"no events in {names}: the spread of the neighbours cannot be estimated"
    own = row.areas.get(place)
    none = own is not None and counted(own, row.kind) and own["count"] == 0
    return "the area has no events" if none else ""


def _effects(row: PanelRow, used: Sequence[Mapping[str, Any]]) -> tuple[Floats, Floats]:
    """Return the log rates or log odds of areas with their variances."""
    events, people = _counts(used)
    factor = np.array([each["factor"] for each in used])
    if row.kind == "share":
        effects, variances = log_odds(events, people)
        return effects, variances * factor
    return np.log(events / people), factor / events


@dataclass(frozen=True)
class Trend:
    """Whether the figures rose or fell over the years named."""

    direction: str = "not_compared"
    p: float = float("nan")
    years: str = ""
    why: str = ""


def trends(
    rows: Sequence[PanelRow], described: Mapping[str, Described], *, confidence: float
) -> list[Trend]:
    """Return the trend of each indicator over the last years up to that of its row."""
    found = [Trend() for _ in rows]
    able: dict[int, list[int]] = {}
    for at, row in enumerate(rows):
        first = row.year - POINTS + 1
        named = f"{first} to {row.year}"
        why = _no_trend(row, described[row.indicator], first)
        if why:
            found[at] = Trend(years=named, why=why)
        elif row.kind == "share":
            found[at] = _share_trend(row, first, named, confidence=confidence)
        else:
            able.setdefault(row.year, []).append(at)
    for last, places in able.items():
        window = range(last - POINTS + 1, last + 1)
        frame = table_of([rows[at].years[year] for at in places for year in window])
        lines = recent_trends(
            frame, by=["indicator"], last=last, points=POINTS, certainty=confidence
        ).set_index("indicator")
        for at in places:
            line = lines.loc[rows[at].indicator]
            named = f"{last - POINTS + 1} to {last}"
            p, why = float(line["trend_p"]), line["trend_reason"]
            found[at] = Trend(line["direction"], p, named, why)
    return found


def _no_trend(row: PanelRow, entry: Described, first: int) -> str:
    """Return why an indicator has no trend, empty if it may have one."""
    years = range(first, row.year + 1)
    missing = [each for each in years if np.isnan(figure_of(row.years.get(each)))]
    if missing:
        return f"{POINTS - len(missing)} of {POINTS} years have a figure; none for {some(missing)}"
    changed = [f"{year}: {text}" for year, text in entry.breaks.items() if first < year <= row.year]
    if changed:
        return f"the series is not comparable throughout ({'; '.join(changed)})"
    if row.kind in NO_TEST:
        return NO_TEST[row.kind]
    if not all(counted(row.years[each], row.kind) for each in years):
        return NO_COUNTS
    return ""


def _share_trend(row: PanelRow, first: int, named: str, *, confidence: float) -> Trend:
    """Return the trend of a share."""
    rows = [row.years[each] for each in range(first, row.year + 1)]
    k, n = _counts(rows)
    variance = float((k * np.array([each["factor"] for each in rows])).sum())
    repeats = variance / float(k.sum()) if k.sum() else 1.0
    line = quasi_binomial(k[None, :], n[None, :], repeats)
    p, slope = float(line.p[0]), float(line.slope[0])
    if np.isnan(p):
        return Trend(years=named, why="no line on the scale of log odds describes these shares")
    # A line may have a direction that its first and last year do not confirm; and where all cases
    # are in one year there is no line at all: neither is a trend.
    change = k[-1] / n[-1] - k[0] / n[0]
    if p >= 1 - confidence or np.sign(change) != np.sign(slope):
        return Trend("no_significant_change", p, named)
    return Trend("increasing" if slope > 0 else "decreasing", p, named)
