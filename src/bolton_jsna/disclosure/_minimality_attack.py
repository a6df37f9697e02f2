"""The minimality attack: possible values for an intruder who inverts the method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bolton_jsna.disclosure._intruder_knowledge import IntruderKnowledge, ReleaseCell
from bolton_jsna.disclosure._linked_tables import LinkedTable, Sum
from bolton_jsna.disclosure._one_way_table import possible_values
from bolton_jsna.disclosure.rules import SuppressionRule


def possible_in_one_way_tables(
    linked: Sequence[LinkedTable],
    sums: Sequence[Sum],
    known: IntruderKnowledge,
    rule: SuppressionRule,
    *,
    again: bool,
) -> dict[ReleaseCell, set[int]]:
    """Return the possible values of hidden counts that are in one sum only, with a known total."""
    if rule.rounding > 1 or rule.dominance is not None:
        return {}
    times = Counter((each.release, part) for each in sums for part in each.parts)
    totals = {(each.release, each.total) for each in sums}
    printed = {(cells.release, key) for cells in linked for key in cells.keys}
    in_one_sum = {part for part, n in times.items() if n == 1} & printed - totals
    found: dict[ReleaseCell, set[int]] = {}
    for each in sums:
        parts = [(each.release, part) for part in each.parts]
        total = known.exact.get((each.release, each.total))
        if total is None or not in_one_sum.issuperset(parts):
            continue
        counts = [known.exact.get(part) for part in parts]
        if None not in counts or (again and not any(count is not None for count in counts)):
            continue
        never_zero = [at for at, part in enumerate(parts) if part in known.never_zero]
        values = possible_values(counts, total, rule, never_zero)
        if all(values):
            each_part = zip(parts, counts, values, strict=True)
            found |= {part: value for part, count, value in each_part if count is None}
    return found
