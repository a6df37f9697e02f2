"""The answers of Nomis: pages of rows, code lists, and the several forms of its errors."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.services.redaction import beginning
from bolton_jsna.services.responses import Reply

COUNT: Final = "RECORD_COUNT"
_GSS = re.compile(r"[EWNSK]\d{8}")


class NoRowsError(SourceError):
    """Nomis has no rows for a request, or rejects it: both answers are the same."""


@dataclass(frozen=True)
class ResultPage:
    """A part of a table as text.

    Attributes
    ----------
    columns : tuple of str
        Headings, in capitals.
    rows : list of list of str
        Cells, one for each heading.
    """

    columns: tuple[str, ...]
    rows: list[list[str]]

    def column(self, name: str) -> list[str]:
        """Return the cells under a heading."""
        position = self.columns.index(name)
        return [row[position] for row in self.rows]

    @property
    def promised(self) -> int:
        """Rows of the whole table as the service counts them, else the rows of the page."""
        # Nomis writes the count as a number on one page and as text on the next.
        if COUNT not in self.columns or not self.rows:
            return len(self.rows)
        return int(float(self.column(COUNT)[0]))


@dataclass(frozen=True)
class Code:
    """One entry of a code list: its value, its name and, for an area, its GSS code."""

    value: str
    name: str
    gss: str = ""


def page(
    content: bytes, *, columns: Iterable[str], asked: str, content_type: str = ""
) -> ResultPage:
    r"""Return the rows of a body, or raise an error with the reason why it is not a table."""
    text = content.decode("utf-8-sig", errors="replace")
    if not text.strip():
        raise NoRowsError(
            f"Nomis answered 200 with an empty body for {asked} (Nomis does this when a parameter "
            "is wrong or no row matches)."
        )
    said = _error_in(text)
    if said:
        raise NoRowsError(f"Nomis answered 200 with the error {said!r} for {asked}.")
    if not is_table(content, content_type):
        raise SourceError(
            f"Nomis answered with something other than CSV for {asked} ({content_type or 'no type'}"
            f"): {beginning(content)}. It does so when it limits requests, or when it is not "
            "working. Try again later, or set BOLTON_JSNA_NOMIS_KEY to a registered key."
        )
    first = text.partition("\n")[0]
    delimiter = "\t" if "\t" in first else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        headings, *rows = (row for row in lines if row)
    except csv.Error as error:
        raise SourceError(f"Nomis sent a CSV that cannot be read for {asked}: {error}.") from error
    found = tuple(each.strip().upper() for each in headings)
    missing = [each.upper() for each in columns if each.upper() not in found]
    if missing:
        raise SourceError(
            f"Nomis sent no column {some(missing)} for {asked}. It sent {some(found, most=12)}. If "
            "it was renamed, a new version of the library is needed."
        )
    odd = next((row for row in rows if len(row) != len(found)), None)
    if odd is not None:
        raise SourceError(
            f"Nomis sent a row of {len(odd)} cells under {len(found)} headings for {asked}: "
            f"{some(odd)}. The answer is damaged and was not stored."
        )
    return ResultPage(found, rows)


def is_table(content: bytes, content_type: str = "") -> bool:
    r"""Report whether a body begins like a table."""
    first = content[:4000].decode("utf-8-sig", errors="replace").lstrip().partition("\n")[0]
    if content_type in {"text/html", "application/xhtml+xml"} or first[:1] in {"<", "{", "["}:
        return False
    return "," in first or "\t" in first


def limited(reply: Reply) -> str:
    """Return the reason to ask again: not a table, not empty, and not an error in JSON."""
    # When Nomis limits requests, it sends a body of another kind, with any status.
    if not reply.content.strip() or _error_in(reply.text):
        return ""
    return "" if is_table(reply.content, reply.content_type) else "an answer that is not a table"


def _error_in(text: str) -> str:
    if not text.lstrip().startswith("{"):
        return ""
    try:
        body = json.loads(text)
    except ValueError:
        return ""
    return str(body.get("error", "")) if isinstance(body, dict) else ""


def family(reply: Reply, table: str) -> Mapping[str, Any]:
    """Return the definition of a table from ``{table}.def.sdmx.json``."""
    found = _deep(reply.json(), "structure", "keyfamilies", "keyfamily")
    if not isinstance(found, list) or not found or not isinstance(found[0], Mapping):
        raise SourceError(
            f"Nomis has no table {table!r}: its definition is {beginning(reply.content)}"
            ". Look for its number on nomisweb.co.uk and correct the catalogue."
        )
    return found[0]


def last_updated(definition: Mapping[str, Any]) -> str:
    """Return when a table was last updated, as Nomis writes it; empty if it is not known."""
    notes = _notes(definition)
    return next((text for title, text in notes if title.casefold() == "lastupdated"), "")


def dimensions(definition: Mapping[str, Any]) -> list[str]:
    """Return the names of the dimensions of a table, without time."""
    listed = _deep(definition, "components", "dimension")
    return [
        str(each.get("conceptref", "")).upper()
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, Mapping)
    ]


def codes(body: Any) -> list[Code]:
    """Return the entries of a code list from a ``.def.sdmx.json``; empty if it has none."""
    lists = _deep(body, "structure", "codelists", "codelist")
    entries = _deep(lists[0], "code") if isinstance(lists, list) and lists else None
    return [
        Code(
            value=str(each.get("value", "")),
            name=str(_deep(each, "description", "value") or ""),
            gss=next((text for _, text in _notes(each) if _GSS.fullmatch(text)), ""),
        )
        for each in (entries if isinstance(entries, list) else [])
        if isinstance(each, Mapping)
    ]


def base_year(listed: Sequence[Code]) -> tuple[int, int]:
    """Return the first and last year of a list of projected years; the first is the base year."""
    # Nomis's table keeps its number when the base year changes, and its rows do not have the year.
    years = sorted({int(each.value) for each in listed if re.fullmatch(r"20\d\d", each.value)})
    if len(years) < 2:
        raise SourceError(
            f"Nomis lists {some(each.value for each in listed)} as projected years; expected a "
            "list such as 2022 to 2047. So the base year is not known. The answer was not stored."
        )
    return years[0], years[-1]


def _deep(body: Any, *names: str) -> Any:
    for name in names:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def _notes(body: Any) -> list[tuple[str, str]]:
    listed = _deep(body, "annotations", "annotation")
    return [
        (str(each.get("annotationtitle", "")), str(each.get("annotationtext", "")))
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, Mapping)
    ]
