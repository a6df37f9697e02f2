"""Numbers and states of a column as text: a state never shows, or counts as, a number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.core.states import LABELS, MEANINGS, NUMERIC
from bolton_jsna.drawing.classes import number_text, sensible_decimals
from bolton_jsna.maps._spec import Reading, Scale, count_of

if TYPE_CHECKING:
    import geopandas as gpd

# Which state an area of two measures shows when both are without a number: the first of these.
PRECEDENCE: Final = ("suppressed", "low", "rounds_to_zero", "not_available", "not_applicable")


@dataclass(frozen=True)
class Measure:
    """Numbers of a column (NaN where a state stands) and the state of each row."""

    numbers: tuple[float, ...]
    states: tuple[str, ...]


def measure(joined: gpd.GeoDataFrame, column: str, status: str | None) -> Measure:
    """Read numbers and states; a state without a number hides the number that may stand there."""
    import pandas as pd

    try:
        numbers = pd.to_numeric(joined[column]).to_numpy(dtype=float, na_value=math.nan)
    except (TypeError, ValueError) as error:
        raise SchemaError(
            f"Column {column!r} is not a number ({error}). Map a numeric column, and keep markers "
            "such as 'c' in a status column."
        ) from None
    name = status or next((n for n in (f"{column}_status", "status") if n in joined.columns), None)
    told = [None] * len(joined) if name is None else list(joined[name])
    states: list[str] = []
    for number, state in zip(numbers, told, strict=True):
        unknown = state is None or pd.isna(state)
        states.append(
            ("not_available" if math.isnan(number) else "value") if unknown else str(state)
        )
    wrong = sorted({str(state) for state in states} - set(MEANINGS))
    if wrong:
        raise SchemaError(
            f"Column {name!r} has unknown states ({some(wrong)}). Known: {some(MEANINGS, 20)}."
        )
    bare = [
        code
        for code, number, state in zip(joined["area_code"], numbers, states, strict=True)
        if state in NUMERIC and math.isnan(number)
    ]
    if bare:
        raise SchemaError(
            f"{len(bare)} areas have the state 'value' and no number in {column!r} ({some(bare)}). "
            f"Say what the gap is in {name!r}: suppressed, not_available, ..."
        )
    return Measure(
        tuple(
            float(number) if state in NUMERIC else math.nan
            for number, state in zip(numbers, states, strict=True)
        ),
        tuple(states),
    )


def told(scale: Scale, measure: Measure) -> tuple[Reading, ...]:
    """Return what is told of each area: its number, or the state that stands in its place."""
    # Where every number is modelled the heading says so, else each modelled number does.
    every = "modelled" in measure.states and "value" not in measure.states
    label = f"{scale.heading}, modelled" if every else scale.heading
    found = []
    for number, state in zip(measure.numbers, measure.states, strict=True):
        text = scale.classes.text(number) if state in NUMERIC else LABELS[state]
        if state == "modelled" and not every:
            text += " (modelled)"
        found.append(Reading(label, text, state))
    return tuple(found)


def details(
    joined: gpd.GeoDataFrame,
    details: Mapping[str, str],
    states: Sequence[str],
    *,
    drawn: Mapping[str, Measure],
) -> list[tuple[Reading, ...]]:
    """Return the further columns as text."""
    # A state without a number hides a number that may stand there: the state of a measure drawn,
    # or of ``<column>_status`` if there is one. A gap of any other column is told by that of the
    # row.
    import pandas as pd

    rows: list[list[Reading]] = [[] for _ in range(len(joined))]
    for column, label in details.items():
        values = joined[column]
        numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        decimals = sensible_decimals(values.dropna()) if numeric else 0
        own = drawn[column].states if column in drawn else joined.get(f"{column}_status")
        told_by = states if own is None else own
        for row, (value, state) in enumerate(zip(values, told_by, strict=True)):
            stateful = state in LABELS and state not in NUMERIC
            if pd.isna(value) or (stateful and own is not None):
                gap = state if stateful else "not_available"
                rows[row].append(Reading(label, LABELS[gap], gap))
            else:
                text = number_text(float(value), decimals) if numeric else str(value)
                rows[row].append(Reading(label, text))
    return [tuple(row) for row in rows]


def worse(one: str, other: str) -> str:
    """Return the state that an area of two measures shows; "value" when both have a number."""
    return next((state for state in PRECEDENCE if state in (one, other)), "value")


def modelled(label: str, measure: Measure) -> tuple[str, ...]:
    """Return the note that some figures are modelled, if any are."""
    areas = measure.states.count("modelled")
    if not areas:
        return ()
    share = "all areas" if "value" not in measure.states else count_of(areas)
    return (f"{label}: modelled for {share} ({MEANINGS['modelled']}).",)


def similar_in_words(verdicts: Sequence[str], benchmark: str) -> str:
    """Return a sentence on the verdicts, or an empty text."""
    if not verdicts:
        return ""
    lower, similar, higher = (
        count_of(list(verdicts).count(each)) for each in ("lower", "similar", "higher")
    )
    return (
        f" Compared with {benchmark}: {lower} lower, {similar} not significantly different, "
        f"{higher} higher."
    )


def gaps(states: Sequence[str]) -> str:
    """Return a sentence on the areas without a number, or an empty text."""
    parts = [
        f"{states.count(state)} {LABELS[state].lower()}" for state in PRECEDENCE if state in states
    ]
    return f" Without a number: {', '.join(parts)}." if parts else ""
