"""Age bands in the spellings that tables use, and how bands fit each other."""

import datetime as dt
import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.age_bands import (
    OPEN,
    gaps,
    how_to_regroup,
    read_band,
    read_bands,
    tiling,
    written,
)
from bolton_jsna.core.errors import UsageError

SPELLINGS = {
    (0, 4): ["0-4", "0 \u2013 4", "0 to 4", "00-04", "Aged 0-4", "0-4 years", "under 5", "[0, 5)"],
    (0, 0): ["0", 0, 0.0, "<1", "Under 1", "under 1 year", "less than 1", "Age 0"],
    (10, 15): ["10-15", "10 to 15 years", "10\u201415", "Children aged 10 to 15", "10_15"],
    (85, OPEN): ["85+", "85 and over", "85plus", "85 years and over", "85 or older", "\u226585"],
    (0, 17): ["0-17", "17 and under", "<=17", "<18", pd.Interval(-1, 17.5)],
    (5, 9): [pd.Interval(5, 10, closed="left"), pd.Interval(4, 9), "5 - 9 yrs", "Age 5 to 9"],
    (90, OPEN): [pd.Interval(90, float("inf"), closed="left"), "90 plus", "Aged 90+"],
    (0, OPEN): ["All ages", "Total"],
}


@pytest.mark.parametrize("ages", SPELLINGS)
def test_usual_spellings_are_one_band(ages):
    assert {read_band(each) for each in SPELLINGS[ages]} == {ages}


TEXTS = ["children", "Unborn", "2024", "5.5", "over 85", "under 0", "", "1-2-3", "E05014818"]
VALUES = [5.5, -1, True, None, float("nan"), float("inf"), pd.NaT, (0, 4), dt.date(2025, 9, 5)]


@pytest.mark.parametrize("other", [*TEXTS, *VALUES])
def test_other_values_are_no_band(other):
    assert read_band(other) is None


@given(st.integers(0, 120), st.integers(0, 60))
def test_what_is_written_is_read(first, more):
    assert read_band(written((first, first + more))) == (first, first + more)
    assert read_band(written((first, OPEN))) == (first, OPEN)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["0-4", "4-9"], "'0-4' and '4-9' overlap at age 4"),
        (["0-17", "5 to 9"], "'0-17' and '5 to 9' overlap at age 5.*leave out totals"),
        (["85+", "90-94"], r"'85\+' and '90-94' overlap at age 90"),
        (["9-5"], "ends before it begins"),
        (["0-4", "05-Sep"], "'05-Sep' is not an age band. A spreadsheet has made a date"),
        ([dt.date(2025, 9, 5)], "A spreadsheet has made a date"),
        (["0-4", "x"], "'x' is not an age band. Write '0-4', '0 to 4'"),
    ],
)
def test_bands_that_do_not_fit_are_named(labels, message):
    with pytest.raises(UsageError, match=message):
        read_bands(labels)


def test_one_band_may_be_written_in_two_ways():
    assert read_bands(["0-4", "0 to 4"]) == {"0-4": (0, 4), "0 to 4": (0, 4)}


@given(st.sets(st.integers(1, 17)), st.sets(st.integers(1, 17)))
def test_a_band_is_made_of_parts_that_hold_each_age_once(one, two):
    parts = [
        (first, last - 1)
        for edges in (one, two)
        for first, last in itertools.pairwise([0, *sorted(edges), 18])
    ]
    for most in (False, True):
        found = tiling((0, 17), parts, most=most)
        assert [age for first, last in found for age in range(first, last + 1)] == [*range(18)]
    shortest, longest = tiling((0, 17), parts), tiling((0, 17), parts, most=True)
    assert len(shortest) <= min(len(one), len(two)) + 1
    assert len(longest) >= max(len(one), len(two)) + 1
    assert gaps(shortest[1:], (0, 17)) == [shortest[0]]


def test_how_to_regroup_names_the_bands():
    ours, theirs = ["0-4", "5-9", "10-17", "18+"], ["0", "1-4", "5-7", "8-12", "13-17"]
    said = how_to_regroup(read_bands(ours), read_bands(theirs), here="the counts", there="the rest")
    assert said == (
        "Add up '0', '1-4' of the rest to '0-4'. "
        "'5-9' of the counts cuts '5-7', '8-12' of the rest: make bands that begin and end at the "
        "same ages. '10-17' of the counts cuts '8-12', '13-17' of the rest: make bands that begin "
        "and end at the same ages. The rest has no band with the ages of '18+'."
    )
    said = how_to_regroup(read_bands(theirs), read_bands(["0-4"]), here="a", there="b")
    assert said.startswith("Add up '0', '1-4' of a to '0-4'.")
