"""Association of deprivation and events by area: correlation, rate ratio and a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.comparable_rows import one_row_each
from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.measures._arrays import Floats
from bolton_jsna.measures._correlation import pearson, spearman
from bolton_jsna.measures._count_regression import CountsFit, fit_counts
from bolton_jsna.measures._deprivation_scale import DeprivationScale
from bolton_jsna.measures._frame_columns import (
    CODES,
    events_and_people,
    need,
    numbers,
    numeric,
    tally_states,
)
from bolton_jsna.measures._intervals import confidence_level
from bolton_jsna.measures._short_tables import association_table
from bolton_jsna.measures.association_text import CAUTION, association_sentences

CountModel = Literal["auto", "poisson", "negative_binomial"]


@dataclass(frozen=True, eq=False)
class DeprivationAssociation:
    """The association of the rates of areas with their deprivation.

    Attributes
    ----------
    table : DataFrame, shape (3, 10)
        One row each of ``pearson``, ``spearman`` and ``rate_ratio`` (column ``measure``):
        ``estimate``, ``lower``, ``upper``, ``p``, ``n``, ``confidence``, ``method``, ``status``,
        ``reason`` (empty where there is a figure).
    summary : mapping
        ``count``, ``events`` and ``areas`` (their names), ``deprivation``, ``most_deprived`` (high
        or low values), ``step`` (what the rate ratio is for, in words: "one quintile more
        deprived"), ``model``, ``dispersion`` (Pearson chi-square over its degrees of freedom, of
        the Poisson model; 1 when counts vary as by chance), ``alpha`` (negative binomial: variance
        = mean + alpha mean^2),
        ``overdispersion_p``, ``used``, ``of``, ``left_out`` (rows of each state),
        ``confidence``, ``caution``, ``sentences`` and ``sentence`` (all of them).
    fitted : DataFrame
        The line of the rate ratio: a row for each value of ``deprivation`` that is used, from the
        lowest, with the column of its name and ``expected``, the fitted rate for one person.
        Without rows where there is no rate ratio.
    """

    table: pd.DataFrame
    summary: Mapping[str, Any]
    fitted: pd.DataFrame

    def __repr__(self) -> str:
        return association_table(self.table, self.summary).to_text()

    def _repr_html_(self) -> str:
        return association_table(self.table, self.summary).to_html()


@checked
def deprivation_association(
    frame: pd.DataFrame,
    deprivation: str = "idaci_score",
    *,
    count: str = "count",
    population: str = "population",
    most_deprived: Literal["high", "low"] | None = None,
    step: float | Literal["decile"] | None = None,
    model: CountModel = "auto",
    confidence: float = 0.95,
    status: str = "status",
    population_status: str | None = None,
    events: str = "events",
    areas: str = "areas",
) -> DeprivationAssociation:
    """Measure the association of counts of events with the deprivation of areas.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area, of one indicator and year. It is not changed.
    deprivation : str, default "idaci_score"
        The column of deprivation: a score, rank or decile.
    count, population : str
        The columns of events and of people at risk.
    most_deprived : {"high", "low"}, optional
        Which end of ``deprivation`` is the most deprived. Not needed if the name of the column
        shows it: ``score`` is high; ``rank``, ``decile``, ``quintile`` and ``quartile`` are low,
        as the Indices number them (1 is the most deprived). Any other name needs it, ``quantile``
        too, because :func:`quantiles` numbers from either end.
    step : float or "decile", optional
        What the rate ratio is for. By default one group (one decile, one quintile) of a column
        that is named as one of groups, and otherwise one tenth of the areas towards the
        most deprived, which is also what ``decile`` asks for. A number: so many units of the
        column, such as 0.1 for ten percentage points of children in low income.
    model : {"auto", "poisson", "negative_binomial"}
        ``auto``: negative binomial when the counts vary more than a Poisson model allows (one-sided
        p under 0.05), else Poisson. Limits are widened if counts vary more than the model allows.
    confidence : float, default 0.95
        The level of all intervals.
    status, population_status : str
        As in :func:`crude_rates`. Areas without a number are left out and counted.
    events, areas : str
        The names of the events and the areas in the sentence, such as ``referrals`` and ``wards``.

    Returns
    -------
    DeprivationAssociation
        A measure that cannot be computed (fewer than four areas, all alike, no event, a model
        without a solution) is missing, with the status ``not_applicable`` and the reason.

    Raises
    ------
    SchemaError
        When a column is not there or holds text.
    UsageError
        When a number is negative, infinite or missing against its state, areas are of several
        levels (``area_level``), the name of ``deprivation`` does not show which end is the most
        deprived and ``most_deprived`` is not given, groups are not whole numbers from 1, or an
        option is not valid.

    Notes
    -----
    Correlations are of the crude rate with deprivation turned so that more is more deprived.
    Pearson: limits by Fisher's z, standard error 1 / sqrt(n - 3). Spearman: mid-ranks, standard
    error sqrt((1 + r^2 / 2) / (n - 3)) (Bonett and Wright 2000). p-values by Student's t with
    n - 2. Rate ratio: log E(count) = a + b x + log(population), Poisson or negative binomial with
    variance mean + alpha mean^2 (NB2); the test of overdispersion is that of Cameron and Trivedi
    1990 (Cameron and Trivedi 2013, chapter 3). Limits of the ratio are Student's t with n - 2 where
    counts vary more than a Poisson model allows. Areas of all sizes count the same in correlations.
    Neighbouring areas are taken as independent, so that intervals are too narrow where
    neighbours are still alike (:func:`spatial_autocorrelation`). The models are
    statsmodels'.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> lsoas = jsna.load_idaci("Bolton")
    >>> children = jsna.load_population_estimates("Bolton", level="lsoa", years=[2024])
    >>> children = children.set_index("area_code")["population"]  # aged 0-17, as the referrals
    >>> lsoas["population"] = lsoas["lsoa_code"].map(children)
    >>> referrals = jsna.load_local_records().records  # illustrative
    >>> counts = referrals[referrals["kind"] == "referral"].groupby("lsoa_code").size()
    >>> lsoas["count"] = lsoas["lsoa_code"].map(counts).fillna(0)
    >>> found = jsna.deprivation_association(lsoas, events="referrals", areas="LSOAs")
    >>> found.summary["model"], found.summary["used"]
    ('negative_binomial', 177)
    >>> found.table["estimate"].round(2).tolist()
    [0.76, 0.78, 1.14]
    """
    level = confidence_level(confidence)
    choice("model", model, ("auto", "poisson", "negative_binomial"))
    if step is not None and step != "decile":
        positive_step(step)
    need(frame, [count, population, deprivation], options="count=, population=, deprivation=")
    scale = DeprivationScale.of(deprivation, most_deprived)
    one_row_each(frame, to="look for an association")
    cases, people, codes = events_and_people(frame, count, population, status, population_status)
    depth = numbers(frame, deprivation, least=None)
    codes = np.where(numeric(codes) & np.isnan(depth), CODES["not_available"], codes)
    used = numeric(codes)
    cases, people, depth = cases[used], people[used], depth[used]
    given = depth
    x, unit = scale.exposure(depth, step)
    depth = depth if scale.most_deprived == "high" else -depth

    fit = fit_counts(cases, people, x, model=model, level=level)
    rows = [
        ("pearson", *pearson(depth, cases / people, level)),
        ("spearman", *spearman(depth, cases / people, level)),
        ("rate_ratio", fit.ratio, fit.lower, fit.upper, fit.p, fit.method, fit.reason),
    ]
    columns = ["measure", "estimate", "lower", "upper", "p", "method", "reason"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(5, "n", len(cases))
    table.insert(6, "confidence", level)
    table["status"] = np.where(table["estimate"].isna(), "not_applicable", "value")
    table = table[[*columns[:5], "n", "confidence", "method", "status", "reason"]]
    text = ["measure", "method", "status", "reason"]
    table[text] = table[text].astype("string")
    summary = {
        "count": count,
        "events": events,
        "areas": areas,
        "deprivation": deprivation,
        "most_deprived": scale.most_deprived,
        "step": unit,
        "model": fit.model,
        "dispersion": fit.dispersion,
        "alpha": fit.alpha,
        "overdispersion_p": fit.overdispersion_p,
        "used": len(cases),
        "of": len(frame),
        "left_out": tally_states(codes[~used]),
        "confidence": level,
        "caution": CAUTION,
    }
    sentences = association_sentences(summary, table, fit)
    summary |= {"sentences": sentences, "sentence": " ".join(sentences)}
    return DeprivationAssociation(table, summary, _line(deprivation, given, x, fit))


def _line(deprivation: str, given: Floats, x: Floats, fit: CountsFit) -> pd.DataFrame:
    """Return the fitted line, a row for each value of deprivation."""
    expected = np.full(len(x), np.nan) if fit.reason else fit.expected(x)
    line = pd.DataFrame({deprivation: given, "expected": expected}).dropna()
    return line.drop_duplicates(deprivation).sort_values(deprivation, ignore_index=True)


def positive_step(step: object) -> None:
    """Reject a step that is neither ``decile`` nor a number above zero."""
    if not is_number(step) or not 0 < step < math.inf:
        raise UsageError(
            f"step={step!r} is neither 'decile' nor a number of units above zero, such as 0.1. "
            "Leave it out for one group of a column of groups (one decile, one quintile)."
        )
