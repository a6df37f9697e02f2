"""What one file may take of a session: time, answers, and room in memory.

A service pages through a table as often as it likes, and a count that it gives beforehand may be
wrong. So the end is set here, for all of them, and not in the clients.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from bolton_jsna.services._messages import dripping, endless, slow

# A body that comes more slowly than this, in bytes a second, is as good as none.
_SLOWEST = 1000


@dataclass
class Allowance:
    """How much may still be asked for one file; without limits, as it is before one begins.

    Attributes
    ----------
    seconds : float
        From the making of this allowance.
    answers : float
        Most requests, however often each is tried again.
    held : float
        Most bytes of answers that are held in memory.

    Examples
    --------
    >>> left = Allowance(seconds=60, answers=1, held=99)
    >>> left.ask("nomis")
    >>> left.ask("nomis")
    Traceback (most recent call last):
    bolton_jsna.services._messages.SlowError: nomis gave more than 1 answers for one file: ...
    """

    seconds: float = math.inf
    answers: float = math.inf
    held: float = math.inf
    began: float = field(default_factory=time.monotonic)
    asked: int = 0
    taken: int = 0

    def in_time(self, name: str) -> None:
        """Refuse to go on when the time is over."""
        if time.monotonic() > self.began + self.seconds:
            raise slow(name, self.seconds)

    def ask(self, name: str, *, again: bool = False) -> None:
        """Count a request, unless it is one sent again."""
        self.in_time(name)
        self.asked += not again
        if self.asked > self.answers:
            raise endless(name, f"{self.answers:,} answers")

    def hold(self, name: str, size: int) -> None:
        """Count bytes that are held."""
        self.taken += size
        if self.taken > self.held:
            raise endless(name, f"{self.held / 2**20:,.0f} MB in pages")


@dataclass
class Pace:
    """How fast a body comes; one that only drips is ended, as one that stops is.

    Attributes
    ----------
    url : str
        For the message.
    window : float
        The seconds over which it is measured.

    Examples
    --------
    >>> Pace("https://www.gov.uk/file.csv").came(1)
    """

    url: str
    window: float = 30.0
    since: float = field(default_factory=time.monotonic)
    lately: int = 0

    def came(self, size: int) -> None:
        """Count bytes that came."""
        self.lately += size
        seconds = time.monotonic() - self.since
        if seconds < self.window:
            return
        if self.lately < _SLOWEST * seconds:
            raise dripping(self.url, self.lately, seconds)
        self.lately, self.since = 0, time.monotonic()
