"""A panel as a short table: the figures a reader asks for first, in words."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from bolton_jsna.core import wording
from bolton_jsna.core.notebook import ShortTable

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
    return ShortTable(f"{name}: {number}", rows, HEADINGS, notes=panel_notes(panel))


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
    """Return what the words of a panel mean, and how many would be there by chance alone."""
    notes = []
    tests = {
        "against_england": ("england", "differ from England by more than chance in the counts"),
        "against_neighbours": ("neighbours", "are outside the usual range of the neighbours"),
        "trend": ("trend", "rose or fell over the years of their trend"),
    }
    for column, (name, words) in tests.items():
        p = panel[f"{name}_p"]
        made = int(p.notna().sum())
        if not made:
            continue
        found = panel[column].isin(["lower", "higher", "increasing", "decreasing"])
        kept = int((found & (panel[f"{name}_p_adjusted"] <= 0.05)).sum())
        notes.append(
            f"{int(found.sum())} of {made} {words}. About {made * 0.05:.1f} would if there were "
            f"no differences at all; {kept} remain after allowing for the number of indicators."
        )
    gone = int((panel["why"] != "").sum())
    if gone:
        notes.append(f"{gone} rows have no verdict on something: the column why has the reason.")
    return notes
