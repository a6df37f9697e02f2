"""Rates of areas by the size of their denominator, with the limits of a funnel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from bolton_jsna.charts import _frames, _words
from bolton_jsna.charts._chart import Chart
from bolton_jsna.charts._spec import ChartSpec, Dot, LegendEntry, Line, Mark, Role, Rule, StateMark
from bolton_jsna.charts._ticks import number_axis
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import some
from bolton_jsna.drawing.attribution import attributions
from bolton_jsna.measures._frame_columns import need
from bolton_jsna.measures._funnel_design import COLUMNS, Statistic
from bolton_jsna.measures.funnel_lines import funnel_lines

_LIMIT: Final = re.compile(r"funnel_lower(?:_(\d+(?:_\d+)?))?")
_WHERE: Final = {"lower": "Below", "similar": "Within", "higher": "Above"}
"""Where a figure lies from limits, as the table has it."""

_LABELS: Final[dict[str, str]] = {
    "rate": "Per 10,000 children",
    "ratio": "Ratio of observed to expected",
    "proportion": "Per cent",
}
_SIZES: Final = {"population": "Children", "expected": "Expected", "denominator": "Denominator"}


@checked
def chart_funnel(
    frame: pd.DataFrame,
    *,
    area: str = "area_name",
    subject: str | None = None,
    statistic: Statistic | None = None,
    count: str | None = None,
    denominator: str | None = None,
    confidence: float | None = None,
    title: str | None = None,
    subtitle: str | None = None,
    label: str | None = None,
    size_label: str | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] | None = None,
    illustrative: bool = False,
) -> Chart:
    """Draw the figures of areas by their size, with the limits that chance puts around them.

    Parameters
    ----------
    frame : DataFrame
        What :func:`funnel_limits` returned, of one funnel: one row for each area.
    area : str
        The column of the names of areas.
    subject : str, optional
        The area in question, by name; by default Bolton, else the first that is
        neither England nor a region.
    statistic, count, denominator, confidence : optional
        As given to :func:`funnel_lines`, where the frame does not show them.
    title, subtitle : str, optional
        What is shown, and measure, unit, place and time; by default from the frame.
    label, size_label : str, optional
        What the figures measure, with their unit, and what the size of an area is; by default per
        10,000 children, and children.
    notes, sources : sequence of str
        Sentences below the chart; by default the attributions of the column ``source``.
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
        When the frame has no limits of a funnel, or an area has several rows.
    UsageError
        When ``subject`` is not in the frame, or the frame has several funnels or no limits.

    Notes
    -----
    Spiegelhalter 2005. An area outside of the widest limits is a triangle and has its name where
    there is room; the table says of every area where it lies. The frame's own limits decide: the
    lines are those of :func:`funnel_lines`, which differ from them where events recur within
    children. An area without a figure has the sign of its state at its size.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> rows = jsna.load_children_in_need(indicators="referrals", years=[2025])
    >>> rows = rows[rows["area_level"] == "authority"]
    >>> chart = chart_funnel(jsna.funnel_limits(rows, overdispersion="additive"))
    >>> chart.title
    'Referrals in 17 areas by size, 2025'
    """
    lines = funnel_lines(
        frame, statistic=statistic, count=count, denominator=denominator, confidence=confidence
    )
    kind: str = statistic or _statistic_of(frame)
    size = denominator or COLUMNS[kind][1]
    need(frame, [area, size], options="area= and denominator=")
    levels = _levels(frame, confidence)
    limits = [f"funnel_{end}{level.ending}" for level in levels for end in ("lower", "upper")]
    table = _frames.read(
        frame, [area], [kind, size], chart="a funnel", optional=["funnel_z", *limits]
    )
    _frames.one_row_each(table, area)
    for level in levels:
        table[level.where] = table[level.verdict].map(_WHERE)
    mine = _frames.subject_of(table, area, subject)
    label = label or _LABELS[kind]
    size_label = size_label or _SIZES.get(size, size.replace("_", " ").capitalize())
    rows = _in_order(table, area, mine)
    drawn = _Drawn(rows, lines, levels, (area, kind, size), mine)
    marks = [*_lines(drawn), *_points(drawn)]
    numbers = [float(each) for name in (kind, *limits) for each in table[name].dropna()]
    numbers += [float(each) for name in lines.columns[1:] for each in lines[name].dropna()]
    what = _words.indicator_of(table) or label
    year = _words.year_of(table)
    spec = ChartSpec(
        "funnel",
        title
        or f"{what} in {len(rows)} area{'s' * (len(rows) != 1)} by size"
        f"{f', {year}' if year else ''}",
        subtitle
        if subtitle is not None
        else _words.sentence(label, _words.when(table), f"{mine} in colour"),
        number_axis([*lines["denominator"], *table[size].dropna()], size_label, from_zero=True),
        number_axis(numbers, label if subtitle is not None else "", from_zero=True),
        tuple(marks),
        tuple(_legend(drawn)),
        (*_notes(table), *notes),
        tuple(attributions(table) if sources is None else sources),
        _described(drawn, label),
        *_words.twin(
            pd.DataFrame(rows),
            {
                area: "Area",
                size: size_label,
                kind: label,
                **{each: _limit_heading(each, levels) for each in limits},
                **{each.where: f"Where, {each.text} limits" for each in levels},
                "status": "State",
            },
        ),
        illustrative=_frames.made_up(table, illustrative=illustrative),
    )
    return Chart(spec)


@dataclass(frozen=True)
class _Level:
    """A level of limits, such as 95%, and the ending of its columns."""

    ending: str
    share: float

    @property
    def text(self) -> str:
        return f"{self.share:g}%"

    @property
    def verdict(self) -> str:
        return f"funnel_verdict{self.ending}"

    @property
    def where(self) -> str:
        return f"where{self.ending}"


def _levels(frame: pd.DataFrame, confidence: float | None) -> list[_Level]:
    """Return the levels of a frame of limits, the lowest first."""
    found = []
    for match in map(_LIMIT.fullmatch, map(str, frame.columns)):
        if match is None:
            continue
        digits = match[1]
        share = float(digits.replace("_", ".")) if digits else 100 * (confidence or 0.0)
        found.append(_Level(f"_{digits}" if digits else "", round(share, 9)))
    verdicts = [each.verdict for each in found]
    need(frame, verdicts, options="nothing: give what funnel_limits returned")
    return sorted(found, key=lambda each: each.share)


@dataclass(frozen=True)
class _Drawn:
    """The areas, the lines and levels of the funnel, the columns and the area in question."""

    rows: list[dict[str, Any]]
    lines: pd.DataFrame
    levels: list[_Level]
    columns: tuple[str, str, str]
    mine: str

    @property
    def widest(self) -> _Level:
        return self.levels[-1]

    @property
    def target(self) -> float:
        return float(self.lines["funnel_target"].iloc[0])

    def outside(self, row: dict[str, Any]) -> Literal["", "higher", "lower"]:
        """Return on which side of the widest limits a row is, empty for within."""
        verdict = row[self.widest.verdict]
        return verdict if verdict in ("higher", "lower") else ""


def _statistic_of(frame: pd.DataFrame) -> str:
    """Return the statistic that a frame has; it has one, or its lines were not made."""
    return next(name for name in COLUMNS if name in frame.columns)


def _in_order(table: pd.DataFrame, area: str, mine: str) -> list[dict[str, Any]]:
    """Return the area in question, then the others from the farthest from the middle."""
    far = table["funnel_z"].abs().fillna(-1.0)
    order = table.assign(_far=far, _other=table[area].astype(str) != mine)
    order = order.sort_values(["_other", "_far", area], ascending=[True, False, True])
    rows: list[dict[str, Any]] = order.drop(columns=["_far", "_other"]).to_dict(orient="records")
    return rows


def _lines(drawn: _Drawn) -> list[Mark]:
    """Return the limits as lines, the widest without gaps, and the middle."""
    marks: list[Mark] = []
    for level in drawn.levels:
        for end in ("lower", "upper"):
            name = f"funnel_{end}{level.ending}"
            points = tuple(
                (float(x), float(y)) if pd.notna(y) else None
                for x, y in zip(drawn.lines["denominator"], drawn.lines[name], strict=True)
            )
            marks.append(Line(points, "other", dashed=level is not drawn.widest))
    return [*marks, Rule(drawn.target, "y", "reference", dashed=False)]


def _middle(drawn: _Drawn) -> str:
    """Return what the middle line is: all areas together, or a target that was given."""
    target = drawn.target
    _, kind, size = drawn.columns
    known = [row for row in drawn.rows if _frames.has_number(row, kind)]
    whole = sum(row[size] for row in known)
    part = sum(row[kind] * row[size] for row in known)
    together = whole and abs(part / whole - target) < 1e-6 * target
    return f"{'All areas' if together else 'Target'} {_words.number(target)}"


def _points(drawn: _Drawn) -> list[Mark]:
    """Return a dot or the state of each area; the area in question is drawn last."""
    area, kind, size = drawn.columns
    marks: list[Mark] = []
    for row in drawn.rows:
        name = str(row[area])
        role: Role = "subject" if name == drawn.mine else "other"
        if not _frames.has_number(row, kind):
            if pd.notna(row[size]):
                said = _frames.state_said(name, row["status"])
                marks.append(StateMark(float(row[size]), "y", row["status"], said, 0.0, role))
            continue
        side = drawn.outside(row)
        shape: Literal["circle", "triangle", "triangle_down"] = "circle"
        if side:
            shape = "triangle" if side == "higher" else "triangle_down"
        label = name if side or role == "subject" else ""
        at = (float(row[size]), float(row[kind]))
        marks.append(Dot(*at, role, _said(drawn, row), shape, label=label))
    own = [each for each in marks if each.role == "subject"]
    return [*(each for each in marks if each.role != "subject"), *own]


def _said(drawn: _Drawn, row: dict[str, Any]) -> str:
    area, kind, size = drawn.columns
    known = [level for level in drawn.levels if isinstance(row[level.where], str)]
    beyond = [level for level in known if row[level.where] != _WHERE["similar"]]
    where = "without limits"
    if known:
        level = beyond[-1] if beyond else known[0]
        where = f"{row[level.where].lower()} the {level.text} limits"
    return f"{row[area]}: {_words.number(row[kind])} among {row[size]:,.0f}, {where}"


def _legend(drawn: _Drawn) -> list[LegendEntry]:
    entries = [LegendEntry("line", "reference", _middle(drawn))]
    entries += [
        LegendEntry("line" if level is drawn.widest else "dashed", "other", f"{level.text} limits")
        for level in drawn.levels
    ]
    sides = {drawn.outside(row) for row in drawn.rows}
    for side, shape, word in (
        ("higher", "triangle", "Above"),
        ("lower", "triangle_down", "Below"),
    ):
        if side in sides:
            text = f"{word} the {drawn.widest.text} limits"
            entries.append(LegendEntry("dot", "other", text, shape=shape))  # type: ignore[arg-type]
    return [*entries, *_words.state_entries(drawn.rows)]


def _limit_heading(name: str, levels: Sequence[_Level]) -> str:
    level = next(each for each in levels if name.removeprefix("funnel_")[5:] == each.ending)
    end = "Lower" if name.startswith("funnel_lower") else "Upper"
    return f"{end} {level.text} limit"


def _notes(table: pd.DataFrame) -> list[str]:
    """Return what the limits allow for."""
    methods = [each for each in table["funnel_method"].unique() if isinstance(each, str)]
    if any("overdispersion" in each for each in methods):
        first = "The limits allow for chance in the counts and for how much areas differ beyond it."
    else:
        first = (
            "The limits allow for chance in the counts only. Areas differ by more than that, so "
            "many may lie outside of them."
        )
    return [first, f"Limits: {some(methods)}."]


def _described(drawn: _Drawn, label: str) -> str:
    """Return the chart in words: the area in question, how many lie outside, and who."""
    area, kind, _ = drawn.columns
    known = [row for row in drawn.rows if _frames.has_number(row, kind)]
    texts = [
        f"Funnel chart: {label[:1].lower()}{label[1:]} of {len(drawn.rows)} "
        f"area{'s' * (len(drawn.rows) != 1)} by size, around {_words.number(drawn.target)}"
    ]
    texts += [_said(drawn, row) for row in known if str(row[area]) == drawn.mine]
    outside = [row for row in known if drawn.outside(row)]
    names = f": {some([str(row[area]) for row in outside], most=6)}" if outside else ""
    texts.append(
        f"{len(outside)} of {len(known)} lie outside of the {drawn.widest.text} limits{names}"
    )
    return _words.listed([*texts, _frames.listed_states(drawn.rows, area)])
