"""An association of events with deprivation in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from bolton_jsna.core.states import LABELS
from bolton_jsna.measures._count_regression import CountsFit

CAUTION: Final = (
    "This is about areas, not families: it does not show that the children counted live in "
    "deprived families."
)
"""Robinson 1950: what is true of areas may not be true of the people in them."""


def association_sentences(
    summary: Mapping[str, Any], table: pd.DataFrame, fit: CountsFit
) -> tuple[str, ...]:
    """Return the result as sentences, with what was left out and the caution."""
    events, areas = summary["events"], summary["areas"]
    per_cent = f"{summary['confidence'] * 100:g}%"
    used, left = summary["used"], summary["of"] - summary["used"]
    parts = []
    if fit.reason:
        parts.append(f"Across {used} {areas} no rate ratio of {events} can be given: {fit.reason}.")
    else:
        between = f"({per_cent} interval {fit.lower:.2f} to {fit.upper:.2f})"
        step = summary["step"].replace("the areas", f"the {areas}")
        parts.append(
            f"Across {used} {areas}, the rate of {events} is {fit.ratio:.2f} times as high "
            f"{between} for each step of {step} ({fit.method}; dispersion {fit.dispersion:.1f})."
        )
        if fit.lower <= 1 <= fit.upper:
            parts.append("The interval includes 1: the difference may be chance.")
    ranked = table.loc[table["measure"] == "spearman"].iloc[0]
    if ranked["status"] == "value":
        parts.append(
            f"Rank correlation {ranked['estimate']:.2f} "
            f"({per_cent} interval {ranked['lower']:.2f} to {ranked['upper']:.2f})."
        )
    if left:
        why = ", ".join(
            f"{number} {LABELS[state].lower()}" for state, number in summary["left_out"].items()
        )
        parts.append(
            f"{left} of {summary['of']} {areas} {'is' if left == 1 else 'are'} left out ({why})."
        )
    return (*parts, CAUTION)
