"""Publisher, licence and fingerprint of the sources of tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna import snapshot
from bolton_jsna.catalogue import dataset
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.provenance import SEPARATOR, Source
from bolton_jsna.core.table_checks import check_columns
from bolton_jsna.ingest import raw_provenance
from bolton_jsna.loaders.arguments import Folder

if TYPE_CHECKING:
    import pandas as pd


OWN_RECORDS = "local_records@own"
"""The source id of the authority's own extract."""


@checked
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
        One row for each source, or for each publisher of it: ``source``, then the fields of
        :class:`bolton_jsna.core.provenance.Source`. If several files make up a source, ``file``,
        ``sha256``, ``address`` and ``retrieved`` list theirs, separated by ``"; "``.

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
    check_columns(frame, ["source"], advice="Use a table made by load_*, which has one.")
    return source_table(frame["source"].dropna().unique(), workspace=workspace)


def once(found: Iterable[Source]) -> tuple[Source, ...]:
    """Return each source once with all of its files, in the order given."""
    several: dict[tuple[str, ...], list[Source]] = {}
    for each in found:
        key = (each.id, each.publisher, each.title, each.vintage)
        several.setdefault(key, []).append(each)
    return tuple(map(_in_one, several.values()))


_OF_DATASET: Final = ("publisher", "title", "licence", "attribution")
_PER_FILE: Final = ("file", "sha256")
_LISTED: Final = ("address", "retrieved", "notes", "in_place")


def _in_one(several: list[Source]) -> Source:
    facts = {name: [getattr(each, name) for each in several] for name in (*_PER_FILE, *_LISTED)}
    facts |= {name: list(dict.fromkeys(filter(None, facts[name]))) for name in _LISTED}
    counts = [each.rows for each in several]
    return dataclasses.replace(
        several[0],
        rows=None if None in counts else sum(filter(None, counts)),
        **{name: SEPARATOR.join(values) for name, values in facts.items()},
    )


def source_table(
    ids: Iterable[str],
    *,
    own_records: str | Path | None = None,
    workspace: Folder = None,
    area: str = "",
) -> pd.DataFrame:
    """Return publisher, edition, licence and fingerprint of some source ids.

    Parameters
    ----------
    ids : iterable of str
        As in a ``source`` column.
    own_records : str or Path, optional
        The extract of ``local_records@own``. Its number of rows and fingerprint are left out:
        someone who guesses hidden counts could check each guess with them.
    workspace : str or Path, optional
        The folder that the tables were loaded from.
    area : str, optional
        The code of the authority of the tables: files fetched for another authority are left out.

    Examples
    --------
    >>> source_table(["idaci@2025; population_projections@2022"])["source"].tolist()
    ['idaci@2025', 'population_projections@2022']
    """
    import pandas as pd

    single = sorted({part for each in ids for part in str(each).split(SEPARATOR) if part})
    rows: list[Source] = []
    held = {each.id: each for each in snapshot.manifest()}
    for each in single:
        if each == OWN_RECORDS and own_records is not None:
            rows.append(_own())
            continue
        name = each.partition("@")[0]
        found = raw_provenance.sources({each}, name, workspace, area=area) if "@" in each else ()
        rows += once(found) or ((held[each],) if each in held else ())
    names = [field.name for field in dataclasses.fields(Source)]
    table = pd.DataFrame([dataclasses.asdict(row) for row in rows], columns=names)
    table.insert(0, "source", [row.id for row in rows])
    return table.astype({"rows": "Int64"})


def _own() -> Source:
    facts = dataset("local_records")
    shared = {
        name: getattr(facts, name) for name in ("publisher", "title", "licence", "attribution")
    }
    return Source(dataset=facts.id, edition="own", vintage="", address=facts.landing, **shared)
