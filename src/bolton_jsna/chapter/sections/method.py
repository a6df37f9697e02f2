"""The section "Method and glossary"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bolton_jsna.chapter.cells import table_of
from bolton_jsna.chapter.document import Block, Cell, Column, Section, Table, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts
from bolton_jsna.chapter.sections._glossary import METHODS, TERMS

if TYPE_CHECKING:
    import pandas as pd

TITLES: Final = {
    "method": "Method and glossary",
    "method_measures": "How figures are made",
    "method_indicators": "What the indicators are",
    "method_glossary": "Glossary",
}


def section(given: Materials) -> Section:
    """Return the section."""
    lead = paragraph(
        "This section shows how the figures of this chapter are made and what its terms mean. The "
        "methods are described in full in the folder docs/methods/ of bolton_jsna."
    )
    parts: dict[str, tuple[Block, ...]] = {
        "method_measures": (_words("methods", "Measures and methods", METHODS, _METHOD),),
        "method_indicators": tuple(_indicators(given)),
        "method_glossary": (_words("glossary", "Terms of this chapter", TERMS, _TERM),),
    }
    below = tuple(Section(key, TITLES[key], blocks) for key, blocks in parts.items())
    return Section("method", TITLES["method"], (lead,), below)


_METHOD: Final = ("Measure", "How it is made", "Reference")
_FACTOR: Final = "factor_"
_FACTORS: Final = (
    "Factors at assessment: of the cases assessed with any factor recorded, the share in which "
    "this factor was a concern."
)
_TERM: Final = ("Term", "Meaning")


def _words(
    key: str, title: str, rows: tuple[tuple[str, ...], ...], heads: tuple[str, ...]
) -> Table:
    """Return a table of words."""
    return Table(
        key=key,
        title=title,
        columns=tuple(Column(each) for each in heads),
        rows=tuple(tuple(Cell(each) for each in row) for row in rows),
    )


def _indicators(given: Materials) -> Iterator[Block]:
    """Return the definition of each indicator of the profile, from the dictionary."""
    rows = _parts.rows_of(given, "profile", area_code=given.place.code)
    if rows is None:
        yield _parts.no_rows(given, "profile", "indicators", datasets=["children_in_need"])
        return
    yield _definitions(rows)


def _definitions(rows: pd.DataFrame) -> Table:
    every = rows.drop_duplicates("indicator")
    factors = every["indicator"].str.startswith(_FACTOR)
    columns = {
        "title": Column("Indicator"),
        "definition": Column("What it is"),
        "denominator": Column("Out of"),
        "period": Column("Period"),
    }
    return table_of(
        # Their definitions differ by the factor alone, which their titles name.
        every[~factors],
        columns,
        key="definitions",
        title="Definitions of the indicators",
        table="profile",
        notes=(_FACTORS,) if factors.any() else (),
    )
