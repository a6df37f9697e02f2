"""Indirectly standardised ratios and rates: events over those expected at a reference's rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.comparable_rows import one_subject
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.states import LABELS
from bolton_jsna.core.table_checks import reject_unlike_keys
from bolton_jsna.measures._age_band_rows import (
    AGES,
    AgeCells,
    age_cells,
    counts_of,
    reasons,
    whole_codes,
)
from bolton_jsna.measures._arrays import Flags, Floats
from bolton_jsna.measures._frame_columns import (
    CODES,
    STATES,
    both_codes,
    counted_codes,
    counts_and_people,
    need,
    numbers,
    numeric,
    people_and_codes,
    positive,
    state_text,
)
from bolton_jsna.measures._intervals import confidence_levels
from bolton_jsna.measures.rates import method_labels, widened_limits
from bolton_jsna.measures.recurrent_events import ALLOWED, Recurrence, not_below_count


@checked
def indirectly_standardised_ratios(
    frame: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    by: str | Sequence[str] | None = None,
    observed: pd.DataFrame | None = None,
    age: str = "age_band",
    count: str = "count",
    population: str = "population",
    base: float = 1,
    confidence: float | list[float] | tuple[float, ...] = 0.95,
    status: str = "status",
    population_status: str | None = None,
    count_variance: str | None = None,
) -> pd.DataFrame:
    """Return the events of each group over those expected at the reference's rates by age.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per group and age band, with any number of bands. It is not changed.
    reference : DataFrame
        One row per age band: ``age``, ``count`` and ``population`` of the reference, such as
        England. With a column ``status`` (or ``population_status``) a band that is hidden is
        rejected, whatever is in its cell, and a modelled one makes modelled ratios.
    by : str or sequence of str, optional
        The columns that define the groups: area, year, sex and so on. Without it all rows are one
        group, which keeps the area, year, sex and indicator that its rows share.
    observed : DataFrame, optional
        The events of each group where they are not known by age, or hidden: the ``by`` columns,
        ``count`` and ``status``. ``frame`` then needs no counts.
    age : str, default "age_band"
        The column of age bands, written alike in both tables.
    count, population : str
        The columns of events and of people at risk, in both tables.
    base : float, default 1
        The ratio of the reference itself; 100 for the usual SMR.
    confidence : float or sequence of float, default 0.95
        One level or several, as in :func:`crude_rates`.
    status : str, default "status"
        The column of the count's state, in ``frame`` or in ``observed``.
    population_status : str, optional
        The column of the population's state in ``frame``.
    count_variance : str, optional
        The column of the counts' variance where events recur within a child, in ``frame`` or in
        ``observed``.

    Returns
    -------
    DataFrame, shape (g, ...)
        One row per group in order of first appearance: the ``by`` columns, ``observed``,
        ``expected``, ``ratio``, the limits, ``method``, ``status``, ``reason`` (why there is no
        ratio), ``parts`` (age bands of the reference) and ``parts_used``.

    Raises
    ------
    SchemaError
        When a column is not there or holds text, a row has no age band, a group has one twice or
        two rows in ``observed``, or ``observed`` has a group that the frame has no people of.
    UsageError
        When the bands of the two tables differ, the reference misses a number or has a band without
        people, a count is negative or a value missing that its state calls a value, or an option
        is not valid.

    Notes
    -----
    O/E with Byar's or exact Poisson limits on O, E taken as known: Breslow and Day 1987; OHID
    technical guide. Do not compare the ratios of two places with each other: each has its own
    population as weights.

    Examples
    --------
    Deaths from cirrhosis of the liver among doctors, England and Wales 1970-72 (Bland, An
    Introduction to Medical Statistics, section 16.4), against all men:

    >>> import pandas as pd, bolton_jsna as jsna
    >>> ages = ["15-24", "25-34", "35-44", "45-54", "55-64"]
    >>> men = pd.DataFrame({"age_band": ages, "population": 1e9,
    ...     "count": [5_859, 13_050, 46_937, 161_503, 271_358]})
    >>> doctors = pd.DataFrame({"group": "doctors", "age_band": ages,
    ...     "population": [1_080, 12_860, 11_510, 10_330, 7_790]})
    >>> found = jsna.indirectly_standardised_ratios(
    ...     doctors, men, by="group", base=100,
    ...     observed=pd.DataFrame({"group": ["doctors"], "count": [14]}),
    ... )
    >>> found[["observed", "expected", "ratio", "lower", "upper", "method"]].round(2)
       observed  expected   ratio   lower   upper method
    0        14       4.5  311.35  170.07  522.42   Byar

    Referrals of Bolton in illustrative local records, year ending 31 March 2025, against those
    expected at the year before's rates by age:

    >>> from bolton_jsna.measures.events import events_of
    >>> records = jsna.load_local_records().records
    >>> children = jsna.load_population_projections("Bolton", years=[2023, 2024])
    >>> def by_age(year: int) -> pd.DataFrame:
    ...     tally = events_of(records, "referrals", year)["age"].value_counts()
    ...     rows = children[children["year"] == year - 1]
    ...     return rows.assign(count=rows["age"].map(tally))
    >>> found = jsna.indirectly_standardised_ratios(
    ...     by_age(2025), by_age(2024), by="area_code", age="age"
    ... )
    >>> found[["observed", "expected", "ratio"]].astype(float).round(2).iloc[0].tolist()
    [3803.0, 3776.48, 1.01]
    """
    positive("base", base)
    if observed is not None and by is None:
        raise UsageError(
            "observed= has a row for each group, and by= names no column of groups. Name the "
            "columns that observed= and the frame share, such as by='area_code'."
        )
    levels = confidence_levels(confidence)
    variances = [count_variance] if count_variance else []
    need(reference, [age, count, population], options="age=, count= and population=")
    rates, modelled = _reference_rates(
        reference, age, count, population, status=status, population_status=population_status
    )
    wanted = [age, population, population_status]
    need(frame, [name for name in wanted if name], options="age= and population=")
    cells = age_cells(frame, by, age, reference[age].tolist(), what="reference")
    people, codes = people_and_codes(frame, population, population_status)
    # What is expected at a modelled rate is modelled too.
    codes = both_codes(codes, np.where(modelled[cells.bands], CODES["modelled"], 0).astype(np.int8))
    counts = frame
    if observed is None:
        need(frame, [count, *variances], options="count=")
        events = numbers(frame, count)
        codes = both_codes(counted_codes(frame, status, events, count), codes)
        total = cells.add(np.where(numeric(codes), events, np.nan))
        spread = [cells.add(numbers(frame, name)) for name in variances]
    else:
        counts = _one_each(cells, observed, count, status, variances)
        total = numbers(counts, count)
        spread = [numbers(counts, name) for name in variances]
    expected = cells.add(np.where(numeric(codes), people * rates[cells.bands], np.nan))
    state, reason = whole_codes(cells, codes), reasons(cells, codes)
    if observed is not None:
        own = counted_codes(counts, status, total, count)
        reason[numeric(state) & ~numeric(own)] = "events of the group not known"
        state = both_codes(own, state)
    nothing = numeric(state) & (expected == 0)
    state[nothing] = CODES["not_applicable"]
    reason[nothing] = "no events expected"
    total = np.where(numeric(state), total, np.nan)
    for each in spread:
        not_below_count(each, total, count_variance or "")
    known = None
    if spread:
        known = Recurrence(spread[0], np.full(len(total), ALLOWED, dtype=np.int8))
    widening = None if known is None else np.sqrt(known.factor(total))
    shown = numeric(state)
    divisor = np.where(shown, expected, np.nan)
    new: dict[str, Any] = {
        "observed": counts_of(total, counts[count]),
        "expected": expected,
        "ratio": total / divisor * base,
    }
    for level, ending in levels.items():
        low, high = widened_limits(total, level, widening=widening)
        new[f"lower{ending}"], new[f"upper{ending}"] = low / divisor * base, high / divisor * base
    new["method"] = method_labels(total, shown, cells.keys.index, known=known)
    new[status] = state_text(state, cells.keys.index)
    return cells.table(new, reason, cells.number(numeric(codes)))


@checked
def indirectly_standardised_rates(
    frame: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    by: str | Sequence[str] | None = None,
    observed: pd.DataFrame | None = None,
    age: str = "age_band",
    count: str = "count",
    population: str = "population",
    per: float = 10_000,
    confidence: float | list[float] | tuple[float, ...] = 0.95,
    status: str = "status",
    population_status: str | None = None,
    count_variance: str | None = None,
) -> pd.DataFrame:
    """Return each group's indirectly standardised ratio times the crude rate of the reference.

    Parameters
    ----------
    frame, reference, by, observed, age, count, population, confidence, status, \
population_status, count_variance
        As in :func:`indirectly_standardised_ratios`.
    per : float, default 10 000
        The number of people the rate is for.

    Returns
    -------
    DataFrame, shape (g, ...)
        As :func:`indirectly_standardised_ratios` gives, with ``rate`` for ``ratio``, and
        ``reference_rate`` (the crude rate of the reference).

    Raises
    ------
    SchemaError, UsageError
        As :func:`indirectly_standardised_ratios`.

    Notes
    -----
    (O/E) times the reference's crude rate, and the same for the limits: OHID technical guide.

    Examples
    --------
    >>> import pandas as pd, bolton_jsna as jsna
    >>> england = pd.DataFrame({"age_band": ["0-4", "5-17"], "count": [500, 300],
    ...     "population": [20_000, 60_000]})
    >>> here = england.assign(area="here", count=[30, 9], population=[900, 2_000])
    >>> found = jsna.indirectly_standardised_rates(here, england, by="area")
    >>> found[["observed", "expected", "reference_rate", "rate"]].round(1).iloc[0].tolist()
    [39.0, 32.5, 100.0, 120.0]

    With snapshot data, as in :func:`indirectly_standardised_ratios`.
    """
    positive("per", per)
    levels = confidence_levels(confidence)
    out = indirectly_standardised_ratios(
        frame,
        reference,
        by=by,
        observed=observed,
        age=age,
        count=count,
        population=population,
        confidence=confidence,
        status=status,
        population_status=population_status,
        count_variance=count_variance,
    ).rename(columns={"ratio": "rate"})
    crude = float(np.sum(numbers(reference, count)) / np.sum(numbers(reference, population)) * per)
    limits = [f"{side}{ending}" for ending in levels.values() for side in ("lower", "upper")]
    out[["rate", *limits]] *= crude
    out.insert(out.columns.get_loc("rate"), "reference_rate", crude)
    return out


def _reference_rates(
    reference: pd.DataFrame,
    age: str,
    count: str,
    population: str,
    *,
    status: str,
    population_status: str | None,
) -> tuple[Floats, Flags]:
    """Return the rate of each band of the reference, and whether it is modelled."""
    one_subject(reference, to="be a reference", by=None, apart=(age, *AGES))
    named = population_status if population_status in reference.columns else None
    events, people, codes = counts_and_people(reference, count, population, status, named)
    # A number in the cell of a hidden count is not used: a suppressed band is not zero.
    hidden = ~numeric(codes)
    wrong = hidden | ~(people > 0)
    if wrong.any():
        bands = reference[age].to_numpy()
        without = (
            f"{bands[at]!r} ({LABELS[STATES[codes[at]]].lower() if hidden[at] else 'no people'})"
            for at in np.flatnonzero(wrong)
        )
        raise UsageError(
            f"The reference has no events or no people for the age bands {some(without)}. Join "
            "bands until each has both."
        )
    return events / people, codes == CODES["modelled"]


def _one_each(
    cells: AgeCells, observed: pd.DataFrame, count: str, status: str, variances: list[str]
) -> pd.DataFrame:
    names = list(cells.keys.columns)
    need(observed, [*names, count, *variances], options="by= and count=, in observed=")
    observed = observed.reset_index(drop=True)
    for name in names:
        reject_unlike_keys(
            observed[name], cells.keys[name], column=name, here="observed=", there="the frame"
        )
    twice = observed.duplicated(names)
    if twice.any():
        raise SchemaError(
            f"observed= has more than one row of {some(observed.loc[twice, names].iloc[0])}; "
            "expected one of each group."
        )
    missing = observed.merge(cells.keys, on=names, how="left", indicator=True)
    missing = missing[missing["_merge"] == "left_only"]
    if len(missing):
        raise SchemaError(
            f"observed= has {len(missing)} groups without people, such as "
            f"{some(missing[names].iloc[0])}. Give their rows by age, or leave them out."
        )
    stated = [status] if status in observed.columns else []
    found = cells.keys.merge(observed[[*names, count, *variances, *stated]], on=names, how="left")
    if stated:
        found[status] = found[status].where(found[status].notna(), "not_available")
    return found
