"""The command ``bolton-jsna site``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bolton_jsna.cli._build import many_areas
from bolton_jsna.cli._build_many import SOME_FAILED, watching
from bolton_jsna.cli._options import AsJson, Workspace, number_given
from bolton_jsna.cli._terminal import print_json, print_text
from bolton_jsna.core.areas import DEFAULT_AREA


def site(
    *,
    areas: Annotated[
        list[str] | None,
        typer.Option(
            "--areas",
            "--area",
            help='An authority, a region or "all"; repeat the option for more. Default: Bolton.',
        ),
    ] = None,
    with_neighbours: Annotated[
        bool, typer.Option("--with-neighbours", help="And their statistical neighbours.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="The folder of the site. Default: site/."),
    ] = None,
    title: Annotated[
        str, typer.Option(help="The name of the site.")
    ] = "Children's safeguarding figures",
    jobs: Annotated[
        str, typer.Option(metavar="N", help="Processes that make the national tables.")
    ] = "1",
    workspace: Workspace = Path(),
    as_json: AsJson = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print nothing unless there is a problem.")
    ] = False,
) -> None:
    """Write a static site: a page for each area and indicator, for a web server or an intranet."""
    from bolton_jsna.building.site import write_site

    given = areas or [DEFAULT_AREA]
    wanted = many_areas(given, [], with_neighbours=with_neighbours) or given
    with watching(quiet=quiet or as_json) as progress:
        record = write_site(
            wanted,
            with_neighbours=with_neighbours,
            workspace=workspace,
            output=output,
            title=title,
            jobs=number_given("jobs", jobs, int, such_as="2") or 0,
            progress=progress,
        )
    if as_json:
        print_json(json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n")
    elif not quiet or record.failed:
        size = f"the largest {record.largest / 1000:,.0f} KB"
        lines = [
            f"{record.pages} pages in {record.folder}, {size}.",
            f"Open {Path(record.folder) / 'index.html'} in a browser.",
        ]
        if record.failed:
            lines.append(f"Without figures, and so without a page: {len(record.failed)}.")
            lines += [
                f"- {each.area_name}: {each.message.splitlines()[0]}" for each in record.failed
            ]
        print_text("\n".join(lines))
    if record.failed:
        raise typer.Exit(SOME_FAILED)
