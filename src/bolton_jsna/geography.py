"""Carrying counts and scores from small areas to larger ones, vintage by vintage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bolton_jsna.errors import SchemaError, UsageError, VintageError, some
from bolton_jsna.keys import refuse_unlike, without_blanks

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def to_areas(
    frame: pd.DataFrame,
    lookup: pd.DataFrame,
    *,
    sums: str | Sequence[str] = (),
    means: Mapping[str, str] | None = None,
    code: str | None = None,
) -> pd.DataFrame:
    """Carry rows of small areas to the larger areas of a lookup.

    Parameters
    ----------
    frame : DataFrame
        One row per small area, with its code in ``lsoa_code`` (or ``area_code``, or ``code``).
    lookup : DataFrame
        A ``lookup`` table, as :func:`load_lookup` gives it. Where a small area goes to several
        areas, ``share`` says how much of it goes to each.
    sums : str or sequence of str
        Columns to add up, such as counts of children. A sum with a missing part is missing.
    means : mapping of str to str
        Columns to average, each with the column of its weights, such as
        ``{"idaci_score": "children_0_15"}``. Parts without a value or a weight are left out.
    code : str, optional
        The column of codes, when it has another name.

    Returns
    -------
    DataFrame
        One row per area in order of code: ``area_code``, ``area_name``, ``parts`` (small areas
        assigned to it), then for each column its value and ``<column>_parts``, the number of
        parts that the value rests on.

    Raises
    ------
    SchemaError
        When a column is missing or holds no numbers, a row has no code, or a small area has two
        rows.
    UsageError
        When a small area goes to several areas and no share says how, its shares add up to more
        than it, or a column is to be both added up and averaged.
    VintageError
        When codes of the frame are not in the lookup: they are of another year.

    Notes
    -----
    Weighted means of LSOA scores by the edition's own children aged 0-15 follow the Indices of
    Deprivation guidance on larger areas; whole small areas go to one area under the ONS
    best-fit policy.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> wards = jsna.to_areas(
    ...     jsna.load_idaci("Bolton", edition=2025), jsna.load_lookup("Bolton"),
    ...     sums=["children_0_15"], means={"idaci_score": "children_0_15"},
    ... )
    >>> top = wards.sort_values("idaci_score", ascending=False).head(2)
    >>> [(ward.area_name, round(ward.idaci_score, 3)) for ward in top.itertuples()]
    [('Rumworth', 0.691), ('Queens Park & Central', 0.68)]
    """
    means = dict(means or {})
    sums = [sums] if isinstance(sums, str) else list(sums)
    code = code or ("lsoa_code" if "lsoa_code" in frame.columns else "area_code")
    lacking = [name for name in (code, *sums, *means, *means.values()) if name not in frame.columns]
    if lacking:
        raise SchemaError(
            f"The frame has no column {some(map(repr, lacking))}. It has "
            f"{some(map(repr, frame.columns), most=20)}."
        )
    text = [
        name
        for name in dict.fromkeys((*sums, *means, *means.values()))
        if frame[name].notna().any() and not _numeric(frame[name])
    ]
    if text:
        raise SchemaError(
            f"{some(map(repr, text))} cannot be carried: they hold text. Give columns of numbers."
        )
    both = [name for name in sums if name in means]
    if both:
        raise UsageError(f"{some(map(repr, both))} cannot be both added up and averaged.")
    unplaced = int(frame[code].isna().sum())
    if unplaced:
        raise SchemaError(
            f"{unplaced} rows have no {code!r} and would be lost. Leave them out, and say how many."
        )
    twice = frame.loc[frame[code].duplicated(), code]
    if len(twice):
        raise SchemaError(
            f"Small areas with more than one row: {some(twice.unique())}. Give the rows of one "
            "edition, year and sex."
        )
    frame = frame.assign(**{code: without_blanks(frame[code])})
    check_vintage(frame[code], lookup)
    values = list(dict.fromkeys([*sums, *means, *means.values()]))
    joined = lookup[["from_code", "to_code", "to_name"]].assign(_share=_shares(lookup))
    parts = frame[[code, *values]].rename(columns={code: "from_code"})
    joined = joined.merge(parts, on="from_code", how="left")
    groups = joined.groupby("to_code", sort=True)
    out = groups.agg(area_name=("to_name", "first"), parts=("from_code", "nunique"))
    for name in sums:
        carried = joined[name].astype(float) * joined["_share"]
        total = carried.groupby(joined["to_code"]).sum(min_count=1)
        used = joined[name].notna().groupby(joined["to_code"]).sum()
        out[name] = total.where(used == groups.size())
        out[f"{name}_parts"] = used
        if (joined["_share"] == 1).all() and str(frame[name].dtype).lower().startswith("int"):
            out[name] = out[name].astype("Int64")
    for name, weight in means.items():
        known = joined[name].notna() & joined[weight].notna()
        weights = (joined[weight].astype(float) * joined["_share"]).where(known)
        products = joined[name].astype(float) * weights
        by = joined["to_code"]
        out[name] = products.groupby(by).sum(min_count=1) / weights.groupby(by).sum(min_count=1)
        out[f"{name}_parts"] = known.groupby(by).sum()
    return out.reset_index().rename(columns={"to_code": "area_code"})


def _numeric(values: pd.Series) -> bool:
    import pandas as pd

    try:
        pd.to_numeric(values)
    except (TypeError, ValueError):
        return False
    return True


def _shares(lookup: pd.DataFrame) -> pd.Series:
    several = lookup["from_code"].duplicated(keep=False)
    unknown = several & lookup["share"].isna()
    if unknown.any():
        raise UsageError(
            f"{some(lookup.loc[unknown, 'from_code'].unique())} go to several areas and the "
            "lookup has no share for them. Add the share of people that goes to each."
        )
    given = lookup.loc[several, "share"].groupby(lookup["from_code"]).sum()
    # Published shares are rounded.
    over = given[given > 1.005]
    if len(over):
        raise UsageError(
            f"The shares of {some(over.index)} add up to {over.iloc[0]:g}; expected 1 at most. "
            "Give a lookup from one geography to one other, each row once."
        )
    return lookup["share"].where(several, 1.0).astype(float)


def check_vintage(codes: pd.Series, lookup: pd.DataFrame) -> None:
    """Refuse codes that a lookup does not know: they are of another year.

    Raises
    ------
    VintageError
        With the codes, the two geographies and the way out.

    Examples
    --------
    >>> import bolton_jsna as jsna, pandas as pd
    >>> check_vintage(pd.Series(["E01004766"]), jsna.load_lookup("Bolton"))
    """
    known = set(lookup["from_code"])
    strange = [each for each in codes.dropna().unique() if each not in known]
    if strange:
        refuse_unlike(
            codes, lookup["from_code"], column=str(codes.name or "code"), there="the lookup"
        )
        origin = lookup["from_geography"].iloc[0] if len(lookup) else "no geography"
        goal = lookup["to_geography"].iloc[0] if len(lookup) else "no geography"
        raise VintageError(
            f"{len(strange)} of {codes.nunique()} codes ({some(strange, most=3)}) are not in the "
            f"lookup from {origin} to {goal} ({some(sorted(known), most=2)}). They are of another "
            "year or another authority: load the lookup of their own year with "
            "load_lookup(of=..., to=...)."
        )


def areal(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return shapes, of which collections are reduced to their polygons.

    Repairs leave lines and points beside the polygons of a shape. A collection without a polygon
    stays as it is.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.Point(5, 5)])
    >>> areal(gpd.GeoSeries([mixed])).geom_type.tolist()
    ['Polygon']
    """
    import shapely

    mixed = shapes.geom_type == "GeometryCollection"
    if not mixed.any():
        return shapes

    def reduced(shape: Any) -> Any:
        parts = shapely.get_parts(shape)
        while "GeometryCollection" in {each.geom_type for each in parts}:
            parts = shapely.get_parts(parts)
        polygons = [each for each in parts if "Polygon" in each.geom_type]
        return shapely.union_all(polygons) if polygons else shape

    out = shapes.copy()
    out[mixed] = [reduced(each) for each in shapes[mixed]]
    return out


def children_to_areas(children: pd.DataFrame, lookup: pd.DataFrame) -> pd.DataFrame:
    """Add up one year's population of small areas to larger areas, with its state.

    Parameters
    ----------
    children : DataFrame
        Rows of the ``population_estimates`` table: small areas, one row each.
    lookup : DataFrame
        A ``lookup`` table.

    Returns
    -------
    DataFrame
        ``area_code``, ``area_name``, ``population`` and ``status``: ``modelled`` when any part
        is, ``not_available`` when a part has no number.

    Raises
    ------
    SchemaError, UsageError, VintageError
        As :func:`to_areas`.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> lsoas = jsna.load_population_estimates("Bolton", level="lsoa")
    >>> children_to_areas(lsoas, jsna.load_lookup("Bolton"))["status"].unique().tolist()
    ['modelled']
    """
    import numpy as np

    counted = children.assign(_modelled=(children["status"] == "modelled").astype(int))
    wards = to_areas(counted, lookup, sums=["population", "_modelled"], code="area_code")
    modelled = wards["_modelled"].fillna(0) > 0
    wards["status"] = np.select(
        [wards["population"].isna(), modelled], ["not_available", "modelled"], "value"
    )
    return wards[["area_code", "area_name", "population", "status"]]
