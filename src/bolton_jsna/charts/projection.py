"""Past figures and expected numbers of the years ahead, with intervals from past errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from bolton_jsna.charts import _frames, _words
from bolton_jsna.charts._chart import Chart
from bolton_jsna.charts._projection_rows import (
    MARKED,
    Drawn,
    headings_of,
    levels_of,
    past_rows,
    rows_of,
    said_before,
    sources_of,
    table_of,
)
from bolton_jsna.charts._spec import (
    Band,
    ChartSpec,
    Dot,
    LegendEntry,
    Line,
    Mark,
    Rule,
    StateMark,
)
from bolton_jsna.charts._ticks import number_axis, year_axis
from bolton_jsna.core import wording
from bolton_jsna.core.argument_types import checked
from bolton_jsna.measures._demand_rows import LABEL
from bolton_jsna.measures.backtest import DemandBacktest
from bolton_jsna.measures.demand_text import record as record_of
from bolton_jsna.measures.demand_text import scenario

_STRENGTHS: Final[tuple[Literal["light", "middle", "strong"], ...]] = ("light", "middle", "strong")


@checked
def chart_projection(
    projection: pd.DataFrame,
    rates: pd.DataFrame | None = None,
    *,
    measure: Literal["count", "rate"] = "count",
    record: DemandBacktest | pd.DataFrame | None = None,
    ahead: int = 1,
    subject: str | None = None,
    title: str | None = None,
    subtitle: str | None = None,
    label: str | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] | None = None,
    illustrative: bool = False,
) -> Chart:
    """Draw the expected numbers of the years ahead with their intervals, after those of the past.

    Parameters
    ----------
    projection : DataFrame
        What :func:`project_demand` returned.
    rates : DataFrame, optional
        Past figures of the area, such as those that were projected: ``area_name``, ``year``,
        ``indicator`` (optional), ``count`` or ``rate``, and ``status``. ``lower`` and ``upper``
        of a rate are drawn.
    measure : {"count", "rate"}
        Numbers, or rates per 10,000.
    record : DemandBacktest or DataFrame, optional
        What :func:`backtest_demand` returned for the area, or its ``misses``: what the method
        would have said for past years. Without it, what the projection has of its last year.
    ahead : int, default 1
        From how many years before the record's projections are.
    subject : str, optional
        The area, by name; by default Bolton, else the first of the projection.
    title, subtitle : str, optional
        What is shown, and measure, unit, place and time; by default from the projection.
    label : str, optional
        What the figures measure, with their unit.
    notes, sources : sequence of str
        Sentences below the chart, after the record of the method; by default the attributions of
        the column ``source``.
    illustrative : bool, default False
        Whether the figures are made up, which the chart shows; so does a row that is true in the
        column ``illustrative``.

    Returns
    -------
    Chart
        A notebook shows it; ``.save(path)`` writes PNG, SVG, PDF, HTML or CSV.

    Raises
    ------
    MissingDataError
        When the area cannot be projected; the message has the reason.
    SchemaError
        When a column is missing, or there are several rows for a year.
    UsageError
        When ``subject`` is not in the projection, or the record is of a rate.

    Notes
    -----
    The intervals are those of the projection: quantiles of past errors. A projection shows what
    would happen if past patterns went on; the chart has the label of the projection on its face,
    and the notes have the record of the method.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> rates = jsna.load_children_in_need("Bolton", indicators="referrals")
    >>> children = jsna.load_population_projections("Bolton")
    >>> found = jsna.project_demand(rates, children, indicator="referrals")
    >>> chart_projection(found, rates).title
    'Referrals in Bolton to 2035 if the rate of 2025 goes on'
    """
    ahead_rows = rows_of(projection, measure, subject)
    first = ahead_rows[0]
    mine, last = str(first["area_name"]), int(first["last_year"])
    past = past_rows(rates, first, measure)
    said = said_before(ahead_rows, record, measure, ahead)
    levels = levels_of(projection, measure)
    label = label or ("Number" if measure == "count" else "Per 10,000 children")
    drawn = Drawn(ahead_rows, past, said, levels, measure)
    what = _words.indicator_of(projection[projection["area_name"].eq(mine)]) or label
    years = [*(int(row["year"]) for row in [*past, *ahead_rows]), last]
    end = max(years)
    data = table_of(drawn)
    spec = ChartSpec(
        "projection",
        title or f"{what} in {mine} to {end} {scenario(first)}",
        subtitle
        if subtitle is not None
        else f"{_words.sentence(label, _words.period(projection))}: {LABEL}",
        year_axis(range(min(years), end + 1)),
        number_axis(_numbers(drawn), label if subtitle is not None else "", from_zero=True),
        tuple(_marks(drawn, last)),
        tuple(_legend(drawn, ahead if record is not None else 0)),
        (*record_of(ahead_rows), *notes),
        tuple(sources_of(projection, rates, mine) if sources is None else sources),
        _described(drawn, f"{what} in {mine}, {label[:1].lower()}{label[1:]}"),
        data,
        tuple((name, text) for name, text in headings_of(label, levels) if name in data.columns),
        digits=0 if measure == "count" else 1,
        illustrative=any(
            _frames.made_up(each, illustrative=illustrative)
            for each in (projection, rates)
            if each is not None
        ),
    )
    return Chart(spec)


def _numbers(drawn: Drawn) -> list[float]:
    """Return every number that the chart has room for."""
    found = [float(row[drawn.measure]) for row in [*drawn.past, *drawn.ahead]]
    found += [float(row["said"]) for row in drawn.said]
    for row in drawn.ahead:
        found += [end for level in drawn.levels for end in drawn.limits(row, level)]
    found += [float(row[end]) for row in drawn.past for end in ("lower", "upper") if end in row]
    return found


def _marks(drawn: Drawn, last: int) -> list[Mark]:
    marks: list[Mark] = []
    known = [row for row in drawn.past if _frames.has_number(row, drawn.measure)]
    begin = known[-1] if known and known[-1]["year"] == last else None
    start = [(float(last), float(begin[drawn.measure]))] if begin else []
    for level, strength in zip(drawn.levels, _STRENGTHS[-len(drawn.levels) :], strict=False):
        points = [(x, y, y) for x, y in start]
        points += [(float(row["year"]), *drawn.limits(row, level)) for row in drawn.ahead]
        marks.append(Band(tuple(points), "subject", strength))
    if all("lower" in row for row in drawn.past):
        marks += _past_bands(drawn.past)
    past = {int(row["year"]): row for row in drawn.past}
    years = range(min(past, default=last), last + 1)
    line = [
        (float(year), float(past[year][drawn.measure]))
        if year in past and _frames.has_number(past[year], drawn.measure)
        else None
        for year in years
    ]
    marks.append(Line(tuple(line), "subject"))
    expected = [(float(row["year"]), float(row[drawn.measure])) for row in drawn.ahead]
    marks.append(Line((*start, *expected), "subject", dashed=True))
    marks.append(Rule(last, "x", "reference", label=MARKED, side="right"))
    for row in drawn.past:
        year = int(row["year"])
        if not _frames.has_number(row, drawn.measure):
            said = _frames.state_said(str(year), row["status"])
            marks.append(StateMark(year, "y", row["status"], said, 0.5, "subject"))
            continue
        limits = _words.interval(row.get("lower", np.nan), row.get("upper", np.nan))
        text = f"{year}: {drawn.text(row[drawn.measure])}{limits}"
        marks.append(Dot(float(year), float(row[drawn.measure]), "subject", text))
    for row in drawn.said:
        text = f"{row['year']}, as said from {row['origin']}: {drawn.text(row['said'])}"
        marks.append(
            Dot(float(row["year"]), float(row["said"]), "region", text, "diamond", hollow=True)
        )
    for row in drawn.ahead:
        between = ", ".join(drawn.between(row, level) for level in drawn.levels[::-1])
        text = f"{row['year']}, {LABEL}: {drawn.text(row[drawn.measure])}, {between}"
        at = (float(row["year"]), float(row[drawn.measure]))
        marks.append(Dot(*at, "subject", text, hollow=True))
    return marks


def _past_bands(rows: list[dict[str, Any]]) -> list[Mark]:
    """Return the intervals of past rates, years without one left out."""
    runs: list[list[tuple[float, float, float]]] = [[]]
    for row in rows:
        if pd.isna(row["lower"]) or pd.isna(row["upper"]):
            runs.append([])
        else:
            runs[-1].append((float(row["year"]), float(row["lower"]), float(row["upper"])))
    return [Band(tuple(each), "subject") for each in runs if len(each) > 1]


def _legend(drawn: Drawn, ahead: int) -> list[LegendEntry]:
    entries = [LegendEntry("line", "subject", "Past years")] if drawn.past else []
    entries.append(LegendEntry("hollow", "subject", "Expected"))
    entries += [
        LegendEntry("band", "subject", f"{level.replace('_', '.')}% interval", strength)
        for level, strength in zip(
            drawn.levels[::-1], _STRENGTHS[-len(drawn.levels) :][::-1], strict=False
        )
    ]
    if drawn.said:
        years = f"{ahead} year{'s' * (ahead != 1)} before"
        if not ahead:
            years = f"in {_listed_years(drawn.said)}"
        text = f"What this method would have said {years}"
        entries.append(LegendEntry("hollow", "region", text, shape="diamond"))
    return [*entries, *_words.state_entries(drawn.past)]


def _listed_years(said: list[dict[str, Any]]) -> str:
    return wording.listed(
        [str(row["origin"]) for row in sorted(said, key=lambda row: -row["origin"])]
    )


def _described(drawn: Drawn, what: str) -> str:
    """Return the chart in words: past, the first and last year ahead, and what it is."""
    first, last = drawn.ahead[0], drawn.ahead[-1]
    texts = [f"Line chart of years: {what}: {LABEL}"]
    known = [row for row in drawn.past if _frames.has_number(row, drawn.measure)]
    if known:
        ends = known[:1] + known[-1:] * (len(known) > 1)
        texts.append(
            "Past: "
            + wording.listed([f"{drawn.text(row[drawn.measure])} in {row['year']}" for row in ends])
        )
    main = "80" if "80" in drawn.levels else drawn.levels[0]
    ends = [first, last] if last is not first else [first]
    texts.append(
        "Expected: "
        + wording.listed(
            [
                f"{drawn.text(row[drawn.measure])} in {row['year']} ({drawn.between(row, main)})"
                for row in ends
            ]
        )
    )
    hidden = [{"_year": str(int(row["year"])), "status": row["status"]} for row in drawn.past]
    return _words.listed([*texts, _frames.listed_states(hidden, "_year")])
