"""An area beside its statistical neighbours, its region and England."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.areas import ENGLAND, Area, area
from bolton_jsna.errors import MissingDataError, SchemaError, UsageError, some
from bolton_jsna.measures.intervals import confidence_level
from bolton_jsna.measures.rates import crude_rates
from bolton_jsna.measures.ratios import rate_ratios
from bolton_jsna.states import NUMERIC

if TYPE_CHECKING:
    import pandas as pd

ROLES: Final = ("area", "neighbour", "region", "country")


@dataclass(frozen=True)
class NeighbourComparison:
    """An area, its neighbours, its region and England for one indicator and year.

    Attributes
    ----------
    table : DataFrame
        One row per area, the area itself first, then the neighbours from the closest, the
        region and England: ``role`` (area, neighbour, region, country), ``closeness_rank``,
        ``area_code``, ``area_name``, ``year``, ``indicator``, ``count``, ``population``,
        ``rate`` per 10,000 with ``lower``, ``upper``, ``method``, ``status``, ``rank`` (of the
        rate among the area and its neighbours, 1 highest, ties share the better place) and
        ``verdict`` (the rate beside England's: lower, similar, higher, or not_compared),
        ``published_rate``, ``release``, ``source``.
    summary : mapping
        ``area``, ``indicator``, ``year``, ``model``, ``rate`` (the area's), ``mean``,
        ``median`` and ``pooled`` (the neighbours'), ``used`` and ``of`` (neighbours with a
        rate, neighbours in the model), ``lowest``, ``highest``, ``rank``, ``rank_of``,
        ``region``, ``england``, ``confidence``; and the area's rate beside the pooled rate of its
        neighbours: ``ratio``, ``ratio_lower``, ``ratio_upper``, ``difference``,
        ``difference_lower``, ``difference_upper``, ``ratio_p`` and ``against_neighbours`` (lower,
        similar, higher, or not_compared), which allow for chance on both sides. ``releases`` are
        those of the rows with a rate; ``note`` says where there are several, and whose rows are of
        which, and is empty otherwise: figures that were revised since are then side by side.
    """

    table: pd.DataFrame
    summary: Mapping[str, Any]

    def __repr__(self) -> str:
        s = self.summary
        return (
            f"NeighbourComparison({s['area']}, {s['indicator']}, {s['year']}, model {s['model']}: "
            f"rate {s['rate']:.1f}, neighbours' mean {s['mean']:.1f}, {s['used']} of {s['of']})"
            + (f" {s['note']}" if s["note"] else "")
        )

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False, float_format=lambda value: f"{value:,.1f}"))


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
    """Compare an area's rate with those of its statistical neighbours, its region and England.

    Parameters
    ----------
    frame : DataFrame
        Rows of the ``children_in_need`` table, of one release per area.
    neighbours : DataFrame
        Rows of the ``statistical_neighbours`` table: the neighbours of ``place`` in one model.
    place : str, int or Area
        The area compared.
    indicator : str
        Which indicator of ``frame``.
    year : int
        Year ending 31 March.
    per : float, default 10 000
        The number of children the rates are for.
    confidence : float, default 0.95
        The level of the intervals and of the verdict.

    Returns
    -------
    NeighbourComparison
        ``mean`` is the unweighted mean of the neighbours' rates (as DfE's interactive tool),
        ``median`` their middle (as DfE's dashboard), ``pooled`` their events over their
        children. All three leave out neighbours without a rate, and ``used`` of ``of`` says how
        many are in. The area itself is never among them.

    Raises
    ------
    MissingDataError
        When ``frame`` has no row of the area for the indicator and year.
    SchemaError
        When an area has more than one row: two releases are mixed.
    UsageError
        When ``neighbours`` holds two models or another area's neighbours, or ``confidence`` is
        not one level.

    Notes
    -----
    Rates are recomputed from counts and the mid-year denominator of the year before; the printed
    rate stands beside them in ``published_rate``. The verdict asks whether the interval of the
    rate holds England's rate, which is taken as known.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> found = jsna.compare_with_neighbours("Bolton", "referrals", year=2025, model="2025")
    >>> round(found.summary["mean"], 2), found.summary["used"], found.summary["of"]
    (604.97, 10, 10)
    """
    here = area(place)
    confidence = confidence_level(confidence)
    models = neighbours["model"].unique().tolist()
    if len(models) > 1 or not (neighbours["area_code"] == here.code).all():
        raise UsageError(
            f"Expected the neighbours of {here.name} in one model; found models {some(models)} of "
            f"{some(neighbours['area_code'].unique())}. Use load_statistical_neighbours."
        )
    near = neighbours[neighbours["neighbour_code"] != here.code].sort_values("rank")
    rows = frame[(frame["indicator"] == indicator) & (frame["year"] == year)]
    if not (rows["area_code"] == here.code).any():
        raise MissingDataError(
            f"There is no {indicator!r} of {here.name} for the year ending 31 March {year}. "
            f"Indicators: {some(sorted(frame['indicator'].unique()), most=20)}; years: "
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
    table = _ranked(table)
    summary = _summary(
        table,
        here,
        year=year,
        indicator=indicator,
        model=models[0] if models else "",
        per=per,
        confidence=confidence,
    )
    return NeighbourComparison(table, summary)


def _assemble(
    rows: pd.DataFrame, near: pd.DataFrame, here: Area, year: int, indicator: str
) -> pd.DataFrame:
    import pandas as pd

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
    kept = ["area_code", "count", "population", "published_rate", "status", "release", "source"]
    frame = frame.merge(rows[kept], on="area_code", how="left")
    frame.insert(4, "year", year)
    frame.insert(5, "indicator", indicator)
    frame["status"] = frame["status"].where(frame["status"].notna(), "not_available")
    return frame


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    import numpy as np

    peers = table["role"].isin(["area", "neighbour"]) & table["rate"].notna()
    table["rank"] = table["rate"].where(peers).rank(ascending=False, method="min").astype("Int64")
    england = table.loc[table["area_code"] == ENGLAND, "rate"]
    benchmark = float(england.iloc[0]) if len(england) else np.nan
    verdict = np.select(
        [
            table["rate"].isna() | np.isnan(benchmark) | (table["area_code"] == ENGLAND),
            table["lower"] > benchmark,
            table["upper"] < benchmark,
        ],
        ["not_compared", "higher", "lower"],
        "similar",
    )
    table["verdict"] = verdict
    order = [*table.columns.drop(["published_rate", "release", "source"])]
    return table[[*order, "published_rate", "release", "source"]]


def _summary(
    table: pd.DataFrame,
    here: Area,
    *,
    year: int,
    indicator: str,
    model: str,
    per: float,
    confidence: float,
) -> dict[str, Any]:
    near = table[table["role"] == "neighbour"]
    used = near[near["status"].isin(NUMERIC)]
    own = table.iloc[0]
    children = used["population"].sum()

    def rate_of(role: str) -> float:
        found = table.loc[table["role"] == role, "rate"]
        return float(found.iloc[0]) if len(found) else float("nan")

    beside = _beside(own, used, per=per, confidence=confidence)
    return {
        "area": here.name,
        "indicator": indicator,
        "year": year,
        "model": model,
        "rate": float(own["rate"]),
        "mean": float(used["rate"].mean()),
        "median": float(used["rate"].median()),
        "pooled": float(used["count"].sum() * per / children) if children else float("nan"),
        "used": len(used),
        "of": len(near),
        "lowest": float(used["rate"].min()),
        "highest": float(used["rate"].max()),
        "rank": int(own["rank"]) if own.notna()["rank"] else None,
        "rank_of": int(table["rank"].notna().sum()),
        "region": rate_of("region"),
        "england": rate_of("country"),
        "confidence": confidence,
        **beside,
        **_releases(table),
    }


def _releases(table: pd.DataFrame) -> dict[str, Any]:
    """Which releases the figures are of, and a note where they are not of one."""
    rated = table[table["rate"].notna()]
    found = {
        str(release): rows["area_name"].tolist()
        for release, rows in rated.groupby("release", dropna=True)
    }
    if len(found) < 2:
        return {"releases": tuple(found), "note": ""}
    parts = "; ".join(f"{release}: {some(names, most=3)}" for release, names in found.items())
    note = f"Figures of {len(found)} releases stand side by side ({parts}); they may be revised."
    return {"releases": tuple(found), "note": note}


def _beside(own: pd.Series, used: pd.DataFrame, *, per: float, confidence: float) -> dict[str, Any]:
    """Compare the area with its neighbours pooled."""
    import pandas as pd

    pooled = pd.DataFrame(
        {"count": [used["count"].sum()], "population": [used["population"].sum()]}
    )
    columns = ["count", "population", "status"]
    if not len(used):
        pooled = pooled.assign(count=pd.NA, population=pd.NA)
    found = rate_ratios(
        own[columns].to_frame().T.astype({"count": "Int64", "population": "Int64"}),
        pooled.astype("Int64"),
        on=(),
        per=per,
        confidence=confidence,
    ).iloc[0]
    names = ["ratio", "ratio_lower", "ratio_upper"]
    names += ["difference", "difference_lower", "difference_upper"]
    beside: dict[str, Any] = {name: float(found[name]) for name in names}
    beside["ratio_p"] = p = float(found["p"])
    apart = p < 1 - confidence
    verdict = ("higher" if found["difference"] > 0 else "lower") if apart else "similar"
    beside["against_neighbours"] = "not_compared" if pd.isna(p) else verdict
    return beside
