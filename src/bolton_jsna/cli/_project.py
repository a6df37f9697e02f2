"""The command ``bolton-jsna project``."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bolton_jsna.cli._options import AsJson, Workspace, number_given, year_given
from bolton_jsna.cli._tables import AsCsv, one_format, printed, screen_width
from bolton_jsna.cli._terminal import print_text
from bolton_jsna.core.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.measures.projection import Scenario


def project(
    indicator: Annotated[
        str,
        typer.Argument(
            metavar="[INDICATOR]",
            help="A rate of children by name, as bolton-jsna indicators lists them.",
        ),
    ] = "referrals",
    *,
    area: Annotated[
        str | None,
        typer.Option(
            help="An authority, a combined authority, a region or England. Default: the authority "
            "of the last build, else Bolton."
        ),
    ] = None,
    years: Annotated[
        str, typer.Option(metavar="N", help="How many years after the last rate, 1 to 30.")
    ] = "10",
    scenario: Annotated[
        str,
        typer.Option(
            help="What happens to the rate: constant (it goes on), towards_neighbours or "
            "towards_england (it is half-way there in --half-way years), target (it reaches "
            "--target in the year --by)."
        ),
    ] = "constant",
    target: Annotated[
        str | None,
        typer.Option(metavar="RATE", help="The rate per 10,000 children that is the target."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="YEAR", help="The year of the target. Default: the last of the projection."
        ),
    ] = None,
    half_way: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="Years until the rate is half-way to that of neighbours or England. Default: 5.",
        ),
    ] = None,
    workspace: Workspace = Path(),
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Print the expected numbers of the years ahead and how wrong such projections have been."""
    from bolton_jsna.building.next_steps import built_area
    from bolton_jsna.core.areas import DEFAULT_AREA
    from bolton_jsna.questions.projections import demand_of

    one_format(as_json=as_json, as_csv=as_csv)
    found = demand_of(
        area or built_area(workspace) or DEFAULT_AREA,
        indicator,
        scenario=cast("Scenario", scenario),
        horizon=_horizon(years),
        target=number_given("target", target, float, such_as="a rate, such as 450"),
        by=year_given("by", by),
        half_way=number_given("half-way", half_way, int, such_as="years, such as 5"),
        workspace=workspace,
    )
    if not printed(found, as_json=as_json, as_csv=as_csv):
        print_text(project_lines(found, screen_width()))


def _horizon(text: str) -> int:
    """Return the number of years of a projection from its text."""
    from bolton_jsna.measures.projection import LONGEST

    wanted = f"1 to {LONGEST} years, such as 10"
    years = number_given("years", text, int, such_as=wanted) or 0
    if not 1 <= years <= LONGEST:
        raise UsageError(f"--years {text} is not valid. Write {wanted}.")
    return years


def project_lines(rows: pd.DataFrame, width: int) -> str:
    """Return a projection as text: a row for each year, then how wrong the method has been."""
    from bolton_jsna.core import wording
    from bolton_jsna.core.notebook import ShortTable
    from bolton_jsna.measures.demand_text import COLUMNS, caption, cells, record

    listed = rows.to_dict(orient="records")
    title, *table = (
        ShortTable(caption(listed[0]), [cells(row) for row in listed], COLUMNS)
        .to_text()
        .splitlines()
    )
    notes = [*record(listed), "Other intervals, parts of the change, sources: --json or --csv."]
    lines = [*textwrap.wrap(title, width), "", *table, "", *wording.wrapped(notes, width)]
    return "\n".join(lines)
