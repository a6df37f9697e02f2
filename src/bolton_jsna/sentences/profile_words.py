"""What the words of a profile mean, for its page and for the screen."""

from __future__ import annotations

from typing import Final

MEANINGS: Final = (
    "Lower, similar or higher, next to England and the region: whether the difference could be "
    "chance in the counts. Most areas differ by more than chance, so this does not make an area "
    "unusual. The region is compared without the area.",
    "Lower, similar or higher, among the neighbours: whether the area lies outside of what the "
    "spread of its statistical neighbours makes usual. Of areas that are like their neighbours, 1 "
    "in 20 is marked all the same.",
    "Rose or fell: over the five years named, by how much the years vary. It does not say what "
    "happens next.",
    "Rank 1 is the highest figure of the area and its neighbours.",
    "Better and worse are shown only where a test supports the difference and the direction is "
    "beyond doubt.",
    "A figure without a number has its state in its place: suppressed, not available, not "
    "applicable. Where a verdict is missing, About has the reason. Intervals are 95 per cent.",
)
"""What the words of the page mean."""

SHORT: Final = (
    "England: lower or higher by more than chance in the counts. Neighbours: lower or higher than "
    "the usual range of statistical neighbours. Rank 1 is the highest figure. Trend: over five "
    "years."
)
"""The same for a narrow screen."""


def quality(direction: str | None, better: str) -> str:
    """Return better or worse for a direction that a test supports, empty where neither is sure."""
    if direction is None or not better:
        return ""
    return "better" if direction == better else "worse"
