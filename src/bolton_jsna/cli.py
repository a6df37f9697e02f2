"""The command ``bolton-jsna``: it talks, the library does not.

Exit codes: 0 done, 1 failed, 2 wrong use.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bolton_jsna import __version__
from bolton_jsna.errors import BoltonJsnaError, UsageError

FAILED = 1
WRONG_USE = 2

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Tables, rates, comparisons and maps for the safeguarding chapter of a JSNA.",
)


def _version(*, asked: bool) -> None:
    if asked:
        typer.echo(f"bolton-jsna {__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[  # noqa: ARG001 (typer calls the function named in callback)
        bool,
        typer.Option(
            "--version",
            help="Print the version and stop.",
            is_eager=True,
            callback=lambda value: _version(asked=value),
        ),
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what is read and made.")] = False,
) -> None:
    """Take the options that stand before a verb."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
    )


@app.command()
def build(
    *,
    area: Annotated[
        str, typer.Option(help="An upper-tier authority by name, GSS code or DfE number.")
    ] = "Bolton",
    workspace: Annotated[
        Path,
        typer.Option(
            envvar="BOLTON_JSNA_WORKSPACE",
            help="The folder whose data/raw/ is read and whose data/processed/ and maps/ are "
            "written.",
        ),
    ] = Path(),
    local_records: Annotated[
        Path | None,
        typer.Option(
            help="The authority's own extract of referrals and plans (CSV, XLSX or Parquet)."
        ),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(
            help="Year ending 31 March of the local figures (the last one covered by default)."
        ),
    ] = None,
    idaci_edition: Annotated[int, typer.Option(help="Year of the Indices of Deprivation.")] = 2025,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the run record as JSON instead of a summary.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing when all is well.")] = False,
) -> None:
    """Make every table and map from the data at hand, and say what they show."""
    from bolton_jsna.building import build as build_now
    from bolton_jsna.building.summary import summary

    record = build_now(
        area,
        workspace=workspace,
        local_records=local_records,
        year=year,
        idaci_edition=idaci_edition,
    )
    if as_json:
        typer.echo(record.to_json(), nl=False)
    elif not quiet:
        typer.echo(summary(record))


def main() -> NoReturn:
    """Run the command line; an error of the project becomes one message and an exit code."""
    try:
        app()
    except UsageError as error:
        _stop(error, WRONG_USE)
    except BoltonJsnaError as error:
        _stop(error, FAILED)
    sys.exit(0)


def _stop(error: BoltonJsnaError, code: int) -> NoReturn:
    typer.echo(f"bolton-jsna: {error}", err=True)
    sys.exit(code)
