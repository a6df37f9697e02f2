"""Deprivation of the whole area and its change from one edition of the Indices to the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.chapter.cells import table_of
from bolton_jsna.chapter.document import Block, Column, Paragraph, Span, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts
from bolton_jsna.core.wording import listed
from bolton_jsna.tables.idaci import POPULATION_YEARS

if TYPE_CHECKING:
    import pandas as pd

_TABLE: Final = "deprivation_by_edition"
_HOUSING_COSTS: Final = 2025
"""The first edition that takes housing costs off income."""


def blocks(given: Materials) -> tuple[Block, ...]:
    """Return the shares of each edition in words and as a table, with what they do not show."""
    return tuple(_blocks(given))


def _blocks(given: Materials) -> Iterator[Block]:
    rows = _parts.rows_of(given, _TABLE)
    if rows is None:
        yield _parts.no_rows(given, _TABLE, "deprivation (IDACI)", datasets=["idaci"])
        return
    # The newest edition comes first, as it is the one that the chapter is about.
    rows = rows.sort_values(["edition", "share"], ascending=[False, True], ignore_index=True)
    editions = list(dict.fromkeys(rows["edition"].tolist()))
    yield paragraph(
        "England's LSOAs are ranked by the index. By definition 10 per cent of them are in the "
        "most deprived 10 per cent of England, and 20 per cent in the most deprived 20 per cent."
    )
    for edition in editions:
        yield _in_words(rows[rows["edition"] == edition], given)
    if len(editions) == 1:
        yield _no_other(given, editions[0])
    yield _table(rows, given)
    if len(editions) > 1:
        yield _caution(editions)


def _in_words(rows: pd.DataFrame, given: Materials) -> Paragraph:
    spans: list[Span] = []
    for row in rows.to_dict(orient="records"):
        if row["status"] != "value":
            continue
        spans.append(_parts.cited(_sentence(row, given, first=not spans), _TABLE, row))
    if not spans:
        edition = rows["edition"].iloc[0]
        text = f"No LSOA of {given.place.name} has a rank in the edition of {edition}."
        return paragraph(_parts.cited(text, _TABLE, *rows.to_dict(orient="records")))
    return paragraph(*spans)


def _sentence(row: dict[str, Any], given: Materials, *, first: bool) -> str:
    """Return the LSOAs of a share of England, and the children in them where they are known."""
    lsoas = _parts.lsoas_in(row, given.place.name)
    if first:
        lsoas = f"In the edition of {row['edition']}, {lsoas[0].lower()}{lsoas[1:]}"
    text = f"{lsoas} in the most deprived {row['share']} per cent of England"
    if row["children_status"] != "value" or not row["lsoas_in_share"]:
        return f"{text}."
    return (
        f"{text}; {row['children_in_share']:,} of the {row['children_0_15']:,} children aged 0-15 "
        f"({row['percent_children']:.1f} per cent) live there."
    )


def _no_other(given: Materials, edition: int) -> Paragraph:
    start = f"There is no edition to compare that of {edition} with."
    return _parts.missing(f"{start} {given.missing.get(_TABLE, '')}".strip())


def _table(rows: pd.DataFrame, given: Materials) -> Block:
    columns = {
        "edition_text": Column("Edition"),
        "share_text": Column("Part of England"),
        "lsoas_in_share": Column("LSOAs in it", "number"),
        "lsoas": Column("All LSOAs", "number"),
        "percent_lsoas": Column("Per cent of LSOAs", "number", 1),
        "children_in_share": Column("Children in it", "number"),
        "children_0_15": Column("All children aged 0-15", "number"),
        "percent_children": Column("Per cent of children", "number", 1),
    }
    children = ("children_in_share", "children_0_15", "percent_children")
    editions = list(dict.fromkeys(rows["edition"].tolist()))
    known = [each for each in editions if each in POPULATION_YEARS]
    notes = []
    if known:
        years = [f"mid-{POPULATION_YEARS[each]} (edition of {each})" for each in known]
        notes.append(f"Children aged 0-15 are those of {listed(years)}.")
    for edition, number in rows.groupby("edition", sort=False)["lsoas_without_rank"].max().items():
        if number:
            notes.append(f"{number} LSOAs have no rank in the edition of {edition}: left out.")
    return table_of(
        rows.assign(
            edition_text=rows["edition"].astype(str),
            share_text=[f"Most deprived {each} per cent" for each in rows["share"]],
        ),
        columns,
        key="deprivation_editions",
        title=(
            f"LSOAs and children of {given.place.name} in England's most deprived areas, IDACI "
            f"{listed([str(each) for each in editions])}"
        ),
        table=_TABLE,
        statuses=dict.fromkeys(children, "children_status"),
        notes=notes,
    )


def _caution(editions: list[int]) -> Paragraph:
    texts = [
        "Editions measure income deprivation in different ways, so scores of two editions are not "
        "subtracted. Ranks and shares can be compared, with care: a difference can come from the "
        "measure, from new outlines of LSOAs, or from changes in other parts of England."
    ]
    if max(editions) >= _HOUSING_COSTS > min(editions):
        texts.append(
            f"The edition of {_HOUSING_COSTS} takes housing costs off income, and the editions "
            "before it do not."
        )
    return paragraph(*texts, role="caution")
