"""The sources of a build: those that its tables name, and the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bolton_jsna.core.provenance import source_ids

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building.inputs import Ingredients


def used(made_from: Ingredients, tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """Return the id of every source of a build."""
    # No table names the list of neighbours, the shapes of a map, or the directories of postcodes
    # by which a map is searched and the homes of records were looked up.
    wards = [] if made_from.wards is None else [made_from.wards]
    postcodes = [] if made_from.postcodes is None else [made_from.postcodes]
    found = source_ids([*tables.values(), *made_from.neighbours.values(), *wards, *postcodes])
    return {*found, *made_from.local.postcodes}
