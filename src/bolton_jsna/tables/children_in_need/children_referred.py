"""Add the children to counts of events: DfE counts referrals, and also the children referred.

A child referred twice is two referrals and one child. Limits of a referral rate need both numbers.
``[persons]`` of ``layouts.toml`` has the indicator of the children for each indicator of events.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bolton_jsna.tables.children_in_need.layouts import words

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)
_ROUNDED = 10
"""DfE rounds counts of England and the regions to this number."""


@functools.cache
def children_behind() -> Mapping[str, str]:
    """Return the indicator of children for each indicator of events."""
    return dict(words()["persons"]["of"])


@functools.cache
def counted_once() -> frozenset[str]:
    """Return the indicators that count each child once."""
    return frozenset([*words()["persons"]["once"], *children_behind().values()])


def with_persons(table: pd.DataFrame) -> pd.DataFrame:
    """Return the ``children_in_need`` table with the children of each count of events."""
    import pandas as pd

    rows = table.reset_index(drop=True)
    at = ["area_code", "year", "release"]
    known = rows[rows["indicator"].isin(children_behind().values())]
    known = known.drop_duplicates(["indicator", *at]).set_index(["indicator", *at])
    having = rows["indicator"].map(children_behind())
    places = known.index.get_indexer(pd.MultiIndex.from_arrays([having, *(rows[k] for k in at)]))
    found = places >= 0
    persons = _taken(rows, "persons").astype("Int64")
    status = _taken(rows, "persons_status").astype(object)
    status = status.where(status.notna(), "not_available")
    status[rows["indicator"].isin(counted_once())] = "not_applicable"
    persons[found] = known["count"].astype("Int64").array[places[found]]
    status[found] = known["status"].astype(object).to_numpy()[places[found]]
    events = rows["count"].astype("Int64")
    more = (persons - events).fillna(0)
    rounded = rows["area_level"].isin(["country", "region"]) & more.between(1, _ROUNDED)
    persons = persons.mask(rounded, events)
    wrong = ((persons > events) | ((persons == 0) & (events > 0))).fillna(False).astype(bool)
    if wrong.any():
        first = rows[wrong].iloc[0]
        _log.info(
            "%d counts have more children than events, or no children, such as that of %s in %d: "
            "their children count as not published",
            int(wrong.sum()),
            first["area_code"],
            first["year"],
        )
    able = status.eq("value") & ~wrong & events.notna() & persons.notna()
    status = status.mask(status.eq("value") & ~able, "not_available")
    return table.assign(persons=persons.where(able).array, persons_status=status.to_numpy())


def _taken(table: pd.DataFrame, column: str) -> pd.Series:
    """Return a column of the table, or missing values if it has none."""
    import pandas as pd

    if column in table.columns:
        return table[column]
    return pd.Series([None] * len(table), dtype=object)
