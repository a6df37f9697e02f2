"""Counts that the authority has added up itself: a row per area, or per area and year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.errors import SchemaError, UsageError, choice, some
from bolton_jsna.tables import local_cells, schemas
from bolton_jsna.tables.local_layouts import key, names_children
from bolton_jsna.tables.markers import CURRENT

if TYPE_CHECKING:
    import pandas as pd

EVENTS: Final[Mapping[str, str]] = {
    "referrals": "referrals",
    "referral": "referrals",
    "cppstarted": "cpp_started",
    "plansstarted": "cpp_started",
    "cppat31march": "cpp_at_31_march",
    "plans": "cpp_at_31_march",
    "plansat31march": "cpp_at_31_march",
    "childprotectionplans": "cpp_at_31_march",
}
"""The words for what is counted, in their compared form."""

_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "area_code": (
        *("area_code", "area code", "ward code", "ward_code", "gss code", "ons code", "code"),
        *("wd22cd", "wd23cd", "wd24cd", "wd25cd", "lsoa code", "lsoa_code", "lsoa21cd", "lsoa11cd"),
    ),
    "count": ("count", "number", "events", "total", "n", "value", *EVENTS),
    "year": (
        "year",
        "year ending",
        "year ending 31 march",
        "financial year",
        "time_period",
        "period",
    ),
    "event": ("event", "indicator", "measure", "kind"),
}
_CODE: Final = re.compile(r"[EW]\d{8}")
_YEAR: Final = re.compile(r"(?:31 ?(?:march|mar|/0?3/) ?)?((?:19|20)\d{2})")
_SPAN: Final = re.compile(r"((?:19|20)\d{2})[-/ ](\d{2}|\d{4})")


@dataclass(frozen=True, eq=False)
class LocalCounts:
    """Counts that can be used, and the rows that cannot.

    Attributes
    ----------
    counts : DataFrame
        ``area_code``, ``event``, ``year`` (ending 31 March), ``count``, ``status``.
    rejects : DataFrame
        ``row`` and ``reason``.
    """

    counts: pd.DataFrame
    rejects: pd.DataFrame


def are_counts(path: str | Path) -> bool:
    r"""Say whether a file holds counts by area rather than records of children.

    Raises
    ------
    SourceError
        When the file cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "x.csv"
    ...     _ = path.write_text("Ward code,Count\nE05014818,12\n")
    ...     are_counts(path)
    True
    """
    content = local_cells.content_of(Path(path))
    if content.lstrip()[:1] == b"<":
        return False
    found = local_cells.sheets(content, Path(path).name, _known)
    return any({"area_code", "count"} <= set(_places(each.header)) for each in found) and not any(
        names_children(each.header) for each in found
    )


def read(
    path: str | Path, *, event: str | None = None, year: int | None = None, whole: bool = True
) -> LocalCounts:
    r"""Return the counts of a file, each row checked.

    Parameters
    ----------
    path : str or Path
        CSV, XLSX or Parquet with the headings ``area_code`` (or Ward code, LSOA21CD and the
        like) and ``count``, and if there are several ``year`` and ``event``.
    event : {"referrals", "cpp_started", "cpp_at_31_march"}, optional
        What is counted, where the file does not say.
    year : int, optional
        Year ending 31 March, where the file does not say.
    whole : bool, default True
        Refuse a file of which neither it nor the call says the year and the event; otherwise
        these are missing.

    Returns
    -------
    LocalCounts
        ``2024-25`` and ``2024/25`` are the year ending 31 March 2025. Markers such as ``c`` and
        ``*`` keep their state and have no count.

    Raises
    ------
    UsageError
        When neither the file nor the call says the year or the event.
    SourceError, SchemaError
        When the file cannot be read or lacks a column.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "x.csv"
    ...     _ = path.write_text("Ward code,Year,Count\nE05014818,2024-25,12\nE05014819,2025,c\n")
    ...     found = read(path, event="referrals")
    >>> found.counts[["year", "status"]].to_numpy().tolist()
    [[2025, 'value'], [2025, 'suppressed']]
    """
    import pandas as pd

    path = Path(path)
    if event is not None:
        choice("event", event, sorted(set(EVENTS.values())))
    found = local_cells.sheets(local_cells.content_of(path), path.name, _known)
    sheet = next((s for s in found if {"area_code", "count"} <= set(_places(s.header))), None)
    if sheet is None:
        raise SchemaError(
            f"{path.name!r} lacks area_code and count in one row of headings. Expected a row per "
            "area with area_code, count and, if there are several, year and event."
        )
    places = _places(sheet.header)
    by_heading = EVENTS.get(key(sheet.header[places["count"]]))
    if whole and "year" not in places and year is None:
        raise UsageError(f"{path.name!r} does not say the year: add year= (ending 31 March).")
    if whole and "event" not in places and event is None and by_heading is None:
        raise UsageError(f"{path.name!r} does not say what is counted: add event=.")
    numbers, columns = sheet.rows(sorted(places.values()))

    def text(name: str) -> pd.Series:
        column = columns[places[name]]
        return pd.Series(column.take(column.texts, object), dtype=object)

    code = text("area_code").str.upper().str.replace(" ", "", regex=False)
    years = text("year").map(_year) if "year" in places else pd.Series(year, index=code.index)
    counted = [_count(each) for each in text("count")]
    kinds = (
        text("event").map(lambda each: EVENTS.get(key(each)))
        if "event" in places
        else pd.Series(event or by_heading, index=code.index)
    )
    table = pd.DataFrame(
        {
            "area_code": code,
            "event": kinds.astype(object),
            "year": pd.array([None if pd.isna(each) else each for each in years], dtype="Int64"),
            "count": pd.array([number for number, _ in counted], dtype="Int64"),
            "status": pd.Series([state for _, state in counted], dtype=object),
        }
    )
    why = {
        "area code is not a GSS code": ~code.map(lambda each: _CODE.fullmatch(each) is not None),
        "year cannot be read": table["year"].isna() & ("year" in places),
        "what is counted is not known": table["event"].isna() & ("event" in places),
        "count is neither a whole number nor a known marker": table["status"] == "",
    }
    reasons = pd.Series("", index=table.index, dtype=object)
    for reason, mask in why.items():
        reasons[mask] = reasons[mask].map(
            lambda before, reason=reason: f"{before}; {reason}" if before else reason
        )
    again = table[reasons == ""].duplicated(["area_code", "event", "year"])
    reasons[again.index[again]] = "same area, event and year as an earlier row"
    bad = reasons != ""
    rejects = pd.DataFrame({"row": numbers[bad.to_numpy()], "reason": reasons[bad]})
    kept = table[~bad].astype(dict.fromkeys(("area_code", "event", "status"), schemas.text_dtype()))
    return LocalCounts(kept.reset_index(drop=True), rejects.reset_index(drop=True))


def _known(row: Sequence[str]) -> int:
    return len(_places(row))


def _places(header: Sequence[str]) -> dict[str, int]:
    cells = [key(cell) for cell in header]
    found: dict[str, int] = {}
    for name, headings in _HEADINGS.items():
        place = next((cells.index(key(each)) for each in headings if key(each) in cells), None)
        if place is not None and place not in found.values():
            found[name] = place
    return found


def _year(text: str) -> int | None:
    if span := _SPAN.fullmatch(text.strip()):
        first, second = int(span.group(1)), int(span.group(2)[-2:])
        return first + 1 if (first + 1) % 100 == second else None
    found = _YEAR.fullmatch(text.strip().casefold())
    return int(found.group(1)) if found else None


def _count(text: str) -> tuple[int | None, str]:
    plain = text.replace(",", "").strip()
    if plain.isdigit():
        return int(plain), "value"
    if plain in {"*", "**", "<5", "<6"}:
        return None, "suppressed"
    return None, CURRENT.get(plain.casefold(), "")


def unknown_areas(counts: pd.DataFrame, known: Sequence[str]) -> list[str]:
    """Return the area codes of counts that are not among those known.

    Examples
    --------
    >>> import pandas as pd
    >>> unknown_areas(pd.DataFrame({"area_code": ["E05000001", "E05014818"]}), ["E05014818"])
    ['E05000001']
    """
    return sorted(set(counts["area_code"]) - set(known))


def told(found: LocalCounts) -> str:
    """Return in a line what counts were understood.

    Examples
    --------
    >>> import pandas as pd
    >>> one = pd.DataFrame({"area_code": ["E05014818"], "event": ["referrals"], "year": [2025]})
    >>> told(LocalCounts(one, one[:0]))
    '1 counts of referrals, years 2025, 1 areas'
    """
    counts = found.counts
    events = sorted(set(counts["event"].dropna()))
    years = sorted(set(counts["year"].dropna()))
    return (
        f"{len(counts)} counts of {some(events) if events else 'events that it does not name'}, "
        f"years {some(years, most=10) if years else 'not named'}, "
        f"{counts['area_code'].nunique()} areas"
    )
