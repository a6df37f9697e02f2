"""Failures of services: which ones are not asked again, and how long the others may take.

Publishers have short outages, so a service is asked again for a while. After it has failed for two
files it is not asked again. When no service answers, the fault is probably in the network here, and
no service is asked again. This module only counts: it neither sends nor waits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from bolton_jsna.core.errors import SourceError
from bolton_jsna.services import _diagnosis
from bolton_jsna.services._request import Request
from bolton_jsna.services.endpoints import SERVICES
from bolton_jsna.services.progress_text import again_not
from bolton_jsna.services.responses import UnreachableError

Kind = Literal["unreachable", "silent", "limited", "broken"]
"""unreachable: no connection could be made. silent: connected, then no answer or a very slow one.
limited: too many requests (429, a long Retry-After). broken: another failure that may pass, such as
5xx or a body that ends too early."""

# Seconds after the first try of a request in which another may begin: if no connection was made,
# if the answer was bad or missing, if the service asked for a pause; and for the last two while
# another request has just failed.
_CONNECTING: Final = 4.0
_WAITING: Final = 45.0
_ASKED: Final = 100.0
_TROUBLED: Final = 10.0
_ASKED_TROUBLED: Final = 15.0
# Seconds to wait for the first part of an answer while another request has just failed.
_PROBE: Final = 12.0
# Seconds that one file without an answer can take, tried twice.
_ONE_SLOW_FILE: Final = 75.0
# A useless answer (403, a redirect to another host) is not a failure, unless it takes this long.
# One failed request that took _ENOUGH seconds is enough to stop asking its service.
_SLOW: Final = 5.0
_ENOUGH: Final = 900.0
# All requests are stopped after this many seconds of failures, at so many publishers, without a
# file in between: fewer seconds if no connection was made at all, fewer publishers if no file has
# arrived since the start.
_FAILING: Final = 60.0
_FAILING_UNREACHABLE: Final = 10.0
_PUBLISHERS: Final = 3
_PUBLISHERS_AT_FIRST: Final = 2


@dataclass(frozen=True)
class Patience:
    """How often and how long one request is tried.

    Attributes
    ----------
    tries : int
        Most tries; a pause that the service asked for does not count as one.
    unreachable, waiting, asked : float
        Seconds in which another try may begin: if no connection was made, if the answer was bad or
        missing, and after a pause that the service asked for.
    silence : float
        The longest wait for a part of an answer, in seconds.
    """

    tries: int
    unreachable: float
    waiting: float
    asked: float
    silence: float = math.inf

    def again(self, failed: Failed, tried: int, after: float, paused: float = 0.0) -> bool:
        """Report whether a request is tried again."""
        if failed.final:
            return False
        if failed.pause is not None:
            # A pause that the service asks for does not count, but slow answers do.
            return after <= self.asked and after - paused <= self.waiting
        return tried < self.tries and after <= (
            self.unreachable if failed.kind == "unreachable" else self.waiting
        )


class Failed(Protocol):
    """A try that failed: see :class:`bolton_jsna.services._request_errors.RetryError`."""

    final: bool
    pause: float | None

    @property
    def kind(self) -> Kind:
        """What kind of failure it was."""


@dataclass
class Outages:
    """The failures of a session.

    Attributes
    ----------
    down : dict
        Services that are not asked again, each with the message of its last failure.
    everything : str
        Why no service is asked any more; empty while they are.
    troubles : dict
        The problems of the network here (words of ``network_advice.toml``), each with the services
        that cannot be reached and their hosts.
    failures : int
        The number of failed requests.

    Examples
    --------
    >>> found, request = Outages(), Request("GET", "nomis", "https://www.nomisweb.co.uk/api")
    >>> for file in ("first", "second"):
    ...     found.begin()
    ...     found.failed(request, "broken", 1, ValueError("It answered 503."))
    >>> found.down
    {'nomis': 'Nomis (www.nomisweb.co.uk) was not asked again, because ... It answered 503.'}
    """

    down: dict[str, str] = field(default_factory=dict)
    everything: str = ""
    troubles: dict[str, dict[str, str]] = field(default_factory=dict)
    failures: int = 0
    _strikes: dict[str, int] = field(default_factory=dict)
    _file: str = ""
    _failed_last: dict[str, str] = field(default_factory=dict)
    _passed_over: dict[tuple[str, str], str] = field(default_factory=dict)
    _slow_now: dict[str, tuple[Request, float]] = field(default_factory=dict)
    _answered: set[str] = field(default_factory=set)
    _answered_now: set[str] = field(default_factory=set)
    _failed_now: set[str] = field(default_factory=set)
    _blocked: str = ""
    _failing: float = 0.0
    _publishers: dict[str, Kind] = field(default_factory=dict)
    _any_file: bool = False

    def begin(self, file: str = "") -> None:
        """Begin another file."""
        for service in self._answered_now - self._failed_now:
            self._strikes[service] = 0
        self._answered_now, self._failed_now, self._blocked = set(), set(), ""
        self._file, self._slow_now = file, {}

    def ended(self, trouble: str = "") -> None:
        """Note that the file that was begun arrived or, if there is a trouble, did not."""
        if not trouble and self._answered_now and not self._failed_now:
            self._any_file, self._failing = True, 0.0
            self._publishers.clear()
        elif trouble:
            # All was answered, and slowly, but with something else: a page of the network here.
            for request, seconds in list(self._slow_now.values()):
                self.failed(request, "broken", seconds, SourceError(trouble))

    @property
    def blocked(self) -> str:
        """What kept every request for the file that was begun from its service; else empty."""
        return "" if self._answered_now else self._blocked

    def check(self, request: Request) -> None:
        """Raise an error if a service is not asked again."""
        service = request.service
        if self.everything and service not in self.down:
            self.down[service] = f"{request.name} was not asked, because {self.everything}."
        if service in self.down:
            if self.everything or any(service in each for each in self.troubles.values()):
                self._blocked = self._blocked or self.down[service]
            raise UnreachableError(self.down[service])
        if (service, self._file) in self._passed_over:
            raise UnreachableError(self._passed_over[service, self._file])

    def patience(self, service: str, tries: int) -> Patience:
        """Return how often and how long a service is asked now, with so many tries at most."""
        if self._strikes.get(service):
            # A service that has answered before may be slow with one other file.
            same = bool(self._file) and self._failed_last.get(service) == self._file
            long = service in self._answered and not same and self._failing < _ONE_SLOW_FILE
            return Patience(1, 0, 0, _ASKED_TROUBLED, math.inf if long else _PROBE)
        if self._publishers:
            return Patience(min(tries, 2), _CONNECTING, _TROUBLED, _ASKED_TROUBLED, _PROBE)
        return Patience(tries, _CONNECTING, _WAITING, _ASKED)

    def answered(self, request: Request, seconds: float = 0.0) -> None:
        """Note a whole answer, after so many seconds."""
        self._answered.add(request.service)
        self._answered_now.add(request.service)
        if seconds >= _SLOW:
            _, slow = self._slow_now.get(request.service, (request, 0.0))
            self._slow_now[request.service] = request, slow + seconds

    def useless(
        self, request: Request, seconds: float, error: Exception, *, status: int = 0
    ) -> None:
        """Note an answer that is of no use, such as 404 or a redirect to another host."""
        if status:
            self.answered(request)
        if status in _diagnosis.FORBIDDEN:
            self.troubles.setdefault("filter", {})[request.service] = request.host
        if seconds >= _SLOW:
            self.failed(request, "broken", seconds, error)

    def failed(
        self, request: Request, kind: Kind, seconds: float, error: Exception, *, tried: int = 1
    ) -> None:
        """Note a failed request, after so many seconds and tries."""
        self.failures += 1
        service = request.service
        if service not in self._failed_now:
            self._failed_now.add(service)
            again = self._strikes.get(service) and self._failed_last.get(service) == self._file
            if self._file and again:
                self._passed_over[service, self._file] = again_not(request.name, str(error))
            else:
                self._strikes[service] = self._strikes.get(service, 0) + 1
            self._failed_last[service] = self._file
        # One that has answered before may be slow with one file only.
        mute = kind == "silent" and service not in self._answered and tried > 1
        enough = mute or seconds >= _ENOUGH or self._strikes[service] > 1
        if kind in {"unreachable", "limited"} or enough:
            self.down[service] = (
                str(error) if kind == "unreachable" else again_not(request.name, str(error))
            )
        self._failing += seconds
        self._publishers[SERVICES[service].publisher] = kind
        self._give_up()
        silence = "silence" if self.everything and kind == "silent" else ""
        trouble = getattr(error, "trouble", "") or silence
        if trouble:
            self.troubles.setdefault(trouble, {})[service] = request.host
            self._blocked = self._blocked or str(error)

    def _give_up(self) -> None:
        """Stop all requests if several publishers have sent nothing for a long time."""
        most = _PUBLISHERS if self._any_file else _PUBLISHERS_AT_FIRST
        limit = (
            _FAILING_UNREACHABLE if set(self._publishers.values()) == {"unreachable"} else _FAILING
        )
        if len(self._publishers) >= most and self._failing >= limit:
            self.everything = (
                f"{' and '.join(self._publishers)} have sent nothing for {self._failing:.0f} "
                "seconds"
            )
