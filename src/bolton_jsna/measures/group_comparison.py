"""Rates of ethnic or other groups compared with the rest, or with one group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import column_names
from bolton_jsna.core.errors import UsageError, did_you_mean, some
from bolton_jsna.measures._aggregation import group_codes, group_numbers
from bolton_jsna.measures._arrays import Codes, Floats
from bolton_jsna.measures._frame_columns import (
    CODES,
    need,
    numeric,
    state_text,
    text_column,
)
from bolton_jsna.measures._group_tables import UNKNOWN, by_group, joined
from bolton_jsna.measures._rate_ratio_limits import RatioMethod
from bolton_jsna.measures.multiple_testing import benjamini_hochberg
from bolton_jsna.measures.ratios import rate_ratios

_REST: Final = "the rest"
_IS_REFERENCE: Final = "this group is the one compared with"
_NO_GROUP: Final = "the group of these events is not known"


@checked
def compare_groups(
    counts: pd.DataFrame,
    people: pd.DataFrame,
    *,
    denominator: str,
    group: str = "ethnic_group",
    people_group: str | None = None,
    by: str | Sequence[str] = (),
    reference: str | None = None,
    main_groups: bool = False,
    absent: Literal["not_available", "zero"] = "not_available",
    count: str = "count",
    population: str = "population",
    status: str = "status",
    persons: str | None = "persons",
    per: float = 10_000,
    confidence: float = 0.95,
    method: RatioMethod = "auto",
) -> pd.DataFrame:
    """Compare the rate of each group with that of the rest, or of one group.

    Parameters
    ----------
    counts : DataFrame
        One row for each group (and each combination of ``by``): events, such as own referrals by
        ethnic group, with their states. Leave totals out.
    people : DataFrame
        The people of each group: pupils, or residents of the census. Rows of one area and year, or
        with the columns ``by``.
    denominator : str
        What ``people`` are, such as ``"pupils, January 2025"``. It is printed with the rates.
    group : str, default "ethnic_group"
        The column of groups in ``counts``.
    people_group : str, optional
        The column of groups in ``people``; by default the same.
    by : str or sequence of str, optional
        Columns of ``counts`` that make separate comparisons, such as ``["year"]``.
    reference : str, optional
        The group to compare the others with. By default each is compared with the rest: all other
        groups together, without unknown ones.
    main_groups : bool, default False
        Put the groups of both tables into the five main ethnic groups first (White, Mixed, Asian
        or Asian British, Black or Black British, Other ethnic group), in the spellings of ONS,
        the school census, children in need and records.
    absent : {"not_available", "zero"}, default "not_available"
        What it means that a group has people and no row of events. In published tables the count
        is not known; in a table of own records there may have been none.
    count, population, status : str
        The columns of events, of people and of their states. The state of people is read from
        ``population_status`` (or the like), else from ``status``.
    persons : str, optional
        The column of ``counts`` with the different children behind the events, used where it is
        there: limits are then widened for children counted several times, as in
        :func:`crude_rates`.
    per : float, default 10 000
        The number of people the rates are for.
    confidence : float, default 0.95
        Level of the limits.
    method : {"auto", "exact", "mid_p", "log"}, default "auto"
        See :func:`rate_ratios`.

    Returns
    -------
    DataFrame
        The columns ``by`` and the group, then ``count`` with ``count_status``, ``population``,
        ``denominator``, the rate with limits and ``status``, ``benchmark`` (``the rest`` or the
        group), the columns of :func:`rate_ratios` (``ratio`` with limits, ``difference``, ``p``,
        ``ratio_status``, ``ratio_reason``), ``p_adjusted`` (for the comparisons of one
        combination of ``by``) and ``unknown_percent`` (of all events, those whose group is not
        known). Events of unknown groups are in a row ``Not known`` of their own: they have no
        rate, and are not spread over the groups. A group with a hidden count has no rate and its
        state; then the rest of every other group is hidden too.

    Raises
    ------
    SchemaError
        When a column is not there, a group has several rows (of two areas or years, also with
        ``main_groups``), or groups of ``counts`` have no people.
    UsageError
        When totals are next to groups, ``reference`` is not a group, ``main_groups`` meets a label
        that is not an ethnic group, or an option is not valid.

    Notes
    -----
    Ratio and p: :func:`rate_ratios`. Without ``persons``, events that recur within a child are
    taken as independent: limits of referrals are then too narrow. Adjusted p: Benjamini and
    Hochberg 1995. Where many events have no known group, ratios can be wrong in
    either direction: read ``unknown_percent`` first. Pupils leave out children under school age
    and those taught elsewhere; residents of the census are of all ages unless cut to children.

    Examples
    --------
    >>> import pandas as pd
    >>> referrals = pd.DataFrame(
    ...     {
    ...         "ethnic_group": ["White British", "Pakistani", "Black African", "Refused"],
    ...         "count": [640, 95, 60, 80],
    ...     }
    ... )
    >>> pupils = pd.DataFrame(
    ...     {
    ...         "ethnic_group": ["White - White British", "Asian - Pakistani", "Black - African"],
    ...         "population": [28_000, 6_000, 2_500],
    ...     }
    ... )
    >>> found = compare_groups(
    ...     referrals, pupils, denominator="pupils, January 2025", main_groups=True
    ... )
    >>> found[["ethnic_group", "rate", "ratio", "p_adjusted", "unknown_percent"]].round(3)
                 ethnic_group     rate  ratio  p_adjusted  unknown_percent
    0                   White  228.571  1.253       0.017            9.143
    1  Asian or Asian British  158.333  0.690       0.001            9.143
    2  Black or Black British  240.000  1.110       0.472            9.143
    3               Not known      NaN    NaN         NaN            9.143
    """
    if not denominator.strip():
        raise UsageError(
            "denominator= is empty. Write what the people are, such as 'pupils, January 2025'."
        )
    keys = column_names("by", by)
    theirs = people_group or group
    need(counts, [group, count, *keys], options="group=, count= and by=")
    need(people, [theirs, population], options="people_group= and population=")
    options: dict[str, Any] = {"keys": keys, "main": main_groups, "what": "counts"}
    events = by_group(counts, group, count, status, **options)
    with_persons = persons is not None and persons in counts.columns
    if with_persons:
        children = by_group(counts, group, str(persons), f"{persons}_status", **options)
        events["persons"], events["_children"] = children["_number"], children["_codes"]
    shared = [each for each in keys if each in people.columns]
    residents = by_group(
        people, theirs, population, status, keys=shared, main=main_groups, what="people"
    )
    rows = joined(events, residents, keys, shared, absent)
    known = rows[rows["_group"] != UNKNOWN].reset_index(drop=True)
    if reference is not None and reference not in set(known["_group"]):
        raise UsageError(
            f"reference={reference!r} is not a group. It has {some(known['_group'].unique(), 20)}."
            f"{did_you_mean(reference, known['_group'].unique())}"
        )
    against = _rest(known, keys) if reference is None else _one(known, keys, reference)
    out = rate_ratios(
        _named(known), _named(against), on=[*keys, "_group"], per=per, confidence=confidence,
        method=method,
    )  # fmt: skip
    if reference is not None:
        own = (known["_group"] == reference).to_numpy()
        empty = [each for each in out.columns if each.startswith(("ratio", "difference"))]
        out.loc[own, [*(e for e in empty if not e.endswith(_TEXTS)), "p"]] = np.nan
        out.loc[own, "ratio_status"] = "not_applicable"
        out.loc[own, "ratio_reason"] = _IS_REFERENCE
        out.loc[own, "ratio_method"] = pd.NA
    out["p_adjusted"] = benjamini_hochberg(
        out["p"].to_numpy(), families=group_numbers(out, keys) if keys else None
    )
    return _arranged(out, rows, keys, group, denominator=denominator, benchmark=reference or _REST)


_TEXTS: Final = ("_status", "_reason", "_method")


def _rest(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return for each group the sum of the others of its family."""
    family = group_numbers(rows, keys)
    order = np.argsort(family, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(family[order])) + 1)
    out = rows.copy()
    for column, state in _figures(rows):
        values, codes = rows[column].to_numpy(dtype=float), rows[state].to_numpy()
        total, found = np.full(len(rows), np.nan), codes.copy()
        for places in members:
            for at in places:
                others = places[places != at]
                found[at] = _state(codes[others])
                if numeric(found[at : at + 1])[0]:
                    total[at] = np.nansum(values[others])
        out[column], out[state] = total, found
    return out


def _state(codes: Codes) -> int:
    if not len(codes):
        return CODES["not_applicable"]
    return int(group_codes(codes, np.zeros(len(codes), dtype=np.intp), 1)[0])


def _one(rows: pd.DataFrame, keys: Sequence[str], reference: str) -> pd.DataFrame:
    """Return for each group the row of one group of its family."""
    family = group_numbers(rows, keys)
    at = {family[place]: place for place in np.flatnonzero(rows["_group"] == reference)}
    places = [at[each] for each in family]
    return rows.iloc[places].assign(_group=rows["_group"].to_numpy()).reset_index(drop=True)


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the words of their states."""
    states = {
        "status" if name == "count" else f"{name}_status": state_text(
            rows[codes].to_numpy(), rows.index
        )
        for name, codes in _figures(rows)
    }
    return rows.drop(columns=[codes for _, codes in _figures(rows)]).assign(**states)


def _figures(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the columns of numbers and of their states that rows have."""
    every = (("count", "_codes"), ("population", "_people"), ("persons", "_children"))
    return [pair for pair in every if pair[0] in rows.columns]


def _arranged(
    out: pd.DataFrame,
    rows: pd.DataFrame,
    keys: Sequence[str],
    group: str,
    *,
    denominator: str,
    benchmark: str,
) -> pd.DataFrame:
    """Return the comparisons with the rows of unknown groups, in order, and what they are of."""
    unknown = _named(rows[rows["_group"] == UNKNOWN]).assign(
        ratio_status="not_applicable", ratio_reason=_NO_GROUP
    )
    unknown["_counted"] = unknown.pop("status")
    unknown["status"] = "not_applicable"
    counted = _named(rows[rows["_group"] != UNKNOWN])["status"].to_numpy()
    parts = (
        [out.assign(_counted=counted), unknown] if len(unknown) else [out.assign(_counted=counted)]
    )
    every = pd.concat([each.astype({"status": object}) for each in parts], ignore_index=True)
    family = group_numbers(every, keys)
    every["unknown_percent"] = _unknown_percent(every, family)
    every = every.iloc[np.argsort(family, kind="stable")].reset_index(drop=True)
    facts = {
        "count_status": text_column(every.pop("_counted").to_numpy(dtype=object), every.index),
        "status": text_column(every["status"].to_numpy(dtype=object), every.index),
        "denominator": denominator,
        "benchmark": np.where(every["_group"] == UNKNOWN, "", benchmark),
    }
    every = every.assign(**facts).rename(columns={"_group": group})
    whole = every["count"].dropna() % 1 == 0
    if whole.all():
        every["count"] = every["count"].astype("Int64")
    lead = [*keys, group, "count", "count_status", "population", "population_status", "denominator"]
    return every[list(dict.fromkeys([*lead, *every.columns]))]


def _unknown_percent(rows: pd.DataFrame, family: np.ndarray) -> Floats:
    """Return the percentage of the events of each family whose group is not known."""
    counts = rows["count"].to_numpy(dtype=float, na_value=np.nan)
    unknown = (rows["_group"] == UNKNOWN).to_numpy()
    # A count that is not known makes the sum of its family not known.
    total = np.bincount(family, weights=counts)
    apart = np.bincount(family, weights=np.where(unknown, counts, 0))
    share = np.divide(100 * apart, total, out=np.full(len(total), np.nan), where=total > 0)
    return np.asarray(share[family])
