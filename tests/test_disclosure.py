"""Nobody can work out a hidden count, not even whoever knows the method."""

import itertools
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.disclosure.lines import bounds, hide
from bolton_jsna.disclosure.rules import DFE, LOCAL, SuppressionRule
from bolton_jsna.errors import UsageError

# Ward counts of plans are small, of referrals large: half and half, with many zeros and ties.
WARDS = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 60)), min_size=2, max_size=24)


def solved(counts: np.ndarray, hidden: np.ndarray) -> tuple[list[float], list[float]]:
    """The bounds that a linear programme finds from the total and what is shown."""
    from scipy.optimize import linprog

    shown = int(counts[~hidden].sum())
    number = int(hidden.sum())
    rest = int(counts.sum()) - shown
    floor = 0 if (counts[hidden] == 0).any() else 1
    lowest, highest = [], []
    for place in range(number):
        aim = np.zeros(number)
        aim[place] = 1
        known = {"A_eq": np.ones((1, number)), "b_eq": [rest], "bounds": [(floor, None)] * number}
        lowest.append(linprog(aim, **known).fun)
        highest.append(-linprog(-aim, **known).fun)
    return lowest, highest


@given(WARDS)
def test_no_small_count_is_ever_shown(counts):
    true, hidden = np.array(counts), hide(counts)
    assert not ((true >= 1) & (true <= 5) & ~hidden).any()


@given(WARDS)
def test_a_rule_that_hides_zeros_shows_none(counts):
    true, hidden = np.array(counts), hide(counts, LOCAL)
    assert not ((true <= 5) & ~hidden).any()


@given(WARDS, st.data(), st.sampled_from([DFE, LOCAL]))
def test_what_is_hidden_already_stays_so_and_may_be_enough(counts, data, rule):
    already = np.array([data.draw(st.booleans()) for _ in counts])
    true, hidden = np.array(counts), hide(counts, rule, already=already)
    assert hidden[already].all()
    assert hidden[(true <= 5) & (true >= (rule is DFE))].all()
    small = true[hidden & (true <= 5)]
    if (hidden & ~already & (true > 5)).any():
        kept = true[already | ((true <= 5) & (true >= (rule is DFE)))]
        assert kept.max() < small.min() + rule.width


@given(st.lists(st.one_of(st.just(0), st.integers(6, 400)), max_size=24))
def test_nothing_is_hidden_when_nothing_is_small(counts):
    assert not hide(counts).any()


@given(WARDS)
def test_an_intruder_with_the_total_cannot_bound_a_hidden_count(counts):
    true, hidden = np.array(counts), hide(counts)
    if not hidden.any() or hidden.all():
        return
    lowest, highest = solved(true, hidden)
    assert min(np.subtract(highest, lowest)) >= DFE.width - 1e-6


@given(WARDS)
def test_bounds_are_those_of_a_linear_programme(counts):
    true, hidden = np.array(counts), hide(counts)
    lower, upper = bounds(true, hidden)
    assert (lower <= true).all()
    assert (true <= upper).all()
    if hidden.any():
        lowest, highest = solved(true, hidden)
        np.testing.assert_allclose(lower[hidden], lowest, atol=1e-6)
        np.testing.assert_allclose(upper[hidden], highest, atol=1e-6)


@given(WARDS, st.randoms(use_true_random=False))
def test_an_intruder_who_knows_the_method_cannot_tell_hidden_areas_apart(counts, random):
    """What is printed is the same for every order of the hidden counts among their areas."""
    true, hidden = np.array(counts), hide(counts)
    places = np.flatnonzero(hidden)
    other = true.copy()
    other[places] = true[random.sample(places.tolist(), len(places))]
    np.testing.assert_array_equal(hide(other), hidden)


@pytest.mark.parametrize(
    ("areas", "most", "rule"),
    [
        (3, 16, DFE),
        (4, 12, DFE),
        (4, 9, SuppressionRule("narrow", threshold=3, width=2)),
        (4, 9, SuppressionRule("wide", threshold=2, width=4)),
        (3, 16, LOCAL),
        (4, 12, LOCAL),
    ],
)
def test_every_set_that_would_print_the_same_leaves_the_width(areas, most, rule):
    """All count vectors are tried (minimality attack: the intruder runs the method backwards)."""
    alike = defaultdict(list)
    for counts in itertools.product(range(most + 1), repeat=areas):
        hidden = hide(counts, rule)
        if hidden.any() and not hidden.all():
            shown = tuple(np.array(counts)[~hidden])
            # A sum of hidden counts near the edge of the enumeration has alternatives beyond it.
            if sum(counts) - sum(shown) <= most:
                alike[tuple(hidden), shown, sum(counts)].append(counts)
    assert alike
    for (hidden, *_), possible in alike.items():
        spread = np.ptp(np.array(possible), axis=0)[np.array(hidden)]
        assert spread.min() >= rule.width


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([3, 8, 12, 40], [1, 1, 0, 0]),
        ([4, 8, 12, 40], [1, 0, 1, 0]),  # 8 is too near to 4
        ([5, 6, 6, 40, 50], [1, 0, 0, 1, 0]),
        ([3, 8, 8, 40], [1, 1, 1, 0]),  # equal counts go together: no order to read
        ([1, 2, 0, 30], [1, 1, 0, 1]),
        ([5, 6, 0], [1, 1, 0]),  # 11 in two areas: 1 to 10 each
        ([3, 0, 0], [1, 1, 1]),  # the total gives a single hidden count away
        ([2, 3, 0, 0], [1, 1, 1, 1]),
        ([3], [1]),
        ([0, 0], [0, 0]),
        ([], []),
    ],
)
def test_what_is_hidden(counts, expected):
    assert hide(counts).astype(int).tolist() == expected


def test_bounds_allow_for_zero_where_zeros_are_hidden():
    lower, upper = bounds([3, 0, 0], [True, True, True])
    assert lower.tolist() == [0, 0, 0]
    assert upper.tolist() == [3, 3, 3]
    lower, upper = bounds([3, 9], [True, False])
    assert (lower.tolist(), upper.tolist()) == ([3, 9], [3, 9])


def test_a_stricter_rule_hides_more():
    strict = SuppressionRule("ours", threshold=10, width=10)
    assert hide([8, 12, 30, 60], strict).tolist() == [True, False, True, False]


def test_refusals():
    with pytest.raises(UsageError, match="zero or more; found -1"):
        hide([3, -1])
    with pytest.raises(UsageError, match=r"whole number; found 2\.5"):
        hide([2.5, 9.0])
    with pytest.raises(UsageError, match="found threshold=0, width=5"):
        SuppressionRule("none", threshold=0, width=5)
