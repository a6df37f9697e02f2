"""The ids by which a figure of the chapter is found in the tables of ``data/processed/``.

An id is the name of a table, a colon, and the row's keys with slashes between them, such as
``profile:referrals/E08000001/2025``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.chapter.document import Bullets, Document, Figure, Paragraph, Span

if TYPE_CHECKING:
    import pandas as pd

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "profile": ("indicator", "area_code", "year"),
    "rates": ("indicator", "area_code", "year"),
    "neighbour_comparison": ("indicator", "area_code", "year", "model"),
    "neighbour_summary": ("indicator", "year", "model"),
    "projected_demand": ("indicator", "area_code", "year", "scenario"),
    "ward_profile": ("area_code",),
    "idaci_ward": ("area_code",),
    "local_counts": ("event", "by", "group", "year"),
    "sources": ("source", "publisher"),
    "children_by_age_band": ("area_code", "kind", "year", "age_band"),
    "children_by_age": ("area_code", "age"),
    "children_by_ward": ("area_code",),
    "deprivation_by_edition": ("area_code", "edition", "share"),
    "rates_by_year": ("indicator", "area_code", "year"),
    "local_shares": ("event", "by", "group", "year"),
}
"""The columns whose values together belong to one row of each table."""


def row_id(table: str, row: Mapping[str, Any] | pd.Series) -> str:
    """Return the id of a row of a table."""
    return f"{table}:{'/'.join(str(row[name]) for name in KEYS[table])}"


def row_ids(table: str, frame: pd.DataFrame) -> list[str]:
    """Return the ids of all rows of a table."""
    keys = frame[list(KEYS[table])].astype(str)
    return [f"{table}:{'/'.join(each)}" for each in keys.itertuples(index=False)]


def cited(document: Document) -> Iterator[tuple[str, str, str]]:
    """Return each part of a document that has figures: section or table, its words, and an id."""
    for _, section in document.headings():
        for block in section.blocks:
            if isinstance(block, Figure):
                continue
            if isinstance(block, Paragraph):
                yield from _of_spans(section.key, block.spans)
            elif isinstance(block, Bullets):
                for each in block.items:
                    yield from _of_spans(section.key, each.spans)
            else:
                for row, one in zip(block.rows, block.ids, strict=bool(block.ids)):
                    yield block.key, "; ".join(cell.text for cell in row), one


def _of_spans(part: str, spans: tuple[Span, ...]) -> Iterator[tuple[str, str, str]]:
    for each in spans:
        for one in each.rows:
            yield part, each.text, one
