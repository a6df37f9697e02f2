"""Find the level and year of layers with the columns of this library."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bolton_jsna.core import area_codes
from bolton_jsna.core.errors import SchemaError, some

if TYPE_CHECKING:
    import pandas as pd

CODE: Final = "area_code"
NAME: Final = "area_name"
FACTS: Final = (CODE, NAME)

_SOURCE: Final = re.compile(r"[a-z]+_boundaries@((?:19|20)[0-9]{2})")
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")


def level_of(codes: pd.Series, *, name: str) -> str:
    """Return the level of the areas of GSS codes."""
    found = {code[:3]: area_codes.level_of(code) for code in codes}
    levels = set(found.values())
    if len(levels) != 1 or not levels <= {"ward", "lsoa", "authority"}:
        raise SchemaError(
            f"{name!r} has codes in {CODE!r} that begin with {some(sorted(found), most=5)}. "
            "Expected those of wards (E05), of LSOAs (E01) or of authorities (E06 to E10) alone; "
            "save each level in a file of its own."
        )
    return str(levels.pop())


def year_of(layer: pd.DataFrame, columns: dict[str, str], *, name: str) -> int | None:
    """Return the year of boundaries written by this library, or in the file's name, or None."""
    # In other tables the column ``year`` is that of their figures.
    if "source" in columns:
        found = {_SOURCE.fullmatch(str(each)) for each in layer[columns["source"]].unique()}
        years = {int(each[1]) for each in found if each}
        if len(years) == 1 and None not in found:
            return years.pop()
    if "level" in columns and "year" in columns:
        stated = set(layer[columns["year"]].map(lambda each: str(each).removesuffix(".0")))
        if len(stated) == 1 and _YEAR.fullmatch(next(iter(stated))):
            return int(stated.pop())
    named = set(_YEAR.findall(name))
    return int(named.pop()) if len(named) == 1 else None
