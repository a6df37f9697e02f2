"""The states of a figure, kept apart from the file to the legend.

Every count and every rate of this library has a ``status``. Zero is a value. A figure that is
hidden, unknown or meaningless is never turned into zero or into a silent gap.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

Status = Literal[
    "value",
    "suppressed",
    "not_available",
    "not_applicable",
    "low",
    "rounds_to_zero",
    "modelled",
]

MEANINGS: Final[dict[str, str]] = {
    "value": "a published or counted figure; zero is a value",
    "suppressed": "hidden to protect people, here or by the publisher",
    "not_available": "not supplied, not collected or not published",
    "not_applicable": "cannot exist, as for an authority that was not there yet",
    "low": "withheld because its reliability is low",
    "rounds_to_zero": "not zero, but zero when rounded as published",
    "modelled": "an estimate of this library, not a published figure",
}
"""What each state means, as a legend or a note may print it."""

LABELS: Final[dict[str, str]] = {
    "value": "Value",
    "suppressed": "Suppressed",
    "not_available": "Not available",
    "not_applicable": "Not applicable",
    "low": "Low reliability",
    "rounds_to_zero": "Rounds to zero",
    "modelled": "Modelled",
}
"""The short name of each state, as a table cell or a legend entry prints it."""

NUMERIC: Final[frozenset[str]] = frozenset({"value", "modelled"})
"""The states that come with a number; all others come without one."""


def state_of_sum(states: Iterable[str]) -> str:
    """Return the state of a sum from the states of its parts: what hides most goes first."""
    # A part that cannot exist is not there, and leaves the sum what it is.
    parts = set(states) - {"not_applicable"}
    if not parts:
        return "not_applicable"
    for state in ("suppressed", "low"):
        if state in parts:
            return state
    if parts - NUMERIC:
        return "not_available"
    return "modelled" if "modelled" in parts else "value"
