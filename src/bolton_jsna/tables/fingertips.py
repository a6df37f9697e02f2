"""Read children on plans and looked after of OHID Fingertips, which has them from DfE."""

from __future__ import annotations

import contextlib
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.areas import find
from bolton_jsna.core.errors import BoltonJsnaError, OtherTableError, SchemaError, some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.reading import opening
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.core.sniffing import kind_of
from bolton_jsna.tables import _files, _markers, schemas
from bolton_jsna.tables._left_out import without
from bolton_jsna.tables._register import area_columns
from bolton_jsna.tables.children_in_need.children_referred import with_persons

if TYPE_CHECKING:
    import pandas as pd

INDICATORS: Final = {"90803": "cla_at_31_march", "90886": "cpp_at_31_march"}
"""The name here of each indicator of Fingertips."""

_EXPECTED = "a CSV of Fingertips's indicators"
_NEEDED = ("indicator id", "area code", "sex", "time period", "value", "count", "denominator")
_SUPPRESSED = re.compile(r"suppress|disclos|small (?:number|count)", re.IGNORECASE)
# Extracts before 2020 have these in place of a figure.
_OLD_MARKS: Final = {"*": "suppressed", "-1": "not_available"}
_AT = ["area_code", "year", "indicator"]


def is_one(path: Path) -> bool:
    """Return whether a file has the headings of Fingertips."""
    start = opening.start(path, 4096)
    kind = kind_of(start)
    if kind == "gzip":
        with contextlib.suppress(zlib.error):
            start = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, 400)
    elif kind == "zip":
        with contextlib.suppress(BoltonJsnaError):
            start = _files.read_bytes(path)
    return b"indicator id" in start[:400].lower()


@one_error
def read(path: str | Path, *, dataset: str = "children_in_need") -> pd.DataFrame:
    r"""Return counts and rates at 31 March of the indicators 90803 and 90886.

    Parameters
    ----------
    path : str or Path
        A CSV of ``all_data/csv/by_indicator_id``, or a file of the client of Fingertips.
    dataset : str, default "children_in_need"
        The dataset that the ``source`` column names.

    Returns
    -------
    pandas.DataFrame
        Table ``children_in_need``: persons only, each area once. ``count`` in children,
        ``population`` those aged 0-17, ``published_rate`` per 10,000 as Fingertips has it (not
        rounded). ``release`` is the last year of the file.

    Raises
    ------
    SourceError
        When the file does not exist, is empty, is damaged, or is a web page.
    SchemaError
        When a column is missing, an area is unknown, a period is not a year to 31 March, or a
        figure is not a number.

    Notes
    -----
    The column ``Value note`` has the reason why a figure is missing: suppression or disclosure
    gives ``suppressed``, any other reason ``not_available``. Rows by category (deprivation deciles
    and others) and by sex are left out: they have parts of the same children.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> text = '''Indicator ID,Area Code,Sex,Time period,Value,Count,Denominator,Value note
    ... 90803,E08000001,Persons,2023/24,101.2,765,75599,
    ... 90886,E08000001,Persons,2023/24,,,,Value suppressed for disclosure control'''
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "fingertips.csv")
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     table = read(file)
    >>> table[["area_name", "year", "indicator", "count", "published_rate", "status"]]
      area_name  year        indicator  count  published_rate      status
    0    Bolton  2024  cla_at_31_march    765           101.2       value
    1    Bolton  2024  cpp_at_31_march   <NA>             NaN  suppressed
    """
    name = Path(path).name
    frame = _files.found_table(
        path, lambda found: {"indicator id", "area code", "value"} <= found, expected=_EXPECTED
    ).frame.rename(columns=_files.heading)
    missing = [each for each in _NEEDED if each not in frame.columns]
    if missing:
        raise SchemaError(
            f"{name!r} has no column {some(map(repr, missing))}. It has "
            f"{some(map(repr, frame.columns), most=12, like=missing)}. Expected {_EXPECTED}."
        )
    frame = frame[frame["indicator id"].isin(INDICATORS) & (frame["sex"] == "Persons")]
    if "category type" in frame.columns:
        frame = frame[frame["category type"] == ""]
    if frame.empty:
        raise OtherTableError(
            f"{name!r} has no rows of persons for the indicators {some(INDICATORS)}. Download "
            "these."
        )
    rows = _places(frame, name=name)
    years = years_of(frame.loc[rows.index, "time period"], name=name)
    frame, rows = frame.loc[years.index], rows.loc[years.index]
    rows = rows.assign(
        year=years,
        indicator=frame["indicator id"].map(INDICATORS),
        **_figures(frame, name=name),
    )
    release = int(rows["year"].max())
    rows = rows.assign(release=str(release), source=source_id(dataset, release))
    # An area has a row for each of its parents and codes; one with a figure is kept.
    rows = rows.sort_values([*_AT, "count"], kind="stable")
    unlike = rows.groupby(_AT)[["count", "published_rate"]].nunique().max(axis=1) > 1
    if unlike.any():
        raise SchemaError(
            f"{name!r} has two different figures of {' '.join(map(str, unlike.index[unlike][0]))}. "
            "Expected one, or the same for each parent; download it again."
        )
    return schemas.conform(with_persons(rows.drop_duplicates(_AT)), "children_in_need")


def _places(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    found = {code: find(code) for code in frame["area code"].unique()}
    unknown = [code for code, place in found.items() if place is None]
    known = without(
        frame,
        frame["area code"].isin(unknown),
        f"{name!r} has areas other than England, regions and upper-tier authorities: "
        f"{some(unknown)}.",
        "Download counties and unitary authorities (area type 502).",
    )
    return area_columns(
        (place for code in known["area code"] if (place := found[code])), known.index
    )


def years_of(periods: pd.Series, *, name: str) -> pd.Series:
    """Return the year in which a financial year ends; a single year is itself."""
    parts = periods.str.extract(r"^(20[0-9]{2})(?:/([0-9]{2}))?$")
    first = parts[0].astype("Int64")
    ends = parts[1].astype("Int64")
    wrong = first.isna() | (ends.notna() & (ends != (first + 1) % 100))
    problem = f"{name!r} has the periods {some(map(repr, periods[wrong].unique()))}."
    return without(first + ends.notna(), wrong, problem, "Expected years such as 2023/24.")


def hidden(rows: pd.DataFrame) -> pd.Series:
    """Return which rows have no figure because the publisher hides it."""
    starred = rows["value"] == "*"
    if "value note" not in rows.columns:
        return starred
    return starred | rows["value note"].str.contains(_SUPPRESSED)


def numbers(
    rows: pd.DataFrame, heading: str, suppressed: pd.Series, *, name: str
) -> tuple[pd.Series, pd.Series]:
    """Return the numbers of a column and the state of each."""
    cells = rows[heading].mask(rows[heading].isin(_OLD_MARKS), "")
    number, status = _markers.numbers(cells, column=heading, name=name)
    return number, status.mask((status != "value") & suppressed, "suppressed")


def _figures(frame: pd.DataFrame, *, name: str) -> dict[str, pd.Series]:
    suppressed = hidden(frame)
    count, status = numbers(frame, "count", suppressed, name=name)
    rate, rate_status = numbers(frame, "value", suppressed, name=name)
    population, _ = numbers(frame, "denominator", suppressed, name=name)
    return {
        "count": count.round(),
        "status": status,
        "published_rate": rate,
        "published_rate_status": rate_status,
        "population": population.round(),
    }
