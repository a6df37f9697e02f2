"""Where the rows of a table came from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna import snapshot
from bolton_jsna import workspace as raw
from bolton_jsna.catalogue import dataset
from bolton_jsna.errors import UsageError, some
from bolton_jsna.keys import is_table
from bolton_jsna.loaders.answers import Folder
from bolton_jsna.origins import SEPARATOR, Source

if TYPE_CHECKING:
    import pandas as pd


OWN_RECORDS = "local_records@own"
"""The source id of the authority's own extract."""


def sources(frame: pd.DataFrame, *, workspace: Folder = None) -> pd.DataFrame:
    """Return publisher, edition, licence and fingerprint of every source of a table.

    Parameters
    ----------
    frame : DataFrame
        Any tidy table with a ``source`` column.
    workspace : str or Path, optional
        The folder that the table was loaded from.

    Returns
    -------
    DataFrame
        One row per source and file: ``source``, then the fields of
        :class:`bolton_jsna.origins.Source`.

    Raises
    ------
    UsageError
        When the frame has no ``source`` column.

    Examples
    --------
    >>> from bolton_jsna.loaders import load_idaci
    >>> sources(load_idaci("Bolton"))[["source", "licence", "rows"]].values.tolist()
    [['idaci@2025', 'Open Government Licence v3.0', 177]]
    """
    is_table(frame)
    if "source" not in frame.columns:
        raise UsageError(
            f"The frame has no column 'source'. It has {some(frame.columns, most=20)}. Tables "
            "made by load_* have one."
        )
    return source_table(frame["source"].dropna().unique(), workspace=workspace)


def source_table(
    ids: Iterable[str], *, own_records: str | Path | None = None, workspace: Folder = None
) -> pd.DataFrame:
    """Return publisher, edition, licence and fingerprint of some source ids.

    Parameters
    ----------
    ids : iterable of str
        As in a ``source`` column.
    own_records : str or Path, optional
        The extract behind ``local_records@own``. Neither its number of rows nor its fingerprint
        is told: whoever guesses hidden counts could try each guess against it.
    workspace : str or Path, optional
        The folder that the tables were loaded from.

    Examples
    --------
    >>> source_table(["idaci@2025; population_projections@2022"])["source"].tolist()
    ['idaci@2025', 'population_projections@2022']
    """
    import dataclasses

    import pandas as pd

    single = sorted({part for each in ids for part in str(each).split(SEPARATOR) if part})
    rows: list[Source] = []
    held = {each.id: each for each in snapshot.manifest()}
    for each in single:
        if each == OWN_RECORDS and own_records is not None:
            rows.append(_own())
            continue
        found = raw.sources({each}, each.partition("@")[0], workspace) if "@" in each else ()
        rows += found or ((held[each],) if each in held else ())
    names = [field.name for field in dataclasses.fields(Source)]
    table = pd.DataFrame([dataclasses.asdict(row) for row in rows], columns=names)
    table.insert(0, "source", [row.id for row in rows])
    return table.astype({"rows": "Int64"})


def _own() -> Source:
    facts = dataset("local_records")
    return Source(
        dataset=facts.id,
        edition="own",
        publisher=facts.publisher,
        title=facts.title,
        vintage="",
        licence=facts.licence,
        attribution=facts.attribution,
        address=facts.landing,
        file="",
        sha256="",
    )
