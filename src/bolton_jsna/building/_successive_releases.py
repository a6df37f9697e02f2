"""Releases after earlier ones: lines of counts that are published again, and lines that wait.

A line is the counts of one event by ward, or by one group of children, in one year. If a count has
become small since it was last written, or is no longer small, both releases together would reveal
it. Then the line keeps the earlier figures, or is hidden, or the build stops.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bolton_jsna.building import _groups
from bolton_jsna.building._group_counts import AGES_2012
from bolton_jsna.building._local_counts import BY_WARD, Linked
from bolton_jsna.building._sign_off import WORDS
from bolton_jsna.core.errors import some
from bolton_jsna.disclosure.dimensions import KNOWN
from bolton_jsna.disclosure.earlier_tables import IfCrossed, follow_earlier
from bolton_jsna.measures.event_dimensions import ALL
from bolton_jsna.measures.events import Event

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building._protected_counts import ProtectedCounts


@dataclass(frozen=True, order=True)
class Line:
    """One event by ward or group in one year.

    Attributes
    ----------
    event : str
    table : str
        The name of its table.
    year : int
    """

    event: Event
    table: str
    year: int

    def __str__(self) -> str:
        """Return it in words."""
        what = WORDS[self.event]
        return f"{what[0].lower()}{what[1:]} {self.year} by {by(self.table)}"


def by(table: str) -> str:
    """Return the group of a table, from its name; the name of the release is left out."""
    group = table.removesuffix(" x year").rsplit(" ", 1)[-1]
    if group == AGES_2012:
        return "age band"
    return "ward" if group.startswith("area_code") else group.replace("_", " ")


def whole(event: Event, name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return a line hidden whole: only its total is left."""
    # The rows of a group are those of the public list: others would reveal what occurred.
    import pandas as pd

    group = str(table.columns[0])
    total = table[table[group] == ALL]
    rows: Iterable[str] = (
        table.loc[table[group] != ALL, group]
        if name == BY_WARD
        else _groups.tree_of(event, group).rows
    )
    hidden = pd.DataFrame({group: list(rows), "year": table["year"].iloc[0]}).assign(
        count=pd.array([None] * len(list(rows)), dtype="Int64"), status="suppressed"
    )
    return pd.concat([hidden, total], ignore_index=True)


def in_order_of(given: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return a protected table with its rows as they were, in the order of a public list."""
    keys = [str(given.columns[0]), "year"]
    if all(given[each].tolist() == table[each].tolist() for each in keys):  # nearly always
        return table[[*keys, *table.columns.drop(keys)]].reset_index(drop=True)
    return given[keys].merge(table, on=keys, how="left", validate="one_to_one")


def all_or_none(event: Event, name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Hide all groups of the authority where any is hidden; wards are left as they are."""
    # Small groups were joined with others before; this is for those that are still small.
    if name == BY_WARD or (len(table) > 1 and not table["count"].isna().any()):
        return table
    return whole(event, name, table)


def followed(
    event: Event, tables: Linked, earlier: Linked, *, if_told: IfCrossed
) -> tuple[dict[str, pd.DataFrame], list[Line]]:
    """Return the tables of a year that may be published, and which lines are older."""
    # All tables of an event and year keep their figures together: a new total next to earlier
    # counts would reveal what changed. With ``"stop"`` the lines are returned and the caller stops.
    import pandas as pd

    way: IfCrossed = "hold" if if_told == "hold" else "hide"
    # Groups are hidden whole also if DfE's table is missing; with it they are shown again.
    groups_too = tables.keys() - {BY_WARD}
    found = follow_earlier(
        tables, earlier, public=("year",), columns=KNOWN, if_told=way, reopened=groups_too
    )
    done: dict[str, pd.DataFrame] = {}
    changed: list[Line] = []
    for name, table in tables.items():
        done[name] = found[name]
        if "as_of" in found[name] or not found[name]["count"].equals(table["count"]):
            changed.append(Line(event, name, int(table["year"].iloc[0])))
            if way == "hide":
                rows = whole(event, name, table)
                nothing = pd.array([None] * len(rows), dtype="Int64")
                done[name] = rows.assign(count=nothing, status="suppressed")
    return done, changed


def describe(line: Line, tables: Mapping[Event, Linked]) -> str:
    """Return what is shown in place of a line's new figures."""
    table = tables[line.event][line.table]
    rows = table[table["year"] == line.year]
    dates = sorted(set(rows["as_of"].dropna())) if "as_of" in rows else []
    whole = rows.loc[rows[table.columns[0]] != ALL, "count"].isna().all()
    if not dates:
        return f"{line}: all parts hidden"
    return f"{line}: {'all parts hidden, as on' if whole else 'figures of'} {dates[-1]}"


def about_waiting(
    local: ProtectedCounts, *, wards: bool = False, event: Event | None = None
) -> list[str]:
    """Name the lines, or those by ward of the year, that do not show the new figures, and why."""
    lines = [
        each
        for each in local.waiting
        if (not wards or (each.table == BY_WARD and each.year == local.year))
        and event in (None, each.event)
    ]
    if not lines:
        return []
    listed = some((describe(each, local.tables) for each in lines), most=len(lines))
    return [
        f"Earlier figures, or none, are shown to protect small numbers: {listed}. New figures "
        "next to those written earlier could reveal a few children. Give the date of the figures "
        "wherever you quote them; they may differ from newer totals."
    ]


def stop_message(lines: Iterable[Line]) -> str:
    """Return why a build stops that may not hold or hide lines."""
    return (
        "The build stopped and wrote nothing: counts have become small, or are no longer small, "
        f"since an earlier build wrote them, and both together would reveal them: "
        f"{some(sorted(map(str, lines)), most=8)}. Keep the earlier figures of that year "
        "(--if-told hold), hide the lines (--if-told hide), or publish when more has changed."
    )


def last_published(earlier: Linked) -> dict[str, pd.DataFrame]:
    """Return the earlier tables that an intruder needs: the last one, and those that differ."""
    # A line that was written again hid the same counts each time, so the last of them is enough.
    kept: dict[str, pd.DataFrame] = {}
    last: dict[str, object] = {}
    for name in reversed(list(earlier)):
        table = earlier[name]
        group = str(table.columns[0])
        pattern = frozenset(zip(table[group], table["year"], table["count"].isna(), strict=True))
        if last.get(group) != pattern:
            last[group] = pattern
            kept[name] = table
    return dict(reversed(list(kept.items())))


def hidden_lines(
    tables: Mapping[Event, Linked], lines: Iterable[Line]
) -> dict[Event, dict[str, pd.DataFrame]]:
    """Return tables with some lines hidden whole."""
    import pandas as pd

    done = {event: dict(each) for event, each in tables.items()}
    for line in lines:
        table = done[line.event][line.table]
        parts = [
            whole(line.event, line.table, rows) if year == line.year else rows
            for year, rows in table.groupby("year", sort=False)
        ]
        done[line.event][line.table] = pd.concat(parts, ignore_index=True)
    return done
