"""The record of a method in words and as a short table."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from bolton_jsna.core import wording
from bolton_jsna.core.notebook import ShortTable
from bolton_jsna.measures.demand_text import title, whole

_METHODS: Final = {
    "constant": "the last rate goes on",
    "mean3": "the mean of three years goes on",
    "damped_trend": "the trend of five years goes on and fades",
}
_INTERVALS: Final = {
    "past_errors": "past errors",
    "poisson": "chance in the counts only",
    "random_walk": "own yearly changes",
}
FEWEST_TESTED: Final = 5
"""The fewest past years from which the share of intervals that held is stated."""

_FEW: Final = (1, 3, 5)
_HEADINGS: Final = ("Method", "Interval", "Years", "Median miss", "80% held", "Score", "Tested")


def backtest_table(
    indicator: str, area: str, table: pd.DataFrame, misses: pd.DataFrame
) -> ShortTable:
    """Return the record of all authorities, with the sentences, and the area's own misses."""
    rows = [
        (
            _METHODS[row["method"]],
            _INTERVALS[row["interval"]],
            str(row["horizon"]),
            f"{row['median_error']:.1f}%",
            _held(row),
            f"{row['score']:.0f}",
            f"{row['origins']} years",
        )
        for row in table.to_dict(orient="records")
        if row["horizon"] in _FEW
    ]
    own = ShortTable(
        f"{area}: what the last rate would have said",
        [
            (
                str(row["year"]),
                str(row["origin"]),
                whole(row["expected"]),
                f"{whole(row['lower_80'])} to {whole(row['upper_80'])}"
                if pd.notna(row["lower_80"])
                else "not available",
                whole(row["observed"]),
                wording.apart(row["observed"], row["expected"], counted=True),
            )
            for row in misses.to_dict(orient="records")
            if row["horizon"] in _FEW
        ],
        ("Year", "Said in", "Expected", "80% interval", "There were", "Which is"),
    )
    return ShortTable(
        f"{title(indicator)}: how wrong projections were, all authorities",
        rows,
        _HEADINGS,
        notes=backtest_sentences(table, misses),
        further=own,
    )


def _held(row: dict[str, Any]) -> str:
    if pd.isna(row["held_80"]):
        return "not available"
    return f"{row['held_80']:.0f}%"


def backtest_sentences(table: pd.DataFrame, misses: pd.DataFrame) -> tuple[str, ...]:
    """Return the record in words: all authorities, then the area's own last misses."""
    found = []
    if len(table):
        usual = table[(table["method"] == "constant") & (table["interval"] == "past_errors")]
        for row in usual[usual["horizon"].isin(_FEW)].to_dict(orient="records"):
            years = f"{row['horizon']} year{'s' if row['horizon'] > 1 else ''}"
            text = (
                f"Over {years}, half of {row['projections']:,} past projections of all authorities "
                f"missed by more than {row['median_error']:.1f} per cent; the 80 per cent interval "
                f"held {row['held_80']:.0f} of 100 outcomes ({row['origins']} past years)."
            )
            if row["origins"] < FEWEST_TESTED:
                text += " So few years are no test of the interval."
            found.append(text)
    else:
        found.append("There is no record of all authorities of this figure.")
    found += [miss(row) for row in last_misses(misses)]
    return tuple(found)


def last_misses(misses: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the latest miss of each of a few horizons."""
    if not len(misses):
        return []
    last = misses[misses["year"] == misses["year"].max()]
    return list(last[last["horizon"].isin(_FEW)].to_dict(orient="records"))


def miss(row: dict[str, Any]) -> str:
    """Return what was projected for a year and what there was."""
    return (
        f"In {row['origin']} this method would have said {whole(row['expected'])} for "
        f"{row['year']}; there were {whole(row['observed'])}."
    )
