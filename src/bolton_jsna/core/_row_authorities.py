"""The authorities that the rows of a table name in columns other than that of the areas."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from bolton_jsna.core import areas
from bolton_jsna.core.area_codes import level_of
from bolton_jsna.core.known_areas import KnownAreas, cell_of, is_code
from bolton_jsna.core.naming import heading, name_key

_HEADING: Final = re.compile(
    r"(local |home |current |upper tier |lower tier )?(authority|council|borough|district)s?"
    r"( area)?( ?(name|code|nm|cd|number|\(?\d{4}\)?))*"
    r"|(new |old )?(la|lad|utla|ltla|ctyua|lacode|laname)(\d\d)?( ?(name|code|nm|cd|number|no))*"
)
_OTHER_WORDS: Final = frozenset({"reading"})
"""Names of authorities that are words of their own, such as a subject of school tests."""


@dataclass(frozen=True)
class Named:
    """A cell that names an authority: its column, its text, and the codes of what it covers."""

    column: Any
    text: Any
    codes: frozenset[str]

    def has(self, owner: Any) -> bool:
        """Return whether an area of an authority lies in it; so does one of no known authority."""
        return not _is_authority(owner) or bool(self.codes & (codes_of(owner) or {owner}))


def named_in_rows(
    frame: pd.DataFrame, known: KnownAreas, passed: Sequence[Any]
) -> list[list[Named]]:
    """Return the authorities that each row names in columns other than those passed over."""
    rows: list[list[Named]] = [[] for _ in range(len(frame))]
    # If the areas are authorities, another column with one may be a neighbour or a former home.
    if "authority" in known.levels or not any(map(_is_authority, known.authorities)):
        return rows
    for column in frame.columns:
        if column in passed:
            continue
        values = frame[column]
        headed = bool(_HEADING.fullmatch(re.sub("[_-]", " ", heading(str(column)))))
        if not headed and values.dtype.kind in "iufcbmM":
            continue
        cells = [cell_of(each) for each in values.astype(object)]
        found = {each: _codes_in(each, headed) for each in dict.fromkeys(cells)}
        texts = [each for each in found if each is not None]
        places = sum(found[each] is not None for each in texts)
        if not places or (not headed and 2 * places <= len(texts)):
            continue
        for row, cell in zip(rows, cells, strict=True):
            codes = found[cell]
            if codes is not None or (headed and cell is not None):
                row.append(Named(column, cell, codes or frozenset()))
    return rows


def _codes_in(cell: Any, headed: bool) -> frozenset[str] | None:
    """Return the codes that a cell names; numbers and regions only under a heading."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell)
    if cell is None or isinstance(cell, bool) or (not headed and name_key(text) in _OTHER_WORDS):
        return None
    if not headed and (text.isdigit() or ((at := areas.find(text)) and at.level != "authority")):
        return None
    return codes_of(text)


@functools.lru_cache(maxsize=1000)
def codes_of(text: str) -> frozenset[str] | None:
    """Return the codes of an authority or district and of what lies in it; None for other texts."""
    place = areas.find(text)
    if place is not None:
        return frozenset({*place.codes, *areas.district_codes(place)})
    district = areas.district_named(text)
    if district is not None:
        return frozenset({district})
    return frozenset({text.upper()}) if _is_authority(text) else None


def _is_authority(code: Any) -> bool:
    """Return whether a cell is the code of an authority or district."""
    return isinstance(code, str) and is_code(code) and level_of(code.strip().upper()) == "authority"
