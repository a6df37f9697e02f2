"""Rows of the table of indicators and entries of a dictionary, made up for tests."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from bolton_jsna.catalogue.indicators import PER
from bolton_jsna.core.areas import area

NEAR = ("Rochdale", "Derby", "Oldham", "Tameside", "Walsall", "Salford")


@dataclass(frozen=True)
class Entry:
    """What a panel reads of an indicator's entry."""

    title: str = "Tested"
    subject: str = "Tests"
    definition: str = "A test."
    denominator: str = "cases"
    note: str = ""
    better: str = ""
    breaks: dict = field(default_factory=dict)


def row(name, count, population, *, year=2025, indicator="tested", unit="per cent", **more):
    """One row; a count that is text is the state of the figure."""
    place = area(name)
    state = count if isinstance(count, str) else "value"
    known = state == "value" and count is not None and population
    value = count * PER.get(unit, np.nan) / population if known else np.nan
    return {
        "area_code": place.code,
        "area_name": place.name,
        "area_level": place.level,
        "year": year,
        "period": f"year ending 31 March {year}",
        "indicator": indicator,
        "breakdown": "total",
        "count": pd.NA if isinstance(count, str) or count is None else count,
        "count_status": state if count is not None else "not_available",
        "persons": pd.NA,
        "persons_status": "not_applicable",
        "population": population,
        "value": value,
        "unit": unit,
        "status": state,
        "published_value": np.nan,
        "release": "2025",
        "source": "children_in_need@2025",
        **more,
    }


def frame(*rows):
    """Rows as a table."""
    whole = {"count": "Int64", "persons": "Int64", "population": float, "value": float}
    return pd.DataFrame(rows).astype(whole)


def neighbours(names=NEAR):
    """The statistical neighbours of Bolton."""
    return pd.DataFrame(
        {
            "area_code": area("Bolton").code,
            "rank": range(1, len(names) + 1),
            "neighbour_code": [area(name).code for name in names],
            "neighbour_name": list(names),
            "model": "2025",
            "source": "statistical_neighbours@2025",
        }
    )
