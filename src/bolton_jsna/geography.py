"""Carry counts and scores from small areas to larger areas of the same year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bolton_jsna.core.area_matching import labels_as_column, match_areas
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.comparable_rows import one_row_each
from bolton_jsna.core.errors import SchemaError, UsageError, VintageError, choice, some
from bolton_jsna.core.known_areas import KnownAreas
from bolton_jsna.core.states import MEANINGS, NUMERIC, state_of_sum
from bolton_jsna.core.table_checks import (
    as_numbers,
    check_cells,
    check_columns,
    check_table,
    reject_unlike_keys,
)

if TYPE_CHECKING:
    import geopandas as gpd


@checked
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
        One row per small area, with its code under any heading (such as ``lsoa_code``) or the
        name it has in the lookup.
    lookup : DataFrame
        A ``lookup`` table from :func:`load_lookup`. Where a small area goes to several areas,
        ``share`` is the part of it that goes to each, even if rows have been taken out. By best
        fit (``method``) the whole of it goes to one area.
    sums : str or sequence of str
        Columns to add up, such as counts of children. A sum with a missing part is missing. The
        state of each column is in ``<column>_status``; ``status`` is the state of ``count``, or of
        the first of these columns if there is no ``count``. A number whose state has no number,
        such as ``suppressed``, counts as missing.
    means : mapping of str to str
        Columns to average, each with the column of its weights, such as
        ``{"idaci_score": "children_0_15"}``. Parts without a value or a weight are left out.
    code : str, optional
        The column of codes or names; needed only if several columns could be meant.

    Returns
    -------
    DataFrame
        One row per area in order of code: ``area_code``, ``area_name``, ``parts`` (small areas
        assigned to it), then for each column its value and ``<column>_parts``, the number of
        parts that the value rests on; and for each sum with a column of states its state, in a
        column of that name.

    Raises
    ------
    SchemaError
        When a column is missing or holds no numbers, a row has no code, or a small area has two
        rows.
    UsageError
        When a small area goes to several areas without shares, its shares add up to more than 1,
        a column is to be both added up and averaged, a number is infinite or a weight negative.
    VintageError
        When codes of the frame are not in the lookup: they are of another year.
    AreaNotFoundError
        When names of the frame are not in the lookup; the message lists them.

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
    from bolton_jsna.tables.schemas import text_dtype

    check_table(frame)
    means = dict(means or {})
    sums = [sums] if isinstance(sums, str) else list(sums)
    values = list(dict.fromkeys([*sums, *means, *means.values()]))
    _check(frame, lookup, sums, means)
    frame, code = _with_codes(frame, lookup, code)
    one_row_each(frame, to="carry to larger areas", code=code)
    check_vintage(frame[code], lookup)
    states = _states(frame, sums, values)
    # Columns by number, because those of the frame may have the names of the lookup's.
    parts = frame[[code]].set_axis(["from_code"], axis="columns").reset_index(drop=True)
    for at, name in enumerate(values):
        known = as_numbers(frame[name])
        parts[f"value {at}"] = np.where(states[name].isin(NUMERIC), known, np.nan)
        parts[f"state {at}"] = states[name].to_numpy()
    plain = lookup.reset_index(drop=True)
    joined = plain[["from_code", "to_code", "to_name"]].assign(_share=_shares(plain))
    joined = joined.merge(parts, on="from_code", how="left")
    by = joined["to_code"]
    groups = joined.groupby("to_code", sort=True)
    out = groups.agg(area_name=("to_name", "first"), parts=("from_code", "nunique"))
    for name in sums:
        at = values.index(name)
        carried = joined[f"value {at}"]
        total = (carried * joined["_share"]).groupby(by).sum(min_count=1)
        there = (joined[f"state {at}"] != "not_applicable").groupby(by).sum()
        used = carried.notna().groupby(by).sum()
        out[name] = total.where((used == there) & (used > 0))
        out[f"{name}_parts"] = used
        if (joined["_share"] == 1).all() and str(frame[name].dtype).lower().startswith("int"):
            out[name] = out[name].astype("Int64")
    for name, weight in means.items():
        value, amount = (joined[f"value {values.index(each)}"] for each in (name, weight))
        known = value.notna() & amount.notna()
        weights = (amount * joined["_share"]).where(known)
        out[name] = (value * weights).groupby(by).sum(min_count=1) / weights.groupby(by).sum(
            min_count=1
        )
        out[f"{name}_parts"] = known.groupby(by).sum()
    for name, column in _state_columns(frame, sums).items():
        state = joined[f"state {values.index(name)}"].astype(object)
        state = state.where(state.notna(), "not_available")
        out[column] = state.groupby(by).agg(state_of_sum).astype(text_dtype())
    return out.reset_index().rename(columns={"to_code": "area_code"})


def _check(
    frame: pd.DataFrame,
    lookup: pd.DataFrame,
    sums: Sequence[str],
    means: Mapping[str, str],
) -> None:
    """Reject tables without the columns or numbers that are needed."""
    values = list(dict.fromkeys([*sums, *means, *means.values()]))
    check_columns(frame, values)
    check_columns(lookup, ["from_code", "to_code", "to_name"], "The lookup")
    bare = int(lookup[["from_code", "to_code"]].isna().any(axis="columns").sum())
    if bare:
        raise SchemaError(
            f"{bare} rows of the lookup have no code in 'from_code' or 'to_code'. Leave them out, "
            "or fill in both."
        )
    text = [name for name in values if frame[name].notna().any() and not _numeric(frame[name])]
    if text:
        raise SchemaError(
            f"{some(map(repr, text))} hold text and cannot be carried. Give columns of numbers."
        )
    for name in values:
        found = as_numbers(frame[name])
        wrong = np.isinf(found) | ((found < 0) & (name in means.values()))
        if wrong.any():
            expected = "weights of zero or more" if name in means.values() else "finite numbers"
            raise UsageError(
                f"{name!r} holds {some(np.unique(found[wrong]))}; expected {expected}. Correct "
                "them, or leave them empty."
            )
    both = [name for name in sums if name in means]
    if both:
        raise UsageError(f"{some(map(repr, both))} cannot be both added up and averaged.")


def _with_codes(
    frame: pd.DataFrame, lookup: pd.DataFrame, code: str | None
) -> tuple[pd.DataFrame, str]:
    """Return the frame with the lookup's codes in the column that names the small areas."""
    frame = labels_as_column(frame)
    known = KnownAreas.of(lookup, "the lookup", columns=("from_code", "from_name", "area_code"))
    matched = match_areas(frame, known, code=code)
    matched.reject_elsewhere()
    if matched.blanks:
        raise SchemaError(
            f"{matched.blanks} rows have no {matched.column!r} and would be lost. Leave them out, "
            "and say how many."
        )
    if matched.is_names:
        matched.reject_strays("Correct them, or leave out rows that are not areas of the lookup.")
    codes = matched.codes.where(matched.codes.notna(), matched.given)
    return frame.assign(**{matched.column: codes}), matched.column


def _state_columns(frame: pd.DataFrame, sums: Sequence[str]) -> dict[str, str]:
    """Return the column of the state of each sum that has one."""
    found = {name: f"{name}_status" for name in sums if f"{name}_status" in frame.columns}
    # ``status`` is the state of the count, not of the population in the same row.
    owner = "count" if "count" in frame.columns else next(iter(sums), "")
    if "status" in frame.columns and owner in sums and owner not in found:
        found = {owner: "status", **found}
    return found


def _states(
    frame: pd.DataFrame, sums: Sequence[str], values: Sequence[str]
) -> dict[str, pd.Series]:
    """Return the state of each row's value, column by column."""
    columns = _state_columns(frame, sums) | {
        name: f"{name}_status" for name in values if f"{name}_status" in frame.columns
    }
    found = {}
    for name in values:
        there = frame[name].notna()
        plain = there.map({True: "value", False: "not_available"}).astype(object)
        if name in columns:
            check_cells(frame, [columns[name]])
            given = frame[columns[name]].astype(object)
            for state in given.dropna().unique():
                choice(columns[name], state, MEANINGS)
            # A number with a state such as suppressed is missing; a value without a number is not
            # available.
            plain = given.where(given.notna() & (there | ~given.isin(NUMERIC)), "not_available")
        found[name] = plain
    return found


def _numeric(values: pd.Series) -> bool:
    if isinstance(values.dtype, pd.CategoricalDtype) or values.dtype.kind in "mM":
        return False
    try:
        as_numbers(values)
    except ValueError:
        return False
    return True


def _shares(lookup: pd.DataFrame) -> pd.Series:
    """Return how much of each small area goes to the area of its row."""
    given = lookup["share"] if "share" in lookup.columns else pd.Series(pd.NA, index=lookup.index)
    if not _numeric(given):
        raise SchemaError("The lookup's 'share' holds text. Give numbers from 0 to 1.")
    share = pd.to_numeric(given).astype("Float64").astype(float)
    wrong = (share < 0) | (share > 1.005)
    if wrong.any():
        raise UsageError(
            f"The lookup has a share of {share[wrong].iloc[0]:g} for "
            f"{some(lookup.loc[wrong, 'from_code'].unique())}; expected 0 to 1, such as 0.4."
        )
    several = lookup["from_code"].duplicated(keep=False)
    unknown = several & share.isna()
    if unknown.any():
        raise UsageError(
            f"{some(lookup.loc[unknown, 'from_code'].unique())} go to several areas and the "
            "lookup has no share for them. Add the share of people that goes to each."
        )
    total = share[several].groupby(lookup.loc[several, "from_code"]).sum()
    # Published shares are rounded.
    over = total[total > 1.005]
    if len(over):
        raise UsageError(
            f"The shares of {some(over.index)} add up to {over.iloc[0]:g}; expected 1 at most. "
            "Give a lookup from one geography to one other, each row once."
        )
    # By best fit the whole of a small area goes to one area, whatever its share. Any other share
    # divides, even if the rows of the other areas have been taken out.
    best = pd.Series(False, index=lookup.index)
    if "method" in lookup.columns:
        best = (lookup["method"].astype(object) == "best_fit") & ~several
    doubtful = best & (share < 0.5)
    if doubtful.any():
        raise UsageError(
            f"{some(lookup.loc[doubtful, 'from_code'].unique())} goes to one area by best fit "
            f"with a share of {share[doubtful].iloc[0]:g}. It is not clear whether all of it goes "
            "there. Give a share of 1 for all of it, or leave out 'method' to divide it."
        )
    return share.where(share.notna() & ~best, 1.0)


def check_vintage(codes: pd.Series, lookup: pd.DataFrame) -> None:
    """Reject codes that are not in a lookup: they are of another year."""
    known = set(lookup["from_code"])
    strange = [each for each in codes.dropna().unique() if each not in known]
    if strange:
        reject_unlike_keys(
            codes, lookup["from_code"], column=str(codes.name or "code"), there="the lookup"
        )
        origin = lookup["from_geography"].iloc[0] if len(lookup) else "no geography"
        goal = lookup["to_geography"].iloc[0] if len(lookup) else "no geography"
        raise VintageError(
            f"{len(strange)} of {codes.nunique()} codes ({some(strange, most=3)}) are not in the "
            f"lookup from {origin} to {goal} ({some(sorted(known, key=str), most=2)}). They are of "
            "another year or another authority: load the lookup of their own year with "
            "load_lookup(of=..., to=...)."
        )


def areal(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return shapes with collections reduced to their polygons."""
    # Repairs add lines and points to the polygons of a shape. A collection without a polygon stays.
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
    """Add up one year's population of small areas to larger areas, with its state."""
    wards = to_areas(children, lookup, sums=["population"], code="area_code")
    return wards[["area_code", "area_name", "population", "status"]]
