"""The numbers of figures and tables: in the order of the document, as in its Word file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bolton_jsna.chapter.document import Document, Table


@dataclass(frozen=True, eq=False)
class Numbers:
    """The number of each figure and table by key, the tables, and the mark of the document."""

    figures: Mapping[str, int]
    numbers: Mapping[str, int]
    tables: Mapping[str, Table]
    mark: str = ""

    @classmethod
    def of(cls, document: Document) -> Numbers:
        """Return the numbers of a document."""
        tables = document.tables()
        return cls(
            figures={each.key: at for at, each in enumerate(document.figures(), 1)},
            numbers={each.key: at for at, each in enumerate(tables, 1)},
            tables={each.key: each for each in tables},
            mark=document.mark,
        )
