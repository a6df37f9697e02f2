"""Areas of published tables as they are in the register of areas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bolton_jsna.core.areas import Area, find

if TYPE_CHECKING:
    import pandas as pd


def register_codes(codes: pd.Series) -> pd.Series:
    """Return the register's code of each area; other codes stay, empty ones are missing."""
    found = {code: find(code) for code in codes.dropna().unique() if code}
    return codes.map({code: place.code if place else code for code, place in found.items()})


def area_columns(places: Iterable[Area], index: pd.Index) -> pd.DataFrame:
    """Return the code, name and level of areas."""
    import pandas as pd

    facts = [(each.code, each.name, each.level) for each in places]
    return pd.DataFrame(facts, columns=["area_code", "area_name", "area_level"], index=index)
