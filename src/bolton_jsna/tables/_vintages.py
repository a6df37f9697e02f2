"""Codes, names and titles that contradict the year in a file's headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import SchemaError, some

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class _Codes:
    """A range of codes that came into force, or ended, together.

    Attributes
    ----------
    kind : str
        ``lsoa`` or ``ward``.
    first, last : str
        The first and last code.
    since, until : int
        The first and the last year in which they were in force.
    """

    kind: str
    first: str
    last: str
    since: int = 0
    until: int = 9999


# ONS numbers areas in the order in which they are made. The newest wards here are of May 2025;
# Bolton's are those before and after its elections of May 2023.
_RUNS: Final = (
    _Codes("lsoa", "E01033769", "E01035762", since=2021),
    _Codes("lsoa", "W01001959", "W01002040", since=2021),
    _Codes("ward", "E05015927", "E05016261", since=2025),
    _Codes("ward", "E05014818", "E05014837", since=2023),
    _Codes("ward", "E05000650", "E05000669", until=2022),
)


_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
# "Wards_(May_2023)_Boundaries", "LSOA_2021_EW_BGC", "WD24", "lsoa21_to_wd24".
_BETWEEN: Final = rf"(?:[ _(),-]|as|at|in|of|{_MONTH})*"
_NAMED: Final = {
    kind: re.compile(rf"(?:{long}){_BETWEEN}(20\d\d)(?!\d)|{short}(\d\d)(?!\d)", re.IGNORECASE)
    for kind, long, short in (
        ("ward", "wards?|wd", "wd"),
        ("lsoa", "lsoas?", "lsoa"),
        ("msoa", "msoas?", "msoa"),
        ("authority", "local authorit(?:y|ies)(?: districts?)?|lads?|ltlas?", "(?:lad|ltla)"),
    )
}


def reject_other_year_in_name(
    kind: str, year: int, *, name: str, title: str = "", sheet: str = ""
) -> None:
    """Reject a file whose name, title or sheet has another year of areas than its headings."""
    pattern = _NAMED.get(kind)
    areas = kind.removesuffix("y") + ("ies" if kind.endswith("y") else "s")
    for where, text in {"name": name, "title": title, "sheet": sheet}.items():
        found = pattern.findall(text) if pattern else []
        years = {int(full or f"20{short}") for full, short in found}
        if years and year not in years:
            raise SchemaError(
                f"{name!r} has the {areas} of {some(sorted(years))} by its {where}, but those of "
                f"{year} by its headings. Expected one year. Check which is right, and correct the "
                f"{where} or download the file again."
            )


def reject_codes_of_other_years(codes: pd.Series, kind: str, year: int, *, name: str) -> None:
    """Reject codes that were not in force in the year of their heading."""
    for run in _RUNS:
        if run.kind != kind or run.since <= year <= run.until:
            continue
        wrong = codes[(codes >= run.first) & (codes <= run.last)].unique()
        if len(wrong):
            when = (
                f"came into force in {run.since}" if run.since > year else f"ended in {run.until}"
            )
            raise SchemaError(
                f"{name!r} has the {kind} codes {some(wrong)} under a heading of {year}, but they "
                f"{when}. Expected the codes of the year in the heading. Download the file of the "
                "year that you need, or correct the heading."
            )
