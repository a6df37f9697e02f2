"""Tables as the command line prints them: text that fits the screen, JSON and CSV."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bolton_jsna.cli._terminal import print_json, print_text
from bolton_jsna.core.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

_NARROWEST: Final = 80
_WIDEST: Final = 120
_USUAL: Final = 100
"""The width of a table in columns: where there is no terminal, and the limits where there is."""

AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def screen_width() -> int:
    """Return how many columns a table may have."""
    if not sys.stdout.isatty():
        return _USUAL
    return min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)


def one_format(*, as_json: bool, as_csv: bool) -> None:
    """Reject two formats at once."""
    if as_json and as_csv:
        raise UsageError("--json and --csv were both given. Give one of them.")


def printed(found: pd.DataFrame, *, as_json: bool, as_csv: bool) -> bool:
    """Print a table as JSON or CSV, if one of them was asked for."""
    if as_json:
        print_json(_as_json(found))
    elif as_csv:
        print_text(_as_csv(found))
    return as_json or as_csv


def _as_json(frame: pd.DataFrame) -> str:
    """Return a table as JSON, an object per row; a missing figure is null."""
    rows = json.loads(frame.to_json(orient="records", double_precision=15))
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _as_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV whose cells no spreadsheet takes for formulas."""
    from bolton_jsna.core.export import inert

    return str(inert(frame).to_csv(index=False, lineterminator="\n").rstrip("\n"))


def table_lines(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    width: int,
    widths: Sequence[int | None],
) -> list[str]:
    """Return a table as lines of text, its long cells wrapped."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, width=width, pad_edge=False, show_edge=False)
    for heading, columns in zip(headings, widths, strict=True):
        table.add_column(heading, width=columns, ratio=None if columns else 1, overflow="fold")
    for row in rows:
        # Text, so that brackets in a title are not taken for markup.
        table.add_row(*(Text(cell) for cell in row))
    console = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False)
    with console.capture() as caught:
        console.print(table)
    return [title, *(line.rstrip() for line in caught.get().rstrip().splitlines())]
