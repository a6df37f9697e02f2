"""Children and deprivation by ward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bolton_jsna.chapter.cells import table_of
from bolton_jsna.chapter.document import Block, Column, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts
from bolton_jsna.core import wording

if TYPE_CHECKING:
    import pandas as pd

_TABLE: Final = "children_by_ward"
_MODELLED: Final = "Children aged 0-17 by ward are modelled"
"""How the note on them begins in the notes of a build."""
_OF_RATES: Final = " Intervals of ward rates do not include this."
"""How that note ends where there are ward rates, which this part does not have."""
_FIRST: Final = 3
_IDACI: Final = (
    "The Income Deprivation Affecting Children Index (IDACI) is the per cent of children aged 0-15 "
    "who live in income-deprived families."
)


def blocks(given: Materials) -> tuple[Block, ...]:
    """Return the paragraph on the most deprived wards, the map, its table and the cautions."""
    return tuple(_blocks(given))


def _blocks(given: Materials) -> Iterator[Block]:
    rows = _parts.rows_of(given, _TABLE)
    if rows is None:
        yield _parts.no_rows(
            given, _TABLE, "children and deprivation by ward", datasets=["idaci", "lookup"]
        )
        return
    yield _in_words(rows, given)
    what = "map of deprivation by ward"
    yield _parts.figure(given, "ward_idaci", table="wards", what=what, needs="maps")
    year, edition = int(rows["children_0_17_year"].iloc[0]), int(rows["edition"].iloc[0])
    modelled = " (modelled)" if (rows["children_0_17_status"] == "modelled").any() else ""
    columns = {
        "area_name": Column("Ward"),
        "children_0_17": Column(f"Children aged 0-17, mid-{year}{modelled}", "number"),
        "percent_deprived": Column(f"IDACI {edition} (per cent)", "number", 1),
        "lsoas": Column("LSOAs", "number"),
        "lsoas_most_deprived_10": Column("LSOAs in England's most deprived 10 per cent", "number"),
    }
    statuses = {"percent_deprived": "idaci_status", "lsoas_most_deprived_10": "idaci_status"}
    yield table_of(
        rows,
        columns,
        key="wards",
        title=f"Children and deprivation by ward in {given.place.name}, most deprived first",
        table=_TABLE,
        statuses=statuses,
        notes=("LSOA: lower layer super output area, a neighbourhood of about 1,500 people.",),
    )
    yield from _cautions(rows, given)


def _in_words(rows: pd.DataFrame, given: Materials) -> Block:
    known = rows[rows["idaci_status"] == "value"]
    if known.empty:
        text = f"The wards of {given.place.name} have no IDACI score."
        return paragraph(_IDACI, _parts.cited(text, _TABLE, *rows.to_dict(orient="records")))
    first = known.head(_FIRST).to_dict(orient="records")
    named = [f"{each['area_name']} ({each['percent_deprived']:.1f} per cent)" for each in first]
    text = (
        f"In order of the index of {first[0]['edition']}, with the most deprived first, the list "
        f"of the wards of {given.place.name} begins with {wording.listed(named)}."
    )
    last = known.iloc[-1].to_dict()
    if len(known) > len(first):
        text += f" It ends with {last['area_name']} ({last['percent_deprived']:.1f} per cent)."
    return paragraph(_IDACI, _parts.cited(text, _TABLE, *first, last))


def _cautions(rows: pd.DataFrame, given: Materials) -> Iterator[Block]:
    texts = []
    if (rows["children_0_17_status"] == "modelled").any():
        found = [each for each in given.notes if each.startswith(_MODELLED)]
        text = found[0].removesuffix(_OF_RATES) if found else f"{_MODELLED}, not published."
        texts.append(text)
    texts.append(
        "The index of a ward is the mean of its LSOAs, weighted by their children. The LSOAs of a "
        "ward differ, and the index does not show which families need help."
    )
    yield paragraph(*texts, role="caution")
