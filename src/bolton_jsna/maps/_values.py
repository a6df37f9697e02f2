"""Numbers and states of a column as text: a state is never shown or counted as a number."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bolton_jsna.core.area_codes import AreaWords
from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.core.states import LABELS, MEANINGS, NUMERIC
from bolton_jsna.core.table_checks import as_numbers, how_to_make_numbers
from bolton_jsna.drawing import palettes
from bolton_jsna.drawing.classes import number_text, sensible_decimals
from bolton_jsna.maps._spec import AreaValue, LegendEntry, MeasureScale, gap
from bolton_jsna.sentences import map_words

# The state of an area in which both of two measures have no number: the first of these.
PRECEDENCE: Final = ("suppressed", "low", "rounds_to_zero", "not_available", "not_applicable")


@dataclass(frozen=True)
class Measure:
    """The numbers of a column (NaN if there is none), the state of each row, whether rates."""

    numbers: tuple[float, ...]
    states: tuple[str, ...]
    of_counts: bool = False
    """Whether the numbers are made from counts: then a modelled one has a modelled denominator."""

    @property
    def modelled_in_words(self) -> str:
        """What follows a modelled number."""
        return "estimated children" if self.of_counts else "modelled"


def numeric(joined: gpd.GeoDataFrame, column: str, advice: str) -> NDArray[np.float64]:
    """Return a column as numbers, NaN if there is none."""
    if joined[column].dtype.kind in "mM":
        raise SchemaError(f"Column {column!r} is not numeric: it holds dates or times. {advice}")
    try:
        numbers: NDArray[np.float64] = as_numbers(joined[column])
    except ValueError as error:
        todo = how_to_make_numbers(joined[column], column, f"{column}_status")
        raise SchemaError(
            f"Column {column!r} is not numeric: it holds {error}. {todo} {advice}"
        ) from None
    return numbers


def measure(
    joined: gpd.GeoDataFrame, column: str, status: str | None, count: str | None = None
) -> Measure:
    """Return numbers and states; a state without a number hides a number next to it."""
    numbers = numeric(
        joined, column, "Map a numeric column, and put markers such as 'c' in a status column."
    )
    found = states(joined, column, status, [not math.isnan(number) for number in numbers])
    return Measure(
        tuple(
            float(number) if state in NUMERIC else math.nan
            for number, state in zip(numbers, found, strict=True)
        ),
        found,
        count not in (None, column),
    )


def states(
    joined: gpd.GeoDataFrame, column: str, status: str | None, known: Sequence[bool]
) -> tuple[str, ...]:
    """Return the state of each row, given whether it has a number or a category."""
    name = status or next((n for n in (f"{column}_status", "status") if n in joined.columns), None)
    given = [None] * len(joined) if name is None else joined[name]
    found = tuple(
        str(state) if pd.notna(state) else "value" if there else "not_available"
        for there, state in zip(known, given, strict=True)
    )
    wrong = sorted(set(found) - set(MEANINGS))
    if wrong:
        raise SchemaError(
            f"Column {name!r} has unknown states ({some(wrong)}). Known: {some(MEANINGS, 20)}."
        )
    bare = [
        code
        for code, there, state in zip(
            joined.get("area_code", joined.index), known, found, strict=True
        )
        if state in NUMERIC and not there
    ]
    if bare:
        raise SchemaError(
            f"{len(bare)} areas have the state 'value' but no number in {column!r} ({some(bare)}). "
            f"Give the reason for the gap in {name!r}: suppressed, not_available, ..."
        )
    return found


def state_entries(painted: Sequence[str]) -> tuple[LegendEntry, ...]:
    """Return the legend entries of the states of areas, in their order of precedence."""
    return tuple(
        LegendEntry(key, LABELS[state], palettes.state(state), painted.count(key))
        for state in PRECEDENCE
        if (key := f"state-{state}") in painted
    )


def value_texts(scale: MeasureScale, measure: Measure) -> tuple[AreaValue, ...]:
    """Return the number of each area as text, or its state."""
    # If every number is modelled, this is in the heading, else with each modelled number.
    every = "modelled" in measure.states and "value" not in measure.states
    label = f"{scale.heading}, {measure.modelled_in_words}" if every else scale.heading
    found = []
    for number, state in zip(measure.numbers, measure.states, strict=True):
        text = scale.classes.text(number) if state in NUMERIC else LABELS[state]
        if state == "modelled" and not every:
            text += f" ({measure.modelled_in_words})"
        found.append(AreaValue(label, text, state))
    return tuple(found)


def details(
    joined: gpd.GeoDataFrame,
    details: Mapping[str, str],
    states: Sequence[str],
    *,
    drawn: Mapping[str, Measure],
) -> list[tuple[AreaValue, ...]]:
    """Return the further columns as text."""
    # A state without a number hides a number next to it: the state of a measure that is drawn,
    # or of ``<column>_status`` if there is one. A gap in any other column has the state of the row.
    rows: list[list[AreaValue]] = [[] for _ in range(len(joined))]
    for column, label in details.items():
        values = joined[column]
        numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        decimals = sensible_decimals(values.dropna()) if numeric else 0
        own = drawn[column].states if column in drawn else joined.get(f"{column}_status")
        for row, value, state in zip(rows, values, states if own is None else own, strict=True):
            has_gap = state in LABELS and state not in NUMERIC
            if pd.isna(value) or (has_gap and own is not None):
                row.append(gap(label, state if has_gap else "not_available"))
            else:
                text = number_text(float(value), decimals) if numeric else str(value)
                row.append(AreaValue(label, text))
    return [tuple(row) for row in rows]


def side_by_side(*columns: Sequence[tuple[AreaValue, ...]]) -> tuple[tuple[AreaValue, ...], ...]:
    """Return the values of each area from several lists of values."""
    return tuple(tuple(itertools.chain(*row)) for row in zip(*columns, strict=True))


def worse(one: str, other: str) -> str:
    """Return the state of an area from those of two measures; "value" if both have a number."""
    return next((state for state in PRECEDENCE if state in (one, other)), "value")


def modelled(label: str, measure: Measure, areas: AreaWords) -> tuple[str, ...]:
    """Return the note on modelled figures, if there are any."""
    number = measure.states.count("modelled")
    if not number:
        return ()
    total = len(measure.states)
    note = map_words.modelled(label, number, total, areas, of_counts=measure.of_counts)
    return (note,)


def gaps(states: Sequence[str]) -> str:
    """Return a sentence on the areas without a number, or an empty text."""
    return map_words.without_number({state: states.count(state) for state in PRECEDENCE})
