"""What counts as a small number: a rule is a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bolton_jsna.errors import UsageError


@dataclass(frozen=True)
class SuppressionRule:
    """A rule for hiding small counts.

    Attributes
    ----------
    name : str
        Whose rule it is, as a note prints it.
    threshold : int
        Counts from 1 to this are hidden. Zero is shown.
    width : int
        Whoever knows everything shown, and how it was hidden, must be left with at least this
        distance between the smallest and the largest value that a hidden count could have.

    Raises
    ------
    UsageError
        When the threshold or the width is less than one.

    Examples
    --------
    >>> SuppressionRule("ours", threshold=7, width=7)
    SuppressionRule(name='ours', threshold=7, width=7)
    """

    name: str
    threshold: int
    width: int

    def __post_init__(self) -> None:
        if self.threshold < 1 or self.width < 1:
            raise UsageError(
                f"A rule hides counts from 1 to a threshold of at least 1 within a width of at "
                f"least 1; found threshold={self.threshold}, width={self.width}."
            )


DFE: Final = SuppressionRule("DfE children in need: 1 to 5", threshold=5, width=5)
"""The rule of DfE's children in need releases, with secondary suppression."""
