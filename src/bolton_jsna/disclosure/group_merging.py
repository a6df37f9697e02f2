"""Merging of small groups of an authority before anything is hidden, so that others can be shown.

The groups are the leaves of a public tree (``group_merging.toml``). If a member of a node is
small, all members are counted as one; if their sum is too small to be safe, the next node takes
them in; if the last node is too small, only the total is shown. An intruder who knows the tree and
this method does not learn which of the merged groups was small, and each has as many possible
values as the rule requires.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.disclosure._linked_tables import ALL
from bolton_jsna.disclosure.rules import SuppressionRule

if TYPE_CHECKING:
    import pandas as pd

Groups = dict[str, tuple[str, ...]]
"""The printed groups in order, each with the rows it is made of."""


@dataclass(frozen=True)
class Tree:
    """How the values of one dimension are merged.

    Attributes
    ----------
    rows : tuple of str
        The values in printed order.
    joined : Mapping of str to tuple of str
        The members of each merged group: rows, or groups named before it.

    Raises
    ------
    UsageError
        If a member does not exist, or is in two groups.

    Examples
    --------
    >>> tree = Tree(("a", "b", "c"), {"b or c": ("b", "c")})
    >>> tree.tops, tree.under("b or c")
    (('a', 'b or c'), ('b', 'c'))
    """

    rows: tuple[str, ...]
    joined: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        known = set(self.rows)
        for name, parts in self.joined.items():
            if len(parts) < 2 or not set(parts) <= known or name in known or name == ALL:
                raise UsageError(
                    f"The group {name!r} is made of {some(parts)}. Expected a new name and two or "
                    "more rows or groups named before it, each in one group only."
                )
            known = known - set(parts) | {name}

    @property
    def tops(self) -> tuple[str, ...]:
        """The rows and groups that are only part of the total, in the order of the rows."""
        parts = {part for each in self.joined.values() for part in each}
        return self.ordered(name for name in (*self.rows, *self.joined) if name not in parts)

    def under(self, name: str) -> tuple[str, ...]:
        """Return the rows that a row or a group is made of."""
        held = {name}
        while groups := held & set(self.joined):
            held = held - groups | {part for group in groups for part in self.joined[group]}
        return tuple(row for row in self.rows if row in held)

    def ordered(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return rows and groups in the order of the rows, a group in the place of its last row."""
        return tuple(sorted(names, key=lambda name: self.rows.index(self.under(name)[-1])))


@functools.cache
def trees() -> Mapping[str, Tree]:
    """Return the trees of this library by name."""
    text = resources.files(__package__).joinpath("group_merging.toml").read_text("utf-8")
    return {
        name: Tree(tuple(facts["rows"]), {each: tuple(of) for each, of in facts["joined"].items()})
        for name, facts in tomllib.loads(text).items()
    }


def least_safe_sum(rule: SuppressionRule, rows: int) -> int:
    """Return the smallest sum with which a number of rows may be shown as one."""
    # One row is small, and every small value must be possible for it even if all the others are
    # known to be larger.
    return (rows - 1) * (rule.threshold + 1) + rule.least + rule.width - 1


def printed_groups(counts: Mapping[str, int], rule: SuppressionRule, tree: Tree) -> Groups | None:
    """Return which rows are shown as one, or None if only the total can be shown."""
    shown: dict[str, tuple[str, ...]] = {row: (row,) for row in tree.rows}
    showable = {row: not rule.small(counts[row]) for row in tree.rows}
    if not all(showable.values()) and rule.width > rule.threshold + 1 - rule.least:
        return None  # it must not even be known that a count is small
    for name, of in tree.joined.items():
        if all(showable[each] for each in of):
            shown[name] = tuple(group for each in of for group in shown[each])
            showable[name] = True
        else:
            rows = tree.under(name)
            shown[name] = (name,)
            showable[name] = sum(counts[row] for row in rows) >= least_safe_sum(rule, len(rows))
    if not all(showable[name] for name in tree.tops):
        return None
    printed = tree.ordered(group for name in tree.tops for group in shown[name])
    return {group: tree.under(group) for group in printed}


def groups_matching_published(
    counts: Mapping[str, int], rule: SuppressionRule, tree: Tree, public: Mapping[str, int | None]
) -> Groups | None:
    """Return which rows are shown as one if a table of the same counts is already published."""
    # All rows that are hidden there or small by the rule are shown as one, so that the two tables
    # together reveal nothing that the published one does not. If other counts are small than in
    # the published table, the two are not from the same records, and only the total is shown.
    hidden = {row for row in tree.rows if public.get(row, 0) is None}
    open_ = [row for row in tree.rows if row not in hidden]
    small = {row for row in open_ if rule.small(counts[row])}
    if len(hidden) == 1 or small != {row for row in open_ if rule.small(public.get(row) or 0)}:
        return None
    one = hidden | small
    for row in reversed(tree.rows) if one else ():
        if len(one) > 1 and not rule.small(sum(counts[each] for each in one)):
            break
        one.add(row)
    if one >= set(public):
        return None
    held = tuple(row for row in tree.rows if row in one)
    found: Groups = {}
    for row in tree.rows:
        if row not in one:
            found[row] = (row,)
        elif row == held[-1]:
            found[_one_of(held)] = held
    return found


def _one_of(rows: tuple[str, ...]) -> str:
    """Return a name for several merged rows."""
    first, *others = [f"{row[:1].lower()}{row[1:]}" for row in rows]
    last = others.pop()
    between = ", " if " or " in last else " or "
    name = between.join([", ".join([first, *others]), last])
    return name[:1].upper() + name[1:]


def merged(
    table: pd.DataFrame,
    rule: SuppressionRule,
    tree: Tree,
    *,
    listed: Collection[str] = (),
    public: Mapping[int, Mapping[str, int | None]] | None = None,
) -> pd.DataFrame:
    """Merge the small groups of a table by group, year by year, so that no group is small."""
    # Which rows are merged depends on which are small and on the sums of merged rows, which are
    # printed. So an intruder who knows the tree, the rule and this method, and tries all counts,
    # finds as many possible values for each row as the rule requires.
    import pandas as pd

    if rule.controlled:
        return table
    group = next(str(name) for name in table.columns if name not in ("year", "count"))
    rows: list[tuple[str, int, int]] = []
    for year in dict.fromkeys(table["year"].tolist()):
        here = table[table["year"] == year]
        counts = dict(zip(here[group].tolist(), map(int, here["count"].tolist()), strict=True))
        total = counts.pop(ALL, None)
        if set(counts) != set(tree.rows) or total != sum(counts.values()):
            odd = sorted(map(str, set(counts) ^ set(tree.rows)))
            wrong = f"have missing or extra groups: {some(odd)}" if odd else "do not add up to All"
            raise UsageError(
                f"The counts by {group} of {year} {wrong}. Expected each of "
                f"{some(tree.rows, most=20)} once, and their sum."
            )
        if public is not None and year in public:
            found = groups_matching_published(counts, rule, tree, public[year])
        elif any(rule.small(counts[row]) for row in listed):
            found = None
        else:
            found = printed_groups(counts, rule, tree)
        rows += [(name, year, sum(counts[row] for row in of)) for name, of in (found or {}).items()]
        rows.append((ALL, year, total))
    done = pd.DataFrame(rows, columns=[group, "year", "count"])
    return done.astype({"count": "Int64"})[list(table.columns)]
