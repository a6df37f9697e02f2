"""The design of a funnel: its statistic, its limits and their scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy import special

from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.measures._arrays import Array, Floats
from bolton_jsna.measures._frame_columns import LARGEST
from bolton_jsna.measures._funnel_counts import binomial_funnel, poisson_funnel

Statistic = Literal["rate", "ratio", "proportion"]
FunnelLimits = Literal["interval", "exact", "normal"]
Overdispersion = Literal["none", "multiplicative", "additive"]
FunnelScale = Literal["natural", "root"]

COLUMNS: Final = {
    "rate": ("count", "population", 10_000.0),
    "ratio": ("observed", "expected", 1.0),
    "proportion": ("count", "denominator", 100.0),
}
"""For each statistic: the usual columns of events and of the denominator, and the usual unit."""


@dataclass(frozen=True)
class Design:
    """The statistic of a funnel, the kind of its limits, their scale and overdispersion."""

    statistic: str
    limits: str
    overdispersion: str
    scale: str

    def __post_init__(self) -> None:
        """Reject options that are not valid."""
        choice("statistic", self.statistic, COLUMNS)
        choice("limits", self.limits, ("interval", "exact", "normal"))
        choice("overdispersion", self.overdispersion, ("none", "multiplicative", "additive"))
        choice("scale", self.scale, ("natural", "root"))
        if self.limits == "exact" and (self.overdispersion != "none" or self.scale == "root"):
            raise UsageError(
                "Exact limits cannot allow for overdispersion or use another scale. Leave out "
                "limits='exact', or leave out overdispersion= and scale=."
            )

    @property
    def normal(self) -> bool:
        """Whether limits are a target plus and minus z errors."""
        return self.limits == "normal" or self.overdispersion != "none" or self.scale == "root"

    @property
    def method(self) -> str:
        """The name of the method in a result."""
        if not self.normal:
            if self.statistic == "proportion":
                return "Exact binomial" if self.limits == "exact" else "Wilson"
            return "Exact Poisson" if self.limits == "exact" else "Byar, exact Poisson under 10"
        scale = ", root scale" if self.scale == "root" else ""
        extra = "" if self.overdispersion == "none" else f", {self.overdispersion} overdispersion"
        return f"Normal{scale}{extra}"

    def scaled(self, figure: Array) -> Array:
        """Return a figure per one of the denominator, on the scale of the limits."""
        if self.scale == "natural":
            return figure
        found: Array = np.sqrt(figure)
        if self.statistic == "proportion":
            found = np.arcsin(found)
        return found

    def back(self, figure: Array) -> Array:
        """A figure on the scale of the limits, per one of the denominator."""
        share = self.statistic == "proportion"
        found: Array = np.maximum(figure, 0)
        if self.scale == "natural":
            found = np.minimum(found, 1) if share else found
        else:
            found = np.sin(np.minimum(found, np.pi / 2)) ** 2 if share else found**2
        return found

    def error(self, target: Array, denominator: Array) -> Array:
        """The standard error of a figure were the target true, on the scale of the limits."""
        found: Array = 1 / (2 * np.sqrt(denominator))
        if self.scale == "natural":
            variance = target * (1 - target) if self.statistic == "proportion" else target
            found = np.sqrt(variance / denominator)
        return found

    def widened(self, error: Array, phi: Array, tau_squared: Array) -> Array:
        """A standard error with what areas differ by beyond chance."""
        found = error
        if self.overdispersion == "multiplicative":
            found = error * np.sqrt(np.maximum(phi, 1))
        elif self.overdispersion == "additive":
            found = np.sqrt(error**2 + tau_squared)
        return found

    def bounds(
        self,
        middle: Array,
        whole: Array,
        wide: Array,
        level: float,
        *,
        stretch: Floats | None,
    ) -> tuple[Floats, Floats]:
        """Return the limits of figures per one of the denominator, at a level of confidence."""
        if self.normal or (self.statistic == "proportion" and self.limits == "interval"):
            reach = special.ndtri((1 + level) / 2) * wide
            centre = self.scaled(middle)
            lower, upper = self.back(centre - reach), self.back(centre + reach)
        elif self.statistic == "proportion":
            lower, upper = (each / whole for each in binomial_funnel(whole, middle, level))
        else:
            exact = self.limits == "exact"
            found = poisson_funnel(middle * whole, level, exact=exact, widening=stretch)
            lower, upper = (each / whole for each in found)
        known = ~np.isnan(middle * whole * wide)
        return np.where(known, lower, np.nan), np.where(known, upper, np.nan)


def check_target(statistic: Statistic, target: float, unit: float) -> None:
    """Reject a target that no rate, proportion or mean can have."""
    if not 0 < target / unit < (1 if statistic == "proportion" else LARGEST):
        below = f" and below {unit:g}" if statistic == "proportion" else ""
        raise UsageError(f"target={target!r} is not valid; expected a number above zero{below}.")
