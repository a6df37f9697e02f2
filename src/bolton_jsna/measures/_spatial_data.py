"""The areas of a map that have a value and a neighbour, and why the others are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.core.states import LABELS
from bolton_jsna.measures._arrays import Array, Codes, Floats
from bolton_jsna.measures._frame_columns import (
    CODES,
    STATES,
    counted_codes,
    numbers,
    numeric,
    tally_states,
)
from bolton_jsna.measures._moran import ROUNDING
from bolton_jsna.measures.weights import Weights, places_in

LEAST_AREAS: Final = 4
"""The variance of Moran's I is divided by n - 3; fewer areas are not tested."""

ISLAND, ALONE, FLAT, FEW = (
    "no neighbour (island)",
    "no neighbour with a value",
    "every area has the same value",
    f"fewer than {LEAST_AREAS} areas with a value and a neighbour",
)


@dataclass(frozen=True, eq=False)
class Mapped:
    """The areas that a spatial statistic uses, in the order of the weights; why it omits others.

    Attributes
    ----------
    rows : ndarray of int, shape (m,)
        Their rows in the frame.
    first, second : ndarray of float, shape (m,)
        Their values; both are the same if there is one variable.
    links : sparse array, shape (m, m)
        Their neighbours among them; each has one or more.
    codes : ndarray of int8, shape (n,)
        The state of the statistic for every row of the frame.
    why : ndarray of int, shape (n,)
        The position in ``reasons`` of the reason that a row is left out, -1 for the others.
    reasons : list of str
    without_value : dict
        How many rows of each state have no value.
    islands : tuple of str
        Areas with a value that are left out because no neighbour has one.
    undefined : str
        Why the statistic does not exist, empty when it does.
    """

    rows: Array
    first: Floats
    second: Floats
    links: Any
    codes: Codes
    why: Array
    reasons: list[str]
    without_value: dict[str, int]
    islands: tuple[str, ...]
    undefined: str


def mapped_values(
    frame: pd.DataFrame,
    weights: Weights,
    *,
    value: str,
    code: str,
    other: str | None = None,
    status: str = "status",
    other_status: str = "other_status",
) -> Mapped:
    """Return the areas that a statistic of ``value`` (and ``other``) uses."""
    places = places_in(weights, frame, code)
    first, codes = _values(frame, value, status)
    second = first
    reasons = [f"no value: {LABELS[state].lower()}" for state in STATES]
    why = np.where(numeric(codes), -1, codes).astype(int)
    if other:
        second, other_codes = _values(frame, other, other_status)
        hidden = numeric(codes) & ~numeric(other_codes)
        why[hidden] = len(STATES) + other_codes[hidden]
        reasons += [f"no {other}: {LABELS[state].lower()}" for state in STATES]
        codes = np.where(hidden, other_codes, codes).astype(np.int8)
    valued = numeric(codes)
    without = tally_states(codes[~valued])

    row_of = np.full(len(weights), -1)
    row_of[places[valued]] = np.flatnonzero(valued)
    kept = np.flatnonzero(row_of >= 0)
    links = weights.matrix()
    if len(kept) < len(weights):
        links = links[kept][:, kept]
    near = np.diff(links.indptr) > 0
    lonely = kept[~near]
    island = weights.numbers[lonely] == 0
    why[row_of[lonely]] = np.where(island, len(reasons), len(reasons) + 1)
    reasons += [ISLAND, ALONE]
    codes = codes.copy()
    codes[row_of[lonely]] = CODES["not_applicable"]

    if not near.all():
        links = links[near][:, near]
    # By code, because random draws must not depend on the order of the boundaries.
    within = kept[near]
    order = np.argsort(np.array(weights.codes, dtype=str)[within], kind="stable")
    if (np.diff(order) < 0).any():
        within, links = within[order], links[order][:, order]
    rows = row_of[within]
    undefined = ""
    if len(rows) < LEAST_AREAS:
        undefined = FEW
    elif _flat(first[rows]) or _flat(second[rows]):
        undefined = FLAT
    if undefined:
        why[rows] = len(reasons)
        reasons.append(undefined)
        codes[rows] = CODES["not_applicable"]
    return Mapped(
        rows=rows,
        first=first[rows],
        second=second[rows],
        links=links,
        codes=codes,
        why=why,
        reasons=reasons,
        without_value=without,
        islands=tuple(sorted(weights.codes[each] for each in lonely)),
        undefined=undefined,
    )


def _values(frame: pd.DataFrame, column: str, status: str) -> tuple[Floats, Codes]:
    values = numbers(frame, column, least=None)
    codes = counted_codes(frame, status, values, column)
    return np.where(numeric(codes), values, np.nan), codes


def _flat(values: Array) -> bool:
    spread = float(values.max() - values.min())
    return spread <= ROUNDING * float(abs(values).max())
