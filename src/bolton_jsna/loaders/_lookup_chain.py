"""A lookup put together from two: LSOAs of an earlier census to those of the next, to wards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bolton_jsna.core.provenance import SEPARATOR

if TYPE_CHECKING:
    import pandas as pd


def chained(every: pd.DataFrame, of: str, to: str) -> pd.DataFrame:
    """Return the lookup between two kinds of areas through a third, without rows if there is none.

    An LSOA that was split is counted whole in the area of most of its parts; if there are several
    with as many, in the first of them by code. The lookups do not say how many people each part
    has, so every row is a best fit.
    """
    through = sorted(
        set(every.loc[every["from_geography"] == of, "to_geography"])
        & set(every.loc[every["to_geography"] == to, "from_geography"])
    )
    if not through:
        return every.iloc[:0]
    middle = through[-1]
    first = every[(every["from_geography"] == of) & (every["to_geography"] == middle)]
    second = every[(every["from_geography"] == middle) & (every["to_geography"] == to)]
    larger = ["to_code", "to_name", "to_geography", "area_code", "source"]
    both = first.drop(columns=["to_name", "to_geography", "area_code"]).merge(
        second[["from_code", *larger]].rename(columns={"from_code": "to_code", "to_code": "goal"}),
        on="to_code",
        how="left",
        suffixes=("", "_second"),
    )
    # A part in no larger area would make the sums of the areas wrong.
    unknown = both.loc[both["goal"].isna(), "from_code"]
    both = both[~both["from_code"].isin(unknown)]
    both["parts"] = both.groupby(["from_code", "goal"])["goal"].transform("size")
    both = both.sort_values(["from_code", "parts", "goal"], ascending=[True, False, True])
    both = both.drop_duplicates("from_code")
    return both.assign(
        to_code=both["goal"],
        method="best_fit",
        share=float("nan"),
        source=both["source"] + SEPARATOR + both["source_second"],
    )[every.columns].astype(every.dtypes)
