"""The authority's own records: one row per referral or child protection plan.

They are about children. What a row holds never enters an exception, a log line or a ``repr``: a
row that cannot be used is named by its number and a reason, nothing else.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.errors import SchemaError, SourceError, choice, some
from bolton_jsna.tables import files, schemas

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

KINDS: Final[Mapping[str, str]] = {
    "referral": "referral",
    "referrals": "referral",
    "plan": "plan",
    "plans": "plan",
    "cpp": "plan",
    "child protection plan": "plan",
    "child protection plans": "plan",
}
"""The words for the kind of a record, lower case."""

SEXES: Final[Mapping[str, str]] = {
    "f": "female",
    "female": "female",
    "girl": "female",
    "2": "female",
    "m": "male",
    "male": "male",
    "boy": "male",
    "1": "male",
}
"""The words and census codes for the sex of a child; any other word is ``unknown``."""

_FLAGS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_COLUMNS: Final = {name.replace("_", ""): name for name in schemas.SCHEMAS["local_records"].names}
_HOME: Final = ("postcode", "lsoa_code")
_YEARS: Final = (1990, 2099)
_PARQUET: Final = b"PAR1"

_ISO = r"^(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[T ].*)?$"
_BRITISH = r"^(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})(?: .*)?$"
_POSTCODE = r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}"
_LSOA = r"[EW]01[0-9]{6}"


@dataclass(frozen=True, eq=False, repr=False)
class LocalRecords:
    """Records that can be used, and the rows that cannot.

    Attributes
    ----------
    records : DataFrame
        The tidy table ``local_records``, in the order of the file.
    rejects : DataFrame
        ``row`` (number of the row in the file or sheet, counted from 1 at its top, so that the
        headings usually stand in row 1) and ``reason``; nothing of what the row holds.
    """

    records: pd.DataFrame
    rejects: pd.DataFrame

    def __repr__(self) -> str:
        return f"LocalRecords({len(self.records)} records, {len(self.rejects)} rejects)"


def read(path: str | Path, *, kind: str | None = None) -> LocalRecords:
    r"""Return the records of a file in the tidy layout, each row checked.

    Columns are those of the tidy table, their headings forgiving of case, spaces and
    underscores: ``child_id``, ``date``, ``postcode`` or ``lsoa_code`` (or both), and ``kind``
    unless it is given here; ``end_date``, ``age``, ``sex``, ``category``, ``referral_source`` and
    ``illustrative`` (absent: false) if there are any. Other columns are left out. Dates are ISO or
    British, the day first. Postcodes may be written in any case and spacing; a row whose home is
    missing or cannot be read is kept without one.

    Parameters
    ----------
    path : str or Path
        CSV (UTF-8 or Windows-1252), XLSX (the first sheet with the headings) or Parquet.
    kind : str, optional
        ``"referrals"`` or ``"plans"``: what the rows are, where the file has no such column; where
        it has one, rows of the other kind are left out.

    Returns
    -------
    LocalRecords
        Records and rejects. Rows of the same child, kind and day are used once.

    Raises
    ------
    UsageError
        When ``kind`` is not known.
    SourceError
        When the file is not there, empty, damaged or a web page.
    SchemaError
        When headings are missing or repeated; the message has those found and those expected.

    Notes
    -----
    Ages are those last birthday on the day, 0 to 17.

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
    path = Path(path)
    cells = _cells(path, kind_given=kind is not None)
    tidy, reasons = _understand(cells, kind)
    if kind is not None:
        wanted = tidy["kind"].eq(KINDS[kind]) | tidy["kind"].isna()
        tidy, reasons = tidy[wanted], reasons[wanted]
    usable = reasons.eq("")
    repeated = usable & tidy[usable].duplicated(["child_id", "kind", "date"]).reindex(
        tidy.index, fill_value=False
    )
    reasons = reasons.mask(repeated, "same child, kind and day as an earlier row")
    bad = reasons.ne("")
    rejects = reasons[bad].rename_axis("row").rename("reason").reset_index()
    logger.info("%s: %d rows used, %d rejected", path.name, (~bad).sum(), bad.sum())
    # Not conform(): its messages quote the failing value. Every rule has been applied above.
    records = schemas.typed(tidy[~bad], schemas.SCHEMAS["local_records"].columns)
    return LocalRecords(records, rejects.astype({"row": "int64", "reason": schemas.text_dtype()}))


def place(records: pd.DataFrame, postcodes: pd.DataFrame) -> pd.DataFrame:
    """Return records with the LSOA of their postcode where they have none.

    Parameters
    ----------
    records : DataFrame
        The tidy table ``local_records``.
    postcodes : DataFrame
        The tidy table ``postcodes``.

    Returns
    -------
    DataFrame
        A new frame; ``lsoa_code`` stays missing where the postcode is missing or not known.

    Raises
    ------
    SchemaError
        When either table lacks the columns ``postcode`` and ``lsoa_code``.

    Examples
    --------
    >>> import pandas as pd
    >>> records = pd.DataFrame({"postcode": ["BL1 1AP", "ZZ1 1ZZ"], "lsoa_code": [None, None]})
    >>> known = pd.DataFrame({"postcode": ["BL1 1AP"], "lsoa_code": ["E01004817"]})
    >>> place(records, known)["lsoa_code"].fillna("unknown").tolist()
    ['E01004817', 'unknown']
    """
    for name, frame in (("records", records), ("postcodes", postcodes)):
        lacking = [each for each in _HOME if each not in frame.columns]
        if lacking:
            raise SchemaError(
                f"The table of {name} lacks {some(lacking)}. It has "
                f"{some(frame.columns, most=20)}. Give the tidy table."
            )
    known = postcodes.drop_duplicates("postcode").set_index("postcode")["lsoa_code"].astype(object)
    lsoa = records["lsoa_code"].astype(object)
    filled = lsoa.where(lsoa.notna(), records["postcode"].astype(object).map(known))
    filled = filled.where(filled.notna(), None)
    return records.assign(lsoa_code=filled.astype(schemas.text_dtype()))


def _cells(path: Path, *, kind_given: bool) -> pd.DataFrame:
    """Return the known columns as stripped text, indexed by row number."""
    import pandas as pd

    content = files.read_bytes(path)
    if content.startswith(_PARQUET):
        frame = _parquet(content, path.name)
        names = _names([str(name) for name in frame.columns], path.name, kind_given=kind_given)
        frame = frame.iloc[:, list(names)].set_axis(list(names.values()), axis="columns")
        frame.index = pd.RangeIndex(2, 2 + len(frame))
        return frame.apply(lambda column: column.astype(object).map(_text))
    if files.is_workbook(content):
        sheets = list(files.read_sheets(content, name=path.name).values())
    else:
        sheets = [files.read_rows(content, name=path.name)]
    rows, top = _header(sheets)
    if not rows:
        raise SchemaError(
            f"{path.name!r} has no row of headings: none of its first rows holds two of "
            f"{some(schemas.SCHEMAS['local_records'].names, most=20)}. Write these headings into "
            "the first row."
        )
    names = _names(rows[top], path.name, kind_given=kind_given)
    body = {
        number: [row[place] if place < len(row) else "" for place in names]
        for number, row in enumerate(rows[top + 1 :], start=top + 2)
        if any(row)
    }
    return pd.DataFrame(
        list(body.values()), index=list(body), columns=list(names.values()), dtype=object
    )


def _parquet(content: bytes, name: str) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_parquet(io.BytesIO(content))
    except (OSError, ValueError):
        damaged = f"{name!r} is a damaged Parquet file. Write it again."
    # Outside of the handler: what pyarrow says may quote a cell.
    raise SourceError(damaged)


def _text(value: object) -> str:
    import pandas as pd

    if pd.isna(value):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _header(sheets: list[files.Rows]) -> tuple[files.Rows, int]:
    """Return the sheet with the headings and their place in it; no rows where there are none.

    A row counts as headings when it holds two known ones: one alone could be a cell of a record,
    and cells of records must not get into a message.
    """
    for rows in sheets:
        for place, row in enumerate(rows[:60]):
            if sum(_key(cell) in _COLUMNS for cell in row) >= 2:
                return rows, place
    return [], 0


def _key(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


def _names(header: list[str], file: str, *, kind_given: bool) -> dict[int, str]:
    """Return the tidy names of the known columns by place."""
    known = [(place, _COLUMNS.get(_key(cell), "")) for place, cell in enumerate(header)]
    names = {place: name for place, name in known if name}
    found = list(names.values())
    needed = ["child_id", "date", *([] if kind_given else ["kind"])]
    lacking = [name for name in needed if name not in found]
    if not set(_HOME) & set(found):
        lacking.append("postcode or lsoa_code")
    # Only where most cells are headings are the others shown, for they may be data.
    shown = found if len(found) * 2 < len(header) else [cell for cell in header if cell]
    if lacking:
        hint = (
            ' Without a column kind, say kind="referrals" or "plans".' if "kind" in lacking else ""
        )
        raise SchemaError(
            f"{file!r} lacks {some(lacking)}. Its headings: {some(shown, most=20)}. Expected: "
            f"{some(schemas.SCHEMAS['local_records'].names, most=20)}.{hint}"
        )
    repeats = [name for name in dict.fromkeys(found) if found.count(name) > 1]
    if repeats:
        raise SchemaError(
            f"{file!r} has more than one column for {some(repeats)}. Its headings: "
            f"{some(shown, most=20)}. Leave one of each."
        )
    return names


def _understand(cells: pd.DataFrame, kind: str | None) -> tuple[pd.DataFrame, pd.Series]:
    """Return the tidy columns and, for each row, why it cannot be used (empty: it can)."""
    import pandas as pd

    def column(name: str) -> pd.Series:
        if name in cells.columns:
            return cells[name].astype(object)
        return pd.Series("", index=cells.index, dtype=object)

    def blank_to_none(text: pd.Series) -> pd.Series:
        return text.where(text.ne(""), None)

    tidy = pd.DataFrame(index=cells.index)
    why: dict[str, pd.Series] = {}
    words = column("kind").str.casefold().str.replace("_", " ", regex=False)
    if "kind" not in cells.columns and kind is not None:
        words = pd.Series(kind, index=cells.index, dtype=object)
    tidy["kind"] = words.map(dict(KINDS)).astype(object)
    why["unknown kind"] = tidy["kind"].isna()

    tidy["child_id"] = column("child_id")
    why["no child id"] = tidy["child_id"].eq("")

    tidy["date"] = _days(column("date"))
    why["impossible date"] = tidy["date"].isna()
    end = column("end_date")
    tidy["end_date"] = _days(end)
    why["impossible end date"] = end.ne("") & tidy["end_date"].isna()
    why["ends before it begins"] = tidy["end_date"].lt(tidy["date"])

    age = column("age")
    years = pd.to_numeric(age, errors="coerce")
    years = years.where(years.between(0, 17) & years.mod(1).eq(0)).astype("Int64")
    tidy["age"] = years
    why["age is not a whole number from 0 to 17"] = age.ne("") & years.isna()

    sex = column("sex").str.casefold()
    tidy["sex"] = blank_to_none(sex.map(dict(SEXES)).where(sex.isin(list(SEXES)), "unknown"))
    tidy.loc[sex.eq(""), "sex"] = None

    # A child without a known home was referred all the same: the row counts for the authority,
    # and for no ward.
    postcode = _homes(column("postcode"), _POSTCODE)
    tidy["postcode"] = postcode.str[:-3] + " " + postcode.str[-3:]
    tidy["lsoa_code"] = _homes(column("lsoa_code"), _LSOA)

    for name in ("category", "referral_source"):
        tidy[name] = blank_to_none(column(name))

    flag = column("illustrative").str.casefold().replace("", "false")
    tidy["illustrative"] = flag.map(_FLAGS).eq(True)
    why["illustrative is neither true nor false"] = ~flag.isin(list(_FLAGS))

    reasons = pd.Series("", index=cells.index, dtype=object)
    for reason, holds in why.items():
        before = reasons[holds]
        reasons[holds] = before.where(before.eq(""), before + "; ") + reason
    return tidy, reasons


def _days(column: pd.Series) -> pd.Series:
    """Return days of ISO or British texts, missing where there is no such day."""
    import pandas as pd

    # Days and homes repeat: a million rows are read in a fraction of the time by value.
    codes, values = pd.factorize(column)
    text = pd.Series(values, dtype=object)
    iso = text.str.extract(_ISO)
    parts = iso.where(iso["year"].notna(), text.str.extract(_BRITISH)[list(iso.columns)])
    parts = parts.apply(pd.to_numeric, errors="coerce")
    parts = parts.where(parts["year"].between(*_YEARS))
    days = pd.to_datetime(parts, errors="coerce").astype("datetime64[ns]")
    return pd.Series(days.to_numpy()[codes], index=column.index)


def _homes(column: pd.Series, pattern: str) -> pd.Series:
    """Return texts in capitals without spaces where they are what they should be."""
    import pandas as pd

    codes, values = pd.factorize(column)
    text = pd.Series(values, dtype=object)
    plain = text.str.upper().str.replace(r"\s", "", regex=True)
    good = plain.where(plain.str.fullmatch(pattern).astype(bool), None)
    return pd.Series(good.to_numpy(dtype=object)[codes], index=column.index, dtype=object)
