"""The errors of failed requests: which service, and why."""

from __future__ import annotations

import urllib.request
from collections.abc import Sequence

from bolton_jsna.core.errors import SourceError
from bolton_jsna.services import _diagnosis
from bolton_jsna.services.outages import Kind
from bolton_jsna.services.redaction import scrubbed, shown
from bolton_jsna.services.responses import CutError, StatusError, UnreachableError

LONGEST_PAUSE = 60.0
"""Seconds: the longest pause that Retry-After may ask for."""


class RetryError(Exception):
    """A try that failed; the next one may succeed."""

    def __init__(
        self,
        error: SourceError | None,
        reason: str,
        pause: float | None = None,
        *,
        final: bool = False,
        silent: bool = False,
    ) -> None:
        super().__init__(reason)
        self.error = error
        self.pause = pause
        self.final = final or (pause or 0) > LONGEST_PAUSE
        self.silent = silent

    @property
    def kind(self) -> Kind:
        """What kind of failure it was."""
        if isinstance(self.error, UnreachableError):
            return "unreachable"
        limited = isinstance(self.error, StatusError) and self.error.status == 429
        if limited or (self.pause or 0) > LONGEST_PAUSE:
            return "limited"
        return "silent" if self.silent else "broken"


class SlowError(SourceError):
    """A service took too long over one file, or sent pages without end."""


def request_error(name: str, error: OSError, silence: float, waited: float) -> Exception | None:
    """Return the error for a request without an answer; None for errors of another kind."""
    import requests
    import urllib3

    if isinstance(error, requests.ReadTimeout):
        if waited < silence:  # a firewall accepts connections and sends nothing on
            return RetryError(_unreachable_error(name, error), "no connection")
        nothing = SourceError(f"{name} did not answer within {silence:g} seconds.")
        return RetryError(nothing, "no answer in time", silent=True)
    if isinstance(error, requests.ConnectionError):
        if error.args and isinstance(error.args[0], urllib3.exceptions.ProtocolError):
            return RetryError(_cut_error(name, error), "connection cut")
        final = isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError)
        return RetryError(_unreachable_error(name, error), "no connection", final=final)
    wrong = requests.exceptions.InvalidProxyURL | requests.exceptions.InvalidSchema
    # The addresses of the services are valid, so it is the proxy's.
    by_proxy = isinstance(error, requests.exceptions.InvalidURL) and urllib.request.getproxies()
    if isinstance(error, wrong) or by_proxy:
        return proxy_address_error(name)
    return _unsent_error(name, error)


def _unsent_error(name: str, error: OSError) -> Exception | None:
    """Return the error for a request that was not sent; None for errors of another kind."""
    import requests

    if isinstance(error, requests.RequestException):
        return SourceError(f"{name} could not be asked: {scrubbed(str(error))}")
    # What requests raises when the file of certificates is not there.
    if "certificate" in str(error):
        return RetryError(_unreachable_error(name, error), "no certificates", final=True)
    return None


def body_error(url: str, error: Exception, silence: float) -> RetryError:
    """Return the error for an answer whose body ended too early or stopped."""
    import urllib3

    if isinstance(error, urllib3.exceptions.ReadTimeoutError):
        nothing = SourceError(
            f"{url} began to answer and then sent nothing for {silence:g} seconds. The answer was "
            "not stored."
        )
        return RetryError(nothing, "no further data", silent=True)
    return RetryError(_cut_error(url, error), "body cut")


def network_error(name: str, status: int) -> RetryError:
    """Return the error for an answer from the network here, not from the publisher."""
    trouble, words = _diagnosis.BY_STATUS[status]
    error = UnreachableError(f"{name} could not be reached: {words}.", trouble)
    return RetryError(error, f"status {status}", final=True)


def too_slow_error(url: str, size: int, seconds: float) -> RetryError:
    """Return the error for a body that arrives too slowly."""
    nothing = SourceError(
        f"{url} sent only {size:,} bytes in {seconds:.0f} seconds. The answer was not stored."
    )
    return RetryError(nothing, "data too slow", silent=True)


def _unreachable_error(name: str, error: Exception) -> UnreachableError:
    """Return the error for a service that cannot be reached."""
    trouble, words = _diagnosis.found_in(error)
    return UnreachableError(f"{name} could not be reached: {words}.", trouble)


def _cut_error(name: str, error: Exception) -> SourceError:
    """Return the error for an answer that ended too early."""
    return SourceError(f"{name} ended its answer too early ({_how_cut(error)}).")


def _how_cut(error: Exception) -> str:
    """Return how an answer ended, without the names of Python errors."""
    if isinstance(error, CutError):
        return str(error)
    chain = " ".join(type(each).__name__ + str(each) for each in _diagnosis.inside(error))
    if "ConnectionReset" in chain or "BrokenPipe" in chain:
        return "the connection was broken off"
    if "RemoteDisconnected" in chain or "Connection aborted" in chain:
        return "the connection was closed without an answer"
    if "SSL" in chain:
        return "the secure connection was broken off"
    return "its end is missing"


def proxy_address_error(name: str) -> RetryError:
    """Return the error for a proxy address that is not valid, such as one without a host."""
    words = "the address of the proxy is not valid"
    error = UnreachableError(f"{name} could not be reached: {words}.", "proxy address")
    return RetryError(error, "no proxy", final=True)


def too_long_error(name: str, seconds: float) -> SlowError:
    """Return the error for a service that sends too slowly."""
    return SlowError(
        f"{name} took more than {seconds / 60:,.0f} minutes over one file. The answer was not "
        "stored. Refresh again later."
    )


def endless_error(name: str, most: str) -> SlowError:
    """Return the error for a service that sends pages without end."""
    return SlowError(
        f"{name} gave more than {most} for one file: its pages seem to have no end. The answers "
        "were not stored. Refresh again later. If the publisher's table has really grown so much, "
        "raise the limit (max_answers=, max_held= of the session)."
    )


def redirect_error(name: str, seen: Sequence[str], address: str, *, most: int) -> SourceError:
    """Return the error for redirects in a circle, or too many of them."""
    what = "in a circle" if address in seen else f"more than {most} times"
    chain = " -> ".join(map(shown, [*seen, address]))[:400]
    return SourceError(
        f"{name} redirects {what}: {chain}. Try again later, or correct the address in the "
        "catalogue."
    )
