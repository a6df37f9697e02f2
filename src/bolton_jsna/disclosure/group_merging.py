"""Joining small groups of an authority before anything is hidden, so that the others can be shown.

The groups are the ends of a public tree (``group_merging.toml``). Where one of a knot is small, all
of the knot are counted as one; where that leaves too little room, the next knot takes it up; where
the last has too little, only the total is left. Nobody who knows the tree and this method learns
which of the joined groups was small, and each of them keeps as many possible values as the rule
asks for.
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

Parts = dict[str, tuple[str, ...]]
"""What is printed in place of the rows: the rows that each line holds, in the order of print."""


@dataclass(frozen=True)
class Tree:
    """How the values of one dimension are joined.

    Attributes
    ----------
    rows : tuple of str
        The values, in the order in which they are printed.
    joined : Mapping of str to tuple of str
        For each group that is made of others what it is made of: rows, or groups made before it.

    Raises
    ------
    UsageError
        When a group is made of something that is not there, or something has two places.

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
                    "more rows or groups made before it, each in one place."
                )
            known = known - set(parts) | {name}

    @property
    def tops(self) -> tuple[str, ...]:
        """What is part of nothing but the total, in the order of the rows."""
        parts = {part for each in self.joined.values() for part in each}
        return self.ordered(name for name in (*self.rows, *self.joined) if name not in parts)

    def under(self, name: str) -> tuple[str, ...]:
        """Return the rows that a row or a group holds."""
        held: set[str] = set()
        open_ = [name]
        while open_:
            each = open_.pop()
            if each in self.joined:
                open_ += self.joined[each]
            else:
                held.add(each)
        return tuple(row for row in self.rows if row in held)

    def ordered(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return rows and groups in the order of the rows, a group where its last row would be."""
        return tuple(sorted(names, key=lambda name: self.rows.index(self.under(name)[-1])))


@functools.cache
def trees() -> Mapping[str, Tree]:
    """Return the trees of the library by name."""
    text = resources.files(__package__).joinpath("group_merging.toml").read_text("utf-8")
    return {
        name: Tree(tuple(facts["rows"]), {each: tuple(of) for each, of in facts["joined"].items()})
        for name, facts in tomllib.loads(text).items()
    }


def room(rule: SuppressionRule, rows: int) -> int:
    """Return the least count with which so many rows may be shown as one."""
    # One of them is small and must be able to take every small value, though all the others were
    # known to be larger.
    least = 0 if rule.zeros == "hidden" else 1
    return (rows - 1) * (rule.threshold + 1) + least + rule.width - 1


def parts(counts: Mapping[str, int], rule: SuppressionRule, tree: Tree) -> Parts | None:
    """Return which rows are shown as one, or None where only the total can be shown."""
    shown: dict[str, tuple[str, ...]] = {row: (row,) for row in tree.rows}
    fine = {row: not rule.small(counts[row]) for row in tree.rows}
    least = 0 if rule.zeros == "hidden" else 1
    if not all(fine.values()) and rule.width > rule.threshold + 1 - least:
        return None  # that a count is small is more than may be told
    for name, of in tree.joined.items():
        if all(fine[each] for each in of):
            shown[name] = tuple(line for each in of for line in shown[each])
            fine[name] = True
        else:
            rows = tree.under(name)
            shown[name] = (name,)
            fine[name] = sum(counts[row] for row in rows) >= room(rule, len(rows))
    if not all(fine[name] for name in tree.tops):
        return None
    lines = tree.ordered(line for name in tree.tops for line in shown[name])
    return {line: tree.under(line) for line in lines}


def parts_beside(
    counts: Mapping[str, int], rule: SuppressionRule, tree: Tree, public: Mapping[str, int | None]
) -> Parts | None:
    """Return which rows are shown as one beside a table that is published already."""
    # All that is hidden there, and all that is small by the rule, is shown as one, so that nothing
    # can be worked out that the published table does not tell. Where the counts are not small
    # where those published are, the two are not of the same records, and only the total is shown.
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
    found: Parts = {}
    for row in tree.rows:
        if row not in one:
            found[row] = (row,)
        elif row == held[-1]:
            found[_one_of(held)] = held
    return found


def _one_of(rows: tuple[str, ...]) -> str:
    """Return a name for several rows together."""
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
    """Join the small groups of a line of counts, year by year, so that none is small any more."""
    # Which rows are joined hangs on who is small and on the counts of joined rows, which are
    # printed. So the intruder who tries all counts, knows the tree, the rule and this method,
    # finds for each row that is not printed as many values as the rule asks for.
    import pandas as pd

    if rule.controlled:
        return table
    group = next(str(name) for name in table.columns if name not in ("year", "count"))
    lines: list[tuple[str, int, int]] = []
    for year in dict.fromkeys(table["year"].tolist()):
        here = table[table["year"] == year]
        counts = dict(zip(here[group].tolist(), map(int, here["count"].tolist()), strict=True))
        total = counts.pop(ALL, None)
        if set(counts) != set(tree.rows) or total != sum(counts.values()):
            odd = set(counts) ^ set(tree.rows)
            raise UsageError(
                f"The counts by {group} of {year} "
                + (f"lack or add {some(sorted(map(str, odd)))}" if odd else "do not add up to All")
                + f". Expected each of {some(tree.rows, most=20)} once, and their sum."
            )
        if public is not None and year in public:
            found = parts_beside(counts, rule, tree, public[year])
        elif any(rule.small(counts[row]) for row in listed):
            found = None
        else:
            found = parts(counts, rule, tree)
        lines += [
            (name, year, sum(counts[row] for row in rows)) for name, rows in (found or {}).items()
        ]
        lines.append((ALL, year, total))
    done = pd.DataFrame(lines, columns=[group, "year", "count"])
    return done.astype({"count": "Int64"})[list(table.columns)]
