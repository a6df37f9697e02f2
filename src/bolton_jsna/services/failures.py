"""How a request that came to nothing is told: who, why, and what was in force."""

from __future__ import annotations

import re

from bolton_jsna.errors import SourceError
from bolton_jsna.services.answers import UnreachableError, network_settings


class AgainError(Exception):
    """A try that failed in a way that the next may not."""

    def __init__(
        self,
        error: SourceError | None,
        reason: str,
        pause: float | None = None,
        *,
        final: bool = False,
    ) -> None:
        super().__init__(reason)
        self.error = error
        self.pause = pause
        self.final = final


def away(name: str, error: Exception) -> UnreachableError:
    """Return the error of a service that no connection could be made to."""
    return UnreachableError(f"{name} could not be reached: {_plain(error)}. {network_settings()}")


def cut(name: str, error: Exception) -> SourceError:
    """Return the error of an answer that ended too early each time."""
    return SourceError(
        f"{name} ended its answer too early ({error}), also after trying again. Nothing was kept."
    )


def _plain(error: Exception) -> str:
    """Return the reason of a connection failure without the objects that surround it."""
    reason = str(getattr(error.args[0], "reason", error) if error.args else error)
    plain = re.sub(r"^.*?(?:\)|>): ", "", reason, count=1)
    plain = re.sub(r"[\"']\)+$", "", plain)
    return f"the proxy did not connect ({plain})" if "proxy" in reason.lower() else plain
