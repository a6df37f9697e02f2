"""Spatial autocorrelation: Moran's I, local and bivariate, with states and reasons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.comparable_rows import one_row_each
from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.measures import _moran
from bolton_jsna.measures._arrays import Array, Floats
from bolton_jsna.measures._frame_columns import labels, need, state_text
from bolton_jsna.measures._short_tables import autocorrelation_table
from bolton_jsna.measures._spatial_data import Mapped, mapped_values
from bolton_jsna.measures.multiple_testing import benjamini_hochberg
from bolton_jsna.measures.weights import Weights, contiguity_weights

if TYPE_CHECKING:
    import geopandas as gpd
LEAST_PERMUTATIONS: Final = 19
"""The fewest with which one tail can reach 0.05."""
MOST_PERMUTATIONS: Final = 1_000_000

PATTERNS: Final = ("high-high", "low-low", "high-low", "low-high", "not significant")
"""The area's value, then its neighbours', each above or below the mean."""


@dataclass(frozen=True, eq=False)
class SpatialAutocorrelation:
    """Moran's I of a whole map and of each of its areas.

    Attributes
    ----------
    table : DataFrame
        The rows given, with ``neighbours`` (neighbours with a value), ``lag`` (their mean, of the
        second variable where there is one), ``local_i``, ``p``, ``p_adjusted``, ``pattern``
        (high-high, low-low, high-low, low-high, not significant: the area, then its neighbours,
        above or below the mean), ``local_status`` and ``reason`` (empty where there is a figure).
    summary : mapping
        ``value``, ``other``, ``i``, ``expected``, ``variance`` and ``z`` (under randomisation; of
        one variable only), ``p``, ``alternative``, ``permutations``, ``seed``, ``smallest_p``,
        ``used`` and ``of`` (areas in the statistic, rows given), ``without_value`` (how many of
        each state), ``islands`` (codes left out because they have no neighbour), ``not_in_frame``
        (areas of the weights without a row), ``rule``, ``style``, ``patterns`` (how many areas of
        each), ``status``, ``reason``, ``note``, ``sentence``.
    """

    table: pd.DataFrame
    summary: Mapping[str, Any]

    def __repr__(self) -> str:
        return autocorrelation_table(self.summary).to_text()

    def _repr_html_(self) -> str:
        return autocorrelation_table(self.summary).to_html()


@checked
def spatial_autocorrelation(
    frame: pd.DataFrame,
    weights: Weights | gpd.GeoDataFrame,
    value: str = "rate",
    *,
    other: str | None = None,
    code: str = "area_code",
    status: str = "status",
    other_status: str | None = None,
    style: _moran.WeightStyle = "row",
    permutations: int = 9_999,
    seed: int = 0,
    alternative: _moran.Alternative = "two-sided",
    alpha: float = 0.05,
    adjust: Literal["fdr", "none"] = "fdr",
    local: bool = True,
) -> SpatialAutocorrelation:
    """Measure whether neighbouring areas have similar values, for the whole map and by area.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area. It is not changed.
    weights : Weights or GeoDataFrame
        Which areas are neighbours; of boundaries, those that touch (:func:`contiguity_weights`).
    value : str, default "rate"
        The column measured.
    other : str, optional
        A second column: the areas' ``value`` against their neighbours' ``other`` (bivariate).
    code : str, default "area_code"
        The column of codes, as in ``weights``.
    status, other_status : str
        The columns of the states of the two. A value in a state without a number is left out,
        whatever is in its cell. Without the column, a missing value is ``not_available``.
    style : {"row", "binary"}
        ``row``: each area's neighbours weigh one together. ``binary``: each neighbour weighs one.
    permutations : int, default 9 999
        The number of random orders that the p-values are made from.
    seed : int, default 0
        The same seed gives the same p-values, in whatever order the rows come.
    alternative : {"two-sided", "greater", "less"}
        ``greater``: more alike than by chance; ``less``: less alike. ``two-sided`` is twice the
        smaller tail.
    alpha : float, default 0.05
        The level at which a pattern is named.
    adjust : {"fdr", "none"}
        Name patterns by ``p_adjusted`` (Benjamini-Hochberg across areas) or by ``p``.
    local : bool, default True
        False leaves out the figures of the areas.

    Returns
    -------
    SpatialAutocorrelation
        A map that has no Moran's I (fewer than four areas, all values alike) gives a missing one
        with ``status`` ``not_applicable`` and the reason.

    Raises
    ------
    SchemaError
        When a column is not there or holds text, or an area has more than one row.
    UsageError
        When an option is not valid, a state is not one of the states, or a number is missing that
        its state calls a value.
    VintageError
        When the frame has areas that are not in the weights.

    Notes
    -----
    Moran 1950: I = (n / S0) sum w(i, j) z(i) z(j) / sum z(i)^2, with z the deviations from the
    mean; variance under randomisation after Cliff and Ord 1981. Local: I(i) = z(i) / m2 times the
    weighted sum of neighbours' z, m2 = sum z^2 / n (Anselin 1995); their sum over S0 is the
    global I. Bivariate: the neighbours' z are of the second variable and m2 is the product of the
    two standard deviations (Wartenberg 1985); it also holds the correlation of the two within
    areas (Lee 2001). p = (1 + permutations as extreme) / (1 + permutations). Global: values change
    places (bivariate: those of ``other``). Local: the area stays, its neighbours' values are drawn
    from all others. False-discovery control: Caldas de Castro and Singer 2006.

    Islands, and areas whose neighbours are all without a value, are left out of the mean, of n
    and of every permutation, and are reported. Rates of small areas vary by chance with their
    population: smooth them first (:func:`smooth_rates`) or read p-values with care.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> idaci = jsna.load_idaci("Bolton")
    >>> lsoas = jsna.load_boundaries("Bolton", level="lsoa", year=2021)
    >>> weights = jsna.contiguity_weights(lsoas)
    >>> found = jsna.spatial_autocorrelation(
    ...     idaci, weights, value="idaci_score", code="lsoa_code"
    ... )
    >>> round(found.summary["i"], 3), found.summary["p"], found.summary["used"]
    (0.594, 0.0002, 177)
    >>> found.summary["patterns"]["high-high"], found.summary["patterns"]["low-low"]
    (18, 14)
    """
    _options(permutations, seed, alpha)
    permutations, seed = int(permutations), int(seed)
    choice("style", style, ("row", "binary"))
    choice("alternative", alternative, ("two-sided", "greater", "less"))
    choice("adjust", adjust, ("fdr", "none"))
    known = weights if isinstance(weights, Weights) else contiguity_weights(weights, code=code)
    need(frame, [value, code, *([other] if other else [])], options="value=, other= and code=")
    one_row_each(frame, to="compare areas with their neighbours", code=code)
    ground = mapped_values(
        frame,
        known,
        value=value,
        other=other,
        code=code,
        status=status,
        other_status=other_status or f"{other}_status",
    )
    summary: dict[str, Any] = {
        "value": value,
        "other": other,
        "i": math.nan,
        "expected": math.nan,
        "variance": math.nan,
        "z": math.nan,
        "p": math.nan,
        "alternative": alternative,
        "permutations": permutations,
        "seed": seed,
        "smallest_p": (2 if alternative == "two-sided" else 1) / (permutations + 1),
        "used": len(ground.rows),
        "of": len(frame),
        "without_value": ground.without_value,
        "islands": ground.islands,
        "not_in_frame": len(known) - len(frame),
        "rule": known.rule,
        "style": style,
        "status": "not_applicable" if ground.undefined else "value",
        "reason": ground.undefined,
    }
    figures: dict[str, Array] = {}
    if not ground.undefined:
        x = ground.first - ground.first.mean()
        y = x if other is None else ground.second - ground.second.mean()
        # A separate stream for each part, so that leaving one out changes nothing.
        whole, parts = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
        _whole_map(summary, x, y, _moran.standardised(ground.links, style), whole)
        if local:
            figures = _areas(x, y, ground.links, summary, parts)
            figures["lag"] = (ground.links @ ground.second) / figures["neighbours"]
    table = frame.copy()
    summary["patterns"], summary["note"] = {}, ""
    if local:
        table = _table(frame, ground, figures, alpha if adjust == "fdr" else -alpha)
        summary["patterns"] = {name: int((table["pattern"] == name).sum()) for name in PATTERNS}
        summary["note"] = "" if ground.undefined else _note(summary, alpha, adjust)
    summary["sentence"] = _sentence(summary, alpha)
    return SpatialAutocorrelation(table, summary)


def _options(permutations: int, seed: int, alpha: float) -> None:
    if not LEAST_PERMUTATIONS <= permutations <= MOST_PERMUTATIONS:
        raise UsageError(
            f"permutations={permutations!r} is not valid: fewer than {LEAST_PERMUTATIONS} cannot "
            f"reach 0.05, and more than {MOST_PERMUTATIONS:,} fill the memory. Give for example "
            "999."
        )
    if seed < 0:
        raise UsageError(f"seed={seed!r} is not valid; expected a whole number, zero or more.")
    if not 0 < alpha < 1:
        raise UsageError(
            f"alpha={alpha!r} is not a level between 0 and 1. Write 5 per cent as 0.05."
        )


def _whole_map(
    summary: dict[str, Any], x: Array, y: Array, matrix: Any, rng: np.random.Generator
) -> None:
    observed = _moran.global_i(x, y, matrix)
    simulated = _moran.global_permuted(x, y, matrix, summary["permutations"], rng)
    _, _, p = _moran.tails(observed, simulated, summary["alternative"])
    summary |= {"i": observed, "p": p}
    if y is x:
        expected, variance = _moran.moments(x, matrix)
        z = (observed - expected) / math.sqrt(variance) if variance > 0 else math.nan
        summary |= {"expected": expected, "variance": variance, "z": z}


def _areas(
    x: Array, y: Array, links: Any, summary: dict[str, Any], rng: np.random.Generator
) -> dict[str, Array]:
    count = np.diff(links.indptr)
    total = links @ y
    lag = total if summary["style"] == "binary" else total / count
    above, below = _moran.lag_tails(y, links, summary["permutations"], rng)
    # I(i) rises with the lag where the area is above the mean and falls where it is below.
    higher, lower = np.where(x > 0, above, below), np.where(x > 0, below, above)
    p = _moran.p_values(higher, lower, summary["permutations"], summary["alternative"])
    p[x == 0] = 1.0
    return {
        "neighbours": count,
        "local_i": x * lag / np.sqrt((x @ x) * (y @ y)) * len(x),
        "p": p,
        "p_adjusted": benjamini_hochberg(p),
        "quadrant": np.select(
            [(x > 0) & (total > 0), (x <= 0) & (total <= 0), x > 0], [0, 1, 2], default=3
        ),
    }


def _table(
    frame: pd.DataFrame, ground: Mapped, figures: dict[str, Array], level: float
) -> pd.DataFrame:
    """Add the figures to the rows; a negative ``level`` names patterns by the plain p."""
    out = frame.copy()

    def column(name: str) -> Floats:
        filled = np.full(len(frame), np.nan)
        if name in figures:
            filled[ground.rows] = figures[name]
        return filled

    near = pd.array(column("neighbours"), dtype="Int64")
    out["neighbours"] = pd.Series(near, index=out.index)
    for name in ("lag", "local_i", "p", "p_adjusted"):
        out[name] = column(name)
    pattern = np.full(len(frame), -1)
    if figures:
        stands_out = figures["p_adjusted" if level > 0 else "p"] <= abs(level)
        pattern[ground.rows] = np.where(stands_out, figures["quadrant"], len(PATTERNS) - 1)
    out["pattern"] = labels(pattern, PATTERNS, out.index)
    out["local_status"] = state_text(ground.codes, out.index)
    out["reason"] = labels(ground.why, ground.reasons, out.index)
    return out


def _note(summary: dict[str, Any], alpha: float, adjust: str) -> str:
    """Return a note if the permutations are too few for any single area to stand out."""
    together = math.ceil(summary["smallest_p"] * summary["used"] / alpha)
    if adjust == "none" or together <= 1:
        return ""
    return (
        f"With {summary['permutations']:,} permutations the smallest p is "
        f"{summary['smallest_p']:.2g}; after adjustment for {summary['used']} areas a pattern is "
        f"named only where {together} or more stand out together. Use more permutations."
    )


def _sentence(summary: dict[str, Any], alpha: float) -> str:
    name = "Moran's I" if summary["other"] is None else "Bivariate Moran's I"
    what = " and ".join(each for each in (summary["value"], summary["other"]) if each)
    left = summary["of"] - summary["used"]
    out = f"; {left} of {summary['of']} left out" if left else ""
    if summary["status"] != "value":
        return f"{name} of {what} cannot be computed: {summary['reason']}{out}"
    alike = summary["i"] > (summary["expected"] if summary["other"] is None else 0)
    if summary["p"] > alpha:
        pattern = "no pattern beyond chance"
    elif summary["other"] is None:
        pattern = f"areas tend to lie next to areas with {'like' if alike else 'unlike'} values"
    else:
        pattern = (
            f"areas with a high {summary['value']} tend to lie next to areas with a "
            f"{'high' if alike else 'low'} {summary['other']}"
        )
    return (
        f"{name} of {what} is {summary['i']:.2f} over {summary['used']} areas "
        f"(p {summary['p']:.3g}, {summary['permutations']:,} permutations{out}): {pattern}"
    )
