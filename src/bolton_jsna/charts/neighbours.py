"""An area among its statistical neighbours, ranked by a rate, with what is usual among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from bolton_jsna.charts import _frames, _words
from bolton_jsna.charts._chart import Chart
from bolton_jsna.charts._spec import (
    Band,
    ChartSpec,
    Dot,
    LegendEntry,
    Mark,
    Role,
    Rule,
    Side,
    StateMark,
    Whisker,
)
from bolton_jsna.charts._ticks import category_axis, number_axis
from bolton_jsna.core import wording
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.errors import UsageError
from bolton_jsna.drawing.attribution import attributions
from bolton_jsna.measures._short_tables import outside_by_chance
from bolton_jsna.measures.comparison import NeighbourComparison


@checked
def chart_neighbours(
    comparison: NeighbourComparison | pd.DataFrame,
    *,
    rate: str = "rate",
    lower: str = "lower",
    upper: str = "upper",
    area: str = "area_name",
    subject: str | None = None,
    usual: tuple[float, float] | None = None,
    title: str | None = None,
    subtitle: str | None = None,
    label: str | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] | None = None,
    confidence: float | None = None,
    illustrative: bool = False,
) -> Chart:
    """Draw an area among its statistical neighbours, ranked by their rates.

    Parameters
    ----------
    comparison : NeighbourComparison or DataFrame
        What :func:`compare_with_neighbours` returned for one indicator and year, or a frame with
        one row for each area. ``status`` (optional) says why a rate is missing. England, by its
        code or name, is a line; regions are left out.
    rate, lower, upper, area : str
        The columns of a frame: the rate, its interval (optional) and the names of areas.
    subject : str, optional
        The area in question, by name; by default that of the comparison, else Bolton,
        else the first of the frame that is neither England nor a region.
    usual : (float, float), optional
        What is usual among the neighbours, as a band; by default that of the comparison. A frame
        has none.
    title, subtitle : str, optional
        What is shown, and measure, unit, place and time; by default from the comparison or frame.
    label : str, optional
        What the rates measure, with their unit; by default per 10,000 children.
    notes, sources : sequence of str
        Sentences below the chart; by default the attributions of the column ``source``.
    confidence : float, optional
        The level of the intervals, for the legend; by default that of the comparison, else 0.95.
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
        When a column is missing, or an area has several rows.
    UsageError
        When ``subject`` is not in the frame, or ``usual`` is not a low and a high number.

    Notes
    -----
    The band is the prediction interval for a further area like the neighbours (Higgins, Thompson
    and Spiegelhalter 2009), see :func:`compare_with_neighbours`. An area without a rate is below
    the others, with the sign of its state.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> chart = chart_neighbours(jsna.compare_with_neighbours("Bolton", "referrals"))
    >>> chart.title
    'Referrals in Bolton and its statistical neighbours, 2025'
    >>> chart.data["area_name"].tolist()[7]
    'Bolton'
    """
    given = _given(comparison, confidence=confidence, usual=usual)
    label = label or f"Per {given.per:,.0f} children"
    table = _frames.read(
        given.table,
        [area],
        [rate],
        chart="a comparison with neighbours",
        limits=[lower, upper],
    )
    _frames.one_row_each(table, area)
    mine = _frames.subject_of(table, area, subject)
    roles = {each: _frames.role_of(table, area, each, mine) for each in table[area].astype(str)}
    kinds = table[area].astype(str).map(roles)
    rows = _ranked(table[kinds.isin(["subject", "other"])], area, rate)
    england = table[kinds == "england"]
    drawn = _Drawn(rows, england.to_dict(orient="records"), (area, rate, lower, upper), mine)
    marks, legend = _marks(drawn, given)
    values = [
        *(
            row.get(name, np.nan)
            for row in [*rows, *drawn.england]
            for name in (rate, lower, upper)
        ),
        *(given.usual or ()),
    ]
    spec = ChartSpec(
        "neighbours",
        title or _title(table, mine),
        subtitle if subtitle is not None else _subtitle(table, given, label, len(rows)),
        number_axis(values, label if subtitle is not None else ""),
        category_axis([str(row[area]) for row in rows]),
        tuple(marks),
        tuple(legend),
        (*_notes(given, mine), *notes),
        tuple(attributions(table) if sources is None else sources),
        _described(drawn, given, label),
        *_words.twin(
            pd.DataFrame(drawn.every),
            {
                area: "Area",
                rate: label,
                lower: "Lower limit",
                upper: "Upper limit",
                "status": "State",
            },
        ),
        rows_tall=len(rows),
        illustrative=_frames.made_up(table, illustrative=illustrative),
        side_headings=("Rate",),
    )
    return Chart(spec)


@dataclass(frozen=True)
class _Given:
    """A table of rates, and what a comparison knows of them."""

    table: pd.DataFrame
    level: str
    usual: tuple[float, float] | None = None
    per: float = 10_000
    summary: Mapping[str, Any] = field(default_factory=dict)


def _given(
    comparison: NeighbourComparison | pd.DataFrame,
    *,
    confidence: float | None,
    usual: tuple[float, float] | None,
) -> _Given:
    """Return what there is to draw, with the options in place of what a comparison has."""
    if usual is not None and not (
        len(usual) == 2 and all(map(is_number, usual)) and usual[0] <= usual[1]
    ):
        raise UsageError(
            f"usual={usual!r} is not a range. Write the low and the high end, such as (340, 1020)."
        )
    if isinstance(comparison, pd.DataFrame):
        return _Given(comparison, _words.level(confidence or 0.95), usual)
    summary = comparison.summary
    ends = (float(summary["usual_lower"]), float(summary["usual_upper"]))
    if usual is None and not any(map(np.isnan, ends)):
        usual = ends
    level = _words.level(confidence or summary["confidence"])
    return _Given(comparison.table, level, usual, comparison.per, summary)


@dataclass(frozen=True)
class _Drawn:
    """The rows of the chart from the top, England's, the columns and the area in question."""

    rows: list[dict[str, Any]]
    england: list[dict[str, Any]]
    columns: tuple[str, str, str, str]
    mine: str

    @property
    def every(self) -> list[dict[str, Any]]:
        """The rows of the table: those of the chart, then England's."""
        return [*self.rows, *self.england]


def _ranked(table: pd.DataFrame, area: str, rate: str) -> list[dict[str, Any]]:
    """Return rows from the highest rate to the lowest, then those without a rate by name."""
    rows: list[dict[str, Any]] = table.to_dict(orient="records")
    return sorted(
        rows,
        key=lambda row: (
            not _frames.has_number(row, rate),
            -row[rate] if _frames.has_number(row, rate) else 0.0,
            str(row[area]),
        ),
    )


def _marks(drawn: _Drawn, given: _Given) -> tuple[list[Mark], list[LegendEntry]]:
    area, rate, lower, upper = drawn.columns
    marks: list[Mark] = []
    legend: list[LegendEntry] = []
    if given.usual is not None:
        low, high = given.usual
        ends = (-0.5, len(drawn.rows) - 0.5)
        marks.append(Band(((low, *ends), (high, *ends)), "other"))
        legend.append(LegendEntry("band", "other", f"Usual range of areas like {drawn.mine}"))
    for row in drawn.england:
        if _frames.has_number(row, rate):
            text = f"{row[area]} {_words.number(row[rate])}"
            marks.append(Rule(float(row[rate]), "x", "england", label=text))
    whiskers = False
    for at, row in enumerate(drawn.rows):
        role: Role = "subject" if str(row[area]) == drawn.mine else "other"
        if not _frames.has_number(row, rate):
            said = _frames.state_said(str(row[area]), row["status"])
            marks.append(StateMark(at, "x", row["status"], said, role=role))
            continue
        limits = (row.get(lower, np.nan), row.get(upper, np.nan))
        if not any(map(pd.isna, limits)):
            marks.append(Whisker(at, float(limits[0]), float(limits[1]), "x", role))
            whiskers = True
        said = f"{row[area]}: {_words.number(row[rate])}{_words.interval(*limits)}"
        marks.append(Dot(float(row[rate]), at, role, said))
        marks.append(Side(at, (_words.number(row[rate]),), role))
    if whiskers:
        legend.append(LegendEntry("whisker", "other", f"{given.level} interval of a rate"))
    return marks, [*legend, *_words.state_entries(drawn.rows)]


def _title(table: pd.DataFrame, mine: str) -> str:
    what = _words.indicator_of(table) or "Rates"
    year = _words.year_of(table)
    return f"{what} in {mine} and its statistical neighbours{f', {year}' if year else ''}"


def _subtitle(table: pd.DataFrame, given: _Given, label: str, areas: int) -> str:
    model = f"DfE model of {given.summary['model']}" if given.summary.get("model") else ""
    ranked = "ranked by rate" if areas > 1 else ""
    return _words.sentence(label, _words.when(table), ranked, model)


def _notes(given: _Given, mine: str) -> list[str]:
    """Return where the area lies among its neighbours, in the words of its verdict."""
    summary = given.summary
    if not summary:
        return []
    text = wording.usual_range(
        summary["against_neighbours"],
        *(summary[f"usual_{end}"] for end in ("lower", "centre", "upper")),
        rate=summary["rate"],
        reason=summary["against_neighbours_reason"],
    )
    used = f"{summary['used']} of {summary['of']} neighbours have a rate."
    first = f"Usual range of areas like {mine} ({given.level}): {text}. {used}"
    return [each for each in (first, outside_by_chance(summary), summary["note"]) if each]


def _described(drawn: _Drawn, given: _Given, label: str) -> str:
    """Return the chart in words: the area, England, the ends, and who has no rate."""
    area, rate, lower, upper = drawn.columns
    others = len(drawn.rows) - 1
    texts = [
        f"Dot chart, ranked: {label[:1].lower()}{label[1:]}, {drawn.mine} and {others} other "
        f"area{'s' * (others != 1)}"
    ]
    known = [row for row in drawn.rows if _frames.has_number(row, rate)]
    for at, row in enumerate(known):
        if str(row[area]) == drawn.mine:
            limits = _words.interval(row.get(lower, np.nan), row.get(upper, np.nan))
            place = _rank(given.summary, given.level) or f"place {at + 1} of {len(known)}"
            texts.append(f"{drawn.mine}: {_words.number(row[rate])}{limits}, {place}")
    texts += [
        f"England: {_words.number(row[rate])}"
        for row in drawn.england
        if _frames.has_number(row, rate)
    ]
    if len(known) > 1:
        ends = [f"{known[at][area]} {_words.number(known[at][rate])}" for at in (0, -1)]
        texts.append(f"The rates go from {ends[0]} to {ends[1]}")
    if given.usual is not None:
        texts.append("Usual range: {} to {}".format(*map(_words.number, given.usual)))
    return _words.listed([*texts, _frames.listed_states(drawn.rows, area)])


def _rank(summary: Mapping[str, Any], level: str) -> str:
    """Return the rank of the area with its interval, empty where it is not known."""
    if not summary:
        return ""
    place, of, first, last = (summary[f"rank{end}"] for end in ("", "_of", "_first", "_last"))
    return wording.rank(place, of, first, last, level)
