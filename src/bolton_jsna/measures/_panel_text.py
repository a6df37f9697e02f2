"""A panel as a short table: the figures a reader asks for first, in words."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from bolton_jsna.core import wording
from bolton_jsna.core.errors import some
from bolton_jsna.core.notebook import ShortTable
from bolton_jsna.measures.recurrent_events import REPEATS_TEXT

_LEVEL: Final = 0.05
_MANY: Final = 5
"""With fewer tests the number that chance alone would mark says little."""

HEADINGS: Final = (
    *("Indicator", "Year", "Figure", "95% interval", "England", "Neighbours"),
    *("Rank", "Against England", "Among neighbours", "Trend"),
)
"""The headings of a panel."""


def panel_table(panel: pd.DataFrame) -> ShortTable:
    """Return a panel as a table, a row for each indicator."""
    name = panel["area_name"].iloc[0]
    rows = [panel_cells(row) for row in panel.to_dict(orient="records")]
    number = f"{len(rows)} indicators" if len(rows) != 1 else "1 indicator"
    notes = [*panel_notes(panel), *panel_reasons(panel)]
    return ShortTable(f"{name}: {number}", rows, HEADINGS, notes=notes)


def panel_cells(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the cells of an indicator, in the order of :data:`HEADINGS`."""
    unit = row["unit"]
    return (
        f"{row['title']}{unit_text(unit)}",
        str(row["year"]),
        wording.stated(row["value"], unit, row["status"]),
        between(row["lower"], row["upper"], unit),
        wording.stated(row["england"], unit, row["england_status"]),
        between(row["neighbours_lowest"], row["neighbours_highest"], unit),
        rank_text(row),
        wording.PANEL_VERDICTS[row["against_england"]],
        wording.PANEL_VERDICTS[row["against_neighbours"]],
        wording.TRENDS[row["trend"]],
    )


def unit_text(unit: str) -> str:
    """Return a unit as it follows a title."""
    return f" ({unit})" if unit else ""


def between(lower: float, upper: float, unit: str) -> str:
    """Return a range as text, empty where it is missing."""
    if pd.isna(lower) or pd.isna(upper):
        return ""
    return f"{wording.in_unit(lower, unit)} to {wording.in_unit(upper, unit)}"


def rank_text(row: dict[str, Any]) -> str:
    """Return the place of an area among its neighbours as text."""
    known = not pd.isna(row["rank"]) and row["of"] > 1
    return f"{row['rank']} of {row['of']}" if known else ""


def panel_notes(panel: pd.DataFrame) -> list[str]:
    """Return how many verdicts chance alone would make."""
    notes = []
    tests = {
        "against_england": ("england", "compared with England", "differ by more than chance"),
        "against_neighbours": (
            "neighbours",
            "placed among the neighbours",
            "are outside the range",
        ),
        "trend": ("trend", "with a trend", "rose or fell"),
    }
    for column, (name, words, happened) in tests.items():
        made = int(panel[f"{name}_p"].notna().sum())
        if made < _MANY:
            continue
        found = panel[column].isin(["lower", "higher", "increasing", "decreasing"])
        kept = int((found & (panel[f"{name}_p_adjusted"] <= _LEVEL)).sum())
        notes.append(
            f"Of {made} indicators {words}, {int(found.sum())} {happened}. If none did, the test "
            f"would still mark up to {made * _LEVEL:.1f}. After allowing for the number of "
            f"indicators {kept} remain."
        )
    unknown = panel.loc[panel["method"].fillna("").str.endswith(REPEATS_TEXT[-1]), "title"]
    if len(unknown):
        notes.append(
            f"Children counted more than once are not allowed for in {some(unknown, most=2)}: how "
            "many there are is not published. The interval is a little too narrow there, and "
            "the words lower and higher are used a little too often."
        )
    return notes


def panel_reasons(panel: pd.DataFrame) -> list[str]:
    """Return why verdicts are missing, and for which indicators."""
    reasons = panel.loc[panel["why"] != ""].groupby("why", sort=False)["title"].agg(list)
    return [f"No verdict for {some(titles, most=2)}: {why}." for why, titles in reasons.items()]
