"""Rows by group and age band, and why a group has no standardised rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from bolton_jsna.core.age_bands import Ages, how_to_regroup
from bolton_jsna.core.comparable_rows import one_subject
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.measures._aggregation import group_codes, group_rows, groups_or_whole
from bolton_jsna.measures._arrays import Array, Codes, Flags, Floats, Positions
from bolton_jsna.measures._frame_columns import CODES, need, numeric
from bolton_jsna.measures.age_groups import spans_of
from bolton_jsna.measures.denominators import NO_BAND
from bolton_jsna.measures.event_dimensions import ALL

WORDS: Final[Mapping[str, str]] = {
    "suppressed": "suppressed",
    "low": "of low reliability",
    "not_available": "not available",
    "rounds_to_zero": "rounded to zero",
    "not_applicable": "not applicable",
}

AGES: Final = ("age", "ages", "age_band")
"""Columns that go with the age band, and differ between the rows of a group as it does."""


@dataclass(frozen=True)
class AgeCells:
    """The group and the age band of each row of a frame.

    Attributes
    ----------
    keys : DataFrame, shape (g, number of ``by``)
        The groups, in order of their first row.
    places, bands : ndarray of int, shape (n,)
        The group and the band of each row, as positions in ``keys`` and ``labels``.
    labels : tuple
        The age bands of the standard or the reference.
    """

    keys: pd.DataFrame
    places: Positions
    bands: Positions
    labels: tuple[Any, ...]

    def add(self, values: Array) -> Floats:
        """Return the sum of a row's values by group, missing where one is missing."""
        total = np.bincount(self.places, weights=values, minlength=len(self.keys))
        return total.astype(float)

    def number(self, rows: Flags) -> Positions:
        """Return the number of a group's rows that a mask holds."""
        return np.asarray(np.bincount(self.places[rows], minlength=len(self.keys)))

    def table(self, columns: Mapping[str, Any], reason: Array, used: Array) -> pd.DataFrame:
        """Return the groups with columns, the reason as text, and the bands there are and used."""
        out = self.keys.assign(**columns, reason=reason, parts=len(self.labels), parts_used=used)
        return out.assign(reason=out["reason"].astype("string"))


def age_cells(
    frame: pd.DataFrame,
    by: str | Sequence[str] | None,
    age: str,
    labels: Sequence[Any],
    *,
    what: str,
) -> AgeCells:
    """Return the group and the age band of each row."""
    need(frame, [age], options="age=")
    twice = [label for label in labels if list(labels).count(label) > 1]
    if twice:
        raise UsageError(f"The {what} has the age band {twice[0]!r} twice. Give it once.")
    where, found = pd.factorize(frame[age])
    if (where < 0).any():
        raise SchemaError(
            f"{int((where < 0).sum())} rows have no {age!r}. Leave out events of unknown age, and "
            "report how many."
        )
    order = _positions(found, labels, age=age, what=what)
    bands = np.array([order[label] for label in found], dtype=np.intp)[where]
    keys, places = _groups(frame, by)
    size = len(labels)
    cells = np.bincount(places * size + bands, minlength=1)
    if cells.max() > 1:
        group, band = divmod(int(cells.argmax()), size)
        named = some(keys.iloc[group]) if len(keys.columns) else "The frame"
        raise SchemaError(
            f"{named} has {cells.max()} rows of the age band {labels[band]!r}; "
            "expected one. Name the columns that differ (sex, year, ...) in by=, or add them up."
        )
    one_subject(
        frame, places, to="standardise a rate", by=() if by is None else by, apart=(age, *AGES)
    )
    return AgeCells(keys, places, bands, tuple(labels))


def _groups(frame: pd.DataFrame, by: str | Sequence[str] | None) -> tuple[pd.DataFrame, Positions]:
    """Return the groups of a frame; without ``by`` one, named by what all its rows share."""
    if by is not None:
        return group_rows(frame, by)
    keys, places = groups_or_whole(frame, [])
    for name in ("area_code", "area_name", "year", "sex", "indicator"):
        if name in frame and len(frame[name].unique()) == 1:
            keys[name] = frame[name].iloc[:1].to_numpy()
    return keys, places


def _positions(
    found: Iterable[Any], labels: Sequence[Any], *, age: str, what: str
) -> dict[Any, int]:
    """Return the position of each age band of a frame: by its label, or by its ages."""
    order = {label: place for place, label in enumerate(labels)}
    strange = [label for label in found if label not in order]
    if not strange:
        return order
    without = [label for label in strange if label in (ALL, *NO_BAND)]
    if without:
        names = some(map(repr, without))
        raise UsageError(
            f"The {what} has no age band {names}, and no population has. Leave these rows out, "
            f"and report how many events they have: frame[~frame[{age!r}].isin([{names}])]."
        )
    ours, theirs = _ages(found), _ages(labels)
    places = {ages: order[label] for label, ages in theirs.items()}
    unknown = [label for label in strange if ours.get(label) not in places]
    if unknown:
        steps = how_to_regroup(ours, theirs, here="the frame", there=f"the {what}")
        raise UsageError(
            f"The {what} has no age band {some(map(repr, unknown))}. It has "
            f"{some(map(repr, labels), most=20)}. "
            f"{steps or 'Write the bands the same way in both.'}"
        )
    return order | {label: places[ours[label]] for label in strange}


def _ages(labels: Iterable[Any]) -> dict[Any, Ages]:
    """Return the ages of labels, nothing where they are names that do not show their ages."""
    try:
        return spans_of(labels)
    except UsageError:
        return {}


def whole_codes(cells: AgeCells, codes: Codes) -> Codes:
    """Return the state of each group that needs every age band."""
    state = group_codes(codes, cells.places, len(cells.keys))
    there = cells.number(codes != CODES["not_applicable"])
    missing = numeric(state) & (there < len(cells.labels))
    return np.where(missing, CODES["not_available"], state).astype(np.int8)


def reasons(cells: AgeCells, codes: Codes, empty: Flags | None = None) -> Array:
    """Return why a group cannot be computed: how many of its age bands are in which state."""
    size = len(cells.labels)
    empty = np.zeros(len(codes), dtype=bool) if empty is None else empty
    numbers = {
        words: cells.number((codes == CODES[state]) & ~empty) for state, words in WORDS.items()
    }
    numbers["without people"] = cells.number(empty)
    numbers["not given"] = size - cells.number(np.ones(len(codes), dtype=bool))
    text = np.full(len(cells.keys), None, dtype=object)
    for group in np.flatnonzero(sum(numbers.values()) > 0):
        text[group] = ", ".join(
            f"{each[group]} of {size} age bands {words}"
            for words, each in numbers.items()
            if each[group]
        )
    return text


def counts_of(total: Floats, like: pd.Series) -> Any:
    """Return sums as whole numbers where the column that was added up has whole numbers."""
    return pd.array(total, dtype="Int64") if pd.api.types.is_integer_dtype(like.dtype) else total
