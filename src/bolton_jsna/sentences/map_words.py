"""The words of maps: what a map shows, how certain its figures are, what its classes mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bolton_jsna.core.area_codes import AreaWords
from bolton_jsna.core.errors import some
from bolton_jsna.core.states import LABELS, MEANINGS

CLASS_RULE: Final = (
    "A class includes its lower bound and not its upper; values are classed as they are printed."
)
"""Which class a value on a break is in."""

DECILES: Final = "Decile 1 is the most deprived tenth."
"""What the first decile is."""


MANY_COMPARED: Final = (
    "Each ward with a rate is compared with England at 95 per cent. If none of them differed, "
    "about one in twenty would still be called lower or higher by chance."
)
"""What comparing many wards does."""


def one_measure(
    areas: AreaWords,
    number: int,
    measure: str,
    *,
    classes: int,
    lowest: tuple[str, str],
    highest: tuple[str, str],
) -> str:
    """Return what a map of one measure shows: its areas, classes, lowest and highest figure."""
    (low, low_name), (high, high_name) = lowest, highest
    return (
        f"Map of {areas.count(number)} by {measure} in {classes} classes, "
        f"from {low} ({low_name}) to {high} ({high_name})."
    )


def two_measures(
    areas: AreaWords,
    number: int,
    measures: tuple[str, str],
    *,
    classes: tuple[int, int],
    high: Sequence[str],
) -> str:
    """Return what a map of two measures shows, with the areas that are high on both."""
    return (
        f"Map of {areas.count(number)} by {measures[0]} and {measures[1]}, "
        f"{classes[0]} by {classes[1]} classes. High on both: {some(high, most=6)}."
    )


def categories(
    areas: AreaWords,
    number: int,
    label: str,
    *,
    of: int,
    listed: Sequence[tuple[str, int, Sequence[str]]],
) -> str:
    """Return the areas of each category, or how many there are of them."""
    parts = []
    for each, count, names in listed:
        inside = f" ({'; '.join(names)})" if names else ""
        parts.append(f"{each}: {areas.count(count)}{inside}.")
    return f"Map of {areas.count(number)} by {label} in {of} categories. {' '.join(parts)}"


def without_number(counts: Mapping[str, int]) -> str:
    """Return a sentence on the areas without a number by state, or an empty text."""
    parts = [f"{number} {LABELS[state].lower()}" for state, number in counts.items() if number]
    return f" Without a number: {', '.join(parts)}." if parts else ""


def verdicts(found: Sequence[str], benchmark: str, areas: AreaWords) -> str:
    """Return how many areas have each verdict, or an empty text."""
    if not found:
        return ""
    lower, similar, higher = (
        areas.count(list(found).count(each)) for each in ("lower", "similar", "higher")
    )
    return (
        f" Compared with {benchmark}: {lower} lower, {similar} not significantly different, "
        f"{higher} higher."
    )


def modelled(label: str, number: int, total: int, areas: AreaWords, *, of_counts: bool) -> str:
    """Return the note on figures that are modelled."""
    share = f"all {areas.many}" if number == total else f"{number:,} of {areas.count(total)}"
    if of_counts:
        return f"{label}: rates use estimated numbers of children for {share}."
    return f"{label}: modelled for {share} ({MEANINGS['modelled']})."


def low_reliability(fewer_than: int, events: str) -> str:
    """Return the note on figures made from few events."""
    return f"Low reliability: made from fewer than {fewer_than} {events}, may change by chance."


def also_similar(number: int, benchmark: str, areas: AreaWords) -> str:
    """Return what else is true of areas of low reliability, which have one mark only."""
    return (
        f" Not hatched as well: {areas.count(number)} of low reliability that "
        f"{'is' if number == 1 else 'are'} not significantly different from {benchmark}."
    )


def similar(style: str, benchmark: str, *, interval: str) -> str:
    """Return what a hatched or muted area means; ``interval`` is the level, or empty for a test."""
    reason = _reason(benchmark, interval)
    return f"{style.capitalize()}: {reason}, so the difference may be chance."


def plain(benchmark: str, *, interval: str, some_similar: bool) -> str:
    """Return what the colours do not show where similar areas are drawn like the others."""
    note = f"The colours do not show whether a difference from {benchmark} may be chance"
    return (
        f"{note}: it may be where {_reason(benchmark, interval)}." if some_similar else f"{note}."
    )


def _reason(benchmark: str, interval: str) -> str:
    if interval:
        return f"the {interval} confidence interval includes the figure of {benchmark}"
    return f"a test finds no difference from {benchmark}"
