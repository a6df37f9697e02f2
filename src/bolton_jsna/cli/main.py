"""The command ``bolton-jsna``: it talks, the library does not.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but some sources are stale.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO, cast

import typer

from bolton_jsna.core.errors import BoltonJsnaError, UsageError, clean
from bolton_jsna.core.isolation import any_code_page, leave_current_folder_out, own_environment
from bolton_jsna.core.version import __version__

if TYPE_CHECKING:
    from bolton_jsna.disclosure.earlier_tables import IfCrossed

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
    handler = _StandardError()
    handler.setFormatter(_Lines("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler])


class _StandardError(logging.StreamHandler[TextIO]):
    """Lines of the log go to what is standard error now: a line that moves leads them past it."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


class _Lines(logging.Formatter):
    """Lines of the log without passwords and without what steers a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        from bolton_jsna.services.responses import scrubbed

        return clean(scrubbed(super().format(record)))


def _say(text: str) -> None:
    typer.echo(clean(text))


def _say_json(text: str) -> None:
    typer.echo(clean(text), nl=False)


_Kind = Annotated[
    str | None,
    typer.Option(help="What the rows are, referrals or plans, where the file does not say."),
]
# readable=False: a path that this user may not read gets the library's own message and exit code.
_Columns = Annotated[
    Path | None,
    typer.Option(
        readable=False, help="A TOML file that names the columns (docs/local_records.md)."
    ),
]


_Year = Annotated[
    int | None,
    typer.Option(
        help="Year ending 31 March of the local figures (the last one covered by default)."
    ),
]
_RecordsTo = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="The day up to which the records are whole (2025-03-31), where their last event lies "
        "well before it.",
    ),
]


@app.command()
def build(
    *,
    area: Annotated[
        str | None,
        typer.Option(help="An upper-tier authority by name, GSS code or DfE number. [Bolton]"),
    ] = None,
    workspace: Annotated[
        Path,
        typer.Option(
            envvar="BOLTON_JSNA_WORKSPACE",
            readable=False,
            help="The folder whose data/raw/ is read and whose data/processed/ and maps/ are "
            "written.",
        ),
    ] = Path(),
    local_records: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="The authority's own extract of referrals and plans (CSV, XLSX, Parquet or a "
            "census XML), or its counts by ward.",
        ),
    ] = None,
    kind: _Kind = None,
    columns: _Columns = None,
    year: _Year = None,
    records_to: _RecordsTo = None,
    idaci_edition: Annotated[int, typer.Option(help="Year of the Indices of Deprivation.")] = 2025,
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
    if_told: Annotated[
        str,
        typer.Option(
            help="What happens to local counts of which one has become small since they were last "
            "written, or is no longer small: hold (keep the earlier figures, with their date), "
            "hide or stop."
        ),
    ] = "hold",
    unprotected: Annotated[
        str,
        typer.Option(
            metavar="REASON",
            help="Leave small counts open, and say why and for whom. Everything goes to "
            "not_for_publication/ and says so.",
        ),
    ] = "",
    accept: Annotated[
        str,
        typer.Option(
            metavar="REASON",
            help="Say why the local file is right although its totals are not near DfE's or many "
            "rows are rejected. The reason stands on the summary, the maps and the page to sign.",
        ),
    ] = "",
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
        kind=kind,
        columns=columns,
        year=year,
        records_to=records_to,
        idaci_edition=idaci_edition,
        rule=rule,
        wards_only=wards_only,
        if_told=cast("IfCrossed", if_told),
        unprotected=unprotected,
        accept=accept,
    )
    if as_json:
        _say_json(record.to_json())
    elif not quiet:
        _say(summary(record))


_Workspace = Annotated[
    Path,
    typer.Option(
        envvar="BOLTON_JSNA_WORKSPACE",
        readable=False,
        help="The folder that holds data/raw/, data/processed/ and maps/.",
    ),
]


@app.command()
def refresh(
    *,
    area: Annotated[
        list[str] | None,
        typer.Option(
            help="An upper-tier authority; name the option again for more. [that of the last "
            "build, else Bolton]"
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="A dataset (idaci) or an edition (idaci@2019) and no other; repeatable."),
    ] = None,
    workspace: _Workspace = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; ask and write nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Fetch everything anew, whatever it may be.")
    ] = False,
    fresh_hours: Annotated[
        float | None,
        typer.Option(
            min=0, help="Hours for which a checked copy is not asked about; 0 asks about all."
        ),
    ] = None,
    keep: Annotated[int, typer.Option(min=0, help="Superseded copies to keep of each file.")] = 1,
    build_after: Annotated[
        bool,
        typer.Option("--build/--no-build", help="Build again after an update what was built."),
    ] = True,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for another refresh to end.")
    ] = 600,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the record of the refresh as JSON.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print nothing but what is stale or missing.")
    ] = False,
) -> None:
    """Fetch what is missing or has changed, keep the last good copy of what cannot be had."""
    from bolton_jsna.building.refresh import refresh as refresh_now
    from bolton_jsna.cli import _report_text
    from bolton_jsna.cli._progress import watching
    from bolton_jsna.core.permissions import shared_warning
    from bolton_jsna.services.http import Session

    shared = shared_warning(workspace)
    if shared:
        logging.getLogger(__name__).warning("%s", shared)
    talks = not (quiet or as_json)
    told = Session()
    with contextlib.ExitStack() as stack:
        # Why a build failed stands in the record, which is printed below whatever is asked for.
        stack.enter_context(_quiet("bolton_jsna.building.refresh"))
        watch = stack.enter_context(watching(_say, builds=build_after)) if talks else None
        session = stack.enter_context(watch.follow(told) if watch is not None else told)
        record = refresh_now(
            workspace,
            areas=area or None,
            only=only or None,
            dry_run=dry_run,
            force=force,
            keep=keep,
            rebuild=build_after,
            fresh_hours=fresh_hours,
            wait=wait,
            session=session,
            starting=watch.start if watch is not None else None,
            each=(lambda found: watch.done(_report_text.outcome_line(found))) if watch else None,
        )
    if as_json:
        _say_json(record.to_json())
    elif talks:
        _say(_report_text.refresh_summary(record))
    elif record.exit_code:
        typer.echo(clean(_report_text.refresh_summary(record)), err=True)
    raise typer.Exit(record.exit_code)


@app.command()
def status(
    *,
    area: Annotated[
        str | None,
        typer.Option(help="An upper-tier authority. [that of the last build, else Bolton]"),
    ] = None,
    workspace: _Workspace = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print how old everything is and what a build would use."""
    from bolton_jsna.cli import _report_text

    # What a build would warn about is in the lines below.
    with _quiet("bolton_jsna.building.inputs"):
        found = _report_text.status(area, workspace=workspace)
    if as_json:
        _say_json(found.to_json())
    else:
        _say(_report_text.status_lines(found))


@app.command()
def sources(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Print the catalogue: what there is, from whom, under which licence, how it is fetched."""
    from bolton_jsna.cli import _report_text

    typer.echo(
        _report_text.sources_json() if as_json else _report_text.sources_lines(), nl=not as_json
    )


@app.command()
def check(
    file: Annotated[
        Path, typer.Argument(readable=False, help="The extract of records, or counts by area.")
    ],
    *,
    kind: _Kind = None,
    columns: _Columns = None,
    area: Annotated[
        str | None,
        typer.Option(
            help="The authority whose children they are. [that of the last build, else Bolton]"
        ),
    ] = None,
    year: _Year = None,
    records_to: _RecordsTo = None,
    workspace: _Workspace = Path(),
    rejects: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Write number and reason of each row not used to this CSV, for your eyes only.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, with every row number.")
    ] = False,
) -> None:
    """Say what is understood of your own extract: rows used and why others are not."""
    from bolton_jsna.cli.check_records import check_lines, check_records

    found = check_records(
        file,
        kind=kind,
        columns=columns,
        area=area,
        year=year,
        records_to=records_to,
        workspace=workspace,
        rejects=rejects,
    )
    if as_json:
        _say_json(found.to_json())
    else:
        _say(check_lines(found))


@contextlib.contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Leave out the warnings of a logger whose words are printed by the command itself."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


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
        # A disk that is full or a file that is closed to this user, wherever it was met.
        named = f"{error.filename!r} cannot be used: " if error.filename else ""
        _stop(f"{named}{error.strerror or type(error).__name__}.", FAILED)
    except Exception as error:  # noqa: BLE001 (whatever it is, its words may quote a record)
        _stop(
            f"something that nobody foresaw ({type(error).__name__}). Nothing of it is quoted, "
            "because it may hold words of a file. Please report what you ran (SECURITY.md).",
            FAILED,
        )
    sys.exit(0)


def _stop(message: str, code: int) -> NoReturn:
    typer.echo(clean(f"bolton-jsna: {message}"), err=True)
    sys.exit(code)
