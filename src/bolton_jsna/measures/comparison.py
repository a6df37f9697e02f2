"""An area compared with its statistical neighbours, its region and England."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.core.areas import ENGLAND, Area, area
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError, some
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._intervals import confidence_level
from bolton_jsna.measures._prediction_intervals import (
    LEAST_NEIGHBOURS,
    hidden_neighbours,
    range_of_neighbours,
)
from bolton_jsna.measures._short_tables import comparison_table
from bolton_jsna.measures.rates import crude_rates
from bolton_jsna.measures.ratios import rate_ratios
from bolton_jsna.measures.recurrent_events import recurrence

ROLES: Final = ("area", "neighbour", "region", "country")

_DRAWS: Final = 4_000
_SEED: Final = 20_250_331
"""How often rates are drawn for the interval of a rank, and from where."""


@dataclass(frozen=True)
class NeighbourComparison:
    """An area, its neighbours, its region and England for one indicator and year.

    Attributes
    ----------
    table : DataFrame
        One row per area, the area itself first, then the neighbours from the closest, the
        region and England: ``role`` (area, neighbour, region, country), ``closeness_rank``,
        ``area_code``, ``area_name``, ``year``, ``indicator``, ``count``, ``persons``,
        ``persons_status``, ``population``, ``status``, ``rate`` per 10,000 with ``lower``,
        ``upper`` and ``method``, ``rank`` (of the rate among the area and its neighbours, 1
        highest, ties share the better place), ``p`` and ``verdict`` (could the difference from
        England be chance in the counts: lower, similar, higher, or not_compared),
        ``beside_area`` (the same of each row against the area itself), ``published_rate``,
        ``release``, ``source``.
    summary : mapping
        ``area``, ``indicator``, ``year``, ``model``, ``confidence``, and

        - the area: ``rate``, ``lower``, ``upper``; ``england``, ``region`` (their rates),
          ``england_p`` and ``against_england`` (chance in the counts: lower, similar, higher,
          not_compared);
        - its neighbours: ``used`` and ``of`` (neighbours with a rate, neighbours in the model),
          ``mean``, ``median``, ``lowest``, ``highest``; ``lower_beyond_chance`` and
          ``higher_beyond_chance`` (how many of them differ from the area by more than chance);
        - the usual range: ``usual_centre``, ``usual_lower``, ``usual_upper`` and
          ``against_neighbours``: ``lower`` or ``higher`` where the area lies outside of what the
          spread of its neighbours makes usual, else ``similar``, or ``not_available`` with
          ``against_neighbours_reason``;
        - ``rank`` of ``rank_of``, with its interval ``rank_first`` to ``rank_last``;
        - the neighbours added up: ``pooled``, ``ratio`` and ``difference`` of the area and them
          with limits, ``ratio_p`` and ``against_pooled``: ``lower`` or ``higher`` where they
          differ by more than the chance in the counts, which most areas do;
        - ``releases`` of the rows with a rate, and ``note`` where there are several.
    per : float
        How many children the rates are per.
    """

    table: pd.DataFrame
    summary: Mapping[str, Any]
    per: float = 10_000

    def __repr__(self) -> str:
        return comparison_table(self.table, self.summary, self.per).to_text()

    def _repr_html_(self) -> str:
        return comparison_table(self.table, self.summary, self.per).to_html()


def neighbour_comparison(
    frame: pd.DataFrame,
    neighbours: pd.DataFrame,
    *,
    place: str | int | Area,
    indicator: str,
    year: int,
    per: float = 10_000,
    confidence: float = 0.95,
) -> NeighbourComparison:
    """Compare an area's rate with those of its statistical neighbours, its region and England."""
    # Rates are recomputed from counts and the mid-year denominator of the year before; the printed
    # rate is kept in ``published_rate``.
    # Areas alike differ by far more than chance in their counts, so that almost every area differs
    # from its neighbours pooled. ``against_neighbours`` asks instead whether the area lies outside
    # of the prediction interval for a further member of the group: the mean of the neighbours' log
    # rates plus and minus t(n - 1) times s sqrt(1 + 1/n) (Higgins, Thompson and Spiegelhalter
    # 2009). s holds the neighbours' chance in the counts already; the area's own is added as far
    # as it is larger than their mean. Of areas that are like their neighbours one in twenty is
    # called different all the same, so the verdict alone means little. The centre is the
    # geometric mean. Fewer than five neighbours with a rate, one without events or one with a
    # hidden count give no verdict.
    # The interval of the rank is that of 4,000 seeded draws of all rates (Goldstein and
    # Spiegelhalter 1996, JRSS A 159: 385-443).
    here = area(place)
    confidence = confidence_level(confidence)
    models = neighbours["model"].unique().tolist()
    if len(models) > 1 or not (neighbours["area_code"] == here.code).all():
        raise UsageError(
            f"Expected the neighbours of {here.name} in one model; found models {some(models)} of "
            f"{some(neighbours['area_code'].unique())}. Use load_statistical_neighbours."
        )
    near = neighbours[neighbours["neighbour_code"] != here.code].sort_values("rank")
    if (again := near.loc[near["neighbour_code"].duplicated(), "neighbour_name"]).size:
        raise SchemaError(
            f"{some(again.unique())} is given more than once among the neighbours of {here.name}. "
            "Give each neighbour once, as load_statistical_neighbours does."
        )
    rows = frame[(frame["indicator"] == indicator) & (frame["year"] == year)]
    if not (rows["area_code"] == here.code).any():
        there = sorted(frame["indicator"].unique())
        raise MissingDataError(
            f"There is no {indicator!r} of {here.name} for the year ending 31 March {year}. "
            f"Indicators: {some(there, most=20, like=indicator)}; years: "
            f"{some(sorted(frame['year'].unique()), most=20)}."
        )
    twice = rows.loc[rows["area_code"].duplicated(), "area_name"]
    if len(twice):
        raise SchemaError(
            f"More than one row of {some(twice.unique())} for {indicator!r} in {year}: releases "
            f"{some(sorted(rows['release'].unique()))} are mixed. Give the rows of one release."
        )
    table = _assemble(rows, near, here, year, indicator)
    table = crude_rates(table, per=per, confidence=confidence)
    table = _compared(table, per=per, confidence=confidence)
    summary = {
        "area": here.name,
        "indicator": indicator,
        "year": year,
        "model": models[0] if models else "",
        **_summary(table, per=per, confidence=confidence),
    }
    return NeighbourComparison(table, summary, per)


def _assemble(
    rows: pd.DataFrame, near: pd.DataFrame, here: Area, year: int, indicator: str
) -> pd.DataFrame:
    wanted = [("area", pd.NA, here.code, here.name)]
    wanted += [
        ("neighbour", rank, code, name)
        for rank, code, name in zip(
            near["rank"], near["neighbour_code"], near["neighbour_name"], strict=True
        )
    ]
    if here.region_code and here.region_code != here.code:
        wanted.append(("region", pd.NA, here.region_code, here.region))
    if here.code != ENGLAND:
        wanted.append(("country", pd.NA, ENGLAND, "England"))
    frame = pd.DataFrame(wanted, columns=["role", "closeness_rank", "area_code", "area_name"])
    frame["closeness_rank"] = frame["closeness_rank"].astype("Int64")
    known = ["persons", "persons_status", "population_status"]
    known = [name for name in known if name in rows.columns]
    kept = ["area_code", "count", *known, "population", "published_rate", "status"]
    kept += ["release", "source"]
    frame = frame.merge(rows[kept], on="area_code", how="left")
    for name in (each for each in known if each.endswith("_status")):
        frame[name] = frame[name].fillna("not_available")
    frame["source"] = _with_lists(frame, near)
    frame.insert(4, "year", year)
    frame.insert(5, "indicator", indicator)
    frame["status"] = frame["status"].where(frame["status"].notna(), "not_available")
    return frame


def _with_lists(frame: pd.DataFrame, near: pd.DataFrame) -> pd.Series:
    """Return the sources of rows; those of neighbours include the list of neighbours."""
    if "source" not in near.columns or near.empty:
        return frame["source"]
    lists = frame["area_code"].map(near.set_index("neighbour_code")["source"])
    lists = lists.where(frame["role"] == "neighbour")
    both = (frame["source"] + SEPARATOR + lists).fillna(frame["source"]).fillna(lists)
    return both.astype(frame["source"].dtype)


def _compared(table: pd.DataFrame, *, per: float, confidence: float) -> pd.DataFrame:
    """Add the rank, and how each row compares with England and with the area itself."""
    peers = table["role"].isin(["area", "neighbour"]) & table["rate"].notna()
    rank = table["rate"].where(peers).rank(ascending=False, method="min").astype("Int64")
    options = {"per": per, "confidence": confidence}
    p, verdict = _chance_verdicts(table, table["area_code"] == ENGLAND, **options)
    _, against_area = _chance_verdicts(_without_area(table), table["role"] == "area", **options)
    new = table.assign(rank=rank, p=p, verdict=verdict, beside_area=against_area)
    last = ["published_rate", "release", "source"]
    return new[[*new.columns.drop(last), *last]]


def _without_area(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the area taken out of its region, which it is compared with."""
    region = table.index[table["role"] == "region"]
    own = table.iloc[0]
    if not len(region) or own["status"] not in NUMERIC:
        return table
    rest = table.copy()
    for name in ("count", "population", "persons"):
        if name in rest.columns:
            left = rest.loc[region, name] - (own[name] if pd.notna(own[name]) else pd.NA)
            rest.loc[region, name] = left.where((left >= 0).fillna(False))
    gone = rest.loc[region, ["count", "population"]].isna().any(axis=1)
    rest.loc[region[gone], "status"] = "not_available"
    return rest


def _chance_verdicts(
    table: pd.DataFrame, benchmark: Any, *, per: float, confidence: float
) -> tuple[pd.Series, pd.Series]:
    """Return for each row p and whether it differs from one of them by more than chance."""
    reference = table[benchmark]
    none = pd.Series(np.nan, index=table.index)
    if reference.empty or reference["rate"].isna().iloc[0]:
        return none, pd.Series("not_compared", index=table.index)
    found = rate_ratios(table, reference, on=(), per=per, confidence=confidence)
    p = found["p"].mask(np.asarray(benchmark))
    verdict = np.select(
        [p.isna(), (p < 1 - confidence) & (found["difference"] > 0), p < 1 - confidence],
        ["not_compared", "higher", "lower"],
        "similar",
    )
    return p, pd.Series(verdict, index=table.index)


def _summary(table: pd.DataFrame, *, per: float, confidence: float) -> dict[str, Any]:
    near = table[table["role"] == "neighbour"]
    used = near[near["status"].isin(NUMERIC)]
    own = table.iloc[0]
    children = used["population"].sum()

    def rate_of(role: str) -> float:
        found = table.loc[table["role"] == role, "rate"]
        return float(found.iloc[0]) if len(found) else float("nan")

    return {
        "rate": float(own["rate"]),
        "lower": float(own["lower"]),
        "upper": float(own["upper"]),
        "status": own["status"],
        "region": rate_of("region"),
        "england": rate_of("country"),
        "england_p": float(own["p"]),
        "against_england": own["verdict"],
        "mean": float(used["rate"].mean()),
        "median": float(used["rate"].median()),
        "used": len(used),
        "of": len(near),
        "lowest": float(used["rate"].min()),
        "highest": float(used["rate"].max()),
        "lower_beyond_chance": int((used["beside_area"] == "lower").sum()),
        "higher_beyond_chance": int((used["beside_area"] == "higher").sum()),
        **_usual(own, near, per=per, confidence=confidence),
        "rank": int(own["rank"]) if own.notna()["rank"] else None,
        "rank_of": int(table["rank"].notna().sum()),
        **_rank_interval(table[table["rank"].notna()], confidence),
        "pooled": float(used["count"].sum() * per / children) if children else float("nan"),
        **_against_pooled(own, used, per=per, confidence=confidence),
        "confidence": confidence,
        **_releases(table),
    }


def _usual(own: pd.Series, near: pd.DataFrame, *, per: float, confidence: float) -> dict[str, Any]:
    """Return the usual range among the neighbours, and whether the area is in it."""
    reason = hidden_neighbours(zip(near["area_name"], near["status"], strict=True))
    used = near[near["status"].isin(NUMERIC)]
    events = used["count"].to_numpy(dtype=float, na_value=np.nan)
    if len(used) < LEAST_NEIGHBOURS:
        reason = f"{len(used)} neighbours have a rate; {LEAST_NEIGHBOURS} or more are needed"
    elif not reason and (events == 0).any():
        names = some(used.loc[events == 0, "area_name"])
        reason = f"no events in {names}: the spread of the neighbours cannot be estimated"
    found: dict[str, Any] = dict.fromkeys(("centre", "lower", "upper"), float("nan"))
    verdict = "not_available"
    if not reason:
        effects = np.log(events / used["population"].to_numpy(dtype=float))
        variances = _factor(used) / events
        ours = own["count"] if own["status"] in NUMERIC else None
        factor = float(_factor(own.to_frame().T)[0])
        variance = factor / float(ours) if ours else 0.0
        usual = range_of_neighbours(effects, variances, np.nan, variance, confidence=confidence)
        ends = np.exp([usual.centre, usual.lower, usual.upper]) * per
        found = dict(zip(found, map(float, ends), strict=True))
        if ours is None:
            reason = f"the area's own rate is {own['status']}"
        elif not ours:
            reason = "the area has no events"
        else:
            outside = [own["rate"] < found["lower"], own["rate"] > found["upper"]]
            verdict = "lower" if outside[0] else "higher" if outside[1] else "similar"
    return {
        **{f"usual_{name}": value for name, value in found.items()},
        "against_neighbours": verdict,
        "against_neighbours_reason": reason,
    }


def _factor(rows: pd.DataFrame) -> Floats:
    """Return the variance over the count of each row, where it is known."""
    events = rows["count"].to_numpy(dtype=float, na_value=np.nan)
    known = recurrence(rows, events, count_variance=None, persons="persons")
    return np.ones(len(rows)) if known is None else known.factor(events)


def _rank_interval(peers: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """Return the first and the last rank that the area may have by chance in the counts."""
    if peers.empty or peers["role"].iloc[0] != "area":
        return {"rank_first": None, "rank_last": None}
    factor = _factor(peers)
    events = peers["count"].to_numpy(dtype=float)
    # Half an event more, so that an area without events can have had some.
    shape, scale = events / factor + 0.5, factor / peers["population"].to_numpy(dtype=float)
    drawn = np.random.default_rng(_SEED).gamma(shape, scale, size=(_DRAWS, len(peers)))
    ranks = 1 + (drawn[:, 1:] > drawn[:, :1]).sum(axis=1)
    tail = (1 - confidence) / 2
    first, last = np.quantile(ranks, [tail, 1 - tail], method="inverted_cdf")
    return {"rank_first": int(first), "rank_last": int(last)}


def _releases(table: pd.DataFrame) -> dict[str, Any]:
    """Return the releases of the figures, and a note if there are several."""
    rated = table[table["rate"].notna()]
    found = {
        str(release): rows["area_name"].tolist()
        for release, rows in rated.groupby("release", dropna=True)
    }
    if len(found) < 2:
        return {"releases": tuple(found), "note": ""}
    parts = "; ".join(f"{release}: {some(names, most=3)}" for release, names in found.items())
    note = f"Figures are from {len(found)} releases ({parts}); some may be revised."
    return {"releases": tuple(found), "note": note}


def _against_pooled(
    own: pd.Series, used: pd.DataFrame, *, per: float, confidence: float
) -> dict[str, Any]:
    """Compare the area with its neighbours pooled, allowing for chance in the counts."""
    counts = ["count", "population"]
    factor = np.append(_factor(used), _factor(own.to_frame().T))
    both = pd.concat([used[counts], own[counts].to_frame().T], ignore_index=True).astype("Int64")
    both["variance"] = both["count"].astype(float) * factor
    pooled = both.iloc[:-1].sum().to_frame().T
    if not len(used):
        pooled = pooled.assign(count=pd.NA, population=pd.NA)
    found = rate_ratios(
        both.iloc[-1:].assign(status=own["status"]),
        pooled.astype(dict.fromkeys(counts, "Int64") | {"variance": float}),
        on=(),
        per=per,
        confidence=confidence,
        count_variance="variance",
    ).iloc[0]
    names = ["ratio", "ratio_lower", "ratio_upper"]
    names += ["difference", "difference_lower", "difference_upper"]
    result: dict[str, Any] = {name: float(found[name]) for name in names}
    result["ratio_p"] = p = float(found["p"])
    apart = p < 1 - confidence
    verdict = ("higher" if found["difference"] > 0 else "lower") if apart else "similar"
    result["against_pooled"] = "not_compared" if pd.isna(p) else verdict
    return result
