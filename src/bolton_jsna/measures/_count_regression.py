"""A model of counts on one exposure: Poisson, or negative binomial where chance is not enough."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from scipy import special

from bolton_jsna.measures._arrays import Array, Floats
from bolton_jsna.measures._correlation import LEAST_PAIRS

OVERDISPERSED: Final = 0.05
"""Below this one-sided p of the test of overdispersion, the Poisson model is not used."""

STEEPEST: Final = 50.0
"""A log rate ratio per standard deviation above this is a separation, not a solution."""


@dataclass(frozen=True)
class CountsFit:
    """A rate ratio per unit of the exposure, and how the counts vary around the model.

    Attributes
    ----------
    ratio, lower, upper, p : float
    model : str
        ``poisson``, ``negative_binomial``, or empty where there is none.
    method : str or None
        The model in words.
    reason : str or None
        Why there is no ratio.
    dispersion : float
        Pearson chi-square over its degrees of freedom, of the Poisson model.
    alpha : float
        Of the negative binomial: variance = mean + alpha mean^2.
    overdispersion_p : float
        One-sided p of variance beyond the Poisson's (Cameron and Trivedi 1990).
    line : tuple of float
        The log of the rate where the exposure is 0, and what one unit of the exposure adds to it.
    """

    ratio: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    p: float = math.nan
    model: str = ""
    method: str | None = None
    reason: str | None = None
    dispersion: float = math.nan
    alpha: float = math.nan
    overdispersion_p: float = math.nan
    line: tuple[float, float] = (math.nan, math.nan)

    def expected(self, x: Floats) -> Floats:
        """Return the fitted rate for one person at each exposure."""
        return np.exp(self.line[0] + self.line[1] * x)


def fit_counts(
    cases: Floats,
    people: Floats,
    x: Floats,
    *,
    model: Literal["auto", "poisson", "negative_binomial"] = "auto",
    level: float = 0.95,
) -> CountsFit:
    """Fit log E(cases) = a + b x + log(people) and return exp(b)."""
    # Cameron and Trivedi 2013, Regression Analysis of Count Data, chapters 3 and 4. Fitted by
    # statsmodels: ``GLM`` and ``NegativeBinomial`` (NB2).
    if len(cases) < LEAST_PAIRS:
        return CountsFit(reason=f"{len(cases)} areas; expected {LEAST_PAIRS} or more")
    spread = float(x.std())
    if spread <= 1e-12 * float(abs(x).max()):
        return CountsFit(reason="every area has the same deprivation")
    if not cases.sum() > 0:
        return CountsFit(reason="no event in any area")
    # Standardised for the solver; the ratio is turned back to units of x.
    design = np.column_stack([np.ones(len(x)), (x - x.mean()) / spread])
    offset = np.log(people)
    with warnings.catch_warnings():
        # statsmodels sets its own warning filters on import; they end with this block.
        import statsmodels.discrete.discrete_model
        import statsmodels.genmod.generalized_linear_model  # noqa: F401
    with warnings.catch_warnings():
        # Problems of the solver are read from its result and given as the reason.
        warnings.simplefilter("ignore")
        with np.errstate(all="ignore"):
            fit, start = _poisson(cases, design, offset, spread, level)
            enough = fit.overdispersion_p >= OVERDISPERSED
            if model == "poisson" or fit.reason or (model == "auto" and enough):
                return _with_line(fit, start, x, spread)
            other, found = _negative_binomial(
                cases, design, offset, spread=spread, level=level, start=start
            )
    if other.reason and model == "auto":
        return _with_line(fit, start, x, spread)
    other = replace(other, dispersion=fit.dispersion, overdispersion_p=fit.overdispersion_p)
    return _with_line(other, found, x, spread)


def _with_line(fit: CountsFit, found: Array, x: Floats, spread: float) -> CountsFit:
    """Return a fit with its line in the units of x."""
    if fit.reason:
        return fit
    slope = float(found[1]) / spread
    return replace(fit, line=(float(found[0]) - slope * float(x.mean()), slope))


def _poisson(
    cases: Array, design: Array, offset: Array, spread: float, level: float
) -> tuple[CountsFit, Array]:
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    found = GLM(cases, design, family=Poisson(), offset=offset).fit()
    slope, error = float(found.params[1]), float(found.bse[1])
    if not found.converged or not math.isfinite(error) or abs(slope) > STEEPEST:
        return CountsFit(reason="the Poisson model has no solution"), found.params
    mean = found.mu
    free = len(cases) - 2
    dispersion = float((((cases - mean) ** 2) / mean).sum() / free)
    # Cameron and Trivedi: regress ((y - mu)^2 - y) / mu on mu, without a constant.
    excess = ((cases - mean) ** 2 - cases) / mean
    alpha = float((excess @ mean) / (mean @ mean))
    scatter = float(((excess - alpha * mean) ** 2).sum() / (len(cases) - 1) / (mean @ mean))
    beyond = float(special.ndtr(-alpha / math.sqrt(scatter))) if scatter > 0 else math.nan
    widened = dispersion > 1
    error *= math.sqrt(dispersion) if widened else 1.0
    degrees = float(free) if widened else math.inf
    method = "Poisson regression" + (", widened by dispersion" if widened else "")
    fit = _turned(slope, error, spread, level, degrees)
    fit = replace(
        fit, model="poisson", method=method, dispersion=dispersion, overdispersion_p=beyond
    )
    return fit, np.append(found.params, max(alpha, 0.01))


def _negative_binomial(
    cases: Array, design: Array, offset: Array, *, spread: float, level: float, start: Array
) -> tuple[CountsFit, Array]:
    from statsmodels.discrete.discrete_model import NegativeBinomial

    nothing = CountsFit(
        model="negative_binomial", reason="the negative binomial model has no solution"
    )
    try:
        found = NegativeBinomial(cases, design, offset=offset).fit(
            start_params=start, method="bfgs", maxiter=500, disp=False
        )
        slope, error = float(found.params[1]), float(found.bse[1])
    except (np.linalg.LinAlgError, ValueError):
        return nothing, start
    alpha = float(found.params[2])
    free = len(cases) - 2
    mean = np.exp(design @ found.params[:2] + offset)
    left = float((((cases - mean) ** 2) / (mean + alpha * mean**2)).sum() / free)
    error *= math.sqrt(max(left, 1.0))
    # A search that stopped at the limit of precision has converged; one out of steps has not.
    steep = np.abs(found.model.score(found.params)).max() > 1e-3 * math.sqrt(len(cases))
    if steep and not found.mle_retvals["converged"]:
        return nothing, start
    if not (math.isfinite(error) and alpha > 0) or abs(slope) > STEEPEST:
        return nothing, start
    fit = _turned(slope, error, spread, level, float(free))
    fit = replace(
        fit, model="negative_binomial", method="Negative binomial regression", alpha=alpha
    )
    return fit, found.params


def _turned(slope: float, error: float, spread: float, level: float, degrees: float) -> CountsFit:
    """Turn a slope per standard deviation into a ratio per unit, with limits and p."""
    tail = (1 - level) / 2
    normal = math.isinf(degrees)
    quantile = float(special.ndtri(1 - tail) if normal else special.stdtrit(degrees, 1 - tail))
    statistic = -abs(slope / error) if error > 0 else -math.inf
    p = float(2 * (special.ndtr(statistic) if normal else special.stdtr(degrees, statistic)))
    low, high = ((slope + sign * quantile * error) / spread for sign in (-1, 1))
    return CountsFit(
        ratio=math.exp(slope / spread),
        lower=math.exp(min(low, 700.0)),
        upper=math.exp(min(high, 700.0)),
        p=p,
    )
