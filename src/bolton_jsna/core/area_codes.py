"""What the first three letters of a GSS code stand for (ONS Register of Geographic Codes)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

LEVELS: Final = {
    **dict.fromkeys(("E92", "W92", "S92", "N92", "K02", "K03", "K04"), "country"),
    **dict.fromkeys(("E12", "E13"), "region"),
    "E47": "combined authority",
    "E11": "metropolitan county",
    **dict.fromkeys(("E06", "E07", "E08", "E09", "E10", "W06", "S12", "N09"), "authority"),
    **dict.fromkeys(("E05", "W05", "S13", "N08"), "ward"),
    **dict.fromkeys(("E02", "W02"), "msoa"),
    **dict.fromkeys(("E01", "W01"), "lsoa"),
}
"""The level of area of each prefix."""

LABELS: Final = {
    "country": ("country", "countries"),
    "region": ("region", "regions"),
    "combined authority": ("combined authority", "combined authorities"),
    "metropolitan county": ("metropolitan county", "metropolitan counties"),
    "authority": ("authority", "authorities"),
    "ward": ("ward", "wards"),
    "msoa": ("MSOA", "MSOAs"),
    "lsoa": ("LSOA", "LSOAs"),
}
"""One area and several areas of each level, in words."""


@dataclass(frozen=True)
class AreaWords:
    """One area and several areas of a map or table in words, such as "ward" and "wards"."""

    one: str = "area"
    many: str = "areas"

    def count(self, number: int) -> str:
        """Return a number of areas, such as "1 ward" or "1,200 LSOAs"."""
        return f"{number:,} {self.one if number == 1 else self.many}"


def words_for(codes: Iterable[object]) -> AreaWords:
    """Return what areas are called: by their level if all codes have the same."""
    levels = {level_of(code) for code in codes}
    level = levels.pop() if len(levels) == 1 else None
    return AreaWords() if level is None else AreaWords(*LABELS[level])


def level_of(code: object) -> str | None:
    """Return the level of the area that a GSS code stands for; None for any other text."""
    return LEVELS.get(str(code)[:3])
