"""Uncertainty on maps: intervals, comparisons with a benchmark, and small numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd

from bolton_jsna.core.area_codes import AreaWords
from bolton_jsna.core.argument_types import check_fields
from bolton_jsna.core.errors import SchemaError, UsageError, choice, some
from bolton_jsna.core.states import LABELS, NUMERIC
from bolton_jsna.core.wording import MAP_VERDICTS as VERDICTS
from bolton_jsna.drawing.classes import number_text
from bolton_jsna.maps._spec import AreaValue, Benchmark, Mark, MeasureScale, gap
from bolton_jsna.maps._values import Measure, numeric
from bolton_jsna.sentences import map_words

Similar = Literal["hatched", "muted", "plain"]
SIMILAR: Final = ("hatched", "muted", "plain")


@dataclass(frozen=True)
class Uncertainty:
    """Which columns show how uncertain the figures are, and how a map shows it.

    Attributes
    ----------
    lower, upper : str or None
        The columns of the limits of the interval, such as those of :func:`bolton_jsna.crude_rates`;
        None for both if there are none.
    confidence : float
        Confidence level of the interval, as it is printed.
    count : str or None
        The column of the number of events behind each figure, shown with each area.
    count_label : str
        The name of those events.
    small : int
        Figures made from fewer events than this are marked as of low reliability, and by no other
        mark; 0 marks none.
    benchmark : float or None
        The figure that areas are compared with, in the unit of the map.
    benchmark_label : str
        The name of the benchmark.
    verdict : str or None
        The column of verdicts (lower, similar, higher, not_compared), such as that of
        :func:`bolton_jsna.compare_with_benchmark`. Without one, an area is similar if its
        interval includes the benchmark.
    similar : {"hatched", "muted", "plain"}
        How to draw areas that are not significantly different: hatched over the colour of their
        class, in one muted colour instead, or like the others.

    Notes
    -----
    Twenty events: ONS marks rates from fewer as unreliable (User guide to mortality statistics).
    """

    lower: str | None = "lower"
    upper: str | None = "upper"
    confidence: float = 0.95
    count: str | None = None
    count_label: str = "Count"
    small: int = 20
    benchmark: float | None = None
    benchmark_label: str = "England"
    verdict: str | None = None
    similar: Similar = "hatched"

    def __post_init__(self) -> None:
        check_fields(self)
        choice("similar", self.similar, SIMILAR)
        if (self.lower is None) != (self.upper is None):
            raise UsageError(
                f"lower={self.lower!r} with upper={self.upper!r}: an interval needs two limits. "
                "Give both columns, or None for both."
            )
        if self.benchmark is not None and not math.isfinite(self.benchmark):
            raise UsageError(f"benchmark={self.benchmark!r}: expected a number, such as 519.4.")
        if self.benchmark is not None and self.lower is None and self.verdict is None:
            raise UsageError(
                f"benchmark={self.benchmark!r}: a comparison needs an interval or a column of "
                "verdicts. Give lower= and upper=, or verdict=."
            )
        if not 0 < self.confidence < 1:
            raise UsageError(f"confidence={self.confidence!r}: expected a share, such as 0.95.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the frame must have."""
        named = (self.lower, self.upper, self.count, self.verdict)
        return tuple(name for name in named if name is not None)

    def heading(self, scale: MeasureScale) -> str:
        """The benchmark with its figure, such as "England (519.4)"."""
        assert self.benchmark is not None  # noqa: S101 (only called if there is one)
        places = max(scale.classes.decimals, 1 if self.benchmark % 1 else 0)
        figure = f"({number_text(self.benchmark, places)})"
        label = self.benchmark_label
        return label if label.endswith(figure) else f"{label} {figure}"


def compared(scale: MeasureScale, uncertainty: Uncertainty | None) -> MeasureScale:
    """Return a measure with the figure that it is compared with, if there is one."""
    if uncertainty is None or uncertainty.benchmark is None:
        return scale
    benchmark = Benchmark(float(uncertainty.benchmark), uncertainty.heading(scale))
    return replace(scale, benchmark=benchmark)


@dataclass(frozen=True)
class UncertaintyText:
    """What a map shows of uncertainty: values of each area, marks, verdicts, notes."""

    area_values: tuple[tuple[AreaValue, ...], ...]
    marks: tuple[Mark, ...] = ()
    verdicts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def describe_uncertainty(
    joined: gpd.GeoDataFrame,
    scale: MeasureScale,
    measure: Measure,
    uncertainty: Uncertainty | None,
    *,
    drawn: Sequence[bool],
    areas: AreaWords,
    mark: str = "similar",
    prefix: str = "",
) -> UncertaintyText:
    """Return what a map shows of the uncertainty of a measure; marks are on areas with a class."""
    if uncertainty is None:
        return UncertaintyText(((),) * len(joined))
    limits = _limits(joined, measure, uncertainty)
    columns: list[list[AreaValue]] = []
    notes: list[str] = []
    marks: list[Mark] = []
    verdicts: tuple[str, ...] = ()
    if uncertainty.lower is not None:
        label = f"{_percent(uncertainty)} confidence interval"
        columns.append(
            [
                _or_gap(label, state, _interval(scale, *each))
                for state, each in zip(measure.states, limits, strict=True)
            ]
        )
    small = (False,) * len(joined)
    if uncertainty.count is not None:
        counts, few = _counts(joined, measure, uncertainty)
        columns += counts
        small = tuple(map(operator.and_, few, drawn))
        if any(small):
            under, events = f"fewer than {uncertainty.small}", uncertainty.count_label
            marks.append(Mark("small", f"Low reliability ({under})", small))
            note = map_words.low_reliability(uncertainty.small, _lower_case(events))
            notes.append(_prefixed(prefix, note))
    if uncertainty.benchmark is not None:
        verdicts = _verdicts(joined, measure, limits, uncertainty)
        heading = uncertainty.heading(scale)
        columns.append(
            [
                _or_gap(f"Compared with {heading}", state, VERDICTS[each])
                for each, state in zip(verdicts, measure.states, strict=True)
            ]
        )
        shown = [each for each, seen in zip(verdicts, drawn, strict=True) if seen]
        similar = tuple(
            each == "similar" and seen for each, seen in zip(verdicts, drawn, strict=True)
        )
        if uncertainty.similar == "hatched":
            # At most one mark on an area: a figure of low reliability is marked as that only.
            both = sum(map(operator.and_, similar, small))
            similar = tuple(one and not other for one, other in zip(similar, small, strict=True))
            label = f"{VERDICTS['similar']} from {heading}"
            if both:
                label = f"Others {_lower_case(label)}"
                # The mark of low reliability may be that of two measures on a crossed map.
                either = f"; {both:,} not significantly different"
                either = "" if prefix else either
                marks[-1] = replace(marks[-1], label=marks[-1].label + either)
            marks.insert(0, Mark(mark, _prefixed(prefix, label), similar))
            if both:
                notes[-1] += map_words.also_similar(both, heading, areas)
        notes += _notes_on_similar(uncertainty, heading, prefix, shown, marked=any(similar))
    of_measure = [[replace(value, of=scale.label) for value in column] for column in columns]
    rows = tuple(zip(*of_measure, strict=True)) if of_measure else ((),) * len(joined)
    return UncertaintyText(
        rows, tuple(each for each in marks if each.count), verdicts, tuple(notes)
    )


def _or_gap(label: str, state: str, text: str) -> AreaValue:
    """Return a text, or the state of an area without a number or text."""
    if state in NUMERIC and text:
        return AreaValue(label, text)
    return gap(label, "not_available" if state in NUMERIC else state)


def _prefixed(prefix: str, text: str) -> str:
    """Return a text with its measure before it if a map has two."""
    return f"{prefix}{_lower_case(text)}" if prefix else text


def _lower_case(text: str) -> str:
    """Return a text that begins with a small letter."""
    return f"{text[:1].lower()}{text[1:]}"


def _percent(uncertainty: Uncertainty) -> str:
    return f"{uncertainty.confidence * 100:.10g}%"


def _limits(
    joined: gpd.GeoDataFrame, measure: Measure, uncertainty: Uncertainty
) -> list[tuple[float, float]]:
    """Return the limits of each area, NaN if its number is withheld."""
    if uncertainty.lower is None:
        return [(math.nan, math.nan)] * len(joined)
    advice = "Give the columns of the limits in Uncertainty(lower=, upper=)."
    found = [numeric(joined, str(name), advice) for name in (uncertainty.lower, uncertainty.upper)]
    wrong = [
        code
        for code, number, low, high in zip(
            joined["area_code"], measure.numbers, *found, strict=True
        )
        if number < low or number > high
    ]
    if wrong:
        raise SchemaError(
            f"{len(wrong)} areas have a number outside {uncertainty.lower!r} to "
            f"{uncertainty.upper!r} ({some(wrong)}): the limits are of another measure or unit. "
            "Give those of the measure on the map."
        )
    return [
        (float(low), float(high)) if state in NUMERIC else (math.nan, math.nan)
        for low, high, state in zip(*found, measure.states, strict=True)
    ]


def _interval(scale: MeasureScale, low: float, high: float) -> str:
    if math.isnan(low) or math.isnan(high):
        return ""
    return f"{scale.classes.text(low)} to {scale.classes.text(high)}"


def _counts(
    joined: gpd.GeoDataFrame, measure: Measure, uncertainty: Uncertainty
) -> tuple[list[list[AreaValue]], tuple[bool, ...]]:
    """Return the counts and their reliability, and which counts are small."""
    values = numeric(joined, str(uncertainty.count), "Give the column of counts in count=.")
    own = joined.get(f"{uncertainty.count}_status", [None] * len(values))
    states = [
        str(its) if its is not None and str(its) in LABELS and its not in NUMERIC else state
        for state, its in zip(measure.states, own, strict=True)
    ]
    counts = [
        _or_gap(
            uncertainty.count_label,
            state,
            "" if math.isnan(value) else number_text(float(value), 0),
        )
        for value, state in zip(values, states, strict=True)
    ]
    small = tuple(
        bool(state in NUMERIC and value < uncertainty.small)
        for value, state in zip(values, states, strict=True)
    )
    reliability = [
        _or_gap("Reliability", state, f"Low: fewer than {uncertainty.small}" if low else "Usual")
        for low, state in zip(small, states, strict=True)
    ]
    return [counts, reliability] if any(small) else [counts], small


def _verdicts(
    joined: gpd.GeoDataFrame,
    measure: Measure,
    limits: list[tuple[float, float]],
    uncertainty: Uncertainty,
) -> tuple[str, ...]:
    if uncertainty.verdict is None:
        # Numbers are compared as they are, not as they are printed.
        benchmark = float(uncertainty.benchmark or 0.0)
        given: list[Any] = [_verdict(low, high, benchmark) for low, high in limits]
    else:
        given = [
            "not_compared" if pd.isna(each) else str(each) for each in joined[uncertainty.verdict]
        ]
    wrong = sorted(set(given) - set(VERDICTS))
    if wrong:
        raise SchemaError(
            f"Column {uncertainty.verdict!r} has unknown verdicts ({some(wrong)}). Known: "
            f"{some(VERDICTS)}."
        )
    return tuple(
        each if state in NUMERIC else "not_compared"
        for each, state in zip(given, measure.states, strict=True)
    )


def _verdict(low: float, high: float, benchmark: float) -> str:
    if math.isnan(low) or math.isnan(high):
        return "not_compared"
    if low > benchmark:
        return "higher"
    return "lower" if high < benchmark else "similar"


def _notes_on_similar(
    uncertainty: Uncertainty, heading: str, prefix: str, shown: Sequence[str], *, marked: bool
) -> list[str]:
    """Return what a hatched or muted area means, if the map has one."""
    style = uncertainty.similar
    interval = _percent(uncertainty) if uncertainty.verdict is None else ""
    if style != "plain":
        note = map_words.similar(style, heading, interval=interval)
        return [_prefixed(prefix, note)] if marked else []
    if not set(shown) - {"not_compared"}:
        return []
    note = map_words.plain(heading, interval=interval, some_similar="similar" in shown)
    return [_prefixed(prefix, note)]
