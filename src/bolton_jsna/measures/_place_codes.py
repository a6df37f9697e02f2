"""Authorities, regions and countries of a table by name: their codes in the register."""

from __future__ import annotations

from typing import Final

import pandas as pd

from bolton_jsna.core.areas import find
from bolton_jsna.core.errors import AreaNotFoundError, SchemaError, some
from bolton_jsna.core.known_areas import cell_of, is_code, texts_of

_USUAL: Final = ("area_code", "area_name")


def with_place_codes(frame: pd.DataFrame, code: str) -> tuple[pd.DataFrame, str]:
    """Return a frame with codes, and their column: names of authorities become codes."""
    if code not in frame.columns and code != _USUAL[0]:
        return frame, code
    names = {
        name: texts
        for name in ([code] if code in frame.columns else frame.columns)
        if (texts := texts_of(frame[name])) and 2 * sum(map(_is_place, texts)) > len(texts)
    }
    if not names or (code in names and any(map(is_code, names[code]))):
        return frame, code
    column = "area_name" if "area_name" in names else next(iter(names))
    found = {name: _codes(frame[name], texts) for name, texts in names.items()}
    apart = [name for name in names if not found[name].equals(found[column])]
    if apart and column != "area_name":
        raise SchemaError(
            f"Columns {some(map(repr, names))} all hold names of areas, and not of the same areas. "
            f"Name the column of the areas to compare with code={column!r} or code={apart[0]!r}."
        )
    unknown = sorted(each for each in names[column] if not _is_place(each))
    if unknown:
        raise AreaNotFoundError(
            f"{len(unknown)} of {len(names[column])} names in {column!r} are no country, region or "
            f"upper-tier authority of England: {some(map(repr, unknown), most=200)}. Correct them, "
            "or give a column of codes with code=. Codes of wards come from join_areas."
        )
    return frame.assign(**{code: found[column]}), code


def _is_place(text: str) -> bool:
    return not text.strip().isdigit() and (find(text) is not None or is_code(text))


def _codes(names: pd.Series, texts: set[str]) -> pd.Series:
    codes = {each: place.code for each in texts if (place := find(each)) is not None}
    return names.astype(object).map(cell_of).map(codes).astype(object)
