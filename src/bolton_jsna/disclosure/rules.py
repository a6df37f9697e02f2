"""Suppression rules: which counts are small, and how uncertain a hidden count must stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from bolton_jsna.core.argument_types import check_fields
from bolton_jsna.core.errors import UsageError, choice, short
from bolton_jsna.core.naming import is_label

Zeros = Literal["shown", "hidden"]


@dataclass(frozen=True)
class SuppressionRule:
    """A rule for hiding small counts.

    Attributes
    ----------
    name : str
        Name of the rule, as printed in notes.
    threshold : int
        Counts from 1 to this are hidden.
    width : int
        The least number of possible values of a hidden count: an intruder who knows the method,
        the rule and everything shown, and who tries every combination of counts, must be left
        with at least this many whole numbers.
    zeros : {"shown", "hidden"}
        Whether a zero is small too. If zeros are shown, everyone knows that a hidden count is at
        least 1; a zero is then hidden only if nothing else can protect the other counts.
    rounding : int, default 1
        Counts that are shown are rounded to the nearest multiple (halves upwards).
    rounding_by_level : tuple of (str, int)
        Other multiples for rows whose ``area_level`` is named here.
    controlled : bool, default False
        Nothing is hidden; instead every count is rounded up or down to a multiple of ``rounding``
        so that all totals still add up.
    dominance : float, optional
        A count is also hidden if one child accounts for more than this share of it. The tables
        then need a column ``largest``: the number of events of the child with the most.
    public : tuple of str, optional
        Totals by these dimensions and the grand total are publicly known: they are not hidden
        unless they are small themselves or nothing else helps. ``None``: only the totals that are
        shown are known.

    Raises
    ------
    UsageError
        If a number is out of range, ``zeros`` is not one of its options or the name is not a
        short text.

    Examples
    --------
    >>> rule = SuppressionRule("ours", threshold=7, width=7, rounding=5)
    >>> rule.small(7), rule.small(0), rule.shown(13)
    (True, False, 15)
    """

    name: str
    threshold: int
    width: int
    zeros: Zeros = "shown"
    rounding: int = 1
    rounding_by_level: tuple[tuple[str, int], ...] = ()
    controlled: bool = False
    dominance: float | None = None
    public: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        choice("zeros", self.zeros, ("shown", "hidden"))
        if not is_label(self.name):
            raise UsageError(
                f"The name of a rule must be one line of at most 200 characters; found "
                f"{short(repr(self.name))}."
            )
        if self.threshold < 1 or self.width < 1:
            raise UsageError(
                f"The threshold and the width of a rule must be at least 1; found "
                f"threshold={self.threshold}, width={self.width}."
            )
        if not self.controlled and self.width > self.threshold - self.least + 1:
            raise UsageError(
                f"A rule that hides {self.least} to {self.threshold} can leave at most "
                f"{self.threshold - self.least + 1} possible values, because it may be known which "
                f"counts are small; found width={self.width}. Lower the width."
            )
        for base in (self.rounding, *(base for _, base in self.rounding_by_level)):
            if base < 1:
                raise UsageError(f"Rounding must be to a multiple of at least 1; found {base}.")
        if self.controlled and self.rounding < self.width:
            raise UsageError(
                f"Rounding to {self.rounding} can leave only {self.rounding} possible values, "
                "because a count changes by less than the multiple; found "
                f"width={self.width}. Use a larger multiple or a smaller width."
            )
        if self.dominance is not None and not 0 < self.dominance < 1:
            raise UsageError(
                f"dominance must be a share between 0 and 1, such as 0.8; found {self.dominance}."
            )

    @property
    def least(self) -> int:
        """The smallest count that is hidden: 0 if zeros are hidden, else 1."""
        return 0 if self.zeros == "hidden" else 1

    def small(self, count: int) -> bool:
        """Return whether a count is hidden because it is small."""
        return self.least <= count <= self.threshold

    def base(self, level: str | None = None) -> int:
        """Return the multiple that counts of an area level are rounded to."""
        return dict(self.rounding_by_level).get(level or "", self.rounding)

    def shown(self, count: int, level: str | None = None) -> int:
        """Return the printed value of a count that is not hidden."""
        base = self.base(level)
        return (2 * count + base) // (2 * base) * base

    def behind(self, shown: int, level: str | None = None) -> tuple[int, int]:
        """Return the smallest and the largest count that have this printed value.

        Examples
        --------
        >>> NHS.behind(10), NHS.behind(0), ROUND_TO_5.behind(5)
        ((8, 12), (0, 0), (1, 9))
        """
        base = self.base(level)
        if self.controlled:
            return max(0, shown - base + 1), shown + base - 1
        least, most = max(0, shown - base // 2), shown + (base - 1) // 2
        possible = [n for n in range(least, most + 1) if not self.small(n)]
        return (possible[0], possible[-1]) if possible else (least, most)


DFE: Final = SuppressionRule(
    "DfE children in need: 1 to 5",
    threshold=5,
    width=5,
    rounding_by_level=(("country", 10), ("region", 10)),
    public=("year",),
)
"""DfE's children in need releases: 1 to 5 hidden with secondary suppression, England and its
regions rounded to 10, the authority's total of each year published."""

NHS: Final = SuppressionRule("NHS England: 1 to 7, rounded to 5", threshold=7, width=7, rounding=5)
"""NHS England's disclosure control for hospital statistics: 1 to 7 hidden, others to 5."""

LOCAL: Final = SuppressionRule(
    "Local default: 0 to 5", threshold=5, width=6, zeros="hidden", public=("year",)
)
"""Cautious: zeros are hidden like small counts, so that no area is known to have no child."""

ROUND_TO_5: Final = SuppressionRule(
    "Controlled rounding to 5", threshold=5, width=5, rounding=5, controlled=True
)
"""Nothing is hidden; every count is rounded to a multiple of 5 so that totals add up."""

RULES: Final[Mapping[str, SuppressionRule]] = {
    "local": LOCAL,
    "dfe": DFE,
    "nhs": NHS,
    "round-to-5": ROUND_TO_5,
}
"""The rules by their names on the command line."""


def rule_of(rule: str | SuppressionRule) -> SuppressionRule:
    """Return a rule by its name; a rule is returned as it is."""
    if isinstance(rule, SuppressionRule):
        return rule
    choice("rule", rule, tuple(RULES))
    return RULES[rule]
