"""A population pyramid: people by age and sex, with the outline of another year or area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from bolton_jsna.charts import _frames, _words
from bolton_jsna.charts._chart import Chart
from bolton_jsna.charts._people import PERSONS, People
from bolton_jsna.charts._spec import (
    Axis,
    Bar,
    ChartSpec,
    LegendEntry,
    Line,
    Mark,
    Rule,
    StateMark,
)
from bolton_jsna.charts._ticks import category_axis, number_axis
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import SchemaError, UsageError, some
from bolton_jsna.drawing.attribution import attributions

_ADULT: Final = 18


@checked
def chart_pyramid(
    frame: pd.DataFrame,
    outline: pd.DataFrame | None = None,
    *,
    age: str = "age",
    sex: str = "sex",
    value: str = "population",
    bands: int | None = None,
    shares: bool = False,
    outline_label: str | None = None,
    title: str | None = None,
    subtitle: str | None = None,
    label: str | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] | None = None,
    illustrative: bool = False,
) -> Chart:
    """Draw people by age and sex: females on the left, males on the right, the oldest on top.

    Parameters
    ----------
    frame : DataFrame
        One row for each age and sex, of one area and year. Rows of both sexes together, such as
        ``persons``, are left out where there are females and males; alone they are drawn on one
        side. ``status`` (optional) says why a number is missing.
    outline : DataFrame, optional
        The same for another year or area: drawn as a line round the bars.
    age, sex, value : str
        The columns of ages (years, or bands such as ``0-4``), of ``females`` and ``males``, and of
        people.
    bands : int, optional
        Put single years of age into bands of so many years. By default five years where there
        are more than 25 ages, else one.
    shares : bool, default False
        Show per cent of all people of the frame, with which areas of different size are compared.
    outline_label : str, optional
        What the outline is; by default its year or area.
    title, subtitle : str, optional
        What is shown, and measure, unit, place and time; by default from the frame.
    label : str, optional
        What the bars measure; by default number of people, or per cent of them.
    notes, sources : sequence of str
        Sentences below the chart; by default the attributions of the column ``source``.
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
        When a column is missing, or an age and sex has several rows.
    UsageError
        When there are neither females and males nor persons, an age cannot be read, ages do not
        fill their bands, or shares are asked for where a number is missing.

    Notes
    -----
    A band with a number missing has no sum, only the state of that number. A last age of 85 or
    more that is alone in its band stands for that age and over, as ONS publishes it.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({
    ...     "area_name": "Bolton",
    ...     "year": 2024,
    ...     "age": ["0-4", "0-4", "5-9", "5-9"],
    ...     "sex": ["females", "males", "females", "males"],
    ...     "population": [8900, 9400, 9600, 10100],
    ... })
    >>> chart_pyramid(people, illustrative=True).title
    'Children by age and sex in Bolton, 2024'
    """
    if bands is not None and bands < 1:
        raise UsageError(f"bands={bands} is below 1. Write how many years of age a band has.")
    people = People(age, sex, value, bands)
    table = _frames.read(frame, [age, sex], [value], chart="a population pyramid")
    rows = people.of(table)
    other = None
    name = outline_label or ""
    if outline is not None:
        second = _frames.read(outline, [age, sex], [value], chart="the outline")
        name = name or _name(second, table)
        other = people.of(second)
        _same_bands(rows, other)
    if shares:
        rows = _shares(rows)
        other = None if other is None else _shares(other)
    names = [str(each) for each in rows.drop_duplicates("_from")["_band"]]
    who = "Children" if rows["_to"].max() < _ADULT else "People"
    unit = label or (f"Per cent of all {who.lower()}" if shares else f"Number of {who.lower()}")
    marks = _marks(rows, names, shares=shares)
    legend: list[LegendEntry] = []
    if other is not None:
        marks += _outline(other, names)
        legend.append(LegendEntry("line", "reference", name))
    legend += _words.state_entries(rows.to_dict(orient="records"))
    place, year = _frames.only_one(table, "area_name"), _frames.only_one(table, "year")
    one_side = set(rows["_sex"]) == {PERSONS}
    shown = f"{who} by age" if one_side else f"{who} by age and sex"
    shown += f" in {place}" if place else ""
    shown += f", {year}" if year else ""
    data = rows if other is None else rows.merge(other, on=["_band", "_sex"], suffixes=("", "_2"))
    data, headings = _words.twin(
        data.rename(columns={"_band": "age", "_sex": "sex", "_n": "population", "_n_2": "outline"}),
        {
            "age": "Age",
            "sex": "Sex",
            "population": unit,
            "outline": f"{unit}: {name}",
            "status": "State",
        },
    )
    numbers = [*rows["_n"].dropna(), *([] if other is None else other["_n"].dropna())]
    return Chart(
        ChartSpec(
            "pyramid",
            title or shown,
            subtitle
            if subtitle is not None
            else _words.sentence(unit, f"with the outline of {name}" if name else ""),
            (_one_way if one_side else _both_ways)(numbers, unit if subtitle is not None else ""),
            replace(category_axis(names, "Age"), categories=True),
            tuple(marks),
            tuple(legend),
            tuple(notes),
            tuple(attributions(table, outline) if sources is None else sources),
            _described(rows, other, name, unit),
            data,
            headings,
            rows_tall=len(names),
            illustrative=_frames.made_up(table, illustrative=illustrative),
        )
    )


def _name(second: pd.DataFrame, first: pd.DataFrame) -> str:
    """Return what an outline is: what its area or year has that the bars do not."""
    found = []
    for column in ("area_name", "year"):
        name = _frames.only_one(second, column)
        if name and name != _frames.only_one(first, column):
            found.append(name)
    if not found:
        raise UsageError(
            "The outline has the same area and year as the bars, or none. Write what it is with "
            "outline_label=, such as '2035'."
        )
    return ", ".join(found)


def _same_bands(rows: pd.DataFrame, other: pd.DataFrame) -> None:
    """Reject an outline of other bands of age, or of persons where the bars are of sexes."""
    sexes = [sorted(set(each["_sex"].str.lower())) for each in (rows, other)]
    if sexes[0] != sexes[1]:
        raise SchemaError(
            f"The bars are of {some(sexes[0])}, and the outline is of {some(sexes[1])}. Choose "
            "the same for both."
        )
    if set(rows["_band"]) != set(other["_band"]):
        only = sorted(set(other["_band"]) ^ set(rows["_band"]))
        raise SchemaError(
            f"The bars and the outline have different ages: {some(only)} is in one only. Choose "
            "the same ages for both."
        )


def _shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Return per cent of all people."""
    if rows["_n"].isna().any():
        raise UsageError(
            "A number of people is missing, so shares of all cannot be worked out. Leave shares= "
            "out, or leave the ages without numbers out."
        )
    return rows.assign(_n=100 * rows["_n"] / rows["_n"].sum())


def _marks(rows: pd.DataFrame, names: Sequence[str], *, shares: bool) -> list[Mark]:
    """Return the bars of both sexes, and the names of the sides."""
    place = {name: float(at) for at, name in enumerate(names)}
    marks: list[Mark] = []
    if set(rows["_sex"]) != {PERSONS}:
        marks += [
            Rule(0.0, "x", "reference", dashed=False, label="Females", side="left"),
            Rule(0.0, "x", "reference", dashed=False, label="Males", side="right"),
        ]
    for row in rows.to_dict(orient="records"):
        at, left = place[str(row["_band"])], row["_sex"] == "Females"
        name = f"{row['_sex']} aged {row['_band']}"
        if not _frames.has_number(row, "_n"):
            said = _frames.state_said(name, row["status"])
            marks.append(StateMark(at, "x", row["status"], said, 0.8, start=0.0, back=left))
            continue
        number = float(row["_n"])
        said = f"{name}: {_words.number(number, 1 if shares else 0)}" + (
            " per cent" if shares else ""
        )
        end = -number if left else number
        marks.append(
            Bar(at, 0.0, end, "x", "second" if row["_sex"] == "Males" else "first", said, 0.86)
        )
    return marks


def _outline(other: pd.DataFrame, names: Sequence[str]) -> list[Line]:
    """Return the outline of each side, broken where a number is missing."""
    found = []
    for sex, way in (("Females", -1), ("Males", 1), (PERSONS, 1)):
        own = other[other["_sex"] == sex].set_index("_band")["_n"].reindex(list(names))
        if own.isna().all():
            continue
        points: list[tuple[float, float] | None] = []
        for at, number in enumerate(own):
            if pd.isna(number):
                points.append(None)
            else:
                x = way * float(number)
                points += [(x, at - 0.499), (x, at + 0.499)]
        found.append(Line(tuple(points), "reference", over=True))
    return found


def _one_way(numbers: Sequence[float], label: str) -> Axis:
    """Return an axis from zero to the longest bar."""
    return number_axis([0.0, *numbers], label, from_zero=True)


def _both_ways(numbers: Sequence[float], label: str) -> Axis:
    """Return an axis with the same numbers to the left and right of zero."""
    one = number_axis([0.0, *numbers], label, from_zero=True, most=4)
    # The longest bar is the end, so that little room is empty.
    high = max(numbers, default=0.0) * 1.02 or one.high
    ticks = tuple(each for each in one.ticks if each[0] <= high)
    left = tuple((-at, text) for at, text in reversed(ticks[1:]))
    return Axis(label, -high, high, (*left, *ticks), grid=True)


def _described(rows: pd.DataFrame, other: pd.DataFrame | None, name: str, unit: str) -> str:
    """Return the chart in words: the totals where all is known, and the largest band."""
    bands = rows["_band"].nunique()
    texts = [
        f"Population pyramid of {bands} age band{'s' * (bands > 1)}: {_words.lower_first(unit)}"
    ]
    digits = 1 if "er cent" in unit else 0
    for frame, of in ((rows, ""), (other, f" of {name}")):
        if frame is None or frame["_n"].isna().any():
            continue
        totals = frame.groupby("_sex")["_n"].sum()
        figures = (f"{_words.number(totals[sex], digits)} {sex.lower()}" for sex in totals.index)
        texts.append(f"In all{of}: {' and '.join(figures)}")
    if rows["_n"].notna().any():
        top = rows.loc[rows["_n"].idxmax()]
        texts.append(
            f"The longest bar: {top['_sex'].lower()} aged {top['_band']}, "
            f"{_words.number(top['_n'], digits)}"
        )
    missing = rows.assign(_named=rows["_sex"].str.lower() + " aged " + rows["_band"])
    texts.append(_frames.listed_states(missing.to_dict(orient="records"), "_named"))
    return _words.listed(texts)
