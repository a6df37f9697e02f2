"""Hiding small counts among areas whose total is known.

The total of an authority is published by DfE, so one hidden ward could be worked out from the
others. Two further counts are hidden beside the small ones, the first two in a fixed public order:
one that the sum needs, and one more. Nothing but which counts are small, and which zeros are
shown, decides what is hidden, so whoever runs the method backwards learns who is small and not
how small.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure.rules import DFE, SuppressionRule

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

FURTHER: Final = 2
"""Counts hidden beside the small ones: the one that the sum needs, and one more."""


def hide(counts: ArrayLike, rule: SuppressionRule = DFE) -> NDArray[Any]:
    """Say which counts of a set with a known total must be hidden."""
    # Hundepool et al. 2012, chapter 4, for the intruder; Wong et al. 2007 (minimality attack): he
    # knows the method too. A choice of the secondary cells by their size can be run backwards:
    # with a sum of 17, hiding the smallest count that lies far enough above leaves 5 and 12 only.
    import numpy as np

    given = np.asarray(counts)
    true = given.astype(np.int64)
    if (true != given).any():
        raise UsageError(f"A count is a whole number; found {given[true != given][0]}.")
    if (true < 0).any():
        raise UsageError(f"A count is zero or more; found {true[true < 0][0]}.")
    small: NDArray[Any] = (true >= rule.least) & (true <= rule.threshold)
    if not small.any():
        return small
    further = np.flatnonzero(~small & (true > 0))[:FURTHER]
    hidden = small.copy()
    hidden[further] = True
    if not _enough(int(true[hidden].sum()), int(small.sum()), len(further), rule):
        hidden[:] = True
    return hidden


def _enough(total: int, small: int, further: int, rule: SuppressionRule) -> bool:
    """Say whether hidden counts keep the width for whoever knows which of them are small."""
    above = total - rule.least * small - (rule.threshold + 1) * further
    if further:
        return above >= rule.width - 1
    span = rule.threshold - rule.least
    return rule.width - 1 <= above <= span * small - (rule.width - 1)


def possible(counts: Sequence[int | None], total: int, rule: SuppressionRule) -> list[set[int]]:
    """Return what each count of a line can be, for whoever runs :func:`hide` backwards."""
    hidden = [place for place, count in enumerate(counts) if count is None]
    shown = [count for count in counts if count is not None]
    left = total - sum(shown)
    found: list[set[int]] = [set() if each is None else {each} for each in counts]
    first_shown = next((n for n, count in enumerate(counts) if count), len(counts))
    whole_line = not shown
    nothing_above = not any(shown)
    for number in range(min(FURTHER, len(hidden)) + 1):
        # Fewer than two further counts are hidden only where no other is above zero.
        if number < FURTHER and not nothing_above:
            continue
        for further in itertools.combinations(hidden, number):
            if any(place > first_shown for place in further):
                continue
            small = [place for place in hidden if place not in further]
            if small and _enough(left, len(small), number, rule):
                _add(found, small, further, left, rule)
    if whole_line:
        _add_whole(found, total, rule)
    return found


def _add(
    found: list[set[int]],
    small: Sequence[int],
    further: Sequence[int],
    left: int,
    rule: SuppressionRule,
) -> None:
    """Add the values of a line whose small counts are these."""
    above = left - rule.least * len(small) - (rule.threshold + 1) * len(further)
    for place in small:
        found[place] |= _small_values(above, len(small), len(further), rule)
    # A single further count takes what the small ones, at most the threshold each, leave.
    taken = (rule.threshold - rule.least) * len(small) if len(further) == 1 else above
    over = rule.threshold + 1
    for place in further:
        found[place].update(range(over + max(0, above - taken), over + above + 1))


def _small_values(above: int, small: int, further: int, rule: SuppressionRule) -> set[int]:
    """Return what one of some small counts can be that lie so far above their least together."""
    span = rule.threshold - rule.least
    # Without a further count the other small ones take no more than the threshold each.
    least = 0 if further else max(0, above - span * (small - 1))
    return {*range(rule.least + least, rule.least + min(span, above) + 1)}


def _add_whole(found: list[set[int]], total: int, rule: SuppressionRule) -> None:
    """Add the values of a line that is hidden whole because its sum left too little."""
    n, over = len(found), rule.threshold + 1
    anywhere: set[int] = set()
    beside: dict[int, int] = {}
    after: set[int] = set()
    for small, further, others, above, rest in _failing(n, total, rule):
        zeros = n - small - further - others
        anywhere |= _small_values(above, small, further, rule) | ({0} if zeros else set())
        if further:
            beside[others] = max(above, beside.get(others, 0))
        if others:
            after.update({over + rest} if others == 1 else range(over, over + rest + 1))
    for place, values in enumerate(found):
        values.update(anywhere)
        # Of the first two above the threshold each has all others after it.
        for others, above in beside.items():
            if place < n - others:
                values.update(range(over, over + above + 1))
        if place >= FURTHER:
            values.update(after)


def _failing(n: int, total: int, rule: SuppressionRule) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield each way in which a line of a total is hidden whole."""
    # How many counts are small, how many the first two above that, how many others; how far the
    # small ones and the first two lie above their least together; and the others above theirs.
    over = rule.threshold + 1
    for small, further in itertools.product(range(1, n + 1), range(FURTHER + 1)):
        # A count above the threshold is one of the first two, or comes after two of them.
        for others in range(n - small - further + 1 if further == FURTHER else 1):
            zeros = n - small - further - others
            if zeros < 0 or (zeros and rule.least == 0):
                continue
            least = rule.least * small + over * further
            span = (rule.threshold - rule.least) * small
            for above in range(rule.width if further else span + 1):
                rest = total - least - above - over * others
                fits = rest == 0 or (rest > 0 and others > 0)
                if fits and not _enough(least + above, small, further, rule):
                    yield small, further, others, above, rest
