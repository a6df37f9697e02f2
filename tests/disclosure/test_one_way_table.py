"""Nobody can work out a hidden count, not even whoever knows the method."""

import itertools
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure._one_way_table import hide, possible_values
from bolton_jsna.disclosure.audit import audit
from bolton_jsna.disclosure.rules import DFE, LOCAL, NHS, SuppressionRule
from bolton_jsna.disclosure.suppress import suppress

# Ward counts of plans are small, of referrals large: half and half, with many zeros and ties.
WARDS = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 60)), min_size=2, max_size=24)
RULES = st.sampled_from([DFE, LOCAL, NHS])
TWO = SuppressionRule("1 and 2", threshold=2, width=2)
TWO_AND_NONE = SuppressionRule("0 to 2", threshold=2, width=3, zeros="hidden")


@given(WARDS, RULES)
def test_no_small_count_is_ever_shown(counts, rule):
    true, hidden = np.array(counts), hide(counts, rule)
    assert not ((true >= rule.least) & (true <= rule.threshold) & ~hidden).any()


@given(st.lists(st.one_of(st.just(0), st.integers(6, 400)), max_size=24))
def test_nothing_is_hidden_when_nothing_is_small(counts):
    assert not hide(counts).any()


@given(WARDS, st.data(), RULES)
def test_only_which_counts_are_small_and_what_is_shown_decides(counts, data, rule):
    """Whoever knows which are small can give them any other values that leave the sum."""
    true, hidden = np.array(counts), hide(counts, rule)
    if not hidden.any() or hidden.all():
        return
    small = (true >= rule.least) & (true <= rule.threshold)
    further = np.flatnonzero(hidden & ~small)
    other = true.copy()
    for place in np.flatnonzero(small):
        other[place] = data.draw(st.integers(rule.least, rule.threshold))
    change = int(true[small].sum() - other[small].sum())
    if not len(further) or true[further[-1]] + change <= rule.threshold:
        return
    other[further[-1]] += change
    np.testing.assert_array_equal(hide(other, rule), hidden)


@given(WARDS, RULES)
def test_hidden_counts_keep_the_width_if_it_is_known_which_are_small(counts, rule):
    true, hidden = np.array(counts), hide(counts, rule)
    if not hidden.any() or hidden.all():
        return
    values = possible_values(
        [None if gone else int(count) for count, gone in zip(counts, hidden, strict=True)],
        int(true.sum()),
        rule,
    )
    for place in np.flatnonzero(hidden):
        assert counts[place] in values[place]
        assert len(values[place]) >= rule.width


@pytest.mark.parametrize(
    ("areas", "most", "rule", "never_zero"),
    [
        (3, 24, DFE, ()),
        (4, 13, DFE, ()),
        (3, 24, LOCAL, ()),
        (4, 9, TWO, ()),
        (5, 6, TWO, ()),
        (4, 9, TWO_AND_NONE, ()),
        # The row of events without a ward is the last and is there only if there are any.
        (3, 24, LOCAL, (2,)),
        (4, 9, TWO, (3,)),
        (4, 12, TWO_AND_NONE, (3,)),
        (4, 12, TWO_AND_NONE, (0,)),
        (5, 7, TWO_AND_NONE, (1, 4)),
    ],
)
def test_trying_every_assignment_leaves_as_many_values_as_the_rule_hides(
    areas, most, rule, never_zero
):
    """All lines are tried (minimality attack), and ``possible`` is what that finds."""
    alike = defaultdict(list)
    for counts in itertools.product(range(most + 1), repeat=areas):
        if not all(counts[place] for place in never_zero):
            continue
        hidden = hide(counts, rule, never_zero)
        printed = tuple(None if gone else count for count, gone in zip(counts, hidden, strict=True))
        # A total beyond the edge of the enumeration has other lines than those tried.
        if None in printed and sum(counts) <= most:
            alike[printed, sum(counts)].append(counts)
    assert alike
    for (printed, total), lines in alike.items():
        tried = [set(values) for values in zip(*lines, strict=True)]
        assert possible_values(printed, total, rule, never_zero) == tried
        few = min(
            len(tried[place]) + (rule.least == 0 and place in never_zero)
            for place, count in enumerate(printed)
            if count is None
        )
        # Where hardly anything has happened, the total itself says so.
        little = total - len(never_zero) <= rule.threshold + 1
        assert few >= rule.width or (None in printed and little)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([3, 8, 12, 40], [1, 1, 1, 0]),
        ([40, 8, 12, 3], [1, 1, 0, 1]),  # the order decides, not the size
        ([5, 6, 6, 40, 50], [1, 1, 1, 0, 0]),
        ([1, 6, 6, 40, 50], [1, 1, 1, 1, 1]),  # 13 in these three: 1, 6 and 6 only
        ([1, 2, 0, 30], [1, 1, 0, 1]),
        ([3, 0, 0], [1, 1, 1]),  # the total gives a single hidden count away
        ([2, 3, 0, 0], [1, 1, 1, 1]),
        ([4, 4, 2, 3], [1, 1, 1, 1]),
        ([3], [1]),
        ([0, 0], [0, 0]),
        ([], []),
    ],
)
def test_what_is_hidden(counts, expected):
    assert hide(counts).astype(int).tolist() == expected


def test_two_hidden_wards_can_be_any_pair_with_their_sum():
    """The smallest count far enough above left 5 and 12 only, of a sum of 17."""
    printed = [None, None, None, 40]
    for first, second in itertools.product(range(1, 6), range(6, 12)):
        assert hide([first, second, 40 - first - second, 40]).tolist() == [1, 1, 1, 0]
    assert {1, 2, 3, 4, 5} <= possible_values(printed, 80, DFE)[0]


def test_a_row_that_is_never_zero_leaves_the_others_as_many_values():
    """Of 17 in two wards and the row without a ward, 1 is known to be there: 10 is the most."""
    wards = pd.DataFrame(
        {"ward": ["a", "b", "c", "none", "All"], "count": [6, 6, 6, 5, 23], "at_least": None}
    )
    assert suppress(wards)["count"].isna().tolist() == [True, True, False, True, False]
    wards.loc[3, "at_least"] = 1
    shown = suppress(wards)
    assert shown["count"].isna().tolist() == [True, True, True, True, False]
    assert audit(shown.assign(at_least=wards["at_least"]))["safe"].all()
    wards["count"] = [6, 7, 6, 5, 24]
    shown = suppress(wards)
    assert shown["count"].isna().tolist() == [True, True, False, True, False]
    found = audit(shown.assign(at_least=wards["at_least"])).set_index("ward")
    assert found["values"].to_dict() == {"a": 6, "b": 6, "none": 5}


def test_wrong_input_is_rejected():
    with pytest.raises(UsageError, match="zero or more; found -1"):
        hide([3, -1])
    with pytest.raises(UsageError, match=r"whole number; found 2\.5"):
        hide([2.5, 9.0])
    with pytest.raises(UsageError, match="found threshold=0, width=5"):
        SuppressionRule("none", threshold=0, width=5)
    with pytest.raises(UsageError, match="hides 1 to 2 can leave at most 2 possible values"):
        SuppressionRule("wide", threshold=2, width=4)
