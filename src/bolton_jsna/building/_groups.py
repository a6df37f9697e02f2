"""Groups of an authority's children: every row of the public list, small groups joined.

DfE publishes plans by category and referrals by source for each authority, and hides small numbers
by its own rules. A build must not help anyone to work out what DfE hides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from bolton_jsna.building._group_counts import AGES_2012
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.wording import INDICATORS
from bolton_jsna.disclosure.group_merging import Tree, merged, trees
from bolton_jsna.disclosure.rules import SuppressionRule
from bolton_jsna.measures.event_dimensions import ALL
from bolton_jsna.measures.events import Event
from bolton_jsna.tables.children_in_need.layouts import words

if TYPE_CHECKING:
    import pandas as pd


def tree_of(event: Event, group: str) -> Tree:
    """Return the rows of a group of children and the order in which they are joined."""
    if group == "category":
        return trees()["need" if event == "referrals" else "abuse"]
    return trees()[group]


def is_merged(event: Event, group: str, label: str) -> bool:
    """Return whether a row is of several groups: a name that no public list has."""
    lists = [tree_of(event, group)] + ([trees()[AGES_2012]] if group == "age_band" else [])
    return not any(label in each.rows for each in lists)


def completed(table: pd.DataFrame, event: Event) -> pd.DataFrame:
    """Return counts by a group and year with every row of the public list, zero if it has none."""
    # A row that is there only for what occurred would reveal that it did. What is not on the list,
    # such as a word of the authority's own, is counted in its last row, with those not known.
    import pandas as pd

    group = str(table.columns[0])
    if group == "area_code":
        return table
    rows = tree_of(event, group).rows
    years = list(dict.fromkeys(table["year"].tolist()))
    label = table[group].astype(object)
    label = label.where(label.isin([*rows, ALL]), rows[-1])
    sums = table.assign(**{group: label}).groupby([group, "year"])["count"].sum()
    keys = pd.MultiIndex.from_product([[*rows, ALL], years], names=[group, "year"])
    return sums.reindex(keys, fill_value=0).astype("Int64").reset_index()


def joined(
    made_from: Ingredients,
    event: Event,
    tables: Mapping[str, pd.DataFrame],
    rule: SuppressionRule,
) -> dict[str, pd.DataFrame]:
    """Return tables with their small groups joined; tables by ward are unchanged."""
    # A year whose groups cannot be shown has its total only.
    import pandas as pd

    found = dict(tables)
    for name, table in tables.items():
        group = str(table.columns[0])
        if group != "area_code":
            facts = _facts(event, group)
            here = table["year"].isin(facts.get("published", ()))
            whole = table[here & (table[group] == ALL)]
            shown = merged(
                table[~here],
                rule,
                tree_of(event, group),
                listed=tuple(facts.get("figures", ())),
                public=_published(made_from, facts),
            )
            found[name] = pd.concat([whole, shown], ignore_index=True)
    return found


def not_shown(
    made_from: Ingredients,
    event: Event,
    written: Mapping[str, pd.DataFrame],
    waiting: Collection[tuple[str, int]],
) -> list[str]:
    """Return sentences on the years in which no group is shown, and how to have them shown."""
    # Lines that wait, by table and year, are left out: they do not show the new figures.
    found: list[str] = []
    for name, table in written.items():
        group = str(table.columns[0])
        if group == "area_code":
            continue
        rows = table[table[group] != ALL]
        hidden = set(table["year"]) - set(rows.loc[rows["count"].notna(), "year"])
        years = sorted(year for year in hidden if (name, year) not in waiting)
        found += _about(made_from, event, group, years)
    return found


def _facts(event: Event, group: str) -> Mapping[str, Any]:
    """Return what DfE publishes of a group of children in an event."""
    facts: Mapping[str, Any] = words()["groups"].get(event, {}).get(group, {})
    return facts


def _published(
    made_from: Ingredients, facts: Mapping[str, Any]
) -> dict[int, dict[str, int | None]]:
    """Return DfE's count of each group, for years in which DfE shows or hides every group."""
    import pandas as pd

    if "figures" not in facts:
        return {}
    latest = "latest" in facts and made_from.local.category_is_latest
    names = facts["latest" if latest else "figures"]
    figures = made_from.children_in_need
    own = figures[
        (figures["area_code"] == made_from.place.code)
        & figures["indicator"].isin(names.values())
        & figures["status"].isin(["value", "suppressed"])
    ]
    found: dict[int, dict[str, int | None]] = {}
    for year, rows in own.groupby("year"):
        counts = dict(zip(rows["indicator"], rows["count"], strict=True))
        if len(counts) == len(names):
            found[int(year)] = {
                row: None if pd.isna(counts[indicator]) else int(counts[indicator])
                for row, indicator in names.items()
            }
    return found


def _about(made_from: Ingredients, event: Event, group: str, hidden: list[int]) -> list[str]:
    facts = _facts(event, group)
    public = _published(made_from, facts)
    named, since = "figures" in facts, facts.get("since", 0)
    alone = facts.get("published", ())
    what = f"{INDICATORS[event]} by {group.removesuffix('_2012').replace('_', ' ')}"
    found = []
    for years, why in (
        (
            [year for year in hidden if named and year not in public and year >= since],
            "a group is small, and DfE publishes such a table and hides small numbers by its own "
            f"rules. To show what DfE shows, put its file {facts.get('file', '')} in "
            "data/raw/children_in_need/ and build again.",
        ),
        (
            [year for year in hidden if year in public],
            "its small groups are not those of DfE, or hiding them leaves too few to show.",
        ),
        (
            [year for year in hidden if named and year < since],
            "a group is small, and DfE has published such a table and hides small numbers by its "
            "own rules.",
        ),
        (
            [year for year in hidden if year in alone],
            "DfE has published such tables by age, sex and ethnic group and hides small numbers by "
            "its own rules. Both together could reveal what it hides.",
        ),
        (
            [year for year in hidden if not named and year not in alone],
            "a group is too small to show, even when joined with others.",
        ),
    ):
        if years:
            found.append(
                f"{what}: no group is shown for {', '.join(map(str, years))}, because {why}"
            )
    return found
