"""Wards that have changed: what earlier builds published of the old ones, by the new ones.

If an old and a new ward share most of their LSOAs, the difference of two harmless counts is the
count of the few that moved. Those pieces are never written; they are listed here so that the
disclosure check covers them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bolton_jsna.building._local_counts import BY_WARD, Linked
from bolton_jsna.building._release_history import Release
from bolton_jsna.measures.event_counts import count_events
from bolton_jsna.measures.event_dimensions import ALL, ELSEWHERE
from bolton_jsna.measures.events import Event

if TYPE_CHECKING:
    import pandas as pd


_BETWEEN = "|"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class WardChange:
    """The old wards of an earlier build next to the current wards.

    Attributes
    ----------
    dimension : str
        The column of the old wards.
    pairs : tuple of (str, str)
        Each current ward with each old ward that may share children with it.
    wards : Mapping of str to str or None
        The old ward of each LSOA; empty if events cannot be counted by these LSOAs.
    """

    dimension: str
    pairs: Pairs
    wards: Mapping[str, str]


@dataclass(frozen=True)
class EarlierCounts:
    """What earlier builds published, by current wards where they are the same.

    Attributes
    ----------
    tables : Mapping of str to Mapping of str to DataFrame
        For each event, by release and table, the oldest first, as ``audit`` takes them in ``also``.
    ward_changes : tuple of WardChange
        Old wards that differ from the current ones.
    releases : tuple of Release
    """

    tables: Mapping[Event, Linked] = field(default_factory=dict)
    ward_changes: tuple[WardChange, ...] = ()
    releases: tuple[Release, ...] = ()

    def of(self, event: Event) -> Linked:
        """Return the earlier tables of an event."""
        return self.tables.get(event, {})

    def comparable(self, table: pd.DataFrame) -> bool:
        """Return whether an earlier table is by current wards, or by no wards."""
        return not {each.dimension for each in self.ward_changes} & set(table.columns)

    @property
    def countable(self) -> tuple[WardChange, ...]:
        """Changes whose pieces can be counted."""
        return tuple(each for each in self.ward_changes if each.wards)


NOTHING_EARLIER: Final = EarlierCounts()


def earlier_counts(
    releases: Iterable[Release], lookup: pd.DataFrame, *, by_lsoa: bool = True
) -> EarlierCounts:
    """Return what earlier builds published, by current wards where they are the same."""
    import pandas as pd

    current = dict(zip(lookup["from_code"], lookup["to_code"], strict=True))
    by_shape = {shape: ward for ward, shape in _shapes(current).items()}
    tables: dict[Event, dict[str, pd.DataFrame]] = defaultdict(dict)
    ward_changes: dict[str, WardChange] = {}
    listed = tuple(releases)
    for release in listed:
        old = _shapes(release.wards)
        same = {ward: by_shape[shape] for ward, shape in old.items() if shape in by_shape}
        change = None
        if len(same) < len(old):
            change = _ward_change(release.wards, current, same, by_lsoa=by_lsoa)
            ward_changes[change.dimension] = change
        for event, linked in release.tables.items():
            for name, written in linked.items():
                called = f"{release.name} {name}"
                # Figures kept from a still earlier build have their own date.
                kept = written.get("as_of", pd.Series(index=written.index, dtype="string"))
                table = written.assign(as_of=kept.astype("string").fillna(release.finished[:10]))
                if name != BY_WARD:
                    tables[event][called] = table
                elif change is None:
                    codes = table["area_code"].map(lambda code, same=same: same.get(code, code))
                    tables[event][called] = table.assign(area_code=codes)
                else:
                    tables[event][called] = table.rename(columns={"area_code": change.dimension})
    return EarlierCounts(dict(tables), tuple(ward_changes.values()), listed)


def _ward_change(
    old: Mapping[str, str], current: Mapping[str, str], same: Mapping[str, str], *, by_lsoa: bool
) -> WardChange:
    alike = set(old) == set(current)
    pairs = {(current[lsoa], ward) for lsoa, ward in old.items() if lsoa in current}
    pairs |= {(new, ward) for ward, new in same.items()}
    # A former LSOA may be part of any new one.
    gone = {ward for lsoa, ward in old.items() if lsoa not in current}
    come = {ward for lsoa, ward in current.items() if lsoa not in old}
    pairs |= {(new, ward) for new in come for ward in gone}
    # Records that still have a former LSOA, or had a new one too early, are in no known ward.
    pairs |= {(ELSEWHERE, ward) for ward in gone} | {(new, ELSEWHERE) for new in come}
    mark = hashlib.sha256(repr(sorted(old.items())).encode()).hexdigest()[:6]
    return WardChange(
        f"area_code_{mark}", tuple(sorted(pairs)), dict(old) if alike and by_lsoa else {}
    )


def _shapes(wards: Mapping[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for lsoa, ward in wards.items():
        found[ward].add(lsoa)
    return {ward: frozenset(lsoas) for ward, lsoas in found.items()}


def counts_by_old_ward(
    ward_changes: Sequence[WardChange],
    records: pd.DataFrame,
    event: Event,
    year: int,
    lookup: pd.DataFrame,
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Count events of a year by old ward, and by piece of an old ward in a new one."""
    import pandas as pd

    if not ward_changes:
        return {}, {}
    names = [each.dimension for each in ward_changes]
    codes = [
        _BETWEEN.join([new, *(each.wards[lsoa] for each in ward_changes)])
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
    ward_changes: Sequence[WardChange], lookup: pd.DataFrame, wards: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the pieces of wards as the intruder knows them: that they exist, not their counts."""
    found = {
        each.dimension: _hidden_rows(each.pairs, ["area_code", each.dimension], wards)
        for each in ward_changes
    }
    counted = [each for each in ward_changes if each.wards]
    if len(counted) > 1:
        all_at_once = {
            (new, *(each.wards[lsoa] for each in counted))
            for lsoa, new in zip(lookup["from_code"], lookup["to_code"], strict=True)
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
