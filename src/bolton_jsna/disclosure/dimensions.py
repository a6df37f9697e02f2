"""Which columns of a long table are dimensions, which are kept, and which are hidden.

A column is a dimension, an identifier, or it comes from the count. Numbers that nobody declared
are hidden together with the count; text that nobody declared is rejected.
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
        *("age", "age_band", "age_band_2012", "age_group", "area", "area_code", "authority"),
        "category",
        *("decile", "district", "ethnic_group", "ethnicity", "event", "gender", "indicator"),
        *("kind", "lsoa", "lsoa_code", "month", "msoa", "msoa_code", "need", "quarter"),
        *("quintile", "referral_source", "region", "sex", "ward", "ward_code", "year"),
    }
)
"""Columns that are dimensions in every table; name others in ``dimensions=``."""

IDENTIFIERS: Final = frozenset(
    {
        *("area_level", "as_of", "illustrative", "per", "population", "population_status"),
        *("population_year", "publication", "release", "source", "status"),
    }
)
"""Columns that reveal nothing about the count, like those whose name ends in ``_name``."""

NUMBERS: Final = frozenset(
    {"illustrative", "per", "population", "population_year", "release", "status"}
)
"""Identifiers that may be numbers; numbers in another identifier are hidden with the count."""

FROM_COUNTS: Final = ("rate", "lower", "upper", "method", "at_least", "at_most", "largest")
"""Columns that come from the count and are hidden with it."""


@dataclass(frozen=True)
class ColumnRoles:
    """The columns that a caller declares in addition to those above.

    Attributes
    ----------
    dimensions : frozenset of str
        Further dimensions.
    keep : frozenset of str
        Columns that are kept next to a hidden count because they reveal nothing about it.
    """

    dimensions: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()

    @classmethod
    def of(cls, dimensions: Collection[str], keep: Collection[str]) -> ColumnRoles:
        """Return the roles from two lists of names; a single name is a list of one."""
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
                f"{called} has columns {some(map(repr, names), most=12)}. Each name must be text "
                "and must not be repeated: rename them first."
            )
        open_ = self.undeclared(table)
        unknown = [
            name for name in open_ if table[name].notna().any() and not _numeric(table[name])
        ]
        if unknown:
            hint = did_you_mean(unknown[0], DIMENSIONS | IDENTIFIERS)
            raise SchemaError(
                f"{called} has columns that are not known: {some(map(repr, unknown))}.{hint} Text "
                "next to a hidden count may reveal it. Name the column in dimensions= if counts "
                "are broken down by it, in keep= if it reveals nothing about the count, or leave "
                "it out."
            )
        return [*(name for name in FROM_COUNTS if name in table.columns), *open_]

    def undeclared(self, table: pd.DataFrame) -> list[str]:
        """Return the columns that are neither known nor declared."""
        known = {*FROM_COUNTS, "count"} | self.keep
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
    """Return whether a column has only numbers, whatever its type."""
    values = column.dropna().tolist()
    return bool(values) and all(isinstance(value, numbers.Number) for value in values)


KNOWN: Final = ColumnRoles()
"""The roles if a caller declares nothing."""
