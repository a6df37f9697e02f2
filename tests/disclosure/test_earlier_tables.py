"""Releases one after the other: a count that crosses the line is not told by the two of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.disclosure.rules import DFE, LOCAL
from bolton_jsna.disclosure.suppress import suppress

WARDS = ["a", "b", "c", "d", "e"]


def line(counts, year=2025, **columns):
    return pd.DataFrame(
        {
            "ward": [*WARDS[: len(counts)], "All"],
            "year": year,
            "count": [*counts, sum(counts)],
            **columns,
        }
    )


def told(shown):
    return [None if pd.isna(each) else int(each) for each in shown["count"]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([6, 20, 30, 40, 9], [5, 20, 30, 40, 10]),  # a ward shown before is small now
        ([5, 20, 30, 40, 9], [6, 20, 30, 40, 8]),  # a small one is shown now
        ([6, 20, 30, 40, 9], [5, 21, 30, 40, 9]),  # the total alone says nothing
        ([3, 20, 30, 40, 6], [3, 20, 30, 40, 5]),  # a second one becomes small
    ],
)
def test_a_count_that_crosses_the_threshold_keeps_the_earlier_figures(before, after):
    old = suppress(line(before), rule=DFE)
    held = suppress(line(after), rule=DFE, also=old)
    assert told(held) == told(old)
    assert set(held["as_of"]) == {"an earlier release"}
    assert jsna.audit(held, rule=DFE, also=old)["safe"].all()
    # Written all the same, both releases together give it away, and the audit says so.
    both = [suppress(line(after), rule=DFE), old]
    found = [jsna.audit(one, rule=DFE, also=two) for one, two in (both, both[::-1])]
    assert not all(each["safe"].all() for each in found)


def test_where_nothing_crosses_the_new_figures_go_out():
    old = suppress(line([3, 20, 30, 40, 9]), rule=DFE)
    new = suppress(line([4, 22, 31, 41, 9]), rule=DFE, also=old)
    assert told(new) == [None, None, None, 41, 9, 107]
    assert "as_of" not in new
    assert jsna.audit(new, rule=DFE, also=old)["safe"].all()


def test_all_counts_are_hidden_or_the_run_stops_if_asked():
    old = suppress(line([6, 20, 30, 40, 9]), rule=DFE)
    new = line([5, 20, 30, 40, 10], rate=1.5)
    hidden = suppress(new, rule=DFE, also=old, if_told="hide")
    # The total too: with the one before it would tell by how much.
    assert told(hidden) == [None] * 6
    assert hidden["rate"].isna().all()
    with pytest.raises(UsageError, match="Anyone who has both releases would know"):
        suppress(new, rule=DFE, also=old, if_told="stop")
    with pytest.raises(UsageError, match="if_told='print' is not known"):
        suppress(new, rule=DFE, also=old, if_told="print")


def test_years_are_held_by_themselves_and_dates_go_on():
    def years(last):
        return pd.concat([line([3, 20, 30, 40], 2024), line(last, 2025)], ignore_index=True)

    first = suppress(years([7, 20, 30, 40]), rule=DFE).assign(as_of="2026-01-05")
    second = suppress(years([5, 20, 30, 42]), rule=DFE, also={"january": first})
    assert told(second)[5:] == told(first)[5:]
    assert second["as_of"].isna().tolist() == [True] * 5 + [False] * 5
    third = suppress(years([4, 20, 30, 43]), rule=DFE, also={"january": first, "later": second})
    assert set(third["as_of"].dropna()) == {"2026-01-05"}
    fourth = suppress(years([8, 20, 30, 43]), rule=DFE, also={"january": first, "later": third})
    assert told(fourth)[5:] == [8, 20, 30, 43, 101]


def test_a_table_is_followed_by_its_dimensions_and_rows_may_differ():
    old = pd.DataFrame({"category": ["x or y", "z", "All"], "count": [9, 30, 39]})
    new = pd.DataFrame({"category": ["x", "y", "z", "All"], "count": [7, 8, 31, 46]})
    held = suppress({"now": new}, rule=DFE, also={"then": old})["now"]
    assert held["category"].tolist() == ["x or y", "z", "All"]
    assert told(held) == [9, 30, 39]
    assert set(held["as_of"]) == {"then"}


def test_counts_that_were_all_hidden_stay_hidden():
    """Shown again, it would tell how little its sum was: here a ward could not have been 1."""
    whole = suppress(line([6, 1, 9, 7, 50]), rule=DFE)
    assert told(whole) == [None] * 5 + [73]
    assert told(suppress(line([5, 1, 9, 7, 50]), rule=DFE)) == [None] * 4 + [50, 72]
    again = suppress(line([5, 1, 9, 7, 50]), rule=DFE, also={"one": whole})
    assert told(again) == told(whole)
    assert told(suppress(line([6, 8, 9, 7, 50]), rule=DFE, also={"one": whole})) == told(whole)


def test_counts_hidden_because_of_earlier_ones_are_compared_with_those():
    first = suppress(line([6, 20, 30, 40]), rule=DFE)
    second = suppress(line([5, 20, 30, 40]), rule=DFE, also={"1": first}, if_told="hide")
    assert told(second) == [None] * 5
    third = suppress(line([5, 21, 30, 40]), rule=DFE, also={"1": first, "2": second})
    assert told(third) == told(first)
    fourth = suppress(line([7, 21, 30, 40]), rule=DFE, also={"1": first, "2": second})
    assert told(fourth) == [7, 21, 30, 40, 98]


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 30), min_size=4, max_size=5),
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from([-1, 1])), min_size=1, max_size=6),
    st.sampled_from([DFE, LOCAL]),
)
def test_the_same_counts_are_hidden_in_all_releases_that_follow_each_other(counts, moves, rule):
    earlier = {}
    now = np.array(counts)
    for number, (place, step) in enumerate([(0, 0), *moves]):
        now[place % len(now)] = max(0, now[place % len(now)] + step)
        shown = suppress(line(now.tolist()), rule=rule, also=earlier or None)
        earlier[f"release {number}"] = shown
    patterns = {tuple(each["count"].isna()) for each in earlier.values()}
    assert len(patterns) == 1


@pytest.mark.parametrize(
    "name", ["public_law", "publications", "earlier_help", "public", "earlier"]
)
def test_no_name_of_a_table_makes_it_another_kind_of_table(name):
    shown = pd.DataFrame(
        {"ward": ["a", "b", "All"], "count": pd.array([None, 9, 12], dtype="Int64")}
    )
    found = jsna.audit({name: shown}, rule=DFE)
    assert len(found) == 1
    assert not found["safe"].any()


def test_figures_derived_from_a_hidden_count_are_hidden_or_rejected():
    wards = pd.DataFrame({"ward": list("abc"), "denominator": 60, "count": [3, 40, 60]})
    shares = wards.assign(proportion=wards["count"] / 60, lower_95=0.1, cv=[0.5, 0.1, 0.2], zz=1)
    shown = suppress(shares, rule=DFE)
    hidden = shown["count"].isna()
    for name in ("proportion", "lower_95", "cv", "zz", "denominator"):
        assert (shown[name].isna() == hidden).all()
    assert suppress(shares, rule=DFE, keep=["denominator"])["denominator"].notna().all()
    with pytest.raises(UsageError, match="'proportion' has figures in 3 rows"):
        jsna.audit(shown.assign(proportion=shares["proportion"]), rule=DFE)
    with pytest.raises(SchemaError, match=r"'wrad'.*Did you mean 'ward'.*dimensions="):
        suppress(wards.assign(wrad=list("xyz")), rule=DFE)
    with pytest.raises(SchemaError, match="'verdict'"):
        suppress(wards.assign(verdict="fewer than 6"), rule=DFE)
    made = suppress(wards.assign(team="north"), rule=DFE, dimensions="team")
    assert made["team"].tolist() == ["north"] * 3


def test_a_total_is_linked_with_its_parts_next_to_columns_of_all_kinds():
    """Figures beside the counts once made each row a group of its own: no sum was seen."""
    wards = line([3, 20, 30, 40], share=[0.03, 0.2, 0.3, 0.4, 1.0])
    shown = suppress(wards, rule=DFE)
    assert told(shown) == [None, None, None, 40, 93]


def test_new_figures_of_one_table_are_not_shown_with_held_ones_of_another():
    """The sexes have one less than before; the ward that showed 6 has it."""

    def both(wards, sexes):
        return {
            "wards": line(wards),
            "sexes": pd.DataFrame({"sex": ["f", "m", "All"], "year": 2025, "count": sexes}),
        }

    first = suppress(both([6, 20, 30], [26, 30, 56]), rule=DFE)
    second = suppress(both([5, 20, 30], [25, 30, 55]), rule=DFE, also=first)
    assert {name: told(each) for name, each in second.items()} == {
        name: told(each) for name, each in first.items()
    }
    # A table that was not written before has nothing to keep.
    del first["sexes"]
    second = suppress(both([5, 20, 30], [25, 30, 55]), rule=DFE, also=first)
    assert told(second["wards"]) == [6, 20, 30, 56]
    assert told(second["sexes"]) == [None, None, None]


def test_unusual_input_is_understood_or_rejected():
    wards = line([3, 20, 30, 40])
    assert told(suppress(wards, rule="dfe")) == told(suppress(wards, rule=DFE))
    with pytest.raises(UsageError, match="has '3'"):
        suppress(wards.assign(count=wards["count"].astype(str)))
    with pytest.raises(UsageError, match=r"the grand total.*is 80, but its parts add up to 81"):
        suppress(pd.DataFrame({"ward": ["a", "b", "All"], "count": [40, 41, 80]}))
    found = jsna.audit(wards, rule="dfe")
    assert found[["ward", "values", "safe"]].to_numpy().tolist() == [["a", 1.0, False]]


def test_the_order_of_rows_reveals_nothing_about_hidden_counts():
    """``value_counts`` gives wards by size, and the order of hidden ones bounds them."""
    wards = pd.Series(list("a" * 30 + "b" * 9 + "c" * 20 + "z" * 3), name="ward").value_counts()
    table = wards.reset_index().set_axis(["ward", "count"], axis=1)
    table = table.iloc[::-1].assign(year=2025)
    shown = suppress(table, rule=DFE)
    assert shown["ward"].tolist() == ["a", "b", "c", "z"]
    assert shown.index.tolist() == [0, 1, 2, 3]
    mixed = table.iloc[[2, 0, 3, 1]]
    assert suppress(mixed, rule=DFE)["ward"].tolist() == mixed["ward"].tolist()


def test_a_total_under_another_name_is_rejected():
    with pytest.raises(SchemaError, match=r"'total ' in 'ward'.*'All'"):
        suppress(pd.DataFrame({"ward": ["a", "b", "total "], "count": [3, 9, 12]}))


def test_cells_are_followed_into_tables_by_other_dimensions():
    old = suppress(line([9, 20, 30, 5]), rule=DFE)
    new = pd.DataFrame(
        {
            "ward": [*"aabbccdd", *"abcd", "All"],
            "sex": [*"fmfmfmfm", *["All"] * 5],
            "year": 2025,
            "count": [9, 0, 20, 0, 30, 0, 6, 0, 9, 20, 30, 6, 65],
        }
    )
    assert suppress(new, rule=DFE)["count"].notna().all()
    assert suppress(new, rule=DFE, also=old)["count"].isna().all()
