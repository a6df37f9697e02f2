"""The commands ``bolton-jsna profile`` and ``bolton-jsna indicators``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bolton_jsna.cli._options import AsJson, Workspace, year_given
from bolton_jsna.cli._tables import AsCsv, one_format, printed, screen_width, table_lines
from bolton_jsna.cli._terminal import print_text

if TYPE_CHECKING:
    import pandas as pd

_EXPLAINED: Final = 8
"""The most indicators of a search that are printed with their definitions."""


def profile(
    indicators: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INDICATOR]...",
            help="Indicators by name, as bolton-jsna indicators lists them. Default: all.",
        ),
    ] = None,
    *,
    area: Annotated[
        str | None,
        typer.Option(
            help="An authority, a region or England. Default: the authority of the last build, "
            "else Bolton."
        ),
    ] = None,
    year: Annotated[
        str | None,
        typer.Option(
            metavar="YEAR",
            help="The year in which the periods end. Default: the latest of each indicator.",
        ),
    ] = None,
    workspace: Workspace = Path(),
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Print the indicators of an area with comparators, trends and verdicts."""
    from bolton_jsna.building.next_steps import built_area
    from bolton_jsna.core.areas import DEFAULT_AREA
    from bolton_jsna.questions.profile import profile as profile_of

    one_format(as_json=as_json, as_csv=as_csv)
    found = profile_of(
        area or built_area(workspace) or DEFAULT_AREA,
        year=year_given("year", year),
        indicators=indicators or None,
        workspace=workspace,
    )
    if not printed(found, as_json=as_json, as_csv=as_csv):
        print_text(profile_lines(found, screen_width()))


def indicators(
    search: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SEARCH]...", help="Words that an indicator must have."),
    ] = None,
    *,
    workspace: Workspace = Path(),
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Print the dictionary of indicators and which figures are available."""
    from bolton_jsna.loaders.indicator_list import indicators as indicators_of

    one_format(as_json=as_json, as_csv=as_csv)
    words = " ".join(search or ())
    found = indicators_of(words or None, workspace=workspace)
    if not printed(found, as_json=as_json, as_csv=as_csv):
        print_text(indicator_lines(found, screen_width(), search=words))


def profile_lines(panel: pd.DataFrame, width: int) -> str:
    """Return a panel as text: a table for each subject, and what the words mean."""
    from bolton_jsna.core import wording
    from bolton_jsna.measures.panel import panel_notes, panel_reasons
    from bolton_jsna.sentences import profile_words

    name = panel["area_name"].iloc[0]
    columns = {"Indicator": None, f"{name},\n95% interval": 14}
    columns |= {f"England,\n{name} is": 12} if name != "England" else {}
    columns |= {"Neighbours,\nrank": 17} if (panel["neighbours_of"] > 0).any() else {}
    columns["Trend"] = 9
    lines = [f"Profile of {name}", ""]
    for subject, rows in panel.groupby("subject", sort=False):
        cells = [_profile_cells(row, list(columns)) for row in rows.to_dict(orient="records")]
        lines += [
            *table_lines(str(subject), list(columns), cells, width, list(columns.values())),
            "",
        ]
    lines += wording.wrapped(
        [
            *panel_notes(panel),
            *panel_reasons(panel),
            profile_words.SHORT,
            "Definitions, p-values and sources: --json or --csv.",
        ],
        width,
    )
    return "\n".join(lines)


def _profile_cells(row: dict[str, Any], headings: Sequence[str]) -> list[str]:
    """Return the cells of an indicator below the headings."""
    from bolton_jsna.core import wording
    from bolton_jsna.measures.panel import between, rank_text

    unit = row["unit"]
    verdict = wording.PANEL_VERDICTS[row["against_neighbours"]]
    place = f"{rank_text(row)}: {verdict.lower()}" if rank_text(row) else verdict
    figure = wording.stated(row["value"], unit, row["status"])
    cells = {
        "Indicator": (row["title"], f"{unit}, {row['period'] or row['year']}"),
        "England": (
            wording.stated(row["england"], unit, row["england_status"]),
            wording.PANEL_VERDICTS[row["against_england"]].lower(),
        ),
        "Neighbours": (
            between(row["neighbours_lowest"], row["neighbours_highest"], unit),
            place,
        ),
        "Trend": (wording.TRENDS[row["trend"]],),
        # Last, so that England's own figure stands under its name.
        row["area_name"]: (figure, between(row["lower"], row["upper"], unit)),
    }
    names = [heading.split(",\n")[0] for heading in headings]
    return ["\n".join(line for line in cells[name] if line) for name in names]


def indicator_lines(found: pd.DataFrame, width: int, *, search: str) -> str:
    """Return the dictionary as text: a table for each subject."""
    if not len(found):
        return (
            f"No indicator has the words {search!r}. Use fewer or other words, or none for the "
            "whole list."
        )
    from bolton_jsna.core import wording

    headings = ("Indicator, name", "Unit", "Available")
    lines: list[str] = []
    for subject, rows in found.groupby("subject", sort=False):
        cells = [
            (f"{row['title']}\n{row['indicator']}", row["unit"], _available(row))
            for row in rows.to_dict(orient="records")
        ]
        lines += [*table_lines(str(subject), headings, cells, width, [None, 18, 22]), ""]
    rows = found.to_dict(orient="records")
    short = bool(search) and len(rows) <= _EXPLAINED
    notes = [note for row in rows for note in _explained(row)] if short else []
    there = int((found["areas"] > 0).sum())
    number = f"{len(rows)} indicator{'s' if len(rows) != 1 else ''}, {there} available here."
    more = (
        "All columns: --csv or --json."
        if short
        else ("Definitions, and how to get the others: search for fewer, or --csv or --json.")
    )
    lines += wording.wrapped([*notes, f"{number} {more}"], width)
    return "\n".join(lines)


def _explained(row: dict[str, Any]) -> list[str]:
    """Return what an indicator is and, where it is not available, how to get it."""
    parts = f" A row for each {row['breakdown']}." if row["breakdown"] else ""
    out_of = f" Denominator: {row['denominator']}." if row["denominator"] else ""
    period = row["period"][:1].upper() + row["period"][1:]
    years = f"{row['first']} to {row['last']}"
    lines = [
        f"{row['title']}: {row['definition']}{parts}{out_of} {period}, {years}. "
        f"{row['publisher']}.",
        f"To compare: {row['note']}" if row["note"] else "",
        f"Changes: {row['breaks'].rstrip('.')}." if row["breaks"] else "",
        "" if row["areas"] else f"Not available here. {row['how_to_get']}",
    ]
    return [each for each in lines if each]


def _available(row: dict[str, Any]) -> str:
    """Return the years and the number of areas that are available."""
    if not row["areas"]:
        return "no"
    return f"{row['available']}, {row['areas']} area{'s' if row['areas'] != 1 else ''}"
