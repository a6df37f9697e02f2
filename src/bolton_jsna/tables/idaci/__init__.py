"""Read the Income Deprivation Affecting Children Index (IDACI) of MHCLG."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.catalogue import dataset
from bolton_jsna.core.areas import find as find_area
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import OtherTableError, SchemaError, some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.tables import _files, _markers, _vintages, schemas
from bolton_jsna.tables._left_out import without
from bolton_jsna.tables._register import register_codes
from bolton_jsna.tables.idaci import _checks, _parts
from bolton_jsna.tables.idaci._editions import (
    EDITIONS,
    LSOAS,
    POPULATION_YEARS,
    edition_of,
    reject_figures_of_another_edition,
)
from bolton_jsna.tables.idaci._parts import FIGURES
from bolton_jsna.tables.reader_notes import MOST, remark

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger(__name__)

__all__ = ["LSOAS", "POPULATION_YEARS", "Part", "joined", "part_of", "read"]

_EXPECTED = f"a table of IDACI (of the Indices of Deprivation {some(EDITIONS, most=20)})"
_COLUMNS: Final = {
    column: re.compile(heading, re.IGNORECASE)
    for column, heading in dataset("idaci").layouts["columns"].items()
}


@dataclass(frozen=True)
class Part:
    """One file: its name, edition and columns; ``others`` are other sheets of a workbook."""

    name: str
    edition: int
    frame: pd.DataFrame
    others: tuple[Part, ...] = ()


@checked
@one_error
def read(path: str | Path, *others: str | Path) -> pd.DataFrame:
    """Return IDACI by LSOA from one file, or from several that belong together.

    Files of one edition are joined on the LSOA: File 7 has everything; File 5 (scores), File 3
    (ranks and deciles) and File 6 (children aged 0-15) together have the same. The LSOAs of files
    with the same columns are put together. Files of several editions give the rows of each, and so
    do the sheets of a workbook, except hidden ones.

    Parameters
    ----------
    path, *others : str or Path
        CSV (also gzipped or in a zip) or XLSX of an edition of the Indices of Deprivation in the
        catalogue. The headings show the edition.

    Returns
    -------
    DataFrame
        Table ``idaci``: score (0 to 1), rank and decile (1 most deprived), children aged 0-15.
        Score and children are missing if no file has them.

    Raises
    ------
    SourceError
        When a file does not exist, is empty, is damaged or is a web page.
    SchemaError
        When a file is not a table of IDACI or its edition is not known; no file has the rank;
        files of one edition disagree, or have other columns of different LSOAs; or a rank, decile
        or score is not possible.

    Notes
    -----
    Deciles of 2010, which the publisher did not print, are ceil(rank * 10 / N) for England's N
    LSOAs; printed deciles are checked against this. Tied LSOAs share a rank. Each edition defines
    the score differently: compare ranks, deciles and shares between editions. The file of 2010
    has the name of the authority and no GSS code: the code is looked up, and is missing for
    districts of counties.

    Examples
    --------
    >>> read("File_7.csv")
    Traceback (most recent call last):
    bolton_jsna.core.errors.SourceError: There is no file 'File_7.csv'. ...
    """
    return joined([part_of(Path(each)) for each in (path, *others)])


def joined(parts: Sequence[Part], *, strict: bool = False) -> pd.DataFrame:
    """Return IDACI from the parts of files that have been read, as :func:`read` does."""
    # An edition without ranks is left out with a warning if there is another edition.
    import pandas as pd

    parts = [each for part in parts for each in (part, *part.others)]
    by_edition = {
        edition: [part for part in parts if part.edition == edition]
        for edition in dict.fromkeys(part.edition for part in parts)
    }
    unranked = [
        edition
        for edition, of in by_edition.items()
        if not any("idaci_rank" in part.frame.columns for part in of)
    ]
    if len(unranked) < len(by_edition):
        for edition in unranked:
            names = some(repr(part.name) for part in by_edition.pop(edition))
            remark(
                f"{names}: no column of the IDACI rank for {edition}, so this edition is not used. "
                "Add File 3 (supplementary indices) or take File 7 of the same edition."
            )
    frames = [_edition(of, edition, strict=strict) for edition, of in by_edition.items()]
    return schemas.conform(pd.concat(frames, ignore_index=True), "idaci")


def _is_header(cells: set[str]) -> bool:
    return any(map(_COLUMNS["lsoa_code"].fullmatch, cells)) and any(
        _COLUMNS[figure].fullmatch(cell) for figure in FIGURES for cell in cells
    )


@one_error
def part_of(path: Path) -> Part:
    """Return the edition and the columns of IDACI in one file."""
    parts: list[Part] = []
    passed: list[tuple[str, OtherTableError]] = []
    tables = _files.found_tables(path, _is_header, expected=_EXPECTED)
    for found in tables:
        name = path.name if len(tables) == 1 else f"{path.name}, sheet {found.sheet}"
        try:
            parts.append(_part_of_sheet(found, path.name, name=name))
        except OtherTableError as error:
            passed.append((found.sheet, error))
    if not parts:
        raise passed[0][1]
    for sheet, reason in passed:
        remark(f"Sheet {sheet!r} is not used: {reason}")
    return replace(parts[0], others=tuple(parts[1:]))


def _part_of_sheet(found: _files.Found, file: str, *, name: str) -> Part:
    import pandas as pd

    named = found.frame.rename(columns=_files.heading)
    edition = edition_of(list(named.columns), f"{found.sheet} {found.above}", file)
    chosen = {}
    for column, pattern in _COLUMNS.items():
        having = [each for each in named.columns if pattern.fullmatch(each)]
        if len(having) > 1:
            raise SchemaError(
                f"{name!r} has several columns for {column}: {some(having)}. Expected one; "
                "take one edition's columns only."
            )
        if having and (named[having[0]] != "").any():
            chosen[column] = named[having[0]]
    frame = _of_lsoas(pd.DataFrame(chosen), name=name)
    for column in FIGURES:
        if column in frame.columns:
            frame[column] = _numbers(frame[column], name=name)
    frame = _checks.with_possible_cells(frame, name=name)
    frame = _once(frame, name=name)
    _vintages.reject_codes_of_other_years(
        frame["lsoa_code"], "lsoa", EDITIONS[edition].lsoa_year, name=name
    )
    reject_figures_of_another_edition(frame, edition, name=name)
    return Part(name, edition, frame)


def _of_lsoas(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return the rows of LSOAs, without footnotes, totals and rows of other areas."""
    figures = [each for each in FIGURES if each in frame.columns]
    if "lsoa_code" not in frame.columns or not figures:
        raise OtherTableError(
            f"{name!r} has the headings of IDACI, but no LSOA with a figure. Download it again."
        )
    frame = frame[(frame != "").any(axis=1)]
    strange = ~frame["lsoa_code"].str.fullmatch(r"[EW]01[0-9]{6}")
    bare = strange & (frame[figures] == "").all(axis=1)
    if bare.any():
        remark(f"{name!r} has {int(bare.sum())} rows of text without an LSOA. They are not used.")
    frame, strange = frame[~bare], strange[~bare]
    odd = some(map(repr, frame.loc[strange, "lsoa_code"].unique()))
    problem = f"{name!r} has LSOA codes that are not valid: {odd}."
    return without(frame, strange, problem, "Expected codes such as E01004766.").copy()


def _once(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return each LSOA once, without those that have several different rows."""
    frame = frame.drop_duplicates()
    repeated = frame["lsoa_code"].duplicated(keep=False)
    problem = f"{name!r} has LSOAs more than once: {some(frame['lsoa_code'][repeated].unique())}."
    return without(frame, repeated, problem, "Expected one row for each LSOA.")


def _numbers(cells: pd.Series, *, name: str) -> pd.Series:
    """Return figures such as ``32806.00`` and ``1,204`` as numbers; markers are missing."""
    import pandas as pd

    text = cells.str.replace(",", "", regex=False)
    values = pd.to_numeric(text.where(text != ""), errors="coerce").astype(float)
    wrong = values.isna() & (text != "")
    if wrong.any():
        problem = (
            f"{name!r}: column {cells.name!r} has "
            f"{some(map(repr, cells[wrong].unique()))}; expected numbers."
        )
        known = text[wrong].str.lower().isin(list(_markers.CURRENT)).all()
        if not known and wrong.sum() >= MOST * len(cells):
            raise SchemaError(problem)
        remark(f"{problem} {int(wrong.sum()):,} of {len(cells):,} figures count as missing.")
    return values


def _edition(parts: list[Part], edition: int, *, strict: bool) -> pd.DataFrame:
    frame = _parts.put_together([(part.name, part.frame) for part in parts], strict=strict)
    names = " and ".join(dict.fromkeys(repr(part.name) for part in parts))
    if "idaci_rank" not in frame.columns:
        raise SchemaError(
            f"{names}: no column of the IDACI rank for {edition}. Found "
            f"{some(frame.columns, most=10, like='idaci_rank')}. Add File 3 (supplementary "
            "indices) or take File 7 of the same edition."
        )
    frame = _checks.ranked(frame, edition, names)
    frame = _checks.with_scores_by_rank(frame, edition, names)
    facts = EDITIONS[edition]
    column = "area_name" if facts.district_names else "area_code"
    if column not in frame.columns:
        heading = facts.district_names or "Local Authority District code"
        raise SchemaError(
            f"{names}: no column {heading!r} for {edition}. Take the publisher's file with all its "
            "columns."
        )
    codes_of = _codes_of_names if facts.district_names else register_codes
    return frame.assign(
        area_code=codes_of(frame[column]),
        edition=edition,
        lsoa_year=facts.lsoa_year,
        source=source_id("idaci", edition),
    ).drop(columns="area_name", errors="ignore")


def _codes_of_names(names: pd.Series) -> pd.Series:
    # Unitary authorities had the suffix UA in the registers of the time.
    areas = {name: find_area(re.sub(r" UA$", "", name)) for name in names.unique()}
    codes = {
        name: area.code if area and area.level == "authority" else None
        for name, area in areas.items()
    }
    unknown = [name for name, code in codes.items() if code is None]
    if unknown:
        _log.info("IDACI: no code for the districts %s", some(unknown))
    return names.map(codes)
