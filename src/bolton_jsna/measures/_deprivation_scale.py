"""Which end of a deprivation column is the most deprived, and what one step of it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, cast

import pandas as pd

from bolton_jsna.core.errors import UsageError, choice, some
from bolton_jsna.measures._arrays import Floats

End = Literal["high", "low"]

GROUPS: Final = {"decile": 10, "quintile": 5, "quartile": 4, "quantile": 100}
"""Columns of groups of areas, and the highest number each may hold."""

_LOWEST: Final = ("rank", "decile", "quintile", "quartile")
"""Columns of which the Indices number the most deprived 1; quantiles may run either way."""


@dataclass(frozen=True)
class DeprivationScale:
    """A column of deprivation.

    Attributes
    ----------
    column : str
    most_deprived : {"high", "low"}
        The end that is the most deprived.
    group : str or None
        The name of a group if the column holds groups, such as ``decile``.
    """

    column: str
    most_deprived: End
    group: str | None

    @classmethod
    def of(cls, column: str, most_deprived: str | None = None) -> DeprivationScale:
        """Return the scale that a column's name says, or that was asked for."""
        words = re.split(r"[^a-z]+", column.lower())
        kinds = [word.removesuffix("s") for word in words]
        group = next((kind for kind in kinds if kind in GROUPS), None)
        if most_deprived is not None:
            choice("most_deprived", most_deprived, ("high", "low"))
            return cls(column, cast("End", most_deprived), group)
        low = (group or "rank") in {*kinds} & {*_LOWEST}
        high = group is None and "score" in kinds
        if low == high:
            raise UsageError(
                f"The name {column!r} does not show which end is the most deprived. Write "
                "most_deprived='high' or most_deprived='low', or name the column as the Indices "
                f"do: score (high is the most deprived), or {some(_LOWEST, most=9)} (1 is)."
            )
        return cls(column, "low" if low else "high", group)

    def exposure(
        self, values: Floats, step: float | Literal["decile"] | None
    ) -> tuple[Floats, str]:
        """Return what counts are regressed on, and the name of one unit of it."""
        depth = values if self.most_deprived == "high" else -values
        if self.group is not None:
            self._whole(values)
        if step is not None and step != "decile":
            return depth / step, f"{step:g} of {self.column} more deprived"
        if self.group is not None and (step is None or self.group == "decile"):
            return depth, f"one {self.group} more deprived"
        if self.group is not None:
            raise UsageError(
                f"step='decile' is not a step of {self.column!r}, which holds {self.group}s. Leave "
                f"step= out for one {self.group}."
            )
        ranks = pd.Series(depth).rank().to_numpy()
        return (ranks - 0.5) / max(len(depth), 1) * 10, "one tenth of the areas more deprived"

    def _whole(self, values: Floats) -> None:
        """Reject groups that are not numbered from 1."""
        highest = GROUPS[cast("str", self.group)]
        wrong = (values != values.round()) | (values < 1) | (values > highest)
        if wrong.any():
            raise UsageError(
                f"Column {self.column!r} holds {values[wrong][0]:g}; expected whole numbers from 1 "
                f"to {highest}, because its name contains {self.group!r}. If it holds anything "
                "else, rename it and write most_deprived=."
            )
