"""Describe a result: the sentences that its figures support, with the rows they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.core.table_checks import check_cells, check_table
from bolton_jsna.measures._intervals import confidence_level
from bolton_jsna.measures.association import DeprivationAssociation
from bolton_jsna.measures.comparison import NeighbourComparison
from bolton_jsna.sentences._numbers import number, year_of
from bolton_jsna.sentences._others import DrawnMap, of_association, of_map, of_projection
from bolton_jsna.sentences._results import Asked, of_neighbours, of_profile, of_rates, of_trends
from bolton_jsna.sentences.description import Description

_KINDS: Final = (
    "a row of crude_rates, load_indicators or load_children_in_need, of compare_with_benchmark, "
    "recent_trends, project_demand or profile, or the result of compare_with_neighbours, "
    "deprivation_association, choropleth_map or bivariate_map"
)
_PLACE: Final = ("area_code", "area_name")
_YEARS: Final = ("year", "first_year", "last_year", "past_year")
_NUMBERS: Final = (
    *("count", "population", "persons", "value", "rate", "lower", "upper", "slope", "trend_p"),
    *("england_p", "usual_", "neighbours_", "median_error", "p90_error", "held_80", "past_count"),
    *("errors", "horizon", "tested_origins", "measured_years", "change", "benchmark_rate"),
    *("unusual_lower", "unusual_upper", "unusual_centre"),
)
"""How columns of numbers begin; the words of verdicts and states are not among them."""
_WORDS: Final = ("_status", "_reason", "_verdict", "_beyond_chance", "trend_percent", "_test")


@checked
def describe(
    result: object, *, events: str = "", per: float | None = None, confidence: float = 0.95
) -> Description:
    """Return the sentences that a result supports, with the ids of the rows they rest on.

    A sentence has the number first, then its interval, then what it is compared with. Words of
    comparison come from the tests of the result alone. "Chance in the counts" and "the usual range"
    are different questions and have different sentences. Nothing is said of a hidden figure but
    that it is hidden.

    Parameters
    ----------
    result : DataFrame, Series, NeighbourComparison, DeprivationAssociation or map
        One or more rows of figures (:func:`crude_rates`, :func:`load_indicators`,
        :func:`load_children_in_need`), of :func:`compare_with_benchmark`,
        :func:`recent_trends`, :func:`project_demand` or :func:`profile`; the result of
        :func:`compare_with_neighbours` or :func:`deprivation_association`; a map of
        :func:`choropleth_map` or :func:`bivariate_map`. It is not changed.
    events : str, optional
        What is counted, of several, such as ``"contacts"``, for figures that the dictionary
        (:func:`indicators`) does not have.
    per : float, optional
        How many people rates are for, where the rows do not show it. By default 10,000.
    confidence : float, default 0.95
        The level of the limits and verdicts of the rows.

    Returns
    -------
    Description
        ``text``, ``sentences`` (each with ``text`` and ``rows``, the ids of its rows) and
        ``table``, these rows with an ``id`` each: indicator, area and year, such as
        ``referrals/E08000001/2025``, and the breakdown where the row is a part.

    Raises
    ------
    SchemaError
        When the table has no columns of a result that can be described, or an unknown state.
    UsageError
        When the result is of another kind, several rows have one id, or an option does not go with
        the rows.

    Notes
    -----
    Figures are rounded once, from the unrounded: none from 100 on has a decimal, smaller ones have
    one, and more where figures that differ by a verdict would look equal. "About" is written for
    modelled figures only. A trend is about the years that it names. Which word comes from which
    test: ``docs/methods/claims.md``.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> found = jsna.describe(jsna.compare_with_neighbours("Bolton", "referrals", year=2025))
    >>> for each in found.sentences[:2]:
    ...     print(each.text)
    In the year to 31 March 2025 there were 3,803 referrals of 3,425 children in Bolton, 503 per
    10,000 children (95% interval 486 to 521), similar to England (519).
    Areas like Bolton usually lie between 343 and 1,016: Bolton is within the usual range.
    >>> found.sentences[0].rows
    ('referrals/E08000001/2025', 'referrals/E92000001/2025')
    """
    asked = Asked(events, per, confidence_level(confidence))
    if isinstance(result, NeighbourComparison):
        return of_neighbours(result, asked)
    if isinstance(result, DeprivationAssociation):
        return of_association(result)
    spec = _spec_of(result)
    if isinstance(spec, DrawnMap):
        return of_map(spec)
    return _of_rows(_rows_of(result), asked)


def _spec_of(result: object) -> Any:
    """Return the specification of a map, or what was given."""
    root = getattr(result, "get_root", None)
    if not callable(root) or isinstance(result, type):
        return result
    return getattr(root(), "spec", result)


def _rows_of(result: object) -> pd.DataFrame:
    """Return a table, or one row of it, as a table."""
    if isinstance(result, pd.DataFrame):
        frame = pd.DataFrame(result)
    elif isinstance(result, pd.Series):
        frame = pd.DataFrame([result.to_dict()])
    else:
        raise UsageError(f"result is of the kind {type(result).__name__}. Expected {_KINDS}.")
    check_table(frame)
    if frame.empty:
        raise UsageError(f"result has no rows. Expected {_KINDS}.")
    check_cells(frame, frame.columns)
    return _with_numbers(frame.reset_index(drop=True))


def _with_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns of numbers have no other values."""
    changed: dict[str, list[float | int | None]] = {}
    for name in frame.columns:
        if str(name).startswith(_NUMBERS) and not str(name).endswith(_WORDS):
            numbers: list[float | int | None] = [number(value) for value in frame[name]]
            if not pd.api.types.is_numeric_dtype(frame[name]):
                changed[name] = numbers
        elif name in _YEARS:
            years = frame[name].isna().to_list()
            changed[name] = [
                None if missing else year_of(value)
                for value, missing in zip(frame[name], years, strict=True)
            ]
    return frame.assign(**changed)


def _of_rows(frame: pd.DataFrame, asked: Asked) -> Description:
    names = set(frame.columns)
    if not names & set(_PLACE):
        raise _no_result(frame)
    if {"horizon", "interval_from", "label"} <= names or {"horizon", "reason"} <= names:
        return of_projection(frame)
    if {"direction", "first_year", "last_year", "rate_first", "rate_last"} <= names:
        return of_trends(frame, asked)
    if {"against_england", "neighbours_of", "trend", "why"} <= names:
        return of_profile(frame, asked)
    if "year" not in names or not (names & {"rate", "value"} or {"count", "population"} <= names):
        raise _no_result(frame)
    return of_rates(frame, asked)


def _no_result(frame: pd.DataFrame) -> SchemaError:
    found: Mapping[str, Any] = dict.fromkeys(map(str, frame.columns))
    return SchemaError(
        f"result has the columns {some(found, most=12)}. Expected {_KINDS}: with area_code or "
        "area_name, year, and rate or value, or count and population."
    )
