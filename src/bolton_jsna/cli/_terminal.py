"""What the command line prints: text and JSON on standard output, the log on standard error."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from typing import TextIO

import typer

from bolton_jsna.core.errors import clean


class StandardError(logging.StreamHandler[TextIO]):
    """Writes to the present standard error: a progress line puts another one in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


class SafeLines(logging.Formatter):
    """Lines of the log without passwords and without control characters."""

    def format(self, record: logging.LogRecord) -> str:
        from bolton_jsna.services.redaction import scrubbed

        return clean(scrubbed(super().format(record)))


def start_log(*, verbose: bool) -> None:
    """Send warnings, or everything, to standard error."""
    handler = StandardError()
    handler.setFormatter(SafeLines("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler])


@contextlib.contextmanager
def printing_record() -> Iterator[None]:
    """Leave out of the log the lines that are also in the record, which the command prints."""

    def is_new(record: logging.LogRecord) -> bool:
        return not getattr(record, "in_record", False)

    handlers = [each for each in logging.getLogger().handlers if isinstance(each, StandardError)]
    for each in handlers:
        each.addFilter(is_new)
    try:
        yield
    finally:
        for each in handlers:
            each.removeFilter(is_new)


def print_text(text: str, *, err: bool = False) -> None:
    """Print text without control characters."""
    typer.echo(clean(text), err=err)


def print_json(text: str) -> None:
    """Print JSON text that ends with a line feed."""
    typer.echo(clean(text), nl=False)
