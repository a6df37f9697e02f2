"""The command ``bolton-jsna build``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from bolton_jsna.catalogue import default_year
from bolton_jsna.cli._options import Columns, Kind, RecordsTo, ToYear, Workspace, Year, year_given
from bolton_jsna.cli._terminal import print_json, print_text
from bolton_jsna.core.years import one_year
from bolton_jsna.disclosure.earlier_tables import IfCrossed


def build(
    *,
    area: Annotated[
        str | None,
        typer.Option(
            help="An upper-tier authority by name, GSS code or DfE number. Default: Bolton."
        ),
    ] = None,
    workspace: Workspace = Path(),
    local_records: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="The authority's own extract of referrals and plans (CSV, XLSX, Parquet or a "
            "census XML), or its counts by ward, age band or category.",
        ),
    ] = None,
    kind: Kind = None,
    columns: Columns = None,
    year: Year = None,
    to_year: ToYear = None,
    records_to: RecordsTo = None,
    idaci_edition: Annotated[
        str, typer.Option(metavar="YEAR", help="Year of the Indices of Deprivation.")
    ] = str(default_year("idaci")),
    rule: Annotated[
        str,
        typer.Option(
            help="How small local counts are hidden: local (0 to 5), dfe (1 to 5), nhs (1 to 7, "
            "others to 5) or round-to-5."
        ),
    ] = "local",
    wards_only: Annotated[
        bool,
        typer.Option("--wards-only", help="Count local events by ward only, not by age or sex."),
    ] = False,
    charts: Annotated[
        bool, typer.Option("--charts", help="Draw charts as well, into charts/.")
    ] = False,
    if_told: Annotated[
        str,
        typer.Option(
            help="What to do with local counts if one has become small since they were last "
            "written, or is no longer small: hold (keep the earlier figures, with their date), "
            "hide or stop."
        ),
    ] = "hold",
    unprotected: Annotated[
        str,
        typer.Option(
            metavar="REASON",
            help="Do not hide small counts; give the reason, and for whom. Everything goes to "
            "not_for_publication/ and is marked so.",
        ),
    ] = "",
    accept: Annotated[
        str,
        typer.Option(
            metavar="REASON",
            help="The reason why the local file is right although its totals are not near DfE's or "
            "many rows are rejected. It is printed on the summary, maps and the page to sign.",
        ),
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the run record as JSON instead of a summary.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print nothing unless there is a problem.")
    ] = False,
) -> None:
    """Make every table and map from the available data, and print a summary."""
    from bolton_jsna.building import build as build_now
    from bolton_jsna.building.summary import summary

    record = build_now(
        area,
        workspace=workspace,
        local_records=local_records,
        kind=kind,
        columns=columns,
        year=year_given("year", year),
        to_year=year_given("to-year", to_year),
        records_to=records_to,
        idaci_edition=one_year("idaci_edition", idaci_edition, text=True),
        rule=rule,
        wards_only=wards_only,
        charts=charts,
        if_told=cast("IfCrossed", if_told),
        unprotected=unprotected,
        accept=accept,
    )
    if as_json:
        print_json(record.to_json())
    elif not quiet:
        print_text(summary(record))
