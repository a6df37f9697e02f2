"""List the areas of a table of populations, read line by line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.core.areas import find
from bolton_jsna.core.reading import delimited
from bolton_jsna.tables import _files
from bolton_jsna.tables.population import _layouts as population_layouts

if TYPE_CHECKING:
    import pandas as pd


def areas_in(path: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the areas of a file without its figures, which needs little memory."""
    import pandas as pd

    same = {each: rows[each].iloc[0] for each in ("base_year",) if each in rows.columns}
    return pd.DataFrame({"area_code": codes(path)}).assign(**same)


def codes(path: Path) -> list[str]:
    """Return the codes, in the register, of the areas that have figures in a file."""
    found: set[str] = set()
    for name, content in _files.read_members(path).items():
        wide: population_layouts.WideColumns | None = None
        encoding = delimited.encoding_of(content)
        for row in delimited.rows(content, name=name, delimiter=",", encoding=encoding):
            if wide is None:
                wide = population_layouts.wide(row)
            elif (code := wide.code_of(row)) and code not in found and wide.has_figures(row):
                found.add(code)
    places = {code: find(code) for code in found}
    return sorted({place.code if place else code for code, place in places.items()})
