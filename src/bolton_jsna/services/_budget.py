"""The limits for one file: time, number of answers, memory, and speed.

A service may send pages without end, and the number of rows that it reports may be wrong. So the
limits are here, for all services, and not in the clients.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from bolton_jsna.services._request_errors import endless_error, too_long_error, too_slow_error

# A body that arrives more slowly than this, in bytes a second, is ended.
_SLOWEST = 1000


@dataclass
class Allowance:
    """The limits for one file, and what has been used; without limits until a file begins.

    Attributes
    ----------
    seconds : float
        From the start of the file.
    answers : float
        Most requests; further tries of the same request are not counted.
    held : float
        Most bytes of answers that are held in memory.

    Examples
    --------
    >>> left = Allowance(seconds=60, answers=1, held=99)
    >>> left.ask("nomis")
    >>> left.ask("nomis")
    Traceback (most recent call last):
    bolton_jsna.services._request_errors.SlowError: nomis gave more than 1 answers for one file: ...
    """

    seconds: float = math.inf
    answers: float = math.inf
    held: float = math.inf
    began: float = field(default_factory=time.monotonic)
    asked: int = 0
    taken: int = 0

    def in_time(self, name: str) -> None:
        """Raise an error when the time is over."""
        if time.monotonic() > self.began + self.seconds:
            raise too_long_error(name, self.seconds)

    def ask(self, name: str, *, again: bool = False) -> None:
        """Count a request, unless it is another try."""
        self.in_time(name)
        self.asked += not again
        if self.asked > self.answers:
            raise endless_error(name, f"{self.answers:,} answers")

    def hold(self, name: str, size: int) -> None:
        """Count bytes that are held."""
        self.taken += size
        if self.taken > self.held:
            raise endless_error(name, f"{self.held / 2**20:,.0f} MB in pages")


@dataclass
class Pace:
    """The speed of a body; one that arrives too slowly is ended, like one that stops.

    Attributes
    ----------
    url : str
        For the message.
    window : float
        The seconds over which it is measured.

    Examples
    --------
    >>> Pace("https://www.gov.uk/file.csv").received(1)
    """

    url: str
    window: float = 30.0
    since: float = field(default_factory=time.monotonic)
    lately: int = 0

    def received(self, size: int) -> None:
        """Count bytes that arrived."""
        self.lately += size
        seconds = time.monotonic() - self.since
        if seconds < self.window:
            return
        if self.lately < _SLOWEST * seconds:
            raise too_slow_error(self.url, self.lately, seconds)
        self.lately, self.since = 0, time.monotonic()
