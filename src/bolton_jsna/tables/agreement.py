"""Rows of several files: which contradict each other, and which copy is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

# The columns in which two files must not contradict each other: the first group that a table has.
# Populations of children in need are denominators, which publishers revise.
_FIGURES: Final = (
    ("count", "persons", "published_value"),
    ("population",),
    ("neighbour_code",),
    ("lsoa_code", "ward_code"),
)

# The share of the area of two shapes that only one of them covers. The same area in two degrees of
# detail differs by 1 per cent for wards at 20 and 60 metres, by up to 46 for LSOAs at 20 and 200.
_SHAPES: Final = {
    "ward_boundaries": 0.25,
    "authority_boundaries": 0.25,
    "lsoa_boundaries": 0.5,
}


def figures_of(frame: pd.DataFrame) -> list[str]:
    """Return the columns of a table that two files must not contradict each other in."""
    found = next((each for each in _FIGURES if each[0] in frame.columns), ())
    return [each for each in found if each in frame.columns]


def unlike(frame: pd.DataFrame, key: Sequence[str], dataset: str) -> pd.Series:
    """Return for each row whether another row with its key has a different figure or shape."""
    # Postcodes of different editions may differ, because small areas and wards are redrawn. In
    # lookups the target of an area is compared, by the number of the file in ``_file``.
    import pandas as pd

    if "to_code" in key:
        # The target is the figure of a lookup, not part of its key.
        small = [name for name in key if name != "to_code"]
        with_area = frame.groupby(small, sort=False, dropna=False)["_file"].transform("nunique")
        with_target = frame.groupby(list(key), sort=False, dropna=False)["_file"].transform(
            "nunique"
        )
        return with_area != with_target
    by = [*key, "source"] if dataset == "postcodes" else list(key)
    found = pd.Series(data=False, index=frame.index)
    repeated = frame.duplicated(by, keep=False)
    if not repeated.any():
        return found
    rows = frame[repeated]
    group = rows.groupby(by, sort=False, dropna=False).ngroup()
    if dataset in _SHAPES:
        wrong = _other_shapes(rows["geometry"], group, _SHAPES[dataset])
        found[rows.index] = group.isin(wrong)
        return found
    for figure in figures_of(frame):
        known = pd.DataFrame({"group": group, "figure": rows[figure]}).dropna().drop_duplicates()
        wrong = known.loc[known["group"].duplicated(), "group"].unique()
        found[rows.index] |= group.isin(wrong)
    return found


def _other_shapes(shapes: pd.Series, group: pd.Series, most: float) -> set[Any]:
    """Return the groups in which a shape covers another place than the first."""
    import shapely

    made = shapely.normalize(shapes.to_numpy())
    place = dict(zip(group[::-1], range(len(group) - 1, -1, -1), strict=True))
    first = made[[place[each] for each in group]]
    wrong = ~shapely.equals_exact(first, made)
    one, two = first[wrong], made[wrong]
    common = shapely.area(shapely.intersection(one, two))
    either = shapely.area(one) + shapely.area(two) - common
    wrong[wrong] = common < (1 - most) * either
    return set(group[wrong])


def once(frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Return each row once, the most complete one, whatever the order of the files."""
    # A row with a figure comes first, then one with a published rate, of the newest edition, with
    # the fewest missing cells and the most detailed shape.
    import pandas as pd

    repeated = frame.duplicated(key, keep=False)
    if not repeated.any():
        return frame
    rows = frame[repeated]
    edition = rows["source"].str.partition("@")[2].replace("unknown", "")
    order: dict[str, pd.Series] = {
        "figure": rows[figures_of(rows)[:1]].isna().any(axis=1),
        "rate": rows["published_rate"].isna() if "published_rate" in rows else edition == "none",
        "older": -edition.rank(method="dense"),
        "gaps": rows.isna().sum(axis=1),
    }
    if "geometry" in rows.columns:
        order["points"] = -rows["geometry"].count_coordinates()
    texts = [name for name in rows.columns if name not in {*key, "geometry", "source"}]
    order |= {f"_{name}": rows[name].astype(str) for name in texts}
    ranked = pd.DataFrame(order).sort_values(list(order), kind="stable").index
    kept = rows.loc[ranked].drop_duplicates(key).index
    return frame[~repeated | frame.index.isin(kept)]
