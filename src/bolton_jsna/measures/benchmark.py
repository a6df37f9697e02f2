"""Areas compared with England, their region, a named area or their neighbours pooled."""

from __future__ import annotations

import numbers as numbers_abc
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.core.areas import ENGLAND, GROUPS, Area, area
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.measures._aggregation import group_numbers
from bolton_jsna.measures._arrays import Array
from bolton_jsna.measures._benchmark_rows import (
    benchmark_of_place,
    is_own_region,
    neighbours_pooled,
    regions_of,
)
from bolton_jsna.measures._frame_columns import labels, need, numbers, numeric, state_codes
from bolton_jsna.measures._intervals import confidence_levels
from bolton_jsna.measures._place_codes import with_place_codes
from bolton_jsna.measures._rate_ratio_limits import RatioMethod
from bolton_jsna.measures._units import reject_shares
from bolton_jsna.measures._unusual_areas import Rated, unusual_columns
from bolton_jsna.measures.multiple_testing import benjamini_hochberg
from bolton_jsna.measures.rates import RateColumns
from bolton_jsna.measures.ratios import compared, compared_with_rows, shared_keys

VERDICTS: Final = ("lower", "similar", "higher", "not_compared")


@checked
def compare_with_benchmark(
    frame: pd.DataFrame,
    benchmark: str | int | Area | pd.DataFrame = ENGLAND,
    *,
    on: Sequence[str] | None = None,
    code: str = "area_code",
    count: str = "count",
    population: str = "population",
    per: float = 10_000,
    confidence: float | list[float] | tuple[float, ...] = (0.95, 0.998),
    method: RatioMethod = "auto",
    status: str = "status",
    count_variance: str | None = None,
    persons: str | None = "persons",
    without_own: bool | None = None,
    family: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Compare each row's rate with a benchmark: ratio, difference, p-values and verdict.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area, indicator and year, those of the benchmark or the neighbours among them
        unless ``benchmark`` is a table of rows. It is not changed.
    benchmark : place, "region" or DataFrame, default England
        A country, region, combined authority or authority by name, code or number; ``"region"``
        for each area's own region; rows of the ``statistical_neighbours`` table (of one area or of
        many, one model), whose counts and children are pooled; or any rows to compare with.
    on : sequence of str, optional
        The columns that a row and its benchmark share. By default those of ``indicator``,
        ``year``, ``sex``, ``ages`` and ``age`` that there are.
    code, count, population, status, count_variance : str
        The columns of the area's GSS code or name (if there is no ``area_code``, ``area_name`` or
        the only column of names of authorities), of events, of people at risk, of the count's
        state and, where events recur within a child, of the variance of the count. Names of wards
        are taken with a row of the benchmark by name, such as "England".
    per : float, default 10 000
        The number of people the rates and differences are for.
    confidence : float or sequence of float, default (0.95, 0.998)
        Levels of the limits and of the verdicts.
    method : {"auto", "exact", "mid_p", "log"}, default "auto"
        See :func:`bolton_jsna.measures._rate_ratio_limits.ratio_limits`.
    persons : str, optional
        The column of the different children behind the count, used where the frame has it: see
        :func:`bolton_jsna.crude_rates`.
    without_own : bool, optional
        Take each area's events and people out of the benchmark that it is part of, so that it is
        compared with the rest. By default for a region or a combined authority, where the area
        hides part of its own difference, and not for England.
    family : sequence of str, optional
        The columns that make a family of comparisons for ``p_adjusted``. By default ``on`` and
        ``area_level``: all areas of a level in one indicator and year.

    Returns
    -------
    DataFrame, shape (n, k + 20 or more)
        The columns of :func:`bolton_jsna.rate_ratios` (and ``area_code`` for a frame of names),
        then ``p_adjusted``, ``benchmark`` (its name), with neighbours ``benchmark_used`` and
        ``benchmark_of`` (n of ten), and ``verdict``, or ``verdict_95`` and ``verdict_99_8``:
        ``lower``, ``similar``, ``higher`` than the benchmark by more than chance in the counts, or
        ``not_compared`` with the reason in ``ratio_reason``. Against a country or a region also
        whether the area is unusual among the authorities there: ``unusual_centre`` (the rate in the
        middle of the others), ``unusual_z``, for each level ``unusual_lower_95``,
        ``unusual_upper_95`` (the usual range) and ``unusual_95`` (``lower``, ``similar``,
        ``higher``, or ``not_available``), ``unusual_used`` and ``unusual_of`` (authorities with a
        rate, and those there are) and ``unusual_reason``.

    Raises
    ------
    MissingDataError
        When the frame has no row of the benchmark.
    SchemaError
        When a column is not there, or the benchmark, one of the neighbours, or an authority that
        is placed among the others, has several rows for one combination.
    UsageError
        When the neighbours are of two models, ``without_own`` is given with a table as the
        benchmark, an option is not valid, or rows are shares (``unit`` is ``per cent``), which
        :func:`bolton_jsna.profile` compares.
    AreaNotFoundError
        When the benchmark is not an area, or names of the frame are not areas.

    Notes
    -----
    A verdict other than ``similar`` means p < 1 - confidence, which is the same as limits of the
    ratio that leave out 1, with chance on both sides. It shows that the difference is not chance
    in the counts, and no more: most authorities differ from England by that much. Whether one is
    unusual is another question, answered by ``unusual_95`` from how much the other authorities
    differ (random effects, Paule and Mandel 1982; Spiegelhalter 2005): of authorities that are not
    unusual, one in twenty is marked as unusual. It is not available if fewer than four in five of
    the authorities have a rate, because the few in the snapshot do not represent England. Of 153
    areas some 8 differ at 95 per cent by chance alone: ``p_adjusted`` (Benjamini and Hochberg
    1995) at or under 0.05 keeps false findings to one in twenty.

    A neighbour without a figure is left out of the pooled rate, which is too high where it is
    hidden for a small count: ``benchmark_used`` of ``benchmark_of`` shows how many are in it. If
    no neighbour is left and one is hidden, the comparison is hidden too.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> plans = jsna.load_children_in_need(indicators="cpp_at_31_march", years=[2025])
    >>> found = jsna.compare_with_benchmark(plans, "England").set_index("area_name")
    >>> found.loc["Bolton", ["ratio", "p", "p_adjusted"]].astype(float).round(3).tolist()
    [1.04, 0.483, 0.513]
    >>> found.loc[["Bolton", "Rochdale"], "verdict_95"].tolist()
    ['similar', 'higher']
    >>> found.loc["Bolton", "unusual_reason"]
    '17 of 153 areas have a rate: too few to represent all of them'
    """
    reject_shares(frame)
    given = frame
    columns = RateColumns(count, population, status, count_variance, persons)
    options: dict[str, Any] = {"per": per, "confidence": confidence, "method": method}
    keys = shared_keys(frame, frame, on)
    extra: dict[str, Any] = {}
    if isinstance(benchmark, numbers_abc.Integral):
        benchmark = int(benchmark)
    if not isinstance(benchmark, str | int | Area):
        if without_own:
            raise UsageError(
                "without_own=True takes an area out of the place it is part of, but the "
                "benchmark is a table. Name a place as benchmark=, or leave out without_own=."
            )
        if "neighbour_code" in benchmark.columns:
            frame, code = _placed(frame, code)
            reference, extra = neighbours_pooled(frame, benchmark, keys, columns, code)
            out = compared(frame, reference, columns, **options)
        else:
            out = compared_with_rows(frame, benchmark, on, columns, **options)
            extra = {"benchmark": _names(benchmark)}
    else:
        own = is_own_region(benchmark)
        frame, code = _placed(frame, code, None if own else area(benchmark).code)
        within = own or area(benchmark).level == "region"
        in_group = not own and area(benchmark).level in GROUPS
        reference, extra = benchmark_of_place(
            frame,
            benchmark,
            keys,
            columns,
            code=code,
            without_own=within or in_group if without_own is None else without_own,
        )
        out = compared(frame, reference, columns, **options)
        if within or area(benchmark).code == ENGLAND:
            extra |= unusual_columns(
                frame,
                _rated(out, columns),
                keys=keys,
                code=code,
                region_of=_regions(frame[code], benchmark) if within else None,
                per=per,
                levels=confidence_levels(confidence),
            )
    if family is None:
        family = [*keys, *(["area_level"] if "area_level" in frame.columns else [])]
    need(frame, list(family), options="family=")
    p = out["p"].to_numpy()
    extra = {
        "p_adjusted": benjamini_hochberg(p, families=group_numbers(frame, family)),
        **extra,
        **_verdicts(out, confidence),
    }
    out = out.drop(columns=[name for name in extra if name in out.columns]).assign(**extra)
    return out.assign(**{code: given[code]}) if code in given.columns else out


def _placed(
    frame: pd.DataFrame, code: str, benchmark: str | None = None
) -> tuple[pd.DataFrame, str]:
    """Return the frame with codes of its areas, and their column."""
    frame, code = with_place_codes(frame, code, benchmark)
    need(frame, [code], options="code=")
    return frame, code


def _regions(codes: pd.Series, benchmark: str | int | Area) -> Array:
    """Return the region of each area, empty outside of a region that is named."""
    found = regions_of(codes)
    if is_own_region(benchmark):
        return found
    return np.where(found == area(benchmark).code, found, "").astype(object)


def _rated(out: pd.DataFrame, columns: RateColumns) -> Rated:
    """Return the rows of a comparison as numbers, without those that have no rate."""
    codes = state_codes(out, columns.status)
    events = np.where(numeric(codes), numbers(out, columns.count), np.nan)
    known = columns.recurrence(out, events)
    factor = np.ones(len(out)) if known is None else known.factor(events)
    return Rated(events, numbers(out, columns.population), factor, codes)


def _names(benchmark: pd.DataFrame) -> str:
    if "area_name" not in benchmark.columns:
        return "the rows given"
    return some(benchmark["area_name"].unique(), most=2)


def _verdicts(
    out: pd.DataFrame, confidence: float | list[float] | tuple[float, ...]
) -> Mapping[str, pd.Series]:
    p, difference = out["p"].to_numpy(), out["difference"].to_numpy()
    found = {}
    for level, ending in confidence_levels(confidence).items():
        # Differences in the last digit of 1 - 0.95 must not decide.
        apart = p < (1 - level) * (1 - 1e-12)
        found_in = np.select([np.isnan(p), apart & (difference > 0), apart], [3, 2, 0], 1)
        found[f"verdict{ending}"] = labels(found_in, VERDICTS, out.index)
    return found
