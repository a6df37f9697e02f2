"""Rates by deprivation group with their intervals and the line of the slope index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from bolton_jsna.charts import _frames, _words
from bolton_jsna.charts._chart import Chart
from bolton_jsna.charts._spec import (
    Axis,
    Bar,
    ChartSpec,
    LegendEntry,
    Line,
    Mark,
    StateMark,
    Whisker,
)
from bolton_jsna.charts._ticks import number_axis
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import SchemaError, UsageError, choice, some
from bolton_jsna.core.table_checks import as_numbers, check_columns
from bolton_jsna.drawing.attribution import attributions
from bolton_jsna.measures.association_text import CAUTION

_NAMES: Final = {10: "tenth", 5: "fifth", 4: "quarter"}
_BENDS: Final = (
    "The index is the fitted rate at the most deprived end of the line less that at the least "
    "deprived end. The line is straight over people, and bends where groups differ in size."
)
_EMPTY: Final = "no area is in this group"


@checked
def chart_deprivation(
    frame: pd.DataFrame,
    slope: pd.DataFrame | None = None,
    *,
    groups: Literal[10, 5, 4] | None = None,
    group: str = "quantile",
    value: str = "rate",
    lower: str = "lower",
    upper: str = "upper",
    population: str = "population",
    title: str | None = None,
    subtitle: str | None = None,
    label: str = "Per 10,000 children",
    confidence: float = 0.95,
    notes: Sequence[str] = (),
    sources: Sequence[str] | None = None,
    illustrative: bool = False,
) -> Chart:
    """Draw rates by tenth, fifth or quarter of deprivation with their intervals.

    Parameters
    ----------
    frame : DataFrame
        One row for each group, 1 the most deprived, as :func:`rates_by_deprivation` gives.
        ``status`` (optional) says why a rate is missing.
    slope : DataFrame, optional
        One row of :func:`slope_index_of_inequality`: its line is drawn, and its index and
        interval are written below the chart.
    groups : {10, 5, 4}, optional
        How many groups there are in all. Needed where the groups of the frame do not show it,
        because an area may have no child in some.
    group, value, lower, upper : str
        The columns of the group, the rate and its interval; an interval that the frame does not
        have is not drawn.
    population : str
        The column of people, from which the line of the slope index is placed.
    title, subtitle : str, optional
        What is shown, and measure, unit, place and time; by default from the frame.
    label : str
        What the rates measure, with their unit.
    confidence : float, default 0.95
        The level of the intervals of the frame, for the legend.
    notes, sources : sequence of str
        More sentences below the chart; by default the attributions of the column ``source``.
    illustrative : bool, default False
        Whether the figures are made up: the chart shows this. Also read from the columns
        ``illustrative`` and ``source``.

    Returns
    -------
    Chart
        A notebook shows it; ``.save(path)`` writes PNG, SVG, PDF, HTML or CSV.

    Raises
    ------
    SchemaError
        When a column is missing, a group has several rows, or ``slope`` has several.
    UsageError
        When the number of groups is not known, or a group is not a whole number from 1.

    Notes
    -----
    The slope index is the fitted rate at the most deprived end of the population less that at the
    least deprived end. The line is straight over the population. Groups with different numbers of
    children have bars of the same width, so it may bend from bar to bar. The rates are about
    areas, not families, and the chart has this caution below it.

    Examples
    --------
    >>> import pandas as pd
    >>> rates = pd.DataFrame({
    ...     "quantile": [1, 2, 3, 4, 5],
    ...     "rate": [619.1, 510.5, 387.1, 314.3, 230.0],
    ...     "lower": [593.9, 474.1, 348.5, 271.8, 199.4],
    ...     "upper": [645.1, 549.0, 428.8, 361.5, 263.9],
    ... })
    >>> chart = chart_deprivation(rates, groups=5, illustrative=True)
    >>> chart.title
    'Rates by fifth of deprivation'
    """
    limits = (lower, upper)
    table = _frames.read(
        frame, [group], [value], chart="rates by deprivation", limits=limits, optional=["count"]
    )
    number = _numbered(table, group, groups)
    _frames.one_each(table, [group], "group of deprivation")
    measure = _frames.Measure.of(table, value, *limits)
    if population in table.columns:
        table[population] = as_numbers(table[population])
    rows = _rows(table, group, number)
    index = _index(slope)
    name = _NAMES[number]
    marks: list[Mark] = []
    for row in rows:
        marks += _marks(row, measure)
    legend = []
    if any(isinstance(each, Whisker) for each in marks):
        legend.append(LegendEntry("whisker", "reference", f"{_words.level(confidence)} interval"))
    if index is not None and (line := _line(index, rows, population)) is not None:
        marks.append(line)
        legend.append(LegendEntry("dashed", "third", "Fitted line of the slope index"))
    legend += _words.state_entries(rows)
    what = _words.indicator_of(table) or "Rates"
    place, year = _frames.only_one(table, "area_name"), _frames.only_one(table, "year")
    shown = f"{what} by {name} of deprivation"
    shown += (f" in {place}" if place else "") + (f", {year}" if year else "")
    data, headings = _words.twin(
        table.sort_values(group, ignore_index=True),
        {
            group: f"{name.capitalize()} of deprivation (1 is the most deprived)",
            "areas": "Areas",
            "count": "Count",
            population: "Population",
            value: label,
            lower: "Lower limit",
            upper: "Upper limit",
            "status": "State",
        },
    )
    bends = [_BENDS] if any(isinstance(each, Line) for each in marks) else []
    found = [_sentence(index, label)] if index is not None else []
    return Chart(
        ChartSpec(
            "deprivation",
            title or shown,
            subtitle if subtitle is not None else _words.sentence(label, _words.period(table)),
            Axis(
                f"{name.capitalize()} of deprivation: 1 is the most deprived, {number} the least",
                -0.5,
                number - 0.5,
                tuple((float(at), str(at + 1)) for at in range(number)),
                categories=True,
            ),
            number_axis(
                [*measure.numbers(table), *_heights(marks)],
                label if subtitle is not None else "",
                from_zero=True,
            ),
            tuple(marks),
            tuple(legend),
            (*found, *bends, CAUTION, *notes),
            tuple(attributions(table) if sources is None else sources),
            _described(rows, measure, f"{number} {name}s: {_words.lower_first(label)}", found),
            data,
            headings,
            illustrative=_frames.made_up(table, illustrative=illustrative),
        )
    )


def _numbered(table: pd.DataFrame, group: str, groups: int | None) -> int:
    """Return how many groups there are, the frame's own checked; its column becomes numbers."""
    if groups is not None:
        choice("groups", groups, tuple(_NAMES))
    found = as_numbers(table[group])
    most = 10 if groups is None else groups
    wrong = ~np.isin(found, range(1, most + 1))
    if wrong.any():
        raise UsageError(
            f"{group!r} holds {some(table.loc[wrong, group])}; expected whole numbers from 1 (the "
            f"most deprived) to {most}. Leave out areas without a group, and report how many."
        )
    table[group] = found.astype(int)
    if groups is not None:
        return groups
    if found.max() <= 5:
        raise UsageError(
            f"The groups of {group!r} are 1 to {int(found.max())}, which may be fifths or the "
            "first of ten. Write groups=5 for fifths, or groups=10 for tenths."
        )
    return 10


def _rows(table: pd.DataFrame, group: str, number: int) -> list[dict[str, Any]]:
    """Return a row for each group; one in which no area is has the state not applicable."""
    own = {int(row[group]): row for row in table.to_dict(orient="records")}
    empty = {"status": "not_applicable", "_said": _EMPTY}
    return [{**own.get(at, empty), "_at": at - 1} for at in range(1, number + 1)]


def _marks(row: dict[str, Any], measure: _frames.Measure) -> list[Mark]:
    at, name = float(row["_at"]), f"Group {row['_at'] + 1}"
    if not _frames.has_number(row, measure.value):
        said = f"{name}: {row['_said']}" if "_said" in row else None
        return [StateMark(at, "y", row["status"], said or _frames.state_said(name, row["status"]))]
    rate, said = float(row[measure.value]), f"{name}: {measure.written(row)}"
    text = _words.short(rate)
    marks: list[Mark] = [Bar(at, 0.0, rate, "y", "subject", said, 0.76, text=text, text_at="start")]
    if limits := measure.limits(row):
        marks.append(Whisker(at, *limits, "y", "reference", over=True))
    return marks


def _index(slope: pd.DataFrame | None) -> dict[str, Any] | None:
    """Return the one row of an index of inequality."""
    if slope is None:
        return None
    check_columns(
        slope,
        ["sii", "sii_lower", "sii_upper"],
        "slope",
        advice="Give one row of slope_index_of_inequality(...).",
    )
    if len(slope) != 1:
        raise SchemaError(
            f"slope has {len(slope)} rows; expected one, of the area and year of the chart. "
            "Choose it: slope[slope['year'] == ...]."
        )
    return {str(name): each for name, each in slope.iloc[0].to_dict().items()}


def _sentence(index: dict[str, Any], label: str) -> str:
    """Return the index in words, or why there is none."""
    if pd.isna(index["sii"]):
        why = index.get("sii_reason") or "it is not available"
        return f"There is no slope index of inequality: {why}."
    text = (
        f"Slope index of inequality: {_words.number(index['sii'])} {_words.lower_first(label)}"
        f"{_words.interval(index['sii_lower'], index['sii_upper'])}."
    )
    if pd.notna(index.get("rii")):
        limits = _words.interval(index.get("rii_lower"), index.get("rii_upper"))  # type: ignore[arg-type]
        text += f" Relative index: {_words.number(index['rii'])}{limits}."
    return text


def _line(index: dict[str, Any], rows: Sequence[dict[str, Any]], population: str) -> Line | None:
    """Return the fitted line: its ends, and its height at the middle of each group's people."""
    ratio, gap = index.get("rii"), index["sii"]
    if pd.isna(gap) or ratio is None or pd.isna(ratio):
        return None
    there = [row for row in rows if "_said" not in row]
    if len(there) < len(rows) and any(row["_at"] >= len(there) for row in there):
        # A group without people between others: the line would be drawn over an empty place.
        return None
    if math.isclose(ratio, 1.0, abs_tol=1e-9):
        return None
    least = gap / (ratio - 1)
    people = np.array([row.get(population, math.nan) for row in there], dtype=float)
    ends = [(-0.5, least + gap), (len(there) - 0.5, least)]
    if np.isnan(people).any() or not people.sum() > 0:
        return Line(tuple(ends), "third", dashed=True, over=True)
    before = (np.cumsum(people) - people / 2) / people.sum()
    middle = [
        (float(row["_at"]), least + gap * (1 - float(share)))
        for row, share in zip(there, before, strict=True)
    ]
    return Line((ends[0], *middle, ends[1]), "third", dashed=True, over=True)


def _heights(marks: Sequence[Mark]) -> list[float]:
    lines = [each for each in marks if isinstance(each, Line)]
    return [point[1] for each in lines for point in each.points if point is not None]


def _described(
    rows: Sequence[dict[str, Any]], measure: _frames.Measure, what: str, found: Sequence[str]
) -> str:
    """Return the chart in words: the groups at both ends and the index."""
    known = [row for row in rows if _frames.has_number(row, measure.value)]
    ends = known[:1] + known[-1:] * (len(known) > 1)
    figures = [f"group {row['_at'] + 1} {measure.written(row)}" for row in ends]
    missing = [{**row, "_named": f"group {row['_at'] + 1}"} for row in rows]
    return _words.listed(
        [
            f"Bar chart of deprivation in {what}",
            f"Group 1 is the most deprived: {' and '.join(figures)}" if figures else "",
            _frames.listed_states(missing, "_named"),
            *found,
        ]
    )
