"""Small groups joined along a public tree: an intruder who tries every count learns too little."""

import itertools
from collections import defaultdict

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure.group_merging import (
    Tree,
    groups_matching_published,
    least_safe_sum,
    merged,
    printed_groups,
    trees,
)
from bolton_jsna.disclosure.rules import DFE, LOCAL, NHS, ROUND_TO_5, SuppressionRule
from bolton_jsna.measures.event_dimensions import usual_levels

# Thresholds that leave few enough counts to try them all.
HIDDEN = SuppressionRule("zeros hidden", threshold=1, width=2, zeros="hidden")
SHOWN = SuppressionRule("zeros shown", threshold=2, width=2)


def every(total, number):
    """All ways in which a total falls to so many rows."""
    if number == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for others in every(total - first, number - 1):
            yield (first, *others)


def told(by_row, rule, tree):
    """What is printed of counts: each line with its count, None where only the total is."""
    found = printed_groups(by_row, rule, tree)
    if found is None:
        return None
    return tuple((name, sum(by_row[row] for row in rows)) for name, rows in found.items())


def values_left(total, rule, tree):
    """For each thing printed and each row not printed by itself: the values that it may have."""
    seen = defaultdict(lambda: [set() for _ in tree.rows])
    for counts in every(total, len(tree.rows)):
        output = told(dict(zip(tree.rows, counts, strict=True)), rule, tree)
        for values, count in zip(seen[output], counts, strict=True):
            values.add(count)
    for output, values in seen.items():
        written = {name for name, _ in output or ()}
        for row, left in zip(tree.rows, values, strict=True):
            if row not in written:
                yield output, row, left


@pytest.mark.parametrize("rule", [HIDDEN, SHOWN], ids=lambda rule: rule.name)
@pytest.mark.parametrize(
    ("name", "totals"),
    [
        ("age_band", (5, 8, 12)),
        ("sex", range(21)),
        ("ethnic_group", range(12)),
        ("abuse", range(12)),
        ("need", (5, 6)),
        ("referral_source", (5, 6)),
    ],
)
def test_an_intruder_who_tries_every_count_has_enough_values(name, totals, rule):
    joined = 0
    for total in totals:
        for output, row, left in values_left(total, rule, trees()[name]):
            # A total is known whatever is done: below the width it leaves no more than itself.
            assert len(left) >= min(rule.width, total + 1), (total, output, row)
            joined += output is not None
    assert joined or name in ("need", "referral_source")


@pytest.mark.parametrize("rule", [LOCAL, DFE, NHS], ids=lambda rule: rule.name)
def test_the_rules_of_the_library_hold_too(rule):
    for total in (0, 6, 11, 13, 26, 38):
        for output, row, left in values_left(total, rule, trees()["sex"]):
            assert len(left) >= min(rule.width, total + 1), (total, output, row)


def test_the_intruder_of_these_tests_can_win():
    """Two rows shown as one though little is in them: one small value is left out."""
    counts = [(x, 12 - x) for x in range(13)]
    told_of = {x for x, y in counts if LOCAL.small(x) and not LOCAL.small(y) and x + y == 12}
    assert len(told_of) == 6 == LOCAL.width
    assert len({x for x in range(10) if LOCAL.small(x) and not LOCAL.small(9 - x)}) < LOCAL.width


@pytest.mark.parametrize("rule", [HIDDEN, SHOWN, LOCAL, DFE, NHS], ids=lambda rule: rule.name)
@pytest.mark.parametrize("rows", [2, 3, 4])
def test_the_least_safe_sum_allows_each_small_value_if_it_is_known_which_are_small(rule, rows):
    """And one less does not."""

    def fewest(total):
        names = [f"r{n}" for n in range(rows)]
        found = defaultdict(lambda: defaultdict(set))
        for counts in every(total, rows):
            small = tuple(n for n, c in zip(names, counts, strict=True) if rule.small(c))
            zero = tuple(n for n, c in zip(names, counts, strict=True) if c == 0)
            key = (small, () if rule.zeros == "hidden" else zero)
            if small:
                for n, c in zip(names, counts, strict=True):
                    found[key][n].add(c)
        return min(
            len(left)
            for (small, _), rows_ in found.items()
            for n, left in rows_.items()
            if n in small
        )

    assert fewest(least_safe_sum(rule, rows)) >= rule.width
    assert fewest(least_safe_sum(rule, rows) - 1) < rule.width


@settings(max_examples=60)
@given(data=st.data())
def test_larger_tables_leave_as_many_values(data):
    """One joined count at a time: its rows take all values while the other rows stay."""
    name = data.draw(st.sampled_from(sorted(trees())))
    rule = data.draw(st.sampled_from([LOCAL, DFE, NHS]))
    tree = trees()[name]
    size = st.one_of(st.integers(0, 9), st.integers(6, 20), st.integers(20, 80))
    counts = data.draw(st.fixed_dictionaries(dict.fromkeys(tree.rows, size)))
    found = printed_groups(counts, rule, tree)
    assume(found is not None and any(1 < len(rows) < 4 for rows in found.values()))
    output = told(counts, rule, tree)
    for rows in found.values():
        if not 1 < len(rows) < 4:
            continue
        total = sum(counts[row] for row in rows)
        left = {row: set() for row in rows}
        low, high = range(min(total, 8) + 1), range(max(0, total - 8), total + 1)
        for first in itertools.product({*low, *high}, repeat=len(rows) - 1):
            last = total - sum(first)
            if last < 0:
                continue
            tried = dict(zip(rows, (*first, last), strict=True))
            if told({**counts, **tried}, rule, tree) == output:
                for row, count in tried.items():
                    left[row].add(count)
        assert min(map(len, left.values())) >= rule.width


@settings(max_examples=200)
@given(data=st.data())
def test_what_is_shown_is_a_partition_in_which_nothing_is_small(data):
    name = data.draw(st.sampled_from(sorted(trees())))
    rule = data.draw(st.sampled_from([LOCAL, DFE, NHS]))
    tree = trees()[name]
    counts = data.draw(st.fixed_dictionaries(dict.fromkeys(tree.rows, st.integers(0, 60))))
    found = printed_groups(counts, rule, tree)
    if found is None:
        assert any(map(rule.small, counts.values()))
        return
    assert sorted(row for rows in found.values() for row in rows) == sorted(tree.rows)
    assert not any(rule.small(sum(counts[row] for row in rows)) for rows in found.values())


def test_how_small_a_group_is_decides_nothing():
    tree = trees()["age_band"]
    large = dict.fromkeys(tree.rows, 50)
    for row in tree.rows:
        ways = {tuple(printed_groups({**large, row: few}, LOCAL, tree) or ()) for few in range(6)}
        assert len(ways) == 1
        assert ways != {tree.rows}


def test_the_rows_of_the_trees_are_those_of_the_public_lists():
    found = {name: list(tree.rows) for name, tree in trees().items()}
    assert found["age_band"] == [*usual_levels("age_band"), "Not known"]
    assert found["sex"] == [*usual_levels("sex"), "Not known"]
    assert found["ethnic_group"] == usual_levels("ethnic_group")
    assert found["referral_source"] == [
        *usual_levels("referral_source"),
        "Not known or other words",
    ]
    assert [*found["need"][:-1], *found["abuse"][:-1]] == usual_levels("category")


@pytest.mark.parametrize("name", sorted(trees()))
def test_a_tree_ends_in_few_groups_with_names_of_their_rows(name):
    tree = trees()[name]
    assert 2 <= len(tree.tops) <= 3
    assert sorted(row for top in tree.tops for row in tree.under(top)) == sorted(tree.rows)
    for group in tree.joined:
        assert len(group) < 60
        assert len(tree.under(group)) > 1
        unknown = {"Not known", "Not stated", "Not known or other words"} & set(tree.under(group))
        assert bool(unknown) == ("not known" in group.lower() or "not stated" in group.lower())
        assert ("Unborn" in tree.under(group)) == ("unborn" in group)


def test_a_tree_with_a_row_in_two_places_is_rejected():
    with pytest.raises(UsageError, match="each in one group only"):
        Tree(("a", "b", "c"), {"x": ("a", "b"), "y": ("b", "c")})
    with pytest.raises(UsageError, match="Expected a new name and two or more"):
        Tree(("a", "b"), {"x": ("a",)})


# Beside a table that somebody else publishes.


ABUSE = trees()["abuse"]


def plans(*counts):
    return dict(zip(ABUSE.rows, counts, strict=True))


def public(*counts):
    return dict(zip(ABUSE.rows[:-1], counts, strict=True))


def lines(found):
    assert found is not None
    return {name: len(rows) for name, rows in found.items()}


def test_what_is_hidden_elsewhere_is_shown_as_one():
    found = groups_matching_published(
        plans(152, 157, 20, 22, 3, 0), DFE, ABUSE, public(152, 157, None, 22, None)
    )
    assert lines(found) == {
        "Neglect": 1,
        "Emotional abuse": 1,
        "Physical abuse": 1,
        "Sexual abuse or multiple": 2,
        "Not known or other words": 1,
    }
    found = groups_matching_published(
        plans(152, 157, 20, 22, 3, 0), LOCAL, ABUSE, public(152, 157, None, 22, None)
    )
    assert list(lines(found))[-1] == "Sexual abuse, multiple, not known or other words"


def test_public_zeros_are_merged_with_the_next_row_if_the_rule_hides_zeros():
    found = groups_matching_published(
        plans(142, 142, 18, 30, 0, 0), LOCAL, ABUSE, public(142, 142, 18, 30, 0)
    )
    assert lines(found)["Physical abuse, multiple, not known or other words"] == 3


def test_nothing_beyond_the_public_table_follows_where_both_are_of_the_same_records():
    """All counts that the public table allows give the same lines, with the same counts."""
    shown = public(12, None, None, 9, None)
    outputs = set()
    for counts in every(16, 3):
        if any(LOCAL.small(count) for count in counts):
            true = plans(12, counts[0], counts[1], 9, counts[2], 0)
            found = groups_matching_published(true, LOCAL, ABUSE, shown)
            assert found is not None
            outputs.add(tuple((n, sum(true[row] for row in rows)) for n, rows in found.items()))
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("ours", "shown"),
    [
        (plans(142, 142, 18, 30, 3, 0), public(142, 142, 18, 30, 8)),  # small here, not there
        (plans(142, 142, 18, 30, 8, 0), public(142, 142, 18, 30, None)),  # one alone is hidden
        (plans(142, 142, 18, 30, 8, 0), public(None, None, None, None, None)),
        (plans(142, 142, 18, 30, 8, 3), public(142, 142, 18, 30, 11)),
    ],
)
def test_where_the_public_table_is_not_of_the_same_counts_only_the_total_is_left(ours, shown):
    assert groups_matching_published(ours, DFE, ABUSE, shown) is None


# Tables.


def table(group, tree, *counts, year=2025):
    rows = [*tree.rows, "All"]
    return pd.DataFrame({group: rows, "year": year, "count": [*counts, sum(counts)]})


def test_a_table_is_joined_year_by_year():
    tree = trees()["sex"]
    both = pd.concat(
        [table("sex", tree, 50, 60, 3, year=2024), table("sex", tree, 50, 60, 8, year=2025)]
    )
    found = merged(both, LOCAL, tree)
    assert found.to_numpy().tolist() == [
        ["female", 2024, 50],
        ["male or not known", 2024, 63],
        ["All", 2024, 113],
        ["female", 2025, 50],
        ["male", 2025, 60],
        ["Not known", 2025, 8],
        ["All", 2025, 118],
    ]


def test_a_small_group_that_is_published_elsewhere_hides_the_table_until_that_is_known():
    given_ = table("category", ABUSE, 152, 157, 20, 22, 3, 0)
    listed = ABUSE.rows[:-1]
    assert merged(given_, DFE, ABUSE, listed=listed)["category"].tolist() == ["All"]
    known = {2025: public(152, 157, None, 22, None)}
    assert "Neglect" in set(merged(given_, DFE, ABUSE, listed=listed, public=known)["category"])
    none = table("category", ABUSE, 152, 157, 20, 22, 13, 0)
    assert len(merged(none, DFE, ABUSE, listed=listed)) == len(none)


def test_a_rule_that_hides_nothing_joins_nothing():
    given_ = table("sex", trees()["sex"], 2, 0, 1)
    assert merged(given_, ROUND_TO_5, trees()["sex"]).equals(given_)


def test_a_table_with_a_missing_row_or_wrong_sum_is_rejected():
    tree = trees()["sex"]
    whole = table("sex", tree, 50, 60, 3)
    with pytest.raises(UsageError, match="missing or extra groups: Not known"):
        merged(whole[whole["sex"] != "Not known"], LOCAL, tree)
    with pytest.raises(UsageError, match="do not add up"):
        merged(whole.replace({"count": {50: 51}}), LOCAL, tree)
