"""The parts of wholes as bars, one for each area or year, such as plans by category."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from bolton_jsna.charts import _frames, _words
from bolton_jsna.charts._chart import Chart
from bolton_jsna.charts._spec import PARTS, Axis, Bar, ChartSpec, LegendEntry, Mark, StateMark
from bolton_jsna.charts._ticks import category_axis, number_axis
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import UsageError, choice, some
from bolton_jsna.core.states import LABELS, SIGNS
from bolton_jsna.drawing.attribution import attributions

Lengths = Literal["shares", "counts", "percentages"]

_WHOLE: Final = 101.0
"""Percentages add up to at most this: each may be rounded up."""

_NO_LENGTH: Final = (
    "A bar with a hatched field has a part without a number. The field has no length of its own, "
    "and the bar is not the whole."
)
_NO_SHARES: Final = (
    "A bar that is only a hatched field has a part without a number, so its shares are not known."
)


@checked
def chart_shares(
    frame: pd.DataFrame,
    *,
    whole: str = "area_name",
    part: str = "breakdown",
    value: str = "count",
    lengths: Lengths = "shares",
    title: str | None = None,
    subtitle: str | None = None,
    label: str | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] | None = None,
    illustrative: bool = False,
) -> Chart:
    """Draw the parts of wholes as one bar for each area or year.

    Parameters
    ----------
    frame : DataFrame
        One row for each whole and part, without rows of totals; at most six parts. Bars and parts
        are in the order of the frame, or of the categories of a categorical column. ``status``
        (optional) says why a number is missing.
    whole : str, default "area_name"
        The column of what has a bar, such as areas or years.
    part : str, default "breakdown"
        The column of parts, as :func:`load_indicators` has it.
    value : str, default "count"
        The column of numbers.
    lengths : {"shares", "counts", "percentages"}, default "shares"
        What is drawn: the share of each number in the sum of its bar, the numbers as they are, or
        numbers that are percentages of their whole already.
    title, subtitle : str, optional
        What is shown, and measure, unit, place and time; by default from the frame.
    label : str, optional
        What the lengths measure.
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
        When a column is missing, or a part of a whole has several rows.
    UsageError
        When there are more than six parts, a number is below zero, percentages add up to more
        than 100, or one hidden percentage can be worked out from the others.

    Notes
    -----
    A part without a number has a hatched field with its sign at the end of the bar, which has no
    length of its own: neither the bar nor the table gives the total. Shares are worked out only
    where every part is known.

    Examples
    --------
    >>> import pandas as pd
    >>> plans = pd.DataFrame({
    ...     "area_name": ["Bolton", "Bolton", "England", "England"],
    ...     "breakdown": ["Neglect", "Emotional abuse", "Neglect", "Emotional abuse"],
    ...     "count": [140, 120, 24_000, 18_500],
    ... })
    >>> chart = chart_shares(plans, title="Plans by category", illustrative=True)
    >>> chart.data["share"].round(1).tolist()
    [53.8, 46.2, 56.5, 43.5]
    """
    choice("lengths", lengths, ("shares", "counts", "percentages"))
    table = _frames.read(frame, [whole, part], [value], chart="shares")
    _frames.one_each(table, [whole, part], "part of each whole")
    parts, names = (_frames.in_sequence(table, each) for each in (part, whole))
    _check(table, parts, part, value)
    table = table.assign(**{each: table[each].astype(str) for each in (part, whole)})
    order = table[whole].map(names.index) * len(parts) + table[part].map(parts.index)
    table = table.iloc[order.argsort()].reset_index(drop=True)
    if lengths == "percentages":
        _percentages(table, whole, value)
    table["_length"] = _lengths(table, whole, value, lengths)
    if lengths == "shares":
        table["share"] = table["_length"]
    unit = label or ("Number" if lengths == "counts" else "Per cent of each bar")
    marks: list[Mark] = []
    longest = 0.0
    for at, name in enumerate(names):
        rows = table[table[whole] == name].to_dict(orient="records")
        made, end = _bar(rows, float(at), parts, (whole, part, value), lengths)
        marks += made
        longest = max(longest, end)
    legend = [LegendEntry("bar", role, text) for role, text in zip(PARTS, parts, strict=False)]
    rows = table.to_dict(orient="records")
    empty = [each for each in marks if isinstance(each, StateMark)]
    legend += _words.state_entries({"status": each.status} for each in empty)
    what = _words.indicator_of(table) or f"Parts by {part.replace('_', ' ')}"
    only = [_frames.only_one(table, each) for each in ("area_name", "year") if each != whole]
    data, headings = _words.twin(
        table,
        {
            whole: "Area" if whole == "area_name" else whole.replace("_", " ").capitalize(),
            part: "Part",
            value: "Number" if lengths != "percentages" else unit,
            "share": unit,
            "status": "State",
        },
    )
    return Chart(
        ChartSpec(
            "shares",
            title or _words.sentence(what, *only),
            subtitle if subtitle is not None else _words.sentence(unit, _words.period(table)),
            _axis(longest, unit if subtitle is not None else "", lengths, states=_after(marks)),
            category_axis(names),
            tuple(marks),
            tuple(legend),
            (*_said_of_states(empty, marks), *notes),
            tuple(attributions(table) if sources is None else sources),
            _described(rows, (whole, part, value), names, lengths),
            data,
            headings,
            rows_tall=len(names),
            illustrative=_frames.made_up(table, illustrative=illustrative),
        )
    )


def _check(table: pd.DataFrame, parts: Sequence[str], part: str, value: str) -> None:
    """Reject too many parts, and numbers below zero."""
    if len(parts) > len(PARTS):
        raise UsageError(
            f"{part!r} has {len(parts)} parts: {some(parts, most=12)}. A chart shows at most "
            f"{len(PARTS)}. Put the smallest together as 'Other' first: frame.replace("
            f"{{{part!r}: {{{parts[-1]!r}: 'Other', ...}}}}).groupby([...], as_index=False)"
            f"[{value!r}].sum(), where all of them have a number."
        )
    below = table[value] < 0
    if below.any():
        raise UsageError(
            f"{value!r} has {table.loc[below, value].iloc[0]:g}; expected numbers from zero, "
            "because they are parts of a whole."
        )


def _percentages(table: pd.DataFrame, whole: str, value: str) -> None:
    """Reject percentages that are not parts of one whole, or that give a hidden one away."""
    for name, rows in table.groupby(whole, sort=False):
        total = rows[value].sum()
        if total > _WHOLE:
            raise UsageError(
                f"The percentages of {name} add up to {total:.1f}; expected 100 at most. Leave "
                "out rows of totals, and parts that overlap."
            )
        hidden = rows["status"] == "suppressed"
        others = ~rows["status"].isin(["suppressed", "not_applicable"])
        if hidden.sum() == 1 and rows.loc[others, value].notna().all():
            raise UsageError(
                f"One percentage of {name} is hidden and all others are there, so it can be "
                "worked out as what is left of 100. Hide a second one (see suppress), or leave "
                f"{name} out."
            )


def _lengths(table: pd.DataFrame, whole: str, value: str, lengths: Lengths) -> pd.Series:
    """Return the length of each part; none in a whole with an unknown part or without any."""
    if lengths != "shares":
        return table[value]
    numbers = table[value].where(table["status"] != "not_applicable", 0.0)
    groups = numbers.groupby(table[whole], sort=False)
    total = groups.transform(lambda each: each.sum(skipna=False))
    return (100 * table[value] / total).where(total > 0, np.nan)


def _bar(
    rows: Sequence[dict[str, Any]],
    at: float,
    parts: Sequence[str],
    columns: tuple[str, str, str],
    lengths: Lengths,
) -> tuple[list[Mark], float]:
    """Return the parts of a bar, what has no number at its end, and where that is."""
    whole, part, value = columns
    order = sorted(rows, key=lambda row: parts.index(str(row[part])))
    marks: list[Mark] = []
    end = 0.0
    for row in order:
        length = row["_length"]
        if pd.isna(length):
            continue
        name = f"{row[whole]}, {row[part]}"
        text = _words.number(length, 0) + ("" if lengths == "counts" else "%")
        said = f"{name}: {_written(row, value, lengths)}"
        role = PARTS[parts.index(str(row[part]))]
        marks.append(Bar(at, end, end + float(length), "x", role, said, text=text))
        end += float(length)
    missing: dict[str, list[str]] = {}
    for row in order:
        if not _frames.has_number(row, value):
            missing.setdefault(row["status"], []).append(str(row[part]))
    if not missing and not marks:
        said = f"{order[0][whole]}: zero in all, so there are no shares"
        return [StateMark(at, "x", "not_applicable", said, start=0.0)], 0.0
    for step, status in enumerate(each for each in SIGNS if each in missing):
        said = f"{order[0][whole]}, {some(missing[status])}: {LABELS[status].lower()}"
        marks.append(StateMark(at, "x", status, said, start=end, place=step))
    return marks, end


def _written(row: dict[str, Any], value: str, lengths: Lengths) -> str:
    if lengths == "counts":
        return _words.number(row[value], 0)
    if lengths == "percentages":
        return f"{_words.number(row[value])} per cent"
    return f"{_words.number(row['_length'])} per cent ({_words.number(row[value], 0)})"


def _after(marks: Sequence[Mark]) -> int:
    """Return how many states there are at most after the end of a bar."""
    states = [each for each in marks if isinstance(each, StateMark) and each.start]
    return max((each.place + 1 for each in states), default=0)


def _axis(longest: float, label: str, lengths: Lengths, *, states: int) -> Axis:
    """Return the axis of lengths, with room for the states at the ends of bars."""
    most = longest if lengths == "counts" else 100.0
    axis = number_axis([0.0, most], label, from_zero=True)
    if lengths != "counts":
        axis = Axis(label, 0.0, 100.0, tuple((25.0 * at, f"{25 * at}%") for at in range(5)))
    high = max(axis.high, most * (1 + 0.25 * states))
    return Axis(label, axis.low, high, axis.ticks, grid=True)


def _said_of_states(empty: Sequence[StateMark], marks: Sequence[Mark]) -> list[str]:
    """Return what is said of fields without a length."""
    bars = {each.at for each in marks if isinstance(each, Bar)}
    notes = []
    if any(each.at in bars for each in empty):
        notes.append(_NO_LENGTH)
    if any(each.at not in bars and each.status != "not_applicable" for each in empty):
        notes.append(_NO_SHARES)
    return notes


def _described(
    rows: Sequence[dict[str, Any]],
    columns: tuple[str, str, str],
    names: Sequence[str],
    lengths: Lengths,
) -> str:
    """Return the chart in words: the parts of the first bars, and what has no number."""
    whole, part, value = columns
    texts = [f"Bar chart of parts of {len(names)} whole{'s' * (len(names) > 1)}"]
    for name in names[:3]:
        own = [row for row in rows if str(row[whole]) == name and pd.notna(row["_length"])]
        figures = [f"{row[part]} {_written(row, value, lengths)}" for row in own]
        texts.append(f"{name}: {', '.join(figures)}" if figures else f"{name}: no shares")
    named = [{**row, "_named": f"{row[part]} ({row[whole]})"} for row in rows]
    texts.append(_frames.listed_states(named, "_named"))
    return _words.listed(texts)
