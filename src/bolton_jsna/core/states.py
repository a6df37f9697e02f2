"""The states of a figure, the same from the file that is read to the legend of a map.

Every count and every rate of this library has a ``status``. Zero is a value. A figure that is
hidden, unknown or without meaning never becomes zero or an empty cell without a reason.
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
    "not_applicable": "does not apply, such as England's rank or a year before an authority began",
    "low": "withheld because its reliability is low",
    "rounds_to_zero": "not zero, but zero when rounded as published",
    "modelled": "an estimate of this library, not a published figure",
}
"""What each state means, for a legend or a note."""

LABELS: Final = {state: state.replace("_", " ").capitalize() for state in MEANINGS} | {
    "low": "Low reliability"
}
"""The short name of each state, for a cell or a legend."""

_MARKERS: Final = {
    "suppressed": ("c", "[c]"),
    "not_available": ("", "x", "[x]", ":", "..", "-"),
    "not_applicable": (".", "z", "[z]"),
    "low": ("u", "[u]"),
    "rounds_to_zero": ("k", "low", "[low]"),
}
MARKERS: Final = {marker: state for state, markers in _MARKERS.items() for marker in markers}
"""The state of each marker of DfE since 2013 and of the Government Statistical Service."""

SIGNS: Final = {
    "suppressed": "[c]",
    "not_available": "[x]",
    "not_applicable": "[z]",
    "low": "[u]",
    "rounds_to_zero": "[low]",
}
"""How a state without a number is written in a chart or a cell of a published table."""

NUMERIC: Final[frozenset[str]] = frozenset({"value", "modelled"})
"""The states with a number; all others have none."""


def state_of_sum(states: Iterable[str]) -> str:
    """Return the state of a sum from the states of its parts: suppressed comes first."""
    # A part that cannot exist does not change the sum.
    parts = set(states) - {"not_applicable"}
    if not parts:
        return "not_applicable"
    for state in ("suppressed", "low"):
        if state in parts:
            return state
    if parts - NUMERIC:
        return "not_available"
    return "modelled" if "modelled" in parts else "value"
