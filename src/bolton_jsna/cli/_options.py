"""The options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# readable=False: for a path that this user may not read, the library's own message and exit code
# are used.
Workspace = Annotated[
    Path,
    typer.Option(
        envvar="BOLTON_JSNA_WORKSPACE",
        readable=False,
        help="The folder that holds data/raw/, data/processed/ and maps/.",
    ),
]
Kind = Annotated[
    str | None,
    typer.Option(help="What the rows are: referrals or plans. For files that do not name it."),
]
Columns = Annotated[
    Path | None,
    typer.Option(
        readable=False, help="A TOML file that names the columns (docs/local_records.md)."
    ),
]
Year = Annotated[
    int | None,
    typer.Option(
        help="Year ending 31 March of the local figures (the last one covered by default)."
    ),
]
RecordsTo = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="The date up to which the records are complete (2025-03-31), if the last event in "
        "them is well before it.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
