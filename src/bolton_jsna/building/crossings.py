"""Wards that have changed: what builds told of the old ones, set against the new ones.

Where an old and a new ward share most of their LSOAs, the difference of two harmless counts is the
count of the few that moved. Those pieces are never written; here they are named, so that nobody
can work them out.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bolton_jsna.building.releases import BY_WARD, Linked, Release
from bolton_jsna.measures.event_counts import ALL, ELSEWHERE, count_events
from bolton_jsna.measures.events import Event

if TYPE_CHECKING:
    import pandas as pd

_BETWEEN = "|"


@dataclass(frozen=True)
class Crossing:
    """Old wards beside the wards of now.

    Attributes
    ----------
    dimension : str
        What the column of the old wards is called.
    wards : Mapping of str to str
        The old ward of each LSOA.
    """

    dimension: str
    wards: Mapping[str, str]


@dataclass(frozen=True)
class Told:
    """What earlier builds told, in terms of the wards of now where they are the same.

    Attributes
    ----------
    tables : Mapping of str to Mapping of str to DataFrame
        For each event, by release and table, as ``suppress`` and ``audit`` take them in ``also``.
    crossings : tuple of Crossing
        Old wards that differ from those of now.
    compared, apart : tuple of str
        The releases in ``tables``, and those that cannot be compared, as their LSOAs are others.
    """

    tables: Mapping[Event, Linked]
    crossings: tuple[Crossing, ...] = ()
    compared: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    def of(self, event: Event) -> Linked:
        """Return what was told of an event."""
        return self.tables.get(event, {})


def told_before(releases: Iterable[Release], lookup: pd.DataFrame, *, by_lsoa: bool = True) -> Told:
    """Set what earlier builds told against the wards of now.

    Parameters
    ----------
    releases : iterable of Release
    lookup : DataFrame
        From LSOAs to the wards of now.
    by_lsoa : bool, default True
        Whether events can be counted by LSOA, and so by piece of a ward.

    Returns
    -------
    Told

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> told_before([], jsna.load_lookup("Bolton")).crossings
    ()
    """
    now = dict(zip(lookup["from_code"], lookup["to_code"], strict=True))
    by_shape = {shape: ward for ward, shape in _shapes(now).items()}
    tables: dict[Event, dict[str, pd.DataFrame]] = defaultdict(dict)
    crossings: dict[str, Crossing] = {}
    compared, apart = [], []
    for release in releases:
        old = _shapes(release.wards)
        same = {ward: by_shape[shape] for ward, shape in old.items() if shape in by_shape}
        moved = len(same) < len(old)
        if moved and not (by_lsoa and set(release.wards) == set(now)):
            apart.append(release.name)
            continue
        compared.append(release.name)
        dimension = f"area_code_{_mark(release.wards)}" if moved else "area_code"
        if moved:
            crossings[dimension] = Crossing(dimension, release.wards)
        for event, linked in release.tables.items():
            for name, table in linked.items():
                renamed = table
                if name == BY_WARD:
                    renamed = table.rename(columns={"area_code": dimension})
                    if not moved:
                        renamed["area_code"] = renamed["area_code"].replace(same)
                tables[event][f"{release.name} {name}"] = renamed
    return Told(dict(tables), tuple(crossings.values()), tuple(compared), tuple(apart))


def _shapes(wards: Mapping[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for lsoa, ward in wards.items():
        found[ward].add(lsoa)
    return {ward: frozenset(lsoas) for ward, lsoas in found.items()}


def _mark(wards: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(wards.items())).encode()).hexdigest()[:6]


def counted_across(
    crossing: Crossing,
    records: pd.DataFrame,
    event: Event,
    year: int,
    lookup: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count events of a year by old ward, and by piece of an old ward in a new one.

    Returns
    -------
    old, pieces : DataFrame
        Long tables as ``suppress`` takes them; they are not to be written.
    """
    import pandas as pd

    pairs = [
        f"{new}{_BETWEEN}{crossing.wards[lsoa]}"
        for lsoa, new in zip(lookup["from_code"], lookup["to_code"], strict=True)
    ]
    counts = count_events(
        records, event, years=[year], by=["area_code", "year"], lookup=lookup.assign(to_code=pairs)
    )
    ends = [
        each.split(_BETWEEN) if _BETWEEN in each else [each, each]
        for each in counts["area_code"].tolist()
    ]
    pieces = counts.assign(
        area_code=[new for new, _ in ends], **{crossing.dimension: [old for _, old in ends]}
    )
    nobody = (pieces["area_code"] == ELSEWHERE) & (pieces["count"] == 0)
    pieces = pieces[~nobody]
    old = pieces.groupby([crossing.dimension, "year"], as_index=False)["count"].sum()
    total = pd.DataFrame(
        {crossing.dimension: [ALL], "year": [year], "count": [int(old["count"].sum())]}
    )
    return pd.concat([old, total.astype(old.dtypes)], ignore_index=True), pieces


def pieces_hidden(crossing: Crossing, lookup: pd.DataFrame, wards: pd.DataFrame) -> pd.DataFrame:
    """Return the pieces of wards as the intruder knows them: that they are, not how many.

    Parameters
    ----------
    crossing : Crossing
    lookup : DataFrame
        From LSOAs to the wards of now.
    wards : DataFrame
        The table by ward of one year or several.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> import pandas as pd
    >>> lookup = jsna.load_lookup("Bolton")
    >>> same = Crossing("old", dict(zip(lookup["from_code"], lookup["to_code"])))
    >>> wards = pd.DataFrame({"area_code": ["E05014818"], "year": [2025], "count": [9]})
    >>> pieces_hidden(same, lookup, wards).shape
    (20, 5)
    """
    import pandas as pd

    news = zip(lookup["from_code"], lookup["to_code"], strict=True)
    pairs = sorted({(new, crossing.wards[lsoa]) for lsoa, new in news})
    rows = [(*pair, year) for year in sorted(set(wards["year"])) for pair in pairs]
    unplaced = wards.loc[wards["area_code"] == ELSEWHERE, "year"]
    rows += [(ELSEWHERE, ELSEWHERE, year) for year in unplaced]
    return pd.DataFrame(rows, columns=["area_code", crossing.dimension, "year"]).assign(
        count=pd.array([None] * len(rows), dtype="Int64"), at_least=0
    )
