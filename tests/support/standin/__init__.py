"""A loopback stand-in of the publishers: faithful answers, and their faults on command."""

import contextlib
from collections.abc import Iterator
from typing import Any

from standin.server import NO_WORLD, Answer, Fault, Faults, Request, StandIn

__all__ = ["NO_WORLD", "Answer", "Fault", "Faults", "Request", "StandIn", "in_place"]


@contextlib.contextmanager
def in_place(patch: Any) -> Iterator[StandIn]:
    """Put a stand-in in the place of every service, with a catalogue of its small England."""
    from bolton_jsna import catalogue
    from standin.world import small_catalogue

    with StandIn() as server:
        for name, value in server.env().items():
            patch.setenv(name, value)
        small = small_catalogue()
        patch.setattr(catalogue, "_catalogue", lambda: small)
        yield server
