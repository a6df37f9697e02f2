"""Where rows of several files contradict each other, and which of those that agree is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

# Of each table the columns that two files must not contradict each other in: the first group that
# it has. Populations of children in need are denominators, which publishers revise.
_FIGURES: Final = (
    ("count", "persons"),
    ("population",),
    ("neighbour_code",),
    ("lsoa_code", "ward_code"),
)

# The share of two shapes together that only one of them covers. The same area in two degrees of
# detail differs in 1 per cent for wards at 20 and 60 metres, in up to 46 for LSOAs at 20 and 200.
_SHAPES: Final = {"ward_boundaries": 0.25, "lsoa_boundaries": 0.5}


def figures_of(frame: pd.DataFrame) -> list[str]:
    """Return the columns of a table that two files must not contradict each other in."""
    found = next((each for each in _FIGURES if each[0] in frame.columns), ())
    return [each for each in found if each in frame.columns]


def unlike(frame: pd.DataFrame, key: Sequence[str], dataset: str) -> pd.Series:
    """Say of each row whether another one of the same key has another figure or shape."""
    # Postcodes of different editions may differ, as small areas and wards are drawn anew. Of
    # lookups, where an area goes to is what is compared, by the number of the file in ``_file``.
    import pandas as pd

    if "to_code" in key:
        # That an area is counted in another one is what a lookup says, not what it is known by.
        known_by = [name for name in key if name != "to_code"]
        having = frame.groupby(known_by, sort=False, dropna=False)["_file"].transform("nunique")
        saying = frame.groupby(list(key), sort=False, dropna=False)["_file"].transform("nunique")
        return having != saying
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
        said = pd.DataFrame({"group": group, "figure": rows[figure]}).dropna().drop_duplicates()
        wrong = said.loc[said["group"].duplicated(), "group"].unique()
        found[rows.index] |= group.isin(wrong)
    return found


def _other_shapes(shapes: pd.Series, group: pd.Series, most: float) -> set[Any]:
    """Return the groups in which a shape is of another place than the first."""
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
    """Return each row once, whatever the order of the files: the one that says most."""
    # That is one with a figure before one without, then one with a published rate, of the newest
    # edition, with the fewest cells missing, and the shape that is drawn in most detail.
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
