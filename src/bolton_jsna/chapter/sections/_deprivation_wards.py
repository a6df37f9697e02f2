"""The map of deprivation and referrals, with the figures of each ward."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from bolton_jsna.chapter import ward_deprivation
from bolton_jsna.chapter.cells import table_of
from bolton_jsna.chapter.document import Block, Column, Span, Table, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts
from bolton_jsna.core.states import NUMERIC

if TYPE_CHECKING:
    import pandas as pd

TABLE: Final = "wards_deprivation"
"""The key of the table of wards, which has the figures of the map and the scatter charts."""

_ROWS: Final = "ward_profile"
_MAP: Final = "ward_idaci_vs_referrals"
_ENDS: Final = 3


def blocks(given: Materials, wards: pd.DataFrame, counted: Sequence[str]) -> tuple[Block, ...]:
    """Return the map, its table, and what is hidden."""
    return tuple(_blocks(given, wards, counted))


def _blocks(given: Materials, wards: pd.DataFrame, counted: Sequence[str]) -> Iterator[Block]:
    order = wards.sort_values(
        [ward_deprivation.SCORE, "area_name"], ascending=[False, True], ignore_index=True
    )
    if "referrals" in counted:
        yield from _in_words(order, given)
        what = "map of deprivation and referrals"
        yield _parts.figure(given, _MAP, table=TABLE, what=what, needs="maps")
    yield _table(given, order, counted)
    hidden = _hidden(order, counted)
    if hidden:
        yield paragraph(*hidden, given.rule, role="note")


def _in_words(order: pd.DataFrame, given: Materials) -> Iterator[Block]:
    """Return the rates of the most and the least deprived wards that have one."""
    known = order[order["referrals_status"].isin(NUMERIC) & order[ward_deprivation.SCORE].notna()]
    if len(known) < 2 * _ENDS:
        return
    spans: list[Span] = []
    for start, rows in (
        ("most deprived first", known.head(_ENDS)),
        ("least deprived first", known.tail(_ENDS).iloc[::-1]),
    ):
        listed = rows.to_dict(orient="records")
        named = "; ".join(
            f"{row['area_name']} {row['referrals_rate']:,.0f} ({row['referrals_lower']:,.0f} to "
            f"{row['referrals_upper']:,.0f})"
            for row in listed
        )
        unit = " per 10,000 children (95% interval)" if not spans else ""
        what = _parts.made_up("Referrals", given)
        text = f"{what}{unit} in wards with a figure, {start}: {named}."
        spans.append(_parts.cited(text, _ROWS, *listed))
    yield paragraph(*spans)


def _table(given: Materials, order: pd.DataFrame, counted: Sequence[str]) -> Table:
    columns = {
        "area_name": Column("Ward"),
        "percent_deprived": Column("Children in income-deprived families (per cent)", "number", 1),
    }
    statuses = {"percent_deprived": "idaci_status"}
    for name in counted:
        title = ward_deprivation.TITLES[name]
        columns[name] = Column(title, "number")
        columns[f"{name}_rate"] = Column(f"{title} per 10,000 children", "number", 1)
        for side in ("lower", "upper"):
            column = f"{side.capitalize()} 95% limit, {title.lower()}"
            columns[f"{name}_{side}"] = Column(column, "number", 1)
        parts = (name, f"{name}_rate", f"{name}_lower", f"{name}_upper")
        statuses |= dict.fromkeys(parts, f"{name}_status")
    when = "; ".join(
        f"{ward_deprivation.TITLES[name].lower()} "
        f"{ward_deprivation.PERIODS[name].format(year=given.year)}"
        for name in counted
    )
    modelled = (order["children_0_17_status"] == "modelled").any()
    notes = ["The most deprived ward is first.", f"{when[:1].upper()}{when[1:]}."]
    if modelled:
        notes.append("Children by ward are modelled, so rates by ward are approximate.")
    return table_of(
        order.assign(percent_deprived=order[ward_deprivation.SCORE] * 100),
        columns,
        key=TABLE,
        title=f"Deprivation and referrals by ward in {given.place.name}, {given.year}",
        table=_ROWS,
        statuses=statuses,
        notes=notes,
    )


def _hidden(order: pd.DataFrame, counted: Sequence[str]) -> list[str]:
    """Return how many wards have a hidden figure, by event."""
    found = []
    for name in counted:
        number = int((order[f"{name}_status"] == "suppressed").sum())
        title = ward_deprivation.TITLES[name].lower()
        if number == len(order):
            found.append(f"The figures on {title} of all wards are hidden.")
        elif number:
            wards = "ward is" if number == 1 else "wards are"
            found.append(f"The figures on {title} of {number} of {len(order)} {wards} hidden.")
    return found
