"""Authorities, regions and countries of a table by name: their codes in the register."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from bolton_jsna.core.areas import find, register
from bolton_jsna.core.errors import AreaNotFoundError, SchemaError, did_you_mean, some
from bolton_jsna.core.known_areas import cell_of, is_code, texts_of
from bolton_jsna.core.naming import heading

_SMALL: Final = re.compile(r"ward|^wd|lsoa|msoa")
"""Headings of columns that name areas smaller than those of the register."""


def with_place_codes(
    frame: pd.DataFrame, code: str, benchmark: str | None = None
) -> tuple[pd.DataFrame, str]:
    """Return a frame with codes, and their column: names of authorities become codes."""
    if code not in frame.columns and code != "area_code":
        return frame, code
    columns = [code] if code in frame.columns else frame.columns
    texts = {name: each for name in columns if (each := texts_of(frame[name]))}
    if any(map(is_code, texts.get(code, ()))):
        return frame, code
    # One text in every row, such as a column of the country, does not name the areas.
    several = {name: each for name, each in texts.items() if len(each) > 1 or len(frame) == 1}
    names = [name for name, each in several.items() if 2 * sum(map(_is_place, each)) > len(each)]
    if not names:
        # A table of wards by name with the row of the benchmark: only that is in the register.
        names = [name for name, each in several.items() if _has_other(each, benchmark)]
        if len(names) != 1:
            return frame, code
        if not _SMALL.search(heading(str(names[0]))):
            _reject_unknown(texts[names[0]], names[0])
        return frame.assign(**{code: _codes(frame[names[0]], benchmark)}), code
    column = "area_name" if "area_name" in names else names[0]
    found = {name: _codes(frame[name]) for name in names}
    apart = [name for name in names if not found[name].equals(found[column])]
    if apart and column != "area_name":
        raise SchemaError(
            f"Columns {some(map(repr, names))} all hold names of areas, and not of the same areas. "
            f"Name the column of the areas to compare with code={column!r} or code={apart[0]!r}."
        )
    _reject_unknown(texts[column], column)
    return frame.assign(**{code: found[column]}), code


def _reject_unknown(texts: set[str], column: str) -> None:
    """Reject names that are no area of the register, naming each."""
    unknown = sorted(each for each in texts if not _is_place(each))
    if unknown:
        every = [place.name for place in register()]
        listed = [f"{each!r}.{did_you_mean(each, every)}" for each in unknown[:200]]
        raise AreaNotFoundError(
            f"{len(unknown)} of {len(texts)} names in {column!r} are no country, region or "
            f"upper-tier authority of England: {' '.join(listed)} Correct them, or "
            "give a column of codes with code=. Head a column of wards 'ward'."
        )


def _is_place(text: str) -> bool:
    return not text.isdigit() and (find(text) is not None or is_code(text))


def _has_other(texts: set[str], benchmark: str | None) -> bool:
    """Return whether some texts are a place by name, and others are not."""
    is_it = [(place := find(each)) is not None and place.code == benchmark for each in texts]
    return any(is_it) and not all(is_it)


def _codes(names: pd.Series, only: str | None = None) -> pd.Series:
    """Return names as codes of the register; with ``only`` those of one place, others as names."""
    cells = names.astype(object).map(cell_of)
    codes = {
        each: place.code
        for each in cells.dropna().unique()
        if isinstance(each, str) and (place := find(each)) is not None
        if only in (None, place.code)
    }
    return cells.map(lambda each: codes.get(each, None if only is None else each)).astype(object)
