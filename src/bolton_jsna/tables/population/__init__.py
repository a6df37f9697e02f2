"""Read population projections and mid-year estimates of ONS, Nomis and DfE."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bolton_jsna.core.area_codes import level_of
from bolton_jsna.core.areas import find as find_area
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import MissingDataError, OtherTableError, SchemaError, some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.tables import _files, _row_numbers, schemas
from bolton_jsna.tables.population import _kinds as population_kinds
from bolton_jsna.tables.population import _layouts as population_layouts
from bolton_jsna.tables.population import cells as population_cells
from bolton_jsna.tables.population._text import WORDS

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

_EXPECTED = "a table of populations (CSV or small-area workbook of ONS, CSV of Nomis or DfE)"


@checked
@one_error
def read(
    path: str | Path,
    *,
    areas: str | Iterable[str] | None = None,
    ages: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """Return a published table of populations: projections or estimates, by its headings.

    A Nomis table with ``PROJECTED_YEAR`` is a projection; so is any other table with a year that
    has not ended yet. Everything else is an estimate.

    Parameters
    ----------
    path : str or Path
        As for :func:`read_projections` and :func:`read_estimates`.
    areas : str or iterable of str, optional
        GSS codes to keep.
    ages : (int, int), optional
        First and last age to keep.

    Returns
    -------
    DataFrame
        Table ``population_projections`` or ``population_estimates``.

    Raises
    ------
    SourceError, SchemaError, MissingDataError, UsageError
        As :func:`read_projections` and :func:`read_estimates`.

    Examples
    --------
    >>> read("no-such-file.csv")
    Traceback (most recent call last):
    bolton_jsna.core.errors.SourceError: There is no file 'no-such-file.csv'. ...
    """
    cells, words, kind = _cells(path, areas=areas)
    return (_projections if kind == "projection" else _estimates)(cells, words, ages=ages)


@one_error
def read_projections(
    path: str | Path,
    *,
    areas: str | Iterable[str] | None = None,
    ages: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """Return subnational population projections by single year of age."""
    cells, words, kind = _cells(path, areas=areas)
    population_kinds.reject_another_kind(kind, "projection", name=words.name)
    return _projections(cells, words, ages=ages)


@one_error
def read_estimates(
    path: str | Path,
    *,
    areas: str | Iterable[str] | None = None,
    ages: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """Return mid-year population estimates by single year of age or age band."""
    cells, words, kind = _cells(path, areas=areas)
    population_kinds.reject_another_kind(kind, "estimates", name=words.name)
    return _estimates(cells, words, ages=ages)


def _cells(
    path: str | Path, *, areas: str | Iterable[str] | None
) -> tuple[pd.DataFrame, population_kinds.FileText, population_kinds.Kind | None]:
    """Return every cell of a file, the text outside its table, and the kind of the table."""
    import pandas as pd

    path = Path(path)
    codes = codes_asked(areas)
    tables = _files.found_tables(
        path,
        population_layouts.is_heading_row,
        expected=_EXPECTED,
        member=r"\.(?:csv|xls)$",
        wanted=None if codes is None else population_layouts.rows_of(codes),
        whole_zip=True,
    )
    tables = population_layouts.of_populations(tables)
    parts = [
        population_layouts.cells(found.frame, name=path.name, table=found.sheet, codes=codes)
        for found in tables
    ]
    for column in ("area_code", "area_name", "sex", "ages", "status"):
        united = pd.api.types.union_categoricals([part[column].array for part in parts])
        kinds = united.categories
        parts = [part.assign(**{column: part[column].cat.set_categories(kinds)}) for part in parts]
    cells = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    if cells.empty:
        wanted = f"of the areas {some(sorted(codes))}" if codes else "under its headings"
        raise MissingDataError(
            f"{path.name!r} has no row {wanted}. Check the codes, and which areas were downloaded."
        )
    headings = {_files.heading(each) for found in tables for each in found.frame.columns}
    cells = population_cells.each_once(population_cells.canonical(cells), name=path.name)
    cells = population_cells.with_persons(cells)
    words = population_kinds.FileText(
        name=path.name,
        title=" ".join(
            found.above if found.sheet in (path.name, path.stem) else f"{found.above} {found.sheet}"
            for found in tables
        ).strip(),
        cover=" ".join(dict.fromkeys(found.cover for found in tables)),
    )
    return cells, words, population_kinds.kind_of(headings, cells, words)


def codes_asked(areas: str | Iterable[str] | None) -> set[str] | None:
    """Return the codes of areas, past and present, whose rows are read; None for all."""
    if areas is None:
        return None
    asked = {areas} if isinstance(areas, str) else set(areas)
    known = (find_area(code) for code in asked)
    return asked | {code for area in known if area for code in area.codes}


def is_regular(frame: pd.DataFrame, name: str) -> bool:
    """Return whether some rows of a whole table are what a reader makes of these rows alone."""
    # Each area has the same years, sexes and single ages, and nothing depends on other areas: the
    # base year of a projection is in the name of its file.
    import numpy as np

    if frame.empty or frame["age"].isna().any():
        return False
    if "base_year" in frame.columns and not population_kinds.named_base(name):
        return False
    numbers = _row_numbers.numbered(frame, ["year", "sex", "age"])
    if numbers is None:
        return False
    cells = int((np.bincount(numbers[0]) > 0).sum())
    return bool((frame["area_code"].value_counts() == cells).all())


def _projections(
    cells: pd.DataFrame, words: population_kinds.FileText, *, ages: tuple[int, int] | None
) -> pd.DataFrame:
    name = words.name
    base = population_kinds.base_year(cells, words)
    facts = population_kinds.facts_of(base, cells, words)
    cells = population_cells.of_ages(population_cells.without_totals(cells, name=name), ages)
    banded = [kind for kind in cells["ages"].unique() if not population_cells.is_single(kind)]
    if banded:
        raise SchemaError(
            f"{name!r} has age bands ({some(banded)}); expected single years of age. Take ONS's "
            "table by single year of age (Z1), or c_age=101...191 of Nomis."
        )
    cells = population_cells.without_empty_areas(cells, name=name)
    frame = cells.drop(columns=["status", "ages"]).assign(
        age=_ages(cells["ages"]),
        base_year=base,
        variant=_constant(facts.get("variant") or _variant(name), len(cells)),
        source=_constant(source_id("population_projections", base), len(cells)),
    )
    return schemas.conform(frame, "population_projections")


def _estimates(
    cells: pd.DataFrame, words: population_kinds.FileText, *, ages: tuple[int, int] | None
) -> pd.DataFrame:
    name = words.name
    latest = int(cells["year"].max())
    codes = cells["area_code"].cat.categories
    levels = {code: level for code in codes if (level := level_of(code)) not in {None, "msoa"}}
    other = [code for code in codes if code not in levels]
    if other:
        if len(other) == len(codes):
            raise OtherTableError(
                f"{name!r} has no country, region, authority, ward or LSOA; it has {some(other)}. "
                "Download estimates for one of these."
            )
        _log.info("%s: left out %s", name, some(other))
        cells = cells[~cells["area_code"].isin(other)]
    cells = population_cells.of_ages(population_cells.without_totals(cells, name=name), ages)
    frame = cells.assign(
        area_level=cells["area_code"].map(levels),
        age=_ages(cells["ages"]),
        source=_constant(source_id("population_estimates", latest), len(cells)),
    )
    return schemas.conform(frame, "population_estimates")


def _ages(labels: pd.Series) -> pd.Series:
    """Return whole ages of single years, missing for bands."""
    import pandas as pd

    ages = [
        population_cells.bounds(kind)[0] if population_cells.is_single(kind) else None
        for kind in labels.cat.categories
    ]
    found = pd.array([*ages, None], dtype="Int64").take(labels.cat.codes.to_numpy())
    return pd.Series(found, index=labels.index)


def _variant(name: str) -> str:
    words = re.sub(r"[-_]+", " ", name.lower())
    return next((each for hint, each in WORDS["variants"].items() if hint in words), "principal")


def _constant(text: str, length: int) -> Any:
    import numpy as np
    import pandas as pd

    return pd.Categorical.from_codes(np.zeros(length, dtype="int8"), categories=[text])
