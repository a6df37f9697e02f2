"""A spine chart: the indicators of an area, each with England in the middle of its own scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from bolton_jsna.charts import _frames, _words
from bolton_jsna.charts._chart import Chart
from bolton_jsna.charts._spec import (
    Axis,
    Band,
    ChartSpec,
    Dot,
    DotShape,
    LegendEntry,
    Mark,
    Role,
    Rule,
    Side,
    StateMark,
    Whisker,
)
from bolton_jsna.charts._ticks import category_axis
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.core.states import LABELS, NUMERIC, SIGNS
from bolton_jsna.drawing.attribution import attributions
from bolton_jsna.measures._frame_columns import numbers as numbers_of

_COMPARATORS: Final = ("neighbours_lowest", "neighbours_highest")
_USUAL: Final = ("usual_lower", "usual_upper")
_NEEDED: Final = ("area_name", "title", "unit", "england", "against_england", *_COMPARATORS)
_CENT: Final = "per cent"
_COMMON: Final = "per 10,000"

_CHANCE: Final = (
    "The shapes show the verdict against England: a difference is named where it is more than "
    "chance in the counts. Each verdict is at 5 per cent, so of 20 indicators that do not differ "
    "about one has such a verdict by chance."
)
_OWN_SCALE: Final = (
    "Each row has its own scale: as far as the figures of its own indicator reach. Distances of "
    "different rows are not compared."
)
_NO_SCALE: Final = (
    "An indicator without figures of England or of the neighbours has no place on a scale, and a "
    "state in its row."
)


@dataclass(frozen=True)
class _Look:
    """How a verdict against England is drawn and named."""

    role: Role
    shape: DotShape
    hollow: bool
    text: str


_LOOKS: Final = {
    "higher": _Look("fourth", "triangle", False, "Higher than England"),
    "similar": _Look("reference", "circle", False, "Similar to England"),
    "lower": _Look("first", "triangle_down", False, "Lower than England"),
    "not_compared": _Look("reference", "circle", True, "Not compared with England"),
}


@checked
def chart_spine(
    profile: pd.DataFrame,
    *,
    title: str | None = None,
    subtitle: str | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] | None = None,
    illustrative: bool = False,
) -> Chart:
    """Draw the indicators of an area in rows, England in the middle of each.

    Parameters
    ----------
    profile : DataFrame
        The panel of one area, as :func:`bolton_jsna.profile` gives it, or some of its rows. They
        are drawn in their order, or in that of the categories of a categorical ``title``.
    title, subtitle : str, optional
        What is shown, and measure, unit, place and time; by default from the panel.
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
        When a column of a profile is missing, or there are several areas or an indicator has
        several rows.

    Notes
    -----
    In each row England is the middle and the scale is the same to both sides. It reaches as far as
    the lowest and highest of the statistical neighbours, the usual range among them and the figure
    of the area with its interval. The colour and the shape of the area's dot both show its verdict
    against England. A row without England or neighbours keeps its figure and has a state in place
    of the dot.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> panel = jsna.profile("Bolton", indicators=["referrals", "re_referrals_within_12_months"])
    >>> chart_spine(panel).title
    'Indicators of Bolton, 2025'
    """
    table = _frames.read(
        pd.DataFrame(profile),
        _NEEDED,
        ["value"],
        chart="a spine chart",
        limits=["lower", "upper"],
    )
    place = _one_area(table)
    _frames.one_each(table, ["title"], "indicator")
    order = _frames.in_sequence(table, "title")
    table["title"] = table["title"].astype(str)
    table = table.iloc[table["title"].map(order.index).argsort()].reset_index(drop=True)
    for name in ("england", *_COMPARATORS, *_USUAL):
        if name in table.columns:
            table[name] = numbers_of(table, name, least=None)
    if "year" in table.columns:
        usual_year = table["year"].mode().iloc[0]
        others = table["year"] != usual_year
        table.loc[others, "title"] += " (" + table.loc[others, "year"].astype(str) + ")"
    else:
        usual_year = ""
    # The states of the columns that are not about the area's own figure.
    table = table.assign(neighbours_status="not_available", usual_status="not_available")
    if "england_status" not in table.columns:
        table["england_status"] = "not_available"
    measure = _frames.Measure.of(table, "value", "lower", "upper")
    rows = table.to_dict(orient="records")
    marks: list[Mark] = [Rule(0.0, "x", "england", dashed=False, label="England")]
    for at, row in enumerate(rows):
        marks += _row(row, float(at), measure)
    data, headings = _words.twin(
        table,
        {
            "title": "Indicator",
            "period": "Period",
            "unit": "Unit",
            "value": place,
            "lower": "Lower limit",
            "upper": "Upper limit",
            "england": "England",
            "neighbours_lowest": "Lowest of the neighbours",
            "neighbours_highest": "Highest of the neighbours",
            "usual_lower": "Usual range from",
            "usual_upper": "Usual range to",
            "against_england": "Against England",
            "status": "State",
        },
    )
    states = ("england_status", "neighbours_status", "usual_status")
    drawn = [each for each in marks if isinstance(each, StateMark)]
    return Chart(
        ChartSpec(
            "spine",
            title or f"Indicators of {place}" + (f", {usual_year}" if usual_year else ""),
            subtitle
            if subtitle is not None
            else "Rates per 10,000 and percentages (%), each on its own scale with England in the "
            "middle",
            Axis("", -1.06, 1.06, ()),
            category_axis([_named(row) for row in rows]),
            tuple(marks),
            (*_legend(marks), *_words.state_entries({"status": s.status} for s in drawn)),
            (*_notes(rows, marks), *notes),
            tuple(attributions(table) if sources is None else sources),
            _described(rows, place, measure),
            data.join(table[[each for each in states if each not in data.columns]]),
            headings,
            rows_tall=len(rows),
            illustrative=_frames.made_up(table, illustrative=illustrative),
            side_headings=(place, "England"),
        )
    )


def _one_area(table: pd.DataFrame) -> str:
    """Return the area of a panel."""
    names = table["area_name"].astype(str).unique()
    if len(names) != 1:
        raise SchemaError(
            f"The panel has {len(names)} areas: {some(names)}. Expected one. Choose it: "
            "panel[panel['area_name'] == ...]."
        )
    return str(names[0])


def _named(row: Mapping[str, Any]) -> str:
    """Return the title of an indicator, with its unit where it is neither of the usual two."""
    unit = str(row["unit"])
    return str(row["title"]) + ("" if unit in (_CENT, _COMMON) else f", {unit}")


def _figure(row: Mapping[str, Any], measure: _frames.Measure) -> str:
    """Return the figure of the area with its interval, or the sign of its state."""
    if not _frames.has_number(dict(row), measure.value):
        return SIGNS[row["status"]]
    text = measure.written(row)
    if row["unit"] != _CENT:
        return text
    first, *rest = text.split(" ", 1)
    return " ".join([f"{first}%", *rest])


def _england(row: Mapping[str, Any]) -> str:
    if pd.isna(row["england"]):
        return SIGNS.get(row["england_status"], SIGNS["not_available"])
    return _words.number(row["england"]) + ("%" if row["unit"] == _CENT else "")


def _look(row: Mapping[str, Any]) -> _Look:
    return _LOOKS.get(str(row["against_england"]), _LOOKS["not_compared"])


def _row(row: Mapping[str, Any], at: float, measure: _frames.Measure) -> list[Mark]:
    """Return the marks of an indicator."""
    figure, england = _figure(row, measure), _england(row)
    marks: list[Mark] = [Side(at, (figure, england), "reference")]
    name = _named(row)
    if not _frames.has_number(dict(row), measure.value):
        said = f"{_frames.state_said(name, row['status'])}; England {england}"
        return [*marks, StateMark(at, "x", row["status"], said)]
    missing = [each for each in ("england", *_COMPARATORS) if pd.isna(row[each])]
    look = _look(row)
    said = f"{name}: {figure}; England {england}; {_words.lower_first(look.text)}"
    if missing:
        state = "not_available"
        if "england" in missing and row["england_status"] not in NUMERIC:
            state = str(row["england_status"])
        of = "England" if "england" in missing else "the neighbours"
        why = f"figures of {of}: {LABELS[state].lower()}, so no place on the scale"
        return [*marks, StateMark(at, "x", state, f"{said}; {why}")]
    scale = _Scale.of(row, measure)
    if pd.notna(row.get(_USUAL[0])) and pd.notna(row.get(_USUAL[1])):
        marks.append(scale.band(row, _USUAL, at, 0.34, "light"))
    marks.append(scale.band(row, _COMPARATORS, at, 0.07, "strong"))
    if limits := measure.limits(row):
        low, high = (scale.at(each) for each in limits)
        marks.append(Whisker(at, low, high, "x", look.role))
    x = scale.at(row[measure.value])
    marks.append(Dot(x, at, look.role, said, shape=look.shape, hollow=look.hollow))
    return marks


@dataclass(frozen=True)
class _Scale:
    """The scale of a row: England at 0, as far to the left as to the right."""

    middle: float
    reach: float

    @classmethod
    def of(cls, row: Mapping[str, Any], measure: _frames.Measure) -> _Scale:
        """Return the scale that holds every figure of a row."""
        values = [row[each] for each in (measure.value, *_COMPARATORS)]
        values += [row.get(each) for each in _USUAL]
        values += measure.limits(row) or ()
        middle = float(row["england"])
        return cls(
            middle, max(abs(float(each) - middle) for each in values if pd.notna(each)) or 1.0
        )

    def at(self, value: float) -> float:
        """Return the place of a value."""
        return (float(value) - self.middle) / self.reach

    def band(
        self,
        row: Mapping[str, Any],
        columns: Sequence[str],
        at: float,
        half: float,
        strength: Any,
    ) -> Band:
        """Return a band from one figure to another along a row."""
        ends = (self.at(row[each]) for each in columns)
        return Band(tuple((x, at - half, at + half) for x in ends), "other", strength)


def _legend(marks: Sequence[Mark]) -> list[LegendEntry]:
    """Return what the shapes and bands are, of those that the chart has."""
    dots = {(each.role, each.shape, each.hollow) for each in marks if isinstance(each, Dot)}
    entries = [
        LegendEntry("hollow" if look.hollow else "dot", look.role, look.text, shape=look.shape)
        for look in _LOOKS.values()
        if (look.role, look.shape, look.hollow) in dots
    ]
    bands = {each.strength for each in marks if isinstance(each, Band)}
    if any(isinstance(each, Whisker) for each in marks):
        entries.append(LegendEntry("whisker", "reference", "95% interval"))
    if "strong" in bands:
        text = "Lowest to highest of the statistical neighbours"
        entries.append(LegendEntry("band", "other", text, strength="strong"))
    if "light" in bands:
        text = "Usual range among statistical neighbours"
        entries.append(LegendEntry("band", "other", text))
    return entries


def _notes(rows: Sequence[Mapping[str, Any]], marks: Sequence[Mark]) -> list[str]:
    """Return what the shapes, the scales and the states mean."""
    notes = []
    if any(str(row["against_england"]) in ("higher", "lower", "similar") for row in rows):
        notes.append(_CHANCE)
    if any(isinstance(each, Dot) for each in marks):
        notes.append(_OWN_SCALE)
    drawn = sum(isinstance(each, Dot) for each in marks)
    if drawn < sum(row["status"] in NUMERIC for row in rows):
        notes.append(_NO_SCALE)
    return notes


def _described(rows: Sequence[Mapping[str, Any]], place: str, measure: _frames.Measure) -> str:
    """Return the chart in words: the indicators of each verdict with their figures."""
    texts = [f"Spine chart of {len(rows)} indicator{'s' * (len(rows) > 1)} of {place}"]
    for look in _LOOKS.values():
        own = [row for row in rows if row["status"] in NUMERIC and _look(row) is look]
        figures = [
            f"{_named(row)} {_figure(row, measure)}, England {_england(row)}" for row in own[:3]
        ]
        more = len(own) - len(figures)
        figures += [f"{more} more"] * (more > 0)
        if figures:
            texts.append(f"{look.text}: {'; '.join(figures)}")
    missing = [{**row, "_named": _named(row)} for row in rows]
    texts.append(_frames.listed_states(missing, "_named"))
    return _words.listed(texts)
