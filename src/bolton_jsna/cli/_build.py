"""The command ``bolton-jsna build``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from bolton_jsna.catalogue import default_year
from bolton_jsna.cli._build_many import build_many
from bolton_jsna.cli._options import (
    Columns,
    Kind,
    RecordsTo,
    ToYear,
    Workspace,
    Year,
    number_given,
    year_given,
)
from bolton_jsna.cli._terminal import print_json, print_text
from bolton_jsna.core.areas import ALL, DEFAULT_AREA
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.core.years import one_year
from bolton_jsna.disclosure.earlier_tables import IfCrossed


def build(
    *,
    area: Annotated[
        list[str] | None,
        typer.Option(
            help="An upper-tier authority by name, GSS code or DfE number. Default: Bolton. "
            "Give it several times, or all, to build many, each in its own folder in areas/."
        ),
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(help="Build every authority of a region or a combined authority."),
    ] = None,
    with_neighbours: Annotated[
        bool,
        typer.Option("--with-neighbours", help="Build the statistical neighbours too."),
    ] = False,
    tables_only: Annotated[
        bool,
        typer.Option("--tables-only", help="Of many authorities, make the national tables alone."),
    ] = False,
    jobs: Annotated[
        str, typer.Option(metavar="N", help="Processes that build many authorities.")
    ] = "1",
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
    maps: Annotated[
        bool | None,
        typer.Option(
            "--maps/--no-maps",
            help="Draw maps, into maps/. Default: of one authority yes, of many no.",
        ),
    ] = None,
    charts: Annotated[
        bool, typer.Option("--charts", help="Draw charts as well, into charts/.")
    ] = False,
    chapter: Annotated[
        str,
        typer.Option(
            metavar="FORMATS",
            help="Write chapters as well, into chapter/: docx, html, xlsx, ods or several.",
        ),
    ] = "",
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
    profile: Annotated[
        bool,
        typer.Option("--profile", help="Note seconds and memory of each stage, and print them."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the run record as JSON instead of a summary.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print nothing unless there is a problem.")
    ] = False,
) -> None:
    """Make every table and map from the available data, and print a summary."""
    from bolton_jsna.building import build as build_now
    from bolton_jsna.building._stages import lines
    from bolton_jsna.building.summary import summary

    many = many_areas(area or [], region or [], with_neighbours=with_neighbours)
    if many:
        _reject_with_many(
            {
                "--local-records": local_records,
                "--kind": kind,
                "--columns": columns,
                "--year": year,
                "--records-to": records_to,
                "--wards-only": wards_only,
                "--unprotected": unprotected,
                "--accept": accept,
            }
        )
        build_many(
            many,
            with_neighbours=with_neighbours,
            workspace=workspace,
            tables_only=tables_only,
            maps=bool(maps),
            charts=charts,
            chapter=chapter,
            to_year=year_given("to-year", to_year),
            idaci_edition=one_year("idaci_edition", idaci_edition, text=True),
            jobs=number_given("jobs", jobs, int, such_as="2"),
            profile=profile,
            as_json=as_json,
            quiet=quiet,
        )
        return
    if tables_only or jobs != "1":
        raise UsageError(
            "--tables-only and --jobs are for many authorities. Name them with --area all, "
            "--region, or --area several times."
        )
    record = build_now(
        area[0] if area else None,
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
        maps=maps is not False,
        charts=charts,
        chapter=chapter,
        if_told=cast("IfCrossed", if_told),
        unprotected=unprotected,
        accept=accept,
        profile=profile,
    )
    if as_json:
        print_json(record.to_json())
    elif not quiet:
        print_text(summary(record))
        if record.stages:
            print_text("\n".join(["", *lines(record.stages)]))


def many_areas(areas: list[str], regions: list[str], *, with_neighbours: bool) -> list[str] | str:
    """Return the areas of a build of many authorities; nothing for one authority."""
    if any(each.strip().casefold() == ALL for each in areas):
        return ALL
    if regions or with_neighbours or len(areas) > 1:
        return [*(areas or ([] if regions else [DEFAULT_AREA])), *regions]
    return []


def _reject_with_many(options: dict[str, object]) -> None:
    """Reject the options about own records, which are those of one authority."""
    given = [name for name, value in options.items() if value]
    if given:
        raise UsageError(
            f"{some(given)} is for the records of one authority. Build that authority alone, "
            "with one --area."
        )
