"""The words for results: one place for summaries, maps and documents.

Each word of comparison belongs to one verdict. "Chance in the counts" and "unusual among
authorities" are different questions and have different words. A difference names its base.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

from bolton_jsna.core.states import LABELS

CHANCE: Final = {
    "lower": "lower by more than chance in the counts",
    "similar": "similar (the difference could be chance in the counts)",
    "higher": "higher by more than chance in the counts",
    "not_compared": "not compared",
}
"""How a rate compares with another, given chance in the two counts."""

COMPARED: Final = {
    "lower": "lower than {other} by more than chance in the counts",
    "similar": "similar to {other}",
    "higher": "higher than {other} by more than chance in the counts",
}
"""The same within a sentence that has both figures; a row that is not compared has no word."""

NOT_UNUSUAL: Final = (
    "A difference by more than chance in the counts does not make an area unusual: most areas "
    "differ in this way."
)
"""The caution after a difference by more than chance."""

USUAL: Final = {
    "lower": "below the usual range",
    "similar": "within the usual range",
    "higher": "above the usual range",
    "not_available": "usual range not available",
}
"""Where a rate is among similar areas, given how much these areas differ."""

MAP_VERDICTS: Final = {
    "lower": "Lower",
    "similar": "Not significantly different",
    "higher": "Higher",
    "not_compared": "Not compared",
}
"""The same as :data:`CHANCE` in the short words of a legend or a table."""

PANEL_VERDICTS: Final = {
    "lower": "Lower",
    "similar": "Similar",
    "higher": "Higher",
    "not_compared": "Not compared",
    "not_available": "Not available",
}
"""The verdicts of :data:`CHANCE` and :data:`USUAL` in one word, for a column that names which."""

TRENDS: Final = {
    "decreasing": "Fell",
    "no_significant_change": "No clear trend",
    "increasing": "Rose",
    "not_compared": "Not available",
}
"""Whether a figure rose or fell over the years that the trend names."""

INDICATORS: Final = {
    "referrals": "Referrals to children's social care",
    "cpp_started": "Child protection plans started",
    "cpp_at_31_march": "Child protection plans at 31 March",
    "cin_at_31_march": "Children in need at 31 March",
}
"""The indicators of the chapter, in words for readers."""

_WITH_ARTICLE: Final = ("North ", "South ", "East ", "West ")
"""How the names of regions begin that have an article."""

_FAR: Final = 0.1
"""A projection this far from a later estimate of the same year has a change that is not quoted."""

_EDGE: Final = 0.9
"""A rate further than this part of the way from the middle to an end is close to the end."""


ALL_ALIKE: Final = "authorities that are like all others"
"""Who lie outside of the usual range of all authorities by chance alone."""


def outside_by_chance(
    confidence: float, *, of: str = "areas that are like their neighbours"
) -> str:
    """Return the caution after a figure outside of the usual range of areas such as it."""
    outside = f"{(1 - confidence) * 100:.3g}"
    return (
        f"Of {of}, {outside} in 100 lie outside of the usual range by chance: look at several "
        "years and indicators."
    )


def apart(value: float, base: float, *, decimals: int = 1, counted: bool = False) -> str:
    """Return by how many per cent a number is above or below another, its base."""
    share = value / base - 1
    text = f"{abs(share) * 100:.{decimals}f}"
    if float(text) == 0:
        return "as many" if counted else "equal to"
    words = ("fewer", "more") if counted else ("below", "above")
    return f"{text} per cent {words[int(share > 0)]}"


def ordinal(number: int) -> str:
    """Return a number as a place in an order: 1st, 2nd, 3rd."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if 10 <= number % 100 <= 20 else endings.get(number % 10, "th")
    return f"{number}{ending}"


def figure(value: float | None, decimals: int = 1) -> str:
    """Return a number as text, or "not available"."""
    if value is None or math.isnan(value):
        return "not available"
    return f"{value:,.{decimals}f}"


def in_unit(value: float, unit: str) -> str:
    """Return a number as text with as many decimals as its unit has."""
    return f"{value:,.0f}" if unit == "number" else f"{value:,.1f}"


def whose(name: str, verdict: str) -> str:
    """Return a verdict with the area that it is about: next to another's figure it must be said."""
    words = PANEL_VERDICTS[verdict]
    return words if verdict.startswith("not_") else f"{name} is {words.lower()}"


def listed(names: Sequence[str]) -> str:
    """Return names as a reader lists them: "a", "a and b", "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def wrapped(sentences: Iterable[str], width: int) -> list[str]:
    """Return sentences as the lines of a list, none longer than the width."""
    return [
        line
        for each in sentences
        for line in textwrap.wrap(f"- {each}", width, subsequent_indent="  ")
    ]


def stated(value: float, unit: str, status: str) -> str:
    """Return a figure as text, or the name of its state where it has no number."""
    return LABELS[status] if math.isnan(value) else in_unit(value, unit)


def repeats(method: str | None) -> str:
    """Return whether an interval allows for repeated events; empty where they cannot repeat."""
    method = method or ""
    if "repeats not allowed for" in method:
        return ", not allowing for children counted more than once"
    return ", allowing for children counted more than once" if "repeated events" in method else ""


def against_england(england: float | None, verdict: str) -> str:
    """Return how a rate compares with England's, given chance in the counts."""
    text = f"England {figure(england)}"
    return text if verdict == "not_compared" else f"{text}: {CHANCE[verdict]}"


def usual_range(
    verdict: str,
    lower: float | None,
    centre: float | None,
    upper: float | None,
    *,
    rate: float | None,
    reason: str,
) -> str:
    """Return the usual range of similar areas and where a rate is in it."""
    if verdict == "not_available" or not (lower and centre and upper):
        return f"{USUAL['not_available']} ({reason})"
    where = in_range(verdict, centre, upper, rate)
    return f"{figure(lower)} to {figure(upper)} is usual, around {figure(centre)}: {where}"


def in_range(verdict: str, centre: float | None, upper: float | None, rate: float | None) -> str:
    """Return where a rate is in or outside of the usual range, whose middle may not be known."""
    where = USUAL[verdict]
    if verdict != "similar" or not (centre and upper and rate) or math.isnan(centre):
        return where
    reach = math.log(rate / centre) / math.log(upper / centre)
    if abs(reach) > _EDGE:
        where += f", close to its {'upper' if reach > 0 else 'lower'} end"
    return where


def with_article(place: str) -> str:
    """Return the name of a country or region within a sentence: the North West, London."""
    return f"the {place}" if place.startswith(_WITH_ARTICLE) else place


def rank(place: int | None, of: int, first: int | None, last: int | None, level: str) -> str:
    """Return the rank of a rate and the interval of the rank."""
    # Empty where there is no rate, or only one.
    if place is None or first is None or last is None or of < 2:
        return ""
    between = f"{ordinal(first)} only" if first == last else f"{ordinal(first)} to {ordinal(last)}"
    return f"{placed(place, of)} ({level} interval {between})"


def placed(place: int, of: int) -> str:
    """Return a place among figures, the highest first: 8th highest of 11."""
    top = {1: "highest", of: f"lowest, {ordinal(of)}"}.get(place, f"{ordinal(place)} highest")
    return f"{top} of {of}"


def deprived(name: str, per_cent: float | None) -> str:
    """Return the share of children of an area in income-deprived families, in words."""
    return (
        f"{name}: {figure(per_cent)} per cent of children aged 0-15 live in income-deprived "
        "families"
    )


def projected(
    first: tuple[int, float],
    last: tuple[int, float],
    *,
    later: tuple[int, float] | None = None,
    same: float | None = None,
) -> list[str]:
    """Return the change of a projection from its base, and the difference to a later estimate."""
    change = apart(last[1], first[1], counted=True)
    lines = [
        f"{change} in {last[0]} {'as' if change == 'as many' else 'than'} in {first[0]} "
        f"({last[1]:,.0f} and {first[1]:,.0f})"
    ]
    if later is not None and same and (gap := apart(later[1], same)) != "equal to":
        word = "overtaken it" if later[1] > same else "fallen behind it"
        far = abs(later[1] / same - 1) >= _FAR
        quote = "neither the number nor the change" if far else "the change and not the number"
        lines.append(
            f"a later estimate has {word}: {gap} the {same:,.0f} projected for mid-{later[0]}, so "
            f"quote {quote}"
        )
    return lines
