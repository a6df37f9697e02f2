"""Which columns of a long table are dimensions, which stay, and which go with the count.

A column is a declared dimension, a known identifier, or it tells of the count. What nobody
declared is never left open: numbers are hidden with the count, and text is refused by name.
"""

from __future__ import annotations

import numbers
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.arguments import column_names
from bolton_jsna.core.errors import SchemaError, did_you_mean, some

if TYPE_CHECKING:
    import pandas as pd

DIMENSIONS: Final = frozenset(
    {
        *("age", "age_band", "age_group", "area", "area_code", "authority", "category"),
        *("decile", "district", "ethnic_group", "ethnicity", "event", "gender", "indicator"),
        *("kind", "lsoa", "lsoa_code", "month", "msoa", "msoa_code", "need", "quarter"),
        *("quintile", "referral_source", "region", "sex", "ward", "ward_code", "year"),
    }
)
"""Columns that are dimensions wherever they stand; others are named with ``dimensions=``."""

IDENTIFIERS: Final = frozenset(
    {
        *("area_level", "as_of", "illustrative", "per", "population", "population_status"),
        *("population_year", "publication", "release", "source", "status"),
    }
)
"""Columns that tell nothing of the count, and so do those whose name ends in ``_name``."""

NUMBERS: Final = frozenset(
    {"illustrative", "per", "population", "population_year", "release", "status"}
)
"""Identifiers that may be numbers; a number under the name of another is hidden with the count."""

TELLING: Final = ("rate", "lower", "upper", "method", "at_least", "at_most", "largest")
"""Columns that are known to come from the count, and go with it."""


@dataclass(frozen=True)
class Columns:
    """What a caller says of columns beside those that are known.

    Attributes
    ----------
    dimensions : frozenset of str
        Columns that are dimensions too.
    keep : frozenset of str
        Columns that stay beside a hidden count, as they tell nothing of it.
    """

    dimensions: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()

    @classmethod
    def of(cls, dimensions: Collection[str], keep: Collection[str]) -> Columns:
        """Return what two lists of names say; a lone name is a list of one."""
        return cls(
            frozenset(column_names("dimensions", dimensions)),
            frozenset(column_names("keep", keep)),
        )

    def dimensions_of(self, table: pd.DataFrame) -> tuple[str, ...]:
        """Return the columns of a long table that are dimensions."""
        return tuple(name for name in map(str, table.columns) if self._is_dimension(name))

    def derived(self, table: pd.DataFrame, called: str = "The table") -> list[str]:
        """Return the columns that are hidden with the count."""
        names = list(table.columns)
        if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
            raise SchemaError(
                f"{called} has columns {some(map(repr, names), most=12)}. Each is named once, by a "
                "text: rename them first."
            )
        open_ = self.undeclared(table)
        strange = [
            name for name in open_ if table[name].notna().any() and not _numeric(table[name])
        ]
        if strange:
            hint = did_you_mean(strange[0], DIMENSIONS | IDENTIFIERS)
            raise SchemaError(
                f"{called} has columns that are not known: {some(map(repr, strange))}.{hint} Text "
                "beside a hidden count may tell it. Name a column that counts are broken down by "
                "in dimensions=, one that tells nothing of the count in keep=, or leave it out."
            )
        return [*(name for name in TELLING if name in table.columns), *open_]

    def undeclared(self, table: pd.DataFrame) -> list[str]:
        """Return the columns of which nothing is known."""
        known = {*TELLING, "count"} | self.keep
        return [
            name
            for name in map(str, table.columns)
            if name not in known
            and not self._is_dimension(name)
            and not (_identifier(name) and (name in NUMBERS or not _numeric(table[name])))
        ]

    def _is_dimension(self, name: str) -> bool:
        return name not in self.keep and (name in self.dimensions or name in DIMENSIONS)


def _identifier(name: str) -> bool:
    return name in IDENTIFIERS or name.endswith("_name")


def _numeric(column: pd.Series) -> bool:
    """Say whether a column holds numbers only, whatever its type."""
    values = column.dropna().tolist()
    return bool(values) and all(isinstance(value, numbers.Number) for value in values)


KNOWN: Final = Columns()
"""What is known of columns where a caller says nothing."""
