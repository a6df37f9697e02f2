"""The loopback server: it finds the handler of a request and bends answers as faults say.

A handler module (``nomis``, ``arcgis``, ``govuk``, ``ees``, ``ons``, ``fingertips``) has
``routes(world) -> list[tuple[str, re.Pattern, Callable[[Request], Answer]]]``: method, pattern of
the whole path (it begins with ``/<service key>/``, such as ``/govuk_assets/media/...``), handler.
``world`` is a ``standin.world.World``; the server sets ``world.faults`` on it.

Faults of the answer as such are made here (``GENERIC``); any other kind is for the handlers, which
ask ``world.faults.take("row_cut", request.path)`` and get the fault, once counted, or None.
"""

import gzip
import importlib
import importlib.util
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SERVICES = (
    "nomis",
    "arcgis",
    "govuk",
    "govuk_assets",
    "ees_content",
    "ees_site",
    "ons",
    "fingertips",
)
HANDLERS = ("nomis", "arcgis", "govuk", "ees", "ons", "fingertips")
NO_WORLD = object()
"""Given as the world: no handler is loaded, a test adds its own answers with ``route``."""
ERROR_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sorry</title></head><body>Sorry</body></html>"


@dataclass(frozen=True)
class Request:
    """A request as a handler sees it; names of headers are in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = b""

    def one(self, name: str, default: str = "") -> str:
        """The first value of a query parameter, whose name may come in any case."""
        for key, values in self.query.items():
            if key.lower() == name.lower() and values:
                return values[0]
        return default


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Fault:
    """One kind of misbehaviour, for requests whose path and query match, a number of times."""

    kind: str
    match: re.Pattern[str]
    times: int | None
    options: dict[str, Any]


class Faults:
    """The faults in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, kind: str, *, match: str = "", times: int | None = None, **options: Any) -> None:
        """Put a fault in force; ``times=None`` is for ever."""
        with self._lock:
            self._faults.append(Fault(kind, re.compile(match), times, options))

    def clear(self) -> None:
        """Take every fault away."""
        with self._lock:
            self._faults.clear()

    def take(self, kind: str, path: str) -> Fault | None:
        """The first fault of a kind that fits a path, counted as used; None when there is none."""
        with self._lock:
            for fault in self._faults:
                if fault.kind == kind and fault.match.search(path) and fault.times != 0:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None


@dataclass(frozen=True)
class Seen:
    """One line of the log; ``sent`` counts bytes of the body."""

    method: str
    path: str
    status: int
    sent: int


class StandIn:
    """The server, as a context manager on a random port of 127.0.0.1.

    ``publishers.fault("too_many", match="/nomis/", times=2, after=1)`` puts a fault in force.
    """

    def __init__(self, world: Any = None) -> None:
        self.faults = Faults()
        self.requests: list[Seen] = []
        self.extra: list[tuple[str, re.Pattern[str], Callable[[Request], Answer]]] = []
        self.closing = threading.Event()
        if world is None and _there("world"):
            world = importlib.import_module("standin.world").World()
        self.world = world
        self._routes: list[tuple[str, re.Pattern[str], Callable[[Request], Answer]]] = []
        if world is not None and world is not NO_WORLD:
            world.faults = self.faults
            for name in HANDLERS:
                if _there(name):
                    module = importlib.import_module(f"standin.{name}")
                    self._routes += module.routes(world)

    def __enter__(self) -> "StandIn":
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.stand_in = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def env(self) -> dict[str, str]:
        """The environment variables that put the stand-in in place of every service."""
        named = {f"BOLTON_JSNA_{key.upper()}_URL": f"{self.base}/{key}" for key in SERVICES}
        return named | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}

    def route(self, pattern: str, answer: Answer | Callable[[Request], Answer]) -> None:
        """Add an answer of a test's own, before those of the handlers."""
        handler = (lambda _: answer) if isinstance(answer, Answer) else answer
        self.extra.append(("", re.compile(pattern), handler))

    def fault(
        self, kind: str, *, match: str = "", times: int | None = None, **options: Any
    ) -> None:
        """Put a fault in force; see the module's docstring and ``GENERIC``."""
        self.faults.add(kind, match=match, times=times, **options)

    def bodies(self) -> int:
        """Bytes of bodies sent so far."""
        return sum(each.sent for each in self.requests)

    def answer(self, request: Request) -> Answer:
        """The answer without faults: the first route that fits."""
        for method, pattern, handler in [*self.extra, *self._routes]:
            if method in {"", request.method} and pattern.fullmatch(request.path):
                return handler(request)
        return Answer(404, {"Content-Type": "text/plain"}, f"no route {request.path}".encode())


def _there(name: str) -> bool:
    return importlib.util.find_spec(f"standin.{name}") is not None


GENERIC = (
    "too_many",  # 429; after=seconds or a date as text
    "status",  # code=500, body=b""
    "slow_status",  # the same after seconds=
    "timeout",  # nothing for seconds=
    "cut",  # the connection ends in the middle of the body
    "stall",  # half the body, then nothing for seconds=
    "trickle",  # the body in parts of size= bytes, one every seconds=
    "drop",  # the connection ends before any answer
    "truncated_gzip",  # a gzip body without its end
    "wrong_type",  # type="application/pdf"
    "html",  # an error page with 200
    "empty",  # no bytes with 200
    "json_error",  # {"error": ...} with 200, body=
    "redirect",  # to=address, code=302
    "redirect_loop",
    "replace",  # old=b"", new=b"" in the body
    "renamed_column",  # the same, once
    "bom",  # a byte-order mark before the body
    "half",  # the first half of the lines, whole in itself
    "changed_etag_same_bytes",  # another ETag at each answer
    "same_etag_changed_bytes",  # old=, new= in the body; conditions are not looked at
    "oversized",  # declares 10 GB, or endless=True: a body without end
)


def _too_many(_: str, after: object = None) -> Answer:
    asked = {} if after is None else {"Retry-After": str(after)}
    return Answer(429, {"Content-Type": "text/plain", **asked}, b"too many requests")


# In place of an answer: the path and the options of the fault give it.
INSTEAD: dict[str, Callable[..., Answer]] = {
    "too_many": _too_many,
    "status": lambda _, code=500, body=b"internal error\n": Answer(code, {}, body),
    "redirect": lambda _, to, code=302: Answer(code, {"Location": to}),
    "redirect_loop": lambda path: Answer(302, {"Location": path}),
    "html": lambda _: Answer(200, {"Content-Type": "text/html"}, ERROR_PAGE),
    "json_error": lambda _, body=b'{"error":"Cannot create query"}': Answer(
        200, {"Content-Type": "application/json"}, body
    ),
}


def _header(answer: Answer, name: str, value: str) -> Answer:
    return replace(answer, headers={**answer.headers, name: value})


def _truncated(answer: Answer) -> Answer:
    packed = gzip.compress(answer.body)
    half = replace(answer, body=packed[: max(12, len(packed) // 2)])
    return _header(half, "Content-Encoding", "gzip")


def _replaced(answer: Answer, old: bytes, new: bytes) -> Answer:
    return replace(answer, body=answer.body.replace(old, new))


def _half(answer: Answer) -> Answer:
    lines = answer.body.splitlines(keepends=True)
    return replace(answer, body=b"".join(lines[: len(lines) // 2]))


# Of an answer: the answer and the options of the fault give another.
BENT: dict[str, Callable[..., Answer]] = {
    "empty": lambda answer: replace(answer, body=b""),
    "wrong_type": lambda answer, type="application/pdf": _header(  # noqa: A006
        answer, "Content-Type", type
    ),
    "replace": _replaced,
    "renamed_column": lambda answer, old, new: replace(
        answer, body=answer.body.replace(old, new, 1)
    ),
    "bom": lambda answer: replace(answer, body=b"\xef\xbb\xbf" + answer.body),
    "half": _half,
    "changed_etag_same_bytes": lambda answer: _header(answer, "ETag", f'"{time.monotonic_ns()}"'),
    "same_etag_changed_bytes": _replaced,
    "truncated_gzip": _truncated,
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *given: Any) -> None:
        """Print a mistake of the stand-in; a client that goes away in the middle is none."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*given)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    @property
    def stand_in(self) -> StandIn:
        return self.server.stand_in  # type: ignore[attr-defined]

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            method=self.command,
            path=parts.path,
            query=parse_qs(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )
        try:
            self._bent(request)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _fault(self, kind: str) -> dict[str, Any] | None:
        found = self.stand_in.faults.take(kind, self.path)
        return found.options if found else None

    def _bent(self, request: Request) -> None:
        if self._without_answer():
            return
        for kind, make in INSTEAD.items():
            if (options := self._fault(kind)) is not None:
                self._send(make(self.path, **options))
                return
        answer, in_force = self.stand_in.answer(request), []
        for kind, bend in BENT.items():
            if answer.status == 200 and (options := self._fault(kind)) is not None:
                in_force.append(kind)
                answer = bend(answer, **options)
        heeded = "same_etag_changed_bytes" not in in_force and answer.status == 200
        if heeded and self._unchanged(request, answer.headers):
            marks = {k: v for k, v in answer.headers.items() if k in {"ETag", "Last-Modified"}}
            self._send(Answer(304, marks))
        else:
            self._body(answer)

    def _without_answer(self) -> bool:
        """Be silent, close the connection or answer late, where a fault asks for it."""
        if (options := self._fault("timeout")) is not None:
            self.stand_in.closing.wait(options.get("seconds", 5))
            self.close_connection = True
        elif self._fault("drop") is not None:
            self.close_connection = True
        elif (options := self._fault("slow_status")) is not None:
            self.stand_in.closing.wait(options["seconds"])
            self._send(Answer(options["code"], {}, b"no answer from behind\n"))
        else:
            return False
        return True

    def _body(self, answer: Answer) -> None:
        """Send an answer; its body may stop, drip or have no end."""
        if (options := self._fault("oversized")) is not None:
            self._oversized(answer.headers, **options)
        elif (options := self._fault("stall")) is not None:
            self._send(answer, cut=True)
            self.wfile.flush()
            self.stand_in.closing.wait(options.get("seconds", 5))
        elif (options := self._fault("trickle")) is not None:
            self._trickle(answer, **options)
        else:
            self._send(answer, cut=self._fault("cut") is not None)

    def _unchanged(self, request: Request, headers: dict[str, str]) -> bool:
        if "if-none-match" in request.headers:
            return bool(headers.get("ETag")) and (
                headers["ETag"] in request.headers["if-none-match"]
            )
        since = request.headers.get("if-modified-since")
        return bool(since) and since == headers.get("Last-Modified")

    def _send(self, answer: Answer, *, cut: bool = False) -> None:
        body = answer.body[: len(answer.body) // 2] if cut else answer.body
        self._note(answer.status, len(body))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(body)
        if cut:
            self.close_connection = True

    def _trickle(self, answer: Answer, *, size: int = 1, seconds: float = 0.05) -> None:
        self._note(answer.status, 0)
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.close_connection = True
        for start in range(0, len(answer.body), size):
            self.wfile.write(answer.body[start : start + size])
            if self.stand_in.closing.wait(seconds):
                return

    def _oversized(self, headers: dict[str, str], *, endless: bool = False) -> None:
        self._note(200, 0)
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        if not endless:
            self.send_header("Content-Length", str(10 * 2**30))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        line = b"0" * 65535 + b"\n"
        while endless and not self.stand_in.closing.is_set():
            self.wfile.write(line)

    def _note(self, status: int, sent: int) -> None:
        self.stand_in.requests.append(Seen(self.command, self.path, status, sent))
