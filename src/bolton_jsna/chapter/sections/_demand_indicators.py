"""The expected numbers of each service, in words, as charts and as tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bolton_jsna.chapter.cells import table_of
from bolton_jsna.chapter.citations import row_ids
from bolton_jsna.chapter.document import Block, Column, Figure, Span, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts
from bolton_jsna.measures.demand_text import title
from bolton_jsna.sentences.describe import describe

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.sentences.description import Description, Sentence

TABLE: Final = "projected_demand"
_DAY: Final = " at 31 March"
_RECORD: Final = "How far such projections have been out is in the last part of this section."
_WHEN: Final = (
    "Referrals and plans started are those of the year to 31 March; the others are those at 31 "
    "March."
)
_SHOWN: Final = (1, 5, 10)
"""The years ahead that the table of all services has, if the projection goes so far."""

_EXPECTED: Final = {
    "count": Column("Expected number", "number"),
    "lower_80": Column("Lower 80% limit", "number"),
    "upper_80": Column("Upper 80% limit", "number"),
}


def overview(given: Materials, there: pd.DataFrame) -> tuple[Block, ...]:
    """Return one table of all services: the last number, and those of some years ahead."""
    shown = there[there["horizon"].isin(_SHOWN)]
    if shown.empty:
        shown = there.groupby("indicator", sort=False).tail(1)
    columns = {
        "named": Column("Service"),
        "last": Column("Last year"),
        "last_count": Column("Number in last year", "number"),
        "ahead": Column("Year"),
        **_EXPECTED,
    }
    table = table_of(
        shown.assign(
            named=[short_title(each) for each in shown["indicator"]],
            last=shown["last_year"].astype(str),
            ahead=shown["year"].astype(str),
            counted="value",
        ),
        columns,
        key="expected_numbers",
        title=f"Expected numbers if the last rate goes on, {given.place.name}",
        table=TABLE,
        statuses={"last_count": "counted"},
        notes=(_label(there), _WHEN),
    )
    return (table,)


def _label(there: pd.DataFrame) -> str:
    label = str(there["label"].iloc[0])
    return f"{label[:1].upper()}{label[1:]}."


def blocks(given: Materials, there: pd.DataFrame) -> tuple[Block, ...]:
    """Return the sentences, the chart and the table of each service."""
    found: list[Block] = []
    for indicator in dict.fromkeys(there["indicator"]):
        rows = there[there["indicator"] == indicator].sort_values("year", ignore_index=True)
        found += _of_one(given, rows, str(indicator))
    return tuple(found)


def _of_one(given: Materials, rows: pd.DataFrame, indicator: str) -> Iterator[Block]:
    description = describe(rows)
    yield paragraph(*_spans(description, [each for each in description.sentences if _first(each)]))
    key = f"expected_{indicator}"
    named = in_sentence(indicator)
    what = f"chart of {named}"
    drawn = _parts.figure(given, f"projection_{indicator}", table=key, what=what)
    # The record is in a part of its own, with all that the chart has as notes.
    yield replace(drawn, notes=(_RECORD,)) if isinstance(drawn, Figure) else drawn
    day = "At 31 March" if indicator.endswith("_at_31_march") else "Year ending 31 March"
    columns = {
        "ahead": Column(day),
        **_EXPECTED,
        "rate": Column("Rate per 10,000 children", "number", 1),
        "children": Column("Children aged 0-17 projected", "number"),
    }
    first, last = int(rows["year"].min()), int(rows["year"].max())
    name = named.removesuffix(_DAY)
    yield table_of(
        rows.assign(ahead=rows["year"].astype(str)),
        columns,
        key=key,
        title=f"Expected {name}, {given.place.name}, {first} to {last}",
        table=TABLE,
        notes=(_label(rows),),
    )


def short_title(indicator: str) -> str:
    """Return the title of an indicator without its day, for a narrow column."""
    return title(indicator).removesuffix(_DAY)


def in_sentence(indicator: str) -> str:
    """Return the title of an indicator as it stands within a sentence."""
    text = title(indicator)
    return f"{text[:1].lower()}{text[1:]}"


def _first(sentence: Sentence) -> bool:
    return sentence.kind != "caution"


def _spans(description: Description, sentences: list[Sentence]) -> list[Span]:
    """Return sentences on a projection with the ids of the chapter."""
    table = description.table
    ids = dict(zip(table["id"], row_ids(TABLE, table), strict=True))
    return [Span(each.text, rows=tuple(ids[row] for row in each.rows)) for each in sentences]


def expected(rows: pd.DataFrame) -> list[Span]:
    """Return the sentence of the last of some rows of one indicator."""
    description = describe(rows)
    found = [each for each in description.sentences if _first(each)]
    return _spans(description, found[-1:])


def recorded(rows: pd.DataFrame) -> list[Span]:
    """Return what is known of the errors of the projection of one indicator."""
    description = describe(rows)
    return _spans(description, [each for each in description.sentences if not _first(each)])


def rows_by_indicator(there: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows of each indicator in order."""
    names = dict.fromkeys(map(str, there["indicator"]))
    return {each: there[there["indicator"] == each].reset_index(drop=True) for each in names}
