"""Suppression in a one-way table: a row of counts, such as wards, with a known total.

DfE publishes the total of an authority, so a single hidden ward could be worked out from the
others. Two more counts are hidden (secondary suppression), the first two in a fixed public order:
one because of the total, and one as a reserve. The choice depends only on which counts are small
and which zeros are shown, so an intruder who inverts the method learns which counts are small,
not how small.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure.rules import DFE, SuppressionRule

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SECONDARY: Final = 2
"""Further counts that are hidden: one because of the total, and one as a reserve."""


def hide(
    counts: ArrayLike, rule: SuppressionRule = DFE, never_zero: Collection[int] = ()
) -> NDArray[Any]:
    """Return which counts of a one-way table with a known total must be hidden.

    ``never_zero`` has the places of rows that are there only if there are any.
    """
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
    limits = _Small.of(rule, int(small.sum()), sum(bool(small[each]) for each in never_zero))
    if not _keeps_width(int(true[hidden].sum()), limits, len(secondary), rule):
        hidden[:] = True
    return hidden


@dataclass(frozen=True)
class _Small:
    """The small counts of a table: the sum of their least values, and how far it can go up."""

    least: int
    span: int

    @classmethod
    def of(cls, rule: SuppressionRule, number: int, never_zero: int) -> _Small:
        """Return the limits of a number of small counts, some of which are known not to be zero."""
        least = rule.least * number + (never_zero if rule.least == 0 else 0)
        return cls(least, rule.threshold * number - least)


def _keeps_width(total: int, small: _Small, secondary: int, rule: SuppressionRule) -> bool:
    """Return whether hidden counts keep the width if it is known which of them are small."""
    above = total - small.least - (rule.threshold + 1) * secondary
    if secondary:
        return above >= rule.width - 1
    return rule.width - 1 <= above <= small.span - (rule.width - 1)


def possible_values(
    counts: Sequence[int | None],
    total: int,
    rule: SuppressionRule,
    never_zero: Collection[int] = (),
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
            limits = _Small.of(rule, len(small), sum(place in never_zero for place in small))
            in_order = all(place < first_shown for place in secondary)
            if in_order and small and _keeps_width(left, limits, number, rule):
                above = left - limits.least - (rule.threshold + 1) * number
                for place in small:
                    least = max(rule.least, int(place in never_zero))
                    found[place] |= _small_values(above, least, limits, number, rule)
                for place in secondary:
                    found[place] |= _secondary_values(above, limits, number, rule)
    if not shown:
        _add_fully_hidden(found, total, rule, sorted(never_zero))
    return found


def _small_values(
    above: int, least: int, small: _Small, secondary: int, rule: SuppressionRule
) -> set[int]:
    """Return the possible values of a small count, given the total above the least values."""
    span = rule.threshold - least
    # Without a secondary count the other small ones are at most the threshold each.
    taken = 0 if secondary else max(0, above - (small.span - span))
    return {*range(least + taken, least + min(span, above) + 1)}


def _secondary_values(above: int, small: _Small, secondary: int, rule: SuppressionRule) -> set[int]:
    """Return the possible values of a secondary count, given the total above the least values."""
    # A single secondary count has what the small ones, at most the threshold each, leave.
    taken = small.span if secondary == 1 else above
    over = rule.threshold + 1
    return {*range(over + max(0, above - taken), over + above + 1)}


_Kind = Literal["zero", "small", "secondary", "other"]


def _add_fully_hidden(
    found: list[set[int]], total: int, rule: SuppressionRule, never_zero: Sequence[int]
) -> None:
    """Add the possible values if every count is hidden because the sum is too small."""
    n = len(found)
    kinds: tuple[_Kind, ...] = ("small", "secondary", "other")
    for named in itertools.product(kinds, repeat=len(never_zero)):
        fixed = dict(zip(never_zero, named, strict=True))
        # By the number of secondary and other counts, which decide where each kind can be.
        values: dict[tuple[int, int], dict[tuple[_Kind, bool], set[int]]] = defaultdict(
            lambda: defaultdict(set)
        )
        for numbers, above, rest in _fully_hidden_cases(n, total, rule, fixed):
            own = values[numbers["secondary"], numbers["other"]]
            for which, each in _values_of_case(numbers, above, rest, rule, fixed):
                own[which] |= each
        for (secondary, others), own in values.items():
            for place, (kind, stated) in itertools.product(range(n), list(own)):
                if stated is (place in fixed) and fixed.get(place, kind) == kind:
                    placed = {**fixed, place: kind}
                    if _can_be_placed(n, placed, secondary, others):
                        found[place] |= own[kind, stated]


def _values_of_case(
    numbers: Mapping[_Kind, int],
    above: int,
    rest: int,
    rule: SuppressionRule,
    fixed: Mapping[int, _Kind],
) -> Iterator[tuple[tuple[_Kind, bool], set[int]]]:
    """Return the possible values of each kind of count, and of those that are never zero."""
    stated = list(fixed.values())
    small = _Small.of(rule, numbers["small"], stated.count("small"))
    over = rule.threshold + 1
    for never in (False, True):
        left = {
            kind: stated.count(kind) if never else number - stated.count(kind)
            for kind, number in numbers.items()
        }
        if left["zero"] and not never:
            yield ("zero", never), {0}
        if left["small"]:
            least = max(rule.least, int(never))
            secondary = numbers["secondary"]
            yield ("small", never), _small_values(above, least, small, secondary, rule)
        if left["secondary"]:
            values = _secondary_values(above, small, numbers["secondary"], rule)
            yield ("secondary", never), values
        if left["other"]:
            single = numbers["other"] == 1
            yield ("other", never), {*range(over + rest * single, over + rest + 1)}


def _can_be_placed(n: int, placed: Mapping[int, _Kind], secondary: int, others: int) -> bool:
    """Return whether all other counts can come after the first two above the threshold."""
    free = [place for place in range(n) if place not in placed]
    first = [place for place, kind in placed.items() if kind == "secondary"]
    later = [place for place, kind in placed.items() if kind == "other"]
    more, after = secondary - len(first), others - len(later)
    if more < 0 or after < 0 or more + after > len(free):
        return False
    first += free[:more]
    later += free[len(free) - after :]
    return not first or not later or max(first) < min(later)


def _fully_hidden_cases(
    n: int, total: int, rule: SuppressionRule, fixed: Mapping[int, _Kind]
) -> Iterator[tuple[dict[_Kind, int], int, int]]:
    """Yield each case in which all n counts with this total are hidden."""
    # A case: how many counts are of each kind; how far the small and secondary ones together are
    # above their least values; and how far the others are above theirs.
    over, stated = rule.threshold + 1, list(fixed.values())
    for small, secondary in itertools.product(range(1, n + 1), range(SECONDARY + 1)):
        # A count above the threshold is one of the first two, or comes after two of them.
        for others in range(n - small - secondary + 1 if secondary == SECONDARY else 1):
            zeros = n - small - secondary - others
            numbers: dict[_Kind, int] = {
                "zero": zeros,
                "small": small,
                "secondary": secondary,
                "other": others,
            }
            if zeros < 0 or (zeros and rule.least == 0):
                continue
            if any(stated.count(kind) > number for kind, number in numbers.items()):
                continue
            limits = _Small.of(rule, small, stated.count("small"))
            least = limits.least + over * secondary
            for above in range(rule.width if secondary else limits.span + 1):
                rest = total - least - above - over * others
                fits = rest == 0 or (rest > 0 and others > 0)
                if fits and not _keeps_width(least + above, limits, secondary, rule):
                    yield numbers, above, rest
