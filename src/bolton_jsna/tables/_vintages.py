"""Codes, names and titles that contradict the year in a file's headings."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import SchemaError, some

if TYPE_CHECKING:
    import pandas as pd


@functools.cache
def _ranges() -> dict[str, list[dict[str, Any]]]:
    text = resources.files(__package__).joinpath("code_ranges.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


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
    for each in _ranges().get(kind, ()):
        since, until = each.get("since", 0), each.get("until", 9999)
        if since <= year <= until:
            continue
        wrong = codes[(codes >= each["first"]) & (codes <= each["last"])].unique()
        if len(wrong):
            when = f"came into force in {since}" if since > year else f"ended in {until}"
            raise SchemaError(
                f"{name!r} has the {kind} codes {some(wrong)} under a heading of {year}, but they "
                f"{when}. Expected the codes of the year in the heading. Download the file of the "
                "year that you need, or correct the heading."
            )
