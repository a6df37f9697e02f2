"""The Income Deprivation Affecting Children Index as MHCLG publishes it, 2010 to 2025."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.areas import find as find_area
from bolton_jsna.errors import SchemaError, some
from bolton_jsna.origins import source_id
from bolton_jsna.reading.net import one_error
from bolton_jsna.tables import files, markers, schemas, vintages
from bolton_jsna.tables.remarks import MOST, leave_out, remark

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

LSOAS: Final = {2010: 32_482, 2015: 32_844, 2019: 32_844, 2025: 33_755}
"""The number of England's LSOAs in each edition: the last possible rank."""

POPULATION_YEARS: Final = {2015: 2012, 2019: 2015, 2025: 2022}
"""The mid-year of each edition's population denominators; the table of 2010 has none."""

_LSOA_YEARS: Final = {2010: 2001, 2015: 2011, 2019: 2011, 2025: 2021}
_DISTRICT_YEARS: Final = {"2013": 2015, "2019": 2019, "2024": 2025}
_EXPECTED = (
    "a table of IDACI (File 3, 5, 6 or 7 of the Indices of Deprivation 2015 to 2025, or the table "
    "of 2010)"
)
_INDEX = r"income deprivation affecting children index \(idaci\)"
_LSOA_CODE = re.compile(r"lsoa code(?: \((\d{4})\))?")
_COLUMNS: Final = {
    "lsoa_code": _LSOA_CODE,
    "lsoa_name": re.compile(r"lsoa name(?: \(\d{4}\))?"),
    "area_code": re.compile(r"local authority district code \((\d{4})\)"),
    "area_name": re.compile(r"post 2009 la name"),
    "idaci_score": re.compile(rf"{_INDEX} score(?: \(rate\))?|idaci score"),
    "idaci_rank": re.compile(rf"{_INDEX} rank\b.*|rank of idaci\b.*"),
    "idaci_decile": re.compile(rf"{_INDEX} decile\b.*"),
    "children_0_15": re.compile(r"dependent children aged 0-15\b.*"),
}
# How the files name their edition: File_7_IoD2025, ID 2015, "Indices of Deprivation 2019".
_NAMED: Final = re.compile(
    r"(?:iod|imd|idaci|\bid|_id|deprivation)[ _-]*((?:19|20)\d\d)(?!\d)", re.IGNORECASE
)
# Ranks by which the figures of two editions are known whatever the headings say: they are far
# enough apart for no revision to lead from one to the other.
_KNOWN_RANKS: Final = {
    "E01004766": {2019: 14_006, 2025: 8_162},
    "E01004767": {2019: 13_829, 2025: 9_172},
    "E01004800": {2019: 21_622, 2025: 26_176},
    "E01004850": {2019: 3_460, 2025: 2_784},
}
_WRONG_DECILES: Final = 0.02
"""With as large a share of deciles that do not follow from their ranks, two editions are mixed."""

_FIGURES: Final = ("idaci_score", "idaci_rank", "idaci_decile", "children_0_15")


@dataclass(frozen=True)
class Part:
    """One file: its name, its edition and those of our columns that it has."""

    name: str
    edition: int
    frame: pd.DataFrame


@one_error
def read(path: str | Path, *others: str | Path) -> pd.DataFrame:
    """Return IDACI by LSOA from one file, or from several that belong together.

    Files of one edition are joined on the LSOA: File 7 has everything; File 5 (scores), File 3
    (ranks and deciles) and File 6 (children aged 0-15) together have the same. Files of several
    editions give the rows of each.

    Parameters
    ----------
    path, *others : str or Path
        CSV (gzipped or in a zip too) or XLSX of the Indices of Deprivation 2015, 2019 or 2025,
        or the CSV of 2010. The edition is told by the headings.

    Returns
    -------
    DataFrame
        Table ``idaci``: score (0 to 1), rank and decile (1 most deprived), children aged 0-15.
        Score and children are missing where no file has them.

    Raises
    ------
    SourceError
        When a file is not there, empty, damaged or a web page.
    SchemaError
        When a file is no table of IDACI or its edition cannot be told, no file has the rank,
        files of one edition have different LSOAs or disagree, or a rank or decile cannot be.

    Notes
    -----
    Deciles of 2010, which the publisher did not print, are ceil(rank * 10 / N) of England's N
    LSOAs; printed deciles are checked against it. Tied LSOAs share a rank. Scores of editions
    rest on different definitions: compare ranks, deciles and shares between editions. The file
    of 2010 has no GSS code of the authority: its name is looked up, and districts of counties
    are left without.

    Examples
    --------
    >>> read("File_7.csv")
    Traceback (most recent call last):
    bolton_jsna.errors.SourceError: There is no file 'File_7.csv'. ...
    """
    return joined([part_of(Path(each)) for each in (path, *others)])


def joined(parts: Sequence[Part]) -> pd.DataFrame:
    """Return IDACI from files that are read already, as :func:`read` does.

    An edition of which no file has the ranks is left out with a warning if there is another.

    Raises
    ------
    SchemaError
        As :func:`read`.
    """
    import pandas as pd

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
                f"{names}: no column of the IDACI rank for {edition}, so that edition is passed "
                "over. Add File 3 (supplementary indices) or take File 7 of the same edition."
            )
    frames = [_edition(of, edition) for edition, of in by_edition.items()]
    return schemas.conform(pd.concat(frames, ignore_index=True), "idaci")


def _is_header(cells: set[str]) -> bool:
    return any(map(_LSOA_CODE.fullmatch, cells)) and any(
        _COLUMNS[figure].fullmatch(cell) for figure in _FIGURES for cell in cells
    )


def part_of(path: Path) -> Part:
    """Return what one file has of IDACI: its edition and its columns.

    Raises
    ------
    SourceError, SchemaError
        As :func:`read`; :class:`~bolton_jsna.errors.OtherTableError` when it has nothing of it.
    """
    import pandas as pd

    found = files.found_tables(path, _is_header, expected=_EXPECTED)[0]
    named = found.frame.rename(columns=files.heading)
    edition = _told_edition(list(named.columns), f"{found.sheet} {found.above}", path.name)
    chosen = {}
    for column, pattern in _COLUMNS.items():
        having = [each for each in named.columns if pattern.fullmatch(each)]
        if len(having) > 1:
            raise SchemaError(
                f"{path.name!r} has several columns for {column}: {some(having)}. Expected one; "
                "take one edition's columns only."
            )
        if having and (named[having[0]] != "").any():
            chosen[column] = named[having[0]]
    frame = _of_lsoas(pd.DataFrame(chosen), name=path.name)
    for column in _FIGURES:
        if column in frame.columns:
            frame[column] = _numbers(frame[column], name=path.name)
    frame = _once(frame, name=path.name)
    vintages.refuse_later_codes(frame["lsoa_code"], "lsoa", _LSOA_YEARS[edition], name=path.name)
    _refuse_known_figures(frame, edition, name=path.name)
    return Part(path.name, edition, frame)


def _of_lsoas(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return the rows of LSOAs: footnotes, totals and rows of other areas are passed over."""
    figures = [each for each in _FIGURES if each in frame.columns]
    if "lsoa_code" not in frame.columns or not figures:
        raise SchemaError(
            f"{name!r} has headings of IDACI but no LSOA with a figure below them. Download it "
            "again."
        )
    frame = frame[(frame != "").any(axis=1)]
    strange = ~frame["lsoa_code"].str.fullmatch(r"[EW]01\d{6}")
    bare = strange & (frame[figures] == "").all(axis=1)
    if bare.any():
        remark(f"{name!r} has {int(bare.sum())} rows of text and no LSOA, which are passed over.")
    frame, strange = frame[~bare], strange[~bare]
    leave_out(
        int(strange.sum()),
        len(frame),
        said=f"{name!r} has LSOA codes that are none: "
        f"{some(map(repr, frame.loc[strange, 'lsoa_code'].unique()))}.",
        advice="Expected codes such as E01004766.",
    )
    return frame[~strange].copy()


def _once(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return each LSOA once; those with several rows that differ are left out."""
    frame = frame.drop_duplicates()
    repeated = frame["lsoa_code"].duplicated(keep=False)
    leave_out(
        int(repeated.sum()),
        len(frame),
        said=f"{name!r} has LSOAs more than once: {some(frame['lsoa_code'][repeated].unique())}.",
        advice="Expected one row for each LSOA.",
    )
    return frame[~repeated]


def _told_edition(headings: list[str], title: str, name: str) -> int:
    """Tell the edition by all that the file says of it: headings, title and name."""
    if "rank of idaci (where 1 is most deprived)" in headings and "lsoa code" in headings:
        return 2010
    said = _said_in_headings(headings, name)
    if not said:
        raise SchemaError(
            f"{name!r} does not say which edition of the indices it is: expected 'Local Authority "
            "District code (2013)', '(2019)' or '(2024)', or the headings of 2010. It has "
            f"{some(headings, most=12)}. Take the publisher's file with all its columns."
        )
    for where, text in (("the title", title), ("the name of the file", name)):
        years = {int(each) for each in _NAMED.findall(text)} & set(LSOAS)
        if len(years) == 1:
            said[where] = years
    agreed = set.intersection(*said.values())
    if len(agreed) != 1:
        listed = some(
            (f"{where} {' or '.join(map(str, sorted(each)))}" for where, each in said.items()), 9
        )
        raise SchemaError(
            f"{name!r} contradicts itself about the edition of the indices: {listed}. Expected "
            "one edition. Download the file again, or correct its name."
        )
    return agreed.pop()


def _said_in_headings(headings: list[str], name: str) -> dict[str, set[int]]:
    """Return the editions that each dated heading allows."""
    said: dict[str, set[int]] = {}
    for each in headings:
        found = _COLUMNS["area_code"].fullmatch(each)
        if found:
            if found[1] not in _DISTRICT_YEARS:
                raise SchemaError(
                    f"{name!r} is of no edition that is known: its districts are those of "
                    f"{found[1]}, expected {some(_DISTRICT_YEARS)}. A newer edition needs a newer "
                    "version of this library."
                )
            said[f"districts of {found[1]}"] = {_DISTRICT_YEARS[found[1]]}
        found = re.match(r"dependent children aged 0-15: mid (\d{4})", each)
        mids = {
            edition for edition, mid in POPULATION_YEARS.items() if found and found[1] == str(mid)
        }
        if found and mids:
            said[f"children of mid-{found[1]}"] = mids
    if said:
        for each in headings:
            found = _LSOA_CODE.fullmatch(each)
            if found and found[1]:
                year = int(found[1])
                said[f"LSOAs of {year}"] = {e for e, of in _LSOA_YEARS.items() if of == year}
    return said


def _refuse_known_figures(frame: pd.DataFrame, edition: int, *, name: str) -> None:
    """Refuse the figures of one edition under the headings of another, where they are known."""
    if "idaci_rank" not in frame.columns:
        return
    ranks = frame.set_index("lsoa_code")["idaci_rank"]
    there = [code for code in _KNOWN_RANKS if code in ranks.index]
    for other in (2019, 2025):
        theirs = sum(ranks[code] == _KNOWN_RANKS[code][other] for code in there)
        if other != edition and len(there) > 1 and theirs == len(there):
            raise SchemaError(
                f"{name!r} has the headings of {edition}, but Bolton's LSOAs have the ranks of "
                f"{other}: {some(there)}. Expected figures of one edition under its own headings; "
                "download the file again."
            )
    if len(frame) in LSOAS.values() and len(frame) != LSOAS[edition]:
        raise SchemaError(
            f"{name!r} has the headings of {edition}, but {len(frame):,} LSOAs, as many as "
            "another edition. "
            f"Expected {LSOAS[edition]:,}; download the file again."
        )


def _numbers(cells: pd.Series, *, name: str) -> pd.Series:
    """Return figures as numbers; ``32806.00`` and ``1,204`` are understood, markers are missing."""
    import pandas as pd

    text = cells.str.replace(",", "", regex=False)
    values = pd.to_numeric(text.where(text != ""), errors="coerce").astype(float)
    wrong = values.isna() & (text != "")
    if wrong.any():
        said = (
            f"{name!r}: column {cells.name!r} holds "
            f"{some(map(repr, cells[wrong].unique()))}; expected numbers."
        )
        known = text[wrong].str.lower().isin(list(markers.CURRENT)).all()
        if not known and wrong.sum() >= MOST * len(cells):
            raise SchemaError(said)
        remark(f"{said} Those {int(wrong.sum())} figures count as missing.")
    return values


def _edition(parts: list[Part], edition: int) -> pd.DataFrame:
    frame = _joined(parts)
    names = " and ".join(repr(part.name) for part in parts)
    if "idaci_rank" not in frame.columns:
        raise SchemaError(
            f"{names}: no column of the IDACI rank for {edition}. Found "
            f"{some(frame.columns, most=10)}. Add File 3 (supplementary indices) or take File 7 of "
            "the same edition."
        )
    frame = _ranked(frame, edition, names)
    if edition == 2010:
        frame["area_code"] = _codes_of_names(frame)
    elif "area_code" not in frame.columns:
        raise SchemaError(
            f"{names}: no column 'Local Authority District code' for {edition}. Take the "
            "publisher's file with all its columns."
        )
    else:
        codes = {code: find_area(code) for code in frame["area_code"].unique()}
        frame["area_code"] = frame["area_code"].map(
            {code: area.code if area else code for code, area in codes.items()}
        )
    return frame.drop(columns="area_name", errors="ignore").assign(
        edition=edition, lsoa_year=_LSOA_YEARS[edition], source=source_id("idaci", edition)
    )


def _joined(parts: list[Part]) -> pd.DataFrame:
    """Join the files of an edition one to one; what two of them have must agree."""
    first, *others = parts
    frame = first.frame.set_index("lsoa_code")
    for part in others:
        other = part.frame.set_index("lsoa_code")
        apart = frame.index.symmetric_difference(other.index)
        leave_out(
            len(apart),
            len(frame.index.union(other.index)),
            said=f"{first.name!r} has {len(frame):,} LSOAs and {part.name!r} {len(other):,}; "
            f"{len(apart):,} are in one only ({some(apart)}).",
            advice="Expected the same LSOAs: take both files for the whole of England, or both for "
            "the same area.",
            what="LSOAs",
        )
        frame = frame[frame.index.isin(other.index)]
        other = other.loc[frame.index]
        for column in other.columns.intersection(frame.columns):
            ours, theirs = frame[column], other[column]
            differ = (ours != theirs) & ours.notna() & theirs.notna()
            if differ.any():
                code = differ[differ].index[0]
                raise SchemaError(
                    f"{first.name!r} and {part.name!r} disagree on {column} of {code}: "
                    f"{ours[code]} and {theirs[code]} ({int(differ.sum())} cases). Take files of "
                    "the same issue."
                )
        frame = frame.join(other[other.columns.difference(frame.columns, sort=False)])
    return frame.reset_index()


def _ranked(frame: pd.DataFrame, edition: int, names: str) -> pd.DataFrame:
    """Check the ranks and deciles, and add the deciles where they are not printed.

    An LSOA without a rank that can be keeps its row: its children are counted all the same.
    """
    import numpy as np

    last = LSOAS[edition]
    rank = frame["idaci_rank"]
    wrong = ~rank.between(1, last) | (rank % 1 != 0)
    if wrong.any():
        row = frame[wrong].iloc[0]
        leave_out(
            int(wrong.sum()),
            len(frame),
            said=f"{names}: rank {row['idaci_rank']:g} of {row['lsoa_code']} cannot be "
            f"({int(wrong.sum())} cases).",
            advice=f"Expected whole numbers from 1 to {last:,}, the LSOAs of {edition}.",
            what="ranks",
        )
    rank = rank.mask(wrong)
    decile = np.ceil(rank * 10 / last)
    printed = frame.get("idaci_decile", decile).fillna(decile).mask(wrong)
    # The rule holds for every row of 2019 and 2025; for 2015 it could not be tried on all rows,
    # so there a neighbouring decile is let pass as printed.
    allowed = 1 if edition == 2015 else 0
    unlike = (printed - decile).abs() > allowed
    if unlike.any():
        row = frame[unlike].iloc[0]
        leave_out(
            int(unlike.sum()),
            len(frame),
            said=f"{names}: decile {row['idaci_decile']:g} of {row['lsoa_code']} does not follow "
            f"from its rank {row['idaci_rank']:g} of {last:,} ({int(unlike.sum())} cases).",
            advice="The columns may be of different editions; download the file again.",
            what="ranks and deciles",
            most=_WRONG_DECILES,
        )
    return frame.assign(idaci_rank=rank.mask(unlike), idaci_decile=printed.mask(unlike))


def _codes_of_names(frame: pd.DataFrame) -> pd.Series:
    if "area_name" not in frame.columns:
        raise SchemaError(
            "The IDACI table of 2010 has no column 'POST 2009 LA NAME'. Take the publisher's file "
            "with all its columns."
        )
    codes: dict[str, str | None] = {}
    for name in frame["area_name"].unique():
        # Unitary authorities carried the suffix UA in the registers of the time.
        area = find_area(re.sub(r" UA$", "", name))
        codes[name] = area.code if area and area.level == "authority" else None
    unknown = [name for name, code in codes.items() if code is None]
    if unknown:
        logger.info("IDACI 2010: no code for the districts %s", some(unknown))
    return frame["area_name"].map(codes)
