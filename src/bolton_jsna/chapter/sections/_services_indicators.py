"""An indicator of the chapter: its sentences, its years, and the statistical neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.chapter.cells import table_of
from bolton_jsna.chapter.document import Block, Column, Span, Table, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts, _services_few_years
from bolton_jsna.core import wording
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.measures.comparison import NeighbourComparison
from bolton_jsna.sentences.describe import describe
from bolton_jsna.sentences.description import Description

if TYPE_CHECKING:
    import pandas as pd

PROFILE: Final = "profile"
_NEAR: Final = "neighbour_comparison"
_SUMMARY: Final = "neighbour_summary"
_YEARS: Final = "rates_by_year"
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_SENTENCE_END: Final = re.compile(r"(?<=[.])\s+(?=[A-Z])")
_BESIDE_NEIGHBOURS: Final = ("region", "country")
_LIMITS: Final = {
    "lower": Column("Lower 95% limit", "number", 1),
    "upper": Column("Upper 95% limit", "number", 1),
}


def blocks(given: Materials, indicator: str, cautions: _parts.Cautions) -> tuple[Block, ...]:
    """Return the sentences of an indicator, its charts with their tables, and new cautions."""
    return tuple(_blocks(given, indicator, cautions))


def _blocks(given: Materials, indicator: str, cautions: _parts.Cautions) -> Iterator[Block]:
    compared = _compared(given, indicator)
    about = profile_row(given, indicator)
    if compared is None and about is None:
        what = _in_sentence(wording.INDICATORS[indicator])
        yield _parts.no_rows(given, indicator, what, datasets=["children_in_need"])
        return
    yield paragraph(*_sentences(compared, about))
    yield from _services_few_years.blocks(given, indicator, cautions)
    yield from _years(given, indicator)
    if compared is not None and compared.summary["of"]:
        what = "chart of statistical neighbours"
        table = _neighbours(given, indicator, compared)
        yield _parts.figure(given, f"neighbours_{indicator}", table=table.key, what=what)
        yield table
    counted = [] if about is None else what_is_counted(about)
    yield from cautions.new(_cautions(compared, about), counted)


def profile_row(given: Materials, indicator: str) -> pd.DataFrame | None:
    """Return the row of an indicator in the profile of the area."""
    return _parts.rows_of(given, PROFILE, indicator=indicator, area_code=given.place.code)


def _compared(given: Materials, indicator: str) -> NeighbourComparison | None:
    """Return the comparison with the neighbours of the newest model, as the build published it."""
    summaries = _parts.rows_of(given, _SUMMARY, indicator=indicator)
    rows = _parts.rows_of(given, _NEAR, indicator=indicator)
    if summaries is None or rows is None:
        return None
    summary: dict[str, Any] = summaries.to_dict(orient="records")[0]
    # A file has no empty text: it has a missing value.
    texts = ("note", "against_neighbours_reason", "unusual_reason")
    summary |= {each: _text(summary[each]) for each in texts}
    table = rows[rows["model"] == summary["model"]].reset_index(drop=True)
    return NeighbourComparison(table, summary)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _sentences(compared: NeighbourComparison | None, about: pd.DataFrame | None) -> list[Span]:
    """Return the figure, then the region, all authorities, similar ones, neighbours and trend."""
    near = [] if compared is None else _of_comparison(describe(compared), compared, "figure")
    own = None if about is None else describe(about)
    found = near or ([] if own is None else _of_profile(own, "figure"))
    if own is not None:
        found += _of_profile(own, "region")
    if compared is not None:
        kinds = ("all", "usual", "neighbours") if compared.summary["of"] else ("all",)
        found += _of_comparison(describe(compared), compared, *kinds)
    return [*found, *([] if own is None else _of_profile(own, "trend"))]


def _of_comparison(
    description: Description, compared: NeighbourComparison, *kinds: Any
) -> list[Span]:
    summary = compared.summary
    # The usual range and the rank are in the summary of the comparison.
    own = f"{_SUMMARY}:{summary['indicator']}/{summary['year']}/{summary['model']}"
    wanted = ("figure", "benchmark") if "figure" in kinds else kinds
    return [
        _parts.said(each, _NEAR, own, model=str(summary["model"]))
        for each in _parts.of_kind(description, *wanted)
    ]


def _of_profile(description: Description, *kinds: Any) -> list[Span]:
    wanted = ("figure", "benchmark") if "figure" in kinds else kinds
    return [_parts.said(each, PROFILE) for each in _parts.of_kind(description, *wanted)]


def _cautions(compared: NeighbourComparison | None, about: pd.DataFrame | None) -> list[Span]:
    found: list[Span] = []
    if compared is not None:
        found += _of_comparison(describe(compared), compared, "caution")
    return found + ([] if about is None else profile_cautions(about))


def profile_cautions(about: pd.DataFrame) -> list[Span]:
    """Return the cautions of the words of a row of a profile."""
    return _of_profile(describe(about), "caution")


def what_is_counted(about: pd.DataFrame) -> list[Span]:
    """Return what a reader must know of what a row of a profile counts, by sentence."""
    return [
        _parts.cited(each, PROFILE, row)
        for row in about.to_dict(orient="records")
        for each in _SENTENCE_END.split(_text(row["note"]))
        if each and row["status"] in NUMERIC and not _of_later_years(each, int(row["year"]))
    ]


def _of_later_years(text: str, year: int) -> bool:
    """Return whether a sentence is about years after a chapter's alone."""
    named = [int(each) for each in _YEAR.findall(text)]
    return bool(named) and max(named) > year


def profile_sentences(about: pd.DataFrame) -> list[Span]:
    """Return all that a row of a profile says, the cautions apart."""
    kinds = ("figure", "region", "usual", "neighbours", "trend")
    description = describe(about)
    return [span for each in kinds for span in _of_profile(description, each)]


def _in_sentence(title: str) -> str:
    return f"{title[:1].lower()}{title[1:]}"


def _day(indicator: str) -> str:
    return "At 31 March" if indicator.endswith("_at_31_march") else "Year ending 31 March"


def _years(given: Materials, indicator: str) -> Iterator[Block]:
    """Return the chart of the years with its table."""
    rows = _parts.rows_of(given, _YEARS, indicator=indicator)
    title = wording.INDICATORS[indicator]
    if rows is None:
        what = f"{_in_sentence(title)} in earlier years"
        yield _parts.no_rows(given, _YEARS, what, datasets=["children_in_need"])
        return
    key = f"{indicator}_by_year"
    columns = {
        "year_text": Column(_day(indicator)),
        "count": Column("Number", "number"),
        "rate": Column("Rate per 10,000 children", "number", 1),
        **_LIMITS,
    }
    for name, words in (("england", "England"), ("region", str(rows["region_name"].iloc[0]))):
        if rows[f"{name}_status"].isin(NUMERIC).any():
            columns[f"{name}_rate"] = Column(f"{words}, rate", "number", 1)
    yield _parts.figure(given, f"trend_{indicator}", table=key, what="chart of the years")
    first, last = int(rows["year"].min()), int(rows["year"].max())
    yield table_of(
        rows.assign(year_text=rows["year"].astype(str)),
        columns,
        key=key,
        title=f"{title} in {given.place.name}, {first}{f' to {last}' if last > first else ''}",
        table=_YEARS,
        statuses={"england_rate": "england_status", "region_rate": "region_status"},
    )


def _neighbours(given: Materials, indicator: str, compared: NeighbourComparison) -> Table:
    """Return the table of the area, its neighbours in the order of their rates, and England."""
    rows, summary = compared.table, compared.summary
    apart = rows["role"].isin(_BESIDE_NEIGHBOURS)
    order = rows.assign(_apart=apart).sort_values(["_apart", "rank"], na_position="last")
    unranked = order["status"].where(~order["status"].isin(NUMERIC), "not_available")
    status = order["status"].where(order["rank"].notna(), unranked)
    status = status.where(~order["role"].isin(_BESIDE_NEIGHBOURS), "not_applicable")
    verdicts = order["verdict"].map(wording.PANEL_VERDICTS)
    columns = {
        "area_name": Column("Area"),
        "count": Column("Number", "number"),
        "rate": Column("Rate per 10,000 children", "number", 1),
        **_LIMITS,
        "rank": Column("Rank", "number"),
        "against_england": Column("Compared with England"),
    }
    if not (order["verdict"] != "not_compared").any():
        del columns["against_england"]
    year = int(summary["year"])
    when = f"31 March {year}" if indicator.endswith("_at_31_march") else f"{year}"
    name = wording.INDICATORS[indicator].removesuffix(" at 31 March")
    return table_of(
        order.assign(rank_status=status, against_england=verdicts),
        columns,
        key=f"{indicator}_by_area",
        title=f"{name} in {given.place.name} and its statistical neighbours, {when}",
        table=_NEAR,
        notes=(
            f"Statistical neighbours are those of DfE's model of {summary['model']}. Rank 1 is the "
            "highest rate.",
            *(
                ("Compared with England: whether the difference could be chance in the counts.",)
                if "against_england" in columns
                else ()
            ),
        ),
    )
