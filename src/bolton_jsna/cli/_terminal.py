"""What the command line prints: text and JSON on standard output, the log on standard error."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
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
    """Keep out of the log the lines that are also in the record, which the command prints."""
    # If the command ends without a record, they are logged after all.
    held: list[tuple[StandardError, logging.LogRecord]] = []

    def only_new(handler: StandardError) -> Callable[[logging.LogRecord], bool]:
        def is_new(record: logging.LogRecord) -> bool:
            in_record = getattr(record, "in_record", False)
            if in_record:
                held.append((handler, record))
            return not in_record

        return is_new

    handlers = [each for each in logging.getLogger().handlers if isinstance(each, StandardError)]
    filters = [(each, only_new(each)) for each in handlers]
    for handler, only in filters:
        handler.addFilter(only)
    ended = False
    try:
        yield
        ended = True
    finally:
        for handler, only in filters:
            handler.removeFilter(only)
        for handler, record in [] if ended else held:
            handler.handle(record)


def print_text(text: str, *, err: bool = False) -> None:
    """Print text without control characters."""
    typer.echo(clean(text), err=err)


def print_json(text: str) -> None:
    """Print JSON text that ends with a line feed."""
    typer.echo(clean(text), nl=False)
