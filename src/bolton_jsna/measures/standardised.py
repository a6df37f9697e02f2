"""Directly standardised rates: the rates by age of a place in a standard population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, cast

import numpy as np
import pandas as pd
from scipy import special

from bolton_jsna.core.age_bands import gaps, written
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import UsageError, choice, some
from bolton_jsna.core.table_checks import check_columns, check_table
from bolton_jsna.measures._age_band_rows import age_cells, counts_of, reasons, whole_codes
from bolton_jsna.measures._arrays import Floats, Positions
from bolton_jsna.measures._frame_columns import (
    CODES,
    events_and_people,
    labels,
    need,
    numbers,
    numeric,
    positive,
    state_text,
)
from bolton_jsna.measures._intervals import confidence_levels, count_limits
from bolton_jsna.measures.age_groups import spans_of
from bolton_jsna.measures.denominators import NO_BAND
from bolton_jsna.measures.event_dimensions import ALL
from bolton_jsna.measures.recurrent_events import not_below_count
from bolton_jsna.measures.standard_populations import (
    NAMES,
    StandardName,
    in_bands,
    standard_population,
    total,
)

LEAST_EVENTS: Final = 10
"""A directly standardised rate of fewer events is withheld."""

StandardisedMethod = Literal["auto", "dobson", "fay_feuer"]

METHODS: Final = ("Dobson, Byar", "Fay and Feuer, gamma")

MOVES: Final = 1 / 3
"""The share of its standard error by which one event may move a rate for Dobson's limits."""


@checked
def directly_standardised_rates(
    frame: pd.DataFrame,
    *,
    by: str | Sequence[str] | None = None,
    standard: StandardName | pd.DataFrame | Mapping[Any, float] = "esp2013",
    age: str = "age_band",
    count: str = "count",
    population: str = "population",
    per: float = 10_000,
    confidence: float | list[float] | tuple[float, ...] = 0.95,
    status: str = "status",
    population_status: str | None = None,
    count_variance: str | None = None,
    method: StandardisedMethod = "auto",
) -> pd.DataFrame:
    """Return the directly standardised rate of each group, its limits, method, state and reason.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per group and age band, with any number of bands. It is not changed.
    by : str or sequence of str, optional
        The columns that define the groups: area, year, sex and so on. Without it all rows are one
        group, which keeps the area, year, sex and indicator that its rows share.
    standard : str, DataFrame or mapping, default "esp2013"
        ``esp2013`` or ``esp2013_0_19``; the frame's bands must cover all its ages once;
        or your own table with the columns ``age`` (or ``age_band``) and ``standard``; or a
        mapping of age band to people. :func:`standard_population` makes one for other bands.
    age : str, default "age_band"
        The column of age bands. They are read in the usual spellings: ``0-4``, ``0 to 4``,
        ``Under 1``, ``90+``, ``16 and over`` or single ages. Other names are written as in the
        standard.
    count, population : str
        The columns of events and of people at risk.
    per : float, default 10 000
        The number of people the rate is for.
    confidence : float or sequence of float, default 0.95
        One level or several, as in :func:`crude_rates`.
    status : str, default "status"
        The column of the count's state. Without it, a count that is missing is
        ``not_available`` and any other a ``value``.
    population_status : str, optional
        The column of the population's state; a modelled population makes a modelled rate.
    count_variance : str, optional
        The column of each count's variance where events recur within a child, as
        :func:`event_frequencies` gives it by group and age band.
    method : {"auto", "dobson", "fay_feuer"}, default "auto"
        How limits are made. ``auto``: by Fay and Feuer where one event in some age band would move
        the rate by more than a third of its standard error (few people in a band of much weight,
        or few events), otherwise by Dobson. ``dobson`` is what OHID's tools give.

    Returns
    -------
    DataFrame, shape (g, ...)
        One row per group in order of first appearance: the ``by`` columns, ``count`` and
        ``population`` (their sums over the bands), ``rate``, the limits, ``method``, ``status``,
        ``reason`` (why there is no rate), ``parts`` (age bands of the standard) and
        ``parts_used``. With fewer than 10 events the rate is withheld and ``low``; the rates that
        are shown are then too high on average where about ten events are expected. A group with a
        band that is hidden, missing, not given or without people has no rate.

    Raises
    ------
    SchemaError
        When a column is not there or holds text, a row has no age band, or a group has one twice.
    UsageError
        When the bands are not those of the standard, a weight is not positive, a count is negative
        or a value missing that its state calls a value, or an option is not valid.

    Notes
    -----
    With weights w of the standard, counts O and people n the rate R is sum(w O/n) / sum(w) and its
    variance V is sum(w^2 var(O)/n^2) / sum(w)^2, where var(O) is O, or the variance given.

    Dobson et al. 1991 and OHID's technical guide: R plus sqrt(V / O) times (limit of O - O), O the
    total and its limits Byar's. A lower limit below zero is zero. A band with few people and no
    event adds nothing to V, and the limits then include the true rate too rarely.

    Fay and Feuer 1997 (Statistics in Medicine 16: 791-801): the lower limit is a quantile of the
    gamma distribution with the mean R and the variance V, the upper one of that with R + h and
    V + h^2, h being what one event adds in the band where it adds most. They are wide rather than
    narrow. Where events recur, h is multiplied by the variance of all counts over their sum.

    Examples
    --------
    Referrals of Bolton in illustrative local records, year ending 31 March 2025, over the children
    of mid-2024 by DfE's age bands:

    >>> import bolton_jsna as jsna
    >>> records = jsna.load_local_records().records
    >>> counts = jsna.count_events(records, "referrals", years=2025, by="age_band")
    >>> rows = jsna.match_populations(
    ...     counts,
    ...     jsna.load_population_projections("Bolton"),
    ...     totals=jsna.load_population_estimates("Bolton"),
    ... )
    >>> found = jsna.directly_standardised_rates(
    ...     rows, standard=jsna.standard_population(bands="dfe", split=True)
    ... )
    >>> found[["area_code", "year", "count", "rate", "lower", "upper", "status"]].round(1)
       area_code  year  count   rate  lower  upper    status
    0  E08000001  2025   3803  506.0  490.0  522.4  modelled
    """
    positive("per", per)
    choice("method", method, ("auto", "dobson", "fay_feuer"))
    levels = confidence_levels(confidence)
    wanted = [age, *([count_variance] if count_variance else [])]
    need(frame, wanted, options="age= and count_variance=")
    bands, weights = _standard(frame, age, standard)
    cells = age_cells(frame, by, age, bands, what="standard")
    weight = weights[cells.bands] / weights.sum()
    events, people, codes = events_and_people(frame, count, population, status, population_status)
    usable = numeric(codes)
    events = np.where(usable, events, np.nan)
    each = weight / np.where(usable, people, np.nan)

    state = whole_codes(cells, codes)
    known_sum = np.where(numeric(state), 1.0, np.nan)
    observed = cells.add(events) * known_sum
    reason = reasons(cells, codes, people == 0)
    few = numeric(state) & (observed < LEAST_EVENTS)
    for group in np.flatnonzero(few):
        number = f"{observed[group]:g} event" + ("" if observed[group] == 1 else "s")
        reason[group] = f"{number}, fewer than {LEAST_EVENTS}"
    state[few] = CODES["low"]
    shown = numeric(state)
    variance = events
    if count_variance:
        variance = numbers(frame, count_variance)
        not_below_count(variance, events, count_variance)
    rate = np.where(shown, cells.add(each * events), np.nan)
    known = np.where(shown, observed, np.nan)
    square = cells.add(each**2 * variance)
    spread = np.sqrt(square / known)
    step = _greatest(each, cells.places, len(known)) * cells.add(variance) / known
    with np.errstate(invalid="ignore"):
        uneven = step > MOVES * np.sqrt(square)
    gamma = {"auto": shown & uneven, "dobson": shown & False, "fay_feuer": shown}[method]
    new: dict[str, Any] = {
        count: counts_of(observed, frame[count]),
        population: counts_of(cells.add(people), frame[population]),
        "rate": rate * per,
    }
    for level, ending in levels.items():
        low, high = count_limits(known, level)
        low, high = np.maximum(rate + spread * (low - known), 0), rate + spread * (high - known)
        least, greatest = gamma_limits(rate[gamma], square[gamma], step[gamma], level)
        low[gamma], high[gamma] = least, greatest
        new[f"lower{ending}"], new[f"upper{ending}"] = low * per, high * per
    methods = [each + (", repeated events" if count_variance else "") for each in METHODS]
    new["method"] = labels(np.where(np.isnan(spread), -1, gamma), methods, cells.keys.index)
    new[status] = state_text(state, cells.keys.index)
    return cells.table(new, reason, cells.number(usable))


def gamma_limits(
    rate: Floats, variance: Floats, step: Floats, level: float
) -> tuple[Floats, Floats]:
    """Return Fay and Feuer's limits of directly standardised rates."""
    tail = (1 - level) / 2
    more, wider = rate + step, variance + step**2
    lower = special.gammaincinv(rate**2 / variance, tail) * variance / rate
    upper = special.gammainccinv(more**2 / wider, tail) * wider / more
    return lower, upper


def _greatest(each: Floats, places: Positions, groups: int) -> Floats:
    """Return the largest value of each group, missing where one of its values is."""
    found = np.zeros(groups)
    with np.errstate(invalid="ignore"):
        np.maximum.at(found, places, each)
    return found


def _standard(
    frame: pd.DataFrame, age: str, standard: StandardName | pd.DataFrame | Mapping[Any, float]
) -> tuple[list[Any], Floats]:
    if isinstance(standard, str):
        if standard not in NAMES:
            raise UsageError(
                f"standard={standard!r} is not known. Known: {some(map(repr, NAMES))}, or give a "
                f"table with the columns {age!r} and 'standard'."
            )
        name = cast("StandardName", standard)
        found = [each for each in frame[age].dropna().unique() if each not in (ALL, *NO_BAND)]
        given = standard_population(name, bands=found or None)
        people = given["standard"].to_numpy()
        if not np.isclose(people.sum(), total(name)):
            whole = spans_of(standard_population(name)["age_band"]).values()
            missing = gaps(spans_of(found).values(), (min(whole)[0], max(whole)[1]))
            raise UsageError(
                f"The age bands {some(map(repr, found), most=20)} leave out ages of {standard!r}: "
                f"{some(map(written, missing))}. Give rows for all its ages, or take the part of "
                f"it that the rows have: standard={in_bands(found)}."
            )
        return given["age_band"].tolist(), people
    if isinstance(standard, Mapping):
        bands = list(standard)
        people = np.array([standard[band] for band in bands], dtype=float)
    else:
        check_table(standard, "The standard")
        column = age if age in standard.columns else "age_band"
        check_columns(
            standard,
            [column, "standard"],
            "The table of standard=",
            advice="Rename its columns, or give a dict of bands and people.",
        )
        bands = standard[column].tolist()
        people = numbers(standard, "standard")
    wrong = ~(people > 0)
    if wrong.any() or not bands:
        raise UsageError(
            "Every age band of a standard needs people; found "
            f"{some(people[wrong])} for {some(repr(bands[i]) for i in np.flatnonzero(wrong))}."
        )
    return bands, people
