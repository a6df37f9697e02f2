"""A rate over the years with its interval, next to England, the region or neighbours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import pandas as pd

from bolton_jsna.charts import _frames, _words
from bolton_jsna.charts._chart import Chart
from bolton_jsna.charts._spec import (
    Band,
    ChartSpec,
    Dot,
    LegendEntry,
    Line,
    Mark,
    Role,
    Rule,
    StateMark,
    Whisker,
)
from bolton_jsna.charts._ticks import number_axis, year_axis
from bolton_jsna.core.argument_types import checked
from bolton_jsna.drawing.attribution import attributions
from bolton_jsna.measures._frame_columns import whole_years

_MOST_NAMED: Final = 4
"""More other areas than this are drawn in grey without a name at each."""


@checked
def chart_trend(
    frame: pd.DataFrame,
    *,
    value: str = "rate",
    lower: str = "lower",
    upper: str = "upper",
    year: str = "year",
    area: str = "area_name",
    subject: str | None = None,
    title: str | None = None,
    subtitle: str | None = None,
    label: str = "Per 10,000 children",
    notes: Sequence[str] = (),
    sources: Sequence[str] | None = None,
    confidence: float = 0.95,
    illustrative: bool = False,
) -> Chart:
    """Draw a figure over the years with its interval, next to those of other areas.

    Parameters
    ----------
    frame : DataFrame
        One row for each area and year. ``status`` (optional) says why a figure is missing.
    value, lower, upper : str
        The columns of the figure and its interval; an interval that the frame does not have is
        not drawn.
    year, area : str
        The columns of years and of the names of areas.
    subject : str, optional
        The area in question, by name; by default Bolton, else the first that is neither
        England nor a region.
    title, subtitle : str, optional
        What is shown, and measure, unit, place and time; by default from the frame.
    label : str
        What the figures measure, with their unit.
    notes, sources : sequence of str
        Sentences below the chart; by default the attributions of the column ``source``.
    confidence : float, default 0.95
        The level of the interval, for the legend.
    illustrative : bool, default False
        Whether the figures are made up, which the chart shows; so does a row that is true in the
        column ``illustrative``.

    Returns
    -------
    Chart
        A notebook shows it; ``.save(path)`` writes PNG, SVG, PDF, HTML or CSV.

    Raises
    ------
    SchemaError
        When a column is missing, or an area has several rows for a year.
    UsageError
        When ``subject`` is not in the frame.

    Notes
    -----
    Design: Government Analysis Function, charts and colours. One colour for the area in question
    and greys for others; names at the ends of lines; a year without a figure breaks the line and
    has the sign of its state. Where the dictionary has a break of the indicator, the lines end and
    begin anew, and a note has what changed.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> rates = jsna.crude_rates(
    ...     jsna.load_children_in_need(["Bolton", "England"], indicators="referrals")
    ... )
    >>> chart_trend(rates).title
    'Referrals in Bolton, 2013 to 2025'
    """
    table = _frames.read(frame, [year, area], [value], chart="a trend", limits=[lower, upper])
    table[year] = whole_years(table, year)
    mine = _frames.subject_of(table, area, subject)
    _frames.one_row_each(table, area, year)
    columns = (value, lower, upper)
    limited = lower in table.columns and upper in table.columns
    first, last = int(table[year].min()), int(table[year].max())
    order = _frames.in_order(table, area, mine)
    roles = {each: _frames.role_of(table, area, each, mine) for each in order}
    series = {each: _rows(table, area, each, year, (first, last)) for each in order}
    level = _words.level(confidence)
    breaks = _words.breaks_of(table, first, last)
    marks, legend = _marks(
        series, roles, columns, mine, level=level if limited else "", breaks=breaks
    )
    what = _words.indicator_of(table) or label
    span = f"{first} to {last}" if last > first else str(first)
    places = _words.areas(order, roles, most=_MOST_NAMED)
    spec = ChartSpec(
        "trend",
        title or f"{what} in {mine}, {span}",
        subtitle if subtitle is not None else _words.sentence(label, places, _words.period(table)),
        year_axis(range(first, last + 1)) if last > first else year_axis([first - 1, first + 1]),
        number_axis(
            _values(table, columns, table[area].astype(str) == mine, limited=limited),
            # The subtitle has it otherwise.
            label if subtitle is not None else "",
            from_zero=True,
        ),
        tuple(marks),
        tuple(legend),
        (*(f"Break at {each}: {text}" for each, text in breaks.items()), *notes),
        tuple(attributions(table) if sources is None else sources),
        _described(series, columns, label, limited=limited),
        *_words.twin(
            table.sort_values([area, year], key=_frames.by_place(order), ignore_index=True),
            {
                area: "Area",
                year: "Year",
                value: label,
                lower: "Lower limit",
                upper: "Upper limit",
                "status": "State",
            },
        ),
        illustrative=_frames.made_up(table, illustrative=illustrative),
    )
    return Chart(spec)


def _rows(
    table: pd.DataFrame, area: str, name: str, year: str, span: tuple[int, int]
) -> list[dict[str, Any]]:
    """Return a row for each year of an area; a year without one is not available."""
    own = table[table[area].astype(str) == name].set_index(year)
    rows = own.to_dict(orient="index")
    missing = {"status": "not_available", "_absent": True}
    return [
        {**rows.get(each, missing), "_year": each, "_name": name}
        for each in range(span[0], span[1] + 1)
    ]


def _values(
    table: pd.DataFrame, columns: tuple[str, str, str], own: pd.Series, *, limited: bool
) -> list[float]:
    """Return every number that the chart has room for."""
    value, *limits = columns
    found = table[value].dropna().tolist()
    for each in limits if limited else ():
        found += table.loc[own, each].dropna().tolist()
    return [float(each) for each in found]


def _marks(
    series: dict[str, list[dict[str, Any]]],
    roles: dict[str, Role],
    columns: tuple[str, str, str],
    mine: str,
    *,
    level: str,
    breaks: Collection[int],
) -> tuple[list[Mark], list[LegendEntry]]:
    value, lower, upper = columns
    limited = bool(level)
    others = [each for each in series if roles[each] == "other"]
    named = len(others) <= _MOST_NAMED
    marks: list[Mark] = []
    legend: list[LegendEntry] = []
    own = series[mine]
    if limited:
        for part in _parts(own, value, lower, upper, breaks):
            band = tuple((row["_year"], float(row[lower]), float(row[upper])) for row in part)
            if len(band) > 1:
                marks.append(Band(band, "subject"))
            else:
                marks.append(Whisker(*band[0], along="y", role="subject"))
        if any(isinstance(each, Band) for each in marks):
            legend.append(LegendEntry("band", "subject", f"{level} interval of {mine}"))
        elif marks:
            legend.append(LegendEntry("whisker", "subject", f"{level} interval of {mine}"))
    if others and not named:
        legend.append(LegendEntry("line", "other", f"{len(others)} other areas"))
    marks += [
        Rule(each - 0.5, "x", "reference", label="Break", side="right") for each in sorted(breaks)
    ]
    for name in reversed(series):
        text = name if roles[name] != "other" or named else ""
        points = _points(series[name], value, breaks)
        marks.append(Line(points, roles[name], dashed=roles[name] == "england", label=text))
    # The area in question comes last, so that its dots lie above the others.
    for name in [*(each for each in series if each != mine), mine]:
        if roles[name] != "other":
            marks += _dots(series[name], value, lower, upper, roles[name], limited=limited)
    legend += _words.state_entries(row for row in own if not row.get("_absent"))
    return marks, legend


def _points(
    rows: list[dict[str, Any]], value: str, breaks: Collection[int]
) -> tuple[tuple[float, float] | None, ...]:
    """Return the points of a line, None where it is interrupted."""
    points: list[tuple[float, float] | None] = []
    for row in rows:
        points += [None] if row["_year"] in breaks else []
        known = _frames.has_number(row, value)
        points.append((float(row["_year"]), float(row[value])) if known else None)
    return tuple(points)


def _parts(
    rows: list[dict[str, Any]], value: str, lower: str, upper: str, breaks: Collection[int]
) -> list[list[dict[str, Any]]]:
    """Return the runs of years with a figure and its interval, ended by breaks."""
    runs: list[list[dict[str, Any]]] = [[]]
    for row in rows:
        known = _frames.has_number(row, value) and pd.notna(row[lower]) and pd.notna(row[upper])
        if not known or row["_year"] in breaks:
            runs.append([])
        if known:
            runs[-1].append(row)
    return [each for each in runs if each]


def _dots(
    rows: list[dict[str, Any]], value: str, lower: str, upper: str, role: Role, *, limited: bool
) -> list[Mark]:
    found: list[Mark] = []
    for row in rows:
        name = f"{row['_name']}, {row['_year']}"
        if _frames.has_number(row, value):
            limits = _words.interval(row[lower], row[upper]) if limited else ""
            said = f"{name}: {_words.number(row[value])}{limits}"
            found.append(Dot(float(row["_year"]), float(row[value]), role, said))
        elif role == "subject" and not row.get("_absent"):
            said = _frames.state_said(name, row["status"])
            found.append(StateMark(float(row["_year"]), "y", row["status"], said, 0.5, role))
    return found


def _described(
    series: dict[str, list[dict[str, Any]]],
    columns: tuple[str, str, str],
    label: str,
    *,
    limited: bool,
) -> str:
    """Return the chart in words: the first and last figure of the first areas."""
    value, lower, upper = columns
    texts = [f"Line chart of years: {label.lower()}, {len(series)} area{'s' * (len(series) > 1)}"]
    for name, rows in list(series.items())[:3]:
        known = [row for row in rows if _frames.has_number(row, value)]
        if not known:
            texts.append(f"{name} has no figure")
            continue
        ends = known[:1] + known[-1:] * (len(known) > 1)
        figures = " and ".join(
            f"{_words.number(row[value])} in {row['_year']}"
            + (_words.interval(row[lower], row[upper]) if limited else "")
            for row in ends
        )
        texts.append(f"{name}: {figures}")
    missing = [
        {"_named": f"{row['_name']} {row['_year']}", "status": row["status"]}
        for row in next(iter(series.values()))
        if not _frames.has_number(row, value) and not row.get("_absent")
    ]
    if missing:
        texts.append(_frames.listed_states(missing, "_named"))
    return _words.listed(texts)
