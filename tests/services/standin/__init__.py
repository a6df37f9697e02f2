"""A loopback stand-in of the publishers: faithful answers, and their faults on command."""

from standin.server import NO_WORLD, Answer, Fault, Faults, Request, StandIn

__all__ = ["NO_WORLD", "Answer", "Fault", "Faults", "Request", "StandIn"]
