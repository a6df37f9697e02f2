"""How a request that came to nothing is told: who, why, and what was in force."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bolton_jsna.errors import SourceError
from bolton_jsna.services.answers import UnreachableError, network_settings, scrubbed, shown


class AgainError(Exception):
    """A try that failed in a way that the next may not."""

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
        self.final = final
        self.silent = silent


def away(name: str, error: Exception) -> UnreachableError:
    """Return the error of a service that no connection could be made to."""
    return UnreachableError(f"{name} could not be reached: {_plain(error)}. {network_settings()}")


def cut(name: str, error: Exception) -> SourceError:
    """Return the error of an answer that ended too early each time."""
    said = scrubbed(str(error))
    return SourceError(
        f"{name} ended its answer too early ({said}), also after trying again. Nothing was kept."
    )


def misunderstood(name: str) -> SourceError:
    """Return the error of an address that requests cannot take apart, as a proxy without a host."""
    return SourceError(
        f"{name} could not be asked: an address cannot be understood. {network_settings()}"
    )


def mute(name: str, seconds: float) -> SourceError:
    """Return the error of a service that took a request and said nothing each time."""
    return SourceError(
        f"{name} did not answer within {seconds:g} seconds, also after trying again."
    )


def slow(name: str, seconds: float) -> SourceError:
    """Return the error of a service that sends too slowly."""
    return SourceError(
        f"{name} took more than {seconds / 60:,.0f} minutes over one file. Nothing was kept of it; "
        "refresh again later."
    )


def endless(name: str, most: str) -> SourceError:
    """Return the error of a service that sends page after page."""
    return SourceError(
        f"{name} gave more than {most} for one file: its pages seem to have no end. Nothing was "
        "kept of it; refresh again later. If the publisher's table has really grown so much, raise "
        "the limit (max_answers=, max_held= of the session)."
    )


def circle(name: str, seen: Sequence[str], address: str, *, most: int) -> SourceError:
    """Return the error of redirects that lead nowhere."""
    what = "in a circle" if address in seen else f"more than {most} times"
    chain = " -> ".join(map(shown, [*seen, address]))[:400]
    return SourceError(
        f"{name} redirects {what}: {chain}. Nothing was kept. Try again later, or correct the "
        "address in the catalogue."
    )


def _plain(error: Exception) -> str:
    """Return the reason of a connection failure without the objects that surround it."""
    reason = str(getattr(error.args[0], "reason", error) if error.args else error)
    plain = re.sub(r"^.*?(?:\)|>): ", "", reason, count=1)
    plain = re.sub(r"[\"']\)+$", "", plain)
    plain = scrubbed(plain)
    return f"the proxy did not connect ({plain})" if "proxy" in reason.lower() else plain
