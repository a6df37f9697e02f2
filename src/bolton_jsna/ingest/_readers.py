"""Which reader makes a dataset's files into a tidy table."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bolton_jsna.core.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd


def reader_of(dataset: str) -> Callable[..., pd.DataFrame]:
    """Return the reader of a dataset's files; without one of its own, that of indicators."""
    from bolton_jsna.tables import idaci, indicators, lookups, neighbours
    from bolton_jsna.tables import population as people

    readers: dict[str, Callable[..., pd.DataFrame]] = {
        "population_projections": people.read_projections,
        "population_estimates": people.read_estimates,
        "idaci": idaci.read,
        "children_in_need": functools.partial(_children, dataset="children_in_need"),
        "children_looked_after": functools.partial(_children, dataset="children_looked_after"),
        "statistical_neighbours": neighbours.read,
        "ward_boundaries": functools.partial(_boundaries, level="ward"),
        "lsoa_boundaries": functools.partial(_boundaries, level="lsoa"),
        "authority_boundaries": functools.partial(_boundaries, level="authority"),
        "lookup": lookups.read,
        "postcodes": lookups.read_postcodes,
    }
    return readers.get(dataset, indicators.read_one)


def _boundaries(path: Path, *, level: Literal["ward", "lsoa", "authority"]) -> pd.DataFrame:
    """Read boundaries; their year must be known, because requests are for one year."""
    from bolton_jsna.tables import boundaries

    found = boundaries.read(path, level=level)
    if found["year"].isna().any():
        raise SchemaError(
            f"{path.name!r}: the year of its boundaries is not known. Put the year into the name "
            f"of the file, such as {path.stem}_2023{path.suffix}."
        )
    return found


def _children(path: Path, *, dataset: str) -> pd.DataFrame:
    """Read a file of DfE, or of OHID's Fingertips, which republishes DfE's figures."""
    from bolton_jsna.tables import children_in_need, fingertips

    if fingertips.is_one(path):
        return fingertips.read(path, dataset=dataset)
    return children_in_need.read(path)
