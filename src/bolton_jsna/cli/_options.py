"""The options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

import typer

from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.years import one_year

_N = TypeVar("_N", int, float)

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


def year_given(option: str, text: str | None) -> int | None:
    """Return the year of an option from its text, or None if it is not given."""
    return None if text is None else one_year(option, text, text=True)


def number_given(option: str, text: str | None, kind: type[_N], *, such_as: str) -> _N | None:
    """Return the number of an option from its text, or None if it is not given."""
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise UsageError(f"--{option} {text!r} is not {what}. Write {such_as}.") from None


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
# Text, so that the message about a year that is not valid is the library's.
Year = Annotated[
    str | None,
    typer.Option(
        metavar="YEAR",
        help="Year ending 31 March of the local figures (the last one covered by default).",
    ),
]
ToYear = Annotated[
    str | None,
    typer.Option(
        metavar="YEAR",
        help="Last year ending 31 March of the published and local figures; later ones are left "
        "out, as in the chapter of an earlier year.",
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
