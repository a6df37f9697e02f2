"""Wards that have changed: what builds told of the old ones, set against the new ones.

Where an old and a new ward share most of their LSOAs, the difference of two harmless counts is the
count of the few that moved. Those pieces are never written; here they are named, so that nobody
can work them out.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bolton_jsna.building._local_counts import BY_WARD, Linked
from bolton_jsna.building._release_history import Release
from bolton_jsna.measures.event_counts import count_events
from bolton_jsna.measures.event_dimensions import ALL, ELSEWHERE
from bolton_jsna.measures.events import Event

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building.inputs import Ingredients

_BETWEEN = "|"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Crossing:
    """Old wards beside the wards of now.

    Attributes
    ----------
    dimension : str
        What the column of the old wards is called.
    pairs : tuple of (str, str)
        Each ward of now with each old ward that may share children with it.
    wards : Mapping of str to str or None
        The old ward of each LSOA; None where events cannot be counted by these LSOAs.
    """

    dimension: str
    pairs: Pairs
    wards: Mapping[str, str] | None


@dataclass(frozen=True)
class Told:
    """What earlier builds told, in terms of the wards of now where they are the same.

    Attributes
    ----------
    tables : Mapping of str to Mapping of str to DataFrame
        For each event, by release and table, the oldest first, as ``audit`` takes them in ``also``.
    crossings : tuple of Crossing
        Old wards that differ from those of now.
    releases : tuple of Release
    """

    tables: Mapping[Event, Linked]
    crossings: tuple[Crossing, ...] = ()
    releases: tuple[Release, ...] = ()

    def of(self, event: Event) -> Linked:
        """Return what was told of an event."""
        return self.tables.get(event, {})

    def comparable(self, table: pd.DataFrame) -> bool:
        """Say whether a table written earlier is by the wards of now, or by no wards."""
        return not {each.dimension for each in self.crossings} & set(table.columns)

    @property
    def countable(self) -> tuple[Crossing, ...]:
        """Crossings whose pieces can be counted."""
        return tuple(each for each in self.crossings if each.wards is not None)


def told_before(releases: Iterable[Release], lookup: pd.DataFrame, *, by_lsoa: bool = True) -> Told:
    """Set what earlier builds told against the wards of now."""
    now = dict(zip(lookup["from_code"], lookup["to_code"], strict=True))
    by_shape = {shape: ward for ward, shape in _shapes(now).items()}
    tables: dict[Event, dict[str, pd.DataFrame]] = defaultdict(dict)
    crossings: dict[str, Crossing] = {}
    listed = tuple(releases)
    for release in listed:
        old = _shapes(release.wards)
        same = {ward: by_shape[shape] for ward, shape in old.items() if shape in by_shape}
        crossing = None
        if len(same) < len(old):
            crossing = _crossing(release.wards, now, same, by_lsoa=by_lsoa)
            crossings[crossing.dimension] = crossing
        for event, linked in release.tables.items():
            for name, written in linked.items():
                called = f"{release.name} {name}"
                table = written.assign(as_of=_dated(written, release.finished[:10]))
                if name != BY_WARD:
                    tables[event][called] = table
                elif crossing is None:
                    tables[event][called] = _recoded(table, same)
                else:
                    tables[event][called] = table.rename(columns={"area_code": crossing.dimension})
    return Told(dict(tables), tuple(crossings.values()), listed)


def told_by(releases: Iterable[Release], made_from: Ingredients) -> Told:
    """Set what earlier builds told against the wards of what a build is made from."""
    return told_before(releases, made_from.lookup, by_lsoa=made_from.local is not None)


def _dated(table: pd.DataFrame, day: str) -> pd.Series:
    """Return of which day each row is: the figures of an earlier build keep theirs."""
    import pandas as pd

    if "as_of" not in table.columns:
        return pd.Series(day, index=table.index, dtype="string")
    return table["as_of"].astype("string").fillna(day)


def _recoded(table: pd.DataFrame, codes: Mapping[str, str]) -> pd.DataFrame:
    return table.assign(area_code=table["area_code"].map(lambda code: codes.get(code, code)))


def _crossing(
    old: Mapping[str, str], now: Mapping[str, str], same: Mapping[str, str], *, by_lsoa: bool
) -> Crossing:
    alike = set(old) == set(now)
    pairs = {(now[lsoa], ward) for lsoa, ward in old.items() if lsoa in now}
    pairs |= {(new, ward) for ward, new in same.items()}
    # LSOAs that are gone may lie in any that are new.
    gone = {ward for lsoa, ward in old.items() if lsoa not in now}
    come = {ward for lsoa, ward in now.items() if lsoa not in old}
    pairs |= {(new, ward) for new in come for ward in gone}
    # Records that still have an old LSOA, or had a new one too early, are in no known ward.
    pairs |= {(ELSEWHERE, ward) for ward in gone} | {(new, ELSEWHERE) for new in come}
    mark = hashlib.sha256(repr(sorted(old.items())).encode()).hexdigest()[:6]
    return Crossing(
        f"area_code_{mark}", tuple(sorted(pairs)), dict(old) if alike and by_lsoa else None
    )


def _shapes(wards: Mapping[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for lsoa, ward in wards.items():
        found[ward].add(lsoa)
    return {ward: frozenset(lsoas) for ward, lsoas in found.items()}


def counted_across(
    crossings: Sequence[Crossing],
    records: pd.DataFrame,
    event: Event,
    year: int,
    lookup: pd.DataFrame,
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Count events of a year by old ward, and by piece of an old ward in a new one."""
    import pandas as pd

    if not crossings:
        return {}, {}
    names = [each.dimension for each in crossings]
    codes = [
        _BETWEEN.join([new, *(each.wards[lsoa] for each in crossings if each.wards is not None)])
        for lsoa, new in zip(lookup["from_code"], lookup["to_code"], strict=True)
    ]
    counts = count_events(
        records, event, years=[year], by=["area_code", "year"], lookup=lookup.assign(to_code=codes)
    )
    counts = counts[(counts["area_code"] != ELSEWHERE) | (counts["count"] > 0)]
    ends = [
        [code] * (len(names) + 1) if code == ELSEWHERE else code.split(_BETWEEN)
        for code in counts["area_code"].tolist()
    ]
    every = pd.DataFrame(ends, columns=["area_code", *names]).assign(
        year=year, count=counts["count"].to_numpy()
    )
    old: dict[str, pd.DataFrame] = {}
    pieces: dict[str, pd.DataFrame] = {"all": every} if len(names) > 1 else {}
    for name in names:
        table = every.groupby([name, "year"], as_index=False)["count"].sum()
        total = pd.DataFrame({name: [ALL], "year": [year], "count": [int(every["count"].sum())]})
        old[name] = pd.concat([table, total.astype(table.dtypes)], ignore_index=True)
        by = ["area_code", name, "year"]
        pieces[name] = every.groupby(by, as_index=False)["count"].sum()
    return old, pieces


def pieces_hidden(
    crossings: Sequence[Crossing], lookup: pd.DataFrame, wards: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the pieces of wards as the intruder knows them: that they are, not how many."""
    found = {
        each.dimension: _hidden_rows(each.pairs, ["area_code", each.dimension], wards)
        for each in crossings
    }
    counted = [each for each in crossings if each.wards is not None]
    if len(counted) > 1:
        news = zip(lookup["from_code"], lookup["to_code"], strict=True)
        all_at_once = {
            (new, *(each.wards[lsoa] for each in counted if each.wards is not None))
            for lsoa, new in news
        }
        names = ["area_code", *(each.dimension for each in counted)]
        found["all"] = _hidden_rows(sorted(all_at_once), names, wards)
    return found


def _hidden_rows(
    keys: Iterable[tuple[str, ...]], names: list[str], wards: pd.DataFrame
) -> pd.DataFrame:
    import pandas as pd

    listed = list(keys)
    rows = [(*key, year) for year in sorted(set(wards["year"])) for key in listed]
    unplaced = wards.loc[wards["area_code"] == ELSEWHERE, "year"]
    rows += [((ELSEWHERE,) * len(names)) + (year,) for year in unplaced]
    return pd.DataFrame(rows, columns=[*names, "year"]).assign(
        count=pd.array([None] * len(rows), dtype="Int64"), at_least=0
    )
