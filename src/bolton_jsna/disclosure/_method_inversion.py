"""The method run backwards: what hidden counts can be for whoever tries every assignment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bolton_jsna.disclosure._linked_tables import Sheet, Sum
from bolton_jsna.disclosure._one_way import possible
from bolton_jsna.disclosure._prior_bounds import Known, Place
from bolton_jsna.disclosure.rules import SuppressionRule


def possible_in_lines(
    sheets: Sequence[Sheet],
    sums: Sequence[Sum],
    known: Known,
    rule: SuppressionRule,
    *,
    again: bool,
) -> dict[Place, set[int]]:
    """Return the values of hidden counts that lie in one sum only, with a known total."""
    if rule.rounding > 1 or rule.dominance is not None:
        return {}
    times = Counter((each.release, part) for each in sums for part in each.parts)
    wholes = {(each.release, each.whole) for each in sums}
    own = {(sheet.release, key) for sheet in sheets for key in sheet.keys}
    found: dict[Place, set[int]] = {}
    for each in sums:
        whole = (each.release, each.whole)
        parts = [(each.release, part) for part in each.parts]
        if whole not in known.exact or any(
            times[part] > 1 or part not in own or part in wholes for part in parts
        ):
            continue
        counts = [known.exact.get(part) for part in parts]
        if None not in counts or (again and not any(count is not None for count in counts)):
            continue
        values = possible(counts, known.exact[whole], rule)
        if all(values):
            found.update(
                (part, value)
                for part, count, value in zip(parts, counts, values, strict=True)
                if count is None
            )
    return found
