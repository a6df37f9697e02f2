"""The map of deprivation and referrals, with the figures of each ward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bolton_jsna.chapter import ward_deprivation
from bolton_jsna.chapter.cells import table_of
from bolton_jsna.chapter.document import Block, Column, Span, Table, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts
from bolton_jsna.core.states import NUMERIC

if TYPE_CHECKING:
    import pandas as pd

TABLE: Final = "deprivation_by_ward"
_MAP: Final = "ward_idaci_vs_referrals"
_ENDS: Final = 3
_UNIT: Final = " per 10,000 children (95% interval)"


def key_of(name: str) -> str:
    """Return the key of the table of wards of an event."""
    return f"wards_{name}"


def blocks(given: Materials, wards: pd.DataFrame) -> tuple[Block, ...]:
    """Return referrals by ward: a sentence, the map and its table."""
    return tuple(_blocks(given, wards))


def _blocks(given: Materials, wards: pd.DataFrame) -> Iterator[Block]:
    yield from _in_words(wards, given)
    what = "map of deprivation and referrals"
    yield _parts.figure(given, _MAP, table=key_of("referrals"), what=what, needs="maps")
    yield table(given, wards, "referrals")


def _in_words(wards: pd.DataFrame, given: Materials) -> Iterator[Block]:
    """Return the rates of the most and the least deprived wards that have one."""
    known = wards[wards["referrals_status"].isin(NUMERIC) & wards["percent_deprived"].notna()]
    if len(known) < 2 * _ENDS:
        return
    spans: list[Span] = [*_parts.made_up(given)]
    for unit, start, rows in (
        (_UNIT, "most deprived first", known.head(_ENDS)),
        ("", "least deprived first", known.tail(_ENDS).iloc[::-1]),
    ):
        listed = rows.to_dict(orient="records")
        named = "; ".join(
            f"{row['area_name']} {row['referrals_rate']:,.0f} ({row['referrals_lower']:,.0f} to "
            f"{row['referrals_upper']:,.0f})"
            for row in listed
        )
        text = f"Referrals{unit} in wards with a figure, {start}: {named}."
        spans.append(_parts.cited(text, TABLE, *listed))
    yield paragraph(*spans)


def table(given: Materials, wards: pd.DataFrame, name: str) -> Table:
    """Return the figures of an event by ward; a hidden figure has its sign."""
    title = ward_deprivation.TITLES[name]
    columns = {
        "area_name": Column("Ward"),
        "percent_deprived": Column("IDACI (per cent)", "number", 1),
        name: Column(title, "number"),
        f"{name}_rate": Column("Rate per 10,000 children", "number", 1),
        f"{name}_lower": Column("Lower 95% limit", "number", 1),
        f"{name}_upper": Column("Upper 95% limit", "number", 1),
    }
    statuses = dict.fromkeys(columns, f"{name}_status") | {"percent_deprived": "idaci_status"}
    when = ward_deprivation.PERIODS[name].format(year=given.year)
    notes = [
        "The most deprived ward is first. IDACI: the percentage of children aged 0-15 who live in "
        "income-deprived families."
    ]
    if (wards["children_0_17_status"] == "modelled").any():
        notes.append("Children by ward are modelled; intervals of rates do not allow for that.")
    return table_of(
        wards,
        columns,
        key=key_of(name),
        title=f"Deprivation and {title.lower()} by ward in {given.place.name}, {when}",
        table=TABLE,
        statuses=statuses,
        notes=notes,
    )
