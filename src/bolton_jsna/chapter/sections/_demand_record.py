"""The record of the projections: how far past ones were out, and how often intervals held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bolton_jsna.chapter.cells import table_of
from bolton_jsna.chapter.document import Block, Bullets, Column, Span, paragraph
from bolton_jsna.chapter.sections._demand_indicators import (
    TABLE,
    in_sentence,
    recorded,
    rows_by_indicator,
    short_title,
)
from bolton_jsna.core.wording import listed

if TYPE_CHECKING:
    import pandas as pd

_SHOWN: Final = (1, 3, 5)
_IN_TABLE: Final = "Over "
"""How the sentences begin whose figures are all in the table."""


def blocks(there: pd.DataFrame) -> tuple[Block, ...]:
    """Return the table of the record, and what it does not show."""
    return tuple(_blocks(there))


def _blocks(there: pd.DataFrame) -> Iterator[Block]:
    yield paragraph(
        "The table shows how such projections of authorities with similar numbers have done. The "
        "same method was applied to past years and compared with what then happened."
    )
    shown = there[there["horizon"].isin(_SHOWN)]
    measured = shown["median_error"].notna()
    if measured.any():
        yield _table(shown)
    found: dict[str, tuple[list[str], Span]] = {}
    names = rows_by_indicator(there)
    for name, rows in names.items():
        for each in recorded(rows):
            if not each.text.startswith(_IN_TABLE):
                of, before = found.setdefault(each.text, ([], Span(each.text)))
                # What holds for several services is said once, with the rows of all.
                both = Span(each.text, rows=(*before.rows, *each.rows))
                found[each.text] = ([*of, in_sentence(name)], both)
    every = [span for of, span in found.values() if len(of) == len(names)]
    some = [(of, span) for of, span in found.values() if len(of) < len(names)]
    if some:
        yield Bullets(tuple(paragraph(f"{_named(of)}:", span) for of, span in some))
    if every:
        yield paragraph(*every, role="caution")


def _named(services: list[str]) -> str:
    text = listed(services)
    return f"{text[:1].upper()}{text[1:]}"


def _table(shown: pd.DataFrame) -> Block:
    columns = {
        "named": Column("Service"),
        "ahead": Column("Years ahead"),
        "errors": Column("Past cases", "number"),
        "median_error": Column("Half were out by over (%)", "number"),
        "p90_error": Column("One in ten by over (%)", "number"),
        "held_80": Column("Held, of 100", "number"),
        "tested_origins": Column("Years tested", "number"),
    }
    states = {}
    frame = shown.assign(
        named=[short_title(each) for each in shown["indicator"]], ahead=shown["horizon"].astype(str)
    )
    for name in ("errors", "median_error", "p90_error", "held_80", "tested_origins"):
        states[name] = f"{name}_state"
        known = frame["median_error" if name == "errors" else name].notna()
        # No such projection of so many years ago has had its outcome yet.
        frame[states[name]] = known.map({True: "value", False: "not_available"})
    return table_of(
        frame,
        columns,
        key="record_of_projections",
        title="Errors of past projections, and how often their intervals held",
        table=TABLE,
        statuses=states,
        notes=(
            "Past cases are projections of authorities in the same third by number.",
            "Held: how many of 100 outcomes of all authorities were in the 80 per cent interval, "
            "tested on as many past years.",
        ),
    )
