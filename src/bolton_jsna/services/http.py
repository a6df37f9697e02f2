"""One session for every request: it retries, waits, follows redirects and checks answers."""

from __future__ import annotations

import itertools
import logging
import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlsplit

from bolton_jsna.core.errors import SourceError
from bolton_jsna.core.version import __version__
from bolton_jsna.services import StoredCopy, _diagnosis, _streaming, endpoints, progress_text
from bolton_jsna.services._budget import Allowance, Pace
from bolton_jsna.services._request import Params, Request
from bolton_jsna.services._request_errors import (
    LONGEST_PAUSE,
    RetryError,
    SlowError,
    body_error,
    network_error,
    proxy_address_error,
    redirect_error,
    request_error,
)
from bolton_jsna.services.outages import Outages, Patience
from bolton_jsna.services.redaction import beginning, scrubbed, shown
from bolton_jsna.services.responses import (
    CutError,
    Downloaded,
    Reply,
    StatusError,
    asked_pause,
    backoff,
)

if TYPE_CHECKING:
    import requests

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

USER_AGENT = f"bolton-jsna/{__version__} (official statistics for local needs assessments)"
"""The name that the library gives."""

Progress = Callable[[str, int, int | None], None]

_REDIRECTS = 5
_SHOWN = 256 * 1024
_IN_MEMORY = 64 * 2**20
_ON_DISK = 512 * 2**20


@dataclass
class Session:
    """A context manager around one ``requests`` session.

    Certificates are always checked. Proxies and ``REQUESTS_CA_BUNDLE`` of the environment are
    respected. Connection failures, time-outs, cut or truncated bodies, 429 and 5xx are tried
    again after a growing, slightly random pause, or that of ``Retry-After``. A service that fails
    for two files running, cannot be connected to or keeps answering 429 is not asked again in the
    session, and no service is asked when none of them answers (:mod:`.outages`).

    Attributes
    ----------
    timeout : tuple of float
        Seconds to connect, and to wait for each next part of an answer.
    retries : int
        How often a request is tried again.
    max_bytes : int
        Largest body of a download, as sent and unpacked.
    user_agent : str
        The name that the library gives.
    progress : callable, optional
        Called with a name, the bytes so far and the bytes in all (None if unknown).
    waiting : callable, optional
        Called with the reason and the pause, as text, before a request is tried again.
    sleep : callable
        Waits; replaced in tests.
    patience : float
        Seconds for all requests and answers after :meth:`begin`.
    max_answers, max_held : int
        Requests after :meth:`begin`, and bytes of answers held in memory (pages of a table).
    outages : Outages
        The failures, of this session or one before.
    requests_sent, bytes_received : int
        Totals of the session so far.
    asking : str
        The service that was asked last.
    """

    timeout: tuple[float, float] = (5, 30)
    retries: int = 4
    max_bytes: int = _ON_DISK
    user_agent: str = USER_AGENT
    progress: Progress | None = None
    waiting: Callable[[str], None] | None = None
    sleep: Callable[[float], None] = time.sleep
    patience: float = 1200.0
    max_answers: int = 2000
    max_held: int = 2 * _IN_MEMORY
    outages: Outages = field(default_factory=Outages)
    requests_sent: int = 0
    bytes_received: int = 0
    asking: str = ""
    _session: requests.Session | None = None
    _allowance: Allowance = field(default_factory=Allowance)
    _silence: float = math.inf

    def __enter__(self) -> Self:
        import requests

        self._session = requests.Session()
        self._session.headers.update({"User-Agent": self.user_agent, "Accept-Encoding": "gzip"})
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            self._session.close()

    def begin(self, file: str = "") -> None:
        """Begin one file: the requests from here on share its limits."""
        self._allowance = Allowance(self.patience, self.max_answers, self.max_held)
        self.outages.begin(file)

    @property
    def network(self) -> str:
        """The problem of the network here and what to do about it; empty if there is none."""
        return _diagnosis.advice(self.outages.troubles)

    def get(
        self,
        service: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        again: Callable[[Reply], str] | None = None,
        max_bytes: int = _IN_MEMORY,
    ) -> Reply:
        """Return the answer to a GET request."""
        address = endpoints.resolve(service, path)
        request = Request("GET", service, address, params, headers or {}, accept)
        return self._in_memory(request, again, max_bytes)

    def post(
        self,
        service: str,
        path: str,
        *,
        json: Any = None,
        data: Params | None = None,
        accept: Collection[int] = (),
        again: Callable[[Reply], str] | None = None,
        max_bytes: int = _IN_MEMORY,
    ) -> Reply:
        """Return the answer to a POST of JSON, or of a form (``data``); else as :meth:`get`."""
        body = {"json": json} if data is None else {"data": dict(data)}
        address = endpoints.resolve(service, path)
        request = Request("POST", service, address, accept=accept, body=body)
        return self._in_memory(request, again, max_bytes)

    def download(
        self,
        service: str,
        path: str,
        target: Path,
        *,
        params: Params | None = None,
        known: StoredCopy | None = None,
        max_bytes: int | None = None,
    ) -> Downloaded:
        """Stream a body to a file; with a known copy, only if it has changed."""
        # The condition is sent only if the stored copy is from this address.
        address = endpoints.resolve(service, path)
        same = known is not None and known.address == shown(address, params)
        headers = known.condition if known is not None and same else {}
        limit = self.max_bytes if max_bytes is None else max_bytes

        def keep(answer: requests.Response) -> Downloaded:
            size = 0
            unchanged = answer.status_code == 304
            if not unchanged:
                with target.open("wb") as file:
                    for part in self._body(answer, limit, name=target.name):
                        size += file.write(part)
            head = answer.headers
            return Downloaded(
                path=None if unchanged else target,
                url=shown(answer.url),
                etag=head.get("ETag", ""),
                last_modified=head.get("Last-Modified", ""),
                content_type=head.get("Content-Type", "").partition(";")[0].strip().lower(),
                size=size,
            )

        accept = (304,) if headers else ()
        return self._tried(Request("GET", service, address, params, headers, accept), keep)

    def _in_memory(
        self, request: Request, again: Callable[[Reply], str] | None, limit: int
    ) -> Reply:
        last: list[Reply] = []

        def keep(answer: requests.Response) -> Reply:
            content = b"".join(self._body(answer, limit))
            self._allowance.hold(request.name, len(content))
            reply = Reply(answer.status_code, answer.headers, content, shown(answer.url))
            reason = again(reply) if again else ""
            if reason:
                last[:] = [reply]
                raise RetryError(None, reason, asked_pause(answer.headers.get("Retry-After", "")))
            return reply

        try:
            return self._tried(request, keep)
        except RetryError:
            return last[0]

    def _tried(self, request: Request, keep: Callable[[requests.Response], _T]) -> _T:
        self.outages.check(request)
        patience = self.outages.patience(request.service, self.retries + 1)
        self.asking = request.service
        began, paused = time.monotonic(), 0.0
        for tried in itertools.count(1):
            try:
                self._allowance.ask(request.name, again=tried > 1)
                found = self._once(request, keep, patience)
            except RetryError as failed:
                pause = backoff(tried - 1) if failed.pause is None else failed.pause
                spent = time.monotonic() - began
                paused += pause
                again = patience.again(failed, tried, spent + pause, paused)
                if tried > self.retries or not again:
                    if failed.error is not None:
                        self.outages.failed(request, failed.kind, spent, failed.error, tried=tried)
                    raise (failed.error or failed) from failed
                _log.info("%s: %s; again in %.1f s", request.service, failed, pause)
                if self.waiting is not None:
                    most = patience.tries if failed.pause is None else self.retries + 1
                    self.waiting(progress_text.again(str(failed), pause, tried + 1, most))
                self.sleep(pause)
            except SlowError as error:
                spent = time.monotonic() - self._allowance.began
                self.outages.failed(request, "broken", spent, error)
                raise
            except SourceError as error:
                status = error.status if isinstance(error, StatusError) else 0
                spent = time.monotonic() - began
                self.outages.useless(request, spent - paused, error, status=status)
                raise
            else:
                self.outages.answered(request, time.monotonic() - began - paused)
                return found
        raise AssertionError  # pragma: no cover (the tries are counted)

    def _once(
        self, request: Request, keep: Callable[[requests.Response], _T], patience: Patience
    ) -> _T:
        import urllib3

        began = time.monotonic()
        silence = self._silence = min(self.timeout[1], patience.silence)
        try:
            with self._followed(request, (self.timeout[0], silence)) as answer:
                self._reject(request, answer)
                try:
                    return keep(answer)
                except (CutError, urllib3.exceptions.HTTPError) as error:
                    raise body_error(shown(answer.url), error, silence) from error
        except OSError as error:  # those of requests among them
            failed = request_error(request.name, error, silence, time.monotonic() - began)
            if failed is None:
                raise
            raise failed from error

    def _followed(self, request: Request, timeout: tuple[float, float]) -> requests.Response:
        """Send a request and follow at most five redirects, each to the service's own hosts."""
        if self._session is None:
            raise AssertionError("a Session is used in a with statement")
        method, address, params = request.method, request.address, request.params
        body, seen = request.body, [request.address]
        ends = time.monotonic() + timeout[1]
        while True:
            self.requests_sent += 1
            try:
                answer = self._session.request(
                    method,
                    address,
                    params=params,
                    headers=dict(request.headers),
                    # All redirects together have the time of one request.
                    timeout=(timeout[0], max(ends - time.monotonic(), timeout[1] / 6)),
                    allow_redirects=False,
                    stream=True,
                    **body,
                )
            except (TypeError, UnicodeError) as error:
                raise proxy_address_error(request.name) from error
            goal = answer.headers.get("Location", "")
            if answer.status_code not in {301, 302, 303, 307, 308} or not goal:
                return answer
            answer.close()
            address = endpoints.redirected(request.service, answer.url, goal)
            params = None
            if answer.status_code in {301, 302, 303}:
                method, body = "GET", {}
            if address in seen or len(seen) > _REDIRECTS:
                raise redirect_error(request.name, seen, address, most=_REDIRECTS)
            seen.append(address)

    def _reject(self, request: Request, answer: requests.Response) -> None:
        import urllib3

        status = answer.status_code
        if 200 <= status < 300 or status in request.accept:
            return
        if status in _diagnosis.BY_STATUS:
            raise network_error(request.name, status)
        body = b""
        try:
            body = next(self._body(answer, _SHOWN), b"")
        except (CutError, SourceError, urllib3.exceptions.HTTPError):
            _log.debug("the body of an answer %d could not be read", status)
        reason = scrubbed(str(answer.reason))
        message = f"{shown(answer.url)} answered {status} {reason}: {beginning(body)}."
        said = scrubbed(body.decode("utf-8", errors="replace"))[:2000]
        error = StatusError(message, status, said)
        if status == 429 or status >= 500:
            pause = asked_pause(answer.headers.get("Retry-After", ""))
            if pause is not None and pause > LONGEST_PAUSE:
                message += f" It asks for a pause of {pause:,.0f} seconds."
                error = StatusError(message, status, error.body)
            raise RetryError(error, f"status {status}", pause)
        raise error

    def _body(self, answer: requests.Response, limit: int, *, name: str = "") -> Iterator[bytes]:
        """Yield the parts of a body; count them, report progress, and apply the limits."""
        received = 0
        pace = Pace(shown(answer.url), self._silence)

        def seen(size: int, of: int | None) -> None:
            nonlocal received
            self._allowance.in_time(str(urlsplit(answer.url).hostname))
            pace.received(size)
            received += size
            self.bytes_received += size
            if self.progress and name:
                self.progress(name, received, of)

        return _streaming.body(answer, limit, seen=seen)
