"""The authority's own records: one row per referral or child protection plan.

They are about children. No cell is quoted in an exception, a log line or a ``repr``: a row that
cannot be used is identified by its number and a reason only.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.core import timestamps
from bolton_jsna.core.areas import find as find_area
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import SchemaError, choice, some
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.core.years import reporting_year_days
from bolton_jsna.tables import schemas
from bolton_jsna.tables._row_widths import BEYOND
from bolton_jsna.tables.local import _cin_census
from bolton_jsna.tables.local import _heading_advice as local_advice
from bolton_jsna.tables.local import cells as local_cells
from bolton_jsna.tables.local import layouts as local_layouts
from bolton_jsna.tables.local import sheets as local_sheets
from bolton_jsna.tables.local import values as local_values
from bolton_jsna.tables.local.cells import Coded
from bolton_jsna.tables.local.claims import Claims, claims
from bolton_jsna.tables.local.layouts import HOME, Columns, EventKind, FileSettings, RowLayout
from bolton_jsna.tables.local.sheets import ReadReport
from bolton_jsna.tables.local.values import KINDS, REPEATED, SEXES, ReadRows

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["KINDS", "SEXES", "LocalRecords", "place", "read"]

_log = logging.getLogger(__name__)

_WHERE: Final = ["sheet", "row"]
_EVENT: Final = ["child_id", "kind", "date"]


@dataclass(frozen=True, eq=False, repr=False)
class LocalRecords:
    """Records that can be used, and the rows that cannot.

    Attributes
    ----------
    records : DataFrame
        The tidy table ``local_records``, in the order of the file.
    rejects : DataFrame
        ``row`` (number of the row in the file or sheet, counted from 1 at its top, so that the
        headings are usually in row 1; in a census return the number of the child) and
        ``reason``; no cell of the row. If several sheets were read, also ``sheet``, its number.
    rows : DataFrame or None
        ``row`` (and ``sheet``) of each record, on the same index as ``records``.
    remarks : DataFrame or None
        ``row`` and ``remark`` (and ``sheet``) of rows that are used although they have a
        problem. The remarks are keys of ``REMARKS`` in ``tables.local.values``.
    reading : ReadReport
        How the file was read.
    postcodes : tuple of str
        The sources of the postcodes by which homes were looked up.
    """

    records: pd.DataFrame
    rejects: pd.DataFrame
    rows: pd.DataFrame | None = None
    remarks: pd.DataFrame | None = None
    reading: ReadReport = field(default_factory=ReadReport)
    postcodes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"LocalRecords({len(self.records)} records, {len(self.rejects)} rejects)"


@dataclass(frozen=True, eq=False)
class _Part:
    """Rows of one sheet to be read as one kind of event."""

    sheet: int
    kind: EventKind | None
    numbers: np.ndarray
    columns: Mapping[str, Coded]


@checked
@one_error
def read(
    path: str | Path,
    *,
    kind: str | None = None,
    columns: Columns | None = None,
    today: dt.date | None = None,
) -> LocalRecords:
    r"""Return the records of a file, each row checked.

    Headings are those of the tidy table, of Ofsted's Annex A (Lists 3 and 7), of DfE's children
    in need census, or the usual ones of Liquidlogic and Mosaic exports; ``columns`` gives any
    others. Case, spaces and punctuation of headings do not matter, and headings may be in two
    rows. A child is identified by ``child_id``, an event by ``date`` and ``kind``. If the heading
    of a date shows what it is ("Date of referral", "CP Plan Start Date"), ``kind`` is not needed,
    and a row with both dates is both a referral and a plan. Ages are worked out from birth dates.
    These are not kept, only the year ending 31 March of the birth, which gives the age on any 31
    March. A row whose home is missing or cannot be read is kept without one.

    Parameters
    ----------
    path : str or Path
        CSV (comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252), XLSX or XLS (every
        sheet with the headings), Parquet, or a children in need census return as XML.
    kind : str, optional
        ``"referrals"`` or ``"plans"``: what the rows are, if the file does not show it; if it
        does, rows of the other kind are left out.
    columns : mapping, str or Path, optional
        Our columns and the file's headings for them (``{"child_id": "Client Ref"}``), or a TOML
        file with a table ``[columns]`` of these; see docs/local_records.md.
    today : date, optional
        The day after which there can be no event. Default: the day of the call.

    Returns
    -------
    LocalRecords
        Records and rejects. Of rows of the same child, kind and day the most complete is used.

    Raises
    ------
    UsageError
        When ``kind`` or a part of the mapping is not known.
    SourceError
        When the file does not exist, is empty, damaged, protected by a password or a web page.
    SchemaError
        When headings are missing or repeated; the message shows those found and those expected.

    Notes
    -----
    ``age`` is that last birthday on the day of the referral, or on which the plan began: 0 to 17,
    and -1 before birth. ``birth_year_to_march`` is 2019 for a child born from 1 April 2018 to 31
    March 2019, so that the age on 31 March 2025 is 2025 - 2019 = 6. It is missing if the file
    gives an age and no birth date.

    Examples
    --------
    >>> import tempfile
    >>> text = "Child ID,Date,Postcode,Age\nA1,03/05/2024,bl11ap,7\nA2,31/02/2024,BL1 1AP,7\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "referrals.csv"
    ...     _ = path.write_text(text)
    ...     found = read(path, kind="referrals")
    >>> found
    LocalRecords(1 records, 1 rejects)
    >>> found.records[["date", "postcode", "age"]].astype(str).to_numpy().tolist()
    [['2024-05-03', 'BL1 1AP', '7']]
    >>> found.rejects.to_numpy().tolist()
    [[3, 'impossible date']]
    """
    if kind is not None:
        choice("kind", kind, KINDS)
    settings = local_layouts.mapping(columns)
    if kind is None and settings.kind is not None:
        choice("kind", settings.kind, KINDS)
        kind = settings.kind
    only = KINDS[kind] if kind is not None else None
    path = Path(path)
    parts, reading = _parts(path, only, settings)
    # A day of grace: the clock of the machine may not be that of the case system.
    last = (today or timestamps.now().date()) + dt.timedelta(days=1)
    read_parts = [
        local_values.read_rows(
            part.numbers, part.columns, kind=part.kind, settings=settings, today=last, only=only
        )
        for part in parts
    ]
    found = _together([part.sheet for part in parts], read_parts, reading)
    _log.info("%s: %d rows used, %d rejected", path.name, len(found.records), len(found.rejects))
    return found


def place(records: pd.DataFrame, postcodes: pd.DataFrame) -> pd.DataFrame:
    """Return records with the LSOA of their postcode if they have no LSOA."""
    for name, frame in (("records", records), ("postcodes", postcodes)):
        missing = [each for each in HOME if each not in frame.columns]
        if missing:
            raise SchemaError(
                f"The table of {name} has no column {some(missing)}. It has "
                f"{some(frame.columns, most=20, like=missing)}. Give the tidy table."
            )
    if postcodes.duplicated("postcode").any():
        postcodes = postcodes.sort_values(["postcode", "lsoa_code"]).drop_duplicates("postcode")
    known = postcodes.set_index("postcode")["lsoa_code"].astype(object)
    found = records["postcode"].astype(object).map(known, na_action="ignore")
    lsoa = records["lsoa_code"].astype(object)
    filled = lsoa.where(lsoa.notna(), found)
    filled = filled.where(filled.notna(), None)
    return records.assign(lsoa_code=filled.astype(schemas.text_dtype()))


def _parts(
    path: Path, only: EventKind | None, settings: FileSettings
) -> tuple[list[_Part], ReadReport]:
    """Return the parts of a file to read, and how it was read."""
    content = local_cells.content_of(path)
    if _cin_census.is_xml(content):
        return _census(content, path.name, only)
    found = local_cells.sheets(
        content, path.name, lambda cells: local_layouts.recognised(cells, settings)
    )
    if not found:
        names = schemas.SCHEMAS["local_records"].names
        raise SchemaError(
            f"{path.name!r} has no row of headings: no row at the top has two of "
            f"{some(names, most=20)}, or of their names in Annex A or the census. Write headings "
            "into the first row, or give them in a mapping (columns=)."
            f"{local_advice.template(local_advice.own_headings(content, path.name))}"
        )
    hidden = tuple(sheet.number for sheet in found if sheet.hidden)
    found = local_sheets.visible(found, path.name)
    chosen, otherwise = local_sheets.chosen(found, only, settings)
    if not any(chosen):
        raise local_advice.headings_error(
            path.name, [sheet.header for sheet in found], only, settings
        )
    parts: list[_Part] = []
    headings: dict[str, dict[str, str]] = {}
    rows = others = 0
    used_sheets = [(sheet, ways) for sheet, ways in zip(found, chosen, strict=True) if ways]
    for sheet, ways in used_sheets:
        used = {name: spot for way in ways for name, spot in way.places.items()}
        repeats = local_layouts.repeated(sheet.header, used)
        if repeats:
            raise SchemaError(
                f"{path.name!r} has more than one column for {some(repeats)}: the same heading is "
                "there twice. Keep one of each."
            )
        places = sorted({spot for way in ways for spot in way.places.values()})
        numbers, columns = sheet.rows(places)
        rows += len(numbers)
        others += sum(bool(cell) for cell in sheet.header) - len(places)
        for way in ways:
            headings.setdefault(way.kind or "rows", {}).update(
                {name: sheet.header[spot] for name, spot in way.places.items()}
            )
        parts += _rows_of(sheet.number, ways, numbers, columns)
    reading = ReadReport(
        how=found[0].how,
        rows=rows,
        sheets=tuple(sheet.number for sheet, _ in used_sheets if sheet.number),
        sheets_left=tuple(s.number for s, w in zip(found, chosen, strict=True) if not w),
        sheets_hidden=hidden,
        sheets_other=otherwise,
        headings=headings,
        others=others,
        claims=claims([path.name, *(text for sheet, _ in used_sheets for text in sheet.titles)]),
    )
    return parts, reading


def _rows_of(
    sheet: int, ways: list[RowLayout], numbers: np.ndarray, columns: Mapping[int, Coded]
) -> list[_Part]:
    """Return a part for each way; if there are several, each has the rows with its kind of date."""
    import numpy as np

    filled = [columns[way.places["date"]].where(bool) for way in ways]
    # A row with neither date is reported once, with the first kind.
    filled[0] = filled[0] | ~np.logical_or.reduce(filled)
    parts = []
    for way, rows in zip(ways, filled, strict=True):
        own = {name: columns[spot] for name, spot in way.places.items()}
        if BEYOND in columns:
            own["beyond"] = columns[BEYOND]
        if len(ways) > 1:
            own = {name: column.pick(rows) for name, column in own.items()}
        parts.append(_Part(sheet, way.kind, numbers[rows] if len(ways) > 1 else numbers, own))
    return parts


def _census(content: bytes, name: str, only: EventKind | None) -> tuple[list[_Part], ReadReport]:
    return_ = _cin_census.read(content, name=name)
    kinds = [kind for kind in return_.columns if only in (None, kind)]
    parts = [_Part(0, kind, return_.numbers[kind], return_.columns[kind]) for kind in kinds]
    reading = ReadReport(
        how="children in need census return (XML); rows are numbers of children",
        rows=sum(len(part.numbers) for part in parts),
        year=return_.year,
        claims=_claims(name, return_.authority),
        until=None if return_.year is None else reporting_year_days(return_.year)[1],
    )
    return parts, reading


def _claims(name: str, authority: int | None) -> Claims:
    """Return what the name and header of a return say."""
    found = claims([name])
    place = None if authority is None else find_area(str(authority))
    # The number in the header is the authority's; a file name may be anything.
    return found if place is None else replace(found, areas=frozenset({place.code}))


def _repeats(tidy: pd.DataFrame) -> pd.Series:
    """Return which rows repeat the event of another row that is used."""
    # The most complete row is used; of several, the first in the order of their values, so that the
    # choice does not depend on the order of the file.
    import pandas as pd

    repeated = pd.Series(False, index=tidy.index)
    again = tidy[tidy.duplicated(_EVENT, keep=False)]
    if len(again):
        facts = again.drop(columns=[*_EVENT, *_WHERE])
        values = facts.astype(object).where(facts.notna(), "").astype(str).agg("\x00".join, axis=1)
        order = again[_EVENT + _WHERE].assign(gaps=facts.isna().sum(axis=1), values=values)
        order = order.sort_values(["gaps", "values", *_WHERE], kind="stable")
        repeated[order.index[order.duplicated(_EVENT)]] = True
    return repeated


def _together(sheets: list[int], parts: list[ReadRows], reading: ReadReport) -> LocalRecords:
    import pandas as pd

    def joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
        marked = [each.assign(sheet=n) for n, each in zip(sheets, frames, strict=True)]
        filled = [each for each in marked if len(each)] or marked[:1]
        return pd.concat(filled, ignore_index=True)

    tidy = joined([each.tidy for each in parts])
    rejects = joined([each.rejects for each in parts])
    remarks = joined([each.remarks for each in parts])
    repeated = _repeats(tidy)
    if repeated.any():
        again = tidy.loc[repeated, _WHERE].assign(reason=REPEATED)
        rejects = pd.concat([rejects, again], ignore_index=True)
        # A row that is both a referral and a plan may be used as one of them.
        gone = pd.MultiIndex.from_frame(again[_WHERE])
        kept = pd.MultiIndex.from_frame(tidy.loc[~repeated, _WHERE])
        here = pd.MultiIndex.from_frame(remarks[_WHERE])
        remarks = remarks[~here.isin(gone) | here.isin(kept)]
        tidy = tidy[~repeated]
    rejects = rejects.sort_values(_WHERE, kind="stable", ignore_index=True)
    rejects = rejects.astype({"row": "int64", "reason": schemas.text_dtype()})
    several = len(reading.sheets) > 1
    where = ["row", "sheet"] if several else ["row"]
    # Not conform(), whose messages quote the failing value. Every rule has been applied above.
    records = schemas.typed(tidy, schemas.SCHEMAS["local_records"].columns)
    orders: dict[str, str] = {}
    for each in parts:
        orders |= each.orders
    return LocalRecords(
        records,
        rejects[["row", "reason", *where[1:]]],
        rows=tidy[where].reset_index(drop=True),
        remarks=remarks[["row", "remark", *where[1:]]].reset_index(drop=True),
        reading=replace(reading, orders=orders),
    )
