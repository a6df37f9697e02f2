"""Children now and in the years ahead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.chapter.cells import table_of
from bolton_jsna.chapter.document import Block, Column, Paragraph, Span, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts
from bolton_jsna.core import wording
from bolton_jsna.sentences.summary_lines import PROJECTION_APART

if TYPE_CHECKING:
    import pandas as pd

_TABLE: Final = "children_by_age_band"
_ALL: Final = "0-17"
_ESTIMATES: Final = ("population_estimates",)
_PROJECTIONS: Final = ("population_projections",)
_NOT_A_FORECAST: Final = (
    "A projection carries recent births, deaths and migration forward. It is not a forecast: it "
    "does not allow for new homes or new policies."
)
_NO_INTERVAL: Final = (
    "It is published without an interval, and figures far ahead are less certain than near ones."
)
_Row = dict[str, Any]


def blocks(given: Materials) -> tuple[Block, ...]:
    """Return the paragraphs, the table of age bands and the pyramid."""
    return (*_now(given), *_ahead(given), *_pyramid(given))


def _now(given: Materials) -> Iterator[Block]:
    row = _estimate(given)
    if row is None:
        what = "children aged 0-17 (mid-year estimates)"
        yield _parts.no_rows(given, "population_estimates", what, datasets=_ESTIMATES)
        return
    text = (
        f"At mid-{row['year']} there were {row['children']:,.0f} children aged 0-17 in "
        f"{given.place.name}, by the mid-year estimate behind the rates of this chapter."
    )
    yield paragraph(_parts.cited(text, _TABLE, row))


def _estimate(given: Materials) -> _Row | None:
    rows = _parts.rows_of(given, _TABLE, kind="estimate")
    return None if rows is None else rows.to_dict(orient="records")[0]


def _ahead(given: Materials) -> Iterator[Block]:
    projected = _parts.rows_of(given, _TABLE, kind="projection")
    if projected is None:
        what = "projected children aged 0-17"
        yield _parts.no_rows(given, "projections", what, datasets=_PROJECTIONS)
        return
    estimate = _estimate(given)
    base = int(projected["base_year"].iloc[0])
    now = base if estimate is None else int(estimate["year"])
    later = projected[projected["year"] > max(base, now)]
    if later.empty:
        yield _parts.missing(
            f"The projection of children in {given.place.name} ends before the years ahead"
        )
        return
    yield _in_words(later, given)
    yield _overtaken(projected, estimate)
    years = sorted(set(later["year"]))
    columns = {
        "age_band": Column("Age"),
        "mid_year": Column("Mid-year"),
        "children": Column("Children projected", "number"),
        "base_children": Column(f"Children at mid-{base}", "number"),
        "change_percent": Column(f"Change from mid-{base} (per cent)", "number", 1),
    }
    yield table_of(
        later.assign(mid_year=later["year"].astype(str)),
        columns,
        key="children_ahead",
        title=(
            f"Projected children in {given.place.name} by age, mid-{years[0]}"
            + (f" and mid-{years[-1]}" if len(years) > 1 else "")
        ),
        table=_TABLE,
        statuses=dict.fromkeys(("base_children", "change_percent"), "status"),
        notes=(f"{base}-based projection of the Office for National Statistics.",),
    )


def _in_words(later: pd.DataFrame, given: Materials) -> Paragraph:
    """Return the change of all children from the base, then that by age band to the first year."""
    spans: list[Span] = []
    for row in later[later["age_band"] == _ALL].to_dict(orient="records"):
        if row["status"] != "value":
            continue
        start = f"In the {row['base_year']}-based projection" if not spans else "It has"
        there = " there are" if not spans else ""
        text = (
            f"{start}{there} {_change(row)} children aged 0-17 in {given.place.name} at "
            f"mid-{row['year']} {_than(row)} at mid-{row['base_year']} ({row['children']:,.0f} "
            f"and {row['base_children']:,.0f})."
        )
        spans.append(_parts.cited(text, _TABLE, row))
    first = int(later["year"].min())
    bands = later[(later["year"] == first) & (later["age_band"] != _ALL)]
    known = bands[bands["status"] == "value"].to_dict(orient="records")
    if known:
        listed = wording.listed([f"{_change(each)} aged {each['age_band']}" for each in known])
        base = known[0]["base_year"]
        text = f"By age, at mid-{first} compared with mid-{base}, there are {listed}."
        spans.append(_parts.cited(text, _TABLE, *known))
    return paragraph(*spans)


def _change(row: _Row) -> str:
    return wording.apart(row["children"], row["base_children"], counted=True)


def _than(row: _Row) -> str:
    return "as" if _change(row) == "as many" else "than"


def _overtaken(projected: pd.DataFrame, estimate: _Row | None) -> Paragraph:
    """Return what a projection is, and where a later estimate is far from it."""
    spans = [Span(f"{_NOT_A_FORECAST} {_NO_INTERVAL}")]
    if estimate is None:
        return paragraph(*spans, role="caution")
    same = projected[projected["year"] == estimate["year"]]
    rows = same[same["age_band"] == _ALL].to_dict(orient="records")
    base = projected[(projected["year"] == projected["base_year"])]
    start = base[base["age_band"] == _ALL].to_dict(orient="records")
    if not rows or not start or rows[0]["year"] == rows[0]["base_year"]:
        return paragraph(*spans, role="caution")
    (row,), counted = rows, float(estimate["children"])
    if abs(row["children"] / counted - 1) >= PROJECTION_APART:
        first = (int(start[0]["year"]), float(start[0]["children"]))
        lines = wording.projected(
            first, first, later=(int(estimate["year"]), counted), same=float(row["children"])
        )
        for each in lines[1:]:
            text = f"{each[:1].upper()}{each[1:]}."
            spans.append(_parts.cited(text, _TABLE, row, estimate))
    return paragraph(*spans, role="caution")


def _pyramid(given: Materials) -> Iterator[Block]:
    rows = _parts.rows_of(given, "children_by_age")
    if rows is None:
        return
    now, later = int(rows["year"].iloc[0]), int(rows["later_year"].iloc[0])
    columns = {"age_text": Column("Age"), "children": Column(f"Children, mid-{now}", "number")}
    if later > now:
        columns["later_children"] = Column(f"Children, mid-{later}", "number")
    what = "chart of children by age"
    yield _parts.figure(given, "pyramid", table="children_by_single_age", what=what)
    years = f"mid-{now} and mid-{later}" if later > now else f"mid-{now}"
    yield table_of(
        rows.assign(age_text=rows["age"].astype(str)),
        columns,
        key="children_by_single_age",
        title=f"Projected children in {given.place.name} by single year of age, {years}",
        table="children_by_age",
        notes=(f"{rows['base_year'].iloc[0]}-based projection.",),
    )
