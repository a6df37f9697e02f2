"""Where rows come from: publisher, edition, licence and fingerprint of each source.

Every tidy table has a ``source`` column of ids such as ``idaci@2025``: the dataset of the
catalogue and its edition. A row made from two sources names both, separated by ``"; "``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SEPARATOR = "; "


@dataclass(frozen=True)
class Source:
    """One edition of one dataset, as it was read.

    Attributes
    ----------
    dataset : str
        The id of the dataset in the catalogue, such as ``idaci``.
    edition : str
        Its edition: a year, or a word for what has none.
    publisher, title : str
        Who publishes it and what it is called.
    vintage : str
        What the edition covers, in the publisher's words.
    licence, attribution : str
        The licence and the line that it asks for.
    address : str
        Where the publisher offers it.
    file : str
        The name of the file that was read.
    sha256 : str
        Fingerprint of that file.
    rows : int or None
        Rows of the tidy table.
    retrieved : str
        When the file was fetched (ISO 8601), empty where unknown.
    notes : str
        What a user must know.
    in_place : str
        A sentence where it comes from another service than usual; else empty.
    """

    dataset: str
    edition: str
    publisher: str
    title: str
    vintage: str
    licence: str
    attribution: str
    address: str
    file: str = ""
    sha256: str = ""
    rows: int | None = None
    retrieved: str = ""
    notes: str = ""
    in_place: str = ""

    @property
    def id(self) -> str:
        """The id in a ``source`` column."""
        return source_id(self.dataset, self.edition)


def source_id(dataset: str, edition: object) -> str:
    """Return the id of an edition of a dataset."""
    return f"{dataset}@{edition}"


def source_ids(tables: Iterable[pd.DataFrame]) -> list[str]:
    """Return the ids in the ``source`` column of tables, each once; a cell may have several."""
    cells = (
        cell
        for table in tables
        if "source" in table.columns
        for cell in table["source"].dropna().unique()
    )
    return list(
        dict.fromkeys(part for each in cells for part in str(each).split(SEPARATOR) if part)
    )
