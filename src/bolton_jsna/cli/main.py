"""The command ``bolton-jsna``. It prints; the library does not.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but some sources are stale, 4 done for some areas.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bolton_jsna.cli import _build, _chapter, _profile, _project, _refresh, _site
from bolton_jsna.cli._options import (
    AsJson,
    Columns,
    Kind,
    RecordsTo,
    ToYear,
    Workspace,
    Year,
    year_given,
)
from bolton_jsna.cli._terminal import print_json, print_text, start_log
from bolton_jsna.core.errors import BoltonJsnaError, UsageError
from bolton_jsna.core.isolation import any_code_page, leave_current_folder_out, own_environment
from bolton_jsna.core.version import __version__

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
    """Read the options that come before a command."""
    start_log(verbose=verbose)


app.command()(_build.build)
app.command()(_chapter.chapter)
app.command()(_site.site)
app.command()(_refresh.refresh)
app.command()(_profile.profile)
app.command()(_profile.indicators)
app.command()(_project.project)


@app.command()
def status(
    *,
    area: Annotated[
        str | None,
        typer.Option(
            help="An upper-tier authority. Default: the authority of the last build, else Bolton."
        ),
    ] = None,
    workspace: Workspace = Path(),
    as_json: AsJson = False,
) -> None:
    """Print how old everything is and what a build would use."""
    from bolton_jsna.cli import _status, _status_text

    found = _status.status(area, workspace=workspace)
    if as_json:
        print_json(found.to_json())
    else:
        print_text(_status_text.status_lines(found))


@app.command()
def sources(*, as_json: AsJson = False) -> None:
    """Print the catalogue: each dataset, its publisher, its licence and how it is fetched."""
    from bolton_jsna.cli import _sources

    if as_json:
        print_json(_sources.sources_json())
    else:
        print_text(_sources.sources_lines())


@app.command()
def check(
    file: Annotated[
        Path, typer.Argument(readable=False, help="The extract of records, or counts by area.")
    ],
    *,
    kind: Kind = None,
    columns: Columns = None,
    area: Annotated[
        str | None,
        typer.Option(
            help="The authority of the records. Default: that of the last build, else Bolton.",
        ),
    ] = None,
    year: Year = None,
    to_year: ToYear = None,
    records_to: RecordsTo = None,
    workspace: Workspace = Path(),
    rejects: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Write number and reason of each row not used to this CSV, for you only.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, with every row number.")
    ] = False,
) -> None:
    """Check your own extract: print the rows that are used, and why others are not."""
    from bolton_jsna.cli.check_records import check_lines, check_records

    found = check_records(
        file,
        kind=kind,
        columns=columns,
        area=area,
        year=year_given("year", year),
        to_year=year_given("to-year", to_year),
        records_to=records_to,
        workspace=workspace,
        rejects=rejects,
    )
    if as_json:
        print_json(found.to_json())
    else:
        print_text(check_lines(found))


def main() -> NoReturn:
    """Run the command line; an error of the project becomes one message and an exit code."""
    leave_current_folder_out()
    own_environment()
    any_code_page()
    try:
        app()
    except UsageError as error:
        _stop(str(error), WRONG_USE)
    except BoltonJsnaError as error:
        _stop(str(error), FAILED)
    except OSError as error:
        # A full disk, or a file that this user may not open.
        named = f"{error.filename!r} cannot be used: " if error.filename else ""
        _stop(f"{named}{error.strerror or type(error).__name__}.", FAILED)
    except Exception as error:  # noqa: BLE001 (whatever it is, its words may quote a record)
        _stop(
            f"unexpected error ({type(error).__name__}). Its text is not shown, because it may "
            "quote a file. Please report what you ran (SECURITY.md).",
            FAILED,
        )
    sys.exit(0)


def _stop(message: str, code: int) -> NoReturn:
    print_text(f"bolton-jsna: {message}", err=True)
    sys.exit(code)
