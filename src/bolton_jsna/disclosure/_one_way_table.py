"""Suppression in a one-way table: a row of counts, such as wards, with a known total.

DfE publishes the total of an authority, so a single hidden ward could be worked out from the
others. Two more counts are hidden (secondary suppression), the first two in a fixed public order:
one because of the total, and one as a reserve. The choice depends only on which counts are small
and which zeros are shown, so an intruder who inverts the method learns which counts are small,
not how small.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure.rules import DFE, SuppressionRule

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SECONDARY: Final = 2
"""Further counts that are hidden: one because of the total, and one as a reserve."""


def hide(counts: ArrayLike, rule: SuppressionRule = DFE) -> NDArray[Any]:
    """Return which counts of a one-way table with a known total must be hidden."""
    # Intruder: Hundepool et al. 2012, chapter 4. The intruder also knows the method (minimality
    # attack, Wong et al. 2007), so secondary cells must not be chosen by their size: with a sum of
    # 17, hiding the smallest count that is large enough leaves only 5 and 12.
    import numpy as np

    given = np.asarray(counts)
    true = given.astype(np.int64)
    if (true != given).any():
        raise UsageError(f"A count must be a whole number; found {given[true != given][0]}.")
    if (true < 0).any():
        raise UsageError(f"A count must be zero or more; found {true[true < 0][0]}.")
    small: NDArray[Any] = (true >= rule.least) & (true <= rule.threshold)
    if not small.any():
        return small
    secondary = np.flatnonzero(~small & (true > 0))[:SECONDARY]
    hidden = small.copy()
    hidden[secondary] = True
    if not _keeps_width(int(true[hidden].sum()), int(small.sum()), len(secondary), rule):
        hidden[:] = True
    return hidden


def _keeps_width(total: int, small: int, secondary: int, rule: SuppressionRule) -> bool:
    """Return whether hidden counts keep the width if it is known which of them are small."""
    above = total - rule.least * small - (rule.threshold + 1) * secondary
    if secondary:
        return above >= rule.width - 1
    span = rule.threshold - rule.least
    return rule.width - 1 <= above <= span * small - (rule.width - 1)


def possible_values(
    counts: Sequence[int | None], total: int, rule: SuppressionRule
) -> list[set[int]]:
    """Return the possible values of each count for an intruder who inverts :func:`hide`."""
    hidden = [place for place, count in enumerate(counts) if count is None]
    shown = [count for count in counts if count is not None]
    left = total - sum(shown)
    found: list[set[int]] = [set() if each is None else {each} for each in counts]
    first_shown = next((n for n, count in enumerate(counts) if count), len(counts))
    # Fewer than two secondary counts are hidden only if no shown count is above zero.
    fewest = SECONDARY if any(shown) else 0
    for number in range(fewest, min(SECONDARY, len(hidden)) + 1):
        for secondary in itertools.combinations(hidden, number):
            small = [place for place in hidden if place not in secondary]
            in_order = all(place < first_shown for place in secondary)
            if in_order and small and _keeps_width(left, len(small), number, rule):
                _add_values(found, small, secondary, left, rule)
    if not shown:
        _add_fully_hidden(found, total, rule)
    return found


def _add_values(
    found: list[set[int]],
    small: Sequence[int],
    secondary: Sequence[int],
    left: int,
    rule: SuppressionRule,
) -> None:
    """Add the possible values if these counts are small and these are secondary."""
    above = left - rule.least * len(small) - (rule.threshold + 1) * len(secondary)
    for place in small:
        found[place] |= _small_values(above, len(small), len(secondary), rule)
    # A single secondary count has what the small ones, at most the threshold each, leave.
    taken = (rule.threshold - rule.least) * len(small) if len(secondary) == 1 else above
    over = rule.threshold + 1
    for place in secondary:
        found[place].update(range(over + max(0, above - taken), over + above + 1))


def _small_values(above: int, small: int, secondary: int, rule: SuppressionRule) -> set[int]:
    """Return the possible values of a small count, given their total above their least values."""
    span = rule.threshold - rule.least
    # Without a secondary count the other small ones are at most the threshold each.
    least = 0 if secondary else max(0, above - span * (small - 1))
    return {*range(rule.least + least, rule.least + min(span, above) + 1)}


def _add_fully_hidden(found: list[set[int]], total: int, rule: SuppressionRule) -> None:
    """Add the possible values if every count is hidden because the sum is too small."""
    n, over = len(found), rule.threshold + 1
    anywhere: set[int] = set()
    secondary_above: dict[int, int] = {}
    later: set[int] = set()
    for small, secondary, others, above, rest in _fully_hidden_cases(n, total, rule):
        zeros = n - small - secondary - others
        anywhere |= _small_values(above, small, secondary, rule) | ({0} if zeros else set())
        if secondary:
            secondary_above[others] = max(above, secondary_above.get(others, 0))
        if others:
            later.update({over + rest} if others == 1 else range(over, over + rest + 1))
    for place, values in enumerate(found):
        values.update(anywhere)
        # All others come after the first two counts above the threshold.
        for others, above in secondary_above.items():
            if place < n - others:
                values.update(range(over, over + above + 1))
        if place >= SECONDARY:
            values.update(later)


def _fully_hidden_cases(
    n: int, total: int, rule: SuppressionRule
) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield each case in which all n counts with this total are hidden."""
    # A case: how many counts are small, secondary and other; how far the small and secondary ones
    # together are above their least values; and how far the others are above theirs.
    over = rule.threshold + 1
    for small, secondary in itertools.product(range(1, n + 1), range(SECONDARY + 1)):
        # A count above the threshold is one of the first two, or comes after two of them.
        for others in range(n - small - secondary + 1 if secondary == SECONDARY else 1):
            zeros = n - small - secondary - others
            if zeros < 0 or (zeros and rule.least == 0):
                continue
            least = rule.least * small + over * secondary
            span = (rule.threshold - rule.least) * small
            for above in range(rule.width if secondary else span + 1):
                rest = total - least - above - over * others
                fits = rest == 0 or (rest > 0 and others > 0)
                if fits and not _keeps_width(least + above, small, secondary, rule):
                    yield small, secondary, others, above, rest
