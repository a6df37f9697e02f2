"""Areas beside a benchmark: England, their region, a named area, or their neighbours pooled."""

from __future__ import annotations

import functools
import numbers as numbers_abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.areas import ENGLAND, Area, area, register
from bolton_jsna.errors import MissingDataError, SchemaError, UsageError, some
from bolton_jsna.measures.adjust import benjamini_hochberg, family_numbers
from bolton_jsna.measures.intervals import confidence_levels, level_suffix
from bolton_jsna.measures.pairs import Method
from bolton_jsna.measures.ratios import (
    Reference,
    compared,
    matched,
    rate_ratios,
    shared_keys,
    text,
)
from bolton_jsna.measures.rows import CODES, counted_codes, labels, need, numbers, numeric

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

VERDICTS: Final = ("lower", "similar", "higher", "not_compared")

_SAME: Final = "this row is the benchmark"
_NO_REGION: Final = "the area has no region"
_NO_NEIGHBOURS: Final = "the neighbours given are not this area's"
_NOTHING_LEFT: Final = "without this area nothing is left of the benchmark"


@dataclass(frozen=True)
class _Columns:
    """The names of the columns that a comparison reads."""

    code: str
    count: str
    population: str
    status: str
    count_variance: str | None


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
    method: Method = "auto",
    status: str = "status",
    count_variance: str | None = None,
    without_own: bool = False,
    family: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Compare each row's rate with a benchmark: ratio, difference, p-values and verdict.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
        One row per area, indicator and year, those of the benchmark or the neighbours among them
        unless ``benchmark`` brings its own. It is not changed.
    benchmark : place, "region" or DataFrame, default England
        A country, region or authority by name, code or number; ``"region"`` for each area's own
        region; rows of the ``statistical_neighbours`` table (of one area or of many, one model),
        whose counts and children are pooled; or any rows to compare with.
    on : sequence of str, optional
        The columns that a row and its benchmark share. By default those of ``indicator``,
        ``year``, ``sex``, ``ages`` and ``age`` that there are.
    code, count, population, status, count_variance : str
        The columns of the area's GSS code, of events, of people at risk, of the count's state and,
        where events recur within a child, of the variance of the count.
    per : float, default 10 000
        The number of people the rates and differences are for.
    confidence : float or sequence of float, default (0.95, 0.998)
        Levels of the limits and of the verdicts.
    method : {"auto", "exact", "mid_p", "log"}, default "auto"
        See :func:`bolton_jsna.measures.pairs.ratio_limits`.
    without_own : bool, default False
        Take each area's events and people out of the benchmark that it is part of (its region,
        England), so that it is compared with the rest.
    family : sequence of str, optional
        The columns that make a family of comparisons for ``p_adjusted``. By default ``on`` and
        ``area_level``: all areas of a level in one indicator and year.

    Returns
    -------
    DataFrame, shape (n, k + 20 or more)
        The columns of :func:`bolton_jsna.rate_ratios`, then ``p_adjusted``, ``benchmark`` (its
        name), with neighbours ``benchmark_used`` and ``benchmark_of`` (n of ten), and ``verdict``,
        or ``verdict_95`` and ``verdict_99_8``: ``lower``, ``similar``, ``higher`` than the
        benchmark, or ``not_compared`` with the reason in ``ratio_reason``.

    Raises
    ------
    MissingDataError
        When the frame has no row of the benchmark.
    SchemaError
        When a column is not there, or the benchmark, or one of the neighbours, has several rows
        for one combination.
    UsageError
        When the neighbours are of two models, ``without_own`` is asked of rows that bring their
        own benchmark, or an option cannot be meant.
    AreaNotFoundError
        When the benchmark is no area.

    Notes
    -----
    A verdict other than ``similar`` means p < 1 - confidence, which is the same as limits of the
    ratio that leave out 1. This allows for chance in the benchmark too; the verdict of
    :class:`NeighbourComparison` takes England's rate as known, as LAIT and Fingertips do. Of 153
    areas some 8 differ at 95 per cent by chance alone: ``p_adjusted`` (Benjamini and Hochberg
    1995) at or under 0.05 keeps false findings to one in twenty.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> plans = jsna.load_children_in_need(indicators="cpp_at_31_march", years=[2025])
    >>> found = jsna.compare_with_benchmark(plans, "England").set_index("area_name")
    >>> found.loc["Bolton", ["ratio", "p", "p_adjusted"]].astype(float).round(3).tolist()
    [1.04, 0.483, 0.513]
    >>> found.loc[["Bolton", "Rochdale"], "verdict_95"].tolist()
    ['similar', 'higher']
    """
    columns = _Columns(code, count, population, status, count_variance)
    options: dict[str, Any] = {
        "count": count,
        "population": population,
        "per": per,
        "confidence": confidence,
        "method": method,
        "status": status,
        "count_variance": count_variance,
    }
    keys = shared_keys(frame, frame, on)
    extra: dict[str, Any] = {}
    if isinstance(benchmark, numbers_abc.Integral):
        benchmark = int(benchmark)
    if not isinstance(benchmark, str | int | Area):
        if without_own:
            raise UsageError(
                "without_own=True takes an area out of the place it is part of; here "
                "the benchmark is a table. Name the place instead."
            )
        if "neighbour_code" in benchmark.columns:
            need(frame, [code], options="code=")
            reference, extra = _neighbours(frame, benchmark, keys, columns)
            out = compared(frame, reference, **options)
        else:
            out = rate_ratios(frame, benchmark, on=on, **options)
            extra = {"benchmark": _names(benchmark)}
    else:
        need(frame, [code], options="code=")
        reference, extra = _places(frame, benchmark, keys, columns, without_own=without_own)
        out = compared(frame, reference, **options)
    if family is None:
        family = [*keys, *(["area_level"] if "area_level" in frame.columns else [])]
    need(frame, list(family), options="family=")
    p = out["p"].to_numpy()
    extra = {
        "p_adjusted": benjamini_hochberg(p, families=family_numbers(frame, family)),
        **extra,
        **_verdicts(out, confidence),
    }
    return out.drop(columns=[name for name in extra if name in out.columns]).assign(**extra)


def _names(benchmark: pd.DataFrame) -> str:
    if "area_name" not in benchmark.columns:
        return "the rows given"
    return some(benchmark["area_name"].unique(), most=2)


def _verdicts(
    out: pd.DataFrame, confidence: float | list[float] | tuple[float, ...]
) -> Mapping[str, pd.Series]:
    import numpy as np

    levels = confidence_levels(confidence)
    p, difference = out["p"].to_numpy(), out["difference"].to_numpy()
    found = {}
    for level in levels:
        name = "verdict" if len(levels) == 1 else f"verdict_{level_suffix(level)}"
        # Differences in the last digit of 1 - 0.95 must not decide.
        apart = p < (1 - level) * (1 - 1e-12)
        places = np.select([np.isnan(p), apart & (difference > 0), apart], [3, 2, 0], 1)
        found[name] = labels(places, VERDICTS, out.index)
    return found


@functools.cache
def _register() -> tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]:
    """Map every code to the register's, and these to the region and to the name."""
    every = register()
    canonical = {each: place.code for place in every for each in place.codes}
    regions = {place.code: place.region_code for place in every}
    return canonical, regions, {place.code: place.name for place in every}


def _canonical(codes: pd.Series) -> NDArray[Any]:
    import pandas as pd

    canonical = _register()[0]
    places, found = pd.factorize(codes)
    known = pd.Series([canonical.get(each, each) for each in found] + [""], dtype=object)
    mapped: NDArray[Any] = known.to_numpy()[places]
    return mapped


def _places(
    frame: pd.DataFrame,
    benchmark: str | int | Area,
    keys: Sequence[str],
    columns: _Columns,
    *,
    without_own: bool,
) -> tuple[Reference, dict[str, Any]]:
    """Compare with rows of the frame itself: one place, or the region of each row."""
    import numpy as np
    import pandas as pd

    _, regions, names = _register()
    own = _canonical(frame[columns.code])
    by_region = isinstance(benchmark, str) and benchmark.strip().lower() == "region"
    if by_region:
        within = np.array([regions.get(each, "") for each in own], dtype=object)
        # A region's own region is itself; Inner London's is London.
        wanted = np.where(within == "", own, within)
    else:
        wanted = np.full(len(frame), area(benchmark).code, dtype=object)
    there = np.isin(own, np.unique(wanted.astype(str)))
    if len(frame) and not there.any():
        what = "a region" if by_region else area(benchmark).name
        raise MissingDataError(
            f"The frame has no row of {what} to compare with. Load its rows with the areas', or "
            "give them as benchmark=."
        )
    reference = frame[there]
    place = matched(
        frame[list(keys)].assign(_place=wanted),
        reference[list(keys)].assign(_place=own[there]),
        [*keys, "_place"],
    )
    given = _taken(reference, place, columns)
    reason = np.where(place >= 0, "", "the frame has no row of the benchmark for this").astype(
        object
    )
    reason[wanted == own] = _NO_REGION if by_region else _SAME
    if without_own:
        inside = (wanted == ENGLAND) | (
            np.array([regions.get(each, "") for each in own], dtype=object) == wanted
        )
        given, reason = _without_own(given, reason, frame, inside, columns)
    codes = np.where(wanted == own, CODES["not_applicable"], given.codes).astype(np.int8)
    said = [names.get(each, each) for each in pd.unique(wanted)]
    named = dict(zip(pd.unique(wanted), said, strict=True))
    words = np.array([named[each] for each in wanted], dtype=object)
    if without_own:
        words = np.where(inside, "the rest of " + words, words)
    return replace(given, codes=codes, reason=reason), {"benchmark": text(words, frame.index)}


def _taken(reference: pd.DataFrame, place: NDArray[np.intp], columns: _Columns) -> Reference:
    """Rows of the reference in the order of the rows that they are compared with."""
    import numpy as np

    counts = numbers(reference, columns.count)
    codes = counted_codes(reference, columns.status, counts, columns.count)
    people = numbers(reference, columns.population)
    codes = np.where(numeric(codes) & np.isnan(people), CODES["not_available"], codes)
    codes = np.where(numeric(codes) & (people == 0), CODES["not_applicable"], codes)
    variance = columns.count_variance
    return Reference(
        count=np.append(counts, np.nan)[place],
        population=np.append(people, np.nan)[place],
        codes=np.append(codes, CODES["not_available"])[place].astype(np.int8),
        count_variance=np.append(numbers(reference, variance), np.nan)[place] if variance else None,
        reason=np.full(len(place), "", dtype=object),
    )


def _without_own(
    given: Reference,
    reason: NDArray[Any],
    frame: pd.DataFrame,
    inside: NDArray[np.bool_],
    columns: _Columns,
) -> tuple[Reference, NDArray[Any]]:
    import numpy as np

    def less(values: NDArray[Any], name: str) -> NDArray[Any]:
        return np.where(inside, values - numbers(frame, name), values)

    count, people = less(given.count, columns.count), less(given.population, columns.population)
    variance = given.count_variance
    if columns.count_variance and variance is not None:
        variance = less(variance, columns.count_variance)
    gone = inside & ((count < 0) | (people <= 0)) & (reason == "")
    reason = np.where(gone, _NOTHING_LEFT, reason).astype(object)
    codes = np.where(gone, CODES["not_applicable"], given.codes).astype(np.int8)
    return Reference(count, people, codes, variance, reason), reason


def _neighbours(
    frame: pd.DataFrame, near: pd.DataFrame, keys: Sequence[str], columns: _Columns
) -> tuple[Reference, dict[str, Any]]:
    """Pool the events and people of each area's neighbours in each combination of the keys."""
    import numpy as np
    import pandas as pd

    models = near["model"].unique().tolist()
    if len(models) > 1:
        raise UsageError(
            f"Expected neighbours of one model; found models {some(models)}. Use "
            "load_statistical_neighbours(model=...)."
        )
    own, of, close = (
        _canonical(codes)
        for codes in (frame[columns.code], near["area_code"], near["neighbour_code"])
    )
    # Positions among all areas named: an area, and whom it is compared with.
    place, named = pd.factorize(np.concatenate([own, of, close]))
    here, of, close = np.split(place, [len(own), len(own) + len(of)])
    pairs = pd.DataFrame({"of": of, "near": close}).drop_duplicates()
    pairs = pairs[pairs["of"] != pairs["near"]]
    step = pairs.groupby("of").cumcount().to_numpy()
    listed = np.full((len(named), step.max(initial=0) + 1), -1)
    listed[pairs["of"], step] = pairs["near"]
    total = (listed >= 0).sum(axis=1)[here]

    rows = _taken(frame, np.arange(len(frame)), columns)
    cell = family_numbers(frame, keys).astype(np.int64) * len(named) + here
    order = np.argsort(cell, kind="stable")
    _once(frame, cell, order, np.isin(here, pairs["near"]), [columns.code, *keys])
    usable = numeric(rows.codes)
    order = order[usable[order]]
    in_order = cell[order]
    variance = rows.count_variance
    sums = np.zeros((4, len(frame)))
    modelled = np.zeros(len(frame), dtype=bool)
    # One neighbour of every row at a time: little memory, however many neighbours.
    for neighbour in listed[here].T if len(order) else ():
        wanted = cell - here + neighbour
        at = order[np.minimum(np.searchsorted(in_order, wanted), len(order) - 1)]
        found = (neighbour >= 0) & (cell[at] == wanted)
        each = (rows.count, rows.population, np.ones(len(frame)), variance)
        for position, values in enumerate(each):
            if values is not None:
                sums[position, found] += values[at[found]]
        modelled[found] |= rows.codes[at[found]] == CODES["modelled"]

    ours, used = total > 0, sums[2]
    codes = np.select(
        [~ours, used == 0, modelled],
        [CODES["not_applicable"], CODES["not_available"], CODES["modelled"]],
        CODES["value"],
    ).astype(np.int8)
    none = "none of the neighbours has a rate for this"
    reason = np.select([~ours, used == 0], [_NO_NEIGHBOURS, none], "").astype(object)
    sums[:, used == 0] = np.nan
    name = f"statistical neighbours pooled (model {models[0] if models else 'unknown'})"
    extra = {
        "benchmark": text(np.where(ours, name, "").astype(object), frame.index),
        "benchmark_used": pd.array(np.where(ours, np.nan_to_num(used), np.nan), dtype="Int64"),
        "benchmark_of": pd.array(np.where(ours, total, np.nan), dtype="Int64"),
    }
    spread = None if variance is None else sums[3]
    return Reference(sums[0], sums[1], codes, spread, reason), extra


def _once(
    frame: pd.DataFrame,
    cell: NDArray[np.int64],
    order: NDArray[np.intp],
    near: NDArray[np.bool_],
    columns: Sequence[str],
) -> None:
    """Refuse two rows of one neighbour: its events would be pooled twice."""
    import numpy as np

    kept = order[near[order]]
    twice = np.flatnonzero(np.diff(cell[kept]) == 0)
    if len(twice):
        first = frame[list(columns)].iloc[kept[twice[0]]]
        raise SchemaError(
            f"A neighbour has several rows for {some(f'{k}={v}' for k, v in first.items())}; "
            "expected one. Give the rows of one release, or name what tells them apart with "
            "on=[...]."
        )
