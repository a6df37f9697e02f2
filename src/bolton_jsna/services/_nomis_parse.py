"""What Nomis says, read sceptically: pages of rows, code lists, and its several ways to say no."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.services.responses import Reply, beginning

COUNT: Final = "RECORD_COUNT"
_GSS = re.compile(r"[EWNSK]\d{8}")


class NoRowsError(SourceError):
    """Nomis has no rows for what was asked, or refuses to say: it answers both alike."""


@dataclass(frozen=True)
class Page:
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
        """Rows of the whole table as the service counts them; those of the page if it does not."""
        # The count has come as a number on one page and as text on the next, so it is read here.
        if COUNT not in self.columns or not self.rows:
            return len(self.rows)
        return int(float(self.column(COUNT)[0]))


@dataclass(frozen=True)
class Code:
    """One entry of a code list: its value, its name and, for an area, its GSS code."""

    value: str
    name: str
    gss: str = ""


def page(content: bytes, *, columns: Iterable[str], asked: str, content_type: str = "") -> Page:
    r"""Return the rows of a body, or say in which way it is no table."""
    text = content.decode("utf-8-sig", errors="replace")
    if not text.strip():
        raise NoRowsError(
            f"Nomis answered 200 with an empty body for {asked} (Nomis does this when a parameter "
            "is wrong or no row matches)."
        )
    said = _refusal(text)
    if said:
        raise NoRowsError(f"Nomis answered 200 with the error {said!r} for {asked}.")
    if not is_table(content, content_type):
        raise SourceError(
            f"Nomis answered with something other than CSV for {asked} ({content_type or 'no type'}"
            f"): {beginning(content)}. It does so when it limits a client, or when it is out of "
            "order; try again later, or set BOLTON_JSNA_NOMIS_KEY to a registered key."
        )
    first = text.partition("\n")[0]
    delimiter = "\t" if "\t" in first else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        headings, *rows = (row for row in lines if row)
    except csv.Error as error:
        raise SourceError(f"Nomis sent a CSV that cannot be read for {asked}: {error}.") from error
    found = tuple(each.strip().upper() for each in headings)
    lacking = [each.upper() for each in columns if each.upper() not in found]
    if lacking:
        raise SourceError(
            f"Nomis sent no column {some(lacking)} for {asked}; it sent {some(found, most=12)}. If "
            "Nomis has renamed it, the library must learn the new name."
        )
    odd = next((row for row in rows if len(row) != len(found)), None)
    if odd is not None:
        raise SourceError(
            f"Nomis sent a row of {len(odd)} cells under {len(found)} headings for {asked}: "
            f"{some(odd)}. The answer is damaged; nothing was kept."
        )
    return Page(found, rows)


def is_table(content: bytes, content_type: str = "") -> bool:
    r"""Say whether a body begins as a table does."""
    first = content[:4000].decode("utf-8-sig", errors="replace").lstrip().partition("\n")[0]
    if content_type in {"text/html", "application/xhtml+xml"} or first[:1] in {"<", "{", "["}:
        return False
    return "," in first or "\t" in first


def limited(reply: Reply) -> str:
    """Return the reason to ask again: neither a table, nor empty, nor a refusal in JSON."""
    # A client that Nomis limits gets a body of another kind, with whatever status.
    if not reply.content.strip() or _refusal(reply.text):
        return ""
    return "" if is_table(reply.content, reply.content_type) else "an answer that is no table"


def _refusal(text: str) -> str:
    if not text.lstrip().startswith("{"):
        return ""
    try:
        body = json.loads(text)
    except ValueError:
        return ""
    return str(body.get("error", "")) if isinstance(body, dict) else ""


def family(reply: Reply, table: str) -> Mapping[str, Any]:
    """Return the definition of a table out of ``{table}.def.sdmx.json``."""
    found = _deep(reply.json(), "structure", "keyfamilies", "keyfamily")
    if not isinstance(found, list) or not found or not isinstance(found[0], Mapping):
        raise SourceError(
            f"Nomis does not know the table {table!r}: its definition is {beginning(reply.content)}"
            ". Look for its number on nomisweb.co.uk and correct the catalogue."
        )
    return found[0]


def last_updated(definition: Mapping[str, Any]) -> str:
    """Return when a table was last updated, as Nomis writes it; empty where it does not say."""
    notes = _notes(definition)
    return next((text for title, text in notes if title.casefold() == "lastupdated"), "")


def dimensions(definition: Mapping[str, Any]) -> list[str]:
    """Return the names of a table's dimensions, time left out."""
    listed = _deep(definition, "components", "dimension")
    return [
        str(each.get("conceptref", "")).upper()
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, Mapping)
    ]


def codes(body: Any) -> list[Code]:
    """Return the entries of a code list out of a ``.def.sdmx.json``; none where there is none."""
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
    # The number of Nomis's table does not change with the base, and its rows do not say it.
    years = sorted({int(each.value) for each in listed if re.fullmatch(r"20\d\d", each.value)})
    if len(years) < 2:
        raise SourceError(
            f"Nomis lists {some(each.value for each in listed)} as projected years; expected a "
            "list such as 2022 to 2047. The base year cannot be told; nothing was kept."
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
