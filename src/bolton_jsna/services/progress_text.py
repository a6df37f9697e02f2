"""Progress messages: why a request is tried again, or is not."""

from __future__ import annotations

from typing import Final

_WORDS: Final = {
    "no answer in time": "no answer",
    "body cut": "answer cut off",
    "connection cut": "connection cut off",
    "status 429": "too many requests (429)",
}
_LEFT_ALONE: Final = "was not asked again, because it had failed before: "
_ORDINALS: Final = {1: "st", 2: "nd", 3: "rd"}


def again(reason: str, pause: float, tried: int, tries: int) -> str:
    """Return why and when a request is tried again, and the most tries."""
    words = _WORDS.get(reason, reason)
    if words.startswith("status "):
        words = f"error {words.removeprefix('status ')}"
    ordinal = f"{tried}{_ORDINALS.get(tried if tried < 20 else tried % 10, 'th')}"
    return f"{words}, trying again in {max(1, round(pause))} s ({ordinal} of {tries} tries)"


def again_not(name: str, reason: str) -> str:
    """Return why a service is not asked again, with its name once."""
    rest = reason.removeprefix(f"{name} ")
    return f"{name} {_LEFT_ALONE}{reason if rest == reason else f'it {rest}'}"


def first_failure(reason: str) -> str:
    """Return the failure that stopped the requests to a service, as it was first reported."""
    return reason.replace(f"{_LEFT_ALONE}it ", "")
