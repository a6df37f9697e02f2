"""Which sources a build rests on: those that its tables name, and those that they do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bolton_jsna.core.provenance import SEPARATOR

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building.inputs import Ingredients


def used(made_from: Ingredients, tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """Return the id of every source of a build."""
    # A summary has no column for the list of neighbours that it rests on, and no table says whose
    # shapes a map has, or which directory of postcodes the homes of records were looked up in.
    named = [table["source"] for table in tables.values() if "source" in table.columns]
    named += [table["source"] for table in made_from.neighbours.values()]
    if made_from.wards is not None:
        named.append(made_from.wards["source"])
    found = single(each for column in named for each in column.dropna().unique())
    return found | set(made_from.local.postcodes)


def single(ids: Iterable[object]) -> set[str]:
    """Return each source by itself of cells that may name several."""
    return {part for each in ids for part in str(each).split(SEPARATOR) if part}
