"""The progress of a refresh: a line that moves on a terminal, and a line per file."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TextIO

from bolton_jsna.services.endpoints import SERVICES

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from bolton_jsna.services.http import Session

_A_SECOND: Final = 8  # how often the line is drawn
_TURNS: Final = ("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "-\\|/")
_UNITS: Final = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


@dataclass
class Watch:
    """Where a refresh has got to, as a line that is drawn again and again.

    The counters of the session are read each time that the line is drawn, so the line also moves
    while a service does not answer.

    Attributes
    ----------
    write : callable
        Prints a line that stays.
    turns, after : str
        The marks that follow each other; the text after all files are done.
    session : Session or None
        Its counters have the service that is asked and the bytes received.
    number, of, file : int, int, str
        Which file it is at; 0 before the first.
    """

    write: Callable[[str], None]
    turns: str = _TURNS[1]
    after: str = "all files are done"
    session: Session | None = None
    number: int = 0
    of: int = 0
    file: str = "preparing"
    _began: float = field(default_factory=time.monotonic)
    _received: int = 0
    _body: tuple[int, int] = (0, 0)
    _note: str = ""
    _noted: int = 0

    def follow(self, session: Session) -> Session:
        """Look at a session from here on; return it."""
        self.session = session
        session.waiting, session.progress = self.wait, self.receive
        return session

    def start(self, number: int, of: int, file: str) -> None:
        """Begin a file."""
        self.number, self.of, self.file = number, of, file
        self._begin()

    def wait(self, why: str) -> None:
        """Show why a request is tried again, until it is sent."""
        self._note, self._noted = why, self._sent

    def receive(self, _: str, received: int, of: int | None) -> None:
        """Note how much of a body was received, if its size is known."""
        self._body = (received, of or 0)

    def done(self, line: str) -> None:
        """Print the line of the file that is done."""
        width = len(str(self.of))
        self.write(f"{self.number:>{width}} of {self.of}  {line}")
        if self.number == self.of:
            self.number, self.file = 0, self.after
            self._begin()

    def text(self, *, width: int = 80) -> str:
        """Return the line as it is now, cut to a width."""
        spent = time.monotonic() - self._began
        turn = self.turns[int(spent * _A_SECOND) % len(self.turns)]
        place = f"{self.number} of {self.of}, " if self.number else ""
        start, who, doing = f"{turn} {place}{spent:.0f} s  ", *self._doing()
        # On a narrow terminal what goes on counts most, then who is asked.
        ways = [f"{self.file}: {who}, {doing}", f"{who}, {doing}", doing] if doing else [self.file]
        room = max(width - 1 - len(start), 0)
        fitting = next((each for each in ways if len(each) <= room), ways[-1])
        return f"{start}{fitting}"[: max(width - 1, 1)]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the line."""
        from rich.text import Text

        yield Text(self.text(width=options.max_width), no_wrap=True, overflow="crop")

    @property
    def _sent(self) -> int:
        return self.session.requests_sent if self.session is not None else 0

    def _begin(self) -> None:
        self._began, self._body, self._note = time.monotonic(), (0, 0), ""
        if self.session is not None:
            self._received, self.session.asking = self.session.bytes_received, ""

    def _doing(self) -> tuple[str, str]:
        """Return which service is asked, and what is happening."""
        if self.session is None or not self.number or not self.session.asking:
            return "", ""
        who = SERVICES[self.session.asking].name
        if self._note and self._sent == self._noted:
            return who, self._note
        come, (received, of) = self.session.bytes_received - self._received, self._body
        if received < of:
            return who, f"{_size(received)} of {_size(of)} received"
        return who, f"{_size(come)} received" if come else "waiting for an answer"


@contextlib.contextmanager
def watching(write: Callable[[str], None], *, builds: bool = False) -> Iterator[Watch]:
    """Show a line that moves below the lines that stay; without a terminal only the latter."""
    stream = next((each for each in (sys.stdout, sys.stderr) if each.isatty()), None)
    if stream is None:
        yield Watch(write)
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    turns = next(each for each in _TURNS if _fits(each, stream))
    after = "all files are done, building again if anything has changed" if builds else Watch.after
    watch = Watch(write if stream is sys.stderr else _above(console), turns, after)
    # Only a terminal needs the line redrawn: output to a file is left as it is.
    with Live(
        watch,
        console=console,
        transient=True,
        refresh_per_second=_A_SECOND,
        redirect_stdout=sys.stdout.isatty(),
        redirect_stderr=sys.stderr.isatty(),
    ):
        yield watch


def _above(console: Console) -> Callable[[str], None]:
    from rich.text import Text

    def write(line: str) -> None:
        # Whole, so that it can be copied: the terminal folds it.
        console.print(Text(line), soft_wrap=True)

    return write


def _fits(text: str, stream: TextIO) -> bool:
    """Report whether a stream can encode a text."""
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _size(count: float) -> str:
    """Return a number of bytes as it is read."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count:,.0f} bytes"
