"""Two figures of small areas against each other, such as deprivation and referrals of wards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from bolton_jsna.charts import _frames, _words
from bolton_jsna.charts._chart import Chart
from bolton_jsna.charts._spec import (
    ChartSpec,
    Dot,
    LegendEntry,
    Line,
    Mark,
    Role,
    StateMark,
    Whisker,
)
from bolton_jsna.charts._ticks import number_axis
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import is_number
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.drawing.attribution import attributions
from bolton_jsna.measures._frame_columns import numbers
from bolton_jsna.measures.association import DeprivationAssociation
from bolton_jsna.measures.association_text import CAUTION

_FEW: Final = 30
"""With fewer areas than this, one or two can change a line much."""

_BENDS: Final = (
    "The line is straight over the order of the areas, so it bends over what is shown here."
)

_LABELS: Final = {
    "idaci_score": "IDACI score",
    "idaci_rank": "IDACI rank (1 is the most deprived)",
    "idaci_decile": "IDACI decile (1 is the most deprived)",
}


@checked
def chart_scatter(
    frame: pd.DataFrame,
    x: str = "idaci_score",
    y: str = "rate",
    association: DeprivationAssociation | None = None,
    *,
    lower: str = "lower",
    upper: str = "upper",
    area: str = "area_name",
    subject: str | None = None,
    named: int | Sequence[str] = 4,
    areas: str | None = None,
    per: float = 10_000,
    title: str | None = None,
    subtitle: str | None = None,
    label: str = "Per 10,000 children",
    x_label: str | None = None,
    confidence: float = 0.95,
    notes: Sequence[str] = (),
    sources: Sequence[str] | None = None,
    illustrative: bool = False,
) -> Chart:
    """Draw two figures of areas against each other, with the fitted line of an association.

    Parameters
    ----------
    frame : DataFrame
        One row for each area. ``status`` (optional) says why a figure is missing.
    x, y : str
        The columns of the figure across, such as deprivation, and of the rate.
    association : DeprivationAssociation, optional
        The result of :func:`deprivation_association` for the same areas: its line is drawn, and
        its sentence is below the chart.
    lower, upper : str
        The columns of the interval of ``y``; an interval that the frame does not have is not drawn.
    area : str
        The column of the names of areas.
    subject : str, optional
        An area to show in colour, by name; the others are grey.
    named : int or sequence of str, default 4
        Which areas have their names: so many that are furthest from the line (without a line, from
        the middle of the areas), or those listed. A name without a free place is left out.
    areas : str, optional
        What the areas are, such as ``wards``; by default as the association has it.
    per : float, default 10 000
        The number of people that ``y`` is for, by which the line is drawn.
    title, subtitle : str, optional
        What is shown, and measure, unit, place and time; by default from the frame.
    label, x_label : str
        What ``y`` and ``x`` measure, with their units.
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
        When a column is missing, or an area has several rows.
    UsageError
        When ``subject`` or a name of ``named`` is not in the frame, or the association is of
        another column than ``x``.

    Notes
    -----
    What is true of areas may not be true of families in them (Robinson 1950): the chart has this
    caution below it, and another where there are fewer than 30 areas. The line of an association
    whose step is a tenth of the areas is straight over the ranks of the areas, so it bends over
    their scores.

    Examples
    --------
    >>> import pandas as pd
    >>> wards = pd.DataFrame({
    ...     "area_name": ["Astley Bridge", "Breightmet", "Great Lever", "Halliwell"],
    ...     "idaci_score": [0.19, 0.33, 0.37, 0.41],
    ...     "rate": [310.0, 520.0, 610.0, 560.0],
    ... })
    >>> chart_scatter(wards, areas="wards", illustrative=True).title
    'Rates and IDACI score of 4 wards'
    """
    limits = (lower, upper)
    table = _frames.read(
        frame, [area, x], [y], chart="a scatter chart", limits=limits, optional=["count"]
    )
    table = table.assign(**{x: numbers(table, x, least=None)})
    _frames.one_each(table, [area], "area")
    table = table.sort_values([x, area], ignore_index=True)
    if subject is not None:
        _frames.subject_of(table, area, subject)
    if association is not None:
        _of_the_same(association, x)
        fitted = _fitted(table[x], association, x, per)
        table["fitted"] = fitted.where(table["status"].isin(NUMERIC))
    measure = _frames.Measure.of(table, y, *limits)
    rows = table.to_dict(orient="records")
    placed = [row for row in rows if pd.notna(row[x])]
    known = [row for row in placed if _frames.has_number(row, y)]
    kind = areas or (association.summary["areas"] if association is not None else "areas")
    across = x_label or _LABELS.get(x) or x.replace("_", " ").capitalize()
    digits = _words.decimals(table[x])
    shown = {subject} if subject is not None else set()
    most = int(named) if is_number(named) else named
    shown |= _named(known, most, (area, x, y), set(table[area].astype(str)))
    marks: list[Mark] = []
    legend: list[LegendEntry] = []
    if association is not None and (line := _line(association, x, per)) is not None:
        marks.append(line)
        legend.append(LegendEntry("dashed", "third", "Fitted line"))
    for row in placed:
        mine = subject is not None and row[area] == subject
        name = str(row[area])
        if not _frames.has_number(row, y):
            said = _frames.state_said(name, row["status"])
            marks.append(StateMark(row[x], "y", row["status"], said, thickness=0.0))
            continue
        role: Role = "subject" if mine else "first" if subject is None else "other"
        if between := measure.limits(row):
            marks.append(Whisker(row[x], *between, "y", "other"))
        said = (
            f"{name}: {_words.lower_first(label)} {measure.written(row)}; "
            f"{across} {_words.number(row[x], digits)}"
        )
        marks.append(Dot(row[x], row[y], role, said, label=name if name in shown else ""))
    if subject is not None:
        marks.sort(key=lambda each: getattr(each, "role", "") == "subject")
    if any(isinstance(each, Whisker) for each in marks):
        legend.append(LegendEntry("whisker", "other", f"{_words.level(confidence)} interval"))
    legend += _words.state_entries(placed)
    what = _words.indicator_of(table) or "Rates"
    place, year = _frames.only_one(table, "place_name"), _frames.only_one(table, "year")
    whole = f"{what} and {across.partition(' (')[0]} of {len(rows)} {kind}"
    whole += (f" in {place}" if place else "") + (f", {year}" if year else "")
    data, headings = _words.twin(
        table,
        {
            area: "Area",
            x: across,
            "count": "Count",
            "population": "Population",
            y: label,
            lower: "Lower limit",
            upper: "Upper limit",
            "fitted": "On the fitted line",
            "status": "State",
        },
    )
    heights = table["fitted"].dropna() if "fitted" in table.columns else ()
    unplaced = [str(row[area]) for row in rows if pd.isna(row[x])]
    return Chart(
        ChartSpec(
            "scatter",
            title or whole,
            subtitle
            if subtitle is not None
            else _words.sentence(f"{label} against {across}", _words.period(table)),
            number_axis(table[x].dropna(), across),
            number_axis([*measure.numbers(table), *heights], label, from_zero=True),
            tuple(marks),
            tuple(legend),
            (*_cautions(len(placed), unplaced, association, kind, across), *notes),
            tuple(attributions(table) if sources is None else sources),
            _described(
                rows, measure, association, names=(area, x), words=(label, across), kind=kind
            ),
            data,
            headings,
            illustrative=_frames.made_up(table, illustrative=illustrative),
        )
    )


def _of_the_same(association: DeprivationAssociation, x: str) -> None:
    """Reject an association of another column."""
    if association.summary["deprivation"] != x:
        raise UsageError(
            f"The association is of {association.summary['deprivation']!r}, and x is {x!r}. "
            f"Measure it for the chart: deprivation_association(frame, {x!r})."
        )


def _fitted(
    values: pd.Series, association: DeprivationAssociation, x: str, per: float
) -> pd.Series:
    """Return the rate on the line for each area that the line is of."""
    line = association.fitted.set_index(x)["expected"]
    return pd.Series(values.map(line) * per, dtype=float)


def _line(association: DeprivationAssociation, x: str, per: float) -> Line | None:
    """Return the fitted line, None where there is none."""
    if association.fitted.empty:
        return None
    line = association.fitted
    points = zip(line[x], line["expected"] * per, strict=True)
    return Line(tuple((float(at), float(rate)) for at, rate in points), "third", dashed=True)


def _named(
    known: Sequence[dict[str, Any]],
    named: int | Sequence[str],
    columns: tuple[str, str, str],
    there: set[str],
) -> set[str]:
    """Return the areas that have their names in the chart."""
    if not isinstance(named, int):
        listed = {named} if isinstance(named, str) else set(named)
        unknown = sorted(listed - there)
        if unknown:
            raise UsageError(
                f"named= has {some(unknown)}, which {columns[0]!r} does not have. It has "
                f"{some(sorted(there), most=12, like=unknown[0])}."
            )
        return listed
    if named < 0:
        raise UsageError(f"named={named} is below zero. Write how many areas have their names.")
    area, x, y = columns
    rows = pd.DataFrame(list(known), columns=[area, x, y, "fitted"])
    spread = rows[[x, y]].std(ddof=0).replace(0.0, 1.0)
    if rows["fitted"].notna().any():
        far = (rows[y] - rows["fitted"]).abs()
    else:
        far = (((rows[[x, y]] - rows[[x, y]].mean()) / spread) ** 2).sum(axis=1)
    return set(rows.loc[far.sort_values(ascending=False, kind="stable").index[:named], area])


def _cautions(
    number: int,
    unplaced: Sequence[str],
    found: DeprivationAssociation | None,
    kind: str,
    across: str,
) -> list[str]:
    """Return the sentence of the association, the cautions and what is not in the chart."""
    texts = [
        CAUTION
        if found is None
        else str(found.summary["sentence"]).replace(found.summary["deprivation"], across)
    ]
    if (
        found is not None
        and not found.fitted.empty
        and "tenth of the areas" in found.summary["step"]
    ):
        texts.append(_BENDS)
    if number < _FEW:
        texts.append(
            f"These are few {kind} ({number}): one or two of them can change the picture much."
        )
    if unplaced:
        texts.append(f"Not in the chart, because the {across} is missing: {some(unplaced)}.")
    return texts


def _described(
    rows: Sequence[dict[str, Any]],
    measure: _frames.Measure,
    found: DeprivationAssociation | None,
    *,
    names: tuple[str, str],
    words: tuple[str, str],
    kind: str,
) -> str:
    """Return the chart in words: the areas at both ends, the rate ratio and states."""
    area, x = names
    known = [row for row in rows if _frames.has_number(row, measure.value) and pd.notna(row[x])]
    texts = [
        f"Scatter chart of {len(rows)} {kind}: {_words.lower_first(words[0])} against {words[1]}"
    ]
    if known:
        ends = sorted(known, key=lambda row: row[measure.value])
        texts.append(
            f"The rates go from {measure.written(ends[0])} in {ends[0][area]} to "
            f"{measure.written(ends[-1])} in {ends[-1][area]}"
            if len(known) > 1
            else f"{ends[0][area]}: {measure.written(ends[0])}"
        )
    if found is not None:
        ratio = found.table.set_index("measure").loc["rate_ratio"]
        if ratio["status"] == "value":
            limits = _words.interval(ratio["lower"], ratio["upper"], 2)
            texts.append(f"Rate ratio for {found.summary['step']}: {ratio['estimate']:.2f}{limits}")
    return _words.listed([*texts, _frames.listed_states(rows, area)])
