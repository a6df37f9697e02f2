"""How sure the figures of a map are: intervals, what they are beside a benchmark, small numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from bolton_jsna.core.errors import SchemaError, UsageError, choice, some
from bolton_jsna.core.states import LABELS, NUMERIC
from bolton_jsna.core.wording import MAP_VERDICTS as VERDICTS
from bolton_jsna.drawing.classes import number_text
from bolton_jsna.maps._spec import Mark, Reading, Scale
from bolton_jsna.maps._values import Measure

if TYPE_CHECKING:
    import geopandas as gpd

Similar = Literal["hatched", "muted", "plain"]
SIMILAR: Final = ("hatched", "muted", "plain")


@dataclass(frozen=True)
class Uncertainty:
    """Which columns say how sure the figures are, and how a map shows it.

    Attributes
    ----------
    lower, upper : str or None
        The columns of the limits of the interval, as :func:`bolton_jsna.crude_rates` names them;
        None for both where there are none.
    confidence : float
        Level of the interval, as it is printed.
    count : str or None
        The column of the number of events behind each figure, told with each area.
    count_label : str
        What those events are.
    small : int
        Figures made from fewer events than this are marked as of low reliability; 0 marks none.
    benchmark : float or None
        What the areas are compared with, in the unit of the map.
    benchmark_label : str
        Whose figure that is.
    verdict : str or None
        The column of verdicts (lower, similar, higher, not_compared), such as that of
        :func:`bolton_jsna.compare_with_benchmark`. Without one an area is similar when its
        interval holds the benchmark.
    similar : {"hatched", "muted", "plain"}
        How areas that are not significantly different are drawn: hatched over the colour of their
        class, muted to one quiet colour in its place, or as the others.

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
        choice("similar", self.similar, SIMILAR)
        if (self.lower is None) != (self.upper is None):
            raise UsageError(
                f"lower={self.lower!r} with upper={self.upper!r}: an interval has two limits. Name "
                "both columns, or None for both."
            )
        if self.benchmark is not None and not math.isfinite(self.benchmark):
            raise UsageError(f"benchmark={self.benchmark!r}: expected a number, such as 519.4.")
        if self.benchmark is not None and self.lower is None and self.verdict is None:
            raise UsageError(
                "Areas can be beside a benchmark only with an interval (lower=, upper=) or a "
                "column of verdicts (verdict=)."
            )
        if not 0 < self.confidence < 1:
            raise UsageError(f"confidence={self.confidence!r}: expected a share, such as 0.95.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the frame must have."""
        named = (self.lower, self.upper, self.count, self.verdict)
        return tuple(name for name in named if name is not None)

    def heading(self, scale: Scale) -> str:
        """The benchmark with its figure, such as "England (519.4)"."""
        assert self.benchmark is not None  # noqa: S101 (asked only where there is one)
        places = max(scale.classes.decimals, 1 if self.benchmark % 1 else 0)
        return f"{self.benchmark_label} ({number_text(self.benchmark, places)})"


@dataclass(frozen=True)
class Told:
    """What a map says of certainty: readings of each area, marks, verdicts, notes."""

    readings: tuple[tuple[Reading, ...], ...]
    marks: tuple[Mark, ...] = ()
    verdicts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def told(
    joined: gpd.GeoDataFrame,
    scale: Scale,
    measure: Measure,
    uncertainty: Uncertainty | None,
    *,
    mark: str = "similar",
    prefix: str = "",
) -> Told:
    """Return what is told of certainty."""
    if uncertainty is None:
        return Told(((),) * len(joined))
    limits = _limits(joined, measure, uncertainty)
    columns: list[list[Reading]] = []
    notes: list[str] = []
    marks: list[Mark] = []
    if uncertainty.lower is not None:
        label = f"{_percent(uncertainty)} confidence interval"
        columns.append([_interval(label, scale, *each) for each in _with(measure, limits)])
    if uncertainty.count is not None:
        reading, small, note = _counts(joined, measure, uncertainty, prefix)
        columns += reading
        marks += small
        notes += note
    verdicts: tuple[str, ...] = ()
    if uncertainty.benchmark is not None:
        verdicts = _verdicts(joined, measure, limits, uncertainty)
        heading = uncertainty.heading(scale)
        columns.append(
            [
                Reading(f"Compared with {heading}", *_verdict(each, state))
                for each, state in zip(verdicts, measure.states, strict=True)
            ]
        )
        similar = tuple(each == "similar" for each in verdicts)
        if uncertainty.similar == "hatched":
            label = _named(prefix, f"{VERDICTS['similar']} from {heading}")
            marks.insert(0, Mark(mark, label, similar))
        notes.append(_rule(uncertainty, heading, prefix, found=any(similar)))
    about = [[replace(reading, of=scale.label) for reading in column] for column in columns]
    rows = tuple(zip(*about, strict=True)) if about else ((),) * len(joined)
    return Told(rows, tuple(each for each in marks if each.count), verdicts, tuple(notes))


def _named(prefix: str, text: str) -> str:
    """A text with the measure that it is about before it, where a map has two."""
    return f"{prefix}{text[:1].lower()}{text[1:]}" if prefix else text


def _percent(uncertainty: Uncertainty) -> str:
    return f"{uncertainty.confidence * 100:.10g}%"


def _with(measure: Measure, limits: list[tuple[float, float]]) -> list[tuple[str, float, float]]:
    return [(state, *pair) for state, pair in zip(measure.states, limits, strict=True)]


def _limits(
    joined: gpd.GeoDataFrame, measure: Measure, uncertainty: Uncertainty
) -> list[tuple[float, float]]:
    """Return the limits of each area, NaN where its number is withheld."""
    import pandas as pd

    if uncertainty.lower is None:
        return [(math.nan, math.nan)] * len(joined)
    found = []
    for column in (uncertainty.lower, uncertainty.upper):
        try:
            found.append(pd.to_numeric(joined[column]).to_numpy(dtype=float, na_value=math.nan))
        except (TypeError, ValueError) as error:
            raise SchemaError(
                f"Column {column!r} is not a number ({error}). Name the columns of the limits with "
                "Uncertainty(lower=, upper=)."
            ) from None
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
            f"{uncertainty.upper!r} ({some(wrong)}). Those limits are of another measure or unit."
        )
    return [
        (float(low), float(high)) if state in NUMERIC else (math.nan, math.nan)
        for low, high, state in zip(*found, measure.states, strict=True)
    ]


def _interval(label: str, scale: Scale, state: str, low: float, high: float) -> Reading:
    if state not in NUMERIC:
        return Reading(label, LABELS[state], state)
    if math.isnan(low) or math.isnan(high):
        return Reading(label, LABELS["not_available"], "not_available")
    return Reading(label, f"{scale.classes.text(low)} to {scale.classes.text(high)}")


def _counts(
    joined: gpd.GeoDataFrame, measure: Measure, uncertainty: Uncertainty, prefix: str
) -> tuple[list[list[Reading]], list[Mark], list[str]]:
    import pandas as pd

    values = pd.to_numeric(joined[uncertainty.count]).to_numpy(dtype=float, na_value=math.nan)
    own = joined.get(f"{uncertainty.count}_status")
    states = [
        str(its) if its is not None and str(its) in LABELS and its not in NUMERIC else state
        for state, its in zip(
            measure.states, own if own is not None else [None] * len(values), strict=True
        )
    ]
    label = uncertainty.count_label
    counts = [
        Reading(label, LABELS[state], state)
        if state not in NUMERIC
        else Reading(label, LABELS["not_available"], "not_available")
        if math.isnan(value)
        else Reading(label, number_text(float(value), 0))
        for value, state in zip(values, states, strict=True)
    ]
    small = tuple(
        bool(state in NUMERIC and value < uncertainty.small)
        for value, state in zip(values, states, strict=True)
    )
    if not any(small):
        return [counts], [], []
    under = f"fewer than {uncertainty.small}"
    reliability = [
        Reading(
            "Reliability",
            LABELS[state] if state not in NUMERIC else f"Low: {under}" if low else "Usual",
            state if state not in NUMERIC else "value",
        )
        for low, state in zip(small, states, strict=True)
    ]
    events = uncertainty.count_label[:1].lower() + uncertainty.count_label[1:]
    note = _named(prefix, f"Low reliability: made from {under} {events}, may change by chance.")
    return [counts, reliability], [Mark("small", f"Low reliability ({under})", small)], [note]


def _verdicts(
    joined: gpd.GeoDataFrame,
    measure: Measure,
    limits: list[tuple[float, float]],
    uncertainty: Uncertainty,
) -> tuple[str, ...]:
    import pandas as pd

    if uncertainty.verdict is None:
        # Numbers are compared as they are, not as they are printed.
        benchmark = float(uncertainty.benchmark or 0.0)
        given: list[Any] = [
            "not_compared"
            if math.isnan(low) or math.isnan(high)
            else "higher"
            if low > benchmark
            else "lower"
            if high < benchmark
            else "similar"
            for low, high in limits
        ]
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


def _verdict(verdict: str, state: str) -> tuple[str, str]:
    if state not in NUMERIC:
        return LABELS[state], state
    return VERDICTS[verdict], "value"


def _rule(uncertainty: Uncertainty, heading: str, prefix: str, *, found: bool) -> str:
    how = {"hatched": "Hatched", "muted": "Muted"}
    why = (
        f"the {_percent(uncertainty)} confidence interval holds the figure of {heading}"
        if uncertainty.verdict is None
        else f"a test finds no difference from {heading}"
    )
    if uncertainty.similar == "plain":
        said = (
            f'The colours do not say whether a difference from {heading} may be chance; "not '
            f'significantly different" means that {why}.'
        )
    elif found:
        said = f"{how[uncertainty.similar]}: {why}, so the difference may be chance."
    else:
        said = f"No area is {how[uncertainty.similar].lower()}, which would say that {why}."
    return _named(prefix, said)
