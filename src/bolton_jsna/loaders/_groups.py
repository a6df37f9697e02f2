"""Rows of combined authorities and metropolitan counties: the sums of their authorities' rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bolton_jsna.core.areas import GROUPS, Area

if TYPE_CHECKING:
    import pandas as pd


def with_sums(frame: pd.DataFrame, asked: Sequence[Area]) -> pd.DataFrame:
    """Return the rows of the areas asked for: those of a group are added up."""
    groups = [each for each in asked if each.level in GROUPS]
    if not groups:
        return frame
    import pandas as pd

    from bolton_jsna.measures._frame_columns import numeric, state_codes
    from bolton_jsna.measures.area_sums import sum_areas
    from bolton_jsna.tables.schemas import text_dtype

    single = [each.code for each in asked if each not in groups]
    own = frame[frame["area_code"].isin(single)]
    known = numeric(state_codes(own, "status")) if "status" in own.columns else True
    own = own.assign(parts=1, parts_used=known).astype({"parts_used": "int64"})
    parts = [own] if len(own) else []
    for each in groups:
        found = sum_areas(frame, each)
        # What cannot be added up keeps its column, with its state.
        for column in frame.columns.difference(found.columns):
            if column.endswith("status"):
                found[column] = pd.Series(["not_available"] * len(found), dtype=text_dtype())
            else:
                found[column] = pd.Series([float("nan")] * len(found)).astype(frame[column].dtype)
        columns = [*frame.columns, *("parts", "parts_used")]
        parts.append(found[columns])
    return pd.concat(parts, ignore_index=True)
