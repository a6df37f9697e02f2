"""Times and durations in the one form in which they are printed."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """Return the present moment in UTC; tests replace it."""
    return dt.datetime.now(dt.UTC)


def when(moment: str, now: dt.datetime | None = None) -> str:
    """Return a time (ISO 8601) in the form in which it is printed."""
    then = _read(moment)
    if then is None:
        return moment
    exact = len(moment) > len("2026-11-24")
    text = f"{then:%Y-%m-%d %H:%M} UTC" if exact else f"{then:%Y-%m-%d}"
    hours = None if now is None else hours_since(moment, now)
    return text if hours is None else f"{text}, {span(hours)} ago"


def hours_since(moment: str, now: dt.datetime) -> float | None:
    """Return the hours since a time (ISO 8601); None for other text or a time in the future."""
    then = _read(moment)
    if then is None:
        return None
    hours = (now - then).total_seconds() / 3600
    # With a clock that was wrong once, a file would count as new for years.
    return hours if hours >= 0 else None


def span(hours: float) -> str:
    """Return a duration in words."""
    if hours < 1 / 60:
        return "less than a minute"
    if hours < 1:
        number, unit = round(hours * 60), "minute"
    elif hours < 48:
        number, unit = round(hours), "hour"
    else:
        number, unit = round(hours / 24), "day"
    return f"{number} {unit}{'s' if number != 1 else ''}"


def _read(moment: str) -> dt.datetime | None:
    try:
        then = dt.datetime.fromisoformat(moment)
        return then.replace(tzinfo=dt.UTC) if then.tzinfo is None else then.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
