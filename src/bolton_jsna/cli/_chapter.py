"""The command ``bolton-jsna chapter``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bolton_jsna.cli._options import AsJson, Workspace
from bolton_jsna.cli._terminal import print_json, print_text


def chapter(
    *,
    area: Annotated[
        str | None,
        typer.Option(
            help="An upper-tier authority by name, GSS code or DfE number. Default: the authority "
            "of the last build, else Bolton. Fetch the data of another one first: bolton-jsna "
            "refresh --area NAME."
        ),
    ] = None,
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="LIST",
            help="What to write, with commas between: docx (Word), html (one page), xlsx and ods "
            "(all tables).",
        ),
    ] = "docx,html,xlsx,ods",
    template: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            metavar="FILE",
            help="Your Word template (.docx or .dotx). It is copied to chapter/template.docx and "
            "used from then on.",
        ),
    ] = None,
    draft: Annotated[
        bool,
        typer.Option(
            "--draft", help="Mark every page as a draft and show the row behind each sentence."
        ),
    ] = False,
    workspace: Workspace = Path(),
    as_json: AsJson = False,
) -> None:
    """Write the chapter for Word, the web and Excel, with the options of the last build."""
    from bolton_jsna.building.chapter import write_chapter

    made = write_chapter(area, workspace=workspace, formats=formats, template=template, draft=draft)
    if as_json:
        print_json(made.record.to_json())
    else:
        print_text(str(made))
