"""Why there is no trend or no change, and when a test of trend is not reliable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from bolton_jsna.core.errors import some
from bolton_jsna.measures._arrays import Array, Flags, Floats, Positions
from bolton_jsna.measures._trend_lines import YearSeries
from bolton_jsna.measures._yearly_change import FEWEST_CHANGES

BY_CHANCE: Final = ("ohid", "chi_square")
"""The tests that allow for chance in the counts only."""


def trend_notes(
    window: YearSeries, whole: Flags, excess: Floats, against: Flags, *, test: str, end: int
) -> Array:
    """Return when the test is not reliable, or why there is no line."""
    # ``excess`` is how many times chance the years vary, zero where that may be chance itself;
    # ``against`` marks series whose first and last rates contradict a significant line.
    notes = np.full(len(whole), "", dtype=object)
    first = end - window.rate.shape[1] + 1
    notes[against] = (
        f"the line has a direction, but the rates of {first} and {end} do not confirm it: no trend "
        "is reported"
    )
    if test in BY_CHANCE:
        rounded = np.where(excess >= 10, np.round(excess), np.round(excess, 1))
        for times in np.unique(rounded[rounded > 0]):
            notes[rounded == times] = (
                f"the years vary {times:g} times as much as chance in the counts would make them: "
                "this test reports a trend too often"
            )
    elif test == "quasi_poisson":
        late, early = window.events[:, 1:].sum(axis=1), window.events[:, :-1].sum(axis=1)
        only = "all events are in {}, the {} year: one year shows no trend"
        notes[whole & (late == 0)] = only.format(first, "first")
        notes[whole & (early == 0)] = only.format(end, "last")
        notes[whole & (early == 0) & (late == 0)] = "no events in any of the years"
    return notes


def trend_reasons(window: YearSeries, end: int) -> Array:
    """Return why there is no trend; empty if there is one."""
    points = window.rate.shape[1]
    first = end - points + 1
    gone = np.isnan(window.rate)
    unlimited = np.isnan(window.error) & ~gone.any(axis=1, keepdims=True)
    variance = _by_pattern(
        unlimited, lambda gaps: f"no variance of the count for {_years(gaps, first)}"
    )
    rates = _by_pattern(
        gone,
        lambda gaps: (
            f"{points - int(gaps.sum())} of {points} years have a rate; none for "
            f"{_years(gaps, first)}"
        ),
    )
    return np.where(gone.any(axis=1), rates, variance)


def change_reasons(every: YearSeries, earlier: Positions, end: int) -> Array:
    """Return why there is no change, no verdict on it, or no ratio; empty if all exist."""
    gone = np.isnan(every.rate[:, -2:])
    known: Flags = np.logical_not(gone.any(axis=1))
    # The first reason that applies; a known change may also have no ratio.
    missing = _by_pattern(gone, lambda gaps: f"no rate for {_years(gaps, end - 1)}")
    unlimited = np.isnan(every.error[:, -2:]) & known[:, None]
    missing += _by_pattern(
        unlimited, lambda gaps: f"no variance of the count for {_years(gaps, end - 1)}"
    )
    for number in range(FEWEST_CHANGES):
        few = f"{number} earlier changes" if number != 1 else "1 earlier change"
        missing[(missing == "") & (earlier == number)] = (
            f"{few} from one year to the next to compare with; expected {FEWEST_CHANGES} or more"
        )
    none = known & (every.events[:, -2] == 0)
    neither = none & (every.events[:, -1] == 0)
    missing[none & (missing != "")] += "; "
    missing[none & ~neither] += f"no events in {end - 1}: there is no ratio"
    missing[neither] += f"no events in {end - 1} and {end}: no ratio and no limits"
    return missing


def _years(gaps: Flags, first: int) -> str:
    """The years of a pattern as text."""
    return some([first + int(at) for at in gaps.nonzero()[0]], most=9)


def _by_pattern(gaps: Flags, text_of: Callable[[Flags], str]) -> Array:
    """Return one text for each row, by which of its columns are true; empty if none are."""
    words = np.full(len(gaps), "", dtype=object)
    rows = np.flatnonzero(gaps.any(axis=1))
    if len(rows):
        patterns, which = np.unique(gaps[rows], axis=0, return_inverse=True)
        written = np.array([text_of(pattern) for pattern in patterns], dtype=object)
        words[rows] = written[which.ravel()]
    return words
